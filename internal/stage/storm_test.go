package stage

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// seeded is where a test's chances come from: SEED, or always the same one.
func seeded(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(1)
	if given := os.Getenv("SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal("SEED:", err)
		}
	}
	t.Logf("seed %d (another with SEED=n)", seed)
	return seed
}

// times is how often a test does something: as the environment says, else few times.
func times(t *testing.T, name string, few int) int {
	t.Helper()
	given := os.Getenv(name)
	if given == "" {
		return few
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatal(name, err)
	}
	return n
}

// weather has calls go wrong by chance, in any way a remote was seen to: those of faults that one call can meet, and
// what only a real network adds.
type weather struct {
	r      *rand.Rand
	chance float64
	met    map[string]int
}

var blows = append([]fault{
	{name: "half, nothing done", fault: sim.Fault{Half: true}},
	{name: "hangs", fault: sim.Fault{Hang: true}},
	{name: "503 with a time", fault: sim.Fault{Status: 503, Header: map[string][]string{"Retry-After": {"3"}}}},
	{name: "429 with a time", fault: sim.Fault{Status: 429, Header: map[string][]string{"Retry-After": {"2"}}}},
	{name: "empty", fault: sim.Fault{Do: true, Status: 200, ContentType: "application/json"}},
	{name: "redirect", fault: sim.Fault{Status: 307, Header: map[string][]string{"Location": {"https://elsewhere.example/"}}}},
}, faults...)

func (w *weather) fail(sim.Call) *sim.Fault {
	if w.r.Float64() >= w.chance {
		return nil
	}
	for {
		b := blows[w.r.IntN(len(blows))]
		if b.lasts || b.kills {
			continue
		}
		w.met[b.name]++
		spoilt := b.fault
		return &spoilt
	}
}

// rests brings a world to its end: people finish, and runs go well.
func (h *house) rests(p *sim.People) {
	h.t.Helper()
	h.world.Fail(nil)
	for round := 0; round < 12 || !p.Done() && round < 60; round++ {
		time.Sleep(20 * time.Minute)
		p.Act(1)
		for _, s := range []Stage{Cancel, Pull, Track} {
			res := h.run(s)
			if res.Err != nil && round > 2 {
				h.t.Errorf("clean run of %s: %v", s.Name, res.Err)
			}
		}
	}
}

// came checks what a world has come to. A law that was broken is forgiven when it has one of the words.
func (h *house) came(p *sim.People, forgiven ...string) {
	h.t.Helper()
	for _, wrong := range p.Wrong() {
		h.t.Error(wrong)
	}
	for id, o := range h.rows() {
		n, _ := o.Trouble()
		if o.Intent != nil || o.Held() {
			h.t.Errorf("order %s: in doubt %v, held %t: %s", id, o.Intent, o.Held(), n.Text)
		}
	}
	for _, law := range h.world.Broken() {
		if !slices.ContainsFunc(forgiven, func(word string) bool { return strings.Contains(law, word) }) {
			h.t.Error("broken law:", law)
		}
	}
}

// TestStorm has a tenth of all calls go wrong, in all ways there are, for many runs while orders are placed, shipped and
// cancelled. Clean runs after that end with what people did, as they do without a storm.
func TestStorm(t *testing.T) {
	seed := seeded(t)
	for n := range times(t, "STORMS", max(1, 3/every)) {
		lags := sim.Options{Seed: seed, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, LogDelay: 2 * time.Second, KeyLag: time.Minute, KeepCalls: 100}
		lags.CancelQueued, lags.AckAgainFails, lags.EmptyLastPage, lags.AnswerCreated = n%2 == 1, n%2 == 1, n%2 == 1, n%2 == 1
		for _, chance := range []float64{0, 0.1} {
			if n > 0 && chance == 0 {
				continue // one calm world shows what the stormy ones are held against
			}
			t.Run(fmt.Sprintf("storm %d, %.0f%% of the calls", n, 100*chance), func(t *testing.T) {
				t.Parallel()
				in(t, lags, func(t *testing.T, h *house) {
					h.start()
					w := &weather{rand.New(rand.NewPCG(seed, uint64(n))), chance, map[string]int{}}
					p := sim.NewPeople(h.world, seed+uint64(n))
					runs, stopped := 0, 0
					h.world.Fail(w.fail)
					for range 60 / every {
						p.Place(w.r.IntN(4))
						time.Sleep(5 * time.Minute)
						p.Act(0.4)
						time.Sleep(10 * time.Minute)
						for _, s := range []Stage{Cancel, Pull, Track} {
							runs++
							if res := h.run(s); res.Err != nil {
								stopped++
							}
						}
					}
					held := h.takeUp()
					h.rests(p)
					h.came(p)
					total := 0
					for _, n := range w.met {
						total += n
					}
					t.Logf("%d orders, %d runs of a stage, %d of them stopped, %d faults of %d kinds, %d held by them and retried", p.Orders(), runs, stopped, total, len(w.met), held)
					if chance > 0 && total < runs/10 {
						t.Errorf("only %d faults", total)
					}
					if chance == 0 && (held > 0 || stopped > 0) {
						t.Errorf("in calm weather %d were held, %d runs stopped", held, stopped)
					}
					if t.Failed() {
						t.Log(h.log.String())
					}
				})
			})
		}
	}
}

// takeUp is a person who takes up what is held, as `retry --all` does: an order alone in its call that got no clear
// answer five times is held, and in such weather that may happen to one.
func (h *house) takeUp() (held int) {
	h.t.Helper()
	h.world.Fail(nil)
	ids, err := h.runner().Held()
	if err != nil {
		h.t.Fatal(err)
	}
	if len(ids) > 0 {
		if res := h.run(Retry(ids...)); res.Err != nil {
			h.t.Error("retry:", res.Err)
		}
	}
	return len(ids)
}
