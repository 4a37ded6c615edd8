package dsco

import (
	"fmt"
	"strings"
	"time"

	"dscosync/internal/remote"
)

// What a value that is quoted may consist of. Anything else may be text, and personal.
const (
	inNumber = "0123456789+-.eE"
	inDate   = "0123456789+-.:/TZ "
)

// reader reads the members of one object of an order, and notes on the order what it did not
// understand. at is the object's place in it, "lineItems[2].".
type reader struct {
	order  *Order
	object remote.Object
	at     string
}

// in reads an object within.
func (r reader) in(name string, o remote.Object) reader {
	return reader{order: r.order, object: o, at: r.at + name + "."}
}

func (r reader) problem(name, what string) {
	r.order.Problems = append(r.order.Problems, r.at+name+": "+what)
}

func (r reader) oddity(name, what string) {
	r.order.Oddities = append(r.order.Oddities, r.at+name+": "+what)
}

func (r reader) text(name string) string {
	s, ok := r.object.Text(name)
	if !ok {
		r.oddity(name, "not a text") // its value may be personal, and is not shown
	}
	return s
}

// first is the first of several members that is not empty.
func (r reader) first(names ...string) string {
	for _, name := range names {
		if s := r.text(name); s != "" {
			return s
		}
	}
	return ""
}

func (r reader) flag(name string) bool {
	v, ok := r.object.Flag(name)
	if !ok {
		r.oddity(name, "neither true nor false")
	}
	return v
}

func (r reader) amount(name string) Amount {
	s, ok := r.object.Decimal(name)
	if !ok {
		r.oddity(name, r.quote(name, inNumber)+" is not a decimal number")
	}
	return Amount(s)
}

func (r reader) time(name string) time.Time {
	s := r.text(name)
	if s == "" {
		return time.Time{}
	}
	t, ok := instant(s)
	if !ok {
		r.oddity(name, r.quote(name, inDate)+" is not a date")
		return time.Time{}
	}
	return t
}

func (r reader) list(name string) []any {
	l, ok := r.object.List(name)
	if !ok {
		r.oddity(name, "not a list")
	}
	return l
}

// number reads a line number; 0 = absent.
func (r reader) number(name string) int {
	n, ok := r.object.Whole(name)
	if !ok || n < 0 || n > maxUnits {
		r.oddity(name, r.quote(name, inNumber)+" is not a line number")
		return 0
	}
	return int(n)
}

// units reads a count of units, from 0 to a million; 0 = absent.
func (r reader) units(name string, complain func(name, what string)) int {
	n, ok := r.object.Whole(name)
	switch {
	case !ok:
		complain(name, r.quote(name, inNumber)+" is not a whole number")
	case n < 0 || n > maxUnits:
		complain(name, fmt.Sprintf("%d is out of range", n))
	default:
		return int(n)
	}
	return 0
}

// quantity reads the units ordered: one at least.
func (r reader) quantity() int {
	if v, ok := r.object.Text("quantity"); ok && v == "" {
		r.problem("quantity", "missing")
	} else if n, ok := r.object.Whole("quantity"); ok && n == 0 {
		r.problem("quantity", "0 is out of range")
	}
	return r.units("quantity", r.problem)
}

// quote shows a value that is not text: of whatever was to be a number or a date, what has no other characters.
func (r reader) quote(name, characters string) string {
	s, ok := r.object.Text(name)
	if !ok || len(s) > 40 || !strings.ContainsAny(s, "0123456789") || strings.Trim(s, characters) != "" {
		return "the value"
	}
	return s
}
