package main_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// TestNoRoomForTheStateFile has the disk of the state file be full, and then read-only, while orders wait. The program says so
// and ends with 1; with room again it ends with what people did.
func TestNoRoomForTheStateFile(t *testing.T) {
	t.Parallel()
	s := newSite(t, "crash", sim.Options{Limit: 1_000_000, KeepCalls: 100, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, KeyLag: time.Minute}, "")
	disk := filepath.Dir(s.state)
	remount := func(flags uintptr, options string) error {
		return syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|flags, options)
	}
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := ownDisk(disk, "size=1m,mode=700"); err != nil {
		t.Skipf("no disk to fill: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	s.people = sim.NewPeople(s.world, seeded(t))
	s.must(0, "sync", "all")
	if err := os.WriteFile(filepath.Join(disk, "of somebody else"), make([]byte, 850_000), 0o600); err != nil {
		t.Fatal(err)
	}

	says := func(code int, said, what, hint string) {
		t.Helper()
		if code != 1 || !strings.Contains(said, s.state) || !strings.Contains(said, what) || !strings.Contains(said, "hint: "+hint) || strings.Contains(said, "goroutine") {
			t.Errorf("exit status %d: %s", code, said)
		}
		if _, err := sound(s.state); err != nil {
			t.Error(err)
		}
	}
	// A run that meets a full disk is not the end of it: a later one may find room in the file itself, and have less to write.
	code, said := 0, ""
	for code != 1 {
		if s.people.Orders() > 1000 {
			t.Fatal("the disk is never full")
		}
		s.people.Place(20)
		s.later(20 * time.Minute)
		s.people.Act(0.3)
		code, said = s.run("sync", "all")
	}
	t.Logf("full with %d orders: %s", s.people.Orders(), said)
	says(code, said, "no space left on device", "make room on its disk")

	if err := remount(syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	calls := s.world.Count("")
	code, said = s.run("sync", "all")
	says(code, said, "read-only file system", "its disk is mounted read-only")
	if s.world.Count("") != calls {
		t.Error("a remote was called though nothing can be recorded")
	}
	if err := remount(0, "size=64m"); err != nil {
		t.Fatal(err)
	}
	s.clean(crash{})
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
