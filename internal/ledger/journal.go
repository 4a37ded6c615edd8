package ledger

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"sort"
	"time"

	"dscosync/internal/order"
)

// Levels of an Entry.
const (
	Info  = "info"
	Warn  = "warn"
	Error = "error"
)

// Entry is a line of the journal.
type Entry struct {
	Seq   uint64    `json:"-"` // its number, given by Note
	At    time.Time `json:"t"` // UTC, to the millisecond
	Run   string    `json:"r,omitempty"`
	Order order.ID  `json:"o,omitempty"`
	Level string    `json:"l"`
	Text  string    `json:"m"`

	// Of the write to a remote that it tells of, if it does.
	Step      order.Step `json:"s,omitempty"`
	API       string     `json:"a,omitempty"` // which remote answered, as package remote calls it
	Status    int        `json:"h,omitempty"` // HTTP status of the answer
	RequestID string     `json:"q,omitempty"` // the remote's own name for the call
}

// Note adds a line to the journal and gives its number.
func (tx *Tx) Note(e Entry) (seq uint64, err error) {
	e.At = e.At.UTC().Truncate(time.Millisecond)
	encoded, err := json.Marshal(e)
	if err != nil {
		return 0, fmt.Errorf("write in the journal: %w", err)
	}
	err = tx.safely(func() error {
		seq, err = tx.journal.bucket.NextSequence()
		return err
	})
	if err != nil {
		return 0, err
	}
	return seq, tx.journal.put(journalKey(seq), encoded)
}

// Last is the number of the newest line, 0 before there is one.
func (tx *Tx) Last() (uint64, error) { return tx.journal.sequence() }

// Entry is a line of the journal by its number. Old ones are pruned.
func (tx *Tx) Entry(seq uint64) (Entry, bool, error) {
	e := Entry{Seq: seq}
	found, err := tx.journal.load(journalKey(seq), &e)
	if !found {
		e.Seq = 0
	}
	return e, found, err
}

// Entries are the journal's lines, the newest last: those numbered from and above, written at the time since or later.
// The zero values give them all. The time is looked up as if the lines ascended in it, which they do as far as the
// clock did.
func (tx *Tx) Entries(from uint64, since time.Time) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		first, err := tx.first(from, since)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		last := first
		for r, err := range tx.journal.rows(journalKey(first)) {
			var e Entry
			if err == nil {
				e, err = tx.line(r, last)
			}
			last++
			if !yield(e, err) {
				return
			}
		}
		if err := tx.ends(last); err != nil {
			yield(Entry{}, err)
		}
	}
}

// line decodes a line, which must have the number given: the journal has no gaps.
func (tx *Tx) line(r row, seq uint64) (e Entry, err error) {
	if string(r.key) != string(journalKey(seq)) {
		return e, tx.ledger.damaged("journal line %d is gone", seq)
	}
	err = tx.journal.decode(r, &e)
	e.Seq = seq
	return e, err
}

// ends tells whether the journal ends before a number, as it should.
func (tx *Tx) ends(seq uint64) error {
	last, err := tx.journal.sequence()
	if err == nil && seq <= last {
		err = tx.ledger.damaged("journal line %d is gone", last)
	}
	return err
}

// first is the number of the first line that is numbered from or above and not older than since; where there is none,
// the number the next line will have.
func (tx *Tx) first(from uint64, since time.Time) (uint64, error) {
	last, err := tx.journal.sequence()
	if err != nil {
		return 0, err
	}
	var oldest uint64
	for r, err := range tx.journal.rows(nil) {
		if err != nil {
			return 0, err
		}
		if len(r.key) != 8 {
			return 0, tx.ledger.damaged("%s has no number", tx.journal.called(r.key))
		}
		oldest = binary.BigEndian.Uint64(r.key)
		break
	}
	switch {
	case last == 0:
		return 1, nil
	case oldest == 0 || oldest > last:
		return 0, tx.ledger.damaged("journal line %d is gone", last)
	}
	oldest = min(max(oldest, from), last+1)
	if since.IsZero() || oldest > last {
		return oldest, nil
	}
	later := sort.Search(int(last+1-oldest), func(i int) bool {
		e, found, lookup := tx.Entry(oldest + uint64(i))
		if lookup == nil && !found {
			lookup = tx.ledger.damaged("journal line %d is gone", oldest+uint64(i))
		}
		if lookup != nil {
			err = lookup
		}
		return !e.At.Before(since)
	})
	return oldest + uint64(later), err
}

func journalKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }
