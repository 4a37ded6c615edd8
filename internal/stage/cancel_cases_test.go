package stage

import (
	"fmt"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// one has an order of two lines (3 and 1 units) in both places, the first run behind it.
func one(h *house) (id string, ship int64) {
	h.start()
	id = h.sent(1, twoLines(3, 1))[0]
	return id, h.inStation(id)
}

// goes runs a stage that must not stop.
func (h *house) goes(s Stage) Result {
	h.t.Helper()
	res := h.run(s)
	if res.Err != nil {
		h.t.Fatalf("%s: %v", s.Name, res.Err)
	}
	return res
}

// An order of which a part was marked as shipped is open still: each run reads its row.
func TestCancelBesideAMark(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
		h.world.MarkShipped(child, with("trackingNumber", "1ZMARK"), with("carrierCode", "ups"))
		time.Sleep(time.Hour)
		h.goes(Track)
		if o := h.row(id); len(o.Parcels) != 1 || !o.Parcels[0].Marked {
			t.Fatalf("no mark: %+v", o.Parcels)
		}
		h.world.CancelInShipStation(ship)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if got := h.cancelled(id); got != "1:2 CXSO, 2:1 CXSO" {
			t.Errorf("cancelled in DSCO: %s", got)
		}
		h.lawful()
	})
}

// What is to be held or released in ShipStation is not there any more.
func TestCancelRequestOfADeletedOrder(t *testing.T) {
	for _, release := range []bool{false, true} {
		t.Run(fmt.Sprintf("release %t", release), func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.with = func(r *Runner) { r.HoldOnRequest = true }
				id, ship := one(h)
				h.world.RequestCancel(id)
				if release {
					time.Sleep(time.Hour)
					h.goes(Cancel)
					h.unask(id)
				}
				time.Sleep(time.Hour)
				h.world.DeleteShipStation(ship)
				n := len(h.world.Calls())
				h.goes(Cancel)
				if calls := len(h.world.Calls()) - n; calls > 12 {
					t.Errorf("%d calls", calls)
				}
				h.lawful()
			})
		})
	}
}

// Cancelled in DSCO, deleted in ShipStation: a person is told, and the row does not wait for ever.
func TestCancelledAndDeleted(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.DeleteShipStation(ship)
		h.world.ForceCancelInDSCO(id)
		for range 5 {
			time.Sleep(13 * time.Hour)
			for _, s := range syncAll {
				h.goes(s)
			}
		}
		o := h.row(id)
		t.Logf("%s notes %+v notices %+v alarms %+v finished %v", o.State(), o.Notes, o.Notices, o.Alarms(order.Rules{Now: time.Now()}), o.Finished)
		if len(o.Notices) == 0 && !o.Held() && o.Finished.IsZero() {
			t.Error("nobody is told, and it never ends")
		}
	})
}
