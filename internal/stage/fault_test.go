package stage

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// scenario is a world in which a pull has everything to do: orders that an earlier run recorded but could not create, one
// of them cancelled since and one acknowledged in the portal; new ones for several calls, one of which ShipStation
// refuses and one that cannot be translated; one that is in the store already.
func scenario(h *house) {
	h.with = func(r *Runner) { r.most = 3 }
	h.start()
	h.add(1)
	if res := h.pull(); res.Err != nil {
		h.t.Fatal(res.Err)
	}
	time.Sleep(time.Hour)
	recorded := h.add(3)
	h.world.Fail(func(c sim.Call) *sim.Fault {
		if c.Path == "/orders/createorders" {
			return &sim.Fault{Status: 429}
		}
		return nil
	})
	h.pull()
	h.world.CancelInDSCO(recorded[0])
	h.world.AcknowledgeInDSCO(recorded[1])
	h.add(5)
	h.refused = h.add(1)[0]
	h.world.AddOrder(func(o map[string]any) { address(o)["country"] = "Freedonia" })
	mine := h.world.AddOrder()
	h.world.PutShipStation(map[string]any{"orderNumber": mine, "orderStatus": "on_hold"})
	time.Sleep(10 * time.Minute)
	h.well()
}

// well ends the faults but one: ShipStation refuses whatever has the order in it that it refuses.
func (h *house) well() {
	h.world.Fail(h.poison)
}

func (h *house) poison(c sim.Call) *sim.Fault {
	if c.Path == "/orders/createorders" && bytes.Contains(c.Body, []byte(`"`+h.refused+`"`)) {
		return &sim.Fault{Status: 400, Body: `{"Message":"The request is invalid."}`}
	}
	return nil
}

func address(o map[string]any) map[string]any { return o["shipping"].(map[string]any) }

var errKilled = errors.New("killed")

// kills is a process that dies: from that moment on nothing it does reaches anybody.
type kills struct {
	at      int  // the commit it dies at
	after   bool // it was made
	dead    bool
	calls   int
	commits int
}

// commit is asked before each commit.
func (k *kills) commit() error {
	if k.dead {
		return errKilled
	}
	k.commits++
	if k.commits == k.at {
		k.dead = true
		if !k.after {
			return errKilled
		}
	}
	return nil
}

// trial is a stage with everything to do, to be failed at each of its calls and commits in each way there is.
type trial struct {
	world    sim.Options
	scene    func(*house)
	run      func(*house) // once, with the fault
	rest     func(*house) // lets the world come to rest: impatient runs, while the lists still lag, and clean ones
	standing func(*house) string
	also     func(*house) // what else has to hold in the end
}

// everyFault runs a trial once, counts its calls and commits, and then fails or kills it at each of them. In the end all
// has to stand as it does after the run without a fault.
func (try trial) everyFault(t *testing.T) {
	var want string
	var calls, commits int
	in(t, try.world, func(t *testing.T, h *house) {
		try.scene(h)
		k := &kills{}
		h.kill = k.commit
		n := len(h.world.Calls())
		try.run(h)
		calls, commits = len(h.world.Calls())-n, k.commits
		try.calm(h)
		want = try.standing(h)
		h.lawful()
	})
	t.Logf("%d calls, %d commits:\n%s", calls, commits, want)
	tried := 0
	at := func(name string, arm func(h *house, k *kills)) {
		if tried++; tried%every != 0 {
			return
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in(t, try.world, func(t *testing.T, h *house) {
				try.scene(h)
				k := &kills{}
				arm(h, k)
				h.kill = k.commit
				try.run(h)
				try.calm(h)
				if diff := cmp.Diff(want, try.standing(h)); diff != "" {
					t.Errorf("(-after the run without a fault +now):\n%s", diff)
				}
				if try.also != nil {
					try.also(h)
				}
				h.lawful()
				if t.Failed() {
					t.Log(h.log.String())
				}
			})
		})
	}
	for _, f := range faults {
		for n := 1; n <= calls; n++ {
			at(fmt.Sprintf("call %d %s", n, f.name), func(h *house, k *kills) { h.world.Fail(k.call(h, n, f)) })
		}
	}
	for _, after := range []bool{false, true} {
		for n := 1; n <= commits; n++ {
			at(fmt.Sprintf("commit %d killed, after it %t", n, after), func(h *house, k *kills) {
				k.at, k.after = n, after
				h.world.Fail(k.call(h, 0, fault{}))
			})
		}
	}
}

// calm ends the faults and lets the world come to rest.
func (try trial) calm(h *house) {
	h.well()
	h.kill = nil
	try.rest(h)
}

// TestEveryCallMayFail: a pull, also the first one of a ledger that was lost, which adopts.
func TestEveryCallMayFail(t *testing.T) {
	lags := sim.Options{ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, LogDelay: 2 * time.Second, KeyLag: time.Minute}
	for _, test := range []struct {
		name  string
		world sim.Options
		scene func(*house)
	}{
		{"no lag", sim.Options{}, scenario},
		{"lists that lag", lags, scenario},
		{"a lost ledger", lags, func(h *house) { scenario(h); h.lose() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			trial{world: test.world, scene: test.scene, run: func(h *house) { h.pull() }, rest: settle, standing: (*house).standing, also: once}.everyFault(t)
		})
	}
}

type fault struct {
	name  string
	fault sim.Fault
	kills bool
	lasts bool // for the rest of the run
}

// call fails the n-th call of a run, and all of a run that was killed.
func (k *kills) call(h *house, n int, f fault) func(sim.Call) *sim.Fault {
	return func(c sim.Call) *sim.Fault {
		if k.dead {
			return &sim.Fault{Refuse: true}
		}
		if k.calls++; k.calls != n && !(f.lasts && k.calls > n) {
			return h.poison(c)
		}
		k.dead = f.kills
		spoilt := f.fault
		if h.poison(c) != nil { // what ShipStation refuses it does not do, however it answers
			spoilt.Do = false
		}
		return &spoilt
	}
}

var faults = []fault{
	{"refused", sim.Fault{Refuse: true}, false, false},
	{"answer lost", sim.Fault{Do: true, Drop: true}, false, false},
	{"lost on the way", sim.Fault{Drop: true}, false, false},
	{"500", sim.Fault{Status: 500}, false, false},
	{"500 after doing it", sim.Fault{Do: true, Status: 500}, false, false},
	{"429", sim.Fault{Status: 429}, false, false},
	{"401", sim.Fault{Status: 401}, false, false},
	{"garbage", sim.Fault{Do: true, Status: 200, Body: "<html>oops</html>", ContentType: "text/html"}, false, false},
	{"half", sim.Fault{Do: true, Half: true}, false, false},
	{"hangs after doing it", sim.Fault{Do: true, Hang: true}, false, false},
	{"500 from here on", sim.Fault{Status: 500}, false, true},
	{"500 from here on, all of it done", sim.Fault{Do: true, Status: 500}, false, true},
	{"no answer from here on", sim.Fault{Refuse: true}, false, true},
	{"killed before", sim.Fault{Refuse: true}, true, false},
	{"killed after", sim.Fault{Do: true, Drop: true}, true, false},
}

// settle pulls until all is at rest.
func settle(h *house) {
	for _, wait := range []time.Duration{0, time.Second, 10 * time.Second, 15 * time.Second, 10 * time.Second} {
		time.Sleep(wait)
		h.pull()
	}
	for range 2 {
		time.Sleep(20 * time.Minute)
		if res := h.pull(); res.Err != nil {
			h.t.Errorf("clean run: %v", res.Err)
		}
	}
}

// once: each order that is in ShipStation stands there once.
func once(h *house) {
	h.t.Helper()
	for id, o := range h.rows() {
		if n := h.live(string(id)); (n == 1) != o.Created() || n > 1 {
			h.t.Errorf("order %s stands %d times in ShipStation, and the ledger says %t", id, n, o.Created())
		}
	}
}

// TestOnePathFailsForEver: an endpoint that never answers well costs what only it can do, and nothing else.
func TestOnePathFailsForEver(t *testing.T) {
	for _, path := range []string{"/api/v3/order/log", "/api/v3/order/", "/api/v3/order/acknowledge"} {
		for _, spoilt := range []sim.Fault{{Status: 400}, {Status: 403}, {Status: 404}, {Status: 500}, {Drop: true}, {Status: 200, Body: "<html>"}} {
			t.Run(fmt.Sprintf("%s %d", path, spoilt.Status), func(t *testing.T) {
				t.Parallel()
				in(t, sim.Options{}, func(t *testing.T, h *house) {
					scenario(h)
					h.world.Fail(func(c sim.Call) *sim.Fault {
						if c.Path == path {
							return &spoilt
						}
						return h.poison(c)
					})
					for range 4 {
						h.pull()
						time.Sleep(time.Hour)
					}
					last := h.add(2)
					h.pull()
					for id, o := range h.rows() {
						if o.State() == order.Received && !o.Held() {
							t.Errorf("order %s was not created: %+v", id, o)
						}
					}
					for _, id := range last {
						if h.live(id) != 1 {
							t.Errorf("order %s stands %d times in ShipStation", id, h.live(id))
						}
					}
					h.lawful()
				})
			})
		}
	}
}
