package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNewcomer is somebody new, with the README alone: the package, the settings, a look, the crontab line that config init
// printed, and then Debian's cron, on a copy of this machine. The first run mails that there is a new state file, the next
// one mails nothing.
func TestNewcomer(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can have a copy of the machine to install the package in")
	}
	namespaces := []string{"--mount", "--pid", "--fork", "--kill-child", "--mount-proc"}
	if out, err := exec.Command("unshare", append(namespaces, "true")...).CombinedOutput(); err != nil {
		t.Skipf("no namespaces can be had here: %v: %s", err, out)
	}
	const orders = 8
	deb := packaged(t)
	began := time.Now()
	dir := t.TempDir()
	if out, err := exec.Command("cp", deb, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	at := simulate(t, dir, "--orders", strconv.Itoa(orders))
	// The credentials are the simulator's.
	if err := os.WriteFile(filepath.Join(dir, "answers"), []byte("client\nclient-secret\nkey\nkey-secret\n1001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "unshare", append(namespaces, "bash", "testdata/newcomer.sh", dir, at, strconv.Itoa(orders))...)
	script.SysProcAttr, script.WaitDelay = mortal, time.Second
	said, err := script.CombinedOutput()
	if script.ProcessState != nil && script.ProcessState.ExitCode() == 77 {
		lines := strings.Split(strings.TrimSpace(string(said)), "\n")
		t.Skip(lines[len(lines)-1])
	}
	if err != nil {
		t.Fatalf("%v (%v): %s", err, ctx.Err(), said)
	}
	t.Logf("in %v, what the package was made in not counted:\n%s", time.Since(began).Round(time.Second/10), said)
	if typed := strings.Count("\n"+string(said), "\n$ "); typed > 8 {
		t.Errorf("%d commands had to be typed", typed)
	}
	for _, c := range []struct {
		quarter string
		mails   *regexp.Regexp
	}{
		{"first", regexp.MustCompile(`^dscosync: warning: a new state file was made: /var/lib/dscosync/state.db; [^\n]*\n$`)},
		{"second", nil},
	} {
		var mails []string
		for _, m := range read(t, filepath.Join(dir, c.quarter)) {
			if _, body, _ := strings.Cut(m, "\n\n"); body != "cron mails\n" {
				mails = append(mails, body)
			}
		}
		if c.mails == nil && len(mails) > 0 || c.mails != nil && (len(mails) != 1 || !c.mails.MatchString(mails[0])) {
			t.Errorf("the %s run mailed %q", c.quarter, mails)
		}
	}
	if seen := get(t, "http://"+at+"/sim"); strings.Count(seen, " acknowledged ") != orders+1 || !strings.Contains(seen, fmt.Sprintf("\n%d DSCO orders, %[1]d ShipStation orders;", orders+1)) || !strings.Contains(seen, "\n0 broken laws") {
		t.Errorf("at the end: %s", seen)
	}
}

// mortal is a process that dies with the test, also when that is killed, or ends itself because its time is over: the
// script would wait for ever, with a cron at work.
var mortal = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}

// read gives the files of a folder.
func read(t *testing.T, folder string) (texts []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		var text []byte
		if text, err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			break
		}
		texts = append(texts, string(text))
	}
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// simulate starts a dscosim of its own, and gives its host and port.
func simulate(t *testing.T, dir string, args ...string) string {
	t.Helper()
	settings := filepath.Join(dir, "simulator.yaml")
	cmd := exec.Command(filepath.Join(filepath.Dir(product(t)), "dscosim"), append(args, "--config", settings)...)
	cmd.SysProcAttr = mortal
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for range 1000 {
		if text, err := os.ReadFile(settings); err == nil {
			return regexp.MustCompile(`^# dscosim at http://(.+)`).FindStringSubmatch(string(text))[1]
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("dscosim does not start")
	return ""
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
