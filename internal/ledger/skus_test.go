package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"dscosync/internal/order"
)

// having is an order with a line of each SKU, finished unless the time is zero.
func having(n int, finished time.Time, skus ...string) order.Order {
	o := sample(n, finished)
	line := o.Lines[0]
	o.Lines = nil
	for i, sku := range skus {
		line.Number, line.SKU = i+1, sku
		o.Lines = append(o.Lines, line)
	}
	return o
}

// listed are the SKUs of the finished orders, and whether those of each are numbered.
func listed(t *testing.T, l *Ledger) (skus [][]string, are []bool) {
	t.Helper()
	all, err := collect(l.Facts(context.Background(), time.Time{}, true))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		some := []string{}
		for _, l := range f.Lines {
			some = append(some, l.SKU)
		}
		skus = append(skus, some)
	}
	view(t, l, func(tx *Tx) error {
		for r, err := range tx.finished.rows(nil) {
			if err != nil {
				return err
			}
			numbers, _, err := split(r.value)
			if err != nil {
				return err
			}
			are = append(are, numbers != nil)
		}
		return nil
	})
	return skus, are
}

func settleAll(t *testing.T, l *Ledger) {
	t.Helper()
	update(t, l, func(tx *Tx) error { _, err := tx.Settle(noon.Add(99 * day)); return err })
}

// SKUs of any kind come back as the row has them, from their numbers, whatever is done to the file.
func TestSKUs(t *testing.T) {
	l := newLedger(t)
	huge := strings.Repeat("x", bbolt.MaxKeySize+1)
	want := [][]string{{""}, {"A", "a", "A", ""}, {huge, huge + "y"}, {"\xff\xfe", "\xed\xa0\x80", "ü<&\u2028\x00"}, {}, {"A"}}
	for i, skus := range want {
		put(t, l, having(i, noon.Add(time.Duration(i)*day), skus...))
	}
	settleAll(t, l)
	want[3][0], want[3][1] = "\ufffd\ufffd", "\ufffd\ufffd\ufffd"
	is := func(when string, l *Ledger, want [][]string) {
		t.Helper()
		got, are := listed(t, l)
		if !cmp.Equal(want, got) || slices.Contains(are, false) {
			t.Errorf("%s: numbered %v, -want +got\n%s", when, are, cmp.Diff(want, got))
		}
		if s, err := Check(l.path, How{}); err != nil || s.Err() != nil {
			t.Errorf("%s: %v, %v", when, err, s.Err())
		}
	}
	is("settled", l, want)
	put(t, l, having(3, noon.Add(3*day), "\xff", "new"))
	want[3] = []string{"\ufffd", "new"}
	is("changed while finished", l, want)
	if _, err := l.Backup(l.path+".kept", sound); err != nil {
		t.Fatal(err)
	}
	update(t, l, func(tx *Tx) error { _, err := tx.Prune(noon.Add(2*day), 99); return err })
	is("pruned", l, want[2:])
	if before, after, err := l.Compact(sound); err != nil {
		t.Errorf("%d, %d, %v", before, after, err)
	}
	is("compacted", l, want[2:])
	if _, err := l.restore(l.path+".kept", noon, sound, func(*Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	is("restored", l, want)
	put(t, l, having(9, noon.Add(9*day), "new", "newer"))
	settleAll(t, l)
	is("and used", l, append(want, []string{"new", "newer"}))
}

// What is no UTF-8 is changed as JSON changes it.
func TestSKUText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sku := string(rapid.SliceOf(rapid.Byte()).Draw(t, "sku"))
		encoded, err := json.Marshal(sku)
		var row string
		if err = errors.Join(err, json.Unmarshal(encoded, &row)); err != nil {
			t.Fatal(err)
		}
		if got := string([]rune(sku)); got != row {
			t.Fatalf("%q, but the row has %q", got, row)
		}
	})
}

// Orders of many SKUs, read from their numbers, are those that were put.
func TestSKUsRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(seeded(t), 0))
	l := newLedger(t)
	var want [][]string
	for batch := range 6 { // more than are read in one transaction
		update(t, l, func(tx *Tx) error {
			for n := range passed / 5 {
				n += batch * passed / 5
				skus := make([]string, r.IntN(5))
				for i := range skus {
					skus[i] = fmt.Sprint("SKU-", r.IntN(5000))
				}
				want = append(want, skus)
				if err := tx.Put(having(n, noon.Add(time.Duration(n)*time.Second), skus...)); err != nil {
					return err
				}
			}
			_, err := tx.Settle(noon.Add(99 * day))
			return err
		})
	}
	if got, are := listed(t, l); !cmp.Equal(want, got) || slices.Contains(are, false) {
		t.Errorf("-want +got\n%s", cmp.Diff(want, got))
	}
	if s, err := Check(l.path, How{}); err != nil || s.Err() != nil {
		t.Errorf("%v, %v", err, s.Err())
	}
}

// A file of the first schema has no such table, and none of the numbers: its rows are read, until they change.
func TestSKUsBefore(t *testing.T) {
	l := newLedger(t)
	put(t, l, having(0, noon, "A", "B"), having(1, noon.Add(day), "C"))
	settleAll(t, l)
	tamper(t, l.path, func(tx *bbolt.Tx) error {
		done := tx.Bucket([]byte("finished"))
		for _, o := range []order.Order{having(0, noon, "A", "B"), having(1, noon.Add(day), "C")} {
			facts, _ := o.Facts().MarshalBinary()
			if err := done.Put(finishedKey(o), seal(finishedKey(o), facts)); err != nil {
				return err
			}
		}
		return errors.Join(tx.Bucket([]byte("meta")).Put([]byte("schema"), seal([]byte("schema"), []byte("1"))), tx.DeleteBucket([]byte("skus")))
	})
	if _, err := Migrate(l.path, noon, sound); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"A", "B"}, {"C"}}
	is := func(numbered ...bool) {
		t.Helper()
		got, are := listed(t, l)
		if !cmp.Equal(want, got) || !slices.Equal(numbered, are) {
			t.Errorf("numbered %v, want %v, -want +got\n%s", are, numbered, cmp.Diff(want, got))
		}
		if s, err := Check(l.path, How{}); err != nil || s.Err() != nil {
			t.Errorf("%v, %v", err, s.Err())
		}
	}
	is(false, false)
	update(t, l, func(tx *Tx) error { return tx.SetStore(1) })
	is(false, false)
	put(t, l, having(2, noon.Add(2*day), "A"))
	settleAll(t, l)
	want = append(want, []string{"A"})
	is(false, false, true)
	want[1] = []string{"D"}
	put(t, l, having(1, noon.Add(day), "D"))
	is(false, true, true)
	tamper(t, l.path, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("skus")) }) // which is noticed from now on
	if _, err := Open(l.path); !errors.Is(err, ErrDamaged) {
		t.Errorf("it has no table any more: %v", err)
	}
}

// Two SKUs that would have the same number have two; one of which all numbers are taken has none, and is read from the row.
func TestSlots(t *testing.T) {
	first := map[uint32]string{}
	var a, b string
	for n := 0; b == ""; n++ {
		sku := fmt.Sprint("SKU-", n)
		a, b = first[slots(sku)[0]], sku
		if a == "" {
			first[slots(sku)[0]], b = sku, ""
		}
	}
	l := newLedger(t)
	put(t, l, having(0, noon, a, b))
	settleAll(t, l)
	view(t, l, func(tx *Tx) error {
		for r, err := range tx.finished.rows(nil) {
			numbers, _, _ := split(r.value)
			if want := []uint32{slots(a)[0], slots(b)[1]}; err != nil || !slices.Equal(numbers, want) {
				t.Errorf("%q and %q: %d, want %d, %v", a, b, numbers, want, err)
			}
		}
		return nil
	})
	update(t, l, func(tx *Tx) error {
		for _, n := range slots("crowded out") {
			if err := tx.skus.put(skuKey(n), []byte("another")); err != nil {
				return err
			}
		}
		return nil
	})
	put(t, l, having(1, noon.Add(day), a, "crowded out"))
	settleAll(t, l)
	got, are := listed(t, l)
	if want := [][]string{{a, b}, {a, "crowded out"}}; !cmp.Equal(want, got) || !slices.Equal(are, []bool{true, false}) {
		t.Errorf("numbered %v, -want +got\n%s", are, cmp.Diff(want, got))
	}
}

// A catalogue takes no more than its room, and nothing of one file for another's.
func TestCatalogue(t *testing.T) {
	read := func(l *Ledger, known *catalogue, n uint32) (sku string) {
		view(t, l, func(tx *Tx) (err error) {
			if err = known.of(tx); err == nil {
				sku, err = tx.sku(n, known)
			}
			return err
		})
		return sku
	}
	one, two := newLedger(t), newLedger(t)
	known := &catalogue{}
	for l, kind := range map[*Ledger]string{one: "one", two: "two"} {
		update(t, l, func(tx *Tx) error {
			for n := range uint32(5) {
				if err := tx.skus.put(skuKey(n), []byte(strings.Repeat(kind, room/10))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for range 2 {
		for n := range uint32(5) {
			if a, b := read(one, known, n)[:3], read(two, known, n)[:3]; a != "one" || b != "two" {
				t.Errorf("%s, %s", a, b)
			}
		}
		for n := range uint32(5) {
			read(one, known, n)
		}
	}
	if len(known.skus) != 3 || known.size > room {
		t.Errorf("%d SKUs of %d bytes are kept", len(known.skus), known.size)
	}
}

// Whatever stands beside a finished order, it is read or refused; and of what is cut short nothing.
func TestSplit(t *testing.T) {
	l := newLedger(t)
	put(t, l, having(0, noon, "A", "B"))
	settleAll(t, l)
	key := finishedKey(sample(0, noon))
	var whole []byte
	view(t, l, func(tx *Tx) (err error) { whole, err = tx.finished.get(key); return err })
	known := &catalogue{}
	refused := func(value []byte) {
		t.Helper()
		err := l.View(func(tx *Tx) error {
			if err := known.of(tx); err != nil {
				return err
			}
			_, err := tx.facts(row{key, value}, known)
			return err
		})
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), `finished order "1026000000": `) {
			t.Errorf("%x: %v", value, err)
		}
	}
	for n := 1; n < len(whole); n++ {
		refused(whole[:n])
	}
	refused(append([]byte{numbered, 1, 1}, whole[6:]...)) // of one line
	refused(append([]byte{numbered, 2, 1, 0xff, 0xff, 0xff, 0xff, 0x7f}, whole[6:]...))
	rapid.Check(t, func(t *rapid.T) {
		value := append([]byte{numbered}, rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "value")...)
		if numbers, facts, err := split(value); err == nil && len(numbers)+len(facts)+2 > len(value) {
			t.Fatalf("%d numbers and %x", numbers, facts)
		}
	})
}

// TestAdded measures what the facts and SKUs of finished orders add to a ledger. There are fewer orders of each SKU than
// a supplier has in half a year.
func TestAdded(t *testing.T) {
	const orders, lines, skus = 5_000, 3, 500
	l := newLedger(t)
	for from := 0; from < orders; from += 500 {
		update(t, l, func(tx *Tx) error {
			for n := from; n < from+500; n++ {
				var some []string
				for i := range lines {
					some = append(some, fmt.Sprintf("THROW-WOOL-%04d", (n*lines+i)*7919%skus))
				}
				o := having(n, sample(n, time.Time{}).Received.Add(day), some...)
				o.Parcels = []order.Parcel{{ID: int64(900_000_000 + n), Ref: o.ShipStation[0].ID, Number: o.DSCO.Packages[0].Number, Carrier: "ups", Service: "ups_ground",
					Created: o.Received.Add(12 * time.Hour), Told: o.Finished, As: &order.Telling{Shipped: o.Received.Add(12 * time.Hour), Carrier: "UPS", Service: "UPCG"}}}
				if err := tx.Put(o); err != nil {
					return err
				}
			}
			_, err := tx.Settle(noon.Add(99 * day))
			return err
		})
	}
	view(t, l, func(tx *Tx) error {
		facts, s := 0, tx.skus.bucket.Stats()
		for r, err := range tx.finished.rows(nil) {
			if err != nil {
				return err
			}
			facts += len(r.value)
		}
		table := s.LeafAlloc + s.BranchAlloc
		// A page of finished orders is filled to nine tenths.
		each := float64(facts)/0.9/orders + float64(table)/orders
		t.Logf("%.1f bytes beside each order; %d SKUs in %d bytes; %.1f bytes added for each order", float64(facts)/orders, s.KeyN, table, each)
		if each > 100 || s.KeyN != skus {
			t.Errorf("%.1f bytes added for each order with %d SKUs, want at most 100 with %d", each, s.KeyN, skus)
		}
		return nil
	})
}
