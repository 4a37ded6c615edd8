package stage

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/sim"
)

// stroke is a fault of one call of two runs, or a kill at one commit.
type stroke struct {
	at int // how many calls and commits there were before it
	f  fault
}

func (s stroke) String() string { return fmt.Sprintf("%s after %d calls and commits", s.f.name, s.at) }

// strikes is what becomes of two runs.
type strikes struct {
	all     []stroke
	met     []bool // each call, and (true) each commit
	dead    bool   // the process of this run is
	lasting *fault // of this run
	struck  int
}

// strike is the fault of what is met now.
func (k *strikes) strike(commit bool) *fault {
	n := len(k.met)
	k.met = append(k.met, commit)
	for _, s := range k.all {
		if s.at == n && (s.f.kills || !commit) {
			k.struck++
			k.dead = s.f.kills
			if s.f.lasts {
				k.lasting = &s.f
			}
			return &s.f
		}
	}
	return nil
}

func (k *strikes) call(sim.Call) *sim.Fault {
	if k.dead {
		return &sim.Fault{Refuse: true}
	}
	f := k.strike(false)
	if f == nil {
		f = k.lasting
	}
	if f == nil {
		return nil
	}
	spoilt := f.fault
	return &spoilt
}

func (k *strikes) commit() error {
	if k.dead {
		return errKilled
	}
	if f := k.strike(true); f != nil && !f.fault.Do {
		return errKilled
	}
	return nil
}

// TestPairsOfFaults has two faults meet two runs with all there is to do, in the same one or one in each, while people go
// on; clean runs after them end with what people did.
func TestPairsOfFaults(t *testing.T) {
	seed := seeded(t)
	pairs := times(t, "PAIRS", 60/every)
	var struck atomic.Int64
	t.Run("of", func(t *testing.T) {
		const shares = 4
		for share := range shares {
			t.Run(fmt.Sprint(share), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(seed, uint64(share)))
				for n := share; n < pairs; n += shares {
					k := &strikes{all: []stroke{draw(r), draw(r)}}
					lags := sim.Options{Seed: seed, KeepCalls: 100}
					if n%2 == 1 {
						lags.ShipStationLag, lags.DSCOLag, lags.LogDelay, lags.KeyLag = 20*time.Second, 10*time.Second, 2*time.Second, time.Minute
					}
					in(t, lags, func(t *testing.T, h *house) { h.pair(seed+uint64(n), k) })
					if struck.Add(int64(k.struck)); t.Failed() {
						t.Fatalf("pair %d: %v", n, k.all)
					}
				}
			})
		}
	})
	t.Logf("%d pairs of faults; %d calls and commits went wrong", pairs, struck.Load())
	if int(struck.Load()) < pairs {
		t.Error("too few of the faults were met")
	}
}

func draw(r *rand.Rand) stroke { return stroke{r.IntN(60), faults[r.IntN(len(faults))]} }

func (h *house) pair(seed uint64, k *strikes) {
	h.t.Helper()
	h.start()
	p := sim.NewPeople(h.world, seed)
	all := func() {
		for _, s := range []Stage{Cancel, Pull, Track} {
			h.run(s)
		}
	}
	p.PlaceEach()
	time.Sleep(time.Hour)
	all()
	p.Act(1)
	p.PlaceEach()
	h.world.Fail(k.call)
	h.kill = k.commit
	for range 2 {
		time.Sleep(15 * time.Minute)
		all()
		k.dead, k.lasting = false, nil
		p.Act(0.5)
	}
	h.world.Fail(nil)
	h.kill = nil
	for round := 0; round < 3 || !p.Done() && round < 20; round++ {
		time.Sleep(20 * time.Minute)
		p.Act(1)
		all()
	}
	time.Sleep(20 * time.Minute)
	all()
	h.came(p)
	if h.t.Failed() {
		h.t.Log(h.log.String())
	}
}

// small is a world in which a stage has one thing to do: small enough for two faults to be tried wherever two can meet.
type small struct {
	name  string
	stage Stage
	scene func(*house)
}

var smallest = []small{
	{"an order to create", Pull, func(h *house) { h.add(1) }},
	{"a parcel to tell", Track, func(h *house) {
		h.world.BuyLabel(h.inStation(h.sent(1, asksForUPS)[0]), ups, with("trackingNumber", "1ZA"))
		time.Sleep(20 * time.Hour)
	}},
	{"cancelled in DSCO", Cancel, func(h *house) {
		id := h.sent(1)[0]
		time.Sleep(time.Hour)
		h.world.ForceCancelInDSCO(id)
		time.Sleep(10 * time.Minute)
	}},
	{"cancelled in ShipStation", Cancel, func(h *house) {
		ship := h.inStation(h.sent(1)[0])
		time.Sleep(time.Hour)
		h.world.CancelInShipStation(ship)
		time.Sleep(10 * time.Minute)
	}},
}

// try has two runs of the stage meet the faults, and clean ones after them. It tells what met them, a commit or a call, and
// how everything stands in the end.
func (s small) try(t *testing.T, strokes ...stroke) (met []bool, standing string) {
	lags := sim.Options{ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, LogDelay: 2 * time.Second, KeyLag: time.Minute, Strict: true, KeepCalls: 1}
	in(t, lags, func(t *testing.T, h *house) {
		h.start()
		s.scene(h)
		k := &strikes{all: strokes}
		h.world.Fail(k.call)
		h.kill = k.commit
		for range 2 {
			h.run(s.stage)
			k.dead, k.lasting = false, nil
			time.Sleep(5 * time.Second) // the lists lag still
		}
		h.world.Fail(nil)
		h.kill = nil
		for range 3 {
			time.Sleep(20 * time.Minute)
			if res := h.run(s.stage); res.Err != nil {
				t.Errorf("clean run: %v", res.Err)
			}
		}
		met, standing = k.met, h.standing()
		h.lawful()
		if t.Failed() {
			t.Logf("%v\n%s", strokes, h.log.String())
		}
	})
	return met, standing
}

// at is each fault that what is met can have: a commit can be killed before and after it.
func at(n int, commit bool) (all []stroke) {
	for _, f := range faults {
		if !commit || f.kills {
			all = append(all, stroke{n, f})
		}
	}
	return all
}

// TestEveryPairOfFaults has every two faults meet two runs of each stage with one thing to do, wherever two can meet: what
// there is to fail after the first is counted, as repeats and looks come to it. NTH=1 tries each pair, else each NTH-th.
func TestEveryPairOfFaults(t *testing.T) {
	nth := times(t, "NTH", 97*every)
	var pairs, tried atomic.Int64
	began := time.Now()
	t.Run("of", func(t *testing.T) {
		for _, s := range smallest {
			t.Run(s.name, func(t *testing.T) {
				met, want := s.try(t)
				t.Logf("%d calls and commits, without a fault:\n%s", len(met), want)
				ends := func(t *testing.T, strokes ...stroke) []bool {
					met, standing := s.try(t, strokes...)
					if diff := cmp.Diff(want, standing); diff != "" || t.Failed() {
						t.Fatalf("%v (-without them +now):\n%s", strokes, diff)
					}
					return met
				}
				for n, commit := range met {
					t.Run(fmt.Sprint(n), func(t *testing.T) {
						t.Parallel()
						count := n // so that not all begin with the same ones
						for _, first := range at(n, commit) {
							met := ends(t, first)
							for later := n + 1; later < len(met); later++ {
								for _, second := range at(later, met[later]) {
									pairs.Add(1)
									if count++; count%nth == 0 {
										tried.Add(1)
										ends(t, first, second)
									}
								}
							}
						}
					})
				}
			})
		}
	})
	t.Logf("%d of %d pairs of faults in %s", tried.Load(), pairs.Load(), time.Since(began).Round(time.Millisecond))
	if pairs.Load() < 10000 {
		t.Error("too few")
	}
}
