package sim

import (
	"fmt"
	"strconv"
	"time"
)

// firstOrder is the id of a world's first order.
const firstOrder = 1026000001

// Received is for AddOrder: the order is not ready for the supplier yet. It becomes `created` 48 to 89 s after its
// dscoCreateDate, as recorded orders did. (One that stays received is made by Edit.)
func Received(order map[string]any) { order["dscoLifecycle"] = "received" }

// AddOrder lets a retailer place an order and tells its id. It looks like those recorded: `created`, made a good minute
// ago and just got ready. Each opt may change the document first, its dscoOrderId excepted; it must not
// use the World.
func (w *World) AddOrder(opts ...func(order map[string]any)) string {
	now := w.enter()
	defer w.mu.Unlock()
	d := w.dsco
	n := int64(firstOrder + len(d.orders))
	id := strconv.FormatInt(n, 10)
	doc := normal(d.invent(n, now))
	drafted := Text(doc, "dscoCreateDate")
	for _, opt := range opts {
		opt(doc)
	}
	doc = normal(doc)
	doc["dscoOrderId"] = id
	o := &order{id: id}
	if Text(doc, "dscoLifecycle") == "received" {
		if Text(doc, "dscoCreateDate") == drafted {
			doc["dscoCreateDate"] = stamp(now)
			doc["dscoLastUpdate"] = stamp(now)
		}
		made, err := time.Parse(time.RFC3339, Text(doc, "dscoCreateDate"))
		if err != nil {
			made = now
		}
		w.later(made.Add(time.Duration(48+d.rand.IntN(42))*time.Second), func(at time.Time) { d.ready(o, at) })
	}
	d.put(o, now, doc)
	d.orders = append(d.orders, o)
	d.byID[id] = o
	return id
}

// ready ends an order's post-processing, if nothing else has.
func (d *dsco) ready(o *order, at time.Time) {
	if Text(o.latest(), "dscoLifecycle") != "received" {
		return
	}
	doc := clone(o.latest())
	doc["dscoLifecycle"] = "created"
	doc["dscoLastUpdate"] = stamp(at)
	d.put(o, at, doc)
}

// Order is a copy of a DSCO order as it is, whatever the lists show; nil when there is none.
func (w *World) Order(id string) map[string]any {
	w.enter()
	defer w.mu.Unlock()
	if o := w.dsco.byID[id]; o != nil {
		return clone(o.latest())
	}
	return nil
}

// Orders copies all DSCO orders, in the order of their ids.
func (w *World) Orders() []map[string]any {
	w.enter()
	defer w.mu.Unlock()
	var all []map[string]any
	for _, o := range w.dsco.orders {
		all = append(all, clone(o.latest()))
	}
	return all
}

// Edit changes a DSCO order as somebody in the portal would; dscoLastUpdate moves to now unless edit sets it.
// edit must not use the World.
func (w *World) Edit(id string, edit func(order map[string]any)) {
	w.change(id, true, func(doc object, _ time.Time) { edit(doc) })
}

// AcknowledgeInDSCO acknowledges an order in the portal.
func (w *World) AcknowledgeInDSCO(id string) {
	now := w.enter()
	defer w.mu.Unlock()
	w.dsco.markAcknowledged(w.dsco.mustHave(id), now, "")
}

// CancelInDSCO is the retailer cancelling lines (their numbers; none stands for all) and tells whether that was done:
// once the supplier has the order it is but a request.
func (w *World) CancelInDSCO(id string, lines ...int) bool {
	if Text(w.Order(id), "dscoStatus") != "created" {
		w.RequestCancel(id, lines...)
		return false
	}
	w.ForceCancelInDSCO(id, lines...)
	return true
}

// ForceCancelInDSCO cancels lines whatever state the order is in, as the supplier or the provider's support can.
func (w *World) ForceCancelInDSCO(id string, lines ...int) {
	w.change(id, true, func(doc object, now time.Time) {
		live := false
		each(doc["lineItems"], func(_ int, line object) {
			left := Int(line, "quantity") - Int(line, "cancelledQuantity") - Int(line, "rejectedQuantity")
			if !named(line, lines) || left <= 0 {
				live = live || left > 0
				return
			}
			const reason = "Customer changed their mind"
			line["cancelledQuantity"] = number(Int(line, "cancelledQuantity") + left)
			line["status"], line["cancelCode"], line["cancelledReason"], line["statusReason"] = "cancelled", "CXRR", reason, reason
			activity, _ := line["activity"].([]any)
			line["activity"] = append(activity, object{"action": "cancel", "quantity": number(left), "reason": reason,
				"uuid": fmt.Sprintf("%016d%016d", Int(line, "dscoItemId"), now.Unix()), "activityDate": stamp(now)})
		})
		if !live {
			doc["dscoStatus"], doc["dscoLifecycle"] = "cancelled", "completed"
		}
	})
}

// RequestCancel is the retailer asking the supplier to cancel lines; none stands for all, and then the order says so too.
func (w *World) RequestCancel(id string, lines ...int) {
	w.change(id, w.o.RequestMovesUpdate, func(doc object, _ time.Time) {
		if len(lines) == 0 {
			doc["cancelRequested"], doc["cancelRequestedCode"] = true, "CXRR"
		}
		each(doc["lineItems"], func(_ int, line object) {
			if named(line, lines) {
				line["cancelRequested"], line["cancelRequestedCode"] = true, "CXRR"
			}
		})
	})
}

// AddPackage ships an order in the portal: a package with this tracking number and all that is left, unless an edit says
// otherwise.
func (w *World) AddPackage(id, trackingNumber string, edits ...func(pack map[string]any)) {
	w.change(id, true, func(doc object, now time.Time) {
		packages, _ := doc["packages"].([]any)
		items := []any{}
		left := unshipped(doc)
		each(doc["lineItems"], func(i int, line object) {
			if left[i] > 0 {
				items = append(items, object{"quantity": number(left[i]), "lineNumber": line["lineNumber"], "dscoItemId": line["dscoItemId"],
					"sku": line["sku"], "partnerSku": line["partnerSku"], "packageSpanFlag": false})
			}
		})
		pack := object{
			"dscoPackageId": 2030000001 + len(packages), "trackingNumber": trackingNumber,
			"tracking_url": "tools.example.test/track?n=" + trackingNumber, "untracked": false, "shipDate": stamp(now),
			"shipCarrier": "UPS", "shipMethod": "Ground", "shippingServiceLevelCode": "UPCG", "carrierManifestId": "UPS",
			"shipCost": 0, "shipWeight": 1, "shipWeightUnits": "LB", "ssccBarcode": nil, "returnedFlag": false, "items": items,
		}
		for _, edit := range edits {
			edit(pack)
		}
		doc["packages"] = append(packages, normal(pack))
		doc["dscoStatus"], doc["dscoLifecycle"] = "shipped", "completed"
		for _, n := range unshipped(doc) {
			if n > 0 {
				doc["dscoLifecycle"] = "acknowledged"
			}
		}
	})
}

// unshipped counts, per line, the units that are neither cancelled nor in a package.
func unshipped(doc object) []int64 {
	var left []int64
	each(doc["lineItems"], func(_ int, line object) {
		n := Int(line, "quantity") - Int(line, "cancelledQuantity") - Int(line, "rejectedQuantity")
		each(doc["packages"], func(_ int, pack object) {
			each(pack["items"], func(_ int, item object) {
				if Int(item, "lineNumber") == Int(line, "lineNumber") {
					n -= Int(item, "quantity")
				}
			})
		})
		left = append(left, n)
	})
	return left
}

// change makes a new version of an order.
func (w *World) change(id string, moves bool, edit func(doc object, now time.Time)) {
	now := w.enter()
	defer w.mu.Unlock()
	o := w.dsco.mustHave(id)
	doc := clone(o.latest())
	before := Text(doc, "dscoLastUpdate")
	edit(doc, now)
	doc = normal(doc)
	doc["dscoOrderId"] = id
	if moves && Text(doc, "dscoLastUpdate") == before {
		doc["dscoLastUpdate"] = stamp(now)
	}
	w.dsco.put(o, now, doc)
}

// mustHave finds an order for a method that cannot say that there is none.
func (d *dsco) mustHave(id string) *order {
	o := d.byID[id]
	if o == nil {
		panic("sim: DSCO has no order " + id)
	}
	return o
}

// named tells whether a line is among those numbers; no numbers name every line.
func named(line object, numbers []int) bool {
	for _, n := range numbers {
		if Int(line, "lineNumber") == int64(n) {
			return true
		}
	}
	return len(numbers) == 0
}

func stamp(t time.Time) string { return t.UTC().Format(orderTime) }
