package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/guess"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
)

// manyMatches is how many orders of one name are shown: a purchase order is split over a few, never over more.
const manyMatches = 100

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show ORDER",
		Short: "one order: its row, its parcels, its whole history",
		Long: "Shows all that is known of an order: where it stands, what waits and what to do about it, both sides as they were last seen, its lines and parcels, " +
			"and every movement with its time, its run and the answer of the service. It reads the state file only, and may be run at any time.\n\n" +
			"ORDER is a DSCO order id; or a purchase order, the number or id of a ShipStation order, or a tracking number, which are searched for among all orders. " +
			"Where several orders are called so they are listed; with --json all of them are told of.\n" + exitHelp,
		Example: "  dscosync show 1026064165\n  dscosync show 1Z999AA10123456784\n  dscosync show PO-7 --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || strings.TrimSpace(args[0]) == "" {
				return &usage{text: "name one order", hint: "dscosync status lists the orders"}
			}
			return nil
		},
		ValidArgsFunction: a.completeOrders(func(order.Order) bool { return true }, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.life(strings.TrimSpace(args[0]))
		},
	}
}

// life shows the order that a word means, or those it may mean.
func (a *app) life(word string) error {
	c, err := a.settings(true)
	if err != nil {
		return err
	}
	l, err := ledger.Open(c.State)
	if errors.Is(err, ledger.ErrMissing) {
		return unknownOrder(word, nil, err)
	}
	if err != nil {
		return err
	}
	orders, more, err := a.meant(l, word)
	if err != nil {
		return err
	}
	var known map[string]string
	err = l.View(func(tx *ledger.Tx) error {
		known, err = names(c, tx)
		return err
	})
	if err != nil {
		return err
	}
	rules := a.rules(c)
	lives := make([]report.Life, len(orders))
	for i, o := range orders {
		history, lost, err := history(l, o)
		if err != nil {
			return err
		}
		lives[i] = report.LifeOf(o, known, rules, told(c), history, lost)
	}
	switch {
	case a.json:
		return report.WriteLives(a.Stdout, lives, more, rules.Now)
	case len(lives) > 1:
		return report.Choices(a.Stdout, lives, more, a.view())
	}
	return report.WriteLife(a.Stdout, lives[0], a.view())
}

// meant finds the order with an id, or else those that are called by the word in another way. more is how many there are
// beyond those.
func (a *app) meant(l *ledger.Ledger, word string) (orders []order.Order, more int, err error) {
	err = l.View(func(tx *ledger.Tx) error {
		o, known, err := tx.Order(order.ID(strings.TrimPrefix(word, "dsco-"))) // as its key in ShipStation begins
		if known {
			orders = append(orders, o)
		}
		return err
	})
	if err != nil || len(orders) > 0 {
		return orders, 0, err
	}
	bar := newProgress(a.Stderr)
	defer bar.clear()
	_, watched := terminal(a.Stderr)
	near, passed := guess.At(word), 0
	for f, err := range l.Search(a.ctx, word) {
		if errors.Is(err, errInterrupted) {
			err = errLeft
		}
		if err != nil {
			return nil, 0, err
		}
		if passed++; watched && !a.quiet && passed%10_000 == 0 {
			bar.show("show", "searching all orders", passed, 0)
		}
		near.Try(string(f.ID))
		same := func(o order.Order) bool { return o.ID == f.ID }
		switch {
		case f.Order == nil || !f.Order.Called(word) || slices.ContainsFunc(orders, same):
		case len(orders) == manyMatches:
			more++
		default:
			orders = append(orders, *f.Order)
		}
	}
	if len(orders) == 0 {
		return nil, 0, unknownOrder(word, near.Names(), nil)
	}
	slices.SortStableFunc(orders, func(a, b order.Order) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.ID, b.ID))
	})
	return orders, more, nil
}

// history reads the movements of an order. Those from long ago are pruned, and only counted.
func history(l *ledger.Ledger, o order.Order) (all []report.Movement, lost int, err error) {
	err = l.View(func(tx *ledger.Tx) error {
		for _, seq := range o.Journal {
			e, found, err := tx.Entry(seq)
			if err != nil {
				return err
			}
			if !found {
				lost++
				continue
			}
			all = append(all, movement(e))
		}
		return nil
	})
	return all, lost, err
}

func movement(e ledger.Entry) report.Movement {
	m := report.Movement{Seq: e.Seq, At: report.Stamp{Time: e.At}, Run: report.Text(e.Run), OrderID: report.Text(e.Order), Level: e.Level,
		Step: report.Text(e.Step), Message: e.Text, API: report.Text(e.API), RequestID: report.Text(e.RequestID)}
	if e.Status != 0 {
		m.Status = &e.Status
	}
	return m
}

// view is how tables and texts are shown on stdout.
func (a *app) view() report.View {
	width, watched := terminal(a.Stdout)
	return report.View{Width: width, Colour: watched && !a.plain && a.lookup("NO_COLOR") == "" && a.lookup("TERM") != "dumb"}
}

// rules are what an order is judged by, for people who look at it.
func (a *app) rules(c config.Config) order.Rules {
	return order.Rules{Now: a.Now(), AcknowledgeAlarm: c.Alarm.Acknowledge, ShipByAlarm: c.Alarm.ShipBy, TrackingAlarm: c.Alarm.Tracking, ShipDelay: c.Sync.ShipDelay}
}

// unknownOrder is the error for a word that no order is called by. near are ids that may have been meant.
func unknownOrder(word string, near []string, missing error) *usage {
	u := &usage{text: fmt.Sprintf("no order is called %s", word), hint: "dscosync status --all lists all that are known; what DSCO has just got is known after the next run"}
	switch {
	case missing != nil:
		u.text += ": there is no state file yet"
		u.hint = "the first run makes it: dscosync sync all"
	case len(near) > 0:
		u.hint = "did you mean: " + strings.Join(near, ", or ")
	}
	return u
}
