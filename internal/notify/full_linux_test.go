package notify_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"dscosync/internal/notify"
)

// On a disk that is full the file of before stays whole, and nothing half-made stays beside it.
func TestWriteFileNoRoom(t *testing.T) {
	folder := t.TempDir()
	if err := ownDisk(folder, "size=16k"); err != nil {
		t.Skipf("no disk to fill: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
	path := filepath.Join(folder, "scorecard.html")
	before := strings.Repeat("before ", 1000)
	if err := notify.WriteFile(path, []byte(before)); err != nil {
		t.Fatal(err)
	}
	err := notify.WriteFile(path, make([]byte, 30_000))
	if err == nil || err.Error() != path+" cannot be written: no space left on device" {
		t.Error(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != before {
		t.Errorf("%d bytes of what was there, %v", len(got), err)
	}
	if left, _ := os.ReadDir(folder); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
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
