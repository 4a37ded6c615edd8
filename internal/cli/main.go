// Package cli is dscosync as a person or cron meets it: commands, messages, exit codes.
//
// The rules of what is said: stdout carries results and nothing else; all else goes to stderr, as lines that begin with
// "dscosync:", in lower case, without a full stop. A stage that succeeded says nothing unless a person watches. An error
// names what happened and to what, and a hint says what to do next. No stack trace is ever shown.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Env is what the program was started with.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        []string // as os.Environ gives it
	Program        string   // the file of this program, for what it does in a process of its own
	Now            func() time.Time
}

// System is the environment of the process. Times are UTC, without the monotonic clock, in milliseconds: as they are
// stored.
func System() Env {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	return Env{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(), Program: program,
		Now: func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }}
}

// Main runs one command line and gives the exit code of the process.
func Main(env Env, args []string) (code int) {
	// The ledger and the clients recover where they know what to say; this is for what nobody thought of.
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(env.Stderr, "dscosync: error: internal error: %v\ndscosync: hint: this is a mistake in dscosync; what was done is in the state file, and the next run goes on from there\n", p)
			code = exitFailed
		}
	}()
	// Pages of orders are large and short-lived: without a limit the garbage of thousands of orders would stay in memory
	// for no use. It is no cap: what is needed is there.
	debug.SetMemoryLimit(40 << 20)
	ctx, stop := interruptible(env)
	defer stop()
	defer unheard()()
	app := &app{Env: env, ctx: ctx}
	app.Stdout = &listener{out: env.Stdout}
	root := app.command()
	root.SetArgs(args)
	out := &sink{out: app.Stdout}
	root.SetOut(out)
	root.SetErr(env.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	err = cmp.Or(err, out.err)
	if called, ok := errors.AsType[*usage](err); ok && called.hint == "" {
		called.hint = seeHelp(cmd)
	}
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), errInterrupted) && !errors.Is(err, errLeft) {
		err = errors.Join(err, errInterrupted)
	}
	return app.report(err)
}

var (
	errInterrupted = errors.New("interrupted")
	errLeft        = errors.New("left") // by a person who only looked on: nothing was in hand
)

// interruptible ends its context at the first SIGINT, SIGTERM, SIGQUIT or SIGHUP: no further call is made, and what is
// under way is recorded. At the second the process leaves at once, which loses nothing either: see the package stage. A
// second SIGHUP counts for nothing, since a terminal that goes away sends two; under nohup none does.
func interruptible(env Env) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	ended := make(chan struct{})
	go func() {
		for first := true; ; first = false {
			select {
			case s := <-signals:
				if !first && s != syscall.SIGHUP {
					fmt.Fprintln(env.Stderr, "dscosync: interrupted twice: leaving at once; the next run goes on from what is recorded")
					os.Exit(exitInterrupted)
				}
				cancel(errInterrupted)
			case <-ended:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(ended)
		cancel(nil)
	}
}

// unheard has the process live on when nobody reads what it says any more, until end is called: a logger behind a pipe
// that died would else kill each run with its first line, before those whom notify.* names are told.
func unheard() (end func()) {
	signals := make(chan os.Signal, 1) // not signal.Ignore: the program of notify.command would inherit that
	signal.Notify(signals, syscall.SIGPIPE)
	return func() { signal.Stop(signals) }
}

// listener is stdout. That its reader has gone, as head does when it has seen enough, is no failure: the work goes on, and
// the exit status tells of that alone.
type listener struct {
	out  io.Writer
	gone bool
}

func (l *listener) Write(b []byte) (int, error) {
	if l.gone {
		return len(b), nil
	}
	n, err := l.out.Write(b)
	if l.gone = errors.Is(err, syscall.EPIPE); l.gone {
		return len(b), nil
	}
	return n, err
}

// unread tells whether nobody reads the results any more: what would only print more may end.
func (a *app) unread() bool {
	l, ok := a.Stdout.(*listener)
	return ok && l.gone
}

// terminal tells whether a writer is one, and how wide.
func terminal(w io.Writer) (width int, ok bool) {
	switch through := w.(type) {
	case *echo:
		w = through.out
	case *listener:
		w = through.out
	}
	if bar, shown := w.(*progress); shown {
		w = bar.out
	}
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	return width, true
}
