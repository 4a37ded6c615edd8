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

// Page sizes: a page that fails is asked for in pieces of the next one.
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

	found []T            // all rows, each id once, as read last
	index map[string]int // where an id stands in found
	pass
}

// pass is one reading of the list.
type pass struct {
	places  map[int]string // the id that was read in each place; "" for a row that could not be had
	seen    map[string]int // the place of each id
	size    int            // of a page: as many rows as the server allows
	end     int            // of what was read
	asked   int            // pages
	total   int            // as the last page told
	bad     int            // rows without an id, or that ShipStation cannot send
	odd     int            // rows that cannot be understood
	drifted bool
}

func (p *pages[T]) all(ctx context.Context) (found []T, bad int, err error) {
	p.index = map[string]int{}
	for range maxPasses {
		p.pass = pass{places: map[int]string{}, seen: map[string]int{}, size: pageSizes[0]}
		if err := p.once(ctx); err != nil {
			return nil, 0, err
		}
		if !p.drifted {
			break
		}
	}
	return p.found, p.bad + p.odd, nil
}

// once reads all pages one time.
func (p *pages[T]) once(ctx context.Context) error {
	for {
		number, size := following(p.end, p.size)
		end, err := p.read(ctx, number, size, 0)
		if err != nil || end {
			return err
		}
	}
}

// following is the page to ask for after end rows of a list: of those that begin with a row that was
// read already the one that brings the most others. Few rows are asked for as they come.
func following(end, most int) (number, size int) {
	number, size = end/most+1, most
	if end == 0 || most < pageSizes[1] {
		return number, size
	}
	fresh := 0
	for s := most; s > most/2; s-- {
		if n := s - 1 - (end-1)%s; n > fresh {
			number, size, fresh = (end-1)/s+1, s, n
		}
	}
	return number, size
}

// read reads one page and says whether the list ended. With skipBad, a page that keeps answering 5xx is
// read in smaller pieces, to find the row at fault.
func (p *pages[T]) read(ctx context.Context, number, size, level int) (end bool, err error) {
	start := (number - 1) * size
	got, err := p.page(ctx, number, size)
	if e, ok := errors.AsType[*remote.Error](err); ok && p.skipBad && e.Kind == remote.Unavailable && e.Status >= 500 {
		if level+1 < len(pageSizes) {
			return p.pieces(ctx, start, start+size, level+1)
		}
		if p.spoilt(start); p.bad > maxBad {
			return false, err
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return p.add(got, start, size)
}

// pieces reads the rows of one page in smaller pages.
func (p *pages[T]) pieces(ctx context.Context, from, to, level int) (end bool, err error) {
	size := pageSizes[level]
	for number := from/size + 1; (number-1)*size < to; number++ {
		if end, err := p.read(ctx, number, size, level); err != nil || end {
			return end, err
		}
	}
	return false, nil
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
	before, same := p.end, 0
	for i, raw := range got.rows {
		var doc remote.Object
		err := json.Unmarshal(raw, &doc)
		id, _ := doc.Text(p.id)
		if err != nil || id == "" || id == "0" {
			p.spoilt(start + i)
			continue
		}
		if place, known := p.seen[id]; known && place == i {
			same++
		}
		if p.stands(id, start+i) {
			continue
		}
		if row, ok := p.decode(doc); ok {
			p.keep(id, row)
		} else {
			p.odd++
		}
	}
	p.drifted = p.drifted || got.total < p.total
	p.total = got.total
	n := len(got.rows)
	p.end = max(p.end, start+n)
	switch {
	case start > 0 && n > 1 && n >= size && same == n:
		return false, p.client.odd(remote.Unavailable, p.op, "the same page came twice")
	case before == 0 && n < size && n < got.total:
		p.size = max(1, n) // the server allows no more
		return n == 0, nil
	}
	return n == 0 || p.end == before && before > 0 && start+size > before || n < size && p.end >= got.total, nil
}

// stands notes which row was read in a place, and tells whether that row was read before. Of two that
// are not the same, or one in two places, the list has moved.
func (p *pages[T]) stands(id string, place int) (again bool) {
	was, read := p.places[place]
	at, again := p.seen[id]
	p.drifted = p.drifted || read && was != id || again && at != place
	p.places[place], p.seen[id] = id, place
	return again
}

// spoilt notes that a row could not be had.
func (p *pages[T]) spoilt(place int) {
	if was, read := p.places[place]; read && was == "" {
		return
	}
	p.places[place] = ""
	p.end = max(p.end, place+1)
	p.bad++
}

// keep stores a row; a later pass brings the newer one.
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
