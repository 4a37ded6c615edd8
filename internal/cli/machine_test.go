package cli

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dscosync/configs"
)

var usual = machine{program: configs.Program, settings: configs.Settings, folder: configs.Folder, user: configs.User, group: configs.User}

// The machine of the examples gets the examples.
func TestUsualMachine(t *testing.T) {
	if want := "*/15 * * * * /usr/local/bin/dscosync --config /etc/dscosync/config.yaml sync all\n"; usual.crontab() != want {
		t.Errorf("the crontab line is %s", usual.crontab())
	}
	for name, c := range map[string]struct{ got, whole string }{"service": {usual.service(), configs.Service}, "timer": {usual.timer(), configs.Timer}} {
		if !strings.HasPrefix(c.got, "[Unit]\n") || !strings.HasSuffix(c.whole, c.got) {
			t.Errorf("the %s differs: %s", name, cmp.Diff(c.whole, c.got))
		}
	}
}

// The next step can be pasted where the program was not installed, too.
func TestTyped(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	if got := usual.typed(); got != configs.Program {
		t.Errorf("not in PATH: %s", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "dscosync"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := usual.typed(); got != "dscosync" {
		t.Errorf("in PATH: %s", got)
	}
}

func TestOtherMachines(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*machine)
		crontab  string
		has, not []string // lines of the service
	}{
		{"another place for the program", func(m *machine) { m.program = "/usr/bin/dscosync" },
			"/usr/bin/dscosync --config /etc/dscosync/config.yaml sync all",
			[]string{"ExecStart=/usr/bin/dscosync --config /etc/dscosync/config.yaml sync all", "StateDirectory=dscosync", "ProtectHome=yes", "PrivateTmp=yes"}, nil},
		{"a person's own", func(m *machine) {
			*m = machine{program: "/home/ann/bin/dscosync", settings: "/home/ann/.config/dscosync/config.yaml", folder: "/home/ann/.local/state/dscosync", user: "ann", group: "staff"}
		}, "/home/ann/bin/dscosync --config /home/ann/.config/dscosync/config.yaml sync all",
			[]string{"User=ann", "Group=staff", "ReadWritePaths=/home/ann/.local/state/dscosync", "ProtectHome=read-only", "# /home/ann/.local/state/dscosync, the only folder it may write in."},
			[]string{"StateDirectory=dscosync", "StateDirectoryMode=0700", "ProtectHome=yes"}},
		{"a temporary folder", func(m *machine) { m.folder = "/tmp/x" }, "", []string{"ReadWritePaths=/tmp/x", "PrivateTmp=no"}, []string{"PrivateTmp=yes"}},
		{"a path that needs quotes", func(m *machine) { m.settings = `/srv/a b/50%/it's/c.yaml` },
			`/usr/local/bin/dscosync --config '/srv/a b/50\%/it'\''s/c.yaml' sync all`,
			[]string{`ExecStart=/usr/local/bin/dscosync --config "/srv/a b/50%%/it's/c.yaml" sync all`}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := usual
			c.change(&m)
			if c.crontab != "" && m.crontab() != "*/15 * * * * "+c.crontab+"\n" {
				t.Errorf("the crontab line is %s", m.crontab())
			}
			lines := strings.Split(m.service(), "\n")
			for _, want := range c.has {
				if n := count(lines, want); n != 1 {
					t.Errorf("%q stands there %d times", want, n)
				}
			}
			for _, no := range c.not {
				if count(lines, no) != 0 {
					t.Errorf("%q stands there", no)
				}
			}
		})
	}
}

func count(lines []string, want string) (n int) {
	for _, line := range lines {
		if line == want {
			n++
		}
	}
	return n
}

// Every command that an example names is one there is.
func TestExamplesNameCommands(t *testing.T) {
	command := regexp.MustCompile("(?:" + configs.Program + "(?: --config [^ ]+)?|`dscosync) ([^\n`>]+)")
	seen := 0
	err := filepath.WalkDir(filepath.Join("..", "..", "configs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range command.FindAllStringSubmatch(string(text), -1) {
			seen++
			root := (&app{ctx: context.Background()}).command()
			cmd, rest, err := root.Find(strings.Fields(found[1]))
			if err != nil || cmd == root {
				t.Errorf("%s: %s: %v", path, found[0], err)
				continue
			}
			if err := cmd.ParseFlags(rest); err != nil {
				t.Errorf("%s: %s: %v", path, found[0], err)
			} else if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil && found[0][0] == '/' { // words only name the command
				t.Errorf("%s: %s: %v", path, found[0], err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 8 {
		t.Errorf("%d commands were found", seen)
	}
}
