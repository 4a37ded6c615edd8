package order

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var t0 = time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)

const settle = 30 * time.Second

func at(d time.Duration) time.Time { return t0.Add(d) }

// listed is the order as DSCO shows it in a list that began at that time.
func listed(when time.Duration, change ...func(*InDSCO)) InDSCO {
	s := InDSCO{Began: at(when), Proves: at(when - settle), PO: "PO7", Retailer: "1000009001",
		Lines: []Line{{Number: 1, Item: "11", SKU: "A", Ordered: 2}, {Number: 2, Item: "12", SKU: "B", Ordered: 1}},
		DSCO: DSCO{Status: "created", Lifecycle: "created", Created: at(-time.Hour), Updated: at(-time.Hour),
			Address: "a1", Content: "c1", Service: "s1"}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func lifecycle(status, lifecycle string) func(*InDSCO) {
	return func(s *InDSCO) { s.DSCO.Status, s.DSCO.Lifecycle, s.DSCO.Updated = status, lifecycle, s.Began }
}

func cancelled(s *InDSCO) {
	lifecycle("cancelled", "completed")(s)
	s.Lines[0].Cancelled, s.Lines[1].Cancelled = 2, 1
}

func packed(numbers ...string) func(*InDSCO) {
	return func(s *InDSCO) {
		s.DSCO.Status, s.DSCO.Lifecycle = "shipped", "acknowledged"
		for i, n := range numbers {
			s.DSCO.Packages = append(s.DSCO.Packages, Package{Number: n, Lines: []Packed{{Line: 1 + i%2, Units: 1}}})
		}
	}
}

func inStore(when time.Duration, refs ...Ref) InShipStation {
	return InShipStation{Began: at(when), Proves: at(when - settle), Refs: refs}
}

func whole(id int64, status string) Ref {
	return Ref{ID: id, Number: "1", Key: "dsco-1", Status: status}
}

var (
	create      = Write{Step: Create}
	acknowledge = Write{Step: Acknowledge}
	receipt     = CreatedReceipt{At: at(time.Minute), Ref: whole(52, "awaiting_shipment")}
)

// fold applies sightings, and writes that were begun (Write) or that failed (Note), in turn; each write one second after
// the sighting before it.
func fold(events ...any) Order {
	o := Order{ID: "1"}
	now := t0
	for _, e := range events {
		switch e := e.(type) {
		case Sighting:
			o, now = o.See(e), e.when()
		case Write:
			now = now.Add(time.Second)
			o = o.Begin(e, now)
		case Note:
			now = now.Add(time.Second)
			e.At = now
			o = o.Fail(e, now)
		case func(Order) Order:
			o = e(o)
		}
	}
	return o
}

func dismissed(o Order) Order {
	o, err := o.Dismiss("entered by hand", at(time.Minute))
	if err != nil {
		panic(err)
	}
	return o
}

func uncertain(w Write, alone bool) func(Order) Order {
	return func(o Order) Order {
		o = o.Doubt(Note{Write: w, Text: "no clear answer", At: t0}, t0)
		if alone {
			o = o.Blame(w, t0)
		}
		return o
	}
}

func TestNext(t *testing.T) {
	far := 24 * time.Hour
	for _, test := range []struct {
		name   string
		events []any
		next   Step // "" = none
		state  State
		held   bool
		doubt  bool
	}{
		{"a new order is created", []any{listed(0)}, Create, Received, false, false},
		{"a created order is acknowledged", []any{listed(0), create, receipt}, Acknowledge, Sent, false, false},
		{"a queued acknowledgement is in doubt until the log speaks", []any{listed(0), create, receipt, acknowledge, QueuedReceipt{At: at(time.Minute), RequestID: "r"}}, "", Sent, false, true},
		{"confirmed by the log", []any{listed(0), create, receipt, acknowledge, QueuedReceipt{At: at(time.Minute), RequestID: "r"}, AcknowledgedReceipt{At: at(time.Minute)}}, "", Sent, false, false},
		{"refused by the log: asked again, never held", []any{listed(0), create, receipt, acknowledge, QueuedReceipt{At: at(time.Minute), RequestID: "r"}, RefusedReceipt{At: at(-time.Minute), RequestID: "r", Text: "no"}}, Acknowledge, Sent, false, false},
		{"refused by the log, then seen acknowledged", []any{listed(0), create, receipt, acknowledge, RefusedReceipt{At: at(-time.Minute), Text: "no"}, listed(time.Hour, lifecycle("shipment_pending", "acknowledged"))}, "", Sent, false, false},
		{"acknowledged by somebody else after creation", []any{listed(0), create, receipt, listed(time.Hour, lifecycle("shipment_pending", "acknowledged"))}, "", Sent, false, false},
		{"acknowledged by somebody else before creation: still ours to create", []any{listed(0), listed(time.Hour, lifecycle("shipment_pending", "acknowledged"))}, Create, Received, false, false},
		{"cancelled before creation", []any{listed(0), listed(time.Hour, cancelled)}, "", Cancelled, false, false},
		{"cancelled by lines only", []any{listed(0), listed(time.Hour, func(s *InDSCO) { s.Lines[0].Cancelled, s.Lines[1].Rejected = 2, 1 })}, "", Cancelled, false, false},
		{"one line cancelled: the rest is created", []any{listed(0), listed(time.Hour, func(s *InDSCO) { s.Lines[0].Cancelled = 2 })}, Create, Received, false, false},
		{"cancelled while its creation is in doubt: looked for first", []any{listed(0), create, listed(far, cancelled)}, "", Cancelled, false, true},

		{"a begun create is a doubt", []any{listed(0), create}, "", Received, false, true},
		{"a list too young proves nothing", []any{listed(0), create, inStore(20 * time.Second)}, "", Received, false, true},
		{"a settled list without it: created again", []any{listed(0), create, inStore(time.Minute)}, Create, Received, false, false},
		{"a young list that has it settles the doubt", []any{listed(0), create, inStore(5*time.Second, whole(52, "awaiting_shipment"))}, Acknowledge, Sent, false, false},
		{"found in the store without a write of ours: adopted", []any{listed(0), inStore(0, whole(52, "on_hold"))}, Acknowledge, Sent, false, false},
		{"found twice, one live", []any{listed(0), inStore(0, whole(52, "cancelled"), whole(53, "awaiting_shipment"))}, Acknowledge, Sent, false, false},
		{"found twice, both live: held", []any{listed(0), inStore(0, whole(52, "awaiting_shipment"), whole(53, "awaiting_shipment"))}, "", Received, true, false},
		{"found twice, none live: held", []any{listed(0), inStore(0, whole(52, "cancelled"), whole(53, "cancelled"))}, "", Received, true, false},
		{"only split parts are left", []any{listed(0), inStore(0, Ref{ID: 60, Number: "1-1", Child: true})}, Acknowledge, Sent, false, false},

		{"refused in company goes on at once", []any{listed(0), create, Note{Write: create}}, Create, Received, false, false},
		{"refused alone is held", []any{listed(0), create, Note{Write: create, Held: true, Text: "no country"}}, "", Received, true, false},
		{"a held create whose DSCO order changed is tried again", []any{listed(0), create, Note{Write: create, Held: true, Text: "no country"}, listed(time.Hour, func(s *InDSCO) { s.DSCO.Address, s.DSCO.Updated = "a2", s.Began })}, Create, Received, false, false},
		{"a held create that is found in the store is needless", []any{listed(0), create, Note{Write: create, Held: true, Text: "x"}, inStore(time.Hour, whole(52, "awaiting_shipment"))}, Acknowledge, Sent, false, false},
		{"a held create whose order is cancelled is closed", []any{listed(0), create, Note{Write: create, Held: true, Text: "x"}, listed(time.Hour, cancelled)}, "", Cancelled, false, false},
		{"no clear answer is a doubt", []any{listed(0), create, uncertain(create, true)}, "", Received, false, true},
		{"no clear answer alone five times is held", []any{listed(0), create, uncertain(create, true), uncertain(create, true), uncertain(create, true), uncertain(create, true), uncertain(create, true)}, "", Received, true, true},
		{"in company it never is", []any{listed(0), create, uncertain(create, false), uncertain(create, false), uncertain(create, false), uncertain(create, false), uncertain(create, false)}, "", Received, false, true},
		{"an acknowledgement never is", []any{listed(0), create, receipt, acknowledge, uncertain(acknowledge, true), uncertain(acknowledge, true), uncertain(acknowledge, true), uncertain(acknowledge, true), uncertain(acknowledge, true)}, "", Sent, false, true},

		{"a list older than our acknowledgement proves nothing", []any{listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)}, listed(80 * time.Second)}, "", Sent, false, false},
		{"an older list does not take back what was seen", []any{listed(0), create, receipt, listed(far, lifecycle("shipped", "completed")), listed(2 * time.Hour)}, "", Shipped, false, false},
		{"a settled list that shows it unacknowledged: asked again", []any{listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)}, listed(far)}, Acknowledge, Sent, false, false},
		{"a list too young can still add a cancellation", []any{listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)}, listed(80*time.Second, cancelled)}, CancelShipStation, Cancelled, false, false},

		{"shipped by somebody else in part, not in ShipStation: held", []any{listed(0), listed(time.Hour, packed("1Z1"))}, "", Received, true, false},
		{"shipped by somebody else in whole", []any{listed(0), listed(time.Hour, packed("1Z1", "1Z2", "1Z3"))}, "", Shipped, false, false},
		{"completed", []any{listed(0), create, receipt, listed(far, lifecycle("shipped", "completed"))}, "", Shipped, false, false},
		{"a held create whose order is completed elsewhere is closed", []any{listed(0), create, Note{Write: create, Held: true, Text: "x"}, listed(time.Hour, lifecycle("shipped", "completed"))}, "", Shipped, false, false},
		{"gone and back again: created", []any{listed(0), Gone{At: at(2 * time.Hour)}, listed(3 * time.Hour)}, Create, Received, false, false},
		{"its only ShipStation order is cancelled: held, not acknowledged", []any{listed(0), inStore(0, whole(52, "cancelled"))}, "", Received, true, false},
		{"created by a write in doubt, then cancelled by a person: acknowledged, so that DSCO takes the cancellation", []any{listed(0), create, inStore(time.Hour, whole(52, "cancelled"))}, Acknowledge, Sent, false, false},
		{"dealt with by hand, then changed in DSCO: shown again, not created", []any{listed(0), create, Note{Write: create, Held: true, Text: "x"}, dismissed, listed(time.Hour, func(s *InDSCO) { s.DSCO.Service, s.DSCO.Updated = "s2", s.Began })}, "", Received, true, false},
		{"an old refusal of the log", []any{listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)}, RefusedReceipt{At: at(time.Hour), RequestID: "old", Text: "no"}}, "", Sent, false, false},
		{"a refusal of an older request than the one in doubt", []any{listed(0), create, receipt, acknowledge, QueuedReceipt{At: at(time.Minute), RequestID: "new"}, RefusedReceipt{At: at(time.Hour), RequestID: "old", Text: "no"}}, "", Sent, false, true},
		{"gone from DSCO for long: held", []any{listed(0), Gone{At: at(far)}}, "", Received, true, false},
		{"not visible yet", []any{listed(0), Gone{At: at(time.Minute)}}, Create, Received, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := fold(test.events...)
			w, _ := o.Next(Rules{Now: at(2 * far), Started: t0.Add(far * 2)})
			if w.Step != test.next || o.State() != test.state || o.Held() != test.held || (o.Intent != nil) != test.doubt {
				t.Errorf("next %q, state %q, held %t, doubt %t; want %q, %q, %t, %t\n%+v",
					w.Step, o.State(), o.Held(), o.Intent != nil, test.next, test.state, test.held, test.doubt, o)
			}
		})
	}
}

func TestAFailedWriteSitsOutItsRun(t *testing.T) {
	o := fold(listed(0), create, Note{Write: create, Text: "refused"})
	if w, ok := o.Next(Rules{Now: at(time.Minute), Started: t0}); ok {
		t.Errorf("planned %v again in the run it failed in", w)
	}
	if _, ok := o.Next(Rules{Now: at(time.Hour), Started: at(time.Hour)}); !ok {
		t.Error("not planned in the next run")
	}
}

func TestTriesShrinkAndSurvive(t *testing.T) {
	o := fold(listed(0), create, Note{Write: create}, create, Note{Write: create}, create, uncertain(create, true), inStore(time.Hour))
	if n := o.Note(create); n.Tries != 3 || n.Alone != 1 {
		t.Errorf("tries %d, alone %d; want 3 and 1", n.Tries, n.Alone)
	}
}

func TestRetryAndDismiss(t *testing.T) {
	held := fold(listed(0), create, Note{Write: create, Held: true, Text: "x"})
	again, err := held.Retry(at(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if w, _ := again.Next(Rules{Now: at(time.Hour), Started: at(time.Hour)}); w != create || again.Held() {
		t.Errorf("after retry: next %v, held %t", w, again.Held())
	}
	if _, err := again.Retry(at(time.Hour)); err == nil {
		t.Error("retried an order that is not held")
	}
	if _, err := again.Dismiss("done", at(time.Hour)); err == nil {
		t.Error("dismissed an order with nothing to dismiss")
	}
	silent, err := held.Dismiss("entered by hand", at(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := silent.Next(Rules{Now: at(2 * time.Hour), Started: at(2 * time.Hour)}); silent.Held() || ok {
		t.Error("a dismissed order still is held or planned")
	}
	if same := silent.See(listed(2 * time.Hour)); same.Dismissed == nil {
		t.Error("seeing nothing new ended the dismissal")
	}
	if news := silent.See(listed(2*time.Hour, func(s *InDSCO) { s.DSCO.Requested = true })); news.Dismissed != nil || !news.Held() {
		t.Error("something new did not end the dismissal")
	}
}

// A hold that is dismissed, and one that comes back because something new was seen, are told as what they are; what is in
// doubt is not held, and says so.
func TestDismissalIsTold(t *testing.T) {
	held := fold(listed(0), create, Note{Write: create, Held: true, Text: "no city", Hint: "look"})
	silent := dismissed(held)
	back := silent.See(listed(2*time.Hour, func(s *InDSCO) { s.DSCO.Service, s.DSCO.Updated = "s2", s.Began }))
	asked := silent.See(listed(2*time.Hour, func(s *InDSCO) {
		s.DSCO.Address, s.DSCO.Requested, s.DSCO.Updated = "a2", true, s.Began
	}))
	shipped := silent.See(listed(2*time.Hour, func(s *InDSCO) { s.DSCO.Packages, s.DSCO.Updated = []Package{{Number: "1Z"}}, s.Began }))
	for _, c := range []struct {
		before, after Order
		want          []Change
	}{
		{held, silent, []Change{{Level: "info", Text: "dismissed: entered by hand"}}},
		{silent, back, []Change{{Level: "error", Step: Create, Text: "held: create: no city (it was dismissed, but something new was seen of it: the shipping service)", Hint: "look"}}},
		{silent, asked, []Change{
			{Level: "warn", Text: "the retailer asks to cancel it: to accept, cancel it in ShipStation; else ship it, or refuse in DSCO's portal"},
			{Level: "error", Step: Create, Text: "held: create: no city (it was dismissed, but something new was seen of it: the ship-to address, a request to cancel it)", Hint: "look"},
		}},
		{silent, shipped, []Change{{Level: "error", Step: Create, Text: "held: create: DSCO already has a parcel for this order, but ShipStation has no order",
			Hint: "if what is left is to be shipped from ShipStation, run: dscosync retry 1; else: dscosync dismiss 1 --reason TEXT"}}},
	} {
		if diff := cmp.Diff(c.want, Changes(c.before, c.after)); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := fold(listed(0), create).Retry(at(time.Hour)); err == nil || err.Error() != "order 1 is not held: its last create got no clear answer, and the next run looks whether it was done" {
		t.Error(err)
	}
}

func TestChangedInDSCO(t *testing.T) {
	change := func(s *InDSCO) { s.DSCO.Address, s.DSCO.Service, s.DSCO.Updated = "a2", "s2", at(time.Hour) }
	o := fold(listed(0), create, receipt, listed(time.Hour, change))
	if len(o.Notices) != 1 || o.Notices[0].Code != "changed" {
		t.Fatalf("notices: %+v", o.Notices)
	}
	want := "changed in DSCO after it was sent to ShipStation: the ship-to address, the shipping service. Compare both sides and correct the ShipStation order by hand"
	if diff := cmp.Diff(want, o.Notices[0].Text); diff != "" {
		t.Error(diff)
	}
	if again := o.See(listed(2*time.Hour, change)); again.Updated != o.Updated {
		t.Error("the same change was noticed twice")
	}
	both := o.See(listed(2*time.Hour, change, func(s *InDSCO) { s.DSCO.Content, s.DSCO.Updated = "c2", at(2*time.Hour) }))
	if len(both.Notices) != 1 || !strings.Contains(both.Notices[0].Text, "the ship-to address, ") || !strings.Contains(both.Notices[0].Text, "the lines") {
		t.Errorf("a second change hides the first: %+v", both.Notices)
	}
	if early := fold(listed(0), listed(time.Hour, change)); len(early.Notices) > 0 {
		t.Error("a change before creation is no notice")
	}
}

func TestFinished(t *testing.T) {
	for _, test := range []struct {
		name     string
		o        Order
		finished bool
	}{
		{"cancelled before creation", fold(listed(0), listed(time.Hour, cancelled)), true},
		{"cancelled while ShipStation's order is live", fold(listed(0), create, receipt, listed(time.Hour, cancelled)), false},
		{"cancelled on both sides", fold(listed(0), inStore(0, whole(52, "cancelled")), listed(time.Hour, cancelled)), true},
		{"sent", fold(listed(0), create, receipt), false},
		{"shipped", fold(listed(0), create, receipt, listed(24*time.Hour, lifecycle("shipped", "completed"))), true},
		{"open again", fold(listed(0), listed(time.Hour, cancelled), listed(2*time.Hour, lifecycle("created", "created"))), false},
	} {
		if got := !test.o.Finished.IsZero(); got != test.finished {
			t.Errorf("%s: finished %t, want %t", test.name, got, test.finished)
		}
	}
}

func TestNothingNewChangesNothing(t *testing.T) {
	o := fold(listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)}, listed(24*time.Hour, lifecycle("shipment_pending", "acknowledged")), inStore(24*time.Hour, whole(52, "awaiting_shipment")))
	same := o.See(listed(48*time.Hour, func(s *InDSCO) {
		s.DSCO.Status, s.DSCO.Lifecycle, s.DSCO.Updated = "shipment_pending", "acknowledged", at(24*time.Hour)
	})).See(inStore(48*time.Hour, whole(52, "awaiting_shipment")))
	if diff := cmp.Diff(o, same); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameWordOfTheLogChangesNothing(t *testing.T) {
	o := fold(listed(0), create, receipt, acknowledge, QueuedReceipt{At: at(time.Minute), RequestID: "r"}, AcknowledgedReceipt{At: at(time.Minute), RequestID: "r"})
	if diff := cmp.Diff(o, o.See(AcknowledgedReceipt{At: at(time.Hour), RequestID: "r"})); diff != "" {
		t.Error(diff)
	}
}

func TestClamp(t *testing.T) {
	ahead := at(30 * 24 * time.Hour) // what the clock said
	o := fold(listed(0), create, receipt)
	dates := func(o *Order) []*time.Time {
		return []*time.Time{&o.WroteDSCO, &o.WroteShipStation, &o.Looked, &o.LookedStore, &o.Lost, &o.HeldSince, &o.Received, &o.Acknowledged, &o.Updated}
	}
	for _, d := range dates(&o) {
		*d = ahead
	}
	o.Intent, o.Notes = &Intent{Write: acknowledge, At: ahead}, []Note{{Write: acknowledge, At: ahead, Held: true, Text: "x"}}
	want := o
	for _, d := range dates(&want) {
		*d = t0
	}
	want.Intent, want.Notes = &Intent{Write: acknowledge, At: t0}, []Note{{Write: acknowledge, At: t0, Held: true, Text: "x"}}
	if diff := cmp.Diff(want, o.Clamp(t0)); diff != "" {
		t.Error(diff)
	}
	if !o.Notes[0].At.Equal(ahead) || !o.Intent.At.Equal(ahead) {
		t.Error("the version before it was changed, too")
	}
	if diff := cmp.Diff(o, o.Clamp(ahead.Add(time.Hour))); diff != "" {
		t.Error(diff)
	}
	o.Intent = nil
	if got := o.Clamp(t0); got.Intent != nil {
		t.Errorf("a doubt that is none: %+v", got.Intent)
	}
}

func TestAlarms(t *testing.T) {
	rules := Rules{Now: at(5 * time.Hour), AcknowledgeAlarm: 4 * time.Hour, ShipByAlarm: 24 * time.Hour, TrackingAlarm: 2 * time.Hour, ShipDelay: 30 * time.Minute}
	off := Rules{Now: rules.Now}
	codes := func(o Order, r Rules) (codes []string) {
		for _, a := range o.Alarms(r) {
			codes = append(codes, a.Code)
		}
		return codes
	}
	due := func(d time.Duration) func(*InDSCO) { return func(s *InDSCO) { s.DSCO.ShipBy = at(d) } }
	by := func(d time.Duration) func(*InDSCO) { return func(s *InDSCO) { s.DSCO.AcknowledgeBy = at(d) } }
	made := func(d time.Duration) InParcels {
		p := label(7, "1ZA", Packed{1, 2}, Packed{2, 1})
		p.Created = at(d)
		return parcels(3*time.Hour, p)
	}
	gone := fold(listed(0), create, receipt, listed(time.Hour, cancelled), LostReceipt{At: at(2 * time.Hour), Ref: 52})
	for _, test := range []struct {
		name  string
		o     Order
		rules Rules
		want  []string
	}{
		{"not acknowledged for long", fold(listed(0), create, receipt), rules, []string{"unacknowledged"}},
		{"not acknowledged for just so long", fold(listed(time.Hour), create, receipt), rules, nil},
		{"not yet created for long", fold(listed(0)), rules, nil},
		{"acknowledged", fold(listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)}), rules, nil},
		{"not acknowledged for long, without such an alarm", fold(listed(0), create, receipt), off, nil},
		{"ship-by near", fold(listed(0, due(20*time.Hour))), rules, []string{"ship-soon"}},
		{"ship-by just not near", fold(listed(0, due(29*time.Hour))), rules, nil},
		{"ship-by past", fold(listed(0, due(time.Hour))), rules, []string{"ship-late"}},
		{"ship-by far", fold(listed(0, due(72*time.Hour))), rules, nil},
		{"ship-by past, and dealt with by hand", fold(listed(0, due(time.Hour)), Note{Write: create, Held: true, Text: "x"}, dismissed), rules, nil},
		{"ship-by past, and shipped", fold(listed(0, due(time.Hour), lifecycle("shipped", "completed"))), rules, nil},
		{"cancelled", fold(listed(0, due(time.Hour), cancelled)), rules, nil},
		{"cancelled, but open in ShipStation", fold(listed(0), create, receipt, listed(time.Hour, cancelled)), rules, []string{"cancelled-open"}},
		{"cancelled, and ShipStation has it no more", gone, rules, nil},
		{"acknowledge-by past", fold(listed(0, by(time.Hour))), rules, []string{"acknowledge-late"}},
		{"acknowledge-by to come", fold(listed(0, by(6*time.Hour))), rules, nil},
		{"acknowledge-by past, and acknowledged", fold(listed(0, by(time.Hour), acknowledgedIn)), rules, nil},
		{"a parcel not told for long", fold(listed(0, acknowledgedIn), inStore(0, whole(52, "shipped")), made(2*time.Hour)), rules, []string{"untold"}},
		{"not told for just so long after its time", fold(listed(0, acknowledgedIn), inStore(0, whole(52, "shipped")), made(150*time.Minute)), rules, nil},
		{"not told for long, without such an alarm", fold(listed(0, acknowledgedIn), inStore(0, whole(52, "shipped")), made(2*time.Hour)), off, nil},
		{"of an order that waits to be acknowledged", fold(listed(4*time.Hour), inStore(0, whole(52, "shipped")), made(2*time.Hour)), rules, nil},
	} {
		if diff := cmp.Diff(test.want, codes(test.o, test.rules)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// An order that was acknowledged and is then cancelled stays acknowledged: how it ended does not tell of that any more.
func TestCancelledStaysAcknowledged(t *testing.T) {
	before := fold(listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)})
	after := before.See(listed(24*time.Hour, cancelled))
	if after.Acknowledged != before.Acknowledged || after.State() != Cancelled {
		t.Errorf("acknowledged %v, %s", after.Acknowledged, after.State())
	}
	for _, c := range Changes(before, after) {
		if c.Level != "info" {
			t.Errorf("%s: %s", c.Level, c.Text)
		}
	}
}

// An acknowledgement that DSCO confirmed and does not show is asked for again, and that is said.
func TestAcknowledgementLost(t *testing.T) {
	before := fold(listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(time.Minute)})
	got := Changes(before, before.See(listed(24*time.Hour)))
	want := []Change{{Level: "warn", Text: "DSCO shows it as not acknowledged although it had said so; asked again"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What the rules of a run let pass, and what they keep waiting. The order has two units of line 1 and one of line 2.
func TestNextUnderRules(t *testing.T) {
	const day = 24 * time.Hour
	all := []Packed{{1, 2}, {2, 1}}
	is := func(id int64, status string, lines ...Packed) Ref {
		r := whole(id, status)
		r.Child, r.Lines = id != 52, lines
		if !r.Live() {
			r.Since = at(2 * time.Hour)
		}
		return r
	}
	shows := func(when time.Duration, change ...func(*InDSCO)) InDSCO {
		return listed(when, append([]func(*InDSCO){acknowledgedIn}, change...)...)
	}
	less := func(s *InDSCO) { s.Lines[0].Cancelled = 1 }
	created := []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: is(52, "awaiting_shipment", all...)}}
	sent := slices.Concat(created, []any{shows(time.Hour)})
	dropped := slices.Concat(sent, []any{inStore(2*time.Hour, is(52, "cancelled", all...))})
	parcel := parcels(3*time.Hour, label(7, "1ZA", all...))
	asks, lost := func(s *InDSCO) { s.DSCO.Requested = true }, LostReceipt{At: at(5 * time.Hour), Ref: 52}
	suspended := slices.Concat(sent, []any{shows(2*time.Hour, asks), SuspendedReceipt{At: at(2 * time.Hour), Ref: 52}, shows(3 * time.Hour)})
	suspend, resume := Write{Step: Suspend, Ref: 52}, Write{Step: Resume, Ref: 52}
	ship, tell, correct := Write{Step: Ship, Parcel: 7}, Write{Step: CancelDSCO}, Write{Step: CancelShipStation, Ref: 52}
	guarded := Note{Write: tell, Code: Guarded, Held: true, Text: "too many at once"}
	early := is(53, "cancelled", Packed{1, 1})
	early.Since = at(-time.Hour)
	for _, test := range []struct {
		name   string
		events []any
		rules  Rules
		want   Write
	}{
		{"only what the stage is for", []any{listed(0)}, Rules{Steps: []Step{Acknowledge, Ship}}, Write{}},
		{"the first of what the stage is for", slices.Concat(created, []any{parcel}), Rules{Steps: []Step{Ship, Acknowledge}}, acknowledge},
		{"no parcel before the order is acknowledged", slices.Concat(created, []any{parcel}), Rules{Steps: []Step{Ship}}, Write{}},
		{"nor when that has just failed", slices.Concat(created, []any{parcel, Note{Write: acknowledge, Text: "no"}}), Rules{Started: at(3 * time.Hour)}, Write{}},
		{"no parcel while it is not known which ShipStation order is its own", []any{shows(0), inStore(time.Hour, whole(52, "awaiting_shipment"), whole(53, "awaiting_shipment")), parcels(3*time.Hour, label(7, "1ZA", all...))}, Rules{}, Write{}},

		{"a cancellation in ShipStation that is too young: parts may not be listed yet", dropped, Rules{Now: at(2*time.Hour + 4*time.Minute), Lag: 5 * time.Minute}, Write{}},
		{"that is old enough", dropped, Rules{Now: at(2*time.Hour + 5*time.Minute), Lag: 5 * time.Minute}, tell},
		{"from before the ledger was made: DSCO may not show yet that it was told", dropped, Rules{Now: at(4 * time.Hour), Blank: at(3 * time.Hour), Clear: at(5 * time.Hour)}, Write{}},
		{"when DSCO would show it", dropped, Rules{Now: at(5 * time.Hour), Blank: at(3 * time.Hour), Clear: at(5 * time.Hour)}, tell},
		{"from after it, though another part was cancelled long before", []any{shows(0), inStore(time.Hour, is(52, "awaiting_shipment", all...), early), inStore(2*time.Hour, is(52, "cancelled", all...))},
			Rules{Now: at(3 * time.Hour), Blank: at(90 * time.Minute), Clear: at(5 * time.Hour)}, tell},

		{"a hold for the retailer's request", slices.Concat(sent, []any{shows(2*time.Hour, asks)}), Rules{HoldOnRequest: true}, suspend},
		{"unless the settings want none", slices.Concat(sent, []any{shows(2*time.Hour, asks)}), Rules{}, Write{}},
		{"or ShipStation has the order no more", slices.Concat(sent, []any{shows(2*time.Hour, asks), lost}), Rules{HoldOnRequest: true}, Write{}},
		{"its release, whatever the settings want now", suspended, Rules{}, resume},
		{"unless ShipStation has the order no more", slices.Concat(suspended, []any{lost}), Rules{}, Write{}},
		{"a correction, unless ShipStation has the order no more", slices.Concat(sent, []any{shows(2*time.Hour, less), lost}), Rules{}, Write{}},

		{"a correction, whatever became of another write", slices.Concat(created, []any{Note{Write: acknowledge, Text: "no"}, listed(2*time.Hour, less)}), Rules{}, correct},
		{"a correction that failed in an earlier run", slices.Concat(sent, []any{shows(2*time.Hour, less), Note{Write: correct, Text: "no"}}), Rules{}, correct},
		{"a correction that failed in this run", slices.Concat(sent, []any{shows(2*time.Hour, less), Note{Write: correct, Text: "no"}}), Rules{Started: at(2 * time.Hour)}, Write{}},
		{"a cancellation of what no parcel has, though the parcel is held", slices.Concat(sent, []any{inStore(2*time.Hour, is(52, "awaiting_shipment", Packed{1, 2}), is(53, "cancelled", Packed{2, 1})),
			parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2})), Note{Write: ship, Held: true, Text: "no"}}), Rules{}, tell},

		{"what the guard keeps back", slices.Concat(dropped, []any{guarded}), Rules{}, Write{}},
		{"unless a person says so", slices.Concat(dropped, []any{guarded}), Rules{Force: true}, tell},
		{"but not what was dealt with by hand", slices.Concat(dropped, []any{guarded, dismissed}), Rules{Force: true}, Write{}},
		{"nor what failed in this run", slices.Concat(dropped, []any{guarded}), Rules{Force: true, Started: at(2 * time.Hour)}, Write{}},
		{"nor what is held for another reason", slices.Concat(dropped, []any{Note{Write: tell, Held: true, Text: "DSCO says that it is too late"}}), Rules{Force: true}, Write{}},

		{"a parcel whose carrier is not known, in a later run", slices.Concat(sent, []any{parcel, Note{Write: ship, Code: Unmapped, Held: true, Text: "which carrier?"}}), Rules{}, ship},
		{"and in the run that found it", slices.Concat(sent, []any{parcel, Note{Write: ship, Code: Unmapped, Held: true, Text: "which carrier?"}}), Rules{Started: at(3 * time.Hour)}, Write{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.rules.Now.IsZero() {
				test.rules.Now = at(2 * day)
			}
			if test.rules.Started.IsZero() {
				test.rules.Started = test.rules.Now
			}
			o := fold(test.events...)
			if w, _ := o.Next(test.rules); w != test.want {
				t.Errorf("next %v, want %v\n%+v", w, test.want, o)
			}
		})
	}
}

// Who has to look at an order: tracking until it is shipped, cancellations as long as anything of it is open, and everybody
// as long as a write of it is in doubt.
func TestWhoWantsAnOrder(t *testing.T) {
	done := lifecycle("shipped", "completed")
	for _, test := range []struct {
		name   string
		events []any
		want   string
	}{
		{"new", []any{listed(0)}, "create"},
		{"in ShipStation", []any{listed(0), create, receipt}, "acknowledge track cancel"},
		{"acknowledged before it is created", []any{listed(0, acknowledgedIn)}, "create"},
		{"acknowledged", []any{listed(0), create, receipt, listed(time.Hour, acknowledgedIn)}, "track cancel"},
		{"acknowledged, and a write is in doubt", []any{listed(0), create, receipt, listed(time.Hour, acknowledgedIn), Write{Step: Ship, Parcel: 7}}, "create acknowledge track cancel"},
		{"shipped elsewhere, while it is open in ShipStation: held", []any{listed(0), create, receipt, listed(time.Hour, done, func(s *InDSCO) { s.DSCO.Packages = []Package{{Number: "1ZX"}} })}, "cancel"},
		{"shipped", []any{listed(0), create, receipt, listed(time.Hour, done)}, ""},
		{"shipped, never created", []any{listed(0), listed(time.Hour, done)}, ""},
		{"cancelled in DSCO, open in ShipStation", []any{listed(0), create, receipt, listed(time.Hour, cancelled)}, "cancel"},
		{"cancelled in DSCO, and its creation is in doubt", []any{listed(0), create, listed(time.Hour, cancelled)}, "create acknowledge track cancel"},
		{"cancelled on both sides", []any{listed(0), inStore(0, whole(52, "cancelled")), listed(time.Hour, cancelled)}, ""},
	} {
		o, who := fold(test.events...), []string(nil)
		for _, look := range []struct {
			name  string
			steps []Step
		}{{"create", []Step{Create}}, {"acknowledge", []Step{Acknowledge}}, {"track", []Step{Ship}}, {"cancel", []Step{CancelShipStation, CancelDSCO, Suspend, Resume}}} {
			if o.Wants(look.steps...) {
				who = append(who, look.name)
			}
		}
		if got := strings.Join(who, " "); got != test.want {
			t.Errorf("%s: wanted by %q, want %q\n%+v", test.name, got, test.want, o)
		}
	}
}

// Each write is dated on the side it goes to, when it is begun and when it gets no clear answer: looks older than that
// prove nothing there.
func TestAWriteIsDatedOnItsSide(t *testing.T) {
	for step, dsco := range map[Step]bool{Create: false, CancelShipStation: false, Suspend: false, Resume: false, Acknowledge: true, Ship: true, CancelDSCO: true} {
		begun := Order{ID: "1"}.Begin(Write{Step: step}, at(time.Hour))
		doubtful := begun.Doubt(Note{Write: Write{Step: step}, Text: "no clear answer"}, at(2*time.Hour))
		for when, o := range map[time.Duration]Order{time.Hour: begun, 2 * time.Hour: doubtful} {
			wrote, other := o.WroteShipStation, o.WroteDSCO
			if dsco {
				wrote, other = other, wrote
			}
			if !wrote.Equal(at(when)) || !other.IsZero() {
				t.Errorf("%s: %v, and on the other side %v; want %v and none", step, wrote, other, at(when))
			}
		}
	}
}

// A write without a clear answer may have been done until then: what would show one of when it was begun does not settle
// it. It stays what it was begun as, even when more was cancelled meanwhile.
func TestDoubtLastsUntilItsAnswerFailed(t *testing.T) {
	ref := whole(52, "cancelled")
	ref.Lines = []Packed{{1, 2}, {2, 1}}
	tell := Write{Step: CancelDSCO}
	begun := fold(listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: ref}, listed(time.Hour, acknowledgedIn)).Begin(tell, at(2*time.Hour))
	o := begun.Doubt(Note{Write: tell, Text: "no clear answer", At: at(3 * time.Hour)}, at(3*time.Hour))
	want := &Intent{Write: tell, At: at(3 * time.Hour), Lines: ref.Lines}
	if diff := cmp.Diff(want, o.Intent); diff != "" {
		t.Error(diff)
	}
	if early := o.See(listed(3*time.Hour, acknowledgedIn)); early.Intent == nil {
		t.Error("settled by a list that may not show it yet")
	}
	if late := o.See(listed(4*time.Hour, acknowledgedIn)); late.Intent != nil {
		t.Error("not settled by a list that would show it")
	}
	if diff := cmp.Diff(&Intent{Write: create, At: t0}, (Order{ID: "1"}).Doubt(Note{Write: create}, t0).Intent); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&Intent{Write: acknowledge, At: at(3 * time.Hour)}, begun.Doubt(Note{Write: acknowledge}, at(3*time.Hour)).Intent); diff != "" {
		t.Error(diff)
	}
	if in := fold(listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: ref}, acknowledge).Intent; in.Lines != nil {
		t.Errorf("the acknowledgement is to tell of cancelled units: %+v", in)
	}
}

// Who has to look is told where, and nobody is told before it is due.
func TestBlameTellsWhereToLook(t *testing.T) {
	o := fold(listed(0), create)
	for n := 1; n <= 5; n++ {
		o = uncertain(create, true)(o)
		if note := o.Note(create); note.Held != (n == 5) || note.Held != strings.HasSuffix(note.Hint, "dscosync retry 1") {
			t.Errorf("after %d: %+v", n, note)
		}
	}
}

// A notice alone can be dismissed, too.
func TestDismissNotice(t *testing.T) {
	o := fold(listed(0), create, receipt, listed(time.Hour, func(s *InDSCO) { s.DSCO.Requested = true }))
	silent, err := o.Dismiss("the retailer was told", at(2*time.Hour))
	if o.Held() || len(o.Notices) != 1 || err != nil || silent.Dismissed == nil {
		t.Errorf("%v: %+v", err, silent)
	}
}

// When an order was finished, and since when it is held, are dated once, and a look that shows nothing new is no change.
func TestDatedOnce(t *testing.T) {
	o := fold(listed(0), listed(time.Hour, cancelled))
	if o = o.See(listed(2*time.Hour, cancelled)); !o.Finished.Equal(at(time.Hour)) {
		t.Errorf("finished %v, want %v", o.Finished, at(time.Hour))
	}
	o = fold(listed(0), Note{Write: create, Held: true, Text: "x"})
	since := o.HeldSince
	if o = o.See(listed(2 * time.Hour)); since.IsZero() || !o.HeldSince.Equal(since) || o.HeldFor != 0 {
		t.Errorf("held since %v and for %v before, want since %v", o.HeldSince, o.HeldFor, since)
	}
	if !o.Updated.Equal(since) {
		t.Errorf("changed %v, want %v, when it was held", o.Updated, since)
	}
	updated := o.Updated
	if o = o.See(Looked{At: at(5 * time.Hour)}); !o.Updated.Equal(updated) || !o.Looked.Equal(at(5*time.Hour)) {
		t.Errorf("changed %v by a look, looked %v", o.Updated, o.Looked)
	}
	o = fold(listed(0), create, receipt)
	updated = o.Updated
	for _, s := range []Sighting{FoundReceipt{At: at(24 * time.Hour), Ref: whole(52, "awaiting_shipment")}, FoundReceipt{At: at(48 * time.Hour), Ref: whole(52, "awaiting_shipment")}} {
		if o = o.See(s); !o.Updated.Equal(updated) || !o.LookedStore.Equal(s.when()) {
			t.Errorf("changed %v by a look in ShipStation, looked %v", o.Updated, o.LookedStore)
		}
	}
	if o = o.See(LostReceipt{At: at(72 * time.Hour), Ref: 52}); !o.Updated.Equal(at(72 * time.Hour)) {
		t.Errorf("changed %v, but it is missing since %v", o.Updated, at(72*time.Hour))
	}
}

// A call that was certainly not carried out leaves no doubt, and what it was to do is still to be done. What is said of
// another write settles none.
func TestNoDoubtIsLeft(t *testing.T) {
	rules := Rules{Now: at(time.Hour), Started: at(time.Hour)}
	if o := fold(listed(0), create).Undo(at(time.Minute)); o.Intent != nil {
		t.Errorf("in doubt: %+v", o.Intent)
	} else if w, _ := o.Next(rules); w != create {
		t.Errorf("next %v", w)
	}
	if o := fold(listed(0), create, Note{Write: acknowledge, Text: "no"}); o.Intent == nil || o.Intent.Write != create {
		t.Errorf("the doubt about its creation is gone: %+v", o.Intent)
	}
}

// Since when an order is cancelled does not depend on how often its correction in ShipStation was tried in vain.
func TestEnded(t *testing.T) {
	correct := Write{Step: CancelShipStation, Ref: 52}
	sent := []any{listed(0), create, receipt, listed(time.Hour, acknowledgedIn)}
	gone := slices.Concat(sent, []any{listed(2*time.Hour, func(s *InDSCO) { s.Lines[1].Cancelled = 1 }), listed(3*time.Hour, cancelled)})
	tried := slices.Concat(gone, []any{correct, Note{Write: correct, Text: "refused"}, correct, FoundReceipt{At: at(4 * time.Hour), Proves: at(4 * time.Hour), Ref: whole(52, "awaiting_shipment")}, listed(5*time.Hour, cancelled)})
	for _, test := range []struct {
		events []any
		want   time.Time
	}{
		{sent, time.Time{}},
		{gone[:len(gone)-1], time.Time{}},
		{gone, at(3 * time.Hour)},
		{tried, at(3 * time.Hour)},
		{slices.Concat(tried, []any{listed(6*time.Hour, acknowledgedIn)}), time.Time{}},
		{[]any{listed(0, func(s *InDSCO) { s.Lines, s.DSCO.Status = nil, "cancelled" })}, time.Time{}},
	} {
		o := fold(test.events...)
		if got := o.Ended(); !got.Equal(test.want) {
			t.Errorf("ended %v, want %v\n%+v", got, test.want, o)
		}
	}
}
