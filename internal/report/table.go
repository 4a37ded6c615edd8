package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/order"
)

// View is how a table is to be shown.
type View struct {
	Width  int            // columns of the terminal; 0 when it is none: then nothing is cut or left out
	Colour bool           // colour the status
	Zone   *time.Location // of the times; nil is the machine's
}

// column is one of the table.
type column struct {
	name    string
	least   int                             // the width down to which it may be cut; 0: it is never cut
	cell    func(Row, View) string          // unescaped
	whole   func(Row) string                // the part that is never cut: it stands beneath the row then
	prose   bool                            // beneath the row its lines are broken to fit
	beneath func(r Row, gone bool) []string // what stands beneath the row on a terminal, with the column there or gone
}

var columns = []column{
	{name: "Flow", cell: func(r Row, _ View) string { return r.Flow }},
	{name: "DSCO Order ID", cell: func(r Row, _ View) string { return r.OrderID }},
	{name: "PO / Retailer", cell: func(r Row, _ View) string { return r.customer() }, least: 16, whole: func(r Row) string { return r.PO }},
	{name: "SS Order #", cell: func(r Row, _ View) string { return string(r.ShipStationNumber) }},
	{name: "Status", cell: func(r Row, _ View) string { return r.word() }},
	{name: "Tracking", cell: Row.tracking, beneath: Row.moreTracking},
	{name: "Received", cell: func(r Row, v View) string { return r.Received.in(v.Zone) }},
	{name: "Updated", cell: func(r Row, v View) string { return r.Updated.in(v.Zone) }},
	{name: "Error", cell: func(r Row, _ View) string { return strings.Join(r.remarks(), "; ") }, beneath: Row.moreRemarks, prose: true},
}

// leaving is the order in which the others leave a terminal that is too narrow for all. The number in ShipStation goes
// before the date because it is the DSCO order id again.
var leaving = []string{"Flow", "Received", "SS Order #", "Updated", "Tracking", "PO / Retailer"}

// WriteTable writes a header and one line for each order, and nothing at all when there is none. On a terminal no line
// is longer than its width, unless an order id with its status, a purchase order or a tracking number is so by itself:
// ids and numbers are never cut.
func WriteTable(w io.Writer, rows []Row, v View) error {
	if len(rows) == 0 {
		return nil
	}
	if v.Zone == nil {
		v.Zone = time.Local
	}
	l := arrange(rows, v)
	lines, err := l.draw()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	fmt.Fprintln(&out, lines[0])
	for i, r := range rows {
		line := lines[i+1]
		if v.Colour {
			line = l.paint(line, r.word())
		}
		fmt.Fprintln(&out, line)
		for _, text := range l.beneath(i, r) {
			fmt.Fprintln(&out, text)
		}
	}
	_, err = w.Write(out.Bytes())
	return err
}

// Summary is a line about all rows: "12 orders: 3 received, 8 sent, 1 error", and "no orders" when there are none.
func Summary(rows []Row) string {
	if len(rows) == 0 {
		return "no orders"
	}
	c := count(rows)
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{
		{c.Received, "received"}, {c.Sent, "sent"}, {c.Shipped, "shipped"}, {c.Cancelled, "cancelled"}, {c.Error, plural(c.Error, "error")},
	} {
		if p.n == 0 {
			continue
		}
		part := strconv.Itoa(p.n) + " " + p.word
		if late := withoutAck(rows); p.word == "sent" && late > 0 {
			part += fmt.Sprintf(" (%d not ack'd)", late)
		}
		parts = append(parts, part)
	}
	text := fmt.Sprintf("%d %s: %s", len(rows), plural(len(rows), "order"), strings.Join(parts, ", "))
	asked := 0
	for _, r := range rows {
		if r.CancelRequested {
			asked++
		}
	}
	if asked > 0 {
		text += fmt.Sprintf("; retailers ask to cancel %d", asked)
	}
	return text
}

const unacknowledged = "Sent to SS, not ack'd"

// word is the status as the table has it.
func (r Row) word() string {
	switch r.Status {
	case "received":
		return "Received"
	case "sent":
		if !r.Acknowledged {
			return unacknowledged
		}
		return "Sent to SS"
	case "shipped":
		return "Shipped"
	case "cancelled":
		return "Cancelled"
	}
	return "Error"
}

// The ordinary 16 colours: a terminal's own scheme makes these readable on its background. Yellow and the bright ones
// vanish on white, blue on black.
const (
	red     = "\x1b[31m"
	green   = "\x1b[32m"
	magenta = "\x1b[35m"
	plain   = "\x1b[0m"
)

func colour(word string) string {
	switch word {
	case "Error":
		return red
	case unacknowledged:
		return magenta
	case "Shipped":
		return green
	}
	return ""
}

func (r Row) customer() string {
	name := r.Retailer
	if name == "" {
		name = r.RetailerID
	}
	if r.PO == "" || name == "" {
		return r.PO + name
	}
	return r.PO + " / " + name
}

// tracking is every number, but on a terminal only the first: the few orders of several parcels would take the room of
// all others.
func (r Row) tracking(v View) string {
	var numbers []string
	for _, p := range r.Tracking {
		numbers = append(numbers, p.Number)
	}
	if v.Width > 0 && len(numbers) > 1 {
		return numbers[0]
	}
	return strings.Join(numbers, ", ")
}

func (r Row) moreTracking(gone bool) []string {
	var lines []string
	for i, p := range r.Tracking {
		if i > 0 || gone {
			lines = append(lines, "tracking: "+p.Number)
		}
	}
	return lines
}

// remarks are the error, if there is one, and the notices.
func (r Row) remarks() []string {
	var all []string
	if r.Error != nil {
		all = append(all, r.Error.Message)
	}
	for _, n := range r.Notices {
		all = append(all, "notice: "+n.Message)
	}
	return all
}

func (r Row) moreRemarks(gone bool) []string {
	if !gone {
		return nil
	}
	return r.remarks()
}

// in is the moment as a table has it: the whole date even for today, since it is read after midnight and in tickets.
func (s Stamp) in(zone *time.Location) string {
	if s.Time.IsZero() {
		return ""
	}
	return s.Time.In(zone).Format("2006-01-02 15:04 MST")
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// withoutAck is how many orders are in ShipStation, but not acknowledged in DSCO.
func withoutAck(rows []Row) (n int) {
	for _, r := range rows {
		if r.Status == string(order.Sent) && !r.Acknowledged {
			n++
		}
	}
	return n
}
