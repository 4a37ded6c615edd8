package ledger

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

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

	called string // the file, in errors
	quick  bool
}

// Checker tells whether a file is sound: its error is ErrDamaged when it is not. What is about to take the place of a
// ledger, or to be kept as a copy of one, is looked at first.
type Checker func(path string) error

// named is how many problems are named. One page that is gone may make thousands of them.
const named = 20

// How a Check goes about it.
type How struct {
	Copied bool // nobody writes to the file: it is looked at as it lies
	Quick  bool // what has the right checksum is not read as well: for a copy of what was just read
}

// Check reads all there is in a ledger, or in a copy of one: every page as bbolt sees it, every row with its checksum, and
// whether the tables agree. bbolt looks at pages in a goroutine of its own, where a damaged one may end the process or keep
// it busy for ever: so Check belongs into a process that may be given up.
//
// A run may go on meanwhile: it is a copy of the ledger that is looked at for seconds, unless there is no room for one.
func Check(path string, how How) (Soundness, error) {
	if how.Copied {
		return file(path, "file").check(how.Quick)
	}
	l := at(path)
	copied, err := l.snapshot()
	switch {
	case errors.Is(err, ErrDamaged):
		s := l.begin()
		s.add(err)
		return s, nil
	case errors.As(err, new(*unwritten)):
		return l.check(how.Quick)
	case err != nil:
		return l.begin(), err
	}
	defer copied.Close()
	defer os.Remove(copied.Name())
	bytes := l.begin().Bytes
	l.path, l.private = copied.Name(), true
	s, err := l.check(how.Quick)
	s.Bytes = bytes
	return s, err
}

// snapshot is a copy that is thrown away.
func (l *Ledger) snapshot() (*os.File, error) {
	l.older = true
	l.sweep(l.path + ".check")
	to, err := os.CreateTemp(filepath.Dir(l.path), filepath.Base(l.path)+".check.*"+part)
	if err != nil {
		return nil, &unwritten{err}
	}
	err = syscall.Flock(int(to.Fd()), syscall.LOCK_SH) // else it is taken for a leftover
	if err == nil {
		_, err = l.copyTo(to, false)
	}
	if err != nil {
		to.Close()
		os.Remove(to.Name())
		return nil, err
	}
	return to, nil
}

func (l *Ledger) begin() Soundness {
	s := Soundness{Problems: []string{}, called: l.called()}
	if info, err := os.Stat(l.path); err == nil {
		s.Bytes = info.Size()
	}
	return s
}

func (l *Ledger) check(quick bool) (Soundness, error) {
	l.older = true
	s := l.begin()
	s.quick = quick
	err := l.View(func(tx *Tx) error {
		if err := s.pages(tx); err != nil {
			return err
		}
		var err error
		if s.Schema, err = tx.schema(); err != nil || s.Schema < l.schema() { // whose rows are read when they are brought up to date
			return err
		}
		for _, look := range []func(*Tx) error{s.settings, s.orders, s.finished, s.skus, s.lines} {
			if err := look(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return s, s.add(err)
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
	if !errors.Is(err, ErrDamaged) {
		return err
	}
	text, plain := strings.CutPrefix(err.Error(), s.called+" is damaged: ")
	if !plain {
		text = "it" + strings.TrimPrefix(text, s.called)
	}
	switch {
	case slices.Contains(s.Problems, text): // a breakdown shows wherever one looks next
	case len(s.Problems) == named:
		s.Unnamed++
	default:
		s.Problems = append(s.Problems, text)
	}
	return nil
}

func (s *Soundness) pages(tx *Tx) error {
	if err := tx.safely(tx.layout.tree); err != nil {
		return s.add(err)
	}
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
	known := &catalogue{}
	if err := known.of(tx); err != nil {
		return err
	}
	for _, t := range []*table{&tx.open, &tx.done} {
		for r, err := range t.rows(nil) {
			var o order.Order
			if err == nil && !s.quick {
				err = t.decode(r, &o)
			}
			if err == nil && !s.quick {
				err = tx.placed(t, r, o, last, known)
			}
			if err := s.add(err); err != nil {
				return err
			}
			switch {
			case r.key == nil: // of all rows
			case t == &tx.open:
				s.Open++
			default:
				s.Finished++
			}
		}
	}
	return nil
}

func (tx *Tx) placed(t *table, r row, o order.Order, last uint64, known *catalogue) error {
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
	beside, err := tx.finished.get(finishedKey(o))
	if err != nil || len(beside) == 0 {
		if err == nil && beside == nil {
			err = wrong("is not among the finished ones")
		}
		return err
	}
	if beside[0] != numbered { // its SKUs would be read from the row
		known = nil
	}
	f, err := tx.facts(row{finishedKey(o), beside}, known)
	if err == nil && known != nil && !slices.EqualFunc(f.Lines, o.Lines, func(f order.LineFacts, l order.Line) bool { return f.SKU == l.SKU }) {
		err = wrong("has other SKUs than those noted when it was finished")
	}
	return err
}

// finished looks at the index, which has an entry for every done row: there are no others if it has as many.
func (s *Soundness) finished(tx *Tx) error {
	n := 0
	for r, err := range tx.finished.rows(nil) {
		if err := s.add(err); err != nil {
			return err
		}
		if r.key != nil {
			n++
		}
	}
	if n != s.Finished {
		return s.add(tx.ledger.damaged("%d orders are done, but %d finished", s.Finished, n))
	}
	return nil
}

// skus looks whether each stands under a number of its own.
func (s *Soundness) skus(tx *Tx) error {
	if tx.skus.bucket == nil {
		return s.add(tx.missing(&tx.skus))
	}
	for r, err := range tx.skus.rows(nil) {
		if err == nil && !slices.ContainsFunc(slots(string(r.value)), func(n uint32) bool { return string(skuKey(n)) == string(r.key) }) {
			err = tx.ledger.damaged("%s has the place of another", tx.skus.called(r.key))
		}
		if err := s.add(err); err != nil {
			return err
		}
	}
	return nil
}

// lines looks at the journal, which has no gap.
func (s *Soundness) lines(tx *Tx) error {
	next := uint64(0)
	for r, err := range tx.journal.rows(nil) {
		if len(r.key) == 8 {
			seq := binary.BigEndian.Uint64(r.key)
			if next != 0 && seq != next {
				s.add(tx.ledger.damaged("journal line %d is gone", next))
			}
			next = seq + 1
			s.Journal++
		} else if err == nil {
			err = tx.ledger.damaged("%s has no number", tx.journal.called(r.key))
		}
		if err == nil && !s.quick {
			err = tx.journal.decode(r, new(Entry))
		}
		if err := s.add(err); err != nil {
			return err
		}
	}
	last, err := tx.journal.sequence()
	if err == nil && last != 0 && next != last+1 {
		err = tx.ledger.damaged("journal line %d is gone", last)
	}
	return s.add(err)
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
	if rest, whole := strings.CutPrefix(text, "it "); whole {
		return l.unusable("%s", rest)
	}
	return l.damaged("%s", text)
}
