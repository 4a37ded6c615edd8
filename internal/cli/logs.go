package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/guess"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
)

// levelNames are the journal's levels, the least first.
var levelNames = []string{ledger.Info, ledger.Warn, ledger.Error}

// slice is how many lines are read in one transaction: a run waits for it.
const slice = 1000

// glance is how often the journal is looked at for more.
const glance = time.Second / 2

// sieve says which lines of the journal are shown.
type sieve struct {
	order  string
	since  time.Duration
	level  string
	limit  int // the newest so many; 0: all
	follow bool
}

func (a *app) logsCommand() *cobra.Command {
	s := sieve{since: 24 * time.Hour, level: ledger.Info}
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "the journal: what happened, the newest last",
		Long: "Shows the journal of the state file: each movement of an order, and what stopped a run. A line tells when, in which run, of which order, what happened, " +
			"and how the service answered. With --order all that is kept of the order is shown, unless --since says otherwise.\n\n" +
			"--follow goes on with what the runs write until it is interrupted, which ends it with 130. With --json each line is a JSON document of its own, in UTC.\n" + exitHelp,
		Example: "  dscosync logs\n  dscosync logs --level warn --since 7d\n  dscosync logs --order 1026064165\n  dscosync logs --follow",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if level := strings.ToLower(s.level); level == "warning" {
				s.level = ledger.Warn
			} else if s.level = level; !slices.Contains(levelNames, level) {
				return &usage{text: fmt.Sprintf("--level is one of %s; not %q", strings.Join(levelNames, ", "), level), hint: didYouMean(level, levelNames)}
			}
			if s.limit < 0 || s.since < 0 {
				return &usage{text: "--limit and --since are not negative"}
			}
			if s.order != "" && !cmd.Flags().Changed("since") {
				s.since = 0
			}
			return a.logs(s)
		},
	}
	cmd.Flags().StringVar(&s.order, "order", "", "only the order with this DSCO `ID`")
	cmd.Flags().Var(&span{&s.since}, "since", "only what happened within `DURATION`; 0: all that is kept")
	cmd.Flags().StringVar(&s.level, "level", s.level, "only this `LEVEL` and worse: info, warn or error")
	cmd.Flags().IntVar(&s.limit, "limit", 0, "only the newest `N` lines")
	cmd.Flags().BoolVarP(&s.follow, "follow", "f", false, "go on with what is written, until it is interrupted")
	a.complete(cmd, "order", a.completeOrders(func(order.Order) bool { return true }, -1))
	a.complete(cmd, "level", cobra.FixedCompletions(levelNames, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// tail reads the journal piece by piece.
type tail struct {
	path string
	sieve
	next         uint64 // the line to go on with
	from         time.Time
	met, written bool // there is a state file; there was a line to show
}

func (a *app) logs(s sieve) error {
	c, err := a.settings(true)
	if err != nil {
		return err
	}
	t := &tail{path: c.State, sieve: s}
	if s.since > 0 {
		t.from = a.Now().Add(-s.since)
	}
	if s.order != "" {
		if err := a.known(c, s.order); err != nil {
			return err
		}
	}
	newest, err := t.newest(a.write)
	if err != nil {
		return err
	}
	for _, m := range newest {
		if err := a.write(m); err != nil {
			return err
		}
	}
	if !s.follow {
		a.nothing(t)
		return nil
	}
	for {
		select {
		case <-a.ctx.Done():
			return errLeft
		case <-time.After(glance):
		}
		if err := t.read(a.write); err != nil {
			return err
		}
	}
}

// write writes a line of the journal. When nobody reads on, that is the end.
func (a *app) write(m report.Movement) (err error) {
	if a.json {
		err = report.WriteMovementJSON(a.Stdout, m)
	} else {
		err = report.WriteMovement(a.Stdout, m, a.view())
	}
	if a.unread() {
		return exit(exitDone)
	}
	return err
}

// nothing tells a person who sees no line why.
func (a *app) nothing(t *tail) {
	if _, watched := terminal(a.Stdout); !watched || a.quiet || t.written {
		return
	}
	switch {
	case !t.met:
		a.say("note", "there is no state file yet: the first run makes it")
	case t.since > 0:
		a.say("note", fmt.Sprintf("nothing of that kind in the last %s; --since 0 shows all that is kept", ago(t.since)))
	default:
		a.say("note", "nothing of that kind")
	}
}

// newest reads all there is, and gives the newest lines, or writes them at once where all are wanted.
func (t *tail) newest(write func(report.Movement) error) (kept []report.Movement, err error) {
	read := t.read
	if t.order != "" {
		read = t.ofOrder
	}
	if t.limit == 0 {
		return nil, read(write)
	}
	err = read(func(m report.Movement) error {
		kept = append(kept, m)
		if len(kept) > 2*t.limit { // not at each line: the rest is moved
			kept = slices.Delete(kept, 0, len(kept)-t.limit)
		}
		return nil
	})
	return kept[max(0, len(kept)-t.limit):], err
}

// ofOrder gives the lines of one order, which its row names: the journal of a large account is long.
func (t *tail) ofOrder(write func(report.Movement) error) error {
	l, err := ledger.Open(t.path)
	if err != nil {
		return err
	}
	t.met = true
	var some []ledger.Entry
	err = l.View(func(tx *ledger.Tx) error {
		o, _, err := tx.Order(order.ID(t.order))
		if err != nil {
			return err
		}
		for _, seq := range o.Journal {
			e, kept, err := tx.Entry(seq)
			if err != nil {
				return err
			}
			if kept && !e.At.Before(t.from) && t.shows(e) {
				some = append(some, e)
			}
		}
		last, err := tx.Last()
		t.next = last + 1
		return err
	})
	if err != nil {
		return err
	}
	return t.tell(some, write)
}

// tell gives lines on.
func (t *tail) tell(some []ledger.Entry, write func(report.Movement) error) error {
	for _, e := range some {
		t.written = true
		if err := write(movement(e)); err != nil {
			return err
		}
	}
	return nil
}

// read gives the lines since the last time, in many short transactions. What is printed is printed between them.
func (t *tail) read(write func(report.Movement) error) error {
	l, err := ledger.Open(t.path)
	if errors.Is(err, ledger.ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	t.met = true
	for {
		var some []ledger.Entry
		more := false
		err := l.View(func(tx *ledger.Tx) error {
			last, err := tx.Last()
			if err != nil {
				return err
			}
			if t.next == 0 && t.limit > 0 && t.level == ledger.Info && t.order == "" { // every line counts: the newest are known
				t.next = last + 1 - min(last, uint64(t.limit))
			}
			if t.next > last+1 { // another state file was put in its place
				t.next = last + 1
			}
			n := 0
			for e, err := range tx.Entries(t.next, t.from) {
				if err != nil {
					return err
				}
				if n++; n > slice {
					more = true
					break
				}
				t.next = e.Seq + 1
				if t.shows(e) {
					some = append(some, e)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := t.tell(some, write); err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

func (s sieve) shows(e ledger.Entry) bool {
	return (s.order == "" || string(e.Order) == s.order) && slices.Index(levelNames, e.Level) >= slices.Index(levelNames, s.level)
}

// known fails when no order has the id.
func (a *app) known(c config.Config, id string) error {
	l, err := ledger.Open(c.State)
	if errors.Is(err, ledger.ErrMissing) {
		return unknownOrder(id, nil, err)
	}
	if err != nil {
		return err
	}
	return knownIn(l, id)
}

// knownIn fails when one of the ids is no order's.
func knownIn(l *ledger.Ledger, ids ...string) error {
	return l.View(func(tx *ledger.Tx) error {
		for _, id := range ids {
			if _, found, err := tx.Order(order.ID(id)); err != nil {
				return err
			} else if !found {
				return unknownTo(tx, id)
			}
		}
		return nil
	})
}

// unknownTo is the error for an id that no order has, with the open orders that may have been meant.
func unknownTo(tx *ledger.Tx, id string) error {
	near := guess.At(id)
	for o, err := range tx.Open() {
		if err != nil {
			return err
		}
		near.Try(string(o.ID))
	}
	u := unknownOrder(id, near.Names(), nil)
	u.text = fmt.Sprintf("order %s is not known", id)
	return u
}
