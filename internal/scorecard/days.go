package scorecard

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Day is a day of all retailers that count.
type Day struct {
	Date               string // 2026-11-23
	Lines              int    // closed
	Measured, OnTime   int
	Adjusted, Short    int
	Ordered, Cancelled int // units
}

// OnTimeShare is nil on a day without a measured line.
func (d Day) OnTimeShare() *float64 { return ratio{d.OnTime, d.Measured}.value() }

// FillShare is nil on a day on which nothing counts for the adjusted fill rate.
func (d Day) FillShare() *float64 { return ratio{d.Adjusted - d.Short, d.Adjusted}.value() }

// daily adds the retailers' days up.
func (c *Card) daily() (all []Day) {
	sums := map[int]*Day{}
	for _, days := range c.days {
		for date, d := range days {
			if sums[date] == nil {
				sums[date] = &Day{Date: fmt.Sprintf("%d-%02d-%02d", date/10000, date/100%100, date%100)}
			}
			s, t := sums[date], d.tally
			s.Lines, s.Measured, s.OnTime = s.Lines+t.lines, s.Measured+t.measured, s.OnTime+t.onTime
			s.Adjusted, s.Short = s.Adjusted+t.adjusted, s.Short+t.short
			s.Ordered, s.Cancelled = s.Ordered+t.ordered, s.Cancelled+t.cancelled
		}
	}
	for _, date := range slices.Sorted(maps.Keys(sums)) {
		all = append(all, *sums[date])
	}
	return all
}

// shown is how many days there are in any case, for those who show days: a month.
const shown = 31

// kept are the days that are kept: those until now, and of a period that is over its last ones.
func (r Rules) kept() Period {
	if !r.Period.Has(r.Now) {
		return Period{From: ago(r.Period.To.In(r.Zone), shown), To: r.Period.To}
	}
	return Period{From: ago(r.Now.In(r.Zone), max(shown, r.Drift.days())), To: r.Now.Add(time.Nanosecond)}
}

// ago is the beginning of the day so many days before a moment's.
func ago(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()-days, 0, 0, 0, 0, t.Location())
}

// Day is the day so many days ago; its date alone when nothing happened on it.
func (r Report) Day(days int) Day { return r.day(ago(r.Now.In(r.Zone), days)) }

// Latest are so many days, the oldest first: those before today, and of a period that is over its last ones.
func (r Report) Latest(days int) (all []Day) {
	end := r.Now.In(r.Zone)
	if r.Over() {
		end = r.Period.To.In(r.Zone)
	}
	for ; days > 0; days-- {
		all = append(all, r.day(ago(end, days)))
	}
	return all
}

func (r Report) day(t time.Time) Day {
	date := t.Format(time.DateOnly)
	for _, d := range r.Days {
		if d.Date == date {
			return d
		}
	}
	return Day{Date: date}
}
