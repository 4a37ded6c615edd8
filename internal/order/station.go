package order

import (
	"fmt"
	"slices"
	"time"
)

func (s InShipStation) fold(o *Order) {
	if len(s.Refs) == 0 {
		if o.Intent != nil && o.Intent.Write.Step == Create && o.Intent.At.Before(s.Proves) {
			o.Intent = nil // begun long enough ago that it would show: it did not happen
			o.foldLabel(s.Began)
		}
		return
	}
	if !slices.ContainsFunc(o.ShipStation, func(r Ref) bool {
		return r.Live() && !slices.ContainsFunc(s.Refs, func(is Ref) bool { return is.ID == r.ID })
	}) {
		o.Lost = time.Time{} // all that stands is there; a part of it proves nothing about the others
	}
	if !o.Created() {
		refs, trouble := choose(s.Refs)
		ours := o.Intent != nil && o.Intent.Write.Step == Create
		if trouble == "" && !ours && !slices.ContainsFunc(refs, Ref.Live) {
			trouble = "ShipStation has this order, but cancelled"
		}
		if o.Over() { // whichever it is, nothing is to be created or acknowledged
			refs, trouble = s.Refs, ""
		}
		if trouble != "" {
			o.settle(Create)
			mend := "restore it in ShipStation"
			if slices.ContainsFunc(s.Refs, Ref.Live) {
				mend = "leave just one of them live"
			}
			o.note(Note{Write: Write{Step: Create}, Held: true, At: s.Began, Text: trouble,
				Hint: mend + ", then run: dscosync retry " + string(o.ID) + "; or, if it is not to be shipped, cancel it in DSCO's portal"})
			return
		}
		if !ours {
			o.Adopted = s.Began
			for i := range refs {
				refs[i].Before = !refs[i].Live()
			}
		}
		o.ShipStation = refs
		o.settle(Create)
		return
	}
	old := !s.Proves.After(o.WroteShipStation)
	for _, r := range s.Refs {
		o.ShipStation = slices.DeleteFunc(o.ShipStation, func(have Ref) bool { return have.ID != r.ID && slices.Contains(r.Merged, have.ID) })
		i := slices.IndexFunc(o.ShipStation, func(have Ref) bool { return have.ID == r.ID })
		switch {
		case i < 0:
			// A part that was split off says so. Another order with the number may be a copy, or from another time: that it is
			// cancelled says nothing of ours.
			r.Before = !r.Live() && !r.Child
			o.ShipStation = append(o.ShipStation, r)
		case !(old && o.ShipStation[i].Status != "" && r.Live()):
			o.ShipStation[i] = r.after(o.ShipStation[i])
		}
		if in := o.Intent; in == nil || in.Write.Step != Suspend || r.Status != "on_hold" { // whose hold that is only the order read by its id tells
			o.settleRef(r.ID, s.Proves)
		}
	}
}

// after is a ShipStation order as it is shown now, with what we know of it from before.
func (r Ref) after(was Ref) Ref {
	r.Before, r.Asked, r.Mark = was.Before && !r.Live(), was.Asked, was.Mark
	if !r.Live() && !was.Live() {
		r.Since = was.Since
	}
	return r
}

// settleRef settles the doubt about a write to a ShipStation order that was just shown: it is as it was to become, or it
// would show and does not.
func (o *Order) settleRef(ref int64, proves time.Time) {
	in := o.Intent
	if in == nil || in.Write.Ref != ref || ref == 0 {
		return
	}
	due := false
	switch in.Write.Step {
	case CancelShipStation:
		_, due = o.Correction(ref)
	case Suspend:
		due = true // a hold that is ours was settled before
	case Resume:
		i := slices.IndexFunc(o.ShipStation, func(r Ref) bool { return r.ID == ref })
		due = i >= 0 && o.ShipStation[i].Status == "on_hold"
	}
	if !due {
		o.settleWrite(in.Write)
	} else if in.At.Before(proves) {
		o.Intent = nil
	}
}

// choose picks what an order is in ShipStation. Of several with its number the one that is live; where that does not
// settle it a person has to.
func choose(refs []Ref) ([]Ref, string) {
	var whole, live, rest []Ref
	for _, r := range refs {
		switch {
		case r.Child:
			rest = append(rest, r)
		default:
			whole = append(whole, r)
			if r.Live() {
				live = append(live, r)
			}
		}
	}
	switch {
	case len(whole) <= 1:
		return append(whole, rest...), ""
	case len(live) == 1:
		return append(live, rest...), ""
	case len(live) == 0:
		return nil, fmt.Sprintf("ShipStation has %d orders with this number, all cancelled", len(whole))
	}
	return nil, fmt.Sprintf("ShipStation has %d live orders with this number", len(live))
}
