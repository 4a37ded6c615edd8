package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// signal is a verb.
func signal(ts *testscript.TestScript, _ bool, args []string) {
	sent, ok := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "HUP": syscall.SIGHUP, "QUIT": syscall.SIGQUIT}[strings.Join(args, " ")]
	if !ok || len(ts.BackgroundCmds()) == 0 {
		ts.Fatalf("usage: signal TERM|INT|KILL|HUP|QUIT, with a program in the background")
	}
	ts.Check(ts.BackgroundCmds()[0].Process.Signal(sent))
}

// modes is a verb.
func modes(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		path, want, _ := strings.Cut(arg, "=")
		info, err := os.Stat(ts.MkAbs(path))
		ts.Check(err)
		if mode := fmt.Sprintf("%04o", info.Mode().Perm()); mode != want {
			ts.Fatalf("%s has mode %s, not %s", path, mode, want)
		}
	}
}

// turn is a verb.
func turn(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: turn FILE TEXT")
	}
	path := ts.MkAbs(args[0])
	file, err := os.ReadFile(path)
	ts.Check(err)
	text := []byte(args[1])
	if !bytes.Contains(file, text) {
		ts.Fatalf("%s has no %s", args[0], args[1])
	}
	for at := 0; ; {
		i := bytes.Index(file[at:], text)
		if i < 0 {
			break
		}
		at += i + len(text)
		file[at+8] ^= 1
	}
	ts.Check(os.WriteFile(path, file, 0o600))
}

// compareJSON is the verb json.
func compareJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: json FILE PATH==VALUE...")
	}
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	d.UseNumber()
	var doc any
	ts.Check(d.Decode(&doc))
	if d.More() {
		ts.Fatalf("more than one JSON document")
	}
	for _, arg := range args[1:] {
		path, want, ok := strings.Cut(arg, "==")
		if !ok {
			ts.Fatalf("%q is not PATH==VALUE", arg)
		}
		have, err := member(doc, strings.Split(path, "."))
		if err != nil {
			ts.Fatalf("%s: %v", path, err)
		}
		if have != want {
			ts.Fatalf("%s is %s, not %s", path, have, want)
		}
	}
}

// member is a part of a document: a text as it is, all else as JSON; len is how many there are.
func member(doc any, path []string) (string, error) {
	for i, name := range path {
		switch in := doc.(type) {
		case map[string]any:
			v, ok := in[name]
			if !ok {
				return "", fmt.Errorf("there is no %s", strings.Join(path[:i+1], "."))
			}
			doc = v
		case []any:
			if n, err := strconv.Atoi(name); err == nil && n < len(in) {
				doc = in[n]
			} else if name == "len" {
				doc = len(in)
			} else {
				return "", fmt.Errorf("there is no %s of %d", name, len(in))
			}
		default:
			return "", fmt.Errorf("%s is no part of %v", name, doc)
		}
	}
	if text, ok := doc.(string); ok {
		return text, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(doc)
	return strings.TrimSpace(b.String()), err
}

// fleeting is what differs from run to run, and the word for it.
var fleeting = []struct {
	form *regexp.Regexp
	word string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC`), "TIME"},
	{regexp.MustCompile(`TIME  [a-z0-9]{8}  `), "TIME  RUN  "},
	{regexp.MustCompile(`started \d\d:\d\d:\d\d, \d+[smh]+ ago`), "started TIME, AGE ago"},
	{regexp.MustCompile(`("run_id": )"[a-z0-9]{8}"`), `$1"RUN"`},
	{regexp.MustCompile(`1e0f2a34-0000-4000-8000-\d{12}`), "REQUEST"},
	{regexp.MustCompile(`\b(pid )\d+`), "${1}PID"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "HOST"},
	{regexp.MustCompile(`\bin \d+(\.\d+)?(ms|s)\b`), "in SPAN"},
	{regexp.MustCompile(`\b\d+[smhd] ago`), "AGE ago"},
	{regexp.MustCompile(`dscosync on [^\s"\\]+:`), "dscosync on MACHINE:"},
}

// normal is a verb.
func normal(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: normal FILE")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), ts.Getenv("WORK"), "$WORK")
	for _, f := range fleeting {
		text = f.form.ReplaceAllString(text, f.word)
	}
	fmt.Fprint(ts.Stdout(), text)
}
