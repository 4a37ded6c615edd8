package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// late fills a ledger with days of twenty lines, of which so many were late, yesterday last.
func late(t *testing.T, l *ledger.Ledger, days ...int) {
	t.Helper()
	err := l.Update(func(tx *ledger.Tx) error {
		for i, n := range days {
			at := noon.AddDate(0, 0, i-len(days)).Add(5 * time.Hour)
			for j := range 20 {
				id := order.ID(fmt.Sprintf("%d%02d", 1000+i, j))
				o := order.Order{ID: id, Retailer: "7", Received: at.Add(-time.Hour), Updated: at, Finished: at, DSCO: order.DSCO{Status: "shipped", Lifecycle: "completed", Created: at.Add(-time.Hour), OwnShipBy: at,
					Packages: []order.Package{{Number: "1Z" + string(id), Shipped: at, Lines: []order.Packed{{Line: 1, Units: 1}}}}},
					Lines: []order.Line{{Number: 1, Ordered: 1, Told: 1, Closed: at}}}
				if j < n {
					o.DSCO.OwnShipBy = at.Add(-time.Minute)
				}
				if err := tx.Put(o); err != nil {
					return err
				}
			}
		}
		_, err := tx.Settle(noon)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A drift is looked for once a day, told once, and forgotten when it is over; a metrics file wants its figures each time.
func TestDrift(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	l, err := ledger.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	late(t, l, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 5, 6, 7)
	now := noon
	c := config.Config{State: path, StateRetention: 4320 * time.Hour, Alarm: config.Alarm{Silence: 6 * time.Hour},
		Scorecard: config.Scorecard{GoalFill: 98, GoalOnTime: 95, WeightFill: 50, WeightOnTime: 50, DriftWeeks: 8, DriftSpread: 3}}
	run := func() *watch {
		t.Helper()
		w := &watch{app: &app{Env: Env{Now: func() time.Time { return now }}, ctx: context.Background(), quiet: true}, absent: true, name: "sync", config: c}
		w.Stderr = t.Output()
		if err := w.settle(l, exitDone, nil); err != nil {
			t.Fatal(err)
		}
		return w
	}
	key := "drift/7/shipped_on_time"
	w := run()
	if diff := cmp.Diff([]string{key}, keys(w.fresh)); diff != "" || !w.measured || len(w.gauges) == 0 {
		t.Fatalf("the first run of the day: %s", diff)
	}
	now = noon.Add(time.Hour)
	if w = run(); w.measured || len(w.fresh) > 0 || len(w.gauges) > 0 {
		t.Errorf("the second run: %v", keys(w.fresh))
	}
	c.Notify.Textfile = filepath.Join(t.TempDir(), "dscosync.prom")
	if w = run(); !w.measured || len(w.fresh) > 0 || len(w.gauges) == 0 {
		t.Errorf("with a metrics file: %v", keys(w.fresh))
	}
	c.Notify.Textfile = ""
	now = noon.AddDate(0, 0, 1)
	if w = run(); !w.measured || len(w.fresh) > 0 {
		t.Errorf("the next day, and nothing new: %v", keys(w.fresh))
	}
	now = noon.AddDate(0, 0, 30)
	run() // nothing was shipped for weeks: that is another trouble
	now = noon
	if err := l.Update(func(tx *ledger.Tx) error { return tx.PutTold(ledger.Told{}) }); err != nil {
		t.Fatal(err)
	}
	c.Scorecard.DriftWeeks = 0
	if w = run(); len(w.fresh) > 0 || len(w.gauges) > 0 {
		t.Errorf("switched off: %v", keys(w.fresh))
	}
}

// Between the looks what was told stays told; a look that does not find it forgets it.
func TestMarkDrift(t *testing.T) {
	a := alarm{key: "drift/7/shipped_on_time", kind: kindDrift}
	told, fresh, _ := mark(ledger.Told{Drift: "2026-11-23"}, []alarm{a}, seen{at: noon, measured: true})
	if len(fresh) != 1 || told.Drift != "2026-11-23" {
		t.Fatalf("%v %v", fresh, told)
	}
	told, fresh, _ = mark(told, nil, seen{at: noon.AddDate(0, 0, 3)})
	if _, kept := told.Marks[a.key]; !kept || len(fresh) > 0 {
		t.Errorf("forgotten without a look: %v", told)
	}
	if told, _, _ = mark(told, nil, seen{at: noon, measured: true}); len(told.Marks) > 0 {
		t.Errorf("over, and kept: %v", told)
	}
}
