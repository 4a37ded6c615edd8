package scorecard

import (
	"math"
	"time"
)

// Kind is what a measure's value counts.
type Kind string

// The kinds.
const (
	Share Kind = "percent"
	Span  Kind = "seconds"
	Count Kind = "count"
)

// The measures.
const (
	OnTime       = "shipped_on_time"
	Fill         = "fill_rate"
	FillAdjusted = "fill_rate_adjusted"
	Overall      = "overall"
	Acknowledged = "created_to_acknowledged"
	Shipped      = "created_to_shipped"
	Told         = "label_to_told"
	Cancelled    = "cancellation_rate"
)

// Measure is one figure of a group.
type Measure struct {
	Code   string
	Name   string
	Kind   Kind
	N      int      // the lines, or what else it says, behind it
	Of     string   // what N counts, in the plural
	Value  *float64 // nil: there is nothing to measure
	Before *float64 // the same in the period before
	Goal   *float64
	Met    *bool // nil without a goal or a value

	Times *Quantiles // of a span, whose value is the median
}

// Few is how many lines a figure needs to mean something.
const Few = 20

// Weak tells whether there is too little behind the figure for it to mean much.
func (m Measure) Weak() bool { return m.Kind != Count && m.Value != nil && m.N < Few }

// Driver is a kind of cancellation, and how much of it there was.
type Driver struct {
	Reason       string // DSCO's code; empty: nobody said
	Ours         bool   // we told DSCO of it, since it was cancelled in ShipStation
	Short        bool   // it counts against the adjusted fill rate
	Lines, Units int
}

// ratio is a share of something, nil when there is nothing.
type ratio struct{ part, of int }

func (r ratio) value() *float64 {
	if r.of <= 0 {
		return nil
	}
	v := math.Round(float64(r.part)*10_000/float64(r.of)) / 100
	return &v
}

// met compares exactly: 94.996% is shown as 95%, and does not reach it.
func (r ratio) met(goal Percent) *bool {
	if r.of <= 0 {
		return nil
	}
	met := int64(r.part)*int64(Whole) >= int64(goal)*int64(r.of)
	return &met
}

func (t *tally) onTimeRatio() ratio   { return ratio{t.onTime, t.measured} }
func (t *tally) adjustedRatio() ratio { return ratio{t.adjusted - t.short, t.adjusted} }

// overall is the weighted sum of the two; nil while one of them that counts has nothing to measure.
func (t *tally) overall(a Aims) *float64 {
	v, ok := t.score(a)
	if !ok {
		return nil
	}
	v = math.Round(v*100) / 100
	return &v
}

// score is the overall score before it is rounded.
func (t *tally) score(a Aims) (sum float64, ok bool) {
	for _, part := range []struct {
		ratio
		weight Percent
	}{{t.adjustedRatio(), a.WeightFill}, {t.onTimeRatio(), a.WeightOnTime}} {
		switch {
		case part.weight == 0:
		case part.of <= 0:
			return 0, false
		default:
			sum += part.weight.float() * float64(part.part) / float64(part.of)
		}
	}
	return sum, true
}

// measures are the figures of a group beside those of the period before.
func (p *pair) measures(a Aims, compared bool) []Measure {
	now, was := &p.now, &p.before
	if !compared {
		was = &tally{}
	}
	share := func(code, name string, of func(*tally) ratio, what string, goal *Percent) Measure {
		r := of(now)
		m := Measure{Code: code, Name: name, Kind: Share, N: max(0, r.of), Of: what, Value: r.value(), Before: of(was).value()}
		if goal != nil {
			g := goal.float()
			m.Goal, m.Met = &g, r.met(*goal)
		}
		return m
	}
	span := func(code, name string, of func(*tally) *spans, what string) Measure {
		q, before := of(now).quantiles(), of(was).quantiles()
		return Measure{Code: code, Name: name, Kind: Span, N: q.N, Of: what, Value: seconds(q), Before: seconds(before), Times: &q}
	}
	number := func(code, name string, of func(*tally) int) Measure {
		m := Measure{Code: code, Name: name, Kind: Count, N: of(now), Value: whole(of(now))}
		if compared {
			m.Before = whole(of(was))
		}
		return m
	}
	overall := Measure{Code: Overall, Name: "overall score", Kind: Share, N: min(now.measured, now.adjusted), Of: "lines", Value: now.overall(a), Before: was.overall(a)}
	if score, ok := now.score(a); ok {
		goal := a.overall()
		met := score > goal-1e-9
		overall.Goal, overall.Met = &goal, &met
	}
	heldNow := number("held_now", "held now", func(t *tally) int { return t.heldNow })
	heldNow.Before = nil // now is not then
	return []Measure{
		overall,
		share(OnTime, "shipped on time", (*tally).onTimeRatio, "lines", &a.OnTime),
		share(FillAdjusted, "fill rate, adjusted", (*tally).adjustedRatio, "lines", &a.Fill),
		share(FillAdjusted+"_units", "fill rate, adjusted, by units", func(t *tally) ratio { return ratio{t.shippedUnits, t.shippedUnits + t.shortUnits} }, "units", nil),
		share(Fill, "fill rate, gross", func(t *tally) ratio { return ratio{t.filled, t.lines} }, "lines", nil),
		share(Fill+"_units", "fill rate, gross, by units", func(t *tally) ratio { return ratio{t.shippedUnits, t.ordered} }, "units", nil),
		share(Cancelled, "cancelled units", func(t *tally) ratio { return ratio{t.cancelledUnits, t.ordered} }, "units", nil),
		span(Acknowledged, "created to acknowledged", func(t *tally) *spans { return &t.acknowledged }, "orders"),
		number("acknowledged_late", "acknowledged late", func(t *tally) int { return t.acknowledgedLate }),
		span(Shipped, "created to shipped", func(t *tally) *spans { return &t.shipped }, "orders"),
		span(Told, "label to told", func(t *tally) *spans { return &t.told }, "parcels"),
		number("tracking_told_late", "tracking told late", func(t *tally) int { return t.toldLate }),
		span("held", "held for a person", func(t *tally) *spans { return &t.held }, "orders"),
		heldNow,
		number("voids", "labels voided", func(t *tally) int { return t.voids }),
		number("voids_told", "voided after DSCO was told", func(t *tally) int { return t.voidsTold }),
		number("reships", "shipped again", func(t *tally) int { return t.reships }),
	}
}

func seconds(q Quantiles) *float64 {
	if q.N == 0 {
		return nil
	}
	v := float64(q.Median / time.Second)
	return &v
}

func whole(n int) *float64 {
	v := float64(n)
	return &v
}
