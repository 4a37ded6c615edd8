package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
)

var ctx = context.Background()

func TestCreate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fresh", "state.db")
	l, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700, path + ".gate": 0o600, path + ".lock": 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want mode %o", name, info.Mode(), err, want)
		}
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("the new file is still beside the ledger")
	}
	var first, again []byte
	view(t, l, func(tx *Tx) error { first = tx.Salt(); return nil })
	view(t, l, func(tx *Tx) error { again = tx.Salt(); return nil })
	if len(first) != 16 || string(first) != string(again) {
		t.Errorf("salt %x, then %x", first, again)
	}
	if _, err := Create(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second Create: %v, want ErrExist", err)
	}
	other := newLedger(t)
	view(t, other, func(tx *Tx) error {
		if string(tx.Salt()) == string(first) {
			t.Error("two ledgers have the same salt")
		}
		return nil
	})
}

func TestCreateOverLeftovers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path+".new", []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "no", "such", "state.db")); err == nil {
		t.Error("Create made a whole path of folders")
	}
}

// TestKeeps has every kind of value come back as it went in, also after the ledger was opened anew.
func TestKeeps(t *testing.T) {
	l := newLedger(t)
	odd := sample(2, time.Time{})
	odd.ID = "a/b?#%\"<\x00\u202e ü"
	odd.Intent = &order.Intent{Write: order.Write{Step: order.Create}, At: noon, RequestID: "r-1"}
	odd.Notes = []order.Note{{Write: order.Write{Step: order.Create}, Text: "refused", Hint: "mend it", At: noon, Tries: 3, Held: true}}
	want := contents{
		Open: []order.Order{sample(1, time.Time{}), odd},
		Journal: []Entry{
			{Seq: 1, At: noon.Add(123 * time.Millisecond), Run: "k3v9x2qa", Order: odd.ID, Level: Warn, Text: "<refused>", RequestID: "r-1"},
			{Seq: 2, At: noon.Add(time.Second), Level: Info, Text: ""},
		},
		Pull: Stage{Cursor: noon, Started: noon.Add(1), Finished: noon.Add(2), Succeeded: noon.Add(3), Exit: 75, Error: "stopped",
			Daily: noon.Add(4), Missing: &Missing{At: noon, Count: 2, Orders: []order.ID{"1", "2"}}},
		Store: 1 << 60,
	}
	update(t, l, func(tx *Tx) error {
		want.Salt = tx.Salt()
		for _, e := range want.Journal {
			e.Seq, e.At = 0, e.At.Add(456*time.Microsecond).In(time.FixedZone("", 3600))
			if _, err := tx.Note(e); err != nil {
				return err
			}
		}
		return errors.Join(tx.Put(want.Open[0]), tx.Put(want.Open[1]), tx.PutStage("pull", want.Pull), tx.SetStore(want.Store))
	})
	l, err := Open(l.path)
	if err != nil {
		t.Fatal(err)
	}
	var got contents
	view(t, l, got.read)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	view(t, l, func(tx *Tx) error {
		if o, found, err := tx.Order(odd.ID); !found || err != nil || !cmp.Equal(o, odd) {
			t.Errorf("Order: %v, %v, %v", o, found, err)
		}
		if _, found, err := tx.Order("1"); found || err != nil {
			t.Errorf("an unknown order: %v, %v", found, err)
		}
		if s, err := tx.Stage("push-tracking"); err != nil || !cmp.Equal(s, Stage{}) {
			t.Errorf("an unknown stage: %v, %v", s, err)
		}
		return nil
	})
	if err := l.Update(func(tx *Tx) error { return tx.Put(order.Order{}) }); err == nil {
		t.Error("an order without an id was stored")
	}
}

func TestCommits(t *testing.T) {
	l := newLedger(t)
	o := sample(1, time.Time{})
	refused := errors.New("refused")
	for _, c := range []struct {
		name string
		do   func(tx *Tx) error
		want int64
		err  error
	}{
		{"a change", func(tx *Tx) error { return tx.Put(o) }, 1, nil},
		{"nothing", func(tx *Tx) error { return nil }, 1, nil},
		{"the same again", func(tx *Tx) error { return tx.Put(o) }, 1, nil},
		{"a failure", func(tx *Tx) error { return errors.Join(tx.SetStore(4), refused) }, 1, refused},
		{"another change", func(tx *Tx) error { return tx.SetStore(5) }, 2, nil},
	} {
		if err := l.Update(c.do); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := l.Commits(); got != c.want {
			t.Errorf("after %s: %d commits, want %d", c.name, got, c.want)
		}
	}
	view(t, l, func(tx *Tx) error {
		if tx.Store() != 5 {
			t.Errorf("store %d, want 5: the failure was kept", tx.Store())
		}
		return nil
	})
	if err := l.View(func(tx *Tx) error { return tx.SetStore(6) }); err == nil {
		t.Error("View let a change through")
	}
}

// TestPanic has a mistake of the caller's come through as what it is, and the file be free afterwards.
func TestPanic(t *testing.T) {
	l := newLedger(t)
	func() {
		defer func() {
			if cause := recover(); cause != "mine" {
				t.Errorf("recovered %v", cause)
			}
		}()
		l.Update(func(tx *Tx) error {
			if err := tx.SetStore(1); err != nil {
				t.Error(err)
			}
			panic("mine")
		})
	}()
	update(t, l, func(tx *Tx) error {
		if tx.Store() != 0 {
			t.Error("the transaction that panicked was committed")
		}
		return tx.SetStore(2)
	})
}

func TestTransactionIsOver(t *testing.T) {
	l := newLedger(t)
	var kept *Tx
	update(t, l, func(tx *Tx) error { kept = tx; return tx.SetStore(1) })
	if _, _, err := kept.Order("1"); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("Order after the end: %v", err)
	}
	if err := kept.SetStore(2); err == nil {
		t.Error("SetStore after the end")
	}
}

// TestNested shows that a transaction in a transaction ends with an error, not never.
func TestNested(t *testing.T) {
	l := newLedger(t)
	l.readerWait, l.writerWait = 50*time.Millisecond, 50*time.Millisecond
	nothing := func(*Tx) error { return nil }
	for name, do := range map[string]func() error{
		"View in Update":   func() error { return l.Update(func(*Tx) error { return l.View(nothing) }) },
		"Update in Update": func() error { return l.Update(func(*Tx) error { return l.Update(nothing) }) },
		"Update in View":   func() error { return l.View(func(*Tx) error { return l.Update(nothing) }) },
	} {
		if err := do(); !errors.Is(err, ErrBusy) {
			t.Errorf("%s: %v, want ErrBusy", name, err)
		}
	}
}

func TestGoroutines(t *testing.T) {
	l := newLedger(t)
	other, err := Open(l.path)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for n := range 40 {
		l := []*Ledger{l, other}[n%2]
		group.Go(func() {
			if err := l.Update(func(tx *Tx) error { return tx.Put(sample(n, time.Time{})) }); err != nil {
				t.Error(err)
			}
			if err := l.View(func(tx *Tx) error { _, err := collect(tx.Open()); return err }); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	view(t, l, func(tx *Tx) error {
		if all, err := collect(tx.Open()); len(all) != 40 || err != nil {
			t.Errorf("%d orders, %v, want 40", len(all), err)
		}
		return nil
	})
	if got := l.Commits() + other.Commits(); got != 40 {
		t.Errorf("%d commits, want 40", got)
	}
}

func TestDiskFull(t *testing.T) {
	l := newLedger(t)
	put(t, l, sample(0, time.Time{}))
	info, err := os.Stat(l.path)
	if err != nil {
		t.Fatal(err)
	}
	l.maxSize = int(info.Size())
	fill := func() error {
		return l.Update(func(tx *Tx) error {
			for n := range 200 {
				if err := tx.Put(sample(n, time.Time{})); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err = fill()
	hint, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if !ok || hint.Hint() != hintSpace {
		t.Errorf("no room: %v", err)
	}
	view(t, l, func(tx *Tx) error {
		if all, err := collect(tx.Open()); len(all) != 1 || err != nil {
			t.Errorf("afterwards %d orders, %v, want 1", len(all), err)
		}
		return nil
	})
	l.maxSize = 0
	if err := fill(); err != nil {
		t.Errorf("when there is room again: %v", err)
	}
}

// TestChangesOnTheWay puts, adds and removes rows while they are read.
func TestChangesOnTheWay(t *testing.T) {
	l := newLedger(t)
	update(t, l, func(tx *Tx) error {
		for n := range 300 {
			if err := tx.Put(sample(2*n, time.Time{})); err != nil {
				return err
			}
		}
		return nil
	})
	seen := map[order.ID]int{}
	update(t, l, func(tx *Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			seen[o.ID]++
			o.PO = fmt.Sprintf("%0800d", len(seen)) // rows that grow move to other pages
			if err := tx.Put(o); err != nil {
				return err
			}
		}
		return nil
	})
	if len(seen) != 300 {
		t.Errorf("%d rows seen, want 300", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("order %s was seen %d times", id, n)
		}
	}
	view(t, l, func(tx *Tx) error {
		all, err := collect(tx.Open())
		if len(all) != 300 || err != nil {
			t.Errorf("%d rows, %v", len(all), err)
		}
		for _, o := range all {
			if len(o.PO) != 800 {
				t.Errorf("order %s has PO %q", o.ID, o.PO)
			}
		}
		return nil
	})
}
