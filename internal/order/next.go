package order

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
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

	Steps         []Step        // the only ones to name; none stands for all
	HoldOnRequest bool          // ShipStation orders that a retailer asks to cancel are put on hold
	Lag           time.Duration // of ShipStation's lists: a cancellation younger than this may have siblings not listed yet
	Force         bool          // also what was held because too many came at once

	// When the ledger was made, or an older copy put back. Of a parcel or a cancellation from before it nobody knows whether
	// it was told, until DSCO shows all that was told then.
	Blank, Clear time.Time
}

// Next names the one write the order needs now, or none. It is the whole policy of dscosync: the plan of a run is this
// function over the open rows. It is silent on an order in doubt, because only looking settles a doubt.
func (o Order) Next(r Rules) (Write, bool) {
	if o.Intent != nil {
		return Write{}, false
	}
	for _, w := range o.due(r) {
		if (len(r.Steps) == 0 || slices.Contains(r.Steps, w.Step)) && !o.waits(w, r) {
			return w, true
		}
	}
	return Write{}, false
}

// due lists the writes the order needs, the most urgent first, whether or not something keeps them waiting.
func (o Order) due(r Rules) (all []Write) {
	there := o.Lost.IsZero() // nothing is written to what ShipStation says it does not have
	if ref, due := o.toCorrect(); due && there {
		all = append(all, Write{Step: CancelShipStation, Ref: ref})
	}
	if o.cancelled() {
		return all
	}
	if o.withdraws() && !o.Acknowledged.IsZero() && o.quiet(r) {
		all = append(all, Write{Step: CancelDSCO})
	}
	if ref, due := o.toSuspend(); due && there && r.HoldOnRequest {
		all = append(all, Write{Step: Suspend, Ref: ref})
	}
	if ref, due := o.toResume(); due && there {
		all = append(all, Write{Step: Resume, Ref: ref})
	}
	if !o.Created() && !o.shipped() { // also without a line that makes sense: that is found when it is made
		all = append(all, Write{Step: Create})
	}
	if (o.Live() || o.withdraws()) && o.Acknowledged.IsZero() { // DSCO may take no other word of an order before this one
		all = append(all, Write{Step: Acknowledge})
	}
	if o.Created() && !o.Acknowledged.IsZero() {
		for _, p := range o.toTell() {
			if !r.Now.Before(p.Due(r.ShipDelay)) && !r.unsure(p.Created) {
				all = append(all, Write{Step: Ship, Parcel: p.ID})
			}
		}
	}
	return all
}

// withdraws tells whether DSCO is to hear of a cancellation in ShipStation.
func (o Order) withdraws() bool { return len(o.Cancellable()) > 0 }

// quiet tells whether the last cancellation in ShipStation is old enough that its lists show what else became of the
// order: a part that was split off just before; and that DSCO shows whether it was told of it already.
func (o Order) quiet(r Rules) bool {
	return !slices.ContainsFunc(o.ShipStation, func(ref Ref) bool {
		return ref.dead() && (r.Now.Sub(ref.Since) < r.Lag || r.unsure(ref.Since))
	})
}

// unsure tells whether a ledger that was made or put back since may not know yet that DSCO was told of something.
func (r Rules) unsure(happened time.Time) bool {
	return happened.Before(r.Blank) && r.Now.Before(r.Clear)
}

// waits tells whether a write is held for a person, or failed in this run already.
func (o Order) waits(w Write, r Rules) bool {
	switch w.Step {
	case CancelShipStation, CancelDSCO: // a hold on one of them concerns the order as a whole
		if slices.ContainsFunc(o.Notes, func(n Note) bool { return n.Held && n.Write.Step == w.Step && !o.forced(n, r) }) {
			return true
		}
	}
	n := o.Note(w)
	failed := !n.At.IsZero() && !n.At.Before(r.Started)
	held := n.Held && n.Code != Unmapped && !o.forced(n, r) // as soon as the settings name the carrier it goes on by itself
	return held || failed
}

// forced tells whether a hold of the guard is overridden. Who dismissed the order has decided otherwise about it, and DSCO
// takes no cancellation back.
func (o Order) forced(n Note, r Rules) bool {
	return r.Force && n.Code == Guarded && o.Dismissed == nil
}

// Wants tells whether the order still needs one of the steps, be it in doubt, held or put off.
func (o Order) Wants(steps ...Step) bool {
	if slices.Contains(steps, CancelShipStation) && o.Created() && o.Finished.IsZero() {
		return true
	}
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
	if w.Step == CancelDSCO { // by the time of its answer more may have been cancelled, which that is not about
		o.Intent.Lines = o.Cancellable()
	}
	o.wrote(w.Step, now)
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
	in := Intent{Write: n.Write}
	if o.Intent != nil && o.Intent.Write == n.Write {
		in = *o.Intent
	}
	in.At = now
	o.Intent = &in
	was := o.Note(n.Write)
	n.Tries, n.Alone = was.Tries+1, was.Alone
	o.note(n)
	o.wrote(n.Write.Step, now)
	return o.touch(before, now)
}

// wrote notes on which side a write may be under way.
func (o *Order) wrote(step Step, now time.Time) {
	switch step {
	case Acknowledge, Ship, CancelDSCO:
		o.WroteDSCO = now
	default:
		o.WroteShipStation = now
	}
}

// Blame counts that the order was alone in a call without a clear answer while other calls of the kind got one: so it is
// the order and not the remote. After five times a person has to look.
func (o Order) Blame(w Write, now time.Time) Order {
	before := o
	n := o.Note(w)
	n.Alone++
	n.Held = n.Alone >= clearAnswers && w.Step != Acknowledge // an acknowledgement does no harm when repeated
	if n.Held {
		n.Hint = "look in ShipStation what keeps it from answering about this order, then run: dscosync retry " + string(o.ID)
	}
	o.note(n)
	return o.touch(before, now)
}

// clearAnswers is how often an order may go alone into a call that gets no clear answer before a person has to look.
const clearAnswers = 5

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
	o.clockHold(at)
	if changed(o, before) {
		o.Updated = at
	}
	return o
}

// clockHold measures how long the order waits for a person. A clock that went back meanwhile adds nothing.
func (o *Order) clockHold(at time.Time) {
	switch held := o.Held(); {
	case held && o.HeldSince.IsZero():
		o.HeldSince = at
	case !held && !o.HeldSince.IsZero():
		o.HeldFor += max(0, at.Sub(o.HeldSince))
		o.HeldSince = time.Time{}
	}
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
	for _, t := range []*time.Time{&o.Received, &o.Acknowledged, &o.Updated, &o.WroteDSCO, &o.WroteShipStation, &o.Looked, &o.LookedStore, &o.Lost, &o.HeldSince} {
		past(t)
	}
	return o
}

// Differs tells whether two versions of a row are not the same.
func (o Order) Differs(before Order) bool { return !reflect.DeepEqual(o, before) }

// changed leaves out when it was looked at: a look that shows nothing new is no change.
func changed(a, b Order) bool {
	a.Looked, b.Looked, a.LookedStore, b.LookedStore = time.Time{}, time.Time{}, time.Time{}, time.Time{}
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
	if o.cancelled() && o.Lost.IsZero() && slices.ContainsFunc(o.ShipStation, Ref.open) {
		return []Alarm{{"cancelled-open", "cancelled in DSCO, but still open in ShipStation: cancel it there before it ships"}}
	}
	if o.Over() {
		return nil
	}
	if r.AcknowledgeAlarm > 0 && o.Created() && o.Acknowledged.IsZero() && r.Now.Sub(o.Received) > r.AcknowledgeAlarm {
		alarms = append(alarms, Alarm{"unacknowledged", fmt.Sprintf("taken up %s ago and still not acknowledged in DSCO", span(r.Now.Sub(o.Received)))})
	}
	if by := o.DSCO.AcknowledgeBy; !by.IsZero() && o.Acknowledged.IsZero() && r.Now.After(by) {
		alarms = append(alarms, Alarm{"acknowledge-late", "the retailer's date to acknowledge it by has passed: " + moment(by)})
	}
	if !o.Acknowledged.IsZero() && r.TrackingAlarm > 0 {
		for _, p := range o.toTell() {
			if late := r.Now.Sub(p.Due(r.ShipDelay)); late > r.TrackingAlarm {
				alarms = append(alarms, Alarm{"untold", fmt.Sprintf("the parcel %s could have been told to DSCO %s ago", p.Number, span(late))})
			}
		}
	}
	if by := o.DSCO.ShipBy; !by.IsZero() && by.Before(r.Now) {
		alarms = append(alarms, Alarm{"ship-late", "the ship-by date has passed: " + moment(by)})
	} else if !by.IsZero() && by.Sub(r.Now) < r.ShipByAlarm {
		alarms = append(alarms, Alarm{"ship-soon", fmt.Sprintf("to be shipped within %s", span(by.Sub(r.Now)))})
	}
	return alarms
}

// moment is a time as people read it. What this package says is kept and passed on, so it is the same everywhere.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// span is how long something is, to the minute.
func span(d time.Duration) string {
	return strings.Replace(d.Round(time.Minute).String(), "m0s", "m", 1)
}
