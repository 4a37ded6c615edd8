package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
)

// Cancel carries cancellations in both directions.
var Cancel = Stage{
	Name:   cancelName,
	Steps:  cancelSteps,
	Gather: gatherCancel,
}

var cancelSteps = []order.Step{order.CancelShipStation, order.CancelDSCO, order.Suspend, order.Resume}

const (
	cancelName = "cancel-sync"

	hourly = time.Hour      // what a cancel request may not move the update date of is looked at this often
	behind = 48 * time.Hour // once a day the list of updates is read again from this long before
)

// cancelling is a gathering of what was cancelled on either side.
type cancelling struct {
	*tracking
	known  map[order.ID]bool // whether the ledger has a row of an order
	unread int               // ShipStation orders in a row that could not be read
}

// gatherCancel reads what changed on both sides since the cursor. Orders that need a write are then looked at closely:
// nothing is cancelled because of a list alone.
func gatherCancel(ctx context.Context, r *Runner, since Since) (Catch, error) {
	g := &gathering{Runner: r, Catch: newCatch(), since: since}
	if since.Adopted.IsZero() {
		if err := g.adopt(ctx); err != nil {
			return g.Catch, err
		}
		g.Adopted = g.Cursor
	}
	k := newCancelling(g)
	looks := []func(context.Context) error{k.updated, k.changed, k.doubts, k.lost, k.closer}
	if since.Adopted.IsZero() { // it has just read everything
		looks = looks[2:]
	}
	for _, look := range looks {
		if err := look(ctx); err != nil {
			return k.Catch, err
		}
	}
	k.Seen = len(k.Sightings)
	return k.Catch, nil
}

func newCancelling(g *gathering) *cancelling {
	return &cancelling{tracking: newTracking(g), known: map[order.ID]bool{}}
}

// updated lists what changed in DSCO, and once an hour all orders that wait for the supplier: a retailer's request to
// cancel may not count as a change.
func (k *cancelling) updated(ctx context.Context) error {
	now := k.Now()
	since := k.since.Cursor.Add(-overlap)
	if k.since.Cursor.IsZero() {
		since = k.oldest()
	}
	if k.due(k.since.Daily, daily) {
		k.Daily = true
		if from := now.Add(-behind); from.Before(since) {
			since = from
		}
	}
	if err := k.list(ctx, dsco.Query{UpdatedSince: since}); err != nil {
		return err
	}
	k.Cursor = now.Add(-k.ahead() - fresh) // a clock that is ahead must not put it beyond what DSCO shows late
	if open := k.oldest(); k.due(k.since.Hourly, hourly) && open.Before(now) {
		k.Hourly = true
		return k.list(ctx, dsco.Query{CreatedSince: open.Add(-overlap), Status: []string{"shipment_pending"}})
	}
	return nil
}

func (k *cancelling) due(last time.Time, every time.Duration) bool {
	since := k.Now().Sub(last)
	return since < 0 || since >= every
}

// oldest is when the oldest open order was created.
func (k *cancelling) oldest() time.Time {
	oldest := k.Now()
	for _, o := range k.since.Open {
		oldest = k.earlier(oldest, o.DSCO.Created)
	}
	return oldest
}

// list takes note of the orders of a DSCO list that the ledger knows. The documents are not kept: no write here needs
// one.
func (k *cancelling) list(ctx context.Context, q dsco.Query) error {
	q.Progress = func(n int) { k.progress(cancelName, "reading orders from DSCO", n, 0) }
	scan, err := k.scan(ctx, q)
	if err != nil {
		return err
	}
	ids := make([]order.ID, len(scan.Orders))
	for i, o := range scan.Orders {
		ids[i] = order.ID(o.ID)
	}
	if err := k.load(ids); err != nil {
		return err
	}
	began := stamp(scan.Began)
	for _, o := range scan.Orders {
		k.fold(order.ID(o.ID), sighting(o, began, proves(began, k.DSCOSettle), k.since.Salt))
	}
	return nil
}

// load reads the rows of orders that are not among the open ones: a finished one may be cancelled, or restored, too.
func (k *cancelling) load(ids []order.ID) error {
	return k.Ledger.View(func(tx *ledger.Tx) error {
		for _, id := range ids {
			if _, asked := k.known[id]; asked {
				continue
			}
			o, known, err := tx.Order(id)
			if err != nil {
				return err
			}
			k.known[id] = known
			if _, have := k.rows[id]; known && !have {
				k.rows[id] = o.Clamp(k.Now())
				for _, ref := range o.ShipStation {
					k.byRef[ref.ID] = id
				}
			}
		}
		return nil
	})
}

// fold takes note of a sighting that shows something new.
func (k *cancelling) fold(id order.ID, s order.Sighting) {
	before, known := k.rows[id]
	if !known {
		return
	}
	after := before.See(s)
	if after.Differs(before) {
		k.rows[id] = after
		k.see(id, s)
	}
}

// changed lists what changed in ShipStation, in the store and in those that orders were moved to.
func (k *cancelling) changed(ctx context.Context) error {
	since := k.since.Cursor
	if since.IsZero() {
		since = k.oldest()
	}
	for _, store := range k.stores() {
		k.progress(cancelName, "reading orders from ShipStation", 0, 0)
		list, err := k.ShipStation.Orders(ctx, shipstation.Query{StoreID: store, ModifiedSince: since.Add(-lapse), SkipBad: true})
		if err != nil {
			return err
		}
		if list.Bad > 0 {
			k.Log.Warn(fmt.Sprintf("ShipStation cannot show %d of its orders; the others go on, and later runs look again", list.Bad))
			k.Cursor = time.Time{} // it stays below what could not be read
		}
		if err := k.fromStore(list); err != nil {
			return err
		}
	}
	return nil
}

// stores are those that orders of ours stand in.
func (k *cancelling) stores() []int64 {
	ids := map[int64]bool{k.Translation.StoreID: true}
	for _, o := range k.since.Open {
		for _, r := range o.ShipStation {
			if r.Store != 0 && r.Live() && r.Status != "shipped" {
				ids[r.Store] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// fromStore hands ShipStation orders to the rows they belong to.
func (k *cancelling) fromStore(list shipstation.List) error {
	var ids []order.ID
	for _, so := range list.Orders {
		ids = append(ids, keys(so)...)
		number, _, _ := cutLast(so.Number, "-")
		ids = append(ids, order.ID(so.Number), order.ID(number))
	}
	if err := k.load(ids); err != nil {
		return err
	}
	refs := map[order.ID][]order.Ref{}
	for _, so := range list.Orders {
		for _, id := range k.owners(so) {
			refs[id] = append(refs[id], dated(asRef(so, id, k.rows[id].Lines), list.Began))
		}
	}
	began := stamp(list.Began)
	for _, id := range slices.Sorted(maps.Keys(refs)) {
		if k.rows[id].Created() { // what is not created yet is pull's
			k.fold(id, order.InShipStation{Began: began, Proves: proves(began, k.ShipStationSettle), Refs: refs[id]})
		}
	}
	return nil
}

func (k *cancelling) owners(so shipstation.Order) []order.ID {
	ids := owners(so, k.Translation.StoreID, func(id order.ID) bool { _, known := k.rows[id]; return known })
	if id, ours := k.byRef[so.ID]; ours && !slices.Contains(ids, id) { // once ours it stays ours
		ids = append(ids, id)
	}
	return slices.DeleteFunc(ids, func(id order.ID) bool { _, known := k.rows[id]; return !known })
}
