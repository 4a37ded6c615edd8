package sim

import (
	"strings"
	"testing"
)

// What is judged by Wrong is worth no more than what that finds: here nobody carries anything, or carries it wrong.
func TestPeopleSeeWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		name   string
		course course
		do     func(*World, *errand)
		wrong  string // "" when all is well
	}{
		{"never created", lies, func(*World, *errand) {}, "stands 0 times"},
		{"not acknowledged", lies, func(w *World, e *errand) { w.carry(e) }, `is "created" in DSCO`},
		{"as it should be", lies, func(w *World, e *errand) { w.carry(e); w.AcknowledgeInDSCO(e.id) }, ""},
		{"created twice", lies, func(w *World, e *errand) { w.carry(e); w.carry(e); w.AcknowledgeInDSCO(e.id) }, "stands 2 times"},
		{"a cancelled one that was created", cancelledAtOnce, func(w *World, e *errand) { w.carry(e) }, `is "awaiting_shipment" in ShipStation`},
		{"a cancelled one that was not", cancelledAtOnce, func(*World, *errand) {}, ""},
		{"a parcel that nobody told", ships, func(w *World, e *errand) { w.ship(e) }, "told 0 times"},
		{"a parcel told", ships, func(w *World, e *errand) { w.AddPackage(e.id, w.ship(e)) }, ""},
		{"a parcel told twice", ships, func(w *World, e *errand) {
			number := w.ship(e)
			w.AddPackage(e.id, number)
			w.AddPackage(e.id, number)
		}, "told 2 times"},
		{"another parcel told", ships, func(w *World, e *errand) {
			w.AddPackage(e.id, w.ship(e))
			w.AddPackage(e.id, "1ZNOBODY")
		}, "was told of"},
		{"half of a parcel told", ships, func(w *World, e *errand) {
			w.AddPackage(e.id, w.ship(e), func(pack map[string]any) {
				pack["items"].([]any)[0].(map[string]any)["quantity"] = 1
			})
		}, "of line 1"},
		{"a cancellation that DSCO was not told of", cancelledInShip, func(w *World, e *errand) {
			w.carry(e)
			w.CancelInShipStation(Int(w.ByNumber(e.id)[0], "orderId"))
			w.AcknowledgeInDSCO(e.id)
			e.over = true
		}, "of line 1"},
		{"not gone all the way", shipsInParts, func(w *World, e *errand) { w.carry(e) }, "had not done with it"},
	} {
		w := New(Options{})
		p := NewPeople(w, 1)
		p.place(test.course)
		test.do(w, p.errands[0])
		wrong := strings.Join(p.Wrong(), "; ")
		if test.wrong == "" && wrong != "" || !strings.Contains(wrong, test.wrong) {
			t.Errorf("%s: %q, want %q", test.name, wrong, test.wrong)
		}
	}
}

// carry creates an order in ShipStation.
func (w *World) carry(e *errand) {
	items := []any{}
	for i := range w.Order(e.id)["lineItems"].([]any) {
		items = append(items, map[string]any{"lineItemKey": e.id + ":" + Text(w.Order(e.id), "lineItems", i, "lineNumber"), "quantity": Int(w.Order(e.id), "lineItems", i, "quantity")})
	}
	w.PutShipStation(map[string]any{"orderNumber": e.id, "orderKey": "dsco-" + e.id, "items": items})
}

// ship creates it, acknowledges it and has it shipped.
func (w *World) ship(e *errand) (number string) {
	w.carry(e)
	w.AcknowledgeInDSCO(e.id)
	w.BuyLabel(Int(w.ByNumber(e.id)[0], "orderId"))
	number = Text(w.Shipments()[0], "trackingNumber")
	e.numbers[number], e.over = true, true
	return number
}
