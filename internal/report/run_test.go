package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteRun(t *testing.T) {
	pull := Stage{Name: "pull", Seen: 12, Planned: 12, Done: 12, Calls: Calls{4, 1}, Took: time.Second}
	plan := []Planned{{OrderID: "1026064165", Step: "create"}}
	head := `{"run_id":"k3v9x2qa","started_at":"2026-11-23T11:15:42Z","finished_at":null,"dry_run":`
	stage := `{"stage":"pull","seen":12,"planned":12,"done":12,"held":0,"deferred":0,"calls":{"dsco":4,"shipstation":1},"error":`
	for name, c := range map[string]struct {
		run  Run
		want string
	}{
		"done":      {Run{Stages: []Stage{pull}}, head + `false,"exit_code":0,"stages":[` + stage + `null}]}`},
		"no stages": {Run{ExitCode: 75}, head + `false,"exit_code":75,"stages":[]}`},
		"stopped":   {Run{ExitCode: 4, Stages: []Stage{with(pull, "refused \u202e<401>", nil)}}, head + `false,"exit_code":4,"stages":[` + stage + `"refused \u202e<401>"}]}`},
		"dry":       {Run{DryRun: true, Stages: []Stage{with(pull, "", plan)}}, head + `true,"exit_code":0,"stages":[` + stage + `null,"plan":[{"order_id":"1026064165","step":"create"}]}]}`},
		"dry, a parcel": {Run{DryRun: true, Stages: []Stage{with(pull, "", []Planned{{OrderID: "7", Step: "ship", Tracking: "1Z999"}})}},
			head + `true,"exit_code":0,"stages":[` + stage + `null,"plan":[{"order_id":"7","step":"ship","tracking":"1Z999"}]}]}`},
		"dry, nothing": {Run{DryRun: true, Stages: []Stage{pull}}, head + `true,"exit_code":0,"stages":[` + stage + `null,"plan":[]}]}`},
		"not dry":      {Run{Stages: []Stage{with(pull, "", plan)}}, head + `false,"exit_code":0,"stages":[` + stage + `null}]}`},
	} {
		c.run.ID, c.run.Started = "k3v9x2qa", Stamp{now}
		var out, flat bytes.Buffer
		if err := WriteRun(&out, c.run); err != nil {
			t.Fatal(err)
		}
		if err := json.Compact(&flat, out.Bytes()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, flat.String()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func with(s Stage, failure Text, plan []Planned) Stage {
	s.Error, s.Plan = failure, plan
	return s
}

func TestStageInALine(t *testing.T) {
	pull := Stage{Name: "pull", Seen: 12, Planned: 12, Done: 10, Held: 1, Deferred: 1, Calls: Calls{4, 1}, Took: 1234 * time.Millisecond}
	for want, s := range map[string]Stage{
		"pull: 12 seen, 10 done, 1 held, 1 put off; 4 DSCO and 1 ShipStation calls in 1.2s":                              pull,
		`pull: 12 seen, 10 done, 1 held, 1 put off; 4 DSCO and 1 ShipStation calls in 1.2s; stopped: dsco: \x1b[31m 503`: with(pull, "dsco: \x1b[31m 503", nil),
		"pull: 12 seen, 12 planned; 4 DSCO and 1 ShipStation calls in 1.2s":                                              with(pull, "", []Planned{}),
	} {
		if got := s.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWritePlan(t *testing.T) {
	run := Run{DryRun: true, Stages: []Stage{
		{Name: "cancel-sync", Plan: []Planned{}},
		{Name: "pull", Plan: []Planned{{OrderID: "2", Step: "create"}, {OrderID: "1\n", Step: "acknowledge"}, {OrderID: "2", Step: "acknowledge"}, {OrderID: "3", Step: "ship", Tracking: "1Z\u202e"}, {OrderID: "4", Step: "create", Problem: "no city"}}},
	}}
	want := "would create 2 in ShipStation, then acknowledge it\nwould acknowledge 1\\n\nwould tell DSCO of parcel 1Z\\u202e of 3\nwould hold 4: no city\n"
	var out bytes.Buffer
	if err := WritePlan(&out, run); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// A full disk or a closed pipe is told by every writer.
func TestWritersTellFailure(t *testing.T) {
	rows := Rows(listed(), names, rules, nil)
	run := Run{Stages: []Stage{{Plan: []Planned{{OrderID: "1", Step: "create"}}}}}
	for name, err := range map[string]error{
		"table": WriteTable(broken{}, rows, View{}),
		"json":  WriteJSON(broken{}, rows, now),
		"csv":   WriteCSV(broken{}, rows),
		"run":   WriteRun(broken{}, run),
		"plan":  WritePlan(broken{}, run),
	} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type broken struct{}

var errBroken = errors.New("broken pipe")

func (broken) Write([]byte) (int, error) { return 0, errBroken }
