package dsco

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dscosync/internal/remote"
)

func TestTokenRequest(t *testing.T) {
	c, d := newDesk(t, say(200, `{"hello":"World!"}`))
	d.token = func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		form, err := url.ParseQuery(string(body))
		if err != nil || form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "id" || form.Get("client_secret") != secret || len(form) != 3 {
			t.Errorf("form %s, %v", body, err)
		}
		if r.Header.Get("Authorization") != "" || r.URL.RawQuery != "" {
			t.Errorf("the secret is outside the body: %v %s", r.Header, r.URL)
		}
		return reply(200, "application/json", sample(t, "token-response-200.json")), nil
	}
	for range 3 {
		if err := c.Hello(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d.tokens != 1 || d.got[2].auth != "Bearer example-token" {
		t.Errorf("%d tokens, %v", d.tokens, d.got)
	}
}

func TestTokenAnswers(t *testing.T) {
	for _, tc := range []struct {
		name       string
		status     int
		kind, body string
		want       remote.Kind // Other = good
		text       string
		tokens     int
	}{
		{"json as text", 200, "text/plain", `{"access_token":"t","token_type":"bearer","expires_in":3600}`, 0, "", 1},
		{"json as form", 200, "application/x-www-form-urlencoded", `{"access_token":"t","expires_in":"3600"}`, 0, "", 1},
		{"life 3600.0", 200, "application/json", `{"access_token":"t","expires_in":3600.0}`, 0, "", 1},
		{"life empty", 200, "application/json", `{"access_token":"t","expires_in":""}`, 0, "", 1},
		{"life null", 200, "application/json", `{"access_token":"t","expires_in":null}`, 0, "", 1},
		{"life below 0", 200, "application/json", `{"access_token":"t","expires_in":-5}`, 0, "", 1},
		{"life huge", 200, "application/json", `{"access_token":"t","expires_in":99999999999}`, 0, "", 1},
		{"no token", 200, "application/json", `{}`, remote.Unavailable, "missing access_token", 1},
		{"html", 200, "text/html", `<html>SEKRIT</html>`, remote.Unavailable, "no usable answer", 1},
		{"empty", 200, "application/json", ``, remote.Unavailable, "no usable answer", 1},
		{"a token no header can hold", 200, "application/json", `{"access_token":"a\nb"}`, remote.Unavailable, "no header can", 1},
		{"400", 400, "application/json", `{"error":"invalid_request","error_description":"grant_type is missing"}`, remote.Unauthorized, "credentials refused (400): token: invalid_request", 1},
		{"401", 401, "application/json", `{"error":"invalid_client","error_description":"no\u001b[2J"}`, remote.Unauthorized, `credentials refused (401): token: invalid_client`, 1},
		{"401 that repeats the secret", 401, "application/json", fmt.Sprintf(`{"error":"invalid_client","error_description":"%s and %s"}`, secret, url.QueryEscape(secret)), remote.Unauthorized, "token: invalid_client", 1},
		{"401 with a code that is none", 401, "application/json", `{"error":"SEKRIT"}`, remote.Unauthorized, "token: Unauthorized", 1},
		{"a code that is none in a 200", 200, "application/json", `{"error":"SEKRIT"}`, remote.Unauthorized, "token: an error instead of one", 1},
		{"401 without a body", 401, "", ``, remote.Unauthorized, "token: Unauthorized", 1},
		{"error in a 200", 200, "application/json", `{"error":"invalid_client"}`, remote.Unauthorized, "token: invalid_client", 1},
		{"403", 403, "application/json", `{"message":"x"}`, remote.Unauthorized, "not allowed (403)", 1},
		{"404", 404, "text/html", `<html>`, remote.Unavailable, "not available (404): token: Not Found", 1},
		{"429", 429, "application/json", `{"message":"Too Many Requests"}`, remote.Unavailable, "too many requests (429)", 1},
		{"500", 500, "text/html", `<html>`, remote.Unavailable, "not available (500): token: Internal Server Error", 1},
		{"307", 307, "text/html", ``, remote.Unavailable, "a redirect was refused", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				c, d := newDesk(t, say(202, `{"requestId":"r"}`))
				c.API.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				d.token = func(*http.Request) (*http.Response, error) { return reply(tc.status, tc.kind, tc.body), nil }
				_, err := c.Acknowledge(t.Context(), []Reference{{"1"}})
				if remote.KindOf(err) != tc.want || (err == nil) != (tc.want == 0) || err != nil && !strings.Contains(err.Error(), tc.text) {
					t.Errorf("%v: %v", remote.KindOf(err), err)
				}
				if d.tokens != tc.tokens || int(c.API.Calls()) != d.tokens+len(d.got) || (err != nil) != (len(d.got) == 0) {
					t.Errorf("%d token requests, %d others, counted %d", d.tokens, len(d.got), c.API.Calls())
				}
				if said := log.String() + fmt.Sprint(err); strings.Contains(said, "SEKRIT") {
					t.Errorf("leaks: %s", said)
				}
			})
		})
	}
}

func TestTokenIsRenewed(t *testing.T) {
	for _, tc := range []struct {
		name, life string
		good       time.Duration // how long it is used
	}{
		{"an hour", `3600`, 59 * time.Minute},
		{"not told", `null`, 29 * time.Minute},
		{"short", `60`, 30 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, d := newDesk(t, say(200, `{"hello":"World!"}`))
				d.token = func(*http.Request) (*http.Response, error) {
					return reply(200, "application/json", fmt.Sprintf(`{"access_token":"t%d","token_type":"Bearer","expires_in":%s}`, d.tokens, tc.life)), nil
				}
				hello := func(tokens int) {
					t.Helper()
					if err := c.Hello(t.Context()); err != nil || d.tokens != tokens {
						t.Errorf("%d tokens instead of %d, %v", d.tokens, tokens, err)
					}
				}
				hello(1)
				time.Sleep(tc.good - time.Second)
				hello(1)
				time.Sleep(2 * time.Second)
				hello(2)
				if got := d.got[2].auth; got != "Bearer t2" {
					t.Error(got)
				}
			})
		})
	}
}

func TestRefusedTokenIsDroppedOnce(t *testing.T) {
	for _, tc := range []struct {
		name    string
		refused int // the first so many tokens
		kind    remote.Kind
		calls   int
	}{{"expired in mid-run", 1, remote.Other, 2}, {"always refused", 99, remote.Unauthorized, 2}} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, nil)
			d.answer = func(n int, r *http.Request) (int, string) {
				if n <= tc.refused {
					return 401, sample(t, "error-401-expired-token.json")
				}
				return 202, sample(t, "ack-response-202.json")
			}
			_, err := c.Acknowledge(t.Context(), []Reference{{"1026000001"}})
			if remote.KindOf(err) != tc.kind || (err == nil) != (tc.kind == remote.Other) || len(d.got) != tc.calls || d.tokens != tc.calls {
				t.Fatalf("%v after %d calls and %d tokens", err, len(d.got), d.tokens)
			}
			if d.got[0].body != d.got[1].body || d.got[1].body == "" {
				t.Errorf("bodies %q and %q", d.got[0].body, d.got[1].body)
			}
		})
	}
}

func TestHungTokenEndpointRespectsTheContext(t *testing.T) {
	hang := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	synctest.Test(t, func(t *testing.T) {
		c, d := newDesk(t, say(200, "{}"))
		d.token = hang
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Acknowledge(ctx, []Reference{{"1"}})
		if took := time.Since(start); took != 300*time.Millisecond || remote.KindOf(err) != remote.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v: %v", remote.KindOf(err), took, err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // and a limit of its own
		c, d := newDesk(t, say(200, "{}"))
		d.token = hang
		start := time.Now()
		err := c.Hello(t.Context())
		if took := time.Since(start); took > 5*time.Minute || remote.KindOf(err) != remote.Unavailable || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v: %v", remote.KindOf(err), took, err)
		}
	})
	t.Run("over a socket", func(t *testing.T) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			<-r.Context().Done()
		}))
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := New(s.URL, "id", secret, nil, nil).Acknowledge(ctx, []Reference{{"1"}})
		if took := time.Since(start); took > 5*time.Second || remote.KindOf(err) != remote.Unavailable {
			t.Errorf("%v after %v: %v", remote.KindOf(err), took, err)
		}
	})
}

func TestTokenEndpointOutOfReach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d := newDesk(t, say(200, "{}"))
		d.token = func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
		}
		// The order's request never left, whatever became of the token's.
		if _, err := c.Acknowledge(t.Context(), []Reference{{"1"}}); remote.KindOf(err) != remote.Unavailable || d.tokens != 1 || len(d.got) != 0 {
			t.Errorf("%v after %d tokens", err, d.tokens)
		}
	})
}

func TestRedirectsTellNoSecret(t *testing.T) {
	var leaked []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		leaked = append(leaked, fmt.Sprint(r.Header, string(body)))
	}))
	defer other.Close()
	for _, from := range []string{"/oauth2/token", "/order/acknowledge"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == from {
				http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
				return
			}
			_, _ = io.WriteString(w, `{"access_token":"SEKRIT","token_type":"Bearer","expires_in":3600}`)
		}))
		_, err := New(s.URL, "id", secret, nil, nil).Acknowledge(t.Context(), []Reference{{"1"}})
		s.Close()
		if err == nil || !strings.Contains(err.Error(), "was refused") || strings.Contains(err.Error(), "SEKRIT") {
			t.Errorf("%s: %v", from, err)
		}
	}
	if len(leaked) > 0 {
		t.Errorf("the other host saw %q", leaked)
	}
}
