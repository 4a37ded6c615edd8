package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"

	"dscosync/internal/order"
)

// batch is how many rows a search reads in one transaction: some tens of milliseconds, for which a run waits.
const batch = 2000

// Found is a row that a search passed.
type Found struct {
	ID    order.ID
	Order *order.Order // nil when the word is nowhere in it
}

// Search passes every row, the open ones first, and decodes those whose text holds the word, in whatever case and with
// its spaces or without. There is no index to keep for what is asked so rarely: rows are read as a stream, in many short
// transactions, so that a run beside it is not kept waiting. A row that moves meanwhile may come twice.
func (l *Ledger) Search(ctx context.Context, word string) iter.Seq2[Found, error] {
	pieces := [][]byte{piece(word)}
	if tight := strings.Join(strings.Fields(word), ""); tight != word {
		pieces = append(pieces, piece(tight))
	}
	return func(yield func(Found, error) bool) {
		for _, name := range []string{"open", "done"} {
			var from []byte
			for more := true; more; {
				if err := ctx.Err(); err != nil {
					yield(Found{}, context.Cause(ctx))
					return
				}
				var some []Found
				err := l.View(func(tx *Tx) (err error) {
					some, from, err = tx.search(name, from, pieces)
					more = from != nil
					return err
				})
				if err != nil {
					yield(Found{}, err)
					return
				}
				for _, f := range some {
					if !yield(f, nil) {
						return
					}
				}
			}
		}
	}
}

// search passes a batch of rows from a key on. next is where the one after it begins, nil when there is none.
func (tx *Tx) search(name string, from []byte, pieces [][]byte) (some []Found, next []byte, err error) {
	t := &tx.open
	if name == tx.done.name {
		t = &tx.done
	}
	for r, err := range t.rows(from) {
		if err != nil {
			return nil, nil, err
		}
		if len(some) == batch {
			return some, r.key, nil
		}
		f := Found{ID: order.ID(r.key)}
		text, err := unpack(r.value)
		if err != nil {
			return nil, nil, tx.ledger.damaged("%s cannot be read: %v", t.called(r.key), err)
		}
		text = bytes.ToLower(text)
		if slices.ContainsFunc(pieces, func(p []byte) bool { return bytes.Contains(text, p) }) {
			f.Order = new(order.Order)
			if err := t.decode(r, f.Order); err != nil {
				return nil, nil, err
			}
		}
		some = append(some, f)
	}
	return some, nil, nil
}

// piece is how a word stands in the JSON of a row, in small letters.
func piece(word string) []byte {
	quoted, err := json.Marshal(word)
	if err != nil {
		panic(err) // cannot be: a string is always JSON
	}
	return bytes.ToLower(quoted[1 : len(quoted)-1])
}
