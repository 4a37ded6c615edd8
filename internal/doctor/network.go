package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

const soon = 7 * 24 * time.Hour // before a certificate's end: by then it should have been renewed

const unreached = "no order is read or told while it cannot be reached; nothing is lost, the runs after it go on"

// network looks at the way to a remote: its name, a connection, its certificate.
func (e exam) network(ctx context.Context, name, key, base string) []Finding {
	bad := func(hint, format string, args ...any) []Finding {
		return []Finding{{Check: name, Status: Error, Class: Later, Message: fmt.Sprintf(format, args...), Why: unreached, Hint: hint}}
	}
	to, err := url.Parse(base)
	if err != nil {
		return bad("correct "+key, "%s is no URL", key)
	}
	way, err := e.proxy(&http.Request{URL: to})
	if err != nil {
		return bad("correct the environment variables HTTPS_PROXY and NO_PROXY", "the proxy's address in the environment is no URL")
	}
	if way == nil {
		way = to
	}
	host, port := way.Hostname(), way.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[way.Scheme]
	}
	check := fmt.Sprintf("check %s, and that this machine may go out: curl -sI %s", key, base)
	addresses, err := e.resolve(ctx, host)
	if err != nil || len(addresses) == 0 {
		return bad(fmt.Sprintf("check %s, and the machine's name servers: getent hosts %s", key, host), "the name %s cannot be resolved: %s", host, unresolved(err))
	}
	conn, err := dial(ctx, addresses, port)
	if err != nil {
		return bad(check, "%s cannot be reached at %s: %v", host, net.JoinHostPort(addresses[0], port), plain(err))
	}
	defer conn.Close()
	switch {
	case way != to:
		return []Finding{good(name, "%s is asked through the proxy %s", to.Hostname(), way.Host)}
	case to.Scheme == "http": // settings allow it for this machine alone
		return []Finding{good(name, "%s answers, without TLS", to.Host)}
	}
	secure := tls.Client(conn, &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: e.roots})
	if err := secure.HandshakeContext(ctx); err != nil {
		hint := fmt.Sprintf("check %s; something between may answer in its place: openssl s_client -connect %s", key, net.JoinHostPort(host, port))
		var expired x509.CertificateInvalidError
		if errors.As(err, &expired) && expired.Reason == x509.Expired {
			hint = "check this machine's clock first: timedatectl; if it is right, " + hint
		}
		return bad(hint, "%s: no secure connection: %v", host, plain(err))
	}
	until := secure.ConnectionState().PeerCertificates[0].NotAfter
	if left := until.Sub(e.Now()); left < soon {
		return []Finding{{Check: name, Status: Warn, Message: fmt.Sprintf("the certificate of %s ends in %s (%s)", host, span(left), until.Format(time.RFC3339)),
			Why: "from then on no call is made", Hint: "nothing to do here: its owner renews it; if this machine's clock is wrong, correct that"}}
	}
	return []Finding{good(name, "%s answers; its certificate holds until %s", host, until.Format(time.DateOnly))}
}

// dial tries the addresses, each with a part of the time that is left.
func dial(ctx context.Context, addresses []string, port string) (conn net.Conn, err error) {
	for i, address := range addresses {
		part := ctx
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			part, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(len(addresses)-i+1))
			defer cancel()
		}
		if conn, err = new(net.Dialer).DialContext(part, "tcp", net.JoinHostPort(address, port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func unresolved(err error) string {
	var dns *net.DNSError
	switch {
	case err == nil:
		return "it has no address"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such name"
	case errors.As(err, &dns):
		return dns.Err
	}
	return err.Error()
}

// plain leaves the addresses out of an error, which stand before it already.
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Timeout() {
			return errors.New("no answer in time")
		}
		return reason(op.Err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("no answer in time")
	}
	return err
}
