package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/escape"
	"dscosync/internal/scorecard"
)

// The document of `scorecard --json`. Shares are in percent, durations in seconds.
type cardJSON struct {
	Generated Stamp       `json:"generated_at"`
	Zone      string      `json:"zone"` // of the periods and days
	Period    periodJSON  `json:"period"`
	Before    periodJSON  `json:"before"`
	Complete  Stamp       `json:"complete_since"`
	By        string      `json:"by"`
	Total     groupJSON   `json:"total"`
	Groups    []groupJSON `json:"groups"`
	Risk      *riskJSON   `json:"at_risk"` // null for a period that is over
	Drift     []driftJSON `json:"drift"`
	Days      []dayJSON   `json:"days"`
	Remarks   []string    `json:"remarks"`
}

type periodJSON struct {
	Name string `json:"name"`
	From Stamp  `json:"from"`
	To   Stamp  `json:"to"` // the first moment after it
}

type groupJSON struct {
	Key       string                 `json:"key"`
	Name      Text                   `json:"name"`
	Lines     int                    `json:"lines"`
	Measures  map[string]measureJSON `json:"measures"`
	Cancelled []driverJSON           `json:"cancellations"`
	Budget    *budgetJSON            `json:"budget"` // null for a period that is over
}

type measureJSON struct {
	Kind   string   `json:"kind"` // percent, seconds or count
	Value  *float64 `json:"value"`
	Goal   *float64 `json:"goal"`
	Met    *bool    `json:"met"`
	Before *float64 `json:"before"`
	N      int      `json:"n"`
	Of     Text     `json:"of"` // what n counts
	Few    bool     `json:"few"`
	P90    *float64 `json:"p90,omitempty"`
	P99    *float64 `json:"p99,omitempty"`
	Worst  *float64 `json:"worst,omitempty"`
}

type driverJSON struct {
	Code  Text   `json:"code"`
	Side  string `json:"side"` // shipstation: we told DSCO; dsco: cancelled there
	Short bool   `json:"shortage"`
	Lines int    `json:"lines"`
	Units int    `json:"units"`
}

type budgetJSON struct {
	Goal    float64 `json:"goal"`
	Open    int     `json:"open"`
	Overdue int     `json:"overdue"`
	Late    int     `json:"late"`
	Spare   int     `json:"spare"` // lines that may still be late; negative: too many are
}

type riskJSON struct {
	Total     hoursJSON   `json:"total"`
	Retailers []hoursJSON `json:"retailers"`
	Listed    int         `json:"listed"` // by status --at-risk
}

type hoursJSON struct {
	RetailerID     Text `json:"retailer_id"`
	Retailer       Text `json:"retailer"`
	Late           int  `json:"late"`
	Today          int  `json:"under_24h"`
	Tomorrow       int  `json:"under_48h"` // and not under 24
	Later          int  `json:"later"`
	Undated        int  `json:"no_date"`
	Unacknowledged int  `json:"not_acknowledged"`
	Unlabelled     int  `json:"not_labelled"`
	Untold         int  `json:"labelled_not_told"`
}

type driftJSON struct {
	Key        string    `json:"key"`
	RetailerID string    `json:"retailer_id"`
	Retailer   Text      `json:"retailer"`
	Measure    string    `json:"measure"`
	Against    string    `json:"against"` // limit or goal
	Limit      float64   `json:"limit"`
	Days       []string  `json:"days"`
	Values     []float64 `json:"values"`
	Orders     []string  `json:"orders"`
	Message    string    `json:"message"`
}

type dayJSON struct {
	Date   string   `json:"date"`
	Lines  int      `json:"lines"`
	OnTime *float64 `json:"shipped_on_time"`
	Fill   *float64 `json:"fill_rate_adjusted"`
}

// WriteScorecardJSON writes a scorecard as one JSON document. Of its groups there may be tens of thousands: they are encoded
// one at a time, between what stands before and after them.
func WriteScorecardJSON(w io.Writer, r scorecard.Report) error {
	doc := cardJSON{Generated: Stamp{r.Now}, Zone: r.Zone.String(), Period: period(r.Period), Before: period(r.Before), Complete: Stamp{r.Complete}, By: string(r.By),
		Total: group(r.Total), Groups: []groupJSON{}, Drift: []driftJSON{}, Days: []dayJSON{}, Remarks: append([]string{}, r.Remarks...)}
	if !r.Over() {
		doc.Risk = &riskJSON{Total: hours(r.Risk.Total), Retailers: []hoursJSON{}, Listed: r.Risk.Listed}
		for _, h := range r.Risk.Retailers {
			doc.Risk.Retailers = append(doc.Risk.Retailers, hours(h))
		}
	}
	for _, d := range r.Drift {
		doc.Drift = append(doc.Drift, drift(d))
	}
	for _, d := range r.Days {
		doc.Days = append(doc.Days, dayJSON{d.Date, d.Lines, d.OnTimeShare(), d.FillShare()})
	}
	text, err := encode(doc, "")
	if err != nil {
		return err
	}
	const none = `"groups": []` // in no text of the document: a quotation mark in one is escaped
	before, after, _ := bytes.Cut(text, []byte(none))
	out := bufio.NewWriter(w) // keeps its first error for Flush
	out.Write(before)
	out.WriteString(strings.TrimSuffix(none, "]"))
	for i, g := range r.Groups {
		text, err := encode(group(g), "    ")
		if err != nil {
			return err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    ")
		out.Write(text)
	}
	if len(r.Groups) > 0 {
		out.WriteString("\n  ")
	}
	out.WriteByte(']')
	out.Write(after)
	out.WriteByte('\n')
	return out.Flush()
}

func period(p scorecard.Period) periodJSON { return periodJSON{p.Name, Stamp{p.From}, Stamp{p.To}} }

func group(g scorecard.Group) groupJSON {
	out := groupJSON{Key: g.Key, Name: Text(g.Name), Lines: g.Lines, Measures: map[string]measureJSON{}, Cancelled: []driverJSON{}}
	for _, m := range g.Measures() {
		j := measureJSON{Kind: string(m.Kind), Value: m.Value, Goal: m.Goal, Met: m.Met, Before: m.Before, N: m.N, Of: Text(m.Of), Few: m.Weak()}
		if m.Times != nil && m.Times.N > 0 {
			j.P90, j.P99, j.Worst = secs(m.Times.P90), secs(m.Times.P99), secs(m.Times.Worst)
		}
		out.Measures[m.Code] = j
	}
	for _, d := range g.Drivers {
		side := "dsco"
		if d.Ours {
			side = "shipstation"
		}
		out.Cancelled = append(out.Cancelled, driverJSON{Text(d.Reason), side, d.Short, d.Lines, d.Units})
	}
	if b := g.Budget; b != nil {
		out.Budget = &budgetJSON{float64(b.Goal) / 100, b.Open, b.Overdue, b.Late, b.Spare}
	}
	return out
}

func secs(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}

func hours(h scorecard.Hours) hoursJSON {
	return hoursJSON{Text(h.Retailer), Text(h.Name), h.Late, h.Today, h.Tomorrow, h.Later, h.Undated, h.Unacknowledged, h.Unlabelled, h.Untold}
}

func drift(d scorecard.Drift) driftJSON {
	out := driftJSON{d.Key(), d.Retailer, Text(d.Name), d.Code, "limit", math.Round(d.Limit*100) / 100, d.Days, nil, []string{}, d.String()}
	if d.Goal {
		out.Against = "goal"
	}
	for _, v := range d.Values {
		out.Values = append(out.Values, math.Round(v*100)/100)
	}
	for _, id := range d.Orders {
		out.Orders = append(out.Orders, string(id))
	}
	return out
}

// WriteScorecardCSV writes a line for each measure of each group, the total first: shares in percent, durations in
// seconds.
func WriteScorecardCSV(w io.Writer, r scorecard.Report) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	// The writer keeps its first error for Error.
	out.Write([]string{"period", "by", "key", "name", "measure", "kind", "value", "goal", "met", "before", "n", "of", "p90", "p99", "worst", "few"})
	number := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	for i, g := range append([]scorecard.Group{r.Total}, r.Groups...) {
		by := string(r.By)
		if i == 0 {
			by = ""
		}
		for _, m := range g.Measures() {
			met, tail := "", []string{"", "", ""}
			if m.Met != nil {
				met = strconv.FormatBool(*m.Met)
			}
			if m.Times != nil && m.Times.N > 0 {
				tail = []string{number(secs(m.Times.P90)), number(secs(m.Times.P99)), number(secs(m.Times.Worst))}
			}
			line := append([]string{r.Period.Name, by, g.Key, g.Name, m.Code, string(m.Kind), number(m.Value), number(m.Goal), met, number(m.Before), strconv.Itoa(m.N), m.Of}, append(tail, strconv.FormatBool(m.Weak()))...)
			for i := range line {
				line[i] = escape.Text(guard(strings.TrimSpace(line[i])))
			}
			out.Write(line)
		}
	}
	out.Flush()
	return out.Error()
}
