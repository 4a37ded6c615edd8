package stage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
)

// adopt is the gathering of a ledger that knows nothing: new, lost, or moved from another tool. It reads the store's
// open orders of any age and all of the lookback, and what DSCO says of them and of all orders of the lookback.
func (g *gathering) adopt(ctx context.Context) error {
	all, err := g.everything(ctx)
	if err != nil {
		return err
	}
	now := g.Now()
	oldest := now.Add(-g.Lookback)
	claimed := map[order.ID]bool{}
	for _, so := range all.Orders {
		for _, id := range keys(so) {
			claimed[id] = true
			if from := so.Created.Add(-travel); !so.Created.IsZero() && from.Before(oldest) {
				oldest = from
			}
		}
	}
	scan, err := g.orders(ctx, dsco.Query{CreatedSince: oldest})
	if err != nil {
		return err
	}
	g.Skipped, g.Cursor = scan.Skipped, now.Add(-fresh)
	for id := range g.likely(all) {
		claimed[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(claimed)) {
		if g.shown(id) {
			continue
		}
		if err := g.try(ctx, id); err != nil {
			return err
		}
	}
	want := map[order.ID]bool{}
	for id, o := range g.Documents {
		if g.takes(o, scan.Began) {
			want[id], g.Take[id] = true, true
		}
	}
	if all, err = g.complete(ctx, all); err != nil {
		return err
	}
	for id := range g.claim(all, want) {
		g.Take[id] = g.shown(id)
	}
	for id := range g.Documents {
		if !g.Take[id] {
			delete(g.Sightings, id)
			delete(g.Documents, id)
		}
	}
	g.Seen = len(g.Take)
	return g.day(ctx)
}

func (g *gathering) shown(id order.ID) bool { _, ok := g.Documents[id]; return ok }

// complete lists the store again once it shows all that was written before this ledger was there: a ledger that was lost
// may have created something a moment ago. Only then may what is not listed be created.
func (g *gathering) complete(ctx context.Context, all shipstation.List) (shipstation.List, error) {
	wait := g.ShipStationSettle - all.Began.Sub(g.since.Blank)
	if len(g.Documents) == 0 || g.DryRun || wait <= 0 { // below 0 also where nobody noted when it was made
		return all, nil
	}
	wait = min(wait, g.ShipStationSettle) // whatever the clock did
	g.Log.Info(fmt.Sprintf("a new state file: waiting %s until ShipStation's lists show all that was there before", wait.Round(time.Second)))
	g.progress("pull", "waiting until ShipStation's lists show all that was there before", 0, 0)
	if err := pause(ctx, wait); err != nil {
		return all, err
	}
	list, err := g.ShipStation.Orders(ctx, shipstation.Query{StoreID: g.Translation.StoreID, CreatedSince: g.since.Blank.Add(-overlap)})
	if err != nil {
		return all, err
	}
	all.Began = list.Began
	for _, so := range list.Orders {
		if !slices.ContainsFunc(all.Orders, func(have shipstation.Order) bool { return have.ID == so.ID }) {
			all.Orders = append(all.Orders, so)
		}
	}
	return all, nil
}

// most is how many orders without keys of ours are looked up in DSCO by their numbers.
const most = 200

// likely are the numbers in the store that another tool may have taken from DSCO: as long as DSCO's ids are, and of
// orders that the list did not reach.
func (g *gathering) likely(all shipstation.List) map[order.ID]bool {
	length := map[int]bool{10: true} // as of all ids recorded
	for id := range g.Documents {
		length[len(id)] = true
	}
	found := map[order.ID]bool{}
	for _, so := range all.Orders {
		if len(keys(so)) == 0 && digits(so.Number) && length[len(so.Number)] && !g.shown(order.ID(so.Number)) {
			if len(found) == most {
				g.Log.Warn(fmt.Sprintf("the store has more than %d orders whose numbers may be DSCO's; only the first were looked up", most))
				break
			}
			found[order.ID(so.Number)] = true
		}
	}
	return found
}

// everything lists the store: open orders of any age, and what was created or changed within the lookback.
func (g *gathering) everything(ctx context.Context) (shipstation.List, error) {
	since := g.Now().Add(-g.Lookback)
	queries := []shipstation.Query{{CreatedSince: since}, {ModifiedSince: since}}
	for _, status := range []string{"awaiting_payment", "awaiting_shipment", "pending_fulfillment", "on_hold"} {
		queries = append(queries, shipstation.Query{Status: status})
	}
	var all shipstation.List
	have := map[int64]bool{}
	for i, q := range queries {
		q.StoreID = g.Translation.StoreID
		list, err := g.ShipStation.Orders(ctx, q)
		if err != nil {
			return all, err
		}
		if i == 0 {
			all.Began = list.Began
		}
		for _, so := range list.Orders {
			if !have[so.ID] {
				have[so.ID] = true
				all.Orders = append(all.Orders, so)
			}
		}
	}
	return all, nil
}
