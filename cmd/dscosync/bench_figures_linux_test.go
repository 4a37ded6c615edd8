package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"text/tabwriter"
	"time"

	"dscosync/internal/sim"
)

// BenchmarkFigures measures the built program as cron runs it, against both remotes on a loopback port, and holds what
// it finds against the targets. It is one long look, for `make bench`, and not for comparing nanoseconds.
func BenchmarkFigures(b *testing.B) {
	f := &figures{program: filepath.Join(b.TempDir(), "dscosync")}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", f.program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building dscosync: %v\n%s", err, out)
	}
	f.tracer, _ = exec.LookPath("strace")
	if f.tracer != "" && exec.Command(f.tracer, "-o", os.DevNull, f.program, "version").Run() != nil {
		f.tracer = "" // installed, but not allowed here
	}
	f.pulls(b)
	f.finished(b)
	f.beside(b)
	missed := f.judge(b)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(missed), "missed")
}

// figures measures, and keeps what it found beside what was aimed at.
type figures struct {
	program string
	tracer  string // strace; empty where there is none
	targets []target
}

type target struct {
	what, got, want string
	met             bool
}

func (f *figures) aim(what string, met bool, want, format string, got ...any) {
	f.targets = append(f.targets, target{what, fmt.Sprintf(format, got...), want, met})
}

// pulls measures a pull of new orders on a ledger in use.
func (f *figures) pulls(b *testing.B) {
	how := "counted by strace"
	if f.tracer == "" {
		how = "computed: 2 for each commit, 1 for each time the file may have grown"
	}
	fmt.Println("\npull of new orders on a ledger in use (fsyncs " + how + "; milliseconds)")
	w := table("orders", "latency", "limit", "wall", "less remotes", "orders/s", "DSCO calls", "per order", "ShipStation", "per order", "commits", "fsyncs", "per order", "peak MiB")
	for _, p := range []struct {
		orders  int
		latency time.Duration
		limit   int
	}{
		{200, 50 * time.Millisecond, plenty},
		{250, 0, plenty}, {250, 50 * time.Millisecond, plenty}, {250, 0, 40},
		{1000, 0, plenty}, {1000, 50 * time.Millisecond, plenty},
		{5000, 0, plenty}, {5000, 50 * time.Millisecond, plenty},
	} {
		m := f.pull(b, p.orders, sim.Options{Limit: p.limit, Latency: p.latency})
		n, limit := float64(p.orders), "none"
		if p.limit != plenty {
			limit = fmt.Sprintf("%d a minute", p.limit)
		}
		row(w, p.orders, p.latency, limit, ms(m.wall), ms(m.own), fmt.Sprintf("%.0f", n/m.wall.Seconds()), m.dsco, each(m.dsco, n), m.shipStation, each(m.shipStation, n),
			m.commits, m.syncs, each(m.syncs, n), mib(m.peak))
		what := fmt.Sprintf("%d orders at %v", p.orders, p.latency)
		switch {
		case p.limit != plenty:
			continue
		case p.orders == 200:
			f.aim(what+": wall time", m.wall < time.Second, "under 1000 ms", "%s ms", ms(m.wall))
			continue
		case p.orders == 250:
			f.aim(what+": DSCO calls", m.dsco <= 12, "at most 12", "%d", m.dsco)
			f.aim(what+": ShipStation calls", m.shipStation <= 6, "at most 6", "%d", m.shipStation)
		case p.orders == 5000:
			f.aim(what+": ShipStation calls per order", float64(m.shipStation) <= 0.02*n, "at most 0.02", "%s", each(m.shipStation, n))
			f.aim(what+": peak memory", m.peak < 64, "under 64 MiB", "%s MiB", mib(m.peak))
		}
		f.aim(what+": fsyncs per order", float64(m.syncs) <= 0.1*n, "at most 0.1", "%s", each(m.syncs, n))
	}
	w.Flush()
}

// pull measures such a pull, and where there is strace, counts the fsyncs of another one: being traced takes time. Of
// the shorter ones the quickest of three counts, since the machine has other work, too.
func (f *figures) pull(b *testing.B, orders int, o sim.Options) (best measured) {
	tries := 3
	if orders > 1000 {
		tries = 1
	}
	for range tries {
		a := f.used(b, orders, o)
		m := a.run(b, f.program, "pull")
		a.check(b, inUse+orders)
		if best.wall == 0 || m.wall < best.wall {
			best = m
		}
	}
	if f.tracer != "" {
		o.Latency = 0
		best.syncs = f.used(b, orders, o).trace(b, f.tracer, f.program, "pull")
	}
	return best
}

// used is a pair of accounts with some orders pulled by an earlier run and others waiting.
func (f *figures) used(b *testing.B, waiting int, o sim.Options) *accounts {
	a := newAccounts(b, o)
	a.run(b, f.program, "pull") // makes the ledger: with orders there it would wait until ShipStation's lists have settled
	a.add(inUse)
	a.run(b, f.program, "pull")
	a.add(waiting)
	return a
}

// finished measures status, and a pull with nothing to do, on ledgers with finished orders. The ledgers take turns, so
// that what else the machine does is no difference between them.
func (f *figures) finished(b *testing.B) {
	fmt.Println("\nnothing to do, with finished orders in the ledger (best of 15; milliseconds; x: times as much as with none)")
	w := table("finished", "command", "wall", "x", "less remotes", "x", "peak MiB", "x", "calls", "bytes per order")
	sizes, commands := []int{0, 10_000, 1_000_000}, []string{"status", "pull"}
	var ledgers []*accounts
	for _, n := range sizes {
		a := newAccounts(b, sim.Options{Limit: plenty})
		a.run(b, f.program, "pull") // makes the ledger
		fill(b, a.state, n)
		ledgers = append(ledgers, a)
	}
	best := map[*accounts]map[string]measured{}
	for range 15 {
		time.Sleep(100 * time.Millisecond) // DSCO allows ten of a call in a second
		for _, a := range ledgers {
			if best[a] == nil {
				best[a] = map[string]measured{}
			}
			for _, command := range commands {
				m := a.run(b, f.program, command)
				if was, ok := best[a][command]; ok {
					m.wall, m.own, m.peak = min(m.wall, was.wall), min(m.own, was.own), max(m.peak, was.peak)
				}
				best[a][command] = m
			}
		}
	}
	for i, n := range sizes {
		size := "-"
		if n > 0 {
			bytes := float64(sizeOf(ledgers[i].state)) / float64(n)
			size = fmt.Sprintf("%.0f", bytes)
			f.aim(fmt.Sprintf("%d finished: bytes for each", n), bytes <= 2500, "at most 2500", "%s", size)
		}
		for _, command := range commands {
			m, none := best[ledgers[i]][command], best[ledgers[0]][command]
			wall, own, peak := ratio(m.wall, none.wall), ratio(m.own, none.own), m.peak/max(none.peak, 1)
			calls := m.dsco + m.shipStation
			row(w, n, command, ms(m.wall), times(wall), ms(m.own), times(own), mib(m.peak), times(peak), calls, size)
			if n < 1_000_000 {
				continue
			}
			what := fmt.Sprintf("%s, %d finished: ", command, n)
			f.aim(what+"wall time, to that with none", wall <= 1.5, "at most 1.5", "%s", times(wall))
			f.aim(what+"peak memory, to that with none", peak <= 1.5, "at most 1.5", "%s", times(peak))
			f.aim(what+"time less the remotes", m.own < 50*time.Millisecond, "under 50 ms", "%s ms", ms(m.own))
			if command == "pull" {
				f.aim(what+"calls", calls <= 4, "at most 4", "%d", calls)
			}
		}
	}
	w.Flush()
	f.scorecard(b, ledgers[len(ledgers)-1])
}

// scorecard measures the month's scorecard on the ledger with the most finished orders. What of the file is in memory
// is not counted: the system takes it back as it likes.
func (f *figures) scorecard(b *testing.B, a *accounts) {
	fmt.Println("\nscorecard of this month and the one before, with 1000000 finished orders (best of 3)")
	w := table("part", "seconds", "peak MiB without the file")
	for _, by := range []string{"retailer", "sku", "carrier", "day"} {
		var best measured
		for range 3 {
			m := a.run(b, f.program, "scorecard", "--by", by)
			if best.wall == 0 || m.wall < best.wall {
				best.wall = m.wall
			}
			best.anon = max(best.anon, m.anon)
		}
		row(w, by, fmt.Sprintf("%.2f", best.wall.Seconds()), mib(best.anon))
		f.aim("scorecard by "+by+", 1000000 finished: wall time", best.wall < 5*time.Second, "under 5 s", "%.2f s", best.wall.Seconds())
		f.aim("scorecard by "+by+", 1000000 finished: peak memory without the file", best.anon < 64, "under 64 MiB", "%s MiB", mib(best.anon))
	}
	w.Flush()
}

// judge prints each figure beside its target and tells how many were missed.
func (f *figures) judge(b *testing.B) (missed int) {
	fmt.Println("\ntargets")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, t := range f.targets {
		verdict := "ok"
		if !t.met {
			verdict = "MISSED"
			missed++
			b.Errorf("MISSED: %s: %s, want %s", t.what, t.got, t.want)
		}
		row(w, t.what, t.got, t.want, verdict)
	}
	w.Flush()
	return missed
}

// table begins a table of figures; row adds to it.
func table(heads ...any) *tabwriter.Writer {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	row(w, heads...)
	return w
}

func row(w io.Writer, cells ...any) {
	for _, c := range cells {
		fmt.Fprintf(w, "%v\t", c)
	}
	fmt.Fprintln(w)
}

func times(x float64) string { return fmt.Sprintf("%.2f", x) }

func mib(x float64) string { return fmt.Sprintf("%.1f", x) }

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/1e6) }

func each(n int, orders float64) string { return fmt.Sprintf("%.4f", float64(n)/orders) }

func ratio(d, of time.Duration) float64 { return float64(d) / float64(of) }
