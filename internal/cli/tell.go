package cli

import (
	"context"
	"errors"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"dscosync/internal/ledger"
	"dscosync/internal/notify"
	"dscosync/internal/remote"
	"dscosync/internal/report"
	"dscosync/internal/secret"
)

// end tells those who are not there how the run ended. What cannot be told is said, and changes nothing.
func (w *watch) end(run report.Run, err error) error {
	if !w.absent {
		return err
	}
	code := exitCode(err)
	beside := isA[*ledger.HeldError](err) // another run is at work: it will write the metrics, and may be sending just now
	said := exit(0)
	if err != nil && code != exitInterrupted && !errors.As(err, &said) {
		w.report(err) // here, so that they are told of it
		w.stops = append(w.stops, w.trouble(code, err))
		err = exit(code)
	}
	l := w.ledger()
	if l != nil && !w.settled && w.settle(l, code, nil) != nil {
		w.settled = false
	}
	if !w.settled { // what was told before is not known: this run's own trouble is told all the same
		w.pending = map[string][]alarm{}
		for _, c := range w.channels() {
			w.pending[c] = w.own(code, w.silent)
		}
	}
	if beside {
		w.pending, w.over = nil, false
	}
	run.Finished, run.ExitCode = report.Stamp{Time: w.Now()}, code
	w.send(run, l)
	if w.config.Notify.Textfile != "" && !beside {
		if fault := notify.WriteFile(w.config.Notify.Textfile, []byte(w.metrics(run).String())); fault != nil {
			w.warn("notify.textfile: "+fault.Error(), "")
		}
	}
	return err
}

// ledger is the state file, nil when it cannot be used.
func (w *watch) ledger() *ledger.Ledger {
	if w.runner != nil {
		return w.runner.Ledger
	}
	if w.config.State == "" {
		return nil
	}
	l, err := ledger.Open(w.config.State)
	if err != nil {
		return nil
	}
	return l
}

// send tells all of them at once, so that a run ends in time though none answers.
func (w *watch) send(run report.Run, l *ledger.Ledger) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), notify.Limit)
	defer cancel()
	var pinged, posted, ran error
	var wait sync.WaitGroup
	if w.pings() {
		wait.Go(func() {
			if w.begun != nil {
				<-w.begun // it is to be there before the end, and is no matter once that is
			}
			pinged = notify.Sender{}.Ping(ctx, w.config.Notify.PingURL.Reveal(), w.signal(run.ExitCode), w.account(run))
		})
	}
	host, _ := os.Hostname()
	text := func(channel string) string {
		if len(w.pending[channel]) == 0 && !w.over {
			return ""
		}
		return w.strike(message(host, w.pending[channel], w.over))
	}
	if words := text(toWebhook); words != "" && !w.config.Notify.Webhook.IsZero() {
		wait.Go(func() { posted = notify.Sender{}.Post(ctx, w.config.Notify.Webhook.Reveal(), words) })
	}
	if words := text(toCommand); words != "" && len(w.config.Notify.Command) > 0 {
		wait.Go(func() { ran = notify.Run(ctx, w.config.Notify.Command, w.environ(run.ExitCode), words) })
	}
	wait.Wait()
	arrived := map[string]bool{toWebhook: posted == nil, toCommand: ran == nil}
	for _, f := range []struct {
		key string
		err error
	}{{"notify.ping_url", pinged}, {"notify.webhook", posted}, {"notify.command", ran}} {
		if f.err != nil {
			w.warn(f.key+": "+f.err.Error(), "what the run did is not touched by it; alarms that did not arrive are sent again by the next run")
		}
	}
	if err := w.sent(l, arrived); err != nil {
		w.warn("what was sent cannot be written down, and will be sent again: "+err.Error(), "")
	}
}

// sent writes down which alarms arrived where.
func (w *watch) sent(l *ledger.Ledger, arrived map[string]bool) error {
	if l == nil || !w.settled || len(w.pending[toWebhook])+len(w.pending[toCommand]) == 0 {
		return nil
	}
	return l.Update(func(tx *ledger.Tx) error {
		told, err := tx.Told()
		if err != nil {
			return err
		}
		for channel, all := range w.pending {
			for _, a := range all {
				if m, there := told.Marks[a.key]; there && arrived[channel] {
					m.Unsent = slices.DeleteFunc(m.Unsent, func(c string) bool { return c == channel })
					told.Marks[a.key] = m
				}
			}
		}
		return tx.PutTold(told)
	})
}

// signal is what a check is to make of an exit status: a failure only where somebody has to do something. The empty one is
// success.
func (w *watch) signal(code int) string {
	held := func(a alarm) bool { return a.kind == kindHeld || a.kind == kindGuarded || a.kind == kindNameless }
	switch {
	case code == exitInterrupted:
		return "log" // neither: the next run tells
	case code == exitDone,
		code == exitHeld && w.settled && w.later < enough && !slices.ContainsFunc(w.fresh, held),
		code == exitLater && w.settled && w.later < enough:
		return ""
	}
	return strconv.Itoa(code)
}

// account is what a person sees beside a ping: the end of what the run said, and its figures.
func (w *watch) account(run report.Run) string {
	var b strings.Builder
	b.WriteString(w.heard.end())
	for _, s := range run.Stages {
		b.WriteString(s.String() + "\n")
	}
	b.WriteString("exit status " + strconv.Itoa(run.ExitCode) + "\n")
	return w.strike(b.String())
}

// strike takes out of a text what no other may see. Nothing of it should be there; this makes sure.
func (w *watch) strike(text string) string {
	c := w.config
	api := remote.API{Secrets: func() []string {
		all := []string{c.DSCO.ClientSecret.Reveal(), c.ShipStation.APIKey.Reveal(), c.ShipStation.APISecret.Reveal()}
		for _, address := range []secret.Secret{c.Notify.PingURL, c.Notify.Webhook} {
			if u, err := url.Parse(address.Reveal()); err == nil { // all have a beginning like https:// in common
				all = append(all, strings.Trim(u.RequestURI(), "/"))
			}
		}
		return all
	}}
	return api.Redact(text)
}

// environ is the environment of notify.command: without the settings, which may be secrets, but for where they are.
func (w *watch) environ(code int) []string {
	event := "alarm"
	if len(w.pending[toCommand]) == 0 {
		event = "recovered"
	}
	env := slices.DeleteFunc(slices.Clone(w.Environ), func(kv string) bool {
		return strings.HasPrefix(kv, "DSCOSYNC_") && !strings.HasPrefix(kv, "DSCOSYNC_CONFIG=")
	})
	return append(env, "DSCOSYNC_EVENT="+event, "DSCOSYNC_EXIT_STATUS="+strconv.Itoa(code), "DSCOSYNC_RUN_ID="+w.id())
}

func (w *watch) metrics(run report.Run) report.Metrics {
	m := report.Metrics{Version: version(), Finished: run.Finished.Time, Took: run.Finished.Time.Sub(w.started), Exit: run.ExitCode, Names: w.names}
	for _, s := range run.Stages {
		m.Calls.DSCO += s.Calls.DSCO
		m.Calls.ShipStation += s.Calls.ShipStation
	}
	if w.settled {
		m.Census, m.Succeeded, m.Scorecard = w.census, w.succeeded, w.gauges
	}
	return m
}
