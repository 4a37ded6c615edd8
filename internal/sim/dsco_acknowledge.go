package sim

import (
	"encoding/json"
	"time"
)

// acknowledge answers POST /order/acknowledge: it takes the references in and promises nothing.
func (d *dsco) acknowledge(c *call, now time.Time) reply {
	refs, bad := d.array(c)
	if bad != nil {
		return *bad
	}
	for _, ref := range refs {
		if why := badReference(ref); why != "" {
			return d.invalid("%s", why)
		}
	}
	return d.queue("acknowledgeOrders", refs, now, d.takeOver)
}

// badReference tells what is wrong with the form of an order's reference; "" when nothing is.
func badReference(ref any) string {
	o, ok := ref.(object)
	if !ok {
		return "each entry has to be an object with id and type"
	}
	switch id := o["id"].(type) {
	case string:
		if id == "" {
			return "id is required"
		}
	case json.Number:
		if _, err := id.Int64(); err != nil {
			return "id has to be text or a whole number"
		}
	default:
		return "id is required"
	}
	switch o["type"] {
	case "DSCO_ORDER_ID", "PO_NUMBER", "SUPPLIER_ORDER_NUMBER":
	default:
		return "type must be one of DSCO_ORDER_ID, PO_NUMBER, SUPPLIER_ORDER_NUMBER"
	}
	if _, ok := o["supplierOrderNumber"].(string); !ok && o["supplierOrderNumber"] != nil {
		return "supplierOrderNumber has to be text"
	}
	return ""
}

// takeOver acknowledges what one reference names.
func (d *dsco) takeOver(ref object, at time.Time) []problem {
	found := d.resolve(Text(ref, "type"), Text(ref, "id"))
	if len(found) == 0 {
		return []problem{notFound}
	}
	var problems []problem
	for _, o := range found {
		doc := o.latest()
		switch lifecycle := Text(doc, "dscoLifecycle"); {
		case Text(doc, "dscoStatus") == "cancelled":
			problems = append(problems, invalid("The order is cancelled"))
		case lifecycle == "received" && !d.w.o.AckReceived:
			problems = append(problems, invalid("The order is not ready to be acknowledged"))
		case lifecycle == "acknowledged", lifecycle == "completed":
			if d.w.o.AckAgainFails {
				problems = append(problems, invalid("The order is already acknowledged"))
			}
		default:
			d.markAcknowledged(o, at, Text(ref, "supplierOrderNumber"))
		}
	}
	return problems
}

// markAcknowledged marks one order as acknowledged.
func (d *dsco) markAcknowledged(o *order, at time.Time, supplierOrderNumber string) {
	doc := clone(o.latest())
	doc["dscoLifecycle"], doc["dscoStatus"] = "acknowledged", "shipment_pending"
	doc["dscoLastUpdate"] = at.UTC().Format(orderTime)
	if supplierOrderNumber != "" {
		doc["supplierOrderNumber"] = supplierOrderNumber
	}
	each(doc["lineItems"], func(_ int, line object) {
		line["acceptedQuantity"] = number(shippable(line))
	})
	d.put(o, at, doc)
}
