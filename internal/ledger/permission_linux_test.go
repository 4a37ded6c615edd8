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
