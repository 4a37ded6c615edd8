package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
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
		sheets = append(sheets, titled{"", shares(r, v.Width == 0 || v.Width >= wide)}, titled{"", durations(r)}, titled{"", amounts(r)}, titled{"Cancelled", drivers(r)}, titled{"By " + spelt(r.By), groups(r)})
	}
	if r.Risk.Total.Open() > 0 {
		sheets = append(sheets, titled{"What can still be saved (orders, by the hours left to the ship-by date)", risk(r)})
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
	lines = append(lines, budgets(r)...)
	for _, d := range r.Drift {
		lines = append(lines, "drift: "+d.Whole())
	}
	if r.Risk.Listed > 0 {
		lines = append(lines, fmt.Sprintf("%d %s at risk: dscosync status --at-risk", r.Risk.Listed, plural(r.Risk.Listed, "order")+" "+verb(r.Risk.Listed)))
	}
	return append(append(lines, marks(r)...), r.Remarks...)
}

// marks explain the signs beside the figures.
func marks(r scorecard.Report) (lines []string) {
	if slices.ContainsFunc(r.Groups, func(g scorecard.Group) bool { return slices.ContainsFunc(g.Measures(), missed) }) {
		lines = append(lines, "! the goal is missed")
	}
	if weak(r) {
		lines = append(lines, fmt.Sprintf("* fewer than %d are behind it: the figure means little", scorecard.Few))
	}
	return lines
}

func missed(m scorecard.Measure) bool { return m.Met != nil && !*m.Met }

// budgets say how many lines may still be late: of all, and of the retailers whose goal is out of reach. How it is with the
// others stands in their line.
func budgets(r scorecard.Report) (lines []string) {
	if r.Total.Budget != nil {
		lines = append(lines, "shipped on time: "+r.Total.Budget.String())
	}
	if r.By == scorecard.ByRetailer && len(r.Groups) > 1 {
		for _, g := range r.Groups {
			if g.Budget != nil && g.Budget.Spare < 0 {
				lines = append(lines, g.Label()+": "+g.Budget.String())
			}
		}
	}
	return lines
}

func verb(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// weak tells whether a star stands anywhere.
func weak(r scorecard.Report) bool {
	return slices.ContainsFunc(r.Total.Measures(), scorecard.Measure.Weak) || slices.ContainsFunc(r.Groups, weakGroup)
}

// weakGroup tells whether there is little behind a figure that is shown of a group.
func weakGroup(g scorecard.Group) bool {
	return slices.ContainsFunc(g.Measures(), func(m scorecard.Measure) bool { return slices.Contains(grouped, m.Code) && m.Weak() })
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
	if share == nil {
		return ""
	}
	var days []*float64
	some := false
	for _, d := range r.Latest(fortnight) {
		days = append(days, share(d))
		some = some || days[len(days)-1] != nil
	}
	if !some {
		return ""
	}
	return spark(days)
}

func durations(r scorecard.Report) sheet {
	s := sheet{names: []string{"How long", "Median", "Before", "90%", "99%", "Worst", "Behind it"}, leaving: []string{"Before", "99%", "Behind it"}}
	for _, m := range r.Total.Measures() {
		if m.Kind != scorecard.Span || m.Times.N == 0 {
			continue
		}
		q := m.Times
		s.rows = append(s.rows, []string{m.Name, took(q.Median), figure(m.Kind, m.Before), took(q.P90), took(q.P99), took(q.Worst), behind(m)})
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

// grouped are the measures that are shown of a group.
var grouped = []string{scorecard.Overall, scorecard.OnTime, scorecard.FillAdjusted, scorecard.Cancelled, scorecard.Acknowledged, scorecard.Shipped, scorecard.Told}

func groups(r scorecard.Report) sheet {
	title := spelt(r.By)
	s := sheet{names: []string{strings.ToUpper(title[:1]) + title[1:], "Lines", "Score", "On time", "Fill, adj.", "Cancelled", "To ack.", "To ship", "Label to told", "Open lines", "May be late"},
		leaving: []string{"Label to told", "To ack.", "Open lines", "To ship", "Cancelled", "May be late", "Fill, adj."}}
	for _, g := range r.Groups {
		row := []string{g.Label(), strconv.Itoa(g.Lines)}
		starred := g.Lines < scorecard.Few && weakGroup(g) // else each figure by itself: it may be of orders or parcels
		if starred {
			row[1] += " *"
		}
		figures := g.Measures()
		for _, code := range grouped {
			m := figures.Of(code)
			text := figure(m.Kind, m.Value)
			if missed(m) {
				text += " !"
			}
			if m.Weak() && !starred {
				text += " *"
			}
			row = append(row, text)
		}
		open, late := "", ""
		if b := g.Budget; b != nil {
			open = strconv.Itoa(b.Open)
			switch {
			case r.By != scorecard.ByRetailer: // nobody sets other parts a goal
			case b.Spare < 0:
				late = strconv.Itoa(-b.Spare) + " too many"
			default:
				late = strconv.Itoa(b.Spare)
			}
		}
		s.rows = append(s.rows, append(row, open, late))
	}
	return s
}

// spelt is a dimension as people write it.
func spelt(by scorecard.Dimension) string {
	if by == scorecard.BySKU {
		return "SKU"
	}
	return string(by)
}

func risk(r scorecard.Report) sheet {
	s := sheet{names: []string{"Retailer", "Late", "Under 24 h", "24 to 48 h", "Later", "No date", "Not ack'd", "No label", "Not told"}, leaving: []string{"Later", "No date"}}
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
