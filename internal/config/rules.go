package config

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"dscosync/internal/secret"
)

// cancelCode is the shape of a reason code: one of the eight that DSCO's help
// pages give to suppliers, or one that a retailer maps for itself.
var cancelCode = regexp.MustCompile(`^[A-Z0-9_]{2,20}$`)

// judge checks the values against each other and against what makes sense.
func (r *reader) judge(c Config) {
	if r.unread {
		return // what the file would have given is not known
	}
	given := len(r.sources)
	if r.sources["state"] == "from --state" {
		given--
	}
	if r.looked != nil && given == 0 && len(r.mistakes) == 0 {
		r.sayAt(WholeFile, "", "none at "+strings.Join(r.looked, " nor at "),
			"write one with: dscosync config init; or name it with --config, or set the environment (DSCOSYNC_DSCO_CLIENT_ID and so on)")
		return
	}
	r.dsco(c.DSCO)
	r.shipstation(c.ShipStation)
	r.sync(c.Sync)
	r.cancel(c.Cancel)
	r.notify(c.Notify)
	r.longer("alarm.ship_by", c.Alarm.ShipBy)
	r.longer("alarm.acknowledge", c.Alarm.Acknowledge)
	r.longer("alarm.tracking", c.Alarm.Tracking)
	r.longer("alarm.silence", c.Alarm.Silence)
	r.state(c)
	r.retailers(c.Retailers)
	r.accounts(c.Accounts)
	r.scorecard(c)
	r.carriers(c.Carriers)
	if r.looked != nil && len(r.mistakes) > 0 {
		r.sayAt(WholeFile, "", "none at "+strings.Join(r.looked, " nor at ")+"; the environment alone was read", "")
	}
}

func (r *reader) dsco(d DSCO) {
	r.address("dsco.base_url", d.BaseURL)
	r.required("dsco.client_id", d.ClientID != "", "write the client id of the DSCO portal")
	r.found("dsco.client_secret", "run: dscosync secret set dsco.client_secret; or write client_secret_file or client_secret_command")
	known := []string{"created", "received", "acknowledged"}
	for i, lifecycle := range d.Lifecycles {
		key := fmt.Sprintf("dsco.lifecycles[%d]", i)
		if !slices.Contains(known, lifecycle) {
			r.say(key, quote(lifecycle)+" is not one that can be pulled", "write some of [created, received, acknowledged]")
		} else if slices.Contains(d.Lifecycles[:i], lifecycle) {
			r.say(key, quote(lifecycle)+" stands there twice", "write it once")
		}
	}
	if len(d.Lifecycles) == 0 {
		r.say("dsco.lifecycles", "it is empty, so that nothing would be pulled", "write [created, received]")
	}
	r.settle("dsco.settle", d.Settle)
}

func (r *reader) shipstation(s ShipStation) {
	r.address("shipstation.base_url", s.BaseURL)
	r.found("shipstation.api_key", "run: dscosync secret set shipstation.api_key shipstation.api_secret; or write api_key_file or api_key_command")
	r.found("shipstation.api_secret", "run: dscosync secret set shipstation.api_key shipstation.api_secret; or write api_secret_file or api_secret_command")
	r.required("shipstation.store_id", s.StoreID != 0, "write the number of the store that takes the orders")
	if s.StoreID < 0 {
		r.say("shipstation.store_id", fmt.Sprintf("%d is not a store", s.StoreID), "write the number of the store that takes the orders")
	}
	r.settle("shipstation.settle", s.Settle)
}

func (r *reader) sync(s Sync) {
	r.within("sync.lookback", s.Lookback, time.Hour, 90*day)
	if s.Interval != 0 && s.Interval < 15*time.Minute {
		r.say("sync.interval", short(s.Interval)+" is too often", "write 0s, or 15m or more")
	}
	r.within("sync.ship_delay", s.ShipDelay, 0, 7*day)
	if s.MaxCancels < 1 {
		r.say("sync.max_cancels", fmt.Sprintf("%d is too few", s.MaxCancels), "write 1 or more")
	}
}

func (r *reader) cancel(c Cancel) {
	r.code("cancel.code", c.Code)
	if c.OnRequest != NotifyOnRequest && c.OnRequest != HoldOnRequest {
		r.say("cancel.on_request", quote(c.OnRequest)+" is not known", "write notify or hold")
	}
}

func (r *reader) notify(n Notify) {
	r.hook("notify.ping_url", n.PingURL)
	r.hook("notify.webhook", n.Webhook)
	if len(n.Command) > 0 && n.Command[0] == "" {
		r.say("notify.command", "it names no program", "write the program's full path first, then its arguments")
	}
	if n.Textfile != "" && r.absolute("notify.textfile", n.Textfile) && !strings.HasSuffix(n.Textfile, ".prom") {
		r.say("notify.textfile", quote(n.Textfile)+" does not end with .prom, and the collector reads no other", "name it dscosync.prom")
	}
}

func (r *reader) hook(key string, address secret.Secret) {
	if problem, hint := Unfit(key, address); problem != "" && !address.IsZero() {
		r.say(key, problem, hint)
	}
}

// Unfit says what is wrong with the value of a secret, as far as it can be
// seen: a URL to notify. It repeats nothing of it.
func Unfit(key string, value secret.Secret) (problem, hint string) {
	if required(key) {
		return "", ""
	}
	u, err := url.Parse(value.Reveal())
	hint = "write it as the service shows it, from https:// on"
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return "it is not a URL", hint
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "http:// would show it to others on the way", "write https://"
	case u.Scheme != "https" && u.Scheme != "http":
		return "it is not an https:// URL", hint
	}
	return "", ""
}

func (r *reader) state(c Config) {
	if r.absolute("state", c.State) && strings.HasSuffix(c.State, "/") {
		r.say("state", quote(c.State)+" is a folder", "name a file in it")
	}
	r.alone(c)
	if least := c.Sync.Lookback + 30*day; c.StateRetention < least {
		r.say("state_retention", short(c.StateRetention)+" is shorter than sync.lookback plus 720h", "write "+short(least)+" or more")
	}
}

// alone refuses two uses of one file: whatever puts another in the place of
// the state file would move the other aside.
func (r *reader) alone(c Config) {
	const hint = "name a file of its own"
	if same(c.State, c.Path) {
		r.say("state", "it names the settings file itself", hint)
	}
	others := map[string]string{"secrets.store": c.Secrets.Store, "secrets.identity": c.Secrets.Identity}
	maps.Copy(others, r.files)
	for _, key := range slices.Sorted(maps.Keys(others)) {
		if same(c.State, others[key]) {
			r.say("state", "it names the file of "+key+", too", hint)
		}
	}
	// What the metrics or the secrets are written to takes the place of what is there. A mistake of notify, so that no run
	// writes there to tell of it.
	if same(c.State, c.Notify.Textfile) {
		r.say("notify.textfile", "it names the state file", hint)
	}
	for _, key := range slices.Sorted(maps.Keys(others)) {
		if same(c.Notify.Textfile, others[key]) {
			r.say("notify.textfile", "it names the file of "+key+", too", hint)
		}
	}
	if same(c.Notify.Textfile, c.Path) {
		r.say("notify.textfile", "it names the settings file itself", hint)
	}
	if same(c.Secrets.Store, c.Path) {
		r.say("secrets.store", "it names the settings file itself", hint)
	}
	if same(c.Secrets.Store, c.Secrets.Identity) {
		r.say("secrets.identity", "it names the file of secrets.store, too", hint)
	}
}

// same tells whether two paths name one file, be it there or not.
func same(one, other string) bool {
	if one == "" || other == "" {
		return false
	}
	here, err := os.Stat(one)
	if there, fault := os.Stat(other); err == nil && fault == nil {
		return os.SameFile(here, there)
	}
	other, err = filepath.Abs(other)
	return err == nil && filepath.Clean(one) == other
}

// unique takes what an entry of a list is known by; it tells whether no other entry has it.
func (r *reader) unique(key, name string, seen map[string]bool, hint string) bool {
	again := seen[name]
	seen[name] = true
	switch {
	case name == "":
		r.say(key, "it is missing", hint)
	case again:
		r.say(key, quote(name)+" has an entry already", "keep one of them")
		return false
	}
	return true
}

func (r *reader) retailers(retailers []Retailer) {
	seen := map[string]bool{}
	for i, retailer := range retailers {
		place := fmt.Sprintf("retailers[%d].", i)
		r.unique(place+"id", retailer.ID, seen, "write the retailer's DSCO id, in quotes")
		if retailer.CancelCode != "" {
			r.code(place+"cancel_code", retailer.CancelCode)
		}
	}
}

func (r *reader) accounts(accounts []Account) {
	seen := map[string]bool{}
	for i, a := range accounts {
		place := fmt.Sprintf("accounts[%d].", i)
		r.unique(place+"number", a.Number, seen, "write the account's number as the orders have it, in quotes")
		if a.PostalCode == "" {
			r.say(place+"postal_code", "it is missing", "write the postal code the carrier knows the account by, in quotes")
		}
		if len(a.Country) != 2 || strings.Trim(a.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			r.say(place+"country", quote(a.Country)+" is no country code", "write two capital letters, like US")
		}
	}
}

func (r *reader) carriers(carriers []Carrier) {
	for i, carrier := range carriers {
		place := fmt.Sprintf("carriers[%d].", i)
		for _, c := range []struct{ field, value, hint string }{
			{"shipstation_carrier", carrier.ShipStationCarrier, "write ShipStation's carrier code, like ups"},
			{"shipstation_service", carrier.ShipStationService, `write ShipStation's service code, like ups_ground, or "*" for any`},
			{"dsco_carrier", carrier.DSCOCarrier, "write the carrier as DSCO is to be told it, like UPS"},
		} {
			if c.value == "" {
				r.say(place+c.field, "it is missing", c.hint)
			}
		}
	}
}

// required asks for a setting that has no default, unless it was given and
// could not be read.
func (r *reader) required(key string, given bool, hint string) {
	about := func(m Mistake) bool { return strings.HasPrefix(m.Key, key) }
	if !given && !slices.ContainsFunc(r.mistakes, about) {
		r.say(key, "it is missing", hint)
	}
}

// found asks for a secret, unless the store that may hold it is shut.
func (r *reader) found(key, hint string) {
	r.required(key, r.sources[key] != "" || r.shut, hint)
}

func (r *reader) code(key, code string) {
	if !cancelCode.MatchString(code) {
		r.say(key, quote(code)+" is not a cancel code", "write one of CXSS, CXSD, CXSN, CXSB, CXSI, CXST, CXSC, CXSO, or 2 to 20 of A-Z, 0-9 and _")
	}
}

func (r *reader) longer(key string, d time.Duration) {
	if d <= 0 {
		r.say(key, short(d)+" is too short", "write more than 0s")
	}
}

func (r *reader) within(key string, d, least, most time.Duration) {
	if d < least || d > most {
		r.say(key, fmt.Sprintf("%s is not between %s and %s", short(d), short(least), short(most)), "write one that is")
	}
}

func (r *reader) settle(key string, d time.Duration) {
	if d <= 0 || d > day {
		r.say(key, short(d)+" is not above 0s and up to 24h", "write one that is")
	}
}

// address checks the base of an API.
func (r *reader) address(key, text string) {
	if problem, hint := refusal(text); problem != "" {
		r.say(key, problem, hint)
	}
}

// refusal says why a text is not the base of an API. The text itself is not
// repeated: what makes it wrong may be a password in it.
func refusal(text string) (problem, hint string) {
	u, err := url.Parse(text)
	hint = "write it like https://host/path"
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return "it is not a URL", hint
	case u.User != nil:
		return "it holds a user name or a password", hint
	case strings.ContainsAny(text, "?#"):
		return "it holds a query or a fragment", hint
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return "http:// would carry the credentials unencrypted", "write https://"
	case u.Scheme != "https" && u.Scheme != "http":
		return "it is not an https:// URL", hint
	}
	return "", ""
}

// isLoopback takes no name but localhost: another may mean any host tomorrow.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
