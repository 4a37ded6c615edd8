package order

import (
	"strconv"
	"strings"
)

// Called tells whether somebody may mean the order by a word that is not its id: its purchase order, the number, id or
// key of its ShipStation order, or a tracking number, in capitals or not, with or without the spaces that labels have.
func (o Order) Called(word string) bool {
	word = spaceless(word)
	is := func(name string) bool { return name != "" && strings.EqualFold(spaceless(name), word) }
	if is(o.PO) {
		return true
	}
	for _, r := range o.ShipStation {
		if is(r.Number) || is(r.Key) || r.ID != 0 && is(strconv.FormatInt(r.ID, 10)) {
			return true
		}
	}
	for _, p := range o.Parcels {
		if is(p.Number) {
			return true
		}
	}
	for _, p := range o.DSCO.Packages {
		if is(p.Number) {
			return true
		}
	}
	return false
}

func spaceless(s string) string { return strings.Join(strings.Fields(s), "") }
