package order

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The order is put on hold once for each request, and released when the request goes, unless somebody has decided meanwhile.
func TestSuspend(t *testing.T) {
	open, held := storeOrder(52, "awaiting_shipment", allUnits...), storeOrder(52, "on_hold", allUnits...)
	shared := open
	shared.Others = []ID{"9"}
	asks := func(s *InDSCO) { s.DSCO.Requested = true }
	suspend, resume, tell := Write{Step: Suspend, Ref: 52}, Write{Step: Resume, Ref: 52}, Write{Step: CancelDSCO}
	made := parcels(2*time.Hour, label(7, "1ZA", Packed{1, 1}))
	const soon, later = 30 * time.Second, 45 * time.Second
	asked := []any{shown(2*time.Hour, asks), suspend, SuspendedReceipt{At: at(2*time.Hour + soon), Ref: 52, Mark: at(2 * time.Hour)}}
	dropped := slices.Concat(asked, []any{shown(3 * time.Hour), resume})
	released := slices.Concat(dropped, []any{ResumedReceipt{At: at(3*time.Hour + soon), Ref: 52}})
	taken := slices.Concat(dropped, []any{ResumedReceipt{At: at(3*time.Hour + soon), Ref: 52, Taken: true}})
	part := []any{inStore(3*time.Hour, storeOrder(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1}), storeOrder(53, "cancelled", Packed{1, 1})), tell, QueuedReceipt{At: at(3*time.Hour + soon), RequestID: "r"}}
	testNext(t, []nextCase{
		{"the retailer asks, and it has a label", []any{made, shown(3*time.Hour, asks)}, Write{Step: Ship, Parcel: 7}, false, ""},
		{"the retailer asks, and its label was voided", []any{made, parcels(3*time.Hour, voided(label(7, "1ZA"), 3*time.Hour)), shown(4*time.Hour, asks)}, suspend, false, ""},
		{"the retailer asks, and it holds another order, too", []any{inStore(2*time.Hour, shared), shown(3*time.Hour, asks)}, Write{}, false, ""},
		{"the retailer asks, and it is on hold already", []any{inStore(2*time.Hour, held), shown(3*time.Hour, asks)}, Write{}, false, ""},
		{"and it was: nothing of ours to release", []any{inStore(2*time.Hour, held), shown(3*time.Hour, asks), shown(4 * time.Hour)}, Write{}, false, ""},
		{"a list that is too young does not show the hold", slices.Concat(asked, []any{inStore(2*time.Hour+later, open), shown(3 * time.Hour)}), resume, false, ""},
		{"released", released, Write{}, false, ""},
		{"a list that is too young does not show the release", slices.Concat(released, []any{inStore(3*time.Hour+later, held), shown(4*time.Hour, asks)}), suspend, false, ""},
		{"somebody has changed it since: it stays on hold", taken, Write{}, false, ""},
		{"and the retailer asks again", slices.Concat(taken, []any{shown(4*time.Hour, asks)}), Write{}, false, ""},
		{"the release failed, and somebody did it", slices.Concat(asked, []any{shown(3 * time.Hour), Note{Write: resume, Held: true, Text: "refused", Hint: "look there"}, inStore(4*time.Hour, open)}), Write{}, false, ""},
		{"asked for a second time, the first ended while DSCO had another word in its queue", slices.Concat(asked, part, []any{shown(4 * time.Hour), shown(5*time.Hour, asks), CancelledReceipt{At: at(6 * time.Hour), RequestID: "r"}}), suspend, false, ""},
	})
	o := placed(taken...)
	if o.ShipStation[0].Status != "on_hold" || len(o.Notices) != 1 || o.Notices[0].Code != "on-hold" {
		t.Errorf("%+v %+v", o.ShipStation, o.Notices)
	}
}

// Of two parts each is put on hold by itself.
func TestSuspendedOneOfTwo(t *testing.T) {
	first, second := storeOrder(52, "awaiting_shipment", Packed{1, 1}), storeOrder(53, "awaiting_shipment", Packed{1, 1})
	o := Order{ID: "1", DSCO: DSCO{Requested: true}, Lines: []Line{{Number: 1, Ordered: 2}}, ShipStation: []Ref{first, second}}
	o = o.See(SuspendedReceipt{At: at(time.Hour), Ref: 53, Mark: at(time.Hour)})
	held := second
	held.Status, held.Asked, held.Mark = "on_hold", at(time.Hour), at(time.Hour)
	if diff := cmp.Diff([]Ref{first, held}, o.ShipStation); diff != "" {
		t.Error(diff)
	}
}

// Of two parts that were on hold for the retailer's request the one that is released leaves the other as it is.
func TestResumedOneOfTwo(t *testing.T) {
	held := func(id int64) Ref {
		return Ref{ID: id, Number: "1", Status: "on_hold", Asked: t0, Mark: t0, Lines: []Packed{{1, 1}}}
	}
	o := Order{ID: "1", ShipStation: []Ref{held(52), held(53)}}.See(ResumedReceipt{At: at(time.Hour), Ref: 53})
	released := held(53)
	released.Status, released.Asked, released.Mark = "awaiting_shipment", time.Time{}, time.Time{}
	if diff := cmp.Diff([]Ref{held(52), released}, o.ShipStation); diff != "" {
		t.Error(diff)
	}
}
