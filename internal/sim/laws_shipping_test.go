package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// look reads both lists of parcels, the orders of ShipStation and one of DSCO, as a careful client does.
func (c *client) look(id string) {
	c.t.Helper()
	for _, path := range []string{"/shipments", "/fulfillments", "/orders"} {
		c.ship("GET", path, "").want(c.t, 200)
	}
	c.dsco("GET", "/order/?orderKey=dscoOrderId&value="+id, "").want(c.t, 200)
}

// single tells of one parcel in DSCO, cancel cancels there, write posts the ShipStation order as it is but for the edits.
func (c *client) single(id, number string, units map[int]int, edits ...func(object)) got {
	c.t.Helper()
	return c.dsco("POST", "/order/singleShipment", c.tell(id, number, units, edits...))
}

func (c *client) cancel(id string, units ...[2]int) got {
	c.t.Helper()
	return c.dsco("POST", "/order/item/cancel", c.cancelBody(id, units...))
}

func (c *client) write(orderID int64, edits ...func(object)) got {
	c.t.Helper()
	doc := c.byID(orderID).(object)
	return c.ship("POST", "/orders/createorder", shipDoc("", append([]func(object){func(o object) { clear(o); lay(o, doc) }}, edits...)...))
}

// TestShippingLaws breaks each law of shipping and cancelling on purpose, and goes to its edge without breaking it.
// Each case begins with an order of three lines of two units, acknowledged, in both services.
func TestShippingLaws(t *testing.T) {
	named := func(number string) func(map[string]any) { return set("trackingNumber", number) }
	tests := map[string]struct {
		do   func(c *client, id string, order int64)
		want []string
	}{
		"tell a label": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.single(id, "N", everything).want(c.t, 201)
		}, nil},
		"tell two parcels": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("A"), Items(map[string]int{id + ":1": 1}))
			c.w.BuyLabel(order, named("B"))
			c.single(id, "A", map[int]int{1: 1})
			c.single(id, "B", map[int]int{1: 1, 2: 2, 3: 2}).want(c.t, 201)
		}, nil},
		"tell a fulfillment": {func(c *client, id string, order int64) {
			c.w.MarkShipped(order, named("F"))
			c.single(id, "f ", everything).want(c.t, 201)
		}, nil},
		"tell a label on a split child": {func(c *client, id string, order int64) {
			c.w.BuyLabel(c.w.SplitLegacy(order, map[string]int{id + ":2": 1}), named("N"))
			c.single(id, "N", map[int]int{2: 1}).want(c.t, 201)
		}, nil},
		"tell a child without line keys": {func(c *client, id string, order int64) {
			child := c.w.SplitLegacy(order, map[string]int{id + ":2": 1})
			c.w.EditShipStation(child, func(o map[string]any) { each(o["items"], func(_ int, item object) { item["lineItemKey"] = nil }) })
			c.w.BuyLabel(child, named("N"))
			c.single(id, "N", map[int]int{2: 1}).want(c.t, 201)
		}, nil},
		"tell a combined parcel for each order its lines": {func(c *client, id string, order int64) {
			other, absorbed := c.acknowledged()
			c.w.Combine(order, absorbed)
			c.w.BuyLabel(order, named("N"))
			c.single(id, "N", everything)
			c.single(other, "N", everything).want(c.t, 201)
		}, nil},
		"told twice": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.single(id, "N", map[int]int{1: 1})
			c.single(id, "N", map[int]int{1: 1})
		}, []string{"tracking number N told twice"}},
		"told twice in one call": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.single(id, "N", map[int]int{1: 1}, func(o object) { o["shipments"] = append(o["shipments"].([]any), o["shipments"].([]any)...) })
		}, []string{"tracking number N told twice"}},
		"told again when the answer was lost": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.w.Fail(func(Call) *Fault { return &Fault{Do: true, Status: 500} })
			c.single(id, "N", everything)
			c.w.Fail(nil)
			c.single(id, "N", everything)
		}, []string{"tracking number N told twice"}},
		"told again when it was refused": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.w.Fail(func(Call) *Fault { return &Fault{Status: 500} })
			c.single(id, "N", everything)
			c.w.Fail(nil)
			c.single(id, "N", everything, unit("quantity", 3)).want(c.t, 400)
			c.single(id, "N", everything).want(c.t, 201)
		}, []string{"3 units of line 1 told under N, though the parcel holds 2", "3 units of line 1 told, though only 2"}},
		"told in both ways": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.dsco("POST", "/order/shipment/batch/small", batch(c.tell(id, "N", everything))).want(c.t, 202)
			c.single(id, "N", everything)
		}, []string{"tracking number N told twice"}},
		"told by another tool, and seen": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.w.AddPackage(id, "N")
			c.look(id)
			c.single(id, "N", everything)
		}, []string{"tracking number N told twice"}},
		"told by another tool, and not seen": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.w.AddPackage(id, "N")
			c.single(id, "N", everything)
		}, nil},
		"too much in all": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("A"))
			c.w.BuyLabel(order, named("B"))
			c.single(id, "A", everything)
			c.single(id, "B", map[int]int{1: 1})
		}, []string{"3 units of line 1 told, though only 2 are ordered and not cancelled"}},
		"too much beside a cancellation that was seen": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("A"))
			c.w.ForceCancelInDSCO(id, 3)
			c.look(id)
			c.single(id, "A", map[int]int{3: 1})
		}, []string{"1 units of line 3 told, though only 0"}},
		"too much beside a cancellation that was not seen": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("A"))
			c.w.ForceCancelInDSCO(id, 3)
			c.single(id, "A", map[int]int{3: 1}).want(c.t, 400)
		}, nil},
		"too much beside a cancellation that an earlier process saw": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("A"))
			c.w.ForceCancelInDSCO(id, 3)
			c.look(id)
			c.token = "" // another process
			c.single(id, "A", map[int]int{3: 1})
		}, []string{"1 units of line 3 told, though only 0"}},
		"too much beside a cancellation that an earlier process saw, in an order that has changed again": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("A"))
			c.w.ForceCancelInDSCO(id, 3)
			c.look(id)
			time.Sleep(time.Second)
			c.w.RequestCancel(id)
			c.token = "" // another process
			c.single(id, "A", map[int]int{3: 1}).want(c.t, 400)
		}, nil},
		"told again after a void": {func(c *client, id string, order int64) {
			first := c.w.BuyLabel(order, named("A"))
			c.single(id, "A", everything)
			c.w.Void(first)
			c.w.BuyLabel(order, named("B"))
			c.single(id, "B", everything)
		}, nil},
		"a number nobody knows": {func(c *client, id string, order int64) {
			c.single(id, "N", map[int]int{1: 1})
		}, []string{"tracking number N told, though ShipStation has none with that number"}},
		"a loose label's number": {func(c *client, id string, order int64) {
			c.w.LooseLabel(named("N"))
			c.single(id, "N", map[int]int{1: 1})
		}, []string{"has none with that number and lines of this order"}},
		"another order's number": {func(c *client, id string, order int64) {
			_, other := c.acknowledged()
			c.w.BuyLabel(other, named("N"))
			c.single(id, "N", map[int]int{1: 1})
		}, []string{"has none with that number and lines of this order"}},
		"a return's number": {func(c *client, id string, order int64) {
			c.w.ReturnLabel(order, named("N"))
			c.single(id, "N", map[int]int{1: 1})
		}, []string{"has a return label with that number alone"}},
		"a void that was seen": {func(c *client, id string, order int64) {
			c.w.Void(c.w.BuyLabel(order, named("N")))
			c.look(id)
			c.single(id, "N", map[int]int{1: 1})
		}, []string{"though ShipStation has voided it"}},
		"a void that was not seen": {func(c *client, id string, order int64) {
			label := c.w.BuyLabel(order, named("N"))
			c.look(id)
			c.w.Void(label)
			c.single(id, "N", map[int]int{1: 1})
		}, nil},
		"a void nobody looked for": {func(c *client, id string, order int64) {
			c.w.Void(c.w.BuyLabel(order, named("N")))
			time.Sleep(time.Hour)
			c.single(id, "N", map[int]int{1: 1})
		}, []string{"though ShipStation has voided it"}},
		"more than the parcel holds": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"), Items(map[string]int{id + ":1": 1}))
			c.single(id, "N", map[int]int{1: 2})
		}, []string{"2 units of line 1 told under N, though the parcel holds 1"}},
		"lines that are not in the parcel": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"), Items(map[string]int{id + ":1": 2}))
			c.single(id, "N", map[int]int{3: 1})
		}, []string{"1 units of line 3 told under N, though the parcel holds 0"}},
		"not acknowledged": {func(c *client, _ string, _ int64) {
			id := c.w.AddOrder(three)
			c.w.BuyLabel(c.w.PutShipStation(twoLines(id)), named("N"))
			c.single(id, "N", map[int]int{1: 1}).want(c.t, 400)
		}, []string{"a parcel told, though the order is not acknowledged"}},
		"an order nobody knows": {func(c *client, id string, order int64) {
			c.single(id, "N", map[int]int{1: 1}, set("dscoOrderId", "7"))
		}, []string{"order 7: a parcel told, though DSCO has no such order"}},
		"shipped tomorrow": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"))
			c.single(id, "N", everything, parcelWith("shipDate", c.w.o.Now().Add(time.Second).UTC().Format(time.RFC3339)))
		}, []string{"is in the future"}},

		"cancel what is left in DSCO": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, Items(map[string]int{id + ":1": 1}))
			c.look(id)
			c.cancel(id, [2]int{1, 1}, [2]int{2, 2}).want(c.t, 200, "success")
		}, nil},
		"cancel what is in a parcel in DSCO": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, Items(map[string]int{id + ":1": 1}))
			c.look(id)
			c.cancel(id, [2]int{1, 2})
		}, []string{"2 units of line 1 cancelled in DSCO, though 1 are in a parcel"}},
		"cancel what is in a combined parcel in DSCO": {func(c *client, id string, order int64) {
			_, other := c.acknowledged()
			c.w.Combine(other, order)
			c.w.BuyLabel(other)
			c.look(id)
			c.cancel(id, [2]int{2, 1})
		}, []string{"1 units of line 2 cancelled in DSCO, though 2 are in a parcel"}},
		"cancel what is in a parcel nobody looked for": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order)
			time.Sleep(time.Hour)
			c.cancel(id, [2]int{1, 1})
		}, []string{"though 2 are in a parcel"}},
		"cancel beside a label of this moment": {func(c *client, id string, order int64) {
			c.look(id)
			c.w.BuyLabel(order)
			c.cancel(id, [2]int{1, 1})
			c.write(order, set("orderStatus", "cancelled"))
		}, nil},
		"cancel beside a void": {func(c *client, id string, order int64) {
			c.w.Void(c.w.BuyLabel(order))
			c.look(id)
			c.cancel(id, [2]int{1, 1})
			c.write(order, set("orderStatus", "cancelled"))
		}, nil},
		"cancel in DSCO what it has cancelled": {func(c *client, id string, order int64) {
			c.w.ForceCancelInDSCO(id, 1)
			c.look(id)
			c.cancel(id, [2]int{1, 1}).want(c.t, 200, "failure")
		}, []string{"1 units of line 1 cancelled in DSCO, where they were cancelled already"}},
		"cancel in DSCO what it has just cancelled": {func(c *client, id string, order int64) {
			c.look(id)
			c.w.ForceCancelInDSCO(id, 1)
			c.cancel(id, [2]int{1, 1}).want(c.t, 200, "failure")
		}, nil},
		"cancel twice in DSCO": {func(c *client, id string, order int64) {
			c.cancel(id, [2]int{1, 2})
			c.dsco("POST", "/order/item/cancel/batch/small", batch(c.cancelBody(id, [2]int{1, 2})))
		}, []string{"cancelled already"}},
		"cancel twice in DSCO while it is queued": {func(c *client, id string, order int64) {
			for range 2 {
				c.dsco("POST", "/order/item/cancel/batch/small", batch(c.cancelBody(id, [2]int{1, 2})))
			}
		}, []string{"cancelled already"}},
		"cancel again in DSCO what failed": {func(c *client, id string, order int64) {
			c.cancel(id, [2]int{1, 3})
			c.cancel(id, [2]int{1, 2}).want(c.t, 200, "success")
		}, nil},
		"cancel what DSCO does not know": {func(c *client, id string, order int64) {
			c.dsco("POST", "/order/item/cancel", `{"id":"7","type":"DSCO_ORDER_ID","lineItems":[{"sku":"A","cancelledQuantity":1,"cancelCode":"CXSO"}]}`)
		}, []string{"order 7: cancelled, though DSCO has no such order"}},

		"cancel in ShipStation": {func(c *client, id string, order int64) {
			c.look(id)
			c.write(order, set("orderStatus", "cancelled")).want(c.t, 200, `"orderStatus":"cancelled"`)
		}, nil},
		"cancel in ShipStation beside a parcel": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, named("N"), Items(map[string]int{id + ":1": 1}))
			c.look(id)
			c.write(order, set("orderStatus", "cancelled"))
		}, []string{"cancelled, though parcel N holds its units"}},
		"cancel twice in ShipStation": {func(c *client, id string, order int64) {
			c.w.CancelInShipStation(order)
			c.look(id)
			c.write(order, set("orderStatus", "cancelled"))
		}, []string{"ShipStation order 730551201 cancelled, which was cancelled already"}},
		"cancel again in ShipStation when the answer was lost": {func(c *client, id string, order int64) {
			doc := shipDoc(id, set("orderId", order), set("orderStatus", "cancelled"))
			c.w.Fail(func(Call) *Fault { return &Fault{Do: true, Drop: true} })
			c.try(c.t.Context(), "POST", ShipStationBase+"/orders/createorder", doc, map[string]string{"Authorization": "Basic a2V5OmtleS1zZWNyZXQ=", "Content-Type": "application/json"})
			c.w.Fail(nil)
			c.ship("POST", "/orders/createorder", doc)
		}, []string{"cancelled already"}},
		"cancel in ShipStation what was just cancelled": {func(c *client, id string, order int64) {
			doc := shipDoc(id, set("orderId", order), set("orderStatus", "cancelled"))
			c.look(id)
			c.w.CancelInShipStation(order)
			c.ship("POST", "/orders/createorder", doc)
		}, nil},
		"reduce in ShipStation": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, Items(map[string]int{id + ":1": 1}))
			c.look(id)
			c.write(order, func(o object) { At(o, "items", 0).(object)["quantity"] = 1 }).want(c.t, 200)
		}, nil},
		"reduce in ShipStation what is in a parcel": {func(c *client, id string, order int64) {
			c.w.BuyLabel(order, Items(map[string]int{id + ":1": 2}))
			c.look(id)
			c.write(order, func(o object) { At(o, "items", 0).(object)["quantity"] = 1 })
		}, []string{"left with 1 units of 1026000001:1, though 2 are in a parcel"}},
		"mark as shipped in another store": {func(c *client, id string, order int64) {
			other := c.w.PutShipStation(shipObject("7", set("orderKey", "abc"), set("items", nil), set("advancedOptions.storeId", 1002)))
			c.ship("POST", "/orders/markasshipped", `{"carrierCode":"ups","orderId":`+number(other).String()+`}`)
		}, []string{"written to, though it stands in store 1002"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, Options{Limit: -1, LogDelay: time.Second})
				id, order := c.acknowledged()
				c.dsco("GET", "/hello", "") // fetches the token
				test.do(c, id, order)
				c.broke(test.want...)
			})
		})
	}
}
