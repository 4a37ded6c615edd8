package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// TestMain makes the test binary the program when it is started to check a file.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "db" {
		os.Exit(Main(System(), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// invoke runs a command line at a time, on a state file.
func invoke(t *testing.T, now time.Time, state string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, said bytes.Buffer
	settings := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(settings, []byte("state: "+state+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := Env{Stdout: &out, Stderr: &said, Program: os.Args[0], Now: func() time.Time { return now }, Environ: os.Environ()}
	code = Main(env, append(args, "--config", settings))
	return code, out.String(), said.String()
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// kept is a ledger with orders finished a day apart, each with a line in the journal.
func kept(t *testing.T, days int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "state.db")
	l, err := ledger.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range days {
		at := noon.Add(time.Duration(n) * 24 * time.Hour)
		err := l.Update(func(tx *ledger.Tx) error {
			for i := range 20 {
				o := order.Order{ID: order.ID(fmt.Sprint(1026000000 + 20*n + i)), PO: strings.Repeat("PO", 50), Received: at, Updated: at, Finished: at}
				if _, err := tx.Record("k3v9x2qa", at, order.Order{}, o); err != nil {
					return err
				}
			}
			_, err := tx.Settle(at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestPrune(t *testing.T) {
	path := kept(t, 200)
	now := noon.Add(200 * 24 * time.Hour)
	type pruned struct {
		Orders int   `json:"orders"`
		Lines  int   `json:"journal_lines"`
		Before int64 `json:"bytes_before"`
		After  int64 `json:"bytes_after"`
	}
	run := func(want int, args ...string) (p pruned) {
		t.Helper()
		code, stdout, stderr := invoke(t, now, path, append([]string{"db", "prune", "--json"}, args...)...)
		if code != want || want == 0 && json.Unmarshal([]byte(stdout), &p) != nil {
			t.Fatalf("%d, %s%s", code, stdout, stderr)
		}
		return p
	}
	file, _ := os.ReadFile(path)
	if p := run(0, "--dry-run"); p.Orders != 20*20 {
		t.Errorf("of 180 days and more: %+v", p)
	}
	would := run(0, "--dry-run", "--older-than", "50d")
	if would.Orders != 20*150 || would.Lines == 0 {
		t.Errorf("of 50 days and more: %+v", would)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(file, after) {
		t.Error("a dry run changed the file")
	}
	did := run(0, "--older-than", "50d")
	if did.Orders != would.Orders || did.Lines != would.Lines || did.Before != int64(len(file)) || did.After >= did.Before/2 {
		t.Errorf("%+v, the dry run said %+v", did, would)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != did.After {
		t.Errorf("%v, %v", info, err)
	}
	if p := run(0, "--older-than", "50d"); p.Orders != 0 || p.Lines != 0 || p.After != p.Before {
		t.Errorf("again: %+v", p)
	}
	run(exitUsage, "--older-than", "43d")
	if code, stdout, stderr := invoke(t, now, path, "db", "check"); code != 0 || !strings.Contains(stdout, "40 open orders, 960 finished orders") {
		t.Errorf("%d, %s%s", code, stdout, stderr)
	}
}

// TestLook tells a damaged file from a check that did not come about.
func TestLook(t *testing.T) {
	path := kept(t, 1)
	for _, c := range []struct {
		name, program string
		damaged       bool
		want          string
	}{
		{"killed", "kill -9 $$", false, "the process that read PATH was killed"},
		{"broken down", "kill -11 $$", true, "reading its pages breaks down"},
		{"panic", "printf 'panic: page 7\\n\\ngoroutine 1 [running]\\n' >&2; exit 2", true, "reading its pages breaks down"},
		{"fault", "echo 'unexpected fault address 0x7f00' >&2; echo 'fatal error: fault' >&2; exit 2", true, "reading its pages breaks down"},
		{"threads", "printf 'runtime: failed to create new OS thread (have 5 already; errno=11)\\nfatal error: newosproc\\n\\ngoroutine 1\\n' >&2; exit 2", false,
			"the process that read PATH ended before it had read all (exit status 2): runtime: failed to create new OS thread (have 5 already; errno=11)"},
		{"memory", "echo 'fatal error: runtime: out of memory: cannot allocate 4194304-byte block' >&2; exit 2", false,
			"the process that read PATH ended before it had read all (exit status 2): fatal error: runtime: out of memory: cannot allocate 4194304-byte block"},
		{"told to end", "echo 'dscosync: error: interrupted' >&2; exit 130", false, "the process that read PATH ended before it had read all (exit status 130): interrupted"},
		{"terminated", "kill -15 $$", false, "the process that read PATH ended before it had read all (signal: terminated)"},
		{"of another version", "echo 'dscosync: error: unknown flag: --quick' >&2; exit 2", false,
			"the process that read PATH ended before it had read all (exit status 2): unknown flag: --quick"},
		{"hanging", "sleep 60", false, "PATH was not read to its end in 300ms: it is damaged, or its disk is slow"},
		{"silent", "exit 0", false, "PATH cannot be checked: PROGRAM gave no answer"},
		{"problem", `echo '{"error":"the state file is busy"}'`, false, "the state file is busy"},
		{"missing", "", false, "PATH cannot be checked: fork/exec PROGRAM: no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "program")
			if c.program != "" {
				if err := os.WriteFile(program, []byte("#!/bin/sh\n"+c.program+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			a := &app{Env: Env{Program: program, Environ: os.Environ()}, ctx: t.Context()}
			if c.name == "hanging" {
				a.checking = 300 * time.Millisecond
			}
			begun := time.Now()
			err := a.checked(path)
			want := strings.NewReplacer("PATH", path, "PROGRAM", program).Replace(c.want)
			if err == nil || err.Error() != want || errors.Is(err, ledger.ErrDamaged) != c.damaged {
				t.Errorf("%v, want %s", err, want)
			}
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	if err := (&app{Env: Env{Program: os.Args[0]}, ctx: ctx}).checked(path); !errors.Is(err, errInterrupted) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestDailyHindered: what hinders a backup does not hinder the run, and is said.
func TestDailyHindered(t *testing.T) {
	path := kept(t, 3)
	l, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	a := &app{Env: Env{Stderr: &said, Program: "/no/such/program", Now: func() time.Time { return noon }}, ctx: t.Context(), format: "text"}
	if err := a.backUpDaily(l); err != nil || !strings.HasPrefix(said.String(), "dscosync: warning: no backup of the state file was made today: ") {
		t.Errorf("%v: %s", err, &said)
	}
	if len(ledger.Backups(path)) != 0 {
		t.Error("there is one")
	}
	said.Reset()
	a.Program = os.Args[0]
	if err := a.backUpDaily(l); err != nil || said.Len() > 0 || len(ledger.Backups(path)) != 1 {
		t.Errorf("%v: %s", err, &said)
	}
}

// TestHelpOfDB: each command of db tells how it is used and how it ends.
func TestHelpOfDB(t *testing.T) {
	for _, name := range []string{"check", "backup", "restore", "compact", "prune", "rebuild"} {
		code, stdout, _ := invoke(t, noon, "", "db", name, "--help")
		if code != 0 || !strings.Contains(stdout, "Examples:\n  dscosync db "+name) || !strings.Contains(stdout, "Exit status:") {
			t.Errorf("%s: %d, %s", name, code, stdout)
		}
	}
}
