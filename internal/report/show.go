package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/escape"
)

// page is a text in the making: heads at the margin, facts beneath them.
type page struct {
	v   View
	out bytes.Buffer
	err error // of drawing
}

// WriteLife writes an order's life for people: where it stands, what waits, both sides as they were last seen, its lines,
// its parcels, and every movement. On a terminal texts are broken to its width, and no id or number is ever cut.
func WriteLife(w io.Writer, l Life, v View) error {
	v.Zone = cmp.Or(v.Zone, time.Local)
	p := &page{v: v}
	p.heading(l)
	p.waits(l)
	p.sides(l)
	p.table("lines", lineSheet(l, v))
	p.table("parcels", parcelSheet(l, v))
	p.history(l)
	if p.err != nil {
		return p.err
	}
	_, err := w.Write(p.out.Bytes())
	return err
}

func (p *page) head(text string) { fmt.Fprintf(&p.out, "\n%s\n", text) }

// fact is a name and what is known under it; one that is not known is left out.
func (p *page) fact(name, text string) {
	if text != "" {
		p.say(fmt.Sprintf("  %-14s ", name), text, "")
	}
}

// say writes an escaped text behind what stands before it, coloured by its level.
func (p *page) say(before, text, level string) {
	for i, line := range hang(before, escape.Text(text), p.v.Width) {
		blank := len(before)
		if i > 0 {
			blank = len(line) - len(strings.TrimLeft(line, " "))
		}
		fmt.Fprintln(&p.out, line[:blank]+p.v.tint(level, line[blank:]))
	}
}

func (p *page) heading(l Life) {
	fmt.Fprintln(&p.out, "order "+escape.Text(l.OrderID))
	word := l.word()
	if code := colour(word); code != "" && p.v.Colour {
		fmt.Fprintf(&p.out, "  %-14s %s%s%s\n", "status", code, word, plain)
	} else {
		p.fact("status", word)
	}
	p.fact("PO number", l.PO)
	retailer := l.RetailerID
	if l.Retailer != "" {
		retailer = fmt.Sprintf("%s (%s)", l.Retailer, l.RetailerID)
	}
	p.fact("retailer", retailer)
	p.fact("flow", l.Flow)
	p.fact("taken up", l.Received.in(p.v.Zone))
	p.fact("last change", l.Updated.in(p.v.Zone))
	p.fact("finished", l.Finished.in(p.v.Zone))
}

// waits tells what keeps the order, and what can be done about it.
func (p *page) waits(l Life) {
	if len(l.Troubles) == 0 && l.Pending == nil && len(l.Notices) == 0 {
		return
	}
	p.head("to know")
	for _, t := range l.Troubles {
		what, level := "will be tried again: ", "warn"
		switch {
		case t.Held:
			what, level = "waits for a person: ", "error"
		case t.silent:
			what = "not tried again, since it was dismissed: "
		}
		p.say("  ", what+t.Stage+": "+t.Message, level)
		p.say("    ", fmt.Sprintf("since %s, after %d %s", t.At.in(p.v.Zone), t.Attempts, plural(t.Attempts, "attempt")), "")
		if t.silent {
			p.hint("to take it up again: dscosync retry " + l.OrderID)
		} else {
			p.hint(t.Hint)
		}
	}
	if q := l.Pending; q != nil {
		text := fmt.Sprintf("begun, and its outcome is not known yet: %s", q.Step)
		if q.RequestID != "" { // DSCO took it and works on it
			text = fmt.Sprintf("taken by DSCO, which has not said yet how it ended: %s (request %s)", q.Step, q.RequestID)
		}
		p.say("  ", text, "warn")
		p.say("    ", "since "+q.At.in(p.v.Zone), "")
		p.hint("nothing to do: the next runs look whether it was done before they go on")
	}
	for _, n := range l.Notices {
		p.say("  ", "notice: "+n.Message, "warn")
		p.hint(advice(n.Code, l.OrderID))
	}
}

func (p *page) hint(text string) {
	if text != "" {
		p.say("    hint: ", text, "")
	}
}

// advice is what a person can do about a notice.
func advice(code, id string) string {
	dismiss := "; if that is settled: dscosync dismiss " + id + ` --reason "..."`
	kind, _, _ := strings.Cut(code, "-")
	switch {
	case code == "changed":
		return "correct the ShipStation order by hand" + dismiss
	case kind == "voided":
		return "the next label is told by itself; if the parcel did leave, tell the retailer" + dismiss
	case code == "missing":
		return "look for it in ShipStation: if it was merged or moved it is told when it ships" + dismiss
	case kind == "number":
		return "compare the two labels in ShipStation, and void the wrong one" + dismiss
	case code == "unacknowledged", code == "acknowledge-late":
		return "each run asks again; when it stays so, acknowledge it in DSCO's portal"
	case code == "untold":
		return "run: dscosync push-tracking -v"
	case code == "ship-late", code == "ship-soon":
		return "buy its label in ShipStation, or have it cancelled in DSCO"
	case code == "cancelled-open":
		return "cancel it in ShipStation before it ships"
	case code == "dismissed":
		return "to take it up again: dscosync retry " + id
	}
	return strings.TrimPrefix(dismiss, "; ")
}

func (p *page) sides(l Life) {
	p.head("DSCO, as last seen")
	d, zone := l.DSCO, p.v.Zone
	p.fact("status", d.Status)
	p.fact("lifecycle", d.Lifecycle)
	p.fact("created", d.Created.in(zone))
	p.fact("last update", d.Updated.in(zone))
	p.fact("our last write", d.Written.in(zone))
	p.fact("acknowledged", cmp.Or(d.Acknowledged.in(zone), "not yet"))
	p.fact("acknowledge by", d.AcknowledgeBy.in(zone))
	p.fact("ship by", d.ShipBy.in(zone))
	p.fact("ship-late date", d.ShipLate.in(zone))
	p.fact("cancel after", d.CancelAfter.in(zone))
	wants := strings.TrimSpace(d.Carrier + " " + d.Method)
	if d.ServiceLevel != "" {
		wants = strings.TrimSpace(wants + " (" + d.ServiceLevel + ")")
	}
	p.fact("ship with", wants)
	if l.CancelRequested {
		p.fact("cancellation", "the retailer asks for it")
	}
	p.head("ShipStation, as last seen")
	if len(l.ShipStation) == 0 {
		p.fact("order", "none yet")
	}
	for _, r := range l.ShipStation {
		text := fmt.Sprintf("number %s, id %d: %s, %d %s", r.Number, r.ID, cmp.Or(r.Status, "status not seen"), r.Units, plural(r.Units, "unit"))
		if r.Store != 0 {
			text += ", store " + strconv.FormatInt(r.Store, 10)
		}
		if r.Part {
			text += ", a split part"
		}
		if len(r.Others) > 0 {
			text += ", combined with " + strings.Join(r.Others, ", ")
		}
		p.fact("order", text)
	}
	p.fact("our last write", l.Written.in(zone))
	if !l.Adopted.Time.IsZero() {
		p.fact("found there", l.Adopted.in(zone)+", not made by dscosync")
	}
}

func (p *page) table(name string, s sheet) {
	if len(s.rows) == 0 {
		return
	}
	p.head(name)
	width := p.v.Width
	if width > 0 {
		width = max(1, width-2)
	}
	lines, err := s.lines(width)
	p.err = cmp.Or(p.err, err)
	for _, line := range lines {
		fmt.Fprintln(&p.out, "  "+line)
	}
}

func lineSheet(l Life, v View) sheet {
	s := sheet{
		names:   []string{"Line", "SKU", "Ordered", "Cancelled", "Rejected", "Told", "Left", "Ship by", "Partner SKU", "DSCO item", "UPC", "EAN"},
		leaving: []string{"EAN", "UPC", "DSCO item", "Partner SKU", "Ship by", "Rejected", "Cancelled", "SKU"},
	}
	count := func(n int) string { return strconv.Itoa(n) }
	some := func(n int) string { // a column of nothing but noughts tells nothing
		if n == 0 {
			return ""
		}
		return count(n)
	}
	for _, n := range l.Lines {
		s.rows = append(s.rows, []string{count(n.Number), n.SKU, count(n.Ordered), some(n.Cancelled), some(n.Rejected), count(n.Told), count(n.Left), n.ShipBy.in(v.Zone), n.PartnerSKU, n.Item, n.UPC, n.EAN})
	}
	return s
}

func parcelSheet(l Life, v View) sheet {
	s := sheet{
		names:   []string{"Tracking", "Carrier", "Service", "Lines", "Shipped", "DSCO"},
		leaving: []string{"DSCO", "Shipped", "Lines", "Service", "Carrier"},
	}
	for _, p := range l.Parcels {
		told := "told " + p.Told.in(v.Zone)
		switch {
		case p.Why != "":
			told = "not told: " + string(p.Why)
		case p.ID == nil:
			told = "told by somebody else; ShipStation has no such label"
		case p.Voided.String() != "":
			told += ", voided " + p.Voided.in(v.Zone)
		}
		var packed []string
		for _, c := range p.Lines {
			packed = append(packed, fmt.Sprintf("%d×line %d", c.Units, c.Line))
		}
		service := p.Service
		if p.Marked {
			service = strings.TrimSpace(service + " (marked as shipped)")
		}
		s.rows = append(s.rows, []string{p.Number, p.Carrier, service, strings.Join(packed, ", "), p.Created.in(v.Zone), told})
	}
	return s
}

func (p *page) history(l Life) {
	p.head("history")
	if l.HistoryLost > 0 {
		p.say("  ", fmt.Sprintf("%d older %s no longer kept (state_retention)", l.HistoryLost, map[bool]string{true: "movement is", false: "movements are"}[l.HistoryLost == 1]), "")
	}
	if len(l.History) == 0 && l.HistoryLost == 0 {
		p.say("  ", "nothing yet", "")
	}
	for _, m := range l.History {
		before := fmt.Sprintf("  %s  %-8s  ", m.At.seconds(p.v.Zone), cmp.Or(escape.Text(string(m.Run)), "-"))
		if p.v.Width > 0 && p.v.Width < 2*len(before) { // too narrow for two columns
			fmt.Fprintln(&p.out, strings.TrimRight(before, " "))
			before = indent
		}
		p.say(before, m.String(), m.Level)
	}
}

// Choices writes the orders that a word may mean, for one to be chosen.
func Choices(w io.Writer, lives []Life, more int, v View) error {
	rows := make([]Row, len(lives))
	for i, l := range lives {
		rows[i] = l.Row
	}
	if err := WriteTable(w, rows, v); err != nil {
		return err
	}
	text := fmt.Sprintf("%d orders are called so", len(lives)+more)
	if more > 0 {
		text += fmt.Sprintf(", of which %d are not listed", more)
	}
	_, err := fmt.Fprintf(w, "%s; to see one of them: dscosync show %s\n", text, escape.Text(lives[0].OrderID))
	return err
}
