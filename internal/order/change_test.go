package order

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// journal is what is told while events happen to an order that is kept after each of them: "level step: text".
func journal(events ...any) (all []string) {
	before := Order{ID: "1"}
	for i := range events {
		after := fold(events[:i+1]...)
		for _, c := range Changes(before, after) {
			all = append(all, strings.TrimSpace(c.Level+" "+string(c.Step))+": "+c.Text)
		}
		before = after
	}
	return all
}

// What happens to an order is told once, as what it is: done by us, or by somebody on either side.
func TestChanges(t *testing.T) {
	all := []Packed{{1, 2}, {2, 1}}
	holds := func(id int64, status string, lines ...Packed) Ref {
		r := whole(id, status)
		r.Number, r.Lines = map[int64]string{52: "1", 53: "1-1"}[id], lines
		r.Child = id == 53
		return r
	}
	open := holds(52, "awaiting_shipment", all...)
	in := func(when time.Duration, refs ...Ref) InShipStation { return inStore(when*time.Hour, refs...) }
	shows := func(when time.Duration, change ...func(*InDSCO)) InDSCO {
		return listed(when*time.Hour, append([]func(*InDSCO){acknowledgedIn}, change...)...)
	}
	asks := func(s *InDSCO) { s.DSCO.Requested = true }
	less := func(s *InDSCO) { s.Lines[0].Cancelled = 1 }
	sent := []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: open}, shows(1)}
	correct, correctPart := Write{Step: CancelShipStation, Ref: 52}, Write{Step: CancelShipStation, Ref: 53}
	tell := Write{Step: CancelDSCO}
	suspend, resume := Write{Step: Suspend, Ref: 52}, Write{Step: Resume, Ref: 52}
	ship := Write{Step: Ship, Parcel: 7}
	suspended := []any{shows(2, asks), suspend, SuspendedReceipt{At: at(2 * time.Hour), Ref: 52, Mark: at(2 * time.Hour)}}
	const asked = "warn: the retailer asks to cancel it: to accept, cancel it in ShipStation; else ship it, or refuse in DSCO's portal"
	missing := "warn: ShipStation holds less of it than is to be shipped: line 1 (1 unit) is not there. If it will not be shipped, cancel it in DSCO's portal; else add it in ShipStation"
	for _, test := range []struct {
		name   string
		before []any // told in other rows
		events []any
		want   []string
	}{
		{"taken up, created, acknowledged", nil,
			[]any{listed(0), create, receipt, acknowledge, QueuedReceipt{At: at(time.Hour), RequestID: "r"}, AcknowledgedReceipt{At: at(time.Hour), RequestID: "r"}, listed(time.Hour, acknowledgedIn)},
			[]string{"info: taken up from DSCO", "info create: created in ShipStation (id 52)", "info acknowledge: acknowledged in DSCO"}},
		{"found in ShipStation, and acknowledged by somebody else", nil,
			[]any{listed(0), inStore(0, open), shows(1)},
			[]string{"info: taken up from DSCO", "info: found in ShipStation (id 52)", "info: counts as acknowledged in DSCO"}},
		{"acknowledged by somebody while a write of another kind is in doubt", nil,
			[]any{listed(0), create, shows(1)}, []string{"info: taken up from DSCO", "info: counts as acknowledged in DSCO"}},
		{"cancelled when it was first seen", nil, []any{listed(0, cancelled)}, []string{"info: taken up from DSCO"}},

		{"shipped", sent, []any{parcels(3*time.Hour, label(7, "1ZA", all...)), ship, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7}, shows(5, packedAs("1ZA", all))},
			[]string{"info ship: DSCO has its parcel 1ZA", "info: shipped: DSCO has a parcel for every unit"}},
		{"one of two parcels", sent, []any{parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2}), label(8, "1ZB", Packed{2, 1})), ship, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7}},
			[]string{"info ship: DSCO has its parcel 1ZA"}},

		{"cancelled in DSCO in part, and reduced", sent, []any{shows(2, less), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: holds(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1})}},
			[]string{"info: cancelled in DSCO: line 1 (1 unit)", "info cancel-shipstation: reduced in ShipStation (order 1) to what DSCO has not cancelled"}},
		{"cancelled in DSCO line by line", sent, []any{shows(2, less), shows(3, less, func(s *InDSCO) { s.Lines[1].Cancelled = 1 })},
			[]string{"info: cancelled in DSCO: line 1 (1 unit)", "info: cancelled in DSCO: line 2 (1 unit)"}},
		{"cancelled in DSCO, and in ShipStation for it", sent, []any{listed(2*time.Hour, cancelled), correct, CorrectedReceipt{At: at(2 * time.Hour), Ref: holds(52, "cancelled", all...)}},
			[]string{"info: cancelled in DSCO: all that was left", "info cancel-shipstation: cancelled in ShipStation (order 1), as DSCO had cancelled it"}},
		{"cancelled in DSCO, and somebody cancels a part in ShipStation while another waits for our word", slices.Concat(sent, []any{in(2, holds(52, "awaiting_shipment", Packed{1, 2}), holds(53, "awaiting_shipment", Packed{2, 1}))}),
			[]any{listed(3*time.Hour, cancelled), correctPart, in(3, holds(52, "cancelled", Packed{1, 2}), holds(53, "awaiting_shipment", Packed{2, 1}))},
			[]string{"info: cancelled in DSCO: all that was left", "info: cancelled in ShipStation (order 1) by somebody there"}},
		{"cancelled in ShipStation, and DSCO told of it", sent,
			[]any{in(2, holds(52, "cancelled", all...)), tell, CancelledReceipt{At: at(3 * time.Hour)}, shows(4, cancelled)},
			[]string{"info: cancelled in ShipStation (order 1) by somebody there", "info cancel-dsco: DSCO was told that it is cancelled: line 1 (2 units), line 2 (1 unit)"}},
		{"a part cancelled in ShipStation, told, and then the retailer cancels the rest", slices.Concat(sent, []any{in(2, holds(52, "awaiting_shipment", Packed{2, 1}), holds(53, "awaiting_shipment", Packed{1, 2}))}),
			[]any{in(3, holds(52, "awaiting_shipment", Packed{2, 1}), holds(53, "cancelled", Packed{1, 2})), tell, CancelledReceipt{At: at(3 * time.Hour)},
				shows(4, func(s *InDSCO) { s.Lines[0].Cancelled = 2 }), shows(5, cancelled)},
			[]string{"info: cancelled in ShipStation (order 1-1) by somebody there", "info cancel-dsco: DSCO was told that it is cancelled: line 1 (2 units)", "info: cancelled in DSCO: all that was left"}},
		{"the answer to a cancellation is lost, and DSCO shows it with one more of the retailer's", slices.Concat(sent, []any{in(2, holds(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1}), holds(53, "awaiting_shipment", Packed{1, 1}))}),
			[]any{in(3, holds(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1}), holds(53, "cancelled", Packed{1, 1})), tell, shows(4, func(s *InDSCO) { s.Lines[0].Cancelled, s.Lines[1].Cancelled = 1, 1 })},
			[]string{"info: cancelled in ShipStation (order 1-1) by somebody there", "info: cancelled in DSCO: line 2 (1 unit)", "info cancel-dsco: DSCO was told that it is cancelled: line 1 (1 unit)"}},
		{"a unit cancelled in ShipStation, told, and then the retailer cancels the other", slices.Concat(sent, []any{in(2, holds(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1}), holds(53, "cancelled", Packed{1, 1})), tell, CancelledReceipt{At: at(3 * time.Hour)}}),
			[]any{shows(4, less), shows(5, func(s *InDSCO) { s.Lines[0].Cancelled = 2 })}, []string{"info: cancelled in DSCO: line 1 (1 unit)"}},
		{"a part that was cancelled before it was seen", sent, []any{in(2, open, Ref{ID: 60, Number: "1", Status: "cancelled", Lines: all})}, nil},

		{"somebody takes units out while a write of another kind is in doubt", []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: open}},
			[]any{acknowledge, in(2, holds(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1}))}, []string{missing}},

		{"put on hold and released by somebody", sent, []any{in(2, holds(52, "on_hold", all...)), in(3, open)}, nil},
		{"put on hold, and released", sent, slices.Concat(suspended, []any{shows(3), resume, ResumedReceipt{At: at(3 * time.Hour), Ref: 52}}),
			[]string{asked, "info suspend: put on hold in ShipStation (order 1)", "info resume: released from hold in ShipStation (order 1)"}},
		{"released by somebody while the retailer asks", slices.Concat(sent, suspended), []any{in(3, open), shows(4)}, nil},
		{"changed by somebody while it is on hold: it stays so", slices.Concat(sent, suspended), []any{shows(3), resume, ResumedReceipt{At: at(3 * time.Hour), Ref: 52, Taken: true}},
			[]string{"warn: the retailer no longer asks to cancel it, but somebody changed the order while it was on hold: release it in ShipStation if it is to be shipped"}},

		{"a notice whose words change", sent, []any{in(2, holds(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1})), in(3, holds(52, "awaiting_shipment", Packed{1, 1}, Packed{2, 1})), in(4, holds(52, "awaiting_shipment", Packed{2, 1}))},
			[]string{missing, strings.ReplaceAll(missing, "line 1 (1 unit)", "line 1 (2 units)")}},
		{"two labels of one number are voided", slices.Concat(sent, []any{parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2}), label(8, "1ZA", Packed{2, 1})), ship, ShippedReceipt{At: at(4 * time.Hour), Parcel: 7}}),
			[]any{parcels(5*time.Hour, voided(label(7, "1ZA"), 5*time.Hour)), parcels(6*time.Hour, voided(label(8, "1ZA"), 6*time.Hour))},
			slices.Repeat([]string{"warn: the label 1ZA was voided after DSCO had been told of it; its units count as not shipped again"}, 2)},

		{"a write is refused, is held, and is lifted", []any{listed(0)},
			[]any{Note{Write: create}, Note{Write: create, Text: "no city"}, Note{Write: create, Text: "no city"}, Note{Write: create, Text: "no city", Held: true}, listed(time.Hour), Lifted{At: at(2 * time.Hour)}},
			[]string{"warn create: create: no city", "error create: held: create: no city", "info: no longer held"}},
		{"two writes are held for the same reason", slices.Concat(sent, []any{parcels(3*time.Hour, label(7, "1ZA", Packed{1, 2}), label(8, "1ZB", Packed{2, 1}))}),
			[]any{Note{Write: ship, Text: "no", Held: true}, Note{Write: Write{Step: Ship, Parcel: 8}, Text: "no", Held: true}}, slices.Repeat([]string{"error ship: held: ship: no"}, 2)},
		{"a hold that is dismissed is not told as lifted", []any{listed(0), Note{Write: create, Text: "no city", Held: true}}, []any{dismissed, Looked{At: at(time.Hour)}}, []string{"info: dismissed: entered by hand"}},
		{"what was not held before it was dismissed is not held after it", []any{listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: open}, listed(time.Hour, asks), Note{Write: acknowledge, Text: "no"}, dismissed},
			[]any{listed(2*time.Hour, asks, func(s *InDSCO) { s.Lines[0].Cancelled = 2 })}, []string{"info: cancelled in DSCO: line 1 (2 units)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			told := journal(slices.Concat(test.before, test.events)...)[len(journal(test.before...)):]
			if !slices.Equal(test.want, told) {
				t.Error(cmp.Diff(test.want, told))
			}
		})
	}
}

// A change names the request that brought it; what happens while a request waits in DSCO's queue is not of its doing.
func TestChangeNamesItsRequest(t *testing.T) {
	ref := whole(52, "awaiting_shipment")
	ref.Lines = []Packed{{1, 2}, {2, 1}}
	queued := fold(listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: ref}, acknowledge, QueuedReceipt{At: at(time.Minute), RequestID: "r"})
	asked := queued.See(listed(80*time.Second, func(s *InDSCO) { s.DSCO.Requested = true }))
	done := asked.See(AcknowledgedReceipt{At: at(time.Hour), RequestID: "r"})
	refused := asked.See(RefusedReceipt{At: at(time.Hour), RequestID: "r", Text: "no"})
	// One look may show what we did and what the retailer did.
	both := asked.See(listed(time.Hour, acknowledgedIn, func(s *InDSCO) { s.DSCO.Requested, s.Lines[1].Cancelled = true, 1 }))
	// DSCO may show a part of it first.
	gone := ref
	gone.Status = "cancelled"
	telling := fold(listed(0), create, CreatedReceipt{At: at(time.Minute), Ref: ref}, listed(time.Hour, acknowledgedIn), inStore(2*time.Hour, gone), Write{Step: CancelDSCO}, QueuedReceipt{At: at(2 * time.Hour), RequestID: "r"})
	part := telling.See(listed(3*time.Hour, acknowledgedIn, func(s *InDSCO) { s.Lines[1].Cancelled = 1 }))
	for _, c := range []struct {
		before, after Order
		want          []Change
	}{
		{telling, part, []Change{{Level: "info", Step: CancelDSCO, Text: "DSCO was told that it is cancelled: line 2 (1 unit)", RequestID: "r"}}},
		{queued, asked, []Change{{Level: "warn", Text: "the retailer asks to cancel it: to accept, cancel it in ShipStation; else ship it, or refuse in DSCO's portal"}}},
		{asked, done, []Change{{Level: "info", Step: Acknowledge, Text: "acknowledged in DSCO", RequestID: "r"}}},
		{asked, refused, []Change{{Level: "warn", Step: Acknowledge, Text: "acknowledge: no", Hint: AskedAgain, RequestID: "r"}}},
		{asked, both, []Change{{Level: "info", Step: Acknowledge, Text: "acknowledged in DSCO", RequestID: "r"}, {Level: "info", Text: "cancelled in DSCO: line 2 (1 unit)"}}},
	} {
		if diff := cmp.Diff(c.want, Changes(c.before, c.after)); diff != "" {
			t.Error(diff)
		}
	}
}
