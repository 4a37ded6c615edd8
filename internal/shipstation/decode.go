package shipstation

import (
	"time"

	"dscosync/internal/remote"
)

const maxUnits = 1_000_000 // more of one item is a mistake

// decode reads an order member by member. What cannot be understood is left zero: nearly every member
// may be null, numbers may come as texts and the reverse.
func decode(doc remote.Object) Order {
	var o Order
	o.ID = id(doc, "orderId")
	o.Number, _ = doc.Text("orderNumber")
	o.Key, _ = doc.Text("orderKey")
	o.Status, _ = doc.Text("orderStatus")
	o.Created = date(doc, "createDate")
	o.Modified = date(doc, "modifyDate")
	o.HoldUntil = date(doc, "holdUntilDate")
	advanced, _ := doc.Object("advancedOptions")
	o.StoreID = id(advanced, "storeId")
	o.ParentID = id(advanced, "parentId")
	o.MergedOrSplit, _ = advanced.Flag("mergedOrSplit")
	merged, _ := advanced.List("mergedIds")
	for _, v := range merged {
		if n, ok := remote.Whole(v); ok && n > 0 {
			o.MergedIDs = append(o.MergedIDs, n)
		}
	}
	items, _ := doc.List("items")
	for _, v := range items {
		if item, ok := remote.AsObject(v); ok && item != nil {
			o.Items = append(o.Items, decodeItem(item))
		}
	}
	return o
}

func decodeItem(doc remote.Object) OrderItem {
	var i OrderItem
	i.Key, _ = doc.Text("lineItemKey")
	i.SKU, _ = doc.Text("sku")
	i.Adjustment, _ = doc.Flag("adjustment")
	if n, ok := doc.Whole("quantity"); ok && n >= 0 && n <= maxUnits {
		i.Quantity = int(n)
	}
	return i
}

// id reads an id; 0 = none.
func id(doc remote.Object, name string) int64 {
	n, ok := doc.Whole(name)
	if !ok || n < 0 {
		return 0
	}
	return n
}

func date(doc remote.Object, name string) time.Time {
	s, _ := doc.Text(name)
	t, ok := instant(s)
	if !ok {
		return time.Time{}
	}
	return t
}
