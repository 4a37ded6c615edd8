package main

import (
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// beside measures how much a pull is slowed by somebody who asks for the status all the while. It is held against a pull
// beside a program that is started as often and looks at nothing: what it takes from a pull to start programs is the
// machine's matter, what it takes to share the state file is ours. The three kinds take turns, so that what else the
// machine does is no difference between them; of each the middle one counts.
func (f *figures) beside(b *testing.B) {
	const orders, latency, rounds = 100, 50 * time.Millisecond, 15
	fmt.Printf("\npull of %d new orders at %v beside a program that is started ten times a second (the middle of %d; milliseconds)\n", orders, latency, rounds)
	w := table("program", "pull", "x", "started", "took p50", "p99")
	kinds := [][]string{nil, {"version"}, {"status", "--limit", "20"}}
	pulls, took := make([][]time.Duration, len(kinds)), make([][]time.Duration, len(kinds))
	for range rounds {
		for i, args := range kinds {
			a := f.used(b, orders, sim.Options{Limit: plenty, Latency: latency})
			stop, times := make(chan struct{}), make(chan []time.Duration)
			go f.start(b, a, args, stop, times)
			pulls[i] = append(pulls[i], a.run(b, f.program, "pull").wall)
			close(stop)
			took[i] = append(took[i], <-times...)
			a.check(b, inUse+orders)
		}
	}
	for i, name := range []string{"none", "version", "status"} {
		slices.Sort(pulls[i])
		slices.Sort(took[i])
		n, p50, p99 := len(took[i]), "-", "-"
		if n > 0 {
			p50, p99 = ms(took[i][n/2]), ms(took[i][n*99/100])
		}
		row(w, name, ms(pulls[i][rounds/2]), times(ratio(pulls[i][rounds/2], pulls[0][rounds/2])), n, p50, p99)
	}
	w.Flush()
	x := ratio(pulls[2][rounds/2], pulls[1][rounds/2])
	f.aim("pull beside status, to that beside version", x <= 1.02, "at most 1.02", "%.3f", x)
}

// start runs the program again and again until it is stopped, and tells how long each took.
func (f *figures) start(b *testing.B, a *accounts, args []string, stop chan struct{}, took chan []time.Duration) {
	var all []time.Duration
	for {
		select {
		case <-stop:
			took <- all
			return
		case <-time.After(100 * time.Millisecond):
		}
		if args == nil {
			continue
		}
		begun := time.Now()
		if out, err := exec.Command(f.program, append(args, "--config", a.config)...).CombinedOutput(); err != nil {
			b.Errorf("%v beside a pull: %v\n%s", args, err, out)
		}
		all = append(all, time.Since(begun))
	}
}
