package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dscosync/internal/config"
	"dscosync/internal/secret"
)

// setting is a settings file beside a store that holds every secret, and what systemd gives the service.
type setting struct {
	path        string
	store       secret.Store
	credentials string
}

func settle(t *testing.T, content string) setting {
	t.Helper()
	path := write(t, content+"\nstate: "+filepath.Join(t.TempDir(), "state.db")+"\n")
	s := setting{path: path, credentials: t.TempDir()}
	c, _ := config.Load(t.Context(), config.Options{Path: path, Sealed: true}) // mistakes are no matter here
	s.store = secret.Store{Path: c.Secrets.Store, Identity: c.Secrets.Identity}
	err := s.store.Change(func(e secret.Entries) error {
		for _, name := range config.SecretNames() {
			value := "stored " + name
			if strings.HasPrefix(name, "notify.") {
				value = "https://stored.example/" + name
			}
			e[name] = secret.Entry{Value: secret.New(value)}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// credential has systemd give the service a file, in the mode in which it does.
func (s setting) credential(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(s.credentials, name)
	if err := os.WriteFile(path, []byte(content), 0o440); err != nil {
		t.Fatal(err)
	}
}

func (s setting) load(t *testing.T, env ...string) (config.Config, error) {
	t.Helper()
	return config.Load(t.Context(), config.Options{Path: s.path, Env: append(env, "CREDENTIALS_DIRECTORY="+s.credentials)})
}

// The order is environment, systemd credential, settings file, encrypted store.
func TestWhereASecretIsTakenFrom(t *testing.T) {
	const inFile = `dsco: {client_id: i, client_secret: in the file}`
	for _, c := range []struct {
		name, file, credential string
		env                    []string
		want, from             string
	}{
		{name: "the store alone", file: "dsco: {client_id: i}", want: "stored dsco.client_secret", from: "from the encrypted store"},
		{name: "an empty value does not count", file: `dsco: {client_id: i, client_secret: ""}`, want: "stored dsco.client_secret", from: "from the encrypted store"},
		{name: "the file before the store", file: inFile, want: "in the file", from: "line 1"},
		{name: "a credential before the file", file: inFile, credential: "in a credential", want: "in a credential", from: "a systemd credential"},
		{name: "the environment before all", file: inFile, credential: "in a credential", env: []string{"DSCOSYNC_DSCO_CLIENT_SECRET=in the environment"},
			want: "in the environment", from: "from DSCOSYNC_DSCO_CLIENT_SECRET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settle(t, c.file+"\nshipstation: {store_id: 1}")
			if c.credential != "" {
				s.credential(t, "dsco.client_secret", c.credential+"\n")
			}
			got, err := s.load(t, c.env...)
			if err != nil || got.DSCO.ClientSecret.Reveal() != c.want || got.Source("dsco.client_secret") != c.from {
				t.Errorf("%q, %s, %v", got.DSCO.ClientSecret.Reveal(), got.Source("dsco.client_secret"), err)
			}
			if got.ShipStation.APISecret.Reveal() != "stored shipstation.api_secret" || got.Notify.Webhook.Reveal() != "https://stored.example/notify.webhook" {
				t.Errorf("other secrets: %q, %q", got.ShipStation.APISecret.Reveal(), got.Notify.Webhook.Reveal())
			}
			if !strings.Contains(got.Show(), "# "+c.from+"\n") || strings.Contains(got.Show(), c.want) {
				t.Errorf("Show:\n%s", got.Show())
			}
		})
	}
}

const stored = "dsco: {client_id: i}\nshipstation: {store_id: 1}"

// systemd may keep the identity where the service's user cannot read it.
func TestIdentityAsCredential(t *testing.T) {
	s := settle(t, stored+"\nsecrets: {identity: ''}")
	text, err := os.ReadFile(s.store.Identity)
	if err != nil {
		t.Fatal(err)
	}
	s.credential(t, "secrets.identity", string(text))
	if err := os.Remove(s.store.Identity); err != nil {
		t.Fatal(err)
	}
	c, err := s.load(t)
	if err != nil || c.ShipStation.APIKey.Reveal() != "stored shipstation.api_key" || c.Secrets.Identity != filepath.Join(s.credentials, "secrets.identity") {
		t.Errorf("%v, %s", err, c.Secrets.Identity)
	}
}

// A store that cannot be opened is one mistake, and not one for each secret that may be in it.
func TestShutStore(t *testing.T) {
	s := settle(t, stored)
	if err := os.Remove(s.store.Identity); err != nil {
		t.Fatal(err)
	}
	_, err := s.load(t)
	if want := "secrets: the identity " + s.store.Identity + " is missing, so that " + s.store.Path +
		" cannot be opened: put it back or name it with DSCOSYNC_SECRETS_IDENTITY, or remove the store and set every secret anew"; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if _, err := s.load(t, "DSCOSYNC_DSCO_CLIENT_SECRET=a", "DSCOSYNC_SHIPSTATION_API_KEY=b", "DSCOSYNC_SHIPSTATION_API_SECRET=c"); err != nil {
		t.Errorf("a store that nothing is taken from: %v", err)
	}
	if _, err := config.Load(t.Context(), config.Options{Path: s.path, Sealed: true}); err == nil || strings.Contains(err.Error(), "identity") {
		t.Errorf("sealed: %v", err)
	}
}

func TestStoreElsewhere(t *testing.T) {
	s := settle(t, stored)
	c, err := config.Load(t.Context(), config.Options{Path: write(t, stored), Env: []string{
		"DSCOSYNC_SECRETS_STORE=" + s.store.Path, "DSCOSYNC_SECRETS_IDENTITY=" + s.store.Identity}})
	if err != nil || c.DSCO.ClientSecret.Reveal() != "stored dsco.client_secret" {
		t.Errorf("%v", err)
	}
	_, err = load(t, stored, "DSCOSYNC_SECRETS_STORE=secrets.age")
	if want := `secrets.store: "secrets.age" is not an absolute path, and cron starts elsewhere (from DSCOSYNC_SECRETS_STORE): write it from / on`; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	// --state names another state file for once, and no other identity.
	c, _ = config.Load(t.Context(), config.Options{Path: s.path, State: "/elsewhere/state.db", Sealed: true})
	if c.Secrets.Identity != s.store.Identity {
		t.Errorf("with --state: %s", c.Secrets.Identity)
	}
}

// Whenever a run begins, it takes a key and the secret that belongs to it.
func TestPairIsNeverMixed(t *testing.T) {
	s := settle(t, stored)
	pair := func(n int) {
		err := s.store.Change(func(e secret.Entries) error {
			for _, name := range []string{"shipstation.api_key", "shipstation.api_secret"} {
				e[name] = secret.Entry{Value: secret.New(fmt.Sprint(n))}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	pair(0)
	changed := make(chan struct{})
	go func() {
		defer close(changed)
		for n := range 100 {
			pair(n)
		}
	}()
	seen := map[string]bool{}
	for changing := true; changing; {
		select {
		case <-changed:
			changing = false
		default:
		}
		c, err := s.load(t)
		if err != nil || !c.ShipStation.APIKey.Equal(c.ShipStation.APISecret) {
			t.Fatalf("%q and %q, %v", c.ShipStation.APIKey.Reveal(), c.ShipStation.APISecret.Reveal(), err)
		}
		seen[c.ShipStation.APIKey.Reveal()] = true
	}
	if len(seen) < 2 {
		t.Errorf("only %v was seen: it does not change meanwhile", seen)
	}
}
