package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/report"
)

const dbExitHelp = `
Exit status:
  0    done
  1    the state file is damaged or missing, or its disk failed
  2    wrong usage or wrong settings
  75   try again later: another run holds the lock`

const asideHelp = "Of the files that were put aside the last three stay, and all of the last day.\n"

func (a *app) dbCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "care of the state file: check, backup, restore, compact, prune, rebuild",
		Long: "The state file holds what was seen of each order and what was written. Every run keeps it small, and the first of a day\n" +
			"makes a backup beside it, of which three are kept. These commands are for what is left.\n" + dbExitHelp,
		Example: "  dscosync db check\n  dscosync db backup\n  dscosync db restore state.db.backup-20260102T030405Z",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.checkCommand(), a.backupCommand(), a.restoreCommand(), a.compactCommand(), a.pruneCommand(), a.rebuildCommand())
	return cmd
}

// lockFor takes the run lock for a command of db.
func (a *app) lockFor(c config.Config, name string) (*ledger.RunLock, error) {
	return ledger.Lock(a.ctx, c.State, a.lock, ledger.Holder{Stage: "db " + name, Run: runID(), Started: a.Now()})
}

// openUpToDate opens the ledger under the run lock. One of an older schema is brought up to date, after a backup.
func (a *app) openUpToDate(state string) (*ledger.Ledger, error) {
	l, err := ledger.Open(state)
	if !errors.Is(err, ledger.ErrOlder) {
		return l, err
	}
	backup, err := ledger.Migrate(state, a.Now(), a.checked)
	if err != nil {
		return nil, err
	}
	a.logger().Warn(fmt.Sprintf("the state file was brought up to date for this version of dscosync; as it was before it is %s", backup))
	return ledger.Open(state)
}

// maintained calls f with the ledger that is there, under the run lock.
func (a *app) maintained(name string, f func(config.Config, *ledger.Ledger) error) error {
	c, err := a.settings(true)
	if err != nil {
		return err
	}
	// Before the lock, which would make a folder and a file where there is no ledger.
	if _, err := ledger.Open(c.State); err != nil && !errors.Is(err, ledger.ErrOlder) {
		return err
	}
	lock, err := a.lockFor(c, name)
	if err != nil {
		return err
	}
	l, err := a.openUpToDate(c.State)
	if err != nil {
		lock.Unlock()
		return err
	}
	defer release(l, lock)
	return f(c, l)
}

// done says what was done: a person and a script both asked for it.
func (a *app) done(what fmt.Stringer) error {
	if a.quiet && !a.json {
		return nil
	}
	return report.WriteDone(a.Stdout, what, a.json)
}
