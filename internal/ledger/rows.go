package ledger

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"dscosync/internal/order"
)

// settled is how long an order stays among the open ones after it was finished. A status lists those of the last two
// days, and so reads no other.
const settled = 48 * time.Hour

// Order is the row of an order, open or done.
func (tx *Tx) Order(id order.ID) (order.Order, bool, error) {
	for _, t := range []*table{&tx.open, &tx.done} {
		var o order.Order
		if found, err := t.load([]byte(id), &o); found || err != nil {
			return o, found, err
		}
	}
	return order.Order{}, false, nil
}

// Put stores the row of an order. It stands where it stood, and with the open ones when it is new or has something to
// do again.
func (tx *Tx) Put(o order.Order) error {
	if o.ID == "" {
		return errors.New("store an order: it has no id")
	}
	encoded, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("store order %s: %w", o.ID, err)
	}
	key := []byte(o.ID)
	var was order.Order
	done, err := tx.done.load(key, &was)
	switch {
	case err != nil:
		return err
	case !done:
		return tx.open.put(key, encoded)
	case o.Finished.IsZero():
		if err := tx.leave(was); err != nil {
			return err
		}
		return tx.open.put(key, encoded)
	}
	if when := finishedKey(was); string(when) != string(finishedKey(o)) {
		if err := tx.finished.delete(when); err != nil {
			return err
		}
	}
	if err := tx.finish(o); err != nil {
		return err
	}
	return tx.done.put(key, pack(encoded))
}

// Open are the orders that have something to do, and those finished in the last days, by id. Rows may be put on the way.
func (tx *Tx) Open() iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		for r, err := range tx.open.rows(nil) {
			var o order.Order
			if err == nil {
				err = tx.open.decode(r, &o)
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// Done are the orders that are no longer among the open ones and were finished at the time given or later, the longest
// finished first; the zero time gives them all.
func (tx *Tx) Done(since time.Time) iter.Seq2[order.Order, error] {
	return func(yield func(order.Order, error) bool) {
		var from []byte
		if !since.IsZero() {
			from = finishedKey(order.Order{Finished: since})
		}
		for r, err := range tx.finished.rows(from) {
			var o order.Order
			if err == nil {
				o, err = tx.finishedOrder(r.key)
			}
			if (err != nil || !o.Finished.Before(since)) && !yield(o, err) {
				return
			}
		}
	}
}

// Settle moves the orders that were finished more than two days ago from the open ones to the done ones, and tells how
// many they were.
func (tx *Tx) Settle(now time.Time) (moved int, err error) {
	for o, err := range tx.Open() {
		if err != nil {
			return moved, err
		}
		if o.Finished.IsZero() || now.Sub(o.Finished) <= settled {
			continue
		}
		if err := tx.retire(o); err != nil {
			return moved, err
		}
		moved++
	}
	return moved, nil
}

// retire moves a row from open to done.
func (tx *Tx) retire(o order.Order) error {
	key := []byte(o.ID)
	value, err := tx.open.get(key)
	if err != nil {
		return err
	}
	if err := tx.done.put(key, pack(value)); err != nil {
		return err
	}
	if err := tx.finish(o); err != nil {
		return err
	}
	return tx.open.delete(key)
}

// leave takes a row out of done.
func (tx *Tx) leave(o order.Order) error {
	if err := tx.finished.delete(finishedKey(o)); err != nil {
		return err
	}
	return tx.done.delete([]byte(o.ID))
}

// finishedOrder is the order a key of finished stands for.
func (tx *Tx) finishedOrder(key []byte) (o order.Order, err error) {
	found := false
	if len(key) > 8 {
		found, err = tx.done.load(key[8:], &o)
	}
	if err == nil && (!found || string(finishedKey(o)) != string(key)) {
		err = tx.ledger.damaged("%s is not among the done ones", tx.finished.called(key))
	}
	return o, err
}

func finishedKey(o order.Order) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(o.Finished.Unix())), o.ID...)
}
