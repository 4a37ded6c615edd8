package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"dscosync/internal/cli"
	"dscosync/internal/sim"
)

// plenty is a ShipStation limit that is out of the way. Without any, dscosync would keep to the documented 40 a minute.
const plenty = 1_000_000

// inUse is how many orders an earlier run has pulled.
const inUse = 20

// TestFigures holds what a run costs: every call, as the remotes count them, and every commit. Times and memory depend
// on the machine; make bench prints those.
func TestFigures(t *testing.T) {
	a := newAccounts(t, sim.Options{Limit: plenty, KeepCalls: 100})
	cost := func() (calls map[string]int, commits int) {
		n, before := a.Count(""), a.commits(t)
		var out bytes.Buffer
		if code := cli.Main(cli.Env{Stdout: &out, Stderr: &out, Now: cli.System().Now}, []string{"--config", a.config, "pull"}); code != 0 {
			t.Fatalf("exit status %d: %s", code, out.String())
		}
		calls = map[string]int{}
		for _, c := range a.Calls() {
			if c.N > n {
				calls[c.API+" "+c.Method+" "+c.Path]++
			}
		}
		return calls, a.commits(t) - before
	}
	cost() // makes the ledger: with orders there it would wait until ShipStation's lists have settled
	a.add(inUse)
	cost()
	for _, test := range []struct {
		orders  int
		calls   map[string]int
		commits int
	}{
		{250, map[string]int{
			"dsco POST /api/v3/oauth2/token": 1, "dsco GET /api/v3/order/page": 1, "dsco POST /api/v3/order/acknowledge": 3, "dsco GET /api/v3/order/log": 3,
			"shipstation GET /orders": 1, "shipstation POST /orders/createorders": 3,
		}, 9}, // the plan, one before each of six writes, what the last one brought, the end
		{0, map[string]int{"dsco POST /api/v3/oauth2/token": 1, "dsco GET /api/v3/order/page": 1}, 1},
	} {
		a.add(test.orders)
		calls, commits := cost()
		if diff := cmp.Diff(test.calls, calls); diff != "" {
			t.Errorf("%d new orders: calls (-want +got):\n%s", test.orders, diff)
		}
		if commits != test.commits {
			t.Errorf("%d new orders: %d commits, want %d", test.orders, commits, test.commits)
		}
	}
	a.check(t, inUse+250)
}

// accounts are both remotes on a loopback port, and the settings and the ledger for them.
type accounts struct {
	*sim.World
	config, state string
	took          atomic.Int64 // by the remotes, in nanoseconds
}

func newAccounts(tb testing.TB, o sim.Options) *accounts {
	dir := tb.TempDir()
	a := &accounts{World: sim.New(o), config: filepath.Join(dir, "config.yaml"), state: filepath.Join(dir, "state.db")}
	mux := http.NewServeMux()
	mux.Handle("/", a.ShipStation())
	mux.Handle("/api/v3/", a.DSCO())
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		mux.ServeHTTP(rw, r)
		a.took.Add(int64(time.Since(begun)))
	}))
	tb.Cleanup(server.Close)
	text := fmt.Sprintf("dsco: {base_url: %q, client_id: client, client_secret: client-secret}\n"+
		"shipstation: {base_url: %q, api_key: key, api_secret: key-secret, store_id: 1001}\nstate: %q\n", server.URL+"/api/v3", server.URL, a.state)
	if err := os.WriteFile(a.config, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	return a
}

func (a *accounts) add(orders int) {
	for range orders {
		a.AddOrder()
	}
}

// check makes sure that a measured run did its work.
func (a *accounts) check(tb testing.TB, orders int) {
	tb.Helper()
	acknowledged := 0
	for _, o := range a.Orders() {
		if sim.Text(o, "dscoLifecycle") == "acknowledged" {
			acknowledged++
		}
	}
	if n := len(a.ShipStationOrders()); n != orders || acknowledged != orders || len(a.Broken()) > 0 {
		tb.Fatalf("of %d orders %d are in ShipStation and %d acknowledged; broken laws: %v", orders, n, acknowledged, a.Broken())
	}
}

// commits is how many transactions were ever committed to the ledger: bbolt numbers them.
func (a *accounts) commits(tb testing.TB) (n int) {
	tb.Helper()
	if sizeOf(a.state) == 0 {
		return 0
	}
	db, err := bbolt.Open(a.state, 0o600, &bbolt.Options{ReadOnly: true, Timeout: 5 * time.Second})
	if err == nil {
		err = errors.Join(db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }), db.Close())
	}
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func sizeOf(path string) int64 {
	if info, err := os.Stat(path); err == nil {
		return info.Size()
	}
	return 0
}
