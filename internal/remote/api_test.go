package remote

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallJudgesEveryAnswer(t *testing.T) {
	html := "<html><head><title>502 Bad \x1b[2JGateway</title></head></html>"
	for _, tc := range []struct {
		name   string
		method string
		step   step
		kind   Kind
		calls  int
		text   string // of the error
	}{
		{"get 500", "GET", step{status: 500, body: `{"message":"Internal server error"}`}, Unavailable, 4, "dsco: do it: not available (500)"},
		{"post 500", "POST", step{status: 500, body: `{"message":"oops"}`}, Uncertain, 1, "outcome unknown (500): oops"},
		{"get 408", "GET", step{status: 408, body: `{}`}, Unavailable, 4, "(408): (JSON, 2 bytes)"},
		{"post 408", "POST", step{status: 408}, Uncertain, 1, "outcome unknown (408)"},
		{"get html 502", "GET", step{status: 502, kind: "text/html", body: html}, Unavailable, 4, `(502): not JSON: text/html, 60 bytes`},
		{"get html 200", "GET", step{status: 200, kind: "text/html; charset=utf-8", body: html}, Unavailable, 4, `(200): not JSON: text/html, 60 bytes`},
		{"post html 200", "POST", step{status: 200, kind: "text/html", body: html}, Uncertain, 1, `(200): not JSON: text/html, 60 bytes: 502 Bad \x1b[2JGateway`},
		{"get empty 200", "GET", step{status: 200}, Unavailable, 4, "an empty answer"},
		{"post empty 200", "POST", step{status: 200, body: "  \n"}, Uncertain, 1, "an empty answer"},
		{"post 204", "POST", step{status: 204}, Uncertain, 1, "an empty answer"},
		{"get cut json", "GET", step{status: 200, body: `{"a":`}, Unavailable, 4, "not the JSON expected: not JSON any more after 5 of 5 bytes"},
		{"post cut json", "POST", step{status: 200, body: `{"a":`}, Uncertain, 1, "not the JSON expected"},
		{"get list for object", "GET", step{status: 200, body: `[1]`}, Unavailable, 4, "not an object"},
		{"get null for object", "GET", step{status: 200, body: `null`}, Unavailable, 4, "not an object"},
		{"get half body", "GET", step{status: 200, body: `{"a":"bcdef"}`, half: true}, Unavailable, 4, "broke off after 6 bytes"},
		{"post half body", "POST", step{status: 200, body: `{"a":"bcdef"}`, half: true}, Uncertain, 1, "broke off"},
		{"post half refusal", "POST", step{status: 400, body: `{"message":"no"}`, half: true}, Rejected, 1, "refused (400)"},
		{"get reset", "GET", step{err: reset1}, Unavailable, 4, "no answer: read tcp: connection reset by peer"},
		{"post reset", "POST", step{err: reset1}, Uncertain, 1, "outcome unknown: no answer"},
		{"post eof", "POST", step{err: io.ErrUnexpectedEOF}, Uncertain, 1, "unexpected EOF"},
		{"post not dialled", "POST", step{err: refused}, Unavailable, 1, "connection refused"},
		{"post no such host", "POST", step{err: &net.DNSError{Err: "no such host", Name: "x.test"}}, Unavailable, 1, "no such host"},
		{"get silence", "GET", step{hang: true}, Unavailable, 4, "no answer in time"},
		{"post silence", "POST", step{hang: true}, Uncertain, 1, "no answer in time"},
		{"post 429", "POST", step{status: 429, body: `{"message":"Too Many Requests"}`}, Unavailable, 1, "dsco: do it: too many requests (429)"},
		{"post 429 in a 500", "POST", step{status: 500, body: `{"Message":"Too Many Requests."}`}, Unavailable, 1, "too many requests"},
		{"get 429 in a 200", "GET", step{status: 200, body: `{"message":"too many requests"}`}, Unavailable, 4, "too many requests"},
		{"post 400", "POST", step{status: 400, body: `{"message":"bad\ntype","requestId":"r-1"}`}, Rejected, 1, `dsco: do it: refused (400): bad\ntype`},
		{"post 409 text", "POST", step{status: 409, kind: "text/plain", body: "no\u202eway"}, Rejected, 1, `refused (409): not JSON: text/plain, 8 bytes`},
		{"get 401", "GET", step{status: 401, body: `{"message":"Unauthorized"}`}, Unauthorized, 1, "credentials refused (401)"},
		{"post 403", "POST", step{status: 403, body: `{"message":"Missing Authentication Token"}`}, Unauthorized, 1, "not allowed (403)"},
		{"get 400", "GET", step{status: 400, body: `{"message":"no","requestId":"r-1"}`}, Rejected, 1, "refused (400): what it said is not shown, since it may quote an order; request r-1"},
		{"get 404", "GET", step{status: 404}, Missing, 1, "dsco: do it: not found (404)"},
		{"get redirect", "GET", step{status: 302, header: map[string]string{"Location": "https://evil.test/?t=1"}}, Unavailable, 1, "(302): a redirect to evil.test was refused"},
		{"post redirect", "POST", step{status: 307, header: map[string]string{"Location": "https://evil.test/"}}, Unavailable, 1, "a redirect to evil.test was refused"},
		{"get too large", "GET", step{status: 200, body: `{"a":"` + strings.Repeat("x", limit) + `"}`}, Unavailable, 1, "more than 32 MiB"},
		{"post too large", "POST", step{status: 200, body: `{"a":"` + strings.Repeat("x", limit) + `"}`}, Uncertain, 1, "more than 32 MiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{script: []step{tc.step}}
				a := api(w)
				var in any
				if tc.method == "POST" {
					in = []int{1}
				}
				var out Object
				err := a.Call(t.Context(), "do it", tc.method, "/x", nil, in, &out)
				if KindOf(err) != tc.kind || len(w.seen) != tc.calls || err == nil || !strings.Contains(err.Error(), tc.text) {
					t.Errorf("got %v after %d calls: %v\nwant %v after %d calls: ...%s", KindOf(err), len(w.seen), err, tc.kind, tc.calls, tc.text)
				}
				if got := errors.Is(err, ErrTooLarge); got != strings.Contains(tc.name, "too large") {
					t.Errorf("errors.Is(ErrTooLarge) = %v", got)
				}
				if errors.Is(err, context.DeadlineExceeded) {
					t.Error("the client's own limit passes for the caller's deadline")
				}
				if int(a.Calls()) != tc.calls {
					t.Errorf("counted %d calls, sent %d", a.Calls(), tc.calls)
				}
				if tc.method == "POST" && len(w.bodies) > 0 && w.bodies[len(w.bodies)-1] != "[1]" {
					t.Errorf("body of the last try: %q", w.bodies[len(w.bodies)-1])
				}
			})
		})
	}
}

func TestCallRepeatsAndThenSucceeds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		method string
		first  step
		waited time.Duration
	}{
		{"5xx with jitter", "GET", step{status: 503}, 1250 * time.Millisecond},
		{"5xx with Retry-After", "GET", step{status: 503, header: map[string]string{"Retry-After": "7"}}, 8 * time.Second},
		{"5xx does not wait for the window", "GET", step{status: 503, header: map[string]string{"X-Rate-Limit-Reset": "50"}}, 1250 * time.Millisecond},
		{"429 with Retry-After", "GET", step{status: 429, header: map[string]string{"Retry-After": "3"}}, 4 * time.Second},
		{"429 with Reset", "GET", step{status: 429, header: map[string]string{"X-Rate-Limit-Reset": "20"}}, 21 * time.Second},
		{"429 with both", "GET", step{status: 429, header: map[string]string{"X-Rate-Limit-Reset": "2", "Retry-After": "5"}}, 6 * time.Second},
		{"429 with a date", "GET", step{status: 429, header: map[string]string{"Date": "Mon, 02 Mar 2026 15:04:00 GMT", "Retry-After": "Mon, 02 Mar 2026 15:04:10 GMT"}}, 11 * time.Second},
		{"429 with nothing", "GET", step{status: 429}, 60 * time.Second},
		{"429 with junk", "GET", step{status: 429, header: map[string]string{"Retry-After": "soon", "X-Rate-Limit-Reset": "-4"}}, 60 * time.Second},
		{"429 with a Unix time", "GET", step{status: 429, header: map[string]string{"X-Rate-Limit-Reset": "946684830"}}, 31 * time.Second}, // a bubble starts at 946684800
		{"reset", "GET", step{err: reset1}, 1250 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{script: []step{tc.first, {status: 200, body: ` {"ok":true}`}}}
				a := api(w)
				a.Throttled = time.Minute
				start := time.Now()
				var out Object
				if err := a.Call(t.Context(), "do it", tc.method, "/x", url.Values{"q": {"a b+c"}}, nil, &out); err != nil {
					t.Fatal(err)
				}
				if d := time.Since(start); d != tc.waited {
					t.Errorf("waited %v, want %v", d, tc.waited)
				}
				if ok, _ := out.Flag("ok"); !ok || w.seen[1].URL.String() != "https://api.example.test/v3/x?q=a+b%2Bc" {
					t.Errorf("out %v from %s", out, w.seen[1].URL)
				}
			})
		})
	}
}

func TestCallNeverSleepsPastTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{script: []step{{status: 429, header: map[string]string{"Retry-After": "100"}}}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		err := api(w).Call(ctx, "do it", "GET", "/x", nil, nil, &Object{})
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != Unavailable || e.After != 101*time.Second || time.Since(start) != 0 {
			t.Errorf("after %v: %#v", time.Since(start), err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // without a deadline there is an end to patience as well
		w := &wire{script: []step{{status: 429, header: map[string]string{"Retry-After": "86400"}}}}
		err := api(w).Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{})
		if e, ok := errors.AsType[*Error](err); !ok || e.After != 86401*time.Second {
			t.Errorf("%#v", err)
		}
	})
}

func TestCallWhenTheContextEnds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		method string
		step   step
		kind   Kind
	}{
		{"get in flight", "GET", step{hang: true}, Unavailable},
		{"post in flight", "POST", step{hang: true}, Uncertain},
		{"get at rest", "GET", step{status: 503}, Unavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(300*time.Millisecond, cancel)
				err := api(&wire{script: []step{tc.step}}).Call(ctx, "do it", tc.method, "/x", nil, nil, &Object{})
				if KindOf(err) != tc.kind || !errors.Is(err, context.Canceled) {
					t.Errorf("%v: %v", KindOf(err), err)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				err := api(&wire{script: []step{tc.step}}).Call(ctx, "do it", tc.method, "/x", nil, nil, &Object{})
				inFlight := tc.step.hang
				if KindOf(err) != tc.kind || errors.Is(err, context.DeadlineExceeded) != inFlight {
					t.Errorf("%v: %v", KindOf(err), err)
				}
			})
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &wire{script: []step{{status: 200, body: "{}"}}}
	err := api(w).Call(ctx, "do it", "POST", "/x", nil, nil, &Object{})
	if KindOf(err) != Unavailable || !errors.Is(err, context.Canceled) || len(w.seen) != 0 {
		t.Errorf("%v after %d calls", err, len(w.seen))
	}
}

func TestBudgetEndsRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{script: []step{{status: 500}}}
		a := api(w)
		for range 20 {
			if err := a.Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{}); KindOf(err) != Unavailable {
				t.Fatal(err)
			}
		}
		if got := a.Calls(); got != 30 { // 20 calls and a budget of 10 repeats
			t.Errorf("%d requests", got)
		}
		w.script = []step{{status: 200, body: "{}"}}
		for range 170 {
			if err := a.Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{}); err != nil {
				t.Fatal(err)
			}
		}
		w.script = []step{{status: 500}}
		before := a.Calls()
		for range 100 {
			_ = a.Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{})
		}
		if again := a.Calls() - before - 100; again > 33 {
			t.Errorf("%d repeats in 300 calls", again)
		}
	})
}

func TestRepeatAfter401(t *testing.T) {
	good := step{status: 200, body: "{}"}
	bad := step{status: 401, body: `{"message":"Unauthorized"}`}
	for _, tc := range []struct {
		name   string
		method string
		script []step
		kind   Kind // Other = no error
		calls  int
	}{
		{"once", "POST", []step{bad, good}, Other, 2},
		{"not twice", "POST", []step{bad, bad, good}, Unauthorized, 2},
		{"not when the client says no", "PUT", []step{bad, good}, Unauthorized, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &wire{script: tc.script}
			a := api(w)
			a.Repeat = func(method string) bool { return method == "POST" }
			err := a.Call(t.Context(), "do it", tc.method, "/x", nil, 1, &Object{})
			if KindOf(err) != tc.kind || (err == nil) != (tc.kind == Other) || len(w.seen) != tc.calls {
				t.Errorf("%v after %d calls", err, len(w.seen))
			}
			if taken := tc.name == "once"; a.Renewed() == 1 != taken {
				t.Errorf("%d calls count as taken at the second try", a.Renewed())
			}
		})
	}
}

func TestWordsOfAThrottleInAnOrder(t *testing.T) {
	w := &wire{script: []step{{status: 200, body: `{"id":1,"message":"Too many requests: please hurry","lines":[],"name":"x"}`}}}
	var out Object
	if err := api(w).Call(t.Context(), "do it", "GET", "/x", nil, nil, &out); err != nil || len(out) != 4 {
		t.Errorf("%v, %v", out, err)
	}
}

// credential adds a secret to every request, as the clients' transports do.
type credential struct{ next http.RoundTripper }

func (c credential) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer SEKRIT-TOKEN")
	return c.next.RoundTrip(r)
}

func TestNothingSecretIsLoggedOrTold(t *testing.T) {
	for _, s := range []step{
		{status: 200, body: `{"name":"SEKRIT-CONSUMER"}`},
		{status: 400, body: `{"message":"no"}`, header: map[string]string{"X-Request-Id": "req-7\x1b[2J"}},
		{err: reset1},
		{status: 302, header: map[string]string{"Location": "https://u:SEKRIT-TOKEN@evil.test/?x=SEKRIT-TOKEN"}},
	} {
		var log bytes.Buffer
		a := api(credential{&wire{script: []step{s}}})
		a.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		err := a.Call(t.Context(), "do it", "POST", "/x", url.Values{"q": {"SEKRIT-QUERY"}}, map[string]string{"b": "SEKRIT-BODY"}, &Object{})
		text := log.String()
		if err != nil {
			text += err.Error()
			for e := errors.Unwrap(err); e != nil; e = errors.Unwrap(e) {
				text += e.Error()
			}
		}
		if strings.Contains(text, "SEKRIT") || strings.ContainsRune(text, 0x1b) {
			t.Errorf("leaks: %s", text)
		}
		if !strings.Contains(log.String(), `"method":"POST","path":"/x"`) {
			t.Errorf("log line: %s", log.String())
		}
	}
}

func TestUnwritableRequestIsOurMistake(t *testing.T) {
	w := &wire{script: []step{{status: 200, body: "{}"}}}
	err := api(w).Call(t.Context(), "do it", "POST", "/x", nil, func() {}, &Object{})
	if KindOf(err) != Other || len(w.seen) != 0 {
		t.Errorf("%v after %d calls", err, len(w.seen))
	}
	a := api(w)
	a.Base = "https://bad host"
	if err := a.Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{}); KindOf(err) != Other || a.Calls() != 0 {
		t.Errorf("%v", err)
	}
}

func TestServerTime(t *testing.T) {
	now := time.Date(2026, 3, 2, 15, 4, 30, 0, time.UTC)
	a := api(&wire{script: []step{{status: 200, body: "{}", header: map[string]string{"Date": "Mon, 02 Mar 2026 15:04:00 GMT"}}, {status: 200, body: "{}"}}})
	a.Now = func() time.Time { return now }
	if a.Skew() != 0 || !a.ServerTime().Equal(now) {
		t.Errorf("before any answer: %v, %v", a.Skew(), a.ServerTime())
	}
	for range 2 {
		if err := a.Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{}); err != nil {
			t.Fatal(err)
		}
		if a.Skew() != 30*time.Second || !a.ServerTime().Equal(now.Add(-30*time.Second)) {
			t.Errorf("skew %v, server time %v", a.Skew(), a.ServerTime())
		}
	}
}

func TestKindNames(t *testing.T) {
	for kind, name := range []string{"other", "unavailable", "uncertain", "rejected", "unauthorized", "missing"} {
		if Kind(kind).String() != name {
			t.Errorf("Kind(%d) is %q, want %q", kind, Kind(kind), name)
		}
	}
	if KindOf(errors.New("x")) != Other || KindOf(nil) != Other {
		t.Error("a foreign error has a kind")
	}
}
