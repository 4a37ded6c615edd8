package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"dscosync/internal/crash"
)

// answer is what came of sending a request once.
type answer struct {
	status int // 0 = no answer
	header http.Header
	body   []byte // as much as came
	err    error  // the network's, or of reading the body
	sent   bool   // it may have reached the remote
}

// send makes one request and reads its answer to the end or to the limit.
func (c *call) send(ctx context.Context) answer {
	var asked, got atomic.Bool
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	}
	req, err := c.request(httptrace.WithClientTrace(ctx, trace))
	if err != nil {
		return answer{err: &Error{Kind: Other, Detail: "the request cannot be made", Err: err}}
	}
	start := time.Now()
	var ans answer
	crash.Point("before call", c.verb, c.path)
	res, err := c.api.HTTP.Do(req)
	if err != nil {
		ans = answer{err: cause(err)}
		ans.sent = !unsent(ans.err) && (got.Load() || !asked.Load())
	} else {
		ans = answer{status: res.StatusCode, header: res.Header, sent: true}
		ans.body, ans.err = read(res)
		c.api.heed(res.Header)
	}
	// A refusal by our own transport (no token) never left: the token's request counted itself.
	if _, own := errors.AsType[*Error](ans.err); !own {
		c.api.Count()
	}
	crash.Point("after call", c.verb, c.path)
	c.note(ans, time.Since(start))
	return ans
}

// note writes the debug line: nothing of the query, the headers or the bodies but their size.
func (c *call) note(ans answer, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("api", c.api.Name), slog.String("method", c.verb), slog.String("path", Escape(c.path, 200)),
		slog.Int("status", ans.status), slog.Duration("took", took.Round(time.Millisecond)), slog.Int("bytes", len(ans.body)),
	}
	if id := c.api.requestID(ans.header); id != "" {
		attrs = append(attrs, slog.String("request_id", id))
	}
	if ans.err != nil {
		attrs = append(attrs, slog.String("error", c.api.Reason(ans.err)))
	}
	c.api.log().LogAttrs(context.Background(), slog.LevelDebug, "call", attrs...)
}

// heed remembers how far the server's clock is from ours.
func (a *API) heed(h http.Header) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		a.skew.Store(int64(a.Time().Sub(date)))
	}
}

func read(res *http.Response) ([]byte, error) {
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if len(body) > limit {
		return body[:limit], ErrTooLarge
	}
	return body, err
}

// cause takes the *url.Error off: it repeats the method and the whole address.
func cause(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// unsent tells of an error that provably came before the request was sent, whatever the transport.
func unsent(err error) bool {
	if _, own := errors.AsType[*Error](err); own {
		return true // our own transport refused, for want of a token
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	if _, dns := errors.AsType[*net.DNSError](err); dns {
		return true
	}
	return untrusted(err)
}

// untrusted tells of a certificate that was not accepted: a repeat would not help.
func untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
