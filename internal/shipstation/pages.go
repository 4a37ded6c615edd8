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

// Page sizes; each is a whole part of the one before, so that a page can be asked for in pieces.
var pageSizes = []int{500, 50, 5, 1}

// pages reads a paged list to its end. ShipStation pages by number over the live list: when a row
// leaves the part already read, the next page starts one row too late. A row that comes twice or a
// shrinking total shows it, and the list is then read again and both are united.
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
	seen    map[string]bool
	asked   int // pages
	total   int // as the last page told
	bad     int // rows without an id, or that ShipStation cannot send
	odd     int // rows that cannot be understood
	drifted bool
}

func (p *pages[T]) all(ctx context.Context) (found []T, bad int, err error) {
	p.index = map[string]int{}
	for range maxPasses {
		p.pass = pass{seen: map[string]bool{}}
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
	for start := 0; ; start += pageSizes[0] {
		end, err := p.read(ctx, start, 0)
		if err != nil || end {
			return err
		}
	}
}

// read reads the rows from start on, as many as pageSizes[level], and says whether the list ended.
// With skipBad, a page that keeps answering 5xx is read in smaller pieces, to find the row at fault.
func (p *pages[T]) read(ctx context.Context, start, level int) (end bool, err error) {
	size := pageSizes[level]
	got, err := p.page(ctx, start/size+1, size)
	if e, ok := errors.AsType[*remote.Error](err); ok && p.skipBad && e.Kind == remote.Unavailable && e.Status >= 500 {
		if level+1 < len(pageSizes) {
			return p.pieces(ctx, start, level+1)
		}
		if p.bad++; p.bad > maxBad {
			return false, err
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return p.add(got, size)
}

// pieces reads the rows of one page in smaller pages.
func (p *pages[T]) pieces(ctx context.Context, start, level int) (end bool, err error) {
	for at := start; at < start+pageSizes[level-1]; at += pageSizes[level] {
		if end, err := p.read(ctx, at, level); err != nil || end {
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
func (p *pages[T]) add(got sheet, size int) (end bool, err error) {
	again := 0
	for _, raw := range got.rows {
		var doc remote.Object
		err := json.Unmarshal(raw, &doc)
		id, _ := doc.Text(p.id)
		if err != nil || id == "" || id == "0" {
			p.bad++
			continue
		}
		if p.seen[id] {
			again++
			continue
		}
		p.seen[id] = true
		if row, ok := p.decode(doc); ok {
			p.keep(id, row)
		} else {
			p.odd++
		}
	}
	p.drifted = p.drifted || again > 0 || got.total < p.total
	p.total = got.total
	switch n := len(got.rows); {
	case n == 0:
		return true, nil
	case again == n && n > 1:
		return false, p.client.odd(remote.Unavailable, p.op, "the same page came twice")
	default:
		return n < size && len(p.seen)+p.bad >= got.total, nil
	}
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
