package order

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stored is the order as the ledger gives it back.
func stored(t *testing.T, o Order) (again Order) {
	t.Helper()
	text, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(text, &again)
	}
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// combined is an order whose ShipStation order took in another one, of which it holds lines, too.
func combined() Ref {
	r := holding("awaiting_shipment")
	r.Others, r.Merged = []ID{"2"}, []int64{52, 53}
	return r
}

// A row is the same in memory and in the ledger: else each run would find something new of an order that nothing happened to.
func TestTheLedgerKeepsAllOfIt(t *testing.T) {
	create := Write{Step: Create}
	asks := func(s *InDSCO) { acknowledgedIn(s); s.DSCO.Requested = true }
	for name, o := range map[string]Order{
		"its only note is past":   fold(listed(0), create, Note{Write: create, Held: true, Text: "x"}, inStore(time.Hour, whole(52, "awaiting_shipment"))),
		"its only notice is past": inWork(listed(2*time.Hour, asks), listed(3*time.Hour, acknowledgedIn)),
		"it has no lines":         fold(listed(0, func(s *InDSCO) { s.Lines = []Line{} })),
		"combined":                inWork(inStore(2*time.Hour, combined())),
		"adopted, and combined":   fold(listed(0), inStore(0, combined())),
		"over, and combined":      fold(listed(0, cancelled), inStore(0, combined())),
	} {
		if diff := cmp.Diff(o, stored(t, o)); diff != "" {
			t.Errorf("%s: -in memory +in the ledger\n%s", name, diff)
		}
	}
}

func TestDismissedUntilSomethingIsNew(t *testing.T) {
	asks := func(s *InDSCO) { acknowledgedIn(s); s.DSCO.Requested = true }
	less := func(s *InDSCO) { acknowledgedIn(s); s.Lines[0].Cancelled = 1 }
	silent := func(events ...any) func(*testing.T) Order {
		return func(t *testing.T) Order {
			o := inWork(append(events, Remarked{At: at(4 * time.Hour), Code: "number-1ZA", Text: "two labels"})...)
			return stored(t, dismissed(o))
		}
	}
	for _, c := range []struct {
		name  string
		o     func(*testing.T) Order
		seen  Sighting
		still bool
	}{
		{"nothing", silent(), listed(5*time.Hour, acknowledgedIn), true},
		{"a request that was known", silent(listed(2*time.Hour, asks)), listed(5*time.Hour, asks), true},
		{"and it is asked for no more", silent(listed(2*time.Hour, asks)), listed(5*time.Hour, acknowledgedIn), true},
		{"a request", silent(), listed(5*time.Hour, asks), false},
		{"a combination that was known", silent(inStore(2*time.Hour, combined())), inStore(5*time.Hour, combined()), true},
		{"a combination", silent(), inStore(5*time.Hour, combined()), false},
		{"a cancelled unit that was known", silent(listed(2*time.Hour, less)), listed(5*time.Hour, less), true},
		{"a cancelled unit", silent(), listed(5*time.Hour, less), false},
		{"all of it cancelled, without a word about the lines", silent(), listed(5*time.Hour, lifecycle("cancelled", "completed")), false},
	} {
		if o := c.o(t).See(c.seen); (o.Dismissed != nil) != c.still {
			t.Errorf("%s: still dismissed %t", c.name, o.Dismissed != nil)
		}
	}
}

// A list that may show the time before our own last write, or that shows an older version of the order than was seen
// before, takes nothing away: what it does not show, and its older words, prove nothing.
func TestAnOlderListTakesNothingAway(t *testing.T) {
	seen := listed(2*time.Hour, lifecycle("cancelled", "completed"), packedAs("1ZX", []Packed{{1, 1}}), func(s *InDSCO) {
		s.DSCO.Requested, s.DSCO.Address, s.DSCO.Content, s.DSCO.Service = true, "a2", "c2", "s2"
		s.Lines[0].Cancelled, s.Lines[0].Requested, s.Lines[1].Rejected = 1, true, 1
	})
	shows := func(when, updated time.Duration, change ...func(*InDSCO)) InDSCO {
		s := listed(when, append(change, acknowledgedIn)...)
		s.DSCO.Updated = at(updated)
		return s
	}
	same := func(s *InDSCO) { s.DSCO.Address, s.DSCO.Content, s.DSCO.Service = "a2", "c2", "s2" }
	o := inWork(parcels(90*time.Minute, label(7, "1ZA", Packed{1, 1})), Write{Step: Ship, Parcel: 7}, seen, ShippedReceipt{At: at(3 * time.Hour), Parcel: 7})
	for name, old := range map[string][]any{
		"begun just after our write":                   {shows(3*time.Hour+settle, 2*time.Hour, same)},
		"begun just after it, and older than the last": {shows(3*time.Hour+settle, time.Hour)},
		"begun late, but older than the last":          {shows(9*time.Hour, time.Hour)},
		"with a part of what is known":                 {shows(9*time.Hour, time.Hour, packedAs("1ZX", []Packed{{1, 1}}))},
		"after one that was still older":               {shows(9*time.Hour, time.Hour), shows(9*time.Hour, 90*time.Minute)},
	} {
		after := o
		for _, s := range old {
			after = after.See(s.(InDSCO))
		}
		if diff := cmp.Diff(o, after); diff != "" {
			t.Errorf("%s: -before +after\n%s", name, diff)
		}
	}
}

// What such a list shows is taken up as from any other.
func TestAnOlderListAdds(t *testing.T) {
	before := inWork(parcels(2*time.Hour, label(7, "1ZA", Packed{1, 1})), Write{Step: Ship, Parcel: 7}, ShippedReceipt{At: at(3 * time.Hour), Parcel: 7})
	for name, add := range map[string]func(*InDSCO){
		"cancelled, without a word about the lines": func(s *InDSCO) { s.DSCO.Status = "cancelled" },
		"cancelled units":          func(s *InDSCO) { s.Lines[0].Cancelled, s.Lines[1].Rejected = 1, 1 },
		"a request":                func(s *InDSCO) { s.DSCO.Requested, s.Lines[1].Requested = true, true },
		"completed":                func(s *InDSCO) { s.DSCO.Lifecycle = "completed" },
		"a parcel":                 packedAs("1ZX", []Packed{{1, 1}}),
		"a parcel in two packages": func(s *InDSCO) { packedAs("1ZX", []Packed{{1, 1}})(s); packedAs("1ZX", []Packed{{2, 1}})(s) },
		"a change":                 func(s *InDSCO) { s.DSCO.Address, s.DSCO.Updated = "a2", at(2*time.Hour) },
	} {
		shown := func(when time.Duration) Order {
			o := before.See(listed(when, acknowledgedIn, func(s *InDSCO) { s.DSCO.Updated = at(time.Hour) }, add))
			for i := range o.Lines {
				o.Lines[i].Closed = time.Time{}
			}
			return o
		}
		young, late := shown(3*time.Hour+settle), shown(3*time.Hour+2*settle)
		if cmp.Equal(before.DSCO, late.DSCO) && cmp.Equal(before.Lines, late.Lines) {
			t.Errorf("%s: nothing was added", name)
		}
		if diff := cmp.Diff(late.DSCO, young.DSCO) + cmp.Diff(late.Lines, young.Lines); diff != "" {
			t.Errorf("%s: -from a list that proves +from one that only adds\n%s", name, diff)
		}
	}
}

// A doubt about one parcel is settled by what is seen of that parcel: told a second time it would be two for DSCO.
func TestADoubtIsAboutOneParcel(t *testing.T) {
	ship := func(id int64) Write { return Write{Step: Ship, Parcel: id} }
	first, other := label(7, "1ZA", Packed{1, 1}), label(8, "1ZB", Packed{1, 1})
	doubt := inWork(parcels(2*time.Hour, first, other), ship(7))
	for name, s := range map[string]Sighting{
		"the other's label is voided":     parcels(3*time.Hour, voided(other, 3*time.Hour)),
		"DSCO has the other":              listed(2*time.Hour+settle, acknowledgedIn, packedAs("1ZB", other.Lines)),
		"an older version of the order":   listed(9*time.Hour, acknowledgedIn, func(s *InDSCO) { s.DSCO.Updated = at(30 * time.Minute) }),
		"begun before it was in doubt":    listed(2*time.Hour+settle, acknowledgedIn),
		"the log's word about some other": CancelledReceipt{At: at(3 * time.Hour), RequestID: "r"},
	} {
		if o := doubt.See(s); o.Intent == nil || o.Intent.Write != ship(7) {
			t.Errorf("%s: doubt %+v", name, o.Intent)
		}
	}
}

// What is found in the way of a write again is not news. What is told of it for the first time is.
func TestAHoldKeepsItsDate(t *testing.T) {
	first, second := at(time.Hour), at(2*time.Hour)
	for _, c := range []struct {
		name       string
		have, then Note
		want       time.Time
	}{
		{"the same hold", Note{Held: true, Text: "x"}, Note{Held: true, Text: "x"}, first},
		{"for another reason", Note{Held: true, Text: "x"}, Note{Held: true, Text: "y"}, second},
		{"held for what had only failed", Note{Text: "x"}, Note{Held: true, Text: "x"}, second},
		{"failed, no longer held", Note{Held: true, Text: "x"}, Note{Text: "x"}, second},
		{"failed again: it sits out this run, too", Note{Text: "x"}, Note{Text: "x"}, second},
	} {
		c.have.Write, c.have.At, c.then.Write, c.then.At = create, first, create, second
		o := fold(listed(0), create).Fail(c.have, first).Begin(create, second).Fail(c.then, second)
		if got := o.Note(create).At; !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	over := []any{parcels(2*time.Hour, label(7, "1ZA", Packed{1, 2}, Packed{2, 1})), listed(3*time.Hour, cancelled)}
	o := inWork(over...)
	if again := o.See(listed(4*time.Hour, cancelled, func(s *InDSCO) { s.DSCO.Updated = at(3 * time.Hour) })); !o.Held() || again.Differs(o) {
		t.Errorf("held %t; the conflict was found again, and it changed: %s", o.Held(), cmp.Diff(o, again))
	}
}

// DSCO's word that an order is past created counts as acknowledged, by whomever, and in whichever member it stands.
func TestPastCreated(t *testing.T) {
	for _, c := range []struct {
		status, lifecycle string
		want              bool
	}{
		{"created", "created", false}, {"created", "received", false}, {"created", "", false},
		{"shipment_pending", "created", true}, {"shipped", "received", true}, {"shipped", "", true},
		{"created", "acknowledged", true}, {"shipped", "completed", true},
		{"cancelled", "completed", false}, {"cancelled", "created", false},
	} {
		o := fold(listed(0, lifecycle(c.status, c.lifecycle)))
		if got := !o.Acknowledged.IsZero(); got != c.want {
			t.Errorf("%q, %q: acknowledged %t", c.status, c.lifecycle, got)
		}
	}
}

// A word that DSCO has never used before is kept as it came, unless it came instead of one that is known.
func TestUnknownWords(t *testing.T) {
	for _, c := range []struct{ was, is, want string }{
		{"", "packing", "packing"}, {"packing", "loading", "loading"}, {"created", "packing", "created"}, {"packing", "created", "created"},
		{"shipped", "created", "shipped"}, {"created", "shipped", "shipped"},
	} {
		o := fold(listed(0, func(s *InDSCO) { s.DSCO.Status = c.was }), listed(3*time.Hour, func(s *InDSCO) { s.DSCO.Status, s.DSCO.Updated = c.is, at(-2*time.Hour) }))
		if o.DSCO.Status != c.want {
			t.Errorf("%q, then %q in an older version: %q", c.was, c.is, o.DSCO.Status)
		}
	}
}

// A line is known by its number and its item. What we know of it is not another's.
func TestLinesAreKnownByNumberAndItem(t *testing.T) {
	twin := func(s *InDSCO) { acknowledgedIn(s); s.Lines[1].Item = s.Lines[0].Item }
	less := func(s *InDSCO) { twin(s); s.Lines[0].Cancelled, s.Lines[0].Reason = 1, "CXRR" }
	part := holding("awaiting_shipment")
	part.Lines = []Packed{{1, 1}, {2, 1}}
	o := inWork(listed(2*time.Hour, less), inStore(2*time.Hour, part))
	if l := o.Lines[0]; l.Carried != 1 {
		t.Fatalf("ShipStation knows of it, too: %+v", l)
	}
	o = o.See(listed(3*time.Hour, less))
	if diff := cmp.Diff([]Line{
		{Number: 1, Item: "11", SKU: "A", Ordered: 2, Cancelled: 1, Carried: 1, Reason: "CXRR"},
		{Number: 2, Item: "11", SKU: "B", Ordered: 1},
	}, o.Lines); diff != "" {
		t.Errorf("one item on two lines: %s", diff)
	}
	o = o.See(listed(4*time.Hour, twin, func(s *InDSCO) { s.Lines[0].Item, s.Lines[0].SKU, s.Lines[0].Ordered = "13", "C", 1 }))
	if diff := cmp.Diff([]Line{{Number: 1, Item: "13", SKU: "C", Ordered: 1}, {Number: 2, Item: "11", SKU: "B", Ordered: 1}}, o.Lines); diff != "" {
		t.Errorf("another item on the line: %s", diff)
	}
}

// What changed in DSCO has to be carried over by hand until a person says that it was: each member of it is named once.
func TestAllThatChanged(t *testing.T) {
	shows := func(hours int, address, content, service string) InDSCO {
		return listed(time.Duration(hours)*time.Hour, acknowledgedIn, func(s *InDSCO) {
			s.DSCO.Address, s.DSCO.Content, s.DSCO.Service = address, content, service
		})
	}
	told := Remarked{At: at(2 * time.Hour), Code: "number-1ZA", Text: "the lines of two parcels share a number"}
	for name, c := range map[string]struct {
		events []any
		want   string
	}{
		"one after the other":       {[]any{told, shows(3, "a2", "c1", "s1"), shows(4, "a2", "c1", "s2")}, "the shipping service, the ship-to address"},
		"the same one twice":        {[]any{shows(3, "a2", "c1", "s1"), shows(4, "a3", "c1", "s1")}, "the ship-to address"},
		"what was not known before": {[]any{func(o Order) Order { o.DSCO.Address, o.DSCO.Content = "", ""; return o }, shows(3, "a2", "c2", "s2")}, "the shipping service"},
	} {
		o := inWork(c.events...)
		want := "changed in DSCO after it was sent to ShipStation: " + c.want + ". Compare both sides and correct the ShipStation order by hand"
		if got := o.Notices[len(o.Notices)-1]; got.Code != "changed" || got.Text != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A change in DSCO ends the hold of a creation, not the turns that a failed one has to sit out, nor how often it failed.
func TestAChangeBeforeCreation(t *testing.T) {
	o := fold(listed(0), create, Note{Write: create, Text: "refused"}, listed(time.Hour, func(s *InDSCO) { s.DSCO.Address = "a2" }))
	if w, ok := o.Next(Rules{Now: at(time.Hour), Started: t0}); ok || o.Note(create).Tries != 1 {
		t.Errorf("next %v in the run it failed in, tries %d", w, o.Note(create).Tries)
	}
}

// What keeps an order from being created or acknowledged is past once it is over.
func TestOverEndsTheNotes(t *testing.T) {
	refused := []any{listed(0), create, receipt, acknowledge, RefusedReceipt{At: at(time.Minute), Text: "no"}}
	for name, change := range map[string]func(*InDSCO){"cancelled": cancelled, "shipped": lifecycle("shipped", "completed")} {
		if o := fold(append(refused, listed(time.Hour, change))...); len(o.Notes) > 0 {
			t.Errorf("%s: %+v", name, o.Notes)
		}
	}
	for name, change := range map[string]func(*InDSCO){
		"cancelled": func(s *InDSCO) { packed("1Z1")(s); cancelled(s) },
		"shipped":   func(s *InDSCO) { packed("1Z1")(s); lifecycle("shipped", "completed")(s) },
	} {
		if o := fold(listed(0), listed(time.Hour, change)); len(o.Notes) > 0 {
			t.Errorf("parcels in DSCO, and %s: %+v", name, o.Notes)
		}
	}
}

// Nobody knows yet whether the order was created when it changes in DSCO. If it was, then as it had been.
func TestChangedWhileItsCreationIsInDoubt(t *testing.T) {
	change := listed(time.Hour, func(s *InDSCO) { s.DSCO.Address, s.DSCO.Updated = "a2", s.Began })
	there := inStore(2*time.Hour, holding("awaiting_shipment"))
	for _, c := range []struct {
		name    string
		events  []any
		next    Write
		notices int
	}{
		{"it was", []any{listed(0), create, change, there}, acknowledge, 1},
		{"it was, and a list that began too early did not show it", []any{listed(0), create, change, inStore(settle), there}, acknowledge, 1},
		{"it was not", []any{listed(0), create, change, inStore(2 * time.Hour)}, create, 0},
		{"it was refused: it is created as it is now", []any{listed(0), create, Note{Write: create, Held: true, Text: "no city"}, change, create, CreatedReceipt{At: at(2 * time.Hour), Ref: holding("awaiting_shipment")}}, acknowledge, 0},
		{"it was, as is seen before the change", []any{listed(0), create, there, listed(3*time.Hour, func(s *InDSCO) { s.DSCO.Address, s.DSCO.Updated = "a2", s.Began })}, acknowledge, 1},
	} {
		o := fold(c.events...)
		if w := ran(o); w != c.next || len(o.Notices) != c.notices || c.notices > 0 && o.Notices[0].Code != "changed" {
			t.Errorf("%s: next %v, notices %+v", c.name, w, o.Notices)
		}
	}
}
