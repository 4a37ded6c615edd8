package sim

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// basic are the headers of a ShipStation request.
var basic = map[string]string{"Authorization": "Basic a2V5OmtleS1zZWNyZXQ=", "Content-Type": "application/json"}

func TestFaults(t *testing.T) {
	var op *net.OpError
	tests := map[string]struct {
		fault Fault
		done  bool // the order is there afterwards
		err   func(error) bool
		want  func(got) bool
	}{
		"nothing": {fault: Fault{}, done: true, want: func(g got) bool { return g.status == 200 }},
		"refused": {fault: Fault{Refuse: true}, err: func(err error) bool {
			return errors.As(err, &op) && op.Op == "dial" && errors.Is(err, syscall.ECONNREFUSED)
		}},
		"lost before":   {fault: Fault{Drop: true}, err: func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
		"lost after":    {fault: Fault{Do: true, Drop: true}, done: true, err: func(err error) bool { return errors.As(err, &op) && op.Op == "read" }},
		"half":          {fault: Fault{Do: true, Half: true}, done: true, err: func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"half, undone":  {fault: Fault{Half: true}, err: func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"500":           {fault: Fault{Status: 500}, want: func(g got) bool { return g.status == 500 && strings.Contains(g.text, "NullReference") }},
		"500 after":     {fault: Fault{Do: true, Status: 500}, done: true, want: func(g got) bool { return g.status == 500 }},
		"502 is a page": {fault: Fault{Status: 502}, want: func(g got) bool { return strings.HasPrefix(g.text, "<html>") }},
		"429":           {fault: Fault{Status: 429}, want: func(g got) bool { return g.header.Get("X-Rate-Limit-Remaining") == "39" }},
		"429 bare": {fault: Fault{Status: 429, Header: http.Header{"X-Rate-Limit-Reset": nil, "Retry-After": {"7"}}},
			want: func(g got) bool {
				return g.header["X-Rate-Limit-Reset"] == nil && g.header.Get("Retry-After") == "7"
			}},
		"garbage": {fault: Fault{Do: true, Status: 200, Body: "<html>", ContentType: "text/html"}, done: true, want: func(g got) bool {
			return g.text == "<html>" && g.header.Get("Content-Type") == "text/html"
		}},
		"empty": {fault: Fault{Status: 200, ContentType: "text/plain"}, want: func(g got) bool { return g.status == 200 && g.text == "" }},
		"hung after": {fault: Fault{Do: true, Hang: true}, done: true, err: func(err error) bool {
			return errors.Is(err, context.DeadlineExceeded)
		}},
		"headers alone": {fault: Fault{Header: http.Header{"Date": {"Thu, 01 Jan 1970 00:00:00 GMT"}}}, done: true, want: func(g got) bool {
			return g.status == 200 && strings.Contains(g.header.Get("Date"), "1970")
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, Options{})
				id := c.w.AddOrder()
				c.w.Fail(func(Call) *Fault { return &test.fault })
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				g, err := c.try(ctx, "POST", ShipStationBase+"/orders/createorder", shipDoc(id), basic)
				if (err != nil) != (test.err != nil) || err != nil && !test.err(err) {
					t.Errorf("error %v", err)
				}
				if test.want != nil && !test.want(g) {
					t.Errorf("answer %d %v %s", g.status, g.header, g.text)
				}
				if done := len(c.w.ByNumber(id)) == 1; done != test.done {
					t.Errorf("done: %v, want %v", done, test.done)
				}
				if n := c.w.Count(ShipStation); n != 1 || len(c.w.Calls()) != 1 {
					t.Errorf("%d calls counted", n)
				}
			})
		})
	}
}

func TestFailIsAskedWithTheCall(t *testing.T) {
	c := newClient(t, Options{})
	id := c.w.AddOrder()
	var asked []Call
	c.w.Fail(func(call Call) *Fault {
		asked = append(asked, call)
		c.w.CancelInDSCO(id)
		c.w.Fail(nil)
		return &Fault{Status: 503}
	})
	c.dsco("GET", "/hello?x=1", "")
	c.dsco("GET", "/hello?x=2", "").want(t, 200, "World!")
	if len(asked) != 1 || asked[0].N != 1 || asked[0].API != DSCO || asked[0].Path != "/api/v3/oauth2/token" {
		t.Errorf("asked %+v", asked)
	}
	if Text(c.w.Order(id), "dscoStatus") != "cancelled" {
		t.Error("the function could not use the world")
	}
}

// TestOverSockets: the handlers show the same faults over real connections.
func TestOverSockets(t *testing.T) {
	w := New(Options{})
	id := w.AddOrder()
	server := httptest.NewServer(w.ShipStation())
	defer server.Close()
	ask := func(fault *Fault) (string, error) {
		w.Fail(func(Call) *Fault { return fault })
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "POST", server.URL+"/orders/createorder", strings.NewReader(shipDoc(id)))
		for name, value := range basic {
			r.Header.Set(name, value)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return string(b), err
	}
	for _, fault := range []*Fault{{Refuse: true}, {Drop: true}, {Hang: true}, {Half: true}} {
		if text, err := ask(fault); err == nil {
			t.Errorf("%+v answered %q", *fault, text)
		}
	}
	if n := len(w.ShipStationOrders()); n != 0 {
		t.Errorf("%d orders made by calls that went wrong", n)
	}
	if text, err := ask(nil); err != nil || !strings.Contains(text, id) {
		t.Errorf("answer %q, %v", text, err)
	}
	if n := w.Count(""); n != 5 {
		t.Errorf("%d calls counted, want 5", n)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{Latency: 3 * time.Second})
		start := time.Now()
		g := c.ship("GET", "/orders", "").want(t, 200)
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("answered after %v", d)
		}
		if want := time.Now().UTC().Format(http.TimeFormat); g.header.Get("Date") != want {
			t.Errorf("Date %q, want %q", g.header.Get("Date"), want)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		id := c.w.AddOrder()
		if _, err := c.try(ctx, "POST", ShipStationBase+"/orders/createorder", shipDoc(id), basic); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if calls := c.w.Calls(); calls[0].Status != 200 || calls[1].Status != 0 {
			t.Errorf("statuses %d and %d, want 200 and none", calls[0].Status, calls[1].Status)
		}
	})
}

func TestCalls(t *testing.T) {
	c := newClient(t, Options{KeepCalls: 2})
	c.ship("GET", "/stores", "")
	c.ship("GET", "/nowhere", "").want(t, 404)
	c.ship("POST", "/orders/createorder?a=b", "{}").want(t, 400)
	calls := c.w.Calls()
	if len(calls) != 2 || c.w.Count(ShipStation) != 3 || c.w.Count(DSCO) != 0 || c.w.Count("") != 3 {
		t.Fatalf("%d calls kept, %d counted", len(calls), c.w.Count(""))
	}
	if last := calls[1]; last.N != 3 || last.Method != "POST" || last.Query.Get("a") != "b" || string(last.Body) != "{}" || last.Status != 400 {
		t.Errorf("last call %+v", last)
	}
	if calls[0].Status != 404 {
		t.Errorf("the status of a call that is still kept went to another: %+v", calls[0])
	}
}

func TestUnknownHost(t *testing.T) {
	c := newClient(t, Options{})
	_, err := c.try(context.Background(), "GET", "https://elsewhere.sim/", "", nil)
	var dns *net.DNSError
	if !errors.As(err, &dns) || c.w.Count("") != 0 {
		t.Errorf("error %v", err)
	}
}
