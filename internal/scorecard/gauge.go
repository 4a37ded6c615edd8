package scorecard

import "math"

// Gauge is a figure for a monitoring system.
type Gauge struct {
	Name     string // dscosync_scorecard_...
	Help     string
	Retailer string // DSCO's id
	Called   string // what people know the retailer by; may be empty
	Value    float64
}

// gauged are the measures that are told, by the names they have there. Shares go from 0 to 1, and times are in seconds,
// as monitoring systems have them.
var gauged = []struct{ code, name, help string }{
	{Overall, "overall_ratio", "The retailer's overall score of the period so far."},
	{OnTime, "shipped_on_time_ratio", "Lines shipped on time, of those shipped in the period so far."},
	{FillAdjusted, "fill_rate_adjusted_ratio", "Lines without a shortage, of those ordered and closed in the period so far."},
	{Cancelled, "cancelled_units_ratio", "Units cancelled, of those ordered and closed in the period so far."},
	{Acknowledged, "acknowledged_median_seconds", "From created to acknowledged."},
	{Shipped, "shipped_median_seconds", "From created to shipped."},
	{Told, "told_median_seconds", "From the label to the hour DSCO was told."},
	{"tracking_told_late", "told_late", "Parcels that DSCO was told of late, in the period so far."},
}

// Gauges are the main figures of each retailer, those of one name together. A figure without anything behind it is left
// out: it is not 0. The groups have to be by retailer.
func (r Report) Gauges() (all []Gauge) {
	if r.By != ByRetailer {
		return nil
	}
	add := func(name, help string, value func(Group) *float64) {
		for _, g := range r.Groups {
			if v := value(g); v != nil && g.Key != none {
				all = append(all, Gauge{"dscosync_scorecard_" + name, help, g.Key, g.Name, *v})
			}
		}
	}
	for _, of := range gauged {
		add(of.name, of.help, func(g Group) *float64 {
			m := g.Measure(of.code)
			if m.Value != nil && m.Kind == Share {
				v := math.Round(*m.Value*100) / 10_000
				return &v
			}
			return m.Value
		})
	}
	add("lines", "Lines shipped or cancelled in the period so far.", func(g Group) *float64 { return whole(g.Lines) })
	add("late_lines_spare", "Lines that may still be shipped late until the end of the period; negative: so many are too many.", func(g Group) *float64 {
		if g.Budget == nil {
			return nil
		}
		return whole(g.Budget.Spare)
	})
	drifted := map[string]int{}
	for _, d := range r.Drift {
		drifted[d.Retailer]++
	}
	add("drifted", "Measures that are beyond their limit or miss their goal on three days in a row.", func(g Group) *float64 { return whole(drifted[g.Key]) })
	return all
}
