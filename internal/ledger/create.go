package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"dscosync/internal/crash"
)

// Create makes a new ledger. It is written whole under another name and then renamed, so a kill leaves either no ledger
// or an empty one that works, never half a file. Its folder is made if only the last element of the path is missing.
// It fails with fs.ErrExist when there is a file already. The caller has the run lock.
func Create(path string) (*Ledger, error) {
	if err := prepare(path); err != nil {
		return nil, err
	}
	l := at(path)
	if err := l.local(); err != nil {
		return nil, err
	}
	gate, err := l.gate(time.Now().Add(l.writerWait))
	if err != nil {
		return nil, err
	}
	err = l.create()
	gate.Unlock()
	if err != nil {
		return nil, err
	}
	return Open(path)
}

func (l *Ledger) create() error {
	if _, err := os.Lstat(l.path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return fmt.Errorf("make the state file %s: %w", l.path, err)
	}
	fresh, err := l.draft()
	if err != nil {
		return err
	}
	if err := fresh.fill(); err != nil {
		os.Remove(fresh.path)
		return err
	}
	inherit(fresh.path, l.path)
	if err := lost(l.path); err != nil {
		return errors.Join(err, os.Remove(fresh.path))
	}
	crash.Point("before the new ledger")
	if err := os.Rename(fresh.path, l.path); err != nil {
		return l.trouble(err)
	}
	crash.Point("after the new ledger")
	if err := syncFolder(filepath.Dir(l.path)); err != nil {
		return l.trouble(err)
	}
	// Only now: a kill before this line leaves a lock file that does not claim a ledger.
	return mark(l.path)
}

// fill writes an empty ledger. bbolt syncs the file with the commit.
func (l *Ledger) fill() error {
	db, err := bbolt.Open(l.path, 0o600, &bbolt.Options{Timeout: time.Second, NoStatistics: true})
	if err != nil {
		return l.trouble(err)
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	err = db.Update(func(bt *bbolt.Tx) error {
		tx := &Tx{ledger: l, bolt: bt}
		for _, t := range tx.tables() {
			b, err := bt.CreateBucket([]byte(t.name))
			if err != nil {
				return err
			}
			t.bucket = b
		}
		return errors.Join(tx.setMeta("schema", l.schema()), tx.setMeta("salt", salt))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return l.trouble(err)
	}
	return nil
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
