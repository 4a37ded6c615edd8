package ledger

import (
	"bufio"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"dscosync/internal/order"
)

// roles are what the test binary does instead of testing when it is started as another process.
var roles = map[string]func(path string) error{
	"hold the file": func(path string) error {
		l, err := Open(path)
		if err != nil {
			return err
		}
		return l.Update(func(tx *Tx) error { return idle() })
	},
	"hold the lock": func(path string) error {
		if _, err := Lock(ctx, path, 0, Holder{Stage: "pull", Run: "k3v9x2qa", Started: noon}); err != nil {
			return err
		}
		return idle()
	},
	"write": func(path string) error {
		l, err := Open(path)
		if err != nil {
			return err
		}
		for n := 1; ; n++ {
			err := l.Update(func(tx *Tx) error { return writeStep(tx, n) })
			if err != nil {
				return err
			}
			fmt.Println(n)
		}
	},
	"create": func(path string) error {
		fmt.Println("ready")
		_, err := Create(path)
		return err
	},
}

func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv("LEDGER_ROLE")]; ok {
		if err := role(os.Getenv("LEDGER_PATH")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func idle() error {
	fmt.Println("ready")
	time.Sleep(time.Minute)
	return nil
}

// process is the test binary in another role. Its lines come through the scanner.
func process(t *testing.T, role, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LEDGER_ROLE="+role, "LEDGER_PATH="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return cmd, bufio.NewScanner(out)
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func newLedger(t *testing.T) *Ledger {
	t.Helper()
	l, err := Create(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func update(t *testing.T, l *Ledger, f func(*Tx) error) {
	t.Helper()
	if err := l.Update(f); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, l *Ledger, f func(*Tx) error) {
	t.Helper()
	if err := l.View(f); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, l *Ledger, orders ...order.Order) {
	t.Helper()
	update(t, l, func(tx *Tx) error {
		for _, o := range orders {
			if err := tx.Put(o); err != nil {
				return err
			}
		}
		return nil
	})
}

// contents is all that is in a ledger.
type contents struct {
	Open, Done []order.Order
	Facts      []order.Facts // of the done ones
	Journal    []Entry
	Pull       Stage
	Store      int64
	Salt       []byte
}

func (c *contents) read(tx *Tx) (err error) {
	*c = contents{Store: tx.Store(), Salt: tx.Salt()}
	if c.Open, err = collect(tx.Open()); err != nil {
		return err
	}
	if c.Done, err = collect(tx.Done(time.Time{})); err != nil {
		return err
	}
	known := &catalogue{}
	if err := known.of(tx); err != nil {
		return err
	}
	for r, err := range tx.finished.rows(nil) {
		if err != nil {
			return err
		}
		f, err := tx.facts(r, known)
		if err != nil {
			return err
		}
		c.Facts = append(c.Facts, f)
	}
	if c.Journal, err = collect(tx.Entries(0, time.Time{})); err != nil {
		return err
	}
	c.Pull, err = tx.Stage("pull")
	return err
}

func collect[T any](seq func(func(T, error) bool)) (all []T, err error) {
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// sample is an order much as one looks at the end of its life, finished unless the time is zero. Some are kept in
// testdata/ledger, so it must stay as it is.
func sample(n int, finished time.Time) order.Order {
	id := order.ID(fmt.Sprint(1_026_000_000 + n))
	at := noon.Add(time.Duration(n) * time.Second)
	o := order.Order{
		ID: id, PO: fmt.Sprint("PO-", 40_000+n), Retailer: "1000012345",
		Lines: []order.Line{{Number: 1, Item: fmt.Sprint(99_000_000 + n), SKU: fmt.Sprint("SKU-", n%500, "-BLK-XL"), Ordered: 1, ShipBy: at.Add(72 * time.Hour)}},
		DSCO: order.DSCO{
			Status: "created", Lifecycle: "created", Created: at.Add(-time.Hour), Updated: at.Add(-time.Hour),
			AcknowledgeBy: at.Add(24 * time.Hour), ShipBy: at.Add(72 * time.Hour), CancelAfter: at.Add(240 * time.Hour),
			Address: "5f2b9c1d7a3e4f60", Content: "9a8b7c6d5e4f3021", Service: "0011223344556677", Country: "US", Region: "CA",
		},
		Received: at, Updated: at,
	}
	if finished.IsZero() {
		return o
	}
	o.DSCO.Status, o.DSCO.Lifecycle = "shipped", "completed"
	o.DSCO.Packages = []order.Package{{Number: fmt.Sprintf("1Z999AA1%010d", n), Carrier: "UPS", ServiceLevel: "UPCG", Shipped: at.Add(20 * time.Hour)}}
	o.ShipStation = []order.Ref{{ID: int64(500_000_000 + n), Number: string(id), Key: "dsco-" + string(id), Status: "shipped", Store: 12345, Lines: []order.Packed{{Line: 1, Units: 1}}}}
	o.Lines[0].Told = 1
	o.Acknowledged, o.WroteDSCO, o.WroteShipStation, o.Looked = at.Add(time.Second), at, at, at
	o.Updated, o.Finished = finished, finished
	return o
}

// seeded is where a test's chances come from: SEED, or another one each time.
func seeded(t testing.TB) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("SEED"), fmt.Sprint(rand.Uint64())), 10, 64)
	if err != nil {
		t.Fatal("SEED:", err)
	}
	t.Logf("seed %d (again with SEED=%[1]d)", seed)
	return seed
}
