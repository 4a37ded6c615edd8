package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Draft is a file that is made beside a ledger to take its place. Nobody else knows it.
type Draft struct {
	*Ledger
	of *Ledger
}

// anew ends the name of a draft.
const anew = ".new"

// draft clears the place of a draft. Only who has the run lock makes one, so what is there is a killed one's.
func (l *Ledger) draft() (*Draft, error) {
	d := &Draft{file(l.path+anew, "draft"), l}
	d.migrations, d.step = l.migrations, l.step
	if err := os.Remove(d.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, l.trouble(err)
	}
	return d, nil
}

// NewDraft makes an empty ledger that may take the place of the one at the path, be that missing or damaged. The caller
// has the run lock.
func NewDraft(path string) (*Draft, error) { return at(path).emptyDraft() }

func (l *Ledger) emptyDraft() (*Draft, error) {
	if err := l.local(); err != nil {
		return nil, err
	}
	d, err := l.draft()
	if err != nil {
		return nil, err
	}
	if err := d.fill(); err != nil {
		d.Discard()
		return nil, err
	}
	return d, nil
}

// Discard throws the draft away.
func (d *Draft) Discard() { os.Remove(d.path) }

// errChanged: the ledger was written to since the draft was made of it.
var errChanged = errors.New("the state file has changed meanwhile")

// Install puts the draft in the ledger's place, once it is found sound. What stood there, if anything, is kept under the
// name it gives back, which tells what it was replaced for; of such files three stay, and all of the last day. A kill
// leaves the old ledger, or the new one with the old one aside.
func (d *Draft) Install(what string, now time.Time, check Checker) (aside string, err error) {
	if _, err := os.Lstat(d.of.path); err == nil {
		aside = untaken(d.of.path, "before-"+what, now)
	}
	if err := d.install(aside, check, nil); err != nil {
		return "", err
	}
	var back os.FileInfo // nil: the draft is no copy
	if d.copyOf != nil {
		back, _ = os.Stat(d.copyOf.path)
	}
	d.of.trimAside(now, back)
	return aside, nil
}

// same, if any, tells whether the file that is to be replaced is still the one that the draft was made of.
func (d *Draft) install(aside string, check Checker, same func(*os.File) error) error {
	defer d.Discard() // it is gone already when all goes well
	if err := check(d.path); err != nil {
		return d.inCopy(err)
	}
	inherit(d.path, d.of.path)
	if err := syncFile(d.path); err != nil {
		return d.trouble(err)
	}
	d.step("draft finished")
	err := d.of.alone(func(old *os.File) error {
		if err := lost(d.of.path); err != nil {
			return err
		}
		if same != nil {
			if err := same(old); err != nil {
				return err
			}
		}
		if old != nil && aside != "" {
			if err := d.of.putAside(aside); err != nil {
				return err
			}
		}
		d.step("old kept aside")
		if err := os.Rename(d.path, d.of.path); err != nil {
			return d.of.trouble(err)
		}
		d.step("replaced")
		return nil
	})
	if err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(d.of.path)); err != nil {
		return d.of.trouble(err)
	}
	return mark(d.of.path)
}

// putAside gives the file a second name. The first one stays, so that at no moment there is none.
func (l *Ledger) putAside(name string) error {
	err := os.Link(l.path, name)
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(name)
	case err != nil: // a file system without links
		err = os.Rename(l.path, name)
	}
	if err != nil {
		return l.trouble(err)
	}
	return nil
}

// alone calls f while no process has the file and none can take it. The file is nil when there is none.
func (l *Ledger) alone(f func(*os.File) error) error {
	deadline := time.Now().Add(l.writerWait)
	gate, err := l.gate(deadline)
	if err != nil {
		return err
	}
	defer gate.Unlock()
	info, err := os.Stat(l.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f(nil)
	case err != nil:
		return l.trouble(err)
	case !info.Mode().IsRegular():
		return l.look()
	}
	old, err := os.Open(l.path)
	if err != nil {
		return l.trouble(err)
	}
	defer old.Close()
	for {
		err := syscall.Flock(int(old.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return f(old)
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return l.trouble(err)
		case time.Now().After(deadline):
			return l.busy(l.writerWait)
		}
		time.Sleep(patience)
	}
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
