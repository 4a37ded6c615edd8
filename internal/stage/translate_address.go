package stage

import (
	"strings"

	"dscosync/internal/dsco"
	"dscosync/internal/shipstation"
)

// shipTo is where the order goes. Whatever a label cannot do without and DSCO did not send is a fault.
func (d *draft) shipTo(a dsco.Address) shipstation.Address {
	if a.Name+a.City+a.Region+a.Postal+a.Country == "" && len(a.Street) == 0 {
		d.fault("shipping", "the order has no ship-to address")
		return shipstation.Address{}
	}
	to := d.address("shipTo", a)
	if to.Country == "" && line(a.Country) != "" {
		d.fault("shipping.country", "the ship-to address has a country that is none of ISO 3166")
	}
	for _, need := range []struct {
		text    string
		needed  bool
		member  string
		meaning string
	}{
		{to.Name, true, "shipping.name", "name"},
		{to.Street1, true, "shipping.address", "street"},
		{to.City, true, "shipping.city", "city"},
		{to.State, stateNeeded(to.Country), "shipping.region", "state or province"},
		{to.PostalCode, postalNeeded(to.Country), "shipping.postal", "postal code"},
		{line(a.Country), true, "shipping.country", "country"},
	} {
		if need.needed && need.text == "" {
			d.fault(need.member, "the ship-to address has no "+need.meaning)
		}
	}
	return to
}

// billTo is who pays, of whom ShipStation wants no more than a name.
func (d *draft) billTo(a dsco.Address, to shipstation.Address) shipstation.Address {
	if line(a.Name) == "" {
		return shipstation.Address{Name: to.Name}
	}
	return d.address("billTo", a)
}

// address is a DSCO address in ShipStation's members; those that are absent stay empty, an unknown country too.
func (d *draft) address(member string, a dsco.Address) shipstation.Address {
	name, label := recipient(a)
	street := streets(a.Street)
	code, _ := country(a.Country)
	return shipstation.Address{
		Name:        d.cut(member+".name", name, 100),
		Company:     d.cut(member+".company", label, 100),
		Street1:     d.cut(member+".street1", street[0], 200),
		Street2:     d.cut(member+".street2", street[1], 200),
		Street3:     d.cut(member+".street3", street[2], 200),
		City:        d.cut(member+".city", line(a.City), 100),
		State:       d.cut(member+".state", line(a.Region), 100),
		PostalCode:  d.cut(member+".postalCode", line(a.Postal), 50),
		Country:     code,
		Phone:       d.cut(member+".phone", line(a.Phone), 50),
		Residential: residential(a.Type),
	}
}

// recipient is the name and the company line of a label. Attention has no line of its own there and joins the company;
// an address to a company alone, or to a person at one, has its name from these. Nothing stands there twice.
func recipient(a dsco.Address) (name, label string) {
	company, attention := line(a.Company), line(a.Attention)
	name = first(line(a.Name), attention, company)
	if strings.EqualFold(company, name) {
		company = ""
	}
	switch {
	case attention == "" || strings.EqualFold(attention, name):
		return name, company
	case !strings.HasPrefix(strings.ToLower(attention), "att"):
		attention = "Attn: " + attention
	}
	if company != "" {
		attention = company + ", " + attention
	}
	return name, attention
}

// streets are the lines of a street that are not blank. ShipStation has three; what is more joins the last.
func streets(lines []string) (street [3]string) {
	n := 0
	for _, l := range lines {
		switch l = line(l); {
		case l == "":
		case n < len(street):
			street[n] = l
			n++
		default:
			street[n-1] += ", " + l
		}
	}
	return street
}

// residential is nil when DSCO does not say.
func residential(addressType string) *bool {
	switch strings.ToLower(line(addressType)) {
	case "residential":
		return new(true)
	case "commercial":
		return new(false)
	}
	return nil
}
