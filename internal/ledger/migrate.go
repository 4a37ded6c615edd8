package ledger

import (
	"fmt"
	"time"
)

// migrations bring a ledger from each schema to the next: the first from 1 to 2. A file of each schema is kept in
// testdata/ledger.
var migrations = []func(*Tx) error{
	(*Tx).withSKUs,
}

// schema is the newest schema this program reads, and the one it writes.
func (l *Ledger) schema() int { return len(l.migrations) + 1 }

// Migrate brings a ledger of an older schema up to date, after a backup whose path it gives back; it does nothing to
// others. Each schema is a commit of its own: a kill leaves a ledger of one schema or the next, and the next Migrate goes
// on. The caller has the run lock.
func Migrate(path string, now time.Time, check Checker) (backup string, err error) {
	return at(path).migrateSafely(now, check)
}

func (l *Ledger) migrateSafely(now time.Time, check Checker) (backup string, err error) {
	l.older = true
	found := 0
	err = l.View(func(tx *Tx) (err error) {
		found, err = tx.schema()
		return err
	})
	if err != nil || found == l.schema() {
		return "", err
	}
	backup = untaken(l.path, fmt.Sprintf("backup-schema%d", found), now)
	if _, err := l.backup(backup, check); err != nil {
		return "", err
	}
	l.trim(fmt.Sprintf("schema%d", found), backup, now)
	return backup, l.migrate()
}

func (l *Ledger) migrate() error {
	l.older = true
	for n, up := range l.migrations {
		l.step("migrate")
		err := l.Update(func(tx *Tx) error {
			found, err := tx.schema()
			if err != nil || found != n+1 {
				return err
			}
			if err := up(tx); err != nil {
				return err
			}
			return tx.setMeta("schema", n+2)
		})
		if err != nil {
			return err
		}
	}
	l.older = false
	return nil
}
