package scorecard

import (
	"fmt"
	"slices"
	"time"

	"dscosync/internal/order"
)

// account is one order on its way into a card.
type account struct {
	*Card
	facts order.Facts
}

// line counts a line that was closed.
func (a account) line(l order.LineFacts) {
	if l.Ordered == 0 || !l.Closed.IsZero() && l.Closed.After(a.rules.Now) {
		return
	}
	if l.Closed.IsZero() {
		a.openLine(l)
		return
	}
	if a.facts.Adopted && a.rules.Period.Has(l.Closed) {
		a.found++
	}
	for _, t := range a.at(l.Closed, a.lineGroup(l), true) {
		t.line(l)
	}
	if d := a.day(l.Closed); d != nil {
		d.line(l, a.facts.ID)
	}
}

// openLine counts a line that is still to be shipped in a period that is not over.
func (a account) openLine(l order.LineFacts) {
	if !a.rules.Period.Has(a.rules.Now) || l.Due.IsZero() || !l.Due.Before(a.rules.Period.To) {
		return
	}
	for _, t := range a.at(a.rules.Now, a.lineGroup(l), !a.rules.By.dated()) {
		t.open++
		if l.Due.Before(a.rules.Now) {
			t.overdue++
		}
	}
}

// parcel counts a parcel.
func (a account) parcel(p order.ParcelFacts) {
	group, grouped := a.parcelGroup(p)
	if !p.Told.IsZero() {
		if took, ok := a.span(p.Created, p.Told, a.rules.Period.Has(p.Told)); ok {
			due := p.Created.Add(a.rules.ShipDelay)
			if p.Ships.After(due) {
				due = p.Ships
			}
			late := p.Told.Sub(due) > a.rules.Tracking
			for _, t := range a.at(p.Told, group, grouped) {
				t.told.add(took)
				if late {
					t.toldLate++
				}
			}
			if d := a.day(p.Told); d != nil {
				d.told.add(took, a.facts.ID)
			}
		}
	}
	for _, t := range a.at(p.Voided, group, grouped) {
		t.voids++
		if p.Known {
			t.voidsTold++
		}
	}
	if p.Spare {
		for _, t := range a.at(p.Created, group, grouped) {
			t.reships++
		}
	}
}

// order counts what concerns the order as a whole.
func (a account) order() {
	f := a.facts
	group, grouped := a.orderGroup()
	if !f.Acknowledged.IsZero() && !f.Available.IsZero() {
		if took, ok := a.span(f.Available, f.Acknowledged, a.rules.Period.Has(f.Acknowledged)); ok {
			for _, t := range a.at(f.Acknowledged, group, grouped) {
				t.acknowledged.add(took)
				if !f.AcknowledgeBy.IsZero() && f.Acknowledged.After(f.AcknowledgeBy) {
					t.acknowledgedLate++
				}
			}
			if d := a.day(f.Acknowledged); d != nil {
				d.acknowledged.add(took, f.ID)
			}
		}
	}
	ended, closed, shipped := a.ended()
	open := closed.IsZero() || closed.After(a.rules.Now)
	if open || !f.HeldSince.IsZero() {
		a.held(a.rules.Now, group, grouped && !a.rules.By.dated())
	} else {
		a.held(closed, group, grouped)
	}
	if open || !shipped || f.Available.IsZero() {
		return
	}
	if took, ok := a.span(f.Available, ended, a.rules.Period.Has(closed)); ok {
		for _, t := range a.at(closed, group, grouped) {
			t.shipped.add(took)
		}
		if d := a.day(closed); d != nil {
			d.shipped.add(took, f.ID)
		}
	}
}

// ended is when all units of the order were shipped or cancelled, as far as DSCO measures it; closed when that was
// known, and zero while a line is open.
func (a account) ended() (ended, closed time.Time, shipped bool) {
	for _, l := range a.facts.Lines {
		if l.Ordered == 0 {
			continue
		}
		if l.Closed.IsZero() {
			return time.Time{}, time.Time{}, false
		}
		end := l.Closed
		if l.Shipped > 0 && !l.Shipment.IsZero() {
			shipped = true
			if !a.cancelledLast(l) {
				end = l.Shipment
			}
		}
		ended, closed = later(ended, end), later(closed, l.Closed)
	}
	return ended, closed, shipped
}

// cancelledLast tells whether a closed line is known to have been so by a cancellation, after its last parcel was told.
func (a account) cancelledLast(l order.LineFacts) bool {
	if l.Cancelled == 0 || l.Parcel == 0 || a.facts.Parcels[l.Parcel-1].Told.IsZero() {
		return false
	}
	return !slices.ContainsFunc(a.facts.Parcels, func(p order.ParcelFacts) bool { return p.Told.Equal(l.Closed) })
}

// held counts an order that waited for a person when nothing of it was left, or waits now.
func (a account) held(when time.Time, group string, grouped bool) {
	waited, now := a.facts.HeldFor, !a.facts.HeldSince.IsZero()
	if now {
		waited += max(0, a.rules.Now.Sub(a.facts.HeldSince))
	}
	if waited == 0 && !now {
		return
	}
	for _, t := range a.at(when, group, grouped) {
		t.held.add(waited)
		if now {
			t.heldNow++
		}
	}
}

// span is how long something took. Where the later moment is dated before the earlier one a clock was wrong, and
// nothing is known.
func (a account) span(from, to time.Time, counts bool) (time.Duration, bool) {
	if from.IsZero() {
		return 0, false
	}
	took := to.Sub(from)
	if took < 0 && counts {
		a.odd++
	}
	return took, took >= 0
}

// none is what a group is called whose lines have nothing in the place of its name.
const none = "none"

func (a account) lineGroup(l order.LineFacts) string {
	switch a.rules.By {
	case BySKU:
		return or(l.SKU)
	case ByWarehouse:
		return or(l.Warehouse)
	case ByCarrier, ByService:
		if l.Parcel == 0 {
			return none
		}
		group, _ := a.parcelGroup(a.facts.Parcels[l.Parcel-1])
		return group
	}
	group, _ := a.orderGroup()
	return group
}

func (a account) parcelGroup(p order.ParcelFacts) (group string, grouped bool) {
	switch a.rules.By {
	case ByCarrier:
		return or(p.Carrier), true
	case ByService:
		if p.Service == "" {
			return or(p.Carrier), true
		}
		return p.Carrier + " " + p.Service, true
	case BySKU, ByWarehouse:
		return "", false
	}
	return a.orderGroup()
}

func (a account) orderGroup() (group string, grouped bool) {
	switch a.rules.By {
	case ByRetailer:
		return or(a.facts.Retailer), true
	case ByRegion:
		if a.facts.Region == "" {
			return or(a.facts.Country), true
		}
		return a.facts.Country + "-" + a.facts.Region, true
	case ByDay, ByWeek:
		return "", true
	}
	return "", false
}

func or(name string) string {
	if name == "" {
		return none
	}
	return name
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// week is an ISO week: 2026-W48.
func week(t time.Time) string {
	year, n := t.ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, n)
}
