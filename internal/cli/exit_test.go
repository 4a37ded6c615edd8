package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/ledger"
	"dscosync/internal/remote"
	"dscosync/internal/stage"
)

// Whatever goes wrong, the message is followed by what to do next; and the exit code is that of its class.
func TestEveryErrorHasAHint(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	open := func(path string) error {
		_, err := ledger.Open(path)
		if err == nil {
			t.Fatalf("%s can be opened", path)
		}
		return err
	}
	call := func(kind remote.Kind, status int) error {
		return fmt.Errorf("somewhere: %w", &remote.Error{API: "dsco", Op: "list orders", Kind: kind, Status: status})
	}
	held := filepath.Join(dir, "held.db")
	lock, err := ledger.Lock(t.Context(), held, 0, ledger.Holder{Stage: "pull", Started: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	_, taken := ledger.Lock(t.Context(), held, 0, ledger.Holder{Stage: "pull", Started: time.Now()})
	file("lost.db.bak", "x")
	over, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()

	for name, test := range map[string]struct {
		err  error
		code int
		hint string // a part of it
	}{
		"no state file":       {open(filepath.Join(dir, "none.db")), exitFailed, "first run"},
		"a lost state file":   {open(filepath.Join(dir, "lost.db")), exitFailed, "backup"},
		"an empty state file": {open(file("empty.db", "")), exitFailed, "db rebuild"},
		"a foreign one":       {open(file("foreign.db", strings.Repeat("text", 9999))), exitFailed, "db rebuild"},
		"a folder":            {open(dir), exitFailed, "--state"},
		"the lock":            {taken, exitLater, "--lock-timeout"},
		"a stray link":        {&strayLink{"/a/state.db", "/a", "/b"}, exitFailed, "mount"},
		"not held":            {&stage.NotHeld{Text: "order 7 is not held"}, exitUsage, "dscosync status --errors"},
		"settings":            {config.Mistakes{{Key: "state", Text: "it is missing"}, {Key: "dsco.settle", Text: "no"}}, exitUsage, "dscosync config validate"},
		"unavailable":         {call(remote.Unavailable, 503), exitLater, "next run"},
		"uncertain":           {call(remote.Uncertain, 0), exitLater, "next run"},
		"rejected":            {call(remote.Rejected, 400), exitLater, "dsco.base_url"},
		"missing":             {call(remote.Missing, 404), exitLater, "dsco.base_url"},
		"refused credentials": {call(remote.Unauthorized, 401), exitCredentials, "dsco.client_secret"},
		"no right":            {call(remote.Unauthorized, 403), exitCredentials, "right"},
		"a mistake of ours":   {call(remote.Other, 0), exitFailed, "dscosync version"},
		"--max-runtime":       {over.Err(), exitLater, "run it more often"},
		"a full stdout":       {&fs.PathError{Op: "write", Path: os.Stdout.Name(), Err: syscall.ENOSPC}, exitFailed, "room"},
		"another full file":   {&fs.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}, exitFailed, "dscosync version"},
		"nobody's":            {errors.New("strange"), exitFailed, "dscosync version"},
	} {
		for _, format := range []string{"text", "json"} {
			var said bytes.Buffer
			a := &app{Env: Env{Stderr: &said, Now: time.Now}, format: format}
			if code := a.report(test.err); code != test.code {
				t.Errorf("%s: exit %d, not %d", name, code, test.code)
			}
			mark := "dscosync: hint: "
			if format == "json" {
				mark = `"hint":"`
			}
			_, hint, _ := strings.Cut(said.String(), mark)
			if !strings.Contains(hint, test.hint) || hint == "" {
				t.Errorf("%s, as %s: %q", name, format, said.String())
			}
		}
	}
}

// A person who stops looking on has stopped nothing.
func TestLeaving(t *testing.T) {
	var said bytes.Buffer
	a := &app{Env: Env{Stderr: &said, Now: time.Now}, format: "text"}
	if code := a.report(errLeft); code != exitInterrupted || said.Len() > 0 {
		t.Errorf("exit %d, %q", code, said.String())
	}
	if code := a.report(errors.Join(exit(exitInterrupted), errInterrupted)); code != exitInterrupted || !strings.Contains(said.String(), "the next run goes on from there") {
		t.Errorf("a run: exit %d, %q", code, said.String())
	}
}
