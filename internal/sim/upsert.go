package sim

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// createOrder answers POST /orders/createorder.
func (s *shipStation) createOrder(c *call, now time.Time) reply {
	v, err := decode(c.Body)
	if err != nil {
		return unreadable("apiOrder", err)
	}
	b := binder{prefix: "apiOrder", body: c.Body}
	in, _ := b.bind(v, orderShape, "").(object)
	if len(b.wrong) > 0 {
		return b.refusal()
	}
	o, status, why := s.upsert(c, in, now)
	if why != "" {
		return answer(status, object{"Message": why})
	}
	return answer(s.done(), o.latest())
}

// createOrders answers POST /orders/createorders. The results come in another order than the orders were sent in: nothing
// promises that they do not.
func (s *shipStation) createOrders(c *call, now time.Time) reply {
	v, err := decode(c.Body)
	if err != nil {
		return unreadable("apiOrders", err)
	}
	b := binder{prefix: "apiOrders", body: c.Body}
	orders, _ := b.bind(v, shape{kind: list, item: &orderShape}, "").([]any)
	switch {
	case len(b.wrong) > 0:
		return b.refusal()
	case len(orders) > mostOrders:
		return answer(http.StatusBadRequest, object{"Message": fmt.Sprintf("The maximum number of orders per request is %d.", mostOrders)})
	case slices.Contains(orders, nil):
		return nullReference()
	}
	results := []any{}
	failed := false
	for _, e := range orders {
		in := e.(object)
		result := object{"orderNumber": in["orderNumber"], "orderKey": in["orderKey"], "orderId": nil, "success": false, "errorMessage": nil}
		if o, _, why := s.upsert(c, in, now); why != "" {
			result["errorMessage"] = why
			failed = true
		} else {
			doc := o.latest()
			result["orderId"], result["orderKey"], result["success"] = doc["orderId"], doc["orderKey"], true
		}
		results = append(results, result)
	}
	slices.Reverse(results)
	return answer(s.done(), object{"hasErrors": failed, "results": results})
}

// upsert makes an order, or overwrites the one that in names by orderId or orderKey.
func (s *shipStation) upsert(c *call, in object, now time.Time) (o *shipOrder, status int, why string) {
	if why := invalidOrder(in); why != "" {
		return nil, http.StatusBadRequest, why
	}
	o = s.meant(c, in, now)
	if o == nil && Int(in, "orderId") == 0 {
		return s.create(c, in, now)
	}
	// What was deleted, moved to another store or split is not found by an update that does not know of it.
	if o == nil || o.deleted || storeOf(o.latest()) != o.home ||
		At(o.latest(), "advancedOptions", "mergedOrSplit") == true && Int(in, "orderId") == 0 {
		return nil, http.StatusNotFound, "The requested resource was not found."
	}
	old := o.latest()
	if Text(old, "orderStatus") == "shipped" {
		return o, 0, "" // locked: nothing changes, and nothing is said
	}
	doc := s.document(in, old, now)
	if status := Text(in, "orderStatus"); Text(old, "orderStatus") == "cancelled" && status != "cancelled" && status != "shipped" {
		doc["orderStatus"] = "awaiting_shipment" // documented as locked, yet integrators see it come back to life
	}
	s.put(o, now, doc)
	o.show(now, 0) // what the client has written it knows
	return o, 0, ""
}

// meant finds the order that a posted one is about. Looking and writing are two steps there: what was made by a call that
// was still under way when this one arrived is not found, nor a key that is too young.
func (s *shipStation) meant(c *call, in object, now time.Time) *shipOrder {
	if id := Int(in, "orderId"); id != 0 {
		return s.byID[id]
	}
	key := Text(in, "orderKey")
	if key == "" {
		return nil
	}
	var gone *shipOrder
	for _, o := range s.byName[key] {
		young := o.id > firstShipOrder+int64(c.born) && o.call != c.N || now.Sub(o.made) < s.w.o.KeyLag
		if Text(o.last, "orderKey") != key || young {
			continue
		}
		if !o.deleted {
			return o
		}
		gone = o
	}
	return gone
}

func (s *shipStation) create(c *call, in object, now time.Time) (o *shipOrder, status int, why string) {
	store := Int(in, "advancedOptions", "storeId")
	if store == 0 {
		store = s.firstManual()
	}
	if !s.active(store) {
		return nil, http.StatusBadRequest, fmt.Sprintf("The store %d does not exist or is not active.", store)
	}
	doc := s.document(in, nil, now)
	for name, v := range parse(blankShipOrder)["advancedOptions"].(object) {
		if name == "mergedOrSplit" || name == "mergedIds" || name == "parentId" {
			doc["advancedOptions"].(object)[name] = v // only the service says so
		}
	}
	o = s.add(doc, store, now)
	o.call = c.N
	s.w.inspectTwins(o)
	return o, 0, ""
}

// add makes a new order of a document.
func (s *shipStation) add(doc object, store int64, now time.Time) *shipOrder {
	o := &shipOrder{id: firstShipOrder + int64(len(s.orders)) + 1, made: now, home: store}
	doc["orderId"] = number(o.id)
	if Text(doc, "orderKey") == "" {
		sum := md5.Sum(fmt.Append(nil, "order ", o.id))
		doc["orderKey"] = hex.EncodeToString(sum[:])
	}
	doc["advancedOptions"].(object)["storeId"] = number(store)
	s.orders = append(s.orders, o)
	s.byID[o.id] = o
	s.put(o, now, doc)
	return o
}

// done is the status of a write that went well.
func (s *shipStation) done() int {
	if s.w.o.AnswerCreated {
		return http.StatusCreated
	}
	return http.StatusOK
}

// invalidOrder tells why one order is refused, as its errorMessage does; "" when it is not.
func invalidOrder(in object) string {
	switch n := Text(in, "orderNumber"); {
	case n == "":
		return "The orderNumber field is required."
	case utf8.RuneCountInString(n) > 50:
		return "The field orderNumber must be a string with a maximum length of 50."
	case Text(in, "orderDate") == "":
		return "The orderDate field is required."
	}
	switch status := Text(in, "orderStatus"); status {
	case "awaiting_payment", "awaiting_shipment", "pending_fulfillment", "shipped", "on_hold", "cancelled":
	case "":
		return "The orderStatus field is required."
	default:
		return fmt.Sprintf("The orderStatus %q is not valid.", status)
	}
	for _, name := range []string{"billTo", "shipTo"} {
		if Text(in, name, "name") == "" {
			return "The " + name + " name is required."
		}
		country := Text(in, name, "country")
		if (country != "" || name == "shipTo") && !isCountry(country) {
			return "Please use a 2 character country code"
		}
	}
	why := ""
	each(in["items"], func(_ int, item object) {
		if item["name"] == nil {
			why = "The item name is required."
		}
	})
	return why
}

// isCountry tells whether a country code is taken. The one people know best for the United Kingdom is not one.
func isCountry(code string) bool {
	return len(code) == 2 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && code != "UK"
}
