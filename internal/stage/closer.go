package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// doubts looks at what nobody knows the outcome of: a write to a ShipStation order by its id, a cancellation in DSCO in
// the change log or by the order's id.
func (k *cancelling) doubts(ctx context.Context) error {
	if err := k.answers(ctx); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(k.rows)) {
		in := k.rows[id].Intent
		switch {
		case in == nil:
		case in.Write.Ref != 0:
			if _, err := k.find(ctx, id, in.Write.Ref); err != nil {
				return err
			}
		case in.Write.Step == order.CancelDSCO:
			if _, err := k.inDSCO(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// lost looks once a day, by their ids, for orders cancelled in DSCO that ShipStation said it does not have: no list shows
// them, and nobody else looks for what is to be shipped no more.
func (k *cancelling) lost(ctx context.Context) error {
	for _, id := range slices.Sorted(maps.Keys(k.rows)) {
		o := k.rows[id]
		if o.Lost.IsZero() || o.State() != order.Cancelled || !o.Live() || k.Now().Sub(o.LookedStore) < silent {
			continue
		}
		for _, r := range o.ShipStation {
			if !r.Live() {
				continue
			}
			if _, err := k.find(ctx, id, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// find reads one ShipStation order by its id, and tells whether it could. One that cannot be read holds up no other.
func (k *cancelling) find(ctx context.Context, id order.ID, ref int64) (read bool, err error) {
	began := stamp(k.Now())
	so, err := k.ShipStation.Order(ctx, ref)
	switch {
	case remote.KindOf(err) == remote.Missing:
		k.fold(id, order.LostReceipt{At: began, Ref: ref})
	case err != nil:
		return false, k.skip(ctx, id, err)
	default:
		k.fold(id, found(so, id, k.rows[id].Lines, began, k.ShipStationSettle))
	}
	k.unread = 0
	return true, nil
}

// skip leaves an order to a later run that ShipStation could not show: nil, unless that is not the order's own trouble.
func (k *cancelling) skip(ctx context.Context, id order.ID, err error) error {
	k.unread++
	if ctx.Err() != nil || remote.KindOf(err) == remote.Unauthorized || k.unread == 5 { // in a row: an outage
		return err
	}
	k.Log.Warn(fmt.Sprintf("order %s cannot be read from ShipStation, a later run tries again: %v", id, err))
	return nil
}

// found is a ShipStation order that was read by its id.
func found(so shipstation.Order, id order.ID, lines []order.Line, began time.Time, settle time.Duration) order.FoundReceipt {
	f := order.FoundReceipt{At: began, Proves: proves(began, settle), Ref: dated(asRef(so, id, lines), began)}
	if so.Status == "on_hold" && so.HoldUntil.Equal(shipstation.Forever) {
		f.Mark = stamp(so.Modified)
	}
	return f
}

// inDSCO reads one order from DSCO by its id, and tells whether it was there.
func (k *cancelling) inDSCO(ctx context.Context, id order.ID) (read bool, err error) {
	n := len(k.Sightings[id])
	if err := k.try(ctx, id); err != nil {
		return false, err
	}
	for _, s := range k.Sightings[id][n:] {
		k.rows[id] = k.rows[id].See(s)
		_, shown := s.(order.InDSCO)
		read = read || shown
	}
	return read, nil
}

// closer looks closely at the orders that need a write: for parcels that were made meanwhile, and, where DSCO is to hear
// of a cancellation, at the order itself on both sides and at what was split off from it.
func (k *cancelling) closer(ctx context.Context) error {
	planned := map[order.Step][]order.ID{}
	withdrawing := 0
	rules := k.rules(k.Now(), k.since.Blank, cancelSteps...)
	for _, id := range slices.Sorted(maps.Keys(k.rows)) {
		o := k.rows[id]
		if w, due := o.Next(rules); due {
			planned[w.Step] = append(planned[w.Step], id)
		}
		if o.Withdrawing() { // a mass edit may be under way: those that are told in the next run count already
			withdrawing++
		}
	}
	if len(planned) == 0 {
		return nil
	}
	if err := k.parcels(ctx, planned); err != nil {
		return err
	}
	if told := planned[order.CancelDSCO]; withdrawing > k.MaxCancels && !k.Force {
		k.Guarded = told
		delete(planned, order.CancelDSCO)
	}
	if n := len(planned[order.CancelShipStation]); n > k.MaxCancels {
		k.Log.Warn(fmt.Sprintf("DSCO has cancelled %d orders that are open in ShipStation, more than sync.max_cancels (%d): they are cancelled there, too; look whether that is right", n, k.MaxCancels))
	}
	for step, ids := range planned {
		for _, id := range ids {
			k.Checked[id] = step != order.CancelDSCO
		}
	}
	for i, id := range planned[order.CancelDSCO] {
		k.progress(cancelName, "looking at cancelled orders", i, len(planned[order.CancelDSCO]))
		sure, err := k.siblings(ctx, id)
		if err != nil {
			return err
		}
		k.Checked[id] = sure
	}
	return nil
}

// parcels lists the labels since push-tracking last looked. A void matters only to an order that a label is known of.
func (k *cancelling) parcels(ctx context.Context, planned map[order.Step][]order.ID) error {
	cursor, own := k.Cursor, k.since.Cursor
	k.since.Cursor = k.since.Tracked
	labelled := slices.ContainsFunc(slices.Concat(slices.Collect(maps.Values(planned))...), func(id order.ID) bool { return len(k.rows[id].Parcels) > 0 })
	err := k.labels(ctx, labelled)
	k.since.Cursor, k.Cursor = own, cursor // the labels' cursor is push-tracking's
	return err
}

// siblings looks at an order of which DSCO is to hear that it was cancelled in ShipStation, and tells whether all of it
// could be read: DSCO does not take a cancellation back. The list goes first: what is read by its id is newer than what
// any list shows.
func (k *cancelling) siblings(ctx context.Context, id order.ID) (sure bool, err error) {
	list, err := k.ShipStation.Orders(ctx, shipstation.Query{Number: string(id)})
	if err != nil {
		return false, k.skip(ctx, id, err)
	}
	if err := k.fromStore(list); err != nil {
		return false, err
	}
	for _, r := range slices.Clone(k.rows[id].ShipStation) {
		if read, err := k.find(ctx, id, r.ID); err != nil || !read {
			return false, err
		}
	}
	return k.inDSCO(ctx, id)
}

// guard holds the cancellations that are not told to DSCO because there are too many at once: a wrong store or a mass
// edit must not cancel a season's orders.
func (p *pass) guard(tx *ledger.Tx) error {
	if len(p.catch.Guarded) == 0 {
		return nil
	}
	var ids []string
	told := len(p.news)
	for _, id := range p.catch.Guarded {
		before, known, err := tx.Order(id)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		ids = append(ids, string(id))
		p.fate[id] = held
		after := before.Fail(order.Note{Write: order.Write{Step: order.CancelDSCO}, Code: order.Guarded, Held: true, At: p.Now(), Text: p.tooMany(),
			Hint: "if they are meant, run: dscosync cancel-sync --force; if not, restore them in ShipStation"}, p.Now())
		if err := p.put(tx, before, after); err != nil {
			return err
		}
	}
	p.result.Guarded = ids
	p.news = p.news[:told] // the run names them all at once
	return nil
}

func (p *pass) tooMany() string {
	return fmt.Sprintf("cancelled in ShipStation, but DSCO was not told: more than %d orders (sync.max_cancels) were cancelled at once", p.MaxCancels)
}
