package stage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// What the daily look counts as missing in ShipStation, and what is only on its way or with somebody else.
func TestWhatTheDailyLookCounts(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		old := func(o map[string]any) {
			o["dscoCreateDate"] = time.Now().Add(-30 * 24 * time.Hour).UTC().Format("2006-01-02T15:04:05+00:00")
		}
		h.start()
		stuck, held := h.add(1)[0], ""
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == creates {
				return &sim.Fault{Status: 429}
			}
			return nil
		})
		held = h.add(1, func(o map[string]any) { delete(address(o), "city") })[0]
		h.pull()
		time.Sleep(15 * 24 * time.Hour) // past the lookback, both are known and in DSCO alone
		forgotten := h.add(1, old)[0]
		shipped := h.add(1, old)[0]
		h.world.AddPackage(shipped, "1ZPORTAL", func(p map[string]any) {})
		h.world.Edit(shipped, func(o map[string]any) { o["dscoStatus"], o["dscoLifecycle"] = "shipment_pending", "acknowledged" })
		young := h.add(1)[0]
		h.world.Edit(young, func(o map[string]any) { o["dscoLifecycle"] = "received" })
		late := h.add(1, old)[0]
		h.world.Edit(late, func(o map[string]any) { o["dscoLifecycle"] = "received" })
		h.pull()
		m := h.record(Pull).Missing
		if want := []order.ID{order.ID(stuck), order.ID(forgotten)}; m == nil || m.Count != 2 || len(m.Orders) != 2 || !slices.Contains(m.Orders, want[0]) || !slices.Contains(m.Orders, want[1]) {
			t.Errorf("%+v: stuck %s, held %s, forgotten %s, shipped %s, young %s, late %s", m, stuck, held, forgotten, shipped, young, late)
		}
		h.add(150, old)
		time.Sleep(25 * time.Hour)
		h.pull()
		if m := h.record(Pull).Missing; m.Count != 152 || len(m.Orders) != 100 {
			t.Errorf("%d, of which %d are named", m.Count, len(m.Orders))
		}
	})
}

// With a ledger that was put back a moment ago nobody knows what DSCO was told: that is said with the time it takes, and
// nothing is told before. A run with nothing to tell does not speak of it.
func TestWhatWasShippedBeforeTheLedger(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2, asksForUPS)
		h.world.BuyLabel(h.inStation(ids[0]), ups, with("trackingNumber", "1ZA"))
		time.Sleep(time.Hour)
		h.rebuild()
		h.log.Reset()
		h.track()
		if said := h.log.String(); !strings.Contains(said, "what was shipped before it is told to DSCO in 16 minutes") || len(h.packages(ids[0])) > 0 {
			t.Errorf("told %v\n%s", h.packages(ids[0]), said)
		}
		h.world.BuyLabel(h.inStation(ids[1]), ups, with("trackingNumber", "1ZB"))
		time.Sleep(20 * time.Minute)
		h.log.Reset()
		h.track()
		if len(h.packages(ids[0])) != 1 || len(h.packages(ids[1])) != 1 || strings.Contains(h.log.String(), "a new state file") {
			t.Errorf("told %v and %v\n%s", h.packages(ids[0]), h.packages(ids[1]), h.log.String())
		}
		h.lawful()
	})
}

// A label without keys is understood by the order's SKUs, also in the run that adopts the order.
func TestALabelWithoutKeysOfAnAdoptedOrder(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, asksForUPS)[0]
		h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZA"), func(s map[string]any) {
			s["shipmentItems"].([]any)[0].(map[string]any)["lineItemKey"] = "shop:1"
		})
		time.Sleep(time.Hour)
		h.lose()
		for range 2 {
			h.track()
			time.Sleep(time.Hour)
		}
		if got := h.packages(id); !slices.Equal(got, []string{"1ZA"}) || h.row(id).State() != order.Shipped {
			t.Errorf("%v, %+v\n%s", got, h.row(id).Parcels, h.log.String())
		}
		h.lawful()
	})
}

// A line without a name holds up only the parcels that it is in.
func TestANamelessLineInAnotherParcel(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, func(o map[string]any) {
			asksForUPS(o)
			twoLines(1, 1)(o)
			l := o["lineItems"].([]any)[1].(map[string]any)
			for _, name := range []string{"dscoItemId", "sku", "partnerSku", "upc", "ean"} {
				l[name] = nil
			}
		})[0]
		h.world.BuyLabel(h.inStation(id), ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", "1ZA"))
		time.Sleep(time.Hour)
		h.track()
		if got := h.packages(id); !slices.Equal(got, []string{"1ZA"}) || h.row(id).Held() {
			t.Errorf("%v, %+v", got, h.row(id).Notes)
		}
		h.lawful()
	})
}

// An order that cannot be read before its hold is released stays on hold until a later run could read it.
func TestAHoldThatCannotBeRead(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.HoldOnRequest = true }
		id, ship := one(h)
		h.world.RequestCancel(id)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		h.unask(id)
		time.Sleep(2 * time.Hour)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == fmt.Sprint("/orders/", ship) {
				return &sim.Fault{Status: 500}
			}
			return nil
		})
		h.cancel()
		h.world.Fail(nil)
		if o := h.row(id); len(o.Notices) > 0 || o.Held() || !strings.HasPrefix(h.station(id), "on_hold") {
			t.Errorf("%s, %+v", h.station(id), o)
		}
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if got := h.station(id); got != "awaiting_shipment 1:3 2:1" {
			t.Error(got)
		}
		h.lawful()
	})
}

// An order cancelled in DSCO that ShipStation said it does not have is looked for once a day, and only while it may turn up.
func TestLostAndCancelled(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		id, ship := one(h)
		child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
		open := h.sent(1)[0]
		h.goes(Cancel)
		h.world.CancelInShipStation(child)
		h.world.DeleteShipStation(ship)
		gone := h.inStation(open)
		h.world.DeleteShipStation(gone)
		h.world.ForceCancelInDSCO(id)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		read := map[string]int{}
		for _, c := range h.since(func() {
			for range 3 * 8 {
				time.Sleep(3 * time.Hour)
				h.goes(Cancel)
			}
		}) {
			if strings.HasPrefix(c.Path, "/orders/") {
				read[c.Path]++
			}
		}
		if a, b, c := read[fmt.Sprint("/orders/", ship)], read[fmt.Sprint("/orders/", child)], read[fmt.Sprint("/orders/", gone)]; a != 3 || b != 0 || c != 0 {
			t.Errorf("in three days: the lost one was read %d times, its cancelled part %d, one that is not cancelled %d\n%s", a, b, c, h.log.String())
		}
	})
}
