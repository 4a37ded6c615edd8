package scorecard

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
)

var (
	eastern, _ = time.LoadLocation("America/New_York")
	now        = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	november   = Rules{Now: now, Period: Month(2026, 11, eastern), Before: Month(2026, 10, eastern), Zone: eastern, By: ByRetailer, Aims: Default,
		Tracking: 4 * time.Hour, Drift: Limits{Weeks: 8, Spread: 3}}
)

func at(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }

func card(r Rules, all ...order.Facts) Report {
	c := New(r)
	for _, f := range all {
		c.Add(f)
	}
	return c.Report(nil, time.Time{})
}

func value(t *testing.T, g Group, code string) string {
	t.Helper()
	m := g.Measure(code)
	if m.Value == nil {
		return fmt.Sprintf("- (%d)", m.N)
	}
	return fmt.Sprintf("%v (%d)", *m.Value, m.N)
}

// What DSCO's help pages say of a measure, and what they leave open, row by row.
func TestMeasures(t *testing.T) {
	pkg := func(number string, shipped time.Time, lines ...order.Packed) order.Package {
		return order.Package{Number: number, Shipped: shipped, Lines: lines}
	}
	shipped := func(due, shipped time.Time) order.Order {
		return order.Order{ID: "1", Retailer: "7", Received: at(2, 1), DSCO: order.DSCO{Created: at(2, 0), ShipBy: due, OwnShipBy: due, Packages: []order.Package{pkg("A", shipped, order.Packed{Line: 1, Units: 1})}},
			Lines: []order.Line{{Number: 1, Ordered: 1, Told: 1, Closed: shipped}}}
	}
	for name, c := range map[string]struct {
		order order.Order
		want  map[string]string
	}{
		"shipped to the second in time":  {shipped(at(5, 12), at(5, 12)), map[string]string{OnTime: "100 (1)", Fill: "100 (1)", FillAdjusted: "100 (1)", Overall: "100 (1)", Shipped: "302400 (1)"}},
		"shipped a second late":          {shipped(at(5, 12), at(5, 12).Add(time.Second)), map[string]string{OnTime: "0 (1)", FillAdjusted: "100 (1)", Overall: "50 (1)"}},
		"told late, but shipped in time": {func() order.Order { o := shipped(at(5, 12), at(5, 11)); o.Lines[0].Closed = at(6, 0); return o }(), map[string]string{OnTime: "100 (1)"}},
		"no date to be late for":         {shipped(time.Time{}, at(5, 12)), map[string]string{OnTime: "- (0)", FillAdjusted: "100 (1)", Overall: "- (0)"}},
		"several ship actions: the latest counts": {func() order.Order {
			o := shipped(at(5, 12), at(4, 0))
			o.Lines[0].Ordered, o.Lines[0].Told, o.Lines[0].Closed = 3, 3, at(6, 0)
			o.DSCO.Packages = append(o.DSCO.Packages, pkg("B", at(6, 0), order.Packed{Line: 1, Units: 1}), pkg("C", at(3, 0), order.Packed{Line: 1, Units: 1}))
			return o
		}(), map[string]string{OnTime: "0 (1)"}},
		"cancelled units do not matter for being on time": {func() order.Order {
			o := shipped(at(5, 12), at(5, 0))
			o.Lines[0].Ordered, o.Lines[0].Cancelled, o.Lines[0].Reason, o.Lines[0].Closed = 3, 2, "CXSC", at(9, 0)
			return o
		}(), map[string]string{OnTime: "100 (1)", Fill: "0 (1)", Fill + "_units": "33.33 (3)", FillAdjusted: "100 (1)", FillAdjusted + "_units": "100 (1)", Cancelled: "66.67 (3)"}},
		"a shortage counts": {func() order.Order {
			o := shipped(at(5, 12), at(5, 0))
			o.Lines[0].Ordered, o.Lines[0].Cancelled, o.Lines[0].Reason = 4, 3, "CXSN"
			return o
		}(), map[string]string{FillAdjusted: "0 (1)", FillAdjusted + "_units": "25 (4)", Overall: "50 (1)"}},
		"a line cancelled as a whole at the retailer's wish was never ordered": {order.Order{ID: "1", Retailer: "7", Lines: []order.Line{{Number: 1, Ordered: 2, Cancelled: 2, Reason: "CXSC", Closed: at(5, 0)}}},
			map[string]string{OnTime: "- (0)", Fill: "0 (1)", FillAdjusted: "- (0)", Overall: "- (0)", Cancelled: "100 (2)", Shipped: "- (0)"}},
		"a line's date goes before the order's": {func() order.Order {
			o := shipped(at(5, 12), at(6, 0))
			o.Lines[0].ShipBy = at(7, 0)
			return o
		}(), map[string]string{OnTime: "100 (1)"}},
		"an open line is none": {func() order.Order { o := shipped(at(5, 12), at(5, 0)); o.Lines[0].Closed = time.Time{}; return o }(), map[string]string{OnTime: "- (0)", Fill: "- (0)", Shipped: "- (0)"}},
		"the order is shipped with its last line": {func() order.Order {
			o := shipped(at(5, 12), at(5, 0))
			o.Lines = append(o.Lines, order.Line{Number: 2, Ordered: 1, Cancelled: 1, Closed: at(8, 0)})
			return o
		}(), map[string]string{Shipped: "518400 (1)", OnTime: "100 (1)", Fill: "50 (2)"}},
		"the clock went back between two facts": {func() order.Order { o := shipped(at(5, 12), at(5, 0)); o.DSCO.Created = at(9, 0); return o }(), map[string]string{Shipped: "- (0)", OnTime: "100 (1)"}},
		"acknowledged late": {order.Order{ID: "1", Retailer: "7", Received: at(2, 1), Acknowledged: at(3, 0), DSCO: order.DSCO{Created: at(2, 0), AcknowledgeBy: at(2, 23)}},
			map[string]string{Acknowledged: "86400 (1)", "acknowledged_late": "1 (1)"}},
		"acknowledged before it was first seen: nobody knows when": {order.Order{ID: "1", Retailer: "7", Received: at(2, 1), Acknowledged: at(2, 1), DSCO: order.DSCO{Created: at(2, 0)}},
			map[string]string{Acknowledged: "- (0)"}},
		"told late, by the label's ship date": {order.Order{ID: "1", Retailer: "7", Received: at(2, 1), Parcels: []order.Parcel{
			{ID: 1, Number: "A", Created: at(3, 0), Ships: at(4, 0), Told: at(4, 3), As: &order.Telling{}}, {ID: 2, Number: "B", Created: at(3, 0), Told: at(3, 5), As: &order.Telling{}}}},
			map[string]string{Told: "18000 (2)", "tracking_told_late": "1 (1)"}},
		"told by somebody else: it was not ours to tell": {order.Order{ID: "1", Retailer: "7", Received: at(2, 1), Parcels: []order.Parcel{{ID: 1, Number: "A", Created: at(3, 0), Told: at(5, 0)}}},
			map[string]string{Told: "- (0)", "tracking_told_late": "0 (0)"}},
		"voids, and what was shipped again": {order.Order{ID: "1", Retailer: "7", Received: at(2, 1), Lines: []order.Line{{Number: 1, Ordered: 1, Told: 1, Closed: at(4, 0)}}, Parcels: []order.Parcel{
			{ID: 1, Number: "A", Created: at(3, 0), Told: at(3, 0), As: &order.Telling{}, Voided: at(4, 0), Lines: []order.Packed{{Line: 1, Units: 1}}},
			{ID: 2, Number: "B", Created: at(3, 0), Voided: at(4, 0)}, {ID: 3, Number: "C", Created: at(5, 0), Lines: []order.Packed{{Line: 1, Units: 1}}}}},
			map[string]string{"voids": "2 (2)", "voids_told": "1 (1)", "reships": "1 (1)"}},
		"a unit cancelled after the last parcel: then nothing was left": {func() order.Order {
			o := shipped(at(5, 12), at(5, 0))
			o.Parcels = []order.Parcel{{ID: 1, Number: "A", Created: at(5, 0), Told: at(5, 1), As: &order.Telling{Shipped: at(5, 0)}, Lines: []order.Packed{{Line: 1, Units: 1}}}}
			o.Lines[0].Ordered, o.Lines[0].Cancelled, o.Lines[0].Reason, o.Lines[0].Closed = 2, 1, "CXSC", at(8, 0)
			return o
		}(), map[string]string{Shipped: "518400 (1)", OnTime: "100 (1)"}},
		"a unit cancelled before the last parcel: the ship date counts": {func() order.Order {
			o := shipped(at(5, 12), at(5, 0))
			o.Parcels = []order.Parcel{{ID: 1, Number: "A", Created: at(5, 0), Told: at(5, 1), As: &order.Telling{Shipped: at(5, 0)}, Lines: []order.Packed{{Line: 1, Units: 1}}}}
			o.Lines[0].Ordered, o.Lines[0].Cancelled, o.Lines[0].Reason, o.Lines[0].Closed = 2, 1, "CXSC", at(5, 1)
			return o
		}(), map[string]string{Shipped: "259200 (1)"}},
		"held now, and nothing left to ship since last month": {order.Order{ID: "1", Retailer: "7", Received: at(1, 1), HeldSince: now.Add(-time.Hour),
			Lines: []order.Line{{Number: 1, Ordered: 1, Cancelled: 1, Closed: time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)}}}, map[string]string{"held": "3600 (1)", "held_now": "1 (1)"}},
		"held before, and held now": {order.Order{ID: "1", Retailer: "7", Received: at(2, 1), HeldFor: time.Hour, HeldSince: now.Add(-time.Hour)},
			map[string]string{"held": "7200 (1)", "held_now": "1 (1)"}},
	} {
		r := card(november, c.order.Facts())
		for code, want := range c.want {
			if got := value(t, r.Total, code); got != want {
				t.Errorf("%s: %s is %s, want %s", name, code, got, want)
			}
		}
	}
}

// The month ends in Eastern time, in summer time, too.
func TestMonthEnds(t *testing.T) {
	for name, c := range map[string]struct {
		closed time.Time
		want   int
	}{
		"the last second of October":  {time.Date(2026, 11, 1, 3, 59, 59, 0, time.UTC), 0}, // 23:59:59 EDT
		"the first of November":       {time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC), 1},
		"the last second of November": {time.Date(2026, 12, 1, 4, 59, 59, 0, time.UTC), 1}, // 23:59:59 EST
		"the first of December":       {time.Date(2026, 12, 1, 5, 0, 0, 0, time.UTC), 0},
	} {
		r := november
		r.Now = time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC)
		got := card(r, order.Facts{Retailer: "7", Lines: []order.LineFacts{{Ordered: 1, Shipped: 1, Due: c.closed, Shipment: c.closed, Closed: c.closed}}})
		if got.Total.Lines != c.want {
			t.Errorf("%s: %d lines, want %d", name, got.Total.Lines, c.want)
		}
	}
}

func TestGroups(t *testing.T) {
	f := func(id string, retailer, sku string, day int) order.Facts {
		return order.Facts{ID: order.ID(id), Retailer: retailer, Country: "US", Region: "OR", Parcels: []order.ParcelFacts{{Carrier: "UPS", Service: "UPCG", Known: true}},
			Lines: []order.LineFacts{{SKU: sku, Warehouse: "", Ordered: 1, Shipped: 1, Due: at(20, 0), Shipment: at(day, 0), Closed: at(day, 12), Parcel: 1}}}
	}
	all := []order.Facts{f("1", "7", "MUG", 3), f("2", "7", "CUP", 3), f("3", "8", "MUG", 10), f("4", "", "MUG", 21)}
	for by, want := range map[Dimension]string{
		ByRetailer: "7:2 8:1 none:1", BySKU: "MUG:3 CUP:1", ByCarrier: "UPS:4", ByService: "UPS UPCG:4", ByRegion: "US-OR:4", ByWarehouse: "none:4",
		ByDay: "2026-11-03:2 2026-11-10:1 2026-11-21:1", ByWeek: "2026-W45:2 2026-W46:1 2026-W47:1",
	} {
		r := november
		r.By = by
		var got []string
		for _, g := range card(r, all...).Groups {
			got = append(got, fmt.Sprintf("%s:%d", g.Key, g.Lines))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("by %s: %s, want %s", by, s, want)
		}
	}
}

// The whole is measured by the goals that all retailers in it have, whatever it was asked for by; where they differ, by
// the common ones.
func TestGoalsOfAll(t *testing.T) {
	own := Aims{Fill: 90_00, OnTime: 99_50, WeightFill: 25_00, WeightOnTime: 75_00}
	line := order.LineFacts{Ordered: 1, Shipped: 1, Due: at(9, 0), Shipment: at(8, 0), Closed: at(8, 0)}
	of := func(retailer string) order.Facts {
		return order.Facts{ID: "1", Retailer: retailer, Lines: []order.LineFacts{line}}
	}
	both := map[string]Aims{"7": own, "8": own}
	for name, c := range map[string]struct {
		asked []string
		own   map[string]Aims
		lines int
		want  string
	}{
		"by its id":             {[]string{"7"}, map[string]Aims{"7": own}, 1, "99.5 97.125"},
		"by its name":           {[]string{"Seven", "7"}, map[string]Aims{"7": own}, 1, "99.5 97.125"},
		"all with the same":     {nil, both, 2, "99.5 97.125"},
		"one of two has others": {nil, map[string]Aims{"7": own}, 2, "95 96.5"},
		"none has any":          {nil, nil, 2, "95 96.5"},
	} {
		r := november
		r.Retailers, r.Own = c.asked, c.own
		report := card(r, of("7"), of("8"))
		total, mixed := report.Total, slices.Contains(report.Remarks, "the retailers' goals differ: together they are measured by the common ones")
		if got := fmt.Sprint(*total.Measure(OnTime).Goal, *total.Measure(Overall).Goal); total.Lines != c.lines || got != c.want || mixed != (name == "one of two has others") {
			t.Errorf("%s: %d lines, goals %s, want %s; %q", name, total.Lines, got, c.want, report.Remarks)
		}
	}
}

func TestBudget(t *testing.T) {
	lines := func(onTime, late, open, overdue int) (all []order.Facts) {
		add := func(n int, l order.LineFacts) {
			for range n {
				all = append(all, order.Facts{ID: "1", Retailer: "7", Lines: []order.LineFacts{l}})
			}
		}
		add(onTime, order.LineFacts{Ordered: 1, Shipped: 1, Due: at(9, 0), Shipment: at(8, 0), Closed: at(8, 0)})
		add(late, order.LineFacts{Ordered: 1, Shipped: 1, Due: at(9, 0), Shipment: at(10, 0), Closed: at(10, 0)})
		add(open, order.LineFacts{Ordered: 1, Due: at(28, 0)})
		add(overdue, order.LineFacts{Ordered: 1, Due: at(20, 0)})
		add(3, order.LineFacts{Ordered: 1, Due: time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC)}) // next month's
		add(1, order.LineFacts{Ordered: 1})
		return all
	}
	for _, c := range []struct {
		onTime, late, open, overdue, spare int
		words                              string
	}{
		{60, 1, 37, 2, 2, "to end the month at the goal of 95% you may ship 2 more lines late"},
		{60, 3, 35, 2, 0, "to end the month at the goal of 95% no more line may be late"},
		{60, 6, 34, 0, -1, "the goal of 95% is out of reach with the lines there are: 1 line too many is late; 20 lines more on time would make up for it"},
		{0, 0, 20, 0, 1, "to end the month at the goal of 95% you may ship 1 more line late"},
	} {
		b := card(november, lines(c.onTime, c.late, c.open, c.overdue)...).Total.Budget
		if b == nil || b.Spare != c.spare || b.String() != c.words {
			t.Errorf("%+v: %+v, %v", c, b, b)
			continue
		}
		// True to its word: so many late lines more keep the goal, one more does not.
		all := c.onTime + c.late + c.open + c.overdue
		keeps := func(late int) bool { return (all-late)*10000 >= 9500*all }
		if b.Spare >= 0 && (!keeps(b.Late+b.Spare) || keeps(b.Late+b.Spare+1)) {
			t.Errorf("%+v: %d late lines of %d", c, b.Late+b.Spare, all)
		}
		if more := all + b.Needed; b.Spare < 0 && ((more-b.Late)*10000 < 9500*more || (more-1-b.Late)*10000 >= 9500*(more-1)) {
			t.Errorf("%+v: %d lines on time are needed", c, b.Needed)
		}
	}
	past := november
	past.Now = time.Date(2027, 1, 9, 0, 0, 0, 0, time.UTC)
	if b := card(past, lines(60, 1, 37, 2)...).Total.Budget; b != nil {
		t.Errorf("of a month that is over: %v", b)
	}
	strict := november
	strict.Aims.OnTime = Whole
	if b := card(strict, lines(60, 1, 37, 2)...).Total.Budget; b.Spare != -3 || b.String() != "the goal of 100% is out of reach: a line is late" {
		t.Errorf("%v", b)
	}
}

func TestQuantiles(t *testing.T) {
	var s spans
	if diff := cmp.Diff(Quantiles{}, s.quantiles()); diff != "" {
		t.Error(diff)
	}
	for i := range 200 {
		s.add(time.Duration(i+1) * time.Minute)
	}
	want := Quantiles{200, 100 * time.Minute, 180 * time.Minute, 198 * time.Minute, 200 * time.Minute}
	for range 2 {
		if diff := cmp.Diff(want, s.quantiles()); diff != "" {
			t.Error(diff)
		}
	}
	s.add(400 * time.Minute)
	if got := s.quantiles(); got.N != 201 || got.Median != 101*time.Minute || got.Worst != 400*time.Minute {
		t.Errorf("with one more: %+v", got)
	}
}

func TestPercent(t *testing.T) {
	for p, want := range map[Percent]string{98_00: "98%", 98_50: "98.5%", 98_25: "98.25%", 0: "0%", Whole: "100%", 99_99: "99.99%", 10_00: "10%", 5: "0.05%"} {
		if got := p.String(); got != want {
			t.Errorf("%d is %s, want %s", p, got, want)
		}
	}
}
