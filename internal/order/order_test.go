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
		{"new, and without a line", []any{listed(0, func(s *InDSCO) { s.Lines = nil })}, Received, false, false},
		{"one line cancelled, the other has no units: that is a fault", []any{listed(0, func(s *InDSCO) { s.Lines[0].Cancelled, s.Lines[1].Ordered = 2, 0 })}, Received, false, false},
		{"sent", sent, Sent, false, false},
		{"one unit cancelled, the others rejected", []any{listed(0, func(s *InDSCO) { s.Lines[0].Cancelled, s.Lines[0].Rejected, s.Lines[1].Rejected = 1, 1, 1 })}, Cancelled, true, true},
		{"one line rejected, the other shipped", []any{listed(0, rejected), create, CreatedReceipt{At: at(time.Minute), Ref: made}, listed(time.Hour, acknowledgedIn, rejected), parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2})), ship, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7}}, Shipped, true, true},
		{"cancelled by its status alone", []any{listed(0), listed(time.Hour, status)}, Cancelled, true, true},
		{"cancelled, and the answer about its creation is awaited", []any{listed(0), create, listed(time.Hour, cancelled)}, Cancelled, true, false},

		{"told", told, Shipped, true, true},
		{"told in part", toldPart, Sent, false, false},
		{"told in part, and DSCO shows it completed", and(toldPart, listed(5*time.Hour, shown, completed)), Shipped, true, true},
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

// What is cancelled, rejected or in a parcel is not left; more of it than was ordered makes no less than nothing.
func TestLeft(t *testing.T) {
	for _, test := range []struct {
		line Line
		want int
	}{
		{Line{Ordered: 9}, 9},
		{Line{Ordered: 9, Cancelled: 1, Rejected: 2, Told: 3}, 3},
		{Line{Ordered: 2, Cancelled: 2, Told: 1}, 0},
	} {
		if got := test.line.Left(); got != test.want {
			t.Errorf("%+v: %d left, want %d", test.line, got, test.want)
		}
	}
}

// An order that DSCO shows as open ought to be in ShipStation, unless something shows why it is not.
func TestMissed(t *testing.T) {
	for name, test := range map[string]struct {
		events []any
		want   bool
	}{
		"new":                  {[]any{listed(0)}, true},
		"in ShipStation":       {[]any{listed(0), create, receipt}, false},
		"cancelled":            {[]any{listed(0, cancelled)}, false},
		"held":                 {[]any{listed(0), Note{Write: create, Held: true, Text: "no city"}}, false},
		"dealt by hand":        {[]any{listed(0), Note{Write: create, Held: true, Text: "no city"}, dismissed}, false},
		"refused, tried again": {[]any{listed(0), Note{Write: create, Text: "no city"}}, true},
	} {
		if got := fold(test.events...).Missed(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// The note that is shown is a held one before one that the next run takes up by itself, and each the earliest; what has no
// text is none.
func TestTrouble(t *testing.T) {
	silent, refused, again := Note{Write: acknowledge}, Note{Write: acknowledge, Text: "refused"}, Note{Write: create, Text: "refused, too"}
	held := Note{Write: Write{Step: Ship, Parcel: 7}, Text: "held", Held: true}
	later := Note{Write: Write{Step: Ship, Parcel: 8}, Text: "held, too", Held: true}
	for _, test := range []struct {
		notes []Note
		want  Note
	}{
		{nil, Note{}},
		{[]Note{silent}, Note{}},
		{[]Note{silent, refused, again}, refused},
		{[]Note{refused, held}, held},
		{[]Note{held, refused}, held},
		{[]Note{refused, held, later, again}, held},
	} {
		o := Order{Notes: test.notes}
		if n, ok := o.Trouble(); n != test.want || ok != (test.want.Text != "") {
			t.Errorf("%+v: %+v, %t", test.notes, n, ok)
		}
		o.Dismissed = &Dismissal{Reason: "dealt with by hand"}
		if n, ok := o.Trouble(); ok {
			t.Errorf("%+v, but it is dismissed", n)
		}
	}
	o := Order{Notes: []Note{refused, held}}
	if !o.HeldAt(Ship) || o.HeldAt(Acknowledge) || o.HeldAt(Create) {
		t.Errorf("held at the wrong step: %+v", o.Notes)
	}
}

// A write that waits in DSCO's queue is under way, and no doubt as one is that was cut off.
func TestDoubtful(t *testing.T) {
	begun := fold(listed(0), create, receipt, acknowledge)
	queued := begun.See(QueuedReceipt{At: at(time.Hour), RequestID: "r"})
	if !begun.Doubtful() || queued.Doubtful() || fold(listed(0)).Doubtful() {
		t.Error("begun, queued, none:", begun.Doubtful(), queued.Doubtful(), fold(listed(0)).Doubtful())
	}
}

// The most urgent date is the first that DSCO gives, whichever that is.
func TestDeadline(t *testing.T) {
	day := func(n int) time.Time { return t0.AddDate(0, 0, n) }
	for _, test := range []struct {
		dsco DSCO
		want time.Time
	}{
		{DSCO{}, time.Time{}},
		{DSCO{CancelAfter: day(3)}, day(3)},
		{DSCO{ShipBy: day(2)}, day(2)},
		{DSCO{CancelAfter: day(3), AcknowledgeBy: day(1), ShipBy: day(2)}, day(1)},
		{DSCO{CancelAfter: day(1), AcknowledgeBy: day(2), ShipBy: day(3)}, day(1)},
		{DSCO{CancelAfter: day(3), AcknowledgeBy: day(2), ShipBy: day(1)}, day(1)},
	} {
		if got := (Order{DSCO: test.dsco}).Deadline(); !got.Equal(test.want) {
			t.Errorf("%+v: %v, want %v", test.dsco, got, test.want)
		}
	}
}

// An order flows to ShipStation until something comes back of it: a parcel, or a cancellation that we told DSCO of.
func TestFlow(t *testing.T) {
	for want, lines := range map[string][][]Line{
		"DSCO → SS": {nil, {{Number: 1, Ordered: 1}}, {{Number: 1, Ordered: 1, Cancelled: 1}}},
		"SS → DSCO": {{{Number: 1, Ordered: 1}, {Number: 2, Ordered: 1, Told: 1}}, {{Number: 1, Ordered: 1, Cancelled: 1, Ours: 1}}},
	} {
		for _, l := range lines {
			if got := (Order{Lines: l}).Flow(); got != want {
				t.Errorf("%+v: %s, want %s", l, got, want)
			}
		}
	}
}
