package ledger

import (
	"bytes"
	"context"
	"iter"
	"time"

	"dscosync/internal/order"
)

// passed is how many finished orders are read in one transaction: some milliseconds, for which a run waits.
const passed = 2000

// finish notes when an order was finished, with its facts.
func (tx *Tx) finish(o order.Order) error {
	facts, err := o.Facts().MarshalBinary()
	if err != nil {
		return err
	}
	if facts, err = tx.numbered(o, facts); err != nil {
		return err
	}
	return tx.finished.put(finishedKey(o), facts)
}

// Facts are those of all orders that are open or were finished at the time given or later. Whole ones have the SKUs, too.
// Beside orders that an earlier program finished these are missing, and the rows are read, which takes several times as
// long.
//
// They are read as a stream, in many short transactions, so that a run beside it is not kept waiting. An order that is
// settled meanwhile comes once; one that is opened again meanwhile may be left out.
func (l *Ledger) Facts(ctx context.Context, since time.Time, whole bool) iter.Seq2[order.Facts, error] {
	return func(yield func(order.Facts, error) bool) {
		open := map[order.ID]bool{}
		some, err := l.openFacts()
		for _, f := range some {
			open[f.ID] = true
			if !yield(f, nil) {
				return
			}
		}
		var known *catalogue
		if whole {
			known = &catalogue{}
		}
		var from []byte
		if !since.IsZero() {
			from = finishedKey(order.Order{Finished: since})
		}
		for more := err == nil; more; {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
				break
			}
			if some, from, err = l.doneFacts(from, known, some[:0]); err != nil {
				break
			}
			more = from != nil
			for _, f := range some {
				if !open[f.ID] && !yield(f, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(order.Facts{}, err)
		}
	}
}

func (l *Ledger) openFacts() (some []order.Facts, err error) {
	err = l.View(func(tx *Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			some = append(some, o.Facts())
		}
		return nil
	})
	return some, err
}

// doneFacts reads a part of the finished orders from a key on, with their SKUs if there is a catalogue to read them into.
// next is where the part after it begins, nil when there is none.
func (l *Ledger) doneFacts(from []byte, known *catalogue, some []order.Facts) (part []order.Facts, next []byte, err error) {
	err = l.View(func(tx *Tx) error {
		if err := known.of(tx); err != nil {
			return err
		}
		for r, err := range tx.finished.rows(from) {
			if err != nil {
				return err
			}
			if len(some) == passed {
				next = bytes.Clone(r.key)
				return nil
			}
			f, err := tx.facts(r, known)
			if err != nil {
				return err
			}
			some = append(some, f)
		}
		return nil
	})
	return some, next, err
}

// facts are those of a finished order. Where they do not stand beside it they are made of its row.
func (tx *Tx) facts(r row, known *catalogue) (f order.Facts, err error) {
	if len(r.value) == 0 || len(r.key) <= 8 {
		o, err := tx.finishedOrder(r.key)
		return o.Facts(), err
	}
	f.ID = order.ID(r.key[8:])
	numbers, facts, err := split(r.value)
	if err == nil {
		err = f.UnmarshalBinary(facts)
	}
	if err == nil && numbers != nil && len(numbers) != len(f.Lines) {
		err = errNumbers
	}
	switch {
	case err != nil:
		return f, tx.ledger.damaged("%s: %v", tx.finished.called(r.key), err)
	case known == nil:
		return f, nil
	case numbers == nil:
		return f, tx.rowSKUs(&f)
	}
	for i, n := range numbers {
		if f.Lines[i].SKU, err = tx.sku(n, known); err != nil {
			return f, err
		}
	}
	return f, nil
}

// rowSKUs fills in the SKUs from the row. To decode no more of it than that takes half the time.
func (tx *Tx) rowSKUs(f *order.Facts) error {
	var o struct {
		Lines []struct {
			SKU string `json:"sku"`
		} `json:"lines"`
	}
	found, err := tx.done.load([]byte(f.ID), &o)
	if err == nil && (!found || len(o.Lines) != len(f.Lines)) {
		err = tx.ledger.damaged("order %q is not the one that was finished", f.ID)
	}
	if err != nil {
		return err
	}
	for i, l := range o.Lines {
		f.Lines[i].SKU = l.SKU
	}
	return nil
}
