package order

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// kept is a ShipStation order with what it holds of an order of two units of line 1 and one of line 2.
func kept(id int64, status string, lines ...Packed) Ref {
	r := whole(id, status)
	r.Lines = lines
	return r
}

func splitOff(id int64, status string, lines ...Packed) Ref {
	r := kept(id, status, lines...)
	r.Child = true
	return r
}

// What is found in the store under the number of an order that was not yet known to be there.
func TestFoundInTheStore(t *testing.T) {
	live, second := whole(52, "awaiting_shipment"), whole(53, "awaiting_shipment")
	gone := []Ref{whole(52, "cancelled"), whole(53, "cancelled")}
	both := []any{listed(0), listed(time.Hour, cancelled), inStore(2*time.Hour, live, second)}
	for _, test := range []struct {
		name    string
		events  []any
		next    Write
		state   State
		trouble string // what it is held for
		hint    string // the beginning of what to do
		doubt   bool
		adopted bool
	}{
		{"without a write of ours", []any{listed(0), inStore(time.Hour, live)}, acknowledge, Sent, "", "", false, true},
		{"after a creation in doubt", []any{listed(0), create, inStore(time.Hour, live)}, acknowledge, Sent, "", "", false, false},
		{"after another write in doubt", []any{listed(0), acknowledge, inStore(time.Hour, live)}, Write{}, Sent, "", "", true, true},
		{"cancelled", []any{listed(0), inStore(time.Hour, gone[0])}, Write{}, Received,
			"ShipStation has this order, but cancelled", "restore it in ShipStation, then run: dscosync retry 1", false, false},
		{"cancelled, after another write in doubt", []any{listed(0), acknowledge, inStore(time.Hour, gone[0])}, Write{}, Received,
			"ShipStation has this order, but cancelled", "restore it in ShipStation, then run: dscosync retry 1", true, false},
		{"twice, all cancelled", []any{listed(0), inStore(time.Hour, gone...)}, Write{}, Received,
			"ShipStation has 2 orders with this number, all cancelled", "restore it in ShipStation, then run: dscosync retry 1", false, false},
		{"twice, both live, after a creation in doubt", []any{listed(0), create, inStore(time.Hour, live, second)}, Write{}, Received,
			"ShipStation has 2 live orders with this number", "leave just one of them live, then run: dscosync retry 1", false, false},
		{"twice, both live, of an order that DSCO has cancelled", both, Write{Step: CancelShipStation, Ref: 53}, Cancelled, "", "", false, true},
		{"and one of them is cancelled for it", slices.Concat(both, []any{CorrectedReceipt{At: at(3 * time.Hour), Ref: gone[1]}}), Write{Step: CancelShipStation, Ref: 52}, Cancelled, "", "", false, true},
		{"twice, both live, of an order that DSCO has as complete", []any{listed(0), listed(time.Hour, lifecycle("shipped", "completed")), inStore(2*time.Hour, live, second)}, Write{}, Shipped, "", "", false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := fold(test.events...)
			w, _ := o.Next(Rules{Now: at(48 * time.Hour), Started: at(48 * time.Hour)})
			n, _ := o.Trouble()
			if w != test.next || o.State() != test.state || n.Text != test.trouble || !strings.HasPrefix(n.Hint, test.hint) || n.Held != (test.trouble != "") {
				t.Errorf("next %v, %s, held %t: %q (%s)", w, o.State(), n.Held, n.Text, n.Hint)
			}
			if o.Adopted.IsZero() == test.adopted || (o.Intent != nil) != test.doubt {
				t.Errorf("adopted %v, doubt %+v", o.Adopted, o.Intent)
			}
		})
	}
}

// What DSCO is told of a cancellation in ShipStation: only what was cancelled there since dscosync has known it, each unit
// once, and not before the lists show what else became of the order.
func TestCancelledInTheStore(t *testing.T) {
	const hours = time.Hour
	all := []Packed{{1, 2}, {2, 1}}
	less := []Packed{{1, 1}, {2, 1}}
	one := Packed{1, 1}
	dated := func(r Ref, since time.Duration) Ref {
		r.Since = at(since)
		return r
	}
	sent := []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: kept(52, "awaiting_shipment", all...)}, listed(hours, acknowledgedIn)}
	adopted := []any{listed(0, acknowledgedIn), inStore(hours, kept(52, "awaiting_shipment", less...), splitOff(53, "cancelled", one))}
	dropped := slices.Concat(sent, []any{inStore(2*hours, dated(kept(52, "cancelled", all...), 2*hours))})
	for _, test := range []struct {
		name   string
		events []any
		now    time.Duration
		want   []Packed // what DSCO is told of
	}{
		{"a part was before it was known", adopted, 48 * hours, nil},
		{"and the rest is now", slices.Concat(adopted, []any{inStore(2*hours, kept(52, "cancelled", less...))}), 48 * hours, less},
		{"and the part is restored", slices.Concat(adopted, []any{inStore(2*hours, splitOff(53, "awaiting_shipment", one))}), 48 * hours, nil},
		{"and the part is cancelled again", slices.Concat(adopted, []any{inStore(2*hours, splitOff(53, "awaiting_shipment", one)), inStore(3*hours, splitOff(53, "cancelled", one))}), 48 * hours, []Packed{one}},
		{"a part that was split off and cancelled between two looks", slices.Concat(sent, []any{inStore(2*hours, kept(52, "awaiting_shipment", less...), splitOff(53, "cancelled", one))}), 48 * hours, []Packed{one}},
		{"a copy from another time, while a unit was taken out of ours", slices.Concat(sent, []any{inStore(2*hours, kept(52, "awaiting_shipment", less...), kept(53, "cancelled", all...))}), 48 * hours, nil},
		{"a copy that was live when it was first seen", slices.Concat(sent, []any{inStore(2*hours, kept(52, "awaiting_shipment", less...), kept(53, "awaiting_shipment", one)), inStore(3*hours, kept(53, "cancelled", one))}), 48 * hours, []Packed{one}},
		{"shown by a list that may not show our creation yet", slices.Concat(sent, []any{inStore(time.Minute+settle/2, kept(52, "cancelled", all...))}), 48 * hours, all},
		{"just now: a part may have been split off before", dropped, 2*hours + 9*time.Minute, nil},
		{"long enough ago", dropped, 2*hours + 10*time.Minute, all},
		{"long enough ago, and changed since", slices.Concat(dropped, []any{inStore(2*hours+8*time.Minute, dated(kept(52, "cancelled", all...), 2*hours+8*time.Minute))}), 2*hours + 10*time.Minute, all},
		{"long ago, restored, and cancelled again just now", slices.Concat(dropped, []any{inStore(3*hours, kept(52, "awaiting_shipment", all...)), inStore(4*hours, dated(kept(52, "cancelled", all...), 4*hours))}), 4*hours + 9*time.Minute, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := fold(test.events...)
			var got []Packed
			if w, due := o.Next(Rules{Now: at(test.now), Started: at(test.now), Lag: 10 * time.Minute}); due && w.Step == CancelDSCO {
				got = o.Cancellable()
			} else if due {
				t.Errorf("next %v", w)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	for _, r := range fold(slices.Concat(dropped, []any{inStore(3*hours, kept(52, "awaiting_shipment", all...))})...).ShipStation {
		if !r.Since.IsZero() {
			t.Errorf("restored, and cancelled since %v", r.Since)
		}
	}
}

// What a list, and a look by the id, show of the parts of an order that is known to be in ShipStation.
func TestPartsInTheStore(t *testing.T) {
	all, less, one := []Packed{{1, 2}, {2, 1}}, []Packed{{1, 1}, {2, 1}}, Packed{1, 1}
	sent := []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: kept(52, "awaiting_shipment", all...)}}
	split := slices.Concat(sent, []any{inStore(time.Hour, kept(52, "awaiting_shipment", less...), splitOff(60, "awaiting_shipment", one))})
	merged := func(r Ref, from ...int64) Ref {
		r.Merged = from
		return r
	}
	for _, test := range []struct {
		name   string
		events []any
		want   map[int64]string // the status of each
	}{
		{"split", split, map[int64]string{52: "awaiting_shipment", 60: "awaiting_shipment"}},
		{"and put together again", slices.Concat(split, []any{inStore(2*time.Hour, merged(kept(52, "on_hold", all...), 60))}), map[int64]string{52: "on_hold"}},
		{"and all of it went into another", slices.Concat(split, []any{inStore(2*time.Hour, merged(kept(70, "on_hold", all...), 60, 52))}), map[int64]string{70: "on_hold"}},
		{"and one of them is read", slices.Concat(split, []any{FoundReceipt{At: at(2 * time.Hour), Ref: splitOff(60, "on_hold", one)}}), map[int64]string{52: "awaiting_shipment", 60: "on_hold"}},
		{"a list that may not show our creation yet", slices.Concat(sent, []any{inStore(time.Minute+settle/2, kept(52, "on_hold", all...))}), map[int64]string{52: "awaiting_shipment"}},
		{"the first that tells its status", []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: whole(52, "")}, inStore(time.Minute+settle/2, kept(52, "on_hold", all...))}, map[int64]string{52: "on_hold"}},
	} {
		got := map[int64]string{}
		for _, r := range fold(test.events...).ShipStation {
			got[r.ID] = r.Status
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", test.name, diff)
		}
	}
}

// An order that others were merged into is what it was: a hold of ours is ours, whatever ids it names as merged.
func TestMergedKeepsOurHold(t *testing.T) {
	held := whole(52, "on_hold")
	held.Merged = []int64{52, 60}
	o := fold(listed(0), inStore(time.Minute, whole(52, "awaiting_shipment")), listed(time.Hour, func(s *InDSCO) { s.DSCO.Requested = true }),
		Write{Step: Suspend, Ref: 52}, SuspendedReceipt{At: at(2 * time.Hour), Ref: 52, Mark: at(2 * time.Hour)}, inStore(3*time.Hour, held), listed(4*time.Hour))
	if w, _ := o.Next(Rules{Now: at(5 * time.Hour), Started: at(5 * time.Hour), Steps: []Step{Resume}}); w != (Write{Step: Resume, Ref: 52}) {
		t.Errorf("next %v: %+v", w, o.ShipStation)
	}
}

// A write to a ShipStation order that is in doubt, and the order, read a moment later, is as it was to become: there is no
// doubt any more. What was noted of the write is past, too.
func TestReadWhileInDoubt(t *testing.T) {
	all := []Packed{{1, 2}, {2, 1}}
	is := func(status string) Ref { return kept(52, status, all...) }
	correct, suspend, resume := Write{Step: CancelShipStation, Ref: 52}, Write{Step: Suspend, Ref: 52}, Write{Step: Resume, Ref: 52}
	sent := []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: is("awaiting_shipment")}, listed(time.Hour, acknowledgedIn)}
	held := slices.Concat(sent, []any{suspend, SuspendedReceipt{At: at(2 * time.Hour), Ref: 52, Mark: at(2 * time.Hour)}})
	read := func(r Ref) FoundReceipt { // which proves nothing by what it does not show yet
		return FoundReceipt{At: at(3 * time.Hour), Proves: at(0), Ref: r}
	}
	into := kept(70, "awaiting_shipment", all...)
	into.Merged = []int64{52}
	for _, test := range []struct {
		name   string
		events []any
		doubt  bool
	}{
		{"cancelled", slices.Concat(sent, []any{listed(2*time.Hour, cancelled), uncertain(correct, false), correct, read(is("cancelled"))}), false},
		{"to be cancelled", slices.Concat(sent, []any{listed(2*time.Hour, cancelled), correct, read(is("awaiting_shipment"))}), true},
		{"released", slices.Concat(held, []any{uncertain(resume, false), resume, read(is("awaiting_shipment"))}), false},
		{"to be released", slices.Concat(held, []any{resume, read(is("on_hold"))}), true},
		{"to be released, and merged into another", slices.Concat(held, []any{uncertain(resume, false), resume, inStore(2*time.Hour, into), read(is("awaiting_shipment"))}), false},
	} {
		if o := fold(test.events...); (o.Intent != nil) != test.doubt || len(o.Notes) > 0 {
			t.Errorf("%s: doubt %+v, notes %+v", test.name, o.Intent, o.Notes)
		}
	}
}
