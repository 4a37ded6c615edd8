package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/report"
)

func (a *app) compactCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "compact",
		Short: "give the room that the state file does not use back to the disk",
		Long: "Writes the state file anew without what is free in it, checks that, and puts it in its place at one moment. Whenever it is\n" +
			"interrupted, the state file is the old one or the new one, whole. Needs room for a second file while it works.\n" + dbExitHelp,
		Example: "  dscosync db compact",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.maintained("compact", func(c config.Config, l *ledger.Ledger) error {
				before, after, err := l.Compact(a.checkedQuickly)
				if err != nil {
					return err
				}
				return a.done(report.Compacted{File: c.State, Before: before, After: after})
			})
		},
	}
}

func (a *app) pruneCommand() *cobra.Command {
	var dry bool
	var age time.Duration
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "drop finished orders and journal lines that are older than state_retention, then compact",
		Long: "Every run drops a little of what is too old by itself, so that the file stays as small as it is. This drops all of it at once,\n" +
			"for when state_retention was made shorter or runs were missing, and gives the room back to the disk.\n" + dbExitHelp,
		Example: "  dscosync db prune --dry-run\n  dscosync db prune --older-than 90d",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.settings(true)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("older-than") {
				age = c.StateRetention
			}
			if least := c.Sync.Lookback + 30*24*time.Hour; age < least {
				return &usage{text: "--older-than is shorter than sync.lookback plus 720h: orders that DSCO still lists would be forgotten",
					hint: fmt.Sprintf("give %.0fh or more", least.Hours())}
			}
			return a.prune(c, a.Now().Add(-age), dry)
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "count, and change nothing")
	cmd.Flags().Var(&span{&age}, "older-than", "drop what is older than this, instead of state_retention")
	return cmd
}

// atOnce is how much is dropped in one commit.
const atOnce = 5000

func (a *app) prune(c config.Config, before time.Time, dry bool) error {
	result := report.Pruned{File: c.State, DryRun: dry, Since: report.Stamp{Time: before}}
	if dry {
		l, err := ledger.Open(c.State)
		if err != nil {
			return err
		}
		var n ledger.Pruned
		err = l.View(func(tx *ledger.Tx) (err error) { n, err = tx.Prunable(before); return err })
		if err != nil {
			return err
		}
		result.Orders, result.Lines = n.Orders, n.Lines
		return a.done(result)
	}
	return a.maintained("prune", func(_ config.Config, l *ledger.Ledger) error {
		for more := true; more; {
			if a.ctx.Err() != nil {
				return a.ctx.Err()
			}
			err := l.Update(func(tx *ledger.Tx) error {
				if _, err := tx.Settle(a.Now()); err != nil {
					return err
				}
				n, err := tx.Prune(before, atOnce)
				result.Orders, result.Lines = result.Orders+n.Orders, result.Lines+n.Lines
				more = n.Orders == atOnce || n.Lines == atOnce
				return err
			})
			if err != nil {
				return err
			}
		}
		var err error
		if result.Before, result.After, err = l.Compact(a.checkedQuickly); err != nil {
			return err
		}
		return a.done(result)
	})
}
