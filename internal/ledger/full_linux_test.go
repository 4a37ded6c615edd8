package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crowded is a disk of its own with room for so many bytes; without the right to mount one the test is skipped.
func crowded(t *testing.T, bytes string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if err := ownDisk(folder, "size="+bytes); err != nil {
		t.Skipf("no disk to fill: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

// ownDisk mounts a disk of memory that nobody sees but this test's own thread, which it goes with, however the test ends.
func ownDisk(folder, options string) error {
	runtime.LockOSThread() // and never unlocked: so the thread ends with the test
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return err
	}
	return syscall.Mount("tmpfs", folder, "tmpfs", 0, options)
}

// TestNoRoom fills a disk under a ledger. What was committed stays, what could not be is an error that names the file
// and the way out, and nothing half-made is left behind; with room again all goes on.
func TestNoRoom(t *testing.T) {
	folder := crowded(t, "3m")
	l, err := Create(filepath.Join(folder, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for err == nil {
		err = l.Update(func(tx *Tx) error {
			for i := range 200 {
				if err := tx.Put(sample(n+i, time.Time{})); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			n += 200
		}
	}
	full := func(what string, err error) {
		t.Helper()
		p, ok := errors.AsType[*problem](err)
		if !ok || !errors.Is(err, syscall.ENOSPC) || p.hint != hintSpace || !strings.Contains(err.Error(), l.path) || errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	full("Update", err)
	before := all(t, l)
	if len(before.Open) != n || n == 0 {
		t.Fatalf("%d orders of %d", len(before.Open), n)
	}
	_, err = l.Backup(BackupName(l.path, noon), sound)
	full("Backup", err)
	elsewhere := filepath.Join(t.TempDir(), "copy.db")
	if _, err := l.Backup(elsewhere, sound); err != nil {
		t.Errorf("a backup on another disk: %v", err)
	}
	_, err = l.restore(elsewhere, noon, sound, func(*Tx) error { return nil })
	full("restore", err)
	d, err := l.emptyDraft()
	if err == nil {
		err = d.Update(func(tx *Tx) error {
			for i := range n {
				if err := tx.Put(sample(i, time.Time{})); err != nil {
					return err
				}
			}
			return nil
		})
		d.Discard()
	}
	if p, ok := errors.AsType[*problem](err); !ok || p.hint != hintSpace || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("rebuild: %v", err)
	}
	names := beside(t, l.path)
	if s, err := Check(l.path, How{}); err != nil || s.Err() != nil { // in the ledger itself: there is no room for a copy
		t.Errorf("Check: %v, %v", err, s.Err())
	}
	if got := all(t, l); !cmp.Equal(before, got) {
		t.Error("what was committed has changed")
	}
	if names = append(names, beside(t, l.path)...); !slices.Equal(names, []string{"", ".gate", ".lock", "", ".gate", ".lock"}) {
		t.Errorf("left behind: %q", names)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, "size=20m"); err != nil {
		t.Fatal(err)
	}
	put(t, l, sample(n, time.Time{}))
	if _, err := l.Backup(BackupName(l.path, noon), sound); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestCompactFull has no room for the second file: the first one stays.
func TestCompactFull(t *testing.T) {
	folder := crowded(t, "1m")
	l := at(filepath.Join(folder, "state.db"))
	whole, want := aged(t)
	fill(t, l.path, content(whole.path))
	filler := filepath.Join(folder, "filler")
	var room syscall.Statfs_t
	if err := syscall.Statfs(folder, &room); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filler, make([]byte, int64(room.Bfree)*room.Bsize-40_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Compact(sound); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), l.path) {
		t.Errorf("%v", err)
	}
	if got := all(t, l); !cmp.Equal(want, got) {
		t.Error("it has changed")
	}
	if names := beside(t, l.path); slices.Contains(names, ".new") {
		t.Errorf("left behind: %q", names)
	}
	os.Remove(filler)
	if before, after, err := l.Compact(sound); err != nil || after >= before {
		t.Errorf("with room again: %d, %d, %v", before, after, err)
	}
}
