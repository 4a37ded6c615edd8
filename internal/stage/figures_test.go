package stage

import (
	"context"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// The calls and commits of a run are exact, so they are held here; make bench prints them with the times.
func TestFigures(t *testing.T) {
	for _, test := range []struct {
		orders                 int
		delay                  time.Duration // of the change log
		dsco, shipStation, all int           // calls, and commits
	}{
		{0, 0, 2, 0, 1},
		{250, 0, 12, 6, 11},
		{250, 2 * time.Second, 12, 6, 11},
		{5000, 0, 120, 100, 500},
	} {
		in(t, sim.Options{LogDelay: test.delay, ShipStationLag: 5 * time.Second}, func(t *testing.T, h *house) {
			h.start()
			h.add(10)
			h.pull()
			time.Sleep(time.Hour)
			for range test.orders {
				h.world.AddOrder()
			}
			time.Sleep(time.Minute)
			r := h.runner()
			before := r.Ledger.Commits()
			res := r.Run(context.Background(), Pull)
			if res.Err != nil || res.Done != test.orders {
				t.Fatalf("%+v", res)
			}
			commits := int(r.Ledger.Commits() - before)
			t.Logf("%d orders, log after %v: %d DSCO calls, %d ShipStation calls, %d commits, %v", test.orders, test.delay, res.CallsDSCO, res.CallsShipStation, commits, res.Finished.Sub(res.Started))
			if int(res.CallsDSCO) > test.dsco || int(res.CallsShipStation) > test.shipStation || commits > test.all {
				t.Errorf("more than %d DSCO calls, %d ShipStation calls or %d commits", test.dsco, test.shipStation, test.all)
			}
			h.lawful()
		})
	}
}

// A limit costs waiting, never an order; and the limit is never passed, by this run and the next together.
func TestUnderALimit(t *testing.T) {
	for _, limit := range []int{4, 40} {
		in(t, sim.Options{Limit: limit}, func(t *testing.T, h *house) {
			h.start()
			ids := h.add(700)
			if limit == 40 {
				h.world.Spend(38) // other programs use the key
			}
			for range 3 {
				h.pull()
			}
			rows := h.rows()
			for _, id := range ids {
				if o := rows[order.ID(id)]; h.live(id) != 1 || o.Acknowledged.IsZero() {
					t.Fatalf("order %s: %+v", id, o)
				}
			}
			h.lawful()
		})
	}
}
