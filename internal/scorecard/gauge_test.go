package scorecard

import (
	"fmt"
	"strings"
	"testing"
)

func TestGauges(t *testing.T) {
	r := card(november, append(history("7", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 5, 5), history("", 1)...)...)
	var got []string
	for _, g := range r.Gauges() {
		got = append(got, fmt.Sprintf("%s %s %v", strings.TrimPrefix(g.Name, "dscosync_scorecard_"), g.Retailer, g.Value))
	}
	want := "overall_ratio 7 0.9519; shipped_on_time_ratio 7 0.9038; fill_rate_adjusted_ratio 7 1; cancelled_units_ratio 7 0; shipped_median_seconds 7 86400; told_late 7 0; " +
		"lines 7 260; late_lines_spare 7 -12; drifted 7 1"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("%s\nwant %s", s, want)
	}
	by := november
	by.By = ByDay
	if got := card(by, history("7", 1)...).Gauges(); got != nil {
		t.Errorf("by day: %v", got)
	}
}
