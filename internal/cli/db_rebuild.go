package cli

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
)

func (a *app) rebuildCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "make the state file anew from DSCO and ShipStation",
		Long: "For a state file that is lost or damaged, when there is no backup to restore: reads both sides and writes a new state file with\n" +
			"every order, parcel and cancellation that matters for what is still open. Nothing is changed on either side. The old file, if\n" +
			"any, is kept aside. What was long finished, the journal and what was dismissed are not brought back.\n" +
			"What was shipped before is told to DSCO dsco.settle later: until then it may not show what it was told already.\n" + asideHelp + exitHelp,
		Example: "  dscosync db rebuild --dry-run\n  dscosync db rebuild",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.rebuild(dry) },
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, "read both sides, say what would be in the new file, and leave the old one")
	return cmd
}

func (a *app) rebuild(dry bool) error {
	c, err := a.settings(false)
	if err != nil {
		return err
	}
	if dry {
		return a.rebuildDry(c)
	}
	lock, err := a.lockFor(c, "rebuild")
	if err != nil {
		return err
	}
	defer giveBack(c.State, lock)
	d, err := ledger.NewDraft(c.State)
	if err != nil {
		return err
	}
	defer d.Discard()
	err = d.Update(func(tx *ledger.Tx) error { return blank(tx, a.Now(), lock.Version) })
	if err != nil {
		return err
	}
	result, code, err := a.regather(c, d.Ledger)
	if err != nil {
		return err
	}
	aside, err := d.Install("rebuild", a.Now(), a.checked)
	if err != nil {
		return err
	}
	result.Aside = report.Text(aside)
	return cmp.Or(a.done(result), ended(code))
}

// rebuildDry makes the new file where nobody looks, and throws it away.
func (a *app) rebuildDry(c config.Config) error {
	folder, err := scratch("dscosync-rebuild-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	d, err := ledger.NewDraft(filepath.Join(folder, "state.db"))
	if err != nil {
		return err
	}
	result, code, err := a.regather(c, d.Ledger)
	if err != nil {
		return err
	}
	result.DryRun = true
	return cmp.Or(a.done(result), ended(code))
}

// regather has every stage look at both sides and fold what it sees into an empty ledger. A stage that cannot read to the
// end makes all of it worthless: the old file stays then.
func (a *app) regather(c config.Config, l *ledger.Ledger) (result report.Rebuilt, code int, err error) {
	result.File = c.State
	ctx, cancel := context.WithTimeout(a.ctx, a.most)
	defer cancel()
	bar := a.watch()
	r := a.stageRunner(c, l, runID(), a.logger())
	if err := a.claimStore(ctx, r, options{}); err != nil {
		return result, 0, err
	}
	if bar != nil {
		r.Progress = bar.show
		defer bar.clear()
	}
	var codes []int
	w := &watch{app: a}
	for _, s := range stages {
		res := r.Look(ctx, s)
		codes = append(codes, w.outcome(r, res))
		if res.Err != nil && errors.Is(context.Cause(a.ctx), errInterrupted) {
			return result, 0, errGivenUp
		}
		if res.Err != nil {
			for i, s := range w.stops {
				if s.code == exitLater { // what a run would go on with, this begins anew
					w.stops[i].hint = "run again, with more time if that was over: dscosync db rebuild --max-runtime 30m"
				}
			}
			w.complain()
			a.logger().Warn("the state file was left as it is")
			return result, 0, exit(worst(codes...))
		}
		result.Calls.DSCO += int(res.CallsDSCO)
		result.Calls.ShipStation += int(res.CallsShipStation)
	}
	var orders []order.Order
	err = l.View(func(tx *ledger.Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			orders = append(orders, o)
		}
		return nil
	})
	result.Counts = report.Tally(orders)
	return result, worst(codes...), err
}

// ended is the error of a command that did what it should and has something to tell by its exit code.
func ended(code int) error {
	if code == exitDone {
		return nil
	}
	return exit(code)
}
