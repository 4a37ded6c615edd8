package sim

import (
	"slices"
	"time"
)

// What the client has done itself is known to it, whether or not it was shown again: doing it twice breaks a law.

// telling is a tracking number that the client told of an order, by which of its lines' units.
type telling struct {
	number string // tidy
	units  map[int64]int64
}

// tellingOf is what a shipment tells of an order.
func tellingOf(doc, shipment object) telling {
	t := telling{tidy(Text(shipment, "trackingNumber")), map[int64]int64{}}
	each(shipment["lineItems"], func(_ int, item object) {
		if i := lineOf(doc, item, Int(item, "quantity")); i >= 0 {
			t.units[Int(doc, "lineItems", i, "lineNumber")] += Int(item, "quantity")
		}
	})
	return t
}

// noteTold remembers what an entry has told.
func (d *dsco) noteTold(in object) {
	if o := d.about(in); o != nil {
		each(in["shipments"], func(_ int, shipment object) { o.told = append(o.told, tellingOf(o.latest(), shipment)) })
	}
}

// forgetTold forgets what was not done in the end.
func (d *dsco) forgetTold(in object) {
	o := d.about(in)
	if o == nil {
		return
	}
	each(in["shipments"], func(_ int, shipment object) {
		number := tidy(Text(shipment, "trackingNumber"))
		for i, t := range slices.Backward(o.told) {
			if t.number == number {
				o.told = slices.Delete(o.told, i, i+1)
				return
			}
		}
	})
}

// noteCancelled remembers what an entry has cancelled, or with -1 forgets what was not done in the end.
func (d *dsco) noteCancelled(in object, times int64) {
	found := d.resolve(Text(in, "type"), Text(in, "id"))
	if len(found) == 0 {
		return
	}
	o := found[0]
	each(in["lineItems"], func(_ int, item object) {
		n := Int(item, "cancelledQuantity")
		if i := lineOf(o.latest(), item, n); i >= 0 {
			line := At(o.latest(), "lineItems", i).(object)
			o.cancelled[Int(line, "lineNumber")] = o.knownCancelled(line, o.shown.doc) + times*n
		}
	})
}

// show notes that the client sees an order.
func (d *dsco) show(o *order, now time.Time) {
	o.history.show(now, d.w.o.DSCOLag)
	o.shownTo = d.issued
}

// knownCancelled is how many units of a line are cancelled as far as a client knows that was shown that much of the order.
func (o *order) knownCancelled(line, order object) int64 {
	known := o.cancelled[Int(line, "lineNumber")]
	each(order["lineItems"], func(_ int, shown object) {
		if Int(shown, "lineNumber") == Int(line, "lineNumber") {
			known = max(known, Int(shown, "cancelledQuantity"))
		}
	})
	return known
}

// remembered is what the client was shown of an order and cannot have forgotten. Nil if that was another process, which may
// have been killed before it kept anything, and this one, asking for what changed up to a moment ago, has not come across
// the order because it has changed again just now.
func (d *dsco) remembered(o *order, now time.Time) object {
	newest := o.versions[len(o.versions)-1].at
	if o.shownTo < d.issued && o.shown.at.Before(newest) && now.Sub(newest) <= patience {
		return nil
	}
	return o.shown.doc
}
