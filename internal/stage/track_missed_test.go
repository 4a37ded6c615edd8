package stage

import (
	"slices"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/shipstation"
	"dscosync/internal/sim"
)

// A parcel that no list of its time showed: its order is read by its id a day later, and being shipped it is asked for its
// labels and its marks.
func TestAParcelThatNoListMentions(t *testing.T) {
	for _, test := range []struct {
		name  string
		ship  func(h *house, ship int64, old func(map[string]any))
		told  []string
		state order.State
		calls int // for orders that were read by their ids: labels and marks of them
	}{
		{"a label", func(h *house, ship int64, old func(map[string]any)) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZOLD"), old)
		}, []string{"1ZOLD"}, order.Shipped, 2},
		{"a mark", func(h *house, ship int64, old func(map[string]any)) {
			h.world.MarkShipped(ship, with("trackingNumber", "1ZOLD", "carrierCode", "UPS"), old)
		}, []string{"1ZOLD"}, order.Shipped, 2},
		{"a mark on a part that was split off", func(h *house, ship int64, old func(map[string]any)) {
			child := h.world.SplitLegacy(ship, map[string]int{sim.Text(h.world.ShipStationOrders()[0], "orderNumber") + ":1": 1})
			h.lose()
			h.pull()
			h.track()
			time.Sleep(25 * time.Hour)
			h.world.MarkShipped(child, with("trackingNumber", "1ZOLD", "carrierCode", "UPS"), old)
		}, []string{"1ZOLD"}, order.Sent, 2},
		{"a mark without a number", func(h *house, ship int64, old func(map[string]any)) {
			h.world.MarkShipped(ship, with("trackingNumber", nil, "carrierCode", "UPS"), old)
		}, nil, order.Sent, 2},
		{"nothing", func(*house, int64, func(map[string]any)) {}, nil, order.Sent, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, asksForUPS)[0]
				h.track()
				time.Sleep(6 * 24 * time.Hour)
				h.track()
				test.ship(h, h.inStation(id), with("createDate", time.Now().Add(-5*24*time.Hour).In(shipstation.Pacific).Format("2006-01-02T15:04:05")))
				time.Sleep(25 * time.Hour)
				before := len(h.world.Calls())
				if res := h.track(); res.Err != nil {
					t.Fatal(res.Err)
				}
				asked := 0
				for _, c := range h.world.Calls()[before:] {
					if c.Query.Get("orderId") != "" {
						asked++
					}
				}
				if got := h.packages(id); !slices.Equal(got, test.told) || h.row(id).State() != test.state || asked != test.calls {
					t.Errorf("told %v, %s, asked %d times for its parcels\n%s", got, h.row(id).State(), asked, h.log.String())
				}
				h.lawful()
			})
		})
	}
}

// Somebody enters in DSCO's portal what is not to be told yet, or what no list shows, long before it is told: it is not
// told again.
func TestEnteredInThePortalLongBefore(t *testing.T) {
	for _, test := range []struct {
		name string
		ship func(h *house, ship int64)
	}{
		{"while sync.ship_delay lasts", func(h *house, ship int64) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA"))
		}},
		{"for a ship date to come", func(h *house, ship int64) {
			h.with = nil
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA", "shipDate", time.Now().Add(8*24*time.Hour).Format("2006-01-02")))
		}},
		{"unlisted", func(h *house, ship int64) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA", "createDate", time.Now().Add(-10*24*time.Hour).In(shipstation.Pacific).Format("2006-01-02T15:04:05")))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Strict: true, TakesMore: true}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, asksForUPS)[0]
				time.Sleep(9 * 24 * time.Hour)
				h.with = func(r *Runner) { r.ShipDelay = 8 * 24 * time.Hour }
				h.track()
				test.ship(h, h.inStation(id))
				h.world.AddPackage(id, "1ZA")
				for range 10 {
					time.Sleep(25 * time.Hour)
					if res := h.track(); res.Err != nil {
						t.Fatal(res.Err)
					}
				}
				if got := h.packages(id); !slices.Equal(got, []string{"1ZA"}) || h.calls("dsco", "/api/v3/order/singleShipment") > 0 {
					t.Errorf("%v\n%s", got, h.log.String())
				}
				h.lawful()
			})
		})
	}
}
