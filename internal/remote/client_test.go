package remote

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// served is an API over real sockets.
func served(t *testing.T, h http.HandlerFunc) (*API, *httptest.Server) {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	a := api(NewTransport())
	a.Base = s.URL
	return a, s
}

func TestRedirectReachesNobody(t *testing.T) {
	visited := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited = true }))
	defer other.Close()
	for _, method := range []string{"GET", "POST"} {
		a, _ := served(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		})
		if err := a.Call(t.Context(), "do it", method, "/x", nil, nil, &Object{}); err == nil || visited {
			t.Errorf("%s: %v, visited %v", method, err, visited)
		}
	}
}

func TestLostConnections(t *testing.T) {
	t.Run("after the request was read", func(t *testing.T) {
		a, _ := served(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			panic(http.ErrAbortHandler)
		})
		if err := a.Call(t.Context(), "do it", "POST", "/x", nil, 1, &Object{}); KindOf(err) != Uncertain || a.Calls() != 1 {
			t.Errorf("%v: %v after %d calls", KindOf(err), err, a.Calls())
		}
	})
	t.Run("in the middle of the answer", func(t *testing.T) {
		a, _ := served(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"a":1`)
		})
		if err := a.Call(t.Context(), "do it", "POST", "/x", nil, 1, &Object{}); KindOf(err) != Uncertain || !strings.Contains(err.Error(), "broke off") {
			t.Errorf("%v: %v", KindOf(err), err)
		}
	})
	t.Run("a certificate nobody knows", func(t *testing.T) {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		defer s.Close()
		a := api(NewTransport())
		a.Base = s.URL
		err := a.Call(t.Context(), "do it", "POST", "/x", nil, 1, &Object{})
		if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || KindOf(err) != Unavailable || a.Calls() != 1 {
			t.Errorf("%v: %v after %d calls", KindOf(err), err, a.Calls())
		}
	})
	t.Run("no TLS on the other side", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				_, _ = io.WriteString(c, "220 mail.example.test\r\n")
				c.Close()
			}
		}()
		a := api(NewTransport())
		a.Base = "https://" + l.Addr().String()
		a.Rand = func() float64 { return 0 }
		if err := a.Call(t.Context(), "do it", "POST", "/x", nil, 1, &Object{}); KindOf(err) != Unavailable {
			t.Errorf("%v: %v", KindOf(err), err)
		}
	})
}

func TestSlowServersAreGivenUp(t *testing.T) {
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, " "); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(5 * time.Millisecond)
		}
	}
	hang := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}
	for name, h := range map[string]http.HandlerFunc{"drip": drip, "hang": hang} {
		t.Run(name, func(t *testing.T) {
			a, _ := served(t, h)
			a.HTTP.Timeout = 100 * time.Millisecond
			start := time.Now()
			err := a.Call(t.Context(), "do it", "POST", "/x", nil, 1, &Object{})
			if took := time.Since(start); KindOf(err) != Uncertain || took > 10*time.Second {
				t.Errorf("%v after %v: %v", KindOf(err), took, err)
			}
		})
	}
}

func TestTransportLimits(t *testing.T) {
	tr := NewTransport()
	if tr.TLSClientConfig.MinVersion != tls.VersionTLS12 || tr.TLSHandshakeTimeout != 10*time.Second || tr.ResponseHeaderTimeout != 30*time.Second || tr.Proxy == nil {
		t.Errorf("%+v", tr)
	}
	if c := NewClient(tr); c.Timeout != time.Minute || c.Jar != nil {
		t.Errorf("%+v", c)
	}
}
