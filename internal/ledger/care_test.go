package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sound is a Checker in this very process.
func sound(path string) error {
	s, err := Check(path, How{Copied: true})
	return errors.Join(err, s.Err())
}

// aged is a ledger with rows of every kind and pages free, and what is in it.
func aged(t *testing.T) (*Ledger, contents) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, grown(t), 0o600); err != nil {
		t.Fatal(err)
	}
	l := at(path)
	update(t, l, func(tx *Tx) error {
		_, err := tx.Prune(noon.Add(time.Hour), 100)
		return err
	})
	return l, all(t, l)
}

func all(t *testing.T, l *Ledger) (c contents) {
	t.Helper()
	view(t, l, c.read)
	return c
}

func beside(t *testing.T, path string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, strings.TrimPrefix(f.Name(), filepath.Base(path)))
	}
	return names
}

// deeds are what makes or replaces a file, each with the number of its steps.
var deeds = map[string]struct {
	steps int
	do    func(l *Ledger) error
}{
	"backup": {4, func(l *Ledger) error {
		_, err := l.Backup(BackupName(l.path, noon), sound)
		return err
	}},
	"restore": {6, func(l *Ledger) error {
		_, err := l.restore(l.path+".kept", noon, sound, func(tx *Tx) error { return tx.Raise(1000) })
		return err
	}},
	"compact": {4, func(l *Ledger) error {
		_, _, err := l.Compact(sound)
		return err
	}},
	"rebuild": {3, func(l *Ledger) error {
		d, err := l.emptyDraft()
		if err != nil {
			return err
		}
		if err := d.Update(func(tx *Tx) error { return errors.Join(tx.Put(sample(1, time.Time{})), tx.Raise(1000)) }); err != nil {
			return err
		}
		_, err = d.Install("rebuild", noon, sound)
		return err
	}},
	"migrate": {7, func(l *Ledger) error {
		l.migrations = raised
		_, err := l.migrateSafely(noon, soundOf(l))
		return err
	}},
}

// raised are the migrations of a schema that is two further.
var raised = append(slices.Clone(migrations),
	func(tx *Tx) error { return tx.SetStore(7) },
	func(tx *Tx) error { return tx.SetStore(tx.Store() + 1) },
)

func init() {
	for name, deed := range deeds {
		roles[name] = func(path string) error {
			at := at(path)
			kill, err := strconv.Atoi(os.Getenv("LEDGER_KILL"))
			if err != nil {
				return err
			}
			n := 0
			at.step = func(string) {
				if n++; n == kill {
					syscall.Kill(os.Getpid(), syscall.SIGKILL)
					select {}
				}
			}
			return deed.do(at)
		}
	}
}

// TestKilledCare kills each deed before each of its steps. What is left is the old ledger or the new one, whole; nothing
// that was there is lost; the next try succeeds, and clears away what the killed one left.
func TestKilledCare(t *testing.T) {
	for deedName, deed := range deeds {
		steps := 0
		whole, _ := aged(t)
		if deedName == "restore" {
			put(t, whole, sample(999, time.Time{}))
			if _, err := whole.Backup(whole.path+".kept", sound); err != nil {
				t.Fatal(err)
			}
		}
		whole.step = func(string) { steps++ }
		if err := deed.do(whole); err != nil || steps != deed.steps {
			t.Fatalf("%s has %d steps, want %d: %v", deedName, steps, deed.steps, err)
		}
		for n := range deed.steps {
			t.Run(fmt.Sprintf("%s, %d", deedName, n+1), func(t *testing.T) {
				l, before := aged(t)
				replaced := func(c contents) bool { return cmp.Equal(before, c) }
				switch deedName {
				case "restore":
					put(t, l, sample(999, time.Time{}))
					kept := all(t, l)
					if _, err := l.Backup(l.path+".kept", sound); err != nil {
						t.Fatal(err)
					}
					put(t, l, sample(998, time.Time{}))
					before = all(t, l)
					replaced = func(c contents) bool { return cmp.Equal(kept, c) }
				case "rebuild":
					replaced = func(c contents) bool { return len(c.Open) == 1 && len(c.Done) == 0 }
				case "migrate":
					replaced = func(c contents) bool { return c.Store == 8 && len(c.Open) == len(before.Open) }
				}
				version, err := l.Version()
				if err != nil {
					t.Fatal(err)
				}
				t.Setenv("LEDGER_KILL", fmt.Sprint(n+1))
				cmd, lines := process(t, deedName, l.path)
				for lines.Scan() {
				}
				if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
					t.Fatalf("it was not killed: %v", err)
				}

				if deedName == "migrate" {
					l.migrations = raised
					if _, err := l.migrateSafely(noon.Add(time.Second), soundOf(l)); err != nil {
						t.Fatal(err)
					}
				}
				s, err := l.check(false)
				if err != nil || s.Err() != nil {
					t.Fatalf("after the kill: %v, %v", err, s.Err())
				}
				if got := all(t, l); !cmp.Equal(before, got) && !replaced(got) {
					t.Errorf("neither the old ledger nor the new one: %s", cmp.Diff(before, got))
				}
				if v, err := l.Version(); err != nil || v < version {
					t.Errorf("the version went down from %d to %d, %v", version, v, err)
				}
				for _, rest := range beside(t, l.path) { // what has the name of a finished file is one
					if strings.HasSuffix(rest, part) || rest == ".new" || rest == ".gate" || rest == ".lock" {
						continue
					}
					if err := soundOf(l)(l.path + rest); err != nil {
						t.Errorf("%s: %v", rest, err)
					}
				}

				if err := deed.do(l); err != nil {
					t.Fatalf("the next try: %v", err)
				}
				if got := all(t, l); deedName != "backup" && !replaced(got) {
					t.Errorf("the next try: %s", cmp.Diff(before, got))
				}
				for _, rest := range beside(t, l.path) {
					if strings.HasSuffix(rest, part) || rest == ".new" {
						t.Errorf("%s is left", rest)
					}
				}
			})
		}
	}
}

// marked are two migrations that write every open row anew, each with its schema in it.
var marked = append(slices.Clone(migrations), marks(3), marks(4))

func marks(schema int) func(*Tx) error {
	return func(tx *Tx) error {
		rows, err := collect(tx.Open())
		for _, o := range rows {
			o.PO = fmt.Sprint("schema ", schema)
			err = errors.Join(err, tx.Put(o))
		}
		return err
	}
}

func init() {
	roles["mark"] = func(path string) error {
		l := at(path)
		l.migrations = marked
		fmt.Println("ready")
		_, err := l.migrateSafely(noon, soundOf(l))
		return err
	}
}

// TestKilledMigration kills migrations at 50 random moments, also in the middle of a commit. What is left is of one schema
// or of another, with all its rows and with a backup as soon as it is not the old one; the next try ends it.
func TestKilledMigration(t *testing.T) {
	r := rand.New(rand.NewPCG(seeded(t), 0))
	old := grown(t)
	took, left := time.Duration(0), map[int]int{}
	for n := range 51 {
		path := filepath.Join(t.TempDir(), "state.db")
		fill(t, path, string(old))
		before := all(t, at(path))
		cmd, lines := process(t, "mark", path)
		lines.Scan()
		begun := time.Now()
		if n > 0 { // the first one tells how long it takes
			time.Sleep(time.Duration(r.Int64N(int64(took))))
			cmd.Process.Kill()
		}
		cmd.Wait()
		if n == 0 {
			took = time.Since(begun)
		}
		l := at(path)
		l.migrations, l.older = marked, true
		look := func() (schema int) {
			t.Helper()
			if err := soundOf(l)(path); err != nil {
				t.Fatalf("after kill %d: %v", n, err)
			}
			view(t, l, func(tx *Tx) error {
				rows, err := collect(tx.Open())
				schema, _ = tx.schema()
				for _, o := range rows {
					if schema > 2 && o.PO != fmt.Sprint("schema ", schema) || schema == 2 && strings.HasPrefix(o.PO, "schema") {
						t.Fatalf("after kill %d: in schema %d a row has %q", n, schema, o.PO)
					}
				}
				if len(rows) != 150 {
					t.Fatalf("after kill %d: %d rows", n, len(rows))
				}
				return err
			})
			return schema
		}
		schema := look()
		left[schema]++
		if schema > 2 {
			backups := Backups(path)
			if len(backups) != 1 {
				t.Fatalf("after kill %d: %v", n, backups)
			}
			if got := all(t, file(backups[0].Path, "backup")); !cmp.Equal(before, got) {
				t.Fatalf("after kill %d the backup is another: %s", n, cmp.Diff(before, got))
			}
		}
		if _, err := l.migrateSafely(noon, soundOf(l)); err != nil {
			t.Fatalf("after kill %d: %v", n, err)
		}
		if schema := look(); schema != 4 {
			t.Fatalf("after kill %d and another try: schema %d", n, schema)
		}
	}
	t.Logf("%d kills in %v at most; the schemas left: %v", 50, took, left)
}

// Only what a killed backup left is cleared away, and no file of somebody else's.
func TestBackupClearsItsOwn(t *testing.T) {
	l, _ := aged(t)
	to := filepath.Join(filepath.Dir(l.path), "arch")
	left := []string{to + ".123.part", l.path + ".backup-daily-20260304T120000Z.45.part", l.path + ".check.6.part"}
	kept := []string{to + ".part", to + "ive.part", to + "ive.123.part", to + ".zip.part", l.path + ".backup.part"}
	for _, path := range append(kept, left...) {
		touch(t, path)
	}
	if _, err := l.Backup(to, sound); err != nil {
		t.Fatal(err)
	}
	for _, path := range kept {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("somebody else's file: %v", err)
		}
	}
	for _, path := range left {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
}

// The name that a state file has until it is in its place is no backup's: the next one to be made would clear it away.
func TestBackupUnderTheNameOfADraft(t *testing.T) {
	l, _ := aged(t)
	if _, err := l.Backup(l.path+".new", sound); !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v, want a name that is taken", err)
	}
}

func TestBackup(t *testing.T) {
	l, want := aged(t)
	to := BackupName(l.path, noon)
	if to != l.path+".backup-20260304T120000Z" {
		t.Errorf("it is called %s", to)
	}
	bytes, err := l.Backup(to, sound)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(to)
	if err != nil || info.Size() != bytes || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, %d bytes", info, err, bytes)
	}
	if got := all(t, file(to, "backup")); !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
	if next := BackupName(l.path, noon); next != l.path+".backup-20260304T120001Z" {
		t.Errorf("another within the same second is called %s", next)
	}
	before := content(to)
	_, err = l.Backup(to, sound)
	if !errors.Is(err, fs.ErrExist) || content(to) != before {
		t.Errorf("a second one of that name: %v", err)
	}
	// One that appears while the copy is made is not written over either.
	other := l.path + ".other"
	if _, err := l.Backup(other, func(string) error { touch(t, other); return nil }); !errors.Is(err, fs.ErrExist) || content(other) != "" {
		t.Errorf("a file that came meanwhile: %v", err)
	}
	bad := errors.New("no")
	if _, err := l.Backup(l.path+".bad", func(string) error { return bad }); !errors.Is(err, bad) {
		t.Errorf("a copy that is not sound: %v", err)
	}
	if got, want := beside(t, l.path), []string{"", ".backup-20260304T120000Z", ".gate", ".other"}; !slices.Equal(got, want) {
		t.Errorf("beside it are %q, want %q", got, want)
	}
}

// TestBackupBesideWriter copies twenty times while another process writes without a pause.
func TestBackupBesideWriter(t *testing.T) {
	l := newLedger(t)
	cmd, lines := process(t, "write", l.path)
	if !lines.Scan() {
		t.Fatal("no writer")
	}
	go func() {
		for lines.Scan() {
		}
	}()
	last := 0
	for n := 0; n < 20 || last < 2 && n < 2000; n++ { // where a machine is busy its turn may come late
		to := fmt.Sprint(l.path, ".copy", n)
		if _, err := l.Backup(to, sound); err != nil {
			t.Fatal(err)
		}
		c := all(t, file(to, "copy"))
		if rows := len(c.Open) + len(c.Done); rows != c.Pull.Exit || rows != len(c.Journal) || rows < last {
			t.Errorf("%d orders, %d lines, at step %d after step %d", rows, len(c.Journal), c.Pull.Exit, last)
		} else {
			last = rows
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if last < 2 {
		t.Errorf("the writer came to step %d", last)
	}
}

// TestDaily keeps three, one a day, and nobody else's.
func TestDaily(t *testing.T) {
	l, _ := aged(t)
	mine := []string{".backup", ".backup-20260101T000000Z", ".backup-schema1-20260101T000000Z", ".backup-daily-mine", ".bak"}
	for _, rest := range mine {
		touch(t, l.path+rest)
	}
	var made []string
	for hour := 0; hour < 24*6; hour += 7 {
		path, err := l.Daily(noon.Add(time.Duration(hour)*time.Hour), sound)
		if err != nil {
			t.Fatal(err)
		}
		if path != "" {
			made = append(made, strings.TrimPrefix(path, l.path))
		}
	}
	if len(made) != 7 {
		t.Errorf("%d were made on seven dates: %q", len(made), made)
	}
	want := append(slices.Concat(mine, made[len(made)-3:]), "", ".gate")
	slices.Sort(want)
	if got := beside(t, l.path); !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	// The clock is set back by a month: the new one stays nevertheless, and is that day's.
	past := noon.Add(-30 * day)
	path, err := l.Daily(past, sound)
	if err != nil || path == "" {
		t.Fatalf("%q, %v", path, err)
	}
	if again, err := l.Daily(past.Add(time.Hour), sound); again != "" || err != nil {
		t.Errorf("%q, %v", again, err)
	}
	if n := len(slices.DeleteFunc(Backups(l.path), func(c Copy) bool { return c.Kind != "daily" })); n != kept {
		t.Errorf("%d are kept", n)
	}
	// Those made in a future that never came do not push the others out, nor does a hint name one of them as the newest.
	made = nil
	for n := range 4 {
		path, err := l.Daily(past.Add(time.Duration(n+1)*day), sound)
		if err != nil || path == "" {
			t.Fatalf("%q, %v", path, err)
		}
		made = append(made, path)
	}
	for _, path := range made[1:] {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	wrong := name(l.path, "backup-daily", time.Now().Add(9*365*day))
	touch(t, wrong)
	if hint := ways(l.path, ""); strings.Contains(hint, wrong) || !strings.Contains(hint, made[3]) {
		t.Error(hint)
	}
	os.Remove(wrong)
	// One that is not sound pushes nothing out.
	before := beside(t, l.path)
	if _, err := l.Daily(noon.Add(100*day), func(string) error { return &problem{text: "journal line 7 is gone", err: ErrDamaged} }); !errors.Is(err, ErrDamaged) ||
		err.Error() != "the state file "+l.path+" is damaged: journal line 7 is gone" {
		t.Errorf("%v", err)
	}
	if got := beside(t, l.path); !slices.Equal(before, got) {
		t.Errorf("there are %q, before %q", got, before)
	}
}

func TestRestore(t *testing.T) {
	l, want := aged(t)
	backup := l.path + ".backup-20260304T120000Z"
	if _, err := l.Backup(backup, sound); err != nil {
		t.Fatal(err)
	}
	for n := range 50 {
		put(t, l, sample(900+n, time.Time{}))
	}
	later := all(t, l)
	version, err := l.Version()
	if err != nil {
		t.Fatal(err)
	}
	prepare := func(tx *Tx) error { return tx.Raise(version) }
	aside, err := Restore(l.path, backup, noon, sound, prepare)
	if err != nil || aside != l.path+".before-restore-20260304T120000Z" {
		t.Fatalf("%q, %v", aside, err)
	}
	if got := all(t, l); !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
	if got := all(t, file(aside, "file")); !cmp.Equal(later, got) {
		t.Error(cmp.Diff(later, got))
	}
	if v, err := l.Version(); err != nil || v <= version {
		t.Errorf("version %d after %d, %v", v, version, err)
	}
	if info, err := os.Stat(l.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}

	// A second one within that second does not lose what the first one kept.
	if again, err := Restore(l.path, backup, noon, sound, prepare); err != nil || again != l.path+".before-restore-20260304T120001Z" || content(aside) == content(again) {
		t.Errorf("%q, %v", again, err)
	}
	// Whatever stands in its place is kept, and nothing has to.
	fill(t, l.path, "half a file")
	aside, err = Restore(l.path, backup, noon.Add(2*time.Second), sound, prepare)
	if err != nil || content(aside) != "half a file" {
		t.Errorf("%q, %v", content(aside), err)
	}
	os.Remove(l.path)
	if aside, err = Restore(l.path, backup, noon.Add(time.Minute), sound, prepare); err != nil || aside != "" {
		t.Errorf("%q, %v", aside, err)
	}
	if got := all(t, l); !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
}

// TestAside keeps three of what was put aside, all of the last day, and nobody else's files.
func TestAside(t *testing.T) {
	l, _ := aged(t)
	mine := []string{".before", ".before-mine", ".before-restore-mine", ".backup-20260101T000000Z"}
	for _, rest := range mine {
		touch(t, l.path+rest)
	}
	backup := l.path + ".kept"
	if _, err := l.Backup(backup, sound); err != nil {
		t.Fatal(err)
	}
	aside := func(at time.Time, want ...string) {
		t.Helper()
		if _, err := Restore(l.path, backup, at, sound, func(*Tx) error { return nil }); err != nil {
			t.Fatal(err)
		}
		want = append(slices.Concat(mine, want), "", ".gate", ".kept", ".lock")
		slices.Sort(want)
		if got := beside(t, l.path); !slices.Equal(got, want) {
			t.Errorf("at %v there are %q, want %q", at, got, want)
		}
	}
	var all []string
	for n := range 5 {
		all = append(all, ".before-restore-"+noon.Add(time.Duration(n)*time.Hour).Format(moment))
		aside(noon.Add(time.Duration(n)*time.Hour), all...)
	}
	aside(noon.Add(25*time.Hour), append(all[1:], ".before-restore-20260305T130000Z")...)
	aside(noon.Add(99*day), all[4], ".before-restore-20260305T130000Z", ".before-restore-20260611T120000Z")
	// The clock is set back: the one just made stays nevertheless, and what seems to come from the future.
	aside(noon.Add(-30*day), all[4], ".before-restore-20260202T120000Z", ".before-restore-20260305T130000Z", ".before-restore-20260611T120000Z")
	// What was put back itself stays, too, however many newer ones there are.
	backup = l.path + ".before-restore-20260202T120000Z"
	aside(noon.Add(100*day), ".before-restore-20260202T120000Z", ".before-restore-20260305T130000Z", ".before-restore-20260611T120000Z", ".before-restore-20260612T120000Z")
}

// TestRestoreRefuses leaves the ledger as it is when the file to restore from is not one to restore from.
func TestRestoreRefuses(t *testing.T) {
	l, _ := aged(t)
	put(t, l, sample(1, time.Time{}))
	folder := t.TempDir()
	from := filepath.Join(folder, "from.db")
	for _, c := range []struct {
		name string
		make func()
		want string
		is   error
	}{
		{"missing", func() {}, "there is no file FROM", fs.ErrNotExist},
		{"empty", func() { touch(t, from) }, "the backup FROM is empty", ErrDamaged},
		{"text", func() { fill(t, from, "hello") }, "the backup FROM is damaged or of another program: invalid database", ErrDamaged},
		{"folder", func() { os.Mkdir(from, 0o700) }, "the backup FROM is a folder", nil},
		{"pipe", func() { syscall.Mkfifo(from, 0o600) }, "the backup FROM is not a regular file", nil},
		{"itself", func() { os.Link(l.path, from) }, "FROM is the state file itself", nil},
		{"damaged", func() {
			fill(t, from, content(l.path))
			tamperRow(t, from)
		}, `the backup FROM is damaged: order "1026000001" does not match its checksum`, ErrDamaged},
		{"cut off", func() { fill(t, from, content(l.path)[:20_000]) }, "the backup FROM is damaged", ErrDamaged},
		{"newer", func() {
			fill(t, from, content(l.path))
			newer := file(from, "file")
			update(t, newer, func(tx *Tx) error { return tx.setMeta("schema", 3) })
		}, "the backup FROM was made by a newer dscosync (its schema is 3, this program knows 2)", ErrNewer},
	} {
		t.Run(c.name, func(t *testing.T) {
			os.Remove(from)
			c.make()
			before, names := content(l.path), beside(t, l.path)
			_, err := Restore(l.path, from, noon, sound, func(*Tx) error { return nil })
			if err == nil || !strings.HasPrefix(strings.ReplaceAll(err.Error(), from, "FROM"), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("%v, want %s", err, c.want)
			}
			if content(l.path) != before || !slices.Equal(beside(t, l.path), names) {
				t.Errorf("it was touched: %q", beside(t, l.path))
			}
		})
	}
}

func TestCompact(t *testing.T) {
	l, _ := aged(t)
	update(t, l, func(tx *Tx) error { return tx.SetStore(12345) })
	if _, err := l.Backup(l.path+".backup-1", sound); err != nil {
		t.Fatal(err)
	}
	update(t, l, func(tx *Tx) error {
		_, err := tx.Prune(noon.Add(day), 1000)
		return err
	})
	want := all(t, l)
	version, err := l.Version()
	if err != nil {
		t.Fatal(err)
	}
	before, after, err := l.Compact(sound)
	if err != nil || after >= before {
		t.Fatalf("%d bytes, then %d, %v", before, after, err)
	}
	if info, err := os.Stat(l.path); err != nil || info.Size() != after || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v, want %d bytes", info, err, after)
	}
	if got := all(t, l); !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
	if v, err := l.Version(); err != nil || v <= version {
		t.Errorf("version %d after %d, %v", v, version, err)
	}
	// There is nothing more to gain, and the file stays.
	was, _ := os.Stat(l.path)
	if b, a, err := l.Compact(sound); err != nil || a != after || b != after {
		t.Errorf("again: %d bytes, then %d, %v", b, a, err)
	}
	if is, _ := os.Stat(l.path); !os.SameFile(was, is) {
		t.Error("it was replaced")
	}
	// It still takes rows, and counts on.
	put(t, l, sample(5000, time.Time{}))
	if s, err := l.check(false); err != nil || s.Err() != nil {
		t.Errorf("%v, %v", err, s.Err())
	}
	if v, err := l.Version(); err != nil || v <= version+1 {
		t.Errorf("version %d after %d, %v", v, version, err)
	}
}

// TestCompactBesideWriter has what is written meanwhile not be lost.
func TestCompactBesideWriter(t *testing.T) {
	l, _ := aged(t)
	n := 0
	before, after, err := l.Compact(func(path string) error {
		if n++; n <= 2 {
			put(t, l, sample(900+n, time.Time{}))
		}
		return sound(path)
	})
	if err != nil || after >= before || n != 3 {
		t.Errorf("%d bytes, then %d, %v, %d tries", before, after, err, n)
	}
	view(t, l, func(tx *Tx) error {
		for n := range 2 {
			if _, found, err := tx.Order(sample(901+n, time.Time{}).ID); !found || err != nil {
				t.Errorf("order %d: %v, %v", n, found, err)
			}
		}
		return nil
	})
	again := 0
	l, _ = aged(t)
	_, _, err = l.Compact(func(string) error {
		again++
		put(t, l, sample(900+again, time.Time{}))
		return nil
	})
	if p, ok := errors.AsType[*problem](err); !ok || !strings.Contains(p.text, "is written to all the time") || again != 5 {
		t.Errorf("after %d tries: %v", again, err)
	}
}

func TestCompactDamaged(t *testing.T) {
	l, _ := aged(t)
	put(t, l, sample(1, time.Time{}))
	tamperRow(t, l.path)
	before := content(l.path)
	if _, _, err := l.Compact(sound); !errors.Is(err, ErrDamaged) || !strings.HasPrefix(err.Error(), "the state file "+l.path+` is damaged: order "1026000001"`) {
		t.Errorf("%v", err)
	}
	if content(l.path) != before || slices.Contains(beside(t, l.path), ".new") {
		t.Errorf("it was touched: %q", beside(t, l.path))
	}
}

// TestPrunable counts what Prune drops.
func TestPrunable(t *testing.T) {
	l, _ := aged(t)
	put(t, l, sample(9_000, noon.Add(time.Minute))) // finished, and not moved yet
	var counted, dropped Pruned
	at := noon.Add(time.Second * 150)
	view(t, l, func(tx *Tx) (err error) { counted, err = tx.Prunable(at); return err })
	update(t, l, func(tx *Tx) (err error) {
		if _, err := tx.Settle(noon.Add(9 * day)); err != nil {
			return err
		}
		dropped, err = tx.Prune(at, 1<<30)
		return err
	})
	if counted != dropped || counted.Orders == 0 || counted.Lines == 0 {
		t.Errorf("counted %+v, dropped %+v", counted, dropped)
	}
}

// TestMigrate brings the stored file of the first schema to the present one, and that to one that is two further.
func TestMigrate(t *testing.T) {
	v1, err := os.ReadFile(filepath.Join("..", "..", "testdata", "ledger", "v1.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state.db")
	fill(t, path, string(v1))
	first, err := Migrate(path, noon, sound)
	if err != nil || first != path+".backup-schema1-20260304T120000Z" {
		t.Fatalf("%q, %v", first, err)
	}
	l := at(path)
	was := file(first, "backup")
	was.older = true
	for name, l := range map[string]*Ledger{"now": l, "before": was} {
		got, want := all(t, l), stored
		if want.Salt = got.Salt; !cmp.Equal(want, got) {
			t.Error(name, cmp.Diff(want, got))
		}
	}
	if backup, err := Migrate(path, noon, sound); backup != "" || err != nil {
		t.Errorf("nothing to do: %q, %v", backup, err)
	}
	l.migrations = raised
	if err := l.View(func(*Tx) error { return nil }); !errors.Is(err, ErrOlder) {
		t.Errorf("%v, want ErrOlder", err)
	}
	backup, err := l.migrateSafely(noon, sound)
	if err != nil || backup != path+".backup-schema2-20260304T120000Z" {
		t.Fatalf("%q, %v", backup, err)
	}
	got := all(t, l)
	want := stored
	want.Store, want.Salt = 8, got.Salt
	if !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
	want.Store = stored.Store
	if got := all(t, file(backup, "backup")); !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
	if again, err := l.migrateSafely(noon.Add(time.Hour), sound); again != "" || err != nil {
		t.Errorf("again: %q, %v", again, err)
	}
	// One that was killed after its backup goes on within the same second.
	fill(t, path, string(v1))
	if again, err := l.migrateSafely(noon, sound); again != path+".backup-schema1-20260304T120001Z" || err != nil {
		t.Errorf("within the same second: %q, %v", again, err)
	}
	// An older backup is brought up to date when it is put back.
	if _, err := l.restore(backup, noon, soundOf(l), func(*Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if got := all(t, l); got.Store != 8 {
		t.Errorf("store %d", got.Store)
	}
}

// soundOf is a Checker that knows the schema of a ledger.
func soundOf(l *Ledger) Checker {
	return func(path string) error {
		f := file(path, "file")
		f.migrations = l.migrations
		s, err := f.check(false)
		return errors.Join(err, s.Err())
	}
}
