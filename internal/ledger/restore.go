package ledger

import (
	"os"
	"time"
)

// Restore puts a copy of a backup in the place of the ledger, which may be missing or damaged, and keeps what stood there
// aside, under the name it gives back. prepare may change the copy before it takes the place. An older schema is brought
// up to date, a newer one refused. The caller has the run lock.
func Restore(path, from string, now time.Time, check Checker, prepare func(*Tx) error) (aside string, err error) {
	return at(path).restore(from, now, check, prepare)
}

func (l *Ledger) restore(from string, now time.Time, check Checker, prepare func(*Tx) error) (aside string, err error) {
	if err := l.local(); err != nil {
		return "", err
	}
	backup := file(from, "backup")
	backup.migrations, backup.older = l.migrations, true
	if err := backup.look(); err != nil {
		return "", err
	}
	if same(from, l.path) {
		return "", &problem{text: from + " is the state file itself", hint: "name a backup of it: they lie beside it, " + l.path + ".backup-*"}
	}
	if same(from, l.path+anew) { // which is cleared away for the draft: the copy would be gone
		return "", &problem{text: from + " has the name of a state file that is being made", hint: "give it another name first: mv -n " + l.path + anew + " " + l.path + ".backup"}
	}
	d, err := l.draft()
	if err != nil {
		return "", err
	}
	defer d.Discard()
	if err := d.fillFrom(backup); err != nil {
		return "", err
	}
	l.step("copied")
	d.copyOf = backup
	if err := d.migrate(); err != nil {
		return "", err
	}
	if err := d.Update(prepare); err != nil {
		return "", err
	}
	l.step("prepared")
	return d.Install("restore", now, check)
}

// fillFrom copies a backup into the draft.
func (d *Draft) fillFrom(backup *Ledger) error {
	to, err := os.OpenFile(d.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return d.of.trouble(err)
	}
	_, err = backup.copyTo(to, false)
	if end := to.Close(); err == nil && end != nil {
		err = d.of.trouble(end)
	}
	return err
}

// same tells whether two names are of one file.
func same(one, other string) bool {
	here, err := os.Stat(one)
	there, fault := os.Stat(other)
	return err == nil && fault == nil && os.SameFile(here, there)
}
