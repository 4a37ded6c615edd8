package sim

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// cancelBody cancels so many units of each of these lines, which are all of one product.
func (c *client) cancelBody(id string, units ...[2]int) string {
	c.t.Helper()
	var items []string
	for _, u := range units {
		sku := ""
		each(c.w.Order(id)["lineItems"], func(_ int, line object) {
			if Int(line, "lineNumber") == int64(u[0]) {
				sku = Text(line, "sku")
			}
		})
		items = append(items, fmt.Sprintf(`{"lineNumber":%d,"sku":%q,"cancelledQuantity":%d,"cancelCode":"CXSO","cancelledReason":"Cancelled in ShipStation"}`, u[0], sku, u[1]))
	}
	return fmt.Sprintf(`{"id":%q,"type":"DSCO_ORDER_ID","lineItems":[%s]}`, id, strings.Join(items, ","))
}

func TestItemCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		id, _ := c.acknowledged()
		time.Sleep(time.Hour)
		c.dsco("POST", "/order/item/cancel", c.cancelBody(id, [2]int{1, 1}, [2]int{2, 2})).want(t, 200, `"status":"success"`, "requestId", "eventDate")
		o := c.w.Order(id)
		got := []string{Text(o, "lineItems", 0, "cancelledQuantity"), Text(o, "lineItems", 0, "status"), Text(o, "lineItems", 0, "cancelCode"),
			Text(o, "lineItems", 1, "cancelledQuantity"), Text(o, "lineItems", 1, "status"), Text(o, "lineItems", 1, "cancelledReason"),
			Text(o, "lineItems", 1, "activity", 1, "action"), Text(o, "dscoStatus"), Text(o, "dscoLifecycle"), Text(o, "dscoLastUpdate")}
		want := []string{"1", "", "CXSO", "2", "cancelled", "Cancelled in ShipStation", "cancel", "shipment_pending", "acknowledged", stamp(time.Now())}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("in part: %s", d)
		}
		g := c.dsco("POST", "/order/item/cancel", c.cancelBody(id, [2]int{3, 2}, [2]int{1, 1})).want(t, 200, `"status":"success"`)
		c.dsco("GET", "/order/log?requestId="+Text(g.doc, "requestId"), "").want(t, 200, "COMPLETED", "cancelOrderItem", `"status":"success"`)
		if o := c.w.Order(id); Text(o, "dscoStatus") != "cancelled" || Text(o, "dscoLifecycle") != "completed" {
			t.Errorf("after all: %s, %s", Text(o, "dscoStatus"), Text(o, "dscoLifecycle"))
		}
		c.obeyed()
	})
}

// TestItemCancelFails: a 200 may say failure, and then nothing is cancelled.
func TestItemCancelFails(t *testing.T) {
	c := newClient(t, Options{CancelCodes: []string{"CXSO"}})
	id, order := c.acknowledged()
	c.w.BuyLabel(order, Items(map[string]int{id + ":2": 2}), set("trackingNumber", "N"))
	c.dsco("POST", "/order/singleShipment", c.tell(id, "N", map[int]int{2: 2})).want(t, 201)
	for body, part := range map[string]string{
		c.cancelBody(id, [2]int{1, 1}, [2]int{3, 3}):                               "more than the quantity that is left",
		c.cancelBody(id, [2]int{2, 1}):                                             "more than the quantity that is left",
		strings.Replace(c.cancelBody(id, [2]int{1, 1}), `:1,"sku"`, `:9,"sku"`, 1): "no such line item",
		strings.Replace(c.cancelBody(id, [2]int{1, 1}), "CXSO", "CXRF", 1):         "cancelCode CXRF is not allowed",
		strings.Replace(c.cancelBody(id, [2]int{1, 1}), id, "7", 1):                "NOT_FOUND",
	} {
		c.dsco("POST", "/order/item/cancel", body).want(t, 200, `"status":"failure"`, part)
	}
	if n := Int(c.w.Order(id), "lineItems", 0, "cancelledQuantity"); n != 0 {
		t.Errorf("%d units cancelled by calls that failed", n)
	}
	// What is left is cancelled: the order is complete, and stays shipped.
	c.dsco("POST", "/order/item/cancel", c.cancelBody(id, [2]int{1, 2}, [2]int{3, 2})).want(t, 200, "success")
	if o := c.w.Order(id); Text(o, "dscoStatus") != "shipped" || Text(o, "dscoLifecycle") != "completed" {
		t.Errorf("the rest cancelled: %s, %s", Text(o, "dscoStatus"), Text(o, "dscoLifecycle"))
	}
}

func TestItemCancelForms(t *testing.T) {
	good := `{"id":"1026000001","type":"DSCO_ORDER_ID","lineItems":[{"sku":"MUG","cancelledQuantity":1,"cancelCode":"CXSO"}]}`
	for _, change := range [][3]string{
		{`"1026000001"`, `null`, "id is required"}, {"DSCO_ORDER_ID", "ORDER", "type must be"}, {`"lineItems"`, `"lines"`, "array of at least one"},
		{`"cancelledQuantity":1`, `"cancelledQuantity":0`, "cancelledQuantity has to be"}, {`"CXSO"`, `""`, "cancelCode is required"},
		{`"CXSO"`, `7`, "cancelCode has to be text"}, {`"sku":"MUG",`, ``, "one of dscoItemId"}, {good, "[" + good + "]", "one object"}, {good, "", "JSON"},
	} {
		c := newClient(t, Options{})
		c.acknowledged()
		c.dsco("POST", "/order/item/cancel", strings.Replace(good, change[0], change[1], 1)).want(t, 400, "VALIDATION_FAILED", change[2])
	}
	c := newClient(t, Options{})
	for _, body := range []string{"[]", good, `[7]`} {
		c.dsco("POST", "/order/item/cancel/batch/small", body).want(t, 400, "VALIDATION_FAILED")
	}
}

// TestCancelLater: queued cancellations show after the delay, and what fails stands in the log alone.
func TestCancelLater(t *testing.T) {
	for _, way := range []struct {
		path, detail string
		body         func(...string) string
	}{
		{"/order/item/cancel", "cancelOrderItem", func(docs ...string) string { return docs[0] }},
		{"/order/item/cancel/batch/small", "cancelOrderItemSmallBatch", batch},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, Options{CancelQueued: true, LogDelay: 20 * time.Second})
			id, _ := c.acknowledged()
			for units, want := range map[[2]int]string{{1, 2}: "success", {2, 3}: "failure"} {
				g := c.dsco("POST", way.path, way.body(c.cancelBody(id, units))).want(t, 202, `"status":"pending"`)
				log := "/order/log?requestId=" + Text(g.doc, "requestId")
				c.dsco("GET", log, "").want(t, 200, "PROCESSING")
				time.Sleep(20 * time.Second)
				if g := c.dsco("GET", log, "").want(t, 200, way.detail); Text(g.doc, "logs", 0, "status") != want {
					t.Errorf("%s %v: %s", way.path, units, g.text)
				}
			}
			if o := c.w.Order(id); Int(o, "lineItems", 0, "cancelledQuantity") != 2 || Int(o, "lineItems", 1, "cancelledQuantity") != 0 {
				t.Errorf("%s: %v", way.path, o["lineItems"])
			}
		})
	}
}
