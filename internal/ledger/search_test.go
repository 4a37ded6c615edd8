package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dscosync/internal/order"
)

// found lists what a search passes, and what it decodes.
func found(t *testing.T, l *Ledger, word string) (passed int, hits []order.ID) {
	t.Helper()
	for f, err := range l.Search(t.Context(), word) {
		if err != nil {
			t.Fatal(err)
		}
		passed++
		if f.Order != nil {
			if f.Order.ID != f.ID {
				t.Errorf("%s is decoded as %s", f.ID, f.Order.ID)
			}
			hits = append(hits, f.ID)
		}
	}
	return passed, hits
}

// A search passes every row once, in however many transactions, and decodes those that hold the word.
func TestSearch(t *testing.T) {
	l := newLedger(t)
	const rows = 2*batch + 7
	update(t, l, func(tx *Tx) error {
		for n := range rows {
			o := order.Order{ID: order.ID(fmt.Sprintf("10%06d", n)), PO: fmt.Sprintf("PO-%d/", n%1000), Received: noon}
			if n%3 > 0 {
				o.Finished = noon
			}
			if n == 3003 {
				o.Parcels = []order.Parcel{{ID: 1, Number: "1Z & <Ö>"}}
			}
			if err := tx.Put(o); err != nil {
				return err
			}
		}
		_, err := tx.Settle(noon.Add(9 * day))
		return err
	})
	if passed, hits := found(t, l, "nowhere"); passed != rows || len(hits) != 0 {
		t.Errorf("%d of %d rows, hits %v", passed, rows, hits)
	}
	want := []order.ID{"10000017", "10001017", "10002017", "10003017"}
	_, hits := found(t, l, "po-17/")
	if slices.Sort(hits); !slices.Equal(hits, want) {
		t.Errorf("hits %v, not %v", hits, want)
	}
	for _, word := range []string{"1z & <ö>", "1Z & <Ö>"} { // JSON writes them with escapes
		if _, hits := found(t, l, word); !slices.Equal(hits, []order.ID{"10003003"}) {
			t.Errorf("%q hits %v", word, hits)
		}
	}
	if _, hits := found(t, l, "10 00 30 03"); !slices.Contains(hits, "10003003") {
		t.Errorf("with blanks: hits %v", hits)
	}
}

// While a search is under way runs write, and what it is told to stop it stops.
func TestSearchBesideAWriter(t *testing.T) {
	l := newLedger(t)
	update(t, l, func(tx *Tx) error {
		for n := range 2 * batch {
			if err := tx.Put(sample(n, time.Time{})); err != nil {
				return err
			}
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	passed := 0
	for _, err := range l.Search(ctx, "x") {
		if err != nil {
			if !errors.Is(err, context.Canceled) || passed != 2*batch {
				t.Errorf("after %d rows: %v", passed, err)
			}
			break
		}
		if passed++; passed == 5 {
			update(t, l, func(tx *Tx) error { return tx.Put(sample(0, time.Time{})) }) // within the search
		}
		if passed == batch+5 {
			cancel()
		}
	}
	if passed != 2*batch {
		t.Errorf("%d rows", passed)
	}
	// What ends it is looked at between two transactions, so the batch in hand is told to its end.
	for _, err := range l.Search(ctx, "x") {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// Lines of the journal that an earlier version wrote are read as they were, and the new members cost nothing where
// there is nothing to tell.
func TestEntryMembers(t *testing.T) {
	l := newLedger(t)
	old := Entry{At: noon, Run: "k3v9x2qa", Order: "7", Level: Warn, Text: "no clear answer", RequestID: "r-1"}
	full := Entry{At: noon, Run: "k3v9x2qa", Order: "7", Level: Info, Text: "created", Step: order.Create, API: "shipstation", Status: 200, RequestID: "r-2"}
	update(t, l, func(tx *Tx) error {
		for _, e := range []Entry{old, full} {
			if _, err := tx.Note(e); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, l, func(tx *Tx) error {
		if last, err := tx.Last(); last != 2 || err != nil {
			t.Errorf("the last line is %d, %v", last, err)
		}
		raw, err := tx.journal.get(journalKey(1))
		if want := `{"t":"2026-03-04T12:00:00Z","r":"k3v9x2qa","o":"7","l":"warn","m":"no clear answer","q":"r-1"}`; err != nil || string(raw) != want {
			t.Errorf("an old line is %s, %v; not %s", raw, err, want)
		}
		full.Seq = 2
		if e, _, err := tx.Entry(2); e != full || err != nil {
			t.Errorf("%+v, %v", e, err)
		}
		return nil
	})
}

// What a write brought is told with its answer, what was only seen in the same moment is not.
func TestRecordAnswer(t *testing.T) {
	l := newLedger(t)
	o := sample(1, time.Time{})
	o.ShipStation, o.Acknowledged = nil, time.Time{}
	put(t, l, o)
	after := o
	after.ShipStation = []order.Ref{{ID: 52}}
	after.Notices = []order.Notice{{Code: "changed", Text: "the lines", At: noon}}
	update(t, l, func(tx *Tx) error {
		_, err := tx.RecordAnswer("k3v9x2qa", noon, Answer{Step: order.Create, API: "shipstation", Status: 201, RequestID: "r-1"}, o, after)
		return err
	})
	view(t, l, func(tx *Tx) error {
		entries, err := collect(tx.Entries(0, time.Time{}))
		if err != nil || len(entries) != 2 {
			t.Fatalf("%+v, %v", entries, err)
		}
		if e := entries[0]; e.Step != order.Create || e.API != "shipstation" || e.Status != 201 || e.RequestID != "r-1" {
			t.Errorf("the write: %+v", e)
		}
		if e := entries[1]; e.Step != "" || e.API != "" || e.Status != 0 || e.RequestID != "" {
			t.Errorf("what was seen: %+v", e)
		}
		return nil
	})
}

func TestNames(t *testing.T) {
	l := newLedger(t)
	view(t, l, func(tx *Tx) error {
		if n, err := tx.Names(); err != nil || !n.Asked.IsZero() || len(n.ByID) != 0 {
			t.Errorf("%+v, %v", n, err)
		}
		return nil
	})
	update(t, l, func(tx *Tx) error { return tx.PutNames(Names{Asked: noon, ByID: map[string]string{"7": "Mill & Co"}}) })
	view(t, l, func(tx *Tx) error {
		if n, err := tx.Names(); err != nil || !n.Asked.Equal(noon) || n.ByID["7"] != "Mill & Co" {
			t.Errorf("%+v, %v", n, err)
		}
		return nil
	})
}
