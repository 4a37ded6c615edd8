package order

import (
	"fmt"
	"slices"
	"strings"
)

// Change is one movement in the life of an order, in words for the journal and the log.
type Change struct {
	Level     string // info; warn: the next run tries again, or a person should know; error: held for a person
	Text      string
	Hint      string // what a person can do
	RequestID string // the remote's own name for the request that did it, if it gave one
	Step      Step   // the write it is about; empty for what was only seen
}

// Changes tells what happened to an order between two versions of its row.
func Changes(before, after Order) []Change {
	var changes []Change
	add := func(step Step, level, format string, args ...any) {
		changes = append(changes, Change{Step: step, Level: level, Text: fmt.Sprintf(format, args...), RequestID: requestID(before, step)})
	}
	if before.Received.IsZero() {
		add("", "info", "taken up from DSCO")
	}
	if !before.Created() && after.Created() {
		if after.Adopted.IsZero() {
			add(Create, "info", "created in ShipStation (id %d)", after.ShipStation[0].ID)
		} else {
			add("", "info", "found in ShipStation (id %d)", after.ShipStation[0].ID)
		}
	}
	if before.Acknowledged.IsZero() && !after.Acknowledged.IsZero() {
		if before.Intent != nil && before.Intent.Write.Step == Acknowledge {
			add(Acknowledge, "info", "acknowledged in DSCO")
		} else {
			add("", "info", "counts as acknowledged in DSCO")
		}
	}
	if !before.Acknowledged.IsZero() && after.Acknowledged.IsZero() {
		add("", "warn", "DSCO shows it as not acknowledged although it had said so; asked again")
	}
	if gone := after.named(func(l Line) int {
		return after.withdrawn(l) - before.withdrawn(before.line(l.Number)) - l.Ours + before.line(l.Number).Ours
	}); gone != "" && !before.Received.IsZero() {
		if after.cancelled() {
			gone = "all that was left"
		}
		add("", "info", "cancelled in DSCO: %s", gone)
	}
	for _, r := range after.ShipStation {
		switch was, known := before.ref(r.ID); {
		case !known || !was.Live():
		case !r.Live() && before.Intent != nil && before.Intent.Write == Write{Step: CancelShipStation, Ref: r.ID}:
			add(CancelShipStation, "info", "cancelled in ShipStation (order %s), as DSCO had cancelled it", r.Number)
		case !r.Live():
			add("", "info", "cancelled in ShipStation (order %s) by somebody there", r.Number)
		case before.Intent != nil && before.Intent.Write == Write{Step: CancelShipStation, Ref: r.ID} && !slices.Equal(was.Lines, r.Lines):
			add(CancelShipStation, "info", "reduced in ShipStation (order %s) to what DSCO has not cancelled", r.Number)
		case was.Asked.IsZero() && !r.Asked.IsZero():
			add(Suspend, "info", "put on hold in ShipStation (order %s)", r.Number)
		case !was.Asked.IsZero() && r.Asked.IsZero() && r.Status == "awaiting_shipment" && was.Status == "on_hold":
			add(Resume, "info", "released from hold in ShipStation (order %s)", r.Number)
		}
	}
	if told := after.named(func(l Line) int { return l.Ours - before.line(l.Number).Ours }); told != "" {
		add(CancelDSCO, "info", "DSCO was told that it is cancelled: %s", told)
	}
	for _, p := range after.Parcels {
		if was := before.parcel(p.ID); was.Told.IsZero() && !p.Told.IsZero() {
			add(Ship, "info", "DSCO has its parcel %s", p.Number)
		}
	}
	if !before.shipped() && after.shipped() {
		add("", "info", "shipped: DSCO has a parcel for every unit")
	}
	noted := func(n Note) bool {
		return slices.ContainsFunc(before.Notes, func(b Note) bool { return b.Write == n.Write && b.Text == n.Text && b.Held == n.Held })
	}
	for _, n := range after.Notes {
		if n.Text == "" || noted(n) {
			continue
		}
		if n.Held {
			add(n.Write.Step, "error", "held: %s: %s", n.Write.Step, n.Text)
		} else {
			add(n.Write.Step, "warn", "%s: %s", n.Write.Step, n.Text)
		}
		changes[len(changes)-1].Hint = n.Hint
	}
	for _, n := range after.Notices {
		if !slices.ContainsFunc(before.Notices, func(b Notice) bool { return b.Code == n.Code && b.Text == n.Text }) {
			add("", "warn", "%s", n.Text)
		}
	}
	if after.Dismissed != nil && before.Dismissed == nil {
		add("", "info", "dismissed: %s", after.Dismissed.Reason)
	}
	if n, _ := after.Trouble(); before.Dismissed != nil && n.Held && noted(n) {
		add(n.Write.Step, "error", "held: %s: %s (it was dismissed, but something new was seen of it: %s)", n.Write.Step, n.Text, strings.Join(after.news(before), ", "))
		changes[len(changes)-1].Hint = n.Hint
	}
	if before.Held() && !after.Held() && after.Dismissed == nil {
		add("", "info", "no longer held")
	}
	return changes
}

// requestID is that of the write that was under way: what else one look shows is not of its doing.
func requestID(before Order, step Step) string {
	if before.Intent != nil && before.Intent.Write.Step == step {
		return before.Intent.RequestID
	}
	return ""
}

func (o Order) ref(id int64) (Ref, bool) {
	for _, r := range o.ShipStation {
		if r.ID == id {
			return r, true
		}
	}
	return Ref{}, false
}

func (o Order) line(number int) Line {
	for _, l := range o.Lines {
		if l.Number == number {
			return l
		}
	}
	return Line{}
}
