package main_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// together is how many processes are started at once.
const together = 8

var holder = regexp.MustCompile(`another dscosync run \(pid (\d+), (pull|sync|push-tracking|cancel-sync), started \d\d:\d\d:\d\d, \d+s ago\) holds .*state\.db\.lock`)

// TestOverlap starts eight processes at once, again and again. Those that do not wait leave with 75 and say who works;
// those that wait work one after the other; one that is killed gives the lock back at once. Every order is created once.
func TestOverlap(t *testing.T) {
	rounds := times(t, "ROUNDS", 6)
	r := rand.New(rand.NewPCG(seeded(t), 3))
	s := newSite(t, "", sim.Options{Limit: 1_000_000, KeepCalls: 10}, "")
	s.people = sim.NewPeople(s.world, 1)
	s.must(0, "pull")
	orders, left := 0, []time.Duration{}
	for round := range rounds {
		orders++
		s.world.AddOrder()
		wait, kill := round%3 == 1, round%3 == 2
		s.world.Fail(nil)
		gate := make(chan struct{})
		if !wait { // whoever has the lock keeps it until all others have tried
			s.world.Fail(func(c sim.Call) *sim.Fault {
				<-gate
				return nil
			})
		}
		type end struct {
			pid, code int
			said      string
			took      time.Duration
		}
		ends := make(chan end, together)
		var all []*exec.Cmd
		for range together {
			cmd := s.command("pull", "--lock-timeout", map[bool]string{true: "60s", false: "0s"}[wait])
			var said buffer
			cmd.Stdout, cmd.Stderr = &said, &said
			begun := time.Now()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			all = append(all, cmd)
			go func() {
				cmd.Wait()
				ends <- end{cmd.Process.Pid, cmd.ProcessState.ExitCode(), said.String(), time.Since(begun)}
			}()
		}
		codes, told := map[int]int{}, map[string]bool{}
		count := func(e end) {
			codes[e.code]++
			if e.code == 75 {
				left = append(left, e.took)
				who := holder.FindStringSubmatch(e.said)
				if who == nil {
					t.Fatalf("round %d: it does not say who works: %q", round, e.said)
				}
				told[who[1]] = true
			} else if e.code == 0 && e.said != "" {
				t.Errorf("round %d: %q", round, e.said)
			}
		}
		if wait {
			for range together {
				count(<-ends)
			}
			if codes[0] != together {
				t.Fatalf("round %d: exit codes %v", round, codes)
			}
			continue
		}
		for range together - 1 {
			count(<-ends)
		}
		if codes[75] != together-1 || len(told) != 1 {
			t.Fatalf("round %d: exit codes %v, told of %v", round, codes, told)
		}
		if kill {
			time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond)
			for _, cmd := range all {
				cmd.Process.Kill()
			}
			if e := <-ends; !told[fmt.Sprint(e.pid)] {
				t.Errorf("round %d: %v worked, not %d", round, told, e.pid)
			}
			close(gate)
			s.land()
			s.world.Fail(nil)
			begun := time.Now()
			s.must(0, "pull", "--lock-timeout", "0s")
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("round %d: after a kill the next run took %v", round, took)
			}
			continue
		}
		close(gate)
		e := <-ends
		if count(e); codes[0] != 1 || !told[fmt.Sprint(e.pid)] {
			t.Errorf("round %d: exit codes %v; %v worked, not %d", round, codes, told, e.pid)
		}
	}
	slices.Sort(left)
	t.Logf("%d rounds of %d processes: those that left did so after p50 %v, p99 %v", rounds, together, left[len(left)/2].Round(time.Millisecond), left[len(left)*99/100].Round(time.Millisecond))
	if n := len(s.world.ShipStationOrders()); n != orders {
		t.Errorf("%d orders in ShipStation, want %d", n, orders)
	}
	s.came(s.people)
}

// TestStatusBesideRuns asks for the status again and again while a run works at full rate: it never fails, and never
// waits long. The runs lose next to nothing by it.
func TestStatusBesideRuns(t *testing.T) {
	asked := times(t, "STATUS", 60)
	s := newSite(t, "", sim.Options{Limit: 1_000_000, KeepCalls: 10}, "")
	s.must(0, "pull")
	ctx, stop := context.WithCancel(context.Background())
	var runs, orders int
	var working sync.WaitGroup
	working.Go(func() {
		for ctx.Err() == nil {
			for range 25 {
				s.world.AddOrder()
			}
			orders += 25
			if code, said := s.run("sync", "all"); code != 0 {
				t.Errorf("exit status %d: %s", code, said)
			}
			runs++
		}
	})
	var took, idle []time.Duration
	for range asked {
		begun := time.Now()
		s.must(0, "status", "--json", "--limit", "20")
		took = append(took, time.Since(begun))
		begun = time.Now()
		s.must(0, "version") // what it takes to start any program on this machine just now
		idle = append(idle, time.Since(begun))
	}
	stop()
	working.Wait()
	slices.Sort(took)
	slices.Sort(idle)
	p99, start := took[len(took)*99/100], idle[len(idle)*99/100]
	t.Logf("%d times status beside %d runs of %d orders: p50 %v, p99 %v, at most %v; a program that does nothing takes p50 %v, p99 %v", asked, runs, orders, took[len(took)/2].Round(time.Millisecond), p99.Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond), idle[len(idle)/2].Round(time.Millisecond), start.Round(time.Millisecond))
	most := 2 * time.Second
	if os.Getenv("STATUS") != "" {
		most = 200 * time.Millisecond
	}
	if p99 > most+start {
		t.Errorf("p99 is %v, want at most %v and what the machine takes for itself", p99, most)
	}
}
