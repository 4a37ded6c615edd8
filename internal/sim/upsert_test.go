package sim

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// result finds an order's result in an answer of createorders.
func result(g got, key string) object {
	var found object
	each(At(g.doc, "results"), func(_ int, r object) {
		if Text(r, "orderKey") == key {
			found = r
		}
	})
	return found
}

func TestCreate(t *testing.T) {
	now := time.Date(2026, 2, 11, 14, 20, 3, 397e6, time.UTC)
	c := newClient(t, Options{Now: func() time.Time { return now }})
	id := c.w.AddOrder()
	g := c.ship("POST", "/orders/createorder", shipDoc(id, set("x-new", object{"deep": 1}), set("gift", "true"), set("amountPaid", "23.00"),
		set("customerUsername", "u"), set("paymentDate", ""), set("shippingAmount", 4.5), set("shipDate", "2026-02-12T10:00:00Z"),
		set("shipTo.residential", true), set("orderId", nil), set("tagIds", []any{7}))).want(t, 200)
	got := object{}
	for _, path := range []string{"orderId", "orderDate", "createDate", "modifyDate", "paymentDate", "gift", "amountPaid", "orderTotal", "customerId",
		"shipDate", "confirmation", "holdUntilDate"} {
		got[path] = At(g.doc, path)
	}
	want := object{"orderId": number(730551201), "orderDate": "2026-02-11T06:15:22.0000000", "createDate": "2026-02-11T06:20:03.3970000",
		"modifyDate": "2026-02-11T06:20:03.3970000", "paymentDate": nil, "gift": true, "amountPaid": number(23) + ".00", "orderTotal": number(27) + ".50",
		"customerId": number(55001), "shipDate": "2026-02-12", "confirmation": "none", "holdUntilDate": nil}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if Int(g.doc, "x-new", "deep") != 1 || At(g.doc, "shipTo", "residential") != true || Text(g.doc, "shipTo", "addressVerified") != "Address validated successfully" ||
		Int(g.doc, "items", 0, "orderItemId") != 882110 || Int(g.doc, "advancedOptions", "storeId") != 1001 {
		t.Errorf("stored: %s", g.text)
	}
	c.obeyed()
}

// TestBadTypes: a wrong type anywhere refuses all the orders of a call.
func TestBadTypes(t *testing.T) {
	tests := []struct {
		edit func(object)
		key  string
		why  string
	}{
		{set("items", []any{object{"name": "a", "quantity": 1}, object{"name": "b", "quantity": "two"}}), "items[1].quantity", `Error converting value \"two\" to type 'System.Int32'. Path '[1].items[1].quantity'`},
		{set("items", []any{object{"name": "a", "quantity": 1.5}}), "items[0].quantity", "System.Int32"},
		{set("items", []any{object{"name": "a", "quantity": nil}}), "items[0].quantity", "{null}"},
		{set("items", []any{object{"name": "a", "quantity": 3000000000}}), "items[0].quantity", "System.Int32"},
		{set("items", object{}), "items", "JSON array"},
		{set("items", []any{"mug"}), "items[0]", "JSON object"},
		{set("gift", 0), "gift", "System.Boolean"},
		{set("shipTo.residential", "yes"), "shipTo.residential", "System.Boolean"},
		{set("shipTo", "Tulsa"), "shipTo", "JSON object"},
		{set("shipTo.city", []any{"Tulsa"}), "shipTo.city", "System.String"},
		{set("orderDate", "not-a-date"), "orderDate", "Could not convert string to DateTime: not-a-date"},
		{set("orderDate", 20260211), "orderDate", "System.DateTime"},
		{set("amountPaid", "$5"), "amountPaid", "System.Decimal"},
		{set("advancedOptions.storeId", "main"), "advancedOptions.storeId", "System.Int64"},
		{set("tagIds", []any{"blue"}), "tagIds[0]", "System.Int32"},
	}
	for _, test := range tests {
		t.Run(test.key, func(t *testing.T) {
			c := newClient(t, Options{})
			a, b := c.w.AddOrder(), c.w.AddOrder()
			c.ship("POST", "/orders/createorders", batch(shipDoc(a), shipDoc(b, test.edit))).want(t, 400, "The request is invalid.", `"apiOrders[1].`+test.key+`"`, test.why)
			if n := len(c.w.ShipStationOrders()); n != 0 {
				t.Errorf("%d orders made", n)
			}
			c.ship("POST", "/orders/createorder", shipDoc(b, test.edit)).want(t, 400, `"apiOrder.`+test.key+`"`)
		})
	}
	c := newClient(t, Options{})
	c.ship("POST", "/orders/createorders", `{"orderNumber":"1"}`).want(t, 400, `"apiOrders"`)
	c.ship("POST", "/orders/createorders", `[{`).want(t, 400, "ModelState")
	c.ship("POST", "/orders/createorders", `[null]`).want(t, 500, "NullReferenceException")
	c.ship("POST", "/orders/createorders", `[]`).want(t, 200, `{"hasErrors":false,"results":[]}`)
}

// TestFailedRows: an order that is refused for what it says fails alone, inside an answer of 200.
func TestFailedRows(t *testing.T) {
	tests := map[string]struct {
		edit func(object)
		why  string
	}{
		"country name":     {set("shipTo.country", "United States"), "Please use a 2 character country code"},
		"UK":               {set("shipTo.country", "UK"), "Please use a 2 character country code"},
		"no country":       {set("shipTo.country", nil), "Please use a 2 character country code"},
		"billing country":  {set("billTo.country", "USA"), "Please use a 2 character country code"},
		"no number":        {set("orderNumber", ""), "orderNumber"},
		"long number":      {set("orderNumber", strings.Repeat("é", 51)), "maximum length of 50"},
		"no date":          {set("orderDate", nil), "orderDate"},
		"no status":        {set("orderStatus", nil), "orderStatus"},
		"unknown status":   {set("orderStatus", "lost"), "orderStatus"},
		"no ship-to name":  {set("shipTo.name", nil), "shipTo name"},
		"no ship-to":       {set("shipTo", nil), "shipTo name"},
		"no bill-to name":  {set("billTo", object{}), "billTo name"},
		"no item name":     {set("items", []any{object{"sku": "a", "quantity": 1}}), "item name"},
		"unknown store":    {set("advancedOptions.storeId", 9), "store 9"},
		"store not active": {set("advancedOptions.storeId", 1003), "store 1003"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			a, b := c.w.AddOrder(), c.w.AddOrder()
			g := c.ship("POST", "/orders/createorders", batch(shipDoc(a, test.edit), shipDoc(b))).want(t, 200)
			bad, good := result(g, "dsco-"+a), result(g, "dsco-"+b)
			if At(g.doc, "hasErrors") != true || bad["success"] != false || bad["orderId"] != nil || !strings.Contains(Text(bad, "errorMessage"), test.why) {
				t.Errorf("refused: %v", bad)
			}
			if good["success"] != true || Int(good, "orderId") == 0 || len(c.w.ShipStationOrders()) != 1 {
				t.Errorf("taken: %v", good)
			}
			c.ship("POST", "/orders/createorder", shipDoc(a, test.edit)).want(t, 400, `"Message"`, test.why)
		})
	}
}

func TestBatch(t *testing.T) {
	c := newClient(t, Options{AnswerCreated: true})
	var docs, want []string
	for range 100 {
		id := c.w.AddOrder()
		docs = append(docs, shipDoc(id))
		want = append([]string{id}, want...)
	}
	g := c.ship("POST", "/orders/createorders", batch(docs...)).want(t, 201, `"hasErrors":false`)
	var got []string
	each(At(g.doc, "results"), func(_ int, r object) { got = append(got, Text(r, "orderNumber")) })
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("results are not in another order than sent: %s", d)
	}
	c.obeyed()
	docs = append(docs, shipDoc(c.w.AddOrder()))
	for i := range docs {
		docs[i] = strings.ReplaceAll(docs[i], "10260", "20260")
	}
	c.ship("POST", "/orders/createorders", batch(docs...)).want(t, 400, "maximum number of orders")
	c.broke("101 orders in one createorders")
}

// TestUpdate: the whole document is overwritten but for what is the service's own.
func TestUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		id := c.w.AddOrder()
		first := c.ship("POST", "/orders/createorder", shipDoc(id, set("customerNotes", "ring"), set("tagIds", []any{1}), set("paymentMethod", "card"))).want(t, 200).doc
		time.Sleep(time.Minute)
		second := c.ship("POST", "/orders/createorder", shipDoc(id, set("orderId", Int(first, "orderId")), set("tagIds", []any{2}),
			set("advancedOptions.storeId", 1002), set("orderKey", "other"), set("orderStatus", "cancelled"), set("gift", true))).want(t, 200).doc
		for _, name := range []string{"orderId", "orderKey", "createDate"} {
			if Text(first, name) != Text(second, name) {
				t.Errorf("%s changed from %s to %s", name, Text(first, name), Text(second, name))
			}
		}
		if Int(first, "items", 0, "orderItemId") != Int(second, "items", 0, "orderItemId") || storeOf(second.(object)) != 1001 {
			t.Error("what belongs to the service changed")
		}
		if At(second, "customerNotes") != nil || At(second, "paymentMethod") != nil || At(second, "gift") != true {
			t.Error("what was left out stayed, or what was sent was not taken")
		}
		if d := cmp.Diff([]any{number(1), number(2)}, At(second, "tagIds")); d != "" {
			t.Errorf("tags can be added, not removed: %s", d)
		}
		if Text(second, "orderStatus") != "cancelled" || Text(first, "modifyDate") == Text(second, "modifyDate") {
			t.Errorf("status %s, modified %s", Text(second, "orderStatus"), Text(second, "modifyDate"))
		}
		c.obeyed()
	})
}

// TestRepost: what becomes of an order that is posted again by its key.
func TestRepost(t *testing.T) {
	tests := map[string]struct {
		first string // what somebody did to it in between
		post  string
		want  string
	}{
		"open":              {"awaiting_payment", "awaiting_shipment", "awaiting_shipment"},
		"on hold":           {"on_hold", "awaiting_shipment", "awaiting_shipment"},
		"revived":           {"cancelled", "awaiting_payment", "awaiting_shipment"},
		"cancelled again":   {"cancelled", "cancelled", "cancelled"},
		"shipped is locked": {"shipped", "cancelled", "shipped"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			id := c.w.AddOrder()
			made := Int(c.ship("POST", "/orders/createorder", shipDoc(id)).doc, "orderId")
			c.w.EditShipStation(made, set("orderStatus", test.first))
			c.ship("POST", "/orders/createorder", shipDoc(id, set("orderStatus", test.post), set("orderId", made))).want(t, 200)
			c.obeyed()
			c.w.EditShipStation(made, set("orderStatus", test.first))
			g := c.ship("POST", "/orders/createorders", batch(shipDoc(id, set("orderStatus", test.post)))).want(t, 200)
			if r := result(g, "dsco-"+id); Int(r, "orderId") != made || r["success"] != true {
				t.Errorf("result %v", r)
			}
			if s := Text(c.w.ByNumber(id)[0], "orderStatus"); s != test.want {
				t.Errorf("is %s, want %s", s, test.want)
			}
			if n := len(c.w.ShipStationOrders()); n != 1 {
				t.Errorf("%d orders", n)
			}
			c.broke("order " + id + ": created over ShipStation order")
		})
	}
}

func TestUpdateOfWhatIsNotThere(t *testing.T) {
	for name, spoil := range map[string]func(w *World, orderID int64){
		"deleted": func(w *World, id int64) { w.DeleteShipStation(id) },
		"moved":   func(w *World, id int64) { w.MoveStore(id, 1002) },
		"split":   func(w *World, id int64) { w.EditShipStation(id, set("advancedOptions.mergedOrSplit", true)) },
	} {
		c := newClient(t, Options{})
		id := c.w.AddOrder()
		made := Int(c.ship("POST", "/orders/createorder", shipDoc(id)).doc, "orderId")
		spoil(c.w, made)
		c.ship("POST", "/orders/createorder", shipDoc(id)).want(t, 404, "not found")
		g := c.ship("POST", "/orders/createorders", batch(shipDoc(id))).want(t, 200, `"hasErrors":true`)
		if r := result(g, "dsco-"+id); r["orderId"] != nil || !strings.Contains(Text(r, "errorMessage"), "not found") {
			t.Errorf("%s: %v", name, r)
		}
		status := 404
		if name == "split" {
			status = 200 // with the orderId it can be updated
		}
		c.ship("POST", "/orders/createorder", shipDoc(id, set("orderId", made))).want(t, status)
	}
	c := newClient(t, Options{})
	c.ship("POST", "/orders/createorder", shipDoc("1", set("orderId", 5))).want(t, 404)
}

func TestWithoutKey(t *testing.T) {
	c := newClient(t, Options{})
	for range 2 {
		g := c.ship("POST", "/orders/createorder", shipDoc("5", set("orderKey", nil), set("items", nil), set("advancedOptions", nil))).want(t, 200)
		if key := Text(g.doc, "orderKey"); len(key) != 32 || storeOf(g.doc.(object)) != 1000 {
			t.Errorf("key %q in store %d", key, storeOf(g.doc.(object)))
		}
	}
	if n := len(c.w.ByNumber("5")); n != 2 {
		t.Errorf("%d orders, want 2: without a key each is new", n)
	}
}

// TestNotAtomic: two creates of one key that are under way at once make two orders.
func TestNotAtomic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{Latency: time.Second})
		id := c.w.AddOrder()
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() { c.ship("POST", "/orders/createorder", shipDoc(id)) })
		}
		wait.Wait()
		if n := len(c.w.ByNumber(id)); n != 2 {
			t.Errorf("%d orders, want 2", n)
		}
		c.broke("order " + id + ": created twice in ShipStation, as 730551201 and 730551202")
	})
}

// TestKeyLag: a key is not found until it is old enough.
func TestKeyLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{KeyLag: 5 * time.Second})
		id := c.w.AddOrder()
		for i, want := range []int{1, 2, 2} {
			c.ship("POST", "/orders/createorder", shipDoc(id)).want(t, 200)
			if n := len(c.w.ByNumber(id)); n != want {
				t.Errorf("after post %d there are %d orders, want %d", i+1, n, want)
			}
			time.Sleep(time.Duration(1+4*i) * time.Second)
		}
		c.broke("created over", "created twice", "created over")
	})
}

// TestRoundTrip: a document that is read, changed and posted back keeps all the rest.
func TestRoundTrip(t *testing.T) {
	c := newClient(t, Options{})
	id := c.w.AddOrder()
	made := c.ship("POST", "/orders/createorder", shipDoc(id, set("x-new", []any{1, "two"}), set("customerNotes", "ring"))).doc.(object)
	read := c.ship("GET", fmt.Sprintf("/orders/%d", Int(made, "orderId")), "").want(t, 200)
	back := c.ship("POST", "/orders/createorder", strings.Replace(read.text, "awaiting_shipment", "cancelled", 1)).want(t, 200).doc.(object)
	made["orderStatus"], back["modifyDate"] = "cancelled", made["modifyDate"]
	each(back["items"], func(i int, item object) { item["modifyDate"] = At(made, "items", i, "modifyDate") })
	if d := cmp.Diff(made, back); d != "" {
		t.Error(d)
	}
	c.obeyed()
}

func TestHistoryForgets(t *testing.T) {
	var h history
	start := time.Now()
	for i := range 1000 {
		h.put(start.Add(time.Duration(i)*time.Second), object{"n": number(int64(i))}, 10*time.Second, 0)
	}
	if len(h.versions) != 11 {
		t.Errorf("%d versions kept, want 11", len(h.versions))
	}
	if n := Int(h.asOf(start.Add(999*time.Second), 10*time.Second), "n"); n != 989 {
		t.Errorf("shows version %d, want 989", n)
	}
	h.put(start, object{}, 0, 0)
	if h.asOf(start, 0) == nil {
		t.Error("a clock that went back hides the document")
	}
}
