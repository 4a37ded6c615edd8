package sim

import (
	"encoding/json"
	"math/big"
	"slices"
	"time"
)

// document is the order as stored when in is posted: all of it in's, but for what belongs to the service. old is nil for
// a new order.
func (s *shipStation) document(in, old object, now time.Time) object {
	doc := parse(blankShipOrder)
	lay(doc, in)
	doc["billTo"], doc["shipTo"] = address(in["billTo"]), address(in["shipTo"])
	if to, ok := doc["shipTo"].(object); ok {
		to["addressVerified"] = verified(to)
	}
	if d := Text(in, "shipDate"); d != "" {
		doc["shipDate"] = d[:len(dateOnly)]
	}
	doc["createDate"], doc["modifyDate"] = wallClock(now), wallClock(now)
	kept := []string{"orderId", "orderKey", "createDate", "customerId", "userId", "externallyFulfilled", "externallyFulfilledBy",
		"externallyFulfilledById", "externallyFulfilledByName", "labelMessages"}
	for _, name := range kept {
		if old != nil {
			doc[name] = old[name]
		} else if name != "orderKey" && name != "createDate" {
			doc[name] = parse(blankShipOrder)[name]
		}
	}
	advanced := doc["advancedOptions"].(object)
	for _, name := range []string{"storeId", "mergedOrSplit", "mergedIds", "parentId"} {
		if old != nil {
			advanced[name] = At(old, "advancedOptions", name)
		}
	}
	if user := Text(in, "customerUsername"); user != "" && doc["customerId"] == nil {
		if s.customers[user] == 0 {
			s.customers[user] = int64(55001 + len(s.customers))
		}
		doc["customerId"] = number(s.customers[user])
	}
	doc["holdUntilDate"] = nil
	doc["tagIds"] = tags(in["tagIds"], old["tagIds"])
	doc["items"] = s.lines(in, old, now)
	doc["orderTotal"] = total(doc)
	return doc
}

// lines are the posted items; one that stood there before keeps its orderItemId.
func (s *shipStation) lines(in, old object, now time.Time) []any {
	lines := []any{}
	each(in["items"], func(_ int, posted object) {
		item := parse(blankShipItem)
		lay(item, posted)
		stamp := now.In(pacific).Format(fewDigits)
		item["orderItemId"], item["createDate"], item["modifyDate"] = nil, stamp, stamp
		each(old["items"], func(_ int, before object) {
			if isItem(posted, before) {
				item["orderItemId"], item["createDate"] = before["orderItemId"], before["createDate"]
			}
		})
		if item["orderItemId"] == nil {
			s.items++
			item["orderItemId"] = number(s.items)
		}
		lines = append(lines, item)
	})
	return lines
}

// isItem tells whether a posted item is one that an order has: by its id or, when it gives none, by its key.
func isItem(posted, item object) bool {
	if id := Int(posted, "orderItemId"); id != 0 {
		return id == Int(item, "orderItemId")
	}
	key := Text(posted, "lineItemKey")
	return key != "" && key == Text(item, "lineItemKey")
}

// verified is what the service makes of an address.
func verified(to object) string {
	for _, name := range []string{"street1", "city", "state", "postalCode"} {
		if Text(to, name) == "" {
			return "Address validation failed"
		}
	}
	return "Address validated successfully"
}

// address is a posted address with all its members; null stays null.
func address(posted any) any {
	if posted == nil {
		return nil
	}
	a := parse(blankShipAddress)
	lay(a, posted.(object))
	a["addressVerified"] = nil
	return a
}

// tags are those there were and those that are posted: this way they can be added, not taken away.
func tags(posted, old any) any {
	all, _ := clone(old).([]any)
	l, _ := posted.([]any)
	for _, tag := range l {
		if !slices.Contains(all, tag) {
			all = append(all, tag)
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// total is what the order costs: items, tax and shipping together.
func total(doc object) json.Number {
	sum := new(big.Rat)
	add := func(price any, times int64) {
		if p, ok := new(big.Rat).SetString(Text(price)); ok {
			sum.Add(sum, p.Mul(p, big.NewRat(times, 1)))
		}
	}
	each(doc["items"], func(_ int, item object) { add(item["unitPrice"], Int(item, "quantity")) })
	add(doc["taxAmount"], 1)
	add(doc["shippingAmount"], 1)
	return json.Number(sum.FloatString(2))
}

// lay puts the members of a posted object over those of a blank one; null leaves the blank's.
func lay(blank, posted object) {
	for name, v := range posted {
		inner, isObject := v.(object)
		under, hasObject := blank[name].(object)
		switch {
		case v == nil && blank[name] != nil:
		case isObject && hasObject:
			lay(under, inner)
		default:
			blank[name] = clone(v)
		}
	}
}
