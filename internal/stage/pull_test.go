package stage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/sim"
)

func TestPull(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(3)
		res := h.pull()
		if res.Err != nil || res.Seen != 3 || res.Planned != 3 || res.Done != 3 || res.Held+res.Deferred != 0 {
			t.Fatalf("%+v\n%s", res, h.log.String())
		}
		for _, id := range ids {
			o := h.row(id)
			if o.State() != order.Sent || o.Acknowledged.IsZero() || o.Intent != nil || h.live(id) != 1 {
				t.Errorf("order %s: %+v", id, o)
			}
			if got := sim.Text(h.world.Order(id), "dscoLifecycle"); got != "acknowledged" {
				t.Errorf("order %s is %s in DSCO", id, got)
			}
			doc := h.world.ByNumber(id)[0]
			if sim.Text(doc, "orderKey") != "dsco-"+id || sim.Int(doc, "advancedOptions", "storeId") != 1001 || sim.Text(doc, "orderStatus") != "awaiting_shipment" {
				t.Errorf("in ShipStation: %v", doc)
			}
		}
		h.lawful()
	})
}

// Each row of the policy for new orders: what DSCO shows, and what becomes of it after a run.
func TestWhatIsPulled(t *testing.T) {
	set := func(kv ...any) func(map[string]any) {
		return func(o map[string]any) {
			for i := 0; i < len(kv); i += 2 {
				o[kv[i].(string)] = kv[i+1]
			}
		}
	}
	old := func(o map[string]any) {
		o["dscoCreateDate"] = time.Now().Add(-20 * 24 * time.Hour).UTC().Format("2006-01-02T15:04:05+00:00")
	}
	for _, test := range []struct {
		name   string
		change func(map[string]any)
		with   func(*Runner)
		wait   time.Duration
		want   int // live in ShipStation
	}{
		{"created", set(), nil, 0, 1},
		{"received and young: address and lines may still change", set("dscoLifecycle", "received"), nil, 0, 0},
		{"received and unchanged for more than 15 minutes", set("dscoLifecycle", "received"), nil, 20 * time.Minute, 1},
		{"received, where only created is taken", set("dscoLifecycle", "received"), func(r *Runner) { r.Lifecycles = []string{"created"} }, 20 * time.Minute, 0},
		{"acknowledged by DSCO itself", set("dscoLifecycle", "acknowledged", "dscoStatus", "shipment_pending"), nil, 0, 0},
		{"acknowledged by DSCO itself, where such are taken", set("dscoLifecycle", "acknowledged", "dscoStatus", "shipment_pending"), func(r *Runner) { r.Lifecycles = []string{"created", "acknowledged"} }, 0, 1},
		{"cancelled", set("dscoLifecycle", "completed", "dscoStatus", "cancelled"), nil, 0, 0},
		{"a test order", set("testFlag", true), nil, 0, 0},
		{"a test order where such are taken", set("testFlag", true), func(r *Runner) { r.TestOrders = true }, 0, 1},
		{"older than the lookback", old, nil, 0, 0},
		{"an unknown lifecycle", set("dscoLifecycle", "pondering"), nil, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{AckReceived: true}, func(t *testing.T, h *house) {
				h.with = test.with
				h.start()
				id := h.world.AddOrder()
				h.world.Edit(id, test.change)
				time.Sleep(time.Minute + test.wait)
				res := h.pull()
				if res.Err != nil || h.live(id) != test.want {
					t.Errorf("in ShipStation %d, want %d; %+v\n%s", h.live(id), test.want, res, h.log.String())
				}
				if _, known := h.rows()[order.ID(id)]; known != (test.want == 1) {
					t.Errorf("in the ledger %t", known)
				}
				h.lawful()
			})
		})
	}
}

func TestAnEmptyPullExplainsItself(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.Lifecycles = []string{"created"} }
		h.start()
		if res := h.pull(); res.Remark != "" {
			t.Errorf("nothing at all: %q", res.Remark)
		}
		for _, word := range []string{"received", "received", "pondering"} {
			h.world.Edit(h.add(1)[0], func(o map[string]any) { o["dscoLifecycle"] = word })
		}
		h.log.Reset()
		h.pull()
		if !strings.Contains(h.log.String(), "no order to pull, but DSCO shows orders that are not to be taken yet or at all, by lifecycle: ") || !strings.Contains(h.log.String(), "1 pondering") {
			t.Errorf("log: %s", h.log.String())
		}
		h.add(1)
		if res := h.pull(); res.Seen != 1 || res.Remark != "" {
			t.Errorf("with one to pull: %+v", res)
		}
	})
}

// A bad order is held with a reason, and the good ones go on in the same run.
func TestABadOrderIsHeld(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(map[string]any)
		reason string
	}{
		{"no city", func(o map[string]any) { delete(address(o), "city") }, "the ship-to address has no city (shipping.city)"},
		{"a country nobody knows", func(o map[string]any) { address(o)["country"] = "Freedonia" }, "the ship-to address has a country that is none of ISO 3166 (shipping.country)"},
		{"half a mug", func(o map[string]any) { firstLine(o)["quantity"] = json.Number("1.5") }, "lineItems[0].quantity"},
		{"one line of no units", func(o map[string]any) { o["lineItems"] = o["lineItems"].([]any)[:1]; firstLine(o)["quantity"] = 0 }, "lineItems[0].quantity"},
		{"a quantity below none", func(o map[string]any) { firstLine(o)["quantity"] = -2 }, "lineItems[0].quantity"},
		{"a quantity past belief", func(o map[string]any) { firstLine(o)["quantity"] = json.Number("1000000000") }, "lineItems[0].quantity"},
		{"no lines", func(o map[string]any) { o["lineItems"] = []any{} }, "lineItems"},
		{"no address", func(o map[string]any) { o["shipping"] = nil }, "shipping"},
		{"an item without a name", func(o map[string]any) {
			delete(firstLine(o), "title")
			delete(firstLine(o), "sku")
			delete(firstLine(o), "partnerSku")
		}, "lineItems[0]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				good := h.add(3)
				bad := h.world.AddOrder(test.change)
				time.Sleep(time.Minute)
				res := h.pull()
				if res.Err != nil || res.Done != 3 || res.Held != 1 || res.Holding != 1 {
					t.Errorf("%+v", res)
				}
				n, _ := h.row(bad).Trouble()
				if !n.Held || !strings.Contains(n.Text, test.reason) || n.Hint == "" {
					t.Errorf("note: %+v", n)
				}
				for _, id := range good {
					if h.live(id) != 1 {
						t.Errorf("order %s was not created", id)
					}
				}
				calls := h.calls("shipstation", "/orders/createorders")
				if h.pull(); h.calls("shipstation", "/orders/createorders") != calls {
					t.Error("a held order was sent again")
				}
				fresh := h.world.Order(good[0])
				h.world.Edit(bad, func(o map[string]any) {
					o["shipping"], o["lineItems"] = fresh["shipping"], fresh["lineItems"]
				})
				time.Sleep(time.Minute)
				if res := h.pull(); res.Done != 1 || h.live(bad) != 1 || res.Holding != 0 {
					t.Errorf("corrected in DSCO, but: %+v %+v", res, h.row(bad))
				}
				h.lawful()
			})
		})
	}
}

func firstLine(o map[string]any) map[string]any { return o["lineItems"].([]any)[0].(map[string]any) }

// ShipStation refuses whole batches because of some orders: the good ones are done in the same run, the bad ones held.
func TestPoisonAmongMany(t *testing.T) {
	for _, test := range []struct {
		name     string
		bad, all int
		fault    sim.Fault
		runs     int
		most     int // creates
	}{
		{"1 of 100 refused", 1, 100, sim.Fault{Status: 400, Body: `{"Message":"The request is invalid."}`}, 1, 16},
		{"10 of 100 refused", 10, 100, sim.Fault{Status: 400, Body: `{"Message":"The request is invalid."}`}, 1, 140},
		{"50 of 100 refused", 50, 100, sim.Fault{Status: 400, Body: `{"Message":"The request is invalid."}`}, 1, 150},
		{"1 of 100 answers 500", 1, 100, sim.Fault{Status: 500}, 9, 40},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				ids := h.add(test.all)
				bad := map[string]bool{}
				for i := range test.bad {
					bad[ids[i*test.all/test.bad]] = true
				}
				h.world.Fail(func(c sim.Call) *sim.Fault {
					for id := range bad {
						if c.Path == "/orders/createorders" && bytes.Contains(c.Body, []byte(`"`+id+`"`)) {
							return &test.fault
						}
					}
					return nil
				})
				for range test.runs {
					if res := h.pull(); res.Err != nil {
						t.Fatal(res.Err)
					}
					time.Sleep(15 * time.Minute)
					h.add(1) // the warehouse's life goes on
				}
				for _, id := range ids {
					if o := h.row(id); bad[id] != o.Held() || bad[id] == o.Created() {
						t.Errorf("order %s: bad %t, held %t, created %t: %+v", id, bad[id], o.Held(), o.Created(), o.Notes)
					}
				}
				if n := h.calls("shipstation", "/orders/createorders"); n > test.most {
					t.Errorf("%d creates, more than %d", n, test.most)
				}
				h.lawful()
			})
		})
	}
}

// One row refused inside an answer that is fine otherwise.
func TestARefusedRow(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(3)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path != "/orders/createorders" {
				return nil
			}
			h.world.Fail(nil)
			body := fmt.Sprintf(`{"hasErrors":true,"results":[{"orderId":null,"orderNumber":%q,"orderKey":"dsco-%[1]s","success":false,"errorMessage":"Please use a 2 character country code"}]}`, ids[1])
			return &sim.Fault{Status: 200, Body: body}
		})
		res := h.pull()
		if n, _ := h.row(ids[1]).Trouble(); !n.Held || n.Text != "refused by ShipStation: Please use a 2 character country code" {
			t.Errorf("%+v", n)
		}
		if res.Held != 1 || res.Deferred != 2 { // the answer has no word of the other two: in doubt
			t.Errorf("%+v", res)
		}
		time.Sleep(time.Hour)
		h.pull()
		for _, id := range []string{ids[0], ids[2]} {
			if h.live(id) != 1 {
				t.Errorf("order %s stands %d times in ShipStation", id, h.live(id))
			}
		}
		h.lawful()
	})
}

func TestAcknowledgementsAreNeverHeld(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(3)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/acknowledge" {
				return &sim.Fault{Status: 400, Body: `{"status":"failure","messages":[{"code":"X","severity":"error","description":"not today"}]}`}
			}
			return nil
		})
		res := h.pull()
		if res.Holding != 0 || res.Refused != 3 || res.Deferred != 3 || res.Done != 0 {
			t.Errorf("%+v", res)
		}
		n, _ := h.row(ids[0]).Trouble()
		if n.Held || n.Text != "refused by DSCO: X: not today" {
			t.Errorf("%+v", n)
		}
		time.Sleep(5 * time.Hour)
		alarms := h.row(ids[0]).Alarms(order.Rules{Now: time.Now(), AcknowledgeAlarm: 4 * time.Hour})
		if len(alarms) == 0 || alarms[0].Code != "unacknowledged" {
			t.Errorf("alarms: %v", alarms)
		}
		h.world.Fail(nil)
		if res := h.pull(); res.Done != 3 || h.row(ids[0]).Acknowledged.IsZero() {
			t.Errorf("%+v", res)
		}
		h.lawful()
	})
}

// The log says no for one order of several; it is asked for again by each run, the others are done.
func TestTheLogRefusesOne(t *testing.T) {
	in(t, sim.Options{AckAgainFails: true}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(2)
		h.world.Fail(func(c sim.Call) *sim.Fault { // somebody acknowledges it in the portal a moment before
			if c.Path == "/orders/createorders" {
				h.world.Fail(nil)
				h.world.AcknowledgeInDSCO(ids[0])
			}
			return nil
		})
		h.pull()
		if n, _ := h.row(ids[0]).Trouble(); n.Held || !strings.HasPrefix(n.Text, "refused by DSCO: ") {
			t.Errorf("%+v", n)
		}
		time.Sleep(time.Hour)
		if h.pull(); h.row(ids[0]).Acknowledged.IsZero() || len(h.row(ids[0]).Notes) > 0 {
			t.Errorf("%+v", h.row(ids[0]))
		}
		h.lawful()
	})
}

// An account without the right to read the change log: the lists tell.
func TestWithoutTheChangeLog(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(25)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/log" {
				return &sim.Fault{Status: 403}
			}
			return nil
		})
		res := h.pull()
		if res.Err != nil || res.Done != 25 {
			t.Errorf("%+v", res)
		}
		time.Sleep(time.Hour)
		before := h.world.Count("dsco")
		if res := h.pull(); res.Err != nil {
			t.Errorf("%+v", res)
		}
		for _, id := range ids {
			if h.row(id).Acknowledged.IsZero() || h.row(id).Intent != nil {
				t.Errorf("order %s is not confirmed", id)
			}
		}
		if n := h.world.Count("dsco") - before; n > 5 {
			t.Errorf("%d calls to find out about 25 orders", n)
		}
		h.lawful()
	})
}

func TestCancelledMeanwhile(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(2)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.API == "shipstation" {
				return &sim.Fault{Refuse: true}
			}
			return nil
		})
		if res := h.pull(); remote.KindOf(res.Err) != remote.Unavailable {
			t.Fatalf("%+v", res)
		}
		h.world.CancelInDSCO(ids[0])
		h.world.Fail(nil)
		time.Sleep(time.Hour)
		h.pull()
		if h.live(ids[0]) != 0 || h.live(ids[1]) != 1 {
			t.Errorf("in ShipStation: %d and %d", h.live(ids[0]), h.live(ids[1]))
		}
		h.lawful()
	})
}

// What is recorded but not created, and cancelled before the next run, is closed without a create.
func TestCancelledWhileRecorded(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1)[0]
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Refuse: true}
			}
			return nil
		})
		res := h.pull()
		if remote.KindOf(res.Err) != remote.Unavailable || res.Deferred != 1 || h.row(id).Intent != nil {
			t.Fatalf("%+v", res)
		}
		if n := h.calls("shipstation", "/orders/createorders"); n != 5 {
			t.Errorf("%d tries before it gave up, want 5", n)
		}
		h.world.CancelInDSCO(id)
		h.world.Fail(nil)
		time.Sleep(time.Hour)
		h.pull()
		if o := h.row(id); o.State() != order.Cancelled || o.Finished.IsZero() || h.live(id) != 0 {
			t.Errorf("%+v", o)
		}
		h.lawful()
	})
}

func TestUnauthorizedStopsAtOnce(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(250)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 401}
			}
			return nil
		})
		res := h.pull()
		if remote.KindOf(res.Err) != remote.Unauthorized || res.Deferred != 250 || res.Holding != 0 {
			t.Errorf("%+v", res)
		}
		if n := h.calls("shipstation", "/orders/createorders"); n != 1 {
			t.Errorf("%d creates with refused credentials", n)
		}
		h.world.Fail(nil)
		time.Sleep(time.Hour)
		if res := h.pull(); res.Done != 250 {
			t.Errorf("%+v", res)
		}
		if h.live(ids[0]) != 1 {
			t.Error("not created afterwards")
		}
		h.lawful()
	})
}

// The most urgent go first: what is put off is what has time.
func TestOrderOfWork(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		due := func(d time.Duration) func(map[string]any) {
			return func(o map[string]any) {
				o["shipByDate"] = time.Now().Add(d).UTC().Format("2006-01-02T15:04:05+00:00")
			}
		}
		for i := range 150 {
			h.world.AddOrder(due(time.Duration(200-i) * time.Hour))
		}
		urgent := h.world.AddOrder(due(time.Hour))
		time.Sleep(time.Minute)
		h.pull()
		first := slices.IndexFunc(h.world.Calls(), func(c sim.Call) bool { return c.Path == "/orders/createorders" })
		calls := h.world.Calls()
		if !bytes.Contains(calls[first].Body, []byte(urgent)) {
			t.Error("the most urgent order was not in the first chunk")
		}
		if calls[first+1].Path != "/api/v3/order/acknowledge" {
			t.Errorf("after a chunk was created came %s, not its acknowledgement", calls[first+1].Path)
		}
	})
}

func TestChangedAfterCreation(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1)[0]
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/acknowledge" {
				return &sim.Fault{Status: 400}
			}
			return nil
		})
		h.pull()
		h.world.Edit(id, func(o map[string]any) { address(o)["city"] = "Elsewhere" })
		time.Sleep(time.Hour)
		h.pull()
		o := h.row(id)
		if len(o.Notices) != 1 || !strings.Contains(o.Notices[0].Text, "the ship-to address") {
			t.Errorf("notices: %+v", o.Notices)
		}
		raw, err := os.ReadFile(h.path)
		if err != nil || bytes.Contains(raw, []byte("Elsewhere")) {
			t.Error("the address is in the ledger", err)
		}
	})
}

func TestDryRunChangesNothing(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		h.add(2)
		bad := h.world.AddOrder(func(o map[string]any) { delete(address(o), "city") })
		time.Sleep(time.Minute)
		before, err := os.ReadFile(h.path)
		if err != nil {
			t.Fatal(err)
		}
		h.with = func(r *Runner) { r.DryRun = true }
		res := h.pull()
		after, _ := os.ReadFile(h.path)
		if !bytes.Equal(before, after) {
			t.Error("the ledger changed")
		}
		for _, c := range h.world.Calls() {
			if c.Method != "GET" && c.Path != "/api/v3/oauth2/token" {
				t.Errorf("%s %s", c.Method, c.Path)
			}
		}
		var steps []string
		for _, p := range res.Plan {
			steps = append(steps, string(p.Step))
			if (p.Problem != "") != (string(p.Order) == bad) {
				t.Errorf("%+v", p)
			}
		}
		if got := strings.Join(steps, " "); res.Err != nil || got != "create acknowledge create acknowledge create" {
			t.Errorf("plan %q, %v", got, res.Err)
		}
	})
}

func TestRetry(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(2)
		refuse := func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 400, Body: `{"Message":"no"}`}
			}
			return nil
		}
		h.world.Fail(refuse)
		if res := h.pull(); res.Held != 2 {
			t.Fatalf("%+v", res)
		}
		time.Sleep(time.Hour)
		if res := h.run(Retry(order.ID(ids[0]), "77")); res.Err == nil || res.Err.Error() != "order 77 is not known" {
			t.Errorf("%v", res.Err)
		}
		if !h.row(ids[0]).Held() {
			t.Error("a retry that was refused lifted a hold")
		}
		if res := h.run(Retry(order.ID(ids[0]))); res.Held != 1 || !h.row(ids[0]).Held() {
			t.Errorf("refused again, but: %+v", res)
		}
		h.world.Fail(nil)
		if res := h.run(Retry(order.ID(ids[0]))); res.Err != nil || res.Done != 1 || res.Holding != 1 {
			t.Errorf("%+v", res)
		}
		if h.live(ids[0]) != 1 || h.live(ids[1]) != 0 || h.row(ids[0]).Acknowledged.IsZero() {
			t.Errorf("in ShipStation: %d and %d", h.live(ids[0]), h.live(ids[1]))
		}
		if res := h.run(Retry(order.ID(ids[0]))); res.Err == nil || res.Err.Error() != "order "+ids[0]+" is not held" {
			t.Errorf("%v", res.Err)
		}
		h.lawful()
	})
}

// A held order that DSCO cannot show when it is retried stays as it was, and holds up no other.
func TestRetryOfWhatCannotBeRead(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(2)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 400, Body: `{"Message":"no"}`}
			}
			return nil
		})
		h.pull()
		time.Sleep(time.Hour)
		before := h.row(ids[0])
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/" && c.Query.Get("value") == ids[0] {
				return &sim.Fault{Status: 500}
			}
			return nil
		})
		if res := h.run(Retry(order.ID(ids[0]), order.ID(ids[1]))); res.Err != nil || res.Holding != 1 {
			t.Errorf("%+v", res)
		}
		if o := h.row(ids[0]); !o.Held() || o.HeldSince != before.HeldSince || h.live(ids[0]) != 0 {
			t.Errorf("held %t since %v, in ShipStation %d", o.Held(), o.HeldSince, h.live(ids[0]))
		}
		if h.live(ids[1]) != 1 {
			t.Error("the other was not created\n" + h.log.String())
		}
		h.lawful()
	})
}

// ShipStation takes an order, but its answer does not say all: what names it by its number is understood, what has no id
// is a doubt, and the next run finds the order.
func TestCreateAnswersOddly(t *testing.T) {
	for _, test := range []struct {
		name, answer string // ID stands for the order's
		doubt        bool
	}{
		{"no key", `{"orderNumber":"ID","orderId":730551201,"success":true}`, false},
		{"no id", `{"orderNumber":"ID","orderKey":"dsco-ID","success":true}`, true},
		{"no word of it", `{"orderNumber":"7","orderKey":"dsco-7","orderId":7,"success":true}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				id := h.add(1)[0]
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path == "/orders/createorders" {
						return &sim.Fault{Do: true, Status: 200, Body: `{"hasErrors":false,"results":[` + strings.ReplaceAll(test.answer, "ID", id) + `]}`}
					}
					return nil
				})
				h.pull()
				if o := h.row(id); o.Doubtful() != test.doubt || o.Created() == test.doubt || o.Held() {
					t.Errorf("doubt %t, created %t: %+v", o.Doubtful(), o.Created(), o.Notes)
				}
				h.world.Fail(nil)
				time.Sleep(time.Hour)
				if res := h.pull(); res.Err != nil || h.live(id) != 1 || h.row(id).Doubtful() || h.row(id).Acknowledged.IsZero() {
					t.Errorf("afterwards: %+v, in ShipStation %d", res, h.live(id))
				}
				h.lawful()
			})
		})
	}
}

// What has no deadline goes last.
func TestCompareDeadlines(t *testing.T) {
	none, early, late := time.Time{}, time.Unix(1, 0), time.Unix(2, 0)
	all := []time.Time{none, late, none, early}
	slices.SortFunc(all, compareDeadlines)
	if !slices.Equal(all, []time.Time{early, late, none, none}) {
		t.Errorf("%v", all)
	}
}

// Once a day: what is open in DSCO and nowhere in ShipStation, however old.
func TestDailyLook(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		old := h.world.AddOrder(func(o map[string]any) {
			o["dscoCreateDate"] = time.Now().Add(-30 * 24 * time.Hour).UTC().Format("2006-01-02T15:04:05+00:00")
		})
		automatic := h.world.AddOrder()
		h.world.AcknowledgeInDSCO(automatic)
		fine := h.add(1)[0]
		time.Sleep(25 * time.Hour)
		h.pull()
		l, err := ledger.Open(h.path)
		if err != nil {
			t.Fatal(err)
		}
		err = l.View(func(tx *ledger.Tx) error {
			st, err := tx.Stage("pull")
			if m := st.Missing; m == nil || m.Count != 2 || !slices.Contains(m.Orders, order.ID(old)) || !slices.Contains(m.Orders, order.ID(automatic)) {
				t.Errorf("missing: %+v, want %s and %s but not %s", st.Missing, old, automatic, fine)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
