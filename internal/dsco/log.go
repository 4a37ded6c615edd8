package dsco

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"dscosync/internal/remote"
)

// LogResult is what became of one order of a request.
type LogResult struct {
	OK     bool
	Detail string // why not; escaped
}

// Log reads what became of each order of an asynchronous request, by dscoOrderId. Until done, orders
// may be missing; an id DSCO does not know yet, or has forgotten (after about two weeks), is not done.
// See getOrderChangeLog in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) Log(ctx context.Context, requestID string) (done bool, results map[string]LogResult, err error) {
	const op = "read the change log"
	params := url.Values{"requestId": {requestID}}
	results = map[string]LogResult{}
	scroll := ""
	for range maxPages {
		var p logPage
		err := c.API.Call(ctx, op, http.MethodGet, "/order/log", params, nil, &p)
		if remote.KindOf(err) == remote.Missing && scroll == "" {
			return false, results, nil
		}
		if err != nil {
			return false, nil, err
		}
		done = strings.EqualFold(p.status, "COMPLETED") || scroll != "" && p.status == "" && done
		fresh := p.collect(c.API, requestID, results)
		if len(p.entries) == 0 || p.scroll == "" || p.scroll == scroll && fresh == 0 {
			return done && len(results) > 0, results, nil
		}
		scroll = p.scroll
		params = url.Values{"scrollId": {scroll}}
	}
	return false, nil, c.odd(remote.Unavailable, op, "it does not end")
}

// logPage is one page of the change log. It has to hold logs, empty or null as they may be.
type logPage struct {
	scroll, status string
	entries        []any
}

func (p *logPage) UnmarshalJSON(b []byte) error {
	var o remote.Object
	if err := o.UnmarshalJSON(b); err != nil {
		return err
	}
	if _, ok := o["logs"]; !ok {
		return errors.New("no logs in it")
	}
	var ok bool
	if p.entries, ok = o.List("logs"); !ok {
		return errors.New("logs is not a list")
	}
	p.status, _ = o.Text("status")
	p.scroll, _ = o.Text("scrollId")
	return nil
}

// collect adds the outcomes of a page and says how many orders are new. Entries still pending and
// those of other requests tell nothing. Of two outcomes of one order success stays: it has happened.
func (p *logPage) collect(api *remote.API, requestID string, results map[string]LogResult) (fresh int) {
	for _, e := range p.entries {
		entry, _ := remote.AsObject(e)
		payload, _ := entry.Object("payload")
		id, _ := payload.Text("id")
		if id == "" {
			id, _ = payload.Text("dscoOrderId")
		}
		status, _ := entry.Text("status")
		of, _ := entry.Text("requestId")
		if id == "" || of != "" && of != requestID {
			continue
		}
		r := LogResult{OK: strings.EqualFold(status, "success")}
		if !r.OK && !strings.EqualFold(status, "failure") {
			continue
		}
		if !r.OK {
			list, _ := entry.List("results")
			r.Detail = api.Show(words(list), 300)
		}
		before, known := results[id]
		if !known {
			fresh++
		}
		if !before.OK {
			results[id] = r
		}
	}
	return fresh
}
