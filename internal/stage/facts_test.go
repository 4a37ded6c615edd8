package stage

import (
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// What the scorecard needs is in the row after the runs: the ship date and service that DSCO was told, what was
// cancelled, by whom and why, answered at once or queued, and since when nothing is left of each line.
func TestFactsOfARun(t *testing.T) {
	for name, queued := range map[string]bool{"answered": false, "queued": true} {
		t.Run(name, func(t *testing.T) {
			in(t, sim.Options{CancelQueued: queued}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, twoLines(3, 1))[0]
				whole := h.sent(1)[0]
				h.world.BuyLabel(h.inStation(whole), ups, with("trackingNumber", "1ZWHOLE"))
				ship := h.inStation(id)
				child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 2})
				h.world.BuyLabel(child, ups, with("trackingNumber", "1ZPART"))
				bought := time.Now()
				time.Sleep(24 * time.Hour)
				h.track()
				told := time.Now()
				if f := h.row(id).Facts(); !f.Lines[0].Closed.IsZero() || f.Lines[0].Shipped != 2 {
					t.Fatalf("a unit is left of line 1: %+v", f.Lines[0])
				}
				// The scorecard tells by this that the line ended with the parcel, not with a cancellation.
				if f := h.row(whole).Facts(); f.Lines[0].Closed.IsZero() || !f.Lines[0].Closed.Equal(f.Parcels[0].Told) {
					t.Errorf("closed by its parcel: %+v, %+v", f.Lines[0], f.Parcels[0])
				}
				time.Sleep(time.Hour)
				h.world.CancelInShipStation(ship)
				for range 3 {
					time.Sleep(20 * time.Minute)
					h.cancel()
				}
				f := h.row(id).Facts()
				p := f.Parcels[0]
				if len(f.Parcels) != 1 || !p.Known || p.Carrier != "UPS" || p.Service == "" || p.Service == "ups_ground" || p.Told.Sub(told).Abs() > time.Minute || p.Created.Sub(bought).Abs() > time.Minute {
					t.Errorf("parcels %+v, bought %v, told %v", f.Parcels, bought, told)
				}
				one, two := f.Lines[0], f.Lines[1]
				if one.Shipped != 2 || one.Cancelled != 1 || one.Ours != 1 || one.Reason != "CXSO" || one.Shipment.Before(bought.Add(-24*time.Hour)) || one.Shipment.After(told) || one.Parcel != 1 {
					t.Errorf("line 1: %+v", one)
				}
				if two.Shipped != 0 || two.Cancelled != 1 || two.Ours != 1 || two.Reason != "CXSO" || !two.Closed.After(told) || !two.Shipment.IsZero() {
					t.Errorf("line 2: %+v", two)
				}
				if f.Available.IsZero() || f.Adopted || f.Country != "US" {
					t.Errorf("%+v", f)
				}
				short, _ := f.MarshalBinary()
				if back := (order.Facts{}); back.UnmarshalBinary(short) != nil || !back.Lines[0].Shipment.Equal(one.Shipment) {
					t.Errorf("in short: %+v", back)
				}
			})
		})
	}
}
