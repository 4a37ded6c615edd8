package stage

import (
	"strings"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// ahead has runs go by a machine's clock that is an hour ahead.
func (h *house) ahead() *life {
	l := &life{house: h, ahead: time.Hour}
	h.with = func(r *Runner) { l.clock(r) }
	return l
}

// The cursor must not lie in what is DSCO's future: a change that DSCO's lists show minutes late would be before it.
func TestCancelledLateWithAClockAhead(t *testing.T) {
	in(t, sim.Options{DSCOLag: 3 * time.Minute}, func(t *testing.T, h *house) {
		h.ahead()
		id := h.start().add(1)[0]
		for range 5 {
			h.pull()
			h.cancel()
			time.Sleep(15 * time.Minute)
		}
		h.world.ForceCancelInDSCO(id)
		time.Sleep(time.Minute)
		h.cancel()
		for range 2 {
			time.Sleep(15 * time.Minute)
			h.cancel()
		}
		if got := sim.Text(h.world.ByNumber(id)[0], "orderStatus"); got != "cancelled" {
			t.Errorf("%s in ShipStation half an hour after it was cancelled in DSCO\n%s", got, h.log.String())
		}
	})
}

// In the hour that comes twice a label counts as bought in the later one; that may be yet to come, for DSCO if not by the
// machine's clock.
func TestShipDateWithAClockAhead(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.ahead()
		first := time.Date(2026, 11, 1, 8, 30, 0, 0, time.UTC)
		time.Sleep(time.Until(first.Add(-8 * time.Hour)))
		id := h.start().sent(1, asksForUPS)[0]
		time.Sleep(time.Until(first))
		h.world.BuyLabel(h.inStation(id), ups)
		for range 6 {
			time.Sleep(15 * time.Minute)
			h.track()
		}
		if len(h.packages(id)) != 1 {
			t.Errorf("told: %v\n%s", h.packages(id), h.log.String())
		}
		for _, law := range h.world.Broken() {
			if !strings.Contains(law, "until is") { // by how much the clock is ahead DSCO's first answer tells
				t.Error("broken law:", law)
			}
		}
	})
}
