// Package dsco is a client of the DSCO (Rithum) Platform API v3.
// See https://api.dsco.io/doc/v3/reference/ .
package dsco

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/remote"
)

// Client calls DSCO for one supplier account. API counts the calls and knows the server's time.
type Client struct {
	API *remote.API
}

// New makes a client for a base such as https://api.dsco.io/api/v3. A nil transport is the real one,
// a nil log none.
func New(base, id, secret string, transport http.RoundTripper, log *slog.Logger) *Client {
	if transport == nil {
		transport = remote.NewTransport()
	}
	api := &remote.API{
		Name: "dsco", Base: strings.TrimSuffix(base, "/"), Log: log, Explain: explain,
		// Limits as documented for each endpoint; where nothing is, those of the reads.
		Pace: &remote.Pace{Rates: map[string][]remote.Rate{
			"":                      {{N: 10, Per: time.Second}, {N: 500, Per: time.Minute}},
			"/order/":               {{N: 10, Per: time.Second}, {N: 500, Per: time.Minute}},
			"/order/page":           {{N: 10, Per: time.Second}, {N: 500, Per: time.Minute}},
			"/order/log":            {{N: 10, Per: time.Second}, {N: 500, Per: time.Minute}},
			"/order/acknowledge":    {{N: 15, Per: time.Second}, {N: 1000, Per: time.Minute}},
			"/order/singleShipment": {{N: 15, Per: time.Second}, {N: 300, Per: time.Minute}},
		}},
	}
	auth := newBearer(api, id, secret, transport)
	api.HTTP = remote.NewClient(auth)
	api.Secrets = auth.secrets
	api.Repeat = func(string) bool { auth.drop(); return true }
	return &Client{API: api}
}

// Hello checks that the credentials work.
// See hello in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) Hello(ctx context.Context) error {
	var answer remote.Object
	return c.API.Call(ctx, "say hello", http.MethodGet, "/hello", nil, nil, &answer)
}

// Order reads one order by its dscoOrderId. The error is Missing when there is none, or not yet.
// See getOrder in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) Order(ctx context.Context, id string) (Order, error) {
	query := url.Values{
		"orderKey": {"dscoOrderId"},
		"value":    {id},
		"_ts":      {strconv.FormatInt(c.API.Time().UnixMilli(), 10)}, // a 404 may be cached; DSCO's own sample client does this
	}
	op := "read order " + remote.Escape(id, 60)
	var answer one
	if err := c.API.Call(ctx, op, http.MethodGet, "/order/", query, nil, &answer); err != nil {
		return Order{}, err
	}
	o, ok := decode(answer.order)
	if !ok || o.ID != id {
		return Order{}, c.odd(remote.Unavailable, op, "another order was sent")
	}
	return o, nil
}

// Reference names an order in an acknowledgement.
type Reference struct{ ID string }

// MarshalJSON writes a reference by dscoOrderId; poNumber would not be unique.
func (r Reference) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"id": r.ID, "type": "DSCO_ORDER_ID"})
}

// Acknowledge tells DSCO that the supplier has the orders. DSCO only queues this: what became of each
// order is in the log under the request id (see Log).
// See acknowledgeOrders in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) Acknowledge(ctx context.Context, orders []Reference) (requestID string, err error) {
	const op = "acknowledge orders"
	var answer remote.Object
	if err := c.API.Call(ctx, op, http.MethodPost, "/order/acknowledge", nil, orders, &answer); err != nil {
		return "", err
	}
	detail, id := c.describe(answer)
	if refused(answer) {
		e := c.odd(remote.Rejected, op, detail)
		e.Quoted, e.RequestID = true, c.API.Show(id, 100)
		return "", e
	}
	if id == "" {
		return "", c.odd(remote.Uncertain, op, "the answer has no requestId")
	}
	return id, nil
}

// describe reads an answer as describe does. An id that repeats a secret is none: ids are kept, and asked for.
func (c *Client) describe(answer remote.Object) (detail, requestID string) {
	detail, requestID = describe(answer)
	if c.API.Redact(requestID) != requestID {
		requestID = ""
	}
	return detail, requestID
}

// refused tells a 2xx that is a refusal all the same.
func refused(answer remote.Object) bool {
	status, _ := answer.Text("status")
	success, ok := answer.Flag("success")
	return strings.EqualFold(status, "failure") || answer.Has("success") && ok && !success
}

// odd is the error of a call that brought JSON, but not what has to be in it.
func (c *Client) odd(kind remote.Kind, op, detail string) *remote.Error {
	return &remote.Error{API: c.API.Name, Op: op, Kind: kind, Detail: c.API.Show(detail, 300)}
}

// one is the answer to a search for one order: the order, or a list of one.
type one struct{ order json.RawMessage }

func (o *one) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
		if len(list) != 1 {
			return fmt.Errorf("%d orders instead of one", len(list))
		}
		b = list[0]
	}
	o.order = append(json.RawMessage(nil), b...)
	return nil
}
