package main_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// canaries are what is personal in every order of the test, a word for each member: they are to be found nowhere.
var canaries = map[string]string{
	"name": "Zwnaam Qanarie", "firstName": "Zwvoornaam", "lastName": "Zwachternaam", "attention": "Zwattentie dok", "phone": "555-0173-9911", "email": "zwpost@qanarie.example",
	"address1": "4711 Zwstraat", "address2": "Zwetage 7", "giftMessage": "Zwgroeten van oma", "giftToName": "Zwgeschenk", "giftFromName": "Zwgever", "personalization": "Zwgegraveerd",
}

// commands are how each command is called at its most talkative. One that is not here is called by its name alone.
var commands = map[string][][]string{
	"":                {{"-vv"}, {"--help"}, {"nonsense"}, {"--nonsense"}},
	"cancel-sync":     {{"-vv", "--log-format", "json"}, {"-vv", "--dry-run", "--json"}, {"-vv"}},
	"carriers":        {{"-vv"}, {"--json"}},
	"completion bash": {nil}, "completion zsh": {nil}, "completion fish": {nil}, "completion powershell": {nil},
	"config init":     {{"-vv", "--config", "DIR/made.yaml"}},
	"config show":     {{"-vv"}, {"--json"}},
	"config validate": {{"-vv"}, {"--json"}},
	"db backup":       {{"-vv"}, {"-vv", "DIR/state/by-hand.db"}},
	"db rebuild":      {{"-vv", "--dry-run"}, {"-vv"}},
	"db restore":      {{"-vv"}, {"-vv", "DIR/state/by-hand.db"}},
	"dismiss":         {{"1026000001", "--reason", "seen to", "-vv"}},
	"doctor":          {{"-vv"}, {"--json", "-vv"}},
	"help":            {nil, {"pull"}},
	"logs":            {{"-vv"}, {"--json"}, {"--order", "1026000001"}},
	"man":             {{"DIR/man"}},
	"pull":            {{"-vv"}, {"-vv", "--dry-run"}, {"-vv", "--json", "--log-format", "json"}},
	"push-tracking":   {{"-vv"}, {"-vv", "--dry-run", "--json"}, {"-vv", "--log-format", "json"}},
	"retry":           {{"--all", "-vv"}, {"1026000001", "-vv"}, {"--all", "--dry-run", "--json"}},
	"scorecard":       {{"-vv"}, {"--json"}, {"--csv"}, {"--html"}},
	"secret list":     {{"-vv"}, {"--json"}},
	"secret set":      {{"dsco.client_secret", "-vv"}, {"shipstation.api_key", "shipstation.api_secret", "-vv", "--check"}, {"nonsense"}},
	"show":            {{"1026000001", "-vv"}, {"1026000001", "--json"}, {"1026000009"}},
	"status":          {{"-vv"}, {"--all"}, {"--all", "--json"}, {"--all", "--csv"}, {"--errors"}, {"--at-risk"}},
	"sync":            {{"all", "-vv"}, {"all", "-vv", "--json", "--log-format", "json"}, {"all", "-vv", "--dry-run"}},
}

// plights are the states of the world in which all commands are run.
var plights = []struct {
	name  string
	fault func(*flock) func(sim.Call) *sim.Fault
	spoil func(*flock)
}{
	{name: "well"},
	{name: "refused, with all it was told in the answer", fault: func(f *flock) func(sim.Call) *sim.Fault { return f.echo(400) }},
	{name: "broken, with all it was told in the answer", fault: func(f *flock) func(sim.Call) *sim.Fault { return f.echo(500) }},
	{name: "taken, with all it was told in the answer", fault: func(f *flock) func(sim.Call) *sim.Fault { return f.echo(200) }},
	{name: "credentials refused", fault: func(f *flock) func(sim.Call) *sim.Fault { return f.echo(401) }},
	{name: "half of what was asked for", fault: func(f *flock) func(sim.Call) *sim.Fault {
		return func(c sim.Call) *sim.Fault { return &sim.Fault{Do: true, Half: true} }
	}},
	{name: "a settings file with mistakes", spoil: func(f *flock) {
		f.write(f.config, fmt.Sprintf("dsco: {client_id: x, client_secret: [%q], clientsecret: %q}\nshipstation: {api_key: {key: %q}, api_key_file: %q, api_secret_command: %q, store_id: x}\napi_secret: %q\n",
			clientSecret, clientSecret, apiKey, apiKey, apiSecret, apiSecret))
	}},
	{name: "a settings file that is no YAML", spoil: func(f *flock) { f.write(f.config, "dsco: {client_secret: ["+clientSecret+"}\n\t"+apiKey) }},
	{name: "a damaged state file", spoil: func(f *flock) { f.write(f.state, strings.Repeat("spoilt ", 9000)) }},
}

// flock is a site with canaries in it.
type flock struct {
	*site
	dir   string
	forms []string
	heard *atomic.Int64 // notices

	mu   sync.Mutex
	said map[string]string
}

// The addresses of what is notified are as secret as a password.
const (
	pingKey = "canary-ping-7f3a91"
	hookKey = "canary-hook-T0123-B4567"
)

// TestCanaries runs every command there is, in a world that is well and in several that are not, as talkative as it gets.
// Nothing secret or personal is said, kept in the state file, its backups or the encrypted store, or given to another
// process as an argument: not as it is, not as it stands in an address, not in base64.
func TestCanaries(t *testing.T) {
	t.Parallel()
	f := newFlock(t)
	names := f.names()
	for _, p := range plights {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			f := newFlock(t)
			f.live()
			if p.fault != nil {
				f.world.Fail(p.fault(f))
			}
			if p.spoil != nil {
				p.spoil(f)
			}
			ran := 0
			for _, name := range names {
				calls, known := commands[name]
				if !known {
					calls = [][]string{{"-vv"}}
				}
				for _, args := range calls {
					f.call(append(strings.Fields(name), args...))
					ran++
				}
			}
			f.search(t)
			t.Logf("%d commands run in %d ways, %d notices; %d forms looked for", len(names), ran, f.heard.Load(), len(f.forms))
			if p.fault == nil && p.spoil == nil && (f.heard.Load() == 0 || f.read(filepath.Join(f.dir, "noted")) == "" || f.read(filepath.Join(f.dir, "called")) == "") {
				t.Error("nobody was notified, or no program was called")
			}
		})
	}
}

func newFlock(t *testing.T) *flock {
	f := &flock{site: newSite(t, "", sim.Options{Limit: 1_000_000}, ""), said: map[string]string{}}
	f.dir = filepath.Dir(f.config)
	for _, secret := range []string{clientSecret, apiKey, apiSecret, apiKey + ":" + apiSecret, clientID + ":" + clientSecret, "dG9rZW4g", pingKey, hookKey} {
		f.forms = append(f.forms, formsOf(secret)...)
	}
	for _, word := range canaries {
		f.forms = append(f.forms, formsOf(word)...)
	}
	if err := errors.Join(os.Mkdir(filepath.Join(f.dir, "man"), 0o700), os.Mkdir(filepath.Join(f.dir, "keys"), 0o700)); err != nil {
		t.Fatal(err)
	}
	// One secret from a file and one from a program, which notes how it and the program that calls it were called.
	f.write(filepath.Join(f.dir, "keys", "client"), clientSecret+"\n")
	f.write(filepath.Join(f.dir, "keys", "pair"), apiSecret+"\n")
	f.write(filepath.Join(f.dir, "keys", "tell.sh"), "cat /proc/$$/cmdline /proc/$PPID/cmdline >>"+filepath.Join(f.dir, "called")+"\ncat "+filepath.Join(f.dir, "keys", "pair")+"\n")
	// What is notified goes to a host that repeats the address it was told at, and to a program that keeps what it was told.
	var heard atomic.Int64
	f.heard = &heard
	host := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		said, _ := io.ReadAll(r.Body)
		f.mu.Lock()
		f.said["a notice"] += string(said) + "\n"
		f.mu.Unlock()
		if heard.Add(1)%2 == 0 {
			rw.WriteHeader(http.StatusForbidden)
		}
		fmt.Fprintln(rw, "no such hook:", r.URL)
	}))
	t.Cleanup(host.Close)
	f.write(filepath.Join(f.dir, "keys", "note.sh"), "cat /proc/$$/cmdline /proc/$PPID/cmdline - >>"+filepath.Join(f.dir, "noted")+"\n")
	f.write(f.config, fmt.Sprintf("dsco: {base_url: %q, client_id: %q, client_secret_file: %q}\n"+
		"shipstation: {base_url: %q, api_key: %q, api_secret_command: [sh, %q], store_id: 1001, settle: 1ms}\nstate: %q\n"+
		"notify: {ping_url: %q, webhook: %q, command: [/bin/sh, %q], textfile: %q}\n",
		f.dsco.URL+"/api/v3", clientID, filepath.Join(f.dir, "keys", "client"), f.ship.URL, apiKey, filepath.Join(f.dir, "keys", "tell.sh"), f.state,
		host.URL+"/"+pingKey, host.URL+"/"+hookKey, filepath.Join(f.dir, "keys", "note.sh"), filepath.Join(f.dir, "metrics.prom")))
	return f
}

// live brings some orders through their lives, and holds one.
func (f *flock) live() {
	for range 4 {
		f.add()
	}
	f.call([]string{"sync", "all", "-q"})
	for i, o := range f.world.ShipStationOrders() {
		switch id := sim.Int(o, "orderId"); i {
		case 0:
			f.world.CancelInShipStation(id)
		case 1:
			f.world.BuyLabel(id)
		case 2:
			f.world.MarkShipped(id)
		}
	}
	f.add(func(doc map[string]any) { doc["shipping"].(map[string]any)["country"] = "Neverland" })
	f.call([]string{"sync", "all", "-q"})
	f.add()
}

func (f *flock) add(opts ...func(map[string]any)) {
	f.world.AddOrder(append([]func(map[string]any){func(doc map[string]any) {
		to := doc["shipping"].(map[string]any)
		for _, name := range []string{"name", "firstName", "lastName", "attention", "phone", "email", "address1", "address2"} {
			to[name] = canaries[name]
		}
		to["address"] = []any{canaries["address1"], canaries["address2"]}
		for _, name := range []string{"giftMessage", "giftToName", "giftFromName"} {
			doc[name] = canaries[name]
		}
		sim.At(doc, "lineItems", 0).(map[string]any)["personalization"] = canaries["personalization"]
	}}, opts...)...)
}

// names are the commands there are: each has a page in the manual.
func (f *flock) names() []string {
	f.must(0, "man", filepath.Join(f.dir, "man"))
	pages, err := filepath.Glob(filepath.Join(f.dir, "man", "*.1"))
	if err != nil || len(pages) < 20 {
		f.t.Fatalf("%d pages, %v", len(pages), err)
	}
	var names []string
	for _, page := range pages {
		name := strings.TrimPrefix(strings.TrimSuffix(filepath.Base(page), ".1"), "dscosync")
		words := strings.Split(strings.TrimPrefix(name, "-"), "-")
		// cancel-sync and push-tracking are one word, config-show is two.
		if len(words) > 1 && !slices.Contains([]string{"cancel-sync", "push-tracking"}, strings.Join(words, "-")) {
			words = []string{words[0], strings.Join(words[1:], "-")}
		} else {
			words = []string{strings.Join(words, "-")}
		}
		names = append(names, strings.Join(words, " "))
	}
	return names
}

// call runs a command; whatever it ends with, it shows none of its insides.
func (f *flock) call(args []string) {
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "DIR", f.dir)
	}
	cmd := f.command(args...)
	if args[0] == "secret" {
		cmd.Stdin = strings.NewReader(apiKey + "\n" + apiSecret + "\n")
	}
	if slices.Contains([]string{"pull", "push-tracking", "cancel-sync", "sync", "retry"}, args[0]) {
		cmd.Args = append(cmd.Args, "--max-runtime", "1s")
	}
	begun := time.Now()
	out, _ := cmd.CombinedOutput()
	name := strings.Join(args, " ")
	f.mu.Lock()
	f.said[name] += string(out)
	f.mu.Unlock()
	if strings.Contains(string(out), "goroutine ") || strings.Contains(string(out), "internal error") {
		f.t.Errorf("%s shows its insides: %s", name, out)
	}
	if took := time.Since(begun); took > time.Minute {
		f.t.Errorf("%s took %v", name, took)
	}
}

// echo has a remote repeat in its answer whatever it was told, and what it knows of the consumers.
func (f *flock) echo(status int) func(sim.Call) *sim.Fault {
	return func(c sim.Call) *sim.Fault {
		if c.Method == "GET" && status == 200 || strings.HasSuffix(c.Path, "/oauth2/token") && status != 401 {
			return nil
		}
		text := fmt.Sprintf("%s %s: Basic %s; key %s, secret %s, client %s; for %s <%s>, %s", c.Method, c.Path,
			base64.StdEncoding.EncodeToString([]byte(apiKey+":"+apiSecret)), apiKey, url.QueryEscape(apiSecret), clientSecret,
			canaries["name"], canaries["email"], canaries["address1"])
		return &sim.Fault{Status: status, Body: fmt.Sprintf(`{"Message": %q, "message": %q, "ExceptionMessage": %q, "error": "invalid_client", "error_description": %q}`, text, text, text, text)}
	}
}

// search looks for the canaries in all that was said and written.
func (f *flock) search(t *testing.T) {
	look := func(where, text string) {
		for _, form := range f.forms {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("%s tells %q: %q", where, form, text[max(0, i-80):min(len(text), i+len(form)+40)])
			}
		}
	}
	for name, text := range f.said {
		look(name, text)
		obeyed(t, text)
	}
	files := 0
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if path == f.config || filepath.Base(filepath.Dir(path)) == "keys" {
			return nil // where the test itself wrote them
		}
		files++
		look(filepath.Base(path), f.read(path))
		return nil
	})
	if err != nil || files < 3 {
		t.Error(files, err)
	}
}

func (f *flock) write(path, text string) {
	f.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *flock) read(path string) string {
	f.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

// formsOf are the forms in which a text may hide: as it is, in an address, in JSON, and in base64 wherever in a longer
// text it stands.
func formsOf(text string) []string {
	forms := []string{text, url.QueryEscape(text), url.PathEscape(text), strings.ReplaceAll(text, "/", `\/`)}
	for before := range 3 {
		for _, way := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			code := way.EncodeToString([]byte(strings.Repeat("x", before) + text))
			// What shares a digit with the text before or after it differs from place to place.
			from, to := []int{0, 2, 3}[before], len(code)-[]int{0, 2, 1}[(before+len(text))%3]
			forms = append(forms, code[from:min(to, len(code))])
		}
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// TestFormsOf finds a text that hides in another.
func TestFormsOf(t *testing.T) {
	const word = "canary/Client+Secret=41"
	for _, before := range []string{"", "a", "ab", "key:", "k:e"} {
		for _, after := range []string{"", ":", "zz", "end"} {
			text := base64.StdEncoding.EncodeToString([]byte(before + word + after))
			if !slices.ContainsFunc(formsOf(word), func(form string) bool { return strings.Contains(text, form) }) {
				t.Errorf("%q is not found in %s", before+word+after, text)
			}
		}
	}
}
