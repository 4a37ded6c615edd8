package stage

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/sim"
)

// adoption that fails after the DSCO scan marks itself as done.
func TestAFailedAdoptionIsTakenUpAgain(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id := h.world.AddOrder(func(o map[string]any) {
			o["dscoCreateDate"] = time.Now().Add(-10 * 24 * time.Hour).UTC().Format("2006-01-02T15:04:05+00:00")
		})
		h.world.AcknowledgeInDSCO(id)
		h.world.PutShipStation(map[string]any{"orderNumber": id, "orderKey": "dsco-" + id})
		time.Sleep(time.Minute)
		pages := 0
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/page" {
				if pages++; pages > 1 { // the daily look
					return &sim.Fault{Status: 500}
				}
			}
			return nil
		})
		if res := h.pull(); res.Err == nil {
			t.Fatal("the adoption did not fail")
		}
		h.world.Fail(nil)
		time.Sleep(time.Hour)
		res := h.pull()
		if _, known := h.rows()[order.ID(id)]; !known {
			t.Errorf("order %s, acknowledged and open in ShipStation, was never adopted: %+v", id, res)
		}
	})
}

// a change log that answers 400/500 stops pull for ever.
func TestABrokenLogHoldsUpNothing(t *testing.T) {
	for _, status := range []int{400, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				h.add(1)
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path == "/api/v3/order/log" {
						return &sim.Fault{Status: status}
					}
					return nil
				})
				h.pull()
				id := h.add(1)[0]
				for range 5 {
					time.Sleep(time.Hour)
					h.pull()
				}
				if h.live(id) != 1 {
					t.Errorf("a new order was not created in five runs because the change log answers %d", status)
				}
			})
		})
	}
}

// one order that DSCO cannot show by its id stops all others.
func TestAnUnreadableOrderHoldsUpNoOther(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		bad := h.world.AddOrder(func(o map[string]any) { delete(address(o), "city") })
		time.Sleep(time.Minute)
		h.pull() // held
		h.world.AcknowledgeInDSCO(bad)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/" && c.Query.Get("value") == bad {
				return &sim.Fault{Status: 500}
			}
			return nil
		})
		id := h.add(1)[0]
		for range 5 {
			time.Sleep(2 * time.Hour)
			h.pull()
		}
		if h.live(id) != 1 {
			t.Error("a new order was not created in five runs because DSCO answers 500 for another")
		}
	})
}

// single cancelled order in the store is adopted and acknowledged.
func TestCancelledInTheStore(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.world.AddOrder()
		h.world.PutShipStation(map[string]any{"orderNumber": id, "orderStatus": "cancelled"})
		time.Sleep(time.Minute)
		res := h.pull()
		if o := h.row(id); !o.Acknowledged.IsZero() || o.Intent != nil {
			t.Errorf("acknowledged in DSCO (%s), though the only ShipStation order is cancelled; held %t, holding %d, state %s", sim.Text(h.world.Order(id), "dscoLifecycle"), o.Held(), res.Holding, o.State())
		}
	})
}

// 403 on acknowledge stops creation.
func TestWithoutTheRightToAcknowledge(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/acknowledge" {
				return &sim.Fault{Status: 403}
			}
			return nil
		})
		ids := h.add(3)
		if res := h.pull(); remote.KindOf(res.Err) != remote.Unauthorized {
			t.Errorf("%+v", res)
		}
		more := h.add(3)
		for range 3 {
			time.Sleep(time.Hour)
			h.pull()
		}
		if h.live(ids[0]) != 1 || h.live(more[0]) != 1 {
			t.Errorf("created: %d %d", h.live(ids[0]), h.live(more[0]))
		}
	})
}

// acknowledgements refused once go one by one for ever.
func TestAcknowledgementsGoInBulkAgain(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		h.add(40)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/acknowledge" {
				return &sim.Fault{Status: 400}
			}
			return nil
		})
		h.pull()
		time.Sleep(time.Hour)
		h.pull()
		n2 := h.calls("dsco", "/api/v3/order/acknowledge")
		h.world.Fail(nil)
		time.Sleep(time.Hour)
		h.pull()
		n3 := h.calls("dsco", "/api/v3/order/acknowledge")
		if n3-n2 != 1 {
			t.Errorf("%d calls for 40 acknowledgements owed", n3-n2)
		}
	})
}

// retry of a partly shipped order creates all units, not what is left.
func TestRetryCreatesWhatIsLeft(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.Lifecycles = []string{"created", "acknowledged"} }
		h.start()
		id := h.world.AddOrder(func(o map[string]any) {
			o["lineItems"] = o["lineItems"].([]any)[:1]
			firstLine(o)["quantity"] = 3
		})
		time.Sleep(time.Minute)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 429}
			}
			return nil
		})
		h.pull()
		h.world.Fail(nil)
		h.world.Edit(id, func(o map[string]any) {
			l := firstLine(o)
			o["dscoLifecycle"], o["dscoStatus"] = "acknowledged", "shipped"
			o["packages"] = []any{map[string]any{"trackingNumber": "1Z1", "items": []any{map[string]any{"quantity": 2, "lineNumber": l["lineNumber"], "dscoItemId": l["dscoItemId"]}}}}
		})
		time.Sleep(time.Hour)
		h.pull()

		time.Sleep(time.Hour)
		res := h.run(Retry(order.ID(id)))
		if h.live(id) != 1 {
			t.Fatalf("%+v %+v", res, h.row(id))
		}
		if q := sim.Int(h.world.ByNumber(id)[0], "items", 0, "quantity"); q != 1 {
			t.Errorf("1 unit is left, but %d were created in ShipStation", q)
		}
	})
}

// what ShipStation echoes is kept.
func TestWhatARemoteEchoes(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		h.world.AddOrder(func(o map[string]any) { address(o)["name"] = "Wilhelmina Testperson" })
		time.Sleep(time.Minute)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 400, Body: `{"Message":"The request is invalid.","ModelState":{"apiOrders[0].shipTo.name":["Error converting value \"Wilhelmina Testperson\" to type 'X'."]}}`}
			}
			return nil
		})
		h.pull()
		raw, _ := os.ReadFile(h.path)
		if bytes.Contains(raw, []byte("Wilhelmina")) {
			t.Error("the name is in the ledger")
		}
		if strings.Contains(h.log.String(), "Wilhelmina") {
			t.Error("the name is in the log")
		}
	})
}

// no dscoCreateDate
func TestWithoutADateOfCreation(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		good, odd := h.add(1)[0], h.add(1)[0]
		d := h.world.Order(odd)
		delete(d, "dscoCreateDate")
		docs := []any{d, h.world.Order(good)}
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/page" {
				return &sim.Fault{Status: 200, Body: page(docs...)}
			}
			return nil
		})
		res := h.pull()
		if _, known := h.rows()[order.ID(odd)]; !known {
			t.Errorf("silently ignored: seen %d, remark %q", res.Seen, res.Remark)
		}
	})
}

// adoption of a store with many numeric orders never ends.
func TestAdoptionAmongManyNumbers(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		for i := range 5200 {
			h.world.PutShipStation(map[string]any{"orderNumber": fmt.Sprint(10000 + i), "items": []any{}})
		}
		id := h.add(1)[0]
		for range 2 {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
			h.runner().Run(ctx, Pull)
			cancel()
			time.Sleep(time.Minute)
		}
		if h.live(id) != 1 {
			t.Error("the first order is still not created")
		}
	})
}

// outage of POST holds everything
func TestAnOutageHoldsNothing(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(20)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 503}
			}
			return nil
		})
		for range 9 {
			h.pull()
			time.Sleep(5 * time.Minute)
		}
		h.world.Fail(nil)
		h.pull()
		if h.live(ids[0]) != 1 {
			t.Error("after 45 minutes of 503 every order waits for a person")
		}
	})
}

// local clock a minute ahead
func TestAClockThatIsAhead(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) {
			r.Now = func() time.Time { return time.Now().Add(time.Minute).UTC().Truncate(time.Millisecond) }
			r.DSCO.API.Now = r.Now
		}
		if res := h.pull(); res.Err != nil {
			t.Error(res.Err)
		}
	})
}

// an intent of a clock that was wrong
func TestAClockThatWasWrong(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1)[0]
		year := 365 * 24 * time.Hour
		h.with = func(r *Runner) {
			real := r.Now
			n := 0
			r.Now = func() time.Time {
				n++
				if n > 8 {
					return real().Add(year)
				}
				return real()
			}
		}
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Drop: true}
			}
			return nil
		})
		h.pull()
		h.with = nil
		h.world.Fail(nil)
		if o := h.row(id); o.Intent == nil || o.Intent.At.Before(time.Now().Add(year/2)) {
			t.Fatalf("not set up: %+v", o.Intent)
		}
		for range 3 {
			time.Sleep(24 * time.Hour)
			h.pull()
		}
		if h.live(id) != 1 {
			t.Error("in doubt for a year, and nothing is said")
		}
	})
}

// cancelled between gathering and creation: said nowhere
func TestCancelledDuringTheRun(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1)[0]
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				h.world.Fail(nil)
				h.world.CancelInDSCO(id)
			}
			return nil
		})
		h.pull()
		for range 3 {
			time.Sleep(time.Hour)
			h.pull()
		}
		o := h.row(id)
		n, _ := o.Trouble()
		if o.State() == order.Cancelled && o.Live() && n.Text == "" && len(o.Notices) == 0 && len(o.Alarms(order.Rules{Now: time.Now(), AcknowledgeAlarm: time.Hour, ShipByAlarm: time.Hour})) == 0 {
			t.Errorf("status says %s, ShipStation has it %v, and nothing tells a person", o.State(), sim.Text(h.world.ByNumber(id)[0], "orderStatus"))
		}
	})
}

// one redirect / 402 on POST holds all
func TestARedirectHoldsNothing(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		h.add(5)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 302, Header: map[string][]string{"Location": {"https://maintenance.example/"}}}
			}
			return nil
		})
		res := h.pull()
		if res.Holding > 0 {
			n, _ := h.rows()["1026000001"].Trouble()
			t.Errorf("a redirect in the way: %d orders held for a person: %s", res.Holding, n.Text)
		}
	})
}
