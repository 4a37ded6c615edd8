package ledger

import (
	"slices"
	"time"

	"dscosync/internal/order"
)

// Record stores a new version of an order's row and writes what happened to it in the journal, in one transaction: the
// two cannot part. It gives back what happened.
func (tx *Tx) Record(run string, at time.Time, before, after order.Order) ([]order.Change, error) {
	changes := order.Changes(before, after)
	after.Journal = slices.Clone(after.Journal)
	for _, c := range changes {
		seq, err := tx.Note(Entry{At: at, Run: run, Order: after.ID, Level: c.Level, Text: c.Text, RequestID: c.RequestID})
		if err != nil {
			return nil, err
		}
		after.Journal = append(after.Journal, seq)
	}
	return changes, tx.Put(after)
}
