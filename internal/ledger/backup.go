package ledger

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// kept is how many stay of the backups that runs make, and of the files that were put aside.
const kept = 3

// moment is how the time stands in the name of a file.
const moment = "20060102T150405Z"

// name is the name of a file beside the ledger.
func name(path, kind string, now time.Time) string {
	return path + "." + kind + "-" + now.UTC().Format(moment)
}

// untaken is a name that no file has: of a later second when something was done within this one already.
func untaken(path, kind string, now time.Time) string {
	for {
		to := name(path, kind, now)
		if _, err := os.Lstat(to); err != nil {
			return to
		}
		now = now.Add(time.Second)
	}
}

// BackupName is what a backup of the ledger is called, in the ledger's folder or another, that somebody asks for and does
// not name.
func BackupName(path string, now time.Time) string { return untaken(path, "backup", now) }

// isBackup tells from what a name has beyond the ledger's whether it is a backup's.
func isBackup(rest string) bool {
	return strings.HasPrefix(rest, ".backup") && !strings.HasSuffix(rest, part)
}

// part ends the name of a copy that is being written.
const part = ".part"

// Copy is a file that a ledger can be restored from.
type Copy struct {
	Path string
	At   time.Time
	Kind string // "daily", "schema1", ...; empty: somebody asked for it. Of what was put aside: "restore", "rebuild"
}

// Backups are the copies beside a ledger that have a time in their names, the newest first.
func Backups(path string) []Copy { return copies(path, "backup", time.Now()) }

// copies puts last what was made in a future that is still to come: by a clock that was wrong. It would be the newest for
// years.
func copies(path, what string, now time.Time) []Copy {
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil
	}
	var found []Copy
	for _, f := range files {
		rest, ok := strings.CutPrefix(f.Name(), filepath.Base(path)+"."+what+"-")
		if !ok {
			continue
		}
		kind, when, automatic := strings.Cut(rest, "-")
		if !automatic {
			kind, when = "", rest
		}
		if at, err := time.Parse(moment, when); err == nil {
			found = append(found, Copy{filepath.Join(filepath.Dir(path), f.Name()), at, kind})
		}
	}
	last := now.Add(24 * time.Hour)
	slices.SortStableFunc(found, func(a, b Copy) int {
		if wrong := a.At.After(last); wrong != b.At.After(last) {
			if wrong {
				return 1
			}
			return -1
		}
		return b.At.Compare(a.At)
	})
	return found
}

// Daily makes the backup of a day, if there is none yet, and keeps the last three of them; the path is empty when there
// was nothing to do. A ledger that turns out to be damaged is an error, and pushes no good copy out. The caller has the
// run lock.
func (l *Ledger) Daily(now time.Time, check Checker) (path string, err error) {
	today := now.UTC().Format(time.DateOnly)
	for _, b := range copies(l.path, "backup", now) {
		if b.Kind == "daily" && b.At.Format(time.DateOnly) == today {
			return "", nil
		}
	}
	path = name(l.path, "backup-daily", now)
	if _, err := l.backup(path, check); err != nil {
		return "", err
	}
	l.trim("daily", path, now)
	return path, nil
}

// trim removes the oldest backups of a kind. The one just made stays, even when the clock was set back.
func (l *Ledger) trim(kind, made string, now time.Time) {
	n := 1
	for _, b := range copies(l.path, "backup", now) {
		if b.Kind != kind || b.Path == made {
			continue
		}
		if n++; n > kept {
			os.Remove(b.Path) // what cannot be removed costs room, no more
		}
	}
}

// trimAside removes the oldest of what was put aside, but nothing of the last day: whoever tries one backup after the
// other may want back what stood there at first. Nor the file that was just put back, if it is one of them: somebody named
// it, and may name it again. A kill before leaves one more, for the next time.
func (l *Ledger) trimAside(now time.Time, back os.FileInfo) {
	for i, c := range copies(l.path, "before", now) {
		if i < kept || now.Sub(c.At) <= 24*time.Hour {
			continue
		}
		if info, err := os.Stat(c.Path); err == nil && !os.SameFile(info, back) {
			os.Remove(c.Path)
		}
	}
}

// Backup copies the ledger as it is between two transactions; a run may go on meanwhile. The copy is complete, looked at
// and on the disk before it gets its name, and no file that has the name already is lost.
func (l *Ledger) Backup(to string, check Checker) (bytes int64, err error) {
	to = filepath.Clean(to)
	if l.meant(to) {
		return 0, &problem{text: "the name " + to + " is taken: dscosync gives it to files of its own, which it writes over or removes", hint: "name another", err: fs.ErrExist}
	}
	return l.backup(to, check)
}

// meant tells whether a name is one that runs and the care of the ledger use, and where a copy would not stay.
func (l *Ledger) meant(to string) bool {
	if likeDraft.MatchString(to) {
		return true
	}
	folder, err := filepath.EvalSymlinks(filepath.Dir(to))
	if err == nil {
		folder, err = filepath.Abs(folder)
	}
	rest, beside := strings.CutPrefix(filepath.Join(folder, filepath.Base(to)), l.path)
	return err == nil && beside && own.MatchString(rest)
}

// own is what the names of files beside a ledger have beyond its own, of those that it does not keep for ever.
var own = regexp.MustCompile(`^\.(lock|gate|new|(backup-[^-]+|before-.+)-\d{8}T\d{6}Z)$`)

func (l *Ledger) backup(to string, check Checker) (bytes int64, err error) {
	if _, err := os.Lstat(to); err == nil {
		return 0, taken(to)
	}
	l.sweep(to)
	draft, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*"+part)
	if err != nil {
		return 0, trouble("the backup "+to+" cannot be written", err)
	}
	defer os.Remove(draft.Name())
	defer draft.Close()
	l.step("draft made")
	if err := syscall.Flock(int(draft.Fd()), syscall.LOCK_SH); err != nil { // else another backup takes it for a leftover
		return 0, trouble("the backup "+to+" cannot be locked", err)
	}
	if bytes, err = l.copyTo(draft, true); err != nil {
		return 0, err
	}
	l.step("copied")
	if err := check(draft.Name()); err != nil {
		return 0, l.inCopy(err)
	}
	inherit(draft.Name(), l.path)
	l.step("checked")
	if err := publish(draft.Name(), to); err != nil {
		return 0, err
	}
	l.step("named")
	return bytes, nil
}

// inCopy says of the file what was found in a copy of it: the copy is what was read.
func (l *Ledger) inCopy(err error) error {
	if errors.Is(err, ErrDamaged) {
		return l.damaged("%v", err)
	}
	return err
}

// unwritten is what hindered the writing of a copy, and not the reading.
type unwritten struct{ error }

func (e *unwritten) Unwrap() error { return e.error }

// copyTo writes a copy of the ledger into a file, which is then on the disk if it is to be synced.
func (l *Ledger) copyTo(to *os.File, sync bool) (bytes int64, err error) {
	out := &sink{to: to}
	err = l.View(func(tx *Tx) error {
		return tx.safely(func() (err error) {
			bytes, err = tx.bolt.WriteTo(out)
			return err
		})
	})
	if err == nil && sync {
		out.err = to.Sync()
	}
	if out.err != nil {
		return 0, &unwritten{trouble("the copy "+to.Name()+" cannot be written", out.err)}
	}
	return bytes, err
}

// sink tells an error of writing from one of reading.
type sink struct {
	to  io.Writer
	err error
}

func (s *sink) Write(b []byte) (n int, err error) {
	n, err = s.to.Write(b)
	s.err = err
	return n, err
}

// publish gives a finished file its name, unless another has it.
func publish(draft, to string) error {
	err := os.Link(draft, to)
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(to)
	case err == nil:
		os.Remove(draft)
	default: // a file system without links
		if err := os.Rename(draft, to); err != nil {
			return trouble("the file "+to+" cannot be made", err)
		}
	}
	if err := syncFolder(filepath.Dir(to)); err != nil {
		return trouble("the folder of "+to+" cannot be written", err)
	}
	return nil
}

func taken(path string) error {
	return &problem{text: "there is a file " + path + " already", hint: "name another, or move it away: no file is written over", err: fs.ErrExist}
}

// drafted and draftedBeside are what the names of such drafts have beyond that of a backup, or of the ledger: CreateTemp
// puts digits in. Whatever else ends alike is somebody else's.
var (
	likeDraft     = regexp.MustCompile(`\.\d+\.part$`)
	drafted       = regexp.MustCompile(`^\.\d+\.part$`)
	draftedBeside = regexp.MustCompile(`^\.(backup[^/]*|check)\.\d+\.part$`)
)

// sweep removes drafts of backups whose makers are gone: of one to be made, and of those beside the ledger.
func (l *Ledger) sweep(to string) {
	for of, form := range map[string]*regexp.Regexp{to: drafted, l.path: draftedBeside} {
		files, err := os.ReadDir(filepath.Dir(of))
		if err != nil {
			continue
		}
		for _, f := range files {
			rest, ours := strings.CutPrefix(f.Name(), filepath.Base(of))
			if path := filepath.Join(filepath.Dir(of), f.Name()); ours && form.MatchString(rest) && abandoned(path) {
				os.Remove(path)
			}
		}
	}
}

// abandoned tells whether nobody has the lock of a draft.
func abandoned(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
