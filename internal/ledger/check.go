package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"dscosync/internal/order"
)

// Soundness is what a Check found.
type Soundness struct {
	Schema   int      `json:"schema"`
	Bytes    int64    `json:"bytes"`
	Open     int      `json:"open"`     // orders, and those finished in the last days
	Finished int      `json:"finished"` // orders
	Journal  int      `json:"journal"`  // lines
	Problems []string `json:"problems"` // none: all is as it was written
	Unnamed  int      `json:"unnamed"`  // problems beyond the first of them
}

// Checker tells whether a file is sound: its error is ErrDamaged when it is not. What is about to take the place of a
// ledger, or to be kept as a copy of one, is looked at first.
type Checker func(path string) error

// named is how many problems are named. One page that is gone may make thousands of them.
const named = 20

// Check reads all there is in a ledger, or in a copy of one that no other process writes: every page as bbolt sees it,
// every row with its checksum, and whether the tables agree. bbolt looks at pages in a goroutine of its own, where a
// damaged one may end the process or keep it busy for ever: so Check belongs into a process that may be given up.
func Check(path string, copied bool) (Soundness, error) {
	l := at(path)
	if copied {
		l = file(path, "file")
	}
	return l.check()
}

func (l *Ledger) check() (Soundness, error) {
	l.older = true
	s := Soundness{Problems: []string{}}
	if info, err := os.Stat(l.path); err == nil {
		s.Bytes = info.Size()
	}
	err := l.View(func(tx *Tx) error {
		if err := s.pages(tx); err != nil {
			return err
		}
		var err error
		if s.Schema, err = tx.schema(); err != nil || s.Schema < l.schema() { // whose rows are read when they are brought up to date
			return err
		}
		for _, look := range []func(*Tx) error{s.settings, s.orders, s.finished, s.lines} {
			if err := look(tx); err != nil {
				return err
			}
		}
		return nil
	})
	err = s.add(err)
	for i, p := range s.Problems {
		if p = strings.TrimPrefix(p, l.called()+" "); strings.HasPrefix(p, "is damaged: ") {
			s.Problems[i] = strings.TrimPrefix(p, "is damaged: ")
		} else {
			s.Problems[i] = "it " + p
		}
	}
	return s, err
}

// Err is the error of a Checker: nil when the file is sound.
func (s Soundness) Err() error {
	if len(s.Problems) == 0 {
		return nil
	}
	text := s.Problems[0]
	if more := len(s.Problems) + s.Unnamed - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return &problem{text: text, err: ErrDamaged}
}

// add takes note of a problem. One that is none of the file's is given back.
func (s *Soundness) add(err error) error {
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, ErrDamaged):
		return err
	case len(s.Problems) == named:
		s.Unnamed++
	case len(s.Problems) == 0 || s.Problems[len(s.Problems)-1] != err.Error(): // a breakdown shows wherever one looks next
		s.Problems = append(s.Problems, err.Error())
	}
	return nil
}

func (s *Soundness) pages(tx *Tx) error {
	for err := range tx.bolt.Check() {
		if err := s.add(tx.ledger.damaged("%v", &fault{err})); err != nil {
			return err
		}
	}
	return nil
}

func (s *Soundness) settings(tx *Tx) (err error) {
	for _, t := range []*table{&tx.meta, &tx.stages} {
		for r, fault := range t.rows(nil) {
			if fault == nil && t == &tx.stages {
				fault = t.decode(r, new(Stage))
			} else if fault == nil {
				fault = t.decode(r, new(json.RawMessage))
			}
			err = errors.Join(err, s.add(fault))
		}
	}
	return err
}

// orders looks at every row, and whether it stands where it belongs.
func (s *Soundness) orders(tx *Tx) error {
	last, err := tx.journal.sequence()
	if err != nil {
		return s.add(err)
	}
	for _, t := range []*table{&tx.open, &tx.done} {
		for r, err := range t.rows(nil) {
			var o order.Order
			if err == nil {
				err = t.decode(r, &o)
			}
			if err == nil {
				err = tx.placed(t, r, o, last)
			}
			if err := s.add(err); err != nil {
				return err
			}
			if t == &tx.open {
				s.Open++
			} else {
				s.Finished++
			}
		}
	}
	return nil
}

func (tx *Tx) placed(t *table, r row, o order.Order, last uint64) error {
	wrong := func(how string, args ...any) error {
		return tx.ledger.damaged("%s %s", t.called(r.key), fmt.Sprintf(how, args...))
	}
	if string(o.ID) != string(r.key) {
		return wrong("has the row of order %q", o.ID)
	}
	for _, seq := range o.Journal {
		if seq > last {
			return wrong("has a journal line %d that was never written", seq)
		}
	}
	if t == &tx.open {
		also, err := tx.done.sealed(r.key)
		if err == nil && also != nil {
			err = wrong("is among the open ones and the done ones")
		}
		return err
	}
	index, err := tx.finished.sealed(finishedKey(o))
	if err == nil && index == nil {
		err = wrong("is not among the finished ones")
	}
	return err
}

// finished looks whether every entry of the index is of a row.
func (s *Soundness) finished(tx *Tx) error {
	for r, err := range tx.finished.rows(nil) {
		if err == nil {
			_, err = tx.finishedOrder(r.key)
		}
		if err := s.add(err); err != nil {
			return err
		}
	}
	return nil
}

func (s *Soundness) lines(tx *Tx) error {
	for _, err := range tx.Entries(0, time.Time{}) {
		if err := s.add(err); err != nil {
			return err
		}
		s.Journal++
	}
	return nil
}

// Damage is the error for a file of which a Check found that it is not sound, with all that it named.
func (s Soundness) Damage(path string, copied bool) error {
	l := at(path)
	if copied {
		l = file(path, "file")
	}
	text := strings.Join(s.Problems, "\n")
	if s.Unnamed > 0 {
		text += fmt.Sprintf("\nand %d more", s.Unnamed)
	}
	return l.damaged("%s", text)
}
