package remote

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// wire is a transport that answers from a script and, after its end, with the last entry.
type wire struct {
	script []step
	seen   []*http.Request
	bodies []string
	at     []time.Time
}

// step is one answer, or one error.
type step struct {
	status int
	kind   string // Content-Type
	body   string
	header map[string]string
	err    error
	half   bool // the body breaks off
	hang   bool // no answer until the request is given up
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	s := w.script[min(len(w.seen), len(w.script)-1)]
	w.seen, w.at = append(w.seen, r), append(w.at, time.Now())
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		w.bodies = append(w.bodies, string(b))
	}
	if s.hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	h := http.Header{"Content-Type": {s.kind}}
	for k, v := range s.header {
		h.Set(k, v)
	}
	body := io.Reader(strings.NewReader(s.body))
	if s.half {
		body = io.MultiReader(strings.NewReader(s.body[:len(s.body)/2]), broken{})
	}
	return &http.Response{StatusCode: s.status, Header: h, Body: io.NopCloser(body), Request: r}, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func api(w http.RoundTripper) *API {
	return &API{
		Name: "dsco", Base: "https://api.example.test/v3", HTTP: NewClient(w),
		Rand: func() float64 { return 0.5 },
		Explain: func(b []byte) (string, string) {
			var o Object
			if o.UnmarshalJSON(b) != nil {
				return "", ""
			}
			text, _ := Text(o.Fold("message"))
			id, _ := o.Text("requestId")
			return text, id
		},
	}
}

var (
	refused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	reset1  = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
)
