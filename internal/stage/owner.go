package stage

import (
	"slices"
	"strings"

	"dscosync/internal/order"
	"dscosync/internal/shipstation"
)

// Key is the orderKey under which a DSCO order is created in ShipStation. It never changes, so that a create that was
// sent twice by mistake would meet the first.
func Key(id order.ID) string { return "dsco-" + string(id) }

// owners names the DSCO orders that a ShipStation order belongs to: one, or several when orders were combined there.
// Its keys are proof anywhere; its number is proof only in the configured store, and only when it is exactly the id of
// a known order (or a split part of it). Never a prefix, never a purchase order: two retailers share those.
func owners(so shipstation.Order, store int64, known func(order.ID) bool) []order.ID {
	if ids := keys(so); len(ids) > 0 {
		return ids
	}
	if so.StoreID != store && so.StoreID != 0 { // the list was asked for this store
		return nil
	}
	if id := order.ID(so.Number); known(id) {
		return []order.ID{id}
	}
	if whole, part, ok := cutLast(so.Number, "-"); ok && digits(part) && so.ParentID != 0 && known(order.ID(whole)) {
		return []order.ID{order.ID(whole)}
	}
	return nil
}

// keys names the DSCO orders that the keys of a ShipStation order speak of.
func keys(so shipstation.Order) []order.ID {
	var ids []order.ID
	add := func(id string) {
		if id != "" && !slices.Contains(ids, order.ID(id)) {
			ids = append(ids, order.ID(id))
		}
	}
	if id, ok := strings.CutPrefix(so.Key, "dsco-"); ok {
		add(id)
	}
	for _, it := range so.Items {
		if id, line, ok := cutLast(it.Key, ":"); ok && digits(line) && digits(id) {
			add(id)
		}
	}
	return ids
}

func asRef(so shipstation.Order, id order.ID) order.Ref {
	r := order.Ref{ID: so.ID, Number: so.Number, Key: so.Key, Status: so.Status, Store: so.StoreID}
	r.Child = so.Number != string(id) && so.Key != Key(id) || so.ParentID != 0
	for _, it := range so.Items {
		if owner, _, ok := cutLast(it.Key, ":"); !it.Adjustment && (!ok || owner == string(id)) {
			r.Units += it.Quantity
		}
	}
	return r
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
