package stage

import (
	"context"
	"maps"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/sim"
)

func (h *house) names() map[string]string {
	h.t.Helper()
	var n ledger.Names
	err := h.runner().Ledger.View(func(tx *ledger.Tx) (err error) {
		n, err = tx.Names()
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return n.ByID
}

// DSCO is asked for the retailers' names once a day, whatever it answers, and what hinders it hinders nobody.
func TestNames(t *testing.T) {
	all := map[string]string{"1000009001": "Harbor & Hearth", "1000009003": "Brightway Stores", "1000009005": "Mill & Co"}
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		ask := func(calls int) {
			t.Helper()
			before := h.calls(sim.DSCO, "/api/v3/tradingpartner")
			if err := h.runner().Names(context.Background()); err != nil {
				t.Fatal(err)
			}
			if n := h.calls(sim.DSCO, "/api/v3/tradingpartner") - before; n != calls {
				t.Errorf("asked %d times, not %d", n, calls)
			}
		}
		ask(1)
		if got := h.names(); !maps.Equal(got, all) {
			t.Errorf("%v", got)
		}
		ask(0)
		time.Sleep(23 * time.Hour)
		ask(0)
		time.Sleep(2 * time.Hour)
		for _, fault := range []*sim.Fault{{Status: 403}, {Status: 404}, {Status: 500}, {Hang: true}, {Body: `"x"`, Status: 200}, {Body: `[]`, Status: 200}} {
			h.world.Fail(func(c sim.Call) *sim.Fault {
				if strings.HasSuffix(c.Path, "/tradingpartner") {
					return fault
				}
				return nil
			})
			began := time.Now()
			if err := h.runner().Names(context.Background()); err != nil {
				t.Errorf("%+v: %v", fault, err)
			}
			if took := time.Since(began); took > namesTake {
				t.Errorf("%+v takes %v", fault, took)
			}
			ask(0)
			if got := h.names(); !maps.Equal(got, all) {
				t.Errorf("%+v: %v", fault, got)
			}
			time.Sleep(25 * time.Hour)
		}
		h.world.Fail(nil)
		ask(1)
		h.lawful()
	})
}

// A run that is told to stop asks nothing and remembers nothing: the next one asks.
func TestNamesInterrupted(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := h.runner().Names(ctx); err != nil || len(h.names()) > 0 {
			t.Errorf("%v, %v", err, h.names())
		}
		if err := h.runner().Names(context.Background()); err != nil || len(h.names()) == 0 {
			t.Errorf("%v, %v", err, h.names())
		}
	})
}

// The journal tells of each write how the remote answered it, and what stopped a run.
func TestJournalTellsTheAnswer(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		good := h.add(1)[0]
		h.pull()
		bad := h.add(1)[0]
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if strings.HasSuffix(c.Path, "createorders") {
				return &sim.Fault{Status: 400, Body: `{"Message":"closed"}`, Header: map[string][]string{"X-Request-Id": {"r-1"}}}
			}
			return nil
		})
		h.pull()
		h.world.Fail(func(sim.Call) *sim.Fault { return &sim.Fault{Status: 503} })
		h.pull()
		var lines []ledger.Entry
		err := h.runner().Ledger.View(func(tx *ledger.Tx) error {
			for e, err := range tx.Entries(0, time.Time{}) {
				if err != nil {
					return err
				}
				lines = append(lines, e)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		line := func(id, text string) ledger.Entry {
			for _, e := range lines {
				if string(e.Order) == id && strings.Contains(e.Text, text) {
					return e
				}
			}
			t.Errorf("no line of %q says %q: %+v", id, text, lines)
			return ledger.Entry{}
		}
		if e := line(good, "created"); e.Step != order.Create || e.API != "shipstation" || e.Status != 200 {
			t.Errorf("created: %+v", e)
		}
		if e := line(good, "acknowledged"); e.Step != order.Acknowledge || e.RequestID == "" {
			t.Errorf("acknowledged: %+v", e)
		}
		if e := line(bad, "held"); e.Step != order.Create || e.Status != 400 || e.RequestID != "r-1" || e.Level != ledger.Error {
			t.Errorf("held: %+v", e)
		}
		if e := line("", "pull stopped: "); e.Level != ledger.Warn || e.Run == "" {
			t.Errorf("stopped: %+v", e)
		}
	})
}
