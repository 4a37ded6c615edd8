package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"dscosync/internal/order"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The width of some characters depends on the locale: the golden files are those of a terminal that is not East Asian.
func TestMain(m *testing.M) {
	flag.Parse()
	twwidth.SetEastAsian(false)
	os.Exit(m.Run())
}

var (
	now   = time.Date(2026, 11, 23, 11, 15, 42, 123, time.UTC)
	rules = order.Rules{Now: now, AcknowledgeAlarm: 4 * time.Hour, ShipByAlarm: 24 * time.Hour}
	names = map[string]string{"1000012": "Example Retailer", "7": "日本の小売店", "8": "חנות"}
	pst   = time.FixedZone("PST", -8*3600)
)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func units(ordered, cancelled, told int) []order.Line {
	return []order.Line{{Number: 1, Ordered: ordered, Cancelled: cancelled, Told: told}}
}

// listed are orders as they come, and as they should never come.
func listed() []order.Order {
	return []order.Order{
		{ID: "1026064165", PO: "PO7", Retailer: "1000012", Lines: units(2, 0, 0), Received: ago(10 * time.Minute), Updated: ago(9 * time.Minute),
			DSCO: order.DSCO{Requested: true, ShipBy: now.Add(72 * time.Hour)}},
		{ID: "1026064166", PO: "PO8", Retailer: "1000012", Lines: units(2, 0, 0), Received: ago(26 * time.Hour), Updated: ago(25 * time.Hour), Acknowledged: ago(25 * time.Hour),
			ShipStation: []order.Ref{{ID: 53, Number: "1026064166", Child: true}, {ID: 51, Number: "1026064166", Status: "cancelled"}, {ID: 52, Number: "1026064166", Status: "awaiting_shipment"}},
			DSCO:        order.DSCO{ShipBy: ago(time.Hour), Packages: []order.Package{{Number: "1Z999AA10123456784", Carrier: "UPS", ServiceLevel: "UPCG", Shipped: ago(2 * time.Hour)}}},
			Notices:     []order.Notice{{Code: "changed", Text: "changed in DSCO after it was sent to ShipStation: the lines", At: ago(2 * time.Hour)}}},
		{ID: "1026064167", PO: "=HYPERLINK(\"http://x\")", Retailer: "999", Lines: units(1, 0, 0), Received: ago(5 * time.Hour), Updated: ago(5 * time.Hour),
			ShipStation: []order.Ref{{ID: 54, Number: "1026064167"}}},
		{ID: "1026064168", PO: "PO 🎁👩‍🚀 e\u0301 🇩🇪", Retailer: "7", Lines: units(3, 0, 3), Received: ago(300 * time.Hour), Updated: ago(3 * time.Hour), Acknowledged: ago(299 * time.Hour), Finished: ago(3 * time.Hour),
			ShipStation: []order.Ref{{ID: 55, Number: "1026064168"}},
			DSCO:        order.DSCO{Packages: []order.Package{{Number: "9400111899223197428490", Shipped: ago(4 * time.Hour)}, {Number: "92612999897543581074711582"}}}},
		{ID: "1026064169", PO: "הזמנה", Retailer: "8", Lines: units(1, 1, 0), Received: ago(20 * time.Hour), Updated: ago(19 * time.Hour), Finished: ago(19 * time.Hour)},
		{ID: "1026064170", PO: "PO\x1b]0;owned\x07\x1b[2J\r\n\t\u202eevil\u200b\xff\u2028", Retailer: "-1", Lines: units(1, 0, 0), Received: ago(time.Hour), Updated: ago(time.Minute),
			Notes: []order.Note{{Write: order.Write{Step: order.Create}, Held: true, Tries: 3, At: ago(time.Minute),
				Text: "shipstation: create orders: refused (400): shipTo.postalCode must be one of the codes of the state, and advancedOptions.customField1 is too long \x9b31m",
				Hint: "correct it, then run: dscosync retry 1026064170"}}},
		{ID: "1026064171", PO: strings.Repeat("long-purchase-order-number-", 4), Retailer: "1000012", Lines: units(1, 0, 0), Received: ago(time.Hour), Updated: ago(time.Minute),
			ShipStation: []order.Ref{{ID: 56, Number: "1026064171"}},
			Notes:       []order.Note{{Write: order.Write{Step: order.Acknowledge}, Tries: 1, At: ago(time.Minute), Text: "dsco: acknowledge orders: not available (503)"}}},
		{ID: "1026064172"},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestGoldenTable(t *testing.T) {
	rows := Rows(listed(), names, rules, nil)
	for name, width := range map[string]int{"status-80.txt": 80, "status-120.txt": 120, "status-200.txt": 200, "status-0.txt": 0} {
		golden(t, name, []byte(table(t, rows, View{Width: width, Zone: pst})+Summary(rows)+"\n"))
	}
	golden(t, "status-colour.txt", []byte(table(t, rows, View{Width: 80, Colour: true, Zone: pst})))
}

func TestGoldenJSON(t *testing.T) {
	var out bytes.Buffer
	if err := WriteJSON(&out, Rows(listed(), names, rules, nil), now); err != nil {
		t.Fatal(err)
	}
	golden(t, "status.json", out.Bytes())

	var back struct {
		Orders []struct {
			PO string `json:"po_number"`
		} `json:"orders"`
	}
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	for i, o := range listed() {
		if want := strings.ToValidUTF8(o.PO, "\ufffd"); back.Orders[i].PO != want {
			t.Errorf("a parser reads %q, want %q", back.Orders[i].PO, want)
		}
	}
}

func TestGoldenCSV(t *testing.T) {
	var out bytes.Buffer
	rows := Rows(listed(), names, rules, nil)
	if err := WriteCSV(&out, rows); err != nil {
		t.Fatal(err)
	}
	golden(t, "status.csv", out.Bytes())

	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(lines) != len(rows)+1 {
		t.Fatalf("read back as %d lines, %v", len(lines), err)
	}
	for _, line := range lines[1:] {
		for _, cell := range line {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}
}

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{"": "", "PO7": "PO7", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "1=1": "1=1", "'x": "'x"} {
		if got := guard(in); got != want {
			t.Errorf("guard(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNoRows(t *testing.T) {
	var out bytes.Buffer
	if err := WriteTable(&out, nil, View{}); err != nil || out.Len() > 0 {
		t.Errorf("an empty table is %q, %v", out.String(), err)
	}
	if err := WriteJSON(&out, Rows(nil, nil, rules, nil), now); err != nil {
		t.Fatal(err)
	}
	want := `{"generated_at":"2026-11-23T11:15:42Z","counts":{"received":0,"sent":0,"shipped":0,"cancelled":0,"error":0},"orders":[]}`
	var flat bytes.Buffer
	if err := json.Compact(&flat, out.Bytes()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, strings.TrimSpace(flat.String())); diff != "" {
		t.Error(diff)
	}
	out.Reset()
	if err := WriteCSV(&out, nil); err != nil || out.String() != strings.Join(header, ",")+"\r\n" {
		t.Errorf("an empty CSV is %q, %v", out.String(), err)
	}
}

// The JSON that scripts read, key for key.
func TestRowShape(t *testing.T) {
	o := order.Order{ID: "1026064165", PO: "PO7", Retailer: "1000012", Lines: units(2, 0, 1), Acknowledged: now,
		ShipStation: []order.Ref{{ID: 52, Number: "1026064165"}},
		DSCO: order.DSCO{ShipBy: now.Add(48 * time.Hour), Packages: []order.Package{
			{Number: "1Z999", Carrier: "UPS", ServiceLevel: "UPCG", Shipped: now}}},
		Received: now, Updated: now,
		Notices: []order.Notice{{Code: "changed", Text: "<b>", At: now}},
		Notes:   []order.Note{{Write: order.Write{Step: order.Create}, Text: "no", Hint: "do", At: now, Tries: 1, Held: true}}}
	want := `{"flow":"SS → DSCO","order_id":"1026064165","po_number":"PO7","retailer_id":"1000012","retailer":"Example Retailer",` +
		`"shipstation_order_number":"1026064165","shipstation_order_id":52,"status":"error","acknowledged":true,` +
		`"tracking":[{"number":"1Z999","carrier":"UPS","service_level":"UPCG","shipped_at":"2026-11-23T11:15:42Z","pushed":true}],` +
		`"cancel_requested":false,"ship_by":"2026-11-25T11:15:42Z","received_at":"2026-11-23T11:15:42Z","updated_at":"2026-11-23T11:15:42Z",` +
		`"notices":[{"code":"changed","message":"<b>","at":"2026-11-23T11:15:42Z"}],` +
		`"error":{"stage":"create","message":"no","hint":"do","at":"2026-11-23T11:15:42Z","attempts":1,"held":true}}`
	if diff := cmp.Diff(want, compact(t, Rows([]order.Order{o}, names, rules, nil)[0])); diff != "" {
		t.Error(diff)
	}

	o.Dismissed = &order.Dismissal{At: now}
	r := Rows([]order.Order{o}, names, rules, nil)[0]
	if r.Status != "sent" || r.Error != nil || len(r.Notices) != 1 || r.Notices[0].Code != "dismissed" {
		t.Errorf("dismissed: status %q, error %v, notices %#v; want just the word that it was dismissed", r.Status, r.Error, r.Notices)
	}
}

func TestSummary(t *testing.T) {
	row := func(s string) Row { return Row{Status: s} }
	for _, c := range []struct {
		rows []Row
		want string
	}{
		{nil, "no orders"},
		{[]Row{row("shipped")}, "1 order: 1 shipped"},
		{[]Row{row("error"), row("sent"), row("received"), row("sent"), row("cancelled")}, "5 orders: 1 received, 2 sent (2 not ack'd), 1 cancelled, 1 error"},
		{[]Row{row("error"), row("error")}, "2 orders: 2 errors"},
	} {
		if got := Summary(c.rows); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func compact(t *testing.T, document any) string {
	t.Helper()
	var out, flat bytes.Buffer
	if err := WriteDocument(&out, document); err != nil {
		t.Fatal(err)
	}
	if err := json.Compact(&flat, out.Bytes()); err != nil {
		t.Fatal(err)
	}
	return flat.String()
}
