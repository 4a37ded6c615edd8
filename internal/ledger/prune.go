package ledger

import (
	"time"

	"dscosync/internal/order"
)

// Pruned is how much was dropped, or would be.
type Pruned struct{ Orders, Lines int }

// Prune drops the journal's lines from before a time and the done orders finished before it, of each up to limit, the
// oldest first. Both are found in the order of time, so what stays is not looked at. An order that is open keeps its
// row, but not its old lines.
func (tx *Tx) Prune(before time.Time, limit int) (n Pruned, err error) {
	err = tx.oldOrders(before, func(o order.Order) (bool, error) {
		if n.Orders == limit {
			return false, nil
		}
		n.Orders++
		return true, tx.leave(o)
	})
	if err != nil {
		return n, err
	}
	err = tx.oldLines(before, func(key []byte) (bool, error) {
		if n.Lines == limit {
			return false, nil
		}
		n.Lines++
		return true, tx.journal.delete(key)
	})
	return n, err
}

// Prunable counts what Prune would drop without a limit.
func (tx *Tx) Prunable(before time.Time) (n Pruned, err error) {
	err = tx.oldOrders(before, func(order.Order) (bool, error) { n.Orders++; return true, nil })
	if err != nil {
		return n, err
	}
	for o, err := range tx.Open() { // a Settle would have moved these first
		if err != nil {
			return n, err
		}
		if !o.Finished.IsZero() && o.Finished.Before(before) {
			n.Orders++
		}
	}
	err = tx.oldLines(before, func([]byte) (bool, error) { n.Lines++; return true, nil })
	return n, err
}

// oldOrders calls f for the done orders finished before a time, the oldest first, until it says no.
func (tx *Tx) oldOrders(before time.Time, f func(order.Order) (bool, error)) error {
	for r, err := range tx.finished.rows(nil) {
		if err != nil {
			return err
		}
		o, err := tx.finishedOrder(r.key)
		if err != nil || !o.Finished.Before(before) {
			return err
		}
		if more, err := f(o); !more || err != nil {
			return err
		}
	}
	return nil
}

// oldLines calls f for the journal's lines from before a time until it says no. It leaves the last line where it is: an
// empty journal that had lines before is a damaged one.
func (tx *Tx) oldLines(before time.Time, f func(key []byte) (bool, error)) error {
	last, err := tx.journal.sequence()
	if err != nil {
		return err
	}
	for r, err := range tx.journal.rows(nil) {
		if err != nil {
			return err
		}
		var e Entry
		if err := tx.journal.decode(r, &e); err != nil {
			return err
		}
		if !e.At.Before(before) || string(r.key) == string(journalKey(last)) {
			return nil
		}
		if more, err := f(r.key); !more || err != nil {
			return err
		}
	}
	return nil
}
