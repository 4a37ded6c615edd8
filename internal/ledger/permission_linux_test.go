package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// TestPermission is about files of somebody else.
func TestPermission(t *testing.T) {
	l := newLedger(t)
	folder := filepath.Dir(l.path)
	if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil { // else nobody comes as far as to what is tested
		t.Fatal(err)
	}
	closed := func(name string, mode os.FileMode, do func() error) {
		t.Helper()
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		var err error
		asNobody(t, func() { err = do() })
		if err := os.Chmod(name, 0o755); err != nil {
			t.Fatal(err)
		}
		p, ok := errors.AsType[*problem](err)
		if !ok || !errors.Is(err, fs.ErrPermission) || p.Hint() != hintOwner {
			t.Errorf("%s with mode %o: %v", name, mode, err)
		}
	}
	open := func() error { _, err := Open(l.path); return err }
	closed(l.path, 0, open)
	closed(folder, 0, open)
	closed(l.path+".gate", 0, open)
	closed(folder, 0o555, func() error { _, err := Create(filepath.Join(folder, "other.db")); return err })
	closed(folder, 0o555, func() error { _, err := Create(filepath.Join(folder, "sub", "other.db")); return err })
	closed(folder, 0o555, func() error {
		_, err := Lock(ctx, filepath.Join(folder, "other.db"), time.Millisecond, Holder{})
		return err
	})
	closed(folder, 0o555, func() error { _, err := l.Backup(BackupName(l.path, noon), sound); return err })
	closed(folder, 0o555, func() error { _, _, err := l.Compact(sound); return err })
	closed(folder, 0o555, func() error { _, err := l.emptyDraft(); return err })
	copied := filepath.Join(folder, "copy.db")
	if _, err := l.Backup(copied, sound); err != nil {
		t.Fatal(err)
	}
	closed(copied, 0, func() error {
		_, err := l.restore(copied, noon, sound, func(*Tx) error { return nil })
		return err
	})
	// A folder that may only be read is enough to look.
	os.Chmod(folder, 0o555)
	asNobody(t, func() {
		if s, err := Check(l.path, How{}); err != nil || s.Err() != nil {
			t.Errorf("a check in a folder that may be read: %v, %v", err, s.Err())
		}
	})
	os.Chmod(folder, 0o755)
	if _, err := Open(l.path); err != nil {
		t.Errorf("when it may be opened again: %v", err)
	}
}

// asNobody runs f with the rights to files of an ordinary user, when the tests have root's.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	if os.Getuid() != 0 {
		f()
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setfsuid(0)
	f()
}
