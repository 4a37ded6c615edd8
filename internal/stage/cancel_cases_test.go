package stage

import (
	"testing"
	"time"

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
