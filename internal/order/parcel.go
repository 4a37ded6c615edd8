package order

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Parcel is what the warehouse shipped of an order: a label bought in ShipStation, or a mark that it was shipped by hand
// or by a provider.
type Parcel struct {
	ID      int64    `json:"id"`
	Ref     int64    `json:"ref,omitempty"`     // the ShipStation order it was made for; 0 = not known
	Marked  bool     `json:"marked,omitempty"`  // no label: shipped by hand or by a provider
	Number  string   `json:"number"`            // tracking number
	Carrier string   `json:"carrier,omitempty"` // what was really used, in ShipStation's words
	Service string   `json:"service,omitempty"`
	Name    string   `json:"name,omitempty"` // the carrier as a person calls it, where there is no code
	Lines   []Packed `json:"lines,omitempty"`
	Unclear string   `json:"unclear,omitempty"` // why its lines cannot be told

	Created time.Time `json:"created"`
	Ships   time.Time `json:"ships,omitzero"` // the beginning of the label's ship date, in Pacific time

	Cost   string `json:"cost,omitempty"` // decimal, in the account's currency
	Weight string `json:"weight,omitempty"`
	Unit   string `json:"unit,omitempty"` // of the weight

	Voided time.Time `json:"voided,omitzero"`
	Told   time.Time `json:"told,omitzero"` // when DSCO was told, or first known to have its number

	As *Telling `json:"as,omitempty"` // what DSCO was told of it; nil when somebody else told it
}

// Telling is what DSCO was told of a parcel.
type Telling struct {
	Shipped time.Time `json:"shipped,omitzero"` // the ship date, which DSCO measures by
	Carrier string    `json:"carrier,omitempty"`
	Service string    `json:"service,omitempty"` // service level code
}

// live tells whether the parcel is on its way: a voided label is none.
func (p Parcel) live() bool { return p.Voided.IsZero() }

// InParcels is what ShipStation's lists of labels and marks hold of an order. What they do not hold proves nothing.
type InParcels struct {
	Began   time.Time
	Parcels []Parcel
}

// ShippedReceipt is DSCO's answer that it took a parcel.
type ShippedReceipt struct {
	At     time.Time
	Parcel int64
	As     Telling
}

// LostReceipt is ShipStation's answer that it has no order with the id it had: merged, deleted or moved.
type LostReceipt struct {
	At  time.Time
	Ref int64 // which of the order's; 0 = the one it has
}

// FoundReceipt is ShipStation's answer about one of its orders, asked for by its id.
type FoundReceipt struct {
	At     time.Time
	Proves time.Time // as for InDSCO; zero: it settles no doubt
	Ref    Ref
	Mark   time.Time // when it was last changed, for one that is on hold until the date that only we give
}

func (s FoundReceipt) when() time.Time   { return s.At }
func (s InParcels) when() time.Time      { return s.Began }
func (s ShippedReceipt) when() time.Time { return s.At }
func (s LostReceipt) when() time.Time    { return s.At }

func (s InParcels) fold(o *Order) {
	for _, p := range s.Parcels {
		i := slices.IndexFunc(o.Parcels, func(have Parcel) bool { return have.ID == p.ID })
		if i < 0 && !p.live() && !o.shows(p) {
			continue // voided before it was ever seen, and DSCO was never told
		}
		if i < 0 {
			o.Parcels = append(o.Parcels, p)
			i = len(o.Parcels) - 1
			o.foldLabel(s.Began)
		}
		have := &o.Parcels[i]
		switch {
		case have.live() && !p.live():
			have.Voided = p.Voided
			w := Write{Step: Ship, Parcel: p.ID} // a doubt stays: DSCO may have been told
			o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Write == w })
			if !have.Told.IsZero() {
				o.recalled(*have, s.Began)
			}
		case have.Told.IsZero() && have.live():
			*have = p
		}
	}
	o.Lost = time.Time{}
	o.match(s.Began)
}

func (s ShippedReceipt) fold(o *Order) {
	o.WroteDSCO = s.At
	number := o.parcel(s.Parcel).Number
	for i := range o.Parcels {
		if p := &o.Parcels[i]; p.ID == s.Parcel || p.live() && sameNumber(p.Number, number) {
			p.Told, p.As = s.At, &s.As
		}
	}
	o.settleWrite(Write{Step: Ship, Parcel: s.Parcel})
	o.count()
}

func (s FoundReceipt) fold(o *Order) {
	o.LookedStore, o.Lost = s.At, time.Time{}
	for i := range o.ShipStation {
		if r := &o.ShipStation[i]; r.ID == s.Ref.ID {
			*r = s.Ref.after(*r)
			if in := o.Intent; in != nil && in.Write == (Write{Step: Suspend, Ref: r.ID}) && r.Status == "on_hold" && !s.Mark.IsZero() {
				r.Asked, r.Mark = in.At, s.Mark
				o.settleWrite(in.Write)
			}
		}
	}
	o.settleRef(s.Ref.ID, s.Proves)
}

func (s LostReceipt) fold(o *Order) {
	o.LookedStore = s.At
	if in := o.Intent; in != nil && in.Write.Ref != 0 && (in.Write.Ref == s.Ref || s.Ref == 0) {
		o.Intent = nil // whatever became of the write, there is nothing left to write to
	}
	if _, has := o.ref(s.Ref); o.again(s.Ref) || s.Ref != 0 && !has { // one that was merged into another is no loss
		return
	}
	switch {
	case o.Lost.IsZero():
		o.Lost = s.At
	case s.At.Sub(o.Lost) >= 24*time.Hour:
		o.notice("missing", "ShipStation does not have the order any more: it was merged, deleted or moved there; look whether it will be shipped", s.At)
	}
}

// again forgets a ShipStation order that is no more where another one has its key: it was made anew, with another id.
func (o *Order) again(ref int64) bool {
	i := slices.IndexFunc(o.ShipStation, func(r Ref) bool { return r.ID == ref })
	if i < 0 || !slices.ContainsFunc(o.ShipStation, func(r Ref) bool { return r.ID != ref && r.Key != "" && r.Key == o.ShipStation[i].Key }) {
		return false
	}
	o.ShipStation = slices.Delete(slices.Clone(o.ShipStation), i, i+1)
	o.Lost = time.Time{}
	return true
}

// Remarked is something a person should know of an order that no single order shows.
type Remarked struct {
	At         time.Time
	Code, Text string
}

func (s Remarked) when() time.Time { return s.At }

func (s Remarked) fold(o *Order) {
	for _, n := range o.Notices {
		if n.Code == s.Code && n.Text == s.Text {
			return // known
		}
	}
	o.notice(s.Code, s.Text, s.At)
}

// conflict marks the note of an order that somebody else ships, too.
const conflict = "conflict"

// contest holds an order that DSCO has all parcels for, some of which ShipStation does not know, while its ShipStation
// order is still open: the warehouse would ship it a second time.
func (o *Order) contest(at time.Time) {
	foreign := slices.ContainsFunc(o.DSCO.Packages, func(k Package) bool {
		return !slices.ContainsFunc(o.Parcels, func(p Parcel) bool { return sameNumber(p.Number, k.Number) })
	})
	if foreign && o.shipped() && slices.ContainsFunc(o.ShipStation, Ref.open) {
		o.note(Note{Write: Write{Step: Ship}, Code: conflict, Held: true, At: at,
			Text: "DSCO has parcels for all of it that ShipStation does not know, and the order is still open in ShipStation",
			Hint: "if it was shipped elsewhere, cancel it in ShipStation and run: dscosync dismiss " + string(o.ID) + " --reason TEXT"})
		return
	}
	o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Code == conflict && n.Write.Step == Ship })
}

// match marks the parcels whose numbers DSCO has: told, by whomever. One of them may be voided: the answer was lost, or
// this ledger was not there when it was told.
func (o *Order) match(at time.Time) {
	var voided []Parcel
	for i := range o.Parcels {
		p := &o.Parcels[i]
		if p.Told.IsZero() && o.shows(*p) {
			p.Told = at
			o.settleWrite(Write{Step: Ship, Parcel: p.ID})
			if !p.live() {
				voided = append(voided, *p)
			}
		}
	}
	o.count()
	for _, p := range voided {
		if o.Left() > 0 { // else it was shipped again, and DSCO knows
			o.recalled(p, at)
		}
	}
}

// shows tells whether DSCO has the number of a parcel, and not from another one that is on its way under it.
func (o Order) shows(p Parcel) bool {
	if !p.live() && slices.ContainsFunc(o.Parcels, func(other Parcel) bool { return other.live() && sameNumber(other.Number, p.Number) }) {
		return false
	}
	return slices.ContainsFunc(o.DSCO.Packages, func(k Package) bool { return sameNumber(k.Number, p.Number) })
}

// recalled notices that DSCO has a parcel that never left.
func (o *Order) recalled(p Parcel, at time.Time) {
	o.notice(fmt.Sprintf("voided-%d", p.ID), fmt.Sprintf("the label %s was voided after DSCO had been told of it; its units count as not shipped again", p.Number), at)
}

// count derives how many units of each line DSCO was told of: in the packages it has and in the parcels it took that it
// does not show yet. Units of a parcel that was voided since are not among them.
func (o *Order) count() {
	told := map[int]int{}
	var numbers []string
	for _, p := range o.Parcels {
		if p.Told.IsZero() {
			continue
		}
		numbers = append(numbers, p.Number)
		if p.live() {
			for _, l := range p.Lines {
				told[l.Line] += l.Units
			}
		}
	}
	for _, k := range o.DSCO.Packages {
		if slices.ContainsFunc(numbers, func(n string) bool { return sameNumber(n, k.Number) }) {
			continue
		}
		for _, l := range k.Lines {
			told[l.Line] += l.Units
		}
	}
	for i := range o.Lines {
		o.Lines[i].Told = told[o.Lines[i].Number]
	}
}

func (o Order) parcel(id int64) Parcel {
	for _, p := range o.Parcels {
		if p.ID == id {
			return p
		}
	}
	return Parcel{}
}

// Parcel is what is to be told about a parcel: its own lines and those of the parcels that share its number, each with
// no more units than are left of it. It has no lines when nothing is left.
func (o Order) Parcel(id int64) Parcel {
	p := o.parcel(id)
	units := map[int]int{}
	for _, other := range o.Parcels {
		if other.Told.IsZero() && other.live() && sameNumber(other.Number, p.Number) {
			for _, l := range other.Lines {
				units[l.Line] += l.Units
			}
		}
	}
	p.Lines = nil
	for _, l := range o.Lines {
		if n := min(units[l.Number], l.Left()); n > 0 {
			p.Lines = append(p.Lines, Packed{l.Number, n})
		}
	}
	return p
}

// Replaced lists the numbers that DSCO was told for units of a parcel before their labels were voided.
func (o Order) Replaced(id int64) (numbers []string) {
	lines := o.parcel(id).Lines
	for _, p := range o.Parcels {
		shares := slices.ContainsFunc(p.Lines, func(l Packed) bool {
			return slices.ContainsFunc(lines, func(m Packed) bool { return m.Line == l.Line })
		})
		if shares && !p.live() && !p.Told.IsZero() {
			numbers = append(numbers, p.Number)
		}
	}
	return numbers
}

// Spans tells whether a line travels under several tracking numbers.
func (o Order) Spans(line int) bool {
	var numbers []string
	units := 0
	for _, p := range o.Parcels {
		for _, l := range p.Lines {
			if l.Line == line && p.live() {
				units += l.Units
				numbers = append(numbers, strings.ToUpper(strings.TrimSpace(p.Number)))
			}
		}
	}
	i := slices.IndexFunc(o.Lines, func(l Line) bool { return l.Number == line })
	several := slices.ContainsFunc(numbers, func(n string) bool { return n != numbers[0] })
	return several || i >= 0 && units < o.Lines[i].Ordered-o.Lines[i].Cancelled-o.Lines[i].Rejected
}

// toTell lists the parcels that DSCO is to be told of, the earliest first, whether or not their time has come.
func (o Order) toTell() []Parcel {
	var untold []Parcel
	for _, p := range o.Parcels {
		if p.live() && p.Told.IsZero() && (len(o.Parcel(p.ID).Lines) > 0 || p.Unclear != "") {
			untold = append(untold, p)
		}
	}
	slices.SortFunc(untold, func(a, b Parcel) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) })
	return untold
}

// Due is when DSCO may be told of a parcel: not before it can have moved.
func (p Parcel) Due(delay time.Duration) time.Time {
	due := p.Created.Add(delay)
	if p.Ships.After(due) {
		return p.Ships
	}
	return due
}

func sameNumber(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) && strings.TrimSpace(a) != ""
}
