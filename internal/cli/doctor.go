package cli

import (
	"context"
	"errors"
	"net/http"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/doctor"
	"dscosync/internal/dsco"
	"dscosync/internal/report"
	"dscosync/internal/shipstation"
)

func (a *app) doctorCommand() *cobra.Command {
	var offline bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "look at everything an order depends on, and say what is wrong and how to mend it",
		Long: "Looks at the settings, the files and who may open them, the disk, the run lock, the state file; at the way to DSCO and\n" +
			"ShipStation, their certificates, the credentials and what they may read, the store, both clocks, the rate limit; at\n" +
			"orders that wait, are in doubt or lack a carrier; and at the age of the last good run of each stage.\n\n" +
			"It changes nothing: no lock is taken, nothing is written, and the remotes are only read from. Each check is given up\n" +
			"after ten seconds, and one that fails does not keep the others from being made. Warnings do not change the exit\n" +
			"status, which is that of the most serious error, as a run would have it.\n" + exitHelp,
		Example: "  dscosync doctor\n  dscosync doctor --offline   # asks no remote\n  dscosync doctor --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.examine(offline) },
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "do not ask the remotes")
	return cmd
}

// diagnoses are the exit codes of what the doctor finds.
var diagnoses = map[doctor.Class]int{
	doctor.Machine: exitFailed, doctor.Settings: exitUsage, doctor.Credentials: exitCredentials, doctor.Person: exitHeld, doctor.Later: exitLater,
}

func (a *app) examine(offline bool) error {
	log := a.logger()
	d := doctor.Doctor{
		Settings: config.Options{Path: a.config, State: a.state, Env: a.Environ},
		Place:    place,
		DSCO: func(c config.Config, wire http.RoundTripper) *dsco.Client {
			return dsco.New(c.DSCO.BaseURL, c.DSCO.ClientID, c.DSCO.ClientSecret.Reveal(), wire, log)
		},
		ShipStation: func(c config.Config, wire http.RoundTripper) *shipstation.Client {
			return shipstation.New(c.ShipStation.BaseURL, c.ShipStation.APIKey.Reveal(), c.ShipStation.APISecret.Reveal(), wire, log)
		},
		Carriers: carriers, Now: a.Now, Log: log, Offline: offline, Longest: a.most,
	}
	if _, watched := terminal(a.Stderr); watched && !a.quiet && a.verbose == 0 && a.format == "text" {
		bar := newProgress(a.Stderr)
		d.Progress = func(check string) { bar.show("doctor", check, 0, 0) }
		defer bar.clear()
		a.Stderr = bar
	}
	ctx, cancel := context.WithTimeout(a.ctx, a.most)
	defer cancel()
	found := d.Examine(ctx)
	if errors.Is(context.Cause(a.ctx), errInterrupted) {
		return errGivenUp
	}
	c := report.Checkup{Generated: report.Stamp{Time: a.Now()}, Version: version()}
	var codes []int
	for _, f := range found {
		c.Findings = append(c.Findings, report.Finding{Check: f.Check, Status: string(f.Status), Message: f.Message, Why: report.Text(f.Why), Hint: report.Text(f.Hint)})
		if f.Status == doctor.Error {
			codes = append(codes, diagnoses[f.Class])
		}
	}
	c.ExitCode = worst(codes...)
	c.Count()
	if bar, shown := a.Stderr.(*progress); shown {
		bar.clear() // stdout may be the same terminal
	}
	write := func() error { return report.WriteCheckup(a.Stdout, c, a.view()) }
	if a.json {
		write = func() error { return report.WriteCheckupJSON(a.Stdout, c) }
	}
	if err := write(); err != nil {
		return err
	}
	if c.ExitCode != exitDone {
		return exit(c.ExitCode)
	}
	return nil
}
