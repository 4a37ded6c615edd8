package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"dscosync/internal/escape"
	"dscosync/internal/scorecard"
)

// WriteScorecard writes a scorecard as people read it. On a terminal no line is longer than its width where it can be
// helped: what has no room stands beneath its row.
func WriteScorecard(w io.Writer, r scorecard.Report, v View) error {
	var out bytes.Buffer
	fmt.Fprintln(&out, strings.Join(hang("", escape.Text(heading(r)), v.Width), "\n"))
	blank := r.Total.Lines == 0 && r.Total.Budget == nil && len(r.Groups) == 0
	var sheets []titled
	if !blank {
		sheets = append(sheets, titled{"", shares(r, v.Width == 0 || v.Width >= wide)}, titled{"", durations(r)}, titled{"", amounts(r)}, titled{"Cancelled", drivers(r)}, titled{"By " + string(r.By), groups(r)})
	}
	if r.Risk.Total.Open() > 0 {
		sheets = append(sheets, titled{"What can still be saved (hours left to the ship-by date)", risk(r)})
	}
	for _, s := range sheets {
		if len(s.rows) == 0 {
			continue
		}
		lines, err := s.lines(v.Width)
		if err != nil {
			return err
		}
		fmt.Fprintln(&out)
		if s.title != "" {
			fmt.Fprintln(&out, s.title)
		}
		fmt.Fprintln(&out, strings.Join(lines, "\n"))
	}
	lines := foot(r)
	if len(lines) > 0 {
		fmt.Fprintln(&out)
	}
	for _, line := range lines {
		fmt.Fprintln(&out, strings.Join(hang("", escape.Text(line), v.Width), "\n"))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// titled is a sheet with what stands above it.
type titled struct {
	title string
	sheet
}

// foot is what stands below the tables.
func foot(r scorecard.Report) (lines []string) {
	if r.Total.Budget != nil {
		lines = append(lines, "shipped on time: "+r.Total.Budget.String())
	}
	if r.By == scorecard.ByRetailer && len(r.Groups) > 1 {
		for _, g := range r.Groups {
			if g.Budget != nil && g.Budget.Spare <= 0 {
				lines = append(lines, g.Label()+": "+g.Budget.String())
			}
		}
	}
	for _, d := range r.Drift {
		lines = append(lines, "drift: "+d.Whole())
	}
	if r.Risk.Listed > 0 {
		lines = append(lines, fmt.Sprintf("%d %s at risk: dscosync status --at-risk", r.Risk.Listed, plural(r.Risk.Listed, "order")+" "+verb(r.Risk.Listed)))
	}
	if weak(r.Total) {
		lines = append(lines, fmt.Sprintf("* fewer than %d are behind it: the figure means little", scorecard.Few))
	}
	return append(lines, r.Remarks...)
}

func verb(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func weak(g scorecard.Group) bool {
	for _, m := range g.Measures() {
		if m.Weak() {
			return true
		}
	}
	return false
}

// wide is a terminal with room for bars.
const wide = 110

func shares(r scorecard.Report, bars bool) sheet {
	s := sheet{names: []string{"Measure", "Now", "", "Goal", "Before", "Behind it", "Last days"}, leaving: []string{"Last days", "Before", "Behind it"}}
	for _, m := range r.Total.Measures() {
		if m.Kind != scorecard.Share || m.Value == nil && m.Before == nil {
			continue
		}
		blocks := ""
		if bars {
			blocks = bar(m)
		}
		s.rows = append(s.rows, []string{m.Name, dash(figure(m.Kind, m.Value)), blocks, goal(m), figure(m.Kind, m.Before), behind(m), lastDays(r, m.Code)})
	}
	return s
}

// lastDays is how a measure did on each of the last days.
func lastDays(r scorecard.Report, code string) string {
	share := map[string]func(scorecard.Day) *float64{scorecard.OnTime: scorecard.Day.OnTimeShare, scorecard.FillAdjusted: scorecard.Day.FillShare}[code]
	if share == nil || !r.Period.Has(r.Now) {
		return ""
	}
	var days []*float64
	some := false
	for ago := fortnight; ago >= 1; ago-- {
		days = append(days, share(r.Day(ago)))
		some = some || days[len(days)-1] != nil
	}
	if !some {
		return ""
	}
	return spark(days)
}

func durations(r scorecard.Report) sheet {
	s := sheet{names: []string{"How long", "Median", "90%", "99%", "Worst", "Before", "Behind it"}, leaving: []string{"Before", "99%", "Behind it"}}
	for _, m := range r.Total.Measures() {
		if m.Kind != scorecard.Span || m.Times.N == 0 {
			continue
		}
		q := m.Times
		s.rows = append(s.rows, []string{m.Name, took(q.Median), took(q.P90), took(q.P99), took(q.Worst), figure(m.Kind, m.Before), behind(m)})
	}
	return s
}

func amounts(r scorecard.Report) sheet {
	s := sheet{names: []string{"How many", "Now", "Before"}}
	for _, m := range r.Total.Measures() {
		if m.Kind == scorecard.Count && (m.N > 0 || m.Before != nil && *m.Before > 0) {
			s.rows = append(s.rows, []string{m.Name, strconv.Itoa(m.N), figure(m.Kind, m.Before)})
		}
	}
	return s
}

func drivers(r scorecard.Report) sheet {
	s := sheet{names: []string{"Why", "Where", "Lines", "Units"}}
	for _, d := range r.Total.Drivers {
		s.rows = append(s.rows, []string{reason(d), side(d), strconv.Itoa(d.Lines), strconv.Itoa(d.Units)})
	}
	return s
}

func groups(r scorecard.Report) sheet {
	title := strings.ToUpper(string(r.By[:1])) + string(r.By[1:])
	s := sheet{names: []string{title, "Lines", "Score", "On time", "Fill, adj.", "Cancelled", "To ack.", "To ship", "Label to told", "Open"},
		leaving: []string{"Label to told", "To ack.", "Open", "Cancelled", "To ship", "Fill, adj."}}
	for _, g := range r.Groups {
		figures := g.Measures()
		cell := func(code string) string {
			m := figures.Of(code)
			text := figure(m.Kind, m.Value)
			if m.Met != nil && !*m.Met {
				text += " !"
			}
			return text
		}
		open := ""
		if g.Budget != nil && g.Budget.Open > 0 {
			open = strconv.Itoa(g.Budget.Open)
		}
		s.rows = append(s.rows, []string{g.Label(), strconv.Itoa(g.Lines), cell(scorecard.Overall), cell(scorecard.OnTime), cell(scorecard.FillAdjusted), cell(scorecard.Cancelled),
			cell(scorecard.Acknowledged), cell(scorecard.Shipped), cell(scorecard.Told), open})
	}
	return s
}

func risk(r scorecard.Report) sheet {
	s := sheet{names: []string{"Retailer", "Late", "Under 24 h", "Under 48 h", "Later", "No date", "Not ack'd", "No label", "Not told"}, leaving: []string{"Later", "No date"}}
	all := r.Risk.Retailers
	if len(all) > 1 {
		total := r.Risk.Total
		total.Name = "all"
		all = append(append([]scorecard.Hours{}, all...), total)
	}
	for _, h := range all {
		row := []string{hoursName(h)}
		for _, n := range []int{h.Late, h.Today, h.Tomorrow, h.Later, h.Undated, h.Unacknowledged, h.Unlabelled, h.Untold} {
			row = append(row, strconv.Itoa(n))
		}
		s.rows = append(s.rows, row)
	}
	return s
}

func hoursName(h scorecard.Hours) string {
	if h.Name != "" {
		return h.Name
	}
	return h.Retailer
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
