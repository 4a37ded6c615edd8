package shipstation

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/remote"
)

func TestOrders(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "orders.list.split_legacy.json")))
	began := time.Date(2026, 2, 11, 14, 30, 0, 0, time.UTC)
	c.API.Now = func() time.Time { return began }
	got, err := c.Orders(t.Context(), Query{StoreID: 214410, Status: "awaiting_shipment", Number: "1026064154",
		CreatedSince: time.Date(2026, 2, 10, 14, 20, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	created := time.Date(2026, 2, 11, 14, 20, 3, 397000000, time.UTC)
	want := List{Began: began, Orders: []Order{
		{ID: 730551201, Number: "1026064154", Key: "dsco-1026064154", Status: "awaiting_shipment", StoreID: 214410, MergedOrSplit: true,
			Created: created, Modified: created.Add(13 * time.Millisecond), Items: []OrderItem{{Key: "1026064154:1", SKU: "MUG-RED-12", Quantity: 2}}},
		{ID: 730551377, Number: "1026064154-1", Key: "7be1c0a4d2f94f7f9a1b0c3d5e6f7a8b", Status: "awaiting_shipment", StoreID: 214410, MergedOrSplit: true,
			ParentID: 730551201, Created: created, Modified: created.Add(13 * time.Millisecond), Items: []OrderItem{{Key: "1026064154:2", SKU: "TRAY-OAK", Quantity: 1}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	asked := d.got[0].query.Encode()
	if asked != "createDateStart=2026-02-10+06%3A20%3A00&orderNumber=1026064154&orderStatus=awaiting_shipment&page=1&pageSize=500&sortBy=CreateDate&sortDir=ASC&storeId=214410" {
		t.Error(asked)
	}
	if want := "Basic " + base64.StdEncoding.EncodeToString([]byte("key:SEKRIT")); d.got[0].auth != want {
		t.Error("authorization is not the key pair")
	}
}

func TestOrdersSortByTheirFilter(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		query Query
		want  string
	}{
		{Query{}, "page=1&pageSize=500"},
		{Query{ModifiedSince: at}, "modifyDateStart=2026-07-01+05%3A00%3A00&page=1&pageSize=500&sortBy=ModifyDate&sortDir=ASC"},
		{Query{CreatedSince: at}, "createDateStart=2026-07-01+05%3A00%3A00&page=1&pageSize=500&sortBy=CreateDate&sortDir=ASC"},
	} {
		c, d := newDesk(t, say(200, sample(t, "orders.list.empty.json")))
		if got, err := c.Orders(t.Context(), tc.query); err != nil || len(got.Orders) != 0 {
			t.Error(got, err)
		}
		if asked := d.got[0].query.Encode(); asked != tc.want {
			t.Errorf("asked %s", asked)
		}
	}
}

func TestOrder(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		kind   remote.Kind
		text   string
	}{
		{200, sample(t, "createorder.response.json"), 0, ""},
		{404, sample(t, "error.404.json"), remote.Missing, "shipstation: read order 730551201: not found (404)"},
		{404, "", remote.Missing, "not found (404)"},
		{401, sample(t, "error.401.json"), remote.Unauthorized, "credentials refused (401)"},
		{200, `{"orderId":7}`, remote.Unavailable, "another order"},
		{500, sample(t, "error.500.json"), remote.Unavailable, "not available (500)"},
		{502, sample(t, "error.502.html"), remote.Unavailable, "(502): not JSON"},
		{400, sample(t, "error.400.message_only.json"), remote.Rejected, "refused (400): what it said is not shown"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, d := newDesk(t, say(tc.status, tc.body))
			o, err := c.Order(t.Context(), 730551201)
			if remote.KindOf(err) != tc.kind || (err == nil) != (tc.text == "") || err != nil && !strings.Contains(err.Error(), tc.text) {
				t.Errorf("%v: %v", remote.KindOf(err), err)
			}
			if err == nil && o.Key != "dsco-1026064154" || d.got[0].path != "/orders/730551201" {
				t.Errorf("%+v from %s", o, d.got[0].path)
			}
		})
	}
}

func TestStray401IsAskedAgain(t *testing.T) {
	c, d := newDesk(t, func(n int, _ *http.Request) (int, string) {
		if n == 1 {
			return 401, ""
		}
		return 200, sample(t, "stores.list.json")
	})
	if _, err := c.Stores(t.Context()); err != nil || len(d.got) != 2 {
		t.Errorf("%v after %d calls", err, len(d.got))
	}
	c, d = newDesk(t, say(401, ""))
	if _, err := c.CreateOrders(t.Context(), []NewOrder{whole()}); remote.KindOf(err) != remote.Unauthorized || len(d.got) != 1 {
		t.Errorf("%v after %d calls", err, len(d.got))
	}
}

func TestStores(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "stores.list.json")))
	got, err := c.Stores(t.Context())
	if err != nil || len(got) == 0 || got[0].ID == 0 || got[0].Name == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	if d.got[0].query.Encode() != "showInactive=true" {
		t.Error(d.got[0].query)
	}
	c, _ = newDesk(t, say(200, `[7,null,{"storeName":"no id"},{"storeId":"12","storeName":null,"marketplaceId":0,"marketplaceName":"ShipStation","active":"true"},{"storeId":13,"active":null}]`))
	got, err = c.Stores(t.Context())
	if diff := cmp.Diff([]Store{{ID: 12, Marketplace: "ShipStation", Active: true}, {ID: 13, MarketplaceID: -1}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// whole is a NewOrder with every member set.
func whole() NewOrder {
	yes := true
	at := time.Date(2026, 2, 11, 14, 15, 22, 0, time.UTC)
	address := Address{Name: "Dana Reyes", Company: "Acme", Street1: "418 Juniper Ct", Street2: "Apt 3", Street3: "Rear", City: "Tulsa", State: "OK",
		PostalCode: "74105", Country: "US", Phone: "9185550142", Residential: &yes}
	return NewOrder{
		Number: "1026064154", Key: "dsco-1026064154", Date: Time{at}, ShipBy: Time{at.AddDate(0, 6, 0)}, Status: "awaiting_shipment",
		Email: "dana.reyes@example.com", BillTo: address, ShipTo: address,
		Items: []Item{{Key: "1026064154:1", SKU: "MUG", Name: "Mug <red> & co", UPC: "0001", Quantity: 2, UnitPrice: "11.50",
			Weight: &Weight{Value: "1.25", Units: "pounds"}, Options: []Option{{"Color", "red"}}}},
		Gift: true, GiftMessage: "👍", InternalNotes: "note", RequestedService: "UPS Ground", Confirmation: "signature",
		Advanced: Advanced{StoreID: 214410, Source: "DSCO", CustomField1: "1", CustomField2: "2", CustomField3: "3",
			BillToParty: "third_party", BillToAccount: "A1", BillToPostalCode: "74105", BillToCountryCode: "US"},
	}
}

func TestCreateOrders(t *testing.T) {
	least := NewOrder{Number: "1", Key: "dsco-1", Date: Time{time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC)}, Status: "awaiting_shipment",
		BillTo: Address{Name: "Dana"}, ShipTo: Address{Name: "Dana", Country: "US"}, Items: []Item{}, Advanced: Advanced{StoreID: 1}}
	c, d := newDesk(t, say(200, sample(t, "createorders.response.partial_failure.json")))
	got, err := c.CreateOrders(t.Context(), []NewOrder{whole(), least})
	if err != nil {
		t.Fatal(err)
	}
	want := []Result{
		{OrderID: 730551201, Number: "1026064154", Key: "dsco-1026064154", OK: true},
		{Number: "1026064160", Key: "dsco-1026064160", Detail: "Please use a 2 character country code"},
		{OrderID: 730551203, Number: "1026064165", Key: "dsco-1026064165", OK: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	address := `{"name":"Dana Reyes","company":"Acme","street1":"418 Juniper Ct","street2":"Apt 3","street3":"Rear","city":"Tulsa","state":"OK","postalCode":"74105","country":"US","phone":"9185550142","residential":true}`
	sent := []string{
		`{"orderNumber":"1026064154","orderKey":"dsco-1026064154","orderDate":"2026-02-11T06:15:22","shipByDate":"2026-08-11T07:15:22","orderStatus":"awaiting_shipment",` +
			`"customerEmail":"dana.reyes@example.com","billTo":` + address + `,"shipTo":` + address + `,"items":[{"lineItemKey":"1026064154:1","sku":"MUG","name":"Mug \u003cred\u003e \u0026 co","upc":"0001","quantity":2,"unitPrice":11.50,` +
			`"weight":{"value":1.25,"units":"pounds"},"options":[{"name":"Color","value":"red"}]}],"gift":true,"giftMessage":"👍","internalNotes":"note","requestedShippingService":"UPS Ground","confirmation":"signature",` +
			`"advancedOptions":{"storeId":214410,"source":"DSCO","customField1":"1","customField2":"2","customField3":"3","billToParty":"third_party","billToAccount":"A1","billToPostalCode":"74105","billToCountryCode":"US"}}`,
		`{"orderNumber":"1","orderKey":"dsco-1","orderDate":"2026-11-01T01:30:00","orderStatus":"awaiting_shipment","billTo":{"name":"Dana","street1":"","city":"","state":"","postalCode":""},` +
			`"shipTo":{"name":"Dana","street1":"","city":"","state":"","postalCode":"","country":"US"},"items":[],"gift":false,"advancedOptions":{"storeId":1}}`,
	}
	if diff := cmp.Diff("["+strings.Join(sent, ",")+"]", d.got[0].body); diff != "" || d.got[0].method != "POST" {
		t.Error(diff)
	}
}

func TestCreateOrdersOddAnswers(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		kind   remote.Kind // Other = no error
		text   string
		want   []Result
	}{
		{"201", 201, sample(t, "createorders.response.ok.json"), 0, "", []Result{{OrderID: 730551201, Number: "1026064154", Key: "dsco-1026064154", OK: true}}},
		{"numbers and texts", 200, `{"results":[{"orderId":"12","orderNumber":7,"orderKey":"k","success":"true"}]}`, 0, "", []Result{{OrderID: 12, Number: "7", Key: "k", OK: true}}},
		{"failed with id 0", 200, `{"results":[{"orderId":0,"orderKey":"k","success":false,"errorMessage":"no\u001b[2J"}]}`, 0, "", []Result{{Key: "k", Detail: `no\x1b[2J`}}},
		{"unclear rows are left out", 200, `{"results":[{"orderKey":"k","success":false},{"orderKey":"a"},{"orderKey":"b","success":null},{"orderKey":"c","success":"?"},{"orderKey":"d","success":true},{"success":true,"orderId":1},7,null]}`, 0, "", []Result{{Key: "k"}}},
		{"no results", 200, `{"hasErrors":false}`, remote.Uncertain, "tells of no order", nil},
		{"results null", 200, `{"hasErrors":false,"results":null}`, remote.Uncertain, "tells of no order", nil},
		{"results empty", 200, `{"results":[]}`, remote.Uncertain, "tells of no order", nil},
		{"results no list", 200, `{"results":{}}`, remote.Uncertain, "tells of no order", nil},
		{"empty", 200, ``, remote.Uncertain, "an empty answer", nil},
		{"a list", 200, `[]`, remote.Uncertain, "not an object", nil},
		{"html", 200, sample(t, "error.502.html"), remote.Uncertain, "not JSON", nil},
		{"500", 500, sample(t, "error.500.json"), remote.Uncertain, "Object reference not set", nil},
		{"model state", 400, sample(t, "error.400.modelstate.bulk.json"), remote.Rejected, `refused (400): apiOrders[0].items[1].quantity: Error converting value "two"`, nil},
		{"odd model state", 400, `{"modelState":{"b":"x","a":["y",1]}}`, remote.Rejected, "a: 1; a: y; b: x", nil},
		{"unknown error", 400, `{"code":7}`, remote.Rejected, `refused (400): (JSON, 10 bytes)`, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, say(tc.status, tc.body))
			got, err := c.CreateOrders(t.Context(), []NewOrder{whole()})
			if remote.KindOf(err) != tc.kind || (err == nil) != (tc.text == "") || err != nil && !strings.Contains(err.Error(), tc.text) {
				t.Errorf("%v: %v", remote.KindOf(err), err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || len(d.got) != 1 {
				t.Errorf("%s after %d calls", diff, len(d.got))
			}
		})
	}
	c, d := newDesk(t, say(200, "{}"))
	if got, err := c.CreateOrders(t.Context(), nil); got != nil || err != nil || len(d.got) != 0 {
		t.Error(got, err)
	}
	if _, err := c.CreateOrders(t.Context(), make([]NewOrder, 101)); remote.KindOf(err) != remote.Other || len(d.got) != 0 {
		t.Error(err)
	}
}

func TestPaceGoesByTheHeadersOfThisAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d := newDesk(t, say(200, `{}`))
		d.answer = say(200, sample(t, "stores.list.json"))
		d.header = map[string]string{"X-Rate-Limit-Limit": "40", "X-Rate-Limit-Remaining": "2", "X-Rate-Limit-Reset": "22"}
		start := time.Now()
		for range 3 {
			if _, err := c.Stores(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took != 46*time.Second {
			t.Errorf("took %v", took)
		}
		d.answer, d.header = say(429, sample(t, "error.429.json")), nil
		start = time.Now()
		if _, err := c.Stores(t.Context()); remote.KindOf(err) != remote.Unavailable {
			t.Error(err)
		}
		if took := time.Since(start); took < 3*time.Minute { // 60 s after each of three, none says when
			t.Errorf("took %v", took)
		}
	})
}

func TestKeyPairIsNeverTold(t *testing.T) {
	var log bytes.Buffer
	for _, status := range []int{200, 302, 400, 401, 403} {
		c, _ := newDesk(t, say(status, `{"results":[]}`))
		c.API.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		_, err := c.CreateOrders(t.Context(), []NewOrder{whole()})
		fmt.Fprintln(&log, err)
	}
	for _, word := range []string{"SEKRIT", base64.StdEncoding.EncodeToString([]byte("key:SEKRIT")), "Dana", "Juniper", "9185550142"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("%q is in %s", word, log.String())
		}
	}
}

func TestDecodeEverySample(t *testing.T) {
	for _, name := range []string{"orders.list.page1.json", "orders.list.split_legacy.json", "orders.list.empty.json"} {
		s := sheet{member: "orders"}
		if err := json.Unmarshal([]byte(sample(t, name)), &s); err != nil {
			t.Error(name, err)
		}
		for _, raw := range s.rows {
			var doc remote.Object
			if err := json.Unmarshal(raw, &doc); err != nil {
				t.Fatal(name, err)
			}
			if o := decode(doc); o.ID == 0 || o.Number == "" || o.Key == "" || o.Status == "" || o.Created.IsZero() || len(o.Items) == 0 || o.Items[0].Quantity == 0 {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
	for _, name := range []string{"error.400.message_only.json", "error.400.modelstate.json", "error.400.modelstate.bulk.json", "error.401.json", "error.404.json", "error.429.json", "error.500.json"} {
		if detail, _ := explain([]byte(sample(t, name))); detail == "" {
			t.Errorf("%s says nothing", name)
		}
	}
}
