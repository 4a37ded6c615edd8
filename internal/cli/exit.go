package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"dscosync/internal/config"
	"dscosync/internal/escape"
	"dscosync/internal/ledger"
	"dscosync/internal/remote"
	"dscosync/internal/stage"
)

// The exit codes. Scripts depend on them.
const (
	exitDone        = 0
	exitFailed      = 1   // the program, its disk or its state file
	exitUsage       = 2   // wrong usage or wrong settings
	exitHeld        = 3   // an order waits for a person
	exitCredentials = 4   // a remote refused them
	exitLater       = 75  // the lock, a remote, or the time
	exitInterrupted = 130 //
)

const exitHelp = `
Exit status:
  0    done; nothing needs a person (also: nothing to do)
  1    the program, its disk or its state file failed
  2    wrong usage or wrong settings
  3    the run finished, but at least one order is held for a person
  4    a remote refused the credentials
  75   try again later: another run holds the lock, a remote is unavailable, or --max-runtime ended with work left
  130  interrupted; what was in hand was recorded first`

// worst is the most serious of several exit codes.
func worst(codes ...int) int {
	for _, c := range []int{exitInterrupted, exitFailed, exitUsage, exitCredentials, exitHeld, exitLater} {
		if slices.Contains(codes, c) {
			return c
		}
	}
	return exitDone
}

// exit is an exit code without a message: what there is to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// usage is an error in how the program was called.
type usage struct {
	text string
	hint string
}

func (u *usage) Error() string { return u.text }

// hinter is an error that knows what to do about it.
type hinter interface {
	error
	Hint() string
}

// report says what went wrong, and what to do, once; it gives the exit code.
func (a *app) report(err error) int {
	code, said := exitCode(err), exit(0)
	if err == nil || errors.Is(err, errLeft) || errors.As(err, &said) && !errors.Is(err, errInterrupted) {
		return code
	}
	if mistakes := (config.Mistakes)(nil); errors.As(err, &mistakes) {
		if len(mistakes) == 1 && mistakes[0].Key == config.WholeFile && mistakes[0].Hint != "" { // nothing in it is to be corrected
			a.fail(mistakes[0].Key+": "+mistakes[0].Text, mistakes[0].Hint)
			return code
		}
		for i, m := range mistakes {
			if a.format == "json" || i == len(mistakes)-1 { // for people once, for a program with each line
				a.fail(m.String(), hintSettings)
			} else {
				a.fail(m.String(), "")
			}
		}
		return code
	}
	a.fail(explain(err))
	return code
}

// fail says what went wrong, and what to do about it, in the format of the log.
func (a *app) fail(text, hint string) {
	if a.format == "json" {
		log := a.logger()
		if hint != "" {
			log = log.With("hint", hint)
		}
		log.Error(text)
		return
	}
	a.say("error", text)
	if hint != "" {
		a.say("hint", hint)
	}
}

func (a *app) say(what, text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		fmt.Fprintf(a.Stderr, "dscosync: %s: %s\n", what, escape.Text(strings.TrimRight(line, "\n")))
	}
}

// exitCode is the one place that turns an error into an exit code.
func exitCode(err error) int {
	var code exit
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errInterrupted), errors.Is(err, errLeft):
		return exitInterrupted
	case errors.As(err, &code):
		return int(code)
	case isA[*usage](err), isA[config.Mistakes](err), isA[*stage.NotHeld](err):
		return exitUsage
	case isA[*ledger.HeldError](err):
		return exitLater
	case isA[*remote.Error](err):
		switch remote.KindOf(err) {
		case remote.Unauthorized:
			return exitCredentials
		case remote.Unavailable, remote.Uncertain, remote.Rejected, remote.Missing:
			return exitLater
		}
		return exitFailed
	case errors.Is(err, context.DeadlineExceeded):
		return exitLater
	}
	return exitFailed
}

// explain is the one place that turns an error into a message and a hint.
func explain(err error) (text, hint string) {
	var call *remote.Error
	var called *usage
	var asked *hinted
	switch {
	case errors.Is(err, errGivenUp):
		return "interrupted; nothing was changed", ""
	case errors.Is(err, errInterrupted):
		return "interrupted; what was in hand is recorded, and the next run goes on from there", ""
	case errors.As(err, &called):
		return called.text, called.hint
	case errors.As(err, &asked):
		return asked.Error(), asked.Hint()
	case errors.Is(err, context.DeadlineExceeded):
		text = "--max-runtime is over with work left"
		if errors.As(err, &call) { // a service that does not answer at all shows as nothing else
			text += ", at " + call.API + ": " + call.Op
		}
		return text, "the next run goes on from here; if this happens often: dscosync doctor; if that finds nothing, run it more often or give it longer"
	case errors.As(err, &call): // after the time that is over: that shows as an error of the call under way
		return call.Error(), callHint(call)
	}
	if known, ok := errors.AsType[hinter](err); ok {
		hint = known.Hint()
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok && hint == "" && file.Op == "write" && file.Path == os.Stdout.Name() {
		return "the result cannot be printed: " + file.Err.Error(), "make room where stdout goes, and run it again: a command that only shows has changed nothing"
	}
	return err.Error(), cmp.Or(hint, hintStrange)
}

const hintSettings = "correct the settings, then run: dscosync config validate"

// hintStrange is the way out where nobody foresaw the error.
const hintStrange = "what was done is recorded, so it may be run again, with -vv to see more; if it stays so, report it with what this prints: dscosync version"

func callHint(e *remote.Error) string {
	keys := map[string]string{"dsco": "dsco.client_id and dsco.client_secret", "shipstation": "shipstation.api_key and shipstation.api_secret"}[e.API]
	switch {
	case e.Kind == remote.Unauthorized && e.Status == 403:
		return "the account may lack a right, or its plan has no access to this API; check " + keys
	case e.Kind == remote.Unauthorized && e.API == "shipstation":
		return "check " + keys + ", and that the plan of the account has access to API v1"
	case e.Kind == remote.Unauthorized:
		return "check " + keys
	case e.Kind == remote.Unavailable, e.Kind == remote.Uncertain:
		return "nothing is lost: the next run goes on from here; if it stays so: dscosync doctor"
	case e.Kind == remote.Rejected, e.Kind == remote.Missing:
		return "the service refused what it takes otherwise: the next run asks again; if it stays so, check " + e.API + ".base_url"
	}
	return hintStrange
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
