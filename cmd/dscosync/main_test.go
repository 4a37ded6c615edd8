package main_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dscosync/internal/cli"
)

var update = flag.Bool("update", false, "write what the scripts' cmp lines compare with")

// TestMain makes the test binary the program itself when a script calls it by the program's name. The others are verbs
// that scripts run like programs, so that they may run in the background.
func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){
		"dscosync": func() { os.Exit(cli.Main(heard(io.Discard), os.Args[1:])) },
		"exitcode": exitcode,
		"terminal": terminal,
	})
}

// tidy takes away what the tests built.
type tidy struct{ *testing.M }

func (t tidy) Run() int {
	defer os.RemoveAll(workshop())
	return t.M.Run()
}

// TestScripts runs the program as users type it. Every script has a world of its own, and afterwards no law of that
// world may be broken and nothing secret or personal may have been said or kept: see scene.
//
// Beside testscript's own verbs there are
//
//	sim [OPTION=VALUE...]           starts DSCO and ShipStation; sets $DSCO_URL, $SS_URL; writes config.yaml
//	settings FILE                   makes FILE, with its variables replaced, the config.yaml
//	world ...                       acts on DSCO and ShipStation and asks what happened there: see acts
//	exitcode [-under T] N dscosync  runs the program; its exit code has to be N, and it has to end in time
//	terminal WIDTH dscosync ...     runs the program in a terminal, where stdin's lines are typed; stdout is what it showed
//	signal NAME                     sends TERM, INT, KILL, HUP or QUIT to what has run in the background for longest
//	json FILE PATH==VALUE...        compares members of a JSON document: orders.0.status==sent, orders.len==2
//	normal FILE                     prints a file with times, ids of runs, ports and durations replaced by words
//	modes PATH=MODE...              compares permissions
//	turn FILE TEXT                  turns over a bit behind a text, wherever it is in the file
//	receiver [STATUS]               takes what is sent to $HOOK_URL and answers with a status; then prints what came in since
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                "../../testdata/script",
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Setup:              setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sim": startSim, "settings": settings, "world": actOnWorld,
			"signal": signal, "json": compareJSON, "normal": normal, "modes": modes, "turn": turn, "receiver": receiver,
		},
	})
}

func setup(env *testscript.Env) error {
	s := &scene{work: env.WorkDir, personal: map[string]bool{}}
	env.Values[sceneKey{}] = s
	env.Values[mailboxKey{}] = &mailbox{}
	env.Vars = append(env.Vars,
		"HEARD="+s.heard(),
		"DSCOSYNC_CONFIG="+env.WorkDir+"/config.yaml",
		"TZ=UTC",
		"CLIENT_ID="+clientID, "CLIENT_SECRET="+clientSecret, "API_KEY="+apiKey, "API_SECRET="+apiSecret,
		"GORACE="+env.Getenv("GORACE")+" atexit_sleep_ms=0", // else each of many programs sleeps for a second
	)
	t := env.T().(testing.TB)
	env.Defer(func() { s.end(t) })
	return nil
}

// heard is the environment of the process. What is said goes to w too, and into a file for the canaries.
func heard(w io.Writer) cli.Env {
	env := cli.System()
	if path, err := exec.LookPath("dscosync"); err == nil {
		env.Program = path // and not the verb that runs it
	}
	if os.Getenv("HEARD") == "" {
		return env
	}
	f := keep()
	env.Stdout, env.Stderr = io.MultiWriter(env.Stdout, f, w), io.MultiWriter(env.Stderr, f, w)
	return env
}

// keep is the file of what was said in a script.
func keep() *os.File {
	f, err := os.OpenFile(os.Getenv("HEARD"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return f
}

// exitcode is a program: it runs dscosync, and succeeds when that ends with the code it should and shows no trace of
// its insides.
func exitcode() {
	flags := flag.NewFlagSet("exitcode", flag.ExitOnError)
	under := flags.Duration("under", time.Minute, "the program has to end in this time")
	flags.Parse(os.Args[1:])
	want, err := strconv.Atoi(flags.Arg(0))
	if err != nil || flags.Arg(1) != "dscosync" {
		fmt.Fprintln(os.Stderr, "usage: exitcode [-under TIME] CODE dscosync [ARGUMENT...]")
		os.Exit(1)
	}
	var said bytes.Buffer
	began := time.Now()
	code := cli.Main(heard(&said), flags.Args()[2:])
	took := time.Since(began)
	switch {
	case code != want:
		fmt.Fprintf(os.Stderr, "exitcode: it is %d, not %d\n", code, want)
	case took > *under:
		fmt.Fprintf(os.Stderr, "exitcode: it took %v\n", took)
	case strings.Contains(said.String(), "goroutine ") || strings.Contains(said.String(), "internal error"):
		fmt.Fprintln(os.Stderr, "exitcode: it shows its insides")
	default:
		os.Exit(0)
	}
	os.Exit(1)
}
