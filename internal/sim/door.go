package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const jsonType = "application/json; charset=utf-8"

// reply is what goes back to the client, and how.
type reply struct {
	status int
	header http.Header
	body   []byte
	end    ending
}

// ending tells how an exchange ends.
type ending uint8

const (
	answered ending = iota
	halved          // after half of the body the connection breaks
	dropped         // the connection breaks before the answer
	hung            // the client's context ended first
	refused         // there was no connection
)

// call is a request on its way through the world.
type call struct {
	Call
	header http.Header
	born   int           // ShipStation orders that existed when it arrived: an upsert finds no younger ones
	over   bool          // it is one more than the limit allows
	window windowHeaders // what ShipStation says of its limit
}

// door is one API's way in over HTTP.
type door struct {
	w   *World
	api string
}

func (d door) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rep := d.w.serve(d.api, r)
	if rep.end == hung {
		<-r.Context().Done()
	}
	if rep.end > halved {
		panic(http.ErrAbortHandler) // net/http's way to break a connection off
	}
	for name, values := range rep.header {
		rw.Header()[name] = values
	}
	rw.Header().Set("Content-Length", strconv.Itoa(len(rep.body)))
	rw.WriteHeader(rep.status)
	if rep.end == halved {
		rw.Write(rep.body[:len(rep.body)/2])
		http.NewResponseController(rw).Flush()
		panic(http.ErrAbortHandler)
	}
	rw.Write(rep.body)
}

// transport is the way in without HTTP.
type transport struct{ w *World }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var api string
	switch r.URL.Hostname() {
	case "dsco.sim":
		api = DSCO
	case "shipstation.sim":
		api = ShipStation
	default:
		closeBody(r.Body)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}}
	}
	rep := t.w.serve(api, r)
	closeBody(r.Body)
	switch rep.end {
	case refused:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case hung:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case dropped:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	var body io.Reader = bytes.NewReader(rep.body)
	if rep.end == halved {
		body = io.MultiReader(bytes.NewReader(rep.body[:len(rep.body)/2]), broken{})
	}
	return &http.Response{
		Status: strconv.Itoa(rep.status) + " " + http.StatusText(rep.status), StatusCode: rep.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rep.header, Body: io.NopCloser(body), ContentLength: int64(len(rep.body)), Request: r,
	}, nil
}

// broken is what is left to read of a connection that broke.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// serve takes a request through: it arrives, may go wrong, waits, is worked on and answered.
func (w *World) serve(api string, r *http.Request) reply {
	c, err := w.arrive(api, r)
	if err != nil {
		return reply{end: dropped}
	}
	fault := w.ask(c.Call)
	if fault != nil && fault.Refuse {
		return reply{end: refused}
	}
	w.admit(c)
	if !wait(r.Context().Done(), w.o.Latency) {
		return reply{end: hung}
	}
	var rep reply
	if fault.does() {
		rep = w.work(c)
	}
	if api == ShipStation {
		rep.header = c.window.over(rep.header)
	}
	if fault != nil {
		rep = fault.spoil(api, rep)
	}
	w.finish(c, &rep)
	return rep
}

// arrive writes the request down.
func (w *World) arrive(api string, r *http.Request) (*call, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	now := w.enter()
	defer w.mu.Unlock()
	w.n++
	w.counts[api]++
	c := &call{header: r.Header, Call: Call{N: w.n, API: api, Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Body: body, At: now}}
	w.calls = append(w.calls, c.Call)
	if keep := w.o.KeepCalls; keep > 0 && len(w.calls) > keep {
		w.calls = append([]Call(nil), w.calls[len(w.calls)-keep:]...)
	}
	return c, nil
}

// admit counts the request against the limits and holds it against the laws, before anything else can happen.
func (w *World) admit(c *call) {
	now := w.enter()
	defer w.mu.Unlock()
	c.born = len(w.shipStation.orders)
	if c.API == DSCO {
		c.over = w.dsco.take(c, now)
	} else {
		c.over = w.shipStation.take(c, now)
	}
	w.inspect(c, now)
}

func (w *World) work(c *call) reply {
	now := w.enter()
	defer w.mu.Unlock()
	if c.API == DSCO {
		return w.dsco.serve(c, now)
	}
	return w.shipStation.serve(c, now)
}

// finish adds what every answer has and writes its status down.
func (w *World) finish(c *call, rep *reply) {
	now := w.enter()
	defer w.mu.Unlock()
	if rep.header == nil {
		rep.header = http.Header{}
	}
	if rep.header.Get("Date") == "" {
		rep.header.Set("Date", now.UTC().Format(http.TimeFormat))
	}
	if rep.end > halved {
		return
	}
	if i := c.N - w.n + len(w.calls) - 1; i >= 0 {
		w.calls[i].Status = rep.status
	}
}

// isJSON tells whether the request says that its body is JSON.
func (c *call) isJSON() bool {
	kind, _, _ := strings.Cut(c.header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "application/json")
}

// answer makes a JSON reply.
func answer(status int, v any) reply {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return reply{status: http.StatusInternalServerError, body: []byte(err.Error())}
	}
	return reply{status: status, header: http.Header{"Content-Type": {jsonType}}, body: bytes.TrimRight(b.Bytes(), "\n")}
}

// decode reads one JSON value; its numbers stay text.
func decode(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

func closeBody(b io.ReadCloser) {
	if b != nil {
		b.Close()
	}
}
