package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"dscosync/internal/escape"
	"dscosync/internal/scorecard"
)

// WriteDaily writes what somebody who answers for the orders wants to read in the morning: what was yesterday, what is
// today, what is at risk and what changed. With quiet it writes nothing when there is nothing to do.
func WriteDaily(w io.Writer, r scorecard.Report, quiet bool) error {
	if quiet && !worthReading(r) {
		return nil
	}
	var lines []string
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	yesterday, before := r.Day(1), r.Day(2)
	if yesterday.Lines == 0 {
		say("Yesterday (%s): no line was shipped or cancelled.", yesterday.Date)
	} else {
		few := ""
		if yesterday.Lines < scorecard.Few {
			few = fmt.Sprintf(" With fewer than %d lines the figures mean little.", scorecard.Few)
		}
		say("Yesterday (%s): %d %s closed%s%s%s.%s", yesterday.Date, yesterday.Lines, plural(yesterday.Lines, "line"),
			part(", on time ", yesterday.OnTimeShare(), before.OnTimeShare()), part(", filled ", yesterday.FillShare(), before.FillShare()), unitsGone(yesterday.Cancelled), few)
	}
	h := r.Risk.Total
	if h.Open() == 0 {
		say("Today: no order is open.")
	} else {
		say("Today: %d %s open; %d late, %d due within 24 hours, %d more within 48.", h.Open(), plural(h.Open(), "order"), h.Late, h.Today, h.Tomorrow)
		say("  of these %d not acknowledged, %d without a label, %d with a label that DSCO was not told of", h.Unacknowledged, h.Unlabelled, h.Untold)
		for _, one := range r.Risk.Retailers {
			if one.Late+one.Today > 0 && len(r.Risk.Retailers) > 1 {
				say("  %s: %d late, %d due within 24 hours", hoursName(one), one.Late, one.Today)
			}
		}
	}
	if r.Risk.Listed > 0 {
		say("At risk: %d %s: dscosync status --at-risk", r.Risk.Listed, plural(r.Risk.Listed, "order"))
	}
	if m := r.Total.Measure("held_now"); m.N > 0 {
		say("Held: %d %s for a person: dscosync status --errors", m.N, plural(m.N, "order")+" "+map[bool]string{true: "waits", false: "wait"}[m.N == 1])
	}
	if r.Total.Lines > 0 {
		say("%s so far: %s", r.Period.Name, monthLine(r.Total))
	}
	if b := r.Total.Budget; b != nil {
		say("  %s", b)
	}
	for _, d := range r.Drift {
		say("Changed: %s", d.Whole())
	}
	for _, remark := range r.Remarks {
		say("(%s)", remark)
	}
	for i := range lines {
		lines[i] = escape.Text(lines[i])
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// worthReading tells whether there is something to do.
func worthReading(r scorecard.Report) bool {
	h, y := r.Risk.Total, r.Day(1)
	return h.Late+h.Today+r.Risk.Listed+len(r.Drift)+r.Total.Measure("held_now").N > 0 || y.Measured > y.OnTime || y.Short > 0
}

// part is a share with the one of the day before.
func part(what string, now, before *float64) string {
	switch {
	case now == nil:
		return ""
	case before == nil:
		return what + figure(scorecard.Share, now)
	}
	return what + figure(scorecard.Share, now) + " (the day before " + figure(scorecard.Share, before) + ")"
}

func unitsGone(cancelled int) string {
	if cancelled == 0 {
		return ""
	}
	return ", " + strconv.Itoa(cancelled) + " " + plural(cancelled, "unit") + " cancelled"
}

// monthLine is the month's figures in a line.
func monthLine(g scorecard.Group) string {
	var parts []string
	for _, code := range []string{scorecard.Overall, scorecard.OnTime, scorecard.FillAdjusted} {
		m := g.Measure(code)
		if m.Value == nil {
			continue
		}
		text := m.Name + " " + figure(m.Kind, m.Value) + " (goal " + goal(m)
		if m.Before != nil {
			text += ", before " + figure(m.Kind, m.Before)
		}
		parts = append(parts, text+")")
	}
	return strings.Join(parts, "; ")
}
