package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/report"
	"dscosync/internal/stage"
)

// stages are what `sync all` runs, in this order.
var stages = []stage.Stage{stage.Cancel, stage.Pull, stage.Track}

// options are the flags of the commands that write to a remote.
type options struct {
	dry   bool
	force bool
	now   bool
	all   bool // the stages are all there are
}

func (o *options) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.dry, "dry-run", false, "read, say what would be done, and change nothing, neither there nor here")
	cmd.Flags().BoolVar(&o.force, "force", false, "tell DSCO of more cancellations than sync.max_cancels, and go on although shipstation.store_id was changed while orders are open")
}

func (a *app) pullCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "pull",
		Short: "new DSCO orders to ShipStation, then acknowledge them in DSCO",
		Long: "Takes the new orders from DSCO, creates them in the ShipStation store under their DSCO order id, and acknowledges them in DSCO.\n" +
			"It may be killed at any moment and run as often as you like: no order is lost or created twice." + "\n" + exitHelp,
		Example: "  dscosync pull --dry-run\n  dscosync pull -v",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.run("pull", o, always(stage.Pull)) },
	}
	o.flags(cmd)
	return cmd
}

func (a *app) cancelCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "cancel-sync",
		Short: "cancellations, in both directions",
		Long: "Carries what DSCO cancelled to ShipStation, whole orders and single units, and what was cancelled in ShipStation to DSCO.\n" +
			"What the two sides contradict each other in is held for a person; nothing is undone. DSCO does not take a cancellation back:\n" +
			"more than sync.max_cancels in one run are held, and told with --force.\n" + exitHelp,
		Example: "  dscosync cancel-sync\n  dscosync cancel-sync --dry-run   # say what would be done\n  dscosync cancel-sync --force     # also more than sync.max_cancels",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.run("cancel-sync", o, always(stage.Cancel)) },
	}
	o.flags(cmd)
	return cmd
}

func (a *app) trackCommand() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "push-tracking",
		Short: "ShipStation labels and orders marked as shipped, to DSCO",
		Long: "Reads what the warehouse shipped in ShipStation and tells DSCO of every parcel, once, with the carrier that was really used.\n" +
			"A carrier that the table does not know is held, with the line to add to the settings.\n" + exitHelp,
		Example: "  dscosync push-tracking --dry-run\n  dscosync push-tracking -v",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.run("push-tracking", o, always(stage.Track)) },
	}
	o.flags(cmd)
	return cmd
}

func (a *app) syncCommand() *cobra.Command {
	var o options
	names := make([]string, len(stages))
	for i, s := range stages {
		names[i] = s.Name
	}
	cmd := &cobra.Command{
		Use:   "sync all | STAGE...",
		Short: "run all stages, or those named: the line for the crontab",
		Long: "Runs the stages one after the other. One that stops does not keep the others from running; the exit status is the most serious of all.\n" +
			"What needs a person is said once, by the run that met with it; notify.* in the settings tells those who are not there.\n\nStages: " + strings.Join(names, ", ") + "\n" + exitHelp,
		Example:   "  dscosync sync all\n  dscosync sync pull push-tracking --dry-run\n  */15 * * * *  dscosync sync all     (in a crontab)",
		ValidArgs: append([]string{"all"}, names...),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usage{text: "say what to run: dscosync sync all", hint: "or name stages: " + strings.Join(names, ", ")}
			}
			for _, arg := range args {
				if arg != "all" && !slices.Contains(names, arg) {
					hint := cmp.Or(didYouMean(arg, append([]string{"all"}, names...)), "the stages are "+strings.Join(names, ", ")+"; all runs every one")
					return &usage{text: fmt.Sprintf("sync has no stage %q", arg), hint: hint}
				}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			var chosen []stage.Stage
			for _, s := range stages {
				for _, name := range args {
					if name == "all" || name == s.Name {
						chosen = append(chosen, s)
						break
					}
				}
			}
			o.all = slices.Contains(args, "all")
			return a.run("sync", o, always(chosen...))
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.now, "now", false, "run although sync.interval has not passed")
	return cmd
}

// chooser says which stages to run, once the ledger can be asked.
type chooser func(*stage.Runner) ([]stage.Stage, error)

func always(chosen ...stage.Stage) chooser {
	return func(*stage.Runner) ([]stage.Stage, error) { return chosen, nil }
}

// run carries out stages under the run lock, and tells those who are not there how it went.
func (a *app) run(name string, o options, choose chooser) error {
	w := a.listen(name, o)
	result, err := a.carry(w, o, choose)
	return w.end(result, err)
}

func (a *app) carry(w *watch, o options, choose chooser) (result report.Run, err error) {
	c, err := w.settings()
	if err != nil {
		return result, err
	}
	ctx, cancel := context.WithTimeout(a.ctx, a.most)
	defer cancel()
	r, done, err := a.runner(ctx, c, w.name, o)
	if err != nil {
		return result, err
	}
	defer done()
	started := a.Now()
	result = report.Run{ID: r.ID, Command: w.name, Started: report.Stamp{Time: started}, Finished: report.Stamp{Time: started}, DryRun: o.dry}
	wait, err := a.early(r.Ledger, c, o)
	if err != nil {
		return result, err
	}
	if wait > 0 {
		w.absent = false // it is no run
		r.Log.Info(fmt.Sprintf("not yet: the last run started less than nine tenths of sync.interval ago; the next is due in %s (--now overrides)", wait.Round(time.Second)))
		return result, a.show(result, o.dry)
	}
	w.runner = r
	if err := w.begin(ctx); err != nil {
		return result, err
	}
	chosen, err := choose(r)
	if err != nil {
		return result, err
	}
	var codes []int
	for i, s := range chosen {
		share, cancel := context.WithTimeout(ctx, a.share(ctx, len(chosen)-i))
		res := r.Run(share, s)
		cancel()
		codes = append(codes, w.outcome(r, res))
		if _, watched := terminal(a.Stderr); watched && res.Remark != "" && a.verbose == 0 && !a.quiet { // -v has said it
			a.say("note", res.Remark)
		}
		result.Stages = append(result.Stages, a.stageResult(res, o.dry))
		if errors.Is(context.Cause(a.ctx), errInterrupted) {
			codes = append(codes, exitInterrupted)
			break
		}
	}
	w.complain()
	result.ExitCode = worst(codes...)
	a.learnNames(ctx, r, codes)
	result.Finished = report.Stamp{Time: a.Now()}
	if err := w.settle(r.Ledger, result.ExitCode, remember(o, started, result)); err != nil {
		return result, err
	}
	if err := a.show(result, o.dry); err != nil {
		return result, err
	}
	if result.ExitCode != exitDone {
		return result, exit(result.ExitCode)
	}
	return result, nil
}

// share is how long the next of n stages may run: an equal part of what is left.
func (a *app) share(ctx context.Context, n int) time.Duration {
	deadline, _ := ctx.Deadline()
	return time.Until(deadline) / time.Duration(max(1, n))
}

// outcome takes note of why a stage stopped, and gives its exit code.
func (w *watch) outcome(r *stage.Runner, res stage.Result) int {
	var codes []int
	w.skipped += res.Skipped
	if n := len(res.Guarded); n > 0 {
		w.fail(fmt.Sprintf("%d orders were cancelled in ShipStation, more than sync.max_cancels (%d): DSCO was not told of them: %s", n, r.MaxCancels, few(res.Guarded, n, named)),
			"if they are meant, run: dscosync cancel-sync --force; if not, restore them in ShipStation")
	}
	if res.Err != nil {
		code := exitCode(res.Err)
		if errors.Is(context.Cause(w.ctx), errInterrupted) {
			code = exitInterrupted
		}
		w.undone = w.undone || code == exitLater
		if code != exitInterrupted {
			w.stopped(res.Stage, code, res.Err)
		}
		codes = append(codes, code)
	} else if res.Deferred > res.Refused {
		w.undone = true
		codes = append(codes, exitLater)
	}
	if res.Err == nil && (res.Holding > 0 || res.Skipped > 0) { // a stage that stopped did not finish: its own code tells more
		codes = append(codes, exitHeld)
	}
	return worst(codes...)
}

// why says what stopped a stage: an interruption and the end of --max-runtime show as any error of the call under way.
func (a *app) why(err error) (text, hint string) {
	if errors.Is(context.Cause(a.ctx), errInterrupted) {
		err = errInterrupted
	}
	return explain(err)
}

// show prints the result: JSON if asked for, the plan of a dry run, else a line for each stage when a person watches.
func (a *app) show(run report.Run, dry bool) error {
	if heard, ok := a.Stderr.(*echo); ok {
		if bar, shown := heard.out.(*progress); shown {
			bar.clear() // stdout may be the same terminal
		}
	}
	if a.json {
		return report.WriteRun(a.Stdout, run)
	}
	_, watched := terminal(a.Stderr)
	if (watched || a.verbose > 0) && !a.quiet {
		var lines []string
		for _, s := range run.Stages {
			lines = append(lines, s.String())
		}
		if len(run.Stages) > 1 {
			lines = append(lines, run.String())
		}
		for _, line := range lines {
			if a.format == "json" {
				a.logger().Info(line)
			} else {
				fmt.Fprintln(a.Stderr, "dscosync: "+line)
			}
		}
	}
	if dry {
		return report.WritePlan(a.Stdout, run)
	}
	return nil
}

func (a *app) stageResult(res stage.Result, dry bool) report.Stage {
	s := report.Stage{Name: res.Stage, Seen: res.Seen, Planned: res.Planned, Done: res.Done, Held: res.Held, Deferred: res.Deferred, Holding: res.Holding,
		Calls: report.Calls{DSCO: int(res.CallsDSCO), ShipStation: int(res.CallsShipStation)}, Took: res.Finished.Sub(res.Started)}
	if res.Err != nil {
		text, _ := a.why(res.Err)
		s.Error = report.Text(text)
	}
	if dry {
		s.Plan = []report.Planned{}
	}
	for _, p := range res.Plan {
		s.Plan = append(s.Plan, report.Planned{OrderID: string(p.Order), Step: string(p.Step), Tracking: p.Tracking, Problem: p.Problem})
	}
	return s
}

// early tells how long sync.interval still lasts: `sync` then leaves it at that.
func (a *app) early(l *ledger.Ledger, c config.Config, o options) (wait time.Duration, err error) {
	if !o.all || c.Sync.Interval == 0 || o.now || o.dry {
		return 0, nil
	}
	err = l.View(func(tx *ledger.Tx) error {
		last, err := tx.Stage("sync")
		if err == nil && !last.Started.IsZero() && !last.Started.After(a.Now()) && (last.Exit == exitDone || last.Exit == exitHeld) {
			wait = c.Sync.Interval*9/10 - a.Now().Sub(last.Started)
		}
		return err
	})
	return wait, err
}

// remember is what a run of all stages leaves for the next one; nil when it leaves nothing.
func remember(o options, started time.Time, run report.Run) func(*ledger.Tx) error {
	if !o.all || o.dry {
		return nil
	}
	return func(tx *ledger.Tx) error {
		return tx.PutStage("sync", ledger.Stage{Started: started, Finished: run.Finished.Time, Exit: run.ExitCode})
	}
}

// runID names a run in the journal and the log.
func runID() string { return strings.ToLower(rand.Text()[:8]) }
