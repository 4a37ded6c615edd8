package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"dscosync/internal/sim"
)

func TestUsage(t *testing.T) {
	for _, test := range []struct {
		args           []string
		status         int
		stdout, stderr string
	}{
		{[]string{"--help"}, 0, "-arrive", ""},
		{[]string{"--nonsense"}, 2, "", "flag provided but not defined"},
		{[]string{"extra"}, 2, "", `unexpected argument "extra"`},
		{[]string{"--addr", "0.0.0.0:0"}, 2, "", "not a loopback address"},
		{[]string{"--addr", ":8080"}, 2, "", "not a loopback address"},
		{[]string{"--addr", "8080"}, 2, "", "not host:port"},
		{[]string{"--orders", "-1"}, 2, "", "cannot be negative"},
		{[]string{"--limit", "0"}, 2, "", "--limit 0"},
		{[]string{"--state", "x.db"}, 2, "", "not an absolute path"},
		{[]string{"--config", "/nowhere/at/all.yaml"}, 1, "", "writing the settings"},
	} {
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), test.args, &stdout, &stderr)
		if status != test.status || !strings.Contains(stdout.String(), test.stdout) || !strings.Contains(stderr.String(), test.stderr) {
			t.Errorf("%q: status %d, stdout %q, stderr %q", test.args, status, stdout.String(), stderr.String())
		}
	}
}

// start runs dscosim and returns its settings once it listens.
func start(t *testing.T, args ...string) (base string, settings map[string]any) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	var stdout, stderr bytes.Buffer
	go func() { ended <- run(ctx, append(args, "--config", path), &stdout, &stderr) }()
	var text []byte
	for text == nil {
		select {
		case status := <-ended:
			t.Fatalf("ended with %d: %s", status, stderr.String())
		case <-time.After(5 * time.Millisecond):
		}
		text, _ = os.ReadFile(path)
	}
	t.Cleanup(func() {
		stop()
		if status := <-ended; status != 0 || !strings.Contains(stdout.String(), string(text)) {
			t.Errorf("ended with %d, stdout %q, stderr %q", status, stdout.String(), stderr.String())
		}
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the settings can be read by others: %v", info.Mode())
	}
	if err := yaml.Unmarshal(text, &settings); err != nil {
		t.Fatal(err)
	}
	return sim.Text(settings, "shipstation", "base_url"), settings
}

func fetch(t *testing.T, method, address string, edit func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(r)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// TestServes: with the settings it prints, both remotes can be talked to.
func TestServes(t *testing.T) {
	base, settings := start(t, "--state", "/tmp/somewhere/state.db")
	if sim.Text(settings, "state") != "/tmp/somewhere/state.db" || settings["shipstation"].(map[string]any)["store_id"] != 1001 {
		t.Errorf("settings %v", settings)
	}
	dsco := settings["dsco"].(map[string]any)
	res, err := http.PostForm(dsco["base_url"].(string)+"/oauth2/token", url.Values{"grant_type": {"client_credentials"},
		"client_id": {dsco["client_id"].(string)}, "client_secret": {dsco["client_secret"].(string)}})
	if err != nil {
		t.Fatal(err)
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	err = json.NewDecoder(res.Body).Decode(&token)
	res.Body.Close()
	if err != nil || token.AccessToken == "" {
		t.Fatalf("token: status %d, %v", res.StatusCode, err)
	}
	q := url.Values{"ordersCreatedSince": {"2020-01-01T00:00:00Z"}, "until": {time.Now().Add(-10 * time.Second).UTC().Format(time.RFC3339)}, "status": {"created"}}
	status, page := fetch(t, "GET", dsco["base_url"].(string)+"/order/page?"+q.Encode(), func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token.AccessToken) })
	if n := strings.Count(page, `"dscoOrderId"`); status != 200 || n != 37 {
		t.Errorf("status %d, %d orders, want 37: all but the test order, the cancelled one and the youngest", status, n)
	}
	ship := settings["shipstation"].(map[string]any)
	status, stores := fetch(t, "GET", base+"/stores", func(r *http.Request) { r.SetBasicAuth(ship["api_key"].(string), ship["api_secret"].(string)) })
	if status != 200 || !strings.Contains(stores, `"storeId":1001`) {
		t.Errorf("stores: status %d, %s", status, stores)
	}
}

func TestPages(t *testing.T) {
	base, _ := start(t, "--orders", "3", "--seed", "9")
	_, id := fetch(t, "POST", base+"/sim/add", nil)
	if id != "1026000004\n" {
		t.Errorf("added %q", id)
	}
	for _, act := range []string{"/sim/cancel?id=1026000001", "/sim/acknowledge?id=1026000003", "/sim/request-cancel?id=1026000003"} {
		if status, text := fetch(t, "POST", base+act, nil); status != 200 {
			t.Errorf("%s: %d %s", act, status, text)
		}
	}
	if status, _ := fetch(t, "POST", base+"/sim/cancel?id=7", nil); status != 404 {
		t.Errorf("cancelling what is not there answers %d", status)
	}
	_, text := fetch(t, "GET", base+"/sim", nil)
	for _, want := range []string{`1026000001 .*completed +cancelled`, `1026000002 .*country by its name`, `1026000003 .*acknowledged +shipment_pending`,
		`4 DSCO orders, 0 ShipStation orders; 0 calls to DSCO, 0 to ShipStation`, `0 broken laws`} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestArrive(t *testing.T) {
	base, _ := start(t, "--orders", "0", "--arrive", "1ms")
	for range 1000 {
		if _, text := fetch(t, "GET", base+"/sim", nil); strings.Contains(text, "1026000002") {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("no orders arrive")
}

// TestShipping: labels are bought, voided and replaced by hand, and shown beside their orders.
func TestShipping(t *testing.T) {
	w := sim.New(sim.Options{})
	id, other := w.AddOrder(), w.AddOrder()
	for _, id := range []string{id, other} {
		w.PutShipStation(map[string]any{"orderNumber": id, "items": []any{map[string]any{"name": "Mug", "quantity": 1}}})
	}
	server := httptest.NewServer(routes(w, nil))
	defer server.Close()
	for _, step := range []struct {
		path   string
		status int
		answer string
	}{
		{"/sim/label?id=" + id, 200, "51200901\n"},
		{"/sim/void?shipment=51200901", 200, "51200901\n"},
		{"/sim/label?id=" + id, 200, "51200902\n"},
		{"/sim/mark-shipped?id=" + other, 200, "33200101\n"},
		{"/sim/void?shipment=33200101", 200, "33200101\n"},
		{"/sim/void?shipment=7", 404, "there is no shipment with this number"},
		{"/sim/label?id=7", 404, "ShipStation has no order with this id"},
		{"/sim/mark-shipped", 404, "ShipStation has no order with this id"},
	} {
		if status, text := fetch(t, "POST", server.URL+step.path, nil); status != step.status || !strings.HasPrefix(text, step.answer) {
			t.Errorf("%s: %d %q", step.path, status, text)
		}
	}
	_, text := fetch(t, "GET", server.URL+"/sim", nil)
	for _, want := range []string{id + ` .*730551201 shipped +51200901 \d+ voided, 51200902 \d+\s`, other + ` .*730551202 awaiting_shipment +33200101 \d+ voided`} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestOverview: ShipStation's orders stand beside DSCO's, the others below, and nothing a terminal would obey.
func TestOverview(t *testing.T) {
	w := sim.New(sim.Options{})
	id := w.AddOrder()
	w.PutShipStation(map[string]any{"orderNumber": id, "orderStatus": "on_hold"})
	w.PutShipStation(map[string]any{"orderNumber": "evil\x1b[2J"})
	var out bytes.Buffer
	overview(&out, w, map[string]string{id: "a note"})
	if s := out.String(); !regexp.MustCompile(id+` .*730551201 on_hold +a note`).MatchString(s) || !strings.Contains(s, "evil?[2J: 730551202") || strings.Contains(s, "\x1b") {
		t.Errorf("overview:\n%s", s)
	}
}

// TestAwkward: all of the awkward orders are there, each as it says.
func TestAwkward(t *testing.T) {
	w := sim.New(sim.Options{Seed: 3})
	why := addOrders(w, 40)
	if len(why) != len(awkward)+1 {
		t.Errorf("%d awkward orders, want %d", len(why), len(awkward)+1)
	}
	countries, tests, cancelled, pos, last := map[string]bool{}, 0, 0, map[string]map[string]bool{}, ""
	for _, o := range w.Orders() {
		countries[sim.Text(o, "shipping", "country")] = true
		if o["testFlag"] == true {
			tests++
		}
		if sim.Text(o, "dscoStatus") == "cancelled" {
			cancelled++
		}
		po := sim.Text(o, "poNumber")
		if pos[po] == nil {
			pos[po] = map[string]bool{}
		}
		pos[po][sim.Text(o, "dscoRetailerId")] = true
		if made := sim.Text(o, "dscoCreateDate"); made < last {
			t.Errorf("order %s was made before the one with a lower id", sim.Text(o, "dscoOrderId"))
		} else {
			last = made
		}
	}
	if !countries["United States"] || !countries["UK"] || tests != 1 || cancelled != 1 || len(pos["PO-7700"]) != 2 {
		t.Errorf("countries %v, %d test orders, %d cancelled, PO-7700 of %v", countries, tests, cancelled, pos["PO-7700"])
	}
	if n := len([]rune(sim.Text(w.Orders()[7], "giftMessage"))); n < 2000 {
		t.Errorf("the very long gift message has %d characters", n)
	}
}
