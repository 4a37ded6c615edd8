package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// site is what the built program has around it as a process of its own: both remotes on loopback ports, its settings and
// its state file.
type site struct {
	t       testing.TB
	world   *sim.World
	program string
	config  string
	state   string
	dsco    *httptest.Server
	ship    *httptest.Server

	ahead  atomic.Int64 // of the clock of the remotes, and of a program that was built for it
	people *sim.People
	env    []string                         // of the program, besides
	travel atomic.Int64                     // in nanoseconds: a call is at most so long on its way there, and so long back
	flying atomic.Int64                     // calls that have come in
	bend   atomic.Pointer[http.HandlerFunc] // answers in a remote's stead, if there is one
}

// built makes the program as it is used, and with the build tag crash, once each.
var built = map[string]func() (string, error){"": builder(""), "crash": builder("crash")}

// workshop is the folder they are built in.
var workshop = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "dscosync-test-")
	if err != nil {
		panic(err)
	}
	return dir
})

func builder(tag string) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		path := filepath.Join(workshop(), "dscosync"+tag)
		cmd := exec.Command("go", "build", "-tags", tag, "-o", path, ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("building dscosync: %w\n%s", err, out)
		}
		return path, nil
	})
}

// newSite has a program with the build tag crash, or as it is used with none.
func newSite(t testing.TB, tag string, o sim.Options, settings string) *site {
	t.Helper()
	if underRace {
		t.Skip("the program is a process of its own, so make test runs this without the race detector")
	}
	program, err := built[tag]()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &site{t: t, program: program, config: filepath.Join(dir, "config.yaml"), state: filepath.Join(dir, "state", "state.db")}
	o.Now = func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }
	o.ClientID, o.ClientSecret, o.APIKey, o.APISecret = clientID, clientSecret, apiKey, apiSecret
	s.world = sim.New(o)
	s.dsco, s.ship = httptest.NewServer(s.road(s.world.DSCO())), httptest.NewServer(s.road(s.world.ShipStation()))
	t.Cleanup(func() {
		for _, server := range []*httptest.Server{s.dsco, s.ship} {
			server.CloseClientConnections()
			server.Close()
		}
	})
	s.configure(s.dsco.URL+"/api/v3", s.ship.URL, settings)
	return s
}

// configure writes the settings; more of them may be given.
func (s *site) configure(dsco, ship, more string) {
	s.t.Helper()
	text := fmt.Sprintf("dsco: {base_url: %q, client_id: %q, client_secret: %q}\nshipstation: {base_url: %q, api_key: %q, api_secret: %q, store_id: 1001, settle: 1ms}\nstate: %q\n%s",
		dsco, clientID, clientSecret, ship, apiKey, apiSecret, s.state, more)
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// road is the way to a remote and back. What has come in is worked on, whoever has died meanwhile.
func (s *site) road(to http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s.flying.Add(1)
		defer s.flying.Add(-1)
		far := time.Duration(s.travel.Load())
		if r.Method == http.MethodPost {
			far *= 4 // what changes something there takes longer than a look
		}
		if far > 0 {
			time.Sleep(rand.N(far))
			defer func() { time.Sleep(rand.N(far)) }()
			r = r.WithContext(context.WithoutCancel(r.Context()))
		}
		if bent := s.bend.Load(); bent != nil {
			r = r.WithContext(context.WithValue(r.Context(), straight{}, to))
			(*bent)(rw, r)
			return
		}
		to.ServeHTTP(rw, r)
	})
}

// land waits until no call of a program that is gone is under way any more.
func (s *site) land() {
	for still := 0; still < 3; still++ {
		time.Sleep(time.Millisecond) // what has just come in is counted by then
		if s.flying.Load() > 0 {
			still = -1
		}
	}
}

// straight is the remote that a bent answer stands for.
type straight struct{}

// later lets time pass for the remotes, and for a program with the build tag crash.
func (s *site) later(d time.Duration) { s.ahead.Add(int64(d)) }

// command is the program with the settings, and with nothing of this process's environment that it heeds.
func (s *site) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.program, args...)
	cmd.Env = []string{"HOME=" + filepath.Dir(s.config), "DSCOSYNC_CONFIG=" + s.config, "TZ=UTC", "CLOCK_AHEAD=" + time.Duration(s.ahead.Load()).String(), "PATH=" + os.Getenv("PATH")}
	cmd.Env = append(cmd.Env, s.env...)
	return cmd
}

// run runs the program to its end.
func (s *site) run(args ...string) (code int, said string) {
	s.t.Helper()
	cmd := s.command(args...)
	out, err := cmd.CombinedOutput()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// must is a run that has to end with the code.
func (s *site) must(code int, args ...string) string {
	s.t.Helper()
	got, said := s.run(args...)
	if got != code {
		s.t.Fatalf("%s: exit status %d, want %d\n%s", strings.Join(args, " "), got, code, said)
	}
	return said
}

// sound checks that a state file is whole: by bbolt's own check of every page, and by reading every row and line.
func sound(path string) (rows []order.Order, err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return nil, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		var all []error
		for err := range tx.Check() {
			all = append(all, err)
		}
		return errors.Join(all...)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, err
	}
	l, err := ledger.Open(path)
	if err != nil {
		return nil, err
	}
	return rows, l.View(func(tx *ledger.Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			rows = append(rows, o)
		}
		for o, err := range tx.Done(time.Time{}) {
			if err != nil {
				return err
			}
			rows = append(rows, o)
		}
		for _, err := range tx.Entries(0, time.Time{}) {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// rows is sound for the state file of the site. Of a schema that only the program has it says that it is sound.
func (s *site) rows() ([]order.Order, error) {
	rows, err := sound(s.state)
	if errors.Is(err, ledger.ErrNewer) {
		s.must(0, "db", "check")
		err = nil
	}
	return rows, err
}

// came checks what everything has come to: the people's orders, the ledger and the laws.
func (s *site) came(p *sim.People) {
	s.t.Helper()
	for _, wrong := range p.Wrong() {
		s.t.Error(wrong)
	}
	rows, err := s.rows()
	if err != nil {
		s.t.Error(err)
	}
	for _, o := range rows {
		n, _ := o.Trouble()
		if o.Intent != nil || o.Held() {
			s.t.Errorf("order %s: in doubt %v, held %t: %s", o.ID, o.Intent, o.Held(), n.Text)
		}
	}
	for _, law := range s.world.Broken() {
		// A run keeps the limits; a test runs the program more often in a second than any crontab does.
		if !strings.Contains(law, "went over the limit") {
			s.t.Error("broken law:", law)
		}
	}
}

// explain logs the whole story of each order that is held.
func (s *site) explain() {
	rows, err := sound(s.state)
	if err != nil {
		s.t.Error(err)
	}
	for _, o := range rows {
		if o.Held() {
			_, said := s.run("show", string(o.ID))
			s.t.Log(said)
		}
	}
}

// seeded is where a test's chances come from: SEED, or always the same one.
func seeded(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(1)
	if given := os.Getenv("SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal("SEED:", err)
		}
	}
	t.Logf("seed %d (another with SEED=n)", seed)
	return seed
}

// times is how often a test does something: as the environment says, as it does in a soak, else few times.
func times(t testing.TB, name string, few int) int {
	t.Helper()
	given := os.Getenv(name)
	if given == "" {
		return few
	}
	n, err := strconv.Atoi(given)
	if err != nil {
		t.Fatal(name+":", err)
	}
	return n
}

// buffer is what a process says, for reading while it runs.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
