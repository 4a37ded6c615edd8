package config_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/config"
)

const good = `dsco: {client_id: FILE-ID, client_secret: "` + canary + `"}
shipstation: {api_key: k, api_secret: s, store_id: 12}
`

func TestWholeFile(t *testing.T) {
	path := write(t, `
dsco:
  base_url: https://staging.example.com/api/v3/
  client_id: "0123"
  client_secret: "a: b # c"
  lifecycles: [acknowledged, created]
  include_test_orders: true
  settle: 1m
shipstation:
  base_url: http://localhost:8080//
  api_key: kkk
  api_secret: sss
  store_id: 345
  settle: 2m
sync: { lookback: 48h, interval: 30m, ship_delay: 1h30m, max_cancels: 3 }
cancel: { code: OWN_1, on_request: hold }
alarm: { ship_by: 1h, acknowledge: 2h, tracking: 3h, silence: 4h }
scorecard: { goal_fill: 97.5, goal_on_time: 96, weight_fill: 40, weight_on_time: 60, drift_weeks: 4, drift_spread: 2.5 }
secrets: { store: /s/secrets.age, identity: ~/identity.txt }
state: ~/state/../state.db
state_retention: 800h
retailers:
  - { id: "0123", name: "Example, Inc: one", cancel_code: CXSS, warehouse_code: W1 }
  - { id: NO }
accounts:
  - { number: "A1B2C3", postal_code: "60601", country: US }
goals:
  - { retailer: "0123", fill: "99.25", weight_fill: "30", weight_on_time: "70" }
carriers:
  - { shipstation_carrier: ups, shipstation_service: "*", dsco_carrier: UPS, dsco_method: Ground, dsco_service_level: UPCG, retailer: "0123" }
`)
	c, err := config.Load(t.Context(), config.Options{Path: path, Env: []string{"HOME=/home/u"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct{ got, want string }{
		{c.DSCO.ClientSecret.Reveal(), "a: b # c"}, {c.ShipStation.APIKey.Reveal(), "kkk"}, {c.ShipStation.APISecret.Reveal(), "sss"}, {c.Path, path},
	} {
		if s.got != s.want {
			t.Errorf("got %q, want %q", s.got, s.want)
		}
	}
	want := config.Config{
		DSCO: config.DSCO{BaseURL: "https://staging.example.com/api/v3", ClientID: "0123", ClientSecret: c.DSCO.ClientSecret,
			Lifecycles: []string{"acknowledged", "created"}, IncludeTestOrders: true, Settle: time.Minute},
		ShipStation: config.ShipStation{BaseURL: "http://localhost:8080", APIKey: c.ShipStation.APIKey, APISecret: c.ShipStation.APISecret,
			StoreID: 345, Settle: 2 * time.Minute},
		Sync:           config.Sync{Lookback: 48 * time.Hour, Interval: 30 * time.Minute, ShipDelay: 90 * time.Minute, MaxCancels: 3},
		Cancel:         config.Cancel{Code: "OWN_1", OnRequest: config.HoldOnRequest},
		Notify:         config.Notify{Command: []string{}},
		Alarm:          config.Alarm{ShipBy: time.Hour, Acknowledge: 2 * time.Hour, Tracking: 3 * time.Hour, Silence: 4 * time.Hour},
		Scorecard:      config.Scorecard{GoalFill: 97.5, GoalOnTime: 96, WeightFill: 40, WeightOnTime: 60, DriftWeeks: 4, DriftSpread: 2.5},
		Secrets:        config.Secrets{Store: "/s/secrets.age", Identity: "/home/u/identity.txt"},
		State:          "/home/u/state.db",
		StateRetention: 800 * time.Hour,
		Retailers: []config.Retailer{
			{ID: "0123", Name: "Example, Inc: one", CancelCode: "CXSS", WarehouseCode: "W1"}, {ID: "NO"}},
		Accounts: []config.Account{{Number: "A1B2C3", PostalCode: "60601", Country: "US"}},
		Goals:    []config.Goals{{Retailer: "0123", Fill: "99.25", WeightFill: "30", WeightOnTime: "70"}},
		Carriers: []config.Carrier{{ShipStationCarrier: "ups", ShipStationService: "*", DSCOCarrier: "UPS", DSCOMethod: "Ground",
			DSCOServiceLevel: "UPCG", Retailer: "0123"}},
	}
	if got := c.Of("0123"); got.GoalFill != 99.25 || got.GoalOnTime != 96 || got.WeightFill != 30 || got.WeightOnTime != 70 {
		t.Errorf("goals of its own: %+v", got)
	}
	if got := c.Of("9"); got != want.Scorecard {
		t.Errorf("goals of another: %+v", got)
	}
	if diff := cmp.Diff(want, c, cmp.FilterPath(unexported, cmp.Ignore()), cmp.FilterPath(isPath, cmp.Ignore())); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func unexported(p cmp.Path) bool { return strings.HasSuffix(p.String(), "sources") }
func isPath(p cmp.Path) bool     { return p.String() == "Path" }

func TestPrecedence(t *testing.T) {
	c, err := load(t, good+"state: /file.db\nsync: {lookback: 2h, max_cancels: 5}",
		"DSCOSYNC_SYNC_LOOKBACK=3h", "DSCOSYNC_SYNC_MAX_CANCELS=", "DSCOSYNC_STATE=/env.db", "DSCOSYNC_DSCO_CLIENT_SECRET=env")
	if err != nil {
		t.Fatal(err)
	}
	if c.Sync.Lookback != 3*time.Hour || c.Sync.MaxCancels != 5 || c.State != "/env.db" || c.DSCO.ClientSecret.Reveal() != "env" || c.DSCO.ClientID != "FILE-ID" {
		t.Errorf("got %+v", c)
	}
	if c.DSCO.Settle != 15*time.Minute {
		t.Errorf("a key beside one from the file lost its default: %s", c.DSCO.Settle)
	}
	c, err = config.Load(t.Context(), config.Options{Path: write(t, good), State: "/flag.db", Env: []string{"DSCOSYNC_STATE=/env.db"}})
	if err != nil || c.State != "/flag.db" {
		t.Errorf("--state: %q, %v", c.State, err)
	}
	folder := t.TempDir()
	t.Chdir(folder)
	c, err = config.Load(t.Context(), config.Options{Path: write(t, good), State: "s.db"})
	if err != nil || c.State != filepath.Join(folder, "s.db") {
		t.Errorf("a relative --state: %q, %v", c.State, err)
	}
}

func TestEnvironmentMistakes(t *testing.T) {
	for _, c := range []struct{ variable, want string }{
		{"DSCOSYNC_DSCO_LIFECYCLES=created", "DSCOSYNC_DSCO_LIFECYCLES: a list cannot be given in the environment: set dsco.lifecycles in the settings file"},
		{"DSCOSYNC_RETAILERS=a", "DSCOSYNC_RETAILERS: a list cannot be given in the environment: set retailers in the settings file"},
		{"DSCOSYNC_STATE_RETENTON=800h", "DSCOSYNC_STATE_RETENTON: no such environment variable: did you mean DSCOSYNC_STATE_RETENTION?"},
		{"DSCOSYNC_CLIENT_SECRET=" + canary, "DSCOSYNC_CLIENT_SECRET: no such environment variable: did you mean DSCOSYNC_DSCO_CLIENT_SECRET?"},
		{"DSCOSYNC_CONFG=/x", "DSCOSYNC_CONFG: no such environment variable: did you mean DSCOSYNC_CONFIG?"},
		{"DSCOSYNC_SOMETHING_ELSE_ALTOGETHER=" + canary, "DSCOSYNC_SOMETHING_ELSE_ALTOGETHER: no such environment variable: remove it"},
		{"DSCOSYNC_SYNC_INTERVAL=15", "sync.interval: 15 has no unit (from DSCOSYNC_SYNC_INTERVAL): write 15m for minutes or 15h for hours"},
		{"DSCOSYNC_SHIPSTATION_STORE_ID=0123", `shipstation.store_id: "0123" begins with a zero (from DSCOSYNC_SHIPSTATION_STORE_ID): write the number without it`},
		{"DSCOSYNC_SHIPSTATION_STORE_ID=0", "shipstation.store_id: it is missing (from DSCOSYNC_SHIPSTATION_STORE_ID): write the number of the store that takes the orders"},
		{"DSCOSYNC_SHIPSTATION_STORE_ID=-4", "shipstation.store_id: -4 is not a store (from DSCOSYNC_SHIPSTATION_STORE_ID): write the number of the store that takes the orders"},
		{"DSCOSYNC_DSCO_INCLUDE_TEST_ORDERS=1", `dsco.include_test_orders: "1" is neither true nor false (from DSCOSYNC_DSCO_INCLUDE_TEST_ORDERS): write true or false`},
		{"DSCOSYNC_DSCO_BASE_URL=http://x", "dsco.base_url: http:// would carry the credentials unencrypted (from DSCOSYNC_DSCO_BASE_URL): write https://"},
		{"DSCOSYNC_DSCO_CLIENT_SECRET=" + canary + "\n", "dsco.client_secret: the secret holds a line break or another control character: write the bare value (from DSCOSYNC_DSCO_CLIENT_SECRET)"},
		{"DSCOSYNC_CANCEL_CODE=\xff", "cancel.code: it is not UTF-8 (from DSCOSYNC_CANCEL_CODE): write it in UTF-8"},
		{"DSCOSYNC_SYNC_MAX_CANCELS=" + strings.Repeat("x", 61), `sync.max_cancels: "` + strings.Repeat("x", 60) + `..." is not a number (from DSCOSYNC_SYNC_MAX_CANCELS): write digits alone`},
		{"DSCOSYNC_STATE=s.db", `state: "s.db" is not an absolute path, and cron starts elsewhere (from DSCOSYNC_STATE): write it from / on`},
	} {
		_, err := load(t, good, c.variable)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s\n got %v\nwant %s", c.variable, err, c.want)
		}
	}
	if _, err := load(t, good, "DSCOSYNC_SOMETHING=", "XDSCOSYNC_A=b", "DSCOSYNC_CONFIG=/elsewhere"); err != nil {
		t.Errorf("what is no variable of ours, or empty: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	home, xdg, system := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "config.yaml")
	inHome, inXDG := filepath.Join(home, ".config/dscosync/config.yaml"), filepath.Join(xdg, "dscosync/config.yaml")
	named := write(t, good)
	put := func(path string) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(name, want string, env []string, path string) {
		t.Helper()
		c, err := config.Load(t.Context(), config.Options{Path: path, Env: env, System: system})
		if err != nil || c.Path != want {
			t.Errorf("%s: %q, %v, want %q", name, c.Path, err, want)
		}
	}
	put(system)
	check("the machine's", system, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + xdg}, "")
	check("no HOME", system, nil, "")
	check("a HOME that is a file", system, []string{"HOME=/dev/null"}, "")
	put(inHome)
	check("the user's", inHome, []string{"HOME=" + home}, "")
	check("a relative XDG_CONFIG_HOME", inHome, []string{"HOME=" + home, "XDG_CONFIG_HOME=here"}, "")
	put(inXDG)
	check("XDG", inXDG, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + xdg}, "")
	check("the variable", named, []string{"HOME=" + home, "DSCOSYNC_CONFIG=" + named}, "")
	check("the variable with ~", inHome, []string{"HOME=" + home, "DSCOSYNC_CONFIG=~/.config/dscosync/config.yaml"}, "")
	check("the flag", named, []string{"DSCOSYNC_CONFIG=" + inHome}, named)

	for want, o := range map[string]config.Options{
		inXDG:                       {Env: []string{"HOME=" + home, "XDG_CONFIG_HOME=" + xdg}},
		"/new":                      {Path: "/new", Env: []string{"HOME=" + home}},
		"/env":                      {Env: []string{"HOME=" + home, "DSCOSYNC_CONFIG=/env"}},
		inHome:                      {Env: []string{"HOME=" + home}},
		"/etc/dscosync/config.yaml": {},
	} {
		if got := config.Place(o); got != want {
			t.Errorf("Place(%+v) is %q, want %q", o, got, want)
		}
	}
}

func TestNoFile(t *testing.T) {
	o := config.Options{System: "/no/such/config.yaml", Env: []string{"HOME=/no/home"}}
	want := "settings file: none at /no/home/.config/dscosync/config.yaml nor at /no/such/config.yaml: write one with: dscosync config init; or " +
		"name it with --config, or set the environment (DSCOSYNC_DSCO_CLIENT_ID and so on)"
	for _, state := range []string{"", "/s.db"} {
		o.State = state
		if _, err := config.Load(t.Context(), o); err == nil || err.Error() != want {
			t.Errorf("got %v", err)
		}
	}
	o.Env = append(o.Env, required[1:]...)
	_, err := config.Load(t.Context(), o)
	if want := "dsco.client_id: it is missing: write the client id of the DSCO portal\n" +
		"settings file: none at /no/home/.config/dscosync/config.yaml nor at /no/such/config.yaml; the environment alone was read"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	o.Env = append(o.Env, required...)
	c, err := config.Load(t.Context(), o)
	if err != nil || c.Path != "" || c.DSCO.ClientID != "id" || c.ShipStation.StoreID != 7 || c.Sync.Lookback != 336*time.Hour {
		t.Errorf("the environment alone: %+v, %v", c, err)
	}
	for _, o := range []config.Options{{Path: "/no/such/config.yaml"}, {Env: []string{"DSCOSYNC_CONFIG=/no/such/config.yaml"}}} {
		o.Env = append(o.Env, required...)
		_, err = config.Load(t.Context(), o)
		if want := "settings file: /no/such/config.yaml cannot be opened: no such file or directory: correct the name, or write one with: dscosync config init --config /no/such/config.yaml"; err == nil || err.Error() != want {
			t.Errorf("a named file that is missing: %v", err)
		}
	}
}

// The mode of the file and what is wrong in it are told together.
func TestFileMode(t *testing.T) {
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o620, 0o602, 0o610, 0o666} {
		path := write(t, good+"cancel: {code: x}")
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(t.Context(), config.Options{Path: path})
		var mistakes config.Mistakes
		if !errors.As(err, &mistakes) || len(mistakes) != 2 || !strings.HasSuffix(mistakes[0].String(), "others may open it: chmod 600 "+path) {
			t.Errorf("%o: %v", mode, err)
		}
	}
	for _, mode := range []os.FileMode{0o600, 0o400, 0o700} {
		path := write(t, good)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(t.Context(), config.Options{Path: path}); err != nil {
			t.Errorf("%o: %v", mode, err)
		}
	}
	path := write(t, good)
	if err := os.Chmod(path, 0o440); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(t.Context(), config.Options{Path: path, Env: []string{"CREDENTIALS_DIRECTORY=" + filepath.Dir(path)}}); err != nil {
		t.Errorf("as a systemd credential: %v", err)
	}
	if _, err := config.Load(t.Context(), config.Options{Path: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder: %v", err)
	}
}

func TestSecretSources(t *testing.T) {
	file := write(t, "from-a-file\n")
	rest := "\nshipstation: {api_key: k, api_secret: s, store_id: 12}\n"
	for _, c := range []struct {
		name, file string
		env        []string
		want, err  string
	}{
		{name: "value", file: `dsco: {client_id: i, client_secret: plain}`, want: "plain"},
		{name: "file", file: `dsco: {client_id: i, client_secret_file: ` + file + `}`, want: "from-a-file"},
		{name: "file below home", file: `dsco: {client_id: i, client_secret_file: ~/config.yaml}`, env: []string{"HOME=" + filepath.Dir(file)}, want: "from-a-file"},
		{name: "command list", file: `dsco: {client_id: i, client_secret_command: [/bin/echo, "a  b"]}`, want: "a  b"},
		{name: "command text", file: `dsco: {client_id: i, client_secret_command: /bin/echo  a   b}`, want: "a b"},
		{name: "an empty value does not count", file: `dsco: {client_id: i, client_secret: "", client_secret_file: ` + file + `}`, want: "from-a-file"},
		{name: "file from the environment", file: `dsco: {client_id: i}`, env: []string{"DSCOSYNC_DSCO_CLIENT_SECRET_FILE=" + file}, want: "from-a-file"},
		{name: "command from the environment", file: `dsco: {client_id: i}`, env: []string{"DSCOSYNC_DSCO_CLIENT_SECRET_COMMAND=/bin/echo a b"}, want: "a b"},
		{name: "the environment goes before another form in the file", file: `dsco: {client_id: i, client_secret_file: /none}`, env: []string{"DSCOSYNC_DSCO_CLIENT_SECRET=env"}, want: "env"},
		{name: "the command does not see the other secrets", file: `dsco: {client_id: i, client_secret_command: [/bin/sh, -c, 'echo "-$DSCOSYNC_SHIPSTATION_API_KEY-"']}`,
			env: []string{"DSCOSYNC_SHIPSTATION_API_KEY=" + canary}, want: "--"},
		{name: "two forms", file: `dsco: {client_id: i, client_secret: ` + canary + `, client_secret_file: ` + file + `}`,
			err: "dsco.client_secret: dsco.client_secret and dsco.client_secret_file are both given: keep one of them"},
		{name: "no such file", file: `dsco: {client_id: i, client_secret_file: /no/such}`,
			err: "dsco.client_secret_file: /no/such cannot be opened: no such file or directory (line 1)"},
		{name: "relative file", file: `dsco: {client_id: i, client_secret_file: ` + canary + `}`,
			err: `dsco.client_secret_file: what is given is not an absolute path, and cron starts elsewhere (line 1): write it from / on`},
		{name: "command fails", file: `dsco: {client_id: i, client_secret_command: [/bin/sh, -c, "echo ` + canary + ` >&2; exit 3"]}`,
			err: "dsco.client_secret_command: sh ended with exit status 3: run it by hand to see why (line 1)"},
		{name: "command is a group", file: `dsco: {client_id: i, client_secret_command: {a: b}}`,
			err: "dsco.client_secret_command: it is a group of keys, not a single value (line 1): put it in quotes"},
		{name: "command holds a number", file: `dsco: {client_id: i, client_secret_command: [echo, 12]}`,
			err: "dsco.client_secret_command[1]: YAML takes it for a number, a date or a truth value (line 1): put it in quotes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := load(t, c.file+rest, c.env...)
			if c.err == "" {
				if err != nil || got.DSCO.ClientSecret.Reveal() != c.want {
					t.Errorf("got %q, %v", got.DSCO.ClientSecret.Reveal(), err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), c.err) || strings.Contains(err.Error(), canary) || strings.Contains(err.Error(), "missing") {
				t.Errorf("got %v\nwant %s", err, c.err)
			}
		})
	}
}

func TestNoHome(t *testing.T) {
	path := write(t, good+"state: ~/s.db")
	_, err := config.Load(t.Context(), config.Options{Path: path})
	if want := "state: HOME is not set, so ~ means nothing (line 3): write the whole path"; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestSealedRunsNothing(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "ran")
	path := write(t, `
dsco: {client_id: i, client_secret_command: [/usr/bin/touch, `+trace+`]}
shipstation: {api_key: k, api_secret_file: /no/such/file, store_id: 12}
`)
	c, err := config.Load(t.Context(), config.Options{Path: path, Sealed: true})
	if err != nil || !c.DSCO.ClientSecret.IsZero() || c.ShipStation.APIKey.Reveal() != "k" {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(trace); !errors.Is(err, os.ErrNotExist) {
		t.Error("the command was run")
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := write(t, "dsco: {client_id: i, client_secret_command: [/bin/sleep, '30']}")
	if _, err := config.Load(ctx, config.Options{Path: path}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
