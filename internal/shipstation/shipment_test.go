package shipstation

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/remote"
)

func TestShipments(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "shipments.list.json")))
	began := time.Date(2026, 2, 13, 14, 30, 0, 0, time.UTC)
	c.API.Now = func() time.Time { return began }
	got, err := c.Shipments(t.Context(), ShipmentQuery{StoreID: 214410, CreatedSince: time.Date(2026, 2, 12, 14, 20, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	label := func(id, order int64, number, tracking, carrier, service string, created time.Time, items ...OrderItem) Shipment {
		return Shipment{ID: id, OrderID: order, OrderKey: "dsco-" + number, OrderNumber: number, Tracking: tracking, Carrier: carrier, Service: service, Package: "package",
			WarehouseID: 30117, Created: created, ShipDate: "2026-02-12", Cost: "9.62", Weight: "38.0", WeightUnits: "ounces", Items: items, HasItems: items != nil}
	}
	at := time.Date(2026, 2, 12, 19, 40, 18, 997e6, time.UTC)
	two := OrderItem{Key: "1026064154:1", SKU: "MUG-RED-12", Quantity: 2}
	want := ShipmentList{Began: began, Shipments: []Shipment{
		label(51200901, 730551202, "1026064160", "1Z999AA10123456784", "ups_walleted", "ups_ground", at,
			OrderItem{Key: "1026064160:1", SKU: "MUG-RED-12", Quantity: 2}, OrderItem{Key: "1026064160:2", SKU: "TRAY-OAK", Quantity: 1}),
		label(51200902, 730551201, "1026064154", "9400111899560000000001", "stamps_com", "usps_ground_advantage", at, two),
		label(51200903, 730551201, "1026064154", "9400111899560000000018", "stamps_com", "usps_ground_advantage", time.Date(2026, 2, 12, 20, 9, 44, 5e7, time.UTC), two),
		label(51200904, 730551202, "1026064160", "9202090100000000000042", "stamps_com", "usps_ground_advantage", time.Date(2026, 2, 12, 21, 0, 0, 0, time.UTC)),
		label(51200905, 0, "", "774899172137", "fedex", "fedex_ground", time.Date(2026, 2, 12, 22, 31, 7, 55e7, time.UTC)),
	}}
	want.Shipments[1].Voided, want.Shipments[1].VoidedAt = true, time.Date(2026, 2, 12, 20, 5, 10, 123e6, time.UTC)
	want.Shipments[3].Return = true
	want.Shipments[4].OrderKey, want.Shipments[4].WarehouseID = "", 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	asked := d.got[0].query.Encode()
	if asked != "createDateStart=2026-02-12+06%3A20%3A00&includeShipmentItems=true&page=1&pageSize=500&sortBy=CreateDate&sortDir=ASC&storeId=214410" || d.got[0].path != "/shipments" {
		t.Error(d.got[0].path, asked)
	}
}

func TestShipmentsAskForNoEnd(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	always := "includeShipmentItems=true&%spage=1&pageSize=500&sortBy=CreateDate&sortDir=ASC"
	for _, tc := range []struct {
		query ShipmentQuery
		want  string
	}{
		{ShipmentQuery{}, fmt.Sprintf(always, "")},
		{ShipmentQuery{OrderID: 9007199254740993}, fmt.Sprintf(always, "orderId=9007199254740993&")},
		{ShipmentQuery{VoidedSince: at}, fmt.Sprintf(always, "") + "&voidDateStart=2026-07-01+05%3A00%3A00"},
	} {
		c, d := newDesk(t, say(200, `{"shipments":[],"total":0,"page":1,"pages":0}`))
		if got, err := c.Shipments(t.Context(), tc.query); err != nil || len(got.Shipments) != 0 {
			t.Error(got, err)
		}
		if asked := d.got[0].query.Encode(); asked != tc.want {
			t.Errorf("asked %s", asked)
		}
	}
}

func TestCombinedOrdersRideInOneShipment(t *testing.T) {
	c, _ := newDesk(t, say(200, sample(t, "shipments.list.combined_orders.json")))
	got, err := c.Shipments(t.Context(), ShipmentQuery{})
	if err != nil || len(got.Shipments) != 1 {
		t.Fatal(got, err)
	}
	want := []OrderItem{{Key: "1026064154:1", SKU: "MUG-RED-12", Quantity: 2}, {Key: "1026064154:2", SKU: "TRAY-OAK", Quantity: 1}, {Key: "1026064165:1", SKU: "BOWL-S", Quantity: 4}}
	if diff := cmp.Diff(want, got.Shipments[0].Items); diff != "" || !got.Shipments[0].HasItems {
		t.Error(diff)
	}
}

func TestDecodeOddShipments(t *testing.T) {
	for _, tc := range []struct {
		name string
		json string
		want Shipment
		bad  bool
	}{
		{"only an id", `{"shipmentId":1}`, Shipment{ID: 1}, false},
		{"all null", `{"shipmentId":1,"orderId":null,"orderKey":null,"createDate":null,"shipDate":null,"shipmentCost":null,"voided":null,"isReturnLabel":null,"weight":null,"advancedOptions":null,"shipmentItems":null}`, Shipment{ID: 1}, false},
		{"texts for numbers and the reverse", `{"shipmentId":"9007199254740993","orderId":"2","orderKey":3,"orderNumber":4,"trackingNumber":9400111899560000000018,"warehouseId":"5","advancedOptions":{"storeId":"6"},"shipmentCost":"9.620","weight":{"value":"1e1","units":"pounds"},"voided":"True","isReturnLabel":1}`,
			Shipment{ID: 9007199254740993, OrderID: 2, OrderKey: "3", OrderNumber: "4", Tracking: "9400111899560000000018", WarehouseID: 5, StoreID: 6, Cost: "9.620", Weight: "10", WeightUnits: "pounds", Voided: true, Return: true}, false},
		{"odd members", `{"shipmentId":1,"orderId":-2,"orderKey":{},"createDate":"soon","shipDate":[],"shipmentCost":"free","weight":[],"advancedOptions":"x","shipmentItems":{}}`, Shipment{ID: 1}, false},
		{"ship date with a time", `{"shipmentId":1,"shipDate":"2026-02-12T00:00:00.0000000"}`, Shipment{ID: 1, ShipDate: "2026-02-12"}, false},
		{"ship date in Z", `{"shipmentId":1,"shipDate":"2026-02-12T00:00:00Z"}`, Shipment{ID: 1, ShipDate: "2026-02-12"}, false},
		{"no ship date", `{"shipmentId":1,"shipDate":"0001-01-01T00:00:00"}`, Shipment{ID: 1}, false},
		{"impossible ship date", `{"shipmentId":1,"shipDate":"2026-02-30"}`, Shipment{ID: 1}, false},
		{"cut ship date", `{"shipmentId":1,"shipDate":"2026-2-1"}`, Shipment{ID: 1}, false},
		{"the hour that comes twice", `{"shipmentId":1,"createDate":"2026-11-01T01:30:00","shipDate":"2026-11-01"}`,
			Shipment{ID: 1, Created: time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC), ShipDate: "2026-11-01"}, false},
		{"voided by its date alone", `{"shipmentId":1,"voidDate":"2026-02-12T12:05:10.1230000"}`,
			Shipment{ID: 1, Voided: true, VoidedAt: time.Date(2026, 2, 12, 20, 5, 10, 123e6, time.UTC)}, false},
		{"no date of a void", `{"shipmentId":1,"voidDate":"0001-01-01T00:00:00"}`, Shipment{ID: 1}, false},
		{"no items", `{"shipmentId":1,"shipmentItems":[]}`, Shipment{ID: 1, HasItems: true}, false},
		{"items", `{"shipmentId":1,"shipmentItems":[{"lineItemKey":"a:1","quantity":"2"},{"sku":"B","quantity":0},{"quantity":1000000,"adjustment":true}]}`,
			Shipment{ID: 1, HasItems: true, Items: []OrderItem{{Key: "a:1", Quantity: 2}, {SKU: "B"}, {Quantity: 1000000, Adjustment: true}}}, false},
		{"an item without units", `{"shipmentId":1,"shipmentItems":[{"sku":"A","quantity":1},{"sku":"B","quantity":null}]}`, Shipment{ID: 1}, false},
		{"half a unit", `{"shipmentId":1,"shipmentItems":[{"sku":"A","quantity":1.5}]}`, Shipment{ID: 1}, false},
		{"units below nothing", `{"shipmentId":1,"shipmentItems":[{"sku":"A","quantity":-1}]}`, Shipment{ID: 1}, false},
		{"too many units", `{"shipmentId":1,"shipmentItems":[{"sku":"A","quantity":1000001}]}`, Shipment{ID: 1}, false},
		{"items that are none", `{"shipmentId":1,"shipmentItems":[{"sku":"A","quantity":1},null]}`, Shipment{ID: 1}, false},
		{"voided or not", `{"shipmentId":1,"voided":"perhaps"}`, Shipment{}, true},
		{"voided is an object", `{"shipmentId":1,"voided":{}}`, Shipment{}, true},
		{"return or not", `{"shipmentId":1,"isReturnLabel":2}`, Shipment{}, true},
		{"an id that is no number", `{"shipmentId":"se-1"}`, Shipment{}, true},
		{"an id below nothing", `{"shipmentId":-1}`, Shipment{}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, _ := newDesk(t, say(200, `{"shipments":[`+tc.json+`],"total":1}`))
			got, err := c.Shipments(t.Context(), ShipmentQuery{})
			if err != nil {
				t.Fatal(err)
			}
			want := ShipmentList{Shipments: []Shipment{tc.want}, Began: got.Began}
			if tc.bad {
				want = ShipmentList{Bad: 1, Began: got.Began}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Shipments and fulfillments go through the pages of Orders: a row at fault is found and left out.
func TestShipmentsLeaveOutABadRow(t *testing.T) {
	for rows, list := range map[string]func(context.Context, *Client, bool) (n, bad int, err error){
		"shipments": func(ctx context.Context, c *Client, skip bool) (int, int, error) {
			l, err := c.Shipments(ctx, ShipmentQuery{SkipBad: skip})
			return len(l.Shipments), l.Bad, err
		},
		"fulfillments": func(ctx context.Context, c *Client, skip bool) (int, int, error) {
			l, err := c.Fulfillments(ctx, FulfillmentQuery{SkipBad: skip})
			return len(l.Fulfillments), l.Bad, err
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := store{ids: upTo(620), bad: map[int]bool{503: true}}
			c, _ := newDesk(t, func(n int, r *http.Request) (int, string) {
				status, body := s.answer(n, r)
				id := strings.TrimSuffix(rows, "s") + "Id"
				return status, strings.NewReplacer(`"orders"`, `"`+rows+`"`, `"orderId"`, `"`+id+`"`).Replace(body)
			})
			if n, bad, err := list(t.Context(), c, true); n != 619 || bad != 1 || err != nil {
				t.Errorf("%d %s, %d bad, %v", n, rows, bad, err)
			}
			if n, _, err := list(t.Context(), c, false); n != 0 || remote.KindOf(err) != remote.Unavailable || !strings.Contains(err.Error(), "list "+rows) {
				t.Errorf("%d %s, %v", n, rows, err)
			}
		})
	}
}

func TestListsWithoutTheirRows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newDesk(t, say(200, sample(t, "orders.list.empty.json")))
		if _, err := c.Shipments(t.Context(), ShipmentQuery{}); remote.KindOf(err) != remote.Unavailable || !strings.Contains(err.Error(), "no shipments in it") {
			t.Error(err)
		}
		if _, err := c.Fulfillments(t.Context(), FulfillmentQuery{}); remote.KindOf(err) != remote.Unavailable || !strings.Contains(err.Error(), "no fulfillments in it") {
			t.Error(err)
		}
	})
}

func FuzzShipment(f *testing.F) {
	for _, name := range []string{"shipments.list.json", "shipments.list.combined_orders.json"} {
		s := sheet{member: "shipments"}
		if err := json.Unmarshal([]byte(sample(f, name)), &s); err != nil {
			f.Fatal(err)
		}
		for _, raw := range s.rows {
			f.Add([]byte(raw))
		}
	}
	f.Add([]byte(`{"shipmentId":"1","shipDate":"2026-02-1é","voidDate":"x","weight":{"value":1e999},"shipmentCost":"-0.0","shipmentItems":[{"quantity":99999999999999999999},null,[]]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var doc remote.Object
		if json.Unmarshal(b, &doc) != nil {
			return
		}
		s, ok := decodeShipment(doc)
		if ok && s.ID <= 0 || s.OrderID < 0 || s.StoreID < 0 || s.WarehouseID < 0 {
			t.Errorf("%v: %+v", ok, s)
		}
		if _, err := time.Parse(time.DateOnly, s.ShipDate); s.ShipDate != "" && err != nil {
			t.Error(err)
		}
		if !s.HasItems && s.Items != nil {
			t.Error("items that are not known")
		}
		for _, i := range s.Items {
			if i.Quantity < 0 || i.Quantity > maxUnits {
				t.Errorf("%d units", i.Quantity)
			}
		}
		for _, n := range []json.Number{s.Cost, s.Weight} {
			if out, err := json.Marshal(n); err != nil || n != "" && string(out) != string(n) {
				t.Errorf("%q is sent as %s, %v", n, out, err)
			}
		}
	})
}
