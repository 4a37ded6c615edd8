package order

import (
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Rules are the settings and the hour that Next goes by.
type Rules struct {
	Now     time.Time
	Started time.Time // of the run: a write that failed since then sits out the rest of it

	AcknowledgeAlarm time.Duration // sent this long ago and not acknowledged
	ShipByAlarm      time.Duration // ship-by date this near and nothing shipped
	TrackingAlarm    time.Duration // label this old and DSCO not told
	ShipDelay        time.Duration // after a label's creation, before DSCO is told

	// When the ledger was made, or an older copy put back. Of a parcel from before it nobody knows whether it was told, until
	// DSCO shows all that was told then.
	Blank, Clear time.Time
}

// Next names the one write the order needs now, or none. It is the whole policy of dscosync: the plan of a run is this
// function over the open rows. It is silent on an order in doubt, because only looking settles a doubt.
func (o Order) Next(r Rules) (Write, bool) {
	if o.Intent != nil || o.cancelled() {
		return Write{}, false
	}
	for _, c := range []struct {
		step Step
		due  bool
	}{
		{Create, !o.Created() && !o.shipped()}, // also without a line that makes sense: that is found when it is made
		{Acknowledge, o.Live() && o.Acknowledged.IsZero()},
	} {
		w := Write{Step: c.step}
		if c.due && !o.waits(w, r) {
			return w, true
		}
	}
	if o.Created() && !o.Acknowledged.IsZero() {
		for _, p := range o.toTell() {
			w := Write{Step: Ship, Parcel: p.ID}
			unsure := p.Created.Before(r.Blank) && r.Now.Before(r.Clear)
			if !r.Now.Before(p.Due(r.ShipDelay)) && !unsure && !o.waits(w, r) {
				return w, true
			}
		}
	}
	return Write{}, false
}

// waits tells whether a write is held for a person, or failed in this run already.
func (o Order) waits(w Write, r Rules) bool {
	n := o.Note(w)
	if n.Code == Unmapped { // as soon as the settings name the carrier it goes on by itself
		return !n.At.IsZero() && !n.At.Before(r.Started)
	}
	return n.Held || (!n.At.IsZero() && !n.At.Before(r.Started))
}

// Wants tells whether the order still needs one of the steps, be it in doubt, held or put off.
func (o Order) Wants(steps ...Step) bool {
	if o.cancelled() {
		return o.Intent != nil
	}
	if slices.Contains(steps, Ship) && o.Created() && !o.shipped() {
		return true
	}
	want := Acknowledge
	if !o.Created() {
		want = Create
	} else if !o.Acknowledged.IsZero() {
		return o.Intent != nil
	}
	return !o.shipped() && slices.Contains(steps, want)
}

// Begin writes down that a write is about to be made. It is committed before the call: a crash in between leaves a
// doubt, and the next run's look at both sides settles it.
func (o Order) Begin(w Write, now time.Time) Order {
	before := o
	o.Intent = &Intent{Write: w, At: now}
	switch w.Step {
	case Create:
		o.WroteShipStation = now
	case Acknowledge, Ship:
		o.WroteDSCO = now
	}
	return o.touch(before, now)
}

// Undo takes an intent back: the call was certainly not carried out.
func (o Order) Undo(now time.Time) Order {
	before := o
	o.Intent = nil
	return o.touch(before, now)
}

// Fail notes that a write was refused, and clears its intent. A note without a text lets it go on at once in smaller
// company.
func (o Order) Fail(n Note, now time.Time) Order {
	before := o
	if o.Intent != nil && o.Intent.Write == n.Write {
		o.Intent = nil
	}
	was := o.Note(n.Write)
	n.Tries, n.Alone = was.Tries+1, was.Alone
	o.note(n)
	return o.touch(before, now)
}

// Doubt notes that a write got no clear answer. The intent stays: it may have been carried out at any moment until now.
func (o Order) Doubt(n Note, now time.Time) Order {
	before := o
	o.Intent = &Intent{Write: n.Write, At: now, RequestID: o.requestID(n.Write)}
	was := o.Note(n.Write)
	n.Tries, n.Alone = was.Tries+1, was.Alone
	o.note(n)
	switch n.Write.Step {
	case Create:
		o.WroteShipStation = now
	case Acknowledge, Ship:
		o.WroteDSCO = now
	}
	return o.touch(before, now)
}

// Blame counts that the order was alone in a call without a clear answer while other calls of the kind got one: so it is
// the order and not the remote. After five times a person has to look.
func (o Order) Blame(w Write, now time.Time) Order {
	before := o
	n := o.Note(w)
	n.Alone++
	n.Held = n.Alone >= clearAnswers && w.Step != Acknowledge // an acknowledgement does no harm when repeated
	o.note(n)
	return o.touch(before, now)
}

// clearAnswers is how often an order may go alone into a call that gets no clear answer before a person has to look.
const clearAnswers = 5

func (o Order) requestID(w Write) string {
	if o.Intent != nil && o.Intent.Write == w {
		return o.Intent.RequestID
	}
	return ""
}

// Retry takes a held order up again: its holds are lifted. It fails when no write of the order is held.
func (o Order) Retry(now time.Time) (Order, error) {
	held := func(n Note) bool { return n.Held }
	if !slices.ContainsFunc(o.Notes, held) {
		if o.Intent != nil {
			return o, fmt.Errorf("order %s is not held: its last %s got no clear answer, and the next run looks whether it was done", o.ID, o.Intent.Write.Step)
		}
		return o, fmt.Errorf("order %s is not held", o.ID)
	}
	return o.See(Lifted{At: now}), nil
}

// Dismiss records that a person dealt with the order by hand: its holds and notices are silent until something new is
// seen of it. It fails when there is nothing to dismiss.
func (o Order) Dismiss(reason string, now time.Time) (Order, error) {
	before := o
	if !slices.ContainsFunc(o.Notes, func(n Note) bool { return n.Held }) && len(o.Notices) == 0 {
		return o, fmt.Errorf("order %s has nothing to dismiss: no hold and no notice", o.ID)
	}
	o.Dismissed = &Dismissal{Reason: reason, At: now}
	return o.touch(before, now), nil
}

// touch dates the change, if there is one, and marks the order finished while nothing is left to do.
func (o Order) touch(before Order, at time.Time) Order {
	if !o.done() {
		o.Finished = time.Time{}
	} else if o.Finished.IsZero() {
		o.Finished = at
	}
	if changed(o, before) {
		o.Updated = at
	}
	return o
}

// Clamp takes times that lie after now for now: a clock that was wrong and put right again must not keep an order
// waiting for as long as it was off.
func (o Order) Clamp(now time.Time) Order {
	past := func(t *time.Time) {
		if t.After(now) {
			*t = now
		}
	}
	o.Notes = slices.Clone(o.Notes)
	for i := range o.Notes {
		past(&o.Notes[i].At)
	}
	if o.Intent != nil {
		in := *o.Intent
		past(&in.At)
		o.Intent = &in
	}
	past(&o.WroteDSCO)
	past(&o.WroteShipStation)
	past(&o.Looked)
	return o
}

// Differs tells whether two versions of a row are not the same.
func (o Order) Differs(before Order) bool { return !reflect.DeepEqual(o, before) }

// changed leaves out when it was looked at: a look that shows nothing new is no change.
func changed(a, b Order) bool {
	a.Looked, b.Looked = time.Time{}, time.Time{}
	return !reflect.DeepEqual(a, b)
}

// Unmapped marks the note of a parcel whose carrier the table does not know.
const Unmapped = "unmapped"

// Alarm is a date that is near or past while something is still to be done.
type Alarm struct {
	Code string
	Text string
}

// Alarms lists what is late or about to be, against the dates DSCO itself measures by.
func (o Order) Alarms(r Rules) []Alarm {
	var alarms []Alarm
	if o.Dismissed != nil {
		return nil
	}
	if o.cancelled() && slices.ContainsFunc(o.ShipStation, Ref.open) {
		return []Alarm{{"cancelled-open", "cancelled in DSCO, but still open in ShipStation: cancel it there before it ships"}}
	}
	if o.cancelled() || o.shipped() {
		return nil
	}
	if r.AcknowledgeAlarm > 0 && o.Created() && o.Acknowledged.IsZero() && r.Now.Sub(o.Received) > r.AcknowledgeAlarm {
		alarms = append(alarms, Alarm{"unacknowledged", fmt.Sprintf("taken up %s ago and still not acknowledged in DSCO", r.Now.Sub(o.Received).Round(time.Minute))})
	}
	if by := o.DSCO.AcknowledgeBy; !by.IsZero() && o.Acknowledged.IsZero() && r.Now.After(by) {
		alarms = append(alarms, Alarm{"acknowledge-late", "the retailer's date to acknowledge it by has passed: " + by.Format(time.RFC3339)})
	}
	if !o.Acknowledged.IsZero() && r.TrackingAlarm > 0 {
		for _, p := range o.toTell() {
			if late := r.Now.Sub(p.Due(r.ShipDelay)); late > r.TrackingAlarm {
				alarms = append(alarms, Alarm{"untold", fmt.Sprintf("the parcel %s could have been told to DSCO %s ago", p.Number, late.Round(time.Minute))})
			}
		}
	}
	if by := o.DSCO.ShipBy; !by.IsZero() && by.Before(r.Now) {
		alarms = append(alarms, Alarm{"ship-late", "the ship-by date has passed: " + by.Format(time.RFC3339)})
	} else if !by.IsZero() && by.Sub(r.Now) < r.ShipByAlarm {
		alarms = append(alarms, Alarm{"ship-soon", fmt.Sprintf("to be shipped within %s", by.Sub(r.Now).Round(time.Minute))})
	}
	return alarms
}
