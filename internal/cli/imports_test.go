package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// house is what each package may import of ours, and why no more.
var house = map[string]struct {
	may []string
	why string
}{
	"order":        {nil, "the policy is plain functions: the domain does not know that there is HTTP or a disk"},
	"guess":        {nil, "one measure of what somebody may have meant"},
	"escape":       {nil, "one rule for all that came from somebody else"},
	"crash":        {nil, "where tests end the process; in the product it does nothing"},
	"remote":       {[]string{"escape", "crash"}, "talks to anybody's server"},
	"secret":       {nil, "a type and where its value comes from"},
	"notify":       {nil, "takes a plain message: it does not know what an order is"},
	"sim":          {nil, "not even the clients: shared structs would hide shared mistakes"},
	"configs":      {nil, "the examples, as texts that the program can print"},
	"config":       {[]string{"secret", "guess"}, "a checked Config, handed out as a plain struct"},
	"ledger":       {[]string{"order", "crash"}, "stores rows; what they mean is order's"},
	"scorecard":    {[]string{"order"}, "sums over facts: where they come from and how they are shown is not its own"},
	"dsco":         {[]string{"remote"}, "a client does not know that there is a ledger"},
	"shipstation":  {[]string{"remote"}, "a client does not know that there is a ledger"},
	"stage":        {[]string{"order", "ledger", "dsco", "shipstation", "remote"}, "the one place where the two remotes meet"},
	"doctor":       {[]string{"config", "secret", "order", "ledger", "dsco", "shipstation", "remote", "stage"}, "looks at all an order depends on, and hands out plain findings"},
	"report":       {[]string{"order", "escape", "scorecard"}, "turns rows and results into text"},
	"cli":          {[]string{"order", "remote", "secret", "config", "ledger", "dsco", "shipstation", "stage", "doctor", "report", "scorecard", "escape", "guess", "configs", "notify"}, "wires all of it, and never the simulator"},
	"cmd/dscosync": {[]string{"cli"}, "starts the program"},
	"cmd/dscosim":  {[]string{"sim"}, "never part of the product"},
}

// sole lists the packages of others that only one of ours may import, so that they can be replaced there.
var sole = map[string]string{
	"github.com/spf13/viper":              "config",
	"filippo.io/age":                      "secret",
	"go.etcd.io/bbolt":                    "ledger",
	"github.com/gofrs/flock":              "ledger",
	"golang.org/x/oauth2":                 "dsco",
	"github.com/olekukonko/tablewriter":   "report",
	"github.com/spf13/cobra":              "cli",
	"golang.org/x/term":                   "cli",
	"github.com/go-viper/mapstructure/v2": "config",
}

func TestImports(t *testing.T) {
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "dscosync/...")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := room(p.ImportPath)
		rule, known := house[name]
		if !known {
			t.Errorf("package %s has no line in the table: say what it is, what it may import, and why", name)
		}
		seen[name] = true
		for _, path := range p.Imports {
			if strings.HasPrefix(path, "dscosync/") && !slices.Contains(rule.may, room(path)) {
				t.Errorf("%s imports %s, but it may not: %s", name, room(path), rule.why)
			}
			for theirs, only := range sole {
				if (path == theirs || strings.HasPrefix(path, theirs+"/")) && name != only {
					t.Errorf("%s imports %s, which is for %s alone", name, path, only)
				}
			}
		}
	}
	for name := range house {
		if !seen[name] {
			t.Errorf("the table has a line for %s, but there is no such package", name)
		}
	}
}

func room(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "dscosync/"), "internal/")
}
