package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/config"
	"dscosync/internal/secret"
)

// What is drafted is read as what was given, and the rest as the defaults; secrets are in neither.
func TestDraft(t *testing.T) {
	given := map[string]string{
		"dsco.client_id": "0123", "dsco.include_test_orders": "true", "shipstation.store_id": "77", "sync.ship_delay": "90m",
		"cancel.on_request": "hold", "state": "/srv/a b: #c/state.db", "secrets.store": "/srv/yes",
	}
	secrets := map[string]secret.Secret{}
	for _, name := range config.SecretNames() {
		secrets[name] = secret.New("https://" + canary)
	}
	o := config.Options{Path: filepath.Join(t.TempDir(), "config.yaml"), Fresh: true, Given: given, Secrets: secrets}
	c, err := config.Load(t.Context(), o)
	if err != nil || !c.DSCO.ClientSecret.Equal(secret.New("https://"+canary)) {
		t.Fatal(err)
	}
	draft := c.Draft()
	if strings.Contains(draft, canary) {
		t.Error("a secret stands in the draft")
	}
	want := leaves("", decode(t, []byte(defaults)))
	want["dsco.client_id"], want["dsco.include_test_orders"], want["shipstation.store_id"] = "0123", true, 77
	want["sync.ship_delay"], want["cancel.on_request"] = "1h30m", "hold"
	want["state"], want["secrets.store"] = given["state"], given["secrets.store"]
	if diff := cmp.Diff(want, leaves("", decode(t, []byte(draft)))); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if comments := strings.Count(config.Example(), "#"); strings.Count(draft, "#")-1 != comments { // one is in the path of the state file
		t.Errorf("%d comments of %d", strings.Count(draft, "#")-1, comments)
	}
	if _, err := load(t, draft, required...); err != nil {
		t.Errorf("the draft is refused: %v", err)
	}
}

func TestGivenGoesBeforeAllElse(t *testing.T) {
	o := config.Options{Path: write(t, good), Env: []string{"DSCOSYNC_SYNC_LOOKBACK=3h", "DSCOSYNC_DSCO_CLIENT_SECRET_FILE=/no/such"},
		Given: map[string]string{"sync.lookback": "5h"}, Secrets: map[string]secret.Secret{"dsco.client_secret": secret.New("given")}}
	c, err := config.Load(t.Context(), o)
	if err != nil || c.Sync.Lookback.Hours() != 5 || c.DSCO.ClientSecret.Reveal() != "given" || c.ShipStation.StoreID != 12 {
		t.Errorf("%v, %q, %v", c.Sync.Lookback, c.DSCO.ClientSecret.Reveal(), err)
	}
	o.Given = map[string]string{"sync.lookbak": "5h", "carriers": "x", "dsco.client_secret": canary, "shipstation.api_key_file": "/f", "sync.interval": "30"}
	_, err = config.Load(t.Context(), o)
	want := `carriers: a list cannot be given like this: write it in the settings file afterwards
dsco.client_secret: a secret is not given like this: others could see it: give it when it is asked for
shipstation.api_key_file: a secret is not given like this: others could see it: give it when it is asked for
sync.interval: 30 has no unit (as given): write 30m for minutes or 30h for hours
sync.lookbak: no such key: did you mean sync.lookback?`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
