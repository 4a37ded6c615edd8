package main_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/configs"
)

// release is what make makes, once: the programs in bin/ as they are released, and the Debian package.
var release = sync.OnceValues(func() (r released, err error) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return r, err
	}
	target := "deb"
	tool := exec.Command("go", "tool", "-modfile=.ci/tools.mod", "-n", "nfpm")
	tool.Dir = top
	if out, err := tool.CombinedOutput(); err != nil {
		target, r.without = "build", fmt.Sprintf("what makes packages cannot be built here: %s", out)
	}
	if out, err := exec.Command("make", "-C", top, target).CombinedOutput(); err != nil {
		return r, fmt.Errorf("make %s: %w\n%s", target, err, out)
	}
	r.program = filepath.Join(top, "bin", "dscosync")
	if found, _ := filepath.Glob(filepath.Join(top, "bin", "dscosync_*.deb")); len(found) == 1 {
		r.deb = found[0]
	} else if r.without == "" {
		return r, fmt.Errorf("make deb made %q", found)
	}
	return r, nil
})

type released struct {
	program, deb string // paths
	without      string // why there is no package
}

// product is the program as it is released; dscosim lies beside it.
func product(t *testing.T) string {
	t.Helper()
	if underRace {
		t.Skip("the program is a process of its own, so make test runs this without the race detector")
	}
	r, err := release()
	if err != nil {
		t.Fatal(err)
	}
	return r.program
}

// packaged is the Debian package.
func packaged(t *testing.T) string {
	t.Helper()
	product(t)
	r, _ := release()
	if r.without != "" {
		t.Skip(r.without)
	}
	return r.deb
}

// TestInstalled looks at what make install and the Debian package put where: the same files, and every path in them that
// names the program is the one it has then.
func TestInstalled(t *testing.T) {
	t.Parallel()
	want := append(commandsOf(t),
		"0755 bin/dscosync",
		"0644 lib/systemd/system/dscosync.service", "0644 lib/systemd/system/dscosync.timer",
		"0644 share/bash-completion/completions/dscosync", "0644 share/fish/vendor_completions.d/dscosync.fish", "0644 share/zsh/site-functions/_dscosync",
		"0644 share/doc/dscosync/README.md", "0644 share/doc/dscosync/copyright", "0644 share/doc/dscosync/examples/crontab.example",
		"0644 share/doc/dscosync/examples/dscosync.example.yaml", "0644 share/doc/dscosync/examples/logrotate.example")
	slices.Sort(want)
	dir := t.TempDir()
	install := exec.Command("make", "-C", filepath.Join("..", ".."), "install", "DESTDIR="+dir, "PREFIX=/opt/x")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(want, tree(t, filepath.Join(dir, "opt", "x"))); diff != "" {
		t.Errorf("make install (-want +got):\n%s", diff)
	}
	named(t, filepath.Join(dir, "opt", "x"), "/opt/x/bin/dscosync")

	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("there is no dpkg-deb to look at the package with")
	}
	deb := packaged(t)
	out, err := exec.Command("dpkg-deb", "-c", deb).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); f[1] != "root/root" {
			t.Errorf("not of root: %s", line)
		}
	}
	unpacked := t.TempDir()
	if out, err := exec.Command("dpkg-deb", "-x", deb, unpacked).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	n := slices.Index(want, "0644 share/zsh/site-functions/_dscosync")
	want[n] = "0644 share/zsh/vendor-completions/_dscosync"
	if diff := cmp.Diff(want, tree(t, filepath.Join(unpacked, "usr"))); diff != "" {
		t.Errorf("make deb (-want +got):\n%s", diff)
	}
	named(t, filepath.Join(unpacked, "usr"), "/usr/bin/dscosync")
}

// commandsOf are the pages of the manual: one for the program, and one for each of its commands.
func commandsOf(t *testing.T) (pages []string) {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command(product(t), "man", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, page := range tree(t, dir) {
		pages = append(pages, strings.Replace(page, " ", " share/man/man1/", 1)+".gz")
	}
	if len(pages) < 20 {
		t.Errorf("only %d pages: %s", len(pages), pages)
	}
	return pages
}

// tree is each file below a folder, as "mode path", in order.
func tree(t *testing.T, root string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(root, path)
		files = append(files, fmt.Sprintf("%04o %s", info.Mode().Perm(), rest))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// named checks the paths of the program in units and examples.
func named(t *testing.T, root, program string) {
	t.Helper()
	seen := 0
	for _, path := range []string{"lib/systemd/system/dscosync.service", "share/doc/dscosync/examples/crontab.example"} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Error(err)
		}
		for _, found := range regexp.MustCompile(`/[^ ]*bin/dscosync`).FindAllString(string(text), -1) {
			if seen++; found != program {
				t.Errorf("%s names %s, not %s", path, found, program)
			}
		}
	}
	if seen < 4 {
		t.Errorf("the program is named %d times", seen)
	}
}

// TestUnits has systemd judge the units that come with the program and those that config init prints for this machine.
func TestUnits(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("there is no systemd-analyze to verify units with")
	}
	program := product(t)
	init := exec.Command(program, "--config", filepath.Join(t.TempDir(), "config.yaml"), "config", "init", "--offline", "--json")
	init.Stdin = strings.NewReader("client\nclient-secret\nkey\nkey-secret\n1001\n")
	out, err := init.Output()
	if err != nil {
		t.Fatal(err)
	}
	var printed struct{ Service, Timer string }
	if err := json.Unmarshal(out, &printed); err != nil {
		t.Fatal(err)
	}
	// A check that finds no mistakes finds none in a wrong unit either.
	if said := verify(t, strings.Replace(printed.Service, "Type=oneshot", "Type=wrong", 1), printed.Timer); said == "" {
		t.Skip("systemd-analyze finds no mistakes on this machine")
	}
	if said := verify(t, printed.Service, printed.Timer); said != "" {
		t.Errorf("what config init prints: %s", said)
	}
	if said := verify(t, strings.ReplaceAll(configs.Service, configs.Program, program), configs.Timer); said != "" {
		t.Errorf("what comes with the program: %s", said)
	}
}

// verify gives what systemd has to say about the units.
func verify(t *testing.T, service, timer string) (said string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"dscosync.service": service, "dscosync.timer": timer} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := exec.Command("systemd-analyze", "verify", "--man=no", filepath.Join(dir, "dscosync.service"), filepath.Join(dir, "dscosync.timer")).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "dscosync") { // it may complain of the machine's own, too
			said += line
		}
	}
	return said
}

// TestProgramFigures holds how big the program is and how soon it starts.
func TestProgramFigures(t *testing.T) {
	program := product(t)
	size, start := sizeOf(program), time.Hour
	for range 30 {
		began := time.Now()
		if out, err := exec.Command(program, "version").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		start = min(start, time.Since(began))
	}
	t.Logf("the program has %.1f MB (under 20), and its fastest start of 30 took %.1f ms (under 20)", float64(size)/1e6, float64(start.Microseconds())/1e3)
	if size == 0 || size >= 20e6 || start >= 20*time.Millisecond {
		t.Errorf("%d bytes, %v", size, start)
	}
}

func sizeOf(path string) int64 {
	if info, err := os.Stat(path); err == nil {
		return info.Size()
	}
	return 0
}
