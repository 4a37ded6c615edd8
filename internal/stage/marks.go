package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// marks lists the orders marked as shipped. A mark tells no items: it covers what its ShipStation order holds, once that
// is shipped.
func (t *tracking) marks(ctx context.Context) error {
	list, err := t.ShipStation.Fulfillments(ctx, shipstation.FulfillmentQuery{CreatedSince: t.from(), SkipBad: true})
	if err != nil {
		return err
	}
	if list.Bad > 0 {
		t.Log.Warn(fmt.Sprintf("ShipStation cannot show %d orders marked as shipped; the others go on, and later runs look again", list.Bad))
		t.Cursor = time.Time{}
	}
	for _, f := range list.Fulfillments {
		if err := t.mark(ctx, f, stamp(list.Began)); err != nil {
			return err
		}
	}
	return nil
}

// mark takes note of a mark on an order of ours, or on several that were combined in ShipStation. It is understood once:
// later ones of the same order change what that holds, not what went with this one.
func (t *tracking) mark(ctx context.Context, f shipstation.Fulfillment, began time.Time) error {
	p := order.Parcel{ID: -f.ID, Ref: f.OrderID, Marked: true, Number: strings.TrimSpace(f.Tracking), Name: f.Carrier, Service: f.Service, Created: stamp(f.Created), Ships: stamp(f.Shipped)}
	if p.Number == "" {
		return nil
	}
	if f.Voided {
		p.Voided = began
	}
	if f.Voided {
		if err := t.recall(p.ID, f.OrderNumber); err != nil {
			return err
		}
	}
	if known := t.marked[p.ID]; len(known) > 0 {
		for _, id := range known {
			for _, have := range t.rows[id].Parcels {
				if have.ID == p.ID {
					p.Lines = have.Lines
				}
			}
			t.take(id, p, began)
		}
		return nil
	}
	if _, ours := t.byRef[f.OrderID]; !ours && !t.named(f.OrderNumber) {
		return nil
	}
	held, err := t.held(ctx, f.OrderID)
	for id, lines := range held {
		p.Lines = lines
		t.take(id, p, began)
	}
	return err
}

// recall finds whose a voided mark is when its order wants nothing any more: it was shipped by this mark.
func (t *tracking) recall(parcel int64, number string) error {
	id := order.ID(number)
	if whole, part, ok := cutLast(number, "-"); ok && digits(part) {
		id = order.ID(whole)
	}
	if _, open := t.rows[id]; open {
		return nil
	}
	return t.Ledger.View(func(tx *ledger.Tx) error {
		o, _, err := tx.Order(id)
		if slices.ContainsFunc(o.Parcels, func(p order.Parcel) bool { return p.ID == parcel }) {
			t.rows[id], t.marked[parcel] = o, []order.ID{id}
		}
		return err
	})
}

// named tells whether a number is that of an open order, or of a part split off it. That proves nothing yet: the order is
// read then.
func (t *tracking) named(number string) bool {
	if _, ours := t.rows[order.ID(number)]; ours {
		return true
	}
	whole, part, ok := cutLast(number, "-")
	_, ours := t.rows[order.ID(whole)]
	return ok && ours && digits(part)
}

// held are the lines that a ShipStation order holds, by the orders they belong to; none while it is not shipped. A part
// that was split off and not known until now becomes so.
func (t *tracking) held(ctx context.Context, ref int64) (map[order.ID][]order.Packed, error) {
	began := stamp(t.Now())
	so, err := t.ShipStation.Order(ctx, ref)
	if remote.KindOf(err) == remote.Missing || err == nil && so.Status != "shipped" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	known := func(id order.ID) bool { _, ours := t.rows[id]; return ours }
	ids := slices.DeleteFunc(owners(so, t.Translation.StoreID, known), func(id order.ID) bool { return !known(id) })
	if id, ours := t.byRef[ref]; ours && !slices.Contains(ids, id) {
		ids = append(ids, id)
	}
	held := map[order.ID][]order.Packed{}
	for _, id := range ids {
		if _, ours := t.byRef[ref]; !ours {
			t.see(id, order.InShipStation{Began: began, Proves: proves(began, t.ShipStationSettle), Refs: []order.Ref{dated(asRef(so, id, t.rows[id].Lines), began)}})
		}
		for _, it := range so.Items {
			owner, n, ok := lineOf(it, id, t.rows[id].Lines)
			if !ok || owner != id || it.Adjustment || it.Quantity <= 0 {
				continue
			}
			held[id] = pack(held[id], n, it.Quantity)
		}
	}
	return held, nil
}
