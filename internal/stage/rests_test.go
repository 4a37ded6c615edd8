package stage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/sim"
)

// record is what the ledger remembers of a stage.
func (h *house) record(s Stage) (st ledger.Stage) {
	h.t.Helper()
	err := h.runner().Ledger.View(func(tx *ledger.Tx) (err error) {
		st, err = tx.Stage(s.Name)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return st
}

// tries are the calls to a path since the n-th call of all, and what was waited between them.
func (h *house) tries(path string, n int) (waits []time.Duration) {
	var last time.Time
	for _, c := range h.world.Calls()[n:] {
		if c.Path != path {
			continue
		}
		if !last.IsZero() {
			waits = append(waits, c.At.Sub(last))
		}
		last = c.At
	}
	return waits
}

const creates = "/orders/createorders"

// A remote that is down gets twice as long a rest before each call, and at least what it asks for; at the fifth in a row
// the stage stops. It need not have a time to be over by.
func TestRestsOfARemoteThatIsDown(t *testing.T) {
	const s = time.Second
	for _, test := range []struct {
		name  string
		fault sim.Fault
		fails int
		waits []time.Duration
	}{
		{"for good", sim.Fault{Refuse: true}, 99, []time.Duration{2 * s, 4 * s, 8 * s, 16 * s}},
		{"for three calls", sim.Fault{Refuse: true}, 3, []time.Duration{2 * s, 4 * s, 8 * s}},
		{"and asks for a minute", sim.Fault{Status: 429, Header: http.Header{"Retry-After": {"59"}}}, 2, []time.Duration{60 * s, 60 * s}},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
				h.start()
				id := h.add(1)[0]
				left := test.fails
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path != creates || left == 0 {
						return nil
					}
					left--
					return &test.fault
				})
				n := len(h.world.Calls())
				res := h.runner().Run(context.Background(), Pull)
				if got := h.tries(creates, n); !slices.Equal(got, test.waits) {
					t.Errorf("waited %v, want %v", got, test.waits)
				}
				if done := test.fails < 5; done != (res.Err == nil && h.live(id) == 1) {
					t.Errorf("%+v", res)
				}
				h.lawful()
			})
		})
	}
}

// What is asked for is more than the run has: it stops at once, and says when a call will be possible.
func TestNoTimeForTheRest(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		h.add(1)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == creates {
				return &sim.Fault{Status: 429, Header: http.Header{"Retry-After": {"3600"}}}
			}
			return nil
		})
		res := h.pull()
		e, ok := errors.AsType[*remote.Error](res.Err)
		if !ok || e.Kind != remote.Unavailable || e.After < time.Hour || res.Finished.Sub(res.Started) > time.Minute || res.Deferred != 1 {
			t.Errorf("%+v", res)
		}
	})
}

// Only calls in a row count: a remote that answers in between is not down.
func TestEverySecondCallFails(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.most = 1 }
		h.start()
		h.add(9)
		n := 0
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path != creates {
				return nil
			}
			if n++; n%2 == 1 {
				return &sim.Fault{Refuse: true}
			}
			return nil
		})
		if res := h.pull(); res.Err != nil || res.Done != 9 {
			t.Errorf("%+v", res)
		}
		h.lawful()
	})
}

// A run that is told to stop ends the call that is under way, records it, and makes no other.
func TestToldToStop(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.most = 1 }
		h.start()
		ids := h.add(3)
		ctx, stop := context.WithCancel(context.Background())
		h.meanwhile(sim.ShipStation, creates, stop)
		n := len(h.world.Calls())
		res := h.runner().Run(ctx, Pull)
		if !errors.Is(res.Err, context.Canceled) || res.Deferred != 3 || len(h.world.Calls()[n:]) == 0 {
			t.Errorf("%+v", res)
		}
		calls := h.world.Calls()
		if last := calls[len(calls)-1]; last.Path != creates {
			t.Errorf("after it was told to stop it called %s", last.Path)
		}
		created := 0
		for _, id := range ids {
			if o := h.row(id); o.Created() != (h.live(id) == 1) || o.Intent != nil {
				t.Errorf("%+v", o)
			} else if o.Created() {
				created++
			}
		}
		if st := h.record(Pull); created != 1 || st.Error != "interrupted" {
			t.Errorf("%d created, %+v", created, st)
		}
		h.lawful()
	})
}

// Credentials that are refused end the stage, whichever call learns of it. A right that is missing (403) ends the use of
// that one call, for all that wait for it.
func TestRefusedInTheMiddle(t *testing.T) {
	for _, test := range []struct{ status, created, asked int }{{401, 1, 2}, {403, 4, 1}} { // DSCO gets a new token once
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
				h.with = func(r *Runner) { r.most = 1 }
				h.start()
				ids := h.add(4)
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path == "/api/v3/order/acknowledge" {
						return &sim.Fault{Status: test.status}
					}
					return nil
				})
				for run := range 2 {
					asked := h.calls(sim.DSCO, "/api/v3/order/acknowledge")
					if res := h.pull(); remote.KindOf(res.Err) != remote.Unauthorized || res.Done > 0 || res.Held > 0 {
						t.Errorf("%+v", res)
					}
					if n := h.calls(sim.DSCO, "/api/v3/order/acknowledge") - asked; n != test.asked {
						t.Errorf("run %d asked %d times", run, n)
					}
					created := 0
					for _, id := range ids {
						created += h.live(id)
					}
					if run == 0 && created != test.created {
						t.Errorf("%d created", created)
					}
					time.Sleep(time.Hour)
				}
				h.lawful()
			})
		})
	}
}

// An order is blamed for what it did alone: after five calls of its own, and not for those in company or in an outage.
func TestBlamedForItsOwnCallsOnly(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.most = 16 }
		h.start()
		ids := h.add(16)
		bad, alone := ids[3], 0
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path != creates || !strings.Contains(string(c.Body), bad) {
				return nil
			}
			if strings.Count(string(c.Body), `"orderNumber"`) == 1 {
				alone++
			}
			return &sim.Fault{Status: 500}
		})
		for range 12 {
			if h.row0(bad).Held() != (alone >= 5) {
				t.Errorf("held %t after %d calls of its own", h.row0(bad).Held(), alone)
			}
			was := alone
			res := h.pull()
			if want := h.row(bad).Held(); (res.Held == 1) != (want && alone > was) {
				t.Errorf("%d held in this run, after %d calls of its own", res.Held, alone)
			}
			time.Sleep(15 * time.Minute)
			h.add(1) // the warehouse's life goes on
		}
		if alone != 5 {
			t.Errorf("%d calls of its own", alone)
		}
		h.lawful()
	})
}

// While no create gets a clear answer no order is to blame, whatever other calls do; after a day a person should look.
func TestNobodyIsBlamedForAnOutage(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.most = 1 }
		h.start()
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/acknowledge" {
				return &sim.Fault{Status: 400}
			}
			return nil
		})
		owed := h.add(1)[0]
		h.pull()
		ids := h.add(2)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			switch c.Path {
			case creates:
				return &sim.Fault{Status: 500}
			case "/api/v3/order/acknowledge":
				return &sim.Fault{Status: 400}
			}
			return nil
		})
		began := time.Now()
		for range 40 {
			if res := h.pull(); res.Held+res.Holding > 0 && time.Since(began) < 24*time.Hour {
				t.Fatalf("after %v: %+v", time.Since(began), res)
			}
			time.Sleep(time.Hour)
		}
		if !h.row(ids[0]).Held() || !h.row(ids[1]).Held() || h.row(owed).Held() {
			t.Error("nobody is told of an outage that lasts")
		}
		h.lawful()
	})
}

// row0 is the row of an order that may have none yet.
func (h *house) row0(id string) order.Order { return h.rows()[order.ID(id)] }

// What DSCO's change log refuses counts as held in the run that learns of it, and an acknowledgement as refused.
func TestTheLogRefuses(t *testing.T) {
	in(t, sim.Options{CancelQueued: true, LogDelay: 2 * time.Second, CancelCodes: []string{"CXSN"}}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2)
		h.world.CancelInShipStation(h.inStation(ids[0]))
		time.Sleep(time.Hour)
		if res := h.cancel(); res.Held != 1 || res.Done != 0 || res.Deferred != 0 || !h.row(ids[0]).HeldAt(order.CancelDSCO) {
			t.Errorf("%+v", res)
		}
		h.lawful()
	})
}

// The change log may quote the order, too. What is the consumer's own is struck out where the order is in hand, and
// else nothing is repeated.
func TestTheLogQuotesTheConsumer(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1, func(o map[string]any) { address(o)["name"] = "Esmerelda Weatherwax" })[0]
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path != "/api/v3/order/log" {
				return nil
			}
			return &sim.Fault{Status: 200, Body: fmt.Sprintf(`{"status":"COMPLETED","logs":[{"payload":{"id":%q},"status":"failure","requestId":%q,
				"results":[{"severity":"error","description":"not for Esmerelda Weatherwax"}]}]}`, id, c.Query.Get("requestId"))}
		})
		res := h.pull()
		n, _ := h.row(id).Trouble()
		if n.Text != "refused by DSCO: not for [personal]" || res.Refused != 1 || res.Deferred != 1 || res.Held != 0 {
			t.Errorf("%q, %+v", n.Text, res)
		}
		if said := h.log.String(); strings.Contains(said, "Weatherwax") {
			t.Error(said)
		}
	})
}
