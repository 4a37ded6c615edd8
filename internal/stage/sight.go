package stage

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
)

// sighting is what a DSCO order shows of itself to the ledger, without anything personal. The answer it was in began
// at began, and a write of ours before proves would show in it.
func sighting(o dsco.Order, began, proves time.Time, salt []byte) order.InDSCO {
	lines := sightLines(o)
	code, _ := country(o.ShipTo.Country)
	s := order.InDSCO{
		Began:    began,
		Proves:   proves,
		PO:       o.PO,
		Retailer: o.RetailerID,
		Lines:    lines,
		DSCO: order.DSCO{
			Status:        o.Status,
			Lifecycle:     o.Lifecycle,
			Requested:     o.CancelRequested || slices.ContainsFunc(o.Lines, func(l dsco.Line) bool { return l.CancelRequested }),
			Created:       o.Created,
			Updated:       o.Updated,
			AcknowledgeBy: o.AcknowledgeBy,
			ShipBy:        o.ShipBy,
			OwnShipBy:     o.ShipBy,
			ShipLate:      o.ShipLate,
			CancelAfter:   o.CancelAfter,
			Packages:      sightPackages(o),
			Carrier:       o.ShipCarrier,
			Method:        o.ShipMethod,
			Code:          o.ServiceLevel,
			Address:       addressHash(salt, o.ShipTo),
			Content:       linesHash(salt, o.Lines),
			Service:       hash(salt, o.ShipCarrier, o.ShipMethod, o.ServiceLevel, o.Signature),
			Country:       code,
			Region:        cut(line(o.ShipTo.Region), 100),
		},
	}
	for i, l := range o.Lines {
		if lines[i].Left() > 0 {
			s.DSCO.ShipBy = sooner(s.DSCO.ShipBy, l.ShipBy)
			s.DSCO.CancelAfter = sooner(s.DSCO.CancelAfter, l.CancelAfter)
		}
	}
	return s
}

// sightLines are the order's lines, in its order, with the units counted that DSCO has packages for.
func sightLines(o dsco.Order) []order.Line {
	numbers := lineNumbers(o.Lines)
	lines := make([]order.Line, len(o.Lines))
	whole := !slices.ContainsFunc(o.Lines, func(l dsco.Line) bool { return l.CancelRequested }) // else the order may only repeat its lines' word
	for i, l := range o.Lines {
		lines[i] = order.Line{Number: numbers[i], Item: l.ItemID, SKU: l.SKU, Partner: l.PartnerSKU,
			Ordered: l.Quantity, Cancelled: l.Cancelled, Rejected: l.Rejected, ShipBy: l.ShipBy, Warehouse: l.WarehouseCode,
			Requested: o.CancelRequested && whole || l.CancelRequested}
		if l.Cancelled+l.Rejected > 0 {
			lines[i].Reason = cut(line(l.CancelCode), 20)
		}
		if !lines[i].Named() { // else the row is the smaller without them
			lines[i].UPC, lines[i].EAN = l.UPC, l.EAN
		}
	}
	for _, p := range o.Packages {
		for _, item := range p.Items {
			tell(lines, item)
		}
	}
	return lines
}

// tell counts an item of a package on the line it belongs to: the one with its number, else the item's, else the
// sku's. Where several lines share these it fills one after the other, and what is too much stays with the last.
func tell(lines []order.Line, item dsco.PackageItem) {
	of := func(same func(order.Line) bool) (found []int) {
		for i, l := range lines {
			if same(l) {
				found = append(found, i)
			}
		}
		return found
	}
	found := of(func(l order.Line) bool { return l.Number == item.LineNumber })
	if len(found) == 0 {
		found = of(func(l order.Line) bool { return item.ItemID != "" && l.Item == item.ItemID })
	}
	if len(found) == 0 {
		found = of(func(l order.Line) bool { return item.SKU != "" && l.SKU == item.SKU })
	}
	units := max(0, item.Quantity)
	for n, i := range found {
		told := min(units, lines[i].Left())
		if n == len(found)-1 {
			told = units
		}
		lines[i].Told += told
		units -= told
	}
}

// sightPackages are the packages, each with the units of the lines that are in it.
func sightPackages(o dsco.Order) []order.Package {
	var seen []order.Package
	bare := o
	bare.Packages = nil
	lines := sightLines(bare)
	for _, p := range o.Packages {
		k := order.Package{Number: p.TrackingNumber, Carrier: p.Carrier, ServiceLevel: p.ServiceLevel, Shipped: p.ShipDate}
		before := slices.Clone(lines)
		for _, item := range p.Items {
			tell(lines, item)
		}
		for i, l := range lines {
			if units := l.Told - before[i].Told; units > 0 {
				k.Lines = append(k.Lines, order.Packed{Line: l.Number, Units: units})
			}
		}
		seen = append(seen, k)
	}
	return seen
}

func addressHash(salt []byte, a dsco.Address) string {
	return hash(salt, a.Name, a.Company, a.Attention, a.StoreNumber, strings.Join(a.Street, "\n"), a.City, a.Region, a.Postal, a.Country, a.Phone, a.Email, a.Type)
}

// linesHash is over what was ordered: a cancelled unit, a price or another order of the lines does not change it.
func linesHash(salt []byte, lines []dsco.Line) string {
	type content struct {
		number  int
		members []any
	}
	numbers := lineNumbers(lines)
	sorted := make([]content, len(lines))
	for i, l := range lines {
		sorted[i] = content{numbers[i], []any{numbers[i], l.ItemID, l.SKU, l.PartnerSKU, l.UPC, l.Title, l.Quantity, l.Color, l.Size, l.Personalization, l.GiftMessage}}
	}
	slices.SortStableFunc(sorted, func(a, b content) int { return cmp.Compare(a.number, b.number) })
	var all []any
	for _, c := range sorted {
		all = append(all, c.members)
	}
	return hash(salt, all...)
}

// hash is the first 12 hex digits of a salted digest: enough to notice a change, not enough to guess what changed.
func hash(salt []byte, members ...any) string {
	// Each member is quoted, so that none can pass for its neighbour. Text, numbers and truth always have JSON.
	text, _ := json.Marshal(members)
	mac := hmac.New(sha256.New, salt)
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))[:12]
}
