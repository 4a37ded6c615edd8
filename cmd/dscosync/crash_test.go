package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// crash is a run that is ended at each of its points.
type crash struct {
	name   string
	before func(*site)
	args   []string
	after  func(*site) // before the clean runs; may be nil
	end    func(*site) // after them; may be nil
	looks  bool        // it changes nothing on either side
	own    bool        // what matters are its own points: those at calls, which others have too, are for a soak
}

var crashes = []crash{
	{name: "all there is to do", before: busy, args: []string{"sync", "all"}},
	{name: "the first run", before: func(s *site) {
		s.people.PlaceEach()
		s.later(time.Hour)
	}, args: []string{"sync", "all"}, own: true},
	{name: "a lost state file", before: func(s *site) {
		worked(s)
		if err := os.RemoveAll(filepath.Dir(s.state)); err != nil {
			s.t.Fatal(err)
		}
	}, args: []string{"sync", "all"}},
	{name: "a state file made anew", before: worked, args: []string{"db", "rebuild"}, looks: true, own: true},
	{name: "a lost one made anew", before: func(s *site) {
		worked(s)
		if err := os.Remove(s.state); err != nil {
			s.t.Fatal(err)
		}
	}, args: []string{"db", "rebuild"}, after: anew, looks: true, own: true},
	{name: "an older copy put back", before: func(s *site) {
		busy(s)
		s.must(0, "db", "backup", s.copy())
		s.must(0, "sync", "all")
		s.later(time.Hour)
		s.must(0, "sync", "all")
	}, args: []string{"db", "restore", "COPY"}, after: func(s *site) {
		s.later(time.Hour)
		s.run("sync", "all") // before people go on: what only the warehouse knows of would be held
	}, looks: true, own: true},
	{name: "an older state file", before: func(s *site) {
		busy(s)
		s.env = []string{"SCHEMA_AHEAD=2"}
	}, args: []string{"cancel-sync"}, end: (*site).migrated, own: true},
	{name: "what was held", before: func(s *site) {
		s.must(0, "sync", "all")
		s.people.PlaceEach()
		s.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/orders/createorders" {
				return &sim.Fault{Status: 400}
			}
			return nil
		})
		s.later(time.Hour)
		s.must(3, "sync", "all")
		s.world.Fail(nil)
	}, args: []string{"retry", "--all"}, own: true},
}

// begun is a site with an order of each kind, on which people have worked since.
func begun(s *site) {
	s.must(0, "sync", "all")
	s.people.PlaceEach()
	s.later(time.Hour)
	s.must(0, "sync", "all")
	s.people.Act(1)
}

// busy is a site with all there is to do.
func busy(s *site) {
	begun(s)
	s.people.PlaceEach()
	s.later(time.Hour)
}

// worked is one where all kinds of orders were dealt with, and there is more to do.
func worked(s *site) {
	begun(s)
	s.later(time.Hour)
	s.must(0, "sync", "all") // a cancellation that only the warehouse knows of would be held, once the state file is gone
	s.people.PlaceEach()
	s.people.Act(1)
	s.later(time.Hour)
}

// copy is where a test puts a backup. In what a run is called with, COPY stands for it.
func (s *site) copy() string { return filepath.Join(filepath.Dir(s.config), "copy.db") }

// anew is after a rebuild that was killed: a state file that is not there yet is not begun anew without being asked.
func anew(s *site) {
	if _, err := os.Stat(s.state); err == nil {
		return
	}
	if said := s.must(1, "sync", "all"); !strings.Contains(said, "dscosync db rebuild") {
		s.t.Error(said)
	}
	s.must(0, "db", "rebuild")
}

// migrated is after an older state file was brought up to date: each step was taken once, and there is a backup.
func (s *site) migrated() {
	s.t.Helper()
	if n := strings.Count(s.must(0, "logs", "--limit", "0"), "written in another schema"); n != 2 {
		s.t.Errorf("the journal tells of %d steps, want 2", n)
	}
	if said := s.must(0, "db", "check", "--json", s.spare()); !strings.Contains(said, `"schema": 2`) {
		s.t.Errorf("the backup: %s", said)
	}
}

// spare is the backup from before the state file was brought up to date.
func (s *site) spare() string {
	s.t.Helper()
	found, err := filepath.Glob(s.state + ".backup-schema2-*")
	if err != nil || len(found) == 0 {
		s.t.Fatalf("no backup: %v", err)
	}
	return found[0]
}

// TestSchemas has the program meet a state file of an older version, which a run brings up to date after a backup, and
// one of a newer version, which it leaves alone: nothing is asked of a remote then. With the backup put back the older
// version goes on.
func TestSchemas(t *testing.T) {
	t.Parallel()
	s := newSite(t, "crash", sim.Options{Limit: 1_000_000, KeepCalls: 100}, "")
	s.people = sim.NewPeople(s.world, 1)
	busy(s)
	says := func(said, what string) {
		t.Helper()
		if !strings.Contains(strings.Join(strings.Fields(said), " "), what) || strings.Contains(said, "goroutine") {
			t.Errorf("it says %q, want %q", said, what)
		}
	}
	s.env = []string{"SCHEMA_AHEAD=2"}
	older := "made by an older dscosync (its schema is 2, that of this program is 4)"
	for _, args := range [][]string{{"status"}, {"db", "backup"}, {"sync", "all", "--dry-run"}, {"doctor", "--offline"}} {
		says(s.must(1, args...), older)
	}
	says(s.must(1, "status"), "hint: the next run makes a backup of it and brings it up to date")
	says(s.must(0, "db", "check"), "is sound")
	says(s.must(0, "sync", "all"), "warning: the state file was brought up to date for this version of dscosync; as it was before it is "+s.spare())
	if said := s.must(0, "sync", "all"); said != "" {
		t.Errorf("the next run: %s", said)
	}
	s.migrated()

	s.env = nil
	before, calls := s.kept(), s.world.Count("")
	for _, args := range [][]string{{"sync", "all"}, {"sync", "all", "--dry-run"}, {"status"}, {"retry", "--all"}, {"logs"}, {"doctor", "--offline"}, {"db", "check"}, {"db", "backup"}, {"db", "compact"}, {"db", "prune"}} {
		said := s.must(1, args...)
		says(said, s.state+" was made by a newer dscosync (its schema is 4, this program knows 2)")
		says(said, "install that version again, or put back the backup made before it")
	}
	if s.kept() != before || s.world.Count("") != calls {
		t.Error("the file was touched, or a remote")
	}
	s.must(0, "db", "restore", s.spare())
	s.later(time.Hour)
	s.run("sync", "all") // before people go on: a cancellation that only the warehouse knows of would be held
	s.clean(crash{})
}

// kept is what is in the state file.
func (s *site) kept() string {
	s.t.Helper()
	file, err := os.ReadFile(s.state)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(file)
}

// TestKilledAtEveryPoint runs the program once and lists its points: before and after each call, each commit, the making
// of the ledger and the taking of the lock. Then, for each of them, another run ends just there; clean runs after that end
// with what people did.
//
// Between a point that is after something and the next one, which is before something, nothing has happened: without
// POINTS=all only the first of the two is tried. Killed while it brings an older state file up to date or makes one anew,
// the program leaves the old one or the new one, whole, and the same end is reached from either.
func TestKilledAtEveryPoint(t *testing.T) {
	t.Parallel()
	for _, c := range crashes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ready := func(t *testing.T) *site {
				s := newSite(t, "crash", sim.Options{Limit: 1_000_000, KeepCalls: 100, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, KeyLag: time.Minute}, "")
				s.people = sim.NewPeople(s.world, 1)
				c.before(s)
				return s
			}
			s := ready(t)
			list := filepath.Join(t.TempDir(), "points")
			if !s.listed(0, list, c) {
				t.Fatal("killed, though at no point")
			}
			text, err := os.ReadFile(list)
			if err != nil {
				t.Fatal(err)
			}
			points := strings.Split(strings.TrimSpace(string(text)), "\n")
			s.clean(c)
			var tried, missed atomic.Int64
			t.Run("at", func(t *testing.T) {
				for n, point := range points {
					again := n > 0 && strings.HasPrefix(point, "before") || c.own && strings.Contains(point, " call ")
					if again && os.Getenv("POINTS") != "all" {
						continue
					}
					t.Run(fmt.Sprintf("%d %s", n+1, point), func(t *testing.T) {
						t.Parallel()
						s := ready(t)
						tried.Add(1)
						if s.listed(n+1, "", c) {
							missed.Add(1) // this run had fewer points: a look that was not needed, or a page less
						} else if _, err := s.rows(); err != nil && !errors.Is(err, fs.ErrNotExist) {
							t.Errorf("after the end: %v", err)
						}
						s.clean(c)
					})
				}
			})
			t.Logf("%d points, %d tried, %d not reached by the run that was to end there", len(points), tried.Load(), missed.Load())
			if missed.Load() > tried.Load()/10 {
				t.Error("too many were not reached")
			}
		})
	}
}

// TestNoPointInTheProgram has the program as it is used know of no points, and of no other clock.
func TestNoPointInTheProgram(t *testing.T) {
	s := newSite(t, "", sim.Options{}, "")
	s.people = sim.NewPeople(s.world, 1)
	s.later(24 * time.Hour)
	list := filepath.Join(t.TempDir(), "points")
	if !s.listed(1, list, crash{args: []string{"sync", "all"}}) {
		t.Error("it was killed")
	}
	if _, err := os.Stat(list); !errors.Is(err, fs.ErrNotExist) {
		t.Error("it lists points:", err)
	}
	if said := s.must(0, "status", "--json"); strings.Contains(said, time.Now().AddDate(0, 0, 1).UTC().Format(time.DateOnly)) {
		t.Errorf("its clock is ahead: %s", said)
	}
}

// listed runs the program, to be killed at the point with that number, and tells whether it ended by itself instead.
func (s *site) listed(point int, list string, c crash) (ended bool) {
	s.t.Helper()
	past := s.world.Count("")
	cmd := s.command(strings.Fields(strings.ReplaceAll(strings.Join(c.args, " "), "COPY", s.copy()))...)
	cmd.Env = append(cmd.Env, fmt.Sprint("CRASH_AT=", point), "CRASH_LIST="+list)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	ended = cmd.ProcessState.Exited()
	if ended && err != nil {
		s.t.Fatalf("%v\n%s", err, said.String())
	}
	s.land()
	for _, call := range s.world.Calls() {
		if c.looks && call.N > past && call.Method != "GET" && !strings.Contains(call.Path, "oauth") {
			s.t.Errorf("it wrote: %s %s", call.Method, call.Path)
		}
	}
	return ended
}

// clean runs the program until the world is at rest, and checks what that is.
func (s *site) clean(after crash) {
	s.t.Helper()
	if after.after != nil {
		after.after(s)
	}
	for range 3 {
		s.later(20 * time.Minute)
		s.people.Act(1)
		code, said := s.run("sync", "all")
		if code == 3 {
			code, said = s.run("retry", "--all")
		}
		if code != 0 && code != 75 {
			s.t.Fatalf("a clean run: exit status %d\n%s", code, said)
		}
	}
	s.later(20 * time.Minute)
	s.must(0, "sync", "all")
	s.came(s.people)
	if after.end != nil {
		after.end(s)
	}
}
