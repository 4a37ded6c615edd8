package stage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
	"dscosync/internal/sim"
)

// since are the calls of what is done in f.
func (h *house) since(f func()) []sim.Call {
	n := len(h.world.Calls())
	f()
	return h.world.Calls()[n:]
}

// count counts the calls that are meant.
func count(calls []sim.Call, meant func(sim.Call) bool) (n int) {
	for _, c := range calls {
		if meant(c) {
			n++
		}
	}
	return n
}

func byPath(api, path string) func(sim.Call) bool {
	return func(c sim.Call) bool { return c.API == api && (path == "" || c.Path == path) }
}

var (
	oneRead  = byPath(sim.DSCO, "/api/v3/order/")
	pageRead = byPath(sim.DSCO, "/api/v3/order/page")
	station  = byPath(sim.ShipStation, "")
)

// asked is the moment from which a call lists.
func asked(c sim.Call, member string) time.Time {
	at, err := time.Parse(time.RFC3339, c.Query.Get(member))
	if err != nil {
		at, _ = time.ParseInLocation("2006-01-02 15:04:05", strings.Replace(c.Query.Get(member), "T", " ", 1), shipstation.Pacific)
	}
	return at
}

// cancel-sync reads what was updated in DSCO since its last run, once a day two days back, and once an hour all that
// wait for the supplier. A clock that was a year ahead for one run does not keep it from its looks.
func TestHowOftenDSCOIsLookedAt(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		l := h.ahead()
		l.ahead = 0
		h.start()
		h.sent(1)
		open := func(c sim.Call) bool { return pageRead(c) && c.Query.Get("ordersCreatedSince") != "" }
		back := func(c sim.Call) bool {
			return pageRead(c) && c.At.Sub(asked(c, "ordersUpdatedSince")) > 40*time.Hour && !open(c)
		}
		near := func(c sim.Call) bool { return pageRead(c) && c.At.Sub(asked(c, "ordersUpdatedSince")) < 2*time.Hour }
		runs := func(n int) {
			for range n {
				h.goes(Cancel)
				time.Sleep(15 * time.Minute)
			}
		}
		calls := h.since(func() { runs(26 * 4) })
		if a, b, c := count(calls, open), count(calls, back), count(calls, near); a != 26 || b != 2 || c != 26*4-2 {
			t.Errorf("in 26 hours: %d looks at all that are open, %d two days back, %d at what is new", a, b, c)
		}
		if n := count(calls, func(c sim.Call) bool {
			return c.Path == "/orders" && c.At.Sub(asked(c, "modifyDateStart")) > 26*time.Hour
		}); n > 1 {
			t.Errorf("ShipStation was asked %d times for what was changed long ago", n)
		}
		l.ahead = 365 * 24 * time.Hour
		h.cancel()
		h.pull()
		l.ahead = 0
		if n := count(h.since(func() { h.pull() }), func(c sim.Call) bool {
			return pageRead(c) && c.At.Sub(asked(c, "ordersCreatedSince")) > 100*24*time.Hour && c.Query.Get("ordersCreatedSince") != ""
		}); n != 1 {
			t.Errorf("after a clock that was a year ahead: %d daily looks of pull", n)
		}
		calls = h.since(func() { runs(8) })
		if a, b := count(calls, open), count(calls, back); a != 2 || b != 1 {
			t.Errorf("after a clock that was a year ahead: %d hourly looks in two hours, %d daily ones", a, b)
		}
	})
}

// What a run of pull reads of orders that DSCO's list of new ones does not show.
func TestWhatAPullReads(t *testing.T) {
	stuck := func(h *house, n int) []string { // known, and not created yet
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == creates {
				return &sim.Fault{Status: 429}
			}
			return nil
		})
		ids := h.add(n)
		h.pull()
		for _, id := range ids {
			h.world.AcknowledgeInDSCO(id) // so that it is listed no more
		}
		return ids
	}
	for _, test := range []struct {
		name                string
		do                  func(h *house)
		reads, pages, store int // in two hours of runs every 15 minutes
	}{
		{"nothing", func(*house) {}, 0, 8, 0},
		{"one that is in ShipStation, and not acknowledged", func(h *house) {
			h.world.Fail(func(c sim.Call) *sim.Fault {
				if c.Path == "/api/v3/order/acknowledge" {
					return &sim.Fault{Status: 400}
				}
				return nil
			})
			h.add(1)
			h.pull()
		}, 0, 8, 0},
		{"one that is held", func(h *house) {
			h.add(1, func(o map[string]any) { delete(address(o), "city") })
			h.pull()
		}, 0, 8, 0},
		{"one that is held and not listed: once an hour", func(h *house) {
			id := h.add(1, func(o map[string]any) { delete(address(o), "city") })[0]
			h.pull()
			h.world.AcknowledgeInDSCO(id)
		}, 2, 8, 0},
		{"ten that are not listed: by their ids", func(h *house) { stuck(h, 10) }, 80, 8, -1},
		{"eleven that are not listed: in one list more", func(h *house) { stuck(h, 11) }, 0, 16, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
				h.start()
				test.do(h)
				time.Sleep(time.Hour)
				calls := h.since(func() {
					for range 8 {
						h.pull()
						time.Sleep(15 * time.Minute)
					}
				})
				store := count(calls, func(c sim.Call) bool { return station(c) && c.Method == "GET" })
				if a, b := count(calls, oneRead), count(calls, pageRead); a != test.reads || b != test.pages || test.store >= 0 && store != test.store {
					t.Errorf("%d orders read, %d pages, %d calls to ShipStation; want %d, %d, %d", a, b, store, test.reads, test.pages, test.store)
				}
			})
		})
	}
}

// An order that does not tell when it was made counts as old as those that are taken can be: it is looked for that far back.
func TestOfNobodyKnowsWhen(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1)[0]
		doc := h.world.Order(id)
		delete(doc, "dscoCreateDate")
		h.world.PutShipStation(map[string]any{"orderNumber": id})
		time.Sleep(10 * 24 * time.Hour)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if pageRead(c) {
				return &sim.Fault{Status: 200, Body: page(doc)}
			}
			return nil
		})
		for _, c := range h.since(func() { h.pull() }) {
			if back := c.At.Sub(asked(c, "createDateStart")); c.Path == "/orders" && back.Round(time.Hour) != 14*24*time.Hour+time.Hour {
				t.Errorf("looked for from %v before", back)
			}
		}
		if o := h.row(id); o.Adopted.IsZero() || h.live(id) != 1 {
			t.Errorf("%+v", o)
		}
	})
}

// A ledger that knows nothing waits for ShipStation's lists to show what was there before it, and no longer.
func TestHowLongANewLedgerWaits(t *testing.T) {
	for _, test := range []struct {
		name  string
		blank time.Duration // how long ago the ledger was made; below 0 a clock was wrong then
		with  func(*Runner)
		add   int
		waits time.Duration
		lists int
	}{
		{"made just now", 0, nil, 1, 30 * time.Second, 7},
		{"made 20 seconds ago", 20 * time.Second, nil, 1, 10 * time.Second, 7},
		{"made long ago", time.Hour, nil, 1, 0, 6},
		{"made at a time to come", -time.Hour, nil, 1, 30 * time.Second, 7},
		{"nothing to create", 0, nil, 0, 0, 6},
		{"a dry run", 0, func(r *Runner) { r.DryRun = true }, 1, 0, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
				ids := h.add(test.add)
				h.with = test.with
				r := h.runner()
				err := r.Ledger.Update(func(tx *ledger.Tx) error {
					return tx.PutStage(Pull.Name, ledger.Stage{Blank: r.Now().Add(-test.blank)})
				})
				if err != nil {
					t.Fatal(err)
				}
				var res Result
				calls := h.since(func() { res = h.pull() })
				lists := count(calls, byPath(sim.ShipStation, "/orders"))
				if took := res.Finished.Sub(res.Started); res.Err != nil || took != test.waits || lists != test.lists || res.Seen != test.add {
					t.Errorf("it took %v and %d lists: %+v", took, lists, res)
				}
				for _, c := range calls {
					if c.Path == "/orders" && c.Query.Get("storeId") != "1001" {
						t.Errorf("another store is read: %v", c.Query)
					}
				}
				if n := count(calls, oneRead); n > 0 || len(ids) > 0 && test.with == nil && h.live(ids[0]) != 1 {
					t.Errorf("%d orders read one by one", n)
				}
			})
		})
	}
}

// Of numbers in the store that may be DSCO's, two hundred are looked up; what cannot be one of its ids is not.
func TestHowManyNumbersAreLookedUp(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		old := h.add(1)[0]
		h.world.AcknowledgeInDSCO(old)
		h.world.PutShipStation(map[string]any{"orderNumber": old, "orderKey": "dsco-" + old}) // open still, and listed by DSCO from its day on
		time.Sleep(40 * 24 * time.Hour)
		mine := h.add(1)[0]
		h.world.PutShipStation(map[string]any{"orderNumber": mine, "orderKey": "dsco-" + mine})
		for _, number := range []string{"SHOP-00001", "77", "30000000001"} {
			h.world.PutShipStation(map[string]any{"orderNumber": number})
		}
		h.world.PutShipStation(map[string]any{"orderNumber": "2999999999", "orderKey": "dsco-" + mine})
		for i := range 201 {
			h.world.PutShipStation(map[string]any{"orderNumber": fmt.Sprint(2000000000 + i)})
		}
		time.Sleep(time.Minute)
		calls := h.since(func() { h.pull() })
		if n := count(calls, oneRead); n != 200 || !strings.Contains(h.log.String(), "more than 200 orders whose numbers may be DSCO's") {
			t.Errorf("%d looked up\n%s", n, h.log.String())
		}
		if n := count(calls, func(c sim.Call) bool { return oneRead(c) && !strings.HasPrefix(c.Query.Get("value"), "20000") }); n > 0 || h.calls(sim.DSCO, "/api/v3/order/") != 200 {
			t.Errorf("%d that can be none of DSCO's", n)
		}
	})
}

// What is listed is not read by its id, and who waited longest for a look has it first.
func TestWhoIsLookedForByTheirIds(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		at := func(by any) func(map[string]any) {
			return func(o map[string]any) {
				oneLine(2)(o)
				o["shipByDate"] = by
				delete(firstLine(o), "shipByDate")
			}
		}
		late := h.sent(24, at(time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
		never, labelled := h.sent(1, at(nil))[0], h.sent(1, at(nil))[0]
		h.track()
		reads := map[string]int{}
		for range 3 {
			time.Sleep(2 * time.Hour)
			for _, c := range h.since(func() { h.track() }) {
				if id, ok := strings.CutPrefix(c.Path, "/orders/"); ok {
					reads[id]++
				}
			}
		}
		for _, id := range late {
			if n := reads[fmt.Sprint(h.inStation(id))]; n < 1 || n > 2 {
				t.Errorf("order %s was read %d times in three runs of ten", id, n)
			}
		}
		if n := reads[fmt.Sprint(h.inStation(never))]; n > 0 {
			t.Errorf("one without a ship-by date was read %d times within a day", n)
		}
		h.world.BuyLabel(h.inStation(labelled), ups, sim.Items(map[string]int{labelled + ":1": 1}), with("trackingNumber", "1ZA"))
		h.track()
		time.Sleep(24*time.Hour + 10*time.Minute)
		h.track()
		if n := h.calls(sim.ShipStation, fmt.Sprint("/orders/", h.inStation(labelled))); n > 0 {
			t.Errorf("one whose label is listed was read %d times", n)
		}
	})
}

// The lists of a stage are read again from below what could not be read; a run after that does not begin anew.
func TestTheCursorStaysBelowWhatCannotBeRead(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2)
		for _, c := range h.since(func() { h.track() }) {
			if pageRead(c) || c.Path == "/shipments" && c.Query.Get("createDateStart") != "" && c.At.Sub(asked(c, "createDateStart")) > 48*time.Hour {
				t.Errorf("the first run, with nothing to tell, asks %s %v", c.Path, c.Query)
			}
		}
		h.cancel()
		cursor := h.record(Track).Cursor
		if cursor.IsZero() {
			t.Fatal("no cursor")
		}
		time.Sleep(time.Hour)
		bad := h.world.BuyLabel(h.inStation(ids[0]), ups, with("trackingNumber", "1ZBAD"))
		h.world.Poison(bad)
		for range 2 {
			time.Sleep(30 * time.Hour)
			h.track()
			if now := h.record(Track).Cursor; !now.Equal(cursor) {
				t.Errorf("the cursor went from %v to %v", cursor, now)
			}
		}
		h.world.Cure(bad)
		time.Sleep(time.Hour)
		if h.track(); !h.record(Track).Cursor.After(cursor) {
			t.Error("the cursor stays where it was")
		}
		own := h.record(Cancel).Cursor
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders" && c.Query.Get("modifyDateStart") != "" && c.Query.Get("page") == "1" {
				return &sim.Fault{Status: 500}
			}
			return nil
		})
		h.world.EditShipStation(h.inStation(ids[1]), with("internalNotes", "x"))
		time.Sleep(time.Hour)
		if h.goes(Cancel); !h.record(Cancel).Cursor.Equal(own) {
			t.Errorf("cancel-sync's cursor went from %v to %v", own, h.record(Cancel).Cursor)
		}
	})
}

// Somebody enters a number in DSCO's portal a day before ShipStation hears of it: it is not told again.
func TestInThePortalBeforeItIsMarked(t *testing.T) {
	in(t, sim.Options{TakesMore: true}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, asksForUPS)[0]
		h.track()
		h.world.AddPackage(id, "1ZA")
		h.world.Edit(id, func(o map[string]any) { o["dscoStatus"], o["dscoLifecycle"] = "shipment_pending", "acknowledged" })
		for range 30 {
			time.Sleep(time.Hour)
			h.track()
		}
		h.world.MarkShipped(h.inStation(id), with("carrierCode", "UPS", "trackingNumber", "1ZA"))
		time.Sleep(time.Hour)
		h.track()
		if got := h.packages(id); len(got) != 1 || len(h.bodies()) > 0 {
			t.Errorf("%v", got)
		}
		h.lawful()
	})
}

// Known by its ShipStation id alone, an order is told of by a mark as well.
func TestAMarkUnderAnotherName(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, asksForUPS)[0]
		ship := h.inStation(id)
		h.world.EditShipStation(ship, func(o map[string]any) {
			o["orderNumber"], o["orderKey"] = "SHOP-7", "shop-7"
			it := o["items"].([]any)[0].(map[string]any)
			it["lineItemKey"], it["quantity"] = "shop0", 1
			o["items"] = append(o["items"].([]any), map[string]any{"orderItemId": 77, "name": "10 % off", "sku": it["sku"], "quantity": 1, "adjustment": true},
				map[string]any{"orderItemId": 78, "name": "a leaflet", "sku": "LEAFLET", "quantity": 1})
		})
		h.world.MarkShipped(ship, with("carrierCode", "UPS", "trackingNumber", "1ZA"))
		other := h.world.PutShipStation(map[string]any{"orderNumber": "SHOP-8-1", "orderStatus": "awaiting_shipment"})
		h.world.MarkShipped(other, with("carrierCode", "UPS", "trackingNumber", "1ZB"))
		time.Sleep(time.Hour)
		h.track()
		sent := h.bodies()
		if len(sent) != 1 || sim.At(sent[0], "shipments", 0, "lineItems", 0, "quantity") != 1.0 || len(h.row(id).Parcels[0].Lines) != 1 || h.row(id).State() != order.Sent {
			t.Errorf("%v, %+v\n%s", sent, h.row(id).Parcels, h.log.String())
		}
		if n := h.calls(sim.ShipStation, fmt.Sprint("/orders/", other)); n > 0 {
			t.Error("an order of somebody else was read")
		}
	})
}
