package sim

import (
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rowIDs are the ids of the parcels on a page, less the numbers that all of them begin with.
func rowIDs(g got) []int64 {
	list := []int64{}
	each(At(g.doc, "shipments"), func(_ int, o object) { list = append(list, Int(o, "shipmentId")-firstShipment) })
	each(At(g.doc, "fulfillments"), func(_ int, o object) { list = append(list, Int(o, "fulfillmentId")-firstFulfillment) })
	return list
}

func TestShipmentFilters(t *testing.T) {
	now := time.Date(2026, 2, 12, 19, 40, 0, 0, time.UTC) // 11:40
	c := newClient(t, Options{Now: func() time.Time { return now }, Limit: -1})
	a := c.w.PutShipStation(twoLines("55"))
	b := c.w.PutShipStation(twoLines("551", set("advancedOptions.storeId", 1002), set("shipTo.name", "Gus Novak"), set("shipTo.country", "CA")))
	first := c.w.BuyLabel(a, set("trackingNumber", "A1"))
	now = now.Add(time.Hour)
	c.w.BuyLabel(b, set("carrierCode", "fedex"), set("serviceCode", "fedex_2day"), set("shipDate", "2026-02-11"))
	c.w.Void(first)
	now = now.Add(time.Hour)
	c.w.LooseLabel()
	c.w.ReturnLabel(a)
	tests := []struct {
		query string
		want  []int64
	}{
		{"", []int64{1, 2, 3, 4}},
		{"orderNumber=55", []int64{1, 2, 4}},
		{"orderNumber=551", []int64{2}},
		{"orderId=" + number(a).String(), []int64{1, 4}},
		{"orderId=7", []int64{}},
		{"storeId=1001", []int64{1, 4}},
		{"storeId=1002", []int64{2}},
		{"trackingNumber=A1", []int64{1}},
		{"trackingNumber=A", []int64{}},
		{"carrierCode=fedex", []int64{2}},
		{"serviceCode=usps_ground_advantage", []int64{1, 3, 4}},
		{"recipientName=novak", []int64{2}},
		{"recipientCountryCode=CA", []int64{2}},
		{"createDateStart=2026-02-12 12:40:00", []int64{2, 3, 4}},
		{"createDateStart=2026-02-12T13:40:00", []int64{3, 4}},
		{"createDateEnd=2026-02-12T11:40:00", []int64{1}},
		{"shipDateStart=2026-02-12", []int64{1, 3, 4}},
		{"shipDateEnd=2026-02-11", []int64{2}},
		{"voidDateStart=2026-02-12T12:00:00", []int64{1}},
		{"voidDateEnd=2026-02-12T12:00:00", []int64{}},
		{"sortBy=ShipDate", []int64{2, 1, 3, 4}},
		{"sortBy=CreateDate&sortDir=DESC", []int64{4, 3, 2, 1}},
		{"pageSize=3&page=2", []int64{4}},
		{"modifyDateStart=2099-01-01", []int64{1, 2, 3, 4}},
	}
	for _, test := range tests {
		t.Run(test.query, func(t *testing.T) {
			q, _ := url.ParseQuery(test.query)
			if d := cmp.Diff(test.want, rowIDs(c.ship("GET", "/shipments?"+q.Encode(), "").want(t, 200))); d != "" {
				t.Error(d)
			}
		})
	}
	for _, query := range []string{"createDateStart=x", "voidDateStart=x", "orderId=x", "storeId=x", "sortBy=ModifyDate", "page=x"} {
		c.ship("GET", "/shipments?"+query, "").want(t, 400, "ModelState", "request.")
	}
	c.ship("GET", "/shipments?trackingNumber=A1", "").want(t, 200, `"shipmentItems":null`, `"total":1}`, `"pages":1,`)
	for _, yes := range []string{"true", "True"} {
		g := c.ship("GET", "/shipments?includeShipmentItems="+yes, "").want(t, 200)
		if d := cmp.Diff([]string{"55:1 2", "55:2 1"}, packed(At(g.doc, "shipments", 0))); d != "" {
			t.Error(d)
		}
		if loose := At(g.doc, "shipments", 2); At(loose, "orderId") != nil || At(loose, "orderKey") != nil || At(loose, "orderNumber") != nil || At(loose, "shipmentItems") != nil {
			t.Errorf("a label without an order: %v", loose)
		}
		if back := At(g.doc, "shipments", 3); At(back, "isReturnLabel") != true || Int(back, "orderId") != a {
			t.Errorf("a return label: %v", back)
		}
	}
	c.w.MoveStore(a, 1002)
	if d := cmp.Diff([]int64{1, 2, 4}, rowIDs(c.ship("GET", "/shipments?storeId=1002", ""))); d != "" {
		t.Errorf("after the order was moved: %s", d)
	}
}

func TestFulfillmentFilters(t *testing.T) {
	now := time.Date(2026, 2, 12, 19, 40, 0, 0, time.UTC) // 11:40
	c := newClient(t, Options{Now: func() time.Time { return now }, Limit: -1, ZeroPages: true})
	a := c.w.PutShipStation(twoLines("55"))
	b := c.w.PutShipStation(twoLines("551", set("advancedOptions.storeId", 1002), set("shipTo.name", "Gus Novak")))
	c.w.MarkShipped(a)
	now = now.Add(time.Hour)
	c.w.MarkShipped(b, set("carrierCode", nil), set("trackingNumber", "F2"), set("shipDate", "2026-02-11T10:00:00.0000000"))
	for query, want := range map[string][]int64{
		"": {1, 2}, "orderNumber=55": {1, 2}, "orderNumber=551": {2}, "orderId=" + number(a).String(): {1}, "fulfillmentId=33200102": {2},
		"trackingNumber=F2": {2}, "recipientName=gus": {2}, "createDateStart=2026-02-12T12:00:00": {2}, "createDateEnd=2026-02-12T12:00:00": {1},
		"shipDateStart=2026-02-12": {1}, "shipDateEnd=2026-02-12T00:00:00": {1, 2}, "sortBy=ShipDate": {2, 1}, "sortDir=DESC": {2, 1},
		"storeId=1001": {1, 2}, "voidDateStart=2099-01-01": {1, 2}, "pageSize=1&page=2": {2}, "page=3": {},
	} {
		if d := cmp.Diff(want, rowIDs(c.ship("GET", "/fulfillments?"+query, "").want(t, 200, `"pages":0`))); d != "" {
			t.Errorf("%q: %s", query, d)
		}
	}
	c.ship("GET", "/fulfillments?orderId=x", "").want(t, 400, "ModelState")
}

// TestParcelLag: a label and its void show only when they are old enough.
func TestParcelLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{ShipStationLag: 10 * time.Second})
		o := c.w.PutShipStation(twoLines("7"))
		id := c.w.BuyLabel(o)
		c.w.MarkShipped(o)
		for _, path := range []string{"/shipments", "/fulfillments"} {
			if l := rowIDs(c.ship("GET", path, "").want(t, 200)); len(l) != 0 {
				t.Errorf("%s at once: %v", path, l)
			}
		}
		time.Sleep(10 * time.Second)
		c.ship("GET", "/fulfillments", "").want(t, 200, `"total":1`)
		c.w.Void(id)
		c.ship("GET", "/shipments", "").want(t, 200, `"voided":false`)
		time.Sleep(10 * time.Second)
		c.ship("GET", "/shipments", "").want(t, 200, `"voided":true`)
	})
}

// TestPoison: one broken row fails each page that holds it, and no other.
func TestPoison(t *testing.T) {
	c := newClient(t, Options{Limit: -1})
	o := c.w.PutShipStation(twoLines("7"))
	for range 5 {
		c.w.BuyLabel(o)
	}
	c.w.Poison(firstShipment + 3)
	for page, status := range map[string]int{"?pageSize=5": 500, "?pageSize=2&page=1": 200, "?pageSize=2&page=2": 500, "?pageSize=2&page=3": 200,
		"?pageSize=1&page=3": 500, "?pageSize=1&page=4": 200, "?trackingNumber=none": 200} {
		c.ship("GET", "/shipments"+page, "").want(t, status)
	}
	c.w.Cure(firstShipment + 3)
	c.ship("GET", "/shipments", "").want(t, 200, `"total":5`)
	c.w.Poison(c.w.MarkShipped(o))
	c.ship("GET", "/fulfillments", "").want(t, 500, "Object reference")
}
