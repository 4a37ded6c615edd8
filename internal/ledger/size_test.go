package ledger

import (
	"os"
	"testing"
	"time"

	"dscosync/internal/order"
)

// TestSize takes 20,000 orders through their life, two hundred at a time, as the stages do.
func TestSize(t *testing.T) {
	const orders, batch = 20_000, 200
	l := newLedger(t)
	journal := map[order.ID][]uint64{}
	note := func(tx *Tx, o *order.Order, text string) error {
		seq, err := tx.Note(Entry{At: o.Updated, Run: "k3v9x2qa", Order: o.ID, Level: Info, Text: text})
		journal[o.ID] = append(journal[o.ID], seq)
		o.Journal = journal[o.ID]
		return err
	}
	steps := []func(tx *Tx, n int) error{
		func(tx *Tx, n int) error { // taken up, and about to be created
			o := sample(n, time.Time{})
			if err := note(tx, &o, "taken up"); err != nil {
				return err
			}
			return tx.Put(o.Begin(order.Write{Step: order.Create}, o.Received))
		},
		func(tx *Tx, n int) error { // created, and about to be acknowledged
			o := sample(n, noon)
			o.Finished, o.Acknowledged, o.DSCO.Packages = time.Time{}, time.Time{}, nil
			if err := note(tx, &o, "created in ShipStation as order 500000000"); err != nil {
				return err
			}
			return tx.Put(o.Begin(order.Write{Step: order.Acknowledge}, o.Received))
		},
		func(tx *Tx, n int) error { // acknowledged
			o := sample(n, noon)
			o.Finished, o.DSCO.Packages = time.Time{}, nil
			if err := note(tx, &o, "acknowledged in DSCO"); err != nil {
				return err
			}
			return tx.Put(o)
		},
		func(tx *Tx, n int) error { // a day later: shipped
			if n -= 400; n < 0 {
				return nil
			}
			o := sample(n, sample(n, time.Time{}).Received.Add(day))
			if err := note(tx, &o, "told DSCO the parcel 1Z999AA10123456784 of UPS"); err != nil {
				return err
			}
			return tx.Put(o)
		},
	}
	for from := 0; from < orders+400; from += batch {
		for _, step := range steps {
			update(t, l, func(tx *Tx) error {
				for n := from; n < from+batch; n++ {
					if err := step(tx, n); err != nil {
						return err
					}
				}
				return nil
			})
		}
		update(t, l, func(tx *Tx) error {
			if _, err := tx.Settle(sample(from, noon).Received.Add(3*day - 400*time.Second)); err != nil {
				return err
			}
			return tx.PutStage("pull", Stage{Cursor: noon, Exit: from})
		})
	}
	info, err := os.Stat(l.path)
	if err != nil {
		t.Fatal(err)
	}
	each := info.Size() / orders
	t.Logf("%d orders: %d bytes, %d each, %d commits", orders, info.Size(), each, l.Commits())
	if each > 2500 {
		t.Errorf("%d bytes for each order, want at most 2,500", each)
	}
	begun := time.Now()
	var open, done []order.Order
	view(t, l, func(tx *Tx) (err error) { open, err = collect(tx.Open()); return err })
	t.Logf("the %d open ones read in %v", len(open), time.Since(begun))
	view(t, l, func(tx *Tx) (err error) { done, err = collect(tx.Done(time.Time{})); return err })
	if len(open)+len(done) != orders+400 || len(done) < orders-3000 {
		t.Errorf("%d open and %d done", len(open), len(done))
	}
}

// TestFlat runs for 200 days of 10 orders each. Once the retention is reached the file grows no more: each
// run drops what became too old.
func TestFlat(t *testing.T) {
	l := newLedger(t)
	const perRun, days, retention = 10, 200, 40 * day
	sizes := map[int]int64{}
	n := 0
	for today := range days {
		now := noon.Add(time.Duration(today) * day)
		update(t, l, func(tx *Tx) error {
			for range perRun {
				o := sample(n, now)
				n++
				for _, text := range []string{"taken up", "created in ShipStation as order 500000000", "acknowledged in DSCO", "told DSCO the parcel 1Z999AA10123456784 of UPS"} {
					seq, err := tx.Note(Entry{At: now, Run: "k3v9x2qa", Order: o.ID, Level: Info, Text: text})
					if err != nil {
						return err
					}
					o.Journal = append(o.Journal, seq)
				}
				if err := tx.Put(o); err != nil {
					return err
				}
			}
			if _, err := tx.Settle(now); err != nil {
				return err
			}
			_, err := tx.Prune(now.Add(-retention), 1000)
			return err
		})
		if info, err := os.Stat(l.path); err == nil {
			sizes[today] = info.Size()
		}
	}
	t.Logf("%d orders: %d bytes after 40 days, %d after 100, %d after 200", n, sizes[39], sizes[99], sizes[199])
	if sizes[199] > sizes[99] || sizes[199] > 2500*10*43 {
		t.Errorf("it grew from %d bytes to %d", sizes[99], sizes[199])
	}
	open, done := places(t, l)
	if len(open)+len(done) > 10*43 || len(open)+len(done) < 10*39 {
		t.Errorf("%d open and %d done orders are kept", len(open), len(done))
	}
	if s, err := Check(l.path, How{}); err != nil || s.Err() != nil {
		t.Errorf("%v, %v", err, s.Err())
	}
}
