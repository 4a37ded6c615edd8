package stage

import (
	"fmt"
	"strconv"
	"strings"

	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// contents are the lines in a label, by the orders they belong to. Its items' keys are proof; where it has none the
// order it was bought for is, and its items are matched by their SKU if that is unambiguous.
func (t *tracking) contents(s shipstation.Shipment) map[order.ID]order.Parcel {
	parts := map[order.ID]order.Parcel{}
	owner, ours := t.byRef[s.OrderID]
	if id, ok := strings.CutPrefix(s.OrderKey, "dsco-"); ok && id != "" {
		owner, ours = order.ID(id), true
	}
	for _, it := range s.Items {
		if it.Adjustment || it.Quantity <= 0 {
			continue
		}
		if id, number, ok := cutLast(it.Key, ":"); ok && digits(id) && digits(number) {
			n, _ := strconv.Atoi(number)
			p := parts[order.ID(id)]
			p.Lines = pack(p.Lines, n, it.Quantity)
			parts[order.ID(id)] = p
			continue
		}
		if !ours {
			continue
		}
		p := parts[owner]
		if n, ok := bySKU(t.rows[owner].Lines, it.SKU); ok {
			p.Lines = pack(p.Lines, n, it.Quantity)
		} else {
			p.Unclear = fmt.Sprintf("a label has an item %q that belongs to no line of the order, or to several", remote.Escape(it.SKU, 60))
		}
		parts[owner] = p
	}
	if ours && len(parts) == 0 {
		parts[owner] = order.Parcel{Unclear: "ShipStation does not tell what is in it"}
	}
	return parts
}

func pack(lines []order.Packed, line, units int) []order.Packed {
	for i := range lines {
		if lines[i].Line == line {
			lines[i].Units += units
			return lines
		}
	}
	return append(lines, order.Packed{Line: line, Units: units})
}
