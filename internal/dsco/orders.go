package dsco

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dscosync/internal/remote"
)

// Query says which orders to list. Exactly one of CreatedSince (inclusive) and UpdatedSince
// (exclusive) is set; Until has to lie at least 5 s in DSCO's past.
type Query struct {
	CreatedSince time.Time
	UpdatedSince time.Time
	Until        time.Time
	Status       []string    // of dscoStatus; none = all. There is no filter by lifecycle
	Test         bool        // test orders as well
	Progress     func(n int) // told how many orders were read so far; nil = not
}

// Scan is a list that was read to its end.
type Scan struct {
	Orders  []Order   // each id once; newest first, as DSCO sends them
	Skipped int       // documents without an id, or that are no objects
	Began   time.Time // UTC: what happened in DSCO before this may be missing only because lists lag
}

const (
	listOrders = "list orders"
	maxPages   = 1000
)

var pageSizes = []int{1000, 100, 10}

// Orders reads the list of orders to its end. DSCO keeps the pages for five minutes only, and writing
// to orders meanwhile shifts them: read first, act later.
//
// A list whose pages expired is read again once; one with pages too large is asked for in smaller ones.
// See getOrders in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) Orders(ctx context.Context, q Query) (Scan, error) {
	if q.CreatedSince.IsZero() == q.UpdatedSince.IsZero() || q.Until.IsZero() {
		return Scan{}, c.odd(remote.Other, listOrders, "one of the two dates and until have to be given")
	}
	size, expired := 0, false
	for {
		s := scan{client: c, query: q, size: pageSizes[size], index: map[string]int{}}
		err := s.run(ctx)
		switch {
		case err == nil:
			return s.found, nil
		case errors.Is(err, remote.ErrTooLarge) && size+1 < len(pageSizes):
			size++
		case s.scroll != "" && remote.KindOf(err) == remote.Missing && !expired:
			expired = true
		case s.scroll != "" && remote.KindOf(err) == remote.Missing:
			return Scan{}, c.odd(remote.Unavailable, listOrders, "the pages expired twice while they were read")
		default:
			return Scan{}, err
		}
	}
}

// scan is one pass over the pages of a list.
type scan struct {
	client *Client
	query  Query
	size   int
	scroll string         // the newest scroll id; empty before the second page
	index  map[string]int // where an id stands in found.Orders
	found  Scan
}

func (s *scan) run(ctx context.Context) error {
	s.found.Began = s.client.API.Time()
	params := s.query.values(s.size)
	for range maxPages {
		var p page
		if err := s.client.API.Call(ctx, listOrders, http.MethodGet, "/order/page", params, nil, &p); err != nil {
			return err
		}
		fresh := s.add(p.orders)
		if s.query.Progress != nil {
			s.query.Progress(len(s.found.Orders))
		}
		if len(p.orders) == 0 || p.scroll == "" {
			return nil
		}
		if p.scroll == s.scroll && fresh == 0 {
			return s.client.odd(remote.Unavailable, listOrders, "the same page came twice")
		}
		s.scroll = p.scroll
		params = url.Values{"scrollId": {p.scroll}} // beats every other parameter
	}
	return s.client.odd(remote.Unavailable, listOrders, "the list does not end: "+strconv.Itoa(maxPages)+" pages")
}

// add takes over the orders of a page and says how many ids are new. Of two documents of one order
// the one updated later stays, and the one read later when that does not tell.
func (s *scan) add(orders []json.RawMessage) (fresh int) {
	for _, raw := range orders {
		o, ok := decode(raw)
		if !ok {
			s.found.Skipped++
			continue
		}
		at, known := s.index[o.ID]
		switch {
		case !known:
			s.index[o.ID] = len(s.found.Orders)
			s.found.Orders = append(s.found.Orders, o)
			fresh++
		case !o.Updated.Before(s.found.Orders[at].Updated):
			s.found.Orders[at] = o
		}
	}
	return fresh
}

// values writes the query of a first page. Times end in Z: the plus of an offset is easily lost.
func (q Query) values(size int) url.Values {
	v := url.Values{
		"until":         {q.Until.UTC().Format(time.RFC3339)},
		"ordersPerPage": {strconv.Itoa(size)},
	}
	if !q.CreatedSince.IsZero() {
		v.Set("ordersCreatedSince", q.CreatedSince.UTC().Format(time.RFC3339))
	} else {
		v.Set("ordersUpdatedSince", q.UpdatedSince.UTC().Format(time.RFC3339))
	}
	if len(q.Status) > 0 {
		v["status"] = q.Status
	}
	if q.Test {
		v.Set("includeTestOrders", "true")
	}
	return v
}

// page is one page of a list. It has to hold orders, empty or null as they may be: an answer without
// them must not pass for the end of the list.
type page struct {
	scroll string
	orders []json.RawMessage
}

func (p *page) UnmarshalJSON(b []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return err
	}
	orders, ok := members["orders"]
	if !ok {
		return errors.New("no orders in it")
	}
	if p.scroll, ok = remote.Text(remote.Value(members["scrollId"])); !ok {
		return errors.New("scrollId is not a text")
	}
	return json.Unmarshal(orders, &p.orders)
}
