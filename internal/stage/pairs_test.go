package stage

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// stroke is a fault of one call, or a kill at one commit, of one of two runs.
type stroke struct {
	run, at int
	commit  bool
	after   bool // the commit was made
	f       fault
}

func (s stroke) String() string {
	if s.commit {
		return fmt.Sprintf("run %d, commit %d: killed, after it %t", s.run, s.at, s.after)
	}
	return fmt.Sprintf("run %d, call %d: %s", s.run, s.at, s.f.name)
}

// strikes is what becomes of two runs.
type strikes struct {
	all                 []stroke
	run, calls, commits int
	dead                bool // the process of this run is
	struck              int
}

func (k *strikes) call(sim.Call) *sim.Fault {
	if k.dead {
		return &sim.Fault{Refuse: true}
	}
	k.calls++
	for _, s := range k.all {
		if !s.commit && s.run == k.run && (s.at == k.calls || s.f.lasts && s.at < k.calls) {
			k.struck++
			k.dead = s.f.kills
			spoilt := s.f.fault
			return &spoilt
		}
	}
	return nil
}

func (k *strikes) commit() error {
	if k.dead {
		return errKilled
	}
	k.commits++
	for _, s := range k.all {
		if s.commit && s.run == k.run && s.at == k.commits {
			k.struck++
			if k.dead = true; !s.after {
				return errKilled
			}
		}
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

func draw(r *rand.Rand) stroke {
	s := stroke{run: r.IntN(2), at: 1 + r.IntN(24), f: faults[r.IntN(len(faults))]}
	if r.IntN(3) == 0 {
		s.commit, s.after, s.at = true, r.IntN(2) == 0, 1+r.IntN(12)
	}
	return s
}

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
	for k.run = range 2 {
		time.Sleep(15 * time.Minute)
		k.calls, k.commits, k.dead = 0, 0, false
		all()
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
