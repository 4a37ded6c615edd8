package dsco

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"dscosync/internal/remote"
)

const (
	tokenLife  = 30 * time.Minute // of a token that does not tell
	tokenEarly = time.Minute      // a token is renewed this long before its end
	maxGiven   = 32               // tokens that are remembered, to strike them from texts
)

// bearer adds the access token to each request, and fetches it when there is none.
type bearer struct {
	next   http.RoundTripper
	client *http.Client // for the token endpoint
	config clientcredentials.Config
	api    *remote.API

	mu    sync.Mutex
	token string
	until time.Time
	given atomic.Pointer[[]string] // the newest tokens: an answer may repeat one that was dropped. Read without mu
}

func newBearer(api *remote.API, id, secret string, next http.RoundTripper) *bearer {
	return &bearer{
		next:   next,
		api:    api,
		client: remote.NewClient(tokenWire{next, api.Count}),
		config: clientcredentials.Config{
			ClientID: id, ClientSecret: secret, TokenURL: api.Base + "/oauth2/token",
			AuthStyle: oauth2.AuthStyleInParams, // found out by trial, it would send the secret twice
		},
	}
}

// RoundTrip fails with a *remote.Error when there is no token: the request was not sent then.
func (b *bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := b.current(req.Context())
	if err != nil {
		if req.Body != nil {
			req.Body.Close() // a RoundTripper closes it, whatever happens
		}
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+token)
	return b.next.RoundTrip(req)
}

// secrets are what no text may repeat (see remote.API). Not under mu, which is held while a token is fetched.
func (b *bearer) secrets() []string {
	pair := b.config.ClientID + ":" + b.config.ClientSecret
	return append([]string{b.config.ClientSecret, base64.StdEncoding.EncodeToString([]byte(pair))}, b.tokens()...)
}

func (b *bearer) tokens() []string {
	if p := b.given.Load(); p != nil {
		return *p
	}
	return nil
}

// drop forgets the token, because it was refused.
func (b *bearer) drop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.token = ""
}

func (b *bearer) current(ctx context.Context) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.token != "" && time.Now().Before(b.until) {
		return b.token, nil
	}
	t, err := b.fetch(ctx)
	if err != nil {
		return "", err
	}
	life := time.Until(t.Expiry)
	if t.Expiry.IsZero() || life <= 0 {
		life = tokenLife
	}
	tokens := append([]string{t.AccessToken}, b.tokens()...)
	tokens = tokens[:min(len(tokens), maxGiven)]
	b.given.Store(&tokens)
	b.token, b.until = t.AccessToken, time.Now().Add(life-min(tokenEarly, life/2))
	return b.token, nil
}

// fetch gets a new token. The library takes its client from the context, and would else use one
// without limits. The context is a fresh one, ended together with the request's, so that what watches
// the request's connection does not take the token's for it.
// See getAccessToken in https://api.dsco.io/doc/v3/reference/ .
func (b *bearer) fetch(ctx context.Context) (*oauth2.Token, error) {
	own, cancel := context.WithCancel(context.WithValue(context.Background(), oauth2.HTTPClient, b.client))
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	t, err := b.config.Token(own)
	if err != nil {
		return nil, b.explain(err)
	}
	if strings.ContainsFunc(t.AccessToken, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, &remote.Error{Kind: remote.Unavailable, Status: http.StatusOK, Detail: "token: it holds characters that no header can"}
	}
	return t, nil
}

// explain turns the library's errors into ours: their text would show the server's body raw.
func (b *bearer) explain(err error) *remote.Error {
	e := &remote.Error{Kind: remote.Unavailable}
	r, answered := errors.AsType[*oauth2.RetrieveError](err)
	if !answered {
		e.Detail = "token: no usable answer: " + b.api.Reason(err)
		if n, ok := errors.AsType[net.Error](err); ok && n.Timeout() {
			e.Detail = "token: no answer in time"
		}
		return e
	}
	e.Status = r.Response.StatusCode
	said := ""
	if slices.Contains(tokenErrors, r.ErrorCode) {
		said = r.ErrorCode
	}
	switch {
	case e.Status >= 300 && e.Status < 400:
		said = "a redirect was refused"
	case e.Status == 400, e.Status == 401, e.Status == 403, r.ErrorCode != "" && e.Status < 300:
		e.Kind = remote.Unauthorized
	}
	switch {
	case said != "":
	case e.Status < 300:
		said = "an error instead of one"
	default:
		said = http.StatusText(e.Status)
	}
	e.Detail = strings.TrimSuffix("token: "+said, ": ") // which some codes have no text for
	return e
}

// tokenErrors are the codes of RFC 6749, section 5.2 (and 4.1.2.1, which some send here): all that is repeated of a
// refusal. Its description is free text.
var tokenErrors = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
	"invalid_scope", "access_denied", "server_error", "temporarily_unavailable"}

// tokenWire carries the token's requests: it counts them, and writes the answer anew in the form the
// library knows. JSON that calls itself text would be read as a form; an expires_in of 3600.0 or ""
// would be an error, though the token is good.
type tokenWire struct {
	next  http.RoundTripper
	count func()
}

func (w tokenWire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.count()
	res, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	res.Header.Set("Content-Type", "application/json")
	res.Body = io.NopCloser(bytes.NewReader(plain(body)))
	return res, nil
}

// plain keeps of a token answer what is used, each in the type that is documented.
func plain(body []byte) []byte {
	var o remote.Object
	if json.Unmarshal(body, &o) != nil {
		return nil // not JSON: the library says so without showing it
	}
	keep := map[string]any{}
	for _, name := range []string{"access_token", "token_type", "error"} {
		if s, _ := o.Text(name); s != "" {
			keep[name] = s
		}
	}
	if life, ok := o.Whole("expires_in"); ok && life > 0 {
		keep["expires_in"] = life
	}
	out, err := json.Marshal(keep)
	if err != nil {
		return nil
	}
	return out
}
