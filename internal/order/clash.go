package order

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// clash holds what the two sides contradict each other in. Nothing is undone: a person knows what is true.
func (o *Order) clash(at time.Time) {
	for _, c := range []struct {
		step Step
		find func() (text, hint string)
	}{
		{CancelShipStation, o.clashInShipStation},
		{CancelDSCO, o.clashInDSCO},
	} {
		text, hint := c.find()
		if text == "" {
			o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Code == conflict && n.Write.Step == c.step })
			continue
		}
		o.note(Note{Write: Write{Step: c.step}, Code: conflict, Held: true, At: at, Text: text, Hint: hint})
	}
}

// needless drops the notes on writes that are no longer needed: somebody did it, or changed what it was needed for.
func (o *Order) needless() {
	o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool {
		switch due := false; {
		case n.Code == conflict || o.Intent != nil && o.Intent.Write == n.Write:
			return false
		case n.Write.Step == CancelShipStation:
			_, due = o.Correction(n.Write.Ref)
			return !due
		case n.Write.Step == CancelDSCO:
			return !o.withdraws()
		case n.Write.Step == Ship:
			return o.cancelled() // DSCO takes no parcel of it any more
		case n.Write.Step == Suspend:
			return !o.CancelRequested()
		case n.Write.Step == Resume:
			_, due = o.toResume()
			return !due
		}
		return false
	})
}

func (o *Order) clashInShipStation() (text, hint string) {
	settled := "; once it is settled: dscosync dismiss " + string(o.ID) + " --reason TEXT"
	what := "it"
	if !o.cancelled() {
		what = o.named(func(l Line) int { return o.withdrawn(l) })
	}
	if p, ok := o.overpacked(); ok {
		return fmt.Sprintf("DSCO shows %s as cancelled, but the parcel %s was made for it", what, p.Number),
			"if it has not left, void its label in ShipStation; if it has, tell the retailer" + settled
	}
	if o.cancelled() && slices.ContainsFunc(o.ShipStation, func(r Ref) bool { return r.Status == "shipped" }) {
		return "DSCO shows it as cancelled, but in ShipStation it is shipped", "if it has left, tell the retailer" + settled
	}
	if !o.owes() {
		if o.restored() {
			return fmt.Sprintf("DSCO shows %s as cancelled, but in ShipStation it is open again", what),
				"if it is not to be shipped, cancel it in ShipStation; else ask the retailer for a new order" + settled
		}
		return "", ""
	}
	if on := o.onTheWay(); len(on) > 0 {
		return fmt.Sprintf("DSCO has cancelled %s, but the order has a parcel already (%s)", what, on[0].Number),
			"take what was cancelled out of the ShipStation order by hand, or cancel what is left of it there" + settled
	}
	for _, r := range o.ShipStation {
		if r.open() && len(r.Others) > 0 {
			return fmt.Sprintf("DSCO has cancelled %s, but ShipStation order %s holds order %s, too: they were combined", what, r.Number, strings.Join(texts(r.Others), ", ")),
				"take it out of the ShipStation order by hand, or undo the combination there"
		}
		if r.open() && r.vague() && !o.cancelled() {
			return fmt.Sprintf("DSCO has cancelled %s, but it is not clear which items of ShipStation order %s these are", what, r.Number),
				"take them out of the ShipStation order by hand" + settled
		}
	}
	return "", ""
}

func (o *Order) clashInDSCO() (text, hint string) {
	if o.cancelled() {
		return "", ""
	}
	back := o.named(func(l Line) int { return l.Carried - o.withdrawn(l) })
	if back != "" {
		return fmt.Sprintf("DSCO shows %s as live again after it was cancelled, but in ShipStation it is cancelled", back),
			"if it is to be shipped, restore it in ShipStation; else cancel it in DSCO's portal; or, if it is settled: dscosync dismiss " + string(o.ID) + " --reason TEXT"
	}
	if o.Left() > 0 && (o.unsure() && slices.ContainsFunc(o.ShipStation, Ref.dead) || o.adrift()) && !o.shipped() {
		return "a part of it was cancelled in ShipStation, and it is not clear which units are left",
			"cancel in DSCO's portal what will not be shipped; once it is settled: dscosync dismiss " + string(o.ID) + " --reason TEXT"
	}
	return "", ""
}

// adrift tells whether units are missing that may be those of a cancelled part of which it is not known what it held.
func (o Order) adrift() bool {
	part := slices.ContainsFunc(o.ShipStation, func(r Ref) bool { return r.dead() && r.vague() })
	live := slices.ContainsFunc(o.ShipStation, Ref.Live) || len(o.onTheWay()) > 0
	return part && live && slices.ContainsFunc(o.Lines, func(l Line) bool { return o.missing(l) > max(0, o.dug(l)) })
}

// overpacked is the first parcel with which more of a line is on its way than DSCO has not cancelled.
func (o Order) overpacked() (Parcel, bool) {
	on := o.onTheWay()
	for i, p := range on {
		if o.cancelled() {
			return p, true
		}
		for _, l := range o.Lines {
			if o.withdrawn(l) > 0 && together(on[:i+1], l.Number) > o.stays(l) {
				return p, true
			}
		}
	}
	return Parcel{}, false
}

// together is how many units of a line are in parcels. A mark is about all that its ShipStation order holds, so what has a
// label of that order, or another mark, is in it already.
func together(parcels []Parcel, line int) int {
	labels, most := map[int64]int{}, map[int64]int{}
	for _, p := range parcels {
		n := units(p.Lines, line)
		if !p.Marked {
			labels[p.Ref] += n
			n = labels[p.Ref]
		}
		most[p.Ref] = max(most[p.Ref], n)
	}
	n := 0
	for _, units := range most {
		n += units
	}
	return n
}

// restored tells whether ShipStation holds open again what it had known to be cancelled.
func (o Order) restored() bool {
	if !slices.ContainsFunc(o.ShipStation, Ref.open) {
		return false
	}
	return o.cancelled() || slices.ContainsFunc(o.Lines, func(l Line) bool {
		return o.withdrawn(l) > 0 && o.holds(l.Number, Ref.Live) > o.stays(l) // or more: what is unclear is not counted
	})
}

// named lists the lines with units of a kind: "line 1 (2 units), line 3 (1 unit)"; empty when there are none.
func (o Order) named(count func(Line) int) string {
	var all []string
	for _, l := range o.Lines {
		switch n := count(l); {
		case n == 1:
			all = append(all, fmt.Sprintf("line %d (1 unit)", l.Number))
		case n > 1:
			all = append(all, fmt.Sprintf("line %d (%d units)", l.Number, n))
		}
	}
	return strings.Join(all, ", ")
}

func texts(ids []ID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return all
}
