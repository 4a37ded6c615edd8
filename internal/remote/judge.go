package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// judge says what an answer means; nil = it is good and in out. again: a repeat is safe and may help.
func (c *call) judge(ctx context.Context, ans answer) (e *Error, again bool) {
	switch {
	case ans.status == 0:
		return c.unanswered(ctx, ans)
	case throttled(ans):
		return c.throttle(ans), true
	case ans.status < 300:
		return c.accept(ctx, ans)
	}
	e = c.fail(Rejected, "", nil)
	e.Status = ans.status
	silent := c.safe() || ans.status == http.StatusUnauthorized || ans.status == http.StatusForbidden
	e.Detail, e.RequestID = c.api.explain(ans, silent)
	e.Quoted = !silent
	switch s := ans.status; {
	case s < 400:
		// Never followed: it would carry the credential to another host. Nothing was done.
		e.Kind, e.Detail, e.Quoted = Unavailable, "a redirect to "+c.api.target(ans.header)+" was refused", false
	case s == http.StatusUnauthorized:
		e.Kind, again = Unauthorized, c.renew()
	case s == http.StatusForbidden:
		e.Kind = Unauthorized
	case s == http.StatusNotFound:
		e.Kind = Missing
	case s == http.StatusRequestTimeout, s >= 500:
		if e.Kind = Uncertain; c.safe() {
			e.Kind, again = Unavailable, true
		}
		if s == http.StatusServiceUnavailable {
			if rest, ok := retryAfter(ans.header, time.Now()); ok {
				e.After = rest + time.Second
			}
		}
	}
	return e, again
}

// unanswered judges a request that brought not even a status.
func (c *call) unanswered(ctx context.Context, ans answer) (*Error, bool) {
	e := c.fail(Unavailable, "", nil)
	if ans.sent && !c.safe() {
		e.Kind = Uncertain
	}
	if err := ctx.Err(); err != nil {
		e.Detail, e.Err = ended(err), err
		return e, false
	}
	if own, ok := errors.AsType[*Error](ans.err); ok {
		e.Kind, e.Status, e.Detail, e.After, e.Err = own.Kind, own.Status, own.Detail, own.After, own.Err
		return e, own.Kind == Unavailable && repeatable(own.Status)
	}
	reason := c.api.Reason(ans.err)
	e.Detail = "no answer: " + reason
	if reason == ans.err.Error() {
		e.Err = ans.err // else it may quote the answer
	}
	if t, ok := errors.AsType[net.Error](ans.err); ok && t.Timeout() {
		// Not kept as the cause: it would pass for the end of the caller's own time.
		e.Detail, e.Err = "no answer in time", nil
	}
	return e, e.Kind == Unavailable && !untrusted(ans.err)
}

// accept reads a 2xx into out. What cannot be read proves nothing: a POST may have been carried out.
func (c *call) accept(ctx context.Context, ans answer) (*Error, bool) {
	wrong, err := "", ans.err
	switch {
	case errors.Is(err, ErrTooLarge):
		wrong = fmt.Sprintf("an answer of more than %d MiB", limit>>20)
	case err != nil:
		wrong, err = fmt.Sprintf("the answer broke off after %d bytes", len(ans.body)), nil
	default:
		wrong = c.decode(ans)
	}
	if wrong == "" {
		return nil, false
	}
	e := c.fail(Uncertain, wrong, err)
	e.Quoted = !c.safe() // the title of a page
	e.Status, e.RequestID = ans.status, c.api.requestID(ans.header)
	if c.safe() {
		e.Kind = Unavailable
	}
	if ended := ctx.Err(); ended != nil {
		e.Err = ended
		return e, false
	}
	return e, c.safe() && err == nil
}

// throttle is the error of a 429, or of one in disguise. Nothing was done.
func (c *call) throttle(ans answer) *Error {
	e := c.fail(Unavailable, "", nil)
	e.Status = http.StatusTooManyRequests
	_, e.RequestID = c.api.explain(ans, true)
	rest, told := retryAfter(ans.header, time.Now())
	left, known := reset(ans.header, time.Now())
	if e.After = c.api.Throttled; told || known {
		e.After = max(rest, left) + time.Second // both are in whole seconds
	}
	return e
}

// decode says what is wrong with a body as JSON for out, or nothing. Content-Type is not trusted.
func (c *call) decode(ans answer) string {
	switch {
	case isJSON(ans.body):
	case c.safe():
		return c.api.sort(ans)
	default:
		return c.api.describe(ans)
	}
	err := json.Unmarshal(ans.body, c.out)
	if err == nil {
		return ""
	}
	// The library's own words quote the number or the character that it met.
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); odd {
		return "not the JSON expected: a value of another type"
	}
	if broken, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("not the JSON expected: not JSON any more after %d of %d bytes", broken.Offset, len(ans.body))
	}
	return "not the JSON expected: " + c.api.Show(err.Error(), 100)
}

func isJSON(body []byte) bool {
	b := bytes.TrimSpace(body)
	return len(b) > 0 && (b[0] == '{' || b[0] == '[' || string(b) == "null")
}

// throttled tells a 429, and its text under any other status: some gateways answer 200 or 500.
func throttled(ans answer) bool {
	if ans.status == http.StatusTooManyRequests {
		return true
	}
	text := string(ans.body)
	if isJSON(ans.body) {
		var o Object
		if len(ans.body) > 1024 || json.Unmarshal(ans.body, &o) != nil || len(o) > 3 {
			return false // an order, say, whose own text may hold the words
		}
		text, _ = o.Fold("message").(string)
	}
	return len(text) <= 1024 && strings.Contains(strings.ToLower(text), "too many requests")
}

// repeatable tells whether a call that ended with status may go better a moment later.
func repeatable(status int) bool {
	return status == 0 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500
}

// retryAfter reads Retry-After, which is in seconds or a date.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if s, err := strconv.Atoi(v); err == nil && s >= 0 {
		return seconds(s), true
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	// Against the server's own clock where it tells it: ours may differ.
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(0, t.Sub(now)), true
}

// reset reads X-Rate-Limit-Reset: seconds left, or a Unix time.
func reset(h http.Header, now time.Time) (time.Duration, bool) {
	s, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Rate-Limit-Reset")))
	if err != nil || s < 0 {
		return 0, false
	}
	if s > 1e8 {
		return max(0, time.Unix(int64(s), 0).Sub(now)), true
	}
	return seconds(s), true
}

func seconds(s int) time.Duration { return time.Duration(min(s, 1e8)) * time.Second }
