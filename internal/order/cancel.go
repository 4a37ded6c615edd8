package order

import (
	"fmt"
	"slices"
	"time"
)

// Guarded marks the note of a cancellation that was not told to DSCO because too many came at once.
const Guarded = "guarded"

// withdrawn is how many units of a line DSCO shows as cancelled or rejected.
func (o Order) withdrawn(l Line) int {
	if o.DSCO.Status == "cancelled" { // which may come without a word about the lines
		return l.Ordered
	}
	return min(l.Ordered, l.Cancelled+l.Rejected)
}

// stays is how many units of a line were not cancelled, shipped or not.
func (o Order) stays(l Line) int { return l.Ordered - o.withdrawn(l) }

// holds is how many units of a line the ShipStation orders of a kind hold together.
func (o Order) holds(line int, kind func(Ref) bool) int {
	n := 0
	for _, r := range o.ShipStation {
		if kind(r) {
			n += units(r.Lines, line)
		}
	}
	return n
}

func units(lines []Packed, line int) int {
	n := 0
	for _, p := range lines {
		if p.Line == line {
			n += p.Units
		}
	}
	return n
}

// vague tells whether it is not known for certain what of the order the ShipStation order holds.
func (r Ref) vague() bool { return r.Unclear || len(r.Lines) == 0 }

// dead tells whether somebody cancelled the ShipStation order since dscosync has known it. One that a provider refused may
// still be shipped by another.
func (r Ref) dead() bool { return r.Status == "cancelled" && !r.Before }

// owes tells whether DSCO cancelled units that ShipStation was not told of and still has open.
func (o Order) owes() bool {
	return slices.ContainsFunc(o.ShipStation, Ref.open) &&
		slices.ContainsFunc(o.Lines, func(l Line) bool { return o.withdrawn(l) > l.Carried })
}

// onTheWay are the parcels that were not voided.
func (o Order) onTheWay() []Parcel {
	return slices.DeleteFunc(slices.Clone(o.Parcels), func(p Parcel) bool { return !p.live() })
}

// carry notes which cancelled units ShipStation knows of, because it was told or because it does not hold them anyway.
// Without that, what one side cancelled would come back to it from the other.
func (o *Order) carry() {
	if !o.Created() {
		return
	}
	open := slices.ContainsFunc(o.ShipStation, Ref.open)
	vague := slices.ContainsFunc(o.ShipStation, func(r Ref) bool { return r.Live() && r.vague() })
	for i := range o.Lines {
		l := &o.Lines[i]
		gone, held := o.withdrawn(*l), o.holds(l.Number, Ref.Live)
		switch {
		case gone > l.Carried && (!open || !vague && !o.cancelled() && held <= l.Ordered-gone):
			o.bury(l, gone-l.Carried)
		case gone < l.Carried && held >= l.Ordered-gone: // live again on both sides, and shipped by now or not
			l.Carried = gone
		}
		l.Buried = min(l.Buried, l.Carried)
	}
}

// bury notes that both sides know of so many more cancelled units.
func (o *Order) bury(l *Line, more int) {
	l.Carried += more
	l.Buried += min(more, max(0, o.dug(*l)))
}

// dug is how many units of a line lie in cancelled ShipStation orders that DSCO does not know to be cancelled. What was
// cancelled for DSCO's sake, or what it was told of, is no proof that a person cancelled more.
func (o Order) dug(l Line) int { return o.holds(l.Number, Ref.dead) - l.Buried }

// Correction is what a ShipStation order is to hold once it knows what was cancelled: nothing means that it is
// cancelled as a whole. It is due where due is true.
func (o Order) Correction(ref int64) (lines []Packed, due bool) {
	if !o.owes() {
		return nil, false
	}
	if o.cancelled() {
		i := slices.IndexFunc(o.ShipStation, func(r Ref) bool { return r.ID == ref })
		return nil, i >= 0 && o.ShipStation[i].open()
	}
	for _, l := range o.Lines {
		over := o.holds(l.Number, Ref.Live) - o.stays(l)
		if l.Carried == o.withdrawn(l) {
			over = 0 // a person's count that differs is a person's
		}
		for _, r := range slices.Backward(o.ShipStation) { // parts that were split off go before the order itself
			if !r.open() {
				continue
			}
			have := units(r.Lines, l.Number)
			cut := min(max(0, over), have)
			over -= cut
			if r.ID != ref {
				continue
			}
			due = due || cut > 0
			if have > cut {
				lines = append(lines, Packed{l.Number, have - cut})
			}
		}
	}
	return lines, due
}

// toCorrect is the first ShipStation order that is to be corrected.
func (o Order) toCorrect() (ref int64, due bool) {
	for _, r := range slices.Backward(o.ShipStation) {
		if _, due := o.Correction(r.ID); due {
			return r.ID, true
		}
	}
	return 0, false
}

// Cancellable are the units that were cancelled in ShipStation and that DSCO does not know of: what is left, but for
// what another ShipStation order or a parcel holds. Where it cannot be told apart there is none, and clash says so.
func (o Order) Cancellable() []Packed {
	if !slices.ContainsFunc(o.ShipStation, Ref.dead) || o.unsure() {
		return nil
	}
	var all []Packed
	others := slices.ContainsFunc(o.ShipStation, func(r Ref) bool { return !r.dead() }) || len(o.onTheWay()) > 0
	for _, l := range o.Lines {
		n := o.missing(l)
		if others {
			n = min(n, o.dug(l))
		}
		if n > 0 {
			all = append(all, Packed{l.Number, n})
		}
	}
	return all
}

// Withdrawing tells whether the order counts for the guard: DSCO is to hear of a cancellation, now, or once it is old
// enough or the order is acknowledged, or was to hear of it and the guard kept it back.
func (o Order) Withdrawing() bool {
	if o.Intent != nil || !o.withdraws() {
		return false
	}
	guarded := o.Note(Write{Step: CancelDSCO}).Code == Guarded
	return guarded && o.Dismissed == nil || !o.HeldAt(CancelDSCO) // what the guard kept back is held
}

// missing is how many units of a line are to be shipped that neither a ShipStation order nor a parcel holds.
func (o Order) missing(l Line) int {
	return min(o.stays(l)-o.holds(l.Number, Ref.Live)-o.loose(l.Number)-o.foreign(l), l.Left())
}

// unsure tells whether units that were cancelled in ShipStation cannot be told from those that were not.
func (o Order) unsure() bool {
	return slices.ContainsFunc(o.ShipStation, func(r Ref) bool { return r.Live() && r.vague() }) ||
		slices.ContainsFunc(o.onTheWay(), func(p Parcel) bool { return p.Unclear != "" })
}

// loose is how many units of a line are in parcels of no ShipStation order that still stands.
func (o Order) loose(line int) int {
	n := 0
	for _, p := range o.onTheWay() {
		if !slices.ContainsFunc(o.ShipStation, func(r Ref) bool { return r.ID == p.Ref && r.Live() }) {
			n += units(p.Lines, line)
		}
	}
	return n
}

// foreign is how many units of a line DSCO was told of by somebody else.
func (o Order) foreign(l Line) int {
	n := l.Told
	for _, p := range o.onTheWay() {
		if !p.Told.IsZero() {
			n -= units(p.Lines, l.Number)
		}
	}
	return max(0, n)
}

// lowered notices that a person took units out of the ShipStation order that DSCO still counts on.
func (o *Order) lowered(at time.Time) {
	const code = "lowered"
	missing := ""
	if (o.Live() || o.Created() && len(o.onTheWay()) > 0) && !o.unsure() && !o.shipped() {
		missing = o.named(func(l Line) int { return o.missing(l) - max(0, o.dug(l)) }) // DSCO hears of what was cancelled there
	}
	if missing == "" {
		o.Notices = slices.DeleteFunc(slices.Clone(o.Notices), func(n Notice) bool { return n.Code == code })
		return
	}
	o.remark(code, fmt.Sprintf("ShipStation holds less of it than is to be shipped: %s is not there. If it will not be shipped, cancel it in DSCO's portal; else add it in ShipStation", missing), at)
}

// CancelRequested tells whether the retailer asks to cancel something that can still be cancelled.
func (o Order) CancelRequested() bool {
	if !o.DSCO.Requested || o.Over() {
		return false
	}
	named := slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Requested })
	return !named || slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Requested && l.Left() > 0 })
}

// requested notices that the retailer asks to cancel the order, as long as there is something to decide.
func (o *Order) requested(at time.Time) {
	const code = "cancel-requested"
	if !o.CancelRequested() {
		o.Notices = slices.DeleteFunc(slices.Clone(o.Notices), func(n Notice) bool { return n.Code == code })
		return
	}
	what := o.named(func(l Line) int {
		if l.Requested {
			return l.Left()
		}
		return 0
	})
	if what == "" || !slices.ContainsFunc(o.Lines, func(l Line) bool { return !l.Requested && l.Left() > 0 }) {
		what = "it"
	}
	o.remark(code, fmt.Sprintf("the retailer asks to cancel %s: to accept, cancel it in ShipStation; else ship it, or refuse in DSCO's portal", what), at)
}

// remark is notice for what is looked at again in each run: as long as it says the same it keeps its date.
func (o *Order) remark(code, text string, at time.Time) {
	if !slices.ContainsFunc(o.Notices, func(n Notice) bool { return n.Code == code && n.Text == text }) {
		o.notice(code, text, at)
	}
}
