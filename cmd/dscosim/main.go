// Command dscosim is DSCO and ShipStation on one loopback port, with invented orders, for trying dscosync and for tests.
// It is no part of the product.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dscosync/internal/sim"
)

const usage = `Usage: dscosim [flags]

Serves DSCO (under /api/v3) and ShipStation (at /) on one loopback port, with invented orders, until it is interrupted.
On stdout it prints the settings that make dscosync talk to it.

  GET  /sim                        shows the orders on both sides, the calls so far and the laws that were broken
  POST /sim/add                    lets a retailer place an order
  POST /sim/cancel?id=ID           lets the retailer cancel an order (a request only, once the order is acknowledged)
  POST /sim/request-cancel?id=ID   lets the retailer ask for a cancellation
  POST /sim/force-cancel?id=ID     cancels an order in DSCO's portal, acknowledged or not
  POST /sim/acknowledge?id=ID      acknowledges an order in DSCO's portal
  POST /sim/label?id=ID            has the warehouse buy a label for what is left of an order, and shows the shipment's number
  POST /sim/mark-shipped?id=ID     has somebody mark an order as shipped in ShipStation, without a label
  POST /sim/void?shipment=NUMBER   voids a label, or what mark-shipped made
  POST /sim/hold?id=ID             has somebody put an order on hold in ShipStation
  POST /sim/cancel-in-shipstation?id=ID   has somebody cancel an order in ShipStation

Flags:
`

// choices are what the command line says.
type choices struct {
	addr          string
	orders        int
	arrive        time.Duration
	config, state string
	options       sim.Options
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program; it returns its exit status: 0, 1 when something failed, 2 when it was called wrongly.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := read(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "dscosim: error: %v\ndscosim: hint: dscosim --help lists the flags\n", err)
		return 2
	}
	if err := serve(ctx, c, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "dscosim: error: %v\n", err)
		return 1
	}
	return 0
}

func read(args []string, help io.Writer) (choices, error) {
	var c choices
	var lag time.Duration
	f := flag.NewFlagSet("dscosim", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {
		fmt.Fprint(help, usage)
		f.SetOutput(help)
		f.PrintDefaults()
		f.SetOutput(io.Discard)
	}
	f.StringVar(&c.addr, "addr", "127.0.0.1:0", "loopback `address` to serve at; port 0 takes a free one")
	f.IntVar(&c.orders, "orders", 40, "`number` of orders to begin with; some are awkward on purpose")
	f.DurationVar(&c.arrive, "arrive", 0, "a new order each so often, such as 20s (0: never)")
	f.DurationVar(&c.options.Latency, "latency", 0, "time each answer takes, such as 150ms")
	f.DurationVar(&lag, "lag", 0, "how old a write is before the lists show it")
	f.DurationVar(&c.options.LogDelay, "log-delay", 0, "how long DSCO takes to carry out an acknowledge")
	f.IntVar(&c.options.Limit, "limit", 40, "ShipStation requests in a minute (below 0: any)")
	f.Uint64Var(&c.options.Seed, "seed", 1, "`number` that the invented orders grow from")
	f.StringVar(&c.config, "config", "", "`file` to write the settings to once the server listens")
	f.StringVar(&c.state, "state", "", "`path` of dscosync's state file, for the settings")
	if err := f.Parse(args); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			f.Usage = func() {}
		}
		return c, err
	}
	c.options.DSCOLag, c.options.ShipStationLag = lag, lag
	c.options.KeepCalls = 1000
	switch host, _, err := net.SplitHostPort(c.addr); {
	case f.NArg() > 0:
		return c, fmt.Errorf("unexpected argument %q", f.Arg(0))
	case err != nil:
		return c, fmt.Errorf("--addr %q is not host:port", c.addr)
	case host != "localhost" && !net.ParseIP(host).IsLoopback():
		return c, fmt.Errorf("--addr %q is not a loopback address: the simulator is open to all who reach it", c.addr)
	case c.orders < 0 || c.arrive < 0 || c.options.Latency < 0 || lag < 0 || c.options.LogDelay < 0:
		return c, errors.New("--orders, --arrive, --latency, --lag and --log-delay cannot be negative")
	case c.options.Limit == 0:
		return c, errors.New("--limit 0 would refuse every request: give -1 for no limit")
	case c.state != "" && !filepath.IsAbs(c.state):
		return c, fmt.Errorf("--state %q is not an absolute path", c.state)
	}
	return c, nil
}

// serve runs the world until ctx ends.
func serve(ctx context.Context, c choices, stdout, stderr io.Writer) error {
	w := sim.New(c.options)
	why := addOrders(w, c.orders)
	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return fmt.Errorf("listening at %s: %w", c.addr, err)
	}
	server := &http.Server{
		Handler: routes(w, why), ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(stderr, "dscosim: ", 0),
		BaseContext: func(net.Listener) context.Context { return ctx }, // ends the calls that hang
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	text := settings("http://"+listener.Addr().String(), c.state, c.options.ShipStationLag+time.Second)
	if c.config != "" {
		if err := write(c.config, text); err != nil {
			server.Close()
			return err
		}
	}
	fmt.Fprint(stdout, text)
	fmt.Fprintf(stderr, "dscosim: serving at http://%s, overview at /sim\n", listener.Addr())
	arrive(ctx, w, c.arrive, served)
	select {
	case err := <-served:
		return fmt.Errorf("serving: %w", err)
	default:
	}
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return server.Shutdown(last)
}

// arrive adds an order each so often until ctx ends or the server has failed, which it leaves in served.
func arrive(ctx context.Context, w *sim.World, every time.Duration, served chan error) {
	var tick <-chan time.Time
	if every > 0 {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	for {
		select {
		case <-tick:
			w.AddOrder()
		case err := <-served:
			served <- err
			return
		case <-ctx.Done():
			return
		}
	}
}

// settings is what dscosync needs to talk to the world, as its settings file has it.
func settings(base, state string, settle time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# dscosim at %s\n", base)
	fmt.Fprintf(&b, "dsco:\n  base_url: %s/api/v3\n  client_id: client\n  client_secret: client-secret\n  settle: %s\n", base, settle)
	fmt.Fprintf(&b, "shipstation:\n  base_url: %s\n  api_key: key\n  api_secret: key-secret\n  store_id: 1001\n  settle: %s\n", base, settle)
	if state != "" {
		fmt.Fprintf(&b, "state: %q\n", state)
	}
	b.WriteString("retailers:\n")
	for id, name := range sim.Retailers() {
		fmt.Fprintf(&b, "  - { id: %q, name: %q }\n", id, name)
	}
	return b.String()
}

// write puts the settings into a file that only its owner can read, at once or not at all.
func write(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	return nil
}
