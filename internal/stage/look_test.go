package stage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// syncAll are the stages, in the order of `sync all`.
var syncAll = []Stage{Cancel, Pull, Track}

// rebuild loses the ledger and makes it anew as db rebuild does. It fails the test when that writes anywhere.
func (h *house) rebuild() {
	h.t.Helper()
	h.lose()
	r := h.runner()
	err := r.Ledger.Update(func(tx *ledger.Tx) error {
		for _, s := range syncAll {
			if err := tx.PutStage(s.Name, ledger.Stage{Blank: r.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	before := len(h.world.Calls())
	for _, s := range syncAll {
		if res := r.Look(h.t.Context(), s); res.Err != nil || res.Planned+res.Done > 0 {
			h.t.Fatalf("%s: %+v", s.Name, res)
		}
	}
	for _, c := range h.world.Calls()[before:] {
		if c.Method != "GET" && !strings.Contains(c.Path, "oauth") {
			h.t.Errorf("a rebuild wrote: %s %s", c.Method, c.Path)
		}
	}
}

// TestRebuild loses the ledger after any number of orders were created, any of these shipped and any of these told of.
// The lists lag, so the last of it shows late. Made anew, the ledger leads to the same end: each order once, each parcel
// once.
func TestRebuild(t *testing.T) {
	const n = 4
	for created := 0; created <= n; created++ {
		for shipped := 0; shipped <= created; shipped++ {
			for told := 0; told <= shipped; told++ {
				t.Run(fmt.Sprintf("%d created, %d shipped, %d told", created, shipped, told), func(t *testing.T) {
					in(t, sim.Options{ShipStationLag: 20 * time.Second, DSCOLag: 5 * time.Minute}, func(t *testing.T, h *house) {
						h.start()
						ids := h.add(created)
						time.Sleep(10 * time.Minute)
						h.pull()
						time.Sleep(10 * time.Minute)
						label := func(id string) { h.world.BuyLabel(sim.Int(h.world.ByNumber(id)[0], "orderId")) }
						for _, id := range ids[:told] {
							label(id)
						}
						time.Sleep(time.Minute)
						h.run(Track)
						for _, id := range ids[told:shipped] {
							label(id)
						}
						before := h.rows()
						ids = append(ids, h.add(n-created)...)
						h.rebuild()
						for id, o := range h.rows() {
							if was, known := before[id]; known && (len(o.ShipStation) != 1 || o.ShipStation[0].ID != was.ShipStation[0].ID) {
								t.Errorf("order %s is %+v in ShipStation, was %+v", id, o.ShipStation, was.ShipStation)
							}
							delete(before, id)
						}
						if len(before) > 0 {
							t.Errorf("forgotten: %v", before)
						}
						for range 3 {
							for _, s := range syncAll {
								if res := h.run(s); res.Err != nil || res.Holding != 0 {
									t.Errorf("%+v\n%s", res, h.log.String())
								}
							}
							time.Sleep(time.Hour)
						}
						for i, id := range ids {
							o, want := h.row(id), order.Sent
							if i < shipped {
								want = order.Shipped
							}
							packages, _ := h.world.Order(id)["packages"].([]any)
							if h.live(id) != 1 || o.Acknowledged.IsZero() || o.State() != want || (len(packages) == 1) != (i < shipped) {
								t.Errorf("order %s (%d): in ShipStation %d, %d packages, %+v", id, i, h.live(id), len(packages), o)
							}
						}
						h.lawful()
					})
				})
			}
		}
	}
}

// TestRebuildFails: a side that cannot be read to the end is an error, and no cursor says that it was.
func TestRebuildFails(t *testing.T) {
	for _, path := range []string{"/order/page", "/orders", "/shipments", "/fulfillments"} {
		in(t, sim.Options{}, func(t *testing.T, h *house) {
			h.start()
			h.add(2)
			h.pull()
			time.Sleep(time.Hour)
			h.lose()
			h.world.Fail(func(c sim.Call) *sim.Fault {
				if strings.HasSuffix(c.Path, path) {
					return &sim.Fault{Status: 403, Body: "{}"}
				}
				return nil
			})
			r := h.runner()
			failed := false
			for _, s := range syncAll {
				res := r.Look(t.Context(), s)
				failed = failed || res.Err != nil
				if res.Err == nil {
					continue
				}
				err := r.Ledger.View(func(tx *ledger.Tx) error {
					st, err := tx.Stage(s.Name)
					if !st.Cursor.IsZero() {
						t.Errorf("%s: the cursor of %s moved", path, s.Name)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
			if !failed {
				t.Errorf("%s was not missed", path)
			}
		})
	}
}
