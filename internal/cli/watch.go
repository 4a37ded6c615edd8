package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/notify"
	"dscosync/internal/remote"
	"dscosync/internal/report"
	"dscosync/internal/scorecard"
	"dscosync/internal/stage"
)

// watch is one run as those hear of it who are not there. Nothing of it changes how the run ends.
type watch struct {
	*app
	name    string // of the command
	absent  bool   // nobody looks on: others are told. A dry run and a retry have somebody who does
	heard   *echo
	started time.Time
	config  config.Config
	runner  *stage.Runner // nil: the run did not get that far
	begun   chan error    // how the ping of its start went; nil: none was sent
	silent  time.Time     // since when no run had succeeded when this one began
	stops   []stop
	undone  bool // work is left to be tried again later, whatever the exit status tells
	skipped int  // orders without an id

	settled   bool // what follows is known
	fresh     []alarm
	pending   map[string][]alarm // by where they are to be sent
	over      bool               // runs come to their end again
	later     int                // runs in a row that left work to be tried again later
	census    *report.Census
	succeeded map[string]time.Time
	names     map[string]string

	measured bool // it was looked for what has drifted
	drifted  []alarm
	gauges   []scorecard.Gauge
}

// stop is what stopped a stage, or several.
type stop struct {
	stages     []string // none: the run itself
	code       int
	api        string // which remote, if it was one
	text, hint string
}

func (s stop) String() string {
	if len(s.stages) == 0 {
		return s.text
	}
	return strings.Join(s.stages, ", ") + " stopped: " + s.text
}

// listen takes note of what the run says from here on.
func (a *app) listen(name string, o options) *watch {
	w := &watch{app: a, name: name, absent: !o.dry && name != "retry", started: a.Now(), heard: &echo{out: a.Stderr}}
	a.Stderr = w.heard
	return w
}

// settings are those of the run. Of mistaken ones it takes whom to tell, if at least that is right.
func (w *watch) settings() (config.Config, error) {
	c, err := w.app.settings(false)
	w.config = c
	var mistakes config.Mistakes
	wrong := func(m config.Mistake) bool { return strings.HasPrefix(m.Key, "notify.") }
	if err != nil && (!errors.As(err, &mistakes) || slices.ContainsFunc(mistakes, wrong)) {
		w.config.Notify = config.Notify{}
	}
	return c, err
}

// begin is when the run is sure to take place. The ping of it goes out beside the work, which does not wait for it.
func (w *watch) begin(ctx context.Context) (err error) {
	if !w.absent {
		return nil
	}
	err = w.runner.Ledger.View(func(tx *ledger.Tx) error {
		w.silent, err = stage.Silence(tx, w.started, w.config.Alarm.Silence)
		return err
	})
	if err == nil && w.pings() {
		w.begun = make(chan error, 1)
		go func() { w.begun <- notify.Sender{}.Ping(ctx, w.config.Notify.PingURL.Reveal(), "start", "") }()
	}
	return err
}

// pings tells whether a check waits for this run.
func (w *watch) pings() bool {
	return w.absent && w.name == "sync" && !w.config.Notify.PingURL.IsZero()
}

// stopped takes note of what stopped a stage. The same trouble of several stages is one.
func (w *watch) stopped(name string, code int, err error) {
	s := w.trouble(code, err)
	same := func(text string) string { // each request has an id of its own
		text, _, _ = strings.Cut(text, "; request ")
		return text
	}
	for i, have := range w.stops {
		if same(have.text) == same(s.text) && have.hint == s.hint {
			w.stops[i].stages = append(have.stages, name)
			return
		}
	}
	s.stages = []string{name}
	w.stops = append(w.stops, s)
}

// complain says what stopped stages.
func (w *watch) complain() {
	for _, s := range w.stops {
		w.fail(s.String(), s.hint)
	}
}

func (w *watch) trouble(code int, err error) stop {
	s := stop{code: code}
	s.text, s.hint = w.why(err)
	if mistakes, wrong := errors.AsType[config.Mistakes](err); wrong {
		s.text, s.hint = "the settings are wrong: "+mistakes[0].String(), hintSettings
	}
	if call, ok := errors.AsType[*remote.Error](err); ok {
		s.api = call.API
	}
	return s
}

// settle finds out what there is to tell, writes down that it is told, and says what the run has not said yet. The record
// of the run, if it keeps one, goes into the same transaction.
func (w *watch) settle(l *ledger.Ledger, code int, record func(*ledger.Tx) error) error {
	if !w.absent {
		return nil
	}
	today, err := w.drift(l)
	if err != nil {
		return err
	}
	var lines []line
	err = l.Update(func(tx *ledger.Tx) error {
		told, err := tx.Told()
		if err != nil {
			return err
		}
		before := len(told.Marks) > 0 || told.Later > 0 || today != ""
		if w.name == "sync" {
			told.Later = afterwards(told.Later, code, w.undone)
		}
		w.later = told.Later
		since, err := stage.Silence(tx, w.Now(), w.config.Alarm.Silence)
		if err != nil {
			return err
		}
		current, err := w.take(tx)
		if err != nil {
			return err
		}
		current = append(append(current, w.own(code, since)...), w.drifted...)
		told.Drift = cmp.Or(today, told.Drift)
		told, fresh, over := mark(told, current, seen{w.Now(), w.name, code == exitDone || code == exitHeld && !w.undone, w.channels(), w.measured})
		w.fresh, w.over = fresh, over
		w.pending = map[string][]alarm{}
		for _, a := range current {
			for _, c := range told.Marks[a.key].Unsent {
				w.pending[c] = append(w.pending[c], a)
			}
		}
		if since.IsZero() { // it is over with this run, and yet to be told
			delete(told.Marks, kindSilence)
		}
		lines = group(slices.DeleteFunc(slices.Clone(fresh), func(a alarm) bool { return a.said }))
		for _, l := range lines {
			if _, err := tx.Note(ledger.Entry{At: w.Now(), Run: w.id(), Level: ledger.Warn, Text: l.text}); err != nil {
				return err
			}
		}
		if before || len(told.Marks) > 0 || told.Later > 0 {
			if err := tx.PutTold(told); err != nil {
				return err
			}
		}
		if record == nil {
			return nil
		}
		return record(tx)
	})
	if err != nil {
		return err
	}
	w.settled = true
	for _, l := range lines {
		w.warn(l.text, l.hint)
	}
	return nil
}

// afterwards is how many runs in a row left work to be tried again later, once one more ended. An order that is held hides
// that in the exit status.
func afterwards(before, code int, undone bool) int {
	switch {
	case code == exitLater, undone && code == exitHeld:
		return before + 1
	case code == exitInterrupted: // somebody ended it: that tells nothing
		return before
	}
	return 0
}

// take reads the alarms of all orders, and counts them for the metrics.
func (w *watch) take(tx *ledger.Tx) (all []alarm, err error) {
	rules := w.rules(w.config)
	w.census, w.succeeded = report.NewCensus(), map[string]time.Time{}
	for o, err := range tx.Open() {
		if err != nil {
			return nil, err
		}
		w.census.Add(o, rules)
		all = append(all, alarms(o, rules)...)
	}
	for _, s := range stages {
		st, err := tx.Stage(s.Name)
		if err != nil {
			return nil, err
		}
		if !st.Succeeded.IsZero() {
			w.succeeded[s.Name] = st.Succeeded
		}
	}
	w.names, err = names(w.config, tx)
	return all, err
}

// own are the alarms that are about no order.
func (w *watch) own(code int, since time.Time) (all []alarm) {
	for _, s := range w.stops {
		if s.code != exitLater && s.code != exitInterrupted {
			all = append(all, alarm{key: fmt.Sprintf("%s/%d/%s/%s", kindStopped, s.code, s.api, w.name), kind: kindStopped, text: s.String(), hint: s.hint, said: true})
		}
	}
	if w.later >= enough {
		a := alarm{key: kindLater, kind: kindLater, text: fmt.Sprintf("%d runs in a row left work to be tried again later", w.later), said: true}
		if len(w.stops) > 0 {
			a.text, a.hint = a.text+"; the last: "+w.stops[0].String(), w.stops[0].hint
		}
		all = append(all, a)
	}
	if last := cmp.Or(w.silent, since); !last.IsZero() {
		when := last.Local().Format("2006-01-02 15:04 MST")
		text := fmt.Sprintf("no run has come to its end since %s (%s ago); alarm.silence is %s", when, ago(w.Now().Sub(last)), ago(w.config.Alarm.Silence))
		if since.IsZero() {
			text = fmt.Sprintf("before this one no run had come to its end since %s, for %s; alarm.silence is %s", when, ago(w.started.Sub(last)), ago(w.config.Alarm.Silence))
		}
		all = append(all, alarm{key: kindSilence, kind: kindSilence, text: text, hint: "look whether cron runs it: dscosync logs --since 7d"})
	}
	if w.skipped > 0 {
		all = append(all, alarm{key: kindNameless, kind: kindNameless, text: several(w.skipped, "order") + " without an id cannot be carried", hint: "look for them in DSCO's portal", said: true})
	}
	if w.runner != nil {
		for _, api := range []*remote.API{w.runner.DSCO.API, w.runner.ShipStation.API} {
			if n := api.Renewed(); n > 0 && code != exitCredentials {
				all = append(all, alarm{key: kindCredentials + "/" + api.Name, kind: kindCredentials,
					text: fmt.Sprintf("%s refused its credentials (401) in %s of this run, and took the same at the second try: they may soon be refused for good", api.Name, several(int(n), "call")),
					hint: "look in the account whether they are to end; dscosync doctor tries them"})
			}
		}
	}
	return all
}

// enough runs in a row that left work are no passing trouble.
const enough = 3

// channels are where alarms are sent.
func (w *watch) channels() (all []string) {
	if !w.config.Notify.Webhook.IsZero() {
		all = append(all, toWebhook)
	}
	if len(w.config.Notify.Command) > 0 {
		all = append(all, toCommand)
	}
	return all
}

const (
	toWebhook = "webhook"
	toCommand = "command"
)

func (w *watch) id() string {
	if w.runner == nil {
		return ""
	}
	return w.runner.ID
}

func several(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

func (a *app) warn(text, hint string) {
	log := a.logger()
	if hint != "" {
		log = log.With("hint", hint)
	}
	log.Warn(text)
}
