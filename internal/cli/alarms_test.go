package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/report"
	"dscosync/internal/secret"
)

func keys(all []alarm) (keys []string) {
	for _, a := range all {
		keys = append(keys, a.key)
	}
	return keys
}

func TestAlarmsOfAnOrder(t *testing.T) {
	rules := order.Rules{Now: noon, AcknowledgeAlarm: 4 * time.Hour, ShipByAlarm: 24 * time.Hour, TrackingAlarm: 4 * time.Hour}
	o := order.Order{ID: "7", Lines: []order.Line{{Number: 1, Ordered: 1}}, ShipStation: []order.Ref{{ID: 1, Status: "awaiting_shipment"}},
		Received: noon.Add(-5 * time.Hour), Updated: noon, DSCO: order.DSCO{ShipBy: noon.Add(time.Hour)},
		Notes: []order.Note{{Write: order.Write{Step: order.CancelDSCO}, Code: order.Guarded, Text: "too many", Held: true},
			{Write: order.Write{Step: order.Acknowledge}, Text: "refused"}},
		Notices: []order.Notice{{Code: "changed", Text: "the address"}}}
	got := alarms(o, rules)
	want := []string{"guarded/7/" + digest("cancel-dsco", "too many"), "changed/7/" + digest("the address"), "unacknowledged/7", "ship-soon/7"}
	if diff := cmp.Diff(want, keys(got)); diff != "" {
		t.Error(diff)
	}
	for _, a := range got {
		if said := a.kind == "guarded" || a.kind == "changed"; a.said != said {
			t.Errorf("%s: said is %v", a.key, a.said)
		}
	}
	o.Dismissed = &order.Dismissal{Reason: "by hand", At: noon}
	if got := alarms(o, rules); got != nil {
		t.Errorf("dismissed, but %v", keys(got))
	}
	// dscosync itself cancels in ShipStation what DSCO has cancelled: that is an alarm only when it does not get to it.
	// How often it tries does not put that off.
	o = order.Order{ID: "7", ShipStation: o.ShipStation, DSCO: order.DSCO{Status: "cancelled"}, Updated: noon, Lines: []order.Line{
		{Number: 1, Ordered: 1, Closed: noon.Add(-2 * time.Hour)}, {Number: 2, Ordered: 1, Closed: noon.Add(-time.Minute)}}}
	if got := alarms(o, rules); got != nil {
		t.Errorf("at once: %v", keys(got))
	}
	for _, since := range []time.Duration{time.Hour, -time.Hour} { // and a clock that was ahead puts nothing off, either
		o.Lines[1].Closed = noon.Add(-since)
		if diff := cmp.Diff([]string{"cancelled-open/7"}, keys(alarms(o, rules))); diff != "" {
			t.Errorf("cancelled for %v: %s", since, diff)
		}
	}
}

func TestMark(t *testing.T) {
	ship, held := alarm{key: "ship-soon/7", kind: "ship-soon", order: "7"}, alarm{key: "held/8/1", kind: kindHeld, order: "8"}
	stopped, credentials := alarm{key: "stopped/4/dsco/sync", kind: kindStopped}, alarm{key: "credentials/dsco", kind: kindCredentials}
	told := ledger.Told{}
	for i, step := range []struct {
		after    time.Duration
		now      []alarm
		command  string
		ended    bool
		channels []string
		fresh    []string
		over     bool
		marks    []string
	}{
		{0, []alarm{ship, held, ship}, "sync", true, []string{toWebhook}, []string{ship.key, held.key}, false, []string{ship.key + " webhook", held.key + " webhook"}},
		{0, []alarm{ship, held}, "sync", true, []string{toWebhook}, nil, false, []string{ship.key + " webhook", held.key + " webhook"}},
		// What is no longer wanted is not kept for sending.
		{0, []alarm{ship}, "sync", true, nil, nil, false, []string{ship.key}},
		{0, []alarm{ship, held}, "sync", true, nil, []string{held.key}, false, []string{ship.key, held.key}},
		// A run that is stopped is told once, and over when one of the same command has come to its end.
		{0, []alarm{stopped}, "sync", false, nil, []string{stopped.key}, false, []string{stopped.key}},
		{0, nil, "pull", true, nil, nil, false, []string{stopped.key}},
		{0, nil, "sync", false, nil, nil, false, []string{stopped.key}},
		{0, []alarm{stopped}, "sync", false, nil, nil, false, []string{stopped.key}},
		{0, nil, "sync", true, nil, nil, true, nil},
		// What comes and goes within a day is one alarm.
		{0, []alarm{credentials}, "sync", true, nil, []string{credentials.key}, false, []string{credentials.key}},
		{20 * time.Hour, nil, "sync", true, nil, nil, false, []string{credentials.key}},
		{23 * time.Hour, []alarm{credentials}, "sync", true, nil, nil, false, []string{credentials.key}},
		{40 * time.Hour, []alarm{credentials}, "sync", true, nil, nil, false, []string{credentials.key}},
		{65 * time.Hour, nil, "sync", true, nil, nil, false, nil},
	} {
		after, fresh, over := mark(told, step.now, seen{noon.Add(step.after), step.command, step.ended, step.channels, false})
		var marks []string
		for _, a := range []alarm{ship, held, stopped, credentials} {
			if m, ok := after.Marks[a.key]; ok {
				marks = append(marks, strings.TrimSpace(a.key+" "+strings.Join(m.Unsent, " ")))
			}
		}
		if diff := cmp.Diff(step.fresh, keys(fresh)) + cmp.Diff(step.marks, marks); diff != "" || over != step.over || len(after.Marks) != len(marks) {
			t.Errorf("step %d: over is %v\n%s", i, over, diff)
		}
		told = after
	}
}

func TestMessage(t *testing.T) {
	var all []alarm
	for i := range 25 {
		id := order.ID(fmt.Sprint(100 + i))
		all = append(all, alarm{key: "ship-late/" + string(id), kind: "ship-late", order: id, text: "the ship-by date has passed"})
	}
	all = append(all, alarm{key: "a", kind: kindHeld, order: "7", text: "held: create: \x1b[2J no\ncity", hint: "enter it"}, alarm{key: "b", kind: kindSilence, text: "no run"},
		alarm{key: "unacknowledged/8", kind: "unacknowledged", order: "8", text: "taken up 5h ago"})
	want := `dscosync on host:
- 25 orders have passed their ship-by date: 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119 and 5 more
  dscosync status --at-risk lists them
- order 7: held: create: \x1b[2J no\ncity
  enter it
- no run
- order 8: taken up 5h ago
- runs come to their end again
`
	if diff := cmp.Diff(want, message("host", all, true)); diff != "" {
		t.Error(diff)
	}
	all = nil
	for i := range 30 {
		all = append(all, alarm{key: fmt.Sprint(i), kind: kindHeld, order: order.ID(fmt.Sprint(i)), text: "held"})
	}
	got := message("host", all, false)
	if strings.Count(got, "\n") != 22 || !strings.HasSuffix(got, "\n- order 19: held\n- and 10 more: dscosync status --errors\n") {
		t.Errorf("%s", got)
	}
}

// What a check is told: a failure only where somebody has to do something, and in the run that met with it.
func TestSignal(t *testing.T) {
	fresh := []alarm{{kind: kindHeld}}
	for _, c := range []struct {
		code, later int
		fresh       []alarm
		unsettled   bool
		want        string
	}{
		{code: 0, want: ""}, {code: 1, want: "1"}, {code: 2, want: "2"}, {code: 4, want: "4"}, {code: 130, want: "log"},
		{code: 3, want: ""}, {code: 3, fresh: fresh, want: "3"}, {code: 3, fresh: []alarm{{kind: "ship-soon"}}, want: ""},
		{code: 3, unsettled: true, want: "3"}, {code: 3, later: 3, want: "3"},
		{code: 75, later: 1, want: ""}, {code: 75, later: 2, want: ""}, {code: 75, later: 3, want: "75"}, {code: 75, unsettled: true, want: "75"},
	} {
		w := &watch{later: c.later, fresh: c.fresh, settled: !c.unsettled}
		if got := w.signal(c.code); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	for _, c := range []struct {
		code   int
		undone bool
		want   int
	}{{75, true, 3}, {3, true, 3}, {3, false, 0}, {0, false, 0}, {4, true, 0}, {130, true, 2}} {
		if got := afterwards(2, c.code, c.undone); got != c.want {
			t.Errorf("after %d: %d", c.code, got)
		}
	}
}

// Stages that met with the same are told of in one message, though each request had an id of its own.
func TestStopped(t *testing.T) {
	w := &watch{app: &app{ctx: t.Context()}}
	refusal := func(detail string) error {
		return &remote.Error{API: "dsco", Op: "list orders", Kind: remote.Unauthorized, Status: 401, Detail: detail}
	}
	w.stopped("cancel-sync", 4, refusal("no; request r-1"))
	w.stopped("pull", 4, refusal("no; request r-2"))
	w.stopped("push-tracking", 1, errors.New("disk full"))
	var got []string
	for _, s := range w.stops {
		got = append(got, s.String())
	}
	want := []string{"cancel-sync, pull stopped: dsco: list orders: credentials refused (401): no; request r-1", "push-tracking stopped: disk full"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSilenceInWords(t *testing.T) {
	w := &watch{app: &app{Env: Env{Now: func() time.Time { return noon }}}, started: noon, config: config.Config{Alarm: config.Alarm{Silence: 6 * time.Hour}}}
	last := noon.Add(-9 * time.Hour)
	when := last.Local().Format("2006-01-02 15:04 MST")
	w.silent = last
	if got := w.own(0, time.Time{}); len(got) != 1 || got[0].text != "before this one no run had come to its end since "+when+", for 9h; alarm.silence is 6h" {
		t.Errorf("%+v", got)
	}
	w.silent = time.Time{}
	if got := w.own(75, last); len(got) != 1 || got[0].text != "no run has come to its end since "+when+" (9h ago); alarm.silence is 6h" {
		t.Errorf("%+v", got)
	}
}

// What a check shows is the end of what was said, and nothing secret.
func TestAccount(t *testing.T) {
	var out bytes.Buffer
	w := &watch{heard: &echo{out: &out}, config: config.Config{
		DSCO:   config.DSCO{ClientSecret: secret.New("canary/Client+1")},
		Notify: config.Notify{PingURL: secret.New("https://hc-ping.com/canary-uuid-1234"), Webhook: secret.New("https://hooks.example/services/T0/B0/canary")},
	}}
	for i := range 5000 {
		fmt.Fprintf(w.heard, "line %d\n", i)
	}
	fmt.Fprintln(w.heard, "said canary/Client+1, hc-ping.com/canary-uuid-1234, services/T0/B0/canary and https://example.com/")
	got := w.account(report.Run{ExitCode: 4, Stages: []report.Stage{{Name: "pull"}}})
	if strings.Contains(got, "canary") || !strings.Contains(got, "https://example.com/\npull: 0 seen") || !strings.HasSuffix(got, "\nexit status 4\n") {
		t.Errorf("%s", got[max(0, len(got)-400):])
	}
	if len(got) > echoed+300 || !strings.HasPrefix(got, "line ") || !strings.HasSuffix(out.String(), "example.com/\n") || strings.Count(out.String(), "\n") != 5001 {
		t.Errorf("%d bytes, from %q on", len(got), got[:20])
	}
}
