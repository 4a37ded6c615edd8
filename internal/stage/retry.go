package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// NotHeld is why an order cannot be taken up again.
type NotHeld struct{ Text string }

func (e *NotHeld) Error() string { return e.Text }

// Hint says how to go on.
func (e *NotHeld) Hint() string {
	return "no order was taken up; dscosync status --errors lists those that are held"
}

// Retry is the stage that takes held orders up again where they stopped: it reads just those, lifts their holds and
// does what they need. It refuses, and changes nothing, when one of them is unknown or not held.
func Retry(ids ...order.ID) Stage {
	s := Stage{Name: "retry", Steps: slices.Concat(Cancel.Steps, Pull.Steps, Track.Steps), Only: map[order.ID]bool{}}
	for _, id := range ids {
		s.Only[id] = true
	}
	s.Gather = func(ctx context.Context, r *Runner, since Since) (Catch, error) {
		g := &gathering{Runner: r, Catch: newCatch(), since: since}
		g.since.Open = nil
		for _, id := range ids {
			o, err := g.held(id)
			if err != nil {
				return g.Catch, err
			}
			g.since.Open = append(g.since.Open, o)
			g.see(id, order.Lifted{At: r.Now()})
		}
		if err := g.answers(ctx); err != nil {
			return g.Catch, err
		}
		for _, id := range ids {
			if err := g.again(ctx, id); err != nil {
				return g.Catch, err
			}
		}
		if err := g.store(ctx); err != nil {
			return g.Catch, err
		}
		// Cancellations are as final here as in their own stage: they go through the same looks, and the same guard.
		k := newCancelling(g)
		if err := k.voided(ctx); err != nil {
			return k.Catch, err
		}
		err := k.closer(ctx)
		return k.Catch, err
	}
	return s
}

// still tells who retries an order that it is held as before: both sides show what it was held for, and that is no news.
func (p *pass) still(c version) {
	was, _ := c.before.Trouble()
	n, _ := c.after.Trouble()
	if p.stage.Only[c.after.ID] && n.Held && n.Text == was.Text {
		p.fate[c.after.ID] = held
		p.news = append(p.news, news{c.after.ID, order.Change{Level: "error", Text: fmt.Sprintf("still held: %s: %s", n.Write.Step, n.Text), Hint: n.Hint, Step: n.Write.Step}})
	}
}

// again reads an order anew. One that DSCO cannot show now stays held, and holds up no other.
func (g *gathering) again(ctx context.Context, id order.ID) error {
	if err := g.try(ctx, id); err != nil {
		return err
	}
	if len(g.Sightings[id]) == 1 { // lifted, but not read
		delete(g.Sightings, id)
		g.since.Open = slices.DeleteFunc(g.since.Open, func(o order.Order) bool { return o.ID == id })
		return nil
	}
	g.Seen++
	return nil
}

// voided looks, where a parcel would be told, at what became of the labels and marks since push-tracking last looked:
// whoever retries it may have voided it first.
func (k *cancelling) voided(ctx context.Context) error {
	rules := k.rules(k.Now(), k.since.Blank, order.Ship)
	tells := func(o order.Order) bool { _, due := o.Next(rules); return due }
	if !slices.ContainsFunc(slices.Collect(maps.Values(k.rows)), tells) {
		return nil
	}
	cursor, own := k.Cursor, k.since.Cursor
	defer func() { k.since.Cursor, k.Cursor = own, cursor }() // that of the labels is push-tracking's
	k.since.Cursor = k.since.Tracked
	if err := k.labels(ctx, true); err != nil {
		return err
	}
	return k.marks(ctx)
}

// held is the row of a held order as it is once its holds are lifted.
func (r *Runner) held(id order.ID) (o order.Order, err error) {
	err = r.Ledger.View(func(tx *ledger.Tx) error {
		row, known, err := tx.Order(id)
		if err != nil {
			return err
		}
		if !known {
			return &NotHeld{fmt.Sprintf("order %s is not known", id)}
		}
		if o, err = row.Retry(r.Now()); err != nil {
			return &NotHeld{err.Error()}
		}
		return nil
	})
	return o, err
}

// Held lists the orders that wait for a person, by id.
func (r *Runner) Held() (ids []order.ID, err error) {
	err = r.Ledger.View(func(tx *ledger.Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			if o.Held() {
				ids = append(ids, o.ID)
			}
		}
		return nil
	})
	return ids, err
}
