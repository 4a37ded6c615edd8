package cli

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
	"dscosync/internal/shipstation"
	"dscosync/internal/stage"
)

func create(t *testing.T) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Create(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A clock that was wrong when the last run started does not keep the next ones away.
func TestIntervalAfterAClockThatWasWrong(t *testing.T) {
	l, now := create(t), time.Now()
	c := config.Config{Sync: config.Sync{Interval: 15 * time.Minute}}
	a := &app{Env: Env{Now: func() time.Time { return now }}}
	for _, test := range []struct {
		started time.Time
		waits   bool
	}{{now.AddDate(1, 0, 0), false}, {now.Add(-time.Minute), true}, {now.Add(-time.Hour), false}} {
		if err := l.Update(remember(options{all: true}, test.started, report.Run{})); err != nil {
			t.Fatal(err)
		}
		if wait, err := a.early(l, c, options{all: true}); err != nil || (wait > 0) != test.waits {
			t.Errorf("started %v: waits %v, %v", test.started, wait, err)
		}
	}
}

// Another store is refused while an order is in the first one, or may be.
func TestClaimStore(t *testing.T) {
	now := time.Now().UTC()
	account := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		io.WriteString(rw, `[{"storeId": 1002, "storeName": "Other", "marketplaceId": 0, "active": true}]`)
	}))
	defer account.Close()
	a := &app{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for name, test := range map[string]struct {
		row     order.Order
		refused bool
	}{
		"in doubt": {order.Order{ID: "1"}.Begin(order.Write{Step: order.Create}, now), true},
		"created":  {order.Order{ID: "1", ShipStation: []order.Ref{{ID: 52}}}, true},
		"finished": {order.Order{ID: "1", ShipStation: []order.Ref{{ID: 52}}, Finished: now}, false},
		"received": {order.Order{ID: "1"}, false},
	} {
		l := create(t)
		err := l.Update(func(tx *ledger.Tx) error {
			if err := tx.SetStore(1001); err != nil {
				return err
			}
			return tx.Put(test.row)
		})
		if err != nil {
			t.Fatal(err)
		}
		r := &stage.Runner{Ledger: l, ShipStation: shipstation.New(account.URL, "key", "key-secret", nil, nil), Log: slog.New(slog.DiscardHandler),
			Translation: stage.Translation{StoreID: 1002}}
		if err := a.claimStore(ctx, r, options{}); (err != nil) != test.refused {
			t.Errorf("%s: %v", name, err)
		}
		if err := a.claimStore(ctx, r, options{force: true}); err != nil {
			t.Errorf("%s, forced: %v", name, err)
		}
	}
}
