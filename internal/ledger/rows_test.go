package ledger

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dscosync/internal/order"
)

const day = 24 * time.Hour

// places tells where the rows stand.
func places(t *testing.T, l *Ledger) (open, done []order.ID) {
	t.Helper()
	view(t, l, func(tx *Tx) error {
		var c contents
		if err := c.read(tx); err != nil {
			return err
		}
		for _, o := range c.Open {
			open = append(open, o.ID)
		}
		for _, o := range c.Done {
			done = append(done, o.ID)
		}
		return nil
	})
	return open, done
}

func TestMoves(t *testing.T) {
	l := newLedger(t)
	o := sample(1, noon)
	id := []order.ID{o.ID}
	put(t, l, o)
	step := func(name string, do func(tx *Tx) error, wantOpen, wantDone []order.ID) {
		t.Helper()
		update(t, l, do)
		if open, done := places(t, l); !slices.Equal(open, wantOpen) || !slices.Equal(done, wantDone) {
			t.Errorf("%s: open %v, done %v; want %v, %v", name, open, done, wantOpen, wantDone)
		}
		view(t, l, func(tx *Tx) error {
			if got, found, err := tx.Order(o.ID); !found || err != nil || got.PO != o.PO {
				t.Errorf("%s: PO %q, %v, %v; want %q", name, got.PO, found, err, o.PO)
			}
			return nil
		})
	}
	settle := func(at time.Time, want int) func(tx *Tx) error {
		return func(tx *Tx) error {
			moved, err := tx.Settle(at)
			if moved != want {
				t.Errorf("%d rows moved, want %d", moved, want)
			}
			return err
		}
	}
	store := func(tx *Tx) error { return tx.Put(o) }

	step("after two days", settle(noon.Add(2*day), 0), id, nil)
	step("a second later", settle(noon.Add(2*day+time.Second), 1), nil, id)
	step("and again", settle(noon.Add(3*day), 0), nil, id)
	o.PO = "changed"
	step("put while finished", store, nil, id)
	o.Finished = noon.Add(5 * day)
	step("finished later", store, nil, id)
	o.Finished = time.Time{}
	step("reopened", store, id, nil)
	o.PO = "again"
	step("put while open", store, id, nil)
	o.Finished = noon.Add(day)
	step("finished", store, id, nil)
	step("settled", settle(noon.Add(9*day), 1), nil, id)
}

func TestDoneSince(t *testing.T) {
	l := newLedger(t)
	update(t, l, func(tx *Tx) error {
		for n := range 10 { // finished in the reverse order of their ids, half a second apart
			if err := tx.Put(sample(n, noon.Add(-time.Duration(n)*500*time.Millisecond))); err != nil {
				return err
			}
		}
		_, err := tx.Settle(noon.Add(9 * day))
		return err
	})
	for since, want := range map[time.Time]int{{}: 10, noon.Add(-day): 10, noon.Add(-time.Second): 3, noon.Add(-1500 * time.Millisecond): 4, noon: 1, noon.Add(1): 0} {
		view(t, l, func(tx *Tx) error {
			all, err := collect(tx.Done(since))
			if len(all) != want {
				t.Errorf("since %v: %d orders, want %d", since, len(all), want)
			}
			for i, o := range all {
				if o.Finished.Before(since) || i > 0 && o.Finished.Unix() < all[i-1].Finished.Unix() {
					t.Errorf("since %v: %v stands at %d", since, o.Finished, i)
				}
			}
			return err
		})
	}
}

func TestPrune(t *testing.T) {
	l := newLedger(t)
	waiting := sample(0, time.Time{})
	update(t, l, func(tx *Tx) error {
		for n := range 10 {
			o := sample(n, noon.Add(time.Duration(n)*day))
			if n == 0 {
				o = waiting
			}
			if _, err := tx.Note(Entry{At: noon.Add(time.Duration(n) * day), Order: o.ID, Text: "created"}); err != nil {
				return err
			}
			if err := tx.Put(o); err != nil {
				return err
			}
		}
		_, err := tx.Settle(noon.Add(30 * day))
		return err
	})
	for _, c := range []struct {
		name        string
		before      time.Time
		limit       int
		done, lines int
		first       uint64
	}{
		{"nothing is that old", noon, 1000, 9, 10, 1},
		{"no more than the limit", noon.Add(5 * day), 2, 7, 8, 3},
		{"the rest of them", noon.Add(5 * day), 1000, 5, 5, 6},
		{"again", noon.Add(5 * day), 1000, 5, 5, 6},
		{"everything but the last line and what is open", noon.Add(99 * day), 1000, 0, 1, 10},
	} {
		update(t, l, func(tx *Tx) error {
			_, err := tx.Prune(c.before, c.limit)
			return err
		})
		view(t, l, func(tx *Tx) error {
			var got contents
			if err := got.read(tx); err != nil {
				return err
			}
			if len(got.Open) != 1 || len(got.Done) != c.done || len(got.Journal) != c.lines || got.Journal[0].Seq != c.first {
				t.Errorf("%s: %d open, %d done, %d lines; want 1, %d, %d", c.name, len(got.Open), len(got.Done), len(got.Journal), c.done, c.lines)
			}
			return nil
		})
	}
	update(t, l, func(tx *Tx) error {
		if seq, err := tx.Note(Entry{At: noon}); seq != 11 {
			t.Errorf("the next line is number %d, %v, want 11", seq, err)
		}
		return nil
	})
}

// TestPruneIsCheap drops one of many rows without reading the many.
func TestPruneIsCheap(t *testing.T) {
	l := newLedger(t)
	for batch := range 8 {
		update(t, l, func(tx *Tx) error {
			for n := range 500 {
				n += 500 * batch
				if err := tx.Put(sample(n, noon.Add(time.Duration(n)*time.Minute))); err != nil {
					return err
				}
			}
			_, err := tx.Settle(noon.Add(99 * day))
			return err
		})
	}
	begun := time.Now()
	update(t, l, func(tx *Tx) error {
		_, err := tx.Prune(noon.Add(time.Minute), 1000)
		return err
	})
	took := time.Since(begun)
	t.Logf("one of 4,000 dropped in %v", took)
	if took > 2*time.Second {
		t.Errorf("one of 4,000 dropped in %v", took)
	}
	if _, done := places(t, l); len(done) != 3_999 {
		t.Errorf("%d left, want 3,999", len(done))
	}
}

func TestJournal(t *testing.T) {
	l := newLedger(t)
	view(t, l, func(tx *Tx) error {
		if all, err := collect(tx.Entries(0, noon)); len(all) != 0 || err != nil {
			t.Errorf("an empty journal: %v, %v", all, err)
		}
		return nil
	})
	update(t, l, func(tx *Tx) error {
		for n := range 100 {
			if _, err := tx.Note(Entry{At: noon.Add(time.Duration(n) * time.Minute), Level: Info, Text: fmt.Sprint(n)}); err != nil {
				return err
			}
		}
		_, err := tx.Prune(noon.Add(10*time.Minute), 1000)
		return err
	})
	for _, c := range []struct {
		from        uint64
		since       time.Time
		first, many int
	}{
		{0, time.Time{}, 11, 90},
		{0, noon, 11, 90},
		{0, noon.Add(50 * time.Minute), 51, 50},
		{0, noon.Add(50*time.Minute + 1), 52, 49},
		{60, time.Time{}, 60, 41},
		{60, noon.Add(50 * time.Minute), 60, 41},
		{60, noon.Add(80 * time.Minute), 81, 20},
		{100, time.Time{}, 100, 1},
		{101, time.Time{}, 0, 0},
		{999, noon, 0, 0},
		{0, noon.Add(day), 0, 0},
	} {
		view(t, l, func(tx *Tx) error {
			all, err := collect(tx.Entries(c.from, c.since))
			if len(all) != c.many || len(all) > 0 && all[0].Seq != uint64(c.first) {
				t.Errorf("from %d since %v: %d lines, want %d from %d on", c.from, c.since, len(all), c.many, c.first)
			}
			for i := range all {
				if i > 0 && all[i].Seq != all[i-1].Seq+1 {
					t.Errorf("line %d follows line %d", all[i].Seq, all[i-1].Seq)
				}
			}
			return err
		})
	}
	view(t, l, func(tx *Tx) error {
		if e, found, err := tx.Entry(51); !found || err != nil || e.Text != "50" || e.Seq != 51 {
			t.Errorf("line 51: %v, %v, %v", e, found, err)
		}
		if e, found, err := tx.Entry(3); found || err != nil || e != (Entry{}) {
			t.Errorf("a pruned line: %v, %v, %v", e, found, err)
		}
		return nil
	})
}

// TestRandom plays random orders in the ledger and in two maps.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(seeded(t), 0))
	l := newLedger(t)
	open, done := map[order.ID]order.Order{}, map[order.ID]order.Order{}
	now := noon
	for step := range 100 {
		now = now.Add(time.Duration(r.IntN(24)) * time.Hour)
		fail := errors.New("given up")
		giveUp := r.IntN(5) == 0
		wasOpen, wasDone := maps.Clone(open), maps.Clone(done)
		err := l.Update(func(tx *Tx) error {
			for range r.IntN(40) {
				finished := time.Time{}
				if r.IntN(3) > 0 {
					finished = now
				}
				o := sample(r.IntN(200), finished)
				o.PO = fmt.Sprint(step)
				if _, ok := done[o.ID]; ok && !finished.IsZero() {
					done[o.ID] = o
				} else {
					delete(done, o.ID)
					open[o.ID] = o
				}
				if err := tx.Put(o); err != nil {
					return err
				}
			}
			if r.IntN(3) == 0 {
				if _, err := tx.Settle(now); err != nil {
					return err
				}
				for id, o := range open {
					if !o.Finished.IsZero() && now.Sub(o.Finished) > 2*day {
						delete(open, id)
						done[id] = o
					}
				}
			}
			if r.IntN(10) == 0 {
				if _, err := tx.Prune(now.Add(-10*day), 1000); err != nil {
					return err
				}
				for id, o := range done {
					if o.Finished.Before(now.Add(-10 * day)) {
						delete(done, id)
					}
				}
			}
			if giveUp {
				return fail
			}
			return nil
		})
		if giveUp && errors.Is(err, fail) {
			open, done = wasOpen, wasDone
		} else if err != nil {
			t.Fatal(err)
		}
		gotOpen, gotDone := places(t, l)
		slices.Sort(gotDone)
		if want := keys(open); !slices.Equal(gotOpen, want) {
			t.Fatalf("step %d: open %v, want %v", step, gotOpen, want)
		}
		if want := keys(done); !slices.Equal(gotDone, want) {
			t.Fatalf("step %d: done %v, want %v", step, gotDone, want)
		}
	}
}

func keys(m map[order.ID]order.Order) []order.ID { return slices.Sorted(maps.Keys(m)) }
