package sim

import (
	"fmt"
	"maps"
	"strings"
	"time"
)

// SplitLegacy splits so many units of these lines, named by their lineItemKeys, off an order, as the old screens do: into
// an order of its own, with a key of its own and the number <n>-1 (then -2, ...). The lines keep their keys; the child
// keeps the parent's createDate.
func (w *World) SplitLegacy(orderID int64, quantities map[string]int) (childID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	s := w.shipStation
	parent := s.mustHave(orderID)
	root := Text(parent.latest(), "orderNumber")
	n := 1
	for _, o := range s.orders {
		if strings.HasPrefix(Text(o.last, "orderNumber"), root+"-") {
			n++
		}
	}
	return s.split(parent, quantities, fmt.Sprintf("%s-%d", root, n), now)
}

// SplitCopy is SplitLegacy in those accounts where the child has the parent's number.
func (w *World) SplitCopy(orderID int64, quantities map[string]int) (copyID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	parent := w.shipStation.mustHave(orderID)
	return w.shipStation.split(parent, quantities, Text(parent.latest(), "orderNumber"), now)
}

func (s *shipStation) split(parent *shipOrder, quantities map[string]int, orderNumber string, now time.Time) int64 {
	child := clone(parent.latest())
	child["orderNumber"], child["orderKey"], child["modifyDate"] = orderNumber, nil, wallClock(now)
	advanced := child["advancedOptions"].(object)
	advanced["mergedOrSplit"], advanced["parentId"] = true, number(parent.id)
	left, taken := []any{}, []any{}
	wanted := maps.Clone(quantities)
	each(clone(parent.latest()["items"]), func(_ int, item object) {
		key := Text(item, "lineItemKey")
		n := min(int64(quantities[key]), Int(item, "quantity"))
		if n > 0 {
			delete(wanted, key)
			part := clone(item)
			s.items++
			part["orderItemId"], part["quantity"] = number(s.items), number(n)
			taken = append(taken, part)
		}
		if n < Int(item, "quantity") {
			item["quantity"] = number(Int(item, "quantity") - n)
			left = append(left, item)
		}
	})
	if len(wanted) > 0 {
		panic(fmt.Sprintf("sim: order %d has nothing to split off of %v", parent.id, wanted))
	}
	child["items"] = taken
	child["orderTotal"] = total(child)
	s.change(parent, now, func(doc object) {
		doc["items"] = left
		doc["orderTotal"] = total(doc)
		doc["advancedOptions"].(object)["mergedOrSplit"] = true
	})
	s.settle(parent, now, true)
	return s.add(child, storeOf(child), now).id
}

// Combine merges an order into another: it disappears from the lists and answers 404, and its lines ride in the other
// with their keys.
func (w *World) Combine(parentID, absorbedID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	s := w.shipStation
	parent, absorbed := s.mustHave(parentID), s.mustHave(absorbedID)
	s.change(parent, now, func(doc object) {
		items, _ := doc["items"].([]any)
		more, _ := clone(absorbed.latest()["items"]).([]any)
		doc["items"] = append(items, more...)
		doc["orderTotal"] = total(doc)
		advanced := doc["advancedOptions"].(object)
		ids, _ := advanced["mergedIds"].([]any)
		advanced["mergedOrSplit"], advanced["mergedIds"] = true, append(ids, number(absorbedID))
	})
	absorbed.deleted = true
	s.put(absorbed, now, nil)
}
