package cli

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// every calls f for each command that people see.
func every(cmd *cobra.Command, f func(*cobra.Command)) {
	f(cmd)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			every(sub, f)
		}
	}
}

func say(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	env := Env{Stdout: &out, Stderr: &errs, Environ: []string{"HOME=" + t.TempDir()}, Now: time.Now}
	code = Main(env, args)
	return out.String(), errs.String(), code
}

// The help of each command has an example and the exit status, and fits a terminal that nobody made wider.
func TestHelp(t *testing.T) {
	a := &app{Env: Env{Now: time.Now}}
	n := 0
	every(a.command(), func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		n++
		args := append(strings.Fields(path)[1:], "--help")
		text, said, code := say(t, args...)
		if code != exitDone || said != "" {
			t.Errorf("%s: exit %d, %q", path, code, said)
		}
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			if utf8.RuneCountInString(line) > page {
				t.Errorf("%s: wider than %d: %q", path, page, line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("%s: a blank at the end of %q", path, line)
			}
		}
		for _, part := range []string{"\nUsage:\n  " + path, "\nFlags of every command:\n", "\nExit status:\n  0  "} {
			if !strings.Contains(text, part) {
				t.Errorf("%s has no %q:\n%s", path, part, text)
			}
		}
		if !regexp.MustCompile(`(?m)^Examples?:\n +.*dscosync`).MatchString(text) && cmd.HasParent() {
			t.Errorf("%s has no example:\n%s", path, text)
		}
		if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") || strings.Contains(text, "\n\n\n") {
			t.Errorf("%s: lines are wanting or too many:\n%q", path, text)
		}
	})
	if n < 15 {
		t.Errorf("only %d commands", n)
	}
}

// Examples are command lines that work as far as their words go.
func TestExamples(t *testing.T) {
	a := &app{Env: Env{Now: time.Now}}
	root := a.command()
	every(root, func(cmd *cobra.Command) {
		for line := range strings.Lines(cmd.Example) {
			_, words, found := strings.Cut(line, "dscosync ")
			if !found {
				t.Errorf("%s: no command line: %q", cmd.CommandPath(), line)
				continue
			}
			words, _, _ = strings.Cut(words, "   ") // what is said of it
			words, _, _ = strings.Cut(words, " > ")
			words, _, _ = strings.Cut(words, " <")
			at, rest, err := a.command().Find(regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(words, -1))
			if err != nil || !strings.HasPrefix(at.CommandPath(), cmd.CommandPath()) {
				t.Errorf("%s: %q: is of %v, %v", cmd.CommandPath(), line, at.CommandPath(), err)
				continue
			}
			if err := at.ParseFlags(rest); err != nil {
				t.Errorf("%s: %q: %v", cmd.CommandPath(), line, err)
			} else if at.Args != nil {
				if err := at.Args(at, at.Flags().Args()); err != nil {
					t.Errorf("%s: %q: %v", cmd.CommandPath(), line, err)
				}
			}
		}
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"short":                                      "short\n",
		"  75   " + strings.Repeat("word ", 20):      "  75   " + strings.TrimRight(strings.Repeat("word ", 14), " ") + "\n       " + strings.Repeat("word ", 6) + "\n",
		"    " + strings.Repeat("x", 100):            "    " + strings.Repeat("x", 100) + "\n",
		strings.Repeat("x", 79) + " y":               strings.Repeat("x", 79) + "\ny\n",
		strings.Repeat("é", 70) + " " + "wordword":   strings.Repeat("é", 70) + " wordword\n",
		strings.Repeat("é", 70) + " " + "wordwords2": strings.Repeat("é", 70) + "\nwordwords2\n",
	} {
		if got := fold(in); got != want {
			t.Errorf("%q\nbecomes %q\nnot     %q", in, got, want)
		}
	}
	if got, want := paragraphs("one\ntwo\n\nthree\n  a  list\nfour"), "one two\n\nthree\n  a  list\nfour\n"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}

// Whoever is wrong is told what to do.
func TestWrongUsageHasAHint(t *testing.T) {
	for _, line := range []string{
		"nonsense", "pull now", "pull --nonsense", "pull --lock-timeout soon", "pull --max-runtime 0s", "pull --log-format xml", "pull -x",
		"sync", "sync nonsense", "status 7", "status --limit -1", "status --limit many", "status --status odd", "status --csv --json", "status --at-risk soon",
		"retry", "retry --all 7", "dismiss", "dismiss 7", "dismiss 7 8 --reason x", "show", "show 7 8", "show ''", "logs 7", "logs --level loud", "logs --limit -1",
		"config nonsense", "config show nonsense", "carriers 7", "version 7", "help nonsense", "completion nonsense",
		"status", "show 7", "logs", "pull", "config validate", // there are no settings
	} {
		_, said, code := say(t, strings.Fields(strings.ReplaceAll(line, "''", "\u00a0"))...)
		if code != exitUsage || !strings.Contains(said, "dscosync: error: ") || !strings.Contains(said, "\ndscosync: hint: ") {
			t.Errorf("%s: exit %d, %q", line, code, said)
		}
	}
}
