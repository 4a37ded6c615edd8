package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/config"
)

const canary = "kan4rie-vogel"

// required gives what has no default, so that a test's file may be short.
var required = []string{
	"DSCOSYNC_DSCO_CLIENT_ID=id", "DSCOSYNC_DSCO_CLIENT_SECRET=" + canary,
	"DSCOSYNC_SHIPSTATION_API_KEY=" + canary, "DSCOSYNC_SHIPSTATION_API_SECRET=" + canary,
	"DSCOSYNC_SHIPSTATION_STORE_ID=7",
}

// write makes a settings file that only its owner may read.
func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// load reads a file with this content, and the environment.
func load(t testing.TB, content string, env ...string) (config.Config, error) {
	t.Helper()
	return config.Load(t.Context(), config.Options{Path: write(t, content), Env: append([]string{"HOME=/home/u"}, env...)})
}

func TestMistakes(t *testing.T) {
	code := " is not a cancel code (line 1): write one of CXSS, CXSD, CXSN, CXSB, CXSI, CXST, CXSC, CXSO, or 2 to 20 of A-Z, 0-9 and _"
	for _, c := range []struct{ file, want string }{
		// addresses
		{`dsco: {base_url: "http://api.dsco.io/api/v3"}`, "dsco.base_url: http:// would carry the credentials unencrypted (line 1): write https://"},
		{`dsco: {base_url: "http://127.0.0.1.example.com"}`, "dsco.base_url: http:// would carry the credentials unencrypted (line 1): write https://"},
		{`dsco: {base_url: "http://10.0.0.1"}`, "dsco.base_url: http:// would carry the credentials unencrypted (line 1): write https://"},
		{`dsco: {base_url: "https://u:` + canary + `@api.dsco.io"}`, "dsco.base_url: it holds a user name or a password (line 1): write it like https://host/path"},
		{`dsco: {base_url: "https://api.dsco.io/?key=` + canary + `"}`, "dsco.base_url: it holds a query or a fragment (line 1): write it like https://host/path"},
		{`dsco: {base_url: "https://api.dsco.io/?"}`, "dsco.base_url: it holds a query or a fragment (line 1): write it like https://host/path"},
		{`dsco: {base_url: "https://api.dsco.io/#a"}`, "dsco.base_url: it holds a query or a fragment (line 1): write it like https://host/path"},
		{`dsco: {base_url: "ftp://api.dsco.io"}`, "dsco.base_url: it is not an https:// URL (line 1): write it like https://host/path"},
		{`dsco: {base_url: "api.dsco.io"}`, "dsco.base_url: it is not a URL (line 1): write it like https://host/path"},
		{`dsco: {base_url: "https://"}`, "dsco.base_url: it is not a URL (line 1): write it like https://host/path"},
		{`dsco: {base_url: "https://:443/x"}`, "dsco.base_url: it is not a URL (line 1): write it like https://host/path"},
		{`dsco: {base_url: "https:api.dsco.io"}`, "dsco.base_url: it is not a URL (line 1): write it like https://host/path"},
		{`dsco: {base_url: "https://a:b:c/"}`, "dsco.base_url: it is not a URL (line 1): write it like https://host/path"},
		{`dsco: {base_url: ""}`, "dsco.base_url: it is not a URL (line 1): write it like https://host/path"},
		{`shipstation: {base_url: "http://ssapi.shipstation.com"}`, "shipstation.base_url: http:// would carry the credentials unencrypted (line 1): write https://"},
		// lifecycles
		{`dsco: {lifecycles: []}`, "dsco.lifecycles: it is empty, so that nothing would be pulled (line 1): write [created, received]"},
		{`dsco: {lifecycles: [created, shipped, done]}`, `dsco.lifecycles[1]: "shipped" is not one that can be pulled (line 1): write some of [created, received, acknowledged]` + "\n" +
			`dsco.lifecycles[2]: "done" is not one that can be pulled (line 1): write some of [created, received, acknowledged]`},
		{`dsco: {lifecycles: [created, created]}`, `dsco.lifecycles[1]: "created" stands there twice (line 1): write it once`},
		{`dsco: {lifecycles: created}`, "dsco.lifecycles: it is not a list (line 1): write it like [one, two]"},
		{`dsco: {lifecycles: [[created]]}`, "dsco.lifecycles[0]: it is a list, not a single value (line 1): write the value without - or [ ]"},
		// truth values
		{`dsco: {include_test_orders: yes}`, `dsco.include_test_orders: "yes" is neither true nor false (line 1): write true or false`},
		{`dsco: {include_test_orders: 1}`, `dsco.include_test_orders: "1" is neither true nor false (line 1): write true or false`},
		{`dsco: {include_test_orders: [true]}`, "dsco.include_test_orders: it is a list, not a single value (line 1): write the value without - or [ ]"},
		// durations
		{`dsco: {settle: 0s}`, "dsco.settle: 0s is not above 0s and up to 24h (line 1): write one that is"},
		{`dsco: {settle: 24h1s}`, "dsco.settle: 24h0m1s is not above 0s and up to 24h (line 1): write one that is"},
		{`shipstation: {settle: -1s}`, "shipstation.settle: -1s is not above 0s and up to 24h (line 1): write one that is"},
		{`sync: {lookback: 15}`, "sync.lookback: 15 has no unit (line 1): write 15m for minutes or 15h for hours"},
		{`sync: {lookback: "15"}`, "sync.lookback: 15 has no unit (line 1): write 15m for minutes or 15h for hours"},
		{`sync: {lookback: 14d}`, `sync.lookback: "14d" is not a duration (line 1): write 336h`},
		{`sync: {lookback: two weeks}`, `sync.lookback: "two weeks" is not a duration (line 1): write it like 30s, 15m or 336h`},
		{`sync: {lookback: ""}`, `sync.lookback: "" is not a duration (line 1): write it like 30s, 15m or 336h`},
		{`sync: {lookback: 99999999999h}`, `sync.lookback: "99999999999h" is not a duration (line 1): write it like 30s, 15m or 336h`},
		{`sync: {lookback: {a: b}}`, "sync.lookback: it is a group of keys, not a single value (line 1): put it in quotes"},
		{`sync: {lookback: 59m}`, "sync.lookback: 59m is not between 1h and 2160h (line 1): write one that is"},
		{`sync: {lookback: 2161h}`, "sync.lookback: 2161h is not between 1h and 2160h (line 1): write one that is"},
		{`sync: {interval: 14m59s}`, "sync.interval: 14m59s is too often (line 1): write 0s, or 15m or more"},
		{`sync: {interval: -1h}`, "sync.interval: -1h is too often (line 1): write 0s, or 15m or more"},
		{`sync: {ship_delay: -1s}`, "sync.ship_delay: -1s is not between 0s and 168h (line 1): write one that is"},
		{`sync: {ship_delay: 169h}`, "sync.ship_delay: 169h is not between 0s and 168h (line 1): write one that is"},
		{`alarm: {ship_by: 0s}`, "alarm.ship_by: 0s is too short (line 1): write more than 0s"},
		{`alarm: {acknowledge: 0}`, "alarm.acknowledge: 0s is too short (line 1): write more than 0s"},
		{`alarm: {tracking: -4h}`, "alarm.tracking: -4h is too short (line 1): write more than 0s"},
		{`scorecard: {goal_fill: 101}`, "scorecard.goal_fill: 101 is not between 0 and 100 (line 1): write one that is"},
		{`scorecard: {goal_on_time: 95.125}`, "scorecard.goal_on_time: 95.125 has more than two decimals (line 1): write two at most"},
		{`scorecard: {goal_on_time: high}`, `scorecard.goal_on_time: "high" is not a number (line 1): write it like 98 or 98.5`},
		{`scorecard: {weight_fill: 60}`, "scorecard.weight_on_time: the weights add up to 110: 60 of the fill rate and 50 of being on time: write two that add up to 100"},
		{`scorecard: {drift_weeks: 27}`, "scorecard.drift_weeks: 27 is not between 0 and 26 (line 1): write one that is"},
		{`scorecard: {drift_spread: 0.5}`, "scorecard.drift_spread: 0.5 is not between 1 and 10 (line 1): write one that is"},
		{`goals: [{retailer: "7", fill: "x"}]`, `goals[0].fill: "x" is not a number (line 1): write it like 98 or 98.5`},
		{`goals: [{retailer: "7", weight_fill: "60"}]`, "goals[0].weight_on_time: the weights add up to 110: 60 of the fill rate and 50 of being on time (line 1): write two that add up to 100"},
		{`accounts: [{postal_code: "60601", country: US}]`, "accounts[0].number: it is missing (line 1): write the account's number as the orders have it, in quotes"},
		{`accounts: [{number: A1, country: US}]`, "accounts[0].postal_code: it is missing (line 1): write the postal code the carrier knows the account by, in quotes"},
		{`accounts: [{number: A1, postal_code: "60601", country: usa}]`, `accounts[0].country: "usa" is no country code (line 1): write two capital letters, like US`},
		{"accounts:\n- {number: A1, postal_code: b, country: US}\n- {number: A1, postal_code: b, country: US}", `accounts[1].number: "A1" has an entry already (line 3): keep one of them`},
		{`goals: [{fill: "90"}]`, "goals[0].retailer: it is missing (line 1): write the retailer's DSCO id, in quotes"},
		{"goals: [{retailer: a},\n  {retailer: a}]", `goals[1].retailer: "a" has an entry already (line 2): keep one of them`},
		{`alarm: {silence: 0s}`, "alarm.silence: 0s is too short (line 1): write more than 0s"},
		{`state_retention: 1055h`, "state_retention: 1055h is shorter than sync.lookback plus 720h (line 1): write 1056h or more"},
		{"sync: {lookback: 2160h}\nstate_retention: 2879h", "state_retention: 2879h is shorter than sync.lookback plus 720h (line 2): write 2880h or more"},
		// numbers
		{`sync: {max_cancels: 0}`, "sync.max_cancels: 0 is too few (line 1): write 1 or more"},
		{`sync: {max_cancels: 1.5}`, `sync.max_cancels: "1.5" is not a number (line 1): write digits alone`},
		{`sync: {max_cancels: 99999999999999999999}`, `sync.max_cancels: "99999999999999999999" is too large (line 1): write a smaller number`},
		{`shipstation: {store_id: 12, tags: [a]}`, "shipstation.tags: no such key (line 1): remove it"},
		// cancel
		{`cancel: {code: cxso}`, `cancel.code: "cxso"` + code},
		{`cancel: {code: X}`, `cancel.code: "X"` + code},
		{`cancel: {code: ABCDEFGHIJKLMNOPQRSTU}`, `cancel.code: "ABCDEFGHIJKLMNOPQRSTU"` + code},
		{`cancel: {code: ""}`, `cancel.code: ""` + code},
		{`cancel: {on_request: ignore}`, `cancel.on_request: "ignore" is not known (line 1): write notify or hold`},
		// notifications
		{`notify: {ping_url: "http://hc-ping.com/` + canary + `"}`, "notify.ping_url: http:// would show it to others on the way (line 1): write https://"},
		{`notify: {ping_url: "hc-ping.com/` + canary + `"}`, "notify.ping_url: it is not a URL (line 1): write it as the service shows it, from https:// on"},
		{`notify: {webhook: "ftp://hooks.example.com/` + canary + `"}`, "notify.webhook: it is not an https:// URL (line 1): write it as the service shows it, from https:// on"},
		{`notify: {webhook: "https://a:` + canary + `/"}`, "notify.webhook: it is not a URL (line 1): write it as the service shows it, from https:// on"},
		{`notify: {command: mail}`, "notify.command: it is not a list (line 1): write it like [one, two]"},
		{`notify: {command: ["", a]}`, "notify.command: it names no program (line 1): write the program's full path first, then its arguments"},
		{`notify: {textfile: x.prom}`, `notify.textfile: "x.prom" is not an absolute path, and cron starts elsewhere (line 1): write it from / on`},
		{`notify: {textfile: /x.txt}`, `notify.textfile: "/x.txt" does not end with .prom, and the collector reads no other (line 1): name it dscosync.prom`},
		// the state file
		{`state: state.db`, `state: "state.db" is not an absolute path, and cron starts elsewhere (line 1): write it from / on`},
		{`state: ""`, `state: "" is not an absolute path, and cron starts elsewhere (line 1): write it from / on`},
		{`state: ~other/state.db`, `state: "~other/state.db" is not an absolute path, and cron starts elsewhere (line 1): write it from / on`},
		{`state: /var/lib/dscosync/`, `state: "/var/lib/dscosync/" is a folder (line 1): name a file in it`},
		// lists of entries
		{`retailers: [{name: A}]`, "retailers[0].id: it is missing (line 1): write the retailer's DSCO id, in quotes"},
		{"retailers:\n- id: 1000012", "retailers[0].id: YAML takes it for a number, a date or a truth value (line 2): put it in quotes"},
		{"retailers:\n- id: 0123", "retailers[0].id: YAML takes it for a number, a date or a truth value (line 2): put it in quotes"},
		{"retailers:\n- id: true", "retailers[0].id: YAML takes it for a number, a date or a truth value (line 2): put it in quotes"},
		{"retailers:\n- {id: a}\n- {id: b}\n- {id: a}", `retailers[2].id: "a" has an entry already (line 4): keep one of them`},
		{"retailers:\n- {id: a, cancel_code: no way}", `retailers[0].cancel_code: "no way"` + strings.Replace(code, "line 1", "line 2", 1)},
		{"retailers:\n- {id: a, warehouse: W}", "retailers[0].warehouse: no such key (line 2): remove it"},
		{"retailers:\n- {id: a, warehous_code: W}", "retailers[0].warehous_code: no such key (line 2): did you mean warehouse_code?"},
		{"retailers:\n- {id: a, a.id: W}", "retailers[0].a.id: no such key (line 2): did you mean id?"},
		{"retailers:\n- {id: a, id: b}", "retailers[0].id: it stands twice, in line 2 and in line 2: keep one of them"},
		{`retailers: {id: a}`, "retailers: it is not a list (line 1): write one line for each entry: `- { id: \"...\", ... }`"},
		{`retailers: [a]`, "retailers[0]: it is not an entry (line 1): write `- { id: \"...\", ... }`"},
		{`carriers: [{shipstation_carrier: ups}]`, "carriers[0].shipstation_service: it is missing (line 1): write ShipStation's service code, like ups_ground, or \"*\" for any\n" +
			"carriers[0].dsco_carrier: it is missing (line 1): write the carrier as DSCO is to be told it, like UPS"},
		{`carriers: [{shipstation_service: "*", dsco_carrier: UPS}]`, "carriers[0].shipstation_carrier: it is missing (line 1): write ShipStation's carrier code, like ups"},
		// text
		{`dsco: {client_id: 0123}`, "dsco.client_id: YAML takes it for a number, a date or a truth value (line 1): put it in quotes"},
		{`dsco: {client_secret: 12345}`, "dsco.client_secret: YAML takes it for a number, a date or a truth value (line 1): put it in quotes"},
		{`dsco: {client_secret: &` + canary + ` x}`, "dsco.client_secret: it begins with * or &, which YAML takes for a reference (line 1): put it in quotes"},
		{`dsco: {client_secret: !` + canary + ` x}`, "dsco.client_secret: it begins with !, which YAML takes for a type (line 1): put it in quotes"},
		{`dsco: {client_secret: {` + canary + `: x}}`, "dsco.client_secret: it is a group of keys, not a single value (line 1): put it in quotes"},
		{`dsco: {client_id: " a"}`, "dsco.client_id: it begins or ends with a blank (line 1): remove the blank"},
		{`dsco: {client_id: "a\nb"}`, "dsco.client_id: it holds a line break or another control character (line 1): write it in one line"},
		{`dsco: {client_id: "a\e[2Jb"}`, "dsco.client_id: it holds a line break or another control character (line 1): write it in one line"},
		// keys
		{"sync:\n  lookbak: 336h", "sync.lookbak: no such key (line 2): did you mean sync.lookback?"},
		{"dsco:\n  lookback: 336h", "dsco.lookback: no such key (line 2): did you mean sync.lookback?"},
		{"dsco:\n  Client_ID: x", "dsco.Client_ID: no such key (line 2): did you mean dsco.client_id?"},
		{"DSCO:\n  client_id: x", "DSCO: no such key (line 1): did you mean dsco?"},
		{"dcso:\n  client_id: x", "dcso: no such key (line 1): did you mean dsco?"},
		{"lookback: 336h", "lookback: no such key (line 1): did you mean sync.lookback?"},
		{"something_else: " + canary, "something_else: no such key (line 1): remove it"},
		{"\"a\\e[2J b\": 1", `"a\x1b[2J b": no such key (line 1): remove it`},
		{"dsco.client_id: x", "dsco.client_id: a key is not written with a dot (line 1): write client_id below dsco:, indented by two blanks"},
		{"dsco: " + canary, "dsco: it is a section, not a single value (line 1): write its keys below it, indented by two blanks"},
		{"dsco: [" + canary + "]", "dsco: it is a section, not a single value (line 1): write its keys below it, indented by two blanks"},
		{"sync:\n  interval: 0s\n  interval: 15m", "sync.interval: it stands twice, in line 2 and in line 3: keep one of them"},
		{"sync: {}\nstate: /s\nsync: {}", "sync: it stands twice, in line 1 and in line 3: keep one of them"},
		{"[a]: b", "?: a key is not a plain word (line 1): write lines like `state: /var/lib/dscosync/state.db`"},
		{"<<: {a: b}", `<<: no such key (line 1): remove it`},
	} {
		t.Run(c.file, func(t *testing.T) {
			_, err := load(t, c.file, required...)
			var mistakes config.Mistakes
			if !errors.As(err, &mistakes) {
				t.Fatalf("the error is %v, want mistakes", err)
			}
			if diff := cmp.Diff(c.want, mistakes.Error()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if strings.Contains(err.Error(), canary) {
				t.Errorf("the secret is shown: %v", err)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	for _, file := range []string{
		"", "# nothing\n", "---\n", "null", "dsco:\nsync:\nretailers:\ncarriers: ~\nstate:\n",
		"\ufeffsync: {lookback: 1h}\n", "sync: {lookback: 24h}\r\nstate: /s\r\n",
		`dsco: {base_url: "http://127.0.0.1:8080/api/v3"}`, `dsco: {base_url: "http://127.9.9.9"}`,
		`dsco: {base_url: "http://[::1]:8080"}`, `dsco: {base_url: "http://localhost:1"}`, `dsco: {base_url: "HTTPS://api.dsco.io"}`,
		`dsco: {lifecycles: [acknowledged]}`, "dsco:\n  lifecycles:\n  - created\n  - acknowledged\n",
		`dsco: {include_test_orders: "true"}`, `dsco: {settle: 1ms}`, `shipstation: {settle: 24h}`,
		`shipstation: {store_id: 9223372036854775807}`, `shipstation: {store_id: "12"}`,
		`sync: {lookback: 1h}`, `sync: {lookback: 2160h}`, `sync: {interval: 0}`, `sync: {interval: 15m}`, `sync: {ship_delay: 168h, max_cancels: 1}`,
		`cancel: {code: CXSS, on_request: hold}`, `cancel: {code: OUT_OF_STOCK_2}`,
		`notify: {ping_url: "", webhook: "", command: [], textfile: ""}`, `notify: {ping_url: "https://hc-ping.com/key/slug?create=1", webhook: "http://127.0.0.1:8080/", command: [mail, "-s", a b], textfile: ~/dscosync.prom}`, `alarm: {ship_by: 1s}`,
		`state: ~/s.db`, `state_retention: 1056h`,
		"retailers:\n- {id: '0123', name: NO, cancel_code: '', warehouse_code: }\n- {id: KOHLS}\n- {id: Kohls}\n",
		`carriers: [{shipstation_carrier: ups, shipstation_service: "*", dsco_carrier: UPS}]`,
	} {
		if _, err := load(t, file, required...); err != nil {
			t.Errorf("%s\n%v", file, err)
		}
	}
}

// Everything that is wrong stands in one report, in the order of the file,
// with what is missing after it.
func TestManyMistakesAtOnce(t *testing.T) {
	_, err := load(t, `
dsco:
  base_url: http://api.dsco.io
  client_id: abc
  settle: 15
shipstation:
  api_key: "`+canary+` "
  store_id: abc
sync: { interval: 5m, lookbak: 3h }
cancel: { on_request: maybe }
`, "DSCOSYNC_SYNC_MAX_CANCELS=many", "DSCOSYNC_SINC_INTERVAL="+canary)
	want := `dsco.settle: 15 has no unit (line 5): write 15m for minutes or 15h for hours
shipstation.store_id: "abc" is not a number (line 8): write digits alone
sync.lookbak: no such key (line 9): did you mean sync.lookback?
DSCOSYNC_SINC_INTERVAL: no such environment variable: did you mean DSCOSYNC_SYNC_INTERVAL?
sync.max_cancels: "many" is not a number (from DSCOSYNC_SYNC_MAX_CANCELS): write digits alone
shipstation.api_key: the secret begins or ends with a blank: write the bare value (line 7)
dsco.base_url: http:// would carry the credentials unencrypted (line 3): write https://
dsco.client_secret: it is missing: run: dscosync secret set dsco.client_secret; or write client_secret_file or client_secret_command
shipstation.api_secret: it is missing: run: dscosync secret set shipstation.api_key shipstation.api_secret; or write api_secret_file or api_secret_command
sync.interval: 5m is too often (line 9): write 0s, or 15m or more
cancel.on_request: "maybe" is not known (line 10): write notify or hold`
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNotYAML(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"dsco:\n  client_id: a\n client_secret: " + canary + "\n", "did not find expected key"},
		{"dsco:\n\tclient_id: a\n", "line 2: found character that cannot start any token"},
		{"dsco: {client_secret: \"" + canary + "\n", "line "},
		{"dsco:\n  client_secret: *" + canary + "\n", "a value begins with an asterisk: put it in quotes"},
		{"state: /s\n---\nstate: /t\n", "a second document begins after ---: keep one"},
		{"- a\n- b\n", "it is not a list of keys (line 1)"},
		{"just a word", "it is not a list of keys (line 1)"},
		{"a: \xff\xfe\n", "invalid"},
	} {
		_, err := load(t, c.file)
		var mistakes config.Mistakes
		if !errors.As(err, &mistakes) || len(mistakes) != 1 || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v, want one mistake with %q", c.file, err, c.want)
		}
	}
}
