package sim

import (
	"encoding/json"
	"net/http"
	"time"
)

// mostBytes is the largest body that an update may have; logLife how long the change log keeps an entry.
const (
	mostBytes = 5 << 20
	logLife   = 14 * 24 * time.Hour
)

// request is an update that DSCO took in and carries out later.
type request struct {
	id   string
	done time.Time // zero until it is carried out
	logs []any
}

// acknowledge answers POST /order/acknowledge: it takes the references in and promises nothing.
func (d *dsco) acknowledge(c *call, now time.Time) reply {
	if !c.isJSON() {
		return d.invalid("Content-Type has to be application/json")
	}
	if len(c.Body) > mostBytes {
		return d.invalid("the request is larger than 5 MB")
	}
	v, err := decode(c.Body)
	refs, ok := v.([]any)
	if err != nil || !ok || len(refs) == 0 {
		return d.invalid("the body has to be an array of at least one order")
	}
	for _, ref := range refs {
		if why := badReference(ref); why != "" {
			return d.invalid("%s", why)
		}
	}
	r := &request{id: d.receipt()}
	d.requests = append(d.requests, r)
	d.w.later(now.Add(d.w.o.LogDelay), func(at time.Time) {
		r.done = at
		for _, ref := range refs {
			r.logs = append(r.logs, d.carryOut(r, ref.(object), at))
		}
	})
	return answer(http.StatusAccepted, object{"status": "pending", "requestId": r.id, "eventDate": now.UTC().Format(receiptTime)})
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

// carryOut acknowledges what one reference names and tells the outcome as the change log does.
func (d *dsco) carryOut(r *request, ref object, at time.Time) object {
	code, why := "", ""
	found := d.resolve(Text(ref, "type"), Text(ref, "id"))
	if len(found) == 0 {
		code, why = "NOT_FOUND", "The order could not be found"
	}
	for _, o := range found {
		doc := o.latest()
		switch lifecycle := Text(doc, "dscoLifecycle"); {
		case Text(doc, "dscoStatus") == "cancelled":
			code, why = "VALIDATION_FAILED", "The order is cancelled"
		case lifecycle == "received" && !d.w.o.AckReceived:
			code, why = "VALIDATION_FAILED", "The order is not ready to be acknowledged"
		case lifecycle == "acknowledged", lifecycle == "completed":
			if d.w.o.AckAgainFails {
				code, why = "VALIDATION_FAILED", "The order is already acknowledged"
			}
		default:
			d.markAcknowledged(o, at, Text(ref, "supplierOrderNumber"))
		}
	}
	entry := object{
		"payload": ref, "dateProcessed": at.UTC().Format(receiptTime), "status": "success", "requestMethod": "api",
		"requestMethodDetail": "acknowledgeOrders", "requestId": r.id, "results": []any{},
	}
	if code != "" {
		entry["status"] = "failure"
		entry["results"] = []any{object{"code": code, "severity": "error", "description": why}}
	}
	return entry
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
		line["acceptedQuantity"] = number(Int(line, "quantity") - Int(line, "cancelledQuantity") - Int(line, "rejectedQuantity"))
	})
	d.put(o, at, doc)
}

// log answers GET /order/log: by request, by dates, or the next page of either.
func (d *dsco) log(c *call, now time.Time) reply {
	q := c.Query
	var r *request
	var wanted func(entry any) bool
	switch {
	case q.Has("scrollId"):
		return d.scroll(q.Get("scrollId"), "logs", now)
	case q.Has("requestId"):
		for _, known := range d.requests {
			if known.id == q.Get("requestId") {
				r = known
			}
		}
		if r == nil || !r.done.IsZero() && now.Sub(r.done) > logLife {
			return answer(http.StatusOK, object{"logs": []any{}})
		}
		if r.done.IsZero() {
			return answer(http.StatusOK, object{"status": "PROCESSING", "logs": []any{}})
		}
		wanted = func(entry any) bool { return Text(entry, "requestId") == r.id }
	default:
		start, err1 := time.Parse(time.RFC3339, q.Get("startDate"))
		end, err2 := time.Parse(time.RFC3339, q.Get("endDate"))
		if err1 != nil || err2 != nil {
			return d.invalid("requestId, or startDate and endDate, is required")
		}
		wanted = func(entry any) bool {
			t, _ := time.Parse(time.RFC3339, Text(entry, "dateProcessed"))
			return !t.Before(start) && t.Before(end)
		}
	}
	s := &scan{member: "logs", size: d.w.o.LogPage, rows: func(now time.Time) []any {
		rows := []any{}
		for _, known := range d.requests {
			for _, entry := range known.logs {
				outcome := q.Get("status")
				if now.Sub(known.done) <= logLife && wanted(entry) &&
					(outcome == "" || outcome == "success_or_failure" || outcome == Text(entry, "status")) {
					rows = append(rows, entry)
				}
			}
		}
		return rows
	}}
	if r != nil {
		s.also = object{"status": "COMPLETED"}
	}
	return d.open(s, now)
}
