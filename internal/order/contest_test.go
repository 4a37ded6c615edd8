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
