package scorecard

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dscosync/internal/order"
)

// history is what a retailer's last days were like, the day before today last: of each day 20 lines, so many of them
// late.
func history(retailer string, late ...int) (all []order.Facts) {
	for i, n := range late {
		day := time.Date(2026, 11, 23-len(late)+i, 17, 0, 0, 0, time.UTC)
		for j := range 20 {
			l := order.LineFacts{Ordered: 1, Shipped: 1, Due: day, Shipment: day, Closed: day}
			if j < n {
				l.Due = day.Add(-time.Hour)
			}
			all = append(all, order.Facts{ID: order.ID(fmt.Sprintf("%d-%d", i, j)), Retailer: retailer, Available: day.Add(-24 * time.Hour), Lines: []order.LineFacts{l}})
		}
	}
	return all
}

func TestDrift(t *testing.T) {
	calm := []int{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1} // mean 97.5%, deviation 2.5: the limit is 90%
	with := func(days []int, more ...int) []int { return append(append([]int{}, days...), more...) }
	strict, loose, off, brief := november, november, november, november
	strict.Drift.Spread = 1
	loose.Aims.OnTime = 50_00
	off.Drift.Weeks = 0
	brief.Drift.Weeks, brief.Aims.OnTime = 2, 50_00
	for name, c := range map[string]struct {
		rules Rules
		days  []int
		want  string
	}{
		"three days beyond the limit": {november, with(calm, 3, 3, 4), "drift/7/shipped_on_time limit 90 3"},
		"two days are not enough":     {loose, with(calm, 0, 3, 4), ""},
		"between limit and goal":      {november, with(calm, 2, 2, 2), "drift/7/shipped_on_time goal 95 3"},
		"at the goal":                 {november, with(calm, 1, 1, 1), ""},
		"better than ever":            {strict, with([]int{4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5}, 0, 0, 0), ""},
		"too few days for a limit":    {loose, with([]int{0, 1, 0, 1}, 9, 9, 9), ""},
		"switched off":                {off, with(calm, 9, 9, 9), ""},
		"days before the weeks":       {brief, with(calm, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4), ""},
	} {
		var got []string
		for _, d := range card(c.rules, history("7", c.days...)...).Drift {
			against := map[bool]string{true: "goal", false: "limit"}[d.Goal]
			got = append(got, fmt.Sprintf("%s %s %v %d", d.Key(), against, d.Limit, len(d.Days)))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
	d := card(november, history("7", with(calm, 3, 3, 4)...)...).Drift[0]
	if want := "7: shipped on time is below its limit of the last weeks of 90% on 3 days in a row (85%, 85%, 80%)"; d.String() != want {
		t.Errorf("%q", d)
	}
	if len(d.Orders) != 10 || d.Orders[0] != "12-0" || d.Days[2] != "2026-11-22" {
		t.Errorf("%v %v", d.Orders, d.Days)
	}

	later := november
	later.Now = now.AddDate(0, 0, 9) // nothing for more than a week: the days are past
	if got := card(later, history("7", with(calm, 9, 9, 9)...)...).Drift; len(got) != 0 {
		t.Errorf("days long past: %v", got)
	}
	few := history("7", with(calm, 9, 9, 9)...)
	few = append(few[:12*20], few[12*20], few[13*20], few[14*20]) // a late line a day
	if got := card(november, few...).Drift; len(got) != 0 {
		t.Errorf("three lines: %v", got)
	}
	slow := history("7", make([]int, 15)...)
	for i := range slow {
		switch {
		case i >= 12*20 && i%20 == 11: // the slowest of each day
			slow[i].Available = slow[i].Available.Add(-44 * time.Hour)
		case i >= 12*20:
			slow[i].Available = slow[i].Available.Add(-23 * time.Hour)
		}
	}
	got := card(november, slow...).Drift
	if len(got) != 1 || got[0].String() != "7: created to shipped, on average, is above its limit of the last weeks of 24 h on 3 days in a row (48.05 h, 48.05 h, 48.05 h)" {
		t.Fatalf("slow: %v", got)
	}
	if ids := got[0].Orders; len(ids) != 15 || ids[0] != "12-11" || ids[5] != "13-11" || ids[10] != "14-11" {
		t.Errorf("the slowest orders of the three days: %v", ids)
	}
}

// Days that are all alike have no spread, so that any change is one; but the rounding of their mean is none.
func TestDriftOfDaysAlike(t *testing.T) {
	for minutes := range 60 {
		all := history("7", make([]int, 15)...)
		for i := range all {
			all[i].Available = all[i].Available.Add(-time.Duration(minutes) * time.Minute)
		}
		if got := card(november, all...).Drift; len(got) != 0 {
			t.Errorf("24 h and %d minutes on each day: %v", minutes, got)
		}
		for i := range all {
			if i >= 12*20 {
				all[i].Available = all[i].Available.Add(-time.Minute)
			}
		}
		if got := card(november, all...).Drift; len(got) != 1 || got[0].Code != Shipped {
			t.Errorf("24 h and %d minutes, then one more: %v", minutes, got)
		}
	}
}

func TestDays(t *testing.T) {
	r := card(november, append(history("7", 1, 2), history("8", 0, 3)...)...)
	if got := r.Day(1); got.Date != "2026-11-22" || got.Lines != 40 || *got.OnTimeShare() != 87.5 || *got.FillShare() != 100 {
		t.Errorf("%+v", got)
	}
	if got := r.Day(9); got.Date != "2026-11-14" || got.Lines != 0 || got.OnTimeShare() != nil {
		t.Errorf("%+v", got)
	}
}

// The days of a month that is over are its own, and there are some without a look for drifts, too.
func TestLatest(t *testing.T) {
	off, september, first := november, november, november
	off.Drift.Weeks = 0
	september.Period, september.Before, september.Drift.Weeks = Month(2026, 9, eastern), Month(2026, 8, eastern), 1
	first.Now = time.Date(2026, 11, 1, 15, 0, 0, 0, time.UTC)
	all := history("7", make([]int, 80)...) // from September 4 on
	for name, c := range map[string]struct {
		rules       Rules
		first, last string
		lines       int
	}{
		"this month":        {november, "2026-10-24", "2026-11-22", 600},
		"no drift wanted":   {off, "2026-10-24", "2026-11-22", 600},
		"a month long over": {september, "2026-09-01", "2026-09-30", 27 * 20},
		"its first day":     {first, "2026-10-02", "2026-10-31", 600},
	} {
		days, lines := card(c.rules, all...).Latest(30), 0
		for _, d := range days {
			lines += d.Lines
		}
		if len(days) != 30 || days[0].Date != c.first || days[29].Date != c.last || lines != c.lines {
			t.Errorf("%s: %d days from %s to %s with %d lines", name, len(days), days[0].Date, days[len(days)-1].Date, lines)
		}
	}
}

// Whatever an order is like, it counts as late, or as due today, just when it has the alarm of that.
func TestRiskAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.IntRange(0, 2)
		o := order.Order{ID: "1", Retailer: "7", DSCO: order.DSCO{Status: rapid.SampledFrom([]string{"created", "shipped", "cancelled"}).Draw(t, "status"),
			Lifecycle: rapid.SampledFrom([]string{"acknowledged", "completed"}).Draw(t, "lifecycle")}}
		if rapid.Bool().Draw(t, "dated") {
			o.DSCO.ShipBy = now.Add(time.Duration(rapid.SampledFrom([]int{-30, -1, 0, 1, 1439, 1440, 1441, 2880}).Draw(t, "minutes")) * time.Minute)
		}
		if rapid.Bool().Draw(t, "dismissed") {
			o.Dismissed = &order.Dismissal{}
		}
		for i := range number.Draw(t, "lines") {
			o.Lines = append(o.Lines, order.Line{Number: i + 1, Ordered: number.Draw(t, "ordered"), Told: number.Draw(t, "told"), Cancelled: number.Draw(t, "cancelled")})
		}
		rules := order.Rules{Now: now, ShipByAlarm: 24 * time.Hour}
		var late, soon int
		for _, a := range o.Alarms(rules) {
			late += map[bool]int{true: 1}[a.Code == "ship-late"]
			soon += map[bool]int{true: 1}[a.Code == "ship-soon"]
		}
		w := NewWatch(now, nil, func(order.Order) bool { return false })
		w.Add(o)
		if h := w.Risk(nil).Total; h.Late != late || h.Today != soon {
			t.Fatalf("%+v, but %v", h, o.Alarms(rules))
		}
	})
}

func TestRisk(t *testing.T) {
	due := func(left time.Duration) order.Order {
		return order.Order{ID: "1", Retailer: "7", Acknowledged: now, ShipStation: []order.Ref{{ID: 1}}, DSCO: order.DSCO{ShipBy: now.Add(left)}, Lines: []order.Line{{Number: 1, Ordered: 2}}}
	}
	labelled := due(time.Hour)
	labelled.Parcels = []order.Parcel{{ID: 1, Number: "A", Lines: []order.Packed{{Line: 1, Units: 1}}}}
	whole := due(47 * time.Hour)
	whole.Parcels = []order.Parcel{{ID: 1, Number: "A", Lines: []order.Packed{{Line: 1, Units: 2}}}}
	fresh := order.Order{ID: "2", Retailer: "8", Lines: []order.Line{{Number: 1, Ordered: 1}}}
	dismissed := due(-time.Hour)
	dismissed.Dismissed = &order.Dismissal{}
	shipped := due(-time.Hour)
	shipped.Lines[0].Told = 2
	w := NewWatch(now, nil, func(o order.Order) bool { return o.DSCO.ShipBy.Before(now.Add(24*time.Hour)) && o.Retailer == "7" })
	for _, o := range []order.Order{due(-time.Second), due(0), labelled, whole, due(48 * time.Hour), fresh, dismissed, shipped} {
		w.Add(o)
	}
	r := w.Risk(map[string]string{"7": "Seven"})
	if got := fmt.Sprintf("%+v", r.Total); got != "{Retailer: Name: Late:1 Today:2 Tomorrow:1 Later:1 Undated:1 Unacknowledged:1 Unlabelled:5 Untold:2}" {
		t.Error(got)
	}
	if len(r.Retailers) != 2 || r.Retailers[0].Name != "Seven" || r.Retailers[1].Undated != 1 {
		t.Errorf("%+v", r.Retailers)
	}
}
