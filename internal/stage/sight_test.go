package stage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
)

var salt = []byte("salt")

func see(o dsco.Order) order.InDSCO { return sighting(o, time.Time{}, time.Time{}, salt) }

// sighted checks what has to hold of any order's sighting.
func sighted(t rapid.TB, o dsco.Order) {
	s := see(o)
	if len(s.Lines) != len(o.Lines) || len(s.DSCO.Packages) != len(o.Packages) {
		t.Fatalf("%d lines and %d packages became %d and %d", len(o.Lines), len(o.Packages), len(s.Lines), len(s.DSCO.Packages))
	}
	if again := see(o); !cmp.Equal(s, again) {
		t.Fatalf("the same order was seen in two ways:\n%s", cmp.Diff(s, again))
	}
	for _, h := range []string{s.DSCO.Address, s.DSCO.Content, s.DSCO.Service} {
		if len(h) != 12 || strings.Trim(h, "0123456789abcdef") != "" {
			t.Fatalf("%q is no hash", h)
		}
	}
}

func TestSighting(t *testing.T) {
	began := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	o := mug()
	o.Updated, o.AcknowledgeBy, o.ShipLate, o.CancelAfter = day(2), day(3), day(4), day(9)
	o.Lines[0].ShipBy, o.Lines[0].CancelAfter = day(1), day(1) // shipped: its dates are past caring
	o.Lines = append(o.Lines,
		dsco.Line{Title: "Tea pot", SKU: "SKU-2", Quantity: 3, Cancelled: 1, Rejected: 1, CancelCode: "CXRR", ShipBy: day(4), CancelAfter: day(8), CancelRequested: true},
		dsco.Line{Number: 9, Quantity: 1, Cancelled: 1, ShipBy: day(1), CancelAfter: day(1)})
	o.Packages = []dsco.Package{{TrackingNumber: "1Z1", Carrier: "UPS", Method: "Ground", ServiceLevel: "UPCG", ShipDate: day(3),
		Items: []dsco.PackageItem{{Quantity: 2, LineNumber: 1}}}}
	got := sighting(o, began, began.Add(-time.Minute), salt)
	want := order.InDSCO{
		Began: began, Proves: began.Add(-time.Minute), PO: "PO-1001", Retailer: "1000009001",
		Lines: []order.Line{
			{Number: 1, Item: "1290000001", SKU: "SKU-1", Partner: "R-SKU-1", Ordered: 2, Told: 2, ShipBy: day(1)},
			{Number: 2, SKU: "SKU-2", Ordered: 3, Cancelled: 1, Rejected: 1, Reason: "CXRR", ShipBy: day(4), Requested: true},
			{Number: 9, Ordered: 1, Cancelled: 1, ShipBy: day(1)},
		},
		DSCO: order.DSCO{
			Status: "created", Lifecycle: "created", Requested: true,
			Created: o.Created, Updated: day(2), AcknowledgeBy: day(3), ShipBy: day(4), OwnShipBy: time.Date(2026, 3, 5, 7, 59, 0, 0, time.UTC), ShipLate: day(4), CancelAfter: day(8),
			Packages: []order.Package{{Number: "1Z1", Carrier: "UPS", ServiceLevel: "UPCG", Shipped: day(3), Lines: []order.Packed{{Line: 1, Units: 2}}}},
			Carrier:  "UPS", Method: "Ground", Code: "UPCG",
			Address: got.DSCO.Address, Content: got.DSCO.Content, Service: got.DSCO.Service,
			Country: "US", Region: "IL",
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if text := fmt.Sprintf("%+v", got); slices.ContainsFunc([]string{"Pat", "Sample", "Springfield", "62701", "555", "pat@"},
		func(personal string) bool { return strings.Contains(text, personal) }) {
		t.Errorf("personal data in the ledger: %s", text)
	}
}

func TestTold(t *testing.T) {
	lines := []dsco.Line{
		{Number: 1, ItemID: "i1", SKU: "s1", Quantity: 2},
		{Number: 2, ItemID: "i1", SKU: "s1", Quantity: 3, Cancelled: 1},
		{ItemID: "i3", SKU: "s3", Quantity: 1}, // number 3, by its place
	}
	for _, c := range []struct {
		name  string
		items []dsco.PackageItem
		want  [3]int
	}{
		{"none", nil, [3]int{}},
		{"by number", []dsco.PackageItem{{Quantity: 2, LineNumber: 2, ItemID: "i3", SKU: "s3"}}, [3]int{0, 2, 0}},
		{"by place", []dsco.PackageItem{{Quantity: 1, LineNumber: 3}}, [3]int{0, 0, 1}},
		{"by item", []dsco.PackageItem{{Quantity: 1, ItemID: "i3", SKU: "s1"}}, [3]int{0, 0, 1}},
		{"by sku", []dsco.PackageItem{{Quantity: 1, SKU: "s3"}}, [3]int{0, 0, 1}},
		{"unknown number, known item", []dsco.PackageItem{{Quantity: 1, LineNumber: 8, ItemID: "i3"}}, [3]int{0, 0, 1}},
		{"one after the other", []dsco.PackageItem{{Quantity: 3, SKU: "s1"}}, [3]int{2, 1, 0}},
		{"too many", []dsco.PackageItem{{Quantity: 9, SKU: "s1"}}, [3]int{2, 7, 0}},
		{"too many by number", []dsco.PackageItem{{Quantity: 9, LineNumber: 1}}, [3]int{9, 0, 0}},
		{"several", []dsco.PackageItem{{Quantity: 1, LineNumber: 1}, {Quantity: 1, LineNumber: 1}, {Quantity: 1, SKU: "s1"}}, [3]int{2, 1, 0}},
		{"of nothing known", []dsco.PackageItem{{Quantity: 1}, {Quantity: 1, ItemID: "x", SKU: "y"}, {Quantity: -4, LineNumber: 1}}, [3]int{}},
	} {
		got := see(dsco.Order{Lines: lines, Packages: []dsco.Package{{Items: c.items}}}).Lines
		if told := [3]int{got[0].Told, got[1].Told, got[2].Told}; told != c.want {
			t.Errorf("%s: told %v, want %v", c.name, told, c.want)
		}
	}
}

// What a line or an item of a package does not tell matches nothing; a reason counts where units of the line are gone.
func TestToldOfNamelessLines(t *testing.T) {
	got := see(dsco.Order{
		Lines: []dsco.Line{
			{Number: 1, UPC: "u1", Quantity: 2, CancelCode: "CXSO"},
			{Number: 2, UPC: "u2", Quantity: 2, CancelCode: "CXRR", Cancelled: 1},
			{Number: 3, ItemID: "i", Quantity: 2, CancelCode: "CXSN", Rejected: 1},
			{Number: 4, ItemID: "i", Quantity: 2},
		},
		Packages: []dsco.Package{{Items: []dsco.PackageItem{{Quantity: 1}, {Quantity: 1, ItemID: "i"}}}, {Items: []dsco.PackageItem{{Quantity: 2, ItemID: "i"}}}},
	})
	var told, reasons []string
	for _, l := range got.Lines {
		told, reasons = append(told, fmt.Sprint(l.Told)), append(reasons, l.Reason)
	}
	if a, b := strings.Join(told, " "), strings.Join(reasons, " "); a != "0 0 1 2" || b != " CXRR CXSN " {
		t.Errorf("told %q, reasons %q", a, b)
	}
	var packed []string
	for _, k := range got.DSCO.Packages {
		packed = append(packed, fmt.Sprint(k.Lines))
	}
	if all := strings.Join(packed, ", "); all != "[{3 1}], [{4 2}]" {
		t.Errorf("in the packages: %s", all)
	}
}

// TestHashes: each change shows in the hash it belongs to, and in no other; what is no change for a person in none.
func TestHashes(t *testing.T) {
	o := full()
	was := see(o).DSCO
	for _, c := range []struct {
		name    string
		change  func(o *dsco.Order)
		changed string
	}{
		{"nothing", func(o *dsco.Order) {}, ""},
		{"name", func(o *dsco.Order) { o.ShipTo.Name = "Kim" }, "address"},
		{"street", func(o *dsco.Order) { o.ShipTo.Street[1] = "B 8" }, "address"},
		{"phone", func(o *dsco.Order) { o.ShipTo.Phone = "" }, "address"},
		{"moved between members", func(o *dsco.Order) { o.ShipTo.City, o.ShipTo.Region = "SpringfieldIL", "" }, "address"},
		{"payer", func(o *dsco.Order) { o.BillTo.Name = "Kim" }, ""},
		{"quantity", func(o *dsco.Order) { o.Lines[0].Quantity++ }, "lines"},
		{"title", func(o *dsco.Order) { o.Lines[0].Title = "Red mug" }, "lines"},
		{"personalization", func(o *dsco.Order) { o.Lines[1].Personalization = "" }, "lines"},
		{"line gone", func(o *dsco.Order) { o.Lines = o.Lines[:3] }, "lines"},
		{"line cancelled", func(o *dsco.Order) { o.Lines[0].Cancelled, o.Lines[0].Status = 2, "cancelled" }, ""},
		{"lines in another order", func(o *dsco.Order) { o.Lines[2], o.Lines[3] = o.Lines[3], o.Lines[2] }, ""},
		{"price", func(o *dsco.Order) { o.Lines[0].ConsumerPrice = "1" }, ""},
		{"method", func(o *dsco.Order) { o.ShipMethod = "Next Day" }, "service"},
		{"signature", func(o *dsco.Order) { o.Signature = false }, "service"},
		{"status", func(o *dsco.Order) { o.Lifecycle, o.Updated = "acknowledged", time.Now() }, ""},
	} {
		o := clone(t, o)
		c.change(&o)
		is := see(o).DSCO
		var changed []string
		for _, h := range []struct{ name, was, is string }{
			{"address", was.Address, is.Address}, {"lines", was.Content, is.Content}, {"service", was.Service, is.Service},
		} {
			if h.was != h.is {
				changed = append(changed, h.name)
			}
		}
		if got := strings.Join(changed, " "); got != c.changed {
			t.Errorf("%s: changed %q, want %q", c.name, got, c.changed)
		}
	}
	if other := sighting(o, time.Time{}, time.Time{}, []byte("pepper")).DSCO; other.Address == was.Address {
		t.Error("the salt changes nothing")
	}
}
