package stage

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// In November ShipStation's clock shows the hour from one to two twice, and its dates do not say which of the two they are
// of. Runs go on all through it, so that cursors lie within as well: what is bought, marked or voided then is told once,
// at the latest an hour late, and what is voided in time never; nothing is told with a date to come.
func TestTheHourThatComesTwice(t *testing.T) {
	const text = "2026-11-01T01:30:00.0000000"
	first := time.Date(2026, 11, 1, 8, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		bought time.Time
	}{{"the first time", first}, {"the second time", first.Add(time.Hour)}} {
		for _, every := range []time.Duration{7 * time.Minute, 30 * time.Minute, 5 * time.Hour} {
			t.Run(fmt.Sprint(test.name, ", a run every ", every), func(t *testing.T) {
				in(t, sim.Options{Strict: true, TakesMore: true, Limit: -1}, func(t *testing.T, h *house) {
					time.Sleep(time.Until(first.Add(-8 * time.Hour)))
					h.start()
					ids := h.sent(6, asksForUPS)
					label, marked, dated, voided, told, late := ids[0], ids[1], ids[2], ids[3], ids[4], ids[5]
					at := func(moment time.Time) { time.Sleep(time.Until(moment)) }
					at(first.Add(-150 * time.Minute))
					toVoid := h.world.BuyLabel(h.inStation(told), ups, with("trackingNumber", "1ZTOLD"))
					due := map[string]time.Time{told: time.Now()}
					h.track()
					acts := []struct {
						at time.Time
						do func()
					}{
						{test.bought, func() {
							h.world.BuyLabel(h.inStation(label), ups, with("trackingNumber", "1ZLABEL"))
							h.world.MarkShipped(h.inStation(marked), with("carrierCode", "UPS", "trackingNumber", "1ZMARKED"))
							h.world.MarkShipped(h.inStation(dated), with("carrierCode", "UPS", "trackingNumber", "1ZDATED", "shipDate", text))
							for _, id := range []string{label, marked, dated} {
								due[id] = time.Now()
							}
							if got := sim.Text(h.world.Shipments()[1], "createDate"); got != text {
								t.Fatalf("bought at %s", got)
							}
						}},
						{test.bought.Add(time.Second), func() {
							h.world.Void(h.world.BuyLabel(h.inStation(voided), ups, with("trackingNumber", "1ZVOIDED")))
							h.world.Void(toVoid)
						}},
						{first.Add(90 * time.Minute), func() {
							h.world.BuyLabel(h.inStation(late), ups, with("trackingNumber", "1ZLATE"))
							due[late] = time.Now()
						}},
					}
					seen := map[string]time.Time{}
					for end := first.Add(50 * time.Hour); time.Now().Before(end); {
						next := time.Now().Add(every)
						for len(acts) > 0 && !acts[0].at.After(next) {
							at(acts[0].at)
							acts[0].do()
							acts = acts[1:]
						}
						at(next)
						if res := h.track(); res.Err != nil {
							t.Fatalf("%v: %+v", time.Now(), res)
						}
						for id := range due {
							if len(h.packages(id)) > 0 && seen[id].IsZero() {
								seen[id] = time.Now()
							}
						}
					}
					for id, number := range map[string]string{label: "1ZLABEL", marked: "1ZMARKED", dated: "1ZDATED", told: "1ZTOLD", late: "1ZLATE"} {
						if got := h.packages(id); !slices.Equal(got, []string{number}) {
							t.Errorf("%s: told %v\n%s", number, got, h.log.String())
						}
						if took := seen[id].Sub(due[id]); took > time.Hour+every {
							t.Errorf("%s: told after %v", number, took)
						}
					}
					if got := h.packages(voided); len(got) > 0 {
						t.Errorf("voided, and told: %v", got)
					}
					if o := h.row(told); o.State() != order.Sent || len(o.Notices) != 1 || o.Left() != 2 {
						t.Errorf("voided after it was told: %s, left %d, %+v", o.State(), o.Left(), o.Notices)
					}
					for _, c := range h.world.Calls() {
						if c.Path != "/api/v3/order/singleShipment" {
							continue
						}
						var body struct {
							Shipments []struct{ ShipDate time.Time }
						}
						if err := json.Unmarshal(c.Body, &body); err != nil || body.Shipments[0].ShipDate.After(c.At) {
							t.Errorf("at %v: %v: %s", c.At, err, c.Body)
						}
					}
					h.lawful()
				})
			})
		}
	}
}
