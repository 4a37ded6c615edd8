package ledger

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
)

// Beside a finished order stands what its row says of it, but for the SKUs.
func TestFacts(t *testing.T) {
	l := newLedger(t)
	put(t, l, sample(1, time.Time{}), sample(2, noon), sample(3, noon.Add(day)), sample(4, noon.Add(2*day)))
	update(t, l, func(tx *Tx) error { _, err := tx.Settle(noon.Add(9 * day)); return err })
	read := func(since time.Time, whole bool) []order.Facts {
		t.Helper()
		all, err := collect(l.Facts(context.Background(), since, whole))
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	bare := func(n int, finished time.Time) order.Facts {
		f := sample(n, finished).Facts()
		f.Lines[0].SKU = ""
		return f
	}
	want := []order.Facts{sample(1, time.Time{}).Facts(), bare(2, noon), bare(3, noon.Add(day)), bare(4, noon.Add(2*day))}
	if diff := cmp.Diff(want, read(time.Time{}, false)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]order.Facts{want[0], want[2], want[3]}, read(noon.Add(time.Second), false)); diff != "" {
		t.Errorf("since the second: -want +got\n%s", diff)
	}
	if got := read(time.Time{}, true); got[1].Lines[0].SKU != "SKU-2-BLK-XL" {
		t.Errorf("whole: %+v", got[1])
	}

	update(t, l, func(tx *Tx) error { return tx.finished.put(finishedKey(sample(2, noon)), nil) }) // as it was once
	if got := read(time.Time{}, false); got[1].Lines[0].SKU != "SKU-2-BLK-XL" || got[1].ID != want[1].ID {
		t.Errorf("without facts beside it: %+v", got[1])
	}

	changed := sample(3, noon.Add(day))
	changed.DSCO.Region = "OR"
	put(t, l, changed) // a finished row that changes takes its facts along
	if got := read(noon.Add(time.Second), false)[1]; got.Region != "OR" {
		t.Errorf("changed, but still %+v", got)
	}
	opened := sample(3, time.Time{})
	put(t, l, opened)
	if got := read(time.Time{}, false); len(got) != 4 || got[1].ID != opened.ID || !got[1].Lines[0].Closed.IsZero() {
		t.Errorf("opened again: %+v", got)
	}
}

// An order that is settled between two parts of the stream comes once; an error and an end of the run end it.
func TestFactsAlong(t *testing.T) {
	l := newLedger(t)
	put(t, l, sample(1, noon), sample(2, time.Time{}))
	n := 0
	for _, err := range l.Facts(context.Background(), time.Time{}, false) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 2 {
			update(t, l, func(tx *Tx) error { _, err := tx.Settle(noon.Add(9 * day)); return err })
		}
	}
	if n != 2 {
		t.Errorf("%d orders came, of 2", n)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	gone := errors.New("gone")
	cancel(gone)
	if _, err := collect(l.Facts(ctx, time.Time{}, false)); !errors.Is(err, gone) {
		t.Errorf("cancelled: %v", err)
	}
	update(t, l, func(tx *Tx) error { return tx.finished.put(finishedKey(sample(1, noon)), []byte{1, 2}) })
	if _, err := collect(l.Facts(context.Background(), time.Time{}, false)); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged: %v", err)
	}
}
