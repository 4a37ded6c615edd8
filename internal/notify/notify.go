// Package notify tells others how a run went: a dead man's switch, a chat, a program, a monitoring system.
//
// It takes plain messages and knows nothing of orders. Whatever it sends was made fit to leave before: no credential and
// no consumer's data. Its own errors name neither the address nor what was sent: who knows such an address may use it.
package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limit is how long one notification may take. A run waits for it at its end.
const Limit = 10 * time.Second

// Sender sends over HTTP. Its zero value does so with limits of its own.
type Sender struct {
	HTTP *http.Client  // nil: the usual one, which follows no redirect
	Rest time.Duration // before a ping is repeated; 0: a second
}

// Ping signals to a check as healthchecks.io takes it: an empty signal is success, the others are start, fail, log and an
// exit status in digits. The body is what a person will see beside it.
// See https://healthchecks.io/docs/http_api/ .
//
// It is repeated where it may help: a lost ping is a false alarm, and twice the same signal does no harm.
func (s Sender) Ping(ctx context.Context, address, signal, body string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("it is not a URL") // the error would repeat it
	}
	if signal != "" {
		u = u.JoinPath(signal)
	}
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	rest := s.Rest
	if rest == 0 {
		rest = time.Second
	}
	for try := 1; ; try++ {
		again, err := s.post(ctx, u.String(), "text/plain; charset=utf-8", []byte(body))
		if err == nil || !again || try == 3 {
			return err
		}
		select {
		case <-time.After(rest):
		case <-ctx.Done():
			return err
		}
	}
}

// Post sends a message to a webhook as Slack takes it, once: whether a message that got no answer was shown is not known,
// and who sends again decides that.
// See https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ .
func (s Sender) Post(ctx context.Context, address, message string) error {
	// Slack reads <...> as links and calls to everybody in the channel.
	message = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(message)
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]string{"text": message}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, Limit)
	defer cancel()
	_, err := s.post(ctx, address, "application/json", body.Bytes())
	return err
}

// post sends once. again tells whether a repeat may help.
func (s Sender) post(ctx context.Context, address, kind string, body []byte) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false, errors.New("it is not a URL")
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("User-Agent", "dscosync")
	client := s.HTTP
	if client == nil {
		client = usual()
		defer client.CloseIdleConnections()
	}
	res, err := client.Do(req)
	if err != nil {
		return true, reason(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again; what it says is no matter
	switch {
	case res.StatusCode < 300:
		return false, nil
	case res.StatusCode < 400:
		return false, fmt.Errorf("a redirect was refused (%d)", res.StatusCode)
	}
	return res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests,
		fmt.Errorf("the answer was %d %s", res.StatusCode, http.StatusText(res.StatusCode))
}

// usual follows no redirect: it would carry the message, and what the address hides, to another host.
func usual() *http.Client {
	return &http.Client{
		Timeout: Limit,
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: Limit / 2}).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: 1 << 16,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// reason is why there was no answer, without the address.
func reason(err error) error {
	if t, ok := errors.AsType[net.Error](err); ok && t.Timeout() {
		return errors.New("no answer in time")
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("the host is not found (%s)", dns.Name)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return fmt.Errorf("no answer: %s", cause(op))
	}
	if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("its certificate is not trusted: %w", untrusted.Err)
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("no answer: %w", u.Err)
	}
	return errors.New("no answer")
}

func cause(op *net.OpError) string {
	if op.Addr != nil {
		return op.Op + " " + op.Addr.String() + ": " + op.Err.Error()
	}
	return op.Op + ": " + op.Err.Error()
}
