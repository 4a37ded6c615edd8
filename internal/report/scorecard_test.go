package report

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"dscosync/internal/order"
	"dscosync/internal/scorecard"
)

var eastern, _ = time.LoadLocation("America/New_York")

// carded is a scorecard of two months of a shop with so many retailers, the same each time.
func carded(retailers int, by scorecard.Dimension) scorecard.Report {
	called := map[string]string{}
	for i := range retailers {
		called[fmt.Sprint(1000000+i)] = []string{"Example Retailer", "Kohl's & Co <b>", "日本の小売店", "evil\x1b[2J\u202e"}[i%4]
	}
	r := scorecard.Rules{Now: now, Period: scorecard.Month(2026, 11, eastern), Before: scorecard.Month(2026, 10, eastern), Zone: eastern, By: by,
		Aims: scorecard.Default, Tracking: 4 * time.Hour, Drift: scorecard.Limits{Weeks: 8, Spread: 3}}
	dice := rand.New(rand.NewPCG(7, 7))
	card := scorecard.New(r)
	all := 60 * max(20, retailers)
	for i := range all {
		at := now.Add(-time.Duration(all-i) * (60 * 24 * time.Hour / time.Duration(all))).Truncate(time.Second)
		end := at.Add(time.Duration(10+dice.IntN(64)) * time.Hour)
		id := dice.IntN(retailers)
		if id == 1 && now.Sub(end) < 120*time.Hour { // one goes wrong lately
			end = end.Add(40 * time.Hour)
		}
		f := order.Facts{ID: order.ID(fmt.Sprint(1026000000 + i)), Retailer: fmt.Sprint(1000000 + id), Country: "US", Region: "OR", Available: at, Received: at.Add(time.Minute), Acknowledged: at.Add(20 * time.Minute)}
		l := order.LineFacts{SKU: fmt.Sprint("SKU-", dice.IntN(7)), Ordered: 2, Due: at.Add(72 * time.Hour)}
		switch {
		case end.After(now):
		case dice.IntN(20) == 0:
			l.Cancelled, l.Closed, l.Reason, l.Ours = 2, end, []string{"CXSS", "CXSC", "", "=CMD"}[dice.IntN(4)], dice.IntN(3)
		default:
			l.Shipped, l.Shipment, l.Closed, l.Parcel = 2, end, end, 1
			f.Parcels = []order.ParcelFacts{{Carrier: "UPS", Service: "UPCG", Known: true, Created: end.Add(-time.Duration(dice.IntN(300)) * time.Minute), Told: end}}
		}
		f.Lines = []order.LineFacts{l}
		card.Add(f)
	}
	out := card.Report(called, now.AddDate(0, 0, -50))
	watch := scorecard.NewWatch(now, nil, func(o order.Order) bool { return atRisk(o, 24*time.Hour, rules) })
	for i := range 9 {
		watch.Add(order.Order{ID: order.ID(fmt.Sprint(i)), Retailer: fmt.Sprint(1000000 + i%2), Acknowledged: now, ShipStation: []order.Ref{{ID: 1}}, Lines: units(1, 0, 0),
			DSCO: order.DSCO{ShipBy: now.Add(time.Duration(i*11-20) * time.Hour)}})
	}
	out.Risk = watch.Risk(called)
	return out
}

func TestGoldenScorecard(t *testing.T) {
	r := carded(3, scorecard.ByRetailer)
	if len(r.Drift) == 0 || len(r.Groups) != 3 || r.Total.Budget == nil {
		t.Fatalf("the sample shows too little: %+v", r.Drift)
	}
	for name, width := range map[string]int{"scorecard-80.txt": 80, "scorecard-0.txt": 0} {
		var out bytes.Buffer
		if err := WriteScorecard(&out, r, View{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.Bytes())
		for line := range strings.Lines(out.String()) {
			if w := twwidth.Width(strings.TrimRight(line, "\n")); width > 0 && w > width {
				t.Errorf("%s: %d columns: %s", name, w, line)
			}
		}
	}
	var daily, data, table bytes.Buffer
	if err := WriteDaily(&daily, r, true); err != nil {
		t.Fatal(err)
	}
	golden(t, "scorecard-daily.txt", daily.Bytes())
	if err := WriteScorecardJSON(&data, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "scorecard.json", data.Bytes())
	if !json.Valid(data.Bytes()) {
		t.Error("no JSON")
	}
	if err := WriteScorecardCSV(&table, carded(4, scorecard.ByWeek)); err != nil {
		t.Fatal(err)
	}
	golden(t, "scorecard.csv", table.Bytes())
	for what, text := range map[string]string{"daily": daily.String(), "json": data.String(), "csv": table.String()} {
		if strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("%s: a control character went through", what)
		}
	}
}

// Nothing to say and told to be quiet, it is silent; else it says that there is nothing.
func TestDailyQuiet(t *testing.T) {
	r := scorecard.New(scorecard.Rules{Now: now, Period: scorecard.Month(2026, 11, eastern), Before: scorecard.Month(2026, 10, eastern), Zone: eastern, By: scorecard.ByRetailer, Aims: scorecard.Default}).Report(nil, time.Time{})
	var quiet, loud bytes.Buffer
	if WriteDaily(&quiet, r, true) != nil || quiet.Len() > 0 {
		t.Errorf("not silent: %s", quiet.String())
	}
	var doc bytes.Buffer
	if WriteScorecardJSON(&doc, r) != nil || !json.Valid(doc.Bytes()) || !strings.Contains(doc.String(), `"groups": [],`) {
		t.Errorf("of no group: %s", doc.String())
	}
	if WriteDaily(&loud, r, false) != nil || !strings.Contains(loud.String(), "Today: no order is open.") {
		t.Errorf("silent: %s", loud.String())
	}
	day := now.Add(-24 * time.Hour)
	card := scorecard.New(scorecard.Rules{Now: now, Period: scorecard.Month(2026, 11, eastern), Zone: eastern, Aims: scorecard.Default})
	card.Add(order.Facts{ID: "1", Retailer: "7", Lines: []order.LineFacts{{Ordered: 1, Shipped: 1, Due: day, Shipment: day, Closed: day}}})
	var few bytes.Buffer
	if WriteDaily(&few, card.Report(nil, time.Time{}), false) != nil || !strings.Contains(few.String(), "1 line closed, on time 100.00%, filled 100.00%. With fewer than 20 lines the figures mean little.\n") {
		t.Errorf("one line, and it says: %s", few.String())
	}
	r.Risk.Total.Late = 1
	if WriteDaily(&quiet, r, true) != nil || !strings.Contains(quiet.String(), "1 late") {
		t.Errorf("an order is late, and it says: %s", quiet.String())
	}
}

// A part with little behind its figures says so, on the terminal and on the page, though there is enough of the whole.
func TestFewOfAPart(t *testing.T) {
	day := now.Add(-48 * time.Hour)
	r := scorecard.Rules{Now: now, Period: scorecard.Month(2026, 11, eastern), Before: scorecard.Month(2026, 10, eastern), Zone: eastern, By: scorecard.BySKU, Aims: scorecard.Default}
	card := scorecard.New(r)
	for i := range 43 {
		l := order.LineFacts{SKU: "MUG", Ordered: 1, Shipped: 1, Due: day, Shipment: day, Closed: day}
		if i < 3 {
			l.SKU, l.Shipment = "CUP", day.Add(time.Hour)
		}
		card.Add(order.Facts{ID: "1", Retailer: "7", Lines: []order.LineFacts{l}})
	}
	var out bytes.Buffer
	skus := card.Report(nil, time.Time{})
	if err := WriteScorecard(&out, skus, View{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"By SKU\nSKU  Lines  Score", "\nMUG  40     100.00%", "\nCUP  3 *    50.00% !", "\n! the goal is missed\n* fewer than 20 are behind it: the figure means little\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "May be late") {
		t.Error("a SKU has no goal")
	}
	page, err := Page(skus)
	if err != nil || !strings.Contains(string(page), "<td>3 *</td>") || !strings.Contains(string(page), "<li>! the goal is missed</li>") || !strings.Contains(string(page), "<li>* fewer than 20 are behind it") {
		t.Errorf("%v: the page does not say so", err)
	}
}

// Where there are lines enough but few orders, the star stands beside what is measured by the order.
func TestFewOrdersOfManyLines(t *testing.T) {
	day := now.Add(-48 * time.Hour)
	card := scorecard.New(scorecard.Rules{Now: now, Period: scorecard.Month(2026, 11, eastern), Zone: eastern, By: scorecard.ByRetailer, Aims: scorecard.Default})
	f := order.Facts{ID: "1", Retailer: "7", Available: day.Add(-5 * time.Hour)}
	for range 30 {
		f.Lines = append(f.Lines, order.LineFacts{SKU: "MUG", Ordered: 1, Shipped: 1, Due: day, Shipment: day, Closed: day})
	}
	card.Add(f)
	var out bytes.Buffer
	if err := WriteScorecard(&out, card.Report(nil, time.Time{}), View{}); err != nil {
		t.Fatal(err)
	}
	row := ""
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "7 ") {
			row = strings.Join(strings.Fields(line), " ")
			break
		}
	}
	if want := "7 30 100.00% 100.00% 100.00% 0.00% 5h 0m * 0 1"; row != want {
		t.Errorf("%q, not %q, in:\n%s", row, want, out.String())
	}
}

// Whose goal is out of reach is said in words; how many more lines of the others may be late stands in their line.
func TestOutOfReach(t *testing.T) {
	day := now.Add(-48 * time.Hour)
	card := scorecard.New(scorecard.Rules{Now: now, Period: scorecard.Month(2026, 11, eastern), Zone: eastern, By: scorecard.ByRetailer, Aims: scorecard.Default})
	for i := range 40 {
		f := order.Facts{ID: "1", Retailer: "Punctual", Lines: []order.LineFacts{{Ordered: 1, Shipped: 1, Due: day, Shipment: day, Closed: day}}}
		if i < 20 {
			f.Retailer = "Late"
		}
		if i < 3 {
			f.Lines[0].Shipment = day.Add(time.Hour)
		}
		card.Add(f)
	}
	var out bytes.Buffer
	if err := WriteScorecard(&out, card.Report(nil, time.Time{}), View{}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if !strings.Contains(text, "\nLate: the goal of 95% is out of reach") || !strings.Contains(text, "   2 too many\n") || strings.Contains(text, "Punctual: ") || !strings.Contains(text, "   1\n") {
		t.Error(text)
	}
}

// Of a month that is over its own days are shown, and nothing that can still be saved.
func TestPastMonth(t *testing.T) {
	r := scorecard.Rules{Now: now, Period: scorecard.Month(2026, 10, eastern), Before: scorecard.Month(2026, 9, eastern), Zone: eastern, By: scorecard.ByRetailer, Aims: scorecard.Default,
		Drift: scorecard.Limits{Weeks: 8, Spread: 3}}
	card := scorecard.New(r)
	for ago := range 60 {
		day := now.AddDate(0, 0, -ago)
		for i := range 20 {
			l := order.LineFacts{Ordered: 1, Shipped: 1, Due: day, Shipment: day, Closed: day}
			if ago < 5 || ago == 30 && i == 0 {
				l.Shipment = day.Add(time.Hour)
			}
			card.Add(order.Facts{ID: "1", Retailer: "7", Lines: []order.LineFacts{l}})
		}
	}
	over := card.Report(nil, time.Time{})
	page, err := Page(over)
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]bool{">10-31<": true, ">10-01<": true, ">11-22<": false, "<th scope=\"row\">2026-10-31</th>": true, "2026-11-22": false, "can still be saved": false, "Drift": false} {
		if strings.Contains(string(page), what) != want {
			t.Errorf("%q on the page: not %v", what, want)
		}
	}
	var text, doc bytes.Buffer
	if WriteScorecard(&text, over, View{}) != nil || !strings.Contains(text.String(), "██████▁███████") || strings.Contains(text.String(), "drift:") {
		t.Errorf("no days of it:\n%s", text.String())
	}
	if WriteScorecardJSON(&doc, over) != nil || !strings.Contains(doc.String(), `"at_risk": null`) {
		t.Errorf("today's risk in the document of a month that is over")
	}
}

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "<1m", 59 * time.Second: "<1m", time.Minute: "1m", 59 * time.Minute: "59m", 61 * time.Minute: "1h 1m", 47*time.Hour + time.Minute: "47h 1m", 51 * time.Hour: "2d 3h"} {
		if got := took(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}

func TestSpark(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		shares []*float64
		want   string
	}{{nil, ""}, {[]*float64{f(100), nil, f(100)}, "█·█"}, {[]*float64{f(0), f(50), f(100)}, "▁▅█"}, {[]*float64{f(90), f(95), f(99)}, "▁▅▇"}} {
		if got := spark(c.shares); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// The page is whole in itself: it names no address but the one of the SVG's own words, runs nothing, and each table and
// picture has a name that can be read aloud. What a retailer is called stays text.
func TestPage(t *testing.T) {
	text, err := Page(carded(50, scorecard.ByRetailer))
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 300_000 {
		t.Errorf("%d bytes for 50 retailers, want less than 300,000", len(text))
	}
	t.Logf("%d bytes for 50 retailers", len(text))
	page := string(text)
	for _, bad := range []string{"http:", "https:", "<script", "@import", "url(", "src=", "<b>", "\x1b", "\u202e", "rgb(", "Roboto", "xlink"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if n, named := strings.Count(page, "<svg "), strings.Count(page, `<svg role="img" aria-label="`); n != 4 || named != n {
		t.Errorf("%d pictures, %d with a name", n, named)
	}
	if n := strings.Count(page, "<table>"); n < 6 || strings.Count(page, "<caption>") != n || strings.Count(page, `<th scope="row">`) < 60 {
		t.Errorf("%d tables, %d captions", n, strings.Count(page, "<caption>"))
	}
	for _, want := range []string{"prefers-color-scheme: dark", "@media print", "<html lang=\"en\">", "Kohl&#39;s &amp; Co &lt;b&gt;", "name=\"viewport\""} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	wellFormed(t, page)
	many, err := Page(carded(5, scorecard.BySKU))
	if err != nil || !strings.Contains(string(many), "By SKU") {
		t.Errorf("by sku: %v", err)
	}
}

// wellFormed reads the page as XML, which HTML without bare tags is.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	bare := regexp.MustCompile(`<(meta|link)([^>]*)>|<!doctype html>`)
	d := xml.NewDecoder(strings.NewReader(bare.ReplaceAllString(page, "")))
	d.Strict, d.Entity = true, xml.HTMLEntity
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// browser finds a Chromium; empty where there is none.
func browser() string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	return ""
}

// A browser has nothing to say about the page. It is forbidden by the page itself to load anything, and would complain
// of each attempt: so its silence says that there was none. (The browser's own traffic is none of the page's.)
func TestPageInBrowser(t *testing.T) {
	chromium := browser()
	if chromium == "" {
		t.Skip("no Chromium here: install one, or name it in the environment variable CHROMIUM")
	}
	text, err := Page(carded(50, scorecard.ByRetailer))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	says := func(name, page string, width int) (dom string, said []string) {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
			"--user-data-dir="+filepath.Join(folder, "profile"), "--enable-logging=stderr", fmt.Sprintf("--window-size=%d,900", width), "--dump-dom", "file://"+path)
		var log bytes.Buffer
		cmd.Stderr = &log
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, log.String())
		}
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, "CONSOLE") {
				said = append(said, line)
			}
		}
		return string(out), said
	}
	for _, width := range []int{390, 1440} {
		dom, said := says("page.html", string(text), width)
		if len(said) > 0 || !strings.Contains(dom, "About these figures") {
			t.Errorf("%d wide: %q, %d bytes", width, said, len(dom))
		}
	}
	if _, said := says("control.html", strings.Replace(string(text), "</main>", `<img src="http://127.0.0.1:9/x.png"></main>`, 1), 390); len(said) == 0 {
		t.Error("a picture from elsewhere, and the browser is silent: it cannot be heard")
	}
}
