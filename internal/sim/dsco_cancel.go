package sim

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// cancelItem answers POST /order/item/cancel: 200 with the outcome in its status, or 202 when it is queued.
func (d *dsco) cancelItem(c *call, now time.Time) reply {
	v, bad := d.body(c)
	if bad != nil {
		return *bad
	}
	if why := badCancel(v); why != "" {
		return d.invalid("%s", why)
	}
	in := v.(object)
	if d.w.o.CancelQueued {
		return d.queueCancels("cancelOrderItem", []any{in}, now)
	}
	r := &request{id: d.receipt(), detail: "cancelOrderItem", done: now}
	d.requests = append(d.requests, r)
	d.noteCancelled(in, 1)
	problems := d.cancel(in, now)
	r.write(in, now, problems)
	told := object{"status": "success", "requestId": r.id, "eventDate": now.UTC().Format(receiptTime)}
	if len(problems) > 0 {
		d.noteCancelled(in, -1)
		told["status"], told["messages"] = "failure", messages(problems)
		return answer(http.StatusOK, told)
	}
	return answer(http.StatusOK, told)
}

// cancelBatch answers POST /order/item/cancel/batch/small.
func (d *dsco) cancelBatch(c *call, now time.Time) reply {
	entries, bad := d.array(c)
	if bad != nil {
		return *bad
	}
	for _, e := range entries {
		if why := badCancel(e); why != "" {
			return d.invalid("%s", why)
		}
	}
	return d.queueCancels("cancelOrderItemSmallBatch", entries, now)
}

func (d *dsco) queueCancels(detail string, entries []any, now time.Time) reply {
	for _, e := range entries {
		d.noteCancelled(e.(object), 1)
	}
	return d.queue(detail, entries, now, func(in object, at time.Time) []problem {
		problems := d.cancel(in, at)
		if len(problems) > 0 {
			d.noteCancelled(in, -1)
		}
		return problems
	})
}

// badCancel tells what is wrong with the form of an entry; "" when nothing is.
func badCancel(v any) string {
	in, ok := v.(object)
	if !ok {
		return "the cancellation of an order has to be one object"
	}
	if why := badReference(in); why != "" {
		return why
	}
	items, _ := in["lineItems"].([]any)
	if len(items) == 0 {
		return "lineItems has to be an array of at least one"
	}
	for _, item := range items {
		if why := badItem(item, "cancelledQuantity"); why != "" {
			return why
		}
		if why := badText(item.(object), "cancelCode", "cancelledReason"); why != "" {
			return why
		}
		if Text(item, "cancelCode") == "" {
			return "cancelCode is required"
		}
	}
	return ""
}

// cancel cancels units of an order's lines, all that one entry names or, when it tells of problems, none.
func (d *dsco) cancel(in object, now time.Time) []problem {
	found := d.resolve(Text(in, "type"), Text(in, "id"))
	if len(found) == 0 {
		return []problem{notFound}
	}
	o := found[0]
	doc := clone(o.latest())
	var problems []problem
	each(in["lineItems"], func(_ int, item object) {
		n, code := Int(item, "cancelledQuantity"), Text(item, "cancelCode")
		i := lineOf(doc, item, n)
		switch codes := d.w.o.CancelCodes; {
		case i < 0:
			problems = append(problems, invalid("The order has no such line item"))
		case len(codes) > 0 && !slices.Contains(codes, code):
			problems = append(problems, invalid("cancelCode %s is not allowed", code))
		case n > unshipped(doc)[i]:
			problems = append(problems, invalid("The quantity to cancel is more than the quantity that is left"))
		default:
			strike(At(doc, "lineItems", i).(object), n, code, Text(item, "cancelledReason"), now)
		}
	})
	if len(problems) == 0 {
		conclude(doc)
		doc["dscoLastUpdate"] = stamp(now)
		d.put(o, now, normal(doc))
	}
	return problems
}

// strike cancels units of a line.
func strike(line object, units int64, code, reason string, now time.Time) {
	line["cancelledQuantity"] = number(Int(line, "cancelledQuantity") + units)
	line["cancelCode"], line["cancelledReason"] = code, reason
	if shippable(line) == 0 {
		line["status"], line["statusReason"] = "cancelled", reason
	}
	act(line, "cancel", units, reason, now)
}

// act adds to what happened to a line.
func act(line object, action string, units int64, reason string, now time.Time) {
	activity, _ := line["activity"].([]any)
	line["activity"] = append(activity, object{"action": action, "quantity": number(units), "reason": reason, "activityDate": stamp(now),
		"uuid": fmt.Sprintf("%012d%04d%016d", Int(line, "dscoItemId"), len(activity), now.Unix())})
}
