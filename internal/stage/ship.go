package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
)

// fitShip readies a parcel to be told; what is not known of it for certain keeps it from being sent.
func (p *pass) fitShip(c *chunk, o order.Order, w order.Write) *order.Note {
	parcel := o.Parcel(w.Parcel)
	hold := &order.Note{Write: w, Held: true, At: p.Now()}
	if parcel.Unclear != "" {
		hold.Text = fmt.Sprintf("parcel %s: %s", parcel.Number, parcel.Unclear)
		hold.Hint = fmt.Sprintf("tell DSCO of it in its portal, then run: dscosync dismiss %s --reason TEXT", o.ID)
		return hold
	}
	for _, l := range o.Lines {
		if !l.Named() && slices.ContainsFunc(parcel.Lines, func(packed order.Packed) bool { return packed.Line == l.Number }) {
			hold.Text = fmt.Sprintf("parcel %s: line %d has neither item id nor SKU, UPC or EAN in DSCO, so DSCO cannot be told which line it is of", parcel.Number, l.Number)
			hold.Hint = fmt.Sprintf("tell DSCO of it in its portal, then run: dscosync dismiss %s --reason TEXT", o.ID)
			return hold
		}
	}
	carriage, err := p.Carriers.For(o, parcel)
	if unknown, ok := errors.AsType[*UnknownCarrier](err); ok {
		hold.Code, hold.Text = order.Unmapped, fmt.Sprintf("parcel %s: %s", parcel.Number, unknown.Error())
		hold.Hint = "add to the settings, under carriers: " + entry(unknown)
		return hold
	}
	c.shipment = p.shipment(o, parcel, carriage)
	return nil
}

// entry is the line for the settings, on one line.
func entry(u *UnknownCarrier) string {
	lines := strings.Split(strings.TrimSpace(u.Lines()), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// shipment is all that is known of a parcel: accounts differ in what they demand.
func (p *pass) shipment(o order.Order, parcel order.Parcel, carriage Carriage) dsco.Shipment {
	s := dsco.Shipment{
		OrderID: string(o.ID), PO: o.PO, Tracking: parcel.Number,
		Carrier: carriage.Carrier, Method: carriage.Method, ServiceLevel: carriage.ServiceLevel,
		WarehouseCode: p.Warehouses[o.Retailer],
		ShipDate:      shipDate(parcel, p.Now().Add(-p.ahead())),
		Cost:          dsco.Amount(parcel.Cost), Weight: dsco.Amount(parcel.Weight), WeightUnits: weightUnits[parcel.Unit],
	}
	for _, packed := range parcel.Lines {
		for _, l := range o.Lines {
			if l.Number != packed.Line {
				continue
			}
			if l.Warehouse != "" {
				s.WarehouseCode = l.Warehouse
			}
			s.Lines = append(s.Lines, dsco.ShippedLine{Number: l.Number, Quantity: packed.Units, ItemID: l.Item, SKU: l.SKU, PartnerSKU: l.Partner, UPC: l.UPC, EAN: l.EAN, Span: o.Spans(l.Number)})
		}
	}
	return s
}

var weightUnits = map[string]string{"ounces": "OZ", "pounds": "LB", "grams": "G"}

// shipDate is the label's ship date, or the moment the label was bought on that day; never in the future.
func shipDate(p order.Parcel, now time.Time) time.Time {
	date := p.Created
	if p.Ships.After(date) {
		date = p.Ships
	}
	if date.After(now) {
		return now
	}
	return date
}

// ship tells DSCO of a parcel. A crash here leaves an intent: the next run reads the order in DSCO and finds the number
// among its packages, or tells it again once DSCO would show it.
func (r *Runner) ship(ctx context.Context, c chunk) map[order.ID]outcome {
	d := c.rows[0]
	if err := r.DSCO.Ship(ctx, c.shipment); err != nil {
		return all(c, err)
	}
	as := order.Telling{Shipped: stamp(c.shipment.ShipDate), Carrier: c.shipment.Carrier, Service: c.shipment.ServiceLevel}
	return map[order.ID]outcome{d.id: {sighting: order.ShippedReceipt{At: r.Now(), Parcel: d.parcel, As: as}}}
}

// refusedParcel names the parcel that DSCO refused. Where it has the voided one before it for the same units, that is
// most likely why: DSCO takes no parcel back, and a person has to have it changed there.
func refusedParcel(n *order.Note, o order.Order) {
	number := o.Parcel(n.Write.Parcel).Number
	n.Text = fmt.Sprintf("parcel %s: %s", number, n.Text)
	before := o.Replaced(n.Write.Parcel)
	if len(before) == 0 {
		return
	}
	voided := strings.Join(before, ", ")
	n.Text += fmt.Sprintf("; DSCO was told of %s for these units before that label was voided", voided)
	n.Hint = fmt.Sprintf("have %s replaced by %s on the order in DSCO, in its portal or by the retailer: a package there cannot be taken back from here; then run: dscosync dismiss %s --reason TEXT. If DSCO takes %s from then on: dscosync retry %s",
		voided, number, o.ID, number, o.ID)
}
