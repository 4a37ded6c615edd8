package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
	"dscosync/internal/sim"
)

// house is both remotes, a ledger, and what a run is made of. Its clock is the bubble's.
type house struct {
	t     *testing.T
	world *sim.World
	path  string
	log   bytes.Buffer
	runs  int
	kill  func() error // asked before each commit of the next run
	with  func(*Runner)

	refused string // the order that ShipStation refuses, if there is one
}

// in runs a test in a bubble of its own, where waiting takes no time.
func in(t *testing.T, o sim.Options, f func(*testing.T, *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, world: sim.New(o), path: filepath.Join(t.TempDir(), "state.db")}
		f(t, h)
	})
}

// start makes the ledger and lets a first run adopt the empty world, so that what follows is an account in use.
func (h *house) start() *house {
	h.t.Helper()
	if res := h.pull(); res.Err != nil {
		h.t.Fatal("first run:", res.Err)
	}
	time.Sleep(time.Hour)
	return h
}

func (h *house) runner() *Runner {
	h.t.Helper()
	l, err := ledger.Open(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		l, err = ledger.Create(h.path)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.runs++
	log := slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	r := &Runner{
		Ledger:      l,
		DSCO:        dsco.New(sim.DSCOBase, "client", "client-secret", h.world.Transport(), log),
		ShipStation: shipstation.New(sim.ShipStationBase, "key", "key-secret", h.world.Transport(), log),
		Now:         func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) },
		Log:         log, ID: fmt.Sprintf("run%d", h.runs),
		Lookback: 14 * 24 * time.Hour, Lifecycles: []string{"created", "received"},
		DSCOSettle: 15 * time.Minute, ShipStationSettle: 30 * time.Second, Retention: 180 * 24 * time.Hour,
		Translation:      Translation{StoreID: 1001},
		AcknowledgeAlarm: 4 * time.Hour, ShipByAlarm: 24 * time.Hour, CancelCode: "CXSO", MaxCancels: 50,
		commit: h.kill,
	}
	if h.with != nil {
		h.with(r)
	}
	return r
}

func (h *house) pull() Result { return h.run(Pull) }

func (h *house) run(s Stage) Result {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	return h.runner().Run(ctx, s)
}

// rows are all orders of the ledger, as they stand there.
func (h *house) rows() map[order.ID]order.Order {
	h.t.Helper()
	rows := map[order.ID]order.Order{}
	l, err := ledger.Open(h.path)
	if errors.Is(err, fs.ErrNotExist) {
		return rows
	}
	if err == nil {
		err = l.View(func(tx *ledger.Tx) error {
			for o, err := range tx.Open() {
				if err != nil {
					return err
				}
				rows[o.ID] = o
			}
			for o, err := range tx.Done(time.Time{}) {
				if err != nil {
					return err
				}
				rows[o.ID] = o
			}
			return nil
		})
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

func (h *house) row(id string) order.Order {
	h.t.Helper()
	o, ok := h.rows()[order.ID(id)]
	if !ok {
		h.t.Fatalf("order %s is not in the ledger", id)
	}
	return o
}

// add has orders wait in DSCO.
func (h *house) add(n int, change ...func(map[string]any)) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = h.world.AddOrder(change...)
	}
	time.Sleep(time.Minute)
	return ids
}

// standing is what each order comes to, for comparing two ways that led there.
func (h *house) standing() string {
	var b strings.Builder
	rows := h.rows()
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		o := rows[id]
		n, _ := o.Trouble()
		numbers := h.packages(string(id))
		slices.Sort(numbers)
		fmt.Fprintf(&b, "%s: %s, in ShipStation %d (%s), acknowledged %t, told %v, cancelled %q, doubt %t, held %t %q\n", id, o.State(), len(o.ShipStation),
			h.station(string(id)), !o.Acknowledged.IsZero(), numbers, h.cancelled(string(id)), o.Intent != nil, o.Held(), n.Text)
	}
	return b.String()
}

// lawful fails the test when the world saw a law broken.
func (h *house) lawful() {
	h.t.Helper()
	if broken := h.world.Broken(); len(broken) > 0 {
		h.t.Errorf("laws broken: %q", broken)
	}
}

// live is the number of live orders with that number in ShipStation.
func (h *house) live(id string) int { return len(h.world.ByNumber(id)) }

func (h *house) calls(api, path string) int {
	n := 0
	for _, c := range h.world.Calls() {
		if c.API == api && (path == "" || c.Path == path) {
			n++
		}
	}
	return n
}
