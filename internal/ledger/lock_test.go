package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fresh", "state.db")
	h := Holder{Stage: "pull", Run: "k3v9x2qa", Started: noon}
	lock, err := Lock(ctx, path, 0, h)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path + ".lock"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	h.PID, h.Host = os.Getpid(), hostname(t)
	if got := read(path + ".lock"); got != h {
		t.Errorf("the file says %+v, want %+v", got, h)
	}
	_, err = Lock(ctx, path, 0, Holder{Started: noon.Add(200 * time.Second)})
	held, ok := errors.AsType[*HeldError](err)
	if !ok || held.Holder != h || !strings.Contains(held.Hint(), "--lock-timeout") {
		t.Fatalf("a second Lock: %v", err)
	}
	want := fmt.Sprintf("another dscosync run (pid %d, pull, started %s, 3m ago) holds %s.lock", os.Getpid(), noon.Local().Format("15:04:05"), path)
	if err.Error() != want {
		t.Errorf("it says %q, want %q", err, want)
	}
	if err := lock.Unlock(); err != nil {
		t.Fatal(err)
	}
	if got := read(path + ".lock"); got != (Holder{}) {
		t.Errorf("unlocked, the file says %+v", got)
	}
	lock, err = Lock(ctx, path, 0, h)
	if err != nil {
		t.Fatalf("after Unlock: %v", err)
	}
	if err := errors.Join(lock.Unlock(), lock.Unlock()); err != nil {
		t.Errorf("unlocked twice: %v", err)
	}
}

func TestLockWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	lock, err := Lock(ctx, path, 0, Holder{})
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if _, err := Lock(ctx, path, 150*time.Millisecond, Holder{}); err == nil || time.Since(begun) < 150*time.Millisecond {
		t.Errorf("%v after %v, want to have waited 150ms", err, time.Since(begun))
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Lock(canceled, path, time.Minute, Holder{}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted Lock: %v", err)
	}
	time.AfterFunc(100*time.Millisecond, func() { lock.Unlock() })
	if _, err := Lock(ctx, path, time.Minute, Holder{}); err != nil {
		t.Errorf("when it is free in time: %v", err)
	}
}

func TestLockOfAKilledRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	cmd, lines := process(t, "hold the lock", path)
	if !lines.Scan() {
		t.Fatal("no holder")
	}
	_, err := Lock(ctx, path, 0, Holder{Started: noon.Add(time.Hour)})
	if held, ok := errors.AsType[*HeldError](err); !ok || held.Holder.PID != cmd.Process.Pid || held.Holder.Run != "k3v9x2qa" || held.Age.Truncate(time.Minute) != time.Hour {
		t.Errorf("while another process has it: %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	lock, err := Lock(ctx, path, 0, Holder{})
	if err != nil {
		t.Fatalf("after the kill: %v", err)
	}
	lock.Unlock()
}

// TestLockOfADeletedFile has a lock be worth something only on the file that has the name.
func TestLockOfADeletedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if _, err := Lock(ctx, path, 0, Holder{}); err != nil {
		t.Fatal(err)
	}
	waits := make(chan error)
	go func() {
		_, err := Lock(ctx, path, 300*time.Millisecond, Holder{})
		waits <- err
	}()
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	if err := <-waits; err != nil {
		t.Errorf("with the new file: %v", err)
	}
	if _, err := Lock(ctx, path, 0, Holder{}); err == nil {
		t.Error("two have the lock of the new file")
	}
}

// TestAbsurdVersion: a lock's file that makes no sense does not have the ledger count beyond all numbers.
func TestAbsurdVersion(t *testing.T) {
	for _, version := range []string{"9223372036854775807", "-5", "1099511627777"} {
		path := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(path+".lock", []byte(`{"ledger":true,"version":`+version+`}`), 0o600); err != nil {
			t.Fatal(err)
		}
		lock, err := Lock(ctx, path, 0, Holder{})
		if err != nil || lock.Version != 0 {
			t.Errorf("%s: %+v, %v", version, lock, err)
		}
	}
}

// TestLockTakenAway removes the lock's file while a run has it, as people do with locks. It commits and replaces nothing
// from then on, and leaves the lock of the next one as it is.
func TestLockTakenAway(t *testing.T) {
	l, before := aged(t)
	lock, err := Lock(ctx, l.path, 0, Holder{Stage: "pull"})
	if err != nil {
		t.Fatal(err)
	}
	update(t, l, func(tx *Tx) error { return tx.SetStore(1) })
	d, err := l.emptyDraft()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(l.path + ".lock"); err != nil {
		t.Fatal(err)
	}
	version, _ := l.Version()
	_, installed := d.Install("rebuild", noon, sound)
	_, _, compacted := l.Compact(sound)
	next := &RunLock{file: flock.New(l.path + ".lock"), path: l.path} // of another process
	if ok, err := next.try(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := next.sign(Holder{Stage: "sync"}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"update": l.Update(func(tx *Tx) error { return tx.SetStore(2) }), "install": installed, "compact": compacted, "unlock": lock.Unlock(),
	} {
		if p, ok := errors.AsType[*problem](err); !ok || !strings.HasPrefix(p.text, "the run lock "+l.path+".lock was removed or replaced") || p.hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if h := read(l.path + ".lock"); h.Stage != "sync" {
		t.Errorf("the next one's lock tells of %+v", h)
	}
	if now, err := l.Version(); now != version || err != nil {
		t.Errorf("something was committed: %v", err)
	}
	if after := all(t, l); len(after.Open) != len(before.Open) {
		t.Errorf("%d orders of %d are left", len(after.Open), len(before.Open))
	}
}

func TestHeldError(t *testing.T) {
	here := hostname(t)
	long := time.Date(2026, 3, 1, 10, 15, 2, 0, time.Local)
	for _, c := range []struct {
		err  HeldError
		want string
	}{
		{HeldError{Holder{PID: 4711, Host: here, Stage: "pull", Started: long}, "/x/state.db.lock", 190 * time.Second},
			"another dscosync run (pid 4711, pull, started 10:15:02, 3m ago) holds /x/state.db.lock"},
		{HeldError{Holder{PID: 4711, Host: "elsewhere", Stage: "pull", Started: long}, "/x/state.db.lock", 12 * time.Second},
			"another dscosync run (pid 4711 on elsewhere, pull, started 10:15:02, 12s ago) holds /x/state.db.lock"},
		{HeldError{Holder{PID: 4711, Host: here, Started: long}, "/x/state.db.lock", 50*time.Hour + 5*time.Minute},
			"another dscosync run (pid 4711, started 2026-03-01 10:15:02, 50h05m ago) holds /x/state.db.lock"},
		{HeldError{Holder{PID: 4711, Host: here, Started: long}, "/x/state.db.lock", -time.Minute},
			"another dscosync run (pid 4711, started 10:15:02, 0s ago) holds /x/state.db.lock"},
		{HeldError{Path: "/x/state.db.lock"}, "another dscosync run holds /x/state.db.lock"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestUnreadableHolder has nonsense in the lock's file stand in nobody's way.
func TestUnreadableHolder(t *testing.T) {
	for _, text := range []string{"", "\x00\x00", `{"pid":"x"}`, strings.Repeat("[", 99999), strings.Repeat("a", 9999)} {
		path := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(path+".lock", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		lock, err := Lock(ctx, path, 0, Holder{Stage: "pull"})
		if err != nil {
			t.Fatal(err)
		}
		if got := read(path + ".lock"); got.Stage != "pull" {
			t.Errorf("over %.20q the file says %+v", text, got)
		}
		if err := os.WriteFile(path+".lock", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = Lock(ctx, path, 0, Holder{})
		if want := regexp.MustCompile(`^another dscosync run holds /.*state\.db\.lock$`); err == nil || !want.MatchString(err.Error()) {
			t.Errorf("held: %v", err)
		}
		lock.Unlock()
	}
}

// TestHolderThatHasYetToSign has a run that came second name the first one, even in the moment in which the file still
// tells of nobody or of a run that was killed.
func TestHolderThatHasYetToSign(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	for _, before := range []Holder{{}, {PID: cmd.Process.Pid, Host: hostname(t), Stage: "push-tracking"}} {
		path := filepath.Join(t.TempDir(), "state.db")
		if err := write(path+".lock", before); err != nil {
			t.Fatal(err)
		}
		first := flock.New(path + ".lock")
		if ok, err := first.TryLock(); !ok || err != nil {
			t.Fatal(ok, err)
		}
		signed := make(chan error)
		time.AfterFunc(30*time.Millisecond, func() {
			signed <- write(path+".lock", Holder{PID: os.Getpid(), Host: hostname(t), Stage: "pull"})
		})
		_, err := Lock(ctx, path, 0, Holder{})
		held, ok := errors.AsType[*HeldError](err)
		if !ok || held.Holder.PID != os.Getpid() || held.Holder.Stage != "pull" {
			t.Errorf("after %+v: %v", before, err)
		}
		if err := errors.Join(<-signed, first.Unlock()); err != nil {
			t.Error(err)
		}
	}
}

func hostname(t *testing.T) string {
	t.Helper()
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	return name
}
