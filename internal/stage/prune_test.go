package stage

import (
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// TestRunsPrune: what is older than the retention goes with the runs, rows and lines, and nothing of what is open.
func TestRunsPrune(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		const day = 24 * time.Hour
		h.with = func(r *Runner) { r.Retention = 60 * day }
		h.start()
		ids := h.add(3)
		h.pull()
		for _, id := range ids[:2] {
			h.world.BuyLabel(sim.Int(h.world.ByNumber(id)[0], "orderId"))
		}
		time.Sleep(time.Hour)
		h.run(Track)
		lines := func() (n int) {
			err := h.runner().Ledger.View(func(tx *ledger.Tx) error {
				for _, err := range tx.Entries(0, time.Time{}) {
					if err != nil {
						return err
					}
					n++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := lines()
		time.Sleep(50 * day)
		h.pull()
		if rows := h.rows(); len(rows) != 3 || lines() < before {
			t.Errorf("before the retention is over: %d rows, %d lines of %d", len(rows), lines(), before)
		}
		time.Sleep(11 * day)
		h.pull()
		rows := h.rows()
		if _, open := rows[order.ID(ids[2])]; len(rows) != 1 || !open {
			t.Errorf("when it is over: %+v", rows)
		}
		if n := lines(); n >= before {
			t.Errorf("%d lines of %d are left", n, before)
		}
	})
}
