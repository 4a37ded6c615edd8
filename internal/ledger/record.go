package ledger

import (
	"cmp"
	"slices"
	"time"

	"dscosync/internal/order"
)

// Answer is how a remote answered the write that led to a new version of a row.
type Answer struct {
	Step      order.Step
	API       string
	Status    int
	RequestID string
}

// Record stores a new version of an order's row and writes what happened to it in the journal, in one transaction: the
// two cannot part. It gives back what happened.
func (tx *Tx) Record(run string, at time.Time, before, after order.Order) ([]order.Change, error) {
	return tx.RecordAnswer(run, at, Answer{}, before, after)
}

// RecordAnswer is Record for what a write brought: what happened by it is told with the remote's answer.
func (tx *Tx) RecordAnswer(run string, at time.Time, a Answer, before, after order.Order) ([]order.Change, error) {
	changes := order.Changes(before, after)
	after.Journal = slices.Clone(after.Journal)
	for _, c := range changes {
		e := Entry{At: at, Run: run, Order: after.ID, Level: c.Level, Text: c.Text, Step: c.Step, RequestID: c.RequestID}
		if c.Step != "" && c.Step == a.Step {
			e.API, e.Status, e.RequestID = a.API, a.Status, cmp.Or(c.RequestID, a.RequestID)
		}
		seq, err := tx.Note(e)
		if err != nil {
			return nil, err
		}
		after.Journal = append(after.Journal, seq)
	}
	return changes, tx.Put(after)
}
