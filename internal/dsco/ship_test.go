package dsco

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/remote"
)

// mug is the parcel of single-shipment-request.json.
func mug() Shipment {
	return Shipment{
		OrderID: "1026000001", PO: "PO-1001", Tracking: "9400100000000000000001", Carrier: "USPS", Method: "Ground Advantage",
		ServiceLevel: "USGA", ShipDate: time.Date(2026, 3, 3, 10, 0, 0, 5e8, time.FixedZone("PST", -8*3600)), Cost: "0", Weight: "1", WeightUnits: "LB",
		Lines: []ShippedLine{{Number: 1, Quantity: 1, ItemID: "1290000001", SKU: "SKU-1", PartnerSKU: "R-SKU-1"}},
	}
}

// same compares two documents, numbers by their digits.
func same(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(remote.Value([]byte(want)), remote.Value([]byte(got))); diff != "" {
		t.Error(diff)
	}
}

func TestShip(t *testing.T) {
	c, d := newDesk(t, say(201, sample(t, "single-shipment-response-201.json")))
	if err := c.Ship(t.Context(), mug()); err != nil {
		t.Fatal(err)
	}
	same(t, sample(t, "single-shipment-request.json"), d.got[0].body)
	if d.got[0].method != "POST" || d.got[0].path != "/order/singleShipment" {
		t.Errorf("%+v", d.got[0])
	}
}

func TestShipSendsWhatIsKnown(t *testing.T) {
	for _, tc := range []struct {
		name string
		edit func(*Shipment)
		want string // of the one parcel
		po   bool
	}{
		{"the least", func(s *Shipment) {
			*s = Shipment{OrderID: s.OrderID, Tracking: "T", Lines: []ShippedLine{{Quantity: 2, SKU: "A"}}}
		}, `{"trackingNumber":"T","lineItems":[{"quantity":2,"sku":"A"}]}`, false},
		{"lines that have but a UPC or an EAN", func(s *Shipment) {
			*s = Shipment{OrderID: s.OrderID, Tracking: "T", Lines: []ShippedLine{{Number: 1, Quantity: 2, UPC: "012345678905"}, {Number: 2, Quantity: 1, EAN: "4006381333931"}}}
		}, `{"trackingNumber":"T","lineItems":[{"lineNumber":1,"quantity":2,"upc":"012345678905"},{"lineNumber":2,"quantity":1,"ean":"4006381333931"}]}`, false},
		{"digits stay", func(s *Shipment) {
			*s = Shipment{OrderID: s.OrderID, PO: s.PO, Tracking: "T", Cost: "9.620", Weight: "38.0", WeightUnits: "OZ", WarehouseCode: "WH-1",
				Lines: []ShippedLine{{Number: 2, Quantity: 1000000, PartnerSKU: `R "1"`, Span: true}, {ItemID: "7", Quantity: 1}}}
		}, `{"trackingNumber":"T","shipCost":9.620,"shipWeight":38.0,"shipWeightUnits":"OZ","warehouseCode":"WH-1",` +
			`"lineItems":[{"lineNumber":2,"quantity":1000000,"partnerSku":"R \"1\"","packageSpanFlag":true},{"quantity":1,"dscoItemId":"7"}]}`, true},
		{"units without a weight", func(s *Shipment) {
			*s = Shipment{OrderID: s.OrderID, Tracking: "T", WeightUnits: "LB", Lines: []ShippedLine{{Quantity: 1, SKU: "A"}}}
		}, `{"trackingNumber":"T","lineItems":[{"quantity":1,"sku":"A"}]}`, false},
		{"a weight without units", func(s *Shipment) {
			*s = Shipment{OrderID: s.OrderID, Tracking: "T", Weight: "3", Lines: []ShippedLine{{Quantity: 1, SKU: "A"}}}
		}, `{"trackingNumber":"T","lineItems":[{"quantity":1,"sku":"A"}]}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, say(201, `{"success":true}`))
			s := mug()
			tc.edit(&s)
			if err := c.Ship(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			po := ""
			if tc.po {
				po = `"poNumber":"PO-1001",`
			}
			same(t, `{"dscoOrderId":"1026000001",`+po+`"shipments":[`+tc.want+`]}`, d.got[0].body)
		})
	}
}

func TestShipOddAnswers(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		kind   remote.Kind // Other = taken
		text   string
	}{
		{"200", 200, `{"success":true}`, 0, ""},
		{"success as a text", 201, `{"success":"true","extra":[1]}`, 0, ""},
		{"in the other form", 201, `{"status":"SUCCESS","requestId":"r"}`, 0, ""},
		{"success with a warning", 201, `{"success":true,"messages":[{"severity":"warn","description":"late"}]}`, 0, ""},
		{"success false", 201, `{"success":false,"messages":[{"code":"C","description":["a","b"]}]}`, remote.Rejected, "refused: C: a, b"},
		{"status failure", 200, sample(t, "single-shipment-response-400-validation.json"), remote.Rejected, "Ship carrier is required"},
		{"only an error", 201, sample(t, "single-shipment-response-400-description-array.json"), remote.Rejected, "GCG is not allowed"},
		{"success and an error", 201, `{"success":true,"messages":[{"severity":"ERROR","description":"but"}]}`, remote.Uncertain, "and yet: but"},
		{"queued", 202, sample(t, "shipment-batch-response-202.json"), remote.Uncertain, "queued instead of done"},
		{"queued without an id", 202, `{"status":"pending"}`, remote.Uncertain, "has no requestId"},
		{"an unknown status", 201, `{"status":"partial","messages":[{"description":"hm"}]}`, remote.Uncertain, "does not say whether it was done: hm"},
		{"an unknown status and success", 201, `{"status":"partial","success":true}`, remote.Uncertain, "does not say whether it was done"},
		{"nothing in it", 201, `{}`, remote.Uncertain, "does not say whether it was done"},
		{"success null", 201, `{"success":null}`, remote.Uncertain, "does not say"},
		{"success odd", 201, `{"success":[]}`, remote.Uncertain, "does not say"},
		{"null", 201, `null`, remote.Uncertain, "not an object"},
		{"a list", 201, `[{"success":true}]`, remote.Uncertain, "not an object"},
		{"empty", 201, ``, remote.Uncertain, "an empty answer"},
		{"html", 200, `<html>`, remote.Uncertain, "not JSON"},
		{"refused", 400, sample(t, "single-shipment-response-400-validation.json"), remote.Rejected, "refused (400): VALIDATION_FAILED: Ship carrier is required"},
		{"unknown order", 404, ``, remote.Missing, "not found"},
		{"no right", 403, sample(t, "error-403-unknown-route.json"), remote.Unauthorized, "not allowed"},
		{"too many", 429, sample(t, "error-429.json"), remote.Unavailable, "too many requests"},
		{"500", 500, sample(t, "error-500.json"), remote.Uncertain, "outcome unknown (500)"},
		{"a terminal's escape", 201, `{"success":false,"message":"no\u001b[2J"}`, remote.Rejected, `no\x1b[2J`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, say(tc.status, tc.body))
			err := c.Ship(t.Context(), mug())
			if remote.KindOf(err) != tc.kind || (err == nil) != (tc.text == "") || err != nil && !strings.Contains(err.Error(), tc.text) {
				t.Errorf("%v: %v", remote.KindOf(err), err)
			}
			if err != nil && !strings.HasPrefix(err.Error(), "dsco: ship order 1026000001: ") || len(d.got) != 1 {
				t.Errorf("%v after %d calls", err, len(d.got))
			}
		})
	}
}

func TestShipNeedsToBeClear(t *testing.T) {
	for text, edit := range map[string]func(*Shipment){
		"no order is named":                      func(s *Shipment) { s.OrderID = "" },
		"no tracking number":                     func(s *Shipment) { s.Tracking = "" },
		"no lines are named":                     func(s *Shipment) { s.Lines = nil },
		"a line has 0 units":                     func(s *Shipment) { s.Lines[0].Quantity = 0 },
		"a line has -1 units":                    func(s *Shipment) { s.Lines[0].Quantity = -1 },
		"a line has neither item id nor SKU":     func(s *Shipment) { s.Lines[0] = ShippedLine{Number: 1, Quantity: 1} },
		"ship order 1\\u202e: refused: no lines": func(s *Shipment) { s.OrderID, s.Lines = "1\u202e", nil },
	} {
		c, d := newDesk(t, say(201, `{"success":true}`))
		s := mug()
		edit(&s)
		if err := c.Ship(t.Context(), s); remote.KindOf(err) != remote.Rejected || !strings.Contains(err.Error(), text) || len(d.got) != 0 {
			t.Errorf("%s: %v after %d calls", text, err, len(d.got))
		}
	}
	for _, cost := range []Amount{"1,5", "free", "1e", "0x1"} {
		c, d := newDesk(t, say(201, `{"success":true}`))
		s := mug()
		s.Cost = cost
		if err := c.Ship(t.Context(), s); err == nil || remote.KindOf(err) != remote.Other || len(d.got) != 0 {
			t.Errorf("%s: %v after %d calls", cost, err, len(d.got))
		}
	}
}

func TestShipLogsNoTracking(t *testing.T) {
	var log bytes.Buffer
	c, _ := newDesk(t, say(400, sample(t, "single-shipment-response-400-validation.json")))
	c.API.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	err := c.Ship(t.Context(), mug())
	if strings.Contains(log.String()+err.Error(), mug().Tracking) || !strings.Contains(log.String(), "/order/singleShipment") {
		t.Errorf("%s%v", &log, err)
	}
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.RequestID != "1e0f2a34-0000-4000-8000-000000000004" || e.Status != 400 {
		t.Errorf("%#v", err)
	}
}

// DSCO takes 15 shipments a second and 300 a minute.
func TestShipKeepsToItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d := newDesk(t, say(201, `{"success":true}`))
		start := time.Now()
		ship := func(n int) time.Duration {
			for len(d.got) < n {
				if err := c.Ship(t.Context(), mug()); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(start)
		}
		for _, tc := range []struct {
			n           int
			least, most time.Duration
		}{{15, 0, time.Second / 2}, {16, time.Second, 2 * time.Second}, {300, 19 * time.Second, 21 * time.Second}, {301, time.Minute, 61 * time.Second}} {
			if took := ship(tc.n); took < tc.least || took > tc.most {
				t.Errorf("%d shipments took %v", tc.n, took)
			}
		}
	})
}

// Whatever a parcel holds, what is sent is one object that says the same.
func FuzzShipmentSent(f *testing.F) {
	f.Add("1026000001", "T", "9.62", "38.0", "OZ", "A", 1, 2)
	f.Add("\xff", "\u2028", "-0", "1e5", "", "<&>", 0, -1)
	f.Fuzz(func(t *testing.T, id, tracking, cost, weight, units, sku string, number, quantity int) {
		s := Shipment{OrderID: id, Tracking: tracking, Cost: Amount(cost), Weight: Amount(weight), WeightUnits: units,
			Lines: []ShippedLine{{Number: number, Quantity: quantity, SKU: sku}}}
		b, err := json.Marshal(s)
		if err != nil {
			return // an amount that is no number
		}
		var sent struct {
			DscoOrderId string
			Shipments   []struct {
				TrackingNumber, ShipWeightUnits string
				ShipCost, ShipWeight            json.Number
				LineItems                       []ShippedLine
			}
		}
		if err := json.Unmarshal(b, &sent); err != nil || len(sent.Shipments) != 1 || len(sent.Shipments[0].LineItems) != 1 {
			t.Fatalf("%s: %v", b, err)
		}
		text := func(s string) string { return string([]rune(s)) } // what is not UTF-8 cannot be sent
		p := sent.Shipments[0]
		if text(sent.DscoOrderId) != text(id) || text(p.TrackingNumber) != text(tracking) || string(p.ShipCost) != cost ||
			p.LineItems[0].Quantity != quantity || p.LineItems[0].Number != number || (p.ShipWeight == "") != (p.ShipWeightUnits == "") {
			t.Errorf("%+v was sent as %s", s, b)
		}
	})
}
