package sim

import (
	"testing"
	"testing/synctest"
	"time"
)

// three gives an order three lines of two units each.
func three(o object) {
	line := clone(o["lineItems"].([]any)[0].(object))
	var lines []any
	for n := 1; n <= 3; n++ {
		l := clone(line)
		l["lineNumber"], l["quantity"] = n, 2
		lines = append(lines, l)
	}
	o["lineItems"] = lines
}

func TestReceivedBecomesCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{})
		id := w.AddOrder(Received)
		stuck := w.AddOrder()
		w.Edit(stuck, Received)
		old := w.AddOrder(Received, set("dscoCreateDate", stamp(time.Now().Add(-time.Hour))))
		lifecycle := func(id string) string { return Text(w.Order(id), "dscoLifecycle") }
		if lifecycle(id) != "received" || Text(w.Order(id), "dscoCreateDate") != stamp(time.Now()) {
			t.Errorf("a new order: %s", lifecycle(id))
		}
		if lifecycle(old) != "created" {
			t.Errorf("an hour old: %s", lifecycle(old))
		}
		start := time.Now()
		for lifecycle(id) == "received" {
			time.Sleep(time.Second)
		}
		if d := time.Since(start); d < 48*time.Second || d > 89*time.Second {
			t.Errorf("ready after %v", d)
		}
		if got := Text(w.Order(id), "dscoLastUpdate"); got != stamp(time.Now()) {
			t.Errorf("dscoLastUpdate %s", got)
		}
		time.Sleep(24 * time.Hour)
		if lifecycle(stuck) != "received" {
			t.Errorf("edited to received: %s", lifecycle(stuck))
		}
	})
}

func TestCancelInDSCO(t *testing.T) {
	w := New(Options{})
	id := w.AddOrder(three)
	if !w.CancelInDSCO(id, 2) {
		t.Error("the retailer could not cancel a line of a new order")
	}
	o := w.Order(id)
	if Text(o, "dscoStatus") != "created" || Int(o, "lineItems", 1, "cancelledQuantity") != 2 || Text(o, "lineItems", 1, "cancelCode") != "CXRR" ||
		Text(o, "lineItems", 1, "activity", 1, "action") != "cancel" || Int(o, "lineItems", 0, "cancelledQuantity") != 0 {
		t.Errorf("after one line: %v", o["lineItems"])
	}
	w.AcknowledgeInDSCO(id)
	if w.CancelInDSCO(id) {
		t.Error("the retailer cancelled an order that the supplier has")
	}
	if o := w.Order(id); o["cancelRequested"] != true || At(o, "lineItems", 2, "cancelRequested") != true || Text(o, "dscoStatus") != "shipment_pending" {
		t.Errorf("after a request: %v", o)
	}
	w.ForceCancelInDSCO(id)
	if o := w.Order(id); Text(o, "dscoStatus") != "cancelled" || Text(o, "dscoLifecycle") != "completed" || Int(o, "lineItems", 2, "cancelledQuantity") != 2 {
		t.Errorf("after all lines: %v", o)
	}
}

func TestRequestMovesUpdate(t *testing.T) {
	for _, moves := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := New(Options{RequestMovesUpdate: moves})
			id := w.AddOrder(three)
			before := Text(w.Order(id), "dscoLastUpdate")
			time.Sleep(time.Minute)
			w.RequestCancel(id, 3)
			o := w.Order(id)
			if (Text(o, "dscoLastUpdate") != before) != moves {
				t.Errorf("moved: %v, want %v", !moves, moves)
			}
			if o["cancelRequested"] != false || At(o, "lineItems", 2, "cancelRequested") != true || At(o, "lineItems", 0, "cancelRequested") != false {
				t.Errorf("requested: %v", o)
			}
		})
	}
}

func TestAddPackage(t *testing.T) {
	w := New(Options{})
	id := w.AddOrder(three)
	w.ForceCancelInDSCO(id, 3)
	w.AddPackage(id, "1Z1", func(p map[string]any) { p["items"] = p["items"].([]any)[:1] })
	if o := w.Order(id); Text(o, "dscoStatus") != "shipped" || Text(o, "dscoLifecycle") != "acknowledged" || Int(o, "packages", 0, "items", 0, "quantity") != 2 {
		t.Errorf("partly shipped: %v", o)
	}
	w.AddPackage(id, "1Z2")
	o := w.Order(id)
	if Text(o, "dscoLifecycle") != "completed" || Text(o, "packages", 1, "trackingNumber") != "1Z2" || Int(o, "packages", 1, "items", 0, "lineNumber") != 2 || At(o, "packages", 1, "items", 1) != nil {
		t.Errorf("shipped: %v", o["packages"])
	}
}

// TestEdit: the world hands out copies, and takes whatever Go values stand for JSON.
func TestEdit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{})
		id := w.AddOrder()
		time.Sleep(time.Minute)
		w.Edit(id, func(o map[string]any) { o["shipping"].(map[string]any)["city"], o["list"] = "Reno", []int{1, 2} })
		o := w.Order(id)
		if Text(o, "shipping", "city") != "Reno" || Int(o, "list", 1) != 2 || Text(o, "dscoLastUpdate") != stamp(time.Now()) {
			t.Errorf("edited: %v", o)
		}
		o["shipping"].(map[string]any)["city"] = "elsewhere"
		if Text(w.Order(id), "shipping", "city") != "Reno" {
			t.Error("a copy was no copy")
		}
		w.Edit(id, set("dscoLastUpdate", "2000-01-01T00:00:00+00:00"))
		if got := Text(w.Orders()[0], "dscoLastUpdate"); got != "2000-01-01T00:00:00+00:00" {
			t.Errorf("dscoLastUpdate %s", got)
		}
		if w.Order("7") != nil {
			t.Error("an order that is not there")
		}
	})
}
