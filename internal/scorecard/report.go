package scorecard

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Report is a finished scorecard.
type Report struct {
	Now            time.Time
	Period, Before Period
	Zone           *time.Location
	By             Dimension
	Complete       time.Time // the figures are complete from here on; zero: it is not known
	Orders         int       // that the ledger has of these retailers
	Total          Group
	Groups         []Group // those with the most lines first; days and weeks in their order
	Remarks        []string
	Risk           Risk
	Drift          []Drift
	Days           []Day // of the last weeks, the oldest first
}

// Over tells whether the period has ended: nothing of it can still be saved.
func (r Report) Over() bool { return !r.Period.Has(r.Now) }

// Group is a part of a scorecard.
type Group struct {
	Key      string
	Name     string // of a retailer; empty: the key says it
	Lines    int    // closed in the period
	Drivers  []Driver
	Budget   *Budget // of a period that is not over
	sums     *pair
	aims     Aims
	compared bool // with the period before
}

// Measures are figures of a group.
type Measures []Measure

// Of is the one with a code.
func (all Measures) Of(code string) Measure {
	for _, m := range all {
		if m.Code == code {
			return m
		}
	}
	return Measure{Code: code}
}

// Measures are the group's figures. They are made anew each time: there may be many thousands of groups, and all their
// figures at once take several times what their sums do.
func (g Group) Measures() Measures { return g.sums.measures(g.aims, g.compared) }

// Label is what a group is called.
func (g Group) Label() string { return cmp.Or(g.Name, g.Key) }

// Measure is one of the group's figures.
func (g Group) Measure(code string) Measure { return g.Measures().Of(code) }

// Budget is how many lines may still be shipped late until the end of the period.
type Budget struct {
	Goal    Percent
	Open    int // lines to be shipped until then
	Overdue int // of these, lines past their date
	Late    int // lines that are late or will be, in all
	Spare   int // how many more may be late; negative: so many are too many
	Needed  int // then: how many further lines on time would make up for it
}

// String says it in words.
func (b Budget) String() string {
	switch {
	case b.Spare > 0:
		return fmt.Sprintf("to end the month at the goal of %s you may ship %s late", b.Goal, counted(b.Spare, "more line"))
	case b.Spare == 0:
		return fmt.Sprintf("to end the month at the goal of %s no more line may be late", b.Goal)
	case b.Needed < 0:
		return fmt.Sprintf("the goal of %s is out of reach: a line is late", b.Goal)
	}
	return fmt.Sprintf("the goal of %s is out of reach with the lines there are: %s too many %s late; %s more on time would make up for it",
		b.Goal, counted(-b.Spare, "line"), is(-b.Spare), counted(b.Needed, "line"))
}

// budget counts with every line that is open being shipped on time unless its date has passed.
func (t *tally) budget(goal Percent) *Budget {
	all := t.measured + t.open
	b := &Budget{Goal: goal, Open: t.open, Overdue: t.overdue, Late: t.measured - t.onTime + t.overdue}
	b.Spare = int(int64(Whole-goal)*int64(all)/int64(Whole)) - b.Late
	if b.Spare < 0 {
		b.Needed = -1
		if goal < Whole {
			off := int64(Whole - goal)
			b.Needed = int((int64(b.Late)*int64(Whole)+off-1)/off) - all
		}
	}
	return b
}

// Report closes the card. names are what people know the retailers by; complete is since when the ledger has seen all.
func (c *Card) Report(names map[string]string, complete time.Time) Report {
	r := c.rules
	out := Report{Now: r.Now, Period: r.Period, Before: r.Before, Zone: r.Zone, By: r.By, Complete: complete, Orders: c.orders}
	all, _ := c.aims()
	out.Total = c.sum("total", &c.total, all, true)
	for key, p := range c.groups {
		if p.now.empty() {
			continue
		}
		aims := all
		if r.By == ByRetailer {
			aims = r.aims(key)
		}
		g := c.sum(key, p, aims, !r.By.dated())
		if r.By == ByRetailer {
			g.Name = names[key]
		}
		out.Groups = append(out.Groups, g)
	}
	slices.SortFunc(out.Groups, func(a, b Group) int {
		if r.By.dated() {
			return cmp.Compare(a.Key, b.Key)
		}
		return cmp.Or(cmp.Compare(b.Lines, a.Lines), cmp.Compare(a.Key, b.Key))
	})
	if !out.Over() {
		out.Drift = c.drifts(names)
	}
	out.Days = c.daily()
	out.Remarks = c.remarks(complete)
	return out
}

func (t *tally) empty() bool {
	return t.lines+t.open+t.acknowledged.n+t.told.n+t.held.n+t.voids+t.reships == 0
}

func (c *Card) sum(key string, p *pair, a Aims, compared bool) Group {
	g := Group{Key: key, Lines: p.now.lines, sums: p, aims: a, compared: compared}
	for d, n := range p.now.drivers {
		g.Drivers = append(g.Drivers, Driver{d.reason, d.ours, slices.Contains(shortages, d.reason), n.lines, n.units})
	}
	slices.SortFunc(g.Drivers, func(a, b Driver) int {
		return cmp.Or(cmp.Compare(b.Units, a.Units), cmp.Compare(a.Reason, b.Reason), cmp.Compare(fmt.Sprint(a.Ours), fmt.Sprint(b.Ours)))
	})
	if c.rules.Period.To.Sub(c.rules.Now) > time.Second && p.now.measured+p.now.open > 0 { // else there is no rest of it
		g.Budget = p.now.budget(a.OnTime)
	}
	return g
}

// remarks are what one has to know about the figures.
func (c *Card) remarks(complete time.Time) (all []string) {
	t, say := &c.total.now, func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	day := func(t time.Time) string { return t.In(c.rules.Zone).Format("2006-01-02 15:04 MST") }
	switch period := c.rules.Period; {
	case c.orders == 0 && len(c.rules.Retailers) == 0 && complete.IsZero():
		say("no orders yet: the first run makes the state file")
		return all
	case !complete.IsZero() && !period.To.After(complete) && t.lines == 0:
		say("%s is before the figures begin (%s): there are none of it", period.Name, day(complete))
		return all
	case t.lines == 0 && t.empty():
		say("nothing was due, shipped or cancelled in %s", period.Name)
		return all
	case t.lines == 0:
		say("no line was shipped or cancelled in %s", period.Name)
	}
	if c.rules.Period.From.Before(complete) {
		say("the figures are complete since %s: what was finished before is not in the state file, or only as far as it was found", day(complete))
	} else if c.rules.Before.From.Before(complete) && !c.rules.Before.From.IsZero() {
		say("the period before is not complete: the figures are since %s", day(complete))
	}
	if t.lines > 0 && t.lines < Few {
		say("with fewer than %d lines the figures mean little", Few)
	}
	if _, differ := c.aims(); differ {
		say("the retailers' goals differ: together they are measured by the common ones")
	}
	if c.found > 0 {
		say("%s %s of orders that were found in ShipStation: of what happened to them before, only what both services still show is counted", counted(c.found, "line"), is(c.found))
	}
	if t.undated > 0 {
		say("%s without a ship-by date or a ship date %s not measured for being on time", counted(t.undated, "shipped line"), is(t.undated))
	}
	if t.unknown > 0 {
		say("%s cancelled without a code: whether for a shortage is not known, and the adjusted fill rate leaves them out", have(t.unknown, "unit"))
	}
	if c.odd > 0 {
		say("%s left out because the later moment is dated before the earlier one: a clock was wrong", have(c.odd, "duration"))
	}
	return all
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func have(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return fmt.Sprintf("%d %ss were", n, noun)
}
