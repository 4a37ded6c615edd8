package report

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"dscosync/internal/escape"
	"dscosync/internal/order"
)

func table(t *testing.T, rows []Row, v View) string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteTable(&out, rows, v); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Away from a terminal nothing is lost: every column, every order on a line of its own.
func TestTableIsWholeOffTerminal(t *testing.T) {
	rows := Rows(listed(), names, rules, nil)
	lines := strings.Split(strings.TrimSuffix(table(t, rows, View{Zone: pst}), "\n"), "\n")
	if len(lines) != len(rows)+1 {
		t.Fatalf("%d lines for %d orders", len(lines), len(rows))
	}
	at := -1
	for _, c := range columns {
		i := strings.Index(lines[0], c.name)
		if i <= at {
			t.Errorf("column %q is missing or out of place in %q", c.name, lines[0])
		}
		at = i
	}
	for i, r := range rows {
		for _, text := range slices.Concat(numbers(r), r.remarks(), []string{r.OrderID, r.PO, string(r.ShipStationNumber), r.word(), r.Received.in(pst)}) {
			if !strings.Contains(lines[i+1], escape.Text(text)) {
				t.Errorf("%q is not in %q", text, lines[i+1])
			}
		}
	}
}

// Away from a terminal a text that is absurdly long is whole, and widens no other order's line.
func TestTableIsNotWidenedByOne(t *testing.T) {
	rows := Rows(listed()[:3], names, rules, nil)
	rows[1].PO = strings.Repeat("Öß🎁 ", 50_000)
	rows[1].ShipStationNumber = Text(strings.Repeat("7", 300))
	lines := strings.Split(strings.TrimSuffix(table(t, rows, View{Zone: pst}), "\n"), "\n")
	if len(lines) != len(rows)+1 {
		t.Fatalf("%d lines for %d orders", len(lines), len(rows))
	}
	for i, line := range lines {
		if i != 2 && twwidth.Width(line) > 800 {
			t.Errorf("line %d is %d wide", i, twwidth.Width(line))
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		r, other := awkward(rnd), awkward(rnd)
		r.PO, r.Retailer = strings.Repeat(r.PO+"x", rnd.IntN(300)), strings.Repeat(r.Retailer, rnd.IntN(30))
		other.ShipStationNumber = Text(strings.Repeat("7", rnd.IntN(400)))
		rows = append(rows, r, other)
	}
	squeezed := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	for i, line := range strings.Split(table(t, rows, View{Zone: pst}), "\n")[1 : len(rows)+1] {
		want := ""
		for _, c := range columns {
			want += escape.Text(c.cell(rows[i], View{Zone: pst}))
		}
		if squeezed(line) != squeezed(want) {
			t.Errorf("%q\nwant all of %q", line, want)
		}
	}
}

// On a terminal no line is longer than its width, ids, status and tracking are whole, and colour moves nothing.
func TestTableFitsTerminal(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	t.Cleanup(func() { twwidth.SetEastAsian(false) })
	for range 300 {
		twwidth.SetEastAsian(rnd.IntN(4) == 0)
		rows := make([]Row, 1+rnd.IntN(6))
		for i := range rows {
			rows[i] = awkward(rnd)
		}
		width := 45 + rnd.IntN(220)
		out := table(t, rows, View{Width: width, Zone: pst})
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			if w := twwidth.Width(line); w > width && !strings.HasPrefix(line, "    PO: ") {
				t.Fatalf("%d columns on a terminal of %d: %q", w, width, line)
			}
			if strings.HasSuffix(line, " ") {
				t.Fatalf("spaces at the end of %q", line)
			}
		}
		for _, r := range rows {
			for _, text := range slices.Concat(numbers(r), []string{r.OrderID, r.word(), strings.TrimRight(escape.Text(r.PO), " ")}) {
				if !strings.Contains(out, text) {
					t.Fatalf("%q is lost on a terminal of %d:\n%s", text, width, out)
				}
			}
		}
		painted := table(t, rows, View{Width: width, Zone: pst, Colour: true})
		if diff := cmp.Diff(out, escapes.ReplaceAllString(painted, "")); diff != "" {
			t.Fatalf("colour moves the text:\n%s", diff)
		}
		for _, r := range rows {
			if code := colour(r.word()); code != "" && !strings.Contains(painted, "  "+code+r.word()+plain) {
				t.Fatalf("%q is not painted:\n%q", r.word(), painted)
			}
		}
	}
}

func numbers(r Row) []string {
	var all []string
	for _, p := range r.Tracking {
		all = append(all, p.Number)
	}
	return all
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

func awkward(rnd *rand.Rand) Row {
	pick := func(from ...string) string { return from[rnd.IntN(len(from))] }
	text := func(most int) string {
		var b strings.Builder
		for range rnd.IntN(most) {
			b.WriteString(pick("a", "b ", "Error", " ", "日", "本", "é", "e\u0301", "👩", "\x1b[2J", "\n", "ש", "\u202e", "→", "\xff", "🇩🇪"))
		}
		return b.String()
	}
	r := Row{Flow: "DSCO → SS", OrderID: pick("1", "1026064165", "10260641650000"), PO: text(20), Retailer: text(12), ShipStationNumber: Text(pick("", "1026064165")),
		Status: pick("received", "sent", "shipped", "cancelled", "error"), Acknowledged: rnd.IntN(2) == 0, Received: Stamp{now}, Updated: Stamp{now}}
	for range rnd.IntN(3) {
		r.Tracking = append(r.Tracking, Parcel{Number: pick("1Z999AA10123456784", "92612999897543581074711582", "7")})
	}
	if r.Status == "error" {
		r.Error = &Trouble{Message: text(60)}
	}
	if rnd.IntN(3) == 0 {
		r.Notices = []Notice{{Message: text(30)}}
	}
	return r
}

// What is unknown to the settings or missing must still be readable.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		row  Row
		want []string // PO / Retailer, Status
	}{
		{Row{PO: "PO7", RetailerID: "12", Retailer: "Shop", Status: "sent"}, []string{"PO7 / Shop", "Sent to SS, not ack'd"}},
		{Row{PO: "PO7", RetailerID: "12", Status: "sent", Acknowledged: true}, []string{"PO7 / 12", "Sent to SS"}},
		{Row{PO: "PO7", Status: "received"}, []string{"PO7", "Received"}},
		{Row{Retailer: "Shop", Status: "shipped"}, []string{"Shop", "Shipped"}},
		{Row{Status: "cancelled"}, []string{"", "Cancelled"}},
		{Row{Status: "error", Acknowledged: true}, []string{"", "Error"}},
	} {
		if diff := cmp.Diff(c.want, []string{c.row.customer(), c.row.word()}); diff != "" {
			t.Error(diff)
		}
	}
	if got := (Stamp{now}).in(pst); got != "2026-11-23 03:15 PST" {
		t.Error(got)
	}
	if got := (Stamp{}).in(pst); got != "" {
		t.Error(got)
	}
}

func TestDocument(t *testing.T) {
	part := order.Ref{ID: 1, Child: true}
	dead := order.Ref{ID: 2, Status: "cancelled"}
	live := order.Ref{ID: 3, Status: "shipped"}
	for _, c := range []struct {
		refs []order.Ref
		want int64
	}{
		{nil, 0}, {[]order.Ref{part}, 1}, {[]order.Ref{part, dead}, 2}, {[]order.Ref{part, dead, live}, 3}, {[]order.Ref{live, dead, part}, 3},
	} {
		if got, ok := document(order.Order{ShipStation: c.refs}); got.ID != c.want || ok != (c.refs != nil) {
			t.Errorf("of %v: %d", c.refs, got.ID)
		}
	}
}
