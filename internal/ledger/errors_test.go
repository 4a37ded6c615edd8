package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

func TestMissing(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{filepath.Join(folder, "state.db"), filepath.Join(folder, "no", "such", "state.db")} {
		_, err := Open(path)
		if !errors.Is(err, ErrMissing) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v, want ErrMissing of %s", err, path)
		}
	}
	if left, err := os.ReadDir(folder); len(left) != 0 || err != nil {
		t.Errorf("looking left %v behind, %v", left, err)
	}
}

// TestNotLost: a run killed before it had made a ledger is no loss.
func TestNotLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if _, err := Lock(ctx, path, 0, Holder{Stage: "pull"}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"state.db.new", "state.db.gate", "other.db.bak", "state.dbx"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(path); !errors.Is(err, ErrMissing) {
		t.Errorf("%v, want ErrMissing", err)
	}
}

func TestLost(t *testing.T) {
	for _, c := range []struct {
		name string
		use  func(t *testing.T, path string)
		text string
		hint string
	}{
		{"made under a lock", func(t *testing.T, path string) {
			lock, err := Lock(ctx, path, 0, Holder{Stage: "pull"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Create(path); err != nil {
				t.Fatal(err)
			}
			if got := read(path + ".lock"); !got.Ledger || got.Stage != "pull" || got.PID == 0 {
				t.Errorf("the lock's file says %+v", got)
			}
			lock.Unlock()
		}, "the state file PATH is missing, but PATH.lock shows that there was one",
			"look whether its disk is mounted; else make it anew from DSCO and ShipStation: dscosync db rebuild (nothing is sent twice)"},
		{"of a killed run", func(t *testing.T, path string) {
			if _, err := Lock(ctx, path, 0, Holder{}); err != nil {
				t.Fatal(err)
			}
			if _, err := Create(path); err != nil {
				t.Fatal(err)
			}
		}, "PATH.lock shows", "dscosync db rebuild"},
		{"and then locked again", func(t *testing.T, path string) {
			if _, err := Create(path); err != nil {
				t.Fatal(err)
			}
			os.Remove(path)
			for range 3 {
				lock, err := Lock(ctx, path, 0, Holder{Stage: "pull"})
				if err != nil {
					t.Fatal(err)
				}
				lock.Unlock()
			}
		}, "PATH.lock shows", "dscosync db rebuild"},
		{"there before the lock", func(t *testing.T, path string) {
			if _, err := Create(path); err != nil {
				t.Fatal(err)
			}
			os.Remove(path + ".lock")
			if _, err := Lock(ctx, path, 0, Holder{}); err != nil {
				t.Fatal(err)
			}
		}, "PATH.lock shows", "dscosync db rebuild"},
		{"a backup", func(t *testing.T, path string) { touch(t, path+".backup-2026-03-04") },
			"the state file PATH is missing, but PATH.backup-2026-03-04 shows that there was one",
			"look whether its disk is mounted; else put the newest backup back: dscosync db restore PATH.backup-2026-03-04; or make it anew"},
		{"two backups", func(t *testing.T, path string) { touch(t, path+".backup"); touch(t, path+".old.bak") },
			"PATH.backup, PATH.old.bak show that there was one", "db restore PATH.old.bak; or"},
		{"backups with their times", func(t *testing.T, path string) {
			touch(t, path+".backup-daily-20260304T120000Z")
			touch(t, path+".backup-20260305T120000Z")
			touch(t, path+".before-restore-20260306T120000Z")
			touch(t, path+".backup-20260307T120000Z.123.part")
		}, "PATH.backup-20260305T120000Z, PATH.backup-daily-20260304T120000Z, PATH.before-restore-20260306T120000Z show", "db restore PATH.backup-20260305T120000Z; or"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			c.use(t, path)
			os.Remove(path)
			_, err := Open(path)
			lost, ok := errors.AsType[*LostError](err)
			if !ok || errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("%v, want a LostError", err)
			}
			if text := strings.ReplaceAll(err.Error(), path, "PATH"); !strings.Contains(text, c.text) {
				t.Errorf("%q, want %q", text, c.text)
			}
			if hint := strings.ReplaceAll(lost.Hint(), path, "PATH"); !strings.Contains(hint, c.hint) {
				t.Errorf("hint %q, want %q", hint, c.hint)
			}
			// The way out it names is one.
			for _, sign := range lost.Signs {
				if err := os.Remove(sign); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Open(path); !errors.Is(err, ErrMissing) {
				t.Errorf("when the signs are gone: %v", err)
			}
		})
	}
}

// TestGoneDuringTheRun: an Update does not bring a ledger back that was moved away.
func TestGoneDuringTheRun(t *testing.T) {
	l := newLedger(t)
	if err := os.Remove(l.path); err != nil {
		t.Fatal(err)
	}
	err := l.Update(func(tx *Tx) error { return tx.SetStore(1) })
	if _, ok := errors.AsType[*LostError](err); !ok {
		t.Errorf("%v, want a LostError", err)
	}
	if _, err := l.open(true); errors.Is(err, ErrMissing) || err == nil {
		t.Errorf("gone between the look and the opening: %v", err)
	}
	if _, err := os.Stat(l.path); err == nil {
		t.Error("the file is back")
	}
}

func TestForeign(t *testing.T) {
	bolt := func(fill func(*bbolt.Tx) error) func(*testing.T, string) {
		return func(t *testing.T, path string) { tamper(t, path, fill) }
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want string
		is   error
	}{
		{"empty", touch, "the state file PATH is empty", ErrDamaged},
		{"text", func(t *testing.T, path string) { fill(t, path, strings.Repeat("order_id,po\n", 9999)) }, "the state file PATH is damaged or of another program", ErrDamaged},
		{"little text", func(t *testing.T, path string) { fill(t, path, "x") }, "the state file PATH is damaged or of another program", ErrDamaged},
		{"another program's bbolt", bolt(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("other")); return err }), "the state file PATH is not of dscosync", ErrDamaged},
		{"another program's meta", bolt(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte("meta"))
			return errors.Join(err, b.Put([]byte("schema"), []byte("1")))
		}), `the state file PATH is damaged: setting "schema" does not match its checksum`, ErrDamaged},
		{"newer", bolt(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucket([]byte("meta"))
			return errors.Join(err, b.Put([]byte("schema"), seal([]byte("schema"), []byte("3"))))
		}), "the state file PATH was made by a newer dscosync (its schema is 3, this program knows 2)", ErrNewer},
		{"folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "the state file PATH is a folder", nil},
		{"pipe", func(t *testing.T, path string) {
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
		}, "the state file PATH is not a regular file", nil},
		{"under a file", func(t *testing.T, path string) {
			os.Remove(filepath.Dir(path))
			touch(t, filepath.Dir(path))
		}, "the state file PATH cannot be used: stat PATH: not a directory", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sub", "state.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			c.make(t, path)
			before := content(path)
			_, err := Open(path)
			if err == nil {
				t.Fatal("it was opened")
			}
			if text := strings.ReplaceAll(err.Error(), path, "PATH"); !strings.HasPrefix(text, c.want) {
				t.Errorf("%q, want %q", text, c.want)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v is not %v", err, c.is)
			}
			if hint, ok := errors.AsType[interface {
				error
				Hint() string
			}](err); c.is != nil && (!ok || hint.Hint() == "") {
				t.Errorf("%v names no way out", err)
			}
			at(path).Update(func(tx *Tx) error { return tx.SetStore(1) })
			if content(path) != before {
				t.Error("the file was changed")
			}
		})
	}
}

// TestTrouble is about refusals of the operating system that a test cannot bring about everywhere.
func TestTrouble(t *testing.T) {
	l := at("/x/state.db")
	for number, hint := range map[syscall.Errno]string{
		syscall.EACCES: hintOwner,
		syscall.EPERM:  hintOwner,
		syscall.EROFS:  "its disk is mounted read-only: have it mounted for writing, or name another file with --state",
		syscall.ENOSPC: hintSpace,
		syscall.EDQUOT: hintSpace,
		syscall.ENOENT: "make its folder, or name a file elsewhere",
		syscall.EFBIG:  "raise the limit of this user or service (ulimit -a shows them) and run again: nothing is sent twice",
		syscall.EMFILE: "raise the limit of this user or service (ulimit -a shows them) and run again: nothing is sent twice",
		syscall.EIO:    "",

		syscall.ELOOP:        "delete the links that lead to each other, or name another file with --state",
		syscall.ENAMETOOLONG: "give it a shorter name",
		syscall.ENOTEMPTY:    "move that folder away: dscosync makes a file of this name",
	} {
		err := l.trouble(&fs.PathError{Op: "open", Path: l.path + ".gate", Err: number})
		p, ok := errors.AsType[*problem](err)
		if !ok || p.Hint() != hint || !errors.Is(err, number) || errors.Is(err, ErrDamaged) {
			t.Errorf("%v: hint %q, want %q", err, p.Hint(), hint)
		}
		if want := "the state file /x/state.db cannot be used: open /x/state.db.gate: " + number.Error(); err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
}

// TestFaultText is about what bbolt breaks down with: people are not shown the words of Go for it.
func TestFaultText(t *testing.T) {
	var none *int
	var empty []int
	for want, broken := range map[string]func(){
		"a page makes no sense":        func() { *none = 1 },
		"a page makes no sense: again": func() { panic("panic: a page makes no sense: again\ngoroutine 1") },
	} {
		if err := safely(func() error { broken(); return nil }); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := safely(func() error { _ = empty[len(t.Name())]; return nil }); err == nil || err.Error() != "a page makes no sense" {
		t.Error(err)
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	fill(t, path, "")
}

func fill(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBusyText(t *testing.T) {
	l := at("/x/state.db")
	want := "the state file /x/state.db is busy: another dscosync has it for more than 5s"
	err := l.busy(l.readerWait)
	if err.Error() != want || !errors.Is(err, ErrBusy) || l.writerWait != 30*time.Second {
		t.Errorf("%q, want %q", err, want)
	}
	// Who has the turnstile does not have the file.
	if p, ok := errors.AsType[*problem](err); !ok || !strings.HasSuffix(p.hint, "fuser /x/state.db /x/state.db.gate") {
		t.Errorf("%+v", err)
	}
}

// content is what is in a file, if it is one that can be read to its end.
func content(path string) string {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	text, _ := os.ReadFile(path)
	return string(text)
}
