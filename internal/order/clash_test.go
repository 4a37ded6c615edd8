package order

import (
	"fmt"
	"testing"
	"time"
)

// What the two sides contradict each other in is held, and nothing is undone. What only looks like it is not.
func TestClash(t *testing.T) {
	open, dead := "awaiting_shipment", "cancelled"
	less := storeOrder(52, open, Packed{1, 1}, Packed{2, 1})
	all, gone := storeOrder(52, open, allUnits...), storeOrder(52, dead, allUnits...)
	sharing := func(r Ref) Ref {
		r.Others = []ID{"9", "10"}
		return r
	}
	correct, tell := Write{Step: CancelShipStation, Ref: 52}, Write{Step: CancelDSCO}
	reduced := []any{shown(2*time.Hour, oneLess), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: less}}
	ended := []any{shown(2*time.Hour, cancelled), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: gone}}
	after := func(before []any, events ...any) []any { return append(append([]any{}, before...), events...) }
	other := parcels(3*time.Hour, label(7, "1ZA", Packed{2, 1}))
	unclear := parcels(3*time.Hour, Parcel{ID: 9, Number: "1ZC", Created: at(time.Hour), Unclear: "it has no items"})
	ship := Write{Step: Ship, Parcel: 7}
	bought := func(id, ref int64, lines ...Packed) InParcels {
		p := label(id, fmt.Sprint("1Z", id), lines...)
		p.Ref = ref
		return parcels(3*time.Hour, p)
	}
	marked := func(id, ref int64, lines ...Packed) InParcels {
		s := bought(id, ref, lines...)
		s.Parcels[0].Marked = true
		return s
	}
	made := inStore(2*time.Hour, storeOrder(52, "shipped", allUnits...)) // nothing is to be taken out any more
	const again = "DSCO shows line 1 (1 unit) as live again after it was cancelled, but in ShipStation it is cancelled"
	testNext(t, []nextCase{
		{"cancelled in DSCO, a parcel holds some of it", []any{other, shown(4*time.Hour, cancelled)}, Write{}, false, "DSCO shows it as cancelled, but the parcel 1ZA was made for it"},
		{"cancelled in DSCO, nobody knows what the parcel holds", []any{unclear, shown(4*time.Hour, cancelled)}, Write{}, false, "DSCO shows it as cancelled, but the parcel 1ZC was made for it"},
		{"cancelled in DSCO, shipped without a parcel that is known", []any{inStore(3*time.Hour, storeOrder(52, "shipped", allUnits...)), shown(4*time.Hour, cancelled)}, Write{}, false, "DSCO shows it as cancelled, but in ShipStation it is shipped"},
		{"a line cancelled in DSCO, a parcel holds the other", []any{parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2})), shown(4*time.Hour, lineLess)}, ship, false, "DSCO has cancelled line 2 (1 unit), but the order has a parcel already (1ZA)"},
		{"a unit cancelled in DSCO, one label holds both", []any{made, bought(7, 52, Packed{1, 2}), shown(4*time.Hour, oneLess)}, ship, false, "DSCO shows line 1 (1 unit) as cancelled, but the parcel 1Z7 was made for it"},
		{"a unit cancelled in DSCO, two labels hold both", []any{made, bought(7, 52, Packed{1, 1}), bought(8, 52, Packed{1, 1}), shown(4*time.Hour, oneLess)}, ship, false, "DSCO shows line 1 (1 unit) as cancelled, but the parcel 1Z8 was made for it"},
		{"a unit cancelled in DSCO, a label and a mark of another part hold both", []any{made, bought(7, 52, Packed{1, 1}), marked(8, 53, Packed{1, 1}), shown(4*time.Hour, oneLess)}, ship, false, "DSCO shows line 1 (1 unit) as cancelled, but the parcel 1Z8 was made for it"},
		{"a unit cancelled in DSCO, the mark of the order is for what its label holds, too", []any{made, bought(7, 52, Packed{1, 1}), marked(8, 52, Packed{1, 1}, Packed{2, 1}), marked(9, 52, Packed{1, 1}, Packed{2, 1}), shown(4*time.Hour, oneLess)}, ship, false, ""},
		{"a unit cancelled in DSCO, a mark and a label of another part hold both", []any{made, marked(7, 52, Packed{1, 1}), bought(8, 52, Packed{2, 1}), bought(9, 53, Packed{1, 1}), shown(4*time.Hour, oneLess)}, ship, false, "DSCO shows line 1 (1 unit) as cancelled, but the parcel 1Z9 was made for it"},
		{"a unit cancelled in DSCO, one of its labels was voided", []any{made, bought(7, 52, Packed{1, 1}), bought(8, 52, Packed{1, 1}), parcels(4*time.Hour, voided(label(8, "1Z8"), 4*time.Hour)), shown(5*time.Hour, oneLess)}, ship, false, ""},
		{"a part cancelled in ShipStation and told, restored and labelled before anybody looked", []any{inStore(2*time.Hour, storeOrder(52, open, Packed{1, 1}, Packed{2, 1}), storeOrder(53, dead, Packed{1, 1})), tell, CancelledReceipt{At: at(3 * time.Hour)},
			bought(7, 52, Packed{1, 1}, Packed{2, 1}), bought(8, 53, Packed{1, 1}), inStore(4*time.Hour, storeOrder(52, "shipped", Packed{1, 1}, Packed{2, 1}), storeOrder(53, "shipped", Packed{1, 1}))}, ship, false, "DSCO shows line 1 (1 unit) as cancelled, but the parcel 1Z8 was made for it"},
		{"more than was ordered, and nothing is cancelled: shipped again", []any{made, bought(7, 52, Packed{1, 2}), bought(8, 52, Packed{1, 2})}, ship, false, ""},
		{"more than was ordered of a line, and another is cancelled", []any{made, bought(7, 52, Packed{1, 2}), bought(8, 52, Packed{1, 2}), shown(4*time.Hour, lineLess)}, ship, false, ""},

		{"a unit cancelled in DSCO that ShipStation does not hold, beside a cancelled part of which nothing is known", []any{inStore(2*time.Hour, less, vagueOrder(53, dead)), shown(3*time.Hour, oneLess), other}, ship, false, ""},

		{"combined with another order", []any{inStore(2*time.Hour, sharing(all)), shown(3*time.Hour, oneLess)}, Write{}, false, "DSCO has cancelled line 1 (1 unit), but ShipStation order 1 holds order 9, 10, too: they were combined"},
		{"combined with another order, and that is cancelled", []any{inStore(2*time.Hour, all, sharing(storeOrder(53, dead))), shown(3*time.Hour, oneLess)}, correct, false, ""},
		{"an item is unclear", []any{inStore(2*time.Hour, vagueOrder(52, open, Packed{2, 1})), shown(3*time.Hour, oneLess)}, Write{}, false, "DSCO has cancelled line 1 (1 unit), but it is not clear which items of ShipStation order 1 these are"},
		{"an item is unclear, but it is cancelled as a whole", []any{inStore(2*time.Hour, vagueOrder(52, open, Packed{2, 1})), shown(3*time.Hour, cancelled)}, correct, false, ""},
		{"an item of a cancelled part is unclear", []any{inStore(2*time.Hour, all, vagueOrder(53, dead, Packed{1, 1})), shown(3*time.Hour, oneLess)}, correct, false, ""},

		{"a unit after the other, both taken out", after(reduced, shown(3*time.Hour, twoLess), correct, CorrectedReceipt{At: at(3 * time.Hour), Ref: storeOrder(52, open, Packed{2, 1})}), Write{}, false, ""},
		{"a unit is put back", after(reduced, inStore(3*time.Hour, all)), Write{}, false, "DSCO shows line 1 (1 unit) as cancelled, but in ShipStation it is open again"},
		{"a unit is put back, beside an item that is unclear", after(reduced, inStore(3*time.Hour, vagueOrder(52, open, allUnits...))), Write{}, false, "DSCO shows line 1 (1 unit) as cancelled, but in ShipStation it is open again"},
		{"more is put in of a line that was not cancelled", after(reduced, inStore(3*time.Hour, storeOrder(52, open, Packed{1, 1}, Packed{2, 2}))), Write{}, false, ""},
		{"cancelled after it was shipped: that is for its parcels to say", []any{inStore(2*time.Hour, storeOrder(52, "shipped", allUnits...)), shown(3*time.Hour, oneLess)}, Write{}, false, ""},
		{"all of it is open again", after(ended, inStore(3*time.Hour, all)), Write{}, false, "DSCO shows it as cancelled, but in ShipStation it is open again"},
		{"it is open again, nobody knows with what", after(ended, inStore(3*time.Hour, vagueOrder(52, open))), Write{}, false, "DSCO shows it as cancelled, but in ShipStation it is open again"},

		{"DSCO takes it back", after(reduced, shown(3*time.Hour)), Write{}, false, again},
		{"and ShipStation holds it, too", after(reduced, shown(3*time.Hour), inStore(4*time.Hour, all)), Write{}, false, ""},
		{"and ShipStation may hold it", after(reduced, shown(3*time.Hour), inStore(4*time.Hour, vagueOrder(52, open, Packed{1, 1}, Packed{2, 1}))), Write{}, false, again},
		{"and ShipStation holds it, and an item is unclear", after(reduced, shown(3*time.Hour), inStore(4*time.Hour, vagueOrder(52, open, allUnits...))), Write{}, false, ""},
		{"DSCO takes a part of it back, and ShipStation holds that", after(ended, shown(3*time.Hour, oneLess), inStore(4*time.Hour, less)), Write{}, false, ""},
		{"DSCO takes it back, and it was restored and shipped", after(ended, shown(3*time.Hour), inStore(4*time.Hour, storeOrder(52, "shipped", allUnits...))), Write{}, false, ""},
		{"shipped though it was cancelled, and DSCO takes that back", []any{inStore(2*time.Hour, storeOrder(52, "shipped", allUnits...)), shown(3*time.Hour, cancelled), shown(4 * time.Hour)}, Write{}, false, ""},
		{"and it was not restored in ShipStation", after(ended, shown(3*time.Hour)), Write{}, false, "DSCO shows line 1 (2 units), line 2 (1 unit) as live again"},
	})
}

// A parcel of what DSCO has cancelled is a contradiction, also where its ShipStation order was never found.
func TestClashWithoutAnOrderInShipStation(t *testing.T) {
	made := parcels(time.Hour, label(7, "1ZA", Packed{1, 2}))
	for _, test := range []struct {
		name   string
		change func(*InDSCO)
		held   bool
	}{
		{"all of it", cancelled, true},
		{"a unit of it", oneLess, true},
		{"another line", lineLess, false},
		{"nothing", func(*InDSCO) {}, false},
	} {
		if o := fold(listed(0), made, listed(2*time.Hour, test.change)); o.HeldAt(CancelShipStation) != test.held || len(o.Notices) > 0 {
			t.Errorf("%s: %+v %+v", test.name, o.Notes, o.Notices)
		}
	}
}

// A hold on what is no longer needed goes. What is in doubt keeps its note, and no other does so for its sake.
func TestNeedless(t *testing.T) {
	asks := func(s *InDSCO) { s.DSCO.Requested = true }
	suspend, correct := Write{Step: Suspend, Ref: 52}, Write{Step: CancelShipStation, Ref: 52}
	for _, test := range []struct {
		name   string
		events []any
		write  Write
		stays  bool
	}{
		{"still asked for", []any{shown(2*time.Hour, asks), Note{Write: suspend, Text: "no"}, shown(3*time.Hour, asks)}, suspend, true},
		{"no longer asked for", []any{shown(2*time.Hour, asks), Note{Write: suspend, Text: "no"}, shown(3 * time.Hour)}, suspend, false},
		{"no longer asked for, and in doubt", []any{shown(2*time.Hour, asks), suspend, uncertain(suspend, false), shown(3 * time.Hour)}, suspend, true},
		{"no longer asked for, while another write is in doubt", []any{shown(2*time.Hour, asks), Note{Write: suspend, Text: "no"}, correct, shown(3 * time.Hour)}, suspend, false},
		{"the order it concerns went into another", []any{shown(2*time.Hour, cancelled), Note{Write: correct, Text: "no"}, inStore(3*time.Hour, Ref{ID: 54, Number: "1", Status: "awaiting_shipment", Merged: []int64{52}, Lines: allUnits})}, correct, false},
	} {
		if o := placed(test.events...); (o.Note(test.write).Text != "") != test.stays {
			t.Errorf("%s: %+v", test.name, o.Notes)
		}
	}
}
