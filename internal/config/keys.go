package config

import (
	"strings"
	"time"

	"dscosync/internal/secret"
)

// key is one setting. The type of its fallback is the type of its value.
type key struct {
	path     string
	fallback any
	doc      string // for the example file
}

// entries is the type of a list of mappings: the fields each of them may have,
// all of them text.
type entries []string

const day = 24 * time.Hour

// keys is every setting, in the order of the settings file.
var keys = []key{
	{"dsco.base_url", "https://api.dsco.io/api/v3", "DSCO's API; the token comes from base_url + /oauth2/token."},
	{"dsco.client_id", "", "Required. From the DSCO portal, beside the secret."},
	{"dsco.client_secret", secret.Secret{}, "Required. Better not here but encrypted (`dscosync secret set dsco.client_secret`), in a\n" +
		"file of its own (client_secret_file: /path, mode 0600) or printed by a program\n" +
		"(client_secret_command: [pass, show, dsco]). The same goes for shipstation.api_key and\n" +
		"shipstation.api_secret."},
	{"dsco.lifecycles", []string{"created", "received"}, "Which dscoLifecycle values `pull` takes; may also name acknowledged."},
	{"dsco.include_test_orders", false, "Whether DSCO's test orders go to ShipStation too."},
	{"dsco.settle", 15 * time.Minute, "How long after a write without an answer DSCO's lists may not show it yet. A minute for\nthe request itself is added."},

	{"shipstation.base_url", "https://ssapi.shipstation.com", "ShipStation's API, version 1."},
	{"shipstation.api_key", secret.Secret{}, "Required. From ShipStation: Settings, Account, API Settings."},
	{"shipstation.api_secret", secret.Secret{}, "Required."},
	{"shipstation.store_id", int64(0), "Required: the number of the store that takes the orders."},
	{"shipstation.settle", 30 * time.Second, "How long after a write without an answer ShipStation's lists may not show it yet. A\nminute for the request itself is added."},

	{"sync.lookback", 14 * day, "Only orders created within it are pulled: 1h to 2160h."},
	{"sync.interval", time.Duration(0), "0s: the crontab alone decides. Else at least 15m: `sync all` does nothing when the\n" +
		"last good run started less than nine tenths of it ago (`--now` overrides)."},
	{"sync.ship_delay", time.Duration(0), "How long after a label's creation DSCO is told: 0s to 168h."},
	{"sync.max_cancels", 50, "More cancellations to be told to DSCO than this in one run: none is\nsent, they are held (`--force` overrides)."},

	{"cancel.code", "CXSO", "The reason code sent to DSCO when an order was cancelled in ShipStation:\nCXSS, CXSD, CXSN, CXSB, CXSI, CXST, CXSC, CXSO, or one of the retailer's own. What the\nretailer asked to cancel is told with CXSC."},
	{"cancel.on_request", NotifyOnRequest, "A retailer's request to cancel: notify, or hold the ShipStation order too."},

	{"notify.ping_url", secret.Secret{}, "Optional: a check of healthchecks.io or the like, told of the start, the success and the\n" +
		"failure of each `sync`. It is what notices that dscosync no longer runs at all. Who knows\n" +
		"the URL may use it: it may be kept as the other secrets are (ping_url_file,\n" +
		"ping_url_command, `dscosync secret set notify.ping_url`)."},
	{"notify.webhook", secret.Secret{}, "Optional: gets {\"text\": ...}, as Slack takes it, once for each thing that a person should\nknow. A secret, too."},
	{"notify.command", []string{}, "Optional: a program and its arguments, started on the same occasions with the message on\nits standard input: [/usr/bin/mail, -s, dscosync, ops@example.com]."},
	{"notify.textfile", "", "Optional: metrics for Prometheus, rewritten by each run, in the folder that node_exporter's\ntextfile collector reads: /var/lib/prometheus/node-exporter/dscosync.prom."},

	{"alarm.ship_by", 24 * time.Hour, "The ship-by date is this near and nothing is shipped."},
	{"alarm.acknowledge", 4 * time.Hour, "Pulled this long ago and not acknowledged."},
	{"alarm.tracking", 4 * time.Hour, "The label is this old and DSCO is not told."},
	{"alarm.silence", 6 * time.Hour, "No run has come to its end for this long. The next run says so, `status` and `doctor` too;\nwhile nothing runs at all only notify.ping_url can tell."},

	{"scorecard.goal_fill", 98.0, "The goals and weights of the scorecard, in percent: DSCO's own, for retailers that are not\nbelow goals. The goal for the adjusted fill rate."},
	{"scorecard.goal_on_time", 95.0, "The goal for lines shipped on time."},
	{"scorecard.weight_fill", 50.0, "What the adjusted fill rate weighs in the overall score. The two weights add up to 100."},
	{"scorecard.weight_on_time", 50.0, "What being on time weighs in it."},
	{"scorecard.drift_weeks", 8, "A measure has drifted when it was beyond its limit or missed its goal on three days in a\nrow. The limit is the mean of the days of so many weeks, 0 to 26; 0: none is looked for."},
	{"scorecard.drift_spread", 3.0, "And so many standard deviations of these days less (or more): 1 to 10."},

	{"secrets.store", "", "Where `dscosync secret set` keeps secrets, encrypted. Empty: secrets.age beside this file."},
	{"secrets.identity", "", "What decrypts them: keep it apart from the store and from its backups. Empty: the systemd\ncredential secrets.identity, else identity.txt beside the state file."},

	{"state", "/var/lib/dscosync/state.db", "The state file: an absolute path on a local disk."},
	{"state_retention", 180 * day, "How long finished orders stay in it: at least sync.lookback plus 720h."},

	{"retailers", entries{"id", "name", "cancel_code", "warehouse_code"}, "Optional: what differs for one retailer, known by its DSCO id (in quotes). cancel_code\n" +
		"goes before cancel.code; warehouse_code is told to DSCO with each parcel, unless the\n" +
		"line of the order has one.\n" +
		"retailers:\n" +
		`  - { id: "1000012", name: Example Retailer, cancel_code: CXSO, warehouse_code: "" }`},
	{"accounts", entries{"number", "postal_code", "country"}, "Optional: shipping accounts of third parties that orders name. The label is bought on such an\n" +
		"account only when it stands here, with the postal code and country that the carrier knows it\n" +
		"by (in quotes); else the account is but named in the internal notes.\n" +
		"accounts:\n" +
		`  - { number: "A1B2C3", postal_code: "60601", country: US }`},
	{"goals", entries{"retailer", "fill", "on_time", "weight_fill", "weight_on_time"}, "Optional: what a retailer's scorecard has in place of the section scorecard, in percent and\n" +
		"in quotes. What is left out stays as it is there.\n" +
		"goals:\n" +
		`  - { retailer: "1000012", fill: "98.5", on_time: "97", weight_fill: "40", weight_on_time: "60" }`},
	{"carriers", entries{"shipstation_carrier", "shipstation_service", "dsco_carrier", "dsco_method", "dsco_service_level", "retailer"},
		"Optional: lines that go before the built-in carrier table. Service \"*\" is any; carrier\n" +
			"none stands for a parcel without any carrier; with `retailer` a line holds for that\n" +
			"retailer alone. `dscosync carriers` shows the whole table.\n" +
			"carriers:\n" +
			`  - { shipstation_carrier: ups, shipstation_service: ups_ground, dsco_carrier: UPS, dsco_method: Ground, dsco_service_level: UPCG, retailer: "" }`},
}

// secretForms are the endings under which a secret may be given.
var secretForms = []string{"", "_file", "_command"}

// empty returns the value the key has when nothing gives it.
func (k key) empty() any {
	if _, ok := k.fallback.(entries); ok {
		return []map[string]any{}
	}
	return k.fallback
}

// names returns the key's path, and for a secret its other forms.
func (k key) names() []string {
	if _, ok := k.fallback.(secret.Secret); !ok {
		return []string{k.path}
	}
	var names []string
	for _, form := range secretForms {
		names = append(names, k.path+form)
	}
	return names
}

// isList reports whether the key has no environment twin.
func (k key) isList() bool {
	switch k.fallback.(type) {
	case []string, entries:
		return true
	}
	return false
}

// keyNamed finds a key by its path or by another form of a secret's; form is
// that ending.
func keyNamed(name string) (k key, form string, ok bool) {
	for _, k := range keys {
		for _, n := range k.names() {
			if n == name {
				return k, strings.TrimPrefix(n, k.path), true
			}
		}
	}
	return key{}, "", false
}

// isSection reports whether settings stand below name.
func isSection(name string) bool {
	for _, k := range keys {
		if strings.HasPrefix(k.path, name+".") {
			return true
		}
	}
	return false
}

// SecretNames are the settings that are secrets.
func SecretNames() []string {
	var names []string
	for _, k := range keys {
		if _, ok := k.fallback.(secret.Secret); ok {
			names = append(names, k.path)
		}
	}
	return names
}

// twin returns the environment variable of a key.
func twin(name string) string {
	return "DSCOSYNC_" + strings.ToUpper(strings.ReplaceAll(name, ".", "_"))
}
