package stage

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// due is a planned write, with what decides when its turn comes.
type due struct {
	id       order.ID
	step     order.Step
	parcel   int64 // for Ship
	ref      int64 // for what is written to a ShipStation order
	tries    int
	deadline time.Time
	created  time.Time
}

func (d due) write() order.Write { return order.Write{Step: d.step, Parcel: d.parcel, Ref: d.ref} }

// enqueue plans the next write of an order, if it needs one and what the write takes is at hand.
func (p *pass) enqueue(o order.Order) {
	w, ok := o.Next(p.rules(p.started, p.blank, p.stage.Steps...))
	if !ok || !p.concerns(o.ID) || steps[w.Step].checked && !p.catch.Checked[o.ID] {
		return
	}
	if _, have := p.catch.Documents[o.ID]; steps[w.Step].document && !have {
		return // neither listed nor read this time: its turn comes when it is
	}
	p.fate[o.ID] = waiting
	if p.refused[w.Step] != nil {
		return
	}
	tries := o.Note(w).Tries
	if w.Step == order.Acknowledge { // each run asks again in bulk: only what failed in this one goes in smaller company
		if _, known := p.failed[o.ID]; !known {
			p.failed[o.ID] = tries
		}
		tries -= p.failed[o.ID]
	}
	p.queue = append(p.queue, due{o.ID, w.Step, w.Parcel, w.Ref, max(0, tries), o.Deadline(), o.DSCO.Created})
}

// next picks the step of the next call: acknowledgements owed go before further orders are created.
func (p *pass) next() order.Step {
	slices.SortStableFunc(p.queue, func(a, b due) int {
		return cmp.Or(
			cmp.Compare(steps[a.step].rank, steps[b.step].rank),
			cmp.Compare(a.tries, b.tries), // what failed in company comes after what did not
			compareDeadlines(a.deadline, b.deadline),
			a.created.Compare(b.created),
			cmp.Compare(a.id, b.id),
		)
	})
	if len(p.queue) == 0 {
		return ""
	}
	return p.queue[0].step
}

// pick takes the next chunk off the queue and writes its intents. The rows are read anew: a person may have dismissed
// one meanwhile.
func (p *pass) pick(tx *ledger.Tx, step order.Step) (chunk, error) {
	c := chunk{step: step, paper: p.paper}
	p.paper = nil
	for len(p.queue) > 0 && p.queue[0].step == step {
		d := p.queue[0]
		if c.size == 0 {
			c.size = max(1, cmp.Or(p.most, steps[step].size)>>(2*min(d.tries, 30)))
			c.tries = d.tries
		}
		if d.tries != c.tries || len(c.rows) == c.size || steps[step].look != nil && c.paper.write != d {
			break // what was read of one order is never sent for another
		}
		p.queue = p.queue[1:]
		before, _, err := tx.Order(d.id)
		if err != nil {
			return c, err
		}
		w, ok := before.Next(p.rules(p.started, p.blank, p.stage.Steps...))
		if !ok || w != d.write() {
			continue
		}
		after := before
		if fault := p.fit(&c, before, w); fault != nil {
			p.fate[d.id] = held
			if have := before.Note(w); have.Held && have.Text == fault.Text {
				continue // known already
			}
			after = before.Fail(*fault, p.Now())
		} else {
			after = before.Begin(w, p.Now())
			c.rows, c.order = append(c.rows, d), before
		}
		if err := p.put(tx, before, after); err != nil {
			return c, err
		}
	}
	return c, nil
}

// fit readies an order for its write; a fault keeps it from being sent.
func (p *pass) fit(c *chunk, o order.Order, w order.Write) *order.Note {
	switch w.Step {
	case order.Create:
		return p.fitCreate(c, o)
	case order.Ship:
		return p.fitShip(c, o, w)
	case order.CancelDSCO:
		return p.fitCancel(c, o)
	}
	return nil
}

func (p *pass) fitCreate(c *chunk, o order.Order) *order.Note {
	doc, cuts, err := p.Translation.Order(p.catch.Documents[o.ID])
	if err != nil {
		n := &order.Note{Write: order.Write{Step: order.Create}, Held: true, Text: err.Error(), At: p.Now()}
		if unfit, ok := errors.AsType[*Unfit](err); ok {
			n.Hint = unfit.Hint
		}
		return n
	}
	for _, cut := range cuts {
		p.Log.Info(fmt.Sprintf("order %s: %s is longer than ShipStation takes and was cut", o.ID, cut))
	}
	c.orders = append(c.orders, doc)
	return nil
}

// compareDeadlines sorts what has none last.
func compareDeadlines(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}
