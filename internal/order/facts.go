package order

import (
	"slices"
	"time"
)

// Facts is what the retailer's measures of the supplier need of an order, and no more: a ledger keeps it for each
// finished one (see MarshalBinary). Times are UTC, to the second; a zero one is not known.
type Facts struct {
	ID                        ID
	Retailer, Country, Region string

	Available     time.Time // to the supplier, as DSCO dates it
	Received      time.Time
	AcknowledgeBy time.Time
	Acknowledged  time.Time // when it was done: zero where it was only found done
	Adopted       bool      // found in ShipStation: what happened to it before is not known

	HeldSince time.Time // it waits for a person now
	HeldFor   time.Duration

	Lines   []LineFacts
	Parcels []ParcelFacts
}

// LineFacts is a line of them, counted in units.
type LineFacts struct {
	SKU       string // not in the short form: there a ledger has a number for it
	Warehouse string
	Ordered   int
	Shipped   int
	Cancelled int
	Ours      int    // of the cancelled ones, those that we told DSCO of
	Reason    string // the code of the cancellation; empty when nobody said

	Due      time.Time // Expected Ship Date: the line's own before the order's
	Shipment time.Time // the latest ship date reported of it
	Parcel   int       // place of that parcel in Parcels, counted from 1; 0: none
	Closed   time.Time // since when all of it is shipped or cancelled; zero: it is open
}

// ParcelFacts is a parcel of them: one of ours, or one that only DSCO knows.
type ParcelFacts struct {
	Carrier, Service string // as DSCO was told, else in ShipStation's words

	Created time.Time // its label; zero when ShipStation does not have it
	Ships   time.Time // the beginning of its ship date, if that is later
	Told    time.Time // when DSCO was told by us
	Known   bool      // DSCO knows of it
	Voided  time.Time
	Spare   bool // nothing of the order was left for it, since it was shipped before: shipped again
}

// closeLines dates the lines of which nothing is left to ship. One that was so when it was first seen is dated by what
// DSCO tells of it, or it would seem to have been closed by the run that found it.
func (o *Order) closeLines(before Order, at time.Time) {
	for i := range o.Lines {
		l := &o.Lines[i]
		switch open := l.Ordered > 0 && l.Left() > 0 && !o.cancelled() && !o.shipped(); {
		case open:
			l.Closed = time.Time{}
		case !l.Closed.IsZero():
		case before.Received.IsZero():
			l.Closed = o.DSCO.Updated
			if shipped, _ := o.shipment(*l, o.tellings()); !shipped.IsZero() {
				l.Closed = shipped
			}
			if l.Closed.IsZero() || l.Closed.After(at) {
				l.Closed = at
			}
		default:
			l.Closed = at
		}
	}
}

// Ended is since when nothing of the order is left to ship; zero while something is, or where no line tells.
func (o Order) Ended() (last time.Time) {
	for _, l := range o.Lines {
		if l.Closed.IsZero() {
			return time.Time{}
		}
		if l.Closed.After(last) {
			last = l.Closed
		}
	}
	return last
}

// Facts are those of the order as it stands now.
func (o Order) Facts() Facts {
	f := Facts{ID: o.ID, Retailer: o.Retailer, Country: o.DSCO.Country, Region: o.DSCO.Region,
		Available: second(o.DSCO.Created), Received: second(o.Received), AcknowledgeBy: second(o.DSCO.AcknowledgeBy),
		Adopted: !o.Adopted.IsZero(), HeldSince: second(o.HeldSince), HeldFor: o.HeldFor.Truncate(time.Second)}
	if o.Acknowledged.After(o.Received) { // else it was acknowledged before it was first seen
		f.Acknowledged = second(o.Acknowledged)
	}
	told := o.tellings()
	for _, t := range told {
		f.Parcels = append(f.Parcels, t.facts)
	}
	lines := slices.ContainsFunc(o.Lines, func(l Line) bool { return !l.ShipBy.IsZero() })
	for _, l := range o.Lines {
		k := LineFacts{SKU: l.SKU, Warehouse: l.Warehouse, Ordered: max(0, l.Ordered), Ours: l.Ours, Reason: l.Reason, Due: second(l.ShipBy), Closed: second(l.Closed)}
		if k.Due.IsZero() {
			k.Due = second(o.DSCO.OwnShipBy)
		}
		if k.Due.IsZero() && !lines { // of a row that was not told which date is whose
			k.Due = second(o.DSCO.ShipBy)
		}
		k.Shipped = min(l.Told, k.Ordered)
		k.Cancelled = max(0, min(o.withdrawn(l), k.Ordered-k.Shipped))
		if o.shipped() { // where DSCO says so without saying which lines, all that was not cancelled is
			k.Shipped = k.Ordered - k.Cancelled
		}
		k.Ours = min(k.Ours, k.Cancelled)
		if k.Cancelled == 0 {
			k.Reason = ""
		}
		k.Shipment, k.Parcel = o.shipment(l, told)
		k.Shipment = second(k.Shipment)
		f.Lines = append(f.Lines, k)
	}
	return f
}

// telling is a parcel beside what DSCO was told of it.
type telling struct {
	facts   ParcelFacts
	lines   []Packed
	shipped time.Time
}

// tellings are the parcels of both sides, each once. A voided one that DSCO was told of is among them: DSCO takes none
// back, and counts its date.
func (o Order) tellings() []telling {
	var all []telling
	before := o.told() > 0 || o.shipped()
	for _, p := range o.Parcels {
		t := telling{lines: p.Lines, facts: ParcelFacts{Carrier: p.Carrier, Service: p.Service, Created: second(p.Created), Known: !p.Told.IsZero(), Voided: second(p.Voided)}}
		if t.facts.Carrier == "" {
			t.facts.Carrier = p.Name
		}
		if p.Ships.After(p.Created) {
			t.facts.Ships = second(p.Ships)
		}
		if p.As != nil {
			t.facts.Carrier, t.facts.Service, t.facts.Told, t.shipped = p.As.Carrier, p.As.Service, second(p.Told), p.As.Shipped
		}
		i := slices.IndexFunc(o.DSCO.Packages, func(k Package) bool { return sameNumber(k.Number, p.Number) })
		if i >= 0 {
			t.show(o.DSCO.Packages[i])
		}
		if t.shipped.IsZero() { // nobody says what was told: no earlier than it can have moved
			t.shipped = p.Due(0)
		}
		t.facts.Spare = before && p.live() && !t.facts.Known && p.Unclear == "" && len(o.Lines) > 0 && len(o.Parcel(p.ID).Lines) == 0
		all = append(all, t)
	}
	for _, k := range o.DSCO.Packages {
		if slices.ContainsFunc(o.Parcels, func(p Parcel) bool { return sameNumber(p.Number, k.Number) }) {
			continue
		}
		t := telling{lines: k.Lines}
		t.show(k)
		all = append(all, t)
	}
	return all
}

// show takes over what DSCO shows of a parcel: it is what DSCO measures by.
func (t *telling) show(k Package) {
	t.facts.Known = true
	if k.Carrier != "" {
		t.facts.Carrier, t.facts.Service = k.Carrier, k.ServiceLevel
	}
	if !k.Shipped.IsZero() {
		t.shipped = k.Shipped
	}
}

// shipment is the latest ship date that DSCO has of a line, and the place of that parcel among the tellings, counted
// from 1. A parcel without contents counts for every line that no other parcel holds.
func (o Order) shipment(l Line, told []telling) (latest time.Time, parcel int) {
	for _, whole := range []bool{false, true} {
		for i, t := range told {
			if !t.facts.Known || whole && len(t.lines) > 0 || !whole && units(t.lines, l.Number) == 0 {
				continue
			}
			if parcel == 0 || t.shipped.After(latest) {
				latest, parcel = t.shipped, i+1
			}
		}
		if parcel > 0 {
			break
		}
	}
	return latest, parcel
}

func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// Labelled is how many of the units that are left have a label that DSCO does not know of yet.
func (o Order) Labelled() (n int) {
	for _, l := range o.Lines {
		labelled := 0
		for _, p := range o.Parcels {
			if p.live() && p.Told.IsZero() {
				labelled += units(p.Lines, l.Number)
			}
		}
		n += min(labelled, l.Left())
	}
	return n
}
