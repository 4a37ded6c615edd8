package order

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// brief is the first byte of Facts in their short form. Another form would need another one.
const brief = 1

var errBrief = errors.New("the facts of the order cannot be read")

// MarshalBinary gives the facts in few bytes, without the id and the SKUs: numbers as varints, times as seconds from the
// one before. It never fails.
func (f Facts) MarshalBinary() ([]byte, error) {
	w := writer{b: []byte{brief}}
	w.time(f.Available)
	w.time(f.Received)
	w.time(f.AcknowledgeBy)
	w.time(f.Acknowledged)
	w.time(f.HeldSince)
	w.number(int(f.HeldFor / time.Second))
	w.flags(f.Adopted)
	for _, s := range []string{f.Retailer, f.Country, f.Region} {
		w.text(s)
	}
	w.number(len(f.Parcels))
	for _, p := range f.Parcels {
		w.flags(p.Known, p.Spare)
		w.text(p.Carrier)
		w.text(p.Service)
		w.time(p.Created)
		w.time(p.Ships)
		w.time(p.Told)
		w.time(p.Voided)
	}
	w.number(len(f.Lines))
	for _, l := range f.Lines {
		w.text(l.Warehouse)
		w.number(l.Ordered)
		w.number(l.Shipped)
		w.number(l.Cancelled)
		if l.Cancelled > 0 {
			w.number(l.Ours)
			w.text(l.Reason)
		}
		w.number(l.Parcel)
		w.time(l.Due)
		w.time(l.Shipment)
		w.time(l.Closed)
	}
	return w.b, nil
}

// UnmarshalBinary reads them again. What is in f already is lost.
func (f *Facts) UnmarshalBinary(data []byte) error {
	if len(data) == 0 || data[0] != brief {
		return errBrief
	}
	r := reader{b: data[1:]}
	*f = Facts{ID: f.ID, Available: r.time(), Received: r.time(), AcknowledgeBy: r.time(), Acknowledged: r.time(), HeldSince: r.time(), HeldFor: time.Duration(r.number()) * time.Second}
	f.Adopted, _ = r.flags()
	f.Retailer, f.Country, f.Region = r.text(), r.text(), r.text()
	for range r.count() {
		var p ParcelFacts
		p.Known, p.Spare = r.flags()
		p.Carrier, p.Service = r.text(), r.text()
		p.Created, p.Ships, p.Told, p.Voided = r.time(), r.time(), r.time(), r.time()
		f.Parcels = append(f.Parcels, p)
	}
	for range r.count() {
		l := LineFacts{Warehouse: r.text(), Ordered: r.number(), Shipped: r.number(), Cancelled: r.number()}
		if l.Cancelled > 0 {
			l.Ours, l.Reason = r.number(), r.text()
		}
		l.Parcel, l.Due, l.Shipment, l.Closed = r.number(), r.time(), r.time(), r.time()
		if l.Parcel > len(f.Parcels) {
			r.bad = true
		}
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

func (w *writer) text(s string) {
	w.number(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) flags(a bool, more ...bool) {
	n := 0
	for i, set := range append([]bool{a}, more...) {
		if set {
			n |= 1 << i
		}
	}
	w.number(n)
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

func (r *reader) text() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) flags() (a, b bool) {
	n := r.number()
	return n&1 != 0, n&2 != 0
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
