package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sample reads one of the contract's samples.
func sample(t *testing.T, api, name string) object {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", api, name))
	if err != nil {
		t.Fatal(err)
	}
	return parse(string(b))
}

// members are the names in a document, those of the documents in it included.
func members(doc any, under string) []string {
	var names []string
	switch v := doc.(type) {
	case object:
		for name, e := range v {
			names = append(names, under+name)
			names = append(names, members(e, under+name+".")...)
		}
	case []any:
		for _, e := range v {
			names = append(names, members(e, under)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// twoLines is an order of two lines: 2 units and 1.
func twoLines(id string, edits ...func(object)) object {
	return shipObject(id, append([]func(object){set("items", []any{
		object{"lineItemKey": id + ":1", "sku": "MUG", "name": "Mug", "quantity": 2, "options": []any{object{"name": "DSCO item", "value": "7"}}},
		object{"lineItemKey": id + ":2", "sku": "TRAY", "name": "Tray", "quantity": 1},
		object{"name": "discount", "quantity": 1, "unitPrice": -1, "adjustment": true},
	})}, edits...)...)
}

// status of a ShipStation order.
func (c *client) status(orderID int64) string {
	c.t.Helper()
	return Text(c.ship("GET", fmt.Sprintf("/orders/%d", orderID), "").want(c.t, 200).doc, "orderStatus")
}

// packed lists what is in a shipment: key and quantity.
func packed(shipment any) []string {
	list := []string{}
	each(At(shipment, "shipmentItems"), func(_ int, item object) {
		list = append(list, Text(item, "lineItemKey")+" "+Text(item, "quantity"))
	})
	return list
}

func TestLabelLooksLikeTheSample(t *testing.T) {
	now := time.Date(2026, 2, 13, 7, 40, 18, 997e6, time.UTC) // the day before on a Pacific wall
	c := newClient(t, Options{Now: func() time.Time { return now }})
	o := c.w.PutShipStation(shipObject("1026064160", set("customerEmail", "dana.reyes@example.com")))
	c.w.BuyLabel(o)
	g := c.ship("GET", "/shipments?includeShipmentItems=true", "").want(t, 200, `"createDate":"2026-02-12T23:40:18.9970000"`, `"shipDate":"2026-02-12"`,
		`"street1":"418 JUNIPER CT"`, `"orderKey":"dsco-1026064160"`, `"trackingNumber":"9400111899`)
	if d := cmp.Diff(members(sample(t, ShipStation, "shipments.list.json")["shipments"], ""), members(At(g.doc, "shipments"), "")); d != "" {
		t.Errorf("members of a shipment: %s", d)
	}
	c.w.MarkShipped(o)
	g = c.ship("GET", "/fulfillments", "").want(t, 200, `"shipDate":"2026-02-12T00:00:00.0000000"`, `"carrierCode":"USPS"`)
	if d := cmp.Diff(members(sample(t, ShipStation, "fulfillments.list.json")["fulfillments"], ""), members(At(g.doc, "fulfillments"), "")); d != "" {
		t.Errorf("members of a fulfillment: %s", d)
	}
}

// TestStatusFollowsLabels: an order is shipped when all its parts have labels, and no longer once one is voided.
func TestStatusFollowsLabels(t *testing.T) {
	c := newClient(t, Options{Limit: -1})
	o := c.w.PutShipStation(twoLines("7"))
	first := c.w.BuyLabel(o, Items(map[string]int{"7:1": 1}))
	if s := c.status(o); s != "awaiting_shipment" {
		t.Errorf("with one unit of three the order is %s", s)
	}
	c.w.ReturnLabel(o)
	c.w.BuyLabel(o, Items(map[string]int{"7:2": 1}))
	if s := c.status(o); s != "awaiting_shipment" {
		t.Errorf("with two units of three the order is %s", s)
	}
	c.w.BuyLabel(o)
	if s := c.status(o); s != "shipped" {
		t.Errorf("with all units the order is %s", s)
	}
	c.w.Void(first)
	if s := c.status(o); s != "awaiting_shipment" {
		t.Errorf("after a void the order is %s", s)
	}
	c.w.BuyLabel(o)
	c.w.BuyLabel(o)
	if s := c.status(o); s != "shipped" {
		t.Errorf("after a reship the order is %s", s)
	}
	var got []string
	for _, s := range c.w.Shipments() {
		got = append(got, strings.Join(packed(s), ", "))
	}
	want := []string{"7:1 1", "", "7:2 1", "7:1 1", "7:1 1", "7:1 2, 7:2 1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("what is in the labels: %s", d)
	}
	c.w.CancelInShipStation(o)
	c.w.Void(first)
	if s := c.status(o); s != "cancelled" {
		t.Errorf("a void after the cancellation makes the order %s", s)
	}
}

// TestLabelRestores: ShipStation sells labels for orders that await shipment only.
func TestLabelRestores(t *testing.T) {
	c := newClient(t, Options{})
	o := c.w.PutShipStation(twoLines("7"))
	for name, stop := range map[string]func(int64){"hold": c.w.HoldShipStation, "cancel": c.w.CancelInShipStation} {
		stop(o)
		if s := c.status(o); s != "on_hold" && s != "cancelled" {
			t.Errorf("%s: the order is %s", name, s)
		}
		c.w.Void(c.w.BuyLabel(o, Items(map[string]int{"7:1": 1})))
		if s := c.status(o); s != "awaiting_shipment" {
			t.Errorf("%s: with a label the order is %s", name, s)
		}
	}
}

func TestLabelOptions(t *testing.T) {
	c := newClient(t, Options{})
	o := c.w.PutShipStation(twoLines("7"))
	c.w.BuyLabel(o, set("carrierCode", "ups_walleted"), set("serviceCode", "ups_ground"), set("shipDate", "2026-02-14"), set("shipmentCost", 4.5))
	c.w.BuyLabel(o, set("serviceCode", "fedex_2day"), set("trackingNumber", "X1"), set("shipmentItems", nil), set("shipmentId", 5))
	c.w.BuyLabel(o, set("trackingNumber", nil))
	s := c.w.Shipments()
	got := []string{Text(s[0], "trackingNumber"), Text(s[0], "shipDate"), Text(s[0], "shipmentCost"), Text(s[1], "trackingNumber"), Text(s[1], "shipmentId"), Text(s[2], "trackingNumber")}
	if d := cmp.Diff([]string{"1Z999AA10051200901", "2026-02-14", "4.5", "X1", "51200902", ""}, got); d != "" {
		t.Error(d)
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "7:9") {
			t.Errorf("a line that is not there: %v", r)
		}
	}()
	Items(map[string]int{"7:9": 1})(object{"shipmentItems": []any{}})
}

// TestVoid: the row stays, keeps its createDate, and is found by its voidDate alone.
func TestVoid(t *testing.T) {
	for _, moves := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, Options{VoidMovesModify: moves})
			o := c.w.PutShipStation(twoLines("7"))
			id := c.w.BuyLabel(o)
			made := wallClock(time.Now())
			time.Sleep(time.Hour)
			c.w.Void(id)
			g := c.ship("GET", "/shipments?voidDateStart="+wallClock(time.Now()), "").want(t, 200, `"voided":true`)
			if d := cmp.Diff([]string{made, wallClock(time.Now())}, []string{Text(g.doc, "shipments", 0, "createDate"), Text(g.doc, "shipments", 0, "voidDate")}); d != "" {
				t.Errorf("createDate and voidDate: %s", d)
			}
			order := c.w.ByNumber("7")[0]
			if (Text(order, "modifyDate") != made) != moves || Text(order, "orderStatus") != "awaiting_shipment" || order["shipDate"] != nil {
				t.Errorf("moves %v: modifyDate %s, bought %s; %s, shipDate %v", moves, Text(order, "modifyDate"), made, Text(order, "orderStatus"), order["shipDate"])
			}
		})
	}
}

func TestMarkAsShipped(t *testing.T) {
	c := newClient(t, Options{})
	o := c.w.PutShipStation(twoLines("1026064165"))
	ref := fmt.Sprintf(`{"orderId":%d,`, o)
	c.ship("POST", "/orders/markasshipped", `{"orderId":7,"carrierCode":"fedex"}`).want(t, 404)
	c.ship("POST", "/orders/markasshipped", ref+`"trackingNumber":"1"}`).want(t, 400, "carrierCode")
	c.ship("POST", "/orders/markasshipped", `{"orderId":[],"carrierCode":"fedex"}`).want(t, 400, "ModelState")
	c.ship("POST", "/orders/markasshipped", ref+`"carrierCode":"fedex","shipDate":"2026-02-12","trackingNumber":"783408231234","notifyCustomer":false}`).
		want(t, 200, fmt.Sprintf(`{"orderId":%d,"orderNumber":"1026064165"}`, o))
	c.ship("POST", "/orders/markasshipped", ref+`"carrierCode":"fedex"}`).want(t, 400, "open orders")
	if s := c.status(o); s != "shipped" {
		t.Errorf("the order is %s", s)
	}
	c.ship("GET", "/shipments", "").want(t, 200, `"shipments":[]`)
	c.ship("GET", "/fulfillments", "").want(t, 200, `"carrierCode":"FedEx"`, `"trackingNumber":"783408231234"`, `"shipDate":"2026-02-12T00:00:00.0000000"`)
	c.w.Void(Int(c.w.Fulfillments()[0], "fulfillmentId"))
	if s := c.status(o); s != "awaiting_shipment" {
		t.Errorf("after a void the order is %s", s)
	}
	c.ship("POST", "/orders/markasshipped", ref+`"carrierCode":"pigeon"}`).want(t, 200)
	if f := c.w.Fulfillments()[1]; f["carrierCode"] != nil || f["trackingNumber"] != nil {
		t.Errorf("an unknown carrier is called %v, no number is %v", f["carrierCode"], f["trackingNumber"])
	}
	c.obeyed()
}
