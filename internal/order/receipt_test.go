package order

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

// The order is in ShipStation in two parts, one for each line. DSCO is told of what was cancelled there. It is known to be
// done once DSCO shows it, and what DSCO shows besides is not ours.
func TestWhatBecameOfACancellation(t *testing.T) {
	tell := Write{Step: CancelDSCO}
	part := func(status string) Ref {
		return Ref{ID: 53, Number: "1-1", Child: true, Status: status, Lines: []Packed{{2, 1}}}
	}
	first := func(status string) Ref {
		r := whole(52, status)
		r.Lines = []Packed{{1, 2}}
		return r
	}
	shows := func(when time.Duration, change ...func(*InDSCO)) InDSCO {
		return listed(when, append([]func(*InDSCO){acknowledgedIn}, change...)...)
	}
	cancels := func(line, units int) func(*InDSCO) { return func(s *InDSCO) { s.Lines[line-1].Cancelled = units } }
	twin := func(s *InDSCO) { s.Lines[1].Item, s.Lines[1].SKU = s.Lines[0].Item, s.Lines[0].SKU }
	queued := QueuedReceipt{At: at(3 * time.Hour), RequestID: "r"}
	parts := inStore(2*time.Hour, first("awaiting_shipment"), part("awaiting_shipment"))
	less := inStore(2*time.Hour, first("awaiting_shipment"), part("cancelled"))
	none := inStore(2*time.Hour, first("cancelled"), part("cancelled"))
	for _, test := range []struct {
		name   string
		events []any
		next   Write
		open   []Packed // what is still to be confirmed
		ours   []int
	}{
		{"queued", []any{parts, less, tell, queued}, Write{}, []Packed{{2, 1}}, []int{0, 0}},
		{"shown", []any{parts, less, tell, queued, shows(4*time.Hour, cancels(2, 1))}, Write{}, nil, []int{0, 1}},
		{"another line is shown", []any{parts, less, tell, queued, shows(4*time.Hour, cancels(1, 1))}, Write{}, []Packed{{2, 1}}, []int{0, 0}},
		{"another line with the same item is shown", []any{shows(time.Hour, twin), parts, less, tell, queued, shows(4*time.Hour, twin, cancels(1, 1))}, Write{}, []Packed{{2, 1}}, []int{0, 0}},
		{"what was cancelled before is shown", []any{shows(time.Hour, cancels(1, 1)), parts, none, tell, queued, shows(4*time.Hour, cancels(1, 1))}, Write{}, []Packed{{1, 1}, {2, 1}}, []int{0, 0}},
		{"it is shown of a line with the same item", []any{shows(time.Hour, twin, cancels(1, 1)), parts, none, tell, queued, shows(4*time.Hour, twin, cancels(1, 1))}, Write{}, []Packed{{1, 1}, {2, 1}}, []int{0, 0}},
		{"the line's number belongs to another item now", []any{parts, less, tell, queued, shows(4*time.Hour, cancels(2, 1), func(s *InDSCO) { s.Lines[1].Item = "13" })}, Write{}, nil, []int{0, 0}},
		{"a part of it is shown", []any{parts, none, tell, queued, shows(4*time.Hour, cancels(1, 2))}, Write{}, []Packed{{2, 1}}, []int{2, 0}},
		{"and the rest", []any{parts, none, tell, queued, shows(4*time.Hour, cancels(1, 2)), shows(5*time.Hour, cancels(1, 2), cancels(2, 1))}, Write{}, nil, []int{2, 1}},
		{"it is shown, and more was cancelled meanwhile", []any{parts, less, tell, queued, none, shows(4*time.Hour, cancels(2, 1))}, tell, nil, []int{0, 1}},
		{"DSCO cancelled the order, without a word about the lines", []any{parts, less, tell, queued, shows(4*time.Hour, lifecycle("cancelled", "completed"))}, Write{Step: CancelShipStation, Ref: 52}, nil, []int{0, 0}},
		{"in doubt, and an older version of the order is shown", []any{parts, less, tell, shows(4*time.Hour, func(s *InDSCO) { s.DSCO.Updated = at(30 * time.Minute) })}, Write{}, []Packed{{2, 1}}, []int{0, 0}},
		{"taken at once", []any{parts, less, tell, CancelledReceipt{At: at(3 * time.Hour)}}, Write{}, nil, []int{0, 1}},
		{"and a list from before that shows it as it was", []any{parts, less, tell, CancelledReceipt{At: at(3 * time.Hour)}, shows(3*time.Hour + settle)}, Write{}, nil, []int{0, 1}},
		{"the log answers about an earlier request", []any{parts, less, tell, queued, CancelledReceipt{At: at(4 * time.Hour), RequestID: "old"}}, Write{}, []Packed{{2, 1}}, []int{0, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := inWork(test.events...)
			var open []Packed
			if o.Intent != nil {
				open = o.Intent.Lines
			}
			w := ran(o)
			if diff := cmp.Diff(test.open, open) + cmp.Diff(test.ours, []int{o.Lines[0].Ours, o.Lines[1].Ours}); diff != "" || w != test.next || o.Held() {
				t.Errorf("next %v, want %v, held %t; -want +got\n%s", w, test.next, o.Held(), diff)
			}
		})
	}

	// The codes it was cancelled with are known from the call, and stay what they are for other lines.
	why := func(s *InDSCO) { cancels(1, 1)(s); s.Lines[0].Reason = "CXRR" }
	for name, answer := range map[string]Sighting{
		"queued": QueuedReceipt{At: at(3 * time.Hour), RequestID: "r", Reasons: map[int]string{2: "CXSS"}},
		"taken":  CancelledReceipt{At: at(3 * time.Hour), RequestID: "r", Reasons: map[int]string{2: "CXSS"}},
	} {
		if o := inWork(shows(time.Hour, why), parts, less, tell, answer); o.Lines[0].Reason != "CXRR" || o.Lines[1].Reason != "CXSS" {
			t.Errorf("%s: %+v", name, o.Lines)
		}
	}

	// A refusal is held whatever other write is in doubt, and an answer about the cancellation does not concern that write.
	o := inWork(parts, less, tell, queued, RefusedReceipt{At: at(3 * time.Hour), RequestID: "r", Text: "too late"},
		parcels(4*time.Hour, label(7, "1ZA", Packed{1, 2})), Write{Step: Ship, Parcel: 7})
	for name, s := range map[string]Sighting{
		"a list that may not show it yet": shows(4*time.Hour + settle),
		"a list that would show it":       shows(5 * time.Hour),
		"the log":                         CancelledReceipt{At: at(5 * time.Hour), RequestID: "r"},
	} {
		if after := o.See(s); !after.HeldAt(CancelDSCO) || (after.Intent != nil) != (name != "a list that would show it") || after.Lines[1].Cancelled > 0 {
			t.Errorf("%s: notes %+v, doubt %+v, %+v", name, after.Notes, after.Intent, after.Lines)
		}
	}
}

// What was asked of a remote while an answer of it was under way may show the time before it, as long as that took.
func TestListsBegunBeforeTheAnswer(t *testing.T) {
	tell := Write{Step: CancelDSCO}
	less := holding("awaiting_shipment")
	less.Lines = []Packed{{1, 1}, {2, 1}}
	for name, c := range map[string]struct {
		events []any
		old    Sighting
	}{
		"created": {
			[]any{func(Order) Order {
				return fold(listed(0), create, CreatedReceipt{At: at(time.Hour), Ref: holding("awaiting_shipment")})
			}},
			inStore(time.Hour, holding("awaiting_payment"))},
		"corrected": {
			[]any{listed(2*time.Hour, acknowledgedIn, func(s *InDSCO) { s.Lines[0].Cancelled = 1 }), Write{Step: CancelShipStation, Ref: 52}, CorrectedReceipt{At: at(3 * time.Hour), Ref: less}},
			inStore(3*time.Hour, holding("awaiting_shipment"))},
		"queued": {
			[]any{listed(2*time.Hour, acknowledgedIn, packedAs("1ZX", []Packed{{1, 1}})), inStore(2*time.Hour, holding("cancelled")), tell, QueuedReceipt{At: at(3 * time.Hour), RequestID: "r"}},
			listed(3*time.Hour, acknowledgedIn, func(s *InDSCO) { s.DSCO.Updated = at(2 * time.Hour) })},
	} {
		o := inWork(c.events...)
		if diff := cmp.Diff(o, o.See(c.old)); diff != "" {
			t.Errorf("%s: -before +after\n%s", name, diff)
		}
	}
}

// Our correction of an order that we put on hold does not make the hold another's, and nobody's change becomes ours.
func TestCorrectedOnHold(t *testing.T) {
	asks := func(s *InDSCO) { acknowledgedIn(s); s.DSCO.Requested = true }
	less := func(s *InDSCO) { asks(s); s.Lines[0].Cancelled = 1 }
	shown := holding("on_hold")
	shown.Lines = []Packed{{1, 1}, {2, 1}}
	suspended := []any{listed(2*time.Hour, asks), Write{Step: Suspend, Ref: 52}, SuspendedReceipt{At: at(2 * time.Hour), Ref: 52, Mark: at(2 * time.Hour)}}
	correct := []any{listed(3*time.Hour, less), Write{Step: CancelShipStation, Ref: 52}}
	for name, c := range map[string]struct {
		events []any
		before time.Time // when ShipStation was last changed before the correction
		mark   time.Time
	}{
		"ours":                      {append(suspended, correct...), at(2 * time.Hour), at(4 * time.Hour)},
		"somebody changed it since": {append(suspended, correct...), at(150 * time.Minute), at(2 * time.Hour)},
		"put on hold by somebody":   {correct, time.Time{}, time.Time{}},
	} {
		o := inWork(append(c.events, CorrectedReceipt{At: at(4 * time.Hour), Ref: shown, Before: c.before, Changed: at(4 * time.Hour)})...)
		if got := o.ShipStation[0].Mark; !got.Equal(c.mark) || o.Intent != nil || o.Held() {
			t.Errorf("%s: mark %v, want %v; doubt %v, held %t", name, got, c.mark, o.Intent, o.Held())
		}
	}
}

// An acknowledgement that is refused is asked for again; everything else that is refused waits for a person.
func TestRefused(t *testing.T) {
	sent := fold(listed(0), create, receipt)
	for _, c := range []struct {
		w    Write
		want Note
	}{
		{acknowledge, Note{Write: acknowledge, Text: "no", Hint: AskedAgain}},
		{Write{Step: CancelDSCO}, Note{Write: Write{Step: CancelDSCO}, Text: "no", Held: true, Hint: "have it corrected, then run: dscosync retry 1"}},
	} {
		o := sent
		if c.w.Step == CancelDSCO {
			o = inWork(inStore(2*time.Hour, holding("cancelled")))
		}
		o = o.Begin(c.w, at(3*time.Hour)).See(QueuedReceipt{At: at(3 * time.Hour), RequestID: "r"}).See(RefusedReceipt{At: at(4 * time.Hour), RequestID: "r", Text: "no"})
		got, _ := o.Trouble()
		c.want.At = at(4 * time.Hour)
		if diff := cmp.Diff(c.want, got); diff != "" || o.Intent != nil {
			t.Errorf("%v: doubt %v, -want +got\n%s", c.w, o.Intent, diff)
		}
	}
}

// An answer to a write that something else has settled before changes no more than the date of that write.
func TestAnswersAboutNothing(t *testing.T) {
	for _, s := range []Sighting{QueuedReceipt{At: at(2 * time.Hour), RequestID: "r"}, CancelledReceipt{At: at(2 * time.Hour)}, RefusedReceipt{At: at(2 * time.Hour), Text: "no"}} {
		before := inWork()
		after := before.See(s)
		after.WroteDSCO, after.Updated = before.WroteDSCO, before.Updated
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%T: -before +after\n%s", s, diff)
		}
	}
}

// A person who has an order tried again after dismissing it hears of it again.
func TestRetryEndsTheDismissal(t *testing.T) {
	o, err := dismissed(fold(listed(0), create, Note{Write: create, Held: true, Text: "x"})).Retry(at(time.Hour))
	if err != nil || o.Dismissed != nil || ran(o) != create {
		t.Errorf("%v, dismissed %v, next %v", err, o.Dismissed, ran(o))
	}
}

func TestGone(t *testing.T) {
	for name, c := range map[string]struct {
		o    Order
		when time.Duration
		held bool
	}{
		"it may not be visible yet":            {fold(listed(0)), time.Hour, false},
		"not in ShipStation":                   {fold(listed(0)), 2 * time.Hour, true},
		"in ShipStation: it is there":          {fold(listed(0), create, receipt), 2 * time.Hour, false},
		"its creation is in doubt: looked for": {fold(listed(0), create), 2 * time.Hour, false},
	} {
		o := c.o.See(Gone{At: at(c.when)})
		if len(o.Notes) > 0 != c.held || o.Held() != c.held || !o.Looked.Equal(at(c.when)) || o.Updated.Equal(at(c.when)) != c.held {
			t.Errorf("%s: held %t, notes %+v, looked for at %v, changed %v", name, o.Held(), o.Notes, o.Looked, o.Updated)
		}
	}
	if o := fold(listed(0), Looked{At: at(time.Hour)}); !o.Looked.Equal(at(time.Hour)) || !o.Updated.Equal(t0) {
		t.Errorf("looked for at %v, changed %v", o.Looked, o.Updated)
	}
}
