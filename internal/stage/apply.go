package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
)

// apply is the loop of one commit and one call. The commit records what the call before brought, and writes the intents
// of the next one; the call follows at once.
func (p *pass) apply(ctx context.Context) error {
	var last chunk
	for {
		var next chunk
		var step order.Step
		var stop error
		err := p.update(func(tx *ledger.Tx) (err error) {
			if stop, err = p.record(tx, last); err != nil || stop != nil {
				return err
			}
			stop = ctx.Err()
			if step = p.next(); step != "" && stop == nil && p.free(step) && p.looked(step) {
				next, err = p.pick(tx, step)
			}
			return err
		})
		last = chunk{}
		switch {
		case err != nil:
			return err
		case stop != nil || step == "":
			return p.finish(ctx, stop)
		case len(next.rows) > 0:
			p.progress(p.stage.Name, steps[step].doing, p.writes-len(p.queue), p.writes)
			call, cancel := grace(ctx)
			next.outcomes = steps[step].send(p.Runner, remote.WithAnswer(call, &next.answer), next)
			p.impersonal(call, next)
			cancel()
			last = next
		default:
			if stop := p.ready(ctx, step); stop != nil {
				return p.finish(ctx, stop)
			}
			if !p.looked(step) {
				last = p.fetch(ctx, step)
			}
		}
	}
}

// free tells whether the remote takes the step's call at once. Nothing is to wait between an intent and its request: an
// intent is as old as the request it speaks of.
func (p *pass) free(step order.Step) bool {
	api := steps[step].remote(p.Runner)
	return p.rest[api.Name] == 0 && api.Delay(steps[step].path) == 0
}

// ready waits until the remote takes the step's call.
func (p *pass) ready(ctx context.Context, step order.Step) error {
	api := steps[step].remote(p.Runner)
	rest := p.rest[api.Name]
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < rest {
		return &remote.Error{API: api.Name, Op: steps[step].doing, Kind: remote.Unavailable, Detail: "no call is possible before this run's time is over", After: rest}
	}
	if err := pause(ctx, rest); err != nil {
		return err
	}
	p.rest[api.Name] = 0
	return api.Ready(ctx, steps[step].doing, steps[step].path)
}

// finish asks the change log how what DSCO queued in this run ended, and closes the run.
func (p *pass) finish(ctx context.Context, stop error) error {
	for _, step := range []order.Step{order.Acknowledge, order.Create, order.Ship, order.CancelDSCO, order.CancelShipStation, order.Suspend, order.Resume} {
		stop = cmp.Or(stop, p.refused[step])
	}
	answers := p.confirm(ctx)
	for id, s := range answers {
		answers[id] = p.discreet(s, id)
	}
	p.catch.Documents = nil // nothing follows that needs them
	ids, size := slices.Sorted(maps.Keys(answers)), cmp.Or(p.most, settling)
	for ; len(ids) > size; ids = ids[size:] {
		if err := p.update(func(tx *ledger.Tx) error { return p.settle(tx, ids[:size], answers) }); err != nil {
			return err
		}
	}
	err := p.update(func(tx *ledger.Tx) error {
		if err := p.settle(tx, ids, answers); err != nil {
			return err
		}
		return p.close(tx, stop)
	})
	return cmp.Or(err, stop)
}

// settling is how many answers of the change log one commit takes: a commit holds all that it changes in memory. A crash
// between two leaves writes whose end the next run reads in the change log.
const settling = 500

// settle folds what the change log says of orders into the ledger.
func (p *pass) settle(tx *ledger.Tx, ids []order.ID, answers map[order.ID]order.Sighting) error {
	for _, id := range ids {
		before, known, err := tx.Order(id)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		after := before.See(answers[id])
		switch {
		case after.HeldAt(order.CancelDSCO):
			p.fate[id] = held
		case after.Acknowledged.IsZero():
			p.fate[id] = refused
		}
		if err := p.put(tx, before, after); err != nil {
			return err
		}
	}
	return nil
}

// record folds what a call brought into the ledger. It is the one place that decides what an error means. A stop is an
// error that ends the stage.
func (p *pass) record(tx *ledger.Tx, c chunk) (stop, err error) {
	var unavailable, unclear, denied error
	for _, d := range c.rows {
		before, known, err := tx.Order(d.id)
		if err != nil {
			return nil, err
		}
		if !known {
			return nil, fmt.Errorf("order %s has vanished from the ledger", d.id)
		}
		before = before.Clamp(p.Now())
		out, now, w := c.outcomes[d.id], p.Now(), d.write()
		after := before
		alone := len(c.rows) == 1
		switch {
		case out.err == nil:
			after = before.See(out.sighting)
			if q, queued := out.sighting.(order.QueuedReceipt); queued {
				p.follow(q.RequestID, d.step)
			}
		default:
			switch remote.KindOf(out.err) {
			case remote.Uncertain:
				after, unclear = before.Doubt(order.Note{Write: w, At: now, Text: "no clear answer: " + reason(out.err), Hint: hintDoubt}, now), out.err
				if alone && c.step == order.Create {
					p.lone = append(p.lone, d.id)
				}
			case remote.Rejected, remote.Missing:
				after = before.Fail(p.refusal(w, before, out, alone), now)
			case remote.Unavailable:
				after, unavailable = before.Undo(now), out.err
			case remote.Unauthorized:
				after, denied = before.Undo(now), out.err
			default: // Other: a mistake of ours
				after, stop = before.Undo(now), out.err
			}
		}
		a := ledger.Answer{Step: c.step, API: c.answer.API, Status: c.answer.Status, RequestID: c.answer.RequestID}
		if err := p.putAnswer(tx, a, before, after); err != nil {
			return nil, err
		}
		p.judge(after, w)
	}
	switch {
	case stop != nil || len(c.rows) == 0:
	case denied != nil:
		stop = p.deny(c.step, denied)
	default:
		p.clear = p.clear || c.step == order.Create && unavailable == nil && unclear == nil
		stop = p.strike(steps[c.step].remote(p.Runner).Name, cmp.Or(unavailable, unclear))
	}
	return stop, nil
}

const hintDoubt = "nothing to do: the next run looks whether it was done and goes on from there"

// refusal is what is noted when a remote refused a write. Refused in company it goes on at once in a smaller chunk,
// until the bad order stands alone. An acknowledgement is never held: every run asks again.
func (p *pass) refusal(w order.Write, o order.Order, out outcome, alone bool) order.Note {
	if !alone && !out.own {
		return order.Note{Write: w}
	}
	by := map[string]string{"dsco": "DSCO", "shipstation": "ShipStation"}[steps[w.Step].remote(p.Runner).Name]
	n := order.Note{Write: w, At: p.Now(), Held: w.Step != order.Acknowledge, Text: "refused by " + by + ": " + reason(out.err)}
	if w.Step == order.Acknowledge {
		n.Hint = order.AskedAgain
		return n
	}
	n.Hint = fmt.Sprintf("have it corrected, then run: dscosync retry %s", o.ID)
	switch w.Step {
	case order.Create: // a store that is not there or is closed refuses every order: no order can be corrected for that
		n.Hint += "; if several are refused alike, look at the settings and the store: dscosync doctor, then: dscosync retry --all"
	case order.Ship:
		refusedParcel(&n, o)
	}
	return n
}

// judge notes what became of a planned order, and queues its next write.
func (p *pass) judge(after order.Order, w order.Write) {
	p.fate[after.ID] = waiting
	n := after.Note(w)
	switch {
	case n.Held:
		p.fate[after.ID] = held
	case n.Text != "" && w.Step == order.Acknowledge && after.Intent == nil:
		p.fate[after.ID] = refused
	case after.Intent != nil && after.Intent.RequestID != "":
		p.fate[after.ID] = done // taken by DSCO; the change log has the last word
	case after.Intent != nil:
	default:
		if n.Text == "" {
			p.fate[after.ID] = done
			if after.HeldAt(w.Step) { // another parcel of it
				p.fate[after.ID] = held
			}
		}
		p.enqueue(after)
	}
}

// deny ends the use of a call that the account has no right to (403); other calls go on. Refused credentials (401) end
// the stage.
func (p *pass) deny(step order.Step, err error) (stop error) {
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.Status != http.StatusForbidden {
		return err
	}
	p.refused[step] = err
	p.queue = slices.DeleteFunc(p.queue, func(d due) bool { return d.step == step })
	return nil
}

// blame counts what got no clear answer alone against the order, if the remote answered others in this run: in an outage
// no order is to blame. After a day without an answer a person should look, whosever fault it is.
func (p *pass) blame(tx *ledger.Tx) error {
	for _, id := range p.lone {
		before, known, err := tx.Order(id)
		if err != nil {
			return err
		}
		if !known || !p.clear && p.Now().Sub(before.Received) < 24*time.Hour {
			continue
		}
		after := before.Blame(order.Write{Step: order.Create}, p.Now())
		if after.Held() {
			p.fate[id] = held
		}
		if err := p.put(tx, before, after); err != nil {
			return err
		}
	}
	return nil
}

// strike counts calls in a row that a remote was not available for or did not answer clearly; five of them stop the
// stage. Before the next one it gets the rest it asked for, or twice as long as the time before.
func (p *pass) strike(api string, err error) (stop error) {
	if err == nil {
		p.strikes[api] = 0
		return nil
	}
	p.strikes[api]++
	p.rest[api] = time.Second << p.strikes[api]
	if e, ok := errors.AsType[*remote.Error](err); ok {
		p.rest[api] = max(p.rest[api], e.After)
	}
	if p.strikes[api] >= 5 {
		return err
	}
	return nil
}

// reason is what the remote said, without the words around it that the note has already.
func reason(err error) string {
	if e, ok := errors.AsType[*remote.Error](err); ok && e.Detail != "" {
		return e.Detail
	}
	return err.Error()
}

// grace lets the call that is under way end after the run was told to: it has ten seconds more, and is recorded.
func grace(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(10*time.Second, cancel)
	})
	return call, func() { stop(); cancel() }
}
