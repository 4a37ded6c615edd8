package order

import (
	"strings"
	"testing"
	"time"
)

// inWork is an order with two units of line 1 and one of line 2 that is in ShipStation with all of them and acknowledged
// since an hour after t0. What follows comes later.
func inWork(events ...any) Order {
	return fold(append([]any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: holding("awaiting_shipment")}, listed(time.Hour, acknowledgedIn)}, events...)...)
}

// holding is its ShipStation order.
func holding(status string) Ref {
	r := whole(52, status)
	r.Lines = []Packed{{1, 2}, {2, 1}}
	return r
}

// ran is what a later run does about the order.
func ran(o Order) Write {
	w, _ := o.Next(Rules{Now: at(100 * time.Hour), Started: at(100 * time.Hour), HoldOnRequest: true})
	return w
}

// Whoever restores the order in ShipStation while DSCO has our cancellation in its queue means to ship it. DSCO cannot take
// it back, and what the person did is not undone either, however it is that DSCO confirms it.
func TestRestoredWhileItsCancellationWasQueued(t *testing.T) {
	tell := Write{Step: CancelDSCO}
	queued := []any{inStore(2*time.Hour, holding("cancelled")), tell, QueuedReceipt{At: at(2*time.Hour + time.Minute), RequestID: "r"}, inStore(3*time.Hour, holding("awaiting_shipment"))}
	for name, confirmed := range map[string]Sighting{
		"by its log":  CancelledReceipt{At: at(4 * time.Hour), RequestID: "r"},
		"by its list": listed(4*time.Hour, cancelled),
	} {
		o := inWork(append(queued, confirmed)...)
		n, _ := o.Trouble()
		if w := ran(o); w != (Write{}) || o.Intent != nil || !o.Held() || !strings.HasPrefix(n.Text, "DSCO shows it as cancelled, but in ShipStation it is open again") {
			t.Errorf("%s: next %v, doubt %v, %q", name, w, o.Intent, n.Text)
		}
	}
}
