package stage

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"dscosync/internal/dsco"
)

var translation = Translation{
	StoreID:   214410,
	Retailers: map[string]string{"1000009001": "Example Outfitters"},
	ThirdParty: map[string]Payer{
		"A1B2C3": {Postal: "98101", Country: "usa"},
		"NOPOST": {Country: "US"},
	},
}

// mug is an order as most are.
func mug() dsco.Order {
	return dsco.Order{
		ID: "1026000001", PO: "PO-1001", ConsumerOrderNumber: "C-77", RetailerID: "1000009001",
		Status: "created", Lifecycle: "created",
		Created:         time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC),
		RetailerCreated: time.Date(2026, 3, 2, 14, 55, 0, 0, time.UTC),
		ConsumerOrdered: time.Date(2026, 3, 2, 8, 20, 11, 0, time.UTC),
		ShipBy:          time.Date(2026, 3, 5, 7, 59, 0, 0, time.UTC),
		ShipCarrier:     "UPS", ShipMethod: "Ground", ServiceLevel: "UPCG",
		ShipTo: dsco.Address{
			Name: "Pat Example", Street: []string{"12 Sample Street", "Apt 3"}, City: "Springfield", Region: "IL",
			Postal: "62701", Country: "US", Phone: "555-0100", Email: "pat@example.test", Type: "Residential",
		},
		Lines: []dsco.Line{{
			Number: 1, ItemID: "1290000001", SKU: "SKU-1", PartnerSKU: "R-SKU-1", UPC: "012345678905", Title: "Blue mug",
			Quantity: 2, ConsumerPrice: "15.00", RetailPrice: "16", ExpectedCost: "7.5", Weight: "0.45", WeightUnits: "KG",
		}},
	}
}

// full has everything an order can have.
func full() dsco.Order {
	o := mug()
	o.AccountNumber, o.Signature = "A1B2C3", true
	o.Gift, o.GiftMessage, o.GiftTo, o.GiftFrom = true, "Happy birthday!\r\nSee you soon", "Kim", "Pat"
	o.ShipInstructions, o.PackingInstructions, o.PackingSlipMessage = "Leave at dock 4", "Two boxes\x00 at most", "Thank you"
	o.ShipTo.Company, o.ShipTo.Attention, o.ShipTo.StoreNumber = "Example Store", "Receiving", "0042"
	o.ShipTo.Street, o.ShipTo.Type = []string{"Mall of Springfield", " ", "Building 7", "12 Sample Street", "Dock 4", "Gate B"}, "COMMERCIAL"
	o.BillTo = dsco.Address{Name: "Robin Payer", Street: []string{"1 Office Park"}, City: "London", Postal: "N1 9GU", Country: "England"}
	o.Lines = append(o.Lines,
		dsco.Line{Title: "Tea pot", SKU: "SKU-2", Quantity: 3, Cancelled: 1, Rejected: 1, RetailPrice: "38.5", Weight: "2", WeightUnits: "LB",
			Color: "Red", Size: "L", Personalization: "For\nKim", GiftMessage: "Enjoy", ShipBy: time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)},
		dsco.Line{Number: 7, Quantity: 4, Cancelled: 4, ShipBy: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)},
		dsco.Line{Number: 8, PartnerSKU: "R-9", Quantity: 1, ExpectedCost: "9.99", Weight: "3", WeightUnits: "stone"})
	return o
}

// cutting has texts longer than ShipStation takes.
func cutting() dsco.Order {
	o := mug()
	o.PO = strings.Repeat("P", 101)
	o.ShipTo.Name = strings.Repeat("Ä", 99) + "🧑🏽‍🚀 Example"
	o.ShipTo.City = strings.Repeat("c", 99) + "e\u0301"
	o.ShipTo.Street = []string{"12 Sample Street", "a", strings.Repeat("b", 150), strings.Repeat("d", 60)}
	o.PackingInstructions = strings.Repeat("careful ", 200)
	o.Lines[0].Title = strings.Repeat("mug ", 60)
	return o
}

// abroad has what is written otherwise elsewhere, and little of it.
func abroad() dsco.Order {
	o := mug()
	o.ID, o.RetailerID, o.ConsumerOrdered, o.RetailerCreated, o.ShipBy = "1026000009", "77", time.Time{}, time.Time{}, time.Time{}
	o.Created = time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC) // in the hour that comes twice
	o.ShipCarrier, o.ShipMethod = "", ""
	o.AccountNumber = "NOPOST"
	o.ShipTo = dsco.Address{Company: "Müller & Söhne", Street: []string{"Hauptstraße 1"}, City: "Macao", Country: "Macau"}
	return o
}

// TestOrderGolden holds whole documents. UPDATE_GOLDEN=1 writes them anew; read the difference then.
func TestOrderGolden(t *testing.T) {
	for name, o := range map[string]dsco.Order{"mug": mug(), "full": full(), "cutting": cutting(), "abroad": abroad()} {
		t.Run(name, func(t *testing.T) { golden(t, name, o) })
	}
}

func golden(t *testing.T, name string, o dsco.Order) {
	t.Helper()
	before := clone(t, o)
	doc, cuts, err := translation.Order(o)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, o); d != "" {
		t.Errorf("the DSCO order was changed:\n%s", d)
	}
	got, err := json.MarshalIndent(struct {
		Order any
		Cuts  []string
	}{doc, cuts}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	file := filepath.Join("..", "..", "testdata", "golden", "translate", name+".json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("the ShipStation order (-want +got):\n%s", d)
	}
}

// TestOrderSchema holds documents against what is known of ShipStation's own.
func TestOrderSchema(t *testing.T) {
	api, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "testdata", "shipstation", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	schema := api.Components.Schemas["OrderWrite"].Value
	for name, o := range map[string]dsco.Order{"mug": mug(), "full": full(), "cutting": cutting(), "abroad": abroad()} {
		doc, _, err := translation.Order(o)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.VisitJSON(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOrderFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(o *dsco.Order)
		want  string
	}{
		{"no id", func(o *dsco.Order) { o.ID = "" }, "the order has no id (dscoOrderId)"},
		{"long id", func(o *dsco.Order) { o.ID = strings.Repeat("1", 46) }, "the order id is longer than 45 characters (dscoOrderId)"},
		{"odd id", func(o *dsco.Order) { o.ID = "10/26" }, "the order id has characters no order number may have (dscoOrderId)"},
		{"id with a newline", func(o *dsco.Order) { o.ID = "10\n26" }, "the order id has characters no order number may have (dscoOrderId)"},
		{"no date", func(o *dsco.Order) {
			o.Created, o.RetailerCreated, o.ConsumerOrdered = time.Time{}, time.Time{}, time.Time{}
		},
			"the order has no date (consumerOrderDate, retailerCreateDate, dscoCreateDate)"},
		{"no address", func(o *dsco.Order) { o.ShipTo = dsco.Address{Phone: "555-0100"} }, "the order has no ship-to address (shipping)"},
		{"address not understood", func(o *dsco.Order) { o.ShipTo, o.Problems = dsco.Address{}, []string{"shipping: not an object"} },
			"the order has no ship-to address (shipping: not an object)"},
		{"no name", func(o *dsco.Order) { o.ShipTo.Name = " \t" }, "the ship-to address has no name (shipping.name)"},
		{"no street", func(o *dsco.Order) { o.ShipTo.Street = []string{"", "\x00"} }, "the ship-to address has no street (shipping.address)"},
		{"no city", func(o *dsco.Order) { o.ShipTo.City = "" }, "the ship-to address has no city (shipping.city)"},
		{"no state", func(o *dsco.Order) { o.ShipTo.Region = "" }, "the ship-to address has no state or province (shipping.region)"},
		{"no province", func(o *dsco.Order) { o.ShipTo.Country, o.ShipTo.Region = "CA", "" }, "the ship-to address has no state or province (shipping.region)"},
		{"no postal code", func(o *dsco.Order) { o.ShipTo.Postal = "" }, "the ship-to address has no postal code (shipping.postal)"},
		{"no country", func(o *dsco.Order) { o.ShipTo.Country = "" }, "the ship-to address has no country (shipping.country)"},
		{"unknown country", func(o *dsco.Order) { o.ShipTo.Country = "Narnia" }, "the ship-to address has a country that is none of ISO 3166 (shipping.country)"},
		{"no lines", func(o *dsco.Order) { o.Lines = nil }, "the order has no lines (lineItems)"},
		{"lines not understood", func(o *dsco.Order) { o.Lines, o.Problems = nil, []string{"lineItems: not a list"} }, "the order has no lines (lineItems: not a list)"},
		{"quantity not understood", func(o *dsco.Order) {
			o.Lines = append(o.Lines, dsco.Line{Number: 2, Title: "Tea pot"})
			o.Problems = []string{"lineItems[1].quantity: 1.5 is not a whole number"}
		}, "line 2 has no quantity that can be shipped (lineItems[1].quantity: 1.5 is not a whole number)"},
		{"no quantity", func(o *dsco.Order) { o.Lines[0].Quantity = 0 }, "line 1 has no quantity that can be shipped (lineItems[0].quantity)"},
		{"endless quantity", func(o *dsco.Order) { o.Lines[0].Quantity = 1_000_001 }, "line 1 has no quantity that can be shipped (lineItems[0].quantity)"},
		{"negative counts", func(o *dsco.Order) { o.Lines[0].Cancelled, o.Lines[0].Rejected = -1, -2 },
			"line 1 has fewer than no units cancelled (lineItems[0].cancelledQuantity); line 1 has fewer than no units rejected (lineItems[0].rejectedQuantity)"},
		{"nameless line", func(o *dsco.Order) { o.Lines[0].Title, o.Lines[0].SKU, o.Lines[0].PartnerSKU = "", " ", "" },
			"line 1 has neither a title nor a sku (lineItems[0].title, sku, partnerSku)"},
		{"line number twice", func(o *dsco.Order) {
			o.Lines = append(o.Lines, dsco.Line{Number: 2, Title: "a", Quantity: 1}, dsco.Line{Number: 1, Title: "b", Quantity: 1})
		}, "lines 1 and 3 have the same number (lineItems[0].lineNumber, lineItems[2].lineNumber)"},
		{"place taken by a number", func(o *dsco.Order) {
			o.Lines[0].Number = 2
			o.Lines = append(o.Lines, dsco.Line{Title: "a", Quantity: 1})
		}, "lines 1 and 2 have the same number (lineItems[0].lineNumber, lineItems[1].lineNumber)"},
		{"key too long", func(o *dsco.Order) { o.ID, o.Lines[0].Number = strings.Repeat("9", 45), 10_000 },
			"line 1 has a number that is too long beside the order id (lineItems[0].lineNumber)"},
		{"nothing left", func(o *dsco.Order) { o.Lines[0].Cancelled, o.Lines[0].Rejected = 1, 1 }, "nothing is left to ship (lineItems)"},
		{"more cancelled than ordered", func(o *dsco.Order) { o.Lines[0].Cancelled = 1 << 62 }, "nothing is left to ship (lineItems)"},
		{"other problems", func(o *dsco.Order) {
			o.Problems = []string{"lineItems[0].cancelledQuantity: not a number", "shipping.address: not a list", "odd"}
		}, "line 1 cannot be understood (lineItems[0].cancelledQuantity: not a number); the ship-to address cannot be understood (shipping.address: not a list); the order cannot be understood (odd)"},
		{"several", func(o *dsco.Order) { o.ShipTo.City, o.ShipTo.Region, o.Lines = "", "", nil },
			"the ship-to address has no city (shipping.city); the ship-to address has no state or province (shipping.region); the order has no lines (lineItems)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := mug()
			c.spoil(&o)
			doc, cuts, err := translation.Order(o)
			unfit, ok := errors.AsType[*Unfit](err)
			if !ok {
				t.Fatalf("error %v, document %+v", err, doc)
			}
			if d := cmp.Diff(c.want, err.Error()); d != "" {
				t.Errorf("message (-want +got):\n%s", d)
			}
			if doc.Number != "" || cuts != nil {
				t.Errorf("an unfit order came with a document: %+v, %v", doc, cuts)
			}
			for _, personal := range []string{"Pat", "Sample", "Springfield", "62701", "555", "pat@", "Narnia"} {
				if strings.Contains(err.Error()+unfit.Hint, personal) {
					t.Errorf("%q is quoted", personal)
				}
			}
			id := o.ID
			if strings.HasPrefix(c.name, "no id") || strings.ContainsAny(o.ID, "/\n") {
				id = "ORDER-ID"
			}
			if !strings.Contains(unfit.Hint, "dscosync retry "+id) {
				t.Errorf("hint %q", unfit.Hint)
			}
		})
	}
}

func clone(t *testing.T, o dsco.Order) dsco.Order {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var c dsco.Order
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return c
}
