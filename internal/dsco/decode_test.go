package dsco

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeWholeOrder(t *testing.T) {
	got, ok := decode(json.RawMessage(sample(t, "order-partially-shipped.json")))
	if !ok {
		t.Fatal("not an order")
	}
	line := func(n int, item, sku, title string, units int, cost, price Amount) Line {
		s := string(rune('0' + n))
		return Line{Number: n, RetailerLine: "70000" + s, ItemID: item, SKU: sku, PartnerSKU: "R-" + sku, Title: title,
			Quantity: units, Accepted: units, ExpectedCost: cost, ConsumerPrice: price}
	}
	want := Order{
		ID: "1026000002", PO: "PO-1002", Status: "shipped", Lifecycle: "acknowledged", RetailerID: "1000009001",
		Created:         time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC),
		Updated:         time.Date(2026, 3, 3, 18, 2, 10, 0, time.UTC),
		RetailerCreated: time.Date(2026, 3, 2, 14, 55, 0, 0, time.UTC),
		ConsumerOrdered: time.Date(2026, 3, 2, 8, 20, 11, 0, time.UTC),
		ShipBy:          time.Date(2026, 3, 5, 7, 59, 0, 0, time.UTC),
		ShipLate:        time.Date(2026, 3, 5, 7, 59, 59, 0, time.UTC),
		ShipCarrier:     "Generic", ShipMethod: "Ground", ServiceLevel: "GCG",
		PackingSlipMessage: "Thank you for shopping with Demo Retail",
		Gift:               true, GiftMessage: "Happy birthday!", GiftTo: "Kim", GiftFrom: "Pat",
		ShipTo: Address{Name: "Pat Example", Street: []string{"12 Sample Street", "Apt 3"}, City: "Springfield", Region: "IL", Postal: "62701", Country: "US", Phone: "555-0100"},
		Lines: []Line{
			line(1, "1290000001", "SKU-1", "Blue mug", 2, "7.5", "15.0"),
			line(2, "1290000002", "SKU-2", "Tea pot", 1, "19.25", "38.5"),
			line(3, "1290000003", "SKU-3", "Coaster", 4, "1.1", "2.2"),
		},
		Packages: []Package{{TrackingNumber: "1Z0000000000000001", Carrier: "UPS", Method: "Ground", ServiceLevel: "UPCG",
			ShipDate: time.Date(2026, 3, 3, 18, 0, 0, 0, time.UTC),
			Items:    []PackageItem{{Quantity: 2, LineNumber: 1, ItemID: "1290000001", SKU: "SKU-1"}}}},
	}
	want.Lines[1].Personalization = "For Kim"
	want.Lines[2].UPC = "012345678905"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeEverySample(t *testing.T) {
	files, err := os.ReadDir("../../testdata/dsco")
	if err != nil {
		t.Fatal(err)
	}
	orders := 0
	check := func(name string, raw json.RawMessage) {
		orders++
		o, ok := decode(raw)
		if !ok || len(o.Problems)+len(o.Oddities) > 0 || o.PO == "" || len(o.Lines) == 0 || o.ShipTo.Name == "" {
			t.Errorf("%s: %+v", name, o)
		}
	}
	for _, f := range files {
		switch name := f.Name(); {
		case strings.HasPrefix(name, "order-page"), strings.HasPrefix(name, "order-get-multiple"):
			var p page
			if strings.HasPrefix(name, "order-get") {
				if err := json.Unmarshal([]byte(sample(t, name)), &p.orders); err != nil {
					t.Error(name, err)
				}
			} else if err := json.Unmarshal([]byte(sample(t, name)), &p); err != nil {
				t.Error(name, err)
			}
			for _, raw := range p.orders {
				check(name, raw)
			}
		case strings.HasPrefix(name, "order-log"):
			var p logPage
			if err := json.Unmarshal([]byte(sample(t, name)), &p); err != nil {
				t.Error(name, err)
			}
		case strings.HasPrefix(name, "order-"):
			check(name, json.RawMessage(sample(t, name)))
		case strings.HasPrefix(name, "error-"), strings.Contains(name, "response-4"), strings.HasPrefix(name, "token-error"):
			if detail, _ := explain([]byte(sample(t, name))); detail == "" {
				t.Errorf("%s says nothing", name)
			}
		}
	}
	if orders < 12 {
		t.Errorf("only %d orders in the samples", orders)
	}
}

func TestDecodeOddMembers(t *testing.T) {
	line := func(doc map[string]any) map[string]any { return doc["lineItems"].([]any)[0].(map[string]any) }
	for _, tc := range []struct {
		name     string
		edit     func(map[string]any)
		problems []string
		oddities []string
		holds    func(Order) bool
	}{
		{name: "numbers as ids", edit: func(d map[string]any) {
			d["dscoOrderId"] = json.Number("9007199254740993")
			d["dscoRetailerId"] = 77
			line(d)["sku"] = json.Number("0.10")
		}, holds: func(o Order) bool {
			return o.ID == "9007199254740993" && o.RetailerID == "77" && o.Lines[0].SKU == "0.10"
		}},
		{name: "texts as numbers and flags", edit: func(d map[string]any) {
			l := line(d)
			l["quantity"], l["lineNumber"], l["consumerPrice"], l["cancelledQuantity"] = "3", "2", "12.340", "1"
			d["testFlag"], d["giftFlag"] = "true", 1
		}, holds: func(o Order) bool {
			l := o.Lines[0]
			return l.Quantity == 3 && l.Number == 2 && l.ConsumerPrice == "12.340" && l.Cancelled == 1 && o.Test && o.Gift
		}},
		{name: "2.0 units", edit: func(d map[string]any) { line(d)["quantity"] = json.Number("2.0") }, holds: func(o Order) bool { return o.Lines[0].Quantity == 2 }},
		{name: "null members", edit: func(d map[string]any) {
			d["billTo"], d["packages"], d["shipByDate"], d["testFlag"] = nil, nil, nil, nil
			line(d)["consumerPrice"] = nil
		}, holds: func(o Order) bool { return o.ShipBy.IsZero() && o.Lines[0].ConsumerPrice == "" }},

		{name: "1.5 units", edit: func(d map[string]any) { line(d)["quantity"] = 1.5 }, problems: []string{"lineItems[0].quantity: 1.5 is not a whole number"}},
		{name: "1e3 units", edit: func(d map[string]any) { line(d)["quantity"] = json.Number("1e3") }, problems: []string{"lineItems[0].quantity: 1e3 is not a whole number"}},
		{name: "0 units", edit: func(d map[string]any) { line(d)["quantity"] = 0 }, problems: []string{"lineItems[0].quantity: 0 is out of range"}},
		{name: "-1 units", edit: func(d map[string]any) { line(d)["quantity"] = -1 }, problems: []string{"lineItems[0].quantity: -1 is out of range"}},
		{name: "1e9 units", edit: func(d map[string]any) { line(d)["quantity"] = 1000000000 }, problems: []string{"lineItems[0].quantity: 1000000000 is out of range"}},
		{name: "no units", edit: func(d map[string]any) { delete(line(d), "quantity") }, problems: []string{"lineItems[0].quantity: missing"}},
		{name: "units are a list", edit: func(d map[string]any) { line(d)["quantity"] = []any{1} }, problems: []string{"lineItems[0].quantity: the value is not a whole number"}},
		{name: "cancelled units not understood", edit: func(d map[string]any) { line(d)["cancelledQuantity"] = "some" }, problems: []string{"lineItems[0].cancelledQuantity: the value is not a whole number"}},
		{name: "a line that is none", edit: func(d map[string]any) { d["lineItems"] = append(d["lineItems"].([]any), "x", nil) }, problems: []string{"lineItems[1]: not an object", "lineItems[2]: not an object"}},
		{name: "no lines", edit: func(d map[string]any) { delete(d, "lineItems") }, problems: []string{"lineItems: missing"}},
		{name: "lines null", edit: func(d map[string]any) { d["lineItems"] = nil }, problems: []string{"lineItems: missing"}},
		{name: "lines empty", edit: func(d map[string]any) { d["lineItems"] = []any{} }, problems: []string{"lineItems: empty"}},
		{name: "lines no list", edit: func(d map[string]any) { d["lineItems"] = map[string]any{} }, problems: []string{"lineItems: not a list"}},
		{name: "no address", edit: func(d map[string]any) { delete(d, "shipping") }, problems: []string{"shipping: missing"}},
		{name: "address is a text", edit: func(d map[string]any) { d["shipping"] = "12 Secret Street" }, problems: []string{"shipping: not an object"}},

		{name: "bad dates", edit: func(d map[string]any) {
			d["shipByDate"], d["cancelAfterDate"], d["acknowledgeByDate"], d["consumerOrderDate"] = "soon\n", "0001-01-01T00:00:00", "9999-12-31T00:00:00Z", []any{}
			line(d)["shipByDate"] = 5
		}, oddities: []string{
			"consumerOrderDate: not a text",
			"acknowledgeByDate: 9999-12-31T00:00:00Z is not a date",
			"shipByDate: the value is not a date",
			"cancelAfterDate: 0001-01-01T00:00:00 is not a date",
			"lineItems[0].shipByDate: 5 is not a date",
		}, holds: func(o Order) bool { return o.ShipBy.IsZero() && o.CancelAfter.IsZero() && o.AcknowledgeBy.IsZero() }},
		{name: "personal members are not quoted", edit: func(d map[string]any) {
			d["shipping"].(map[string]any)["name"] = map[string]any{"first": "Secret"}
			d["shipping"].(map[string]any)["address"] = []any{"1 Main St", []any{"Secret"}}
			d["billTo"] = []any{"Secret"}
			d["giftMessage"] = []any{"Secret"}
		}, oddities: []string{"giftMessage: not a text", "shipping.name: not a text", "shipping.address[1]: not a text", "billTo: not an object"},
			holds: func(o Order) bool {
				return o.ShipTo.Name == "Pat Example" && slices.Equal(o.ShipTo.Street, []string{"1 Main St"})
			}},
		{name: "text in the place of numbers and dates", edit: func(d map[string]any) {
			d["shipByDate"] = "2026 Secret"
			l := line(d)
			l["quantity"], l["acceptedQuantity"], l["lineNumber"], l["consumerPrice"] = "Secret 5 x", "e", "5 Main", strings.Repeat("9", 41)
		}, problems: []string{"lineItems[0].quantity: the value is not a whole number"}, oddities: []string{
			"shipByDate: the value is not a date", "lineItems[0].lineNumber: the value is not a line number",
			"lineItems[0].acceptedQuantity: the value is not a whole number", "lineItems[0].consumerPrice: the value is not a decimal number",
		}},
		{name: "prices", edit: func(d map[string]any) {
			l := line(d)
			l["consumerPrice"], l["retailPrice"], l["expectedCost"] = "NaN", json.Number("1.5e1"), true
		}, oddities: []string{"lineItems[0].consumerPrice: the value is not a decimal number", "lineItems[0].expectedCost: the value is not a decimal number"},
			holds: func(o Order) bool { return o.Lines[0].ConsumerPrice == "" && o.Lines[0].RetailPrice == "15" }},
		{name: "packages", edit: func(d map[string]any) {
			d["packages"] = []any{7, map[string]any{"trackingNumber": json.Number("9400100000000000000001"), "items": []any{map[string]any{"quantity": -1, "lineNumber": "1"}, "x"}}}
		}, oddities: []string{"packages[0]: not an object", "packages[1].items[0].quantity: -1 is out of range", "packages[1].items[1]: not an object"},
			holds: func(o Order) bool {
				return o.Packages[0].TrackingNumber == "9400100000000000000001" && o.Packages[0].Items[0] == PackageItem{LineNumber: 1}
			}},
		{name: "packages no list", edit: func(d map[string]any) { d["packages"] = "x" }, oddities: []string{"packages: not a list"}},
		{name: "flags", edit: func(d map[string]any) { d["cancelRequested"] = "perhaps" }, oddities: []string{"cancelRequested: neither true nor false"}},
		{name: "line number", edit: func(d map[string]any) { line(d)["lineNumber"] = -2 }, oddities: []string{"lineItems[0].lineNumber: -2 is not a line number"}},

		{name: "old address members", edit: func(d map[string]any) {
			d["shipping"] = map[string]any{"name": " ", "firstName": "Pat", "lastName": "Doe", "address": []any{"", nil}, "address1": "1 Main St", "address2": " ", "state": "IL", "postal": 62701, "addressType": "Residential"}
		}, holds: func(o Order) bool {
			return cmp.Equal(o.ShipTo, Address{Name: "Pat Doe", Street: []string{"1 Main St"}, Region: "IL", Postal: "62701", Type: "Residential"})
		}},
		{name: "one line of address", edit: func(d map[string]any) { d["shipping"].(map[string]any)["address"] = "1 Main St" }, holds: func(o Order) bool { return slices.Equal(o.ShipTo.Street, []string{"1 Main St"}) }},
		{name: "text stays as it is", edit: func(d map[string]any) {
			d["giftMessage"] = " \x00Grüße,\r\n👍\u202e "
		}, holds: func(o Order) bool { return o.GiftMessage == " \x00Grüße,\r\n👍\u202e " }},
		{name: "warehouse", edit: func(d map[string]any) { d["shipWarehouseCode"], d["dscoWarehouseCode"] = "", "W2" }, holds: func(o Order) bool { return o.WarehouseCode == "W2" }},
		{name: "unknown words", edit: func(d map[string]any) { d["dscoLifecycle"], d["brandNew"] = "paused", []any{1} }, holds: func(o Order) bool { return o.Lifecycle == "paused" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o, ok := decode(json.RawMessage(edited(t, "order-one-line.json", tc.edit)))
			if !ok {
				t.Fatal("not an order")
			}
			if diff := cmp.Diff(tc.problems, o.Problems); diff != "" {
				t.Error("problems", diff)
			}
			if diff := cmp.Diff(tc.oddities, o.Oddities); diff != "" {
				t.Error("oddities", diff)
			}
			if tc.holds != nil && !tc.holds(o) {
				t.Errorf("%+v", o)
			}
		})
	}
}

func TestInstant(t *testing.T) {
	at := time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)
	for _, tc := range []struct {
		text string
		want time.Time
	}{
		{"2026-03-02T15:04:05+00:00", at},
		{"2026-03-02T15:04:05Z", at},
		{"2026-03-02T15:04:05.250Z", at.Add(250 * time.Millisecond)},
		{"2026-03-02T08:04:05-07:00", at},
		{"2026-03-02T08:04:05-0700", at},
		{"2026-03-02T15:04:05", at},
		{"2026-03-02T15:04:05.5", at.Add(500 * time.Millisecond)},
		{" 2026-03-02 15:04:05 ", at},
		{"2026-03-02", at.Truncate(24 * time.Hour)},
		{"1969-12-31", time.Time{}}, {"2101-01-01T00:00:00Z", time.Time{}}, {"0001-01-01T00:00:00", time.Time{}},
		{"03/02/2026", time.Time{}}, {"now", time.Time{}}, {"2026-02-30", time.Time{}},
	} {
		if got, ok := instant(tc.text); ok == tc.want.IsZero() || ok && (!got.Equal(tc.want) || got.Location() != time.UTC) {
			t.Errorf("instant(%q) = %v, %v", tc.text, got, ok)
		}
	}
}

func TestDecodeSurvivesMonsters(t *testing.T) {
	deep := `{"dscoOrderId":"1","lineItems":` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `,"shipping":` + strings.Repeat(`{"a":`, 3000) + `1` + strings.Repeat(`}`, 3000) + `}`
	if o, ok := decode(json.RawMessage(deep)); !ok || len(o.Problems) == 0 {
		t.Errorf("deep: %v", ok)
	}
	if _, ok := decode(json.RawMessage(`{"dscoOrderId":"1","a":` + strings.Repeat(`[`, 200000))); ok {
		t.Error("a cut document is taken")
	}
	many := `{"dscoOrderId":"1","shipping":{},"lineItems":[` + strings.TrimSuffix(strings.Repeat(`{"quantity":1},`, 20000), ",") + `]}`
	if o, ok := decode(json.RawMessage(many)); !ok || len(o.Lines) != 20000 {
		t.Errorf("many: %v, %d lines", ok, len(o.Lines))
	}
	long := strings.Repeat("9", 500)
	if o, ok := decode(json.RawMessage(`{"dscoOrderId":"` + long + `"}`)); !ok || o.ID != long {
		t.Error("a long id")
	}
}

func FuzzOrder(f *testing.F) {
	for _, name := range []string{"order-one-line.json", "order-partially-shipped.json", "order-cancel-requested.json"} {
		f.Add([]byte(sample(f, name)))
	}
	f.Add([]byte(`{"dscoOrderId":1026,"lineItems":[{"quantity":1e9},{"quantity":"-1"},null],"shipping":{"address":"x"},"packages":[{"items":[{"quantity":99999999999999999999}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, ok := decode(b)
		if ok == (strings.TrimSpace(o.ID) == "") {
			t.Errorf("ok %v with id %q", ok, o.ID)
		}
		for i, l := range o.Lines {
			for _, n := range []int{l.Quantity, l.Accepted, l.Cancelled, l.Rejected, l.Number} {
				if n < 0 || n > maxUnits {
					t.Errorf("%d units", n)
				}
			}
			if l.Quantity == 0 && len(o.Problems) == 0 {
				t.Errorf("line %d has no units and nothing is said", i)
			}
		}
		if ok && len(o.Lines) == 0 && len(o.Problems) == 0 {
			t.Error("no lines and nothing is said")
		}
		for _, p := range o.Packages {
			for _, i := range p.Items {
				if i.Quantity < 0 || i.Quantity > maxUnits {
					t.Errorf("%d units", i.Quantity)
				}
			}
		}
	})
}
