package scorecard

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dscosync/internal/order"
)

// naive computes the figures from lists, one after the other, the way they are defined.
type naive struct {
	lines                    []order.LineFacts
	acks, ships, tells, held []time.Duration
	counts                   map[string]float64
	open, overdue            int
}

// gather takes what belongs into a period. With inside, what is so now and was not dated by an event counts nowhere.
func gather(all []order.Facts, p Period, r Rules, inside bool) *naive {
	n := &naive{counts: map[string]float64{"acknowledged_late": 0, "tracking_told_late": 0, "held_now": 0, "voids": 0, "voids_told": 0, "reships": 0}}
	in := func(t time.Time) bool { return !t.IsZero() && !t.Before(p.From) && t.Before(p.To) }
	current := !inside && in(r.Now)
	for _, f := range all {
		closed, end, shipped, whole := time.Time{}, time.Time{}, false, false
		for _, l := range f.Lines {
			if l.Ordered > 0 {
				whole = true
			}
		}
		for _, l := range f.Lines {
			if l.Ordered == 0 {
				continue
			}
			if l.Closed.IsZero() {
				whole = false
				if current && !l.Due.IsZero() && l.Due.Before(p.To) {
					n.open++
					if l.Due.Before(r.Now) {
						n.overdue++
					}
				}
				continue
			}
			if in(l.Closed) && !l.Closed.After(r.Now) {
				n.lines = append(n.lines, l)
			}
			e := l.Closed
			if l.Shipped > 0 && !l.Shipment.IsZero() {
				shipped = true
				tellings, ours := 0, false
				for i, k := range f.Parcels {
					if k.Told.Equal(l.Closed) {
						tellings++
					}
					ours = ours || i == l.Parcel-1 && !k.Told.IsZero()
				}
				if afterwards := l.Cancelled > 0 && ours && tellings == 0; !afterwards {
					e = l.Shipment
				}
			}
			closed, end = latest(closed, l.Closed), latest(end, e)
		}
		past := whole && !closed.After(r.Now)
		if past && shipped && in(closed) && !f.Available.IsZero() && !end.Before(f.Available) {
			n.ships = append(n.ships, end.Sub(f.Available))
		}
		if in(f.Acknowledged) && !f.Available.IsZero() && !f.Acknowledged.Before(f.Available) {
			n.acks = append(n.acks, f.Acknowledged.Sub(f.Available))
			if !f.AcknowledgeBy.IsZero() && f.AcknowledgeBy.Before(f.Acknowledged) {
				n.counts["acknowledged_late"]++
			}
		}
		switch waits := !f.HeldSince.IsZero(); {
		case waits && current:
			n.counts["held_now"]++
			n.held = append(n.held, f.HeldFor+max(0, r.Now.Sub(f.HeldSince)))
		case waits || f.HeldFor == 0:
		case past && in(closed) || !past && current:
			n.held = append(n.held, f.HeldFor)
		}
		for _, k := range f.Parcels {
			if in(k.Told) && !k.Created.IsZero() && !k.Told.Before(k.Created) {
				n.tells = append(n.tells, k.Told.Sub(k.Created))
				if k.Told.After(k.Created.Add(r.ShipDelay+r.Tracking)) && k.Told.After(k.Ships.Add(r.Tracking)) {
					n.counts["tracking_told_late"]++
				}
			}
			if in(k.Voided) {
				n.counts["voids"]++
				if k.Known {
					n.counts["voids_told"]++
				}
			}
			if k.Spare && in(k.Created) {
				n.counts["reships"]++
			}
		}
	}
	return n
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func percent(part, of float64) float64 {
	if of == 0 {
		return -1
	}
	return math.Round(part/of*10000) / 100
}

func short(l order.LineFacts) bool {
	return l.Cancelled > 0 && (l.Reason == "CXSS" || l.Reason == "CXSD" || l.Reason == "CXSN")
}

// figures are the values by code, -1 where there is none, and beside some of them how much is behind it.
func (n *naive) figures(a Aims) (want map[string]float64, behind map[string]int) {
	sum := func(f func(order.LineFacts) int) (s float64) {
		for _, l := range n.lines {
			s += float64(f(l))
		}
		return s
	}
	is := func(f func(order.LineFacts) bool) float64 {
		return sum(func(l order.LineFacts) int { return map[bool]int{true: 1}[f(l)] })
	}
	dated := func(l order.LineFacts) bool { return l.Shipped > 0 && !l.Due.IsZero() && !l.Shipment.IsZero() }
	onTime := func(l order.LineFacts) bool { return dated(l) && !l.Shipment.After(l.Due) }
	counts := func(l order.LineFacts) bool { return l.Shipped > 0 || short(l) }
	shipped, ordered := sum(func(l order.LineFacts) int { return l.Shipped }), sum(func(l order.LineFacts) int { return l.Ordered })
	wanting := sum(func(l order.LineFacts) int { return map[bool]int{true: l.Cancelled}[short(l)] })
	want = map[string]float64{
		OnTime:                  percent(is(onTime), is(dated)),
		Fill:                    percent(is(func(l order.LineFacts) bool { return l.Shipped == l.Ordered }), float64(len(n.lines))),
		Fill + "_units":         percent(shipped, ordered),
		FillAdjusted:            percent(is(func(l order.LineFacts) bool { return counts(l) && !short(l) }), is(counts)),
		FillAdjusted + "_units": percent(shipped, shipped+wanting),
		Cancelled:               percent(sum(func(l order.LineFacts) int { return l.Cancelled }), ordered),
		Overall:                 -1,
	}
	behind = map[string]int{OnTime: int(is(dated)), Fill: len(n.lines), Fill + "_units": int(ordered), FillAdjusted: int(is(counts)), FillAdjusted + "_units": int(shipped + wanting), Cancelled: int(ordered)}
	if is(counts) > 0 && is(dated) > 0 {
		want[Overall] = math.Round((a.WeightFill.float()*is(func(l order.LineFacts) bool { return counts(l) && !short(l) })/is(counts)+
			a.WeightOnTime.float()*is(onTime)/is(dated))*100) / 100
	}
	for code, count := range n.counts {
		want[code] = count
	}
	for code, all := range map[string][]time.Duration{Acknowledged: n.acks, Shipped: n.ships, Told: n.tells, "held": n.held} {
		slices.Sort(all)
		behind[code] = len(all)
		for suffix, percent := range map[string]float64{"": 50, " p90": 90, " p99": 99} {
			want[code+suffix] = -1
			if len(all) > 0 {
				rank := int(math.Ceil(float64(len(all)) * percent / 100))
				want[code+suffix] = all[rank-1].Truncate(time.Minute).Seconds()
			}
		}
		if want[code+" worst"] = -1; len(all) > 0 {
			want[code+" worst"] = all[len(all)-1].Seconds()
		}
	}
	return want, behind
}

// drivers are the cancelled lines and units by code and side.
func (n *naive) drivers() map[string]string {
	lines, units := map[string]int{}, map[string]int{}
	for _, l := range n.lines {
		for side, part := range map[string]int{"ours": l.Ours, "theirs": l.Cancelled - l.Ours} {
			if part > 0 {
				lines[l.Reason+" "+side]++
				units[l.Reason+" "+side] += part
			}
		}
	}
	all := map[string]string{}
	for key := range lines {
		all[key] = fmt.Sprintf("%d lines, %d units", lines[key], units[key])
	}
	return all
}

// partOf cuts what belongs to a group out of the orders. What has no such part is told of the whole alone.
func partOf(all []order.Facts, by Dimension, key string) (some []order.Facts) {
	name := func(s string) string { return map[bool]string{true: "none", false: s}[s == ""] }
	carrier := func(k order.ParcelFacts) string {
		if by == ByService && k.Service != "" {
			return k.Carrier + " " + k.Service
		}
		return name(k.Carrier)
	}
	for _, f := range all {
		part := order.Facts{ID: f.ID, Retailer: f.Retailer}
		switch by {
		case ByRetailer:
			if name(f.Retailer) == key {
				some = append(some, f)
			}
			continue
		case ByRegion:
			if strings.TrimSuffix(name(f.Country)+"-"+f.Region, "-") == key {
				some = append(some, f)
			}
			continue
		case ByCarrier, ByService:
			for _, k := range f.Parcels {
				if carrier(k) == key {
					part.Parcels = append(part.Parcels, k)
				}
			}
		}
		for _, l := range f.Lines {
			of := map[Dimension]string{BySKU: name(l.SKU), ByWarehouse: name(l.Warehouse)}[by]
			if by == ByCarrier || by == ByService {
				if of = "none"; l.Parcel > 0 {
					of = carrier(f.Parcels[l.Parcel-1])
				}
			}
			if of == key {
				part.Lines = append(part.Lines, l)
			}
		}
		some = append(some, part)
	}
	return some
}

// anyOrder draws an order to which anything may have happened, at the ends of the months more often than by chance.
func anyOrder(t *rapid.T) order.Facts {
	first := time.Date(2026, 9, 20, 0, 0, 0, 0, time.UTC)
	ends := []time.Time{november.Before.From, november.Period.From, now}
	moment := func(name string) time.Time {
		switch rapid.IntRange(0, 9).Draw(t, name+"?") {
		case 0:
			return time.Time{}
		case 1:
			return rapid.SampledFrom(ends).Draw(t, name).Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, name+" off")) * time.Second).UTC()
		}
		return first.Add(time.Duration(rapid.IntRange(0, 75*24*3600).Draw(t, name)) * time.Second)
	}
	seldom := func(name string, at time.Time) time.Time {
		if rapid.IntRange(0, 3).Draw(t, name+" at all") > 0 {
			return time.Time{}
		}
		return at
	}
	word := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	f := order.Facts{ID: "1", Retailer: word("retailer", "7", "8"), Country: word("country", "US", "CA"), Region: word("region", "", "NY"),
		Available: moment("available"), Acknowledged: moment("acknowledged"), AcknowledgeBy: moment("acknowledge by"), HeldSince: seldom("held since", moment("held since")),
		HeldFor: time.Duration(max(0, rapid.IntRange(-9, 3).Draw(t, "held for"))) * time.Hour}
	for range rapid.IntRange(0, 2).Draw(t, "parcels") {
		f.Parcels = append(f.Parcels, order.ParcelFacts{Created: moment("created"), Ships: moment("ships"), Told: moment("told"), Known: rapid.Bool().Draw(t, "known"),
			Carrier: word("carrier", "", "UPS", "USPS"), Service: word("service", "", "UPCG"), Voided: seldom("voided", moment("voided")), Spare: rapid.Bool().Draw(t, "spare")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		l := order.LineFacts{Ordered: rapid.IntRange(0, 3).Draw(t, "ordered"), Due: moment("due"), Shipment: moment("shipment"), Closed: moment("closed"),
			SKU: word("sku", "", "MUG", "CUP"), Warehouse: word("warehouse", "", "EAST"), Parcel: rapid.IntRange(0, len(f.Parcels)).Draw(t, "parcel")}
		switch rapid.IntRange(0, 4).Draw(t, "alike") {
		case 0:
			l.Shipment = l.Due
		case 1:
			if l.Parcel > 0 {
				l.Closed = f.Parcels[l.Parcel-1].Told
			}
		}
		l.Shipped = rapid.IntRange(0, l.Ordered).Draw(t, "shipped")
		if !l.Closed.IsZero() {
			l.Cancelled = l.Ordered - l.Shipped
		}
		if l.Cancelled > 0 {
			l.Reason = word("reason", "", "CXSS", "CXSN", "CXSD", "CXSC", "CXRR")
			l.Ours = rapid.IntRange(0, l.Cancelled).Draw(t, "ours")
		}
		f.Lines = append(f.Lines, l)
	}
	return f
}

// Every figure is what a small calculation of its own finds, whatever happened: of the whole and of each of its parts, in
// the period and in the one before.
func TestAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := november
		rules.By = Dimension(rapid.SampledFrom(Dimensions).Draw(t, "by"))
		rules.ShipDelay = time.Duration(rapid.IntRange(0, 2).Draw(t, "delay")) * 12 * time.Hour
		var all []order.Facts
		for range rapid.IntRange(0, 12).Draw(t, "orders") {
			all = append(all, anyOrder(t))
		}
		r := card(rules, all...)
		check := func(g Group, now, was *naive) {
			values, behind := now.figures(rules.Aims)
			before, _ := was.figures(rules.Aims)
			for code, want := range values {
				name, suffix, _ := strings.Cut(code, " ")
				m := g.Measure(name)
				got := -1.0
				if m.Value != nil {
					got = *m.Value
				}
				if m.Times != nil && m.Times.N > 0 {
					got = map[string]time.Duration{"": m.Times.Median, "p90": m.Times.P90, "p99": m.Times.P99, "worst": m.Times.Worst}[suffix].Seconds()
				}
				if math.Abs(got-want) > 0.011 {
					t.Fatalf("%s: %s is %v, want %v", g.Key, code, got, want)
				}
				if n, counted := behind[code]; counted && m.N != n {
					t.Fatalf("%s: %d %s behind %s, want %d", g.Key, m.N, m.Of, code, n)
				}
				had := -1.0
				if m.Before != nil {
					had = *m.Before
				}
				if suffix == "" && name != "held_now" && math.Abs(had-before[code]) > 0.011 && (had != -1 || before[code] != 0 || was.counts != nil) {
					t.Fatalf("%s: %s was %v, want %v", g.Key, code, had, before[code])
				}
			}
			if m := g.Measure(OnTime); m.Met != nil && *m.Met != (*m.Value >= *m.Goal) && math.Abs(*m.Value-*m.Goal) > 0.01 {
				t.Fatalf("%v of %v", *m.Value, *m.Goal)
			}
			why := map[string]string{}
			for _, d := range g.Drivers {
				why[d.Reason+map[bool]string{true: " ours", false: " theirs"}[d.Ours]] = fmt.Sprintf("%d lines, %d units", d.Lines, d.Units)
			}
			if diff := cmp.Diff(now.drivers(), why); diff != "" {
				t.Fatalf("%s: -want +got:\n%s", g.Key, diff)
			}
			if b := g.Budget; now.open > 0 && (b == nil || b.Open != now.open || b.Overdue != now.overdue) {
				t.Fatalf("%s: %+v, want %d open and %d overdue", g.Key, b, now.open, now.overdue)
			}
		}
		check(r.Total, gather(all, rules.Period, rules, false), gather(all, rules.Before, rules, false))
		lines := 0
		for _, g := range r.Groups {
			lines += g.Lines
			if days := span(t, rules, g.Key); days.To.IsZero() {
				part := partOf(all, rules.By, g.Key)
				check(g, gather(part, rules.Period, rules, false), gather(part, rules.Before, rules, false))
			} else {
				check(g, gather(all, days, rules, true), &naive{})
			}
		}
		if lines != r.Total.Lines {
			t.Fatalf("%d lines in the groups, %d in all", lines, r.Total.Lines)
		}
	})
}

// span is the part of the period that a day or a week is; none of other groups.
func span(t *rapid.T, r Rules, key string) (p Period) {
	for at := r.Period.From; at.Before(r.Period.To); at = at.AddDate(0, 0, 1) {
		year, week := at.ISOWeek()
		name := map[Dimension]string{ByDay: at.Format(time.DateOnly), ByWeek: fmt.Sprintf("%d-W%02d", year, week)}[r.By]
		if name == "" {
			return p
		}
		if name == key {
			if p.From.IsZero() {
				p.From = at
			}
			p.To = at.AddDate(0, 0, 1)
		}
	}
	if p.To.IsZero() {
		t.Fatalf("%s is no part of %s", key, r.Period.Name)
	}
	return p
}
