package order

import (
	"fmt"
	"slices"
	"time"
)

func (s CreatedReceipt) fold(o *Order) {
	o.ShipStation = append(o.ShipStation, s.Ref)
	o.WroteShipStation = s.At
	o.settle(Create)
}

func (s CorrectedReceipt) fold(o *Order) {
	o.WroteShipStation = s.At
	w := Write{Step: CancelShipStation, Ref: s.Ref.ID}
	for i := range o.ShipStation {
		if o.ShipStation[i].ID == s.Ref.ID {
			r := s.Ref.after(o.ShipStation[i])
			if !r.Mark.IsZero() && r.Mark.Equal(s.Before) {
				r.Mark = s.Changed // nobody but us has touched it since we put it on hold
			}
			o.ShipStation[i] = r
		}
	}
	o.settleWrite(w)
	if _, due := o.Correction(s.Ref.ID); due {
		o.note(Note{Write: w, Held: true, At: s.At, Text: fmt.Sprintf("ShipStation took the change of order %s, but shows it as %s and unchanged", s.Ref.Number, s.Ref.Status),
			Hint: "take what DSCO has cancelled out of it by hand, then run: dscosync retry " + string(o.ID)})
	}
}

func (s CancelledReceipt) fold(o *Order) {
	in := o.Intent
	if in == nil || in.Write.Step != CancelDSCO || in.RequestID != "" && in.RequestID != s.RequestID {
		return // what DSCO showed has settled it before
	}
	o.WroteDSCO = s.At
	o.reason(s.Reasons)
	for _, p := range in.Lines {
		for i := range o.Lines {
			if l := &o.Lines[i]; l.Number == p.Line {
				l.Cancelled, l.Ours = l.Cancelled+p.Units, l.Ours+p.Units
				o.bury(l, p.Units)
			}
		}
	}
	o.settle(CancelDSCO)
}

func (s QueuedReceipt) fold(o *Order) {
	if o.Intent != nil {
		in := *o.Intent
		in.RequestID, in.At = s.RequestID, s.At
		o.Intent = &in
	}
	o.WroteDSCO = s.At
	o.reason(s.Reasons)
}

// reason notes why lines were cancelled. The log that confirms a cancellation does not say it again.
func (o *Order) reason(codes map[int]string) {
	for i := range o.Lines {
		if code := codes[o.Lines[i].Number]; code != "" {
			o.Lines[i].Reason = code
		}
	}
}

func (s AcknowledgedReceipt) fold(o *Order) {
	if !o.Acknowledged.IsZero() {
		return // known before: the log keeps its answers for two weeks
	}
	o.Acknowledged = s.At
	o.settle(Acknowledge)
}

func (s RefusedReceipt) fold(o *Order) {
	if o.Intent == nil || o.Intent.RequestID != s.RequestID {
		return // about an older request than the one that counts
	}
	w := o.Intent.Write
	o.settle(w.Step)
	n := Note{Write: w, At: s.At, Text: s.Text, Held: w.Step != Acknowledge, Hint: AskedAgain}
	if n.Held {
		n.Hint = "have it corrected, then run: dscosync retry " + string(o.ID)
	}
	o.note(n)
}

func (s Lifted) fold(o *Order) {
	o.Notes = slices.DeleteFunc(o.Notes, func(n Note) bool { return n.Held })
	o.Dismissed = nil
}

func (s Looked) fold(o *Order) { o.Looked = s.At }

// gone marks the note of an order that DSCO has no more.
const gone = "gone"

func (s Gone) fold(o *Order) {
	o.Looked = s.At
	if !o.Created() && o.Intent == nil && s.At.Sub(o.Received) > time.Hour {
		o.note(Note{Write: Write{Step: Create}, Code: gone, Held: true, At: s.At, Text: "DSCO has no order with this id any more",
			Hint: "ask the retailer what became of it; if it is settled: dscosync dismiss " + string(o.ID) + " --reason TEXT"})
	}
}
