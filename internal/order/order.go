// Package order is what dscosync knows of one DSCO order and what follows from it.
//
// An Order is a value. See folds in what a remote said, Next names the one write the order needs now, and State says
// where it stands. Nothing here reads a clock, a disk or a network, so the whole policy can be read, and tested, as
// plain functions.
//
// What we did only grows; what we saw is overwritten by what is seen later. State is derived from both and stored
// nowhere. An error is no state but a Note on the write it concerns: the order's other writes go on without it.
//
// No consumer's name, street, phone or e-mail is ever part of an Order: it is what the ledger keeps.
package order

import (
	"slices"
	"time"
)

// ID is the DSCO order id. It is also the number of the order in ShipStation.
type ID string

// Step is a kind of write to a remote.
type Step string

const (
	Create      Step = "create"      // make the order in ShipStation
	Acknowledge Step = "acknowledge" // tell DSCO that the supplier has it
	Ship        Step = "ship"        // tell DSCO of a parcel

	CancelShipStation Step = "cancel-shipstation" // bring a ShipStation order to what DSCO has not cancelled
	CancelDSCO        Step = "cancel-dsco"        // tell DSCO what was cancelled in ShipStation
	Suspend           Step = "suspend"            // put a ShipStation order on hold, for the retailer asks to cancel it
	Resume            Step = "resume"             // release it, for the retailer no longer does
)

// Write is one write an order may need.
type Write struct {
	Step   Step  `json:"step"`
	Parcel int64 `json:"parcel,omitempty"` // which one, for Ship
	Ref    int64 `json:"ref,omitempty"`    // which ShipStation order, for CancelShipStation, Suspend and Resume
}

// Order is one row of the ledger. All times are UTC.
type Order struct {
	ID          ID       `json:"id"`
	PO          string   `json:"po,omitempty"`       // not unique: a purchase order may become several DSCO orders
	Retailer    string   `json:"retailer,omitempty"` // DSCO's id of it
	Lines       []Line   `json:"lines,omitempty"`
	DSCO        DSCO     `json:"dsco"`
	ShipStation []Ref    `json:"shipstation,omitempty"` // empty until created or adopted; several when it was split
	Parcels     []Parcel `json:"parcels,omitempty"`     // seen in ShipStation

	Acknowledged time.Time `json:"acknowledged,omitzero"` // when DSCO was first known to count it as acknowledged
	Adopted      time.Time `json:"adopted,omitzero"`      // when it was found in ShipStation without a write of ours

	WroteDSCO        time.Time `json:"wrote_dsco,omitzero"`        // our last write about it: looks older than that
	WroteShipStation time.Time `json:"wrote_shipstation,omitzero"` // (and than the remote's lag) prove nothing
	Looked           time.Time `json:"looked,omitzero"`            // when it was last read by its id
	LookedStore      time.Time `json:"looked_store,omitzero"`      // when it was last looked for in ShipStation by its id
	Lost             time.Time `json:"lost,omitzero"`              // since when ShipStation says that it has no such order

	Intent    *Intent    `json:"intent,omitempty"`
	Notes     []Note     `json:"notes,omitempty"`
	Notices   []Notice   `json:"notices,omitempty"`
	Dismissed *Dismissal `json:"dismissed,omitempty"`
	Journal   []uint64   `json:"journal,omitempty"` // its lines in the ledger's journal

	HeldSince time.Time     `json:"held_since,omitzero"` // while a write of it waits for a person
	HeldFor   time.Duration `json:"held_for,omitempty"`  // how long that was before, in all

	Received time.Time `json:"received"`          // when dscosync took it up
	Updated  time.Time `json:"updated"`           // when anything of it last changed
	Finished time.Time `json:"finished,omitzero"` // since when nothing is left to do
}

// Line is one line of the order, counted in units.
type Line struct {
	Number    int       `json:"number"`
	Item      string    `json:"item,omitempty"` // dscoItemId
	SKU       string    `json:"sku,omitempty"`
	Partner   string    `json:"partner_sku,omitempty"`
	UPC       string    `json:"upc,omitempty"` // of a line that has none of the names above
	EAN       string    `json:"ean,omitempty"`
	Ordered   int       `json:"ordered"`
	Cancelled int       `json:"cancelled,omitempty"`
	Rejected  int       `json:"rejected,omitempty"`
	Told      int       `json:"told,omitempty"`        // units that DSCO was told a parcel for, by us or by others; see count
	Carried   int       `json:"carried,omitempty"`     // cancelled units that ShipStation knows of, too; see carry
	Buried    int       `json:"buried,omitempty"`      // of these, the ones that lie in ShipStation orders that are cancelled
	Ours      int       `json:"ours,omitempty"`        // cancelled units that we told DSCO of
	Reason    string    `json:"cancel_code,omitempty"` // why units of it were cancelled: as DSCO shows it, else as we told it
	Closed    time.Time `json:"closed,omitzero"`       // since when nothing of it is left to ship
	Requested bool      `json:"cancel_requested,omitempty"`
	Warehouse string    `json:"warehouse,omitempty"`
	ShipBy    time.Time `json:"ship_by,omitzero"`
}

// Named tells whether DSCO can be told which line it is: a number alone names none.
func (l Line) Named() bool { return l.Item+l.SKU+l.Partner+l.UPC+l.EAN != "" }

// Missed tells whether the order ought to be in ShipStation when it is open in DSCO, and nothing else shows why it is not.
func (o Order) Missed() bool { return o.State() == Received && !o.Held() && o.Dismissed == nil }

// Left is how many units still have to be shipped or cancelled.
func (l Line) Left() int { return max(0, l.Ordered-l.Cancelled-l.Rejected-l.Told) }

// DSCO is the order as DSCO last showed it.
type DSCO struct {
	Status    string `json:"status,omitempty"`    // dscoStatus
	Lifecycle string `json:"lifecycle,omitempty"` // dscoLifecycle
	Requested bool   `json:"cancel_requested,omitempty"`

	Created       time.Time `json:"created,omitzero"`
	Updated       time.Time `json:"updated,omitzero"`
	AcknowledgeBy time.Time `json:"acknowledge_by,omitzero"`
	ShipBy        time.Time `json:"ship_by,omitzero"` // the earliest of the order and its open lines
	OwnShipBy     time.Time `json:"due,omitzero"`     // that of the order alone: it holds for the lines without one
	ShipLate      time.Time `json:"ship_late,omitzero"`
	CancelAfter   time.Time `json:"cancel_after,omitzero"`

	Packages []Package `json:"packages,omitempty"`

	Carrier string `json:"carrier,omitempty"` // what DSCO wants it shipped with
	Method  string `json:"method,omitempty"`
	Code    string `json:"code,omitempty"` // shippingServiceLevelCode

	// Salted hashes, so that a change can be noticed although no personal data is kept.
	Address string `json:"address_hash,omitempty"`
	Content string `json:"lines_hash,omitempty"`
	Service string `json:"service_hash,omitempty"`

	Country string `json:"country,omitempty"`
	Region  string `json:"region,omitempty"`
}

// Package is a parcel that DSCO knows of, whoever told it.
type Package struct {
	Number       string    `json:"number"`
	Carrier      string    `json:"carrier,omitempty"`
	ServiceLevel string    `json:"service_level,omitempty"`
	Shipped      time.Time `json:"shipped,omitzero"`
	Lines        []Packed  `json:"lines,omitempty"`
}

// Packed is how many units of a line are in a parcel.
type Packed struct {
	Line  int `json:"line"`
	Units int `json:"units"`
}

// Ref is one ShipStation order that belongs to this DSCO order.
type Ref struct {
	ID     int64  `json:"id"`
	Number string `json:"number,omitempty"`
	Key    string `json:"key,omitempty"`
	Status string `json:"status,omitempty"`
	Store  int64  `json:"store,omitempty"`
	Child  bool   `json:"child,omitempty"` // a split part

	Lines   []Packed `json:"lines,omitempty"`   // what it holds of this order
	Unclear bool     `json:"unclear,omitempty"` // it has items that belong to no line for certain
	Others  []ID     `json:"others,omitempty"`  // other DSCO orders that it holds lines of: they were combined
	Merged  []int64  `json:"-"`                 // the ShipStation orders that went into it

	Before bool      `json:"before,omitempty"` // cancelled before dscosync knew it: nothing that DSCO is to hear of
	Since  time.Time `json:"since,omitzero"`   // when it was last changed, for one that is cancelled
	Asked  time.Time `json:"asked,omitzero"`   // when we put it on hold for the retailer's present request
	Mark   time.Time `json:"mark,omitzero"`    // when ShipStation dates that: another date says that somebody changed it since
}

// Live tells whether the ShipStation order still stands: neither cancelled nor refused by a provider.
func (r Ref) Live() bool { return r.Status != "cancelled" && r.Status != "rejected_fulfillment" }

// open tells whether the ShipStation order may still be shipped.
func (r Ref) open() bool { return r.Live() && r.Status != "shipped" }

// Intent is a write that was begun and whose outcome is not yet known.
type Intent struct {
	Write     Write     `json:"write"`
	At        time.Time `json:"at"` // when it was begun, or when its answer failed to come
	RequestID string    `json:"request_id,omitempty"`
	Lines     []Packed  `json:"lines,omitempty"` // for CancelDSCO: what DSCO is told of and does not show yet
}

// Note says why a write is not done. A row has at most one per Write.
type Note struct {
	Write Write     `json:"write"`
	Code  string    `json:"code,omitempty"`
	Text  string    `json:"text,omitempty"` // empty: nothing to tell, the write goes on in smaller company
	Hint  string    `json:"hint,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Tries int       `json:"tries,omitempty"` // attempts that failed; the next chunk is the smaller for it
	Alone int       `json:"alone,omitempty"` // of these, alone in a call and without a clear answer
	Held  bool      `json:"held,omitempty"`  // waits for a person
}

// AskedAgain is the hint of an acknowledgement that was refused.
const AskedAgain = "nothing to do: each run asks again; when it stays so, acknowledge it in DSCO's portal"

// Notice is something a person should know that stops nothing.
type Notice struct {
	Code string    `json:"code"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Dismissal is a person's word that the order was dealt with by hand.
type Dismissal struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// State is where an order stands.
type State string

const (
	Received  State = "received"  // known, not yet in ShipStation
	Sent      State = "sent"      // in ShipStation
	Shipped   State = "shipped"   // DSCO knows a parcel for every unit that was not cancelled
	Cancelled State = "cancelled" // every unit is cancelled
)

// State is derived from what was seen and done; an order that is held keeps the state it has.
func (o Order) State() State {
	switch {
	case o.cancelled() && o.told() == 0:
		return Cancelled
	case o.Over(): // also what was cancelled by its status alone after a part was shipped
		return Shipped
	case o.Created():
		return Sent
	}
	return Received
}

// Created tells whether the order is known to exist in ShipStation.
func (o Order) Created() bool { return len(o.ShipStation) > 0 }

// Left is how many units still have to be shipped or cancelled.
func (o Order) Left() int {
	n := 0
	for _, l := range o.Lines {
		n += l.Left()
	}
	return n
}

func (o Order) told() int {
	n := 0
	for _, l := range o.Lines {
		n += l.Told
	}
	return n
}

// cancelled holds for both ways DSCO may say it: the old status, or line by line. There is no such lifecycle.
func (o Order) cancelled() bool {
	if o.DSCO.Status == "cancelled" {
		return true
	}
	for _, l := range o.Lines {
		if l.Ordered <= 0 || l.Cancelled+l.Rejected < l.Ordered { // a line of no units is a fault, no cancellation
			return false
		}
	}
	return len(o.Lines) > 0
}

func (o Order) shipped() bool {
	void := func(p Parcel) bool { return !p.live() && !p.Told.IsZero() } // DSCO knows of a parcel that never left
	return o.told() > 0 && o.Left() == 0 || o.DSCO.Lifecycle == "completed" && !o.cancelled() && !slices.ContainsFunc(o.Parcels, void)
}

// Over tells whether nothing of it is to be shipped any more: DSCO counts it as shipped or as cancelled.
func (o Order) Over() bool { return o.cancelled() || o.shipped() }

// Live tells whether a ShipStation order of it still stands.
func (o Order) Live() bool { return slices.ContainsFunc(o.ShipStation, Ref.Live) }

// done tells whether nothing is left to do about the order, now or for a person.
func (o Order) done() bool {
	if o.Intent != nil || o.Held() {
		return false
	}
	switch o.State() {
	case Shipped:
		return true
	case Cancelled:
		return !o.Live() || !o.Lost.IsZero() && o.Dismissed != nil // else one that was deleted there would wait for ever
	}
	return false
}

// Held tells whether a write of the order waits for a person who has not said that it was dealt with.
func (o Order) Held() bool {
	return o.Dismissed == nil && slices.ContainsFunc(o.Notes, func(n Note) bool { return n.Held })
}

// Doubtful tells whether nobody knows if the last write of the order was done: it was cut off, or is under way. What
// waits in DSCO's queue is no doubt of that kind.
func (o Order) Doubtful() bool { return o.Intent != nil && o.Intent.RequestID == "" }

// HeldAt tells whether a write of a step waits for a person.
func (o Order) HeldAt(step Step) bool {
	return slices.ContainsFunc(o.Notes, func(n Note) bool { return n.Held && n.Write.Step == step })
}

// Trouble is the note to show for the order: a held one before one that the next run takes up by itself.
func (o Order) Trouble() (Note, bool) {
	if o.Dismissed != nil {
		return Note{}, false
	}
	var best Note
	for _, n := range o.Notes {
		if n.Text != "" && (best.Text == "" || (n.Held && !best.Held)) {
			best = n
		}
	}
	return best, best.Text != ""
}

// Note is what is noted about a write of the order; its zero value when there is nothing.
func (o Order) Note(w Write) Note {
	for _, n := range o.Notes {
		if n.Write == w {
			return n
		}
	}
	return Note{Write: w}
}

// Deadline is the moment by which something is due: the earliest of the dates DSCO gives, zero when it gives none.
func (o Order) Deadline() time.Time {
	var first time.Time
	for _, t := range []time.Time{o.DSCO.CancelAfter, o.DSCO.AcknowledgeBy, o.DSCO.ShipBy} {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// Flow is the direction of the order's last movement.
func (o Order) Flow() string {
	if o.told() > 0 || slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Ours > 0 }) {
		return "SS → DSCO"
	}
	return "DSCO → SS"
}
