package main_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// TestKilledAtAnyInstant kills the program at random instants while orders are pulled, parcels told and cancellations
// carried both ways, and while the state file is copied and compacted; the test plays the retailers and the warehouse,
// also in the middle of a run. After each kill the state file is whole and the lock is free. Clean runs after the last one
// end with what people did, as without a kill, and nothing half-made is left lying about.
//
// The program's clock goes a quarter of an hour ahead from run to run, as cron has it: so what is in doubt is looked at
// and done again while the killing goes on.
func TestKilledAtAnyInstant(t *testing.T) {
	t.Parallel()
	kills := times(t, "KILLS", 200)
	// A limit that is out of the way: where there is none, the program keeps to 40 requests a minute.
	s := newSite(t, "crash", sim.Options{Limit: 1_000_000, KeepCalls: 100, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, KeyLag: time.Minute, LogDelay: 2 * time.Millisecond}, many)
	s.massacre(kills, 16*time.Minute, (*os.Process).Kill)
	s.rest()
}

// rest lets everything come to rest, and checks what that is.
func (s *site) rest() {
	s.t.Helper()
	for round := range 14 {
		s.later(20 * time.Minute)
		s.people.Act(1)
		code, said := s.run("sync", "all")
		if code != 0 && round > 2 {
			s.t.Errorf("a clean run: exit status %d: %s", code, said)
		}
	}
	s.came(s.people)
	s.must(0, "db", "backup")
	s.must(0, "db", "compact")
	for _, left := range []string{"*.part", "*.new"} {
		if found, err := filepath.Glob(filepath.Join(filepath.Dir(s.state), left)); err != nil || len(found) > 0 {
			s.t.Errorf("left lying about: %q, %v", found, err)
		}
	}
}

// TestInterruptedAtAnyInstant is the same with SIGTERM: a run that is told to end does so with 130, soon, and what was in
// hand is recorded.
func TestInterruptedAtAnyInstant(t *testing.T) {
	t.Parallel()
	s := newSite(t, "crash", sim.Options{Limit: 1_000_000, KeepCalls: 100, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, KeyLag: time.Minute, LogDelay: 2 * time.Millisecond}, many)
	s.massacre(times(t, "TERMS", 40), 16*time.Minute, func(p *os.Process) error { return p.Signal(syscall.SIGTERM) })
	s.rest()
}

// TestTheProgramItselfKilled is the same with the program as it is used, on the clock of this machine: whatever is in
// doubt waits for a minute after the last kill. So it is for a soak, with KILLS given.
func TestTheProgramItselfKilled(t *testing.T) {
	if os.Getenv("KILLS") == "" {
		t.Skip("takes minutes: for make soak")
	}
	t.Parallel()
	s := newSite(t, "", sim.Options{Limit: 1_000_000, KeepCalls: 100}, many)
	s.env = []string{"DSCOSYNC_DSCO_SETTLE=1ms"} // what DSCO is asked for shows there at once
	s.massacre(times(t, "KILLS", 200), 0, (*os.Process).Kill)
	for range 4 {
		s.people.Act(1)
		time.Sleep(65 * time.Second)
		s.run("sync", "all")
	}
	s.must(0, "sync", "all")
	s.came(s.people)
}

// many cancellations come together while one run after the other is killed.
const many = "sync: {max_cancels: 100000}\n"

var id = regexp.MustCompile(`/[0-9]+$`)

// massacre ends runs of the program until that many have died, and lets so much time pass from one to the next.
func (s *site) massacre(kills int, every time.Duration, end func(*os.Process) error) {
	t := s.t
	t.Helper()
	seed := seeded(t)
	r := rand.New(rand.NewPCG(seed, 2))
	s.people = sim.NewPeople(s.world, seed)
	s.travel.Store(int64(2 * time.Millisecond))
	s.must(0, "sync", "all")
	names := [][]string{{"sync", "all"}, {"sync", "all"}, {"sync", "all"}, {"sync", "all"}, {"pull"}, {"push-tracking"}, {"cancel-sync"}, {"db", "compact"}, {"db", "backup"}}
	typical, died, ended := 200*time.Millisecond, 0, 0
	where := map[string]int{}
	begun, told, slowest := time.Now(), time.Time{}, time.Duration(0)
	for died < kills {
		if ended > 4*kills+100 {
			t.Fatalf("of %d runs only %d could be killed", died+ended, died)
		}
		s.later(every)
		s.people.Place(r.IntN(3))
		s.people.Act(0.3)
		cmd := s.command(append(names[r.IntN(len(names))], "--lock-timeout", "0s")...)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		start, n := time.Now(), s.world.Count("")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wait := time.Duration(r.Int64N(int64(typical * 11 / 10)))
		if (died+ended)%8 == 7 { // one that lives, else ever more would wait for the first steps of a run
			wait = time.Minute
			cmd.Wait()
		}
		if cmd.ProcessState == nil {
			time.Sleep(wait / 2)
			s.people.Act(0.1)
			time.Sleep(time.Until(start.Add(wait)))
			end(cmd.Process)
			told = time.Now()
			cmd.Wait()
			slowest = max(slowest, time.Since(told))
		}
		code := cmd.ProcessState.ExitCode()
		if cmd.ProcessState.Exited() && code != 130 {
			ended++
			if wait < time.Minute {
				typical = typical * 90 / 100
			}
			if code != 0 && code != 75 {
				s.explain()
				t.Fatalf("exit status %d: %s", code, said.String())
			}
			continue
		}
		died++
		typical = typical * 102 / 100 // about one in six gets to its end: the others die all along the way
		s.land()
		if calls := s.world.Calls(); s.world.Count("") == n {
			where["before any call"]++
		} else {
			where[id.ReplaceAllString(calls[len(calls)-1].Path, "/{id}")]++
		}
		if _, err := sound(s.state); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("after kill %d: %v", died, err)
		}
	}
	if slowest > 11*time.Second {
		t.Errorf("a run took %v to end", slowest)
	}
	t.Logf("%d ended from outside (the slowest in %v), %d that came to their end first, %d orders, %v; the last call of those %v", died, slowest.Round(time.Millisecond), ended, s.people.Orders(), time.Since(begun).Round(time.Second), where)
}
