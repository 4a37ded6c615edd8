package sim

import (
	"net/url"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// numbers are the numbers of the orders on a page.
func numbers(g got) []string {
	list := []string{}
	each(At(g.doc, "orders"), func(_ int, o object) { list = append(list, Text(o, "orderNumber")) })
	return list
}

func TestShipStationDoor(t *testing.T) {
	c := newClient(t, Options{})
	bad := map[string]string{"Authorization": "Basic a2V5Ondyb25n"}
	for _, header := range []map[string]string{nil, bad, {"Authorization": "Bearer x"}} {
		g := c.do("GET", ShipStationBase+"/orders", "", header).want(t, 401, `{"Message":"Authorization has been denied for this request."}`)
		if g.header.Get("X-Rate-Limit-Limit") != "40" {
			t.Error("a refusal says nothing of the limit")
		}
	}
	c.ship("GET", "/shipments/createlabel", "").want(t, 404, `{"Message":"The requested resource was not found."}`)
	c.ship("GET", "/orders/7", "").want(t, 404)
	c.ship("GET", "/orders/createorder", "").want(t, 405)
	c.ship("POST", "/orders", "{}").want(t, 405)
	for _, body := range []string{"", "null"} {
		c.ship("POST", "/orders/createorders", body).want(t, 500, "ExceptionMessage", "Object reference not set")
	}
	c.do("POST", ShipStationBase+"/orders/createorder", shipDoc("1"), map[string]string{"Authorization": basic["Authorization"]}).want(t, 500, "NullReferenceException")
}

// TestWindow: the limit is a fixed minute's, and the headers count it down.
func TestWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{Limit: 3})
		headers := func(g got) []string {
			return []string{g.header.Get("X-Rate-Limit-Limit"), g.header.Get("X-Rate-Limit-Remaining"), g.header.Get("X-Rate-Limit-Reset")}
		}
		time.Sleep(40*time.Second + time.Millisecond)
		for i, want := range [][]string{{"3", "2", "20"}, {"3", "1", "20"}, {"3", "0", "20"}} {
			if d := cmp.Diff(want, headers(c.ship("GET", "/orders", "").want(t, 200))); d != "" {
				t.Errorf("request %d: %s", i+1, d)
			}
		}
		c.obeyed()
		for range 2 {
			g := c.ship("GET", "/orders", "").want(t, 429, `{"message":"Too Many Requests"}`)
			if d := cmp.Diff([]string{"3", "0", "20"}, headers(g)); d != "" {
				t.Error(d)
			}
		}
		c.broke("shipstation: went over the limit of 3 requests in a minute")
		time.Sleep(20 * time.Second)
		if d := cmp.Diff([]string{"3", "2", "60"}, headers(c.ship("GET", "/orders", "").want(t, 200))); d != "" {
			t.Error(d)
		}
	})
}

// TestSpend: what others spend is gone, but going over for that breaks no law.
func TestSpend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		c.w.Spend(39)
		if g := c.ship("GET", "/orders", "").want(t, 200); g.header.Get("X-Rate-Limit-Remaining") != "0" {
			t.Errorf("remaining %s, want 0", g.header.Get("X-Rate-Limit-Remaining"))
		}
		c.ship("GET", "/orders", "").want(t, 429)
		c.obeyed()
		c = newClient(t, Options{Limit: -1})
		for range 100 {
			if g := c.ship("GET", "/orders", "").want(t, 200); g.header.Get("X-Rate-Limit-Limit") != "" {
				t.Fatal("a limit is told where there is none")
			}
		}
		c.obeyed()
	})
}

func TestListFilters(t *testing.T) {
	now := time.Date(2026, 2, 11, 14, 20, 3, 397e6, time.UTC)
	c := newClient(t, Options{Now: func() time.Time { return now }, Limit: -1})
	put := func(number string, edits ...func(object)) { c.w.PutShipStation(shipObject(number, edits...)) }
	put("55", set("createDate", "2026-02-11T06:20:03.3970000"), set("orderDate", "2026-02-11T06:00:00"))
	put("55-1", set("createDate", "2026-02-11T06:20:04.0000000"), set("orderStatus", "shipped"), set("orderDate", "2026-02-11T05:00:00"))
	put("551", set("modifyDate", "2026-03-01T00:00:00.0000000"), set("advancedOptions.storeId", 1002), set("paymentDate", "2026-02-10T00:00:00"))
	put("7", set("shipTo.name", "Gus Novak"), set("items", []any{object{"sku": "TRAY-1", "name": "Tray", "quantity": 1}}))
	tests := []struct {
		query string
		want  []string
	}{
		{"", []string{"55", "55-1", "551", "7"}},
		{"orderNumber=55", []string{"55", "55-1", "551"}},
		{"orderNumber=55-1", []string{"55-1"}},
		{"orderStatus=shipped", []string{"55-1"}},
		{"storeId=1002", []string{"551"}},
		{"storeId=9", []string{}},
		{"createDateStart=2026-02-11 06:20:04", []string{"55-1"}},
		{"createDateStart=2026-02-11T06:20:03.397", []string{"55", "55-1", "551", "7"}},
		{"createDateStart=2026-02-11T14:20:04Z", []string{"55-1"}},
		{"createDateStart=2026-02-11T09:20:04-05:00", []string{"55-1"}},
		{"createDateEnd=2026-02-11T06:20:03.397", []string{"55", "551", "7"}},
		{"modifyDateStart=2026-03-01", []string{"551"}},
		{"orderDateStart=2026-02-11&orderDateEnd=2026-02-11 05:00:00", []string{"55-1"}},
		{"paymentDateStart=2026-02-01", []string{"551"}},
		{"customerName=novak", []string{"7"}},
		{"itemKeyword=tray", []string{"7"}},
		{"sortBy=OrderDate", []string{"55-1", "55", "551", "7"}},
		{"sortBy=ModifyDate&sortDir=DESC", []string{"551", "7", "55-1", "55"}},
		{"sortDir=DESC", []string{"7", "551", "55-1", "55"}},
		{"sortBy=CreateDate&sortDir=ASC&pageSize=2&page=2", []string{"7", "55-1"}},
		{"pageSize=3&page=2", []string{"7"}},
		{"pageSize=3&page=3", []string{}},
		{"unknown=1", []string{"55", "55-1", "551", "7"}},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			q, _ := url.ParseQuery(test.query)
			if d := cmp.Diff(test.want, numbers(c.ship("GET", "/orders?"+q.Encode(), "").want(t, 200))); d != "" {
				t.Error(d)
			}
		})
	}
	for _, query := range []string{"createDateStart=yesterday", "pageSize=all", "storeId=x", "sortBy=Number", "modifyDateEnd=2026-13-01"} {
		c.ship("GET", "/orders?"+query, "").want(t, 400, "ModelState", "request.")
	}
}

func TestListEnvelope(t *testing.T) {
	for _, zero := range []bool{false, true} {
		c := newClient(t, Options{ZeroPages: zero})
		c.ship("GET", "/orders", "").want(t, 200, `{"orders":[],"page":1,"pages":0,"total":0}`)
		for n := range 501 {
			c.w.PutShipStation(shipObject(strconv.Itoa(n)))
		}
		pages := map[bool]int64{false: 6, true: 0}[zero]
		g := c.ship("GET", "/orders?page=6", "").want(t, 200)
		if len(numbers(g)) != 1 || Int(g.doc, "total") != 501 || Int(g.doc, "page") != 6 || Int(g.doc, "pages") != pages {
			t.Errorf("page 6: %d rows, total %d, page %d, pages %d", len(numbers(g)), Int(g.doc, "total"), Int(g.doc, "page"), Int(g.doc, "pages"))
		}
		if n := len(numbers(c.ship("GET", "/orders?pageSize=1000", ""))); n != 500 {
			t.Errorf("a page of %d rows", n)
		}
	}
}

// TestShipStationLag: a list lags, an order by its id does not.
func TestShipStationLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{ShipStationLag: 10 * time.Second})
		id := c.w.AddOrder()
		listed := func() string {
			return Text(c.ship("GET", "/orders?orderNumber="+id, "").want(t, 200).doc, "orders", 0, "orderStatus")
		}
		made := c.ship("POST", "/orders/createorder", shipDoc(id)).want(t, 200)
		path := "/orders/" + Text(made.doc, "orderId")
		c.ship("GET", path, "").want(t, 200, "awaiting_shipment")
		if s := listed(); s != "" {
			t.Errorf("listed at once as %s", s)
		}
		time.Sleep(10 * time.Second)
		c.w.EditShipStation(Int(made.doc, "orderId"), set("orderStatus", "cancelled"))
		c.ship("GET", path, "").want(t, 200, "cancelled")
		if s := listed(); s != "awaiting_shipment" {
			t.Errorf("listed as %q before the lag is over", s)
		}
		time.Sleep(10 * time.Second)
		if s := listed(); s != "cancelled" {
			t.Errorf("listed as %q after the lag", s)
		}
		c.w.DeleteShipStation(Int(made.doc, "orderId"))
		c.ship("GET", path, "").want(t, 404)
		if s := listed(); s != "cancelled" {
			t.Errorf("a deleted order listed as %q before the lag is over", s)
		}
		time.Sleep(10 * time.Second)
		if s := listed(); s != "" {
			t.Errorf("a deleted order is listed as %s", s)
		}
	})
}

func TestHold(t *testing.T) {
	c := newClient(t, Options{})
	id := c.w.AddOrder()
	made := c.ship("POST", "/orders/createorder", shipDoc(id)).doc
	ref := `{"orderId":` + Text(made, "orderId")
	c.ship("POST", "/orders/restorefromhold", ref+"}").want(t, 400, "not on hold")
	c.ship("POST", "/orders/holduntil", ref+"}").want(t, 400, "holdUntilDate")
	c.ship("POST", "/orders/holduntil", `{"orderId":"x"}`).want(t, 400, "request.orderId")
	c.ship("POST", "/orders/holduntil", `{`).want(t, 400, "ModelState")
	c.ship("POST", "/orders/holduntil", `{"orderId":7,"holdUntilDate":"2099-12-31"}`).want(t, 404)
	c.ship("POST", "/orders/holduntil", ref+`,"holdUntilDate":"2099-12-31"}`).want(t, 200, `"success":true`)
	if o := c.w.ByNumber(id)[0]; Text(o, "orderStatus") != "on_hold" || Text(o, "holdUntilDate") != "2099-12-31T00:00:00.0000000" {
		t.Errorf("on hold: %s until %s", Text(o, "orderStatus"), Text(o, "holdUntilDate"))
	}
	c.ship("POST", "/orders/restorefromhold", ref+"}").want(t, 200, `"success":true`)
	if o := c.w.ByNumber(id)[0]; Text(o, "orderStatus") != "awaiting_shipment" || o["holdUntilDate"] != nil {
		t.Errorf("restored: %s until %v", Text(o, "orderStatus"), o["holdUntilDate"])
	}
	c.ship("POST", "/orders/restorefromhold", `{"orderId":7}`).want(t, 404)
	c.w.EditShipStation(Int(made, "orderId"), set("orderStatus", "shipped"))
	c.ship("POST", "/orders/holduntil", ref+`,"holdUntilDate":"2099-12-31"}`).want(t, 400, "open orders")
	c.obeyed()
}

func TestAccount(t *testing.T) {
	c := newClient(t, Options{})
	count := func(path string) int { return len(c.ship("GET", path, "").want(t, 200).doc.([]any)) }
	for path, want := range map[string]int{
		"/stores": 3, "/stores?showInactive=true": 5, "/stores?marketplaceId=0": 2, "/stores?marketplaceId=0&showInactive=true": 3,
		"/carriers": 3, "/carriers/listservices?carrierCode=fedex": 3, "/warehouses": 1,
	} {
		if n := count(path); n != want {
			t.Errorf("%s lists %d, want %d", path, n, want)
		}
	}
	c.ship("GET", "/carriers/listservices", "").want(t, 400)
	c.ship("GET", "/carriers/listservices?carrierCode=dhl", "").want(t, 404)
	if first := c.ship("GET", "/stores", "").doc; Int(first, 0, "storeId") == 1001 || Int(first, 0, "marketplaceId") != 0 {
		t.Error("the first manual store is the one that orders must go to, so a missing storeId would never be noticed")
	}
}

// TestWallClock: ShipStation's times are Pacific and say not so; in November an hour comes twice.
func TestWallClock(t *testing.T) {
	for utc, want := range map[string]string{
		"2026-02-11T14:20:03.3979Z": "2026-02-11T06:20:03.3970000",
		"2026-07-01T00:00:00Z":      "2026-06-30T17:00:00.0000000",
		"2026-11-01T08:30:00Z":      "2026-11-01T01:30:00.0000000",
		"2026-11-01T09:30:00Z":      "2026-11-01T01:30:00.0000000",
	} {
		at, err := time.Parse(time.RFC3339, utc)
		if err != nil {
			t.Fatal(err)
		}
		if got := wallClock(at); got != want {
			t.Errorf("%s is written %s, want %s", utc, got, want)
		}
	}
	now := time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC)
	c := newClient(t, Options{Now: func() time.Time { return now }})
	c.w.PutShipStation(shipObject("1"))
	if l := numbers(c.ship("GET", "/orders?createDateStart=2026-11-01T01:45:00", "")); len(l) != 0 {
		t.Errorf("made at 01:30 for the second time, listed from 01:45 on: %v", l)
	}
}
