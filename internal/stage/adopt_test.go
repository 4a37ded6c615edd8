package stage

import (
	"fmt"
	"os"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// lose takes the ledger away as a person does who begins anew on purpose: with its lock file.
func (h *house) lose() {
	for _, path := range []string{h.path, h.path + ".lock"} {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			h.t.Fatal(err)
		}
	}
}

// A ledger that was lost, after k of n orders were done: nothing is created twice, nothing is forgotten.
func TestALostLedger(t *testing.T) {
	const n = 12
	for k := 0; k <= n; k++ {
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			in(t, sim.Options{ShipStationLag: 20 * time.Second}, func(t *testing.T, h *house) {
				h.start()
				ids := h.add(k)
				h.pull()
				ids = append(ids, h.add(n-k)...)
				h.lose()
				if res := h.pull(); res.Err != nil || res.Done != n-k {
					t.Errorf("%+v", res)
				}
				for i, id := range ids {
					o := h.row(id)
					if h.live(id) != 1 || o.Acknowledged.IsZero() || o.State() != order.Sent || (i < k) == o.Adopted.IsZero() {
						t.Errorf("order %s (%d): in ShipStation %d, %+v", id, i, h.live(id), o)
					}
				}
				h.lawful()
			})
		})
	}
}

// What a new ledger finds in the store, and what it makes of it.
func TestAdoption(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for _, test := range []struct {
		name    string
		put     func(h *house, id string) // what stands in ShipStation
		age     time.Duration             // of the DSCO order
		ack     bool                      // it is acknowledged in DSCO
		adopted bool
		live    int // afterwards, with that number
	}{
		{"created by a lost ledger", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": id, "orderKey": "dsco-" + id})
		}, 0, false, true, 1},
		{"created by a lost ledger, long after DSCO had it", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": id, "orderKey": "dsco-" + id})
		}, month, true, true, 1},
		{"entered by hand under the DSCO order id", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": id})
		}, 0, false, true, 1},
		{"by another tool, acknowledged, older than the lookback, still open", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": id})
		}, month, true, true, 1},
		{"a number that only begins like it", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": id + "1"})
		}, 0, false, false, 1},
		{"its number in another store", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": id, "advancedOptions": map[string]any{"storeId": 1002}})
		}, 0, false, false, 2},
		{"its purchase order as a number", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": sim.Text(h.world.Order(id), "poNumber")})
		}, 0, false, false, 1},
		{"combined into another order: its lines are there", func(h *house, id string) {
			h.world.PutShipStation(map[string]any{"orderNumber": "77", "items": []any{
				map[string]any{"lineItemKey": id + ":1", "name": "x", "quantity": 1}, map[string]any{"lineItemKey": "555:1", "name": "y", "quantity": 1}}})
		}, 0, false, true, 0},
		{"nothing, and acknowledged by DSCO itself", func(*house, string) {}, 0, true, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				id := h.world.AddOrder(func(o map[string]any) {
					if test.age > 0 {
						o["dscoCreateDate"] = time.Now().Add(-test.age).UTC().Format("2006-01-02T15:04:05+00:00")
					}
				})
				if test.ack {
					h.world.AcknowledgeInDSCO(id)
				}
				test.put(h, id)
				if test.age > 0 {
					time.Sleep(month)
				}
				time.Sleep(time.Minute)
				if res := h.pull(); res.Err != nil || res.Holding != 0 {
					t.Fatalf("%+v\n%s", res, h.log.String())
				}
				time.Sleep(time.Hour)
				h.pull()
				o, known := h.rows()[order.ID(id)]
				if !o.Adopted.IsZero() != test.adopted || h.live(id) != test.live {
					t.Errorf("adopted %t, want %t; in ShipStation %d, want %d; known %t\n%s", !o.Adopted.IsZero(), test.adopted, h.live(id), test.live, known, h.log.String())
				}
				if test.adopted && o.Acknowledged.IsZero() {
					t.Error("adopted but not acknowledged")
				}
				h.lawful()
			})
		})
	}
}

// Two live orders with the number: a person has to say which one it is.
func TestTwoOfThem(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1)[0]
		first := h.world.PutShipStation(map[string]any{"orderNumber": id})
		h.world.PutShipStation(map[string]any{"orderNumber": id})
		time.Sleep(time.Minute)
		if res := h.pull(); res.Holding != 1 {
			t.Errorf("%+v", res)
		}
		if n, _ := h.row(id).Trouble(); n.Text != "ShipStation has 2 live orders with this number" {
			t.Errorf("%+v", n)
		}
		h.world.DeleteShipStation(first)
		time.Sleep(time.Minute)
		if res := h.run(Retry(order.ID(id))); res.Err != nil || res.Holding != 0 || h.live(id) != 1 || h.row(id).Acknowledged.IsZero() {
			t.Errorf("%+v", res)
		}
	})
}

// A ledger that is lost and begun anew at once, while the lists still lag: nothing is created over what is there.
func TestALedgerLostAMomentAgo(t *testing.T) {
	in(t, sim.Options{ShipStationLag: 20 * time.Second}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(3)
		h.pull()
		h.lose()
		r := h.runner()
		err := r.Ledger.Update(func(tx *ledger.Tx) error {
			return tx.PutStage(Pull.Name, ledger.Stage{Blank: r.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, h.world.AddOrder(), h.world.AddOrder())
		if res := h.pull(); res.Err != nil || res.Finished.Sub(res.Started) > 31*time.Second {
			t.Errorf("%+v", res)
		}
		for _, id := range ids {
			if h.live(id) != 1 || h.row(id).Acknowledged.IsZero() {
				t.Errorf("order %s stands %d times in ShipStation: %+v", id, h.live(id), h.row(id))
			}
		}
		h.lawful()
	})
}
