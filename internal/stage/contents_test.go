package stage

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
	"dscosync/internal/sim"
)

// Whose and what the items of a label are: its items' keys are proof, then the order it was bought for.
func TestWhatIsInALabel(t *testing.T) {
	known := &tracking{byRef: map[int64]order.ID{5: "10"}, rows: map[order.ID]order.Order{"10": {Lines: []order.Line{{Number: 1, SKU: "A"}, {Number: 2, SKU: "B"}, {Number: 3, SKU: "B"}}}}}
	item := func(key, sku string, units int) shipstation.OrderItem {
		return shipstation.OrderItem{Key: key, SKU: sku, Quantity: units}
	}
	const silent = "ShipStation does not tell what is in it"
	packed := func(lines ...order.Packed) order.Parcel { return order.Parcel{Lines: lines} }
	for _, c := range []struct {
		name string
		s    shipstation.Shipment
		want map[order.ID]order.Parcel
	}{
		{"by their keys", shipstation.Shipment{OrderID: 9, Items: []shipstation.OrderItem{item("10:1", "", 1), item("10:2", "A", 1), item("10:1", "", 2)}}, map[order.ID]order.Parcel{"10": packed(order.Packed{Line: 1, Units: 3}, order.Packed{Line: 2, Units: 1})}},
		{"of two orders", shipstation.Shipment{OrderID: 5, Items: []shipstation.OrderItem{item("10:1", "", 1), item("20:4", "", 1)}}, map[order.ID]order.Parcel{"10": packed(order.Packed{Line: 1, Units: 1}), "20": packed(order.Packed{Line: 4, Units: 1})}},
		{"by the order's id", shipstation.Shipment{OrderID: 5, Items: []shipstation.OrderItem{item("", "a", 1), item("shop:1", "A", 1), item("10:red", "A", 1)}}, map[order.ID]order.Parcel{"10": packed(order.Packed{Line: 1, Units: 3})}},
		{"by the order's key", shipstation.Shipment{OrderID: 9, OrderKey: "dsco-10", Items: []shipstation.OrderItem{item("", "A", 1)}}, map[order.ID]order.Parcel{"10": packed(order.Packed{Line: 1, Units: 1})}},
		{"a key that says nothing", shipstation.Shipment{OrderID: 5, OrderKey: "dsco-", Items: []shipstation.OrderItem{item("", "A", 1)}}, map[order.ID]order.Parcel{"10": packed(order.Packed{Line: 1, Units: 1})}},
		{"a key of another kind", shipstation.Shipment{OrderID: 5, OrderKey: "shop-7", Items: []shipstation.OrderItem{item("", "A", 1)}}, map[order.ID]order.Parcel{"10": packed(order.Packed{Line: 1, Units: 1})}},
		{"no unit of anything", shipstation.Shipment{OrderID: 5, Items: []shipstation.OrderItem{item("10:1", "", 1), item("10:2", "", 0), item("10:2", "", -1), {SKU: "A", Quantity: 1, Adjustment: true}}}, map[order.ID]order.Parcel{"10": packed(order.Packed{Line: 1, Units: 1})}},
		{"a SKU of two lines", shipstation.Shipment{OrderID: 5, Items: []shipstation.OrderItem{item("10:1", "", 1), item("", "B", 1)}}, map[order.ID]order.Parcel{"10": {Lines: []order.Packed{{Line: 1, Units: 1}}, Unclear: `a label has an item "B" that belongs to no line of the order, or to several`}}},
		{"nothing", shipstation.Shipment{OrderID: 5}, map[order.ID]order.Parcel{"10": {Unclear: silent}}},
		{"a discount alone", shipstation.Shipment{OrderID: 5, Items: []shipstation.OrderItem{{SKU: "A", Quantity: 1, Adjustment: true}}}, map[order.ID]order.Parcel{"10": {Unclear: silent}}},
		{"of another order alone", shipstation.Shipment{OrderID: 5, Items: []shipstation.OrderItem{item("20:1", "", 1)}}, map[order.ID]order.Parcel{"20": packed(order.Packed{Line: 1, Units: 1})}},
		{"of nobody we know", shipstation.Shipment{OrderID: 9, OrderKey: "shop-7", Items: []shipstation.OrderItem{item("", "A", 1), item("shop:1", "A", 1)}}, map[order.ID]order.Parcel{}},
		{"nothing, of nobody we know", shipstation.Shipment{OrderID: 9}, map[order.ID]order.Parcel{}},
	} {
		if diff := cmp.Diff(c.want, known.contents(c.s)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// What DSCO queued is asked for once for all orders of a request, and its answer counts before the lists show it.
func TestWhatEarlierRunsQueued(t *testing.T) {
	in(t, sim.Options{LogDelay: time.Minute, DSCOLag: 10 * time.Minute}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(3)
		time.Sleep(10 * time.Minute)
		h.pull()
		for _, id := range ids {
			if o := h.row(id); o.Intent == nil || o.Intent.RequestID == "" || !o.Acknowledged.IsZero() {
				t.Fatalf("not set up: %+v", o)
			}
		}
		time.Sleep(2 * time.Minute)
		if n := count(h.since(func() { h.pull() }), byPath(sim.DSCO, "/api/v3/order/log")); n != 1 {
			t.Errorf("asked %d times", n)
		}
		for _, id := range ids {
			if o := h.row(id); o.Acknowledged.IsZero() || o.Intent != nil {
				t.Errorf("%+v", o)
			}
		}
		h.lawful()
	})
}

// Of orders that are read one by one: what cannot be read is said and left, what is gone is held, and with credentials
// that are refused no other is asked for.
func TestReadOneByOne(t *testing.T) {
	for _, test := range []struct {
		status, reads, held int
		kind                remote.Kind
		says                string
	}{
		{500, 3, 0, 0, "cannot be read from DSCO, a later run tries again"},
		{403, 3, 0, 0, "cannot be read from DSCO, a later run tries again"},
		{404, 3, 3, 0, "DSCO has no order with this id any more"},
		{401, 1, 0, remote.Unauthorized, ""},
	} {
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
				h.start()
				ids := h.add(3)
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path == creates {
						return &sim.Fault{Status: 429}
					}
					return nil
				})
				h.pull()
				for _, id := range ids {
					h.world.AcknowledgeInDSCO(id)
				}
				h.world.Fail(func(c sim.Call) *sim.Fault {
					switch {
					case oneRead(c):
						return &sim.Fault{Status: test.status}
					case pageRead(c) && !strings.Contains(c.Query.Encode(), "created&"):
						return &sim.Fault{Status: 200, Body: page()}
					}
					return nil
				})
				time.Sleep(2 * time.Hour)
				h.log.Reset()
				asked := map[string]bool{}
				var res Result
				for _, c := range h.since(func() { res = h.pull() }) {
					if oneRead(c) {
						asked[c.Query.Get("value")] = true
					}
				}
				if (res.Err != nil) != (test.kind != 0) || res.Err != nil && remote.KindOf(res.Err) != test.kind || len(asked) != test.reads || res.Holding != test.held || !strings.Contains(h.log.String(), test.says) {
					t.Errorf("%d read: %+v\n%s", len(asked), res, h.log.String())
				}
			})
		})
	}
}

// Where the order is not in hand, the change log's words are not repeated at all.
func TestTheLogOfAnOrderThatIsNotInHand(t *testing.T) {
	p := &pass{}
	for _, s := range []order.Sighting{order.RefusedReceipt{Text: "refused by DSCO: not for Esmerelda"}, order.Gone{}} {
		switch got := p.discreet(s, "10").(type) {
		case order.RefusedReceipt:
			if got.Text != "refused by DSCO: "+unsaid {
				t.Error(got.Text)
			}
		default:
			if got != s {
				t.Errorf("%v", got)
			}
		}
	}
}

// A name is one line and no longer than a name is; what is none is left out, and an answer cannot fill the ledger.
func TestNamesThatAreNone(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		long := strings.Repeat("x", longName)
		partners := []string{fmt.Sprintf(`{"accountId":"1","tradingPartnerName":%q}`, long), fmt.Sprintf(`{"accountId":"2","tradingPartnerName":%q}`, long+"x"), `{"accountId":"3","tradingPartnerName":" "}`, `{"accountId":"4","tradingPartnerName":" A \n B "}`}
		for i := range manyNames {
			partners = append(partners, fmt.Sprintf(`{"accountId":"x%d","tradingPartnerName":"n"}`, i))
		}
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if strings.HasSuffix(c.Path, "/tradingpartner") {
				return &sim.Fault{Status: 200, Body: "[" + strings.Join(partners, ",") + "]"}
			}
			return nil
		})
		if err := h.runner().Names(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := h.names()
		if len(got) != manyNames || got["1"] != long || got["4"] != "A B" || got["2"]+got["3"] != "" {
			keys := slices.Sorted(maps.Keys(got))
			t.Errorf("%d names: %v", len(got), keys[:min(9, len(keys))])
		}
	})
}
