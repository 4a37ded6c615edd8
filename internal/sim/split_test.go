package sim

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lines lists an order's lines: key and quantity.
func lines(order any) []string {
	list := []string{}
	each(At(order, "items"), func(_ int, item object) {
		if item["lineItemKey"] != nil {
			list = append(list, Text(item, "lineItemKey")+" "+Text(item, "quantity"))
		}
	})
	return list
}

func (c *client) byID(orderID int64) any {
	c.t.Helper()
	return c.ship("GET", fmt.Sprintf("/orders/%d", orderID), "").want(c.t, 200).doc
}

func TestSplit(t *testing.T) {
	c := newClient(t, Options{Limit: -1})
	id := c.w.AddOrder(three)
	parent := c.w.PutShipStation(twoLines(id, set("createDate", "2026-02-11T06:20:03.3970000")))
	child := c.w.SplitLegacy(parent, map[string]int{id + ":1": 1})
	other := c.w.SplitLegacy(parent, map[string]int{id + ":2": 1})
	twin := c.w.SplitCopy(parent, map[string]int{id + ":1": 1})
	for _, test := range []struct {
		order  int64
		number string
		parent int64
		lines  []string
	}{
		{parent, id, 0, []string{}}, {child, id + "-1", parent, []string{id + ":1 1"}},
		{other, id + "-2", parent, []string{id + ":2 1"}}, {twin, id, parent, []string{id + ":1 1"}},
	} {
		o := c.byID(test.order)
		if Text(o, "orderNumber") != test.number || Int(o, "advancedOptions", "parentId") != test.parent || At(o, "advancedOptions", "mergedOrSplit") != true {
			t.Errorf("order %d: number %s, %v", test.order, Text(o, "orderNumber"), At(o, "advancedOptions"))
		}
		if d := cmp.Diff(test.lines, lines(o)); d != "" {
			t.Errorf("order %d: %s", test.order, d)
		}
		if key := Text(o, "orderKey"); (key == "dsco-"+id) != (test.order == parent) || test.order != parent && len(key) != 32 {
			t.Errorf("order %d has the key %s", test.order, key)
		}
		if Text(o, "createDate") != "2026-02-11T06:20:03.3970000" || Text(o, "modifyDate") == Text(o, "createDate") {
			t.Errorf("order %d: made %s, changed %s", test.order, Text(o, "createDate"), Text(o, "modifyDate"))
		}
	}
	if d := cmp.Diff(members(At(sample(t, ShipStation, "orders.list.split_legacy.json"), "orders", 1), ""), members(c.byID(child), "")); d != "" {
		t.Errorf("members of a child: %s", d)
	}
	c.w.BuyLabel(child)
	if a, b := c.status(child), c.status(parent); a != "shipped" || b != "awaiting_shipment" {
		t.Errorf("with a label on the child it is %s and the parent %s", a, b)
	}
	// What was split is updated by id and key alone.
	c.ship("POST", "/orders/createorder", shipDoc(id, set("orderStatus", "on_hold"))).want(t, 404)
	c.ship("POST", "/orders/createorder", shipDoc(id, set("orderStatus", "on_hold"), set("orderId", parent))).want(t, 200)
}

// TestSplitAfterLabel: what stays has its label already, so the parent is shipped.
func TestSplitAfterLabel(t *testing.T) {
	c := newClient(t, Options{})
	o := c.w.PutShipStation(twoLines("7"))
	c.w.BuyLabel(o, Items(map[string]int{"7:1": 2}))
	child := c.w.SplitLegacy(o, map[string]int{"7:2": 1})
	if a, b := c.status(o), c.status(child); a != "shipped" || b != "awaiting_shipment" {
		t.Errorf("parent %s, child %s", a, b)
	}
}

func TestCombine(t *testing.T) {
	c := newClient(t, Options{})
	a, b := c.w.AddOrder(), c.w.AddOrder()
	parent, absorbed := c.w.PutShipStation(twoLines(a)), c.w.PutShipStation(twoLines(b))
	c.w.Combine(parent, absorbed)
	c.ship("GET", fmt.Sprintf("/orders/%d", absorbed), "").want(t, 404)
	c.ship("GET", "/orders?orderNumber="+b, "").want(t, 200, `"total":0`)
	c.ship("POST", "/orders/createorders", batch(shipDoc(b))).want(t, 200, `"errorMessage":"The requested resource was not found."`)
	o := c.byID(parent)
	if d := cmp.Diff([]string{a + ":1 2", a + ":2 1", b + ":1 2", b + ":2 1"}, lines(o)); d != "" {
		t.Errorf("lines of the parent: %s", d)
	}
	if At(o, "advancedOptions", "mergedOrSplit") != true || Int(o, "advancedOptions", "mergedIds", 0) != absorbed {
		t.Errorf("advancedOptions %v", At(o, "advancedOptions"))
	}
	c.w.BuyLabel(parent)
	if d := cmp.Diff([]string{a + ":1 2", a + ":2 1", b + ":1 2", b + ":2 1"}, packed(c.w.Shipments()[0])); d != "" {
		t.Errorf("lines of the shipment: %s", d)
	}
	c.acknowledge(ackBody(a, b)) // both are there, in one order
	c.obeyed()
}
