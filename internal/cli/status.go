package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/escape"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
	"dscosync/internal/stage"
)

func (a *app) statusCommand() *cobra.Command {
	var f report.Filter
	var risk, retailer, csv = "", "", false
	cmd := &cobra.Command{
		Use:   "status",
		Short: "where each order stands",
		Long: "Lists the open and held orders and those finished in the last 48 hours. It reads the state file only, and may be run at any time.\n" +
			"The table shows local time; JSON and CSV show UTC.\n" + exitHelp,
		Example: "  dscosync status\n  dscosync status --errors\n  dscosync status --at-risk 24h\n  dscosync status --all --since 30d --csv > orders.csv",
		Args: func(cmd *cobra.Command, args []string) error {
			if risk == unsaid && len(args) == 1 { // --at-risk 24h: for pflag a value that may be left out needs a "="
				risk = args[0]
				return nil
			}
			return cobra.NoArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if csv && a.json {
				return &usage{text: "--csv and --json do not go together"}
			}
			if f.Status != "" {
				status, ok := report.Status(f.Status)
				if !ok {
					return &usage{text: fmt.Sprintf("--status is one of %s; not %q", strings.Join(report.Statuses, ", "), f.Status), hint: didYouMean(f.Status, report.Statuses)}
				}
				f.Status = status
			}
			if f.Limit < 0 || f.Stale < 0 || f.Since < 0 {
				return &usage{text: "--limit, --stale and --since are not negative"}
			}
			var near *time.Duration
			if cmd.Flags().Changed("at-risk") {
				near = new(time.Duration)
				if risk == unsaid {
					*near = -1
				} else if err := (&span{near}).Set(risk); err != nil || *near < 0 {
					return &usage{text: "--at-risk: " + cmp.Or(err, errNegative).Error()}
				}
			}
			f.AtRisk = near
			return a.status(f, retailer, csv)
		},
	}
	cmd.Flags().BoolVar(&f.Errors, "errors", false, "only orders with an error")
	cmd.Flags().StringVar(&risk, "at-risk", "", "only orders to be shipped within `DURATION` (without one: alarm.ship_by), or late")
	cmd.Flags().Lookup("at-risk").NoOptDefVal = unsaid
	cmd.Flags().Var(&span{&f.Stale}, "stale", "only open orders that nothing happened to for `DURATION`")
	cmd.Flags().StringVar(&f.Status, "status", "", "only `STATUS`: received, sent, shipped, cancelled or error")
	cmd.Flags().StringVar(&retailer, "retailer", "", "only the `RETAILER` with this DSCO id or name")
	cmd.Flags().Var(&span{&f.Since}, "since", "only orders taken up within `DURATION`")
	cmd.Flags().IntVar(&f.Limit, "limit", 0, "only the newest `N` of them")
	cmd.Flags().BoolVar(&f.All, "all", false, "orders finished longer ago, too")
	cmd.Flags().BoolVar(&csv, "csv", false, "comma-separated values")
	a.complete(cmd, "status", words(report.Statuses...))
	a.complete(cmd, "retailer", a.completeRetailers)
	return cmd
}

// unsaid stands for the duration that --at-risk was not given.
const unsaid = " "

func (a *app) status(f report.Filter, retailer string, csv bool) error {
	c, err := a.settings(true)
	if err != nil {
		return err
	}
	if f.AtRisk != nil && *f.AtRisk < 0 {
		f.AtRisk = &c.Alarm.ShipBy
	}
	rules := a.rules(c)
	s, err := a.read(c, f, retailer, rules)
	if err != nil {
		return err
	}
	rows := report.Rows(s.orders, s.names, rules, told(c))
	switch {
	case a.json:
		return report.WriteJSON(a.Stdout, rows, rules.Now)
	case csv:
		return report.WriteCSV(a.Stdout, rows)
	}
	if err := report.WriteTable(a.Stdout, rows, a.view()); err != nil {
		return err
	}
	if f.Errors {
		if err := a.remedies(rows); err != nil {
			return err
		}
	}
	return a.foot(a.Stdout, rows, s, rules.Now)
}

// glimpse is how many orders are named in a line under the table; anyOrder stands for each of them in a hint.
const (
	glimpse  = 10
	anyOrder = "ORDER-ID"
)

// remedies says what can be done about each error, and once where it is the same for several orders.
func (a *app) remedies(rows []report.Row) error {
	alike, hints := map[string][]string{}, []string{}
	for _, r := range rows {
		if r.Error == nil || r.Error.Hint == "" {
			continue
		}
		id := string(r.OrderID)
		hint := strings.ReplaceAll(r.Error.Hint, id, anyOrder)
		if alike[hint] == nil {
			hints = append(hints, hint)
		}
		alike[hint] = append(alike[hint], id)
	}
	for _, hint := range hints {
		ids := alike[hint]
		if len(ids) == 1 {
			hint = strings.ReplaceAll(hint, anyOrder, ids[0])
		}
		if err := report.WriteText(a.Stdout, few(ids, len(ids), glimpse)+": "+hint, a.view()); err != nil {
			return err
		}
	}
	return nil
}

// standing is what the state file holds, as far as it is to be shown.
type standing struct {
	fresh  bool          // there is no state file yet
	holder ledger.Holder // of the run lock: who is at work, or was cut off
	atWork bool
	orders []order.Order
	others int               // that the filter left out
	names  map[string]string // of the retailers, by their ids
	pull   ledger.Stage
	silent time.Time     // since when no run has come to its end; zero: one did lately
	most   time.Duration // alarm.silence
}

// read takes what is to be shown out of the ledger, and lets go of it before anything is printed. A retailer that is not
// empty is the one whose orders are wanted, by its id or name.
func (a *app) read(c config.Config, f report.Filter, retailer string, rules order.Rules) (s standing, err error) {
	l, err := ledger.Open(c.State)
	if errors.Is(err, ledger.ErrMissing) {
		return standing{fresh: true}, nil
	}
	if err != nil {
		return s, err
	}
	err = l.View(func(tx *ledger.Tx) error {
		if s.names, err = names(c, tx); err != nil {
			return err
		}
		if retailer != "" {
			f.Retailer = called(retailer, s.names)
		}
		rows := []iter.Seq2[order.Order, error]{tx.Open()}
		if f.All {
			rows = append(rows, tx.Done(time.Time{}))
		}
		for _, each := range rows {
			for o, err := range each {
				if err != nil {
					return err
				}
				if f.Keep(o, rules) {
					s.orders = append(s.orders, o)
				} else if (report.Filter{All: f.All}).Keep(o, rules) {
					s.others++
				}
			}
		}
		if s.pull, err = tx.Stage("pull"); err != nil {
			return err
		}
		if s.pull.Missing, err = tx.Missing(s.pull); err != nil {
			return err
		}
		s.silent, err = stage.Silence(tx, rules.Now, c.Alarm.Silence)
		s.most = c.Alarm.Silence
		return err
	})
	if err == nil && len(s.orders) == 0 && retailer != "" && !anyKnown(f.Retailer, s.names) && strings.Trim(retailer, "0123456789") != "" {
		return s, unknownRetailer(retailer, s.names) // a name; an id may be that of a retailer without orders
	}
	s.orders = f.Select(s.orders, rules)
	s.holder, s.atWork = ledger.Running(c.State)
	return s, err
}

// foot is what stands under the table: the counts, the last run, and what no row can show.
func (a *app) foot(w io.Writer, rows []report.Row, s standing, now time.Time) error {
	var lines []string
	switch {
	case s.fresh:
		lines = append(lines, "no orders yet: the first run makes the state file")
	case len(rows) == 0 && s.others == 1:
		lines = append(lines, "no orders to show; 1 other is not of this kind")
	case len(rows) == 0 && s.others > 0:
		lines = append(lines, fmt.Sprintf("no orders to show; %d others are not of this kind", s.others))
	case len(rows) == 0:
		lines = append(lines, "no orders to show")
	default:
		lines = append(lines, report.Summary(rows))
	}
	lines = append(lines, s.runs(now)...)
	if m := s.pull.Missing; m != nil && m.Count > 0 {
		lines = append(lines, fmt.Sprintf("open in DSCO, but ShipStation has no order (looked %s ago): %s", ago(now.Sub(m.At)), few(m.Orders, m.Count, glimpse)))
	}
	for _, line := range lines {
		if err := report.WriteText(w, line, a.view()); err != nil {
			return err
		}
	}
	return nil
}

// runs says how the last runs went, and who is at work.
func (s standing) runs(now time.Time) (lines []string) {
	switch last := s.pull; {
	case last.Error != "":
		line := fmt.Sprintf("the last pull stopped %s ago: %s", ago(now.Sub(last.Finished)), escape.Text(last.Error))
		if !last.Succeeded.IsZero() {
			line += fmt.Sprintf("; the last good one ended %s ago", ago(now.Sub(last.Succeeded)))
		}
		lines = append(lines, line)
	case !last.Succeeded.IsZero():
		lines = append(lines, fmt.Sprintf("the last pull ended %s ago", ago(now.Sub(last.Succeeded))))
	}
	if !s.silent.IsZero() {
		lines = append(lines, fmt.Sprintf("no run has come to its end for %s (since %s): alarm.silence is %s; look whether cron runs it, and what stopped it: dscosync logs --level warn --since 7d",
			ago(now.Sub(s.silent)), s.silent.Local().Format("2006-01-02 15:04 MST"), ago(s.most)))
	}
	switch {
	case s.atWork:
		lines = append(lines, fmt.Sprintf("a run is at work: %s (pid %d), for %s", escape.Text(s.holder.Stage), s.holder.PID, ago(now.Sub(s.holder.Started))))
	case s.holder.PID != 0:
		lines = append(lines, fmt.Sprintf("a run was cut off: %s, begun %s ago; the next one goes on from what is recorded", escape.Text(s.holder.Stage), ago(now.Sub(s.holder.Started))))
	}
	return lines
}

// ago is a span of time as people say it.
func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(max(0, d).Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

func retailerNames(c config.Config) map[string]string {
	names := map[string]string{}
	for _, r := range c.Retailers {
		names[r.ID] = r.Name
	}
	return names
}

func (a *app) dismissCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "dismiss ORDER-ID --reason TEXT",
		Short: "an order was dealt with by hand: be silent about it",
		Long: "The order's holds and notices are silent until something new is seen of it. To take it up again: dscosync retry ORDER-ID.\n" +
			"Do not put personal data into the reason: it is kept in the state file.\n" + exitHelp,
		Example: "  dscosync dismiss 1026064165 --reason \"entered by hand\"",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usage{text: "name one order", hint: "dscosync status --errors lists the held ones"}
			}
			return nil
		},
		ValidArgsFunction: a.completeOrders(func(o order.Order) bool { return o.Held() || o.Dismissed == nil && len(o.Notices) > 0 }, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return &usage{text: "--reason is missing", hint: `say what was done, for those who come after: --reason "entered by hand"`}
			}
			return a.dismiss(order.ID(args[0]), strings.TrimSpace(reason))
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "what was done by hand")
	return cmd
}

func (a *app) dismiss(id order.ID, reason string) error {
	c, err := a.settings(true)
	if err != nil {
		return err
	}
	l, err := ledger.Open(c.State)
	if errors.Is(err, ledger.ErrMissing) {
		return unknownOrder(string(id), nil, err)
	}
	if err != nil {
		return err
	}
	err = l.Update(func(tx *ledger.Tx) error {
		before, known, err := tx.Order(id)
		if err != nil {
			return err
		}
		if !known {
			return unknownTo(tx, string(id))
		}
		after, err := before.Dismiss(reason, a.Now())
		if err != nil {
			return &usage{text: err.Error(), hint: "dscosync status --errors lists the held ones; dscosync show " + string(id) + " tells how it stands"}
		}
		_, err = tx.Record("", a.Now(), before, after)
		return err
	})
	if err != nil {
		return err
	}
	text := fmt.Sprintf("order %s: dismissed: silent until something new is seen of it; to take it up again: dscosync retry %s", id, id)
	if _, watched := terminal(a.Stderr); watched && a.verbose == 0 && !a.quiet {
		a.say("note", text)
	}
	a.logger().Info(text)
	return nil
}
