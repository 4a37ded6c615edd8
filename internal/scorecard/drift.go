package scorecard

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"dscosync/internal/order"
)

// Limits say when a measure has drifted: it was beyond its mean of the last weeks by more than so many standard
// deviations of its days, or on the wrong side of its goal, on three days in a row.
type Limits struct {
	Weeks  int     // 0: none is looked for
	Spread float64 // standard deviations
}

const (
	inARow   = 3  // days beyond a limit make a drift
	baseline = 10 // days with lines a mean needs
	culprits = 20 // orders that are named
	fresh    = 4  // days after which the last days are none any more: a long weekend
)

// days is how many days before today are looked at: those of the weeks, and those that may have drifted.
func (l Limits) days() int { return 7*l.Weeks + 2*inARow }

// Drift is a measure of a retailer that is no longer what it was, or what it should be.
type Drift struct {
	Retailer string // DSCO's id
	Name     string // as people know it; may be empty
	Code     string // of the measure
	Measure  string
	Goal     bool       // it is the goal that is missed, not the limit
	Limit    float64    // percent, or hours
	Values   []float64  // of the last days, the oldest first
	Days     []string   // these days
	Orders   []order.ID // behind it; not necessarily all of them
}

// Key names the drift as long as it lasts, so that it is told once: bad days widen the limit, and what was beyond it only
// misses the goal then.
func (d Drift) Key() string { return fmt.Sprintf("drift/%s/%s", d.Retailer, d.Code) }

// String says it in words.
func (d Drift) String() string {
	unit, values := "%", ""
	if d.hours() {
		unit = " h"
	}
	for i, v := range d.Values {
		values += map[bool]string{true: ", "}[i > 0] + trim(v) + unit
	}
	against := "its limit of the last weeks"
	if d.Goal {
		against = "the goal"
	}
	side := "below"
	if higherIsWorse(d.Code) {
		side = "above"
	}
	return fmt.Sprintf("%s: %s is %s %s of %s%s on %d days in a row (%s)", cmp.Or(d.Name, d.Retailer), d.Measure, side, against, trim(d.Limit), unit, len(d.Days), values)
}

// Whole says it with some of the orders behind it.
func (d Drift) Whole() string {
	const some = 5
	text := d.String()
	for i, id := range d.Orders[:min(some, len(d.Orders))] {
		text += map[bool]string{true: "; orders ", false: ", "}[i == 0] + string(id)
	}
	if len(d.Orders) > some {
		text += " and others"
	}
	return text
}

func (d Drift) hours() bool { return d.Code == Acknowledged || d.Code == Shipped || d.Code == Told }

func higherIsWorse(code string) bool { return code != OnTime && code != FillAdjusted }

func trim(v float64) string { return fmt.Sprintf("%.4g", hundredth(v)) }

func hundredth(v float64) float64 { return math.Round(v*100) / 100 }

// day is what is kept of a retailer's day.
type day struct {
	tally                       counts
	acknowledged, shipped, told mean
	late, short, gone           []order.ID
}

// counts are the sums behind the shares of a day.
type counts struct{ lines, measured, onTime, adjusted, short, ordered, cancelled int }

// day is the one a moment falls in, nil for one that is not kept.
func (a account) day(when time.Time) *day {
	if !a.kept.Has(when) {
		return nil
	}
	days := a.days[a.facts.Retailer]
	if days == nil {
		days = map[int]*day{}
		a.days[a.facts.Retailer] = days
	}
	n := number(when.In(a.rules.Zone))
	if days[n] == nil {
		days[n] = &day{}
	}
	return days[n]
}

// number is a day as a number: 20261123.
func number(t time.Time) int { return t.Year()*10000 + int(t.Month())*100 + t.Day() }

func (d *day) line(l order.LineFacts, id order.ID) {
	var t tally
	t.line(l)
	c := &d.tally
	c.lines, c.measured, c.onTime = c.lines+1, c.measured+t.measured, c.onTime+t.onTime
	c.adjusted, c.short = c.adjusted+t.adjusted, c.short+t.short
	c.ordered, c.cancelled = c.ordered+t.ordered, c.cancelled+t.cancelledUnits
	name := func(ids *[]order.ID, guilty bool) {
		if guilty && len(*ids) < culprits && !slices.Contains(*ids, id) {
			*ids = append(*ids, id)
		}
	}
	name(&d.late, t.measured > t.onTime)
	name(&d.short, t.short > 0)
	name(&d.gone, t.cancelledUnits > 0)
}

// watched are the measures that may drift, with their value of a day and how much is behind it.
var watched = []struct {
	code, name string
	value      func(*day) (value float64, n int)
	goal       func(Aims) (Percent, bool)
	behind     func(*day) []order.ID
}{
	{OnTime, "shipped on time", func(d *day) (float64, int) { return portion(d.tally.onTime, d.tally.measured) },
		func(a Aims) (Percent, bool) { return a.OnTime, true }, func(d *day) []order.ID { return d.late }},
	{FillAdjusted, "the adjusted fill rate", func(d *day) (float64, int) { return portion(d.tally.adjusted-d.tally.short, d.tally.adjusted) },
		func(a Aims) (Percent, bool) { return a.Fill, true }, func(d *day) []order.ID { return d.short }},
	{Cancelled, "the share of cancelled units", func(d *day) (float64, int) { return portion(d.tally.cancelled, d.tally.ordered) },
		noGoal, func(d *day) []order.ID { return d.gone }},
	{Acknowledged, "created to acknowledged, on average,", func(d *day) (float64, int) { return d.acknowledged.hours() },
		noGoal, func(d *day) []order.ID { return d.acknowledged.behind() }},
	{Shipped, "created to shipped, on average,", func(d *day) (float64, int) { return d.shipped.hours() },
		noGoal, func(d *day) []order.ID { return d.shipped.behind() }},
	{Told, "label to told, on average,", func(d *day) (float64, int) { return d.told.hours() },
		noGoal, func(d *day) []order.ID { return d.told.behind() }},
}

func noGoal(Aims) (Percent, bool) { return 0, false }

func portion(part, of int) (float64, int) {
	if of == 0 {
		return 0, 0
	}
	return float64(part) * 100 / float64(of), of
}

func (m *mean) hours() (float64, int) {
	if m.n == 0 {
		return 0, 0
	}
	return m.sum.Hours() / float64(m.n), m.n
}

// drifts looks at the last three days on which something was measured. Today is not over, and is none of them.
func (c *Card) drifts(names map[string]string) (all []Drift) {
	if c.rules.Drift.Weeks == 0 {
		return nil
	}
	retailers := make([]string, 0, len(c.days))
	for id := range c.days {
		retailers = append(retailers, id)
	}
	slices.Sort(retailers)
	now := c.rules.Now.In(c.rules.Zone)
	today, oldest, first := number(now), number(now.AddDate(0, 0, -fresh-inARow)), number(now.AddDate(0, 0, -c.rules.Drift.days()))
	for _, id := range retailers {
		for _, w := range watched {
			d := Drift{Retailer: id, Name: names[id], Code: w.code, Measure: w.name}
			if c.drift(&d, w.value, w.goal, w.behind, today, oldest, first) {
				all = append(all, d)
			}
		}
	}
	return all
}

// drift fills in what one measure of a retailer shows.
func (c *Card) drift(d *Drift, value func(*day) (float64, int), goal func(Aims) (Percent, bool), behind func(*day) []order.ID, today, oldest, first int) bool {
	days := c.days[d.Retailer]
	var dates []int
	for date, of := range days {
		if _, n := value(of); n > 0 && first <= date && date < today {
			dates = append(dates, date)
		}
	}
	slices.Sort(dates)
	if len(dates) < inARow || dates[len(dates)-inARow] < oldest {
		return false
	}
	last, rest := dates[len(dates)-inARow:], dates[:len(dates)-inARow]
	worse := func(v, limit float64) bool { // to the hundredth, as both are shown: the mean of days that are all alike is rounded
		v, limit = hundredth(v), hundredth(limit)
		if higherIsWorse(d.Code) {
			return v > limit
		}
		return v < limit
	}
	lines, all := 0, true
	beyond := func(limit float64) bool {
		d.Values, d.Days, d.Orders, lines, all = nil, nil, nil, 0, true
		for _, date := range last {
			v, n := value(days[date])
			lines += n
			all = all && worse(v, limit)
			d.Values, d.Days = append(d.Values, v), append(d.Days, fmt.Sprintf("%d-%02d-%02d", date/10000, date/100%100, date%100))
			for _, id := range behind(days[date]) {
				if len(d.Orders) < culprits && !slices.Contains(d.Orders, id) {
					d.Orders = append(d.Orders, id)
				}
			}
		}
		d.Limit = limit
		return all && lines >= Few
	}
	if limit, ok := c.limit(d.Code, days, rest, value); ok && beyond(limit) {
		return true
	}
	if g, ok := goal(c.rules.aims(d.Retailer)); ok && beyond(g.float()) {
		d.Goal = true
		return true
	}
	return false
}

// limit is the mean of the days before, less or more the spread that is allowed.
func (c *Card) limit(code string, days map[int]*day, dates []int, value func(*day) (float64, int)) (limit float64, ok bool) {
	if len(dates) < baseline {
		return 0, false
	}
	sum, squares, lines := 0.0, 0.0, 0
	for _, date := range dates {
		v, n := value(days[date])
		sum, squares, lines = sum+v, squares+v*v, lines+n
	}
	if lines < Few {
		return 0, false
	}
	n := float64(len(dates))
	average := sum / n
	spread := c.rules.Drift.Spread * math.Sqrt(max(0, squares/n-average*average))
	if higherIsWorse(code) {
		return average + spread, true
	}
	return average - spread, true
}
