package ledger

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestPipes: what is no file is refused at once, and not waited for.
func TestPipes(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(l *Ledger) error
	}{
		{".lock", func(l *Ledger) error { _, err := Lock(ctx, l.path, time.Minute, Holder{}); return err }},
		{".gate", func(l *Ledger) error { return l.View(func(*Tx) error { return nil }) }},
		{".gate", func(l *Ledger) error { return l.Update(func(*Tx) error { return nil }) }},
		{".gate", func(l *Ledger) error { _, err := l.Backup(l.path+".b", sound); return err }},
		{".gate", func(l *Ledger) error { _, _, err := l.Compact(sound); return err }},
		{"", func(l *Ledger) error { return l.alone(func(*os.File) error { return nil }) }},
	} {
		l := newLedger(t)
		os.Remove(l.path + c.name)
		if err := syscall.Mkfifo(l.path+c.name, 0o600); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.do(l) }()
		select {
		case err := <-ended:
			if p, ok := errors.AsType[*problem](err); !ok || !strings.Contains(p.text, l.path+c.name+" is not a regular file") || p.hint == "" {
				t.Errorf("%s: %v", c.name, err)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s is waited for", c.name)
		}
		if c.name == ".lock" {
			if h, running := Running(l.path); running || h.PID != 0 {
				t.Errorf("a pipe runs: %+v", h)
			}
		}
	}
}

// TestNetwork refuses a network file system, and names the way out.
func TestNetwork(t *testing.T) {
	made := newLedger(t)
	l := at(made.path)
	l.network = func(folder string) (string, error) {
		if folder != filepath.Dir(made.path) {
			t.Errorf("asked about %s", folder)
		}
		return "NFS", nil
	}
	_, restored := l.restore(made.path, noon, sound, nil)
	_, rebuilt := l.emptyDraft()
	for name, err := range map[string]error{"local": l.local(), "restore": restored, "rebuild": rebuilt} {
		p, ok := errors.AsType[*problem](err)
		if !ok || p.text != "the state file "+made.path+" is on a network file system (NFS), where a lock does not keep other machines out" || p.hint != hintNetwork {
			t.Errorf("%s: %v", name, err)
		}
	}
	l.network = func(string) (string, error) { return "", syscall.ENOENT }
	if err := l.local(); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
	if name, err := Network(t.TempDir()); name != "" || err != nil {
		t.Errorf("here: %q, %v", name, err)
	}
	p, ok := errors.AsType[*problem](trouble("the run lock cannot be taken", syscall.ENOLCK))
	if !ok || p.hint != hintNetwork {
		t.Errorf("no locks: %v", p)
	}
}

// TestLinks: a lock that leads elsewhere is refused, and what it leads to is left as it is.
func TestLinks(t *testing.T) {
	for name, do := range map[string]func(l *Ledger) error{
		".lock": func(l *Ledger) error { _, err := Lock(ctx, l.path, 0, Holder{}); return err },
		".gate": func(l *Ledger) error { return l.View(func(*Tx) error { return nil }) },
	} {
		l := newLedger(t)
		os.Remove(l.path + name)
		if err := os.Symlink(l.path, l.path+name); err != nil {
			t.Fatal(err)
		}
		if err := do(l); err == nil || !strings.Contains(err.Error(), l.path+name+" is not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
		os.Remove(l.path + name)
		if err := sound(l.path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInherit: what root puts in the place of another user's ledger belongs to that user.
func TestInherit(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	const other = 65534
	owner := func(path string) uint32 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Uid
	}
	l, _ := aged(t)
	if err := errors.Join(os.Chown(l.path, other, other), os.Chown(filepath.Dir(l.path), other, other)); err != nil {
		t.Fatal(err)
	}
	backup := BackupName(l.path, noon)
	if _, err := l.Backup(backup, sound); err != nil || owner(backup) != other {
		t.Errorf("the backup is of %d, %v", owner(backup), err)
	}
	if before, after, err := l.Compact(sound); err != nil || after >= before || owner(l.path) != other {
		t.Errorf("compacted it is of %d, %v", owner(l.path), err)
	}
	if _, err := l.restore(backup, noon, sound, func(*Tx) error { return nil }); err != nil || owner(l.path) != other {
		t.Errorf("restored it is of %d, %v", owner(l.path), err)
	}
	os.Remove(l.path)
	d, err := l.emptyDraft()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Install("rebuild", noon, sound); err != nil || owner(l.path) != other {
		t.Errorf("rebuilt it is of %d, %v", owner(l.path), err)
	}
}

// TestFirstRunAsRoot: what root's first run makes in another user's folder does not keep that user's crontab out.
func TestFirstRunAsRoot(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	const other = 65534
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.Chown(filepath.Dir(path), other, other); err != nil {
		t.Fatal(err)
	}
	lock, err := Lock(ctx, path, 0, Holder{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path); err != nil {
		t.Fatal(err)
	}
	lock.Unlock()
	for _, name := range []string{path, path + ".lock", path + ".gate"} {
		info, err := os.Stat(name)
		if err != nil || info.Sys().(*syscall.Stat_t).Uid != other {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
}
