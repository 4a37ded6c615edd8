package stage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// Pull takes new DSCO orders, creates them in ShipStation and acknowledges them.
var Pull = Stage{
	Name:   "pull",
	Steps:  []order.Step{order.Create, order.Acknowledge},
	Gather: gatherPull,
}

const (
	fresh    = 30 * time.Second   // DSCO takes no window that ends within the last 5 s
	ripe     = 15 * time.Minute   // a received order this long unchanged counts as ready
	byID     = 10                 // orders read one by one in a run, before a list is cheaper
	restless = time.Hour          // a held order is not read by its id more often
	travel   = 3 * 24 * time.Hour // an order found in ShipStation is searched in DSCO from this long before
	daily    = 24 * time.Hour     //
	overlap  = time.Hour          // clocks differ
)

// gatherPull reads what is new in DSCO, what became of the open orders, and what the store has of those that may be
// created. Without a cursor it reads everything within the lookback on both sides: see adopt.
func gatherPull(ctx context.Context, r *Runner, since Since) (Catch, error) {
	g := &gathering{Runner: r, Catch: newCatch(), since: since}
	if since.Cursor.IsZero() {
		return g.Catch, g.adopt(ctx)
	}
	for _, look := range []func(context.Context) error{g.list, g.answers, g.absent, g.store, g.day} {
		if err := look(ctx); err != nil {
			return g.Catch, err
		}
	}
	return g.Catch, nil
}

// gathering is one look at both remotes.
type gathering struct {
	*Runner
	Catch
	since Since
}

// list drains the orders that DSCO counts as created. Those acknowledged leave it by themselves, so nothing hangs on
// the cursor: an order stays listed until it was taken.
func (g *gathering) list(ctx context.Context) error {
	now := g.Now()
	status := []string{"created"}
	if slices.Contains(g.Lifecycles, "acknowledged") {
		status = append(status, "shipment_pending")
	}
	scan, err := g.orders(ctx, dsco.Query{CreatedSince: now.Add(-g.Lookback), Status: status})
	if err != nil {
		return err
	}
	others := map[string]int{}
	for _, o := range scan.Orders {
		if g.takes(o, scan.Began) {
			g.Take[order.ID(o.ID)] = true
			g.Seen++
		} else {
			others[o.Lifecycle]++
		}
	}
	g.Skipped, g.Cursor = scan.Skipped, now.Add(-fresh)
	if g.Seen == 0 && len(others) > 0 {
		g.Remark = "no order to pull, but DSCO shows orders that are not to be taken yet or at all, by lifecycle: " + counts(others)
		g.Log.Info(g.Remark)
	}
	return nil
}

// orders lists DSCO orders and takes note of each.
func (g *gathering) orders(ctx context.Context, q dsco.Query) (dsco.Scan, error) {
	q.Progress = func(n int) { g.progress("pull", "reading orders from DSCO", n, 0) }
	scan, err := g.scan(ctx, q)
	if err != nil {
		return scan, err
	}
	for _, o := range scan.Orders {
		g.document(o, scan.Began)
	}
	if scan.Skipped > 0 {
		g.Log.Warn(fmt.Sprintf("%d orders from DSCO have no order id and were skipped: nothing can be done with them until DSCO names them", scan.Skipped))
	}
	return scan, nil
}

// scan lists DSCO orders until half a minute ago by DSCO's clock: it takes no window that ends within its last 5 s. Where
// our clock is ahead, the first answer tells.
func (g *gathering) scan(ctx context.Context, q dsco.Query) (dsco.Scan, error) {
	q.Test = g.TestOrders
	q.Until = g.until()
	scan, err := g.DSCO.Orders(ctx, q)
	if again := g.until(); remote.KindOf(err) == remote.Rejected && again.Before(q.Until.Add(-fresh/2)) {
		q.Until = again
		scan, err = g.DSCO.Orders(ctx, q)
	}
	return scan, err
}

func (g *gathering) until() time.Time { return g.Now().Add(-g.ahead() - fresh) }

// ahead is by how much our clock is ahead of DSCO's, as far as DSCO's answers told.
func (r *Runner) ahead() time.Duration { return max(0, r.DSCO.API.Skew()) }

// document takes note of an order as DSCO shows it.
func (g *gathering) document(o dsco.Order, began time.Time) {
	id, began := order.ID(o.ID), stamp(began)
	g.see(id, sighting(o, began, proves(began, g.DSCOSettle), g.since.Salt))
	g.Documents[id] = o
}

// takes tells whether a new order is one to pull.
func (g *gathering) takes(o dsco.Order, began time.Time) bool {
	old := !o.Created.IsZero() && o.Created.Before(began.Add(-g.Lookback))
	if o.Status == "cancelled" || old || !slices.Contains(g.Lifecycles, o.Lifecycle) {
		return false
	}
	switch o.Lifecycle {
	case "received": // post-processing: address and lines may still change
		return !o.Updated.IsZero() && began.Sub(o.Updated) > ripe
	case "acknowledged": // by DSCO itself; with a package somebody ships it already
		return o.Status == "shipment_pending" && len(o.Packages) == 0
	}
	return o.Status == "" || o.Status == "created"
}

// store lists what the configured store has, from the oldest order on that may be created now or that is in doubt.
// What is found is adopted and never posted over.
func (g *gathering) store(ctx context.Context) error {
	want := map[order.ID]bool{}
	oldest := g.Now()
	for id := range g.Take {
		want[id] = true
	}
	for _, o := range g.since.Open {
		for _, s := range g.Sightings[o.ID] { // what was just seen may have lifted its hold, or closed it
			o = o.See(s)
		}
		switch {
		case o.Created(), o.Intent == nil && o.Note(order.Write{Step: order.Create}).Held:
			delete(want, o.ID)
		default:
			want[o.ID] = true
		}
	}
	// An open row that wants nothing is not in since.Open: the ledger knows it.
	if err := g.forget(want); err != nil {
		return err
	}
	if len(want) == 0 {
		return nil
	}
	for id := range want {
		if o, ok := g.Documents[id]; ok {
			oldest = g.earlier(oldest, o.Created)
		}
	}
	for _, o := range g.since.Open {
		if want[o.ID] {
			oldest = g.earlier(oldest, o.DSCO.Created)
		}
	}
	list, err := g.ShipStation.Orders(ctx, shipstation.Query{StoreID: g.Translation.StoreID, CreatedSince: oldest.Add(-overlap)})
	if err != nil {
		return err
	}
	g.claim(list, want)
	return nil
}

// forget drops the orders that are in ShipStation already.
func (g *gathering) forget(want map[order.ID]bool) error {
	return g.Ledger.View(func(tx *ledger.Tx) error {
		for id := range want {
			o, _, err := tx.Order(id)
			if err != nil {
				return err
			}
			if o.Created() {
				delete(want, id)
			}
		}
		return nil
	})
}

// claim hands the ShipStation orders to the DSCO orders they belong to; those wanted that have none hear that too.
func (g *gathering) claim(list shipstation.List, want map[order.ID]bool) map[order.ID][]order.Ref {
	known := func(id order.ID) bool { _, ok := g.Documents[id]; return ok || want[id] }
	refs := map[order.ID][]order.Ref{}
	for _, so := range list.Orders {
		for _, id := range owners(so, g.Translation.StoreID, known) {
			refs[id] = append(refs[id], dated(asRef(so, id, g.lines(id)), list.Began))
		}
	}
	began := stamp(list.Began)
	p := proves(began, g.ShipStationSettle)
	for _, id := range slices.Sorted(maps.Keys(refs)) {
		g.see(id, order.InShipStation{Began: began, Proves: p, Refs: refs[id]})
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if len(refs[id]) == 0 {
			g.see(id, order.InShipStation{Began: began, Proves: p})
		}
	}
	return refs
}

// lines are those of an order, as far as this look knows them.
func (g *gathering) lines(id order.ID) []order.Line {
	if doc, ok := g.Documents[id]; ok {
		return sightLines(doc)
	}
	for _, o := range g.since.Open {
		if o.ID == id {
			return o.Lines
		}
	}
	return nil
}

// dated makes sure that it is known since when a ShipStation order is cancelled: not later than it was seen so.
func dated(r order.Ref, began time.Time) order.Ref {
	if !r.Live() && (r.Since.IsZero() || r.Since.After(began)) {
		r.Since = stamp(began)
	}
	return r
}

// day looks, once a day, for orders that are open in DSCO and that no ShipStation order answers to, whatever their age.
func (g *gathering) day(ctx context.Context) error {
	now := g.Now()
	if since := now.Sub(g.since.Daily); since >= 0 && since < daily {
		return nil
	}
	scan, err := g.scan(ctx, dsco.Query{CreatedSince: now.Add(-g.Retention), Status: []string{"created", "shipment_pending"}})
	if err != nil {
		return err
	}
	missing := &ledger.Missing{At: scan.Began}
	err = g.Ledger.View(func(tx *ledger.Tx) error {
		for _, o := range scan.Orders {
			id := order.ID(o.ID)
			row, known, err := tx.Order(id)
			if err != nil {
				return err
			}
			if known && !row.Missed() || g.Take[id] || len(o.Packages) > 0 {
				continue // in ShipStation, on its way there, kept back for all to see, or shipped by somebody else
			}
			if o.Lifecycle == "received" || slices.Contains(g.Lifecycles, o.Lifecycle) && !o.Created.Before(scan.Began.Add(-g.Lookback)) {
				continue // not ready yet: a later run takes it
			}
			missing.Count++
			if len(missing.Orders) < 100 {
				missing.Orders = append(missing.Orders, id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	g.Missing = missing
	return nil
}

func counts(n map[string]int) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%d %s", n[k], cmp.Or(k, "without one")))
	}
	return strings.Join(parts, ", ")
}
