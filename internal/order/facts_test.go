package order

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func hour(n int) time.Time { return t0.Add(time.Duration(n) * time.Hour) }

func TestFacts(t *testing.T) {
	line := func(l Line) Order {
		l.Number, l.Ordered = 1, max(1, l.Ordered)
		return Order{Received: t0, Lines: []Line{l}}
	}
	pkg := func(number string, shipped time.Time, units int) Package {
		return Package{Number: number, Carrier: "UPS", ServiceLevel: "UPCG", Shipped: shipped, Lines: []Packed{{1, units}}}
	}
	parcel := func(id int64, number string, n int) Parcel {
		return Parcel{ID: id, Number: number, Carrier: "ups", Service: "ups_ground", Created: hour(1), Lines: []Packed{{1, n}}}
	}
	for name, c := range map[string]struct {
		order Order
		want  LineFacts
	}{
		"the line's date goes before the order's": {
			Order{DSCO: DSCO{ShipBy: hour(5), OwnShipBy: hour(9)}, Lines: []Line{{Number: 1, Ordered: 1, ShipBy: hour(5)}}},
			LineFacts{Ordered: 1, Due: hour(5)}},
		"a line without a date has the order's own, not that of another line": {
			Order{DSCO: DSCO{ShipBy: hour(5), OwnShipBy: hour(9)}, Lines: []Line{{Number: 1, Ordered: 1}, {Number: 2, ShipBy: hour(5)}}},
			LineFacts{Ordered: 1, Due: hour(9)}},
		"nor has it one when the order has none": {
			Order{DSCO: DSCO{ShipBy: hour(5)}, Lines: []Line{{Number: 1, Ordered: 1}, {Number: 2, ShipBy: hour(5)}}},
			LineFacts{Ordered: 1}},
		"the order's own goes before the earliest of all": {
			Order{DSCO: DSCO{ShipBy: hour(5), OwnShipBy: hour(9)}, Lines: []Line{{Number: 1, Ordered: 1}}},
			LineFacts{Ordered: 1, Due: hour(9)}},
		"a row that was not told which date is whose has the one there is": {
			Order{DSCO: DSCO{ShipBy: hour(5)}, Lines: []Line{{Number: 1, Ordered: 1}}},
			LineFacts{Ordered: 1, Due: hour(5)}},
		"a parcel that DSCO was not told of is no ship action": {
			func() Order {
				o := line(Line{})
				o.Parcels = []Parcel{parcel(1, "A", 1)}
				return o
			}(),
			LineFacts{Ordered: 1}},
		"nobody says when it was shipped": {
			func() Order {
				o := line(Line{Told: 1})
				o.DSCO.Packages = []Package{pkg("A", time.Time{}, 1)}
				return o
			}(),
			LineFacts{Ordered: 1, Shipped: 1, Parcel: 1}},
		"told by hand, and DSCO shows no date: no earlier than it can have moved": {
			func() Order {
				o := line(Line{Told: 1})
				p := parcel(1, "A", 1)
				p.Told = hour(2)
				o.Parcels, o.DSCO.Packages = []Parcel{p}, []Package{pkg("A", time.Time{}, 1)}
				return o
			}(),
			LineFacts{Ordered: 1, Shipped: 1, Shipment: hour(1), Parcel: 1}},
		"DSCO shows no date: what it was told counts, to the second": {
			func() Order {
				o := line(Line{Told: 1})
				p := parcel(1, "A", 1)
				p.Told, p.As = hour(2), &Telling{Shipped: hour(2).Add(time.Millisecond), Carrier: "UPS"}
				o.Parcels, o.DSCO.Packages = []Parcel{p}, []Package{pkg("A", time.Time{}, 1)}
				return o
			}(),
			LineFacts{Ordered: 1, Shipped: 1, Shipment: hour(2), Parcel: 1}},
		"a parcel without contents counts only for lines that no other parcel holds": {
			func() Order {
				o := line(Line{Told: 1})
				o.DSCO.Packages = []Package{pkg("A", hour(2), 1), {Number: "B", Shipped: hour(5)}}
				return o
			}(),
			LineFacts{Ordered: 1, Shipped: 1, Shipment: hour(2), Parcel: 1}},
		"of several ship actions the latest counts": {
			func() Order {
				o := line(Line{Ordered: 3, Told: 3})
				o.DSCO.Packages = []Package{pkg("A", hour(7), 1), pkg("B", hour(8), 1), pkg("C", hour(2), 1)}
				return o
			}(),
			LineFacts{Ordered: 3, Shipped: 3, Shipment: hour(8), Parcel: 2}},
		"a voided parcel that DSCO was told of counts, too": {
			func() Order {
				o := line(Line{Told: 0})
				p := parcel(1, "A", 1)
				p.Told, p.As, p.Voided = hour(2), &Telling{Shipped: hour(2), Carrier: "UPS"}, hour(3)
				o.Parcels = []Parcel{p, parcel(2, "B", 1)}
				return o
			}(),
			LineFacts{Ordered: 1, Shipment: hour(2), Parcel: 1}},
		"what DSCO shows of a parcel goes before what it was told": {
			func() Order {
				o := line(Line{Told: 1})
				p := parcel(1, "A", 1)
				p.Told, p.As = hour(2), &Telling{Shipped: hour(2), Carrier: "UPS"}
				o.Parcels, o.DSCO.Packages = []Parcel{p}, []Package{pkg("a ", hour(6), 1)}
				return o
			}(),
			LineFacts{Ordered: 1, Shipped: 1, Shipment: hour(6), Parcel: 1}},
		"DSCO may say that all is shipped without saying which lines": {
			Order{DSCO: DSCO{Lifecycle: "completed", Status: "shipped", Packages: []Package{{Number: "A", Shipped: hour(4)}}}, Lines: []Line{{Number: 1, Ordered: 2, Cancelled: 1, Reason: "CXSS"}}},
			LineFacts{Ordered: 2, Shipped: 1, Cancelled: 1, Reason: "CXSS", Shipment: hour(4), Parcel: 1}},
		"cancelled as a whole, without a word about the lines": {
			Order{DSCO: DSCO{Status: "cancelled"}, Lines: []Line{{Number: 1, Ordered: 2}}},
			LineFacts{Ordered: 2, Cancelled: 2}},
		"units that we cancelled": {
			line(Line{Ordered: 4, Told: 1, Cancelled: 2, Rejected: 1, Ours: 1, Reason: "CXSO"}),
			LineFacts{Ordered: 4, Shipped: 1, Cancelled: 3, Ours: 1, Reason: "CXSO"}},
		"more told than ordered": {
			line(Line{Ordered: 2, Told: 3, Cancelled: 1, Ours: 1, Reason: "CXSO"}),
			LineFacts{Ordered: 2, Shipped: 2}},
		"shipped though we cancelled it: no more were cancelled than did not leave": {
			line(Line{Ordered: 3, Told: 2, Cancelled: 3, Ours: 3, Reason: "CXSO"}),
			LineFacts{Ordered: 3, Shipped: 2, Cancelled: 1, Ours: 1, Reason: "CXSO"}},
		"no units at all": {
			Order{Lines: []Line{{Number: 1, Ordered: -3, Told: 1}}}, LineFacts{}},
	} {
		got := c.order.Facts().Lines[0]
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestFactsOfOrder(t *testing.T) {
	seen := Order{Received: hour(1), Acknowledged: hour(1)}
	if got := seen.Facts(); !got.Acknowledged.IsZero() {
		t.Errorf("acknowledged before it was first seen, and dated %v", got.Acknowledged)
	}
	seen.Acknowledged = hour(2)
	if got := seen.Facts(); !got.Acknowledged.Equal(hour(2)) {
		t.Errorf("acknowledged %v", got.Acknowledged)
	}
}

// What the warehouse used, what DSCO was told and what DSCO shows of a parcel: the last of them that is known counts.
func TestFactsOfParcels(t *testing.T) {
	label := Parcel{ID: 1, Number: "A", Carrier: "ups", Service: "ups_ground", Created: hour(1), Lines: []Packed{{1, 1}}}
	byHand := Parcel{ID: 1, Number: "A", Marked: true, Name: "Speedy", Created: hour(1), Ships: hour(3), Lines: []Packed{{1, 1}}}
	told := label
	told.Told, told.As, told.Ships = hour(2), &Telling{Shipped: hour(2), Carrier: "UPS", Service: "UPCG"}, hour(1)
	for name, c := range map[string]struct {
		parcels []Parcel
		shown   []Package
		want    ParcelFacts
	}{
		"a label":                       {[]Parcel{label}, nil, ParcelFacts{Carrier: "ups", Service: "ups_ground", Created: hour(1)}},
		"by hand, to leave later":       {[]Parcel{byHand}, nil, ParcelFacts{Carrier: "Speedy", Created: hour(1), Ships: hour(3)}},
		"told":                          {[]Parcel{told}, nil, ParcelFacts{Carrier: "UPS", Service: "UPCG", Created: hour(1), Told: hour(2), Known: true}},
		"DSCO shows no carrier":         {[]Parcel{told}, []Package{{Number: "A"}}, ParcelFacts{Carrier: "UPS", Service: "UPCG", Created: hour(1), Told: hour(2), Known: true}},
		"DSCO shows another carrier":    {[]Parcel{told}, []Package{{Number: "A", Carrier: "USPS"}}, ParcelFacts{Carrier: "USPS", Created: hour(1), Told: hour(2), Known: true}},
		"told in the portal":            {[]Parcel{label}, []Package{{Number: "a", Carrier: "UPS"}}, ParcelFacts{Carrier: "UPS", Created: hour(1), Known: true}},
		"only DSCO knows it":            {nil, []Package{{Number: "B", Carrier: "UPS"}}, ParcelFacts{Carrier: "UPS", Known: true}},
		"voided before DSCO knew of it": {[]Parcel{voided(label, 2*time.Hour)}, nil, ParcelFacts{Carrier: "ups", Service: "ups_ground", Created: hour(1), Voided: hour(2)}},
	} {
		o := Order{Lines: []Line{{Number: 1, Ordered: 2}}, Parcels: c.parcels, DSCO: DSCO{Packages: c.shown}}
		if diff := cmp.Diff([]ParcelFacts{c.want}, o.Facts().Parcels); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// A parcel is spare when nothing of the order was left for it, because it had been shipped before.
func TestSpare(t *testing.T) {
	first := Parcel{ID: 1, Number: "A", Created: hour(1), Told: hour(1), Lines: []Packed{{1, 1}}}
	second := Parcel{ID: 2, Number: "B", Created: hour(2), Lines: []Packed{{1, 1}}}
	unclear := second
	unclear.Lines, unclear.Unclear = nil, "it has no items"
	one, gone, two := []Line{{Number: 1, Ordered: 1, Told: 1}}, []Line{{Number: 1, Ordered: 1, Cancelled: 1}}, []Line{{Number: 1, Ordered: 2, Told: 1}}
	completed := DSCO{Lifecycle: "completed", Status: "shipped"}
	for _, c := range []struct {
		name  string
		o     Order
		spare []bool
	}{
		{"the same again", Order{Lines: one, Parcels: []Parcel{first, second}}, []bool{false, true}},
		{"the same again, and another line is open", Order{Lines: []Line{one[0], {Number: 2, Ordered: 1}}, Parcels: []Parcel{first, second}}, []bool{false, true}},
		{"the rest of it", Order{Lines: two, Parcels: []Parcel{first, second}}, []bool{false, false}},
		{"voided", Order{Lines: one, Parcels: []Parcel{first, voided(second, 3*time.Hour)}}, []bool{false, false}},
		{"nobody knows what is in it", Order{Lines: one, Parcels: []Parcel{first, unclear}}, []bool{false, false}},
		{"left after it was cancelled", Order{Lines: gone, DSCO: DSCO{Status: "cancelled"}, Parcels: []Parcel{second}}, []bool{false}},
		{"left after DSCO counted it as shipped, which it is", Order{Lines: []Line{{Number: 2, Ordered: 1}}, DSCO: completed, Parcels: []Parcel{second}}, []bool{true}},
		{"of an order whose lines nobody knows", Order{DSCO: completed, Parcels: []Parcel{second}}, []bool{false}},
	} {
		var got []bool
		for _, p := range c.o.Facts().Parcels {
			got = append(got, p.Spare)
		}
		if diff := cmp.Diff(c.spare, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// What is ready to go and DSCO does not know of: a label that was not voided, of units that are left.
func TestLabelled(t *testing.T) {
	known := label(8, "1ZB", Packed{1, 1})
	known.Told = hour(1)
	for name, c := range map[string]struct {
		parcels []Parcel
		want    int
	}{
		"nothing":               {nil, 0},
		"a part":                {[]Parcel{label(7, "1ZA", Packed{1, 1})}, 1},
		"all":                   {[]Parcel{label(7, "1ZA", Packed{1, 1}), label(8, "1ZB", Packed{1, 1}, Packed{2, 1})}, 3},
		"more than is left":     {[]Parcel{label(7, "1ZA", Packed{1, 5})}, 2},
		"voided":                {[]Parcel{voided(label(7, "1ZA", Packed{1, 1}), time.Hour)}, 0},
		"DSCO knows one of two": {[]Parcel{label(7, "1ZA", Packed{2, 1}), known}, 1},
	} {
		if got := (Order{Lines: []Line{{Number: 1, Ordered: 2}, {Number: 2, Ordered: 1}}, Parcels: c.parcels}).Labelled(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// A line is closed when nothing of it is left, and open again when its parcel is voided.
func TestClosed(t *testing.T) {
	o := Order{ID: "1"}.See(listed(0))
	o.ShipStation, o.Acknowledged = []Ref{whole(52, "shipped")}, hour(1)
	p := Parcel{ID: 7, Ref: 52, Number: "A", Created: hour(1)}
	for _, l := range o.Lines {
		p.Lines = append(p.Lines, Packed{l.Number, l.Ordered})
	}
	o = o.See(InParcels{Began: hour(2), Parcels: []Parcel{p}})
	if !o.Lines[0].Closed.IsZero() {
		t.Fatalf("not told yet, but closed: %v", o.Lines[0].Closed)
	}
	o = o.Begin(Write{Step: Ship, Parcel: 7}, hour(3)).See(ShippedReceipt{At: hour(3), Parcel: 7, As: Telling{Shipped: hour(2), Carrier: "UPS", Service: "UPCG"}})
	if got := o.Lines[0].Closed; !got.Equal(hour(3)) {
		t.Fatalf("told, and closed %v", got)
	}
	f := o.Facts()
	if got := f.Parcels[0]; got.Carrier != "UPS" || got.Service != "UPCG" || !got.Told.Equal(hour(3)) || !f.Lines[0].Shipment.Equal(hour(2)) {
		t.Errorf("%+v %+v", got, f.Lines[0])
	}
	p.Voided = hour(4)
	o = o.See(InParcels{Began: hour(5), Parcels: []Parcel{p}})
	if !o.Lines[0].Closed.IsZero() {
		t.Errorf("voided, but closed %v", o.Lines[0].Closed)
	}

	found := listed(24 * time.Hour) // shipped by somebody, long before it is first seen
	found.DSCO.Status, found.DSCO.Lifecycle, found.DSCO.Updated = "shipped", "completed", hour(3)
	found.DSCO.Packages = []Package{{Number: "A", Shipped: hour(2)}}
	if got := (Order{ID: "2"}).See(found).Lines[0].Closed; !got.Equal(hour(2)) {
		t.Errorf("found shipped, and closed %v", got)
	}
	found.DSCO.Packages[0].Shipped = hour(90)
	if got := (Order{ID: "2"}).See(found).Lines[0].Closed; !got.Equal(hour(24)) {
		t.Errorf("with a date to come, closed %v", got)
	}
	found.DSCO.Packages[0].Shipped = time.Time{}
	if got := (Order{ID: "2"}).See(found).Lines[0].Closed; !got.Equal(hour(3)) {
		t.Errorf("without a ship date, closed %v", got)
	}
	found.DSCO.Updated = time.Time{}
	if got := (Order{ID: "2"}).See(found).Lines[0].Closed; !got.Equal(hour(24)) {
		t.Errorf("without any date, closed %v", got)
	}
}

// Each line is closed by itself, and keeps the date of that. An order that is over closes all of them.
func TestClosedLineByLine(t *testing.T) {
	first := func(s *InDSCO) { acknowledgedIn(s); s.Lines[0].Cancelled = 2 }
	none := func(s *InDSCO) { acknowledgedIn(s); s.Lines[0].Ordered, s.Lines[0].Cancelled = 0, -1 }
	for name, c := range map[string]struct {
		o    Order
		want []time.Time
	}{
		"one line cancelled":                            {inWork(listed(2*time.Hour, first)), []time.Time{hour(2), {}}},
		"and seen again":                                {inWork(listed(2*time.Hour, first), listed(3*time.Hour, first)), []time.Time{hour(2), {}}},
		"cancelled, without a word about the lines":     {inWork(listed(2*time.Hour, first), listed(4*time.Hour, lifecycle("cancelled", "completed"))), []time.Time{hour(2), hour(4)}},
		"shipped, without a word about the lines":       {inWork(listed(2*time.Hour, first), listed(4*time.Hour, lifecycle("shipped", "completed"))), []time.Time{hour(2), hour(4)}},
		"a line of which no units were ordered is none": {inWork(listed(2*time.Hour, none)), []time.Time{hour(2), {}}},
	} {
		if diff := cmp.Diff(c.want, []time.Time{c.o.Lines[0].Closed, c.o.Lines[1].Closed}); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// The time an order waits for a person is counted from each hold to its end, dismissed or mended.
func TestHeldFor(t *testing.T) {
	o := Order{ID: "1"}.See(listed(0)).Fail(Note{Write: create, Text: "refused", Held: true, At: hour(1)}, hour(1))
	if !o.HeldSince.Equal(hour(1)) {
		t.Fatalf("held since %v", o.HeldSince)
	}
	o, err := o.Dismiss("dealt with", hour(3))
	if err != nil || o.HeldFor != 2*time.Hour || !o.HeldSince.IsZero() {
		t.Fatalf("held for %v, since %v, %v", o.HeldFor, o.HeldSince, err)
	}
	o = o.Fail(Note{Write: acknowledge, Text: "refused", Held: true, At: hour(4)}, hour(4))
	o.Dismissed = nil
	o = o.touch(o, hour(4)).See(Lifted{At: hour(2)})
	if o.HeldFor != 2*time.Hour {
		t.Errorf("the clock went back, and it was held for %v", o.HeldFor)
	}
}

// What was cancelled and why: DSCO's word goes before ours, and its silence takes nothing away.
func TestReason(t *testing.T) {
	o := Order{ID: "1"}.See(listed(0))
	o.Intent = &Intent{Write: Write{Step: CancelDSCO}, At: hour(1)}
	o = o.See(QueuedReceipt{At: hour(1), RequestID: "r", Reasons: map[int]string{1: "CXSS"}})
	if o.Lines[0].Reason != "CXSS" {
		t.Fatalf("reason %q", o.Lines[0].Reason)
	}
	if o = o.See(listed(2 * time.Hour)); o.Lines[0].Reason != "CXSS" {
		t.Errorf("forgotten: %q", o.Lines[0].Reason)
	}
	s := listed(3 * time.Hour)
	s.Lines[0].Reason = "CXRR"
	if o = o.See(s); o.Lines[0].Reason != "CXRR" {
		t.Errorf("DSCO shows CXRR, and it is %q", o.Lines[0].Reason)
	}
}

func anyFacts(t *rapid.T) Facts {
	moment := func(what string) time.Time {
		s := rapid.Int64Range(0, 4_000_000_000).Draw(t, what)
		if s < 400_000_000 {
			return time.Time{}
		}
		return time.Unix(s, 0).UTC()
	}
	text, n := rapid.StringN(0, 12, -1), rapid.IntRange(0, 1_000_000)
	f := Facts{ID: "1", Retailer: text.Draw(t, "retailer"), Country: text.Draw(t, "country"), Region: text.Draw(t, "region"),
		Available: moment("available"), Received: moment("received"), AcknowledgeBy: moment("by"), Acknowledged: moment("acknowledged"),
		Adopted: rapid.Bool().Draw(t, "adopted"), HeldSince: moment("held"), HeldFor: time.Duration(n.Draw(t, "held for")) * time.Second}
	for range rapid.IntRange(0, 3).Draw(t, "parcels") {
		f.Parcels = append(f.Parcels, ParcelFacts{text.Draw(t, "carrier"), text.Draw(t, "service"), moment("created"), moment("ships"), moment("told"),
			rapid.Bool().Draw(t, "known"), moment("voided"), rapid.Bool().Draw(t, "spare")})
	}
	for range rapid.IntRange(0, 4).Draw(t, "lines") {
		l := LineFacts{Warehouse: text.Draw(t, "warehouse"), Ordered: n.Draw(t, "ordered"), Shipped: n.Draw(t, "shipped"), Cancelled: n.Draw(t, "cancelled"),
			Due: moment("due"), Shipment: moment("shipment"), Closed: moment("closed"), Parcel: rapid.IntRange(0, len(f.Parcels)).Draw(t, "parcel")}
		if l.Cancelled > 0 {
			l.Ours, l.Reason = n.Draw(t, "ours"), text.Draw(t, "reason")
		}
		f.Lines = append(f.Lines, l)
	}
	return f
}

func TestBrief(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		short, _ := f.MarshalBinary()
		got := Facts{ID: "1"}
		if err := got.UnmarshalBinary(short); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, got); diff != "" {
			t.Fatalf("-want +got\n%s", diff)
		}
		for n := range short { // a part of it is none, and never a panic
			if err := new(Facts).UnmarshalBinary(short[:n]); err == nil {
				t.Fatalf("%d of %d bytes passed for the whole", n, len(short))
			}
		}
	})
}

func FuzzBrief(f *testing.F) {
	whole, _ := Facts{Available: t0, Lines: []LineFacts{{Ordered: 1, Due: t0}}, Parcels: []ParcelFacts{{Carrier: "UPS"}}}.MarshalBinary()
	f.Add(whole)
	f.Add([]byte("\x01U\x01\x01\x00A\x01\x00\x00\x00\x03\x01\x00\x00\x13\x00S\x00\x01A\x01\x00\x00")) // a reason for no unit cancelled
	f.Fuzz(func(t *testing.T, data []byte) {
		var a, b Facts
		if a.UnmarshalBinary(data) != nil {
			return
		}
		again, _ := a.MarshalBinary()
		if err := b.UnmarshalBinary(again); err != nil || !cmp.Equal(a, b) {
			t.Errorf("%v: %s", err, cmp.Diff(a, b))
		}
	})
}
