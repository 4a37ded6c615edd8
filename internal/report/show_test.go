package report

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"dscosync/internal/order"
)

// eventful is an order to which everything happened.
func eventful() order.Order {
	return order.Order{ID: "1026064165", PO: "PO7", Retailer: "1000012", Received: ago(50 * time.Hour), Updated: ago(time.Hour), Acknowledged: ago(49 * time.Hour),
		WroteDSCO: ago(2 * time.Hour), WroteShipStation: ago(50 * time.Hour), Adopted: ago(50 * time.Hour),
		Lines: []order.Line{
			{Number: 1, Item: "1290000001", SKU: "MUG-RED-12", Partner: "R-MUG-RED-12", Ordered: 3, Cancelled: 1, Told: 1, ShipBy: now.Add(time.Hour)},
			{Number: 2, Item: "1290000002", SKU: "BOARD\x1b[31m", Partner: "R-BOARD", Ordered: 1, Rejected: 1}},
		DSCO: order.DSCO{Status: "shipment_pending", Lifecycle: "acknowledged", Requested: true, Created: ago(51 * time.Hour), Updated: ago(3 * time.Hour),
			AcknowledgeBy: ago(40 * time.Hour), ShipBy: now.Add(time.Hour), ShipLate: ago(200 * time.Hour), CancelAfter: now.Add(96 * time.Hour),
			Carrier: "UPS", Method: "Ground", Code: "UPCG",
			Packages: []order.Package{{Number: "1Z999AA10123456784", Carrier: "UPS"}, {Number: "9400111899223197428490", Carrier: "USPS", Shipped: ago(5 * time.Hour), Lines: []order.Packed{{Line: 1, Units: 1}}}}},
		ShipStation: []order.Ref{{ID: 52, Number: "1026064165", Key: "dsco-1026064165", Status: "awaiting_shipment", Store: 1001, Lines: []order.Packed{{Line: 1, Units: 2}, {Line: 2, Units: 1}}, Others: []order.ID{"1026064999"}}, {ID: 53, Number: "1026064165-2", Child: true, Lines: []order.Packed{{Line: 1, Units: 1}}}},
		Parcels: []order.Parcel{
			{ID: 1, Number: "1Z999AA10123456784", Carrier: "ups", Service: "ups_ground", Lines: []order.Packed{{Line: 1, Units: 1}}, Created: ago(4 * time.Hour), Told: ago(3 * time.Hour), Voided: ago(2 * time.Hour)},
			{ID: 2, Number: "PP0002", Carrier: "pigeon_post", Service: "fast", Lines: []order.Packed{{Line: 1, Units: 1}, {Line: 2, Units: 1}}, Created: ago(time.Hour)},
			{ID: 3, Number: "774803", Name: "FedEx", Marked: true, Created: ago(time.Hour), Voided: ago(time.Minute)},
		},
		Intent: &order.Intent{Write: order.Write{Step: order.Acknowledge}, At: ago(time.Minute), RequestID: "1e0f2a34-0000-4000-8000-000000000003"},
		Notes: []order.Note{
			{Write: order.Write{Step: order.Ship, Parcel: 2}, Held: true, Tries: 1, At: ago(time.Hour), Text: "parcel PP0002: the carrier table lacks pigeon_post with fast", Hint: "add to the settings, under carriers: - { shipstation_carrier: pigeon_post }"},
			{Write: order.Write{Step: order.Create}, Tries: 2}},
		Notices: []order.Notice{{Code: "voided-1", Text: "the label 1Z999AA10123456784 was voided after DSCO had been told of it", At: ago(2 * time.Hour)}},
	}
}

func movements() []Movement {
	status := 400
	return []Movement{
		{Seq: 7, At: Stamp{ago(50 * time.Hour)}, Run: "k3v9x2qa", OrderID: "1026064165", Level: "info", Message: "found in ShipStation (id 52)"},
		{Seq: 8, At: Stamp{ago(3 * time.Hour)}, Run: "k3v9x2qa", OrderID: "1026064165", Level: "warn", Step: "acknowledge", Message: "acknowledge: refused by DSCO: X: not today\x1b[2J", API: "dsco", Status: &status, RequestID: "1e0f2a34-0000-4000-8000-000000000003"},
		{Seq: 9, At: Stamp{ago(2 * time.Hour)}, Run: "w7m2p4zd", OrderID: "1026064165", Level: "error", Step: "ship", Message: "held: ship: parcel PP0002: the carrier table lacks pigeon_post with fast", API: "dsco"},
		{Seq: 10, At: Stamp{ago(time.Hour)}, OrderID: "1026064165", Level: "info", Message: "dismissed: entered by hand"},
	}
}

func shown(t *testing.T, o order.Order, v View) string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteLife(&out, LifeOf(o, names, rules, nil, movements(), 2), v); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGoldenShow(t *testing.T) {
	for name, v := range map[string]View{"show-0.txt": {}, "show-80.txt": {Width: 80}, "show-200.txt": {Width: 200}, "show-colour.txt": {Width: 80, Colour: true}} {
		v.Zone = pst
		golden(t, name, []byte(shown(t, eventful(), v)))
	}
	var out bytes.Buffer
	if err := WriteLives(&out, []Life{LifeOf(eventful(), names, rules, nil, movements(), 2)}, 0, now); err != nil {
		t.Fatal(err)
	}
	golden(t, "show.json", out.Bytes())
}

// On a terminal of any width each id and number stands there whole; colour moves nothing.
func TestShowCutsNothing(t *testing.T) {
	for width := 20; width <= 220; width += 3 {
		text := shown(t, eventful(), View{Width: width, Zone: pst})
		for _, whole := range []string{"1026064165", "1026064165-2", "PO7", "1Z999AA10123456784", "9400111899223197428490", "PP0002", "774803", "MUG-RED-12", "R-MUG-RED-12", "1290000002",
			"1e0f2a34-0000-4000-8000-000000000003", "pigeon_post", "ups_ground", `BOARD\x1b[31m`, "k3v9x2qa"} {
			if !strings.Contains(text, whole) {
				t.Fatalf("%q is lost at %d:\n%s", whole, width, text)
			}
		}
		if strings.ContainsAny(text, "\x1b…") {
			t.Fatalf("something is cut or raw at %d:\n%s", width, text)
		}
		if width >= 80 {
			for line := range strings.Lines(text) {
				if twwidth.Width(strings.TrimRight(line, "\n")) > width {
					t.Errorf("wider than %d: %q", width, line)
				}
			}
		}
		if diff := cmp.Diff(text, escapes.ReplaceAllString(shown(t, eventful(), View{Width: width, Zone: pst, Colour: true}), "")); diff != "" {
			t.Fatalf("colour moves the text at %d:\n%s", width, diff)
		}
	}
}

// An order of which next to nothing is known is shown as well.
func TestShowOfNothing(t *testing.T) {
	var out bytes.Buffer
	if err := WriteLife(&out, LifeOf(order.Order{ID: "7"}, nil, rules, nil, nil, 0), View{Zone: pst}); err != nil {
		t.Fatal(err)
	}
	want := "order 7\n  status         Received\n  flow           DSCO → SS\n\nDSCO, as last seen\n  acknowledged   not yet\n\nShipStation, as last seen\n  order          none yet\n\nhistory\n  nothing yet\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	text := compact(t, LifeOf(order.Order{ID: "7"}, nil, rules, nil, nil, 0))
	for _, part := range []string{`"shipstation":[]`, `"lines":[]`, `"parcels":[]`, `"pending":null`, `"troubles":[]`, `"dismissed":null`, `"history":[]`, `"history_lost":0`} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s in %s", part, text)
		}
	}
}

// Why a parcel is not told, case by case.
func TestUntold(t *testing.T) {
	o := func(change func(*order.Order)) order.Order {
		o := order.Order{ID: "7", Acknowledged: ago(time.Hour), Lines: units(2, 0, 0), ShipStation: []order.Ref{{ID: 1}},
			Parcels: []order.Parcel{{ID: 1, Number: "1Z", Lines: []order.Packed{{Line: 1, Units: 1}}, Created: ago(time.Hour)}}}
		change(&o)
		return o
	}
	w := order.Write{Step: order.Ship, Parcel: 1}
	for _, test := range []struct {
		change func(*order.Order)
		want   string
	}{
		{func(*order.Order) {}, "the next run tells DSCO of it"},
		{func(o *order.Order) { o.Parcels[0].Told = now }, ""},
		{func(o *order.Order) { o.Parcels[0].Told, o.Parcels[0].Voided = now, now }, ""},
		{func(o *order.Order) { o.Parcels[0].Voided = now }, "voided before DSCO was told of it"},
		{func(o *order.Order) { o.Intent = &order.Intent{Write: w} }, "under way: its outcome is not known yet"},
		{func(o *order.Order) { o.Parcels[0].Voided, o.Intent = now, &order.Intent{Write: w} }, "under way: its outcome is not known yet"},
		{func(o *order.Order) { o.Notes = []order.Note{{Write: w, Held: true, Text: "no"}} }, "held: no"},
		{func(o *order.Order) { o.Notes = []order.Note{{Write: w, Text: "no"}} }, "no"},
		{func(o *order.Order) { o.Parcels[0].Unclear = "no lines" }, "no lines"},
		{func(o *order.Order) { o.Lines = units(2, 0, 2) }, "no unit of what is in it is left to tell of"},
		{func(o *order.Order) { o.Acknowledged = time.Time{} }, "waits until the order is acknowledged"},
		{func(o *order.Order) { o.Parcels[0].Ships = now.Add(time.Hour) }, "waits until 2026-11-23T12:15:42Z"},
	} {
		if got := string(LifeOf(o(test.change), nil, rules, nil, nil, 0).Parcels[0].Why); got != test.want {
			t.Errorf("%q, not %q", got, test.want)
		}
	}
}

// Each notice and alarm there is has an advice.
func TestAdvice(t *testing.T) {
	for _, code := range []string{"changed", "voided-12", "missing", "number-1Z", "unacknowledged", "acknowledge-late", "untold", "ship-late", "ship-soon", "cancelled-open", "dismissed", "lowered", "on-hold", "cancel-requested"} {
		if advice(code, "7") == "" {
			t.Errorf("none for %s", code)
		}
	}
	for _, code := range []string{"changed", "missing", "lowered"} {
		if !strings.Contains(advice(code, "7"), "dscosync dismiss 7 ") {
			t.Errorf("%s: %s", code, advice(code, "7"))
		}
	}
}

func TestHang(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 500 {
		var words []string
		for range 1 + rnd.IntN(12) {
			words = append(words, strings.Repeat(string("ab日é"[rnd.IntN(2)]), 1+rnd.IntN(15)))
		}
		before, width := strings.Repeat(" ", rnd.IntN(8))+"x: ", 10+rnd.IntN(60)
		lines := hang(before, strings.Join(words, " "), width)
		if got := strings.Join(strings.Fields(strings.Join(lines, " ")), " "); got != strings.Join(strings.Fields(before+strings.Join(words, " ")), " ") {
			t.Fatalf("%q became %q", words, lines)
		}
		for _, line := range lines {
			if twwidth.Width(line) > width && len(strings.Fields(strings.TrimPrefix(line, before))) > 1 {
				t.Errorf("wider than %d: %q", width, line)
			}
		}
	}
}

// A line of the journal is one line, whatever is in it.
func TestWriteMovement(t *testing.T) {
	var out bytes.Buffer
	for _, m := range movements() {
		if err := WriteMovement(&out, m, View{Zone: pst, Width: 40}); err != nil {
			t.Fatal(err)
		}
	}
	want := "2026-11-21 01:15:42 PST  k3v9x2qa  order 1026064165: found in ShipStation (id 52)\n" +
		`2026-11-23 00:15:42 PST  k3v9x2qa  order 1026064165: warning: acknowledge: refused by DSCO: X: not today\x1b[2J [acknowledge: DSCO answered 400, request 1e0f2a34-0000-4000-8000-000000000003]` + "\n" +
		"2026-11-23 01:15:42 PST  w7m2p4zd  order 1026064165: error: held: ship: parcel PP0002: the carrier table lacks pigeon_post with fast [ship: DSCO gave no answer]\n" +
		"2026-11-23 02:15:42 PST  -         order 1026064165: dismissed: entered by hand\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	out.Reset()
	if err := WriteMovementJSON(&out, movements()[1]); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "\n") != 1 || !json.Valid(out.Bytes()) || strings.Contains(out.String(), "\x1b") {
		t.Errorf("%q", out.String())
	}
}
