package order

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// See folds in what a remote said. It alone settles doubts.
func (o Order) See(s Sighting) Order {
	before := o
	o.Lines, o.ShipStation = slices.Clone(o.Lines), slices.Clone(o.ShipStation)
	o.Notes, o.Notices, o.Parcels = slices.Clone(o.Notes), slices.Clone(o.Notices), slices.Clone(o.Parcels)
	s.fold(&o)
	o.uncreated()
	o.carry()
	o.contest(s.when())
	o.clash(s.when())
	o.needless()
	o.lowered(s.when())
	o.requested(s.when())
	o.forgive()
	o.closeLines(before, s.when())
	o.tidy()
	if o.Dismissed != nil && len(o.news(before)) > 0 {
		o.Dismissed = nil
	}
	return o.touch(before, s.when())
}

func (s InDSCO) fold(o *Order) {
	was, lines := o.DSCO, o.Lines
	if o.Received.IsZero() {
		o.Received = s.Began
	}
	// What cannot show our last write yet (a doubt is about none before it), or is older than what was seen, can only add.
	adds := !s.Proves.After(o.WroteDSCO) || s.DSCO.Updated.Before(was.Updated)
	o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Code == gone }) // here it is again
	o.PO, o.Retailer = s.PO, s.Retailer
	o.Lines = mergeLines(o.Lines, s.Lines, adds)
	if o.Intent != nil {
		o.creditOurs(lines)
	}
	o.DSCO = s.DSCO
	if adds {
		o.DSCO.Status = later(statuses, was.Status, s.DSCO.Status)
		o.DSCO.Lifecycle = later(lifecycles, was.Lifecycle, s.DSCO.Lifecycle)
		o.DSCO.Requested = was.Requested || s.DSCO.Requested
		o.DSCO.Packages = mergePackages(was.Packages, s.DSCO.Packages)
		if was.Updated.After(s.DSCO.Updated) {
			o.DSCO.Updated = was.Updated
			o.DSCO.Address, o.DSCO.Content, o.DSCO.Service = was.Address, was.Content, was.Service
		}
	}
	o.match(s.Began)
	if in := o.Intent; in != nil && in.Write.Step == Ship && !adds {
		o.Intent = nil // DSCO would show the parcel: it was not told
	}
	o.foldCancelled(s, adds)
	o.foldAcknowledged(s, adds)
	o.foldChange(was, s.Began)
	o.foldPackages(was, s.Began)
	if o.Over() { // nothing is to be created or acknowledged any more: the notes about it are past
		o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Write.Step == Create || n.Write.Step == Acknowledge })
	}
}

// forgotten is how long the change log may be silent about a request before what DSCO shows counts instead.
const forgotten = 24 * time.Hour

// foldCancelled settles a cancellation that DSCO was told of: nothing is left to cancel, or DSCO would show it and does
// not. One that waits in DSCO's queue is not told again because it is not shown: done twice it would take more units.
func (o *Order) foldCancelled(s InDSCO, adds bool) {
	in := o.Intent
	if in == nil || in.Write.Step != CancelDSCO {
		return
	}
	if len(in.Lines) == 0 || len(o.Cancellable()) == 0 {
		o.settle(CancelDSCO)
	} else if !adds && (in.RequestID == "" || s.Began.Sub(in.At) > forgotten) {
		o.Intent = nil
	}
}

// creditOurs counts what a cancellation of ours has done, where its answer did not tell. No other write has such lines.
func (o *Order) creditOurs(before []Line) {
	in := *o.Intent
	in.Lines = nil
	for _, p := range o.Intent.Lines {
		for i := range o.Lines {
			l := &o.Lines[i]
			for _, was := range before {
				if l.Number == p.Line && was.Number == l.Number && was.Item == l.Item {
					done := max(0, min(p.Units, l.Cancelled-was.Cancelled))
					l.Ours += done
					o.bury(l, done) // who restores it in ShipStation meanwhile is not to find it cancelled there again
					p.Units -= done
				}
			}
		}
		if p.Units > 0 {
			in.Lines = append(in.Lines, p)
		}
	}
	o.Intent = &in
}

// foldAcknowledged: past created means acknowledged, by whomever. A look that would show an acknowledgement of ours and
// does not show it says that there is none, whatever an answer said before: it is asked for again, which is harmless.
func (o *Order) foldAcknowledged(s InDSCO, adds bool) {
	if o.DSCO.pastCreated() {
		if o.Acknowledged.IsZero() {
			o.Acknowledged = s.Began
		}
		o.settle(Acknowledge)
		return
	}
	if adds {
		return
	}
	if !o.cancelled() { // one that is cancelled looks the same whether or not it had been acknowledged
		o.Acknowledged = time.Time{}
	}
	if o.Intent != nil && o.Intent.Write.Step == Acknowledge {
		o.Intent = nil
	}
}

// foldChange notices what DSCO changed. Before creation that is only the new content of what is to be created, and a
// reason to try a held create again; afterwards a person has to carry it over.
func (o *Order) foldChange(was DSCO, at time.Time) {
	var changed []string
	for _, c := range []struct{ what, was, is string }{
		{members[0], was.Address, o.DSCO.Address},
		{members[1], was.Content, o.DSCO.Content},
		{members[2], was.Service, o.DSCO.Service},
	} {
		if c.was != "" && c.is != c.was {
			changed = append(changed, c.what)
		}
	}
	if len(changed) == 0 {
		return
	}
	if !o.Created() {
		// Dealt with by hand, or with a parcel on its way: it may stand elsewhere already, so it only shows again.
		if o.Dismissed == nil && len(o.onTheWay()) == 0 && len(o.DSCO.Packages) == 0 {
			o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Held })
		}
		if o.Intent == nil { // else it may have been created as it was before
			return
		}
	}
	for _, n := range o.Notices { // what was noticed before still has to be carried over, too
		for _, what := range members {
			if n.Code == "changed" && strings.Contains(n.Text, what) && !slices.Contains(changed, what) {
				changed = append(changed, what)
			}
		}
	}
	o.notice("changed", fmt.Sprintf("changed in DSCO after it was sent to ShipStation: %s. Compare both sides and correct the ShipStation order by hand", strings.Join(changed, ", ")), at)
}

// uncreated forgets what changed while it was in doubt whether the order was created: it was not, and will be as it is now.
func (o *Order) uncreated() {
	if !o.Created() && o.Intent == nil {
		o.Notices = slices.DeleteFunc(o.Notices, func(n Notice) bool { return n.Code == "changed" })
	}
}

// members of an order that are compared, in words.
var members = []string{"the ship-to address", "the lines", "the shipping service"}

// foldPackages: somebody ships an order that ShipStation does not have. Where nothing is left to create, fold drops the
// note again.
func (o *Order) foldPackages(was DSCO, at time.Time) {
	if !o.Created() && len(o.DSCO.Packages) > len(was.Packages) {
		o.elsewhere("DSCO already has a parcel for this order, but ShipStation has no order", at)
	}
}

// foldLabel: ShipStation has a label for an order that it does not show. One that is being created is found with it.
func (o *Order) foldLabel(at time.Time) {
	if !o.Created() && o.Intent == nil && !o.Over() && len(o.onTheWay()) > 0 {
		o.elsewhere("ShipStation has a label for this order, but does not show the order", at)
	}
}

// elsewhere holds back the creation of an order that has a parcel already: it could ship the goods twice.
func (o *Order) elsewhere(text string, at time.Time) {
	o.note(Note{Write: Write{Step: Create}, Held: true, At: at, Text: text,
		Hint: "if what is left is to be shipped from ShipStation, run: dscosync retry " + string(o.ID) + "; else: dscosync dismiss " + string(o.ID) + " --reason TEXT"})
}

// settle ends the doubt about a step and what was noted of it: it is done.
func (o *Order) settle(step Step) {
	if o.Intent != nil && o.Intent.Write.Step == step {
		o.Intent = nil
	}
	o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Write.Step == step })
}

// settleWrite is settle for one write of a step that an order may need several of.
func (o *Order) settleWrite(w Write) {
	if o.Intent != nil && o.Intent.Write == w {
		o.Intent = nil
	}
	o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Write == w })
}

// note puts a note in place of the one the order has on the same write.
//
// The same hold found again keeps its date, so that a row nothing happened to does not change.
func (o *Order) note(n Note) {
	if have := o.Note(n.Write); have.Held && n.Held && have.Text == n.Text {
		n.At = have.At
	}
	o.Notes = slices.DeleteFunc(slices.Clone(o.Notes), func(have Note) bool { return have.Write == n.Write })
	o.Notes = append(o.Notes, n)
}

func (o *Order) notice(code, text string, at time.Time) {
	o.Notices = slices.DeleteFunc(slices.Clone(o.Notices), func(n Notice) bool { return n.Code == code })
	o.Notices = append(o.Notices, Notice{Code: code, Text: text, At: at})
}

// tidy leaves no empty list and nothing that is not kept, so that a row reads the same from memory and from the ledger.
func (o *Order) tidy() {
	if len(o.Notes) == 0 {
		o.Notes = nil
	}
	if len(o.Notices) == 0 {
		o.Notices = nil
	}
	if len(o.Lines) == 0 {
		o.Lines = nil
	}
	o.ShipStation = slices.Clone(o.ShipStation) // which may be the sighting's own
	for i := range o.ShipStation {
		o.ShipStation[i].Merged = nil
	}
}

// news names what the order shows that a person who dismissed it before has not seen.
func (o Order) news(before Order) (what []string) {
	for _, d := range []struct {
		new  bool
		name string
	}{
		{o.DSCO.Address != before.DSCO.Address, members[0]},
		{o.DSCO.Content != before.DSCO.Content, members[1]},
		{o.DSCO.Service != before.DSCO.Service, members[2]},
		{o.DSCO.Requested && !before.DSCO.Requested, "a request to cancel it"},
		{len(o.DSCO.Packages) != len(before.DSCO.Packages), "its parcels in DSCO"},
		{o.cancelled() != before.cancelled() || o.Left() != before.Left(), "what is left of it"},
		{!reflect.DeepEqual(o.ShipStation, before.ShipStation), "how it stands in ShipStation"},
	} {
		if d.new {
			what = append(what, d.name)
		}
	}
	return what
}

var (
	statuses   = []string{"created", "shipment_pending", "shipped", "cancelled"}
	lifecycles = []string{"received", "created", "acknowledged", "completed"}
)

// later is whichever of two words comes later in the order they follow each other; an unknown word is later than none.
func later(words []string, a, b string) string {
	if slices.Index(words, a) > slices.Index(words, b) {
		return a
	}
	return b
}

func (d DSCO) pastCreated() bool {
	switch d.Lifecycle {
	case "acknowledged":
		return true
	case "completed":
		return d.Status != "cancelled" // which may come before anybody acknowledged it
	}
	return d.Status == "shipment_pending" || d.Status == "shipped"
}

// mergeLines are the lines as they are shown, with what we know of them ourselves.
func mergeLines(have, seen []Line, adds bool) []Line {
	merged := slices.Clone(seen)
	for i, l := range merged {
		for _, h := range have {
			if h.Number != l.Number || h.Item != l.Item {
				continue
			}
			merged[i].Carried, merged[i].Buried, merged[i].Ours = h.Carried, h.Buried, h.Ours
			merged[i].Closed = h.Closed
			if merged[i].Reason == "" {
				merged[i].Reason = h.Reason
			}
			if adds {
				merged[i].Cancelled = max(l.Cancelled, h.Cancelled)
				merged[i].Rejected = max(l.Rejected, h.Rejected)
				merged[i].Requested = l.Requested || h.Requested
			}
		}
	}
	return merged
}

func mergePackages(have, seen []Package) []Package {
	merged := slices.Clone(have)
	for _, p := range seen {
		if !slices.ContainsFunc(have, func(h Package) bool { return h.Number == p.Number }) {
			merged = append(merged, p)
		}
	}
	return merged
}
