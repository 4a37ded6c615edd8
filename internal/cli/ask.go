package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"dscosync/internal/escape"
	"dscosync/internal/secret"
)

// questions asks a person at a terminal. Without one the answers are the lines of standard input, in the order of the
// questions, and nothing is printed.
type questions struct {
	app *app
	in  *bufio.Reader
	tty *os.File // nil: standard input is no terminal
	any bool     // something was asked
}

// errGivenUp is an interruption before anything was changed.
var errGivenUp = fmt.Errorf("nothing was changed: %w", errInterrupted)

func (a *app) questions() *questions {
	q := &questions{app: a, in: bufio.NewReader(a.Stdin)}
	if f, ok := a.Stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		q.tty = f
	}
	return q
}

// line is the answer to a question, without blanks around it.
func (q *questions) line(about, prompt string) (string, error) {
	text, err := q.ask(about, prompt, q.next)
	return strings.TrimSpace(text), err
}

// secret is an answer that is not shown while it is typed.
func (q *questions) secret(about, prompt string) (secret.Secret, error) {
	read := q.next
	if q.tty != nil {
		read = func() (string, error) {
			text, err := term.ReadPassword(int(q.tty.Fd()))
			fmt.Fprintln(q.app.Stderr) // for the line end that was not shown either
			return string(text), err
		}
	}
	text, err := q.ask(about, prompt, read)
	if err == nil && text == "" {
		err = &usage{text: "nothing was given for " + about}
	}
	return secret.New(text), err
}

// ask waits for an answer, but not longer than for an interruption: a read cannot be stopped, so it is left behind.
func (q *questions) ask(about, prompt string, read func() (string, error)) (string, error) {
	if q.app.ctx.Err() != nil {
		return "", errGivenUp
	}
	q.any = true
	var before *term.State
	if q.tty != nil {
		var err error
		if before, err = term.GetState(int(q.tty.Fd())); err != nil {
			return "", fmt.Errorf("asking for %s: %w", about, err)
		}
		fmt.Fprint(q.app.Stderr, prompt+": ")
	}
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := read()
		answered <- answer{text, err}
	}()
	select {
	case got := <-answered:
		switch {
		case errors.Is(got.err, io.EOF):
			return "", &usage{text: "no answer for " + about + ": the input ended before it", hint: "answer it at a terminal, or give standard input a line for each question"}
		case got.err != nil:
			return "", fmt.Errorf("reading %s: %w", about, got.err)
		}
		return got.text, nil
	case <-q.app.ctx.Done():
		if q.tty != nil {
			term.Restore(int(q.tty.Fd()), before) // the read may have switched the echo off
			fmt.Fprintln(q.app.Stderr)
		}
		return "", errGivenUp
	}
}

// next is one line, without its end.
func (q *questions) next() (string, error) {
	text, err := q.in.ReadString('\n')
	if errors.Is(err, io.EOF) && text != "" {
		err = nil
	}
	return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), err
}

// end makes sure that standard input had no more lines than there were questions: then the answers would not belong to
// them, or a secret was cut in two.
func (q *questions) end() error {
	if q.tty != nil || !q.any {
		return nil
	}
	if _, err := q.in.ReadByte(); err == nil {
		return &usage{text: "standard input has more lines than there are questions", hint: "give each answer one line, in the order of the questions: see --help"}
	}
	return nil
}

// tell tells a person what was done, on stderr, unless they want errors only.
func (a *app) tell(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.Stderr, "dscosync: "+escape.Text(fmt.Sprintf(format, args...)))
	}
}
