package stage

import (
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"dscosync/internal/ledger"
	"dscosync/internal/sim"
)

// TestSoak lives for days with four runs an hour, over the nights in which ShipStation's clock is set back and forth: a
// twentieth of all calls goes wrong, lists lag, and the clock of the machine jumps. In the end everything is as people
// made it, and the ledger and the memory are no larger than they ought to be. With DAYS=15 it is a soak; without, a day.
func TestSoak(t *testing.T) {
	if every > 1 {
		t.Skip("takes minutes under the race detector: make test runs it without")
	}
	seed := seeded(t)
	days := times(t, "DAYS", 1)
	for _, span := range []struct {
		name    string
		night   time.Time // ShipStation's clock is changed at its middle
		keeps   time.Duration
		soak    bool
		flatten bool
	}{
		{name: "the hour that comes twice", night: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC), keeps: 180 * 24 * time.Hour},
		{name: "the hour that is not there", night: time.Date(2027, 3, 14, 10, 0, 0, 0, time.UTC), keeps: 5 * 24 * time.Hour, soak: true, flatten: true},
	} {
		t.Run(span.name, func(t *testing.T) {
			if span.soak && days < 10 {
				t.Skip("the ledger is flat after days: for make soak")
			}
			lags := sim.Options{Seed: seed, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, LogDelay: 2 * time.Second, KeyLag: time.Minute, KeepCalls: 100}
			before := heap()
			in(t, lags, func(t *testing.T, h *house) {
				time.Sleep(time.Until(span.night.Add(-time.Duration(days) * 12 * time.Hour)))
				l := &life{house: h, r: rand.New(rand.NewPCG(seed, 4)), people: sim.NewPeople(h.world, seed)}
				h.with = func(r *Runner) {
					l.clock(r)
					r.Retention, r.Lookback = span.keeps, min(r.Lookback, span.keeps/2)
				}
				h.start()
				for range days {
					l.day()
				}
				held := h.takeUp()
				l.ahead = 0
				h.rests(l.people)
				h.came(l.people, "until is") // when the clock has just jumped ahead, DSCO's answer is what tells
				bytes, finished := l.used(), l.finished()
				l.idles()
				t.Logf("%d days, %d runs of a stage (%d stopped), %d orders, %d faults, %d jumps of the clock, %d held by faults and retried; %d bytes in use for each of %d finished orders",
					days, l.runs, l.stopped, l.people.Orders(), l.faults, l.jumps, held, bytes/max(1, finished), finished)
				t.Logf("bytes of the ledger by day %v; KiB allocated in a run by day %v", l.sizes, l.allocated)
				if !span.flatten && days >= 10 && bytes > 2500*finished {
					t.Errorf("%d bytes in use for %d finished orders, want at most 2,500 for each", bytes, finished)
				}
				if span.flatten {
					flat(t, "bytes of the ledger", l.sizes)
				}
				if days >= 10 {
					flat(t, "KiB allocated in a run", l.allocated)
				}
				if t.Failed() {
					t.Log(h.log.String())
				}
			})
			if after := heap(); after > before+16<<20 {
				t.Errorf("%d MiB stay in memory", (after-before)>>20)
			}
		})
	}
}

// life is a house with people, weather and a clock that jumps.
type life struct {
	*house
	r      *rand.Rand
	people *sim.People
	ahead  time.Duration // of the machine's clock
	until  time.Time     // it is

	runs, stopped, faults, jumps int
	sizes, allocated             []int // at the end of each day
}

// clock has a run go by the machine's clock.
func (l *life) clock(r *Runner) {
	now := func() time.Time { return time.Now().Add(l.ahead).UTC().Truncate(time.Millisecond) }
	r.Now, r.DSCO.API.Now, r.ShipStation.API.Now = now, now, now
}

func (l *life) day() {
	l.t.Helper()
	w := &weather{l.r, 0.05, map[string]int{}}
	l.world.Fail(w.fail)
	l.log.Reset()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 96 {
		l.people.Place(l.r.IntN(3))
		time.Sleep(10 * time.Minute)
		l.people.Act(0.2)
		time.Sleep(5 * time.Minute)
		if now := time.Now(); now.After(l.until) {
			l.ahead = 0
			if l.r.IntN(12) == 0 {
				l.ahead = []time.Duration{time.Hour, -time.Hour, 3 * time.Minute, -3 * time.Minute}[l.r.IntN(4)]
				l.until = now.Add(time.Duration(l.r.IntN(90)) * time.Minute)
				l.jumps++
			}
		}
		for _, s := range []Stage{Cancel, Pull, Track} {
			l.runs++
			if res := l.run(s); res.Err != nil {
				l.stopped++
			}
		}
	}
	runtime.ReadMemStats(&after)
	for _, n := range w.met {
		l.faults += n
	}
	l.sizes = append(l.sizes, l.size())
	l.allocated = append(l.allocated, int(after.TotalAlloc-before.TotalAlloc)/(3*96)>>10)
}

// idles is two days without anything to do: the ledger does not grow by it.
func (l *life) idles() {
	l.t.Helper()
	size, lines := l.size(), l.lines()
	for range 2 * 96 {
		time.Sleep(15 * time.Minute)
		for _, s := range []Stage{Cancel, Pull, Track} {
			if res := l.run(s); res.Err != nil || res.Planned > 0 {
				l.t.Fatalf("nothing is to do: %+v", res)
			}
		}
	}
	if now := l.size(); now > size || l.lines() != lines {
		l.t.Errorf("idle runs made the ledger grow from %d to %d bytes, its journal from %d to %d lines", size, now, lines, l.lines())
	}
}

func (l *life) size() int {
	l.t.Helper()
	info, err := os.Stat(l.path)
	if err != nil {
		l.t.Fatal(err)
	}
	return int(info.Size())
}

// used is how many bytes of the ledger are in use, by what is open and by the journal too: the file grows by a MiB at a
// time, which of few orders is much for each.
func (l *life) used() (n int) {
	l.t.Helper()
	db, err := bbolt.Open(l.path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		l.t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			s := b.Stats()
			n += s.BranchAlloc + s.LeafAlloc
			return nil
		})
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

// lines is how many lines the journal ever had.
func (l *life) lines() (n uint64) {
	l.t.Helper()
	err := l.runner().Ledger.View(func(tx *ledger.Tx) (err error) { n, err = tx.Last(); return err })
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

func (l *life) finished() (n int) {
	for _, o := range l.rows() {
		if !o.Finished.IsZero() {
			n++
		}
	}
	return n
}

// flat fails the test when a figure still grows: what it comes to in the last third is at most a quarter above what it
// came to in the second.
func flat(t *testing.T, what string, by []int) {
	t.Helper()
	most := func(by []int) (n int) {
		for _, v := range by {
			n = max(n, v)
		}
		return n
	}
	third := len(by) / 3
	if second, last := most(by[third:2*third]), most(by[2*third:]); 4*last > 5*second {
		t.Errorf("%s: %d at most in the second third, %d in the last: %v", what, second, last, by)
	}
}

// heap is how much memory is in use once all that can be given back is.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
