package doctor

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
	"dscosync/internal/sim"
	"dscosync/internal/stage"
)

// The credentials of the accounts. No finding may hold one.
const (
	clientSecret = "canary-client-41"
	apiKey       = "canary-key-42"
	apiSecret    = "canary-secret-43"
)

// quiet is the log of a server whose clients hang up on purpose.
var quiet = log.New(io.Discard, "", 0)

// bed is a set-up in which all is well, with some orders and runs, to be broken by a test.
type bed struct {
	t      *testing.T
	dir    string
	state  string
	world  *sim.World
	lines  []string // of the settings file; those of a section follow its head
	env    []string
	doctor Doctor
	now    time.Time
	ledger *ledger.Ledger
}

func newBed(t *testing.T) *bed {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, dir: dir, state: filepath.Join(dir, "state", "state.db"), now: time.Now().UTC().Truncate(time.Millisecond)}
	b.world = sim.New(sim.Options{ClientID: "client", ClientSecret: clientSecret, APIKey: apiKey, APISecret: apiSecret})
	d, s := httptest.NewServer(b.world.DSCO()), httptest.NewServer(b.world.ShipStation())
	t.Cleanup(d.Close)
	t.Cleanup(s.Close)
	b.lines = []string{
		"dsco:", "  base_url: " + d.URL + "/api/v3", "  client_id: client", "  client_secret: " + clientSecret,
		"shipstation:", "  base_url: " + s.URL, "  api_key: " + apiKey, "  api_secret: " + apiSecret, "  store_id: 1001",
		"state: " + b.state,
	}
	b.doctor = Doctor{
		Place: func(state string) (string, error) { return state, nil },
		DSCO: func(c config.Config, wire http.RoundTripper) *dsco.Client {
			return dsco.New(c.DSCO.BaseURL, c.DSCO.ClientID, c.DSCO.ClientSecret.Reveal(), wire, nil)
		},
		ShipStation: func(c config.Config, wire http.RoundTripper) *shipstation.Client {
			return shipstation.New(c.ShipStation.BaseURL, c.ShipStation.APIKey.Reveal(), c.ShipStation.APISecret.Reveal(), wire, nil)
		},
		Carriers: func(config.Config) stage.Carriers { return stage.Carriers{} },
		Log:      slog.New(slog.DiscardHandler),
		Now:      func() time.Time { return b.now },
		Longest:  10 * time.Minute,
		statfs:   func(string) (disk, error) { return disk{free: 50 << 30, files: 1e6, counts: true}, nil },
	}
	lock, err := ledger.Lock(t.Context(), b.state, 0, ledger.Holder{Stage: "sync", Started: b.now})
	b.must(err)
	b.ledger, err = ledger.Create(b.state)
	b.must(err)
	b.update(func(tx *ledger.Tx) error {
		for _, name := range stages {
			if err := tx.PutStage(name, ledger.Stage{Started: b.now.Add(-2 * time.Minute), Finished: b.now.Add(-time.Minute), Succeeded: b.now.Add(-time.Minute)}); err != nil {
				return err
			}
		}
		return tx.SetStore(1001)
	})
	b.run("pull", func(s *ledger.Stage) { s.Missing = &ledger.Missing{At: b.now.Add(-time.Hour)} })
	b.order("1026000001", func(*order.Order) {})
	b.must(lock.Unlock())
	return b
}

func (b *bed) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) update(f func(*ledger.Tx) error) {
	b.t.Helper()
	b.must(b.ledger.Update(f))
}

// order puts an order that is in ShipStation and acknowledged, and as the test makes it.
func (b *bed) order(id order.ID, change func(*order.Order)) {
	b.t.Helper()
	o := order.Order{ID: id, Lines: []order.Line{{Number: 1, SKU: "S", Ordered: 1}}, Received: b.now.Add(-time.Hour), Acknowledged: b.now.Add(-time.Hour),
		ShipStation: []order.Ref{{ID: 730551201, Number: string(id), Status: "awaiting_shipment", Store: 1001}}}
	change(&o)
	b.update(func(tx *ledger.Tx) error { return tx.Put(o) })
}

// run changes what is remembered of a stage.
func (b *bed) run(name string, change func(*ledger.Stage)) {
	b.t.Helper()
	b.update(func(tx *ledger.Tx) error {
		s, err := tx.Stage(name)
		if err != nil {
			return err
		}
		change(&s)
		return tx.PutStage(name, s)
	})
}

// set changes a line of the settings by what it begins with, or adds one.
func (b *bed) set(begins, line string) {
	for i, have := range b.lines {
		if strings.HasPrefix(have, begins) {
			b.lines[i] = line
			return
		}
	}
	b.lines = append(b.lines, line)
}

func (b *bed) settings() string { return filepath.Join(b.dir, "config.yaml") }

// fail lets calls to a path go wrong.
func (b *bed) fail(path string, f sim.Fault) {
	b.world.Fail(func(c sim.Call) *sim.Fault {
		if strings.HasSuffix(c.Path, path) {
			return &f
		}
		return nil
	})
}

// examine writes the settings, unless the test has put something in their place, and has them looked at.
func (b *bed) examine(ctx context.Context) []Finding {
	b.t.Helper()
	if _, err := os.Lstat(b.settings()); err != nil {
		b.must(os.WriteFile(b.settings(), []byte(strings.Join(b.lines, "\n")+"\n"), 0o600))
	}
	if b.doctor.Settings.Path == "" {
		b.doctor.Settings.Path = b.settings()
	}
	b.doctor.Settings.Env = b.env
	return b.doctor.Examine(ctx)
}

// ills are the findings that are not well, as "status check".
func ills(found []Finding) (list []string) {
	for _, f := range found {
		if name := string(f.Status) + " " + f.Check; f.Status != OK && f.Status != Skipped && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

func text(found []Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s: %s | %s | %s\n", f.Status, f.Check, f.Message, f.Why, f.Hint)
	}
	return b.String()
}
