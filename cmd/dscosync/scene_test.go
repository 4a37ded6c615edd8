package main_test

import (
	"encoding/base64"
	"io/fs"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"

	"dscosync/internal/sim"
)

// The credentials of every world. They hold characters that URLs and forms write otherwise.
const (
	clientID     = "e2e-client"
	clientSecret = "canary/Client+Secret=41"
	apiKey       = "canary/api+Key=42"
	apiSecret    = "canary/api+Secret=43"
	tokens       = "dG9rZW4g" // how the simulator's tokens begin
)

// scene is what a script has around the program. When the script is over, no law of the world may be broken that the
// script did not ask about, nothing secret or personal may have been said or kept, nor anything said that a terminal would
// obey, and no temporary file may be left.
type scene struct {
	work  string
	world *sim.World
	sites []*httptest.Server // DSCO and ShipStation

	asked    int             // broken laws that the script has seen
	past     int             // calls that the script no longer asks about
	personal map[string]bool // names, streets and so on of the consumers of all orders so far

	mu     sync.Mutex
	faults []*fault
}

// fault is what goes wrong with the calls to a path.
type fault struct {
	path string        // the end of it
	left int           // how often; below 0 always
	slow time.Duration // before anything else
	what *sim.Fault    // nil: nothing but that
}

type sceneKey struct{}

func sceneOf(ts *testscript.TestScript) *scene { return ts.Value(sceneKey{}).(*scene) }

func (s *scene) heard() string { return filepath.Join(s.work, ".heard") }

// startSim is the verb sim. Its options are limit (ShipStation's requests a minute), takes-more (true: DSCO takes parcels of
// units that it has one for) and, as durations, lag, log-delay and latency.
func startSim(ts *testscript.TestScript, _ bool, args []string) {
	s := sceneOf(ts)
	o := sim.Options{ClientID: clientID, ClientSecret: clientSecret, APIKey: apiKey, APISecret: apiSecret, Limit: 1000}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		if name == "limit" {
			n, err := strconv.Atoi(value)
			ts.Check(err)
			o.Limit = n
			continue
		}
		if name == "takes-more" {
			o.TakesMore = value == "true"
			continue
		}
		d, err := time.ParseDuration(value)
		ts.Check(err)
		switch name {
		case "lag":
			o.DSCOLag, o.ShipStationLag = d, d
		case "log-delay":
			o.LogDelay = d
		case "latency":
			o.Latency = d
		default:
			ts.Fatalf("sim has no option %s", name)
		}
	}
	s.world = sim.New(o)
	s.world.Fail(s.fail)
	dsco, ship := httptest.NewServer(s.world.DSCO()), httptest.NewServer(s.world.ShipStation())
	s.sites = []*httptest.Server{dsco, ship}
	ts.Setenv("DSCO_URL", dsco.URL+"/api/v3")
	ts.Setenv("SS_URL", ship.URL)
	s.write(ts, `
dsco:
  base_url: $DSCO_URL
  client_id: $CLIENT_ID
  client_secret: $CLIENT_SECRET
shipstation:
  base_url: $SS_URL
  api_key: $API_KEY
  api_secret: $API_SECRET
  store_id: 1001
  settle: 1ms
state: $WORK/state/state.db
`)
}

// settings is a verb.
func settings(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: settings FILE")
	}
	sceneOf(ts).write(ts, ts.ReadFile(args[0]))
}

// write makes the settings file, as only its owner may read it.
func (s *scene) write(ts *testscript.TestScript, text string) {
	path := filepath.Join(s.work, "config.yaml")
	ts.Check(os.WriteFile(path, []byte(os.Expand(text, ts.Getenv)), 0o600))
	ts.Check(os.Chmod(path, 0o600))
}

// fail decides how a call goes wrong: as the latest fault for its path says.
func (s *scene) fail(c sim.Call) *sim.Fault {
	s.mu.Lock()
	var now *fault
	for _, f := range s.faults {
		if strings.HasSuffix(c.Path, f.path) && f.left != 0 {
			now = f
		}
	}
	if now == nil {
		s.mu.Unlock()
		return nil
	}
	now.left--
	s.mu.Unlock()
	time.Sleep(now.slow)
	return now.what
}

// remember notes what is personal in the orders there are.
func (s *scene) remember() {
	note := func(values ...any) {
		for _, v := range values {
			if text, _ := v.(string); text != "" {
				s.personal[text] = true
			}
		}
	}
	for _, o := range s.world.Orders() {
		to, _ := o["shipping"].(map[string]any)
		for _, name := range []string{"name", "firstName", "lastName", "attention", "phone", "email", "address1", "address2"} {
			note(to[name])
		}
		streets, _ := to["address"].([]any)
		note(streets...)
		note(o["giftMessage"], o["giftToName"], o["giftFromName"])
		lines, _ := o["lineItems"].([]any)
		for _, line := range lines {
			note(sim.At(line, "personalization"), sim.At(line, "giftMessage"))
		}
	}
}

// end is after the script.
func (s *scene) end(t testing.TB) {
	for _, site := range s.sites {
		site.CloseClientConnections()
		site.Close()
	}
	canaries := secrets()
	if s.world != nil {
		for _, law := range s.world.Broken()[s.asked:] {
			// A run keeps the limits; a script runs the program more often in a second than any crontab does.
			if !strings.Contains(law, "went over the limit") {
				t.Errorf("broken law: %s", law)
			}
		}
		s.remember()
		for text := range s.personal {
			canaries = append(canaries, text)
		}
	}
	s.search(t, canaries)
	left, err := filepath.Glob(filepath.Join(s.work, ".tmp", "dscosync*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
}

// secrets are the credentials in all the forms in which they travel.
func secrets() []string {
	pair := base64.StdEncoding.EncodeToString([]byte(apiKey + ":" + apiSecret))
	forms := []string{tokens, pair}
	for _, secret := range []string{clientSecret, apiKey, apiSecret} {
		forms = append(forms, secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)))
	}
	return forms
}

// search looks for the canaries in what was said, in the encrypted store, and in all that was written beside the state
// file.
func (s *scene) search(t testing.TB, canaries []string) {
	files, err := filepath.Glob(filepath.Join(s.work, "*.age"))
	if err != nil {
		t.Error(err)
	}
	files = append(files, s.heard())
	err = filepath.WalkDir(filepath.Join(s.work, "state"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil && path != s.heard() { // a script may run nothing
			t.Error(err)
		}
		if path == s.heard() {
			obeyed(t, string(text))
		}
		for _, canary := range canaries {
			if i := strings.Index(string(text), canary); i >= 0 {
				t.Errorf("%s tells %q: %q", filepath.Base(path), canary, text[max(0, i-60):min(len(text), i+60)])
			}
		}
	}
}

// obeyed looks for what a terminal does not show but does: control characters and those for the writing direction. The
// lines of CSV end with CR LF, and completions have tabs.
func obeyed(t testing.TB, text string) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for i, r := range text {
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError {
			t.Errorf("said raw: %q in %q", r, text[max(0, i-60):min(len(text), i+60)])
			return
		}
	}
}
