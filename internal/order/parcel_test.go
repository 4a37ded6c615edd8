package order

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func label(id int64, number string, lines ...Packed) Parcel {
	return Parcel{ID: id, Number: number, Created: at(2 * time.Hour).Add(time.Duration(id) * time.Second), Lines: lines}
}

func parcels(when time.Duration, all ...Parcel) InParcels {
	return InParcels{Began: at(when), Parcels: all}
}

func voided(p Parcel, when time.Duration) Parcel {
	p.Voided = at(when)
	return p
}

// The order that these parcels are of has two units of line 1 and one of line 2, is in ShipStation and acknowledged.
func TestNextParcel(t *testing.T) {
	const late = 100 * time.Hour
	first, second := label(7, "1ZA", Packed{1, 2}, Packed{2, 1}), label(8, "1ZB", Packed{1, 2}, Packed{2, 1})
	part, rest := label(7, "1ZA", Packed{1, 1}), label(8, "1ZB", Packed{1, 1}, Packed{2, 1})
	tomorrow := first
	tomorrow.Ships = at(50 * time.Hour)
	unclear := Parcel{ID: 9, Number: "1ZC", Created: at(time.Hour), Unclear: "it has no items"}
	ship := func(id int64) Write { return Write{Step: Ship, Parcel: id} }
	told := func(id int64) ShippedReceipt { return ShippedReceipt{At: at(4 * time.Hour), Parcel: id} }
	lost := []any{parcels(3*time.Hour, first), ship(7), parcels(4*time.Hour, voided(first, 4*time.Hour), second)}
	for _, test := range []struct {
		name    string
		events  []any
		rules   Rules
		next    Write
		lines   []Packed // that it is told of
		state   State
		held    bool
		notices int
	}{
		{"nothing seen", nil, Rules{}, Write{}, nil, Sent, false, 0},
		{"a parcel", []any{parcels(3*time.Hour, first)}, Rules{}, ship(7), first.Lines, Sent, false, 0},
		{"a part", []any{parcels(3*time.Hour, part), ship(7), told(7)}, Rules{}, Write{}, nil, Sent, false, 0},
		{"both parts: the earlier first", []any{parcels(3*time.Hour, rest, part)}, Rules{}, ship(7), part.Lines, Sent, false, 0},
		{"and then the other", []any{parcels(3*time.Hour, rest, part), ship(7), told(7)}, Rules{}, ship(8), rest.Lines, Sent, false, 0},
		{"all told", []any{parcels(3*time.Hour, rest, part), ship(7), told(7), ship(8), told(8)}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"in doubt", []any{parcels(3*time.Hour, first), ship(7)}, Rules{}, Write{}, nil, Sent, false, 0},
		{"in doubt, and DSCO has it", []any{parcels(3*time.Hour, first), ship(7), listed(late, acknowledgedIn, packedAs("1za", first.Lines))}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"in doubt, and DSCO would show it", []any{parcels(3*time.Hour, first), ship(7), listed(late, acknowledgedIn)}, Rules{}, ship(7), first.Lines, Sent, false, 0},
		{"in doubt, and DSCO may not show it yet", []any{parcels(3*time.Hour, first), ship(7), listed(3*time.Hour+10*time.Second, acknowledgedIn)}, Rules{}, Write{}, nil, Sent, false, 0},
		{"refused: held", []any{parcels(3*time.Hour, first), ship(7), Note{Write: ship(7), Held: true, Text: "no"}}, Rules{}, Write{}, nil, Sent, true, 0},
		{"refused: held, and a list shows it again", []any{parcels(3*time.Hour, first), ship(7), Note{Write: ship(7), Held: true, Text: "no"}, parcels(4*time.Hour, first)}, Rules{}, Write{}, nil, Sent, true, 0},
		{"refused: held, and entered in the portal", []any{parcels(3*time.Hour, first), ship(7), Note{Write: ship(7), Held: true, Text: "no"}, listed(late, acknowledgedIn, packedAs("1ZA", first.Lines))}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"in doubt, and DSCO has it already", []any{parcels(3*time.Hour, part), ship(7), listed(3*time.Hour+10*time.Second, acknowledgedIn, packedAs("1ZA", part.Lines)), parcels(4*time.Hour, rest)}, Rules{}, ship(8), []Packed{{1, 1}, {2, 1}}, Sent, false, 0},
		{"one of two refused: the other goes on", []any{parcels(3*time.Hour, part, rest), ship(7), Note{Write: ship(7), Held: true, Text: "no"}}, Rules{}, ship(8), rest.Lines, Sent, true, 0},
		{"before the delay is over", []any{parcels(3*time.Hour, first)}, Rules{Now: at(3 * time.Hour), ShipDelay: 2 * time.Hour}, Write{}, nil, Sent, false, 0},
		{"before its ship date", []any{parcels(3*time.Hour, tomorrow)}, Rules{Now: at(49 * time.Hour)}, Write{}, nil, Sent, false, 0},
		{"on its ship date", []any{parcels(3*time.Hour, tomorrow)}, Rules{Now: at(51 * time.Hour)}, ship(7), first.Lines, Sent, false, 0},
		{"voided before it was seen", []any{parcels(3*time.Hour, voided(first, time.Hour))}, Rules{}, Write{}, nil, Sent, false, 0},
		{"voided before it was told", []any{parcels(3*time.Hour, first), parcels(4*time.Hour, voided(first, 4*time.Hour))}, Rules{}, Write{}, nil, Sent, false, 0},
		{"voided while held", []any{parcels(3*time.Hour, first), ship(7), Note{Write: ship(7), Held: true, Text: "no"}, parcels(4*time.Hour, voided(first, 4*time.Hour))}, Rules{}, Write{}, nil, Sent, false, 0},
		{"voided after it was told", []any{parcels(3*time.Hour, first), ship(7), told(7), parcels(5*time.Hour, voided(first, 5*time.Hour))}, Rules{}, Write{}, nil, Sent, false, 1},
		{"and bought again", []any{parcels(3*time.Hour, first), ship(7), told(7), parcels(5*time.Hour, voided(first, 5*time.Hour), second)}, Rules{}, ship(8), second.Lines, Sent, false, 1},
		{"and shipped again", []any{parcels(3*time.Hour, first), ship(7), told(7), parcels(5*time.Hour, voided(first, 5*time.Hour), second), ship(8), told(8)}, Rules{}, Write{}, nil, Shipped, false, 1},
		{"told, the answer was lost, and voided since: looked for in DSCO first", lost, Rules{}, Write{}, nil, Sent, false, 0},
		{"and DSCO does not have it", slices.Concat(lost, []any{listed(late, acknowledgedIn)}), Rules{}, ship(8), second.Lines, Sent, false, 0},
		{"and DSCO has it: its units are left", slices.Concat(lost, []any{listed(late, acknowledgedIn, packedAs("1ZA", first.Lines))}), Rules{}, ship(8), second.Lines, Sent, false, 1},
		{"and counts it as complete with it", slices.Concat(lost, []any{listed(late, lifecycle("shipped", "completed"), packedAs("1ZA", first.Lines))}), Rules{}, ship(8), second.Lines, Sent, false, 1},
		{"and has both of them", slices.Concat(lost, []any{listed(late, acknowledgedIn, packedAs("1ZA", first.Lines), packedAs("1ZB", first.Lines))}), Rules{}, Write{}, nil, Shipped, false, 0},
		{"voided before it was seen, but DSCO has it", []any{listed(late, acknowledgedIn, packedAs("1ZA", first.Lines)), parcels(late, voided(first, time.Hour), second)}, Rules{}, ship(8), second.Lines, Sent, false, 1},
		{"voided, and its number goes on with another label that DSCO has", []any{parcels(3*time.Hour, first), parcels(4*time.Hour, voided(first, 4*time.Hour), label(8, "1ZA", second.Lines...)), listed(late, acknowledgedIn, packedAs("1ZA", first.Lines))}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"a reship", []any{parcels(3*time.Hour, first, second), ship(7), told(7)}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"more than is left", []any{parcels(3*time.Hour, part, second), ship(7), told(7)}, Rules{}, ship(8), []Packed{{1, 1}, {2, 1}}, Sent, false, 0},
		{"one number twice: one parcel", []any{parcels(3*time.Hour, part, label(8, " 1za ", Packed{1, 1}, Packed{2, 1}))}, Rules{}, ship(7), first.Lines, Sent, false, 0},
		{"and told once", []any{parcels(3*time.Hour, part, label(8, " 1za ", Packed{1, 1}, Packed{2, 1})), ship(7), told(7)}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"entered in the portal", []any{parcels(3*time.Hour, first), listed(late, acknowledgedIn, packedAs("1ZA", first.Lines))}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"another was entered in the portal", []any{parcels(3*time.Hour, first), listed(late, acknowledgedIn, packedAs("X", first.Lines))}, Rules{}, Write{}, nil, Shipped, true, 0},
		{"its contents unclear", []any{parcels(3*time.Hour, unclear)}, Rules{}, ship(9), nil, Sent, false, 0},
		{"its contents unclear, then voided", []any{parcels(3*time.Hour, unclear), parcels(4*time.Hour, voided(unclear, 4*time.Hour))}, Rules{}, Write{}, nil, Sent, false, 0},
		{"its contents unclear, then entered in the portal", []any{parcels(3*time.Hour, unclear), listed(late, acknowledgedIn, packedAs("1ZC", part.Lines))}, Rules{}, Write{}, nil, Sent, false, 0},
		{"its contents unclear, then understood", []any{parcels(3*time.Hour, unclear), parcels(4*time.Hour, label(9, "1ZC", part.Lines...))}, Rules{}, ship(9), part.Lines, Sent, false, 0},
		{"its ship date put off before it was told", []any{parcels(3*time.Hour, first), parcels(4*time.Hour, tomorrow)}, Rules{Now: at(49 * time.Hour)}, Write{}, nil, Sent, false, 0},
		{"told, then shown with less in it: what was told stays told", []any{parcels(3*time.Hour, first), ship(7), told(7), parcels(5*time.Hour, part)}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"voided, then shown by a list that does not know it yet", []any{parcels(3*time.Hour, first), parcels(4*time.Hour, voided(first, 4*time.Hour)), parcels(4*time.Hour, first)}, Rules{}, Write{}, nil, Sent, false, 0},
		{"voided, and less of it under the same number", []any{parcels(3*time.Hour, first), parcels(4*time.Hour, voided(first, 4*time.Hour), label(8, "1ZA", part.Lines...))}, Rules{}, ship(8), part.Lines, Sent, false, 0},
		{"told, and more under its number before DSCO shows that: no more than the new", []any{parcels(3*time.Hour, part), ship(7), told(7), parcels(5*time.Hour, label(8, "1ZA", Packed{2, 1}))}, Rules{}, ship(8), []Packed{{2, 1}}, Sent, false, 0},
		{"voided while it is told: it was told, and its units are left", []any{parcels(3*time.Hour, first), ship(7), parcels(4*time.Hour, voided(first, 4*time.Hour)), told(7), listed(late, acknowledgedIn, packedAs("1ZA", first.Lines)), parcels(late, second)}, Rules{}, ship(8), second.Lines, Sent, false, 0},
		{"voided and never told, its number told with another label, all complete", []any{parcels(3*time.Hour, part), parcels(4*time.Hour, voided(part, 4*time.Hour), label(8, "1ZA", part.Lines...)), ship(8), told(8), listed(late, lifecycle("shipped", "completed"))}, Rules{}, Write{}, nil, Shipped, false, 0},
		{"in doubt, and ShipStation has its order no more", []any{parcels(3*time.Hour, first), ship(7), LostReceipt{At: at(4 * time.Hour), Ref: 52}}, Rules{}, Write{}, nil, Sent, false, 0},
		{"in doubt, and ShipStation has the order no more", []any{parcels(3*time.Hour, first), ship(7), LostReceipt{At: at(4 * time.Hour)}}, Rules{}, Write{}, nil, Sent, false, 0},
		{"in doubt, and the store lists nothing of the order", []any{parcels(3*time.Hour, first), ship(7), inStore(late)}, Rules{}, Write{}, nil, Sent, false, 0},
		{"in doubt, and an order is shown without an id", []any{parcels(3*time.Hour, first), ship(7), FoundReceipt{At: at(late), Proves: at(late)}}, Rules{}, Write{}, nil, Sent, false, 0},
		{"without a number, as one in DSCO is: not the same", []any{parcels(3*time.Hour, label(7, "", first.Lines...)), listed(late, acknowledgedIn, packedAs(" ", part.Lines))}, Rules{}, Write{}, nil, Sent, false, 0},
		{"a part was entered in the portal: the rest is not held", []any{listed(late, acknowledgedIn, packedAs("X", part.Lines))}, Rules{}, Write{}, nil, Sent, false, 0},
		{"of an order cancelled in DSCO", []any{parcels(3*time.Hour, first), listed(late, cancelled)}, Rules{}, Write{}, nil, Cancelled, true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := fold(append([]any{listed(0), create, receipt, listed(time.Hour, acknowledgedIn)}, test.events...)...)
			if test.rules.Now.IsZero() {
				test.rules.Now = at(late)
			}
			w, _ := o.Next(test.rules)
			if w != test.next || o.State() != test.state || o.Held() != test.held || len(o.Notices) != test.notices {
				t.Errorf("next %v, %s, held %t, notices %+v", w, o.State(), o.Held(), o.Notices)
			}
			if diff := cmp.Diff(test.lines, o.Parcel(w.Parcel).Lines); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func acknowledgedIn(s *InDSCO) { lifecycle("shipment_pending", "acknowledged")(s) }

func packedAs(number string, lines []Packed) func(*InDSCO) {
	return func(s *InDSCO) { s.DSCO.Packages = append(s.DSCO.Packages, Package{Number: number, Lines: lines}) }
}

func TestParcelAlarm(t *testing.T) {
	o := fold(listed(0), create, receipt, listed(time.Hour, acknowledgedIn), parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2}, Packed{2, 1})))
	for now, want := range map[time.Duration]int{5 * time.Hour: 0, 7 * time.Hour: 1} {
		if got := o.Alarms(Rules{Now: at(now), TrackingAlarm: 4 * time.Hour}); len(got) != want || want > 0 && (got[0].Code != "untold" || !strings.Contains(got[0].Text, "1ZA")) {
			t.Errorf("after %v: %+v", now, got)
		}
	}
}

// Any life of an order in the warehouse: labels of any contents, some voided, and DSCO answering as it likes. DSCO is told
// of no number twice, of no parcel after its void was seen, of no more units than were ordered less those voided, and of
// nothing once the order is cancelled; in the end it has been told of all that was bought.
func TestAnyParcels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := at(time.Hour)
		o := fold(listed(0), create, receipt, listed(time.Hour, acknowledgedIn))
		var bought []Parcel
		accepted := map[string][]Packed{} // what DSCO has
		var gone bool
		document := func() InDSCO {
			s := listed(now.Sub(t0), acknowledgedIn)
			if gone {
				cancelled(&s)
			}
			for number, lines := range accepted {
				packedAs(number, lines)(&s)
			}
			return s
		}
		look := func() { o = o.See(InParcels{Began: now, Parcels: bought}).See(document()) }
		write := func(outcome string) {
			w, ok := o.Next(Rules{Now: now, Started: now, Steps: []Step{Ship}})
			if !ok {
				return
			}
			p := o.Parcel(w.Parcel)
			if w.Step != Ship || o.DSCO.Status == "cancelled" || !p.live() || len(p.Lines) == 0 {
				t.Fatalf("planned %v: %+v", w, p)
			}
			units := map[int]int{}
			for _, packed := range p.Lines {
				units[packed.Line] += packed.Units
			}
			for _, b := range bought {
				if o.parcel(b.ID).live() { // as far as it is known
					for _, packed := range accepted[b.Number] {
						units[packed.Line] += packed.Units
					}
				}
			}
			for _, l := range o.Lines {
				if units[l.Number] > l.Ordered {
					t.Fatalf("%d units of line %d, of which %d were ordered", units[l.Number], l.Number, l.Ordered)
				}
			}
			o = o.Begin(w, now)
			now = now.Add(time.Second)
			if outcome == "done" || outcome == "lost" {
				if accepted[p.Number] != nil {
					t.Fatalf("%s told twice", p.Number)
				}
				accepted[p.Number] = p.Lines
			}
			switch outcome {
			case "done":
				o = o.See(ShippedReceipt{At: now, Parcel: w.Parcel})
			case "refused":
				o = o.Fail(Note{Write: w, Text: "refused", At: now, Held: true}, now)
			case "unavailable":
				o = o.Undo(now)
			default:
				o = o.Doubt(Note{Write: w, Text: "no clear answer", At: now}, now)
			}
		}
		for range rapid.IntRange(0, 25).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "seconds")) * time.Second)
			switch rapid.SampledFrom([]string{"buy", "buy", "void", "write", "write", "look", "look", "cancel"}).Draw(t, "event") {
			case "buy":
				p := label(int64(len(bought)+1), fmt.Sprint("1Z", len(bought)+1))
				for _, line := range rapid.SampledFrom([][]int{{1}, {2}, {1, 2}, {9}}).Draw(t, "lines") {
					p.Lines = append(p.Lines, Packed{line, rapid.IntRange(1, 3).Draw(t, "units")})
				}
				p.Created = now
				bought = append(bought, p)
			case "void":
				if len(bought) > 0 {
					i := rapid.IntRange(0, len(bought)-1).Draw(t, "which")
					bought[i].Voided = now
				}
			case "write":
				write(rapid.SampledFrom([]string{"done", "lost", "nothing", "refused", "unavailable"}).Draw(t, "outcome"))
			case "look":
				look()
			case "cancel":
				gone = rapid.IntRange(0, 5).Draw(t, "rarely") == 0 || gone
			}
		}
		for range 2 * (len(bought) + 2) {
			now = now.Add(time.Hour)
			look()
			if again, err := o.Retry(now); err == nil {
				o = again
			}
			write("done")
		}
		if w, ok := o.Next(Rules{Now: now, Started: now, Steps: []Step{Ship}}); ok || o.Intent != nil {
			t.Fatalf("still not at rest: next %v, %+v", w, o)
		}
		if gone {
			return
		}
		live := map[int]int{}
		for _, p := range bought {
			if p.live() {
				for _, l := range p.Lines {
					live[l.Line] += l.Units
				}
			}
		}
		known := map[int]int{} // units in the parcels on their way that DSCO has
		for _, p := range bought {
			if p.live() && accepted[p.Number] != nil {
				for _, l := range p.Lines {
					known[l.Line] += l.Units
				}
			}
		}
		for _, p := range bought {
			for _, l := range p.Lines {
				if p.live() && accepted[p.Number] == nil && known[l.Line] < o.line(l.Line).Ordered {
					t.Fatalf("%s was never told, and DSCO knows of %d units of line %d; %+v", p.Number, known[l.Line], l.Line, o)
				}
			}
		}
		for _, l := range o.Lines {
			if want := min(l.Ordered, live[l.Number]); l.Told < want {
				t.Fatalf("line %d: %d units told, %d shipped; %+v", l.Number, l.Told, want, o)
			}
		}
	})
}

// What each run finds again is said once.
func TestRemarkedTwice(t *testing.T) {
	o := fold(listed(0), Remarked{At: at(time.Hour), Code: "number-1ZA", Text: "two labels"})
	if diff := cmp.Diff(o, o.See(Remarked{At: at(2 * time.Hour), Code: "number-1ZA", Text: "two labels"})); diff != "" {
		t.Error(diff)
	}
	o = o.See(Remarked{At: at(3 * time.Hour), Code: "number-1ZA", Text: "three labels"})
	o = o.See(Remarked{At: at(4 * time.Hour), Code: "number-1ZB", Text: "three labels"}) // of another number
	if diff := cmp.Diff([]Notice{{"number-1ZA", "three labels", at(3 * time.Hour)}, {"number-1ZB", "three labels", at(4 * time.Hour)}}, o.Notices); diff != "" {
		t.Error(diff)
	}
}

// What is seen a second time, or before it means anything, changes nothing: not the date of the row either.
func TestParcelsThatAreNoNews(t *testing.T) {
	first := label(7, "1ZA", Packed{1, 2}, Packed{2, 1})
	sent := []any{listed(0), create, receipt, listed(time.Hour, acknowledgedIn)}
	told := slices.Concat(sent, []any{parcels(3*time.Hour, first), Write{Step: Ship, Parcel: 7}, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7}})
	void := parcels(5*time.Hour, voided(first, 5*time.Hour))
	later := parcels(6*time.Hour, voided(first, 5*time.Hour))
	for _, test := range []struct {
		name   string
		events []any
		seen   Sighting
	}{
		{"voided before it was seen", sent, later},
		{"voided before it was told, once more", slices.Concat(sent, []any{parcels(3*time.Hour, first), void}), later},
		{"voided after it was told, once more", slices.Concat(told, []any{void}), later},
		{"voided after it was told, shown by a list that does not know it yet", slices.Concat(told, []any{void}), parcels(6*time.Hour, first)},
		{"told, once more", told, parcels(6*time.Hour, first)},
		{"cancelled in DSCO, and held for it", slices.Concat(sent, []any{parcels(3*time.Hour, first), listed(4*time.Hour, cancelled)}), parcels(6*time.Hour, first)},
	} {
		o := fold(test.events...)
		if diff := cmp.Diff(o, o.See(test.seen)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// A list that began before DSCO had answered may still show the order as it was before the parcel.
func TestListsOlderThanTheAnswer(t *testing.T) {
	answered := fold(listed(0), create, receipt, acknowledge, AcknowledgedReceipt{At: at(2 * time.Minute)},
		parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2}, Packed{2, 1})), Write{Step: Ship, Parcel: 7}, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7})
	for after, want := range map[time.Duration]bool{-time.Minute: true, settle / 2: true, 2 * settle: false} {
		o := answered.See(listed(4*time.Hour + after)) // it shows no acknowledgement
		if got := !o.Acknowledged.IsZero(); got != want {
			t.Errorf("%v after the answer: acknowledged %t, want %t", after, got, want)
		}
	}
}

// DSCO marks the units that travel under several numbers.
func TestSpans(t *testing.T) {
	for _, test := range []struct {
		name    string
		line    Line
		parcels []Parcel
		want    bool
	}{
		{"in one parcel", Line{Ordered: 2}, []Parcel{label(7, "1ZA", Packed{1, 2})}, false},
		{"in two", Line{Ordered: 2}, []Parcel{label(7, "1ZA", Packed{1, 1}), label(8, "1ZB", Packed{1, 1})}, true},
		{"in two labels with one number", Line{Ordered: 2}, []Parcel{label(7, "1ZA", Packed{1, 1}), label(8, " 1za", Packed{1, 1})}, false},
		{"in one and another, and in one again", Line{Ordered: 3}, []Parcel{label(7, "1ZA", Packed{1, 1}), label(8, "1ZB", Packed{1, 1}), label(9, "1ZA", Packed{1, 1})}, true},
		{"a part so far", Line{Ordered: 2}, []Parcel{label(7, "1ZA", Packed{1, 1})}, true},
		{"the rest of it is cancelled", Line{Ordered: 2, Cancelled: 1}, []Parcel{label(7, "1ZA", Packed{1, 1})}, false},
		{"the rest of it is rejected", Line{Ordered: 2, Rejected: 1}, []Parcel{label(7, "1ZA", Packed{1, 1})}, false},
		{"another line is in another parcel", Line{Ordered: 2}, []Parcel{label(7, "1ZA", Packed{1, 2}), label(8, "1ZB", Packed{2, 1})}, false},
		{"the first label was voided", Line{Ordered: 2}, []Parcel{voided(label(7, "1ZA", Packed{1, 2}), time.Hour), label(8, "1ZB", Packed{1, 2})}, false},
		{"a voided label is no part of it", Line{Ordered: 2}, []Parcel{voided(label(7, "1ZA", Packed{1, 1}), time.Hour), label(8, "1ZA", Packed{1, 1})}, true},
		{"not a line of the order", Line{Number: 3, Ordered: 2}, []Parcel{label(7, "1ZA", Packed{1, 1})}, false},
	} {
		if test.line.Number == 0 {
			test.line.Number = 1
		}
		o := Order{Lines: []Line{test.line, {Number: 2, Ordered: 1}}, Parcels: test.parcels}
		if got := o.Spans(1); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

// Only a label that DSCO was told of, and that was voided since, stands in the way of the one bought for the same units.
func TestReplaced(t *testing.T) {
	tell := func(p Parcel) Parcel {
		p.Told = at(3 * time.Hour)
		return p
	}
	void := func(p Parcel) Parcel { return voided(p, 4*time.Hour) }
	o := Order{Parcels: []Parcel{
		void(tell(label(1, "1ZVOID", Packed{1, 1}, Packed{2, 1}))),
		void(tell(label(2, "1ZOTHER", Packed{2, 1}))),
		void(label(3, "1ZNEVER", Packed{1, 1})),
		tell(label(4, "1ZPART", Packed{1, 1})),
		label(5, "1ZNEW", Packed{1, 1}),
	}}
	if diff := cmp.Diff([]string{"1ZVOID"}, o.Replaced(5)); diff != "" {
		t.Error(diff)
	}
}

// A hold is ours only when it was set by us: what a person has put on hold is never released.
func TestWhoseHoldItIs(t *testing.T) {
	held := whole(52, "on_hold")
	shown := FoundReceipt{At: at(2 * time.Hour), Proves: at(time.Hour), Ref: held, Mark: at(time.Hour)}
	suspend := Write{Step: Suspend, Ref: 52}
	for _, test := range []struct {
		name   string
		events []any
		ours   bool
		doubt  bool
	}{
		{"nobody asked for it", nil, false, false},
		{"another write of ours was in doubt", []any{Write{Step: CancelShipStation, Ref: 52}}, false, false},
		{"one of another part was", []any{Write{Step: Suspend, Ref: 53}}, false, true},
		{"ours was in doubt", []any{Looked{at(90 * time.Minute)}, uncertain(suspend, false), suspend}, true, false},
	} {
		o := fold(slices.Concat([]any{listed(0), create, receipt, listed(time.Minute, acknowledgedIn)}, test.events, []any{shown})...)
		if ours := !o.ShipStation[0].Asked.IsZero(); ours != test.ours || (o.Intent != nil) != test.doubt || len(o.Notes) > 0 {
			t.Errorf("%s: ours %t, doubt %+v, notes %+v", test.name, ours, o.Intent, o.Notes)
		}
	}
}

// A write to one part is in doubt: that ShipStation does not have the other part says nothing of it.
func TestLostBesideADoubt(t *testing.T) {
	part := whole(53, "awaiting_shipment")
	part.Child = true
	suspend := Write{Step: Suspend, Ref: 52}
	o := fold(listed(0), inStore(time.Minute, whole(52, "awaiting_shipment"), part), suspend)
	for ref, doubt := range map[int64]bool{53: true, 52: false, 0: false} {
		if got := o.See(LostReceipt{At: at(time.Hour), Ref: ref}).Intent != nil; got != doubt {
			t.Errorf("of %d it has none: doubt %t, want %t", ref, got, doubt)
		}
	}
}

// A label by the keys of an order that ShipStation does not show: created, it would be shipped twice.
func TestALabelWithoutAnOrder(t *testing.T) {
	made, create := parcels(time.Hour, label(7, "1ZA", Packed{1, 2}, Packed{2, 1})), Write{Step: Create}
	elsewhere := func(s *InDSCO) { s.DSCO.Address = "another" }
	for _, test := range []struct {
		name   string
		events []any
		held   bool
		next   Write
	}{
		{"no label", nil, false, create},
		{"a label", []any{made}, true, Write{}},
		{"a voided one", []any{parcels(time.Hour, voided(label(7, "1ZA"), time.Hour))}, false, create},
		{"the address changes", []any{made, listed(2*time.Hour, elsewhere)}, true, Write{}},
		{"the order shows", []any{made, inStore(2*time.Hour, whole(52, "shipped"))}, false, Write{Step: Acknowledge}},
		{"shipped for DSCO before", []any{listed(time.Hour, lifecycle("shipped", "completed")), made}, false, Write{}},
		{"shipped for DSCO", []any{made, listed(2*time.Hour, lifecycle("shipped", "completed"))}, false, Write{}},
		{"DSCO has a parcel and the address changes", []any{listed(time.Hour, packedAs("1ZX", []Packed{{1, 1}})), listed(2*time.Hour, packedAs("1ZX", []Packed{{1, 1}}), elsewhere)}, true, Write{}},
		{"a person says so", []any{made, Lifted{At: at(2 * time.Hour)}}, false, create},
		{"it is being created", []any{create, made}, false, Write{}},
		{"it was not created", []any{create, made, inStore(3 * time.Hour)}, true, Write{}},
		{"it was", []any{create, made, inStore(3*time.Hour, whole(52, "shipped"))}, false, Write{Step: Acknowledge}},
	} {
		o := fold(append([]any{listed(0)}, test.events...)...)
		w, _ := o.Next(Rules{Now: at(4 * time.Hour)})
		if o.HeldAt(Create) != test.held || w != test.next {
			t.Errorf("%s: held %v, next %v: %+v", test.name, o.HeldAt(Create), w, o.Notes)
		}
	}
}

// ShipStation's answer that it has no such order proves nothing for a day, and nothing any more once it shows it again.
func TestLost(t *testing.T) {
	const day = 24 * time.Hour
	keyed := func(id int64, key string) Ref {
		r := whole(id, "awaiting_shipment")
		r.Key = key
		return r
	}
	lost := func(when time.Duration, ref int64) LostReceipt { return LostReceipt{At: at(when), Ref: ref} }
	store := func(refs ...Ref) []any { return []any{listed(0), inStore(time.Minute, refs...)} }
	one := store(keyed(52, "dsco-1"))
	child := keyed(53, "")
	child.Child = true
	for _, test := range []struct {
		name    string
		events  []any
		missing bool // a person is told
		lost    bool // nothing is written to it
		refs    int
	}{
		{"for less than a day", slices.Concat(one, []any{lost(time.Hour, 52), lost(day+59*time.Minute, 52)}), false, true, 1},
		{"for a day", slices.Concat(one, []any{lost(time.Hour, 52), lost(day+time.Hour, 52)}), true, true, 1},
		{"the one it has", slices.Concat(one, []any{lost(time.Hour, 0), lost(day+time.Hour, 0)}), true, true, 1},
		{"a label was bought for it meanwhile", slices.Concat(one, []any{lost(time.Hour, 52), parcels(day, label(7, "1ZA", Packed{1, 1})), lost(day+time.Hour, 52)}), false, true, 1},
		{"it was found meanwhile", slices.Concat(one, []any{lost(time.Hour, 52), FoundReceipt{At: at(day), Ref: keyed(52, "dsco-1")}, lost(day+time.Hour, 52)}), false, true, 1},
		{"a list shows it", slices.Concat(one, []any{lost(time.Hour, 52), inStore(2*time.Hour, keyed(52, "dsco-1"))}), false, false, 1},
		{"a list shows a part of it", slices.Concat(store(keyed(52, "dsco-1"), child), []any{lost(time.Hour, 52), inStore(2*time.Hour, child)}), false, true, 2},
		{"a list without it", slices.Concat(one, []any{lost(time.Hour, 52), inStore(2 * time.Hour)}), false, true, 1},
		{"one that was merged into it", slices.Concat(one, []any{lost(time.Hour, 60), lost(day+time.Hour, 60)}), false, false, 1},
		{"made anew with its key", slices.Concat(one, []any{lost(time.Hour, 52), inStore(2*time.Hour, keyed(53, "dsco-1")), lost(day+time.Hour, 52)}), false, false, 1},
		{"it was lost already, made anew with its key and never listed", []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: keyed(52, "dsco-1")}, lost(time.Hour, 52), CreatedReceipt{At: at(2 * time.Hour), Ref: keyed(53, "dsco-1")}, lost(3*time.Hour, 52)}, false, false, 1},
		{"a part that has another key", slices.Concat(store(keyed(52, "dsco-1"), func() Ref { r := child; r.Key = "x"; return r }()), []any{lost(time.Hour, 53)}), false, true, 2},
		{"a part that has no key, as the order itself", slices.Concat(store(keyed(52, ""), child), []any{lost(time.Hour, 53)}), false, true, 2},
	} {
		o := fold(test.events...)
		missing := slices.ContainsFunc(o.Notices, func(n Notice) bool { return n.Code == "missing" })
		if missing != test.missing || o.Lost.IsZero() == test.lost || len(o.ShipStation) != test.refs {
			t.Errorf("%s: missing %t, lost %v, %+v", test.name, missing, o.Lost, o.ShipStation)
		}
		if last, ok := test.events[len(test.events)-1].(LostReceipt); ok && !o.LookedStore.Equal(last.At) {
			t.Errorf("%s: looked for at %v, and it says %v", test.name, last.At, o.LookedStore)
		}
	}
}
