package secret_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"dscosync/internal/secret"
)

// write makes a file; the mode is set apart, so that no umask changes it.
func write(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestResolveFile(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		mode    os.FileMode
		want    string
		err     string
	}{
		"plain":              {content: "abc", mode: 0o600, want: "abc"},
		"only to be read":    {content: "abc", mode: 0o400, want: "abc"},
		"newline":            {content: "abc\n", mode: 0o600, want: "abc"},
		"windows newline":    {content: "abc\r\n", mode: 0o600, want: "abc"},
		"blank inside":       {content: "a b\n", mode: 0o600, want: "a b"},
		"empty":              {content: "", mode: 0o600, err: "is empty"},
		"newlines alone":     {content: "\n\n", mode: 0o600, err: "is empty"},
		"two lines":          {content: canary + "\nb\n", mode: 0o600, err: "line break"},
		"NUL":                {content: canary + "\x00", mode: 0o600, err: "control character"},
		"blank at the end":   {content: canary + " \n", mode: 0o600, err: "blank"},
		"byte order mark":    {content: "\ufeff" + canary + "\n", mode: 0o600, err: "cannot be seen"},
		"zero width space":   {content: canary + "\u200b\n", mode: 0o600, err: "cannot be seen"},
		"not ASCII":          {content: "pässwörd…\u00a0x\n", mode: 0o600, want: "pässwörd…\u00a0x"},
		"readable by group":  {content: canary, mode: 0o640, err: "mode 0640, others may open it: chmod 600 "},
		"readable by others": {content: canary, mode: 0o604, err: "mode 0604"},
		"writable by group":  {content: canary, mode: 0o620, err: "mode 0620"},
		"at the limit":       {content: strings.Repeat("x", 64<<10), mode: 0o600, want: strings.Repeat("x", 64<<10)},
		"beyond the limit":   {content: strings.Repeat("x", 64<<10+1), mode: 0o600, err: "larger than 64 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, c.content, c.mode)
			got, err := secret.Source{Key: "k", File: path}.Resolve(t.Context())
			check(t, got, err, c.want, c.err)
			if err != nil && !strings.Contains(err.Error(), path) {
				t.Errorf("the error does not name the file: %v", err)
			}
		})
	}
}

func TestResolveOddFiles(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(write(t, "abc\n", 0o600), link); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want, err string }{
		{path: filepath.Join(dir, "none"), err: "none cannot be opened: no such file or directory"},
		{path: dir, err: "is not a regular file"},
		{path: pipe, err: "is not a regular file"},
		{path: link, want: "abc"},
	} {
		got, err := secret.Source{Key: "k", File: c.path}.Resolve(t.Context())
		check(t, got, err, c.want, c.err)
	}
}

func TestSystemdCredential(t *testing.T) {
	path := write(t, "abc", 0o440)
	for _, c := range []struct{ name, credentials, err string }{
		{"its directory", filepath.Dir(path), ""},
		{"its directory with a slash", filepath.Dir(path) + "/", ""},
		{"the directory above", filepath.Dir(filepath.Dir(path)), "mode 0440"},
		{"not set", "", "mode 0440"},
	} {
		_, err := secret.Source{Key: "k", File: path, Env: []string{"CREDENTIALS_DIRECTORY=" + c.credentials}}.Resolve(t.Context())
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if _, err := secret.ReadFile(path, filepath.Dir(path)); !errors.Is(err, secret.ErrExposed) {
		t.Errorf("a credential that everyone may read: %v", err)
	}
}

func TestReadFileTellsTheContentBesideErrExposed(t *testing.T) {
	content, err := secret.ReadFile(write(t, "abc", 0o644), "")
	if !errors.Is(err, secret.ErrExposed) || string(content) != "abc" {
		t.Errorf("%q, %v", content, err)
	}
}

func TestResolveCommand(t *testing.T) {
	script := func(body string) []string { return []string{"/bin/sh", "-c", body} }
	for name, c := range map[string]struct {
		command []string
		env     []string
		want    string
		err     string
	}{
		"plain":                {command: script("echo abc"), want: "abc"},
		"no newline":           {command: script("printf abc"), want: "abc"},
		"first line only":      {command: script(`printf 'abc\ndef\n'`), want: "abc"},
		"windows newline":      {command: script(`printf 'abc\r\n'`), want: "abc"},
		"no shell":             {command: []string{"/bin/echo", "$HOME;", "ls"}, want: "$HOME; ls"},
		"stderr is not taken":  {command: script("echo abc; echo " + canary + " >&2"), want: "abc"},
		"much output":          {command: script("echo abc; head -c 300000 /dev/zero"), want: "abc"},
		"its environment":      {command: script("echo $A-$DSCOSYNC_DSCO_CLIENT_SECRET-"), env: []string{"A=1", "DSCOSYNC_DSCO_CLIENT_SECRET=2"}, want: "1--"},
		"nothing":              {command: script("true"), err: "sh printed nothing on its first line"},
		"empty first line":     {command: script("echo; echo " + canary), err: "printed nothing"},
		"exit status":          {command: script("echo " + canary + "; echo " + canary + " >&2; exit 7"), err: "sh ended with exit status 7"},
		"killed":               {command: script("kill -9 $$"), err: "ended with signal: killed"},
		"control character":    {command: script(`printf '` + canary + `\033[2J\n'`), err: "control character"},
		"blank at the start":   {command: script("echo ' " + canary + "'"), err: "blank"},
		"not in the PATH":      {command: []string{"dscosync-no-such-program", canary}, err: "not in the PATH"},
		"no such file":         {command: []string{"/no/such/program", canary}, err: "program could not be run: no such file or directory"},
		"not to be executed":   {command: []string{write(t, "x", 0o600), canary}, err: "permission denied"},
		"child holds stdout":   {command: script("echo abc; sleep 30 & exit 0"), want: "abc"},
		"reads an empty stdin": {command: script("cat; echo abc"), want: "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := append(os.Environ(), c.env...)
			got, err := secret.Source{Key: "k", Command: c.command, Env: env}.Resolve(t.Context())
			check(t, got, err, c.want, c.err)
		})
	}
}

// Of what a command prints without end only the beginning is kept.
func TestCommandThatPrintsMuchTakesNoMemory(t *testing.T) {
	const printed = 64 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	command := []string{"/bin/sh", "-c", fmt.Sprintf("echo abc; head -c %d /dev/zero", printed)}
	got, err := secret.Source{Key: "k", Command: command, Env: os.Environ()}.Resolve(t.Context())
	runtime.ReadMemStats(&after)
	check(t, got, err, "abc", "")
	if used := after.TotalAlloc - before.TotalAlloc; used > printed/8 {
		t.Errorf("%d MiB of memory for %d MiB of output", used>>20, printed>>20)
	}
}

// The command's child must not outlive the time-out either.
func TestCommandTimeOutEndsChildren(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	body := "sleep 300 & echo $! > " + pidFile + "; echo " + canary + "; wait"
	start := time.Now()
	_, err := secret.Source{Key: "k", Command: []string{"/bin/sh", "-c", body}, Env: os.Environ(), Limit: 500 * time.Millisecond}.Resolve(t.Context())
	check(t, secret.Secret{}, err, "", "sh did not end within 500ms and was stopped")
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if gone(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", pid)
}

// gone reports whether a process has ended; one that no parent has collected
// yet (state Z) has.
func gone(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(stat), ") Z ")
}

func TestCommandInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := secret.Source{Key: "k", Command: []string{"/bin/sleep", "30"}}.Resolve(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSourceCheck(t *testing.T) {
	value, file, command := secret.New(canary), "/f", []string{"c"}
	for name, c := range map[string]struct {
		source secret.Source
		err    string
	}{
		"nothing":           {source: secret.Source{}},
		"value":             {source: secret.Source{Value: value}},
		"file":              {source: secret.Source{File: file}},
		"command":           {source: secret.Source{Command: command}},
		"value and file":    {source: secret.Source{Value: value, File: file}, err: "k and k_file are both given: keep one of them"},
		"file and command":  {source: secret.Source{File: file, Command: command}, err: "k_file and k_command are both"},
		"all three":         {source: secret.Source{Value: value, File: file, Command: command}, err: "k and k_file and k_command are both"},
		"too long in value": {source: secret.Source{Value: secret.New(strings.Repeat("x", 4<<10+1))}, err: "the secret is longer than 4 KiB"},
		"newline in value":  {source: secret.Source{Value: secret.New(canary + "\n")}, err: "line break"},
		"blank in front":    {source: secret.Source{Value: secret.New(" " + canary)}, err: "blank"},
	} {
		t.Run(name, func(t *testing.T) {
			c.source.Key = "k"
			check(t, secret.Secret{}, c.source.Check(), "", c.err)
			if given := name != "nothing"; c.source.Given() != given {
				t.Errorf("Given is %v", !given)
			}
			if c.err != "" {
				got, err := c.source.Resolve(t.Context())
				check(t, got, err, "", c.err)
			}
		})
	}
	got, err := secret.Source{Value: value}.Resolve(t.Context())
	check(t, got, err, canary, "")
	got, err = secret.Source{}.Resolve(t.Context())
	check(t, got, err, "", "")
}

func check(t *testing.T, got secret.Secret, err error, want, wantErr string) {
	t.Helper()
	if got.Reveal() != want {
		t.Errorf("got %.40q, want %.40q", got.Reveal(), want)
	}
	switch {
	case wantErr == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case wantErr != "" && (err == nil || !strings.Contains(err.Error(), wantErr)):
		t.Errorf("the error is %v, want %q", err, wantErr)
	case err != nil && strings.Contains(err.Error(), canary):
		t.Errorf("the error shows the secret: %v", err)
	}
}
