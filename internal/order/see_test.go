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
