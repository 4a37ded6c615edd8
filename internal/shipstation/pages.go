package shipstation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"dscosync/internal/remote"
)

const (
	maxPages  = 1000
	maxBad    = 10 // rows left out; more of them is an outage
	maxPasses = 3
)

// Page sizes: a page that fails is asked for with fewer rows.
var pageSizes = []int{500, 50, 5, 1}

// pages reads a paged list to its end. ShipStation pages by number over the live list: when a row
// leaves the part already read, the next page starts one row too late. So each page begins with rows
// of the one before, by asking for a little less: where another row stands in a place than was read
// there, or the total shrinks, the list is read again and all readings are united.
//
// Only what decode makes of a row is kept: a row as sent is some ten times as large.
type pages[T any] struct {
	client  *Client
	op      string
	path    string
	rows    string // the member that holds the rows
	id      string // the member of a row that tells it from others
	query   url.Values
	skipBad bool

	decode func(remote.Object) (T, bool) // false: the row is left out and counted

	most  int            // rows in a page: as many as the server allows
	found []T            // all rows, each id once, as read last
	index map[string]int // where an id stands in found
	pass
}

// pass is one reading of the list.
type pass struct {
	places  []string       // the id that was read in each place; "" for a row that could not be had
	seen    map[string]int // the place of each id
	asked   int            // pages
	total   int            // as the last page told
	bad     int            // rows without an id, or that ShipStation cannot send
	odd     int            // rows that cannot be understood
	drifted bool
}

func (p *pages[T]) all(ctx context.Context) (found []T, bad int, err error) {
	p.index, p.most = map[string]int{}, pageSizes[0]
	for range maxPasses {
		p.pass = pass{seen: map[string]int{}}
		if err := p.once(ctx); err != nil {
			return nil, 0, err
		}
		if !p.drifted {
			break
		}
	}
	return p.found, p.bad + p.odd, nil
}

// once reads all pages one time. With skipBad, a page that keeps answering 5xx is asked for with fewer
// rows, until the row at fault is alone, and once past it with more again.
func (p *pages[T]) once(ctx context.Context) error {
	level := 0         // of the page sizes
	from, past := 0, 0 // where a page may begin, after a row that could not be had; where the last one that failed ends
	for {
		number, size := following(from, len(p.places), min(p.most, pageSizes[level]))
		start := (number - 1) * size
		got, err := p.page(ctx, number, size)
		switch e, ok := errors.AsType[*remote.Error](err); {
		case err == nil:
			if end, err := p.add(got, start, size); err != nil || end {
				return err
			}
			if level > 0 && len(p.places) >= past {
				level--
			}
		case !ok || !p.skipBad || e.Kind != remote.Unavailable || e.Status < 500:
			return err
		case level+1 < len(pageSizes):
			level, past = level+1, start+size
		default:
			if p.stands(start, ""); p.bad > maxBad {
				return err
			}
			from, past = len(p.places), len(p.places)
		}
	}
}

// following is the page to ask for after end rows of a list: of those that begin with a row that was
// read already, but not before from, the one that brings the most others; where there is none, the next row.
func following(from, end, most int) (number, size int) {
	first := end
	if end > from {
		first--
	}
	number, size = end+1, 1
	fresh := 0
	for s := most; s > fresh; s-- {
		start := first - first%s
		if n := start + s - end; start >= from && n > fresh {
			number, size, fresh = start/s+1, s, n
		}
	}
	return number, size
}

func (p *pages[T]) page(ctx context.Context, number, size int) (sheet, error) {
	if p.asked++; p.asked > maxPages {
		return sheet{}, p.client.odd(remote.Unavailable, p.op, fmt.Sprintf("the list does not end: %d pages", maxPages))
	}
	query := maps.Clone(p.query)
	query.Set("page", strconv.Itoa(number))
	query.Set("pageSize", strconv.Itoa(size))
	got := sheet{member: p.rows}
	err := p.client.API.Call(ctx, p.op, http.MethodGet, p.path, query, nil, &got)
	return got, err
}

// add takes over the rows of a page. A short page is the last one, unless the total tells of more: the
// server may allow less than was asked for. The number of pages is no help: it is 0 in real answers.
func (p *pages[T]) add(got sheet, start, size int) (end bool, err error) {
	n, before, same := len(got.rows), len(p.places), 0
	for i, raw := range got.rows {
		var doc remote.Object
		err := json.Unmarshal(raw, &doc)
		id, _ := doc.Text(p.id)
		if err != nil || id == "0" {
			id = ""
		}
		if i < start && p.places[i] == id {
			same++
		}
		again := p.stands(start+i, id)
		if id == "" {
			continue
		}
		if row, ok := p.decode(doc); ok {
			p.keep(id, row)
		} else if !again {
			p.odd++
		}
	}
	p.drifted = p.drifted || got.total < p.total
	p.total = got.total
	last := start+n == got.total || got.total == 0 // as far as the total tells
	switch {
	case start > 0 && n > 1 && n >= size && same == min(n, start):
		return false, p.client.odd(remote.Unavailable, p.op, "the same page came twice")
	case n > size:
		return false, p.client.odd(remote.Unavailable, p.op, fmt.Sprintf("a page has %d rows where %d were asked for", n, size))
	case !last && 0 < n && n < size && (start == 0 || n >= pageSizes[1]):
		p.most = n // the server allows no more
	}
	return len(p.places) == before || n < size && len(p.places) >= got.total, nil
}

// stands notes which row was read in a place, "" for one that could not be had, and tells whether that
// row was read before. Of two that are not the same, or one in two places, the list has moved.
func (p *pages[T]) stands(place int, id string) (again bool) {
	if place == len(p.places) {
		p.places = append(p.places, id)
		if id == "" {
			p.bad++
		}
	}
	at, again := p.seen[id]
	p.drifted = p.drifted || p.places[place] != id || id != "" && again && at != place
	p.places[place], p.seen[id] = id, place
	return again
}

// keep stores a row; a later reading is the newer one.
func (p *pages[T]) keep(id string, row T) {
	if at, ok := p.index[id]; ok {
		p.found[at] = row
		return
	}
	p.index[id] = len(p.found)
	p.found = append(p.found, row)
}

// sheet is one page. It has to hold its rows, empty or null as they may be: an answer without them must
// not pass for the end of the list.
type sheet struct {
	member string
	rows   []json.RawMessage
	total  int
}

func (s *sheet) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	list, ok := members[s.member]
	if !ok {
		return errors.New("no " + s.member + " in it")
	}
	if n, ok := remote.Whole(remote.Value(members["total"])); ok && n > 0 && n < 1e9 {
		s.total = int(n)
	}
	return json.Unmarshal(list, &s.rows)
}
