package sim

import (
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
	o := &order{id: id, cancelled: map[int64]int64{}}
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
		each(doc["lineItems"], func(_ int, line object) {
			if left := shippable(line); named(line, lines) && left > 0 {
				strike(line, left, "CXRR", "Customer changed their mind", now)
			}
		})
		conclude(doc)
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
		items := []any{}
		left := unshipped(doc)
		each(doc["lineItems"], func(i int, line object) {
			if left[i] > 0 {
				items = append(items, object{"quantity": number(left[i]), "lineNumber": line["lineNumber"], "dscoItemId": line["dscoItemId"],
					"sku": line["sku"], "partnerSku": line["partnerSku"], "packageSpanFlag": false})
			}
		})
		p := object{
			"trackingNumber": trackingNumber, "tracking_url": "tools.example.test/track?n=" + trackingNumber, "untracked": false,
			"shipDate": stamp(now), "shipCarrier": "UPS", "shipMethod": "Ground", "shippingServiceLevelCode": "UPCG", "carrierManifestId": "UPS",
			"shipCost": 0, "shipWeight": 1, "shipWeightUnits": "LB", "ssccBarcode": nil, "returnedFlag": false, "items": items,
		}
		for _, edit := range edits {
			edit(p)
		}
		pack(doc, normal(p), now)
	})
}

// pack puts a package into an order.
func pack(doc, p object, now time.Time) {
	packages, _ := doc["packages"].([]any)
	if p["dscoPackageId"] == nil {
		p["dscoPackageId"] = number(2030000001 + int64(len(packages)))
	}
	doc["packages"] = append(packages, p)
	reason := "Tracking # " + Text(p, "trackingNumber") + " added"
	each(p["items"], func(_ int, item object) {
		each(doc["lineItems"], func(_ int, line object) {
			if Int(line, "lineNumber") == Int(item, "lineNumber") {
				line["status"], line["statusReason"], line["acceptedReason"] = "accepted", reason, reason
				act(line, "ship", Int(item, "quantity"), reason, now)
			}
		})
	})
	conclude(doc)
}

// conclude makes an order's states follow its lines and packages.
func conclude(doc object) {
	var open, left bool
	each(doc["lineItems"], func(_ int, line object) { open = open || shippable(line) > 0 })
	for _, n := range unshipped(doc) {
		left = left || n > 0
	}
	packages, _ := doc["packages"].([]any)
	switch {
	case !open:
		doc["dscoStatus"], doc["dscoLifecycle"] = "cancelled", "completed"
	case len(packages) > 0 && left:
		doc["dscoStatus"], doc["dscoLifecycle"] = "shipped", "acknowledged"
	case len(packages) > 0:
		doc["dscoStatus"], doc["dscoLifecycle"] = "shipped", "completed"
	}
}

// shippable is how many units of a line are neither cancelled nor rejected.
func shippable(line any) int64 {
	return Int(line, "quantity") - Int(line, "cancelledQuantity") - Int(line, "rejectedQuantity")
}

// unshipped counts, per line, the units that are neither cancelled nor in a package.
func unshipped(doc object) []int64 {
	var left []int64
	each(doc["lineItems"], func(_ int, line object) {
		n := shippable(line)
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
