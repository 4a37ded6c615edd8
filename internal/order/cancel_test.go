package order

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const day = 24 * time.Hour

// allUnits are those of the order that the cancellations and holds here are of: two of line 1 and one of line 2.
var allUnits = []Packed{{1, 2}, {2, 1}}

func storeOrder(id int64, status string, lines ...Packed) Ref {
	r := whole(id, status)
	r.Child = id != 52
	r.Lines = lines
	return r
}

// vagueOrder has an item, too, of which nobody knows which line it is.
func vagueOrder(id int64, status string, lines ...Packed) Ref {
	r := storeOrder(id, status, lines...)
	r.Unclear = true
	return r
}

// shown is the order as DSCO shows it, acknowledged.
func shown(when time.Duration, change ...func(*InDSCO)) InDSCO {
	return listed(when, append([]func(*InDSCO){acknowledgedIn}, change...)...)
}

func oneLess(s *InDSCO)  { s.Lines[0].Cancelled = 1 }
func twoLess(s *InDSCO)  { s.Lines[0].Cancelled = 2 }
func lineLess(s *InDSCO) { s.Lines[1].Cancelled = 1 }

// wordless is a cancellation of the whole order without a word about its lines.
func wordless(s *InDSCO) { lifecycle("cancelled", "acknowledged")(s) }

// placed is the order with all its units in ShipStation and acknowledged, and what happened after that.
func placed(events ...any) Order {
	return fold(append([]any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: storeOrder(52, "awaiting_shipment", allUnits...)}, shown(time.Hour)}, events...)...)
}

type nextCase struct {
	name    string
	events  []any
	next    Write
	doubt   bool
	trouble string // what it is held for, the beginning of it
}

// testNext says what the order of placed needs after each of the cases. Orders that a retailer asks to cancel are put on hold.
func testNext(t *testing.T, cases []nextCase) {
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			o := placed(test.events...)
			w, _ := o.Next(Rules{Now: at(2 * day), Started: at(2 * day), HoldOnRequest: true})
			n, _ := o.Trouble()
			if w != test.next || (o.Intent != nil) != test.doubt || o.Held() != (test.trouble != "") || !strings.HasPrefix(n.Text, test.trouble) || n.Held && (n.Hint == "" || n.Hint == AskedAgain) {
				t.Errorf("next %v, doubt %t, held %t: %q (%s); want %v, %t, %q\n%+v", w, o.Intent != nil, o.Held(), n.Text, n.Hint, test.next, test.doubt, test.trouble, o)
			}
		})
	}
}

func TestNextCancellation(t *testing.T) {
	is := func(status string, lines ...Packed) Ref { return storeOrder(52, status, lines...) }
	open, held, unclear := is("awaiting_shipment", allUnits...), is("on_hold", allUnits...), vagueOrder(52, "awaiting_shipment", allUnits...)
	shows, less := shown, oneLess
	asks := func(s *InDSCO) { s.DSCO.Requested = true }
	found := func(when time.Duration, r Ref, mark time.Duration) FoundReceipt {
		return FoundReceipt{At: at(when), Proves: at(when - settle), Ref: r, Mark: at(mark)}
	}
	correct, tell := Write{Step: CancelShipStation, Ref: 52}, Write{Step: CancelDSCO}
	suspend, resume := Write{Step: Suspend, Ref: 52}, Write{Step: Resume, Ref: 52}
	asked := []any{shows(2*time.Hour, asks), suspend, SuspendedReceipt{At: at(2 * time.Hour), Ref: 52, Mark: at(2 * time.Hour)}}
	dropped := []any{inStore(2*time.Hour, is("cancelled", allUnits...))}
	testNext(t, []nextCase{
		{"nothing is cancelled", nil, Write{}, false, ""},

		{"cancelled in DSCO in part", []any{shows(2*time.Hour, less)}, correct, false, ""},
		{"and corrected", []any{shows(2*time.Hour, less), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: is("awaiting_shipment", Packed{1, 1}, Packed{2, 1})}}, Write{}, false, ""},
		{"and ShipStation's answer shows it as it was", []any{shows(2*time.Hour, less), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: open}}, Write{}, false, "ShipStation took the change of order 1, but shows it as awaiting_shipment and unchanged"},
		{"and it is in doubt, and a list shows it done", []any{shows(2*time.Hour, less), correct, inStore(3*time.Hour, is("awaiting_shipment", Packed{1, 1}, Packed{2, 1}))}, Write{}, false, ""},
		{"and it is in doubt, and a list would show it done", []any{shows(2*time.Hour, less), correct, inStore(3*time.Hour, open)}, correct, false, ""},
		{"and it is in doubt, and a list may not show it yet", []any{shows(2*time.Hour, less), correct, inStore(2*time.Hour+settle, open)}, Write{}, true, ""},
		{"and ShipStation has it no more: no doubt", []any{shows(2*time.Hour, less), correct, LostReceipt{At: at(3 * time.Hour), Ref: 52}}, Write{}, false, ""},
		{"and it is not clear what ShipStation holds", []any{inStore(2*time.Hour, unclear), shows(2*time.Hour, less)}, Write{}, false, "DSCO has cancelled line 1 (1 unit), but it is not clear which items of ShipStation order 1 these are"},
		{"and a parcel has it: DSCO hears of what is left of it", []any{parcels(2*time.Hour, label(7, "1ZA", allUnits...)), shows(2*time.Hour, less)}, Write{Step: Ship, Parcel: 7}, false, "DSCO shows line 1 (1 unit) as cancelled, but the parcel 1ZA was made for it"},

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
	})
}

// What DSCO is to hear of: units that lie in cancelled ShipStation orders alone. Those that another order or a parcel holds
// are not among them; where that cannot be told a person is asked, and what was taken out by hand is only pointed out.
func TestCancellable(t *testing.T) {
	open, dead := "awaiting_shipment", "cancelled"
	refs := func(all ...Ref) InShipStation { return inStore(2*time.Hour, all...) }
	of := func(ref, id int64, lines ...Packed) InParcels {
		p := label(id, "1ZA", lines...)
		p.Ref = ref
		return parcels(3*time.Hour, p)
	}
	unclear := parcels(3*time.Hour, Parcel{ID: 9, Number: "1ZC", Ref: 52, Created: at(time.Hour), Unclear: "it has no items"})
	elsewhere := shown(4*time.Hour, packedAs("X", []Packed{{1, 1}}))
	const torn = "a part of it was cancelled in ShipStation, and it is not clear which units are left"
	for _, test := range []struct {
		name   string
		events []any
		want   []Packed
		held   string // the beginning of what DSCO is not told for
		notice string // the lines that ShipStation does not hold
	}{
		{"all of it", []any{refs(storeOrder(52, dead, allUnits...))}, allUnits, "", ""},
		{"all of it, lowered before", []any{refs(storeOrder(52, dead, Packed{1, 1}))}, allUnits, "", ""},
		{"of what DSCO has not cancelled", []any{refs(storeOrder(52, dead, allUnits...)), shown(3*time.Hour, oneLess)}, []Packed{{1, 1}, {2, 1}}, "", ""},
		{"a provider refused it", []any{refs(storeOrder(52, "rejected_fulfillment", allUnits...))}, nil, "", ""},

		{"a part holds a unit", []any{refs(storeOrder(52, dead, Packed{1, 1}, Packed{2, 1}), storeOrder(53, open, Packed{1, 1}))}, []Packed{{1, 1}, {2, 1}}, "", ""},
		{"a part of it", []any{refs(storeOrder(52, open, Packed{1, 1}, Packed{2, 1}), storeOrder(53, dead, Packed{1, 1}))}, []Packed{{1, 1}}, "", ""},
		{"a part of it, and the rest was lowered", []any{refs(storeOrder(52, open, Packed{2, 1}), storeOrder(53, dead, Packed{1, 1}))}, []Packed{{1, 1}}, "", "line 1 (1 unit)"},
		{"lowered alone", []any{refs(storeOrder(52, open, Packed{1, 1}, Packed{2, 1}))}, nil, "", "line 1 (1 unit)"},
		{"lowered and put back", []any{refs(storeOrder(52, open, Packed{1, 1}, Packed{2, 1})), inStore(4*time.Hour, storeOrder(52, open, allUnits...))}, nil, "", ""},
		{"lowered and counted as shipped by DSCO", []any{refs(storeOrder(52, "shipped", Packed{1, 1}, Packed{2, 1})), shown(4*time.Hour, lifecycle("shipped", "completed"))}, nil, "", ""},
		{"lowered, for DSCO has cancelled it", []any{shown(2*time.Hour, oneLess), refs(storeOrder(52, open, Packed{1, 1}, Packed{2, 1}))}, nil, "", ""},

		{"a label holds a unit", []any{refs(storeOrder(52, dead, allUnits...)), of(52, 7, Packed{1, 1})}, []Packed{{1, 1}, {2, 1}}, "", ""},
		{"a label of it holds a unit, another part another line", []any{refs(storeOrder(52, dead, Packed{1, 2}), storeOrder(53, open, Packed{2, 1})), of(52, 7, Packed{1, 1})}, []Packed{{1, 1}}, "", ""},
		{"a label of the part that is left", []any{refs(storeOrder(52, dead, Packed{1, 1}, Packed{2, 1}), storeOrder(53, "shipped", Packed{1, 1})), of(53, 7, Packed{1, 1})}, []Packed{{1, 1}, {2, 1}}, "", ""},
		{"a label of it that was voided", []any{refs(storeOrder(52, dead, allUnits...)), of(52, 7, Packed{1, 1}), parcels(4*time.Hour, voided(label(7, "1ZA"), 4*time.Hour))}, allUnits, "", ""},
		{"lowered before, and a label holds the other line", []any{refs(storeOrder(52, dead, Packed{1, 1}, Packed{2, 1})), of(52, 7, Packed{2, 1})}, []Packed{{1, 1}}, "", "line 1 (1 unit)"},
		{"somebody else shipped a unit, a label holds the other", []any{refs(storeOrder(52, dead, allUnits...)), of(52, 7, Packed{1, 1}), elsewhere}, []Packed{{2, 1}}, "", ""},
		{"somebody else shipped a unit, a part holds the others", []any{refs(storeOrder(52, dead, Packed{1, 1}), storeOrder(53, open, Packed{1, 1}, Packed{2, 1})), elsewhere}, nil, "", ""},

		{"the part that is left is unclear", []any{refs(vagueOrder(52, open, Packed{2, 1}), storeOrder(53, dead, Packed{1, 1}))}, nil, torn, ""},
		{"and DSCO counts it as shipped", []any{refs(vagueOrder(52, open, Packed{2, 1}), storeOrder(53, dead, Packed{1, 1})), shown(3*time.Hour, lifecycle("shipped", "completed"))}, nil, "", ""},
		{"and DSCO has cancelled all of it", []any{refs(vagueOrder(52, open, Packed{2, 1}), storeOrder(53, dead, Packed{1, 1})), shown(3*time.Hour, wordless)}, nil, "", ""},
		{"and nothing is left of it but a line of no units", []any{refs(vagueOrder(52, open, Packed{2, 1}), storeOrder(53, dead, Packed{1, 1})), shown(3*time.Hour, twoLess, func(s *InDSCO) { s.Lines[1].Ordered = 0 })}, nil, "", ""},
		{"a label of it is unclear", []any{refs(storeOrder(52, dead, allUnits...)), unclear}, nil, torn, ""},
		{"the cancelled part is unclear, and units are missing", []any{refs(storeOrder(52, open, Packed{1, 1}, Packed{2, 1}), vagueOrder(53, dead))}, nil, torn, "line 1 (1 unit)"},
		{"the cancelled part is unclear, and none are missing", []any{refs(storeOrder(52, open, allUnits...), vagueOrder(53, dead))}, nil, "", ""},
		{"all of it, unclear, and a label holds a line", []any{refs(vagueOrder(52, dead)), of(52, 7, Packed{2, 1})}, nil, torn, "line 1 (2 units)"},
		{"all of it, unclear", []any{refs(vagueOrder(52, dead))}, allUnits, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := placed(test.events...)
			if diff := cmp.Diff(test.want, o.Cancellable()); diff != "" {
				t.Error(diff)
			}
			if n := o.Note(Write{Step: CancelDSCO}); n.Held != (test.held != "") || !strings.HasPrefix(n.Text, test.held) {
				t.Errorf("held: %+v", n)
			}
			notices := ""
			for _, n := range o.Notices {
				if n.Code == "lowered" {
					notices += n.Text
				}
			}
			if (notices != "") != (test.notice != "") || !strings.Contains(notices, ": "+test.notice+" is not there") && notices != "" {
				t.Errorf("notices: %s", notices)
			}
		})
	}
}

// A part that was cancelled, told, taken back on both sides and cancelled again is told again.
func TestCancelledASecondTime(t *testing.T) {
	rest, part, gone := storeOrder(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1}), storeOrder(53, "awaiting_shipment", Packed{1, 1}), storeOrder(53, "cancelled", Packed{1, 1})
	tell := Write{Step: CancelDSCO}
	testNext(t, []nextCase{
		{"once", []any{inStore(2*time.Hour, rest, gone), tell, CancelledReceipt{At: at(3 * time.Hour)}}, Write{}, false, ""},
		{"twice", []any{inStore(2*time.Hour, rest, gone), tell, CancelledReceipt{At: at(3 * time.Hour)}, inStore(4*time.Hour, rest, part), shown(5 * time.Hour), inStore(6*time.Hour, rest, gone)}, tell, false, ""},
	})
}

// What is cancelled in DSCO while nobody knows whether the order was created is cancelled there once it is found.
func TestCancelledWhileItsCreationIsInDoubt(t *testing.T) {
	for _, change := range []func(*InDSCO){oneLess, cancelled} {
		o := fold(listed(0), create, listed(time.Hour, change), inStore(2*time.Hour, storeOrder(52, "awaiting_shipment", allUnits...)))
		if w, _ := o.Next(Rules{Now: at(day)}); w != (Write{Step: CancelShipStation, Ref: 52}) || o.Held() {
			t.Errorf("next %v, %+v", w, o.Notes)
		}
	}
}

// What each ShipStation order is to hold once it knows what DSCO has cancelled. Parts go first, and a person's count of
// another line stays.
func TestCorrection(t *testing.T) {
	open := "awaiting_shipment"
	part := storeOrder(53, open, Packed{1, 1})
	for _, test := range []struct {
		name   string
		events []any
		want   map[int64][]Packed // for those that are to be changed; no line for those to be cancelled
		next   int64
	}{
		{"nothing is cancelled", nil, nil, 0},
		{"a unit", []any{shown(2*time.Hour, oneLess)}, map[int64][]Packed{52: {{1, 1}, {2, 1}}}, 52},
		{"a line", []any{shown(2*time.Hour, lineLess)}, map[int64][]Packed{52: {{1, 2}}}, 52},
		{"all", []any{shown(2*time.Hour, cancelled)}, map[int64][]Packed{52: nil}, 52},
		{"all, but no line says so", []any{shown(2*time.Hour, wordless)}, map[int64][]Packed{52: nil}, 52},
		{"all, of which ShipStation has other lines only", []any{inStore(2*time.Hour, storeOrder(52, open, Packed{9, 1})), shown(3*time.Hour, cancelled)}, map[int64][]Packed{52: nil}, 52},
		{"a unit of an order in two parts", []any{inStore(2*time.Hour, storeOrder(52, open, Packed{1, 1}, Packed{2, 1}), part), shown(3*time.Hour, oneLess)}, map[int64][]Packed{53: nil}, 53},
		{"a unit that the part does not hold", []any{inStore(2*time.Hour, storeOrder(52, open, Packed{1, 2}), storeOrder(53, open, Packed{2, 1})), shown(3*time.Hour, oneLess)}, map[int64][]Packed{52: {{1, 1}}}, 52},
		{"more than the part holds", []any{inStore(2*time.Hour, storeOrder(52, open, Packed{1, 1}, Packed{2, 1}), part), shown(3*time.Hour, twoLess)}, map[int64][]Packed{52: {{2, 1}}, 53: nil}, 53},
		{"a unit, and the part is cancelled", []any{inStore(2*time.Hour, storeOrder(52, open, allUnits...), storeOrder(53, "cancelled", Packed{1, 1})), shown(3*time.Hour, oneLess)}, map[int64][]Packed{52: {{1, 1}, {2, 1}}}, 52},
		{"a line, and somebody put more of the other into it", []any{inStore(2*time.Hour, storeOrder(52, open, Packed{1, 3}, Packed{2, 1})), shown(3*time.Hour, lineLess)}, map[int64][]Packed{52: {{1, 3}}}, 52},
		{"a unit that somebody took out already", []any{inStore(2*time.Hour, storeOrder(52, open, Packed{1, 1}, Packed{2, 1})), shown(3*time.Hour, oneLess)}, nil, 0},
		{"a unit, done", []any{shown(2*time.Hour, oneLess), inStore(3*time.Hour, storeOrder(52, open, Packed{1, 1}, Packed{2, 1}))}, nil, 0},
		{"a unit and then another", []any{shown(2*time.Hour, oneLess), inStore(3*time.Hour, storeOrder(52, open, Packed{1, 1}, Packed{2, 1})), shown(4*time.Hour, twoLess)}, map[int64][]Packed{52: {{2, 1}}}, 52},
		{"all, done and restored", []any{shown(2*time.Hour, cancelled), inStore(3*time.Hour, storeOrder(52, "cancelled", allUnits...)), inStore(4*time.Hour, storeOrder(52, open, allUnits...))}, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := placed(test.events...)
			var got map[int64][]Packed
			for _, ref := range []int64{52, 53, 99} {
				if lines, due := o.Correction(ref); due {
					if got == nil {
						got = map[int64][]Packed{}
					}
					got[ref] = lines
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if w, _ := o.Next(Rules{Now: at(day)}); w.Ref != test.next {
				t.Errorf("next %v, want %d", w, test.next)
			}
		})
	}
}

// Which orders count for the guard: those whose cancellation DSCO is to hear of, and those that the guard kept back until a
// person dealt with them.
func TestWithdrawing(t *testing.T) {
	gone := inStore(2*time.Hour, storeOrder(52, "cancelled", allUnits...))
	tell := Write{Step: CancelDSCO}
	guarded := Note{Write: tell, Code: Guarded, Held: true, Text: "too many", Hint: "look"}
	for _, test := range []struct {
		name string
		o    Order
		want bool
	}{
		{"nothing is cancelled", placed(), false},
		{"cancelled in ShipStation", placed(gone), true},
		{"before DSCO counts it as acknowledged", fold(listed(0), create, receipt, gone), true},
		{"and DSCO may have heard of it", placed(gone, tell), false},
		{"and DSCO has", placed(gone, tell, CancelledReceipt{At: at(3 * time.Hour)}), false},
		{"and the guard kept it back", placed(gone, guarded), true},
		{"and a person dealt with that", placed(gone, guarded, dismissed), false},
		{"and DSCO refused it", placed(gone, tell, Note{Write: tell, Held: true, Text: "no"}), false},
		{"and the run that told it failed", placed(gone, tell, Note{Write: tell, Text: "no"}), true},
	} {
		if got := test.o.Withdrawing(); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

// A request to cancel is shown as long as there is something to decide, with what it is about, and dated once.
func TestCancelRequested(t *testing.T) {
	asks := func(lines ...int) func(*InDSCO) {
		return func(s *InDSCO) {
			s.DSCO.Requested = true
			for _, i := range lines {
				s.Lines[i].Requested = true
			}
		}
	}
	for _, test := range []struct {
		name   string
		events []any
		what   string // "" = nothing to decide
	}{
		{"nobody asks", nil, ""},
		{"for all of it", []any{shown(2*time.Hour, asks())}, "it"},
		{"for each of its lines", []any{shown(2*time.Hour, asks(0, 1))}, "it"},
		{"for a line", []any{shown(2*time.Hour, asks(0))}, "line 1 (2 units)"},
		{"for another line", []any{shown(2*time.Hour, asks(1))}, "line 2 (1 unit)"},
		{"for all that is left", []any{shown(2*time.Hour, asks(1), twoLess)}, "it"},
		{"for a line, and then for all", []any{shown(2*time.Hour, asks(1)), shown(3*time.Hour, asks(0, 1))}, "it"},
		{"for a line that is cancelled by now", []any{shown(2*time.Hour, asks(1)), shown(3*time.Hour, asks(1), lineLess)}, ""},
		{"and no longer", []any{shown(2*time.Hour, asks()), shown(3 * time.Hour)}, ""},
		{"for what is cancelled", []any{shown(2*time.Hour, asks()), shown(3*time.Hour, asks(), wordless)}, ""},
		{"for what is shipped", []any{shown(2*time.Hour, asks()), shown(3*time.Hour, asks(), lifecycle("shipped", "completed"))}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := placed(test.events...)
			text := ""
			for _, n := range o.Notices {
				if n.Code == "cancel-requested" {
					text += n.Text
				}
			}
			if o.CancelRequested() != (test.what != "") || (text != "") != (test.what != "") || text != "" && !strings.HasPrefix(text, "the retailer asks to cancel "+test.what+":") {
				t.Errorf("%t: %q", o.CancelRequested(), text)
			}
			again := o.See(Looked{At: at(day)})
			if diff := cmp.Diff(o.Notices, again.Notices); diff != "" || again.Updated != o.Updated {
				t.Errorf("the same is noticed again: %s", diff)
			}
		})
	}
}
