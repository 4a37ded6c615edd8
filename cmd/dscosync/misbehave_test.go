package main_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// ways are how a remote misbehaves, and the exit code a run ends with then.
var ways = []struct {
	name  string
	fault *sim.Fault
	drip  bool // instead: an answer that goes on and on
	once  bool
	code  int
	post  int // for what changes something in ShipStation, if another
	token int // for the token, if another
}{
	{name: "reset", fault: &sim.Fault{Drop: true}, code: 75},
	{name: "reset after doing it", fault: &sim.Fault{Do: true, Drop: true}, code: 75},
	{name: "hangs", fault: &sim.Fault{Hang: true}, code: 75},
	{name: "drips", drip: true, code: 75},
	{name: "half a body", fault: &sim.Fault{Do: true, Half: true}, code: 75},
	{name: "HTML with 200", fault: &sim.Fault{Status: 200, Body: "<html><body>Scheduled maintenance</body></html>", ContentType: "text/html"}, code: 75},
	{name: "nothing with 200", fault: &sim.Fault{Do: true, Status: 200, ContentType: "application/json"}, code: 75},
	{name: "null with 200", fault: &sim.Fault{Status: 200, Body: "null"}, code: 75},
	{name: "500", fault: &sim.Fault{Do: true, Status: 500}, code: 75},
	{name: "503 with HTML", fault: &sim.Fault{Status: 503, Body: "<html>", ContentType: "text/html"}, code: 75},
	{name: "429 without a time", fault: &sim.Fault{Status: 429, Header: http.Header{"X-Rate-Limit-Reset": nil}}, code: 75},
	{name: "429 for an hour", fault: &sim.Fault{Status: 429, Header: http.Header{"X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {"3600"}}}, code: 75},
	{name: "429 for a second", fault: &sim.Fault{Status: 429, Header: http.Header{"X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {"1"}}}, once: true, code: 0},
	{name: "401", fault: &sim.Fault{Status: 401}, code: 4},
	{name: "401 in the middle", fault: &sim.Fault{Status: 401}, once: true, code: 0, post: 4, token: 4},
	{name: "403", fault: &sim.Fault{Status: 403}, code: 4},
	{name: "a redirect", fault: &sim.Fault{Status: 302}, code: 75},
	{name: "a redirect that keeps the body", fault: &sim.Fault{Status: 307}, code: 75},
}

// calls are those that go wrong. The others are tried in a soak.
var calls = []struct {
	api, path string
	rare      bool
	mild      bool // what it would tell, the next run sees
}{
	{sim.DSCO, "/oauth2/token", false, false},
	{sim.DSCO, "/order/page", false, false},
	{sim.DSCO, "/order/acknowledge", false, false},
	{sim.DSCO, "/order/log", true, true},
	{sim.DSCO, "/order/singleShipment", true, false},
	{sim.DSCO, "/order/item/cancel", true, false},
	{sim.ShipStation, "/orders", false, false},
	{sim.ShipStation, "/orders/createorders", false, false},
	{sim.ShipStation, "/orders/createorder", true, false},
	{sim.ShipStation, "/shipments", true, false},
	{sim.ShipStation, "/fulfillments", true, false},
}

const (
	shortly   = 3 * time.Second  // --max-runtime
	patiently = 30 * time.Second // where what goes wrong passes
	atMost    = 15 * time.Second // that a run may take longer: ten are for the call under way
)

// elsewhere is a host that must never hear anything.
type elsewhere struct {
	*httptest.Server
	mu    sync.Mutex
	heard []string
}

func newElsewhere(t *testing.T) *elsewhere {
	e := &elsewhere{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard = append(e.heard, fmt.Sprint(r.Method, r.URL, r.Header, string(body)))
	}))
	t.Cleanup(e.Close)
	return e
}

// TestRemotesThatMisbehave has each call go wrong in each way, with all there is to do waiting. The run ends in time and
// with the right code, no order is held for it, and nothing is said to another host; clean runs after it end with what
// people did.
func TestRemotesThatMisbehave(t *testing.T) {
	t.Parallel()
	other := newElsewhere(t)
	all := os.Getenv("CALLS") == "all"
	turn := make(chan bool, 12) // these wait more than they work
	var cases sync.WaitGroup
	for _, call := range calls {
		for _, way := range ways {
			if call.rare && !all {
				continue
			}
			cases.Go(func() {
				turn <- true
				defer func() { <-turn }()
				s := toDo(t)
				name := way.name + ", " + call.path
				code := way.code
				switch {
				case call.mild:
					code = 0
				case call.path == "/oauth2/token" && way.token != 0:
					code = way.token
				case strings.HasPrefix(call.path, "/orders/create") && way.post != 0:
					code = way.post
				}
				left, most := -1, shortly
				if way.once {
					left, most = 1, patiently
				}
				var mu sync.Mutex
				goes := func(api, path string) bool {
					mu.Lock()
					defer mu.Unlock()
					if api != call.api || strings.TrimPrefix(path, "/api/v3") != call.path || left == 0 {
						return false
					}
					left--
					return true
				}
				if way.drip {
					bent := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
						api := sim.ShipStation
						if strings.HasPrefix(r.URL.Path, "/api/v3") {
							api = sim.DSCO
						}
						if !goes(api, r.URL.Path) {
							r.Context().Value(straight{}).(http.Handler).ServeHTTP(rw, r)
							return
						}
						rw.Header().Set("Content-Type", "application/json")
						for r.Context().Err() == nil {
							io.WriteString(rw, " ")
							http.NewResponseController(rw).Flush()
							time.Sleep(50 * time.Millisecond)
						}
					})
					s.bend.Store(&bent)
				} else {
					fault := *way.fault
					if fault.Status >= 300 && fault.Status < 400 {
						fault.Header = http.Header{"Location": {other.URL + "/taken"}}
					}
					s.world.Fail(func(c sim.Call) *sim.Fault {
						if goes(c.API, c.Path) {
							return &fault
						}
						return nil
					})
				}
				s.suffers(name, code, most)
				s.bend.Store(nil)
				s.world.Fail(nil)
				s.heals(name)
			})
		}
	}
	cases.Wait()
	if len(other.heard) > 0 {
		t.Errorf("another host was told: %q", other.heard)
	}
}

// TestRemotesThatAreNotThere has a base address lead nowhere, or to somebody else.
func TestRemotesThatAreNotThere(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	defer stranger.Close()
	stranger.Config.ErrorLog = nil
	other := newElsewhere(t)
	for name, base := range map[string]string{
		"refused":                      "http://" + closed.Addr().String(),
		"DNS failure":                  "https://dscosync-test.invalid",
		"a certificate nobody vouches": stranger.URL,
		"no TLS":                       "https" + strings.TrimPrefix(other.URL, "http"),
	} {
		for _, api := range []string{sim.DSCO, sim.ShipStation} {
			t.Run(name+", "+api, func(t *testing.T) {
				s := toDo(t)
				dsco, ship := s.dsco.URL+"/api/v3", s.ship.URL
				if api == sim.DSCO {
					s.configure(base+"/api/v3", ship, "")
				} else {
					s.configure(dsco, base, "")
				}
				s.suffers(name, 75, shortly)
				s.configure(dsco, ship, "")
				s.heals(name)
			})
		}
	}
	if len(other.heard) > 0 {
		t.Errorf("another host was told: %q", other.heard)
	}
}

// toDo is a site with everything waiting to be done.
func toDo(t *testing.T) *site {
	s := newSite(t, "crash", sim.Options{Limit: 1_000_000, KeepCalls: 100}, "")
	s.people = sim.NewPeople(s.world, 1)
	crashes[0].before(s)
	return s
}

// suffers is a run with remotes that misbehave.
func (s *site) suffers(name string, code int, most time.Duration) {
	s.t.Helper()
	begun := time.Now()
	got, said := s.run("sync", "all", "-vv", "--max-runtime", most.String())
	if took := time.Since(begun); took > most+atMost {
		s.t.Errorf("%s: the run took %v", name, took)
	}
	if got != code {
		s.t.Errorf("%s: exit status %d, want %d\n%s", name, got, code, said)
	}
	for _, secret := range secrets() {
		if strings.Contains(said, secret) {
			s.t.Errorf("%s: it says %q: %s", name, secret, said)
		}
	}
	rows, err := sound(s.state)
	if err != nil {
		s.t.Errorf("%s: %v", name, err)
	}
	for _, o := range rows {
		if n, _ := o.Trouble(); o.Held() {
			s.t.Errorf("%s: order %s is held: %s", name, o.ID, n.Text)
		}
	}
}

// heals is what comes after it.
func (s *site) heals(name string) {
	s.t.Helper()
	for range 3 {
		s.later(20 * time.Minute)
		s.people.Act(1)
		s.run("sync", "all")
	}
	s.later(20 * time.Minute)
	if code, said := s.run("sync", "all"); code != 0 {
		s.t.Errorf("%s: a clean run: exit status %d\n%s", name, code, said)
	}
	s.came(s.people)
}
