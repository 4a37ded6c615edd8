package secret

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// Source says where a secret is. At most one of Value, File and Command is
// set; none means that there is no secret.
type Source struct {
	Key     string        // its name in the settings, for messages: dsco.client_secret
	Value   Secret        // the secret itself
	File    string        // the file that holds it and nothing else
	Command []string      // the program, with its arguments, that prints it on its first line
	Env     []string      // the environment, as os.Environ gives it
	Limit   time.Duration // how long Command may take: 10 s when zero
}

// Given reports whether the source names any place.
func (s Source) Given() bool {
	return !s.Value.IsZero() || s.File != "" || len(s.Command) > 0
}

// Check says what is wrong with the source without reading the file or
// running the command.
func (s Source) Check() error {
	var given []string
	if !s.Value.IsZero() {
		given = append(given, s.Key)
	}
	if s.File != "" {
		given = append(given, s.Key+"_file")
	}
	if len(s.Command) > 0 {
		given = append(given, s.Key+"_command")
	}
	if len(given) > 1 {
		return fmt.Errorf("%s are both given: keep one of them", strings.Join(given, " and "))
	}
	if s.Value.IsZero() {
		return nil
	}
	if len(s.Value.Reveal()) > longest {
		return fmt.Errorf("the secret is longer than %d KiB: write the bare value", longest>>10)
	}
	return oneLine(s.Value.Reveal())
}

// longest is far above any key, password or address: what is longer is
// something else that was taken for one.
const longest = 4 << 10

// Resolve returns the secret. Its errors name the file or the program, never
// what stands in the one or what the other printed or was given.
func (s Source) Resolve(ctx context.Context) (Secret, error) {
	if err := s.Check(); err != nil {
		return Secret{}, err
	}
	switch {
	case s.File != "":
		return s.read()
	case len(s.Command) > 0:
		return s.run(ctx)
	}
	return s.Value, nil
}

func (s Source) read() (Secret, error) {
	content, err := ReadFile(s.File, variable(s.Env, "CREDENTIALS_DIRECTORY"))
	if err != nil {
		return Secret{}, err
	}
	text := strings.TrimRight(string(content), "\r\n")
	if text == "" {
		return Secret{}, fmt.Errorf("%s is empty", s.File)
	}
	if err := oneLine(text); err != nil {
		return Secret{}, fmt.Errorf("%s: %w", s.File, err)
	}
	return New(text), nil
}

// run starts the command without a shell and with a process group of its own,
// so that a time-out ends its children too.
func (s Source) run(ctx context.Context) (Secret, error) {
	limit := s.Limit
	if limit == 0 {
		limit = 10 * time.Second
	}
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	out := &head{limit: sizeLimit}
	cmd := exec.CommandContext(timed, s.Command[0], s.Command[1:]...)
	cmd.Env = without(s.Env, "DSCOSYNC_") // the command has no need of the other secrets
	cmd.Stdout = out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second

	name := filepath.Base(s.Command[0])
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Secret{}, ctx.Err()
	case timed.Err() != nil:
		return Secret{}, fmt.Errorf("%s did not end within %s and was stopped", name, limit)
	case errors.As(err, &exit):
		return Secret{}, fmt.Errorf("%s ended with %s: run it by hand to see why", name, exit)
	case errors.Is(err, exec.ErrNotFound):
		return Secret{}, fmt.Errorf("%s is not in the PATH: write its full path", name)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay): // a child left behind holds stdout: no harm
		return Secret{}, fmt.Errorf("%s could not be run: %w", name, reason(err))
	}

	line, _, _ := strings.Cut(string(out.kept), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return Secret{}, fmt.Errorf("%s printed nothing on its first line", name)
	}
	if err := oneLine(line); err != nil {
		return Secret{}, fmt.Errorf("the first line of %s: %w", name, err)
	}
	return New(line), nil
}

// head keeps the first bytes that are written to it and takes the rest. It
// embeds no buffer: io.Copy would fill that by its ReadFrom, without a limit.
type head struct {
	kept  []byte
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), h.limit-len(h.kept))]...)
	return len(p), nil
}

// oneLine refuses what is surely a slip of copy and paste.
func oneLine(text string) error {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return errors.New("the secret holds a line break or another control character: write the bare value")
	}
	if strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsGraphic(c) }) {
		return errors.New("the secret holds a character that cannot be seen, such as a byte order mark: write the bare value")
	}
	if strings.TrimSpace(text) != text {
		return errors.New("the secret begins or ends with a blank: write the bare value")
	}
	return nil
}

func variable(env []string, name string) string {
	value := ""
	for _, v := range env {
		if rest, ok := strings.CutPrefix(v, name+"="); ok {
			value = rest
		}
	}
	return value
}

func without(env []string, prefix string) []string {
	kept := []string{} // not nil: exec takes nil for the whole environment
	for _, v := range env {
		if !strings.HasPrefix(v, prefix) {
			kept = append(kept, v)
		}
	}
	return kept
}
