package order

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A whole life of an order, at random: what the remotes show, what is written, how that ends, what a person does. The
// truth is kept beside it, as the remotes would have it.
func TestAnyLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := t0
		o := Order{ID: "1"}.See(listed(0))
		var stored, acknowledged, gone bool // the truth: in ShipStation, acknowledged, cancelled in DSCO
		var dropped, byHand bool            // cancelled in ShipStation; and by a person at that
		ref := func() Ref {
			if dropped {
				return whole(52, "cancelled")
			}
			return whole(52, "awaiting_shipment")
		}
		documents := func() InDSCO {
			s := listed(now.Sub(t0))
			switch {
			case gone:
				cancelled(&s)
				s.DSCO.Updated = now
			case acknowledged:
				lifecycle("shipment_pending", "acknowledged")(&s)
			}
			return s
		}
		look := func() {
			s := inStore(now.Sub(t0))
			if stored {
				s.Refs = []Ref{ref()}
			}
			o = o.See(s).See(documents())
		}
		write := func(outcome string) {
			w, ok := o.Next(Rules{Now: now, Started: now})
			if !ok {
				return
			}
			if w == create && (stored || o.Created()) {
				t.Fatalf("created a second time: %+v", o)
			}
			if w == acknowledge && !stored {
				t.Fatalf("acknowledged before it is in ShipStation: %+v", o)
			}
			if o.DSCO.Status == "cancelled" && w.Step != CancelShipStation {
				t.Fatalf("planned %v for an order known to be cancelled", w)
			}
			if w.Step == CancelShipStation && !gone || w.Step == CancelDSCO && !dropped {
				t.Fatalf("planned %v, though the other side has not cancelled it: %+v", w, o)
			}
			o = o.Begin(w, now)
			now = now.Add(time.Second)
			did := outcome == "done" || outcome == "lost"
			if did && w == create {
				stored = true
			}
			if did && w == acknowledge && !gone {
				acknowledged = true
			}
			dropped = dropped || did && w.Step == CancelShipStation
			gone = gone || did && w.Step == CancelDSCO
			switch outcome {
			case "done":
				o = o.See(map[Step]Sighting{
					Create:            CreatedReceipt{At: now, Ref: whole(52, "awaiting_shipment")},
					Acknowledge:       AcknowledgedReceipt{At: now},
					CancelShipStation: CorrectedReceipt{At: now, Ref: whole(52, "cancelled")},
					CancelDSCO:        CancelledReceipt{At: now},
				}[w.Step])
			case "lost", "nothing":
				o = o.Doubt(Note{Write: w, Text: "no clear answer", At: now}, now).Blame(w, now)
			case "refused":
				o = o.Fail(Note{Write: w, Text: "refused", At: now, Held: w != acknowledge}, now)
			case "unavailable":
				o = o.Undo(now)
			}
			if o.Intent != nil {
				if _, ok := o.Next(Rules{Now: now.Add(time.Hour), Started: now.Add(time.Hour)}); ok {
					t.Fatal("planned a write for an order in doubt")
				}
			}
		}
		for range rapid.IntRange(0, 30).Draw(t, "events") {
			switch rapid.SampledFrom([]string{"write", "write", "look", "wait", "cancel", "cancel there", "portal", "retry"}).Draw(t, "event") {
			case "write":
				write(rapid.SampledFrom([]string{"done", "lost", "nothing", "refused", "unavailable", "killed"}).Draw(t, "outcome"))
			case "look":
				look()
			case "wait":
				now = now.Add(time.Duration(rapid.IntRange(1, 120).Draw(t, "seconds")) * time.Second)
			case "cancel":
				gone = true
			case "cancel there":
				byHand = byHand || stored && !dropped
				dropped = dropped || stored
			case "portal":
				acknowledged = acknowledged || !gone
			case "retry":
				if again, err := o.Retry(now); err == nil {
					o = again
				}
			}
		}
		for range 6 { // clean runs, each after the settle time
			now = now.Add(time.Hour)
			look()
			if again, err := o.Retry(now); err == nil {
				o = again
			}
			write("done")
		}
		now = now.Add(time.Hour)
		look()
		if w, ok := o.Next(Rules{Now: now, Started: now}); ok || o.Intent != nil || o.Held() && !(byHand && o.Adopted.IsZero() && !o.Created()) {
			t.Fatalf("still not at rest: next %v, %+v", w, o)
		}
		if stored && o.Created() && gone != dropped {
			t.Fatalf("cancelled on one side only: in DSCO %t, in ShipStation %t", gone, dropped)
		}
		if !gone && (!stored || !acknowledged) && !byHand {
			t.Fatalf("lost: in ShipStation %t, acknowledged %t", stored, acknowledged)
		}
	})
}
