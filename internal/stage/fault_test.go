package stage

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// scenario is a world in which a pull has everything to do: new orders in several chunks, one that ShipStation refuses,
// one that cannot be translated, one that is in the store already, one that was cancelled meanwhile, one acknowledged
// in the portal.
func scenario(h *house) {
	h.start()
	h.add(1) // taken up by the clean run, then acknowledged and in use
	if res := h.pull(); res.Err != nil {
		h.t.Fatal(res.Err)
	}
	time.Sleep(time.Hour)
	h.add(5)
	bad := h.world.AddOrder(func(o map[string]any) { address(o)["country"] = "Freedonia" })
	_ = bad
	mine := h.world.AddOrder()
	h.world.PutShipStation(map[string]any{"orderNumber": mine, "orderStatus": "on_hold", "storeId": 1001})
	time.Sleep(10 * time.Minute)
}

func address(o map[string]any) map[string]any { return o["shipping"].(map[string]any) }

var errKilled = errors.New("killed")

// kills is a process that dies: from that moment on nothing it does reaches anybody.
type kills struct {
	world   *sim.World
	n, at   int // commits
	after   bool
	dead    bool
	fault   func(n int) *sim.Fault
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

// TestEveryCallMayFail runs a pull once, counts its calls and commits, and then fails or kills it at each of them in each
// way there is. After that come clean runs, and the rows have to be those of the run without a fault.
func TestEveryCallMayFail(t *testing.T) {
	for _, lag := range []sim.Options{{}, {ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, LogDelay: 2 * time.Second, KeyLag: time.Minute}} {
		t.Run(fmt.Sprintf("lag %v", lag.ShipStationLag), func(t *testing.T) {
			var want map[order.ID]string
			calls, commits := 0, 0
			in(t, lag, func(t *testing.T, h *house) {
				scenario(h)
				k := &kills{world: h.world}
				h.kill = k.commit
				before := h.world.Count("dsco") + h.world.Count("shipstation")
				h.pull()
				calls, commits = h.world.Count("dsco")+h.world.Count("shipstation")-before, k.commits
				h.kill = nil
				settle(h)
				want = h.standing()
				h.lawful()
			})
			t.Logf("%d calls and %d commits, %d orders", calls, commits, len(want))
			for _, f := range faults {
				for n := 1; n <= calls; n++ {
					t.Run(fmt.Sprintf("call %d %s", n, f.name), func(t *testing.T) {
						t.Parallel()
						in(t, lag, func(t *testing.T, h *house) {
							scenario(h)
							k := &kills{world: h.world}
							h.kill = k.commit
							h.world.Fail(func(sim.Call) *sim.Fault {
								if k.dead {
									return &sim.Fault{Refuse: true}
								}
								if k.calls++; k.calls != n && !(f.lasts && k.calls > n) {
									return nil
								}
								if f.kills {
									k.dead = true
								}
								fault := f.fault
								return &fault
							})
							h.pull()
							check(h, want)
						})
					})
				}
			}
			for _, after := range []bool{false, true} {
				for n := 1; n <= commits; n++ {
					t.Run(fmt.Sprintf("commit %d killed, after it %t", n, after), func(t *testing.T) {
						t.Parallel()
						in(t, lag, func(t *testing.T, h *house) {
							scenario(h)
							k := &kills{world: h.world, at: n, after: after}
							h.kill = k.commit
							h.world.Fail(func(sim.Call) *sim.Fault {
								if k.dead {
									return &sim.Fault{Refuse: true}
								}
								return nil
							})
							h.pull()
							check(h, want)
						})
					})
				}
			}
		})
	}
}

var faults = []struct {
	name  string
	fault sim.Fault
	kills bool
	lasts bool // for the rest of the run
}{
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

// settle lets the world come to rest. First come impatient runs, while the lists still lag; then two clean ones, each
// after the settle time.
func settle(h *house) {
	h.world.Fail(nil)
	h.kill = nil
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

func check(h *house, want map[order.ID]string) {
	h.t.Helper()
	settle(h)
	if diff := cmp.Diff(want, h.standing()); diff != "" {
		h.t.Errorf("rows (-of the run without a fault +now):\n%s", diff)
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if n := h.live(string(id)); n > 1 {
			h.t.Errorf("order %s stands %d times in ShipStation", id, n)
		}
	}
	h.lawful()
	if h.t.Failed() {
		h.t.Log(h.log.String())
	}
}
