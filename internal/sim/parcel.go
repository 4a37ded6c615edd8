package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// parcel is a row of /shipments (a label that was bought) or of /fulfillments (an order that was marked as shipped).
type parcel struct {
	id       int64
	order    *shipOrder // nil for a label that was made without an order
	items    []any      // what is in it; nil stands for all that its order holds
	returns  bool       // it is a return label
	poisoned bool
	made     time.Time
	voided   time.Time // zero as long as it is not
	history
}

// live tells whether the parcel goes to the consumer.
func (p *parcel) live() bool { return p.voided.IsZero() && !p.returns }

// lines are the items in the parcel.
func (p *parcel) lines() []any {
	if p.items != nil || p.order == nil {
		return p.items
	}
	all, _ := p.order.last["items"].([]any)
	return all
}

// Items is for BuyLabel: only so many units of each of these lines, named by their lineItemKeys, are in the parcel.
func Items(quantities map[string]int) func(shipment map[string]any) {
	return func(shipment map[string]any) {
		packed := []any{}
		left := maps.Clone(quantities)
		each(shipment["shipmentItems"], func(_ int, item object) {
			if n := quantities[Text(item, "lineItemKey")]; n > 0 {
				item["quantity"] = n
				packed = append(packed, item)
				delete(left, Text(item, "lineItemKey"))
			}
		})
		for key := range left {
			panic("sim: the order has nothing to pack of line " + key)
		}
		shipment["shipmentItems"] = packed
	}
}

// BuyLabel has the warehouse buy a label for an order: for all of it that has none yet or, when all of it has, for all of
// it again (a reship). Each opt may change the shipment first; a carrier other than the first draft's brings a tracking
// number of its own, unless opt gives one. An order that was on hold or cancelled is restored for it. The order is shipped
// once all its units have labels. opts must not use the World.
func (w *World) BuyLabel(orderID int64, opts ...func(shipment map[string]any)) (shipmentID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	s := w.shipStation
	o := s.mustHave(orderID)
	s.restore(o, now)
	pack := s.unpacked(o)
	if len(pack) == 0 {
		pack = goods(o.latest())
	}
	p := s.label(o, pack, now, opts)
	s.settle(o, now, true)
	return p.id
}

// ReturnLabel has the warehouse make a label by which the consumer can send an order back.
func (w *World) ReturnLabel(orderID int64, opts ...func(shipment map[string]any)) (shipmentID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	s := w.shipStation
	back := func(doc object) {
		doc["isReturnLabel"], doc["trackingNumber"] = true, fmt.Sprintf("9202090%015d", Int(doc, "shipmentId"))
	}
	return s.label(s.mustHave(orderID), nil, now, append([]func(map[string]any){back}, opts...)).id
}

// LooseLabel has the warehouse make a label without an order.
func (w *World) LooseLabel(opts ...func(shipment map[string]any)) (shipmentID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	return w.shipStation.label(nil, nil, now, opts).id
}

// MarkShipped has somebody mark an order as shipped, without a label: it makes a fulfillment, not a shipment, and the
// order is shipped. Each opt may change the fulfillment first; opts must not use the World.
func (w *World) MarkShipped(orderID int64, opts ...func(fulfillment map[string]any)) (fulfillmentID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	s := w.shipStation
	o := s.mustHave(orderID)
	s.restore(o, now)
	return s.mark(o, now, opts).id
}

// Void voids a label or a fulfillment. The row stays; an order that was shipped awaits shipment again.
func (w *World) Void(id int64) {
	now := w.enter()
	defer w.mu.Unlock()
	s := w.shipStation
	p := s.mustHaveParcel(id)
	doc := clone(p.latest())
	doc["voided"], doc["voidDate"] = true, wallClock(now)
	p.voided = now
	p.put(now, doc, w.o.ShipStationLag, 0)
	if p.order != nil {
		s.settle(p.order, now, w.o.VoidMovesModify)
	}
}

// Poison makes a row one that the service cannot show: each page that would hold it answers 500. Cure ends that.
func (w *World) Poison(id int64) { w.poison(id, true) }

// Cure ends what Poison did.
func (w *World) Cure(id int64) { w.poison(id, false) }

func (w *World) poison(id int64, poisoned bool) {
	w.enter()
	defer w.mu.Unlock()
	w.shipStation.mustHaveParcel(id).poisoned = poisoned
}

// Shipments copies all labels with their items, in the order of their ids.
func (w *World) Shipments() []map[string]any { return w.parcels(&w.shipStation.shipments) }

// Fulfillments copies all fulfillments, in the order of their ids.
func (w *World) Fulfillments() []map[string]any { return w.parcels(&w.shipStation.fulfillments) }

func (w *World) parcels(list *[]*parcel) []map[string]any {
	w.enter()
	defer w.mu.Unlock()
	var all []map[string]any
	for _, p := range *list {
		all = append(all, clone(p.latest()))
	}
	return all
}

// keep takes a new parcel in.
func (s *shipStation) keep(p *parcel, now time.Time, doc object) *parcel {
	if doc["voided"] == true {
		p.voided = now
	}
	p.put(now, doc, s.w.o.ShipStationLag, 0)
	s.byTracking[tidy(Text(doc, "trackingNumber"))] = append(s.byTracking[tidy(Text(doc, "trackingNumber"))], p)
	if p.order != nil {
		p.order.parcels = append(p.order.parcels, p)
	}
	return p
}

// unpacked copies the items of an order that no live parcel holds, with what is left of their quantities.
func (s *shipStation) unpacked(o *shipOrder) []any {
	packed := map[string]int64{}
	for _, p := range o.parcels {
		if p.live() {
			each(p.lines(), func(_ int, item object) { packed[Text(item, "orderItemId")] += Int(item, "quantity") })
		}
	}
	left := []any{}
	each(goods(o.latest()), func(_ int, item object) {
		id, n := Text(item, "orderItemId"), Int(item, "quantity")
		here := min(n, packed[id])
		packed[id] -= here
		if n > here {
			item["quantity"] = number(n - here)
			left = append(left, item)
		}
	})
	return left
}

// goods copies the items of an order that can be packed: a discount cannot.
func goods(order object) []any {
	items := []any{}
	each(clone(order["items"]), func(_ int, item object) {
		if item["adjustment"] != true {
			items = append(items, item)
		}
	})
	return items
}

// restore makes an order await shipment, if it waits for something else or is cancelled: no other can be shipped.
func (s *shipStation) restore(o *shipOrder, now time.Time) {
	if status := Text(o.latest(), "orderStatus"); status != "shipped" && status != "awaiting_shipment" {
		s.change(o, now, func(doc object) { doc["orderStatus"], doc["holdUntilDate"] = "awaiting_shipment", nil })
	}
}

// settle makes an order's status follow its parcels; moves tells whether modifyDate moves, too.
func (s *shipStation) settle(o *shipOrder, now time.Time, moves bool) {
	if o.deleted {
		return
	}
	sent := slices.ContainsFunc(o.parcels, (*parcel).live) && len(s.unpacked(o)) == 0
	doc := clone(o.latest())
	switch shipped := doc["orderStatus"] == "shipped"; {
	case sent && isOpen(doc):
		day := Text(o.parcels[len(o.parcels)-1].latest(), "shipDate")
		doc["orderStatus"], doc["holdUntilDate"], doc["shipDate"] = "shipped", nil, day[:min(len(day), len(dateOnly))]
	case !sent && shipped:
		doc["orderStatus"], doc["shipDate"] = "awaiting_shipment", nil
	default:
		return
	}
	if moves {
		doc["modifyDate"] = wallClock(now)
	}
	s.put(o, now, doc)
}

// mustHaveParcel finds a label or a fulfillment for a method that cannot say that there is none.
func (s *shipStation) mustHaveParcel(id int64) *parcel {
	for _, p := range slices.Concat(s.shipments, s.fulfillments) {
		if p.id == id {
			return p
		}
	}
	panic(fmt.Sprintf("sim: ShipStation has no shipment or fulfillment %d", id))
}

// tidy is a tracking number as people compare them.
func tidy(number string) string { return strings.ToUpper(strings.TrimSpace(number)) }
