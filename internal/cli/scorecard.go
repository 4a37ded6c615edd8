package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/notify"
	"dscosync/internal/order"
	"dscosync/internal/report"
	"dscosync/internal/scorecard"
)

// measuring is what `scorecard` was asked for.
type measuring struct {
	month    string
	since    time.Duration
	retailer string
	by       string
	csv      bool
	daily    bool
	html     string
}

func (a *app) scorecardCommand() *cobra.Command {
	var m measuring
	cmd := &cobra.Command{
		Use:   "scorecard",
		Short: "DSCO's measures of the supplier, today",
		Long: "Computes from the state file how DSCO measures the supplier, by line and against the retailers' goals, beside the period before; " +
			"what can still be saved; and what has drifted. A line counts in the month in which nothing of it was left to ship, in Eastern time as DSCO counts. " +
			"No remote is asked, and it may be run at any time.\n\n" +
			"--daily is a text for a mail each morning; with --quiet it is empty while there is nothing to do. --html writes one page that needs nothing else, " +
			"for a web server or a printer.\n" + exitHelp,
		Example: "  dscosync scorecard\n  dscosync scorecard --month 2026-11 --by sku\n  dscosync scorecard --since 7d --retailer \"Example Retailer\"\n" +
			"  dscosync scorecard --html /var/www/scorecard.html\n  dscosync scorecard --daily --quiet",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if m.html == "" && cmd.Flags().Changed("html") {
				return &usage{text: "--html: name the file"}
			}
			return a.scorecard(m)
		},
	}
	f := cmd.Flags()
	f.StringVar(&m.month, "month", "", "the month `YYYY-MM`, in Eastern time (default: this one)")
	f.Var(&span{&m.since}, "since", "the last `DURATION` instead of a month")
	f.StringVar(&m.retailer, "retailer", "", "only the `RETAILER` with this DSCO id or name")
	f.StringVar(&m.by, "by", "retailer", "a line for each `PART`: "+strings.Join(scorecard.Dimensions, ", "))
	f.BoolVar(&m.csv, "csv", false, "comma-separated values")
	f.StringVar(&m.html, "html", "", "write a page to `FILE`")
	f.BoolVar(&m.daily, "daily", false, "the text for a morning's mail")
	a.complete(cmd, "by", words(scorecard.Dimensions...))
	a.complete(cmd, "retailer", a.completeRetailers)
	a.complete(cmd, "html", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault))
	return cmd
}

func (a *app) scorecard(m measuring) error {
	if err := m.check(a.json); err != nil {
		return err
	}
	rules, err := m.rules(a.Now())
	if err != nil {
		return err
	}
	c, err := a.settings(true)
	if err != nil {
		return err
	}
	r, err := a.measure(c, rules, m.retailer)
	if err != nil {
		return err
	}
	switch {
	case m.html != "":
		return writePage(m.html, r)
	case a.json:
		return report.WriteScorecardJSON(a.Stdout, r)
	case m.csv:
		return report.WriteScorecardCSV(a.Stdout, r)
	case m.daily:
		return report.WriteDaily(a.Stdout, r, a.quiet)
	}
	return report.WriteScorecard(a.Stdout, r, a.view())
}

func (m measuring) check(json bool) error {
	forms := []string{}
	for _, form := range []struct {
		name  string
		given bool
	}{{"--json", json}, {"--csv", m.csv}, {"--html", m.html != ""}, {"--daily", m.daily}} {
		if form.given {
			forms = append(forms, form.name)
		}
	}
	switch {
	case len(forms) > 1:
		return &usage{text: strings.Join(forms, " and ") + " do not go together"}
	case m.month != "" && m.since != 0:
		return &usage{text: "--month and --since do not go together"}
	case m.daily && (m.month != "" || m.since != 0):
		return &usage{text: "--daily is about yesterday, today and this month: --month and --since do not go with it"}
	case m.daily && m.by != string(scorecard.ByRetailer):
		return &usage{text: "--daily has no parts: --by does not go with it"}
	case m.since < 0:
		return &usage{text: "--since is not negative"}
	case !slices.Contains(scorecard.Dimensions, m.by):
		return &usage{text: fmt.Sprintf("--by is one of %s; not %q", strings.Join(scorecard.Dimensions, ", "), m.by), hint: didYouMean(m.by, scorecard.Dimensions)}
	}
	return nil
}

// eastern is the time DSCO's months end in.
func eastern() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic("cli: " + err.Error()) // cannot be: time/tzdata is linked in
	}
	return zone
}

// rules are what follows from the flags alone.
func (m measuring) rules(now time.Time) (scorecard.Rules, error) {
	zone := eastern()
	r := scorecard.Rules{Now: now, Zone: zone, By: scorecard.Dimension(m.by)}
	if m.since > 0 {
		name := ago(m.since)
		r.Period = scorecard.Period{Name: "the last " + name, From: now.Add(-m.since), To: now.Add(time.Nanosecond)}
		r.Before = scorecard.Period{Name: "the " + name + " before", From: now.Add(-2 * m.since), To: r.Period.From}
		return r, nil
	}
	month := now.In(zone)
	if m.month != "" {
		var err error
		if month, err = time.ParseInLocation("2006-01", m.month, zone); err != nil {
			return r, &usage{text: fmt.Sprintf("--month: %q is not a month: write it like %s", m.month, now.In(zone).Format("2006-01"))}
		}
		if month.After(now) {
			return r, &usage{text: fmt.Sprintf("--month: %s has not begun yet", m.month)}
		}
	}
	r.Period = scorecard.Month(month.Year(), month.Month(), zone)
	r.Before = scorecard.Month(month.Year(), month.Month()-1, zone)
	return r, nil
}

// aims are the goals and weights of the settings.
func aims(s config.Scorecard) scorecard.Aims {
	percent := func(f float64) scorecard.Percent { return scorecard.Percent(math.Round(f * 100)) }
	return scorecard.Aims{Fill: percent(s.GoalFill), OnTime: percent(s.GoalOnTime), WeightFill: percent(s.WeightFill), WeightOnTime: percent(s.WeightOnTime)}
}

// configured adds what the settings say.
func configured(r scorecard.Rules, c config.Config) scorecard.Rules {
	r.Aims, r.Own = aims(c.Scorecard), map[string]scorecard.Aims{}
	for _, g := range c.Goals {
		r.Own[g.Retailer] = aims(c.Of(g.Retailer))
	}
	r.ShipDelay, r.Tracking = c.Sync.ShipDelay, c.Alarm.Tracking
	r.Drift = scorecard.Limits{Weeks: c.Scorecard.DriftWeeks, Spread: c.Scorecard.DriftSpread}
	return r
}

// measure computes a scorecard from the state file.
func (a *app) measure(c config.Config, r scorecard.Rules, retailer string) (scorecard.Report, error) {
	r = configured(r, c)
	l, err := ledger.Open(c.State)
	if errors.Is(err, ledger.ErrMissing) {
		if known := retailerNames(c); retailer != "" && !anyKnown(called(retailer, known), known) {
			return scorecard.Report{}, unknownRetailer(retailer, known)
		}
		return scorecard.New(r).Report(nil, time.Time{}), nil
	}
	if err != nil {
		return scorecard.Report{}, err
	}
	var known map[string]string
	var began time.Time
	err = l.View(func(tx *ledger.Tx) (err error) {
		if known, err = names(c, tx); err != nil {
			return err
		}
		pull, err := tx.Stage("pull")
		began = pull.Blank
		return err
	})
	if err != nil {
		return scorecard.Report{}, err
	}
	if retailer != "" {
		r.Retailers = called(retailer, known)
	}
	if oldest := r.Now.Add(-c.StateRetention); !began.IsZero() && oldest.After(began) {
		began = oldest // what was finished before is not kept
	}
	card, seen := scorecard.New(r), map[string]string{}
	for f, err := range l.Facts(a.ctx, r.Since(), r.By == scorecard.BySKU) {
		if errors.Is(err, errInterrupted) {
			err = errLeft
		}
		if err != nil {
			return scorecard.Report{}, err
		}
		seen[f.Retailer] = ""
		card.Add(f)
	}
	rep := card.Report(known, began)
	if retailer != "" && rep.Orders == 0 && !anyKnown(r.Retailers, known) {
		maps.Copy(seen, known)
		return rep, unknownRetailer(retailer, seen)
	}
	if !rep.Over() {
		rep.Risk, err = a.risk(c, l, r.Retailers, known)
	}
	return rep, err
}

// risk counts the open orders. Those that `status --at-risk` lists are counted by what that goes by.
func (a *app) risk(c config.Config, l *ledger.Ledger, retailers []string, known map[string]string) (scorecard.Risk, error) {
	rules := a.rules(c)
	filter := report.Filter{AtRisk: &c.Alarm.ShipBy}
	w := scorecard.NewWatch(rules.Now, retailers, func(o order.Order) bool { return filter.Keep(o, rules) })
	err := l.View(func(tx *ledger.Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			w.Add(o)
		}
		return nil
	})
	return w.Risk(known), err
}

func anyKnown(ids []string, names map[string]string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { _, known := names[id]; return known })
}

// unknownRetailer is the error for a word that no retailer is called by.
func unknownRetailer(word string, known map[string]string) *usage {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(known)) {
		all = append(all, id, known[id])
	}
	hint := didYouMean(word, all)
	if hint == "" && len(known) > 0 {
		var some []string
		for _, id := range slices.Sorted(maps.Keys(known)) {
			some = append(some, cmp.Or(known[id], id))
		}
		hint = "known are " + strings.Join(some[:min(len(some), 10)], ", ")
	}
	return &usage{text: fmt.Sprintf("no retailer is called %s", word), hint: cmp.Or(hint, "dscosync status shows the retailers of the orders there are")}
}

// writePage puts the scorecard where a web server finds it. Nothing but a page is written over: --state and --html stand
// side by side, and their files are soon mixed up.
func writePage(path string, r scorecard.Report) error {
	if !mayBePage(path) {
		return &usage{text: fmt.Sprintf("--html: %s is there already and is no page", path), hint: "name another file: only a page is written over"}
	}
	content, err := report.Page(r)
	if err != nil {
		return err
	}
	if err := notify.WriteFile(path, content); err != nil {
		return &hinted{fmt.Errorf("the page %w", err), "name a file in a folder that this user may write to and that has room; a page that stood there before is still whole"}
	}
	return nil
}

// mayBePage tells whether a file is a page, or empty, or nothing to write over: notify.WriteFile says what is wrong then.
func mayBePage(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true
	}
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 512)
	n, _ := io.ReadFull(file, start)
	return bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(start[:n], []byte("\ufeff"))), []byte("<"))
}
