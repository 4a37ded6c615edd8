package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"dscosync/internal/order"
)

// Row is what is told of one order. Its JSON is that of `status --json`, its texts are as the remotes gave them.
type Row struct {
	Flow              string   `json:"flow"`
	OrderID           string   `json:"order_id"`
	PO                string   `json:"po_number"`
	RetailerID        string   `json:"retailer_id"`
	Retailer          string   `json:"retailer"` // its name; empty when the settings do not name it
	ShipStationNumber Text     `json:"shipstation_order_number"`
	ShipStationID     *int64   `json:"shipstation_order_id"` // nil until it is known to exist there
	Status            string   `json:"status"`               // received, sent, shipped, cancelled or error
	Acknowledged      bool     `json:"acknowledged"`
	Tracking          []Parcel `json:"tracking"`
	CancelRequested   bool     `json:"cancel_requested"`
	ShipBy            Stamp    `json:"ship_by"`
	Received          Stamp    `json:"received_at"`
	Updated           Stamp    `json:"updated_at"`
	Notices           []Notice `json:"notices"`
	Error             *Trouble `json:"error"` // nil when every write is done or simply due
}

// Parcel is a package of the order.
type Parcel struct {
	Number       string `json:"number"`
	Carrier      string `json:"carrier"`
	ServiceLevel string `json:"service_level"`
	Shipped      Stamp  `json:"shipped_at"`
	Pushed       bool   `json:"pushed"` // DSCO knows of it
}

// Notice is a thing to know that stops nothing.
type Notice struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	At      Stamp  `json:"at"`
}

// Trouble is why a write of the order is not done. It waits for a person when held; else the next run tries again.
type Trouble struct {
	Stage    string `json:"stage"` // the step that failed: create, acknowledge, ...
	Message  string `json:"message"`
	Hint     string `json:"hint"`
	At       Stamp  `json:"at"`
	Attempts int    `json:"attempts"`
	Held     bool   `json:"held"`
}

// failed is the status of an order with a step that is held for a person; the others are those of order.State.
const failed = "error"

// Words tells what DSCO is told of a parcel's carrier and service; ok is false where that is not known.
type Words func(o order.Order, p order.Parcel) (carrier, level string, ok bool)

// Rows tells of each order, in the order given. The names are the retailers' by their DSCO id; the rules give the hour
// and what is late by it. An alarm is dated with that hour. Where the words are not known a parcel has ShipStation's.
func Rows(orders []order.Order, names map[string]string, rules order.Rules, words Words) []Row {
	rows := make([]Row, len(orders))
	for i, o := range orders {
		rows[i] = Row{
			Flow:            o.Flow(),
			OrderID:         string(o.ID),
			PO:              o.PO,
			RetailerID:      o.Retailer,
			Retailer:        names[o.Retailer],
			Status:          StatusOf(o),
			Acknowledged:    !o.Acknowledged.IsZero(),
			Tracking:        parcels(o, words),
			CancelRequested: o.CancelRequested(),
			ShipBy:          Stamp{o.DSCO.ShipBy},
			Received:        Stamp{o.Received},
			Updated:         Stamp{o.Updated},
			Notices:         notices(o, rules),
			Error:           trouble(o, rules),
		}
		if ref, ok := document(o); ok {
			rows[i].ShipStationNumber, rows[i].ShipStationID = Text(ref.Number), &ref.ID
		}
	}
	return rows
}

// StatusOf is the one word for where an order stands: one of Statuses.
func StatusOf(o order.Order) string {
	if o.Held() {
		return failed
	}
	return string(o.State())
}

// document is the ShipStation order to name: of several the whole one before a part, the live one before another.
func document(o order.Order) (order.Ref, bool) {
	var best order.Ref
	worth := 0
	for _, r := range o.ShipStation {
		w := 1
		if r.Live() {
			w++
		}
		if !r.Child {
			w += 2
		}
		if w > worth {
			best, worth = r, w
		}
	}
	return best, worth > 0
}

func parcels(o order.Order, words Words) []Parcel {
	all := []Parcel{}
	for _, p := range o.DSCO.Packages {
		all = append(all, Parcel{p.Number, p.Carrier, p.ServiceLevel, Stamp{p.Shipped}, true})
	}
	for _, p := range o.Parcels {
		shown := slices.ContainsFunc(all, func(have Parcel) bool { return strings.EqualFold(have.Number, p.Number) })
		if !p.Voided.IsZero() || shown {
			continue
		}
		carrier, level, ok := "", "", false
		if p.As != nil && p.As.Carrier != "" {
			carrier, level, ok = p.As.Carrier, p.As.Service, true
		} else if words != nil {
			carrier, level, ok = words(o, p)
		}
		if !ok {
			carrier, level = cmp.Or(p.Carrier, p.Name), p.Service
		}
		all = append(all, Parcel{p.Number, carrier, level, Stamp{p.Created}, !p.Told.IsZero()})
	}
	return all
}

// notices are the alarms, which are the more urgent, and then what was noticed. A dismissed order is silent.
func notices(o order.Order, rules order.Rules) []Notice {
	all := []Notice{}
	for _, a := range o.Alarms(rules) {
		all = append(all, Notice{a.Code, a.Text, Stamp{rules.Now}})
	}
	if o.Dismissed != nil {
		return append(all, Notice{"dismissed", "dismissed: " + o.Dismissed.Reason, Stamp{o.Dismissed.At}})
	}
	for _, n := range o.Notices {
		all = append(all, Notice{n.Code, n.Text, Stamp{n.At}})
	}
	return all
}

// moment is how long a write may be under way before it is worth a word.
const moment = 2 * time.Minute

func trouble(o order.Order, rules order.Rules) *Trouble {
	n, ok := o.Trouble()
	if !ok && o.Doubtful() && o.Dismissed == nil && rules.Now.Sub(o.Intent.At) > moment {
		n, ok = order.Note{Write: o.Intent.Write, At: o.Intent.At, Text: "begun, and its outcome is not known yet",
			Hint: "nothing to do: the next runs look whether it was done before they go on"}, true
	}
	if !ok {
		return nil
	}
	return &Trouble{string(n.Write.Step), n.Text, n.Hint, Stamp{n.At}, n.Tries, n.Held}
}

// Stamp is a moment that may be missing.
type Stamp struct{ Time time.Time }

// String is RFC 3339 in UTC with whole seconds, and empty for none.
func (s Stamp) String() string {
	if s.Time.IsZero() {
		return ""
	}
	return s.Time.UTC().Format(time.RFC3339)
}

// MarshalJSON gives the same text, and null for none.
func (s Stamp) MarshalJSON() ([]byte, error) { return Text(s.String()).MarshalJSON() }
