package stage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// meanwhile has people do something a moment before a call arrives, once.
func (h *house) meanwhile(api, path string, do func()) {
	h.world.Fail(func(c sim.Call) *sim.Fault {
		if c.API == api && c.Path == path {
			h.world.Fail(nil)
			do()
		}
		return nil
	})
}

// posts counts what was written to ShipStation of one order.
func (h *house) posts(ship int64) (n int) {
	for _, c := range h.world.Calls() {
		if c.API == sim.ShipStation && c.Method == "POST" && strings.Contains(string(c.Body), fmt.Sprint(ship)) {
			n++
		}
	}
	return n
}

// ShipStation's order is read just before it is written to. What somebody did to it since the lists were read counts: it
// is not written to then.
func TestChangedBeforeItIsWrittenTo(t *testing.T) {
	for name, do := range map[string]func(h *house, ship int64, id, other string){
		"shipped":               func(h *house, ship int64, _, _ string) { h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA")) },
		"cancelled":             func(h *house, ship int64, _, _ string) { h.world.CancelInShipStation(ship) },
		"combined with another": func(h *house, ship int64, _, other string) { h.world.Combine(ship, h.inStation(other)) },
		"given an item that nobody knows": func(h *house, ship int64, _, _ string) {
			h.world.EditShipStation(ship, func(o map[string]any) {
				o["items"] = append(o["items"].([]any), map[string]any{"name": "a gift", "sku": "GIFT", "quantity": 1})
			})
		},
	} {
		for what, begin := range map[string]func(h *house, id string){
			"cancelled in DSCO":               func(h *house, id string) { h.world.ForceCancelInDSCO(id) },
			"a line cancelled in DSCO":        func(h *house, id string) { h.world.ForceCancelInDSCO(id, 2) },
			"asked to be cancelled":           func(h *house, id string) { h.world.RequestCancel(id) },
			"no longer asked to be cancelled": func(h *house, id string) { h.world.RequestCancel(id); h.cancel(); h.unask(id) },
		} {
			if name == "given an item that nobody knows" && what != "a line cancelled in DSCO" {
				continue // it goes, or stays on hold, with the rest
			}
			t.Run(what+", and "+name, func(t *testing.T) {
				in(t, sim.Options{}, func(t *testing.T, h *house) {
					h.with = func(r *Runner) { r.HoldOnRequest = true }
					id, ship := one(h)
					other := h.sent(1)[0]
					begin(h, id)
					time.Sleep(2 * time.Hour)
					before := h.posts(ship)
					h.meanwhile(sim.ShipStation, fmt.Sprint("/orders/", ship), func() { do(h, ship, id, other) })
					h.goes(Cancel)
					if n := h.posts(ship) - before; n != 0 {
						t.Errorf("written to %d times\n%s", n, h.log.String())
					}
				})
			})
		}
	}
}

// An order restored a moment ago: the lists still show it as cancelled, and it is read by its id. DSCO takes no
// cancellation back, so it is not told.
func TestRestoredAMomentAgo(t *testing.T) {
	in(t, sim.Options{ShipStationLag: 20 * time.Second}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2, twoLines(3, 1))
		for _, id := range ids {
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(time.Hour)
		h.world.EditShipStation(h.inStation(ids[0]), with("orderStatus", "awaiting_shipment"))
		time.Sleep(10 * time.Second)
		h.goes(Cancel)
		if got := h.cancelled(ids[0]); got != "" || h.cancelled(ids[1]) == "" {
			t.Errorf("told of the one that was restored %q, of the other %q", got, h.cancelled(ids[1]))
		}
		h.lawful()
	})
}

// A held order is corrected in DSCO and was entered in ShipStation by hand before: it is adopted, not created again.
func TestCorrectedAndEnteredByHand(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1, func(o map[string]any) { delete(address(o), "city") })[0]
		h.pull()
		if !h.row(id).Held() {
			t.Fatal("not held")
		}
		h.world.PutShipStation(map[string]any{"orderNumber": id})
		h.world.Edit(id, func(o map[string]any) { address(o)["city"] = "Springfield" })
		time.Sleep(time.Hour)
		h.pull()
		if o := h.row(id); h.live(id) != 1 || o.Adopted.IsZero() || o.Held() || o.Acknowledged.IsZero() {
			t.Errorf("in ShipStation %d, %+v", h.live(id), o)
		}
		h.lawful()
	})
}

// An order in doubt that DSCO shows with somebody's parcel is held, and looked for in ShipStation all the same.
func TestHeldInDoubt(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1, oneLine(3))[0]
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Do: true, Drop: true}
			}
			return nil
		})
		h.pull()
		h.world.Fail(nil)
		h.world.Edit(id, func(o map[string]any) {
			l := firstLine(o)
			o["packages"] = []any{map[string]any{"trackingNumber": "1ZPORTAL", "items": []any{map[string]any{"quantity": 1, "lineNumber": l["lineNumber"], "dscoItemId": l["dscoItemId"]}}}}
		})
		h.world.AcknowledgeInDSCO(id)
		time.Sleep(time.Hour)
		h.pull()
		if o := h.row(id); !o.Created() || o.Intent != nil || h.live(id) != 1 {
			t.Errorf("created %t, in doubt %t", o.Created(), o.Intent != nil)
		}
		h.lawful()
	})
}

// What DSCO cannot show just now is looked for in ShipStation from the day on it was made: what stands there of it is its
// own, each item on its line.
func TestFoundThoughDSCOCannotShowIt(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		sku := func(name string) func(map[string]any) {
			return func(o map[string]any) { oneLine(1)(o); firstLine(o)["sku"] = name }
		}
		ids := []string{h.add(1, sku("A"))[0], h.add(1, sku("B"))[0]}
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 429}
			}
			return nil
		})
		h.pull()
		for i, id := range ids {
			h.world.AcknowledgeInDSCO(id)
			h.world.PutShipStation(map[string]any{"orderNumber": id, "items": []any{map[string]any{"name": "x", "sku": []string{"A", "B"}[i], "quantity": 1}}})
		}
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/" {
				return &sim.Fault{Status: 500}
			}
			if c.Path == "/api/v3/order/page" && len(c.Query["orderStatus"]) == 0 && !strings.Contains(c.Query.Encode(), "created") {
				return &sim.Fault{Status: 200, Body: page()}
			}
			return nil
		})
		time.Sleep(20 * time.Hour)
		h.pull()
		for _, id := range ids {
			o := h.row(id)
			if len(o.ShipStation) != 1 || o.ShipStation[0].Unclear || len(o.ShipStation[0].Lines) != 1 {
				t.Errorf("%+v\n%s", o.ShipStation, h.log.String())
			}
		}
		h.lawful()
	})
}

// A hold of ours whose answer was lost is known as ours, of each order: released when the request is taken back.
func TestAHoldInDoubt(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.HoldOnRequest = true }
		h.start()
		ids := h.sent(2)
		for _, id := range ids {
			h.world.RequestCancel(id)
		}
		time.Sleep(2 * time.Hour)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/holduntil" {
				return &sim.Fault{Do: true, Drop: true}
			}
			return nil
		})
		h.goes(Cancel)
		h.world.Fail(nil)
		for _, id := range ids {
			if !strings.HasPrefix(h.station(id), "on_hold") || h.row(id).Intent == nil {
				t.Fatalf("not set up: %s, %+v", h.station(id), h.row(id).Intent)
			}
		}
		time.Sleep(time.Hour)
		h.goes(Cancel)
		for _, id := range ids {
			h.unask(id)
		}
		time.Sleep(2 * time.Hour)
		h.goes(Cancel)
		for _, id := range ids {
			if got := h.station(id); !strings.HasPrefix(got, "awaiting_shipment") {
				t.Errorf("%s: %+v", got, h.row(id))
			}
		}
		h.lawful()
	})
}

// What was read of one order is never sent for another, though the first needs no write any more.
func TestWhatWasReadOfAnother(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2, twoLines(3, 1))
		for _, id := range ids {
			h.cancelUnits(id, 1, 1)
		}
		time.Sleep(time.Hour)
		first := ""
		h.world.Fail(func(c sim.Call) *sim.Fault {
			for _, id := range ids {
				if first == "" && c.Path == fmt.Sprint("/orders/", h.inStation(id)) {
					first = id
					r := h.runner()
					now := r.Now().Add(time.Second)
					o := h.row(id).Fail(order.Note{Write: order.Write{Step: order.CancelShipStation, Ref: h.inStation(id)}, Held: true, Text: "stop", At: now}, now)
					if err := r.Ledger.Update(func(tx *ledger.Tx) error { return tx.Put(o) }); err != nil {
						t.Error(err)
					}
				}
			}
			return nil
		})
		h.goes(Cancel)
		for _, id := range ids {
			want := "awaiting_shipment 1:2 2:1"
			if id == first {
				want = "awaiting_shipment 1:3 2:1"
			}
			if got := h.station(id); first == "" || got != want || h.row(id).Doubtful() {
				t.Errorf("stopped %t: %s, %+v", id == first, got, h.row(id).Notes)
			}
		}
		h.lawful()
	})
}

// All of a ShipStation order but what is cancelled goes back as it came, digit by digit; two items of one line count as
// one line.
func TestTheRestIsSentBackAsItCame(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.EditShipStation(ship, func(o map[string]any) {
			items := o["items"].([]any)
			first, again := items[0].(map[string]any), map[string]any{}
			for k, v := range first {
				again[k] = v
			}
			first["quantity"], again["quantity"], again["orderItemId"] = 2, 1, 99
			first["unitPrice"] = json.Number("19.90")
			o["items"] = append(items, again)
			o["customsOptions"] = map[string]any{"number": json.Number("9007199254740993")}
		})
		time.Sleep(time.Hour)
		h.cancelUnits(id, 1, 1)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if got := h.station(id); got != "awaiting_shipment 1:2 2:1" {
			t.Errorf("left: %s", got)
		}
		for _, c := range h.world.Calls() {
			if c.Path == "/orders/createorder" && (!strings.Contains(string(c.Body), `"unitPrice":19.90`) || !strings.Contains(string(c.Body), "9007199254740993")) {
				t.Errorf("sent: %s", c.Body)
			}
		}
		h.lawful()
	})
}
