package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"

	"dscosync/internal/escape"
	"dscosync/internal/scorecard"
)

//go:embed page.html
var pageText string

var pageForm = template.Must(template.New("page").Parse(pageText))

// manyRows is how many parts a table of the page has at most: a catalogue belongs into a spreadsheet.
const manyRows = 200

// webPage is what stands on the page of a scorecard.
type webPage struct {
	Period, Span, Before, Written string
	Heads                         []head
	Saves, Drift, Notes           []string
	Charts                        []chart
	Tables                        []webTable
}

type head struct{ Name, Value, Goal, Class, Before string }

type webTable struct {
	Title string
	Heads []cell
	Rows  [][]cell
	More  string
}

type cell struct{ Text, Class string }

// chart is a picture in the page. What it shows stands in a table, too.
type chart struct {
	Title string
	SVG   template.HTML
}

// Page gives the page: whole in itself, without a script, readable on paper and aloud.
func Page(r scorecard.Report) ([]byte, error) {
	p := webPage{Period: r.Period.Name, Before: r.Before.Name, Written: r.Now.In(r.Zone).Format("2006-01-02 15:04 MST")}
	_, p.Span, _ = strings.Cut(heading(r), ": ")
	p.Span, _, _ = strings.Cut(p.Span, "; before")
	p.Span = strings.ToUpper(p.Span[:1]) + p.Span[1:]
	for _, code := range []string{scorecard.Overall, scorecard.OnTime, scorecard.FillAdjusted} {
		m := r.Total.Measure(code)
		if m.Value == nil {
			continue
		}
		h := head{Name: m.Name, Value: figure(m.Kind, m.Value), Goal: goal(m), Before: figure(m.Kind, m.Before), Class: "good"}
		if missed(m) {
			h.Class = "bad"
		}
		p.Heads = append(p.Heads, h)
	}
	for _, line := range budgets(r) {
		p.Saves = append(p.Saves, escape.Text(line)+".")
	}
	if h := r.Risk.Total; h.Open() > 0 {
		p.Saves = append(p.Saves, fmt.Sprintf("Open orders: %d; late: %d, less than 24 hours left: %d, 24 to 48 hours: %d. Not acknowledged: %d, without a label: %d, with a label that DSCO was not told of: %d.",
			h.Open(), h.Late, h.Today, h.Tomorrow, h.Unacknowledged, h.Unlabelled, h.Untold))
	}
	for _, d := range r.Drift {
		p.Drift = append(p.Drift, escape.Text(d.Whole()))
	}
	p.Notes = append(marks(r), r.Remarks...)
	p.Notes = append(p.Notes, "A line counts when nothing of it is left to ship, in Eastern time. On time compares the ship date that was reported with the ship-by date. In the adjusted fill rate only cancellations for a shortage count.")
	p.tables(r)
	var err error
	if p.Charts, err = charts(r); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = pageForm.Execute(&out, p)
	return out.Bytes(), err
}

func (p *webPage) tables(r scorecard.Report) {
	p.add("The measures", shares(r, false), "")
	p.add("How long it takes", durations(r), "")
	p.add("How many", amounts(r), "")
	p.add("Cancelled units and why", drivers(r), "word")
	all := groups(r)
	more := len(all.rows) - manyRows
	if more > 0 {
		all.rows = all.rows[:manyRows]
	}
	p.add("By "+spelt(r.By), all, "")
	if more > 0 {
		p.Tables[len(p.Tables)-1].More = fmt.Sprintf("%d more have fewer lines; all of them: dscosync scorecard --by %s --csv", more, r.By)
	}
	p.add("Open orders by the hours left to their ship-by date", risk(r), "")
	p.add("The last days", byDay(r), "")
}

// add puts a sheet on the page. The columns that are for a terminal alone are left out.
func (p *webPage) add(title string, s sheet, second string) {
	if len(s.rows) == 0 {
		return
	}
	t := webTable{Title: title}
	keep := func(i int) bool { return s.names[i] != "" && s.names[i] != "Last days" }
	for i, name := range s.names {
		if !keep(i) {
			continue
		}
		c := cell{Text: name}
		if i == 1 {
			c.Class = second
		}
		t.Heads = append(t.Heads, c)
	}
	for _, row := range s.rows {
		var cells []cell
		for i, text := range row {
			if !keep(i) {
				continue
			}
			c := cell{Text: escape.Text(text)}
			switch {
			case strings.HasSuffix(text, " missed") || strings.HasSuffix(text, "% !"):
				c.Class = "bad"
			case strings.HasSuffix(text, " met"):
				c.Class = "good"
			case i == 1 && second != "":
				c.Class = second
			}
			cells = append(cells, c)
		}
		t.Rows = append(t.Rows, cells)
	}
	p.Tables = append(p.Tables, t)
}

func byDay(r scorecard.Report) sheet {
	s := sheet{names: []string{"Day", "Lines", "On time", "Fill, adj.", "Units cancelled"}}
	days := r.Latest(month)
	if !r.Over() {
		days = append(days, r.Day(0))
	}
	for _, d := range days {
		if d.Lines > 0 {
			s.rows = append(s.rows, []string{d.Date, fmt.Sprint(d.Lines), dash(figure(scorecard.Share, d.OnTimeShare())), dash(figure(scorecard.Share, d.FillShare())), fmt.Sprint(d.Cancelled)})
		}
	}
	return s
}

// month is how many days the charts show.
const month = 31

// short is a day without its year.
func short(date string) string {
	if t, err := time.Parse(time.DateOnly, date); err == nil {
		return t.Format("01-02")
	}
	return date
}
