package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/remote"
)

// answers asks the change log how writes of earlier runs ended that DSCO had queued.
func (g *gathering) answers(ctx context.Context) error {
	asked := map[string]bool{}
	for _, o := range g.since.Open {
		if o.Intent == nil || o.Intent.RequestID == "" || asked[o.Intent.RequestID] {
			continue
		}
		asked[o.Intent.RequestID] = true
		answers, _, err := g.log(ctx, o.Intent.RequestID, o.Intent.Write.Step)
		if ctx.Err() != nil {
			return err
		}
		if err != nil { // an outage, or a right the account lacks: what the lists show settles the doubts, too
			g.Log.Info("the change log cannot be read, DSCO's lists tell instead: " + err.Error())
			return nil
		}
		for id, s := range answers {
			g.see(id, s)
		}
	}
	return nil
}

// log reads what became of the orders of one request.
func (r *Runner) log(ctx context.Context, request string, step order.Step) (answers map[order.ID]order.Sighting, ended bool, err error) {
	ended, results, err := r.DSCO.Log(ctx, request)
	if err != nil {
		return nil, false, err
	}
	answers = map[order.ID]order.Sighting{}
	for id, res := range results {
		switch {
		case !res.OK:
			answers[order.ID(id)] = order.RefusedReceipt{At: r.Now(), RequestID: request, Text: "refused by DSCO: " + cmp.Or(res.Detail, "no reason given")}
		case step == order.CancelDSCO:
			answers[order.ID(id)] = order.CancelledReceipt{At: r.Now(), RequestID: request}
		default:
			answers[order.ID(id)] = order.AcknowledgedReceipt{At: r.Now(), RequestID: request}
		}
	}
	return answers, ended, nil
}

// absent looks after open orders that the list no longer shows: acknowledged, cancelled, or older than the lookback.
// A few are read by their ids; more of them, and those that cannot be read so, through one list of all statuses.
func (g *gathering) absent(ctx context.Context) error {
	var gone []order.Order
	for _, o := range g.since.Open {
		waits := o.Intent == nil && o.Note(order.Write{Step: order.Create}).Held // for a person, who takes longer
		if len(g.Sightings[o.ID]) == 0 && !(waits && g.Now().Sub(o.Looked) < restless) {
			gone = append(gone, o)
			g.see(o.ID, order.Looked{At: g.Now()})
		}
	}
	if len(gone) <= byID {
		for _, o := range gone {
			if err := g.try(ctx, o.ID); err != nil {
				return err
			}
		}
	}
	gone = slices.DeleteFunc(gone, func(o order.Order) bool { return len(g.Sightings[o.ID]) > 1 })
	if len(gone) == 0 {
		return nil
	}
	oldest := g.Now()
	for _, o := range gone {
		oldest = g.earlier(oldest, o.DSCO.Created)
	}
	_, err := g.orders(ctx, dsco.Query{CreatedSince: oldest.Add(-overlap)})
	return err
}

// earlier is the earlier of two times of creation. An order that does not tell its own counts as old as those that are
// taken can be.
func (g *gathering) earlier(oldest, created time.Time) time.Time {
	if created.IsZero() {
		created = g.Now().Add(-g.Lookback)
	}
	if created.Before(oldest) {
		return created
	}
	return oldest
}

// try reads one order by its id. One that DSCO cannot show holds up no other.
func (g *gathering) try(ctx context.Context, id order.ID) error {
	err := g.read(ctx, id)
	if e, ok := errors.AsType[*remote.Error](err); err == nil || ctx.Err() != nil || ok && e.Status == http.StatusUnauthorized {
		return err
	}
	g.Log.Warn(fmt.Sprintf("order %s cannot be read from DSCO, a later run tries again: %v", id, err))
	return nil
}

// read reads one order from DSCO by its id.
func (g *gathering) read(ctx context.Context, id order.ID) error {
	began := g.Now()
	o, err := g.DSCO.Order(ctx, string(id))
	if remote.KindOf(err) == remote.Missing {
		g.see(id, order.Gone{At: began})
		return nil
	}
	if err != nil {
		return err
	}
	g.document(o, began)
	return nil
}
