package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"dscosync/internal/order"
)

// Stage is what is remembered of a stage from run to run. Times are UTC.
type Stage struct {
	Cursor    time.Time `json:"cursor,omitzero"`    // end of the last gathering that is wholly in the ledger; zero: none was
	Daily     time.Time `json:"daily,omitzero"`     // when its daily look was last taken
	Hourly    time.Time `json:"hourly,omitzero"`    // when its hourly look was last taken
	Blank     time.Time `json:"blank,omitzero"`     // when the ledger was made or put back: what was written before, nobody knows
	Started   time.Time `json:"started,omitzero"`   // of the last run
	Finished  time.Time `json:"finished,omitzero"`  // of the last run
	Succeeded time.Time `json:"succeeded,omitzero"` // end of the last run without an error
	Exit      int       `json:"exit,omitempty"`     // exit code of the last run
	Error     string    `json:"error,omitempty"`    // what stopped the last run
	Missing   *Missing  `json:"missing,omitempty"`
}

// Missing is what the daily look found: orders open in DSCO that no ShipStation order answers to.
type Missing struct {
	At     time.Time  `json:"at"`
	Count  int        `json:"count"`
	Orders []order.ID `json:"orders,omitempty"` // not necessarily all of them
}

// Stage is what is remembered of a stage; the zero value before its first run.
func (tx *Tx) Stage(name string) (Stage, error) {
	var s Stage
	_, err := tx.stages.load([]byte(name), &s)
	return s, err
}

// Missing is what the last daily look of a stage found, less the orders that the ledger knows better by now: they were
// on their way, or a later run took them up or held them. It is nil before the first look.
func (tx *Tx) Missing(s Stage) (*Missing, error) {
	if s.Missing == nil {
		return nil, nil
	}
	left := Missing{At: s.Missing.At, Count: s.Missing.Count}
	for _, id := range s.Missing.Orders {
		o, known, err := tx.Order(id)
		if err != nil {
			return nil, err
		}
		if known && !o.Missed() {
			left.Count--
		} else {
			left.Orders = append(left.Orders, id)
		}
	}
	return &left, nil
}

// PutStage stores what is to be remembered of a stage.
func (tx *Tx) PutStage(name string, s Stage) error {
	encoded, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("store stage %s: %w", name, err)
	}
	return tx.stages.put([]byte(name), encoded)
}
