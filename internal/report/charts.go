package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"

	"dscosync/internal/escape"
	"dscosync/internal/scorecard"

	plot "github.com/go-analyze/charts"
)

// The colours of the charts stand for those of the page, which has others for light, dark and paper.
var inks = map[plot.Color]string{
	{R: 1, G: 1, B: 1, A: 255}: "var(--panel)",
	{R: 2, G: 2, B: 2, A: 255}: "var(--text)",
	{R: 3, G: 3, B: 3, A: 255}: "var(--line)",
	{R: 4, G: 4, B: 4, A: 255}: "var(--one)",
	{R: 5, G: 5, B: 5, A: 255}: "var(--two)",
	{R: 6, G: 6, B: 6, A: 255}: "var(--three)",
	{R: 7, G: 7, B: 7, A: 255}: "var(--bad)",
}

func ink(n uint8) plot.Color { return plot.Color{R: n, G: n, B: n, A: 255} }

var inkTheme = plot.MakeTheme(plot.ThemeOption{BackgroundColor: ink(1), TextColor: ink(2), AxisStrokeColor: ink(3), AxisSplitLineColor: ink(3),
	SeriesColors: []plot.Color{ink(4), ink(5), ink(6), ink(7)}})

// charts are the pictures of the page: those that have something to show.
func charts(r scorecard.Report) (all []chart, err error) {
	for _, draw := range []func(scorecard.Report) (chart, error){dayShares, dayLines, hoursLeft, retailerScores} {
		c, err := draw(r)
		if err != nil {
			return nil, fmt.Errorf("chart: %w", err)
		}
		if c.SVG != "" {
			all = append(all, c)
		}
	}
	return all, nil
}

const (
	chartWidth  = 520
	chartHeight = 260
	letters     = 11 // size of the font
)

func painter(height int) *plot.Painter {
	return plot.NewPainter(plot.PainterOptions{OutputFormat: plot.ChartOutputSVG, Width: chartWidth, Height: height, Theme: inkTheme})
}

var font = plot.FontStyle{FontSize: letters, FontColor: ink(2)}

// finish makes a picture part of the page: its colours, its font, and in words what it shows.
func finish(p *plot.Painter, title, words string) (chart, error) {
	svg, err := p.Bytes()
	if err != nil {
		return chart{}, err
	}
	var pairs []string
	for colour, name := range inks {
		pairs = append(pairs, fmt.Sprintf("rgb(%d,%d,%d)", colour.R, colour.G, colour.B), name)
	}
	pairs = append(pairs, "font-family:'Roboto Medium',sans-serif", "font-family:inherit", "\n", " ")
	text := strings.NewReplacer(pairs...).Replace(string(svg))
	_, text, _ = strings.Cut(text, "viewBox=")
	return chart{title, template.HTML(`<svg role="img" aria-label="` + html.EscapeString(escape.Text(words)) + `" viewBox=` + text)}, nil
}

// dayShares is how much was on time and filled on each of the last days.
func dayShares(r scorecard.Report) (chart, error) {
	var labels []string
	var onTime, fill, goals []float64
	some, low := 0, 100.0
	target := r.Total.Measure(scorecard.OnTime).Goal
	for _, d := range r.Latest(month) {
		labels = append(labels, short(d.Date))
		onTime, fill = append(onTime, share(d.OnTimeShare(), &some, &low)), append(fill, share(d.FillShare(), &some, &low))
		if target != nil {
			goals = append(goals, *target)
		}
	}
	if some < 2 {
		return chart{}, nil
	}
	values, names := [][]float64{onTime, fill}, []string{"on time", "filled"}
	words := fmt.Sprintf("Line chart of %d days: share of lines shipped on time and filled; the lowest day has %.1f%%.", month, low)
	if target != nil {
		values, names, low = append(values, goals), append(names, "goal on time"), min(low, *target)
	}
	o := plot.NewLineChartOptionWithData(values)
	o.Theme, o.Symbol = inkTheme, plot.Symbol{Shape: plot.SymbolNone}
	o.Legend = plot.LegendOption{SeriesNames: names, FontStyle: font}
	o.XAxis.Labels, o.XAxis.LabelFontStyle, o.XAxis.LabelCount = labels, font, 5
	from := max(0, float64(int(low/10))*10-10)
	o.YAxis = []plot.YAxisOption{{LabelFontStyle: font, Min: &from, Max: plot.Ptr(100.0), LabelCount: int(100-from)/10 + 1}}
	p := painter(chartHeight)
	if err := p.LineChart(o); err != nil {
		return chart{}, err
	}
	return finish(p, "On time and filled, by day (percent)", words)
}

func share(v *float64, some *int, low *float64) float64 {
	if v == nil {
		return plot.GetNullValue()
	}
	*some++
	*low = min(*low, *v)
	return *v
}

// dayLines is how many lines were closed on each of the last days.
func dayLines(r scorecard.Report) (chart, error) {
	var labels []string
	var lines []float64
	all, most := 0, 0
	for _, d := range r.Latest(month) {
		labels, lines = append(labels, short(d.Date)), append(lines, float64(d.Lines))
		all, most = all+d.Lines, max(most, d.Lines)
	}
	if all == 0 {
		return chart{}, nil
	}
	o := plot.NewBarChartOptionWithData([][]float64{lines})
	o.Theme = inkTheme
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle, o.CategoryAxis.LabelCount = labels, font, 5
	o.ValueAxis = []plot.ValueAxisOption{{LabelFontStyle: font, Min: plot.Ptr(0.0), Unit: 1}}
	p := painter(chartHeight)
	if err := p.BarChart(o); err != nil {
		return chart{}, err
	}
	return finish(p, "Lines shipped or cancelled, by day", fmt.Sprintf("Bar chart of %d days: %d lines in all, at most %d on a day.", month, all, most))
}

// hoursLeft is how urgent the open orders are.
func hoursLeft(r scorecard.Report) (chart, error) {
	h := r.Risk.Total
	if h.Open() == 0 {
		return chart{}, nil
	}
	o := plot.NewBarChartOptionWithData([][]float64{{float64(h.Late), float64(h.Today), float64(h.Tomorrow), float64(h.Later)}})
	o.Theme = inkTheme
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle = []string{"late", "<24 h", "24-48 h", "later"}, font
	o.ValueAxis = []plot.ValueAxisOption{{LabelFontStyle: font, Min: plot.Ptr(0.0), Unit: 1}}
	p := painter(chartHeight)
	if err := p.BarChart(o); err != nil {
		return chart{}, err
	}
	return finish(p, "Open orders by the hours left to ship them", fmt.Sprintf("Bar chart: %d late, %d with less than 24 hours, %d with 24 to 48, %d later.", h.Late, h.Today, h.Tomorrow, h.Later))
}

// manyBars is how many retailers the chart of scores has at most: the table has all.
const manyBars = 15

// retailerScores are the overall scores of the retailers with the most lines.
func retailerScores(r scorecard.Report) (chart, error) {
	if r.By != scorecard.ByRetailer {
		return chart{}, nil
	}
	var labels, words []string
	var scores []float64
	for _, g := range r.Groups {
		if m := g.Measure(scorecard.Overall); m.Value != nil && len(labels) < manyBars {
			// From the bottom up: the first one stands on top.
			labels, scores = append([]string{cut(escape.Text(g.Label()), 18) + "    "}, labels...), append([]float64{*m.Value}, scores...)
			words = append(words, g.Label()+" "+figure(m.Kind, m.Value))
		}
	}
	if len(labels) < 2 {
		return chart{}, nil
	}
	o := plot.NewBarChartOptionWithData([][]float64{scores})
	o.Theme = inkTheme
	o.Horizontal = true
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle = labels, font
	o.ValueAxis = []plot.ValueAxisOption{{LabelFontStyle: font, Min: plot.Ptr(0.0), Max: plot.Ptr(100.0), LabelCount: 6}}
	p := painter(80 + 26*len(labels))
	if err := p.BarChart(o); err != nil {
		return chart{}, err
	}
	return finish(p, "Overall score by retailer", "Bar chart: "+strings.Join(words, ", ")+".")
}
