package stage

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/sim"
)

// one has an order of two lines (3 and 1 units) in both places, the first run behind it.
func one(h *house) (id string, ship int64) {
	h.start()
	id = h.sent(1, twoLines(3, 1))[0]
	return id, h.inStation(id)
}

// goes runs a stage that must not stop.
func (h *house) goes(s Stage) Result {
	h.t.Helper()
	res := h.run(s)
	if res.Err != nil {
		h.t.Fatalf("%s: %v", s.Name, res.Err)
	}
	return res
}

// An order of which a part was marked as shipped is open still: each run reads its row.
func TestCancelBesideAMark(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
		h.world.MarkShipped(child, with("trackingNumber", "1ZMARK"), with("carrierCode", "ups"))
		time.Sleep(time.Hour)
		h.goes(Track)
		if o := h.row(id); len(o.Parcels) != 1 || !o.Parcels[0].Marked {
			t.Fatalf("no mark: %+v", o.Parcels)
		}
		h.world.CancelInShipStation(ship)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if got := h.cancelled(id); got != "1:2 CXSO, 2:1 CXSO" {
			t.Errorf("cancelled in DSCO: %s", got)
		}
		h.lawful()
	})
}

// What is to be held or released in ShipStation is not there any more.
func TestCancelRequestOfADeletedOrder(t *testing.T) {
	for _, release := range []bool{false, true} {
		t.Run(fmt.Sprintf("release %t", release), func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.with = func(r *Runner) { r.HoldOnRequest = true }
				id, ship := one(h)
				h.world.RequestCancel(id)
				if release {
					time.Sleep(time.Hour)
					h.goes(Cancel)
					h.unask(id)
				}
				time.Sleep(time.Hour)
				h.world.DeleteShipStation(ship)
				n := len(h.world.Calls())
				h.goes(Cancel)
				if calls := len(h.world.Calls()) - n; calls > 12 {
					t.Errorf("%d calls", calls)
				}
				h.lawful()
			})
		})
	}
}

// The guard counts what is cancelled, not just what is old enough to be told now.
func TestGuardSeesThoseToCome(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.MaxCancels = 3 }
		h.start()
		ids := h.sent(6)
		time.Sleep(time.Hour)
		for _, id := range ids[:3] {
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(40 * time.Second)
		for _, id := range ids[3:] {
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(time.Second)
		for range 3 {
			h.goes(Cancel)
			time.Sleep(10 * time.Minute)
		}
		for _, id := range ids {
			if got := h.cancelled(id); got != "" || !h.row(id).Held() {
				t.Errorf("order %s: told of %q, held %t", id, got, h.row(id).Held())
			}
		}
	})
}

// --force is no word about an order that somebody dealt with by hand, and such an order does not hold up others.
func TestGuardAndDismissed(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.MaxCancels = 1 }
		h.start()
		ids := h.sent(4)
		for _, id := range ids[:2] {
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(time.Hour)
		if res := h.goes(Cancel); len(res.Guarded) != 2 {
			t.Fatalf("%+v", res)
		}
		for _, id := range ids[:2] {
			h.dismiss(id)
		}
		h.world.CancelInShipStation(h.inStation(ids[2]))
		time.Sleep(time.Hour)
		if res := h.goes(Cancel); len(res.Guarded) != 0 || h.cancelled(ids[2]) == "" {
			t.Errorf("dismissed ones count: %+v", res)
		}
		h.with = func(r *Runner) { r.MaxCancels, r.Force = 1, true }
		time.Sleep(time.Hour)
		h.goes(Cancel)
		for _, id := range ids[:2] {
			if got := h.cancelled(id); got != "" {
				t.Errorf("order %s was dismissed, and told: %s", id, got)
			}
		}
	})
}

// Who dismisses an order while --force is at work on others is heard: DSCO takes no cancellation back.
func TestDismissedWhileOthersAreForced(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.MaxCancels = 1 }
		h.start()
		ids := h.sent(2)
		for _, id := range ids {
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(time.Hour)
		if res := h.goes(Cancel); len(res.Guarded) != 2 {
			t.Fatalf("%+v", res)
		}
		h.with = func(r *Runner) { r.MaxCancels, r.Force = 1, true }
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.API == sim.DSCO && strings.Contains(c.Path, "cancel") {
				h.world.Fail(nil)
				for _, id := range ids {
					if o := h.row(id); o.Intent == nil {
						h.dismiss(id)
					}
				}
			}
			return nil
		})
		time.Sleep(time.Hour)
		h.goes(Cancel)
		told := 0
		for _, id := range ids {
			if o := h.row(id); (h.cancelled(id) == "") != (o.Dismissed != nil) {
				t.Errorf("order %s: told of %q, dismissed %v", id, h.cancelled(id), o.Dismissed)
			}
			if h.cancelled(id) != "" {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%d told", told)
		}
		h.lawful()
	})
}

// Many cancellations in DSCO are carried out, for the retailer has decided, and it is said when they are more than many.
func TestManyAreCancelledInDSCO(t *testing.T) {
	for most, said := range map[int]bool{1: true, 2: false} {
		in(t, sim.Options{}, func(t *testing.T, h *house) {
			h.with = func(r *Runner) { r.MaxCancels = most }
			h.start()
			ids := h.sent(2)
			for _, id := range ids {
				h.world.ForceCancelInDSCO(id)
			}
			time.Sleep(time.Hour)
			h.goes(Cancel)
			for _, id := range ids {
				if !strings.HasPrefix(h.station(id), "cancelled") {
					t.Errorf("order %s is %s", id, h.station(id))
				}
			}
			if strings.Contains(h.log.String(), fmt.Sprintf("DSCO has cancelled 2 orders that are open in ShipStation, more than sync.max_cancels (%d)", most)) != said {
				t.Errorf("at %d: said, or not said\n%s", most, h.log.String())
			}
			h.lawful()
		})
	}
}

// An order that ShipStation cannot list makes its page fail: the others go on, and it is looked at once it can be seen.
func TestAnOrderThatSpoilsItsPage(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2)
		for _, id := range ids {
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(30 * time.Hour) // longer than lists are read again anyway
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders" && c.Query.Get("modifyDateStart") != "" && c.Query.Get("page") == "1" { // the first row of all
				return &sim.Fault{Status: 500}
			}
			return nil
		})
		told := func() (n int) {
			for _, id := range ids {
				if h.cancelled(id) != "" {
					n++
				}
			}
			return n
		}
		h.goes(Cancel)
		if told() != 1 || !strings.Contains(h.log.String(), "ShipStation cannot show 1 of its orders") {
			t.Errorf("%d told\n%s", told(), h.log.String())
		}
		h.world.Fail(nil)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if told() != 2 {
			t.Errorf("afterwards %d told", told())
		}
		h.lawful()
	})
}

// Somebody gave the ShipStation order another number and its items other keys: known by its id, it is ours still.
func TestOursByWhateverName(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.EditShipStation(ship, func(o map[string]any) {
			o["orderNumber"], o["orderKey"] = "SHOP-7", "shop-7"
			for i, it := range o["items"].([]any) {
				it.(map[string]any)["lineItemKey"] = fmt.Sprint("shop", i)
			}
		})
		time.Sleep(time.Hour)
		h.world.CancelInShipStation(ship)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if got := h.cancelled(id); got != "1:3 CXSO, 2:1 CXSO" {
			t.Errorf("cancelled in DSCO: %q", got)
		}
		h.lawful()
	})
}

// A discount on a line, which ShipStation shows as an item, is no unit of it: what is cancelled is taken out beside it.
func TestCancelBesideAnAdjustment(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.EditShipStation(ship, func(o map[string]any) {
			first := o["items"].([]any)[0].(map[string]any)
			o["items"] = append(o["items"].([]any), map[string]any{"orderItemId": 77, "name": "10 % off", "sku": first["sku"], "quantity": 1, "unitPrice": -5, "adjustment": true})
		})
		time.Sleep(time.Hour)
		h.cancelUnits(id, 1, 1)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if o := h.row(id); o.Held() {
			t.Errorf("held: %+v", o.Notes)
		}
		var kept []string
		for _, it := range h.world.ByNumber(id)[0]["items"].([]any) {
			kept = append(kept, fmt.Sprint(sim.Text(it, "name") == "10 % off", sim.Int(it, "quantity")))
		}
		if got := strings.Join(kept, ", "); got != "false 2, false 1, true 1" {
			t.Errorf("left: %s", got)
		}
		h.lawful()
	})
}

func (h *house) dismiss(id string) {
	h.t.Helper()
	r := h.runner()
	o, err := h.row(id).Dismiss("by hand", r.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	if err := r.Ledger.Update(func(tx *ledger.Tx) error { return tx.Put(o) }); err != nil {
		h.t.Fatal(err)
	}
}

// One order that cannot be read on one side holds up no other, and DSCO is told of none that was not read.
func TestCancelUnreadable(t *testing.T) {
	for _, test := range []struct{ name, api, path string }{
		{"ShipStation's order", sim.ShipStation, "/orders/%d"},
		{"DSCO's order", sim.DSCO, "/api/v3/order/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				ids := h.sent(2)
				bad := h.inStation(ids[0])
				for _, id := range ids {
					h.world.CancelInShipStation(h.inStation(id))
				}
				time.Sleep(time.Hour)
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.API == sim.ShipStation && test.api == c.API && c.Path == fmt.Sprintf(test.path, bad) ||
						c.API == sim.DSCO && test.api == c.API && c.Path == test.path && c.Query.Get("value") == ids[0] {
						return &sim.Fault{Status: 500}
					}
					return nil
				})
				for range 2 {
					h.run(Cancel)
					time.Sleep(time.Hour)
				}
				if got := h.cancelled(ids[1]); got == "" {
					t.Errorf("the other was not told: %v", h.run(Cancel).Err)
				}
				if got := h.cancelled(ids[0]); got != "" {
					t.Errorf("told though it could not be read: %s", got)
				}
				h.world.Fail(nil)
				h.goes(Cancel)
				if got := h.cancelled(ids[0]); got == "" {
					t.Error("not told once it can be read")
				}
				h.lawful()
			})
		})
	}
}

// What was cancelled in ShipStation for DSCO's sake is no proof that a person cancelled what is taken out later by hand.
func TestLoweredBesideACancelledPart(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(h *house, id string, ship, child int64)
		want string
	}{
		{"by DSCO", func(h *house, id string, _, _ int64) { h.cancelUnits(id, 1, 1) }, "1:1 "},
		{"by a person", func(h *house, _ string, _, child int64) { h.world.CancelInShipStation(child) }, "1:1 CXSO"},
		{"by both", func(h *house, id string, _, child int64) { h.cancelUnits(id, 1, 1); h.world.CancelInShipStation(child) }, "1:1 "},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				id, ship := one(h)
				child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
				time.Sleep(time.Hour)
				h.goes(Cancel)
				test.do(h, id, ship, child)
				for range 3 {
					time.Sleep(time.Hour)
					h.goes(Cancel)
				}
				h.world.EditShipStation(ship, func(o map[string]any) { o["items"].([]any)[0].(map[string]any)["quantity"] = 1 })
				for range 3 {
					time.Sleep(time.Hour)
					h.goes(Cancel)
				}
				o := h.row(id)
				if got := h.cancelled(id); got != test.want {
					t.Errorf("cancelled in DSCO: %q, want %q (%s)", got, test.want, h.station(id))
				}
				if len(o.Notices) != 1 || !strings.Contains(o.Notices[0].Text, "line 1 (1 unit) is not there") {
					t.Errorf("notices: %+v", o.Notices)
				}
				h.lawful()
			})
		})
	}
}

// What was cancelled before it was lowered, split or told is still heard of.
func TestCancelledAfterAReduction(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.cancelUnits(id, 1, 1)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		h.world.CancelInShipStation(h.world.SplitLegacy(ship, map[string]int{id + ":1": 1}))
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if got := h.cancelled(id); got != "1:2 CXSO" {
			t.Errorf("cancelled in DSCO: %q", got)
		}
		h.lawful()
	})
}

// A cancelled order of the same number that turns up later is not a part of ours that somebody cancelled.
func TestAnOldCancelledTwin(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.PutShipStation(map[string]any{"orderNumber": id, "orderStatus": "cancelled", "items": []any{map[string]any{"name": "x", "lineItemKey": id + ":1", "quantity": 3}}})
		h.world.EditShipStation(ship, func(o map[string]any) { o["items"].([]any)[0].(map[string]any)["quantity"] = 2 })
		for range 3 {
			time.Sleep(time.Hour)
			h.goes(Cancel)
		}
		if got := h.cancelled(id); got != "" {
			t.Errorf("told of %q, though a person only lowered the units", got)
		}
		h.lawful()
	})
}

// While DSCO has a cancellation in its queue, somebody cancels more: the answer is about the first only.
func TestMoreIsCancelledMeanwhile(t *testing.T) {
	in(t, sim.Options{CancelQueued: true, LogDelay: 5 * time.Minute}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.CancelInShipStation(h.world.SplitLegacy(ship, map[string]int{id + ":1": 1}))
		time.Sleep(time.Hour)
		h.goes(Cancel)
		h.world.CancelInShipStation(ship)
		for range 2 {
			time.Sleep(3 * time.Minute)
			h.goes(Cancel)
		}
		for range 6 {
			time.Sleep(20 * time.Minute)
			h.goes(Cancel)
		}
		o := h.row(id)
		if got := h.cancelled(id); got != "1:3 CXSO, 2:1 CXSO" || o.Held() || o.State() != order.Cancelled {
			t.Errorf("cancelled in DSCO: %q, %s, %+v", got, o.State(), o.Notes)
		}
		h.lawful()
	})
}

// What cannot be told apart is held, also when it is the cancelled part that cannot be read.
func TestACancelledPartThatIsUnclear(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
		h.world.EditShipStation(child, func(o map[string]any) {
			it := o["items"].([]any)[0].(map[string]any)
			it["lineItemKey"], it["sku"] = nil, "ANOTHER-NAME"
		})
		h.world.CancelInShipStation(child)
		for range 3 {
			time.Sleep(time.Hour)
			h.goes(Cancel)
		}
		if o := h.row(id); h.cancelled(id) != "" || !o.HeldAt(order.CancelDSCO) {
			t.Errorf("told %q, notes %+v", h.cancelled(id), o.Notes)
		}
	})
}

// A hold of ours is not released when the order was shipped elsewhere: it would be shipped twice.
func TestNoReleaseOfWhatIsShipped(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.HoldOnRequest = true }
		id, _ := one(h)
		h.world.RequestCancel(id)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		h.world.AddPackage(id, "1ZPORTAL")
		time.Sleep(2 * time.Hour)
		h.goes(Cancel)
		if got := h.station(id); !strings.HasPrefix(got, "on_hold") || !h.row(id).Held() {
			t.Errorf("%s, held %t", got, h.row(id).Held())
		}
	})
}

// A hold of ours stays ours when we take out of the order what DSCO cancelled.
func TestReleaseAfterAReduction(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.HoldOnRequest = true }
		id, _ := one(h)
		h.world.RequestCancel(id)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		h.cancelUnits(id, 1, 1)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		h.unask(id)
		time.Sleep(2 * time.Hour)
		h.goes(Cancel)
		if got := h.station(id); got != "awaiting_shipment 1:2 2:1" {
			t.Errorf("%s: %+v", got, h.row(id).Notices)
		}
		h.lawful()
	})
}

// A provider that refuses an order has not cancelled it.
func TestRejectedFulfillment(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.EditShipStation(ship, func(o map[string]any) { o["orderStatus"] = "rejected_fulfillment" })
		for range 3 {
			time.Sleep(time.Hour)
			h.goes(Cancel)
		}
		if got := h.cancelled(id); got != "" {
			t.Errorf("told DSCO: %s", got)
		}
		t.Logf("%+v %+v", h.row(id).Notes, h.row(id).Notices)
	})
}

// Retry does what the order needs now, cancellations as well.
func TestRetryCancels(t *testing.T) {
	in(t, sim.Options{CancelCodes: []string{"CXSN"}}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.CancelInShipStation(ship)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if !h.row(id).Held() {
			t.Fatal("not held")
		}
		h.with = func(r *Runner) { r.CancelCode = "CXSN" }
		time.Sleep(time.Hour)
		res := h.goes(Retry(order.ID(id)))
		if got := h.cancelled(id); got == "" {
			t.Errorf("not told: %+v", res)
		}
	})
}

// Cancelled in DSCO, deleted in ShipStation: a person is told, and the row does not wait for ever.
func TestCancelledAndDeleted(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.DeleteShipStation(ship)
		h.world.ForceCancelInDSCO(id)
		for range 5 {
			time.Sleep(13 * time.Hour)
			for _, s := range syncAll {
				h.goes(s)
			}
		}
		o := h.row(id)
		t.Logf("%s notes %+v notices %+v alarms %+v finished %v", o.State(), o.Notes, o.Notices, o.Alarms(order.Rules{Now: time.Now()}), o.Finished)
		if len(o.Notices) == 0 && !o.Held() && o.Finished.IsZero() {
			t.Error("nobody is told, and it never ends")
		}
	})
}

// Retry is no way around the guard: taken up all at once they are too many again. One that a person names is meant.
func TestRetryAndGuard(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.MaxCancels = 2 }
		h.start()
		ids := h.sent(3)
		all := make([]order.ID, len(ids))
		for i, id := range ids {
			all[i] = order.ID(id)
			h.world.CancelInShipStation(h.inStation(id))
		}
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if res := h.goes(Retry(all...)); len(res.Guarded) != 3 || res.Holding != 3 || h.cancelled(ids[0]) != "" {
			t.Errorf("all: %+v", res)
		}
		if res := h.goes(Retry(all[0])); res.Done != 1 || res.Holding != 2 || h.cancelled(ids[0]) == "" || h.cancelled(ids[1]) != "" {
			t.Errorf("one: %+v", res)
		}
		h.lawful()
	})
}

// What a person changes while the rate limit keeps the next call waiting is not overwritten by what was read before.
func TestEditedWhileItWaits(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.ForceCancelInDSCO(id, 2)
		time.Sleep(time.Hour)
		read, before := false, h.calls(sim.ShipStation, "")
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == fmt.Sprintf("/orders/%d", ship) && !read {
				read = true
				h.world.Spend(38 - (h.calls(sim.ShipStation, "") - before)) // two are kept for others
				time.AfterFunc(20*time.Second, func() {
					h.world.EditShipStation(ship, func(o map[string]any) { o["internalNotes"] = "call first" })
				})
			}
			return nil
		})
		h.goes(Cancel)
		doc := h.world.ByNumber(id)[0]
		if got := sim.Text(doc, "internalNotes"); !read || got != "call first" || h.station(id) != "awaiting_shipment 1:3" {
			t.Errorf("an edit was trampled: %q, %s", got, h.station(id))
		}
		h.lawful()
	})
}

// DSCO hears that the retailer asked for those lines alone that it did ask for, though the order says it too.
func TestCodesOfARequest(t *testing.T) {
	for _, test := range []struct {
		name  string
		order bool
		lines map[int]bool
		want  string
	}{
		{"the order alone", true, nil, "1:3 CXSC, 2:1 CXSC"},
		{"a line alone", false, map[int]bool{1: true}, "1:3 CXSO, 2:1 CXSC"},
		{"a line and the order", true, map[int]bool{1: true}, "1:3 CXSO, 2:1 CXSC"},
		{"all", true, map[int]bool{0: true, 1: true}, "1:3 CXSC, 2:1 CXSC"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				id, ship := one(h)
				h.world.Edit(id, func(o map[string]any) {
					o["cancelRequested"] = test.order
					for i, l := range o["lineItems"].([]any) {
						l.(map[string]any)["cancelRequested"] = test.lines[i]
					}
				})
				h.world.CancelInShipStation(ship)
				time.Sleep(time.Hour)
				h.goes(Cancel)
				if got := h.cancelled(id); got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
				h.lawful()
			})
		})
	}
}

// A line that DSCO gave no name to cannot be told of: that is said, and DSCO is not asked.
func TestCancelANamelessLine(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.Edit(id, func(o map[string]any) {
			l := o["lineItems"].([]any)[1].(map[string]any)
			for _, name := range []string{"dscoItemId", "sku", "partnerSku", "upc", "ean"} {
				delete(l, name)
			}
		})
		h.world.CancelInShipStation(ship)
		time.Sleep(time.Hour)
		h.goes(Cancel)
		if n, _ := h.row(id).Trouble(); !n.Held || !strings.HasPrefix(n.Text, "line 2 has neither") || h.calls(sim.DSCO, "/api/v3/order/item/cancel") != 0 {
			t.Errorf("%+v", n)
		}
	})
}

// Somebody deleted the order and made it anew with its key: the new one is the order, and its cancellation is told.
func TestCancelMadeAnew(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, twoLines(3, 1))[0]
		doc := h.world.ByNumber(id)[0]
		h.world.DeleteShipStation(sim.Int(doc, "orderId"))
		delete(doc, "orderId")
		ship := h.world.PutShipStation(doc)
		h.world.EditShipStation(ship, func(o map[string]any) { o["orderKey"] = Key(order.ID(id)) })
		time.Sleep(10 * time.Minute)
		h.cancel()
		time.Sleep(26 * time.Hour)
		h.track() // which reads by its id what no list mentions
		h.world.CancelInShipStation(ship)
		for range 3 {
			time.Sleep(time.Hour)
			h.cancel()
		}
		if got := h.cancelled(id); got != "1:3 CXSO, 2:1 CXSO" || h.row(id).State() != order.Cancelled {
			t.Errorf("cancelled %q, %s: %+v\n%s", got, h.row(id).State(), h.row(id).ShipStation, h.log.String())
		}
		h.lawful()
	})
}

// One ShipStation order that cannot be read is left; five in a row are an outage, and refused credentials end it at once.
func TestManyCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		bad    func(n int) bool // the n-th of the orders
		read   int
		kind   remote.Kind
		told   int
	}{
		{"four in a row", 500, func(n int) bool { return n < 4 }, 9, 0, 5},
		{"every second one", 500, func(n int) bool { return n > 3 || n%2 == 0 }, 9, remote.Unavailable, 0},
		{"all but a few", 500, func(n int) bool { return n%3 < 2 }, 9, 0, 3},
		{"all", 500, func(int) bool { return true }, 5, remote.Unavailable, 0},
		{"refused credentials", 403, func(int) bool { return true }, 1, remote.Unauthorized, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
				h.start()
				ids := h.sent(9)
				bad := map[string]bool{}
				for i, id := range ids {
					h.world.CancelInShipStation(h.inStation(id))
					bad[fmt.Sprint("/orders/", h.inStation(id))] = test.bad(i)
				}
				time.Sleep(time.Hour)
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if bad[c.Path] {
						return &sim.Fault{Status: test.status}
					}
					return nil
				})
				read := map[string]bool{}
				var res Result
				for _, c := range h.since(func() { res = h.cancel() }) {
					if strings.HasPrefix(c.Path, "/orders/") && c.API == sim.ShipStation {
						read[c.Path] = true
					}
				}
				told := 0
				for _, id := range ids {
					if h.cancelled(id) != "" {
						told++
					}
				}
				if (res.Err != nil) != (test.kind != 0) || res.Err != nil && remote.KindOf(res.Err) != test.kind || len(read) != test.read || told != test.told {
					t.Errorf("%d read, %d told: %v", len(read), told, res.Err)
				}
				h.lawful()
			})
		})
	}
}

// A cancellation that was lost on its way is told again by the run that learns so.
func TestACancellationThatWasLost(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		h.world.CancelInShipStation(ship)
		time.Sleep(time.Hour)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/item/cancel" {
				return &sim.Fault{Drop: true}
			}
			return nil
		})
		h.cancel()
		h.world.Fail(nil)
		if h.row(id).Intent == nil {
			t.Fatal("no doubt")
		}
		time.Sleep(30 * time.Minute)
		if res := h.goes(Cancel); h.cancelled(id) != "1:3 CXSO, 2:1 CXSO" || res.Done != 1 {
			t.Errorf("%q, %+v", h.cancelled(id), res)
		}
		h.lawful()
	})
}

// Whichever stage is the first with a new ledger adopts, and none after it.
func TestWhoeverIsFirstAdopts(t *testing.T) {
	for _, first := range syncAll {
		t.Run(first.Name, func(t *testing.T) {
			in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
				id := h.add(1)[0]
				h.world.AcknowledgeInDSCO(id)
				h.world.PutShipStation(map[string]any{"orderNumber": id})
				time.Sleep(time.Hour)
				n := len(h.world.Calls())
				h.goes(first)
				if h.row(id).Adopted.IsZero() {
					t.Error("not adopted")
				}
				for range 2 {
					for _, s := range syncAll {
						time.Sleep(time.Minute)
						h.goes(s)
					}
				}
				if n := count(h.world.Calls()[n:], func(c sim.Call) bool { return c.Query.Get("orderStatus") == "awaiting_payment" }); n != 1 {
					t.Errorf("adopted %d times", n)
				}
				for _, c := range h.world.Calls()[n:] {
					from := ""
					for _, name := range []string{"ordersUpdatedSince", "ordersCreatedSince", "createDateStart", "modifyDateStart", "voidDateStart"} {
						from = cmp.Or(from, c.Query.Get(name))
					}
					if whole := c.Path == "/orders" && from == "" && !c.Query.Has("orderStatus") && !c.Query.Has("orderNumber"); whole || from != "" && from < "1999" {
						t.Errorf("all there ever was is read: %s %v", c.Path, c.Query)
					}
				}
				h.lawful()
			})
		})
	}
}

// An order that is finished is ours still when somebody restores it: by its number where it has no keys, under another
// name by its id, and also when no run was made for days.
func TestRestoredLongAfter(t *testing.T) {
	for name, do := range map[string]func(o map[string]any){
		"as it was": func(map[string]any) {},
		"without keys": func(o map[string]any) {
			o["orderKey"] = nil
			for _, it := range o["items"].([]any) {
				it.(map[string]any)["lineItemKey"] = nil
			}
		},
		"under a name like it": func(o map[string]any) {
			o["orderNumber"], o["orderKey"] = fmt.Sprint(o["orderNumber"], "-AGAIN"), "shop-7"
			for _, it := range o["items"].([]any) {
				it.(map[string]any)["lineItemKey"] = nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				id, ship := one(h)
				h.world.CancelInShipStation(ship)
				time.Sleep(time.Hour)
				h.goes(Cancel)
				time.Sleep(72 * time.Hour)
				h.goes(Cancel)
				if o := h.row(id); o.State() != order.Cancelled || o.Finished.IsZero() {
					t.Fatalf("%s, finished %v", o.State(), o.Finished)
				}
				h.world.EditShipStation(ship, func(o map[string]any) { do(o); o["orderStatus"] = "awaiting_shipment" })
				time.Sleep(72 * time.Hour)
				h.goes(Cancel)
				if n, _ := h.row(id).Trouble(); !n.Held || !strings.Contains(n.Text, "open again") {
					t.Errorf("%+v", h.row(id).Notes)
				}
			})
		})
	}
}
