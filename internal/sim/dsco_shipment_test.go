package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tell is the body that tells of one parcel with these units of lines; each edit changes it.
func (c *client) tell(id, trackingNumber string, units map[int]int, edits ...func(object)) string {
	c.t.Helper()
	order := c.w.Order(id)
	items := []any{}
	each(At(order, "lineItems"), func(_ int, line object) {
		if n := units[int(Int(line, "lineNumber"))]; n > 0 {
			items = append(items, object{"lineNumber": line["lineNumber"], "dscoItemId": line["dscoItemId"], "sku": line["sku"],
				"partnerSku": line["partnerSku"], "quantity": n, "packageSpanFlag": int64(n) < Int(line, "quantity")})
		}
	})
	body := object{"dscoOrderId": id, "poNumber": Text(order, "poNumber"), "shipments": []any{object{
		"trackingNumber": trackingNumber, "shipDate": c.w.o.Now().UTC().Format(time.RFC3339), "shipCarrier": "USPS", "shipMethod": "Ground Advantage",
		"shippingServiceLevelCode": "USGA", "shipCost": 0, "shipWeight": 1, "shipWeightUnits": "LB", "lineItems": items,
	}}}
	for _, edit := range edits {
		edit(body)
	}
	b, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(b)
}

// parcelWith changes a member of the first shipment told, unit one of its first line.
func parcelWith(name string, v any) func(object) {
	return func(o object) { o["shipments"].([]any)[0].(object)[name] = v }
}

func unit(name string, v any) func(object) {
	return func(o object) { At(o, "shipments", 0, "lineItems", 0).(object)[name] = v }
}

// acknowledged is an order with three lines of two units that DSCO and ShipStation have.
func (c *client) acknowledged(edits ...func(map[string]any)) (id string, orderID int64) {
	id = c.w.AddOrder(append([]func(map[string]any){three, func(o map[string]any) {
		each(o["lineItems"], func(i int, line object) { line["sku"] = []string{"MUG", "TRAY", "MUG"}[i] })
	}}, edits...)...)
	orderID = c.w.PutShipStation(shipObject(id, set("items", []any{
		object{"lineItemKey": id + ":1", "sku": "MUG", "name": "Mug", "quantity": 2},
		object{"lineItemKey": id + ":2", "sku": "TRAY", "name": "Tray", "quantity": 2},
		object{"lineItemKey": id + ":3", "sku": "MUG", "name": "Mug", "quantity": 2},
	})))
	c.w.AcknowledgeInDSCO(id)
	return id, orderID
}

var everything = map[int]int{1: 2, 2: 2, 3: 2}

func TestSingleShipment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{DSCOLag: time.Minute})
		id, order := c.acknowledged()
		c.w.BuyLabel(order, Items(map[string]int{id + ":1": 2}), set("trackingNumber", "N1"))
		c.w.BuyLabel(order, set("trackingNumber", "N2"))
		path := "/order/?orderKey=dscoOrderId&value=" + id
		time.Sleep(time.Minute)
		if g := c.dsco("POST", "/order/singleShipment", c.tell(id, "N1", map[int]int{1: 2})).want(t, 201); g.text != `{"success":true}` {
			t.Errorf("answer %s", g.text)
		}
		told := time.Now()
		c.dsco("GET", path, "").want(t, 200, `"packages":null`, `"dscoStatus":"shipment_pending"`)
		time.Sleep(time.Minute)
		o := c.dsco("GET", path, "").want(t, 200).doc
		want := sample(t, DSCO, "order-partially-shipped.json")
		if d := cmp.Diff(members(want["packages"], ""), slices.DeleteFunc(members(At(o, "packages"), ""), func(name string) bool { return name == "warehouseCode" })); d != "" {
			t.Errorf("members of a package: %s", d)
		}
		got := []string{Text(o, "dscoStatus"), Text(o, "dscoLifecycle"), Text(o, "dscoLastUpdate"), Text(o, "packages", 0, "trackingNumber"),
			Text(o, "packages", 0, "shipDate"), Text(o, "packages", 0, "items", 0, "quantity"), Text(o, "lineItems", 0, "status"),
			Text(o, "lineItems", 0, "statusReason"), Text(o, "lineItems", 0, "activity", 1, "action"), Text(o, "lineItems", 1, "status")}
		if d := cmp.Diff([]string{"shipped", "acknowledged", stamp(told), "N1", stamp(told), "2", "accepted", "Tracking # N1 added", "ship", ""}, got); d != "" {
			t.Errorf("in part: %s", d)
		}
		c.dsco("POST", "/order/singleShipment", c.tell(id, "N2", map[int]int{2: 2, 3: 2})).want(t, 201)
		if o := c.w.Order(id); Text(o, "dscoLifecycle") != "completed" || Text(o, "packages", 1, "items", 1, "lineNumber") != "3" {
			t.Errorf("shipped: %s, %v", Text(o, "dscoLifecycle"), o["packages"])
		}
		c.obeyed()
	})
}

func TestShipmentForms(t *testing.T) {
	tests := map[string]struct {
		edit func(object)
		part string
	}{
		"no order":           {func(o object) { delete(o, "dscoOrderId"); delete(o, "poNumber") }, "one of dscoOrderId"},
		"a numeric id":       {set("dscoOrderId", 1026000001), "dscoOrderId has to be text"},
		"no shipments":       {set("shipments", []any{}), "shipments"},
		"no tracking number": {parcelWith("trackingNumber", " "), "trackingNumber is required"},
		"a bad date":         {parcelWith("shipDate", "today"), "ISO 8601"},
		"no lines":           {parcelWith("lineItems", nil), "lineItems"},
		"a line of text":     {parcelWith("lineItems", []any{"x"}), "has to be an object"},
		"no quantity":        {unit("quantity", nil), "quantity has to be"},
		"quantity 0":         {unit("quantity", 0), "quantity has to be"},
		"a quantity as text": {unit("quantity", "1"), "quantity has to be"},
		"a line number text": {unit("lineNumber", "1"), "lineNumber has to be"},
		"nothing but a line": {func(o object) {
			for _, k := range itemKeys {
				unit(k, nil)(o)
			}
		}, "one of dscoItemId"},
		"another line's sku": {unit("sku", "TRAY"), "no such line item"},
		"a line beyond":      {unit("lineNumber", 4), "no such line item"},
		"more than ordered":  {unit("quantity", 3), "more than the quantity that is left"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			id, order := c.acknowledged()
			c.w.BuyLabel(order, set("trackingNumber", "N"))
			c.dsco("POST", "/order/singleShipment", c.tell(id, "N", everything, test.edit)).want(t, 400, "VALIDATION_FAILED", test.part, `"status":"failure"`, "requestId")
			if c.w.Order(id)["packages"] != nil {
				t.Error("a refused parcel is on the order")
			}
		})
	}
	c := newClient(t, Options{})
	id, _ := c.acknowledged()
	for _, body := range []string{"", "[" + c.tell(id, "N", everything) + "]", "null"} {
		c.dsco("POST", "/order/singleShipment", body).want(t, 400, "VALIDATION_FAILED")
	}
	c.dsco("POST", "/order/singleShipment", c.tell(id, "N", everything, set("dscoOrderId", "7"))).want(t, 404, "NOT_FOUND")
}

// TestShipmentStates: only an order that is acknowledged and alive can be shipped.
func TestShipmentStates(t *testing.T) {
	c := newClient(t, Options{})
	fresh := c.w.AddOrder(three)
	c.dsco("POST", "/order/singleShipment", c.tell(fresh, "N", everything)).want(t, 400, "has not been acknowledged")
	id, _ := c.acknowledged()
	c.w.ForceCancelInDSCO(id, 2)
	c.dsco("POST", "/order/singleShipment", c.tell(id, "N", everything)).want(t, 400, "more than the quantity that is left")
	c.w.ForceCancelInDSCO(id)
	c.dsco("POST", "/order/singleShipment", c.tell(id, "N", everything)).want(t, 400, "The order is cancelled")
}

// TestStrictAccount: what accounts demand beyond the description, in both shapes that refusals have.
func TestStrictAccount(t *testing.T) {
	bare := func(t *testing.T, g got, parts ...string) {
		g.want(t, 400, parts...)
		if l, ok := At(g.doc, "messages", 0, "description").([]any); !ok || len(l) == 0 || At(g.doc, "status") != nil {
			t.Errorf("no list of descriptions: %s", g.text)
		}
	}
	c := newClient(t, Options{Strict: true, AllowedCodes: []string{"USGA", "UPCG"}, Limit: -1})
	id, order := c.acknowledged()
	c.w.BuyLabel(order, set("trackingNumber", "N"))
	send := func(units map[int]int, edits ...func(object)) got {
		return c.dsco("POST", "/order/singleShipment", c.tell(id, "N", units, edits...))
	}
	for what, edit := range map[string]func(object){
		"PO number is required": set("poNumber", nil), "Ship carrier is required": parcelWith("shipCarrier", nil),
		"Shipping service level code is required": parcelWith("shippingServiceLevelCode", ""), "Line item sku is required": unit("sku", nil),
	} {
		g := send(everything, edit).want(t, 400, what)
		if At(g.doc, "messages", 1, "code") != nil || At(g.doc, "messages", 1, "severity") != nil || !strings.Contains(Text(g.doc, "messages", 1, "description"), "lineItems.sku") {
			t.Errorf("%s: the message without a code: %s", what, g.text)
		}
	}
	bare(t, send(everything, parcelWith("shippingServiceLevelCode", "GCG")), "shippingServiceLevelCode GCG is not allowed")
	bare(t, send(everything, set("poNumber", "X")), "poNumber is not that of the order")
	bare(t, send(map[int]int{1: 1}, unit("packageSpanFlag", false)), "line 1 is shipped in part: packageSpanFlag is required")
	send(map[int]int{1: 1}, unit("packageSpanFlag", true)).want(t, 201)
	c = newClient(t, Options{})
	id, _ = c.acknowledged()
	send(map[int]int{1: 1}, set("poNumber", nil), unit("packageSpanFlag", nil), unit("sku", nil), parcelWith("shippingServiceLevelCode", "GCG")).want(t, 201)
}

// TestToldTwice: a second package by default; more than is left only where the account takes more.
func TestToldTwice(t *testing.T) {
	for _, fails := range []bool{false, true} {
		c := newClient(t, Options{TwiceFails: fails})
		id, order := c.acknowledged()
		c.w.BuyLabel(order, set("trackingNumber", "N"))
		c.dsco("POST", "/order/singleShipment", c.tell(id, "N", everything)).want(t, 201)
		again := c.dsco("POST", "/order/singleShipment", c.tell(id, " n", everything))
		packages, _ := c.w.Order(id)["packages"].([]any)
		if fails && (again.status != 400 || len(packages) != 1) || !fails && (again.status != 201 || len(packages) != 2) {
			t.Errorf("fails %v: status %d, %d packages", fails, again.status, len(packages))
		}
		c.broke("tracking number N told twice")
	}
	for _, takes := range []bool{false, true} {
		c := newClient(t, Options{TakesMore: takes})
		id, order := c.acknowledged()
		first := c.w.BuyLabel(order, set("trackingNumber", "N1"))
		c.dsco("POST", "/order/singleShipment", c.tell(id, "N1", everything)).want(t, 201)
		c.w.Void(first)
		c.w.BuyLabel(order, set("trackingNumber", "N2"))
		c.dsco("POST", "/order/singleShipment", c.tell(id, "N2", everything)).want(t, map[bool]int{false: 400, true: 201}[takes])
		c.obeyed()
	}
}

// TestSkuOnTwoLines: whoever names but the sku gets the first line that has enough left.
func TestSkuOnTwoLines(t *testing.T) {
	c := newClient(t, Options{})
	id, _ := c.acknowledged()
	bare := []func(object){unit("lineNumber", nil), unit("dscoItemId", nil), unit("partnerSku", nil)}
	for _, n := range []string{"A", "B"} {
		c.dsco("POST", "/order/singleShipment", c.tell(id, n, map[int]int{1: 2}, bare...)).want(t, 201)
	}
	o := c.w.Order(id)
	if a, b := Int(o, "packages", 0, "items", 0, "lineNumber"), Int(o, "packages", 1, "items", 0, "lineNumber"); a != 1 || b != 3 {
		t.Errorf("lines %d and %d, want 1 and 3", a, b)
	}
}

// TestShipmentBatch: 202 promises nothing; the outcome is in the log alone.
func TestShipmentBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{LogDelay: 20 * time.Second, Strict: true})
		good, order := c.acknowledged()
		c.w.BuyLabel(order, set("trackingNumber", "G"))
		bad, order := c.acknowledged()
		c.w.BuyLabel(order, set("trackingNumber", "B"))
		wrong := c.tell(bad, "B", everything, parcelWith("shipCarrier", nil))
		g := c.dsco("POST", "/order/shipment/batch/small", batch(c.tell(good, "G", everything), wrong)).want(t, 202, `"status":"pending"`)
		log := "/order/log?requestId=" + Text(g.doc, "requestId")
		c.dsco("GET", log, "").want(t, 200, "PROCESSING")
		time.Sleep(20 * time.Second)
		g = c.dsco("GET", log, "").want(t, 200, "COMPLETED", "createShipmentSmallBatch", "Ship carrier is required")
		if a, b := Text(g.doc, "logs", 0, "status"), Text(g.doc, "logs", 1, "status"); a != "success" || b != "failure" || Text(g.doc, "logs", 1, "payload", "dscoOrderId") != bad {
			t.Errorf("outcomes %s, %s: %s", a, b, g.text)
		}
		if c.w.Order(bad)["packages"] != nil || Text(c.w.Order(good), "dscoLifecycle") != "completed" {
			t.Error("the wrong one of two is on its order")
		}
		c.dsco("POST", "/order/shipment/batch/small", batch(c.tell(bad, "B", everything))).want(t, 202) // what failed may be told again
		c.obeyed()
		for _, body := range []string{"[]", "{}", `["x"]`} {
			c.dsco("POST", "/order/shipment/batch/small", body).want(t, 400)
		}
	})
}
