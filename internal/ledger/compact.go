package ledger

import (
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// Compact writes the ledger anew without the pages that are free, and tells the size in bytes before and after. A file
// that would not get smaller stays as it is. The caller has the run lock; who only notes something without it is waited
// for, or has it compacted again.
func (l *Ledger) Compact(check Checker) (before, after int64, err error) {
	for range 5 {
		before, after, err = l.compact(check)
		if !errors.Is(err, errChanged) {
			return before, after, err
		}
	}
	return 0, 0, &problem{text: l.called() + " is written to all the time and was not compacted", hint: "run again"}
}

func (l *Ledger) compact(check Checker) (before, after int64, err error) {
	d, err := l.draft()
	if err != nil {
		return 0, 0, err
	}
	defer d.Discard()
	d.copyOf = l
	version, commit := 0, uint64(0)
	err = l.View(func(tx *Tx) error {
		version, commit = tx.bolt.ID()+tx.ahead, tx.layout.commit
		info, err := tx.handle.file.Stat()
		if err != nil {
			return l.trouble(err)
		}
		before = info.Size()
		return d.compacted(tx)
	})
	if err != nil {
		return 0, 0, err
	}
	l.step("copied")
	if err := d.Update(func(tx *Tx) error { return tx.Raise(version) }); err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(d.path)
	if err != nil {
		return 0, 0, d.trouble(err)
	}
	if after = info.Size(); after >= before {
		return before, before, nil
	}
	return before, after, d.install("", check, func(old *os.File) error {
		if old == nil {
			return l.look()
		}
		now, err := readLayout(old)
		if err == nil && now.commit != commit {
			err = errChanged
		}
		return err
	})
}

// compacted copies the rows of a ledger into the draft. Nothing of it is synced on the way: the draft is of no use until
// all of it is, and Install sees to that.
func (d *Draft) compacted(from *Tx) error {
	to, err := bbolt.Open(d.path, 0o600, &bbolt.Options{NoSync: true, NoGrowSync: true, NoStatistics: true, FreelistType: bbolt.FreelistMapType, MaxSize: d.maxSize})
	if err != nil {
		return d.trouble(err)
	}
	to.AllocSize = 1 << 20
	err = from.safely(func() error {
		if err := bbolt.Compact(to, from.handle.db, 1<<20); err != nil {
			return fmt.Errorf("compact: %w", err)
		}
		return nil
	})
	return errors.Join(err, to.Close())
}
