// Package scorecard measures a supplier as DSCO does, from the facts of its orders.
//
// How DSCO measures stands in its help pages, and where these leave a choice it is made here so:
//
//   - A line counts in the period in which nothing of it was left any more: DSCO was told of its last parcel, or it was
//     cancelled. The month ends in Eastern time, as DSCO's does.
//   - Shipped on time compares the latest ship date reported of a line with its due date, not the hour of the call.
//   - The fill rates count lines: a line is filled when every unit was shipped. Those by units stand beside them. In the
//     adjusted one only cancellations for a shortage count, and units cancelled for other reasons were never ordered.
//   - What is not known is left out and counted, and never taken for good or bad.
//
// A Card is fed one order after the other and keeps sums alone, so that its size does not depend on their number.
package scorecard

import (
	"time"

	"dscosync/internal/order"
)

// Rules are what a scorecard is computed by.
type Rules struct {
	Now    time.Time
	Period Period
	Before Period         // the one it is compared with, which ends where it begins
	Zone   *time.Location // of the days, weeks and months

	Retailers []string        // DSCO's ids of those that count; none: all
	By        Dimension       // of the groups
	Aims      Aims            // the goals and weights
	Own       map[string]Aims // those of retailers that have their own, by DSCO's id

	ShipDelay time.Duration // after a label's creation, before DSCO is told
	Tracking  time.Duration // told so much later than it could have been, a parcel is told late

	Drift Limits
}

// Period is a span of time: from its beginning until just before its end.
type Period struct {
	Name     string
	From, To time.Time
}

// Has tells whether a moment is in the period.
func (p Period) Has(t time.Time) bool { return !t.Before(p.From) && t.Before(p.To) }

// Month is a month of DSCO's calendar.
func Month(year int, month time.Month, zone *time.Location) Period {
	from := time.Date(year, month, 1, 0, 0, 0, 0, zone)
	return Period{from.Format("2006-01"), from, from.AddDate(0, 1, 0)}
}

// Dimension is what the groups of a scorecard have in common.
type Dimension string

// The dimensions.
const (
	ByRetailer  Dimension = "retailer"
	BySKU       Dimension = "sku"
	ByCarrier   Dimension = "carrier"
	ByService   Dimension = "service"
	ByRegion    Dimension = "region"
	ByWarehouse Dimension = "warehouse"
	ByDay       Dimension = "day"
	ByWeek      Dimension = "week"
)

// Dimensions are all of them, in the order of the help.
var Dimensions = []string{string(ByRetailer), string(BySKU), string(ByCarrier), string(ByService), string(ByRegion), string(ByWarehouse), string(ByDay), string(ByWeek)}

// dated holds for parts of the period itself: what is so now is in none of them, and there are none of before.
func (d Dimension) dated() bool { return d == ByDay || d == ByWeek }

// Card is a scorecard in the making.
type Card struct {
	rules     Rules
	total     pair
	groups    map[string]*pair
	orders    int             // that were seen at all
	retailers map[string]bool // theirs
	days      map[string]map[int]*day
	odd       int    // spans that would be negative
	found     int    // lines of the period that were adopted
	kept      Period // the days that are kept
}

// pair is what there is of a group in the period and in the one before.
type pair struct{ now, before tally }

// New begins a scorecard.
func New(r Rules) *Card {
	return &Card{rules: r, groups: map[string]*pair{}, retailers: map[string]bool{}, days: map[string]map[int]*day{}, kept: r.kept()}
}

// Since is the moment from which on finished orders are needed.
func (r Rules) Since() time.Time {
	since := r.Before.From
	if r.Before.From.IsZero() {
		since = r.Period.From
	}
	if kept := r.kept().From; kept.Before(since) {
		return kept
	}
	return since
}

// Add counts an order.
func (c *Card) Add(f order.Facts) {
	if !c.wants(f.Retailer) {
		return
	}
	c.orders++
	c.retailers[f.Retailer] = true
	a := account{Card: c, facts: f}
	for _, l := range f.Lines {
		a.line(l)
	}
	for _, p := range f.Parcels {
		a.parcel(p)
	}
	a.order()
}

func (c *Card) wants(retailer string) bool {
	for _, id := range c.rules.Retailers {
		if id == retailer {
			return true
		}
	}
	return len(c.rules.Retailers) == 0
}

// at gives the tallies that an event counts in: the total and its group, of the period it falls into. A group that
// cannot be told counts in the total alone.
func (c *Card) at(when time.Time, group string, grouped bool) []*tally {
	switch {
	case when.IsZero():
		return nil
	case c.rules.Period.Has(when):
		if g := c.group(when, group, grouped); g != nil {
			return []*tally{&c.total.now, &g.now}
		}
		return []*tally{&c.total.now}
	case c.rules.Before.Has(when):
		if c.rules.By.dated() {
			grouped = false // the days before are others
		}
		if g := c.group(when, group, grouped); g != nil {
			return []*tally{&c.total.before, &g.before}
		}
		return []*tally{&c.total.before}
	}
	return nil
}

func (c *Card) group(when time.Time, group string, grouped bool) *pair {
	switch {
	case c.rules.By == ByDay:
		group = when.In(c.rules.Zone).Format(time.DateOnly)
	case c.rules.By == ByWeek:
		group = week(when.In(c.rules.Zone))
	}
	if !grouped {
		return nil
	}
	g := c.groups[group]
	if g == nil {
		g = &pair{}
		c.groups[group] = g
	}
	return g
}
