package stage

import (
	"strings"
	"time"
	"unicode"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
)

// Translation is the settings that decide what a DSCO order becomes in ShipStation.
type Translation struct {
	StoreID    int64
	Retailers  map[string]string // names by DSCO's id of the retailer
	ThirdParty map[string]Payer  // by shipping account number
}

// Payer is where the carrier knows the holder of a third party's account; ShipStation bills it only with both.
type Payer struct {
	Postal  string
	Country string
}

// Unfit says why an order cannot be created in ShipStation as it stands. It quotes nothing personal.
type Unfit struct {
	Faults []string
	Hint   string
}

func (u *Unfit) Error() string { return strings.Join(u.Faults, "; ") }

// Order is what becomes of a DSCO order, and the members of it whose texts had to be cut. Nothing in it is invented:
// what ShipStation needs and DSCO did not send is an *Unfit, with everything that is wrong named at once.
//
// Members: https://www.shipstation.com/docs/api/orders/create-update-order/
func (t Translation) Order(o dsco.Order) (shipstation.NewOrder, []string, error) {
	d := &draft{problems: o.Problems}
	d.id(o.ID)
	to := d.shipTo(o.ShipTo)
	made := shipstation.NewOrder{
		Number:           o.ID,
		Key:              Key(order.ID(o.ID)),
		Date:             d.date(o),
		ShipBy:           shipstation.Time{Time: shipBy(o)},
		Status:           "awaiting_shipment",
		Email:            first(line(o.ShipTo.Email), line(o.BillTo.Email)),
		BillTo:           d.billTo(o.BillTo, to),
		ShipTo:           to,
		Items:            d.items(o),
		Gift:             gift(o),
		GiftMessage:      d.cut("giftMessage", giftMessage(o), 1000),
		InternalNotes:    d.cut("internalNotes", notes(o), 1000),
		RequestedService: d.cut("requestedShippingService", service(o), 100),
		Confirmation:     confirmation(o),
		Advanced:         t.advanced(d, o),
	}
	if err := d.unfit(o.ID); err != nil {
		return shipstation.NewOrder{}, nil, err
	}
	return made, d.cuts, nil
}

// longestID leaves room in orderKey and in lineItemKey, which ShipStation keeps to 50 characters each.
const longestID = 45

func (d *draft) id(id string) {
	switch {
	case id == "":
		d.fault("dscoOrderId", "the order has no id")
	case len(id) > longestID:
		d.fault("dscoOrderId", "the order id is longer than 45 characters")
	case !usable(id):
		d.fault("dscoOrderId", "the order id has characters no order number may have")
	}
}

// usable tells whether an id can stand in an address, a key and a command line as it is.
func usable(id string) bool {
	return id != "" && strings.Trim(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.") == ""
}

func (d *draft) date(o dsco.Order) shipstation.Time {
	for _, t := range []time.Time{o.ConsumerOrdered, o.RetailerCreated, o.Created} {
		if !t.IsZero() {
			return shipstation.Time{Time: t}
		}
	}
	d.fault("consumerOrderDate, retailerCreateDate, dscoCreateDate", "the order has no date")
	return shipstation.Time{}
}

// shipBy is the earliest date of the order and of its lines that still are to be shipped; zero when there is none.
func shipBy(o dsco.Order) time.Time {
	by := o.ShipBy
	for _, l := range o.Lines {
		if wanted(l) > 0 {
			by = sooner(by, l.ShipBy)
		}
	}
	return by
}

// sooner is the earlier of two times, of which either may be absent.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func (t Translation) advanced(d *draft, o dsco.Order) shipstation.Advanced {
	a := shipstation.Advanced{
		StoreID:      t.StoreID,
		Source:       "DSCO",
		CustomField1: d.cut("advancedOptions.customField1", line(o.PO), 100),
		CustomField2: d.cut("advancedOptions.customField2", line(first(t.Retailers[o.RetailerID], o.RetailerID)), 100),
		CustomField3: d.cut("advancedOptions.customField3", line(o.ConsumerOrderNumber), 100),
	}
	account := line(o.AccountNumber)
	payer := t.ThirdParty[account]
	if code, known := country(payer.Country); account != "" && known && payer.Postal != "" {
		a.BillToParty, a.BillToAccount = "third_party", account
		a.BillToPostalCode, a.BillToCountryCode = payer.Postal, code
	}
	return a
}

// service is what was asked for, such as "UPS Ground (UPCG)", from whatever of it is there and nothing said twice.
func service(o dsco.Order) string {
	carrier, method, code := line(o.ShipCarrier), line(o.ShipMethod), line(o.ServiceLevel)
	name := strings.TrimSpace(carrier + " " + method)
	switch {
	case says(method, carrier):
		name = method
	case says(carrier, method):
		name = carrier
	}
	switch {
	case says(name, code):
		return name
	case name == "":
		return code
	}
	return name + " (" + code + ")"
}

// says tells whether the words of part stand in text one after the other.
func says(text, part string) bool {
	return strings.Contains(spaced(text), spaced(part))
}

func spaced(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(append(words, ""), " ")
}

func confirmation(o dsco.Order) string {
	if o.Signature {
		return "signature"
	}
	return ""
}

// gift: a message makes a gift too, since ShipStation shows the message of a gift only.
func gift(o dsco.Order) bool {
	is := o.Gift || block(o.GiftMessage) != ""
	for _, l := range o.Lines {
		is = is || wanted(l) > 0 && (l.Gift || block(l.GiftMessage) != "")
	}
	return is
}

// giftMessage keeps the names of who gives to whom, for which ShipStation has no members. A line's own message is an
// option of its item.
func giftMessage(o dsco.Order) string {
	return stack(labelled("To", line(o.GiftTo)), labelled("From", line(o.GiftFrom)), block(o.GiftMessage))
}

// notes are for the warehouse. What decides who pays and where it goes stands first, where nothing is cut.
func notes(o dsco.Order) string {
	return stack(
		labelled("Shipping account number", line(o.AccountNumber)),
		labelled("Attention", line(o.ShipTo.Attention)),
		labelled("Store number", line(o.ShipTo.StoreNumber)),
		labelled("Shipping instructions", block(o.ShipInstructions)),
		labelled("Packing instructions", block(o.PackingInstructions)),
		labelled("Packing slip message", block(o.PackingSlipMessage)),
	)
}

func labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + ": " + text
}
