package dsco

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

const (
	base   = "https://api.dsco.io/api/v3"
	secret = "SEKRIT+%&=secret"
)

// desk stands in for DSCO: it holds every request against the contract and answers as it is told.
type desk struct {
	t      *testing.T
	router routers.Router
	token  func(*http.Request) (*http.Response, error) // nil = a good token
	answer func(n int, r *http.Request) (status int, body string)
	got    []request // without the token's
	tokens int
}

type request struct {
	method, path, auth, body string
	query                    url.Values
}

func newDesk(t *testing.T, answer func(n int, r *http.Request) (int, string)) (*Client, *desk) {
	t.Helper()
	router, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, router: router, answer: answer}
	return New(base, "id", secret, d, nil), d
}

// say answers every request alike.
func say(status int, body string) func(int, *http.Request) (int, string) {
	return func(int, *http.Request) (int, string) { return status, body }
}

func (d *desk) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	d.check(r, body)
	if strings.HasSuffix(r.URL.Path, "/oauth2/token") {
		d.tokens++
		r.Body = io.NopCloser(bytes.NewReader(body))
		if d.token != nil {
			return d.token(r)
		}
		return reply(200, "application/json", `{"access_token":"token-1","token_type":"Bearer","expires_in":3600}`), nil
	}
	d.got = append(d.got, request{r.Method, strings.TrimPrefix(r.URL.Path, "/api/v3"), r.Header.Get("Authorization"), string(body), r.URL.Query()})
	status, text := d.answer(len(d.got), r)
	return reply(status, "application/json; charset=utf-8", text), nil
}

// check holds a request against testdata/dsco/openapi.yaml.
func (d *desk) check(r *http.Request, body []byte) {
	d.t.Helper()
	r = r.Clone(context.WithoutCancel(r.Context()))
	r.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := d.router.FindRoute(r)
	if err != nil {
		d.t.Errorf("%s %s is not in the contract: %v", r.Method, r.URL.Path, err)
		return
	}
	err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	if err != nil {
		d.t.Errorf("%s %s breaks the contract: %v", r.Method, r.URL, err)
	}
	known := map[string]bool{}
	for _, p := range route.Operation.Parameters {
		known[p.Value.Name] = true
	}
	for name := range r.URL.Query() {
		if !known[name] {
			d.t.Errorf("%s %s: the contract has no parameter %s", r.Method, r.URL.Path, name)
		}
	}
}

// contract is read once: it takes longer than all the rest of a test.
var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("../../testdata/dsco/openapi.yaml")
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc)
})

func reply(status int, kind, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
}

// sample reads a file of testdata/dsco.
func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../testdata/dsco", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// edited is a sample order with some members changed; nil removes one.
func edited(t testing.TB, name string, edit func(map[string]any)) string {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(sample(t, name)), &doc); err != nil {
		t.Fatal(err)
	}
	edit(doc)
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
