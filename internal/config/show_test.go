package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"dscosync/internal/config"
	"dscosync/internal/secret"
)

var update = flag.Bool("update", false, "write configs/dscosync.example.yaml anew")

// defaults are the settings as the contract with the operators lists them.
const defaults = `
dsco:
  base_url: https://api.dsco.io/api/v3
  client_id: ""
  client_secret: ""
  lifecycles: [created, received]
  include_test_orders: false
  settle: 15m
shipstation:
  base_url: https://ssapi.shipstation.com
  api_key: ""
  api_secret: ""
  store_id: 0
  settle: 30s
sync:
  lookback: 336h
  interval: 0s
  ship_delay: 0s
  max_cancels: 50
cancel:
  code: CXSO
  on_request: notify
notify:
  ping_url: ""
  webhook: ""
  command: []
  textfile: ""
alarm:
  ship_by: 24h
  acknowledge: 4h
  tracking: 4h
  silence: 6h
scorecard:
  goal_fill: 98
  goal_on_time: 95
  weight_fill: 50
  weight_on_time: 50
  drift_weeks: 8
  drift_spread: 3
secrets:
  store: ""
  identity: ""
state: /var/lib/dscosync/state.db
state_retention: 4320h
retailers: []
accounts: []
goals: []
carriers: []
`

func TestDefaults(t *testing.T) {
	c, err := load(t, "")
	if err == nil {
		t.Fatal("an empty file has no mistakes")
	}
	// Show tells where the store and its identity are when no setting does.
	shown := c.Show()
	for _, place := range []string{filepath.Join(filepath.Dir(c.Path), "secrets.age"), "/var/lib/dscosync/identity.txt"} {
		if strings.Count(shown, ": "+place+"\n") != 1 {
			t.Errorf("%s is not shown", place)
		}
		shown = strings.Replace(shown, place, `""`, 1)
	}
	if diff := cmp.Diff(decode(t, []byte(defaults)), decode(t, []byte(shown))); diff != "" {
		t.Errorf("Show: -want +got\n%s", diff)
	}
	if got := comments.ReplaceAllString(shown, ""); got != defaults {
		t.Errorf("the order of Show:\n%s", cmp.Diff(defaults, got))
	}
}

// comments are whole lines of them, and blank lines.
var comments = regexp.MustCompile(`(?m)^#.*$|^\n`)

// Every field of Config is read from its twin, shown, and stands with its
// default in the example file; nothing else does.
func TestEveryKey(t *testing.T) {
	example := leaves("", decode(t, []byte(config.Example())))
	want := leaves("", decode(t, []byte(defaults)))
	if diff := cmp.Diff(want, example); diff != "" {
		t.Errorf("the example file: -want +got\n%s", diff)
	}
	fields := map[string]any{}
	walk("", reflect.ValueOf(config.Config{}), fields)
	for path := range fields {
		if _, ok := want[path]; !ok {
			t.Errorf("%s is a field of Config and no setting", path)
		}
	}
	for path := range want {
		zero, ok := fields[path]
		if !ok {
			t.Errorf("%s is a setting and no field of Config", path)
			continue
		}
		variable := "DSCOSYNC_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
		var text string
		var value any
		switch zero.(type) {
		case string:
			text, value = "/sample", "/sample"
		case bool:
			text, value = "true", true
		case time.Duration:
			text, value = "7777h", 7777*time.Hour
		case int:
			text, value = "7777", 7777
		case int64:
			text, value = "7777", int64(7777)
		case float64:
			text, value = "77.25", 77.25
		case secret.Secret:
			text, value = canary, secret.New(canary)
		default:
			_, err := load(t, "", variable+"=a")
			if err == nil || !strings.Contains(err.Error(), variable+": a list cannot") {
				t.Errorf("%s: %v", variable, err)
			}
			continue
		}
		c, _ := load(t, "", variable+"="+text) // mistakes elsewhere do not matter here
		got := map[string]any{}
		walk("", reflect.ValueOf(c), got)
		if !cmp.Equal(got[path], value) {
			t.Errorf("%s=%s gives %v", variable, text, got[path])
		}
		if !strings.Contains(c.Show(), "# from "+variable+"\n") {
			t.Errorf("Show does not name %s", variable)
		}
	}
}

// walk gathers the fields of a struct by the keys in their tags.
func walk(path string, v reflect.Value, into map[string]any) {
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		if name == "" || name == "-" {
			continue
		}
		field, at := v.Field(i), strings.TrimPrefix(path+"."+name, ".")
		if _, ok := field.Interface().(secret.Secret); !ok && field.Kind() == reflect.Struct {
			walk(at, field, into)
			continue
		}
		into[at] = field.Interface()
	}
}

func decode(t testing.TB, text []byte) map[string]any {
	t.Helper()
	m := map[string]any{}
	if err := yaml.Unmarshal(text, &m); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return m
}

// leaves gathers the values of a nested map by their paths.
func leaves(path string, v any) map[string]any {
	m, ok := v.(map[string]any)
	if !ok {
		return map[string]any{path: v}
	}
	all := map[string]any{}
	for name, v := range m {
		for at, leaf := range leaves(strings.TrimPrefix(path+"."+name, "."), v) {
			all[at] = leaf
		}
	}
	return all
}

func TestExampleFile(t *testing.T) {
	path := filepath.Join("..", "..", "configs", "dscosync.example.yaml")
	if *update {
		if err := os.WriteFile(path, []byte(config.Example()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Example(), string(content)); diff != "" {
		t.Errorf("run: go test ./internal/config -update\n-want +got\n%s", diff)
	}
	filled := string(content)
	for _, c := range [][2]string{{`client_id: ""`, "client_id: a"}, {`client_secret: ""`, "client_secret: b"}, {`api_key: ""`, "api_key: c"},
		{`api_secret: ""`, "api_secret: d"}, {"store_id: 0", "store_id: 1"},
		{"\nretailers: []", ""}, {"\ncarriers: []", ""}, {"# retailers:\n#   - ", "retailers:\n  - "}, {"# carriers:\n#   - ", "carriers:\n  - "}} {
		if strings.Count(filled, c[0]) != 1 {
			t.Errorf("%q does not stand there once", c[0])
		}
		filled = strings.Replace(filled, c[0], c[1], 1)
	}
	c, err := load(t, filled)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Retailers) != 1 || c.Retailers[0].ID != "1000012" || len(c.Carriers) != 1 || c.Carriers[0].DSCOServiceLevel != "UPCG" {
		t.Errorf("the sample entries: %+v %+v", c.Retailers, c.Carriers)
	}
	above := ""
	for i, line := range strings.Split(string(content), "\n") {
		if key := strings.TrimSpace(line); strings.Contains(key, ": ") && !strings.HasPrefix(key, "#") && !strings.HasPrefix(strings.TrimSpace(above), "#") {
			t.Errorf("line %d has no comment: %s", i+1, line)
		}
		above = line
	}
}

func TestShow(t *testing.T) {
	path := write(t, `
dsco: {client_id: "0123", client_secret_command: [/bin/echo, `+canary+`]}
shipstation: {api_key: `+canary+`, api_secret_file: `+write(t, canary)+`, store_id: 12}
retailers: [{id: "0123", name: "yes", cancel_code: OWN}, {id: "a b: #", name: "ü\u202e"}]
`)
	c, err := config.Load(t.Context(), config.Options{Path: path, Env: []string{"DSCOSYNC_SYNC_INTERVAL=30m"}, State: "/s/../s.db"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# " + path + "\n\ndsco:\n",
		"  client_id: \"0123\"                                # line 2\n",
		"  client_secret: \"[redacted]\"                      # client_secret_command, line 2\n",
		"  api_key: \"[redacted]\"                            # line 3\n",
		"  api_secret: \"[redacted]\"                         # api_secret_file, line 3\n",
		"  interval: 30m                                    # from DSCOSYNC_SYNC_INTERVAL\n",
		"state: /s.db                                       # from --state\n",
		"retailers:                                         # line 4\n" +
			"  - { id: \"0123\", name: \"yes\", cancel_code: OWN, warehouse_code: \"\" }\n" +
			"  - { id: \"a b: #\", name: \"ü\\u202e\", cancel_code: \"\", warehouse_code: \"\" }\n",
		"\ncarriers: []\n",
	} {
		if !strings.Contains(c.Show(), want) {
			t.Errorf("%q is not in\n%s", want, c.Show())
		}
	}
	for range 10 {
		again, err := config.Load(t.Context(), config.Options{Path: path, Env: []string{"DSCOSYNC_SYNC_INTERVAL=30m"}, State: "/s.db"})
		if err != nil || again.Show() != c.Show() {
			t.Fatalf("Show changes: %v\n%s", err, cmp.Diff(c.Show(), again.Show()))
		}
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, []byte(c.Show())), decode(t, asJSON)); diff != "" {
		t.Errorf("the JSON form differs from Show: %s", diff)
	}
}

// A secret that is not read yet is shown as given.
func TestShowSealed(t *testing.T) {
	path := write(t, "dsco: {client_id: a, client_secret_file: /no/such}\nshipstation: {api_key: k, api_secret: s, store_id: 1}")
	c, err := config.Load(t.Context(), config.Options{Path: path, Sealed: true})
	asJSON, _ := json.Marshal(c)
	if err != nil || !strings.Contains(c.Show(), `client_secret: "[redacted]"`) || !strings.Contains(string(asJSON), `"client_secret":"[redacted]"`) {
		t.Errorf("%v\n%s\n%s", err, c.Show(), asJSON)
	}
}

func TestNothingShowsASecret(t *testing.T) {
	c, err := load(t, "", required...)
	if err != nil {
		t.Fatal(err)
	}
	if c.ShipStation.APIKey.Reveal() != canary {
		t.Fatal("the secret was not read")
	}
	var outs []string
	for _, v := range []any{c, &c, c.DSCO, c.ShipStation, []config.Config{c}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			outs = append(outs, fmt.Sprintf(verb, v))
		}
		var text, asJSON bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "c", v)
		slog.New(slog.NewJSONHandler(&asJSON, nil)).Info("m", "c", v)
		plain, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		asYAML, err := yaml.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		outs = append(outs, text.String(), asJSON.String(), string(plain), string(asYAML))
	}
	for _, out := range append(outs, c.Show()) {
		if strings.Contains(out, canary) || strings.Contains(out, fmt.Sprintf("%x", canary)) {
			t.Errorf("the secret stands in %s", out)
		}
	}
}

// FuzzLoad reads any file: there is no panic, every error is Mistakes, and
// what is shown of good settings is read as the same settings again. Sealed,
// so that no command of the fuzzer's is run.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{"", good, defaults, config.Example(), "a: &a [*a]", "? {a: b}\n: c", "dsco: {client_id: 0123}", "- - -", "!!binary a: b",
		"retailers: [{id: '\\e', name: \"\\u2028\"}]", good + "state: /a//b/..", good + "retailers: [{id: 'null'}, {id: '1e3'}, {id: '~'}, {id: '=', name: '<<'}]"} {
		f.Add(seed)
	}
	path := filepath.Join(f.TempDir(), "config.yaml")
	f.Fuzz(func(t *testing.T, content string) {
		read := func(content string) (config.Config, error) {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return config.Load(t.Context(), config.Options{Path: path, Env: []string{"HOME=/home/u"}, Sealed: true})
		}
		c, err := read(content)
		var mistakes config.Mistakes
		if err != nil && !errors.As(err, &mistakes) {
			t.Fatalf("not Mistakes: %v", err)
		}
		for _, m := range mistakes {
			if m.Key == "" || m.Text == "" || strings.ContainsAny(m.String(), "\n\x1b") {
				t.Errorf("an ill-shaped mistake: %q", m)
			}
		}
		if err != nil || !c.Notify.PingURL.IsZero() || !c.Notify.Webhook.IsZero() { // what Show says of these is no URL
			return
		}
		again, err := read(c.Show())
		if err != nil {
			t.Fatalf("what Show gave is refused: %v\n%s", err, c.Show())
		}
		if diff := cmp.Diff(decode(t, []byte(c.Show())), decode(t, []byte(again.Show()))); diff != "" {
			t.Errorf("Show is read as something else:\n%s", diff)
		}
	})
}

// What is refused because it may hold a password is not shown either.
func TestShowHidesWhatMayBeAPassword(t *testing.T) {
	for _, test := range []struct{ key, text, shown string }{
		{"dsco.base_url", "https://api.dsco.io/api/v3", "https://api.dsco.io/api/v3"},
		{"dsco.base_url", "https://me:canary@api.dsco.io/api/v3", "https://api.dsco.io"},
		{"shipstation.base_url", "https://ss.example/a?key=canary", "https://ss.example"},
		{"shipstation.base_url", "https://ss.example:8443/a#canary", "https://ss.example:8443"},
		{"shipstation.base_url", "https://me:12#canary@ss.example", "[redacted]"},
		{"shipstation.base_url", "https://me:canary#1@ss.example", "[redacted]"},
		{"shipstation.base_url", "me:canary@ss.example", "[redacted]"},
		{"shipstation.base_url", "ftp://ss.example/canary", "ftp://ss.example"},
		{"notify.webhook", "https://hooks.example/canary", "[redacted]"},
		{"notify.ping_url", "https://ping.example/canary", "[redacted]"},
	} {
		c, _ := load(t, "", "DSCOSYNC_"+strings.ToUpper(strings.ReplaceAll(test.key, ".", "_"))+"="+test.text) // mistakes are no matter here
		asJSON, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{c.Show(), string(asJSON)} {
			if got := leaves("", decode(t, []byte(text)))[test.key]; got != test.shown || strings.Contains(text, "canary") {
				t.Errorf("%s: %s is shown as %v", test.key, test.text, got)
			}
		}
	}
}
