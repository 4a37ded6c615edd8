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
	if diff := cmp.Diff([]Notice{{"number-1ZA", "three labels", at(3 * time.Hour)}}, o.Notices); diff != "" {
		t.Error(diff)
	}
}
