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
