package dsco

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"dscosync/internal/remote"
)

// mirror is a DSCO that says what it was sent: say makes the answer to all but the token's request from
// the Authorization header, tell the token's from the body.
type mirror struct {
	tokens int
	say    func(auth string) (status int, body string)
	tell   func(form string) (status int, body string) // nil = a good token
}

func (m *mirror) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/oauth2/token") {
		m.tokens++
		if m.tell != nil {
			form, _ := io.ReadAll(r.Body)
			status, body := m.tell(string(form))
			return reply(status, "application/json", body), nil
		}
		return reply(200, "application/json", fmt.Sprintf(`{"access_token":"eyTOKEN.%d.BEARER","expires_in":3600}`, m.tokens)), nil
	}
	auth := r.Header.Get("Authorization")
	status, body := m.say(auth)
	res := reply(status, "application/json", body)
	res.Header.Set("X-Request-Id", auth)
	if status == 302 {
		res.Header.Set("Location", "https://"+strings.ReplaceAll(auth, " ", ".")+"/")
	}
	return res, nil
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func TestCredentialsAreNeverTold(t *testing.T) {
	pair := base64.StdEncoding.EncodeToString([]byte("id:" + secret))
	forms := map[string]func(auth string) string{
		"the header": func(auth string) string { return auth },
		"base64": func(auth string) string {
			return base64.StdEncoding.EncodeToString([]byte(strings.TrimPrefix(auth, "Bearer ")))
		},
		"the secret":        func(string) string { return secret + " " + url.QueryEscape(secret) + " " + pair },
		"a token of before": func(string) string { return "Bearer eyTOKEN.1.BEARER" },
	}
	bodies := map[string]func(said string) (int, string){
		"401": func(s string) (int, string) { return 401, `{"message":` + s + `}` },
		"400": func(s string) (int, string) {
			return 400, `{"messages":[{"code":` + s + `,"description":[` + s + `]}],"requestId":` + s + `}`
		},
		"400, an object": func(s string) (int, string) {
			return 400, `{"messages":[{"description":{"name":"KANARIE","at":` + s + `}}]}`
		},
		"500":      func(s string) (int, string) { return 500, `{"error":` + s + `,"error_description":` + s + `}` },
		"no words": func(s string) (int, string) { return 400, `{"x":` + s + `}` },
		"a text":   func(s string) (int, string) { return 200, s },
		"302":      func(s string) (int, string) { return 302, s },
		"refused in 200": func(s string) (int, string) {
			return 200, `{"status":"failure","requestId":` + s + `,"messages":[` + s + `]}`
		},
		"an id": func(s string) (int, string) { return 202, `{"status":"pending","requestId":` + s + `}` },
		"vague": func(s string) (int, string) { return 200, `{"message":` + s + `,"requestId":` + s + `}` },
		"log": func(s string) (int, string) {
			return 200, `{"logs":[{"payload":{"id":"1"},"status":"failure","results":[{"description":` + s + `}]}]}`
		},
	}
	for form, write := range forms {
		for name, body := range bodies {
			synctest.Test(t, func(t *testing.T) {
				var told bytes.Buffer
				m := &mirror{say: func(auth string) (int, string) { return body(quote(write(auth))) }}
				c := New(base, "id", secret, m, slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug})))
				_ = c.API.Call(t.Context(), "warm up", http.MethodPost, "/hello", nil, nil, &remote.Object{})
				id, err := c.Acknowledge(t.Context(), []Reference{{"1"}})
				note(&told, id, err)
				note(&told, "", c.Ship(t.Context(), mug()))
				id, _, err = c.CancelItems(t.Context(), Cancellation{OrderID: "1", Lines: []CancelledLine{{Quantity: 1, SKU: "S", Code: "CXSO"}}})
				note(&told, id, err)
				_, results, err := c.Log(t.Context(), "r")
				note(&told, fmt.Sprint(results), err)
				_, err = c.Order(t.Context(), "1")
				note(&told, "", err)
				leaks(t, name+" with "+form, told.String(), pair)
			})
		}
	}
}

func TestTokenEndpointThatRepeatsItsRequest(t *testing.T) {
	pair := base64.StdEncoding.EncodeToString([]byte("id:" + secret))
	for _, status := range []int{200, 302, 400, 401, 500} {
		for _, body := range []func(form string) string{
			func(form string) string {
				return `{"error":` + quote(form) + `,"error_description":` + quote(form+" "+secret+" "+pair) + `}`
			},
			func(form string) string { return form + secret },
		} {
			synctest.Test(t, func(t *testing.T) {
				var told bytes.Buffer
				m := &mirror{tell: func(form string) (int, string) { return status, body(form) }}
				c := New(base, "id", secret, m, slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug})))
				err := c.Hello(t.Context())
				if err == nil {
					t.Fatal("no error")
				}
				note(&told, "", err)
				leaks(t, fmt.Sprint(status), told.String(), pair)
			})
		}
	}
}

// note writes down all that a caller could show or keep.
func note(told *bytes.Buffer, result string, err error) {
	fmt.Fprintln(told, result)
	if e, ok := errors.AsType[*remote.Error](err); ok {
		fmt.Fprintln(told, e.RequestID)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintln(told, err)
	}
}

func leaks(t *testing.T, name, told, pair string) {
	t.Helper()
	token := base64.RawStdEncoding.EncodeToString([]byte("eyTOKEN"))
	for _, word := range []string{"SEKRIT", "eyTOKEN", "BEARER", "KANARIE", pair, pair[:12], token[:8]} {
		if strings.Contains(told, word) {
			t.Errorf("%s: %q is in %s", name, word, told)
		}
	}
}
