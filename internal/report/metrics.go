package report

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/escape"
	"dscosync/internal/order"
	"dscosync/internal/scorecard"
)

// Metrics is what a monitoring system is told after a run.
type Metrics struct {
	Version   string
	Finished  time.Time // of the run
	Took      time.Duration
	Exit      int
	Calls     Calls
	Census    *Census              // nil: the state file could not be read
	Succeeded map[string]time.Time // end of each stage's last success
	Names     map[string]string    // of the retailers, by their ids
	Scorecard []scorecard.Gauge    // those of one name together
}

// Census counts the orders of a state file that are open or were finished in the last two days.
type Census struct {
	status map[string]int
	open   map[string]int // by retailer
	alarms map[string]int // orders by the code of an alarm or a notice
}

// alarmCodes are there in the metrics though no order has them: a series that comes and goes cannot be watched.
var alarmCodes = []string{"acknowledge-late", "cancel-requested", "cancelled-open", "ship-late", "ship-soon", "unacknowledged", "untold"}

// NewCensus is one that has counted nothing yet.
func NewCensus() *Census {
	c := &Census{status: map[string]int{}, open: map[string]int{}, alarms: map[string]int{}}
	for _, s := range Statuses {
		c.status[s] = 0
	}
	for _, code := range alarmCodes {
		c.alarms[code] = 0
	}
	return c
}

// Add counts an order.
func (c *Census) Add(o order.Order, rules order.Rules) {
	c.status[StatusOf(o)]++
	if o.Finished.IsZero() {
		c.open[o.Retailer]++
	}
	if o.Dismissed != nil {
		return
	}
	has := map[string]bool{}
	for _, n := range notices(o, rules) {
		if !has[n.Code] { // two parcels may be late
			has[n.Code] = true
			c.alarms[n.Code]++
		}
	}
}

// String is the metrics in the text format of Prometheus, as node_exporter's textfile collector reads it.
// See https://prometheus.io/docs/instrumenting/exposition_formats/ .
func (m Metrics) String() string {
	var b bytes.Buffer
	family := func(name, help string, lines ...string) {
		if len(lines) == 0 {
			return
		}
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %[1]s gauge\n", name, help)
		for _, line := range lines {
			fmt.Fprintf(&b, "%s%s\n", name, line)
		}
	}
	family("dscosync_build_info", "The version that made this file.", sample(1, "version", m.Version))
	family("dscosync_last_run_exit_status", "How the last run ended; 0: well, 3: an order waits for a person.", sample(float64(m.Exit)))
	family("dscosync_last_run_timestamp_seconds", "When the last run ended.", sample(seconds(m.Finished)))
	family("dscosync_last_run_duration_seconds", "How long the last run took.", sample(m.Took.Seconds()))
	family("dscosync_last_run_calls", "Requests that the last run made.",
		sample(float64(m.Calls.DSCO), "remote", "dsco"), sample(float64(m.Calls.ShipStation), "remote", "shipstation"))
	var lines []string
	for _, stage := range slices.Sorted(maps.Keys(m.Succeeded)) {
		lines = append(lines, sample(seconds(m.Succeeded[stage]), "stage", stage))
	}
	family("dscosync_stage_last_success_timestamp_seconds", "When the stage last came to its end.", lines...)
	if m.Census == nil {
		return b.String()
	}
	family("dscosync_orders", "Orders that are open or were finished in the last two days.", counts(m.Census.status, "status")...)
	family("dscosync_orders_held", "Orders that wait for a person.", sample(float64(m.Census.status[failed])))
	family("dscosync_alarms", "Orders with an alarm or a notice, by its code.", counts(m.Census.alarms, "code")...)
	lines = nil
	for _, id := range slices.Sorted(maps.Keys(m.Census.open)) {
		lines = append(lines, sample(float64(m.Census.open[id]), "retailer", id, "name", m.Names[id]))
	}
	family("dscosync_retailer_orders_open", "Open orders of each retailer.", lines...)
	for i := 0; i < len(m.Scorecard); {
		lines, g := []string(nil), m.Scorecard[i]
		for ; i < len(m.Scorecard) && m.Scorecard[i].Name == g.Name; i++ {
			lines = append(lines, sample(m.Scorecard[i].Value, "retailer", m.Scorecard[i].Retailer, "name", m.Scorecard[i].Called))
		}
		family(g.Name, g.Help, lines...)
	}
	return b.String()
}

func counts(of map[string]int, label string) (lines []string) {
	for _, value := range slices.Sorted(maps.Keys(of)) {
		lines = append(lines, sample(float64(of[value]), label, value))
	}
	return lines
}

// sample is a value with its labels, given as names and values in turn.
func sample(value float64, labels ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(labels); i += 2 {
		sign := ","
		if i == 0 {
			sign = "{"
		}
		fmt.Fprintf(&b, `%s%s="%s"`, sign, labels[i], quoting.Replace(escape.Text(labels[i+1])))
	}
	if b.Len() > 0 {
		b.WriteString("}")
	}
	return b.String() + " " + strconv.FormatFloat(value, 'f', -1, 64)
}

// quoting is how the format writes what would end a label's value. It has no line breaks left: see escape.Text.
var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
