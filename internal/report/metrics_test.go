package report

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
	"dscosync/internal/scorecard"
)

func TestMetrics(t *testing.T) {
	rules := order.Rules{Now: now, ShipByAlarm: 24 * time.Hour, AcknowledgeAlarm: 4 * time.Hour}
	c := NewCensus()
	sent := order.Order{ID: "1", Retailer: "1000012", Lines: []order.Line{{Number: 1, Ordered: 1}}, ShipStation: []order.Ref{{ID: 7}},
		Received: now.Add(-5 * time.Hour), DSCO: order.DSCO{ShipBy: now.Add(time.Hour)}}
	held := order.Order{ID: "2", Retailer: "evil\"\\\n\x1b", Lines: []order.Line{{Number: 1, Ordered: 1}}, Received: now,
		Notes:   []order.Note{{Write: order.Write{Step: order.Create}, Text: "no city", Held: true}},
		Notices: []order.Notice{{Code: "changed", Text: "a"}, {Code: "changed", Text: "b"}}}
	quiet := held
	quiet.Dismissed = &order.Dismissal{Reason: "by hand", At: now}
	done := order.Order{ID: "3", DSCO: order.DSCO{Status: "cancelled"}, Received: now, Finished: now}
	for _, o := range []order.Order{sent, held, quiet, done} {
		c.Add(o, rules)
	}
	m := Metrics{Version: "v1", Finished: now, Took: 1500 * time.Millisecond, Exit: 3, Calls: Calls{4, 2}, Census: c,
		Succeeded: map[string]time.Time{"pull": now, "cancel-sync": now.Add(-time.Minute)}, Names: map[string]string{"1000012": "Harbor & Hearth"},
		Scorecard: []scorecard.Gauge{{Name: "dscosync_scorecard_shipped_on_time_ratio", Help: "Lines shipped on time.", Retailer: "1000012", Called: "Harbor & Hearth", Value: 0.9512},
			{Name: "dscosync_scorecard_shipped_on_time_ratio", Help: "Lines shipped on time.", Retailer: "7", Value: 1},
			{Name: "dscosync_scorecard_late_lines_spare", Help: "Lines that may still be late.", Retailer: "7", Value: -3}}}
	want := `# HELP dscosync_build_info The version that made this file.
# TYPE dscosync_build_info gauge
dscosync_build_info{version="v1"} 1
# HELP dscosync_last_run_exit_status How the last run ended; 0: well, 3: an order waits for a person.
# TYPE dscosync_last_run_exit_status gauge
dscosync_last_run_exit_status 3
# HELP dscosync_last_run_timestamp_seconds When the last run ended.
# TYPE dscosync_last_run_timestamp_seconds gauge
dscosync_last_run_timestamp_seconds 1795432542
# HELP dscosync_last_run_duration_seconds How long the last run took.
# TYPE dscosync_last_run_duration_seconds gauge
dscosync_last_run_duration_seconds 1.5
# HELP dscosync_last_run_calls Requests that the last run made.
# TYPE dscosync_last_run_calls gauge
dscosync_last_run_calls{remote="dsco"} 4
dscosync_last_run_calls{remote="shipstation"} 2
# HELP dscosync_stage_last_success_timestamp_seconds When the stage last came to its end.
# TYPE dscosync_stage_last_success_timestamp_seconds gauge
dscosync_stage_last_success_timestamp_seconds{stage="cancel-sync"} 1795432482
dscosync_stage_last_success_timestamp_seconds{stage="pull"} 1795432542
# HELP dscosync_orders Orders that are open or were finished in the last two days.
# TYPE dscosync_orders gauge
dscosync_orders{status="cancelled"} 1
dscosync_orders{status="error"} 1
dscosync_orders{status="received"} 1
dscosync_orders{status="sent"} 1
dscosync_orders{status="shipped"} 0
# HELP dscosync_orders_held Orders that wait for a person.
# TYPE dscosync_orders_held gauge
dscosync_orders_held 1
# HELP dscosync_alarms Orders with an alarm or a notice, by its code.
# TYPE dscosync_alarms gauge
dscosync_alarms{code="acknowledge-late"} 0
dscosync_alarms{code="cancel-requested"} 0
dscosync_alarms{code="cancelled-open"} 0
dscosync_alarms{code="changed"} 1
dscosync_alarms{code="ship-late"} 0
dscosync_alarms{code="ship-soon"} 1
dscosync_alarms{code="unacknowledged"} 1
dscosync_alarms{code="untold"} 0
# HELP dscosync_retailer_orders_open Open orders of each retailer.
# TYPE dscosync_retailer_orders_open gauge
dscosync_retailer_orders_open{retailer="1000012",name="Harbor & Hearth"} 1
dscosync_retailer_orders_open{retailer="evil\"\\\\n\\x1b",name=""} 2
# HELP dscosync_scorecard_shipped_on_time_ratio Lines shipped on time.
# TYPE dscosync_scorecard_shipped_on_time_ratio gauge
dscosync_scorecard_shipped_on_time_ratio{retailer="1000012",name="Harbor & Hearth"} 0.9512
dscosync_scorecard_shipped_on_time_ratio{retailer="7",name=""} 1
# HELP dscosync_scorecard_late_lines_spare Lines that may still be late.
# TYPE dscosync_scorecard_late_lines_spare gauge
dscosync_scorecard_late_lines_spare{retailer="7",name=""} -3
`
	if diff := cmp.Diff(want, m.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	m.Census = nil
	if got := m.String(); strings.Contains(got, "dscosync_orders") || !strings.Contains(got, "exit_status 3\n") {
		t.Errorf("without a state file:\n%s", got)
	}
	if samples, err := exposition(want); err != nil || len(samples) != 27 {
		t.Errorf("%d samples, %v", len(samples), err)
	}
}
