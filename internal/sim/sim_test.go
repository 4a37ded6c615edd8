package sim

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// contract finds what the OpenAPI description of an API says of a request.
var contract = map[string]func() routers.Router{
	DSCO:        sync.OnceValue(func() routers.Router { return load("dsco", DSCOBase) }),
	ShipStation: sync.OnceValue(func() routers.Router { return load("shipstation", ShipStationBase) }),
}

func load(api, base string) routers.Router {
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "testdata", api, "openapi.yaml"))
	if err != nil {
		panic(err)
	}
	doc.Servers = openapi3.Servers{{URL: base}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	return router
}

// client is a client of a world. Every answer it gets is held against the OpenAPI description.
type client struct {
	t     *testing.T
	w     *World
	token string
}

func newClient(t *testing.T, o Options) *client { return &client{t: t, w: New(o)} }

// got is an answer.
type got struct {
	status int
	header http.Header
	doc    any
	text   string
}

// dsco asks DSCO, with a token that it fetches first.
func (c *client) dsco(method, pathAndQuery, body string) got {
	c.t.Helper()
	if c.token == "" {
		c.token = Text(c.fetch(url.Values{"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {"client-secret"}}).doc, "access_token")
	}
	return c.do(method, DSCOBase+pathAndQuery, body, map[string]string{"Authorization": "bearer " + c.token, "Content-Type": "application/json"})
}

// fetch asks for a token.
func (c *client) fetch(form url.Values) got {
	c.t.Helper()
	return c.do("POST", DSCOBase+"/oauth2/token", form.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
}

// ship asks ShipStation.
func (c *client) ship(method, pathAndQuery, body string) got {
	c.t.Helper()
	return c.do(method, ShipStationBase+pathAndQuery, body, map[string]string{"Authorization": "Basic a2V5OmtleS1zZWNyZXQ=", "Content-Type": "application/json"})
}

func (c *client) do(method, address, body string, header map[string]string) got {
	c.t.Helper()
	g, err := c.try(context.Background(), method, address, body, header)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, address, err)
	}
	return g
}

func (c *client) try(ctx context.Context, method, address, body string, header map[string]string) (got, error) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	res, err := (&http.Client{Transport: c.w.Transport()}).Do(r)
	if err != nil {
		return got{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return got{}, err
	}
	c.check(r, res, b)
	doc, _ := decode(b)
	return got{res.StatusCode, res.Header, doc, string(b)}, nil
}

// check holds an answer against the description, where that knows the path.
func (c *client) check(r *http.Request, res *http.Response, body []byte) {
	c.t.Helper()
	api := DSCO
	if r.URL.Hostname() == "shipstation.sim" {
		api = ShipStation
	}
	route, params, err := contract[api]().FindRoute(r)
	if err != nil || route.Operation.Responses.Status(res.StatusCode) == nil || !strings.Contains(res.Header.Get("Content-Type"), "json") {
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		c.t.Errorf("%s %s answered %d against the contract: %v", r.Method, r.URL, res.StatusCode, err)
	}
}

// want fails the test unless the answer has the status, and all the parts in its text.
func (g got) want(t *testing.T, status int, parts ...string) got {
	t.Helper()
	if g.status != status {
		t.Fatalf("status %d, want %d: %s", g.status, status, g.text)
	}
	for _, p := range parts {
		if !strings.Contains(g.text, p) {
			t.Fatalf("%q is not in the answer: %s", p, g.text)
		}
	}
	return g
}

// obeyed fails the test when a law was broken.
func (c *client) obeyed() {
	c.t.Helper()
	if b := c.w.Broken(); len(b) > 0 {
		c.t.Errorf("broken laws: %q", b)
	}
}

// broke fails the test unless exactly these laws were broken, each named by a part of its sentence.
func (c *client) broke(parts ...string) {
	c.t.Helper()
	b := c.w.Broken()
	if len(b) != len(parts) {
		c.t.Fatalf("broken laws: %q, want %d", b, len(parts))
	}
	for i, p := range parts {
		if !strings.Contains(b[i], p) {
			c.t.Errorf("broken law %q does not say %q", b[i], p)
		}
	}
}

// shipDoc is an order as a careful client posts it; each edit changes it.
func shipDoc(id string, edits ...func(object)) string {
	b, err := json.Marshal(shipObject(id, edits...))
	if err != nil {
		panic(err)
	}
	return string(b)
}

func shipObject(id string, edits ...func(object)) object {
	o := object{
		"orderNumber": id, "orderKey": "dsco-" + id, "orderDate": "2026-02-11T06:15:22", "orderStatus": "awaiting_shipment",
		"billTo":          object{"name": "Dana Reyes"},
		"shipTo":          object{"name": "Dana Reyes", "street1": "418 Juniper Ct", "city": "Tulsa", "state": "OK", "postalCode": "74105", "country": "US"},
		"items":           []any{object{"lineItemKey": id + ":1", "sku": "MUG", "name": "Mug", "quantity": 2, "unitPrice": 11.5}},
		"advancedOptions": object{"storeId": 1001},
	}
	for _, edit := range edits {
		edit(o)
	}
	return o
}

// batch is the body of a createorders.
func batch(docs ...string) string { return "[" + strings.Join(docs, ",") + "]" }

// set changes a member; the path's elements are parted by dots.
func set(path string, v any) func(object) {
	return func(o object) {
		names := strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			o = o[name].(object)
		}
		o[names[len(names)-1]] = v
	}
}

func rfc(t time.Time) string { return url.QueryEscape(t.UTC().Format(time.RFC3339)) }
