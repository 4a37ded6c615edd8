package order

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"
	"time"
)

// home is the country that most orders go to.
const home = "US"

// brief is the first byte of Facts in their short form. Another form would need another one.
const brief = 1

var errBrief = errors.New("the facts of the order cannot be read")

// MarshalBinary gives the facts in few bytes, without the id and the SKUs: numbers as varints, times as seconds from the
// one before. What is as it mostly is takes a bit: a line that went the way of the one before it takes two bytes. It
// never fails.
func (f Facts) MarshalBinary() ([]byte, error) {
	w := writer{b: []byte{brief}}
	w.flags(f.Adopted, !f.AcknowledgeBy.IsZero(), !f.HeldSince.IsZero(), f.HeldFor > 0, f.Country != home)
	w.time(f.Available)
	w.time(f.Received)
	w.time(f.Acknowledged)
	w.some(f.AcknowledgeBy)
	w.some(f.HeldSince)
	if f.HeldFor > 0 {
		w.number(int(f.HeldFor / time.Second))
	}
	w.name(f.Retailer)
	w.name(f.Region)
	if f.Country != home {
		w.name(f.Country)
	}
	w.number(len(f.Parcels))
	for _, p := range f.Parcels {
		w.flags(p.Known, p.Spare, !p.Created.IsZero(), !p.Ships.IsZero(), !p.Told.IsZero(), !p.Voided.IsZero())
		w.name(p.Carrier)
		w.name(p.Service)
		for _, t := range []time.Time{p.Created, p.Ships, p.Told, p.Voided} {
			w.some(t)
		}
	}
	w.number(len(f.Lines))
	var last LineFacts
	for _, l := range f.Lines {
		w.flags(l.Shipped != l.Ordered, l.Cancelled > 0, l.Warehouse != last.Warehouse, l.Parcel != last.Parcel,
			!l.Closed.Equal(last.Closed), !l.Shipment.Equal(last.Shipment), !l.Due.Equal(last.Due))
		w.number(l.Ordered)
		if l.Shipped != l.Ordered {
			w.number(l.Shipped)
		}
		if l.Cancelled > 0 {
			w.number(l.Cancelled)
			w.number(l.Ours)
			w.name(l.Reason)
		}
		if l.Warehouse != last.Warehouse {
			w.name(l.Warehouse)
		}
		if l.Parcel != last.Parcel {
			w.number(l.Parcel)
		}
		for _, t := range [][2]time.Time{{l.Closed, last.Closed}, {l.Shipment, last.Shipment}, {l.Due, last.Due}} {
			if !t[0].Equal(t[1]) {
				w.time(t[0])
			}
		}
		last = l
	}
	return w.b, nil
}

// UnmarshalBinary reads them again. What is in f already is lost, but for the id.
func (f *Facts) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != brief {
		return errBrief
	}
	r := reader{b: data[1:]}
	is := r.flags()
	*f = Facts{ID: f.ID, Adopted: is[0], Available: r.time(), Received: r.time(), Acknowledged: r.time(), AcknowledgeBy: r.some(is[1]), HeldSince: r.some(is[2])}
	if is[3] {
		f.HeldFor = time.Duration(r.number()) * time.Second
	}
	f.Retailer, f.Region, f.Country = r.name(), r.name(), home
	if is[4] {
		f.Country = r.name()
	}
	for range r.count() {
		is := r.flags()
		f.Parcels = append(f.Parcels, ParcelFacts{Known: is[0], Spare: is[1], Carrier: r.name(), Service: r.name(),
			Created: r.some(is[2]), Ships: r.some(is[3]), Told: r.some(is[4]), Voided: r.some(is[5])})
	}
	var last LineFacts
	many := r.count()
	f.Lines = slices.Grow(f.Lines, many)
	for range many {
		is := r.flags()
		l := LineFacts{Ordered: r.number(), Warehouse: last.Warehouse, Parcel: last.Parcel, Due: last.Due, Shipment: last.Shipment, Closed: last.Closed}
		if l.Shipped = l.Ordered; is[0] {
			l.Shipped = r.number()
		}
		if is[1] {
			l.Cancelled, l.Ours, l.Reason = r.number(), r.number(), r.name()
			r.bad = r.bad || l.Cancelled == 0 // nobody writes a reason for no unit
		}
		if is[2] {
			l.Warehouse = r.name()
		}
		if is[3] {
			l.Parcel = r.number()
		}
		for i, t := range []*time.Time{&l.Closed, &l.Shipment, &l.Due} {
			if is[4+i] {
				*t = r.time()
			}
		}
		if l.Parcel > len(f.Parcels) {
			r.bad = true
		}
		last = l
		f.Lines = append(f.Lines, l)
	}
	if r.bad || len(r.b) > 0 {
		return errBrief
	}
	return nil
}

type writer struct {
	b    []byte
	last int64 // the time before, in Unix seconds
}

func (w *writer) number(n int) { w.b = binary.AppendUvarint(w.b, uint64(max(0, n))) }

// name is a text; an id that is a number takes half the bytes of its digits.
func (w *writer) name(s string) {
	if n, err := strconv.ParseUint(s, 10, 60); err == nil && strconv.FormatUint(n, 10) == s {
		w.b = binary.AppendUvarint(w.b, n<<1|1)
		return
	}
	w.b = binary.AppendUvarint(w.b, uint64(len(s))<<1)
	w.b = append(w.b, s...)
}

func (w *writer) flags(set ...bool) {
	n := byte(0)
	for i, is := range set {
		if is {
			n |= 1 << i
		}
	}
	w.b = append(w.b, n)
}

// some is a time of which a flag tells whether there is one.
func (w *writer) some(t time.Time) {
	if !t.IsZero() {
		w.time(t)
	}
}

// time is 0 for none, else one more than the zigzag of the seconds since the time before.
func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.number(0)
		return
	}
	d := t.Unix() - w.last
	w.b = binary.AppendUvarint(w.b, (uint64(d)<<1^uint64(d>>63))+1)
	w.last = t.Unix()
}

type reader struct {
	b    []byte
	last int64
	bad  bool
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) number() int {
	n := r.uvarint()
	if n > math.MaxInt32 {
		r.bad = true
		return 0
	}
	return int(n)
}

// count is a number of things that follow, of which each takes a byte at least.
func (r *reader) count() int {
	n := r.number()
	if n > len(r.b) {
		r.bad = true
		return 0
	}
	return n
}

func (r *reader) name() string {
	n := r.uvarint()
	if n&1 == 1 {
		return strconv.FormatUint(n>>1, 10)
	}
	if n >>= 1; n > uint64(len(r.b)) {
		r.bad = true
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) flags() (is [8]bool) {
	if len(r.b) == 0 {
		r.bad = true
		return is
	}
	for i := range is {
		is[i] = r.b[0]&(1<<i) != 0
	}
	r.b = r.b[1:]
	return is
}

func (r *reader) some(there bool) time.Time {
	if !there {
		return time.Time{}
	}
	return r.time()
}

func (r *reader) time() time.Time {
	n := r.uvarint()
	if n == 0 {
		return time.Time{}
	}
	n--
	r.last += int64(n>>1) ^ -int64(n&1)
	if r.last < 0 || r.last > math.MaxUint32*4 {
		r.bad = true
		return time.Time{}
	}
	return time.Unix(r.last, 0).UTC()
}
