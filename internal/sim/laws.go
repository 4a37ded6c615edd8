package sim

import (
	"slices"
	"strings"
	"time"
)

// tooRecent is how old `until` has to be. DSCO's description of /order/page says 5 seconds.
const tooRecent = 5 * time.Second

// mostOrders is how many orders createorders takes. https://www.shipstation.com/docs/api/orders/create-update-multiple-orders
const mostOrders = 100

// inspect holds a call against the laws as it comes in: what the client meant to do counts, whether or not it is done.
func (w *World) inspect(c *call, now time.Time) {
	switch c.API + " " + c.Method + " " + strings.TrimPrefix(c.Path, "/api/v3") {
	case "dsco GET /order/page":
		until, err := time.Parse(time.RFC3339, c.Query.Get("until"))
		if err == nil && c.Query.Get("scrollId") == "" && until.After(now.Add(-tooRecent)) {
			w.breaks("call %d: until is %v in the past, less than 5 seconds", c.N, now.Sub(until))
		}
	case "dsco POST /order/acknowledge":
		w.inspectAcknowledge(c)
	case "dsco POST /order/singleShipment", "dsco POST /order/shipment/batch/small":
		for _, in := range objects(c.Body) {
			w.inspectShipments(c, in, now)
		}
	case "dsco POST /order/item/cancel", "dsco POST /order/item/cancel/batch/small":
		for _, in := range objects(c.Body) {
			w.inspectCancel(c, in, now)
		}
	case "shipstation POST /orders/createorder":
		v, _ := decode(c.Body)
		if doc, ok := v.(object); ok {
			w.inspectWrite(c, doc, now)
		}
	case "shipstation POST /orders/createorders":
		v, _ := decode(c.Body)
		if l, _ := v.([]any); len(l) > mostOrders {
			w.breaks("call %d: %d orders in one createorders, at most %d are taken", c.N, len(l), mostOrders)
		}
		var earlier []object
		each(v, func(_ int, doc object) {
			if slices.ContainsFunc(earlier, func(other object) bool { return w.same(doc, other) }) {
				w.breaks("order %s: sent twice in one createorders (call %d)", w.nameOf(doc), c.N)
			}
			earlier = append(earlier, doc)
			w.inspectWrite(c, doc, now)
		})
	case "shipstation POST /orders/holduntil", "shipstation POST /orders/restorefromhold", "shipstation POST /orders/markasshipped":
		v, _ := decode(c.Body)
		w.inspectStore(c, w.shipStation.byID[Int(v, "orderId")])
	}
}

// inspectAcknowledge: what the warehouse does not have must not be acknowledged. An order that somebody deleted there
// since counts as had, for the client cannot know.
func (w *World) inspectAcknowledge(c *call) {
	v, _ := decode(c.Body)
	each(v, func(_ int, ref object) {
		ids := w.dsco.resolve(Text(ref, "type"), Text(ref, "id"))
		if len(ids) == 0 {
			w.breaks("order %s: acknowledged, though DSCO has no such order", Text(ref, "id"))
		}
		for _, o := range ids {
			if !w.shipStation.had(o.id) {
				w.breaks("order %s: acknowledged, though ShipStation does not have it (call %d)", o.id, c.N)
			}
		}
	})
}

// inspectWrite: a create (a document without orderId) must be new and go to the store, an update must stay in it.
func (w *World) inspectWrite(c *call, doc object, now time.Time) {
	if o := w.shipStation.byID[Int(doc, "orderId")]; o != nil {
		w.inspectStore(c, o)
		if !o.deleted {
			w.inspectUpdate(c, o, doc, now)
		}
	}
	if Int(doc, "orderId") != 0 {
		return
	}
	name := w.nameOf(doc)
	for _, o := range w.shipStation.like(doc) {
		if o.deleted || !w.same(doc, o.latest()) {
			continue
		}
		w.breaks("order %s: created over ShipStation order %d, which is %s (call %d)", name, o.id, Text(o.latest(), "orderStatus"), c.N)
		return
	}
	if store := Int(doc, "advancedOptions", "storeId"); store != w.o.StoreID {
		w.breaks("order %s: created in store %d, not in %d (call %d)", name, store, w.o.StoreID, c.N)
	}
}

// inspectStore: an order in another store may be written to only when it is one of DSCO's that somebody moved.
func (w *World) inspectStore(c *call, o *shipOrder) {
	if o == nil || o.deleted {
		return
	}
	doc := o.latest()
	if store := storeOf(doc); store != w.o.StoreID && w.dscoID(doc) == "" {
		w.breaks("order %s: written to, though it stands in store %d, not in %d (call %d)", Text(doc, "orderNumber"), store, w.o.StoreID, c.N)
	}
}

// inspectTwins: one DSCO order, one ShipStation order. Those that people split off carry their parent's id and do not count.
func (w *World) inspectTwins(born *shipOrder) {
	doc := born.latest()
	for _, o := range w.shipStation.like(doc) {
		if o == born || o.deleted || At(o.latest(), "advancedOptions", "parentId") != nil || !w.same(doc, o.latest()) {
			continue
		}
		w.breaks("order %s: created twice in ShipStation, as %d and %d", w.nameOf(doc), o.id, born.id)
		return
	}
}

// same tells whether two ShipStation documents are for one DSCO order, or have one key.
func (w *World) same(a, b object) bool {
	if id := w.dscoID(a); id != "" {
		return id == w.dscoID(b)
	}
	key := Text(a, "orderKey")
	return key != "" && key == Text(b, "orderKey")
}

// nameOf is how a sentence names a ShipStation document.
func (w *World) nameOf(doc object) string {
	if id := w.dscoID(doc); id != "" {
		return id
	}
	return Text(doc, "orderNumber")
}

// dscoID tells which DSCO order a ShipStation document is for: by its key, its items' keys, by being the number of a
// DSCO order in the store that DSCO's orders go to, or by being split off from such an order. "" when it is none.
func (w *World) dscoID(doc object) string {
	if id, ok := strings.CutPrefix(Text(doc, "orderKey"), "dsco-"); ok {
		return id
	}
	found := ""
	each(doc["items"], func(_ int, item object) {
		if id, _, ok := strings.Cut(Text(item, "lineItemKey"), ":"); ok && w.dsco.byID[id] != nil && found == "" {
			found = id
		}
	})
	if store := storeOf(doc); found == "" && (store == w.o.StoreID || store == 0) {
		if number := Text(doc, "orderNumber"); w.dsco.byID[number] != nil {
			found = number
		}
	}
	parent, own := w.shipStation.byID[Int(doc, "advancedOptions", "parentId")], Int(doc, "orderId")
	if found == "" && parent != nil && (own == 0 || parent.id < own) {
		return w.dscoID(parent.last)
	}
	return found
}

// objects reads a body that is an object or a list of objects.
func objects(body []byte) []object {
	v, _ := decode(body)
	if one, ok := v.(object); ok {
		v = []any{one}
	}
	var all []object
	each(v, func(_ int, o object) { all = append(all, o) })
	return all
}

func storeOf(doc object) int64 { return Int(doc, "advancedOptions", "storeId") }

// overLimit records a request that came in above a limit.
func (w *World) overLimit(c *call, limit int, in string) {
	w.breaks("%s: went over the limit of %d requests in %s with %s %s (call %d)", c.API, limit, in, c.Method, c.Path, c.N)
}
