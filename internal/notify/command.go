package notify

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Run starts a program without a shell and gives it the message on its standard input. What it prints is thrown away, and
// after Limit it is stopped with all that it started.
func Run(ctx context.Context, argv, env []string, message string) error {
	return run(ctx, argv, env, message, Limit)
}

func run(ctx context.Context, argv, env []string, message string, limit time.Duration) error {
	if len(argv) == 0 || argv[0] == "" {
		return errors.New("it names no program")
	}
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(timed, argv[0], argv[1:]...)
	cmd.Env = append([]string{}, env...) // not nil: exec takes nil for the whole environment
	cmd.Stdin = strings.NewReader(message)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second

	name := filepath.Base(argv[0])
	err := cmd.Run()
	var exit *exec.ExitError
	var number syscall.Errno
	switch {
	case err == nil:
		return nil
	case timed.Err() != nil:
		return fmt.Errorf("%s did not end within %s and was stopped", name, limit)
	case errors.As(err, &exit):
		return fmt.Errorf("%s ended with %s: run it by hand to see why", name, exit)
	case errors.Is(err, syscall.EPIPE), errors.Is(err, exec.ErrWaitDelay):
		return nil // it ended well without reading all of the message, or left something behind
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("%s is not in the PATH: write its full path", name)
	case errors.As(err, &number):
		return fmt.Errorf("%s could not be run: %w", name, number)
	}
	return fmt.Errorf("%s could not be run: %w", name, err)
}
