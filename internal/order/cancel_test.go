package order

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The order that these cancellations and holds are of has two units of line 1 and one of line 2, is in ShipStation with all
// of them and acknowledged. Orders that a retailer asks to cancel are put on hold.
func TestNextCancellation(t *testing.T) {
	const day = 24 * time.Hour
	is := func(status string, lines ...Packed) Ref {
		r := whole(52, status)
		r.Lines = lines
		return r
	}
	all := []Packed{{1, 2}, {2, 1}}
	open, held := is("awaiting_shipment", all...), is("on_hold", all...)
	unclear := open
	unclear.Unclear = true
	less := func(s *InDSCO) { s.Lines[0].Cancelled = 1 } // in DSCO
	asks := func(s *InDSCO) { s.DSCO.Requested = true }
	shows := func(when time.Duration, change ...func(*InDSCO)) InDSCO {
		return listed(when, append([]func(*InDSCO){acknowledgedIn}, change...)...)
	}
	found := func(when time.Duration, r Ref, mark time.Duration) FoundReceipt {
		return FoundReceipt{At: at(when), Proves: at(when - settle), Ref: r, Mark: at(mark)}
	}
	correct, tell := Write{Step: CancelShipStation, Ref: 52}, Write{Step: CancelDSCO}
	suspend, resume := Write{Step: Suspend, Ref: 52}, Write{Step: Resume, Ref: 52}
	asked := []any{shows(2*time.Hour, asks), suspend, SuspendedReceipt{At: at(2 * time.Hour), Ref: 52, Mark: at(2 * time.Hour)}}
	dropped := []any{inStore(2*time.Hour, is("cancelled", all...))}
	for _, test := range []struct {
		name    string
		events  []any
		next    Write
		doubt   bool
		trouble string // what it is held for, the beginning of it
	}{
		{"nothing is cancelled", nil, Write{}, false, ""},

		{"cancelled in DSCO in part", []any{shows(2*time.Hour, less)}, correct, false, ""},
		{"and corrected", []any{shows(2*time.Hour, less), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: is("awaiting_shipment", Packed{1, 1}, Packed{2, 1})}}, Write{}, false, ""},
		{"and ShipStation's answer shows it as it was", []any{shows(2*time.Hour, less), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: open}}, Write{}, false, "ShipStation took the change of order 1, but shows it as awaiting_shipment and unchanged"},
		{"and it is in doubt, and a list shows it done", []any{shows(2*time.Hour, less), correct, inStore(3*time.Hour, is("awaiting_shipment", Packed{1, 1}, Packed{2, 1}))}, Write{}, false, ""},
		{"and it is in doubt, and a list would show it done", []any{shows(2*time.Hour, less), correct, inStore(3*time.Hour, open)}, correct, false, ""},
		{"and it is in doubt, and a list may not show it yet", []any{shows(2*time.Hour, less), correct, inStore(2*time.Hour+settle, open)}, Write{}, true, ""},
		{"and ShipStation has it no more: no doubt", []any{shows(2*time.Hour, less), correct, LostReceipt{At: at(3 * time.Hour), Ref: 52}}, Write{}, false, ""},
		{"and it is not clear what ShipStation holds", []any{inStore(2*time.Hour, unclear), shows(2*time.Hour, less)}, Write{}, false, "DSCO has cancelled line 1 (1 unit), but it is not clear which items of ShipStation order 1 these are"},
		{"and a parcel has it: DSCO hears of what is left of it", []any{parcels(2*time.Hour, label(7, "1ZA", all...)), shows(2*time.Hour, less)}, Write{Step: Ship, Parcel: 7}, false, "DSCO shows line 1 (1 unit) as cancelled, but the parcel 1ZA was made for it"},

		{"cancelled in ShipStation", dropped, tell, false, ""},
		{"and the answer is lost, DSCO may not show it yet", slices.Concat(dropped, []any{tell, shows(2*time.Hour + settle)}), Write{}, true, ""},
		{"and the answer is lost, DSCO would show it", slices.Concat(dropped, []any{tell, shows(3 * time.Hour)}), tell, false, ""},
		{"and it is in DSCO's queue", slices.Concat(dropped, []any{tell, QueuedReceipt{At: at(2 * time.Hour), RequestID: "r"}, shows(2*time.Hour + day)}), Write{}, true, ""},
		{"and it has been there for too long", slices.Concat(dropped, []any{tell, QueuedReceipt{At: at(2 * time.Hour), RequestID: "r"}, shows(2*time.Hour + day + time.Minute)}), tell, false, ""},
		{"and DSCO refuses it", slices.Concat(dropped, []any{tell, QueuedReceipt{At: at(2 * time.Hour), RequestID: "r"}, RefusedReceipt{At: at(3 * time.Hour), RequestID: "r", Text: "too late"}}), Write{}, false, "too late"},

		{"the retailer asks", []any{shows(2*time.Hour, asks)}, suspend, false, ""},
		{"and it is on hold", asked, Write{}, false, ""},
		{"and asks no longer", slices.Concat(asked, []any{shows(3 * time.Hour)}), resume, false, ""},
		{"the hold is in doubt, a list does not tell whose it is", []any{shows(2*time.Hour, asks), suspend, inStore(2*time.Hour+settle, held)}, Write{}, true, ""},
		{"the order itself tells, and it is ours", []any{shows(2*time.Hour, asks), suspend, found(3*time.Hour, held, 2*time.Hour), shows(4 * time.Hour)}, resume, false, ""},
		{"it tells, and the hold is another's", []any{shows(2*time.Hour, asks), suspend, FoundReceipt{At: at(3 * time.Hour), Proves: at(3 * time.Hour), Ref: held}, shows(4 * time.Hour)}, Write{}, false, ""},
		{"it is not on hold, and would be", []any{shows(2*time.Hour, asks), suspend, found(3*time.Hour, open, 0)}, suspend, false, ""},
		{"the hold failed and is not asked for any more", []any{shows(2*time.Hour, asks), Note{Write: suspend, Held: true, Text: "refused", Hint: "look there"}, shows(3 * time.Hour)}, Write{}, false, ""},
		{"the hold failed and is still asked for", []any{shows(2*time.Hour, asks), Note{Write: suspend, Held: true, Text: "refused", Hint: "look there"}, shows(3*time.Hour, asks)}, Write{}, false, "refused"},
		{"the release failed and is still due", slices.Concat(asked, []any{shows(3 * time.Hour), Note{Write: resume, Held: true, Text: "refused", Hint: "look there"}, shows(4 * time.Hour)}), Write{}, false, "refused"},
		{"the release failed, and the retailer asks again", slices.Concat(asked, []any{shows(3 * time.Hour), Note{Write: resume, Held: true, Text: "refused", Hint: "look there"}, shows(4*time.Hour, asks)}), Write{}, false, ""},
		{"the release is in doubt, and it may still be on hold", slices.Concat(asked, []any{shows(3 * time.Hour), resume, inStore(3*time.Hour+settle, held)}), Write{}, true, ""},
		{"the release is in doubt, and it is on hold", slices.Concat(asked, []any{shows(3 * time.Hour), resume, inStore(4*time.Hour, held)}), resume, false, ""},
		{"the release is in doubt, and it was done", slices.Concat(asked, []any{shows(3 * time.Hour), resume, inStore(4*time.Hour, open)}), Write{}, false, ""},
		{"somebody released it and put it on hold again, after the request", slices.Concat(asked, []any{inStore(3*time.Hour, open), shows(4 * time.Hour), inStore(5*time.Hour, held)}), Write{}, false, ""},
		{"somebody released it during the request: once is enough", slices.Concat(asked, []any{inStore(3*time.Hour, open)}), Write{}, false, ""},
		{"and the retailer asks a second time", slices.Concat(asked, []any{inStore(3*time.Hour, open), shows(4 * time.Hour), shows(5*time.Hour, asks)}), suspend, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: open}, shows(time.Hour)}
			o := fold(append(before, test.events...)...)
			w, _ := o.Next(Rules{Now: at(2 * day), Started: at(2 * day), HoldOnRequest: true})
			n, _ := o.Trouble()
			if w != test.next || (o.Intent != nil) != test.doubt || o.Held() != (test.trouble != "") || !strings.HasPrefix(n.Text, test.trouble) || n.Held && (n.Hint == "" || n.Hint == AskedAgain) {
				t.Errorf("next %v, doubt %t, held %t: %q (%s); want %v, %t, %q\n%+v", w, o.Intent != nil, o.Held(), n.Text, n.Hint, test.next, test.doubt, test.trouble, o)
			}
		})
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
