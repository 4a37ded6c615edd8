package sim

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// singleShipment answers POST /order/singleShipment: done at once, and confirmed without a request id.
func (d *dsco) singleShipment(c *call, now time.Time) reply {
	v, bad := d.body(c)
	if bad != nil {
		return *bad
	}
	doc, ok := v.(object)
	if !ok {
		return d.invalid("the body has to be one object")
	}
	d.noteTold(doc)
	problems := d.ship(doc, now)
	if len(problems) == 0 {
		return answer(http.StatusCreated, object{"success": true})
	}
	d.forgetTold(doc)
	if problems[0].code == notFound.code {
		return d.refuse(http.StatusNotFound, problems)
	}
	if _, several := problems[0].description.([]any); several { // these come without an envelope
		return answer(http.StatusBadRequest, object{"messages": messages(problems)})
	}
	return d.refuse(http.StatusBadRequest, problems)
}

// shipmentBatch answers POST /order/shipment/batch/small: what it refuses stands in the change log alone.
func (d *dsco) shipmentBatch(c *call, now time.Time) reply {
	entries, bad := d.array(c)
	if bad != nil {
		return *bad
	}
	for _, e := range entries {
		if _, ok := e.(object); !ok {
			return d.invalid("each entry has to be an object")
		}
	}
	for _, e := range entries {
		d.noteTold(e.(object))
	}
	return d.queue("createShipmentSmallBatch", entries, now, func(doc object, at time.Time) []problem {
		problems := d.ship(doc, at)
		if len(problems) > 0 {
			d.forgetTold(doc)
		}
		return problems
	})
}

// about finds the order that shipments are of; nil when there is none. Of several with a PO number it is the first.
func (d *dsco) about(doc object) *order {
	for _, name := range []string{"dscoOrderId", "poNumber", "supplierOrderNumber"} {
		if id := Text(doc, name); id != "" {
			if found := d.resolve(keys[name], id); len(found) > 0 {
				return found[0]
			}
			return nil
		}
	}
	return nil
}

// ship puts the shipments of one entry into an order, all of them or, when it tells of problems, none.
func (d *dsco) ship(in object, now time.Time) []problem {
	if why := badShipments(in); why != "" {
		return []problem{invalid("%s", why)}
	}
	o := d.about(in)
	if o == nil {
		return []problem{notFound}
	}
	doc := clone(o.latest())
	switch {
	case Text(doc, "dscoStatus") == "cancelled":
		return []problem{invalid("The order is cancelled")}
	case Text(doc, "dscoLifecycle") == "created" || Text(doc, "dscoLifecycle") == "received":
		return []problem{invalid("The order has not been acknowledged")}
	}
	if problems := d.demands(in, doc); len(problems) > 0 {
		return problems
	}
	var problems []problem
	each(in["shipments"], func(_ int, shipment object) {
		again := holds(doc, Text(shipment, "trackingNumber"))
		if again && d.w.o.TwiceFails {
			problems = append(problems, invalid("The tracking number %s is already on the order", Text(shipment, "trackingNumber")))
			return
		}
		items := []any{}
		left := unshipped(doc)
		each(shipment["lineItems"], func(_ int, item object) {
			n := Int(item, "quantity")
			i := lineOf(doc, item, n)
			if i < 0 {
				problems = append(problems, invalid("The order has no such line item"))
				return
			}
			if left[i] -= n; left[i] < 0 && !again && !d.w.o.TakesMore {
				problems = append(problems, invalid("The quantity to ship is more than the quantity that is left"))
			}
			line := At(doc, "lineItems", i).(object)
			items = append(items, object{"quantity": number(n), "lineNumber": line["lineNumber"], "dscoItemId": line["dscoItemId"],
				"sku": line["sku"], "partnerSku": line["partnerSku"], "packageSpanFlag": item["packageSpanFlag"] == true})
		})
		pack(doc, packageOf(shipment, items), now)
	})
	if len(problems) == 0 {
		doc["dscoLastUpdate"] = stamp(now)
		d.put(o, now, normal(doc))
	}
	return problems
}

// badShipments tells what is wrong with the form of an entry; "" when nothing is.
func badShipments(in object) string {
	if why := badText(in, "dscoOrderId", "poNumber", "supplierOrderNumber"); why != "" {
		return why
	}
	if Text(in, "dscoOrderId") == "" && Text(in, "poNumber") == "" && Text(in, "supplierOrderNumber") == "" {
		return "one of dscoOrderId, poNumber, supplierOrderNumber is required"
	}
	shipments, _ := in["shipments"].([]any)
	if len(shipments) == 0 {
		return "shipments has to be an array of at least one"
	}
	for _, v := range shipments {
		shipment, ok := v.(object)
		if !ok {
			return "each of shipments has to be an object"
		}
		if why := badText(shipment, "trackingNumber", "shipDate", "shipCarrier", "shipMethod", "shippingServiceLevelCode", "shipWeightUnits", "warehouseCode"); why != "" {
			return why
		}
		if strings.TrimSpace(Text(shipment, "trackingNumber")) == "" {
			return "trackingNumber is required"
		}
		if day := Text(shipment, "shipDate"); day != "" && shipDate(day).IsZero() {
			return "shipDate has to be a date and time as in ISO 8601"
		}
		items, _ := shipment["lineItems"].([]any)
		if len(items) == 0 {
			return "lineItems has to be an array of at least one"
		}
		for _, item := range items {
			if why := badItem(item, "quantity"); why != "" {
				return why
			}
		}
	}
	return ""
}

// demands tells what the account refuses although DSCO's description allows it.
func (d *dsco) demands(in, doc object) []problem {
	var missing, wrong []any
	need := func(there bool, what string) {
		if !there && !slices.Contains(missing, any(what)) {
			missing = append(missing, what)
		}
	}
	strict := d.w.o.Strict
	if strict {
		need(Text(in, "poNumber") != "", "PO number")
		if po := Text(in, "poNumber"); po != "" && po != Text(doc, "poNumber") {
			wrong = append(wrong, "poNumber is not that of the order")
		}
	}
	each(in["shipments"], func(_ int, shipment object) {
		code := Text(shipment, "shippingServiceLevelCode")
		if allowed := d.w.o.AllowedCodes; len(allowed) > 0 && code != "" && !slices.Contains(allowed, code) {
			wrong = append(wrong, "shippingServiceLevelCode "+code+" is not allowed")
		}
		if !strict {
			return
		}
		need(Text(shipment, "shipCarrier") != "", "Ship carrier")
		need(code != "", "Shipping service level code")
		each(shipment["lineItems"], func(_ int, item object) {
			need(Text(item, "sku") != "", "Line item sku")
			i := lineOf(doc, item, Int(item, "quantity"))
			if line := At(doc, "lineItems", i); i >= 0 && Int(item, "quantity") < shippable(line) && item["packageSpanFlag"] != true {
				wrong = append(wrong, "line "+Text(line, "lineNumber")+" is shipped in part: packageSpanFlag is required")
			}
		})
	})
	var problems []problem
	for _, what := range missing {
		problems = append(problems, invalid("%s is required", what))
	}
	if len(missing) > 0 {
		problems = append(problems, problem{description: "These members have to be present: poNumber, carrier, shippingServiceLevelCode, lineItems, lineItems.quantity, lineItems.sku"})
	}
	if len(wrong) > 0 {
		problems = append(problems, problem{"VALIDATION_FAILED", wrong})
	}
	return problems
}

// packageOf is the package that a shipment becomes.
func packageOf(shipment object, items []any) object {
	p := object{"trackingNumber": shipment["trackingNumber"], "untracked": shipment["untracked"] == true, "returnedFlag": false,
		"tracking_url": "tools.example.test/track?n=" + Text(shipment, "trackingNumber"), "shipDate": nil, "items": items,
		"carrierManifestId": shipment["shipCarrier"]}
	if t := shipDate(Text(shipment, "shipDate")); !t.IsZero() {
		p["shipDate"] = stamp(t)
	}
	for _, name := range []string{"shipCarrier", "shipMethod", "shippingServiceLevelCode", "shipCost", "shipWeight", "shipWeightUnits", "warehouseCode", "ssccBarcode"} {
		p[name] = shipment[name]
	}
	return p
}

// shipDate reads the date of a shipment: a time, or a day in UTC. The zero time when it is neither.
func shipDate(text string) time.Time {
	for _, form := range []string{time.RFC3339, dateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// holds tells whether an order has a package with a tracking number.
func holds(doc object, trackingNumber string) bool {
	found := false
	each(doc["packages"], func(_ int, p object) { found = found || tidy(Text(p, "trackingNumber")) == tidy(trackingNumber) })
	return found
}
