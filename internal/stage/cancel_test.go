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

func (h *house) cancel() Result { return h.run(Cancel) }

// cancelled counts the units of each line that DSCO shows as cancelled, and with which codes.
func (h *house) cancelled(id string) string {
	var all []string
	for i := range h.world.Order(id)["lineItems"].([]any) {
		line := sim.At(h.world.Order(id), "lineItems", i)
		if n := sim.Int(line, "cancelledQuantity"); n > 0 {
			all = append(all, fmt.Sprintf("%d:%d %s", sim.Int(line, "lineNumber"), n, sim.Text(line, "cancelCode")))
		}
	}
	return strings.Join(all, ", ")
}

// station is what ShipStation has of an order: of each document its status and units.
func (h *house) station(id string) string {
	var all []string
	for _, doc := range h.world.ShipStationOrders() {
		number := sim.Text(doc, "orderNumber")
		if number != id && !strings.HasPrefix(number, id+"-") {
			continue
		}
		items := []string{}
		for _, it := range doc["items"].([]any) {
			_, line, _ := strings.Cut(sim.Text(it, "lineItemKey"), ":")
			items = append(items, fmt.Sprintf("%s:%d", line, sim.Int(it, "quantity")))
		}
		all = append(all, sim.Text(doc, "orderStatus")+" "+strings.Join(items, " "))
	}
	return strings.Join(all, ", ")
}

func twoLines(a, b int) func(map[string]any) {
	return func(o map[string]any) {
		first := o["lineItems"].([]any)[0].(map[string]any)
		second := map[string]any{}
		for k, v := range first {
			second[k] = v
		}
		first["quantity"], first["lineNumber"] = a, 1
		second["quantity"], second["lineNumber"], second["dscoItemId"], second["sku"], second["partnerSku"] = b, 2, "1299999999", "SKU-SECOND", "R-SECOND"
		o["lineItems"] = []any{first, second}
	}
}

// setLine cancels some units of a line in DSCO.
func (h *house) cancelUnits(id string, line, units int) {
	h.world.Edit(id, func(o map[string]any) {
		for _, l := range o["lineItems"].([]any) {
			if l := l.(map[string]any); sim.Int(l, "lineNumber") == int64(line) {
				l["cancelledQuantity"] = units
			}
		}
	})
}

// Each row of the policy on cancellations: what happened, and what stands on both sides after the next runs.
func TestCancel(t *testing.T) {
	for _, test := range []struct {
		name    string
		world   sim.Options
		do      func(h *house, ship int64, id string)
		with    func(*Runner)
		dsco    string // units cancelled, with their codes
		station string
		state   order.State
		held    string
		notice  string
	}{
		{name: "cancelled in DSCO", do: func(h *house, _ int64, id string) { h.world.ForceCancelInDSCO(id) },
			dsco: "1:3 CXRR, 2:1 CXRR", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "cancelled in DSCO, on hold in ShipStation", do: func(h *house, ship int64, id string) { h.world.HoldShipStation(ship); h.world.ForceCancelInDSCO(id) },
			dsco: "1:3 CXRR, 2:1 CXRR", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "cancelled in DSCO, split", do: func(h *house, ship int64, id string) {
			h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
			h.world.ForceCancelInDSCO(id)
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "cancelled 1:2 2:1, cancelled 1:1", state: order.Cancelled},
		{name: "cancelled in DSCO, split into copies", do: func(h *house, ship int64, id string) {
			h.world.SplitCopy(ship, map[string]int{id + ":1": 1})
			h.world.ForceCancelInDSCO(id)
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "cancelled 1:2 2:1, cancelled 1:1", state: order.Cancelled},
		{name: "a line cancelled in DSCO", do: func(h *house, _ int64, id string) { h.world.ForceCancelInDSCO(id, 2) },
			dsco: "2:1 CXRR", station: "awaiting_shipment 1:3", state: order.Sent},
		{name: "a unit cancelled in DSCO", do: func(h *house, _ int64, id string) { h.cancelUnits(id, 1, 1) },
			dsco: "1:1 ", station: "awaiting_shipment 1:2 2:1", state: order.Sent},
		{name: "units cancelled in DSCO, split", do: func(h *house, ship int64, id string) {
			h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
			h.cancelUnits(id, 1, 2)
		}, dsco: "1:2 ", station: "awaiting_shipment 1:1 2:1, cancelled 1:1", state: order.Sent},
		{name: "cancelled in DSCO by one line after the other", do: func(h *house, _ int64, id string) {
			h.world.ForceCancelInDSCO(id, 2)
			h.cancel()
			time.Sleep(time.Hour)
			h.world.ForceCancelInDSCO(id, 1)
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "cancelled 1:3", state: order.Cancelled},
		{name: "a unit cancelled in DSCO that somebody took out already", do: func(h *house, ship int64, id string) {
			h.world.EditShipStation(ship, func(o map[string]any) { o["items"].([]any)[0].(map[string]any)["quantity"] = 2 })
			h.cancelUnits(id, 1, 1)
		}, dsco: "1:1 ", station: "awaiting_shipment 1:2 2:1", state: order.Sent},
		{name: "cancelled in DSCO, combined in ShipStation", do: func(h *house, ship int64, id string) {
			other := h.sent(1)[0]
			h.world.Combine(ship, h.inStation(other))
			time.Sleep(time.Hour)
			h.world.ForceCancelInDSCO(id)
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "*", state: order.Cancelled, held: "they were combined"},
		{name: "cancelled in DSCO, with a label", do: func(h *house, ship int64, id string) {
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", "1ZLABEL"))
			time.Sleep(10 * time.Minute)
			h.world.ForceCancelInDSCO(id)
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "awaiting_shipment 1:3 2:1", state: order.Cancelled, held: "1ZLABEL"},
		{name: "a line cancelled in DSCO, with a label on the other", do: func(h *house, ship int64, id string) {
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", "1ZLABEL"))
			time.Sleep(10 * time.Minute)
			h.world.ForceCancelInDSCO(id, 2)
		}, dsco: "2:1 CXRR", station: "awaiting_shipment 1:3 2:1", state: order.Sent, held: "line 2 (1 unit)"},
		{name: "cancelled on both sides", do: func(h *house, ship int64, id string) {
			h.world.ForceCancelInDSCO(id)
			h.world.CancelInShipStation(ship)
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "cancelled 1:3 2:1", state: order.Cancelled},

		{name: "cancelled in ShipStation", do: func(h *house, ship int64, _ string) { h.world.CancelInShipStation(ship) },
			dsco: "1:3 CXSO, 2:1 CXSO", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "cancelled in ShipStation, DSCO queues it", world: sim.Options{CancelQueued: true, LogDelay: 2 * time.Second}, do: func(h *house, ship int64, _ string) { h.world.CancelInShipStation(ship) },
			dsco: "1:3 CXSO, 2:1 CXSO", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "cancelled in ShipStation, DSCO queues it for long", world: sim.Options{CancelQueued: true, LogDelay: 2 * time.Minute}, do: func(h *house, ship int64, _ string) { h.world.CancelInShipStation(ship) },
			dsco: "1:3 CXSO, 2:1 CXSO", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "cancelled in ShipStation, a code that is not allowed", world: sim.Options{CancelCodes: []string{"CXSN"}}, do: func(h *house, ship int64, _ string) { h.world.CancelInShipStation(ship) },
			station: "cancelled 1:3 2:1", state: order.Sent, held: "not allowed"},
		{name: "cancelled in ShipStation, the retailer's own code", do: func(h *house, ship int64, _ string) { h.world.CancelInShipStation(ship) },
			with: func(r *Runner) { r.CancelCodes = map[string]string{"*": "CXSN"} }, dsco: "1:3 CXSN, 2:1 CXSN", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "a split part cancelled in ShipStation", do: func(h *house, ship int64, id string) {
			child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
			h.cancel()
			time.Sleep(time.Hour)
			h.world.CancelInShipStation(child)
		}, dsco: "1:1 CXSO", station: "awaiting_shipment 1:2 2:1, cancelled 1:1", state: order.Sent},
		{name: "split and a part cancelled at once", do: func(h *house, ship int64, id string) {
			h.world.CancelInShipStation(h.world.SplitLegacy(ship, map[string]int{id + ":1": 1}))
		}, dsco: "1:1 CXSO", station: "awaiting_shipment 1:2 2:1, cancelled 1:1", state: order.Sent},
		{name: "split into copies and the first cancelled", do: func(h *house, ship int64, id string) {
			h.world.SplitCopy(ship, map[string]int{id + ":1": 1})
			h.world.CancelInShipStation(ship)
		}, dsco: "1:2 CXSO, 2:1 CXSO", station: "cancelled 1:2 2:1, awaiting_shipment 1:1", state: order.Sent},
		{name: "all parts cancelled in ShipStation", do: func(h *house, ship int64, id string) {
			h.world.CancelInShipStation(h.world.SplitLegacy(ship, map[string]int{id + ":1": 1}))
			h.world.CancelInShipStation(ship)
		}, dsco: "1:3 CXSO, 2:1 CXSO", station: "cancelled 1:2 2:1, cancelled 1:1", state: order.Cancelled},
		{name: "cancelled in ShipStation with a label on a part of it", do: func(h *house, ship int64, id string) {
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", "1ZLABEL"))
			time.Sleep(10 * time.Minute)
			h.world.CancelInShipStation(ship)
		}, dsco: "1:2 CXSO, 2:1 CXSO", station: "cancelled 1:3 2:1", state: order.Shipped},
		{name: "cancelled in ShipStation, some lines in DSCO", do: func(h *house, ship int64, id string) {
			h.world.ForceCancelInDSCO(id, 2)
			h.world.CancelInShipStation(ship)
		}, dsco: "1:3 CXSO, 2:1 CXRR", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "units lowered by hand", do: func(h *house, ship int64, _ string) {
			h.world.EditShipStation(ship, func(o map[string]any) { o["items"].([]any)[0].(map[string]any)["quantity"] = 1 })
		}, station: "awaiting_shipment 1:1 2:1", state: order.Sent, notice: "line 1 (2 units) is not there"},

		{name: "the retailer asks", do: func(h *house, _ int64, id string) { h.world.RequestCancel(id) },
			station: "awaiting_shipment 1:3 2:1", state: order.Sent, notice: "the retailer asks to cancel"},
		{name: "the retailer asks for a line, and it is accepted", do: func(h *house, ship int64, id string) {
			h.world.RequestCancel(id, 2)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(time.Hour)
			h.world.CancelInShipStation(h.world.SplitLegacy(ship, map[string]int{id + ":2": 1}))
		}, dsco: "2:1 CXSC", station: "awaiting_shipment 1:3, cancelled 2:1", state: order.Sent},
		{name: "the retailer asks, and it is accepted", do: func(h *house, ship int64, id string) {
			h.world.RequestCancel(id)
			h.world.CancelInShipStation(ship)
		}, dsco: "1:3 CXSC, 2:1 CXSC", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "the retailer asks: put on hold", with: func(r *Runner) { r.HoldOnRequest = true }, do: func(h *house, _ int64, id string) { h.world.RequestCancel(id) },
			station: "on_hold 1:3 2:1", state: order.Sent, notice: "the retailer asks to cancel"},
		{name: "the retailer asks: put on hold, released by a person", with: func(r *Runner) { r.HoldOnRequest = true }, do: func(h *house, ship int64, id string) {
			h.world.RequestCancel(id)
			time.Sleep(time.Minute)
			h.cancel()
			h.world.EditShipStation(ship, func(o map[string]any) { o["orderStatus"], o["holdUntilDate"] = "awaiting_shipment", nil })
		}, station: "awaiting_shipment 1:3 2:1", state: order.Sent, notice: "the retailer asks to cancel"},
		{name: "the retailer asks and thinks again", with: func(r *Runner) { r.HoldOnRequest = true }, do: func(h *house, _ int64, id string) {
			h.world.RequestCancel(id)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(time.Hour)
			h.unask(id)
		}, station: "awaiting_shipment 1:3 2:1", state: order.Sent},
		{name: "the retailer asks and thinks again, but somebody changed it", with: func(r *Runner) { r.HoldOnRequest = true }, do: func(h *house, ship int64, id string) {
			h.world.RequestCancel(id)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(time.Hour)
			h.world.EditShipStation(ship, func(o map[string]any) { o["internalNotes"] = "call first" })
			h.unask(id)
		}, station: "on_hold 1:3 2:1", state: order.Sent, notice: "somebody changed the order while it was on hold"},
		{name: "the retailer asks, but it is on hold already", with: func(r *Runner) { r.HoldOnRequest = true }, do: func(h *house, ship int64, id string) {
			h.world.HoldShipStation(ship)
			h.world.RequestCancel(id)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(time.Hour)
			h.unask(id)
		}, station: "on_hold 1:3 2:1", state: order.Sent},

		{name: "labelled after it was cancelled in DSCO", do: func(h *house, ship int64, id string) {
			h.world.ForceCancelInDSCO(id)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(time.Hour)
			h.world.EditShipStation(ship, func(o map[string]any) { o["orderStatus"] = "awaiting_shipment" })
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZLATE"))
			time.Sleep(10 * time.Minute)
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "shipped 1:3 2:1", state: order.Cancelled, held: "1ZLATE"},
		{name: "restored after it was cancelled in DSCO", do: func(h *house, ship int64, id string) {
			h.world.ForceCancelInDSCO(id)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(time.Hour)
			h.world.EditShipStation(ship, func(o map[string]any) { o["orderStatus"] = "awaiting_shipment" })
		}, dsco: "1:3 CXRR, 2:1 CXRR", station: "awaiting_shipment 1:3 2:1", state: order.Cancelled, held: "open again"},
		{name: "restored after DSCO was told", do: func(h *house, ship int64, _ string) {
			h.world.CancelInShipStation(ship)
			time.Sleep(10 * time.Minute)
			h.cancel()
			time.Sleep(72 * time.Hour) // by then it is among the finished ones
			h.cancel()
			h.world.EditShipStation(ship, func(o map[string]any) { o["orderStatus"] = "awaiting_shipment" })
		}, dsco: "1:3 CXSO, 2:1 CXSO", station: "awaiting_shipment 1:3 2:1", state: order.Cancelled, held: "open again"},
		{name: "reinstated in DSCO", do: func(h *house, _ int64, id string) {
			h.world.ForceCancelInDSCO(id)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(72 * time.Hour)
			h.cancel()
			h.reinstate(id)
		}, station: "cancelled 1:3 2:1", state: order.Sent, held: "live again"},
		{name: "reinstated in DSCO, restored in ShipStation", do: func(h *house, ship int64, id string) {
			h.world.ForceCancelInDSCO(id)
			time.Sleep(time.Minute)
			h.cancel()
			time.Sleep(time.Hour)
			h.reinstate(id)
			h.cancel()
			h.world.EditShipStation(ship, func(o map[string]any) { o["orderStatus"] = "awaiting_shipment" })
		}, station: "awaiting_shipment 1:3 2:1", state: order.Sent},
		{name: "moved to another store and cancelled there", do: func(h *house, ship int64, _ string) {
			h.world.MoveStore(ship, 1002)
			time.Sleep(25 * time.Hour)
			h.track() // which looks for orders that no list mentions
			time.Sleep(time.Hour)
			h.world.CancelInShipStation(ship)
		}, dsco: "1:3 CXSO, 2:1 CXSO", station: "cancelled 1:3 2:1", state: order.Cancelled},
		{name: "a part shipped and told, the rest cancelled in ShipStation", do: func(h *house, ship int64, id string) {
			child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 2})
			h.world.BuyLabel(child, ups, with("trackingNumber", "1ZPART"))
			time.Sleep(24 * time.Hour)
			h.track()
			time.Sleep(time.Hour)
			h.world.CancelInShipStation(ship)
		}, dsco: "1:1 CXSO, 2:1 CXSO", station: "cancelled 1:1 2:1, shipped 1:2", state: order.Shipped},
	} {
		for _, lag := range []time.Duration{0, 20 * time.Second} {
			t.Run(fmt.Sprintf("%s, lag %s", test.name, lag), func(t *testing.T) {
				world := test.world
				world.ShipStationLag, world.DSCOLag = lag, lag/2
				in(t, world, func(t *testing.T, h *house) {
					h.with = func(r *Runner) {
						if test.with != nil {
							test.with(r)
						}
					}
					h.start()
					id := h.sent(1, twoLines(3, 1))[0]
					if code, ok := h.codes(test.with); ok {
						h.with = func(r *Runner) { r.CancelCodes = map[string]string{h.row(id).Retailer: code} }
					}
					notes := map[string]string{}
					for _, doc := range h.world.ByNumber(id) {
						notes[sim.Text(doc, "orderId")] = sim.Text(doc, "shipTo", "street1")
					}
					test.do(h, h.inStation(id), id)
					for _, wait := range []time.Duration{time.Second, 15 * time.Minute, 20 * time.Minute, time.Hour, time.Hour} {
						time.Sleep(wait)
						for _, s := range syncAll {
							if res := h.run(s); res.Err != nil {
								t.Fatal(s.Name, res.Err)
							}
						}
					}
					o := h.row(id)
					if got := h.cancelled(id); got != test.dsco {
						t.Errorf("cancelled in DSCO: %q, want %q", got, test.dsco)
					}
					if got := h.station(id); got != test.station && test.station != "*" {
						t.Errorf("in ShipStation: %q, want %q", got, test.station)
					}
					trouble, _ := o.Trouble()
					if o.State() != test.state || o.Held() != (test.held != "") || !strings.Contains(trouble.Text, test.held) || o.Held() && trouble.Hint == "" {
						t.Errorf("%s, held %t: %q (%s); want %s, %q", o.State(), o.Held(), trouble.Text, trouble.Hint, test.state, test.held)
					}
					var notices []string
					for _, n := range o.Notices {
						notices = append(notices, n.Text)
					}
					if all := strings.Join(notices, "; "); !strings.Contains(all, test.notice) || test.notice == "" && all != "" {
						t.Errorf("notices %q, want %q", all, test.notice)
					}
					if o.Intent != nil {
						t.Errorf("in doubt: %+v", o.Intent)
					}
					for _, doc := range h.world.ByNumber(id) {
						if street, ok := notes[sim.Text(doc, "orderId")]; ok && sim.Text(doc, "shipTo", "street1") != street {
							t.Errorf("the street is %q, it was %q", sim.Text(doc, "shipTo", "street1"), street)
						}
					}
					h.lawful()
					if t.Failed() {
						t.Log(h.log.String())
					}
				})
			})
		}
	}
}

func (h *house) codes(with func(*Runner)) (string, bool) {
	var r Runner
	if with != nil {
		with(&r)
	}
	code, ok := r.CancelCodes["*"]
	return code, ok
}

// unask is the retailer who no longer asks to cancel.
func (h *house) unask(id string) {
	h.world.Edit(id, func(o map[string]any) {
		o["cancelRequested"] = false
		for _, l := range o["lineItems"].([]any) {
			l.(map[string]any)["cancelRequested"] = false
		}
	})
}

// reinstate is DSCO showing a cancelled order as live.
func (h *house) reinstate(id string) {
	h.world.Edit(id, func(o map[string]any) {
		o["dscoStatus"], o["dscoLifecycle"] = "shipment_pending", "acknowledged"
		for _, l := range o["lineItems"].([]any) {
			l.(map[string]any)["cancelledQuantity"] = 0
		}
	})
}

func TestCancelBeforeAdoption(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id := h.add(1)[0]
		ship := h.world.PutShipStation(map[string]any{"orderNumber": id, "orderStatus": "awaiting_shipment"})
		h.world.CancelInShipStation(ship)
		time.Sleep(time.Hour)
		for range 3 {
			if res := h.cancel(); res.Err != nil {
				t.Fatal(res.Err)
			}
			time.Sleep(time.Hour)
		}
		if got := h.cancelled(id); got != "" || !h.row(id).Held() {
			t.Errorf("cancelled %q, held %t", got, h.row(id).Held())
		}
		h.lawful()
	})
}

// Too many cancellations at once are held, the other direction goes on, and --force tells DSCO of them.
func TestGuard(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.MaxCancels = 3 }
		h.start()
		ids := h.sent(6)
		h.world.ForceCancelInDSCO(ids[0])
		for _, id := range ids[1:5] {
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(time.Hour)
		res := h.cancel()
		if res.Err != nil || len(res.Guarded) != 4 || res.Holding != 4 || res.Held != 4 {
			t.Fatalf("%+v", res)
		}
		if got := h.station(ids[0]); !strings.HasPrefix(got, "cancelled") {
			t.Errorf("the other direction: %s", got)
		}
		h.world.CancelInShipStation(h.inStation(ids[5]))
		ship := h.inStation(ids[1])
		h.world.EditShipStation(ship, func(o map[string]any) { o["orderStatus"] = "awaiting_shipment" })
		time.Sleep(time.Hour)
		if res := h.cancel(); res.Err != nil || !slices.Equal(res.Guarded, ids[5:]) || res.Holding != 4 {
			t.Fatalf("%+v", res)
		}
		for _, id := range ids[1:] {
			if got := h.cancelled(id); got != "" {
				t.Errorf("order %s: told of %s", id, got)
			}
		}
		if o := h.row(ids[1]); o.Held() {
			t.Errorf("restored, and still held: %+v", o.Notes)
		}
		h.with = func(r *Runner) { r.MaxCancels, r.Force = 3, true }
		time.Sleep(time.Hour)
		if res := h.cancel(); res.Err != nil || res.Done != 4 || res.Holding != 0 {
			t.Fatalf("%+v", res)
		}
		for _, id := range ids[2:] {
			if h.row(id).State() != order.Cancelled {
				t.Errorf("order %s: %s", id, h.row(id).State())
			}
		}
		h.lawful()
	})
}

// The figures of the issue: calls of an idle run, and those of one cancellation each way besides the gathering.
func TestCancelFigures(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(100)
		time.Sleep(2 * time.Hour)
		h.cancel()
		count := func(what string, most int) {
			t.Helper()
			time.Sleep(15 * time.Minute)
			n := len(h.world.Calls())
			if res := h.cancel(); res.Err != nil {
				t.Fatal(res.Err)
			}
			calls := h.world.Calls()[n:]
			calls = slices.DeleteFunc(calls, func(c sim.Call) bool { return strings.HasSuffix(c.Path, "/oauth2/token") })
			t.Logf("%s: %d calls", what, len(calls))
			if len(calls) > most {
				t.Errorf("%s: %d calls, at most %d", what, len(calls), most)
				for _, c := range calls {
					t.Log(c.Method, c.Path, c.Query)
				}
			}
		}
		const gathering = 2
		count("nothing to do", gathering)
		time.Sleep(time.Hour)
		count("nothing to do, with the hourly look", gathering+1)
		h.world.ForceCancelInDSCO(ids[0])
		count("one order cancelled in DSCO, gathering included", gathering+4)
		h.world.CancelInShipStation(h.inStation(ids[1]))
		count("one order cancelled in ShipStation, gathering included", gathering+5)
		if h.row(ids[0]).State() != order.Cancelled || h.row(ids[1]).State() != order.Cancelled {
			t.Error("not cancelled")
		}
		h.lawful()
	})
}

// TestEveryCancellationMayFail: whole orders and single units, in both directions, with DSCO doing them at once and later.
func TestEveryCancellationMayFail(t *testing.T) {
	scene := func(h *house) {
		h.with = func(r *Runner) { r.HoldOnRequest = true }
		h.start()
		ids := h.sent(7, twoLines(3, 1))
		h.cancel()
		asked := ids[6]
		h.world.RequestCancel(asked)
		time.Sleep(2 * time.Hour)
		h.cancel() // puts it on hold
		time.Sleep(time.Hour)
		h.unask(asked)
		h.world.ForceCancelInDSCO(ids[0])
		h.cancelUnits(ids[1], 1, 2)
		h.world.SplitLegacy(h.inStation(ids[2]), map[string]int{ids[2] + ":1": 1})
		h.world.ForceCancelInDSCO(ids[2], 1)
		h.world.CancelInShipStation(h.inStation(ids[3]))
		h.world.CancelInShipStation(h.world.SplitLegacy(h.inStation(ids[4]), map[string]int{ids[4] + ":1": 2}))
		h.world.RequestCancel(ids[5])
		time.Sleep(10 * time.Minute)
	}
	rest := func(h *house) {
		for _, wait := range []time.Duration{0, time.Second, 10 * time.Second, 20 * time.Minute, 20 * time.Minute, time.Hour, time.Hour} {
			time.Sleep(wait)
			h.cancel()
		}
		for _, s := range syncAll {
			if res := h.run(s); res.Err != nil {
				h.t.Errorf("clean run: %v", res.Err)
			}
		}
	}
	lags := sim.Options{ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second}
	later := lags
	later.CancelQueued, later.LogDelay = true, 2*time.Second
	told := func(h *house) { // what DSCO hears of is all that its queue makes another
		h.start()
		ids := h.sent(2, twoLines(3, 1))
		h.world.CancelInShipStation(h.inStation(ids[0]))
		h.world.CancelInShipStation(h.world.SplitLegacy(h.inStation(ids[1]), map[string]int{ids[1] + ":1": 2}))
		time.Sleep(10 * time.Minute)
	}
	for _, test := range []struct {
		name  string
		world sim.Options
		scene func(*house)
	}{
		{"lists that lag", lags, scene},
		{"DSCO queues", later, told},
	} {
		t.Run(test.name, func(t *testing.T) {
			trial{world: test.world, scene: test.scene, run: func(h *house) { h.cancel() }, rest: rest, standing: (*house).standing}.everyFault(t)
		})
	}
}
