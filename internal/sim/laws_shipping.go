package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// patience is how old a label or a void may be without the client knowing of it: whoever has not looked for so long ought
// to have looked.
const patience = 5 * time.Minute

// inspectShipments: of an order that is acknowledged, each tracking number is told once, for what the warehouse has sent
// under it, and never more than was ordered.
func (w *World) inspectShipments(c *call, in object, now time.Time) {
	o := w.dsco.about(in)
	if o == nil {
		w.breaks("order %s: a parcel told, though DSCO has no such order (call %d)", Text(in, "dscoOrderId"), c.N)
		return
	}
	doc := o.latest()
	if lifecycle := Text(doc, "dscoLifecycle"); lifecycle == "received" || lifecycle == "created" {
		w.breaks("order %s: a parcel told, though the order is not acknowledged (call %d)", o.id, c.N)
	}
	told := w.toldUnits(o)
	var here []string
	each(in["shipments"], func(_ int, shipment object) {
		if day := shipDate(Text(shipment, "shipDate")); day.After(now) {
			w.breaks("order %s: shipDate %s is in the future (call %d)", o.id, Text(shipment, "shipDate"), c.N)
		}
		t := tellingOf(doc, shipment)
		if slices.Contains(here, t.number) || w.wasTold(o, t.number) {
			w.breaks("order %s: tracking number %s told twice (call %d)", o.id, t.number, c.N)
			return
		}
		here = append(here, t.number)
		w.inspectParcel(c, o, t, now)
		each(doc["lineItems"], func(_ int, line object) {
			n := Int(line, "lineNumber")
			told[n] += t.units[n]
			if most := Int(line, "quantity") - Int(line, "rejectedQuantity") - o.knownCancelled(line, w.dsco.remembered(o, now)); t.units[n] > 0 && told[n] > most {
				w.breaks("order %s: %d units of line %d told, though only %d are ordered and not cancelled (call %d)", o.id, told[n], n, most, c.N)
			}
		})
	})
}

// inspectParcel: what is told under a tracking number has to lie in a parcel that goes to the consumer.
func (w *World) inspectParcel(c *call, o *order, t telling, now time.Time) {
	has := map[int64]int64{}
	parcels := w.shipStation.byTracking[t.number]
	why := "has none with that number"
	for _, p := range parcels {
		units := w.units(p, o.id)
		switch {
		case p.returns:
			why = "has a return label with that number alone"
		case !p.voided.IsZero() && (p.shown.doc["voided"] == true || w.ought(p.voided, now)):
			why = "has voided it"
		case len(units) == 0:
			why = "has none with that number and lines of this order"
		default:
			for line, n := range units {
				has[line] += n
			}
		}
	}
	if len(has) == 0 {
		w.breaks("order %s: tracking number %s told, though ShipStation %s (call %d)", o.id, t.number, why, c.N)
		return
	}
	for line, n := range t.units {
		if n > has[line] {
			w.breaks("order %s: %d units of line %d told under %s, though the parcel holds %d (call %d)", o.id, n, line, t.number, has[line], c.N)
		}
	}
}

// inspectCancel: units that lie in a parcel are not cancelled in DSCO, nor what is cancelled there already.
func (w *World) inspectCancel(c *call, in object, now time.Time) {
	found := w.dsco.resolve(Text(in, "type"), Text(in, "id"))
	if len(found) == 0 {
		w.breaks("order %s: cancelled, though DSCO has no such order (call %d)", Text(in, "id"), c.N)
		return
	}
	o := found[0]
	packed := map[int64]int64{}
	for _, p := range w.parcelsFor(o.id, now) {
		for line, n := range w.units(p, o.id) {
			packed[line] += n
		}
	}
	each(in["lineItems"], func(_ int, item object) {
		n := Int(item, "cancelledQuantity")
		i := lineOf(o.latest(), item, n)
		if i < 0 {
			return
		}
		line := At(o.latest(), "lineItems", i).(object)
		number, known := Int(line, "lineNumber"), o.knownCancelled(line, w.dsco.remembered(o, now))
		left := Int(line, "quantity") - Int(line, "rejectedQuantity") - known
		switch {
		case known > 0 && n > left:
			w.breaks("order %s: %d units of line %d cancelled in DSCO, where they were cancelled already (call %d)", o.id, n, number, c.N)
		case n > left-packed[number] && packed[number] > 0:
			w.breaks("order %s: %d units of line %d cancelled in DSCO, though %d are in a parcel (call %d)", o.id, n, number, packed[number], c.N)
		}
	})
}

// inspectUpdate: an order that is cancelled is not cancelled again in ShipStation, and none of what lies in a parcel is
// taken from an order there.
func (w *World) inspectUpdate(c *call, o *shipOrder, doc object, now time.Time) {
	name := w.nameOf(o.last)
	cancels := Text(doc, "orderStatus") == "cancelled"
	if cancels && Text(o.last, "orderStatus") == "cancelled" && Text(o.shown.doc, "orderStatus") == "cancelled" {
		w.breaks("order %s: ShipStation order %d cancelled, which was cancelled already (call %d)", name, o.id, c.N)
		return
	}
	packed := map[string]int64{}
	numbers := []string{}
	for _, p := range o.parcels {
		if p.live() && w.known(p, now) {
			numbers = append(numbers, Text(p.latest(), "trackingNumber"))
			each(p.lines(), func(_ int, item object) { packed[Text(item, "orderItemId")] += Int(item, "quantity") })
		}
	}
	if cancels && len(numbers) > 0 {
		w.breaks("order %s: ShipStation order %d cancelled, though parcel %s holds its units (call %d)", name, o.id, strings.Join(numbers, ", "), c.N)
		return
	}
	each(o.last["items"], func(_ int, item object) {
		stays := int64(0)
		each(doc["items"], func(_ int, posted object) {
			if isItem(posted, item) {
				stays += Int(posted, "quantity")
			}
		})
		if sent := min(packed[Text(item, "orderItemId")], Int(item, "quantity")); stays < sent {
			w.breaks("order %s: ShipStation order %d left with %d units of %s, though %d are in a parcel (call %d)",
				name, o.id, stays, Text(item, "lineItemKey"), sent, c.N)
		}
	})
}

// wasTold tells whether the client has told a tracking number of an order, or was shown that the order has it.
func (w *World) wasTold(o *order, number string) bool {
	return slices.ContainsFunc(o.told, func(t telling) bool { return t.number == number }) || holds(o.shown.doc, number)
}

// toldUnits counts the units of an order's lines that DSCO has been told of, as far as the client knows; those in parcels
// that were voided since do not count.
func (w *World) toldUnits(o *order) map[int64]int64 {
	told := map[int64]int64{}
	own := map[string]bool{}
	add := func(t telling) {
		parcels := w.shipStation.byTracking[t.number]
		if len(parcels) > 0 && !slices.ContainsFunc(parcels, (*parcel).live) {
			return
		}
		for line, n := range t.units {
			told[line] += n
		}
	}
	for _, t := range o.told {
		own[t.number] = true
		add(t)
	}
	each(o.shown.doc["packages"], func(_ int, p object) {
		t := telling{tidy(Text(p, "trackingNumber")), map[int64]int64{}}
		each(p["items"], func(_ int, item object) { t.units[Int(item, "lineNumber")] += Int(item, "quantity") })
		if !own[t.number] {
			add(t)
		}
	})
	return told
}

// parcelsFor are the live parcels with lines of a DSCO order that the client knows of.
func (w *World) parcelsFor(id string, now time.Time) []*parcel {
	var found []*parcel
	for _, o := range w.shipStation.byName[id] {
		for _, p := range o.parcels {
			if p.live() && w.known(p, now) {
				found = append(found, p)
			}
		}
	}
	return found
}

// known tells whether the client knows of a parcel, or ought to.
func (w *World) known(p *parcel, now time.Time) bool {
	return p.shown.doc != nil || !p.poisoned && w.ought(p.made, now)
}

// ought tells whether what happened then in ShipStation is old enough that the client ought to have looked.
func (w *World) ought(at, now time.Time) bool { return now.Sub(at) > patience+w.o.ShipStationLag }

// units counts what a parcel holds of a DSCO order, by its line numbers. An item without a key of ours may be any line of
// its sku.
func (w *World) units(p *parcel, id string) map[int64]int64 {
	units := map[int64]int64{}
	each(p.lines(), func(_ int, item object) {
		n := Int(item, "quantity")
		owner, line, _ := strings.Cut(Text(item, "lineItemKey"), ":")
		if w.dsco.byID[owner] != nil {
			if i, err := strconv.ParseInt(line, 10, 64); err == nil && owner == id {
				units[i] += n
			}
			return
		}
		if p.order == nil || w.dscoID(p.order.last) != id {
			return
		}
		each(w.dsco.byID[id].latest()["lineItems"], func(_ int, line object) {
			if Text(line, "sku") == Text(item, "sku") {
				units[Int(line, "lineNumber")] += n
			}
		})
	})
	return units
}
