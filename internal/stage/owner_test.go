package stage

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
)

// Whose a ShipStation order is: its keys are proof anywhere, its number in the configured store alone, and only when it is
// that of a known order or of a part that was split off one.
func TestWhoseItIs(t *testing.T) {
	items := func(keys ...string) (all []shipstation.OrderItem) {
		for _, k := range keys {
			all = append(all, shipstation.OrderItem{Key: k, Quantity: 1})
		}
		return all
	}
	for _, c := range []struct {
		name string
		so   shipstation.Order
		want []order.ID
	}{
		{"its key", shipstation.Order{Key: "dsco-77", StoreID: 2}, []order.ID{"77"}},
		{"an empty key", shipstation.Order{Key: "dsco-", Number: "10", StoreID: 1}, []order.ID{"10"}},
		{"its items' keys", shipstation.Order{Number: "10", Items: items("77:1", "77:2", "88:1"), StoreID: 2}, []order.ID{"77", "88"}},
		{"both", shipstation.Order{Key: "dsco-77", Items: items("77:1", "88:1")}, []order.ID{"77", "88"}},
		{"its number", shipstation.Order{Number: "10", StoreID: 1}, []order.ID{"10"}},
		{"its number, where the list does not tell the store", shipstation.Order{Number: "10"}, []order.ID{"10"}},
		{"its number in another store", shipstation.Order{Number: "10", StoreID: 2}, nil},
		{"keys of another kind", shipstation.Order{Number: "10", Key: "shop-1", Items: items("shop:1", "10:red", ":", "77", ""), StoreID: 1}, []order.ID{"10"}},
		{"a part", shipstation.Order{Number: "10-1", ParentID: 5, StoreID: 1}, []order.ID{"10"}},
		{"a number like a part's, of no parent", shipstation.Order{Number: "10-1", StoreID: 1}, nil},
		{"a part that is not numbered", shipstation.Order{Number: "10-A", ParentID: 5, StoreID: 1}, nil},
		{"a part of nothing known", shipstation.Order{Number: "11-1", ParentID: 5, StoreID: 1}, nil},
		{"a number that begins like it", shipstation.Order{Number: "101", StoreID: 1}, nil},
	} {
		got := owners(c.so, 1, func(id order.ID) bool { return id == "10" })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// What a ShipStation order holds of an order, of others, and of nobody knows what.
func TestWhatItHolds(t *testing.T) {
	lines := []order.Line{{Number: 1, SKU: "A"}, {Number: 2, SKU: "B"}, {Number: 3, SKU: "C"}, {Number: 4, SKU: "c"}, {Number: 5}}
	when := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		so   shipstation.Order
		want order.Ref
	}{
		{"by key, its lines in order", shipstation.Order{Number: "10", Items: []shipstation.OrderItem{{Key: "10:2", Quantity: 1}, {Key: "10:1", Quantity: 1}, {Key: "10:2", Quantity: 3}}},
			order.Ref{Number: "10", Lines: []order.Packed{{Line: 1, Units: 1}, {Line: 2, Units: 4}}}},
		{"by SKU", shipstation.Order{Number: "10", Items: []shipstation.OrderItem{{SKU: "b", Quantity: 1}, {Key: "shop:1", SKU: "A", Quantity: 2}, {Key: "10:red", SKU: "A", Quantity: 1}}},
			order.Ref{Number: "10", Lines: []order.Packed{{Line: 1, Units: 3}, {Line: 2, Units: 1}}}},
		{"a SKU of two lines", shipstation.Order{Number: "10", Items: []shipstation.OrderItem{{SKU: "C", Quantity: 1}}}, order.Ref{Number: "10", Unclear: true}},
		{"no SKU, as a line has none", shipstation.Order{Number: "10", Items: []shipstation.OrderItem{{Quantity: 1}}}, order.Ref{Number: "10", Unclear: true}},
		{"what is no unit of it", shipstation.Order{Number: "10", Items: []shipstation.OrderItem{{SKU: "A", Quantity: 1, Adjustment: true}, {Key: "10:1"}, {Key: "10:1", Quantity: -1}, {SKU: "X"}}}, order.Ref{Number: "10"}},
		{"of others, each once", shipstation.Order{Number: "10", Items: []shipstation.OrderItem{{Key: "20:1", Quantity: 1}, {Key: "20:2", Quantity: 1}, {Key: "10:1", Quantity: 1}}},
			order.Ref{Number: "10", Lines: []order.Packed{{Line: 1, Units: 1}}, Others: []order.ID{"20"}}},
		{"under another number, with its key", shipstation.Order{Number: "SHOP-7", Key: "dsco-10"}, order.Ref{Number: "SHOP-7", Key: "dsco-10"}},
		{"under another number", shipstation.Order{Number: "10-1"}, order.Ref{Number: "10-1", Child: true}},
		{"split off, under its number", shipstation.Order{Number: "10", ParentID: 5}, order.Ref{Number: "10", Child: true}},
		{"cancelled", shipstation.Order{Number: "10", Status: "cancelled", Modified: when}, order.Ref{Number: "10", Status: "cancelled", Since: when}},
		{"open", shipstation.Order{Number: "10", Status: "awaiting_shipment", Modified: when}, order.Ref{Number: "10", Status: "awaiting_shipment"}},
	} {
		if diff := cmp.Diff(c.want, asRef(c.so, "10", lines)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// Which new orders are taken at all.
func TestWhatIsTaken(t *testing.T) {
	began := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return began.Add(-d) }
	all := []string{"created", "received", "acknowledged"}
	day := 24 * time.Hour
	for _, c := range []struct {
		name       string
		o          dsco.Order
		lifecycles []string
		want       bool
	}{
		{"created", dsco.Order{Lifecycle: "created", Status: "created", Created: ago(day)}, all, true},
		{"created, without a status", dsco.Order{Lifecycle: "created", Created: ago(day)}, all, true},
		{"created, without a date", dsco.Order{Lifecycle: "created", Status: "created"}, all, true},
		{"created at the edge of the lookback", dsco.Order{Lifecycle: "created", Created: ago(14 * day)}, all, true},
		{"created before it", dsco.Order{Lifecycle: "created", Created: ago(14*day + time.Second)}, all, false},
		{"created, and shipped already", dsco.Order{Lifecycle: "created", Status: "shipped", Created: ago(day)}, all, false},
		{"created, and cancelled", dsco.Order{Lifecycle: "created", Status: "cancelled", Created: ago(day)}, all, false},
		{"a lifecycle that is not taken", dsco.Order{Lifecycle: "created", Status: "created"}, []string{"received"}, false},
		{"no lifecycle", dsco.Order{Status: "created"}, all, false},
		{"received 15 minutes ago", dsco.Order{Lifecycle: "received", Updated: ago(15 * time.Minute)}, all, false},
		{"received more than 15 minutes ago", dsco.Order{Lifecycle: "received", Updated: ago(15*time.Minute + time.Second)}, all, true},
		{"received, nobody knows when", dsco.Order{Lifecycle: "received", Created: ago(day)}, all, false},
		{"acknowledged by DSCO", dsco.Order{Lifecycle: "acknowledged", Status: "shipment_pending"}, all, true},
		{"acknowledged, with a parcel", dsco.Order{Lifecycle: "acknowledged", Status: "shipment_pending", Packages: []dsco.Package{{}}}, all, false},
		{"acknowledged and shipped", dsco.Order{Lifecycle: "acknowledged", Status: "shipped"}, all, false},
	} {
		g := gathering{Runner: &Runner{Lifecycles: c.lifecycles, Lookback: 14 * day}}
		if got := g.takes(c.o, began); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
