package order

import (
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
	o := fold(listed(0), create, Note{Write: acknowledge, Text: "x"}, Looked{At: at(time.Hour)})
	for _, when := range []time.Time{o.Clamp(t0).Intent.At, o.Clamp(t0).Notes[0].At, o.Clamp(t0).Looked, o.Clamp(t0).WroteShipStation} {
		if when.After(t0) {
			t.Errorf("%v is after now", when)
		}
	}
	if diff := cmp.Diff(o, o.Clamp(at(2*time.Hour))); diff != "" {
		t.Error(diff)
	}
}

func TestAlarms(t *testing.T) {
	rules := Rules{Now: at(5 * time.Hour), AcknowledgeAlarm: 4 * time.Hour, ShipByAlarm: 24 * time.Hour}
	codes := func(o Order) (codes []string) {
		for _, a := range o.Alarms(rules) {
			codes = append(codes, a.Code)
		}
		return codes
	}
	due := func(d time.Duration) func(*InDSCO) { return func(s *InDSCO) { s.DSCO.ShipBy = at(d) } }
	for _, test := range []struct {
		name string
		o    Order
		want []string
	}{
		{"not acknowledged for long", fold(listed(0), create, receipt), []string{"unacknowledged"}},
		{"ship-by near", fold(listed(0, due(20*time.Hour))), []string{"ship-soon"}},
		{"ship-by past", fold(listed(0, due(time.Hour))), []string{"ship-late"}},
		{"ship-by far", fold(listed(0, due(72*time.Hour))), nil},
		{"cancelled", fold(listed(0, due(time.Hour), cancelled)), nil},
		{"cancelled, but open in ShipStation", fold(listed(0), create, receipt, listed(time.Hour, cancelled)), []string{"cancelled-open"}},
		{"acknowledge-by past", fold(listed(0, func(s *InDSCO) { s.DSCO.AcknowledgeBy = at(time.Hour) })), []string{"acknowledge-late"}},
	} {
		if diff := cmp.Diff(test.want, codes(test.o)); diff != "" {
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
