// Package stage carries orders between DSCO and ShipStation.
//
// Every stage has one shape. It gathers: both remotes are read to the end and nothing is changed there. What was
// gathered is folded into the ledger in one transaction, and order.Next names the writes that follow. Then it applies
// them: one commit (what the last call brought, the next chunk, its intents), one call, and so on.
//
// The commit before a call makes sure that a crash cannot hide what was begun; the gathering of the next run finds out
// how it ended. That is the normal path of a run, not a second one for repairs.
package stage

import (
	"context"
	"log/slog"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
)

// Stage is one kind of run: how it looks at the remotes and which writes it makes.
type Stage struct {
	Name   string
	Steps  []order.Step
	Gather func(ctx context.Context, r *Runner, since Since) (Catch, error) // reads to the end; never writes
	Only   map[order.ID]bool                                                // nil: all open orders
}

// Since is what a gathering starts from.
type Since struct {
	Cursor  time.Time     // end of the last gathering that is wholly in the ledger; zero: there was none
	Daily   time.Time     // when the daily look was last taken
	Adopted time.Time     // end of pull's last gathering; zero: what is on both sides already was never read
	Open    []order.Order // open rows that want one of the stage's steps, or are in doubt about one
	Hourly  time.Time     // when the hourly look was last taken
	Tracked time.Time     // end of push-tracking's last gathering
	Blank   time.Time     // when the ledger was made, or an older copy of it put back
	Salt    []byte        // of the hashes by which a change is noticed
}

// Catch is what a gathering brought.
type Catch struct {
	Sightings map[order.ID][]order.Sighting // in the order they are to be folded
	Take      map[order.ID]bool             // orders that get a row if they have none yet
	Documents map[order.ID]dsco.Order       // the addresses are in memory only, never in the ledger
	Seen      int                           // orders the remotes showed that concern the stage
	Skipped   int                           // documents that could not even be named: without an id
	Remark    string                        // for a person who wonders about the result
	Cursor    time.Time
	Adopted   time.Time       // when the gathering was an adoption in pull's stead
	Missing   *ledger.Missing // the daily look, when it was taken
	Daily     bool            // another daily look was taken
	Hourly    bool            // the hourly look was taken

	Checked map[order.ID]bool // orders that were looked at closely, from all sides
	Guarded []order.ID        // orders whose cancellation is not told to DSCO because there are too many
}

func (c *Catch) see(id order.ID, s order.Sighting) {
	c.Sightings[id] = append(c.Sightings[id], s)
}

func newCatch() Catch {
	return Catch{Sightings: map[order.ID][]order.Sighting{}, Take: map[order.ID]bool{}, Documents: map[order.ID]dsco.Order{}, Checked: map[order.ID]bool{}}
}

// Runner has what every stage needs.
type Runner struct {
	Ledger      *ledger.Ledger
	DSCO        *dsco.Client
	ShipStation *shipstation.Client
	Now         func() time.Time
	Log         *slog.Logger
	Progress    func(stage, doing string, done, of int) // for a person at a terminal; may be nil
	ID          string                                  // of the run
	DryRun      bool

	Lookback          time.Duration // only orders created within it are taken
	Lifecycles        []string      // dscoLifecycle values that are taken
	TestOrders        bool
	DSCOSettle        time.Duration // how long DSCO's lists may not show a write of ours
	ShipStationSettle time.Duration
	Retention         time.Duration // finished orders and the journal are kept for it
	Translation       Translation
	AcknowledgeAlarm  time.Duration
	ShipByAlarm       time.Duration
	ShipDelay         time.Duration // after a label's creation, before DSCO is told
	Carriers          Carriers
	Warehouses        map[string]string // codes by DSCO's id of the retailer
	CancelCode        string            // the reason DSCO is told for what was cancelled in ShipStation
	CancelCodes       map[string]string // other reasons by DSCO's id of the retailer
	MaxCancels        int               // more cancellations to be told to DSCO in one run are held
	HoldOnRequest     bool              // what a retailer asks to cancel is put on hold in ShipStation
	Force             bool              // also what is held because there was too much of it

	commit func() error // asked before each commit; set by tests that kill a run there
	most   int          // orders in a call or a commit; set by tests that want several of few orders
}

// Result is how a stage ended.
type Result struct {
	Stage             string
	Started, Finished time.Time
	Seen              int // orders the remotes showed
	Planned           int // orders that needed a write
	Done              int // of these, the ones that got all they needed
	Held              int // of these, the ones that now wait for a person
	Deferred          int // of these, the ones left to the next run
	Refused           int // of these, acknowledgements that DSCO refused: nothing hinders a run, each asks again
	Skipped           int // documents without an order id
	Holding           int // held orders in the whole ledger
	CallsDSCO         int64
	CallsShipStation  int64
	Guarded           []string  // orders whose cancellation was not told to DSCO because there were too many
	Plan              []Planned // of a dry run
	Remark            string    // what a person who wonders about the numbers should know
	Err               error     // what stopped the stage
}

// Planned is a write that a dry run would make. Problem says why it would be held instead.
type Planned struct {
	Order    order.ID
	Step     order.Step
	Tracking string // number of the parcel, for Ship
	Problem  string
}

// sending is how long a request may be on its way after its intent was committed: a call is given up after a minute.
const sending = time.Minute

// proves is the moment before which our writes would show in a look that began then. See order.InDSCO.
func proves(began time.Time, settle time.Duration) time.Time { return began.Add(-settle - sending) }

// stamp is a time as it is stored.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

func (r *Runner) progress(stage, doing string, done, of int) {
	if r.Progress != nil {
		r.Progress(stage, doing, done, of)
	}
}

// rules are those for a run that began then, with a ledger that was made at blank, and for these steps only.
func (r *Runner) rules(started, blank time.Time, only ...order.Step) order.Rules {
	return order.Rules{Now: r.Now(), Started: started, Steps: only, AcknowledgeAlarm: r.AcknowledgeAlarm, ShipByAlarm: r.ShipByAlarm, ShipDelay: r.ShipDelay,
		HoldOnRequest: r.HoldOnRequest, Lag: r.ShipStationSettle, Force: r.Force, Blank: blank, Clear: blank.Add(r.DSCOSettle + sending)}
}
