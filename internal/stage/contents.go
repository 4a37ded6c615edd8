package stage

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// contents are the lines in a label, by the orders they belong to. Its items' keys are proof; where it has none the
// order it was bought for is, and its items are matched by their SKU if that is unambiguous.
func (t *tracking) contents(s shipstation.Shipment) map[order.ID]order.Parcel {
	parts := map[order.ID]order.Parcel{}
	owner, ours := t.byRef[s.OrderID]
	if id, ok := strings.CutPrefix(s.OrderKey, "dsco-"); ok && id != "" {
		owner, ours = order.ID(id), true
	}
	for _, it := range s.Items {
		if it.Adjustment || it.Quantity <= 0 {
			continue
		}
		if id, number, ok := cutLast(it.Key, ":"); ok && digits(id) && digits(number) {
			n, _ := strconv.Atoi(number)
			p := parts[order.ID(id)]
			p.Lines = pack(p.Lines, n, it.Quantity)
			parts[order.ID(id)] = p
			continue
		}
		if !ours {
			continue
		}
		p := parts[owner]
		if n, ok := t.bySKU(owner, it.SKU); ok {
			p.Lines = pack(p.Lines, n, it.Quantity)
		} else {
			p.Unclear = fmt.Sprintf("a label has an item %q that belongs to no line of the order, or to several", remote.Escape(it.SKU, 60))
		}
		parts[owner] = p
	}
	if p := parts[owner]; ours && len(p.Lines) == 0 && p.Unclear == "" && len(parts) == 0 {
		parts[owner] = order.Parcel{Unclear: "ShipStation does not tell what is in it"}
	}
	return parts
}

func pack(lines []order.Packed, line, units int) []order.Packed {
	for i := range lines {
		if lines[i].Line == line {
			lines[i].Units += units
			return lines
		}
	}
	return append(lines, order.Packed{Line: line, Units: units})
}

// bySKU is the one line of an order with that SKU.
func (t *tracking) bySKU(id order.ID, sku string) (line int, ok bool) {
	for _, l := range t.rows[id].Lines {
		if sku != "" && strings.EqualFold(l.SKU, sku) {
			if ok {
				return 0, false
			}
			line, ok = l.Number, true
		}
	}
	return line, ok
}

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

// mark takes note of an order of ours that was marked as shipped.
func (t *tracking) mark(ctx context.Context, f shipstation.Fulfillment, began time.Time) (err error) {
	id, ours := t.byRef[f.OrderID]
	if !ours || strings.TrimSpace(f.Tracking) == "" {
		return nil
	}
	p := order.Parcel{ID: -f.ID, Marked: true, Number: strings.TrimSpace(f.Tracking), Name: f.Carrier, Service: f.Service, Created: stamp(f.Created), Ships: stamp(f.Shipped)}
	if i := slices.IndexFunc(t.rows[id].Parcels, func(have order.Parcel) bool { return have.ID == p.ID }); i >= 0 {
		p = t.rows[id].Parcels[i]
	} else if p.Lines, err = t.holds(ctx, id, f.OrderID); err != nil {
		return err
	}
	if f.Voided {
		p.Voided = began
	}
	if len(p.Lines) > 0 {
		t.take(id, p, began)
	}
	return nil
}

// holds are the lines of an order that one of its ShipStation orders holds; none while that is not shipped.
func (t *tracking) holds(ctx context.Context, id order.ID, ref int64) ([]order.Packed, error) {
	so, err := t.ShipStation.Order(ctx, ref)
	if remote.KindOf(err) == remote.Missing || err == nil && so.Status != "shipped" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var lines []order.Packed
	for _, it := range so.Items {
		owner, number, ok := cutLast(it.Key, ":")
		n, _ := strconv.Atoi(number)
		if !ok || order.ID(owner) != id {
			if n, ok = t.bySKU(id, it.SKU); !ok {
				continue
			}
		}
		if !it.Adjustment && it.Quantity > 0 {
			lines = pack(lines, n, it.Quantity)
		}
	}
	return lines, nil
}
