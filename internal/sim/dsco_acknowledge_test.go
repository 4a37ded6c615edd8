package sim

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ackBody names orders by their ids.
func ackBody(ids ...string) string {
	var refs []string
	for _, id := range ids {
		refs = append(refs, `{"id":"`+id+`","type":"DSCO_ORDER_ID"}`)
	}
	return batch(refs...)
}

// acknowledge sends the body and returns the request's id.
func (c *client) acknowledge(body string) string {
	c.t.Helper()
	return Text(c.dsco("POST", "/order/acknowledge", body).want(c.t, 202, `"status":"pending"`).doc, "requestId")
}

// outcomes reads the log of a request: per entry its id, status and code.
func (c *client) outcomes(requestID string) (status string, entries []string) {
	c.t.Helper()
	g := c.dsco("GET", "/order/log?requestId="+requestID, "").want(c.t, 200)
	each(At(g.doc, "logs"), func(_ int, e object) {
		entries = append(entries, strings.TrimSpace(Text(e, "payload", "id")+" "+Text(e, "status")+" "+Text(e, "results", 0, "code")))
	})
	return Text(g.doc, "status"), entries
}

func TestAcknowledgeRefuses(t *testing.T) {
	for body, part := range map[string]string{
		`[]`:                                  "array of at least one",
		`{"id":"1","type":"DSCO_ORDER_ID"}`:   "array of at least one",
		`null`:                                "array of at least one",
		`[`:                                   "array of at least one",
		`["1026000001"]`:                      "an object with id and type",
		`[{"type":"DSCO_ORDER_ID"}]`:          "id is required",
		`[{"id":"","type":"DSCO_ORDER_ID"}]`:  "id is required",
		`[{"id":1.5,"type":"DSCO_ORDER_ID"}]`: "whole number",
		`[{"id":"1","type":"dscoOrderId"}]`:   "type must be one of",
		`[{"id":"1"}]`:                        "type must be one of",
		`[{"id":"1","type":"PO_NUMBER","supplierOrderNumber":7}]`: "supplierOrderNumber",
		`[` + strings.Repeat(" ", 5<<20) + `]`:                    "larger than 5 MB",
	} {
		c := newClient(t, Options{})
		c.dsco("POST", "/order/acknowledge", body).want(t, 400, "VALIDATION_FAILED", part)
	}
	c := newClient(t, Options{})
	c.dsco("GET", "/hello", "")
	c.do("POST", DSCOBase+"/order/acknowledge", ackBody("1"), map[string]string{"Authorization": "Bearer " + c.token}).want(t, 400, "Content-Type")
}

func TestAcknowledge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{LogDelay: 20 * time.Second})
		a := c.w.AddOrder()
		b := c.w.AddOrder(func(o object) { o["lineItems"].([]any)[0].(object)["quantity"] = 5 })
		cancelled := c.w.AddOrder()
		young := c.w.AddOrder(Received)
		for _, id := range []string{a, b, cancelled, young} {
			c.w.PutShipStation(shipObject(id))
		}
		c.w.CancelInDSCO(cancelled)
		c.w.ForceCancelInDSCO(b, 2, 3)
		request := c.acknowledge(batch(`{"id":`+a+`,"type":"DSCO_ORDER_ID","supplierOrderNumber":"S-1"}`, strings.Trim(ackBody(b, cancelled, young), "[]")))
		if status, entries := c.outcomes(request); status != "PROCESSING" || len(entries) != 0 {
			t.Errorf("at once: %s %q", status, entries)
		}
		if s := Text(c.w.Order(a), "dscoLifecycle"); s != "created" {
			t.Errorf("at once the order is %s", s)
		}
		time.Sleep(20 * time.Second)
		status, entries := c.outcomes(request)
		want := []string{a + " success", b + " success", cancelled + " failure VALIDATION_FAILED", young + " failure VALIDATION_FAILED"}
		if d := cmp.Diff(want, entries); d != "" || status != "COMPLETED" {
			t.Errorf("%s: %s", status, d)
		}
		o := c.w.Order(a)
		got := []string{Text(o, "dscoLifecycle"), Text(o, "dscoStatus"), Text(o, "supplierOrderNumber"), Text(o, "dscoLastUpdate")}
		if d := cmp.Diff([]string{"acknowledged", "shipment_pending", "S-1", stamp(time.Now())}, got); d != "" {
			t.Errorf("acknowledged order: %s", d)
		}
		if n := Int(c.w.Order(b), "lineItems", 0, "acceptedQuantity"); n != 5 {
			t.Errorf("%d units accepted, want 5", n)
		}
		c.obeyed()
	})
}

func TestAcknowledgeAgain(t *testing.T) {
	for fails, want := range map[bool]string{false: "success", true: "failure VALIDATION_FAILED"} {
		c := newClient(t, Options{AckAgainFails: fails})
		id := c.w.AddOrder()
		c.w.PutShipStation(shipObject(id))
		c.acknowledge(ackBody(id))
		if _, entries := c.outcomes(c.acknowledge(ackBody(id))); len(entries) != 1 || entries[0] != id+" "+want {
			t.Errorf("fails %v: %q", fails, entries)
		}
	}
}

func TestAcknowledgeReceived(t *testing.T) {
	c := newClient(t, Options{AckReceived: true})
	id := c.w.AddOrder(Received)
	c.w.PutShipStation(shipObject(id))
	if _, entries := c.outcomes(c.acknowledge(ackBody(id))); len(entries) != 1 || entries[0] != id+" success" {
		t.Errorf("outcome %q", entries)
	}
}

// TestAcknowledgeByPO: one PO number may be several orders, and all of them are acknowledged.
func TestAcknowledgeByPO(t *testing.T) {
	c := newClient(t, Options{})
	a, b := c.w.AddOrder(set("poNumber", "P")), c.w.AddOrder(set("poNumber", "P"))
	c.w.PutShipStation(shipObject(a))
	c.acknowledge(`[{"id":"P","type":"PO_NUMBER"}]`)
	if Text(c.w.Order(a), "dscoLifecycle") != "acknowledged" || Text(c.w.Order(b), "dscoLifecycle") != "acknowledged" {
		t.Error("not both orders are acknowledged")
	}
	c.broke("order " + b + ": acknowledged, though ShipStation does not have it")
}

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{LogPage: 10})
		var orders []string
		for range 15 {
			id := c.w.AddOrder()
			c.w.PutShipStation(shipObject(id))
			orders = append(orders, id)
		}
		start := time.Now()
		request := c.acknowledge(ackBody(append(orders, "1999999999")...))
		g := c.dsco("GET", "/order/log?requestId="+request, "").want(t, 200, "COMPLETED")
		rest := c.dsco("GET", "/order/log?scrollId="+url.QueryEscape(Text(g.doc, "scrollId")), "").want(t, 200, "COMPLETED", "NOT_FOUND", "The order could not be found")
		if a, b := len(At(g.doc, "logs").([]any)), len(At(rest.doc, "logs").([]any)); a != 10 || b != 6 {
			t.Errorf("%d and %d entries on the pages, want 10 and 6", a, b)
		}
		c.dsco("GET", "/order/page?scrollId="+url.QueryEscape(Text(g.doc, "scrollId")), "").want(t, 404)
		dates := func(from, to time.Time, more string) string {
			return fmt.Sprintf("/order/log?startDate=%s&endDate=%s%s", rfc(from), rfc(to), more)
		}
		for path, want := range map[string]int{
			"/order/log?requestId=" + request + "&status=failure":              1,
			dates(start, start.Add(time.Second), "&status=failure"):            1,
			dates(start.Add(-time.Hour), start, "&status=failure"):             0,
			dates(start, start.Add(time.Second), "&status=success_or_failure"): 10,
			"/order/log?requestId=unknown":                                     0,
		} {
			if n := len(At(c.dsco("GET", path, "").want(t, 200).doc, "logs").([]any)); n != want {
				t.Errorf("%s lists %d entries, want %d", path, n, want)
			}
		}
		c.dsco("GET", "/order/log", "").want(t, 400)
		time.Sleep(14*24*time.Hour + 1)
		c.token = ""
		c.dsco("GET", "/order/log?requestId="+request, "").want(t, 200, `{"logs":[]}`)
		c.broke("order 1999999999: acknowledged, though DSCO has no such order")
	})
}
