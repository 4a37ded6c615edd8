package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// mostBytes is the largest body that an update may have.
const mostBytes = 5 << 20

// request is an update that DSCO took in, and what became of it.
type request struct {
	id     string
	detail string    // the name of the method that was called
	done   time.Time // zero until it is carried out
	logs   []any
}

// problem is what DSCO finds wrong with an update. Its description is text, or a list of texts. Some of its messages have
// neither code nor severity.
type problem struct {
	code        string
	description any
}

var notFound = problem{"NOT_FOUND", "The order could not be found"}

// invalid is the problem with an update that is understood and wrong.
func invalid(why string, args ...any) problem {
	return problem{"VALIDATION_FAILED", fmt.Sprintf(why, args...)}
}

func messages(problems []problem) []any {
	list := []any{}
	for _, p := range problems {
		message := object{"description": p.description}
		if p.code != "" {
			message["code"], message["severity"] = p.code, "error"
		}
		list = append(list, message)
	}
	return list
}

// body reads the JSON of an update.
func (d *dsco) body(c *call) (any, *reply) {
	var bad reply
	if !c.isJSON() {
		bad = d.invalid("Content-Type has to be application/json")
		return nil, &bad
	}
	if len(c.Body) > mostBytes {
		bad = d.invalid("the request is larger than 5 MB")
		return nil, &bad
	}
	v, err := decode(c.Body)
	if err != nil {
		bad = d.invalid("the body has to be JSON: an object, or for several an array of at least one")
		return nil, &bad
	}
	return v, nil
}

// array reads an update of several.
func (d *dsco) array(c *call) ([]any, *reply) {
	v, bad := d.body(c)
	if bad != nil {
		return nil, bad
	}
	l, _ := v.([]any)
	if len(l) == 0 {
		r := d.invalid("the body has to be an array of at least one")
		return nil, &r
	}
	return l, nil
}

// queue takes in entries that are objects, to be carried out after the LogDelay, and promises nothing.
func (d *dsco) queue(detail string, entries []any, now time.Time, carryOut func(object, time.Time) []problem) reply {
	r := &request{id: d.receipt(), detail: detail}
	d.requests = append(d.requests, r)
	d.w.later(now.Add(d.w.o.LogDelay), func(at time.Time) {
		r.done = at
		for _, e := range entries {
			r.write(e.(object), at, carryOut(e.(object), at))
		}
	})
	return answer(http.StatusAccepted, object{"status": "pending", "requestId": r.id, "eventDate": now.UTC().Format(receiptTime)})
}

// write puts the outcome of one entry into the change log.
func (r *request) write(payload object, at time.Time, problems []problem) {
	status := "success"
	if len(problems) > 0 {
		status = "failure"
	}
	r.logs = append(r.logs, object{
		"payload": payload, "dateProcessed": at.UTC().Format(receiptTime), "status": status, "requestMethod": "api",
		"requestMethodDetail": r.detail, "requestId": r.id, "results": messages(problems),
	})
}

// badText tells what is wrong with members that have to be text if they are there; "" when nothing is.
func badText(o object, names ...string) string {
	for _, name := range names {
		if _, ok := o[name].(string); !ok && o[name] != nil {
			return name + " has to be text"
		}
	}
	return ""
}

// itemKeys are the members by which a line of an order can be named besides its number.
var itemKeys = []string{"dscoItemId", "sku", "partnerSku", "upc", "ean"}

// badItem tells what is wrong with the form of an entry that names units of a line; "" when nothing is.
func badItem(v any, quantity string) string {
	item, ok := v.(object)
	if !ok {
		return "each of lineItems has to be an object"
	}
	if why := badText(item, itemKeys...); why != "" {
		return why
	}
	if item["lineNumber"] != nil && !isWhole(item["lineNumber"]) {
		return "lineNumber has to be a whole number"
	}
	if !isWhole(item[quantity]) || Int(item, quantity) < 1 {
		return quantity + " has to be a whole number of at least 1"
	}
	for _, key := range itemKeys {
		if Text(item, key) != "" {
			return ""
		}
	}
	return "one of dscoItemId, sku, partnerSku, upc, ean is required"
}

// lineOf finds the place of the line that an item names: all the item says must fit. Of several it is the first that has
// so many units left, so whoever names but a sku that two lines have may hit the wrong one. -1 when there is none.
func lineOf(doc, item object, units int64) int {
	found := -1
	left := unshipped(doc)
	each(doc["lineItems"], func(i int, line object) {
		for _, key := range append([]string{"lineNumber"}, itemKeys...) {
			if given := Text(item, key); given != "" && given != Text(line, key) {
				return
			}
		}
		if found < 0 || left[found] < units && left[i] >= units {
			found = i
		}
	})
	return found
}

// isWhole tells whether a value is a whole number.
func isWhole(v any) bool {
	n, ok := v.(json.Number)
	return ok && isNumber(n, whole)
}
