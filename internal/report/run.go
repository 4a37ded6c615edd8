package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"dscosync/internal/escape"
	"dscosync/internal/order"
)

// Run is the result of a stage or of several. Its JSON is that of a stage or `sync` with --json.
type Run struct {
	Command  string  `json:"-"`
	ID       string  `json:"run_id"`
	Started  Stamp   `json:"started_at"`
	Finished Stamp   `json:"finished_at"`
	DryRun   bool    `json:"dry_run"`
	ExitCode int     `json:"exit_code"`
	Stages   []Stage `json:"stages"`
}

// String is the whole run in a line, for one of several stages: "sync: 12 done, 1 held, 0 put off; 5 DSCO and 3 ShipStation
// calls in 2.1s; 2 orders wait for a person: dscosync status --errors".
func (r Run) String() string {
	sum := Stage{Took: r.Finished.Time.Sub(r.Started.Time)}
	for _, s := range r.Stages {
		sum.Planned, sum.Done, sum.Held, sum.Deferred = sum.Planned+s.Planned, sum.Done+s.Done, sum.Held+s.Held, sum.Deferred+s.Deferred
		sum.Calls.DSCO, sum.Calls.ShipStation = sum.Calls.DSCO+s.Calls.DSCO, sum.Calls.ShipStation+s.Calls.ShipStation
		sum.Holding = max(sum.Holding, s.Holding)
	}
	did := fmt.Sprintf("%d done, %d held, %d put off", sum.Done, sum.Held, sum.Deferred)
	if r.DryRun {
		did = fmt.Sprintf("%d planned", sum.Planned)
	}
	line := fmt.Sprintf("%s: %s; %d DSCO and %d ShipStation calls in %s", r.Command, did, sum.Calls.DSCO, sum.Calls.ShipStation, sum.Took.Round(100*time.Millisecond))
	switch {
	case sum.Holding == 1:
		line += "; 1 order waits for a person: dscosync status --errors"
	case sum.Holding > 1:
		line += fmt.Sprintf("; %d orders wait for a person: dscosync status --errors", sum.Holding)
	}
	return line
}

// Stage is the result of one stage. The numbers count orders.
type Stage struct {
	Name     string        `json:"stage"`
	Seen     int           `json:"seen"`
	Planned  int           `json:"planned"`
	Done     int           `json:"done"`
	Held     int           `json:"held"`
	Deferred int           `json:"deferred"` // put off to the next run
	Calls    Calls         `json:"calls"`
	Error    Text          `json:"error"`         // why the stage stopped; empty when it came to its end
	Plan     []Planned     `json:"plan,omitzero"` // of a dry run
	Holding  int           `json:"-"`             // held orders in the whole ledger
	Took     time.Duration `json:"-"`
}

// Calls counts the requests made to each remote.
type Calls struct {
	DSCO        int `json:"dsco"`
	ShipStation int `json:"shipstation"`
}

// Planned is one write that a dry run would have made.
type Planned struct {
	OrderID  string `json:"order_id"`
	Step     string `json:"step"`
	Tracking string `json:"tracking,omitempty"` // number of the parcel, of the step ship
	Problem  string `json:"problem,omitempty"`  // why it would be held instead
}

// WriteRun writes the result as one JSON document. The stages of a dry run have a plan, though it be empty; the others
// have none.
func WriteRun(w io.Writer, run Run) error {
	stages := make([]Stage, len(run.Stages))
	for i, s := range run.Stages {
		switch {
		case !run.DryRun:
			s.Plan = nil
		case s.Plan == nil:
			s.Plan = []Planned{}
		}
		stages[i] = s
	}
	run.Stages = stages
	return WriteDocument(w, run)
}

// String is the stage in a line: "pull: 12 seen, 12 done, 0 held, 0 put off; 4 DSCO and 1 ShipStation calls in 1.2s",
// and why it stopped. A dry run has a number planned instead of what was done.
func (s Stage) String() string {
	did := fmt.Sprintf("%d done, %d held, %d put off", s.Done, s.Held, s.Deferred)
	if s.Holding > s.Held {
		did = fmt.Sprintf("%d done, %d newly held (%d in all), %d put off", s.Done, s.Held, s.Holding, s.Deferred)
	}
	if s.Plan != nil {
		did = fmt.Sprintf("%d planned", s.Planned)
	}
	line := fmt.Sprintf("%s: %d seen, %s; %d DSCO and %d ShipStation calls in %s",
		s.Name, s.Seen, did, s.Calls.DSCO, s.Calls.ShipStation, s.Took.Round(100*time.Millisecond))
	if s.Error != "" {
		line += "; stopped: " + escape.Text(string(s.Error))
	}
	return line
}

// WritePlan says in words what a dry run would have done, a line for each order in the order of the plans:
// "would create 1026064165 in ShipStation, then acknowledge it", or why it would be held.
func WritePlan(w io.Writer, run Run) error {
	for _, s := range run.Stages {
		var ids []string
		steps, problems := map[string][]Planned{}, map[string]string{}
		for _, p := range s.Plan {
			if p.Problem != "" {
				problems[p.OrderID] = p.Problem
			}
			if steps[p.OrderID] == nil {
				ids = append(ids, p.OrderID)
			}
			steps[p.OrderID] = append(steps[p.OrderID], p)
		}
		for _, id := range ids {
			line := would(id, steps[id])
			if problems[id] != "" {
				line = "would hold " + escape.Text(id) + ": " + escape.Text(problems[id])
			}
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func would(id string, steps []Planned) string {
	deeds := make([]string, len(steps))
	name := escape.Text(id)
	for i, p := range steps {
		switch order.Step(p.Step) {
		case order.Create:
			deeds[i] = "create " + name + " in ShipStation"
		case order.Ship: // whose next parcel it is; those after it wait for the answer
			deeds[i] = "tell DSCO of parcel " + escape.Text(p.Tracking) + " of " + name
		case order.CancelDSCO:
			deeds[i] = "tell DSCO that " + name + " was cancelled in ShipStation, as far as it was"
		case order.CancelShipStation:
			deeds[i] = "take out of " + name + " in ShipStation what DSCO has cancelled"
		case order.Suspend:
			deeds[i] = "put " + name + " on hold in ShipStation"
		case order.Resume:
			deeds[i] = "release " + name + " in ShipStation"
		default:
			deeds[i] = p.Step + " " + name
		}
		name = "it"
	}
	return "would " + strings.Join(deeds, ", then ")
}
