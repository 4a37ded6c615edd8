package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/scorecard"
)

// figure is the value of a measure as people read it, and empty when there is none.
func figure(kind scorecard.Kind, v *float64) string {
	if v == nil {
		return ""
	}
	switch kind {
	case scorecard.Share:
		return strconv.FormatFloat(*v, 'f', 2, 64) + "%"
	case scorecard.Span:
		return took(time.Duration(*v) * time.Second)
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// took is a duration as people say it: 3d 4h, 5h 12m, 12m, <1m.
func took(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes >= 48*60:
		return fmt.Sprintf("%dd %dh", minutes/1440, minutes%1440/60)
	case minutes >= 60:
		return fmt.Sprintf("%dh %dm", minutes/60, minutes%60)
	case minutes == 0:
		return "<1m"
	}
	return fmt.Sprintf("%dm", minutes)
}

// goal is what a measure is to reach, and whether it does.
func goal(m scorecard.Measure) string {
	if m.Goal == nil {
		return ""
	}
	text := strconv.FormatFloat(*m.Goal, 'f', -1, 64) + "%"
	if m.Met == nil {
		return text
	}
	if *m.Met {
		return text + " met"
	}
	return text + " missed"
}

// bar is a share in ten blocks.
func bar(m scorecard.Measure) string {
	if m.Kind != scorecard.Share || m.Value == nil {
		return ""
	}
	full := min(10, max(0, int(*m.Value/10)))
	return strings.Repeat("█", full) + strings.Repeat("░", 10-full)
}

// spark is a row of days, each as high as its share is above the lowest of them. A day without one is a dot.
func spark(shares []*float64) string {
	const heights = "▁▂▃▄▅▆▇█"
	low := 100.0
	for _, s := range shares {
		if s != nil {
			low = min(low, *s)
		}
	}
	var b strings.Builder
	for _, s := range shares {
		switch {
		case s == nil:
			b.WriteString("·")
		case low == 100:
			b.WriteString("█")
		default:
			b.WriteRune([]rune(heights)[int((*s-low)/(100-low)*7+0.5)])
		}
	}
	return b.String()
}

// fortnight is how many days a row of days shows.
const fortnight = 14

// behind is how much a figure rests on. A star marks one that rests on little.
func behind(m scorecard.Measure) string {
	if m.Kind == scorecard.Count {
		return ""
	}
	n := strconv.Itoa(m.N) + " " + m.Of
	if m.N == 1 {
		n = "1 " + strings.TrimSuffix(m.Of, "s")
	}
	if m.Weak() {
		n += " *"
	}
	return n
}

// heading says what period it is.
func heading(r scorecard.Report) string {
	stamp := func(t time.Time) string { return t.In(r.Zone).Format("2006-01-02 15:04 MST") }
	until := "until " + stamp(r.Period.To)
	if r.Period.Has(r.Now) {
		until = "so far, " + stamp(r.Now)
	}
	return fmt.Sprintf("Scorecard of %s: from %s %s; before: %s", r.Period.Name, stamp(r.Period.From), until, r.Before.Name)
}

// side is who cancelled.
func side(d scorecard.Driver) string {
	if d.Ours {
		return "in ShipStation"
	}
	return "in DSCO"
}

func reason(d scorecard.Driver) string {
	switch {
	case d.Reason == "":
		return "no code"
	case d.Short:
		return d.Reason + " (shortage)"
	}
	return d.Reason
}
