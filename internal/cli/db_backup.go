package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/report"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup [FILE | FOLDER]",
		Short: "copy the state file; a run may go on meanwhile",
		Long: "Copies the state file as it is at one moment, checks the copy, and prints its name. Without FILE the copy lies beside the state\n" +
			"file, with the time in its name. No file is written over. Runs make a backup by themselves once a day and keep three of\n" +
			"those; what this command makes is never removed. It holds no secret and no consumer's name or address.\n" + dbExitHelp,
		Example: "  dscosync db backup\n  dscosync db backup /mnt/backups/",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := a.settings(true)
			if err != nil {
				return err
			}
			to := ledger.BackupName(c.State, a.Now())
			if len(args) == 1 {
				if to, err = a.named(c, args[0]); err != nil {
					return err
				}
			}
			l, err := ledger.Open(c.State)
			if err != nil {
				return err
			}
			bytes, err := l.Backup(to, a.checkedQuickly)
			if known, ok := errors.AsType[hinter](err); ok && errors.Is(err, fs.ErrExist) {
				return &usage{text: known.Error(), hint: known.Hint()}
			}
			if err != nil {
				return err
			}
			return a.done(report.BackedUp{File: to, Bytes: bytes})
		},
	}
}

// named is the file that somebody wants a backup in, who named it or a folder.
func (a *app) named(c config.Config, path string) (string, error) {
	switch {
	case path == "":
		return "", &usage{text: "the name of the backup is empty", hint: "name a file or a folder; without any it lies beside the state file"}
	case folder(path):
		return ledger.BackupName(filepath.Join(path, filepath.Base(c.State)), a.Now()), nil
	case strings.HasSuffix(path, "/"):
		return "", &usage{text: "there is no folder " + path, hint: "make it, or name a file"}
	}
	return path, nil
}

func folder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// backUpDaily makes today's backup in the run that is the first of the day. What hinders it does not hinder the run, unless
// it turns out that the ledger is damaged.
func (a *app) backUpDaily(l *ledger.Ledger) error {
	path, err := l.Daily(a.Now(), a.checkedQuickly)
	switch {
	case errors.Is(err, ledger.ErrDamaged), a.ctx.Err() != nil:
		return err
	case err != nil:
		text, hint := explain(err)
		log := a.logger()
		if hint != "" {
			log = log.With("hint", hint)
		}
		log.Warn("no backup of the state file was made today: " + text)
	case path != "":
		a.logger().Debug("today's backup of the state file: " + path)
	}
	return nil
}

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "put a backup in the place of the state file",
		Long: "Checks the backup, keeps the present state file aside, and puts a copy of the backup in its place, all at one moment. What was\n" +
			"written after the backup is not in it: the next run first reads what is on both sides, and nothing is sent twice.\n" + asideHelp + dbExitHelp,
		Example: "  dscosync db restore /var/lib/dscosync/state.db.backup-daily-20260304T040002Z",
		Args:    cobra.ArbitraryArgs, // what to name is known with the settings
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := a.settings(true)
			if err != nil {
				return err
			}
			if len(args) != 1 {
				return &usage{text: "name one backup", hint: backups(c.State)}
			}
			return a.restore(c, args[0])
		},
	}
}

// backups tells where they are.
func backups(state string) string {
	if all := ledger.Backups(state); len(all) > 0 {
		return "the newest is " + all[0].Path
	}
	return "they lie beside the state file: " + state + ".backup-*"
}

func (a *app) restore(c config.Config, from string) error {
	if _, err := os.Stat(from); err != nil { // before the lock makes a folder and a file
		return &usage{text: "there is no backup " + from, hint: backups(c.State)}
	}
	lock, err := a.lockFor(c, "restore")
	if err != nil {
		return err
	}
	defer giveBack(c.State, lock)
	aside, err := ledger.Restore(c.State, from, a.Now(), a.checked, func(tx *ledger.Tx) error { return blank(tx, a.Now(), lock.Version) })
	if err != nil {
		return err
	}
	return a.done(report.Restored{File: c.State, From: from, Aside: report.Text(aside)})
}
