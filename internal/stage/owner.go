package stage

import (
	"cmp"
	"slices"
	"strconv"
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

// asRef is a ShipStation order as the row of a DSCO order shows it. Its items' keys say what it holds of which order;
// items without one are matched by their SKU to the order's lines, if that is unambiguous.
func asRef(so shipstation.Order, id order.ID, lines []order.Line) order.Ref {
	r := order.Ref{ID: so.ID, Number: so.Number, Key: so.Key, Status: so.Status, Store: so.StoreID, Merged: so.MergedIDs}
	r.Child = so.Number != string(id) && so.Key != Key(id) || so.ParentID != 0
	if !r.Live() {
		r.Since = stamp(so.Modified)
	}
	for _, it := range so.Items {
		owner, n, ok := lineOf(it, id, lines)
		switch {
		case it.Adjustment || it.Quantity <= 0:
		case owner != id:
			if !slices.Contains(r.Others, owner) {
				r.Others = append(r.Others, owner)
			}
		case ok:
			r.Lines = pack(r.Lines, n, it.Quantity)
		default:
			r.Unclear = true
		}
	}
	slices.SortFunc(r.Lines, func(a, b order.Packed) int { return cmp.Compare(a.Line, b.Line) })
	return r
}

// lineOf is the line that an item of an order's document stands for.
func lineOf(it shipstation.OrderItem, id order.ID, lines []order.Line) (owner order.ID, line int, ok bool) {
	if owner, number, keyed := cutLast(it.Key, ":"); keyed && digits(owner) && digits(number) {
		n, err := strconv.Atoi(number)
		return order.ID(owner), n, err == nil
	}
	line, ok = bySKU(lines, it.SKU)
	return id, line, ok
}

// bySKU is the one line with that SKU.
func bySKU(lines []order.Line, sku string) (line int, ok bool) {
	for _, l := range lines {
		if sku != "" && strings.EqualFold(l.SKU, sku) {
			if ok {
				return 0, false
			}
			line, ok = l.Number, true
		}
	}
	return line, ok
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
