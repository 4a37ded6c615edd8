// Package remote talks JSON over HTTP to someone else's server: one loop that paces, sends, logs,
// reads, judges the answer, and waits or returns. Its errors say what is known of the call (Kind).
package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	tries    = 4                // of one call, in all
	minRest  = time.Second / 2  // before a repeat
	maxRest  = 30 * time.Second // before a repeat, when the remote names no time
	patience = 10 * time.Minute // longest wait a remote may ask for
	limit    = 32 << 20         // bytes of an answer
)

// API is one remote. Name, Base and HTTP have to be set; it must not be copied after first use.
type API struct {
	Name string       // in errors and the log, "dsco"
	Base string       // "https://api.dsco.io/api/v3"; paths are joined to it
	HTTP *http.Client // see NewClient; adds the credential in its transport
	Pace *Pace        // nil = calls are not held back
	Log  *slog.Logger // nil = none. Debug lines name neither headers nor bodies

	// Explain reads the body of an error, which is JSON: what the remote says, and the request's id.
	Explain func(body []byte) (detail, requestID string)
	// Secrets gives what no error and no log may repeat, though an answer does: each credential as it is and as it is
	// sent (base64 of "key:secret"). See Redact. It may be called at any time, by several at once.
	Secrets func() []string
	// Repeat is asked on the first 401 of a call; true = send it once more. A 401 means nothing was
	// done, so any method may be repeated. Nil = never.
	Repeat func(method string) bool
	// Throttled is the wait after a 429 that names no time; 0 = as after any other error.
	Throttled time.Duration

	Rand func() float64   // of [0,1); nil = math/rand
	Now  func() time.Time // for times that become data; nil = time.Now

	sent, retries atomic.Int64
	renewed       atomic.Int64
	skew          atomic.Int64
}

// Calls is the number of requests sent so far, repeats included.
func (a *API) Calls() int64 { return a.sent.Load() }

// Renewed is the number of calls whose credentials were refused and then, sent once more, were not: such credentials may
// soon be refused for good.
func (a *API) Renewed() int64 { return a.renewed.Load() }

// Count adds a request that was sent beside Call, such as a token's.
func (a *API) Count() { a.sent.Add(1) }

// Skew is local time minus the server's, by the Date of the last answer; 0 when there was none.
// Date has whole seconds and an answer travels, so up to about a second means nothing.
func (a *API) Skew() time.Duration { return time.Duration(a.skew.Load()) }

// ServerTime is the server's time now, UTC, as far as Skew tells.
func (a *API) ServerTime() time.Time { return a.Time().Add(-a.Skew()) }

// Time is the time now by Now, UTC.
func (a *API) Time() time.Time {
	if a.Now != nil {
		return a.Now().UTC()
	}
	return time.Now().UTC()
}

func (a *API) log() *slog.Logger {
	if a.Log != nil {
		return a.Log
	}
	return slog.New(slog.DiscardHandler)
}

// call is one Call on its way.
type call struct {
	api  *API
	op   string
	verb string
	path string
	url  string
	body []byte // nil = none
	out  any

	renewed bool // a 401 has been answered with a repeat
}

// Call sends in as JSON (nil = no body) and reads the answer into out, as encoding/json does: an
// UnmarshalJSON of out may refuse an answer that lacks what has to be there.
//
// op says in words what is done, for the error. GET and HEAD are repeated on 429, 408, 5xx, network
// errors and answers that are not the JSON expected (four times in all). Any other method is sent
// once, and once more after a 401: who writes has written down when it began, so a repeat, and the
// wait before it, are the caller's (see Ready). No wait outlasts ctx's deadline: Call returns at once
// instead, with After set. Every error is an *Error; a ctx that ended is found by errors.Is.
func (a *API) Call(ctx context.Context, op, method, path string, query url.Values, in, out any) error {
	c := call{api: a, op: op, verb: method, path: path, out: out}
	c.url = strings.TrimSuffix(a.Base, "/") + path
	if len(query) > 0 {
		c.url += "?" + query.Encode()
	}
	if in != nil {
		var err error
		if c.body, err = json.Marshal(in); err != nil {
			return c.fail(Other, "the request cannot be written as JSON", err)
		}
	}
	if e := c.run(ctx); e != nil {
		return e // not "return c.run(ctx)": a nil *Error is not a nil error
	}
	return nil
}

// run is the loop of one call.
func (c *call) run(ctx context.Context) *Error {
	for try := 1; ; {
		e, again := c.once(ctx)
		if e == nil {
			if c.renewed {
				c.api.renewed.Add(1)
			}
			return nil
		}
		if again && e.Kind == Unauthorized {
			continue // with a new credential, at once
		}
		if !again || !c.safe() || try >= tries || !c.api.spend() {
			return e
		}
		if e := c.rest(ctx, e, try); e != nil {
			return e
		}
		try++
	}
}

// once sends the call one time. again says that a repeat is safe and may help.
func (c *call) once(ctx context.Context) (e *Error, again bool) {
	if err := ctx.Err(); err != nil {
		return c.fail(Unavailable, ended(err), err), false
	}
	done, wait, err := c.api.Pace.wait(ctx, c.path)
	if err != nil {
		return c.fail(Unavailable, ended(err), err), false
	}
	if wait > 0 {
		e := c.fail(Unavailable, "the rate limit leaves no call before this run's time is over", nil)
		e.After = wait
		return e, false
	}
	ans := c.send(ctx)
	done(ans.header)
	c.bear(ctx, ans)
	return c.judge(ctx, ans)
}

// rest waits before a repeat, or gives the error to return when that takes too long.
func (c *call) rest(ctx context.Context, e *Error, try int) *Error {
	wait := e.After
	if wait == 0 {
		wait = c.api.jitter(try)
	}
	deadline, bounded := ctx.Deadline()
	if wait > patience || bounded && time.Until(deadline) < wait {
		e.After = wait
		return e
	}
	if err := sleep(ctx, wait); err != nil {
		e.Err = err
		return e
	}
	return nil
}

// spend takes one repeat from the budget: a tenth of the calls, and never less than ten, so that an
// outage is not made worse by everybody asking four times.
func (a *API) spend() bool {
	return a.retries.Add(1) <= max(10, a.sent.Load()/10)
}

// jitter spreads repeats over the whole of a growing span.
func (a *API) jitter(try int) time.Duration {
	random := a.Rand
	if random == nil {
		random = rand.Float64
	}
	span := min(maxRest, time.Second<<try) - minRest
	return minRest + time.Duration(random()*float64(span))
}

// renew tells whether a call that was answered 401 is sent once more.
func (c *call) renew() bool {
	if c.renewed || c.api.Repeat == nil {
		return false
	}
	c.renewed = true
	return c.api.Repeat(c.verb)
}

func (c *call) fail(k Kind, detail string, err error) *Error {
	return &Error{API: c.api.Name, Op: c.op, Kind: k, Detail: detail, Err: err}
}

// safe tells whether the call may be repeated though it may have been carried out.
func (c *call) safe() bool { return c.verb == http.MethodGet || c.verb == http.MethodHead }

func (c *call) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, c.verb, c.url, bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "dscosync")
	return req, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func ended(err error) string {
	if err == context.DeadlineExceeded {
		return "the time for it is over"
	}
	return "stopped"
}
