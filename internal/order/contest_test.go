package order

import (
	"testing"
	"time"
)

// TestContestEnds: in a row that was put back from a backup DSCO has a parcel for all of it that the row does not know.
// ShipStation, which is read with it, shows that the order is no longer open there: there is nothing to hold.
func TestContestEnds(t *testing.T) {
	o := Order{ID: "1"}.See(listed(0)).See(receipt).See(listed(10*time.Minute, lifecycle("shipment_pending", "acknowledged")))
	o = o.See(listed(time.Hour, packed("1Z1", "1Z2", "1Z3"), func(s *InDSCO) { s.DSCO.Packages[0].Lines[0].Units = 2 }))
	if !o.Held() {
		t.Fatalf("not held while it is open: %+v", o)
	}
	if open := o.See(inStore(time.Hour, whole(52, "awaiting_shipment"))); !open.Held() {
		t.Errorf("no longer held though it is still open: %+v", open.Notes)
	}
	if o = o.See(inStore(time.Hour, whole(52, "shipped"))); o.Held() {
		t.Errorf("held though it is shipped: %+v", o.Notes)
	}
}

// TestUnsure: what was shipped before the ledger was made is not told before DSCO shows all that was told until then.
func TestUnsure(t *testing.T) {
	o := Order{ID: "1"}.See(listed(0)).See(receipt).See(listed(10*time.Minute, lifecycle("shipment_pending", "acknowledged")))
	old := o.See(InParcels{Began: at(time.Hour), Parcels: []Parcel{{ID: 9, Number: "1Z1", Created: at(30 * time.Minute), Lines: []Packed{{1, 2}, {2, 1}}}}})
	young := o.See(InParcels{Began: at(time.Hour), Parcels: []Parcel{{ID: 9, Number: "1Z1", Created: at(50 * time.Minute), Lines: []Packed{{1, 2}, {2, 1}}}}})
	for _, c := range []struct {
		o    Order
		now  time.Duration
		want bool
	}{
		{old, time.Hour, false}, {old, 61 * time.Minute, true}, {young, time.Hour, true},
	} {
		w, due := c.o.Next(Rules{Now: at(c.now), Blank: at(45 * time.Minute), Clear: at(61 * time.Minute)})
		if due != c.want || due && w.Step != Ship {
			t.Errorf("after %v: %v %+v, want %v", c.now, due, w, c.want)
		}
	}
}
