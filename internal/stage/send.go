package stage

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// step is how a kind of write is sent.
type step struct {
	doing    string // for the progress
	rank     int    // lower goes first
	size     int    // how many orders a call carries at most
	document bool   // needs the DSCO document in hand
	remote   func(*Runner) *remote.API
	path     string // of the call, for the remote's pace
	checked  bool   // only of orders that were looked at closely this time
	look     func(*Runner, context.Context, due, order.Order) (*paper, outcome)
	send     func(*Runner, context.Context, chunk) map[order.ID]outcome
}

var steps = map[order.Step]step{
	order.CancelShipStation: {
		doing: "cancelling in ShipStation", rank: 1, size: 1, checked: true,
		remote: func(r *Runner) *remote.API { return r.ShipStation.API }, path: "/orders/createorder",
		look: (*Runner).lookCorrect, send: (*Runner).correct,
	},
	order.CancelDSCO: {
		doing: "telling DSCO of cancellations", rank: 0, size: 1, checked: true, // first, for it is final: while others go a person may restore the order
		remote: func(r *Runner) *remote.API { return r.DSCO.API }, path: "/order/item/cancel",
		send: (*Runner).cancel,
	},
	order.Suspend: {
		doing: "putting orders on hold", rank: 2, size: 1, checked: true,
		remote: func(r *Runner) *remote.API { return r.ShipStation.API }, path: "/orders/holduntil",
		look: (*Runner).lookSuspend, send: (*Runner).suspend,
	},
	order.Resume: {
		doing: "releasing orders", rank: 3, size: 1, checked: true,
		remote: func(r *Runner) *remote.API { return r.ShipStation.API }, path: "/orders/restorefromhold",
		look: (*Runner).lookResume, send: (*Runner).resume,
	},
	order.Acknowledge: {
		doing: "acknowledging", rank: 5, size: 1000,
		remote: func(r *Runner) *remote.API { return r.DSCO.API }, path: "/order/acknowledge",
		send: (*Runner).acknowledge,
	},
	order.Ship: {
		doing: "telling DSCO of parcels", rank: 4, size: 1,
		remote: func(r *Runner) *remote.API { return r.DSCO.API }, path: "/order/singleShipment",
		send: (*Runner).ship,
	},
	order.Create: {
		doing: "creating orders in ShipStation", rank: 6, size: 100, document: true,
		remote: func(r *Runner) *remote.API { return r.ShipStation.API }, path: "/orders/createorders",
		send: (*Runner).create,
	},
}

// chunk is what one call is about, and how it ended.
type chunk struct {
	step     order.Step
	size     int // at most
	tries    int // of each of its orders
	rows     []due
	orders   []shipstation.NewOrder // for Create
	shipment dsco.Shipment          // for Ship
	cancel   dsco.Cancellation      // for CancelDSCO
	paper    *paper                 // for a step that looks first
	order    order.Order            // for a step that looks first: the row the paper was made for
	outcomes map[order.ID]outcome
	answer   remote.Answer // to the call as a whole
}

// outcome is what a call brought for one order: a sighting, or an error. Own says that the error is about this order
// and no other of the call.
type outcome struct {
	sighting order.Sighting
	err      error
	own      bool
}

// create makes orders in ShipStation. A crash here leaves intents: the next run's look at the store finds what was
// created and adopts it, and what is not there after the settle time is created then.
func (r *Runner) create(ctx context.Context, c chunk) map[order.ID]outcome {
	results, err := r.ShipStation.CreateOrders(ctx, c.orders)
	if err != nil {
		return all(c, err)
	}
	byKey := map[string]shipstation.Result{}
	for _, res := range results {
		byKey[res.Key] = res
		if res.Key == "" { // the position proves nothing, the number does
			byKey[Key(order.ID(res.Number))] = res
		}
	}
	outcomes := map[order.ID]outcome{}
	for i, d := range c.rows {
		res, answered := byKey[Key(d.id)]
		switch {
		case !answered:
			outcomes[d.id] = outcome{err: unclear("create orders", "the answer has no word of this order")}
		case res.OK: // with an id: without one the client gives no result
			ref := order.Ref{ID: res.OrderID, Number: c.orders[i].Number, Key: c.orders[i].Key, Status: c.orders[i].Status, Store: c.orders[i].Advanced.StoreID, Lines: contents(c.orders[i])}
			outcomes[d.id] = outcome{sighting: order.CreatedReceipt{At: r.Now(), Ref: ref}}
		default:
			outcomes[d.id] = outcome{own: true, err: &remote.Error{API: "shipstation", Op: "create orders", Kind: remote.Rejected, Detail: res.Detail, Quoted: true}}
		}
	}
	return outcomes
}

// acknowledge tells DSCO that the supplier has the orders. A crash here leaves intents: the next run sees in DSCO's
// lists whether they were acknowledged, and asks again after the settle time. Asking twice does no harm.
func (r *Runner) acknowledge(ctx context.Context, c chunk) map[order.ID]outcome {
	ids := make([]dsco.Reference, len(c.rows))
	for i, d := range c.rows {
		ids[i].ID = string(d.id)
	}
	request, err := r.DSCO.Acknowledge(ctx, ids)
	if err != nil {
		return all(c, err)
	}
	outcomes := map[order.ID]outcome{}
	for _, d := range c.rows {
		outcomes[d.id] = outcome{sighting: order.QueuedReceipt{At: r.Now(), RequestID: request}}
	}
	return outcomes
}

func all(c chunk, err error) map[order.ID]outcome {
	outcomes := map[order.ID]outcome{}
	for _, d := range c.rows {
		outcomes[d.id] = outcome{err: err}
	}
	return outcomes
}

func unclear(op, detail string) error {
	return &remote.Error{API: "shipstation", Op: op, Kind: remote.Uncertain, Detail: detail}
}

// contents are the lines that a new order holds: its items' keys name them.
func contents(o shipstation.NewOrder) (lines []order.Packed) {
	for _, it := range o.Items {
		if _, number, ok := cutLast(it.Key, ":"); ok {
			if n, err := strconv.Atoi(number); err == nil {
				lines = pack(lines, n, it.Quantity)
			}
		}
	}
	slices.SortFunc(lines, func(a, b order.Packed) int { return cmp.Compare(a.Line, b.Line) })
	return lines
}
