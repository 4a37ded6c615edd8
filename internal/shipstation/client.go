// Package shipstation is a client of the ShipStation API v1.
// See https://www.shipstation.com/docs/api/ .
package shipstation

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/remote"
)

// Client calls ShipStation with one key pair. API counts the calls and knows the server's time.
type Client struct {
	API *remote.API
}

// New makes a client for a base such as https://ssapi.shipstation.com. A nil transport is the real
// one, a nil log none.
func New(base, key, secret string, transport http.RoundTripper, log *slog.Logger) *Client {
	if transport == nil {
		transport = remote.NewTransport()
	}
	return &Client{API: &remote.API{
		Name: "shipstation", Base: strings.TrimSuffix(base, "/"), Log: log, Explain: explain,
		HTTP: remote.NewClient(basic{transport, key, secret}),
		Secrets: func() []string {
			return []string{key, secret, base64.StdEncoding.EncodeToString([]byte(key + ":" + secret))}
		},
		// 40 a minute as documented, until an answer tells the limit of this account. The key may be
		// shared with other programs: two requests a minute are left to them.
		Pace:      &remote.Pace{Reserve: 2, Rates: map[string][]remote.Rate{"": {{N: 38, Per: time.Minute}}}},
		Throttled: time.Minute,
		// Stray 401s are reported for keys that work a moment later.
		Repeat: func(method string) bool { return method == http.MethodGet },
	}}
}

// basic adds the key pair to each request.
type basic struct {
	next        http.RoundTripper
	key, secret string
}

func (b basic) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.SetBasicAuth(b.key, b.secret)
	return b.next.RoundTrip(req)
}

// Query says which orders to list; zero fields do not filter.
type Query struct {
	StoreID       int64
	Status        string
	Number        string // a prefix: compare what comes
	CreatedSince  time.Time
	ModifiedSince time.Time
	SkipBad       bool // a row that makes its page fail is left out and counted, instead of an error
}

// List is a list that was read to its end.
type List struct {
	Orders []Order
	Bad    int       // rows left out: without an id, or (SkipBad) that ShipStation cannot send
	Began  time.Time // UTC: what happened in ShipStation before this may be missing only because lists lag
}

// Orders lists orders, by the date they are filtered by, ascending. Deleted and merged ones are missing.
// See https://www.shipstation.com/docs/api/orders/list-orders/ .
func (c *Client) Orders(ctx context.Context, q Query) (List, error) {
	l := List{Began: c.API.Time()}
	whole := func(doc remote.Object) (Order, bool) { return decode(doc), true }
	p := pages[Order]{client: c, decode: whole, op: "list orders", path: "/orders", rows: "orders", id: "orderId", query: q.values(), skipBad: q.SkipBad}
	found, bad, err := p.all(ctx)
	if err != nil {
		return List{}, err
	}
	l.Orders, l.Bad = found, bad
	return l, nil
}

func (q Query) values() url.Values {
	v := url.Values{}
	set := func(name, value string, given bool) {
		if given {
			v.Set(name, value)
		}
	}
	set("storeId", strconv.FormatInt(q.StoreID, 10), q.StoreID != 0)
	set("orderStatus", q.Status, q.Status != "")
	set("orderNumber", q.Number, q.Number != "")
	set("createDateStart", since(q.CreatedSince), !q.CreatedSince.IsZero())
	set("modifyDateStart", since(q.ModifiedSince), !q.ModifiedSince.IsZero())
	set("sortBy", "CreateDate", !q.CreatedSince.IsZero())
	set("sortBy", "ModifyDate", !q.ModifiedSince.IsZero())
	set("sortDir", "ASC", v.Has("sortBy"))
	return v
}

// Order reads one order by its id. The error is Missing when it is unknown, deleted or merged away.
// See https://www.shipstation.com/docs/api/orders/get-order/ .
func (c *Client) Order(ctx context.Context, id int64) (Order, error) {
	_, o, err := c.Document(ctx, id)
	return o, err
}

// Result is what became of one order of a create.
type Result struct {
	OrderID int64 // 0 when not OK
	Number  string
	Key     string
	OK      bool
	Detail  string // why not; escaped
}

// CreateOrders creates orders, at most 100, or overwrites those whose key is there already. Results
// come in any order: go by Key. An order without a Result got no clear answer.
// See https://www.shipstation.com/docs/api/orders/create-update-multiple-orders/ .
func (c *Client) CreateOrders(ctx context.Context, orders []NewOrder) ([]Result, error) {
	const op = "create orders"
	if len(orders) == 0 {
		return nil, nil
	}
	if len(orders) > 100 {
		return nil, c.odd(remote.Other, op, "more than 100 at once")
	}
	var answer remote.Object
	if err := c.API.Call(ctx, op, http.MethodPost, "/orders/createorders", nil, orders, &answer); err != nil {
		return nil, err
	}
	list, _ := answer.List("results")
	var results []Result
	for _, v := range list {
		if r, ok := c.result(v); ok {
			results = append(results, r)
		}
	}
	if len(results) == 0 {
		return nil, c.odd(remote.Uncertain, op, "the answer tells of no order")
	}
	return results, nil
}

// result reads one row of a create's answer; false when it does not say clearly what became of which.
func (c *Client) result(v any) (Result, bool) {
	row, ok := remote.AsObject(v)
	if !ok || !row.Has("success") {
		return Result{}, false
	}
	var r Result
	r.Number, _ = row.Text("orderNumber")
	r.Key, _ = row.Text("orderKey")
	if r.OK, ok = row.Flag("success"); !ok || r.Key == "" && r.Number == "" {
		return Result{}, false
	}
	if r.OrderID, _ = row.Whole("orderId"); r.OrderID < 0 {
		r.OrderID = 0
	}
	said, _ := row.Text("errorMessage")
	r.Detail = c.API.Show(said, 300)
	return r, !r.OK || r.OrderID > 0
}

// Store is a selling channel of the account. A manual store has MarketplaceID 0.
type Store struct {
	ID            int64
	Name          string
	MarketplaceID int64
	Marketplace   string
	Active        bool
}

// Stores lists all stores, inactive ones as well.
// See https://www.shipstation.com/docs/api/stores/list/ .
func (c *Client) Stores(ctx context.Context) ([]Store, error) {
	var docs rows
	query := url.Values{"showInactive": {"true"}}
	if err := c.API.Call(ctx, "list stores", http.MethodGet, "/stores", query, nil, &docs); err != nil {
		return nil, err
	}
	var stores []Store
	for _, doc := range docs {
		var s Store
		s.ID, _ = doc.Whole("storeId")
		s.Name, _ = doc.Text("storeName")
		s.Marketplace, _ = doc.Text("marketplaceName")
		s.Active, _ = doc.Flag("active")
		var ok bool
		if s.MarketplaceID, ok = doc.Whole("marketplaceId"); !ok || !doc.Has("marketplaceId") {
			s.MarketplaceID = -1 // not told: not the manual store's 0
		}
		if s.ID > 0 {
			stores = append(stores, s)
		}
	}
	return stores, nil
}

// rows is a bare list of objects; whatever else is in it is left out.
type rows []remote.Object

func (r *rows) UnmarshalJSON(b []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	if list == nil {
		return errors.New("null instead of a list")
	}
	*r = nil
	for _, raw := range list {
		var o remote.Object
		if json.Unmarshal(raw, &o) == nil {
			*r = append(*r, o)
		}
	}
	return nil
}

// odd is the error of a call that brought JSON, but not what has to be in it.
func (c *Client) odd(kind remote.Kind, op, detail string) *remote.Error {
	return &remote.Error{API: c.API.Name, Op: op, Kind: kind, Detail: detail}
}

// explain reads the body of an error, whose members come in any case.
func explain(body []byte) (detail, requestID string) {
	var o remote.Object
	if json.Unmarshal(body, &o) != nil {
		return "", ""
	}
	if detail, _ = remote.Text(o.Fold("ExceptionMessage")); detail != "" {
		return detail, ""
	}
	if state, ok := remote.AsObject(o.Fold("ModelState")); ok && len(state) > 0 {
		return modelState(state), ""
	}
	for _, name := range []string{"Message", "MessageDetail", "error"} {
		if detail, _ = remote.Text(o.Fold(name)); detail != "" {
			return detail, ""
		}
	}
	return "", ""
}

// modelState joins the complaints about each member.
func modelState(state remote.Object) string {
	var said []string
	for member, v := range state {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, item := range list {
			text, _ := remote.Text(item)
			said = append(said, member+": "+text)
		}
	}
	slices.Sort(said)
	return strings.Join(said, "; ")
}
