package scorecard

import (
	"slices"

	"dscosync/internal/order"
)

// tally is what is counted of a group in a period.
type tally struct {
	lines    int // closed
	measured int // of these, shipped ones with a due date and a ship date
	onTime   int
	undated  int // shipped ones of which one of the dates is not known

	filled   int // lines of which every unit was shipped
	adjusted int // lines that were ordered, less what was cancelled for another reason than a shortage
	short    int // of these, lines with a shortage

	ordered, shippedUnits, cancelledUnits, shortUnits int
	unknown                                           int // units cancelled without a word why
	drivers                                           map[driver]count

	open, overdue int // lines still to be shipped in the period, and of these those past their date

	acknowledged     spans
	acknowledgedLate int
	shipped          spans
	told             spans
	toldLate         int
	held             spans
	heldNow          int
	voids, voidsTold int
	reships          int
}

// driver is a kind of cancellation.
type driver struct {
	reason string
	ours   bool
}

type count struct{ lines, units int }

// shortages are the codes of cancellations for want of goods.
var shortages = []string{"CXSS", "CXSD", "CXSN"}

// line counts a closed line.
func (t *tally) line(l order.LineFacts) {
	t.lines++
	t.ordered += l.Ordered
	t.shippedUnits += l.Shipped
	t.cancelledUnits += l.Cancelled
	switch measured, late := onTime(l); {
	case measured && !late:
		t.onTime++
		t.measured++
	case measured:
		t.measured++
	case l.Shipped > 0:
		t.undated++
	}
	if l.Shipped >= l.Ordered {
		t.filled++
	}
	short := l.Cancelled > 0 && slices.Contains(shortages, l.Reason)
	if short {
		t.shortUnits += l.Cancelled
		t.short++
	}
	if short || l.Shipped > 0 {
		t.adjusted++
	}
	if l.Cancelled > 0 {
		t.cancelled(l)
	}
}

// onTime tells whether a closed line can be measured, and whether it was late.
func onTime(l order.LineFacts) (measured, late bool) {
	if l.Shipped == 0 || l.Due.IsZero() || l.Shipment.IsZero() {
		return false, false
	}
	return true, l.Shipment.After(l.Due)
}

// cancelled counts what was cancelled of a line, by us and by others.
func (t *tally) cancelled(l order.LineFacts) {
	if l.Reason == "" {
		t.unknown += l.Cancelled
	}
	if t.drivers == nil {
		t.drivers = map[driver]count{}
	}
	for _, part := range []struct {
		ours  bool
		units int
	}{{true, l.Ours}, {false, l.Cancelled - l.Ours}} {
		if part.units > 0 {
			d := driver{l.Reason, part.ours}
			c := t.drivers[d]
			t.drivers[d] = count{c.lines + 1, c.units + part.units}
		}
	}
}
