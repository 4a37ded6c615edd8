package remote

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// NewTransport is a transport that gives up on a silent server: 10 s to connect, 10 s for TLS (1.2 or
// newer), 30 s to the first byte of the answer. A proxy is taken from the environment.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  30 * time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: 1 << 20,
		ForceAttemptHTTP2:      true, // off by default once TLSClientConfig is set
	}
}

// NewClient is a client over a transport: a minute for a whole call with its body, no cookies, and no
// redirects: a 3xx is handed back as the answer, so that no credential follows it to another host.
func NewClient(t http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     t,
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
