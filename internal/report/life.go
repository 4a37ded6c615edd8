package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"dscosync/internal/order"
)

// Life is all that is told of one order. Its JSON is an order of `show --json`: that of `status --json`, and more.
type Life struct {
	Row
	Finished    Stamp      `json:"finished_at"`
	Adopted     Stamp      `json:"adopted_at"` // when it was found in ShipStation without a write of ours
	DSCO        InDSCO     `json:"dsco"`
	ShipStation []Document `json:"shipstation"`
	Written     Stamp      `json:"shipstation_written_at"` // our last write there
	Lines       []Line     `json:"lines"`
	Parcels     []Label    `json:"parcels"`
	Pending     *Pending   `json:"pending"` // the write that was begun and whose outcome is not known yet
	Troubles    []Waiting  `json:"troubles"`
	Dismissed   *Dismissed `json:"dismissed"`
	History     []Movement `json:"history"`
	HistoryLost int        `json:"history_lost"` // older movements that are no longer kept
}

// InDSCO is the order as DSCO last showed it.
type InDSCO struct {
	Status        string `json:"status"`
	Lifecycle     string `json:"lifecycle"`
	Created       Stamp  `json:"created_at"`
	Updated       Stamp  `json:"updated_at"`
	Written       Stamp  `json:"written_at"`      // our last write: an update before it does not show it
	Acknowledged  Stamp  `json:"acknowledged_at"` // when it was first known to count as acknowledged
	AcknowledgeBy Stamp  `json:"acknowledge_by"`
	ShipBy        Stamp  `json:"ship_by"`
	ShipLate      Stamp  `json:"ship_late"`
	CancelAfter   Stamp  `json:"cancel_after"`
	Carrier       string `json:"carrier"` // what it is to be shipped with
	Method        string `json:"method"`
	ServiceLevel  string `json:"service_level"`
}

// Document is one ShipStation order as it was last seen.
type Document struct {
	ID     int64    `json:"order_id"`
	Number string   `json:"order_number"`
	Key    string   `json:"order_key"`
	Status string   `json:"status"`
	Store  int64    `json:"store_id"`
	Units  int      `json:"units"`
	Part   bool     `json:"part"`          // of an order that was split there
	Others []string `json:"combined_with"` // DSCO orders that it holds lines of, too
}

// Line is one line of the order, counted in units.
type Line struct {
	Number     int    `json:"line"`
	Item       string `json:"dsco_item_id"`
	UPC        string `json:"upc"` // of a line that has none of the other names
	EAN        string `json:"ean"`
	SKU        string `json:"sku"`
	PartnerSKU string `json:"partner_sku"`
	Ordered    int    `json:"ordered"`
	Cancelled  int    `json:"cancelled"`
	Ours       int    `json:"cancelled_by_us"` // of these, the ones that we told DSCO of
	Requested  bool   `json:"cancel_requested"`
	Rejected   int    `json:"rejected"`
	Told       int    `json:"told"`
	Left       int    `json:"left"`
	ShipBy     Stamp  `json:"ship_by"`
}

// Label is a parcel as ShipStation has it, or one that DSCO alone has.
type Label struct {
	ID      *int64     `json:"id"` // ShipStation's; nil when somebody told DSCO of it elsewhere
	Number  string     `json:"number"`
	Carrier string     `json:"carrier"` // in ShipStation's words, as the service is
	Service string     `json:"service"`
	Marked  bool       `json:"marked"` // as shipped, without a label
	Lines   []Contents `json:"lines"`
	Created Stamp      `json:"created_at"`
	Told    Stamp      `json:"told_at"`
	Voided  Stamp      `json:"voided_at"`
	Why     Text       `json:"why"` // why DSCO is not told of it
}

// Contents is how many units of a line are in a parcel.
type Contents struct {
	Line  int `json:"line"`
	Units int `json:"units"`
}

// Pending is a write whose outcome is not known yet.
type Pending struct {
	Step      string `json:"step"`
	Tracking  Text   `json:"tracking"`             // of the parcel, for ship
	Ref       *int64 `json:"shipstation_order_id"` // which of its ShipStation orders, where that matters
	At        Stamp  `json:"at"`
	RequestID Text   `json:"request_id"`
}

// Waiting is a write that is not done, and why.
type Waiting struct {
	Trouble
	Tracking Text   `json:"tracking"`             // of the parcel, for ship
	Ref      *int64 `json:"shipstation_order_id"` // which of its ShipStation orders, where that matters
	silent   bool   // it would wait for a person, but was dismissed
}

// Dismissed is a person's word that the order was dealt with by hand.
type Dismissed struct {
	Reason string `json:"reason"`
	At     Stamp  `json:"at"`
}

// Movement is a line of the journal. Its JSON is that of `logs --json`.
type Movement struct {
	Seq       uint64 `json:"seq"`
	At        Stamp  `json:"at"`
	Run       Text   `json:"run_id"`
	OrderID   Text   `json:"order_id"`
	Level     string `json:"level"` // info, warn, error
	Step      Text   `json:"step"`  // the write it is about
	Message   string `json:"message"`
	API       Text   `json:"api"` // which remote answered: dsco, shipstation
	Status    *int   `json:"status"`
	RequestID Text   `json:"request_id"`
}

// LifeOf tells of one order. The history is that of the journal; lost is how many movements it no longer has.
func LifeOf(o order.Order, names map[string]string, rules order.Rules, words Words, history []Movement, lost int) Life {
	d := o.DSCO
	l := Life{
		Row:      Rows([]order.Order{o}, names, rules, words)[0],
		Finished: Stamp{o.Finished}, Adopted: Stamp{o.Adopted}, Written: Stamp{o.WroteShipStation},
		DSCO: InDSCO{d.Status, d.Lifecycle, Stamp{d.Created}, Stamp{d.Updated}, Stamp{o.WroteDSCO}, Stamp{o.Acknowledged}, Stamp{d.AcknowledgeBy},
			Stamp{d.ShipBy}, Stamp{d.ShipLate}, Stamp{d.CancelAfter}, d.Carrier, d.Method, d.Code},
		ShipStation: []Document{}, Lines: []Line{}, Parcels: labels(o, rules), Troubles: []Waiting{},
		History: append([]Movement{}, history...), HistoryLost: lost,
	}
	for _, r := range o.ShipStation {
		l.ShipStation = append(l.ShipStation, Document{r.ID, r.Number, r.Key, r.Status, r.Store, pieces(r.Lines), r.Child, others(r)})
	}
	for _, n := range o.Lines {
		l.Lines = append(l.Lines, Line{n.Number, n.Item, n.UPC, n.EAN, n.SKU, n.Partner, n.Ordered, n.Cancelled, n.Ours, n.Requested, n.Rejected, n.Told, n.Left(), Stamp{n.ShipBy}})
	}
	if in := o.Intent; in != nil {
		l.Pending = &Pending{string(in.Write.Step), Text(number(o, in.Write)), ref(in.Write), Stamp{in.At}, Text(in.RequestID)}
	}
	for _, n := range o.Notes {
		if n.Text != "" {
			t := Trouble{string(n.Write.Step), n.Text, n.Hint, Stamp{n.At}, n.Tries, n.Held && o.Dismissed == nil}
			l.Troubles = append(l.Troubles, Waiting{t, Text(number(o, n.Write)), ref(n.Write), n.Held && o.Dismissed != nil})
		}
	}
	if o.Dismissed != nil {
		l.Dismissed = &Dismissed{o.Dismissed.Reason, Stamp{o.Dismissed.At}}
	}
	return l
}

// number is the tracking number of the parcel that a write is about.
func number(o order.Order, w order.Write) string {
	if w.Step != order.Ship || w.Parcel == 0 {
		return ""
	}
	return o.Parcel(w.Parcel).Number
}

// ref is the ShipStation order that a write is about.
func ref(w order.Write) *int64 {
	if w.Ref == 0 {
		return nil
	}
	return &w.Ref
}

// labels are ShipStation's parcels of the order, and DSCO's that ShipStation does not have.
func labels(o order.Order, rules order.Rules) []Label {
	all := []Label{}
	for _, p := range o.Parcels {
		all = append(all, Label{&p.ID, p.Number, cmp.Or(p.Carrier, p.Name), p.Service, p.Marked, contents(p.Lines),
			Stamp{p.Created}, Stamp{p.Told}, Stamp{p.Voided}, Text(untold(o, p, rules))})
	}
	for _, p := range o.DSCO.Packages {
		if !slices.ContainsFunc(o.Parcels, func(have order.Parcel) bool { return strings.EqualFold(have.Number, p.Number) }) {
			all = append(all, Label{nil, p.Number, p.Carrier, p.ServiceLevel, false, contents(p.Lines), Stamp{p.Shipped}, Stamp{p.Shipped}, Stamp{}, ""})
		}
	}
	return all
}

// others are the DSCO orders that a ShipStation order was combined with.
func others(r order.Ref) []string {
	ids := []string{}
	for _, id := range r.Others {
		ids = append(ids, string(id))
	}
	return ids
}

// pieces is how many units there are in all.
func pieces(packed []order.Packed) (n int) {
	for _, p := range packed {
		n += p.Units
	}
	return n
}

func contents(packed []order.Packed) []Contents {
	all := []Contents{}
	for _, p := range packed {
		all = append(all, Contents{p.Line, p.Units})
	}
	return all
}

// untold is why DSCO does not know of a parcel, as far as it can be told: empty when it does.
func untold(o order.Order, p order.Parcel, rules order.Rules) string {
	w := order.Write{Step: order.Ship, Parcel: p.ID}
	n := o.Note(w)
	due := p.Due(rules.ShipDelay)
	switch {
	case !p.Told.IsZero():
		return ""
	case o.Intent != nil && o.Intent.Write == w:
		return "under way: its outcome is not known yet"
	case !p.Voided.IsZero():
		return "voided before DSCO was told of it"
	case n.Held:
		return "held: " + n.Text
	case n.Text != "":
		return n.Text
	case p.Unclear != "":
		return p.Unclear
	case len(o.Parcel(p.ID).Lines) == 0:
		return "no unit of what is in it is left to tell of"
	case o.Acknowledged.IsZero():
		return "waits until the order is acknowledged"
	case rules.Now.Before(due):
		return "waits until " + Stamp{due}.String()
	}
	return "the next run tells DSCO of it"
}

// WriteLives writes the document of `show --json`: one order, or all that are meant by the word. more is how many
// further ones there are.
func WriteLives(w io.Writer, lives []Life, more int, now time.Time) error {
	if lives == nil {
		lives = []Life{}
	}
	return WriteDocument(w, struct {
		Generated Stamp  `json:"generated_at"`
		Orders    []Life `json:"orders"`
		More      int    `json:"more"`
	}{Stamp{now}, lives, more})
}

// remotes are the names that people know them by.
var remotes = map[Text]string{"dsco": "DSCO", "shipstation": "ShipStation"}

// String is the movement without its date, run and order: "acknowledge: refused by DSCO [acknowledge: DSCO answered 400,
// request 1e0f]".
func (m Movement) String() string {
	text := m.Message
	switch m.Level {
	case "warn":
		text = "warning: " + text
	case "error":
		text = "error: " + text
	}
	var by []string
	if m.API != "" && m.Status != nil {
		by = append(by, fmt.Sprintf("%s answered %d", cmp.Or(remotes[m.API], string(m.API)), *m.Status))
	} else if m.API != "" {
		by = append(by, cmp.Or(remotes[m.API], string(m.API))+" gave no answer")
	}
	if m.RequestID != "" {
		by = append(by, "request "+string(m.RequestID))
	}
	if len(by) == 0 {
		return text
	}
	return fmt.Sprintf("%s [%s]", text, strings.TrimPrefix(string(m.Step)+": "+strings.Join(by, ", "), ": "))
}
