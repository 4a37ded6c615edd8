package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"dscosync/internal/ledger"
	"dscosync/internal/report"
)

func (a *app) checkCommand() *cobra.Command {
	var inside bool
	var how ledger.How
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "read all of the state file, or of a backup, and say whether it is sound",
		Long: "Looks at every page, at every row with its checksum, and whether the rows agree with each other. Nothing is changed.\n" +
			"It ends in bounded time whatever is in the file: half a minute, and a second for every 5 MB.\n" + dbExitHelp,
		Example: "  dscosync db check\n  dscosync db check /mnt/backups/state.db.backup-20260304T120000Z",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if inside {
				return a.checkInside(args[0], how)
			}
			if len(args) == 1 {
				_, err := os.Lstat(args[0] + ".lock") // beside a state file, and no copy of one
				return a.check(args[0], err != nil)
			}
			c, err := a.settings(true)
			if err != nil {
				return err
			}
			return a.check(c.State, false)
		},
	}
	cmd.Flags().BoolVar(&inside, "inside", false, "be the process that does it")
	cmd.Flags().BoolVar(&how.Copied, "copied", false, "nobody writes to the file")
	cmd.Flags().BoolVar(&how.Quick, "quick", false, "leave it at pages and checksums")
	for _, name := range []string{"inside", "copied", "quick"} {
		cmd.Flags().MarkHidden(name)
	}
	return cmd
}

func (a *app) check(path string, copied bool) error {
	if _, err := ledger.Open(path); !copied && err != nil && !errors.Is(err, ledger.ErrDamaged) && !errors.Is(err, ledger.ErrOlder) {
		return err
	}
	s, err := a.look(path, ledger.How{Copied: copied})
	if err != nil {
		return err
	}
	sound := len(s.Problems) == 0
	if sound || a.json {
		err = a.done(report.Checked{File: path, Sound: sound, Schema: s.Schema, Bytes: s.Bytes, Open: s.Open, Finished: s.Finished,
			Journal: s.Journal, Problems: s.Problems, Unnamed: s.Unnamed})
	}
	if !sound {
		return s.Damage(path, copied)
	}
	return err
}

// checked is a ledger.Checker for what somebody brings or makes.
func (a *app) checked(path string) error { return a.checkedSo(path, ledger.How{Copied: true}) }

// checkedQuickly is one for copies of what this program has just read.
func (a *app) checkedQuickly(path string) error {
	return a.checkedSo(path, ledger.How{Copied: true, Quick: true})
}

func (a *app) checkedSo(path string, how ledger.How) error {
	s, err := a.look(path, how)
	if err != nil {
		return err
	}
	return s.Err()
}

// found is how the process that looks tells what it found.
type found struct {
	ledger.Soundness
	Error string `json:"error"`
	Hint  string `json:"hint"`
}

func (a *app) checkInside(path string, how ledger.How) error {
	// Whoever asked may be killed, and then nobody wants to know; the file is locked as long as it is read.
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(exitFailed)
	}()
	s, err := ledger.Check(path, how)
	f := found{Soundness: s}
	if err != nil {
		f.Error, f.Hint = explain(err)
	}
	return json.NewEncoder(a.Stdout).Encode(f)
}

// unchecked is why it is not known whether a file is sound.
type unchecked struct{ text, hint string }

func (e *unchecked) Error() string { return e.text }

// Hint says how to go on.
func (e *unchecked) Hint() string { return e.hint }

// look has a file checked in a process of its own, which may break down or never end.
func (a *app) look(path string, how ledger.How) (ledger.Soundness, error) {
	limit := 30 * time.Second
	if info, err := os.Stat(path); err == nil {
		limit += time.Duration(info.Size()/5_000_000) * time.Second
	}
	limit = cmp.Or(a.checking, limit)
	ctx, cancel := context.WithTimeout(a.ctx, limit)
	defer cancel()
	whole, err := filepath.Abs(path)
	if err != nil {
		return ledger.Soundness{}, err
	}
	args := []string{"db", "check", "--inside"}
	if how.Copied {
		args = append(args, "--copied")
	}
	if how.Quick {
		args = append(args, "--quick")
	}
	cmd := exec.CommandContext(ctx, a.Program, append(args, "--", whole)...)
	for _, kv := range a.Environ { // it needs no secret
		if !strings.HasPrefix(kv, "DSCOSYNC_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	var out bytes.Buffer
	said := &beginning{}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, said, time.Second
	alive, err := cmd.StdinPipe()
	if err != nil {
		return ledger.Soundness{}, err
	}
	defer alive.Close()
	err = cmd.Run()
	var f found
	exited, ended := errors.AsType[*exec.ExitError](err)
	switch {
	case a.ctx.Err() != nil:
		return f.Soundness, context.Cause(a.ctx)
	case ctx.Err() != nil:
		return f.Soundness, &unchecked{fmt.Sprintf("%s was not read to its end in %s: it is damaged, or its disk is slow", path, limit),
			"look whether its disk is well, and run again: dscosync db check"}
	case err == nil:
		if err := json.Unmarshal(out.Bytes(), &f); err != nil {
			return f.Soundness, &unchecked{fmt.Sprintf("%s cannot be checked: %s gave no answer", path, a.Program), ""}
		}
		if f.Error != "" {
			return f.Soundness, &unchecked{f.Error, f.Hint}
		}
		return f.Soundness, nil
	case ended && exited.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL: // by somebody, or for want of memory
		return f.Soundness, &unchecked{"the process that read " + path + " was killed", "run again: dscosync db check"}
	case ended && said.brokeDown(exited):
		return ledger.Soundness{Problems: []string{"reading its pages breaks down"}}, nil
	case ended:
		return f.Soundness, &unchecked{fmt.Sprintf("the process that read %s ended before it had read all (%v)%s", path, exited, said.line()),
			"run again: dscosync db check; if it stays so, raise the limits of this user or service (ulimit -a shows them)"}
	}
	return f.Soundness, &unchecked{fmt.Sprintf("%s cannot be checked: %v", path, err), ""}
}

// beginning is the first of what a process says.
type beginning struct{ text []byte }

func (b *beginning) Write(p []byte) (int, error) {
	b.text = append(b.text, p[:min(len(p), 16<<10-len(b.text))]...)
	return len(p), nil
}

// brokeDown tells whether a process met with a page that makes no sense. One that was told to end, or may not have the
// memory or the threads it needs, or is of another version, says nothing about the file.
func (b *beginning) brokeDown(exited *exec.ExitError) bool {
	if s := exited.Sys().(syscall.WaitStatus).Signal(); s == syscall.SIGSEGV || s == syscall.SIGBUS {
		return true
	}
	for _, sign := range []string{"panic: ", "internal error: ", "[signal SIG", "fatal error: fault", "fatal error: stack overflow"} {
		if bytes.Contains(b.text, []byte(sign)) {
			return true
		}
	}
	return false
}

// line is the first line, as the end of a message.
func (b *beginning) line() string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(b.text)), "\n")
	if line = strings.TrimPrefix(line, "dscosync: error: "); line != "" {
		line = ": " + line
	}
	return line
}
