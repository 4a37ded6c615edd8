package order

import (
	"slices"
	"testing"
	"time"
)

// Where an order stands, whether anything is left to be shipped of it, and whether it is done with. It has two units of
// line 1 and one of line 2.
func TestState(t *testing.T) {
	all := []Packed{{1, 2}, {2, 1}}
	parcel := label(7, "1ZA", all...)
	ship := Write{Step: Ship, Parcel: 7}
	completed := lifecycle("shipped", "completed")
	status := func(s *InDSCO) { s.DSCO.Status, s.DSCO.Updated = "cancelled", s.Began } // and not a word about the lines
	rejected := func(s *InDSCO) { s.Lines[1].Rejected = 1 }
	made := whole(52, "awaiting_shipment")
	made.Lines = []Packed{{1, 2}} // without the line that was rejected
	sent := []any{listed(0), create, receipt, listed(time.Hour, acknowledgedIn)}
	then := func(events ...any) []any { return slices.Concat(sent, events) }
	told := then(parcels(3*time.Hour, parcel), ship, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7})
	toldPart := then(parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2})), ship, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7})
	shown := packedAs("1ZA", []Packed{{1, 2}}) // as DSCO shows it
	and := func(before []any, events ...any) []any { return slices.Concat(before, events) }
	for _, test := range []struct {
		name   string
		events []any
		state  State
		over   bool
		done   bool
	}{
		{"new", []any{listed(0)}, Received, false, false},
		{"sent", sent, Sent, false, false},
		{"one unit cancelled, the others rejected", []any{listed(0, func(s *InDSCO) { s.Lines[0].Cancelled, s.Lines[0].Rejected, s.Lines[1].Rejected = 1, 1, 1 })}, Cancelled, true, true},
		{"one line rejected, the other shipped", []any{listed(0, rejected), create, CreatedReceipt{At: at(time.Minute), Ref: made}, listed(time.Hour, acknowledgedIn, rejected), parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2})), ship, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7}}, Shipped, true, true},
		{"cancelled by its status alone", []any{listed(0), listed(time.Hour, status)}, Cancelled, true, true},
		{"cancelled, and the answer about its creation is awaited", []any{listed(0), create, listed(time.Hour, cancelled)}, Cancelled, true, false},

		{"told", told, Shipped, true, true},
		{"told in part", toldPart, Sent, false, false},
		{"told in part, and the rest cancelled", and(toldPart, listed(5*time.Hour, shown, func(s *InDSCO) { cancelled(s); s.Lines[0].Cancelled = 0 })), Shipped, true, false},
		{"told in part, and the rest cancelled by its status alone", and(toldPart, listed(5*time.Hour, shown, status)), Shipped, true, false},
		{"and the person it waited for has dealt with it", and(toldPart, listed(5*time.Hour, shown, status), dismissed), Shipped, true, true},
		{"told in part by somebody else before it was created, and the rest cancelled by its status alone", []any{listed(0), listed(time.Hour, packedAs("1ZX", []Packed{{1, 2}}), status)}, Shipped, true, true},
		{"told, then the label voided", and(told, parcels(5*time.Hour, voided(parcel, 5*time.Hour))), Sent, false, false},
		{"told, then voided, and DSCO shows it completed", and(told, parcels(5*time.Hour, voided(parcel, 5*time.Hour)), listed(6*time.Hour, completed)), Sent, false, false},
		{"voided before it was told, and DSCO shows it completed by another", then(parcels(3*time.Hour, parcel), parcels(4*time.Hour, voided(parcel, 4*time.Hour)), listed(6*time.Hour, completed)), Shipped, true, true},
		{"told, and DSCO shows it completed", and(told, listed(6*time.Hour, completed)), Shipped, true, true},
		{"completed elsewhere, while it is open in ShipStation: a person has to look", then(listed(2*time.Hour, completed, packedAs("1ZX", all))), Shipped, true, false},
		{"told, and an acknowledgement in doubt", and(told, acknowledge), Shipped, true, false},

		{"cancelled in DSCO, open in ShipStation", then(listed(2*time.Hour, cancelled)), Cancelled, true, false},
		{"and deleted there", then(listed(2*time.Hour, cancelled), LostReceipt{At: at(3 * time.Hour), Ref: 52}), Cancelled, true, false},
		{"and deleted there, as a person knows", then(listed(2*time.Hour, cancelled), Note{Write: Write{Step: CancelShipStation, Ref: 52}, Held: true, Text: "no"}, LostReceipt{At: at(3 * time.Hour), Ref: 52}, dismissed), Cancelled, true, true},
		{"and dealt with by hand, but still open there", then(listed(2*time.Hour, cancelled), Note{Write: Write{Step: CancelShipStation, Ref: 52}, Held: true, Text: "no"}, dismissed), Cancelled, true, false},
		{"and refused there by a provider", then(inStore(90*time.Minute, whole(52, "rejected_fulfillment")), listed(2*time.Hour, cancelled)), Cancelled, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := fold(test.events...)
			if o.State() != test.state || o.Over() != test.over || o.Finished.IsZero() == test.done {
				t.Errorf("%s, over %t, finished %v; want %s, %t, %t\n%+v", o.State(), o.Over(), o.Finished, test.state, test.over, test.done, o)
			}
		})
	}
}
