// Package doctor looks at everything an order depends on, and says what is wrong, why it matters and how to mend it.
//
// It changes nothing, neither there nor here: it takes no lock, makes no file and sends no write. Each check stands by
// itself and is given up after a time, so that a set-up of which half is broken still gets an answer about the rest.
package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/shipstation"
	"dscosync/internal/stage"
)

// Status is how serious a finding is.
type Status string

// A warning is for a person who looks anyway; an error keeps orders from their way, or soon will.
const (
	OK      Status = "ok"
	Warn    Status = "warn"
	Error   Status = "error"
	Skipped Status = "skipped" // what it needs is itself not in order
)

// Class says who or what an error has to do with.
type Class uint8

// The classes that the exit codes of a run have, too.
const (
	None        Class = iota
	Machine           // the disk, the state file, the clock
	Settings          // what stands in the settings
	Credentials       // a remote refused them
	Person            // orders wait for one
	Later             // a remote is not available, or another run holds the lock
)

// Finding is what a check found. Texts may hold words of a remote and are to be escaped before they are shown.
type Finding struct {
	Check   string // the check, and what it is about: dsco.login
	Status  Status
	Class   Class  // of an error
	Message string // what was found
	Why     string // why it matters; empty when all is well
	Hint    string // the command or the setting that mends it; empty when all is well
}

// Doctor has what the checks need. Its functions may be called by several goroutines.
type Doctor struct {
	Settings    config.Options
	Place       func(state string) (string, error) // where a state file really is
	DSCO        func(config.Config, http.RoundTripper) *dsco.Client
	ShipStation func(config.Config, http.RoundTripper) *shipstation.Client
	Carriers    func(config.Config) stage.Carriers
	Now         func() time.Time
	Log         *slog.Logger
	Progress    func(check string) // for a person at a terminal; may be nil
	Offline     bool               // the remotes are not asked
	Longest     time.Duration      // how long a run takes at most

	// What tests put in the place of the machine.
	uid     int
	limit   time.Duration // of one check
	glance  time.Duration // at the finished orders
	statfs  func(folder string) (disk, error)
	resolve func(ctx context.Context, host string) ([]string, error)
	proxy   func(*http.Request) (*url.URL, error)
	roots   *x509.CertPool // nil: the machine's
	wire    http.RoundTripper
}

const (
	patience = 10 * time.Second // with one check
	grace    = 2 * time.Second  // for one that was told to end
)

// exam is one examination. Checks get a copy of it: one that was given up may go on reading while others are made.
type exam struct {
	*Doctor
	config   config.Config
	mistakes config.Mistakes
	findings []Finding
	state    string // the state file by its own path; empty when that is not known
}

// Examine makes all checks, in the order in which one depends on another.
func (d Doctor) Examine(ctx context.Context) []Finding {
	e := exam{Doctor: d.complete()}
	e.settings(ctx)
	if e.state != "" {
		e.check(ctx, "files", Machine, e.files)
		e.check(ctx, "disk", Machine, e.disk)
		e.check(ctx, "lock", Machine, e.lock)
	} else {
		e.skip("settings", "files", "disk", "lock")
	}
	e.check(ctx, "timezone", Machine, e.timezone)
	if !d.Offline {
		e.dsco(ctx)
		e.shipStation(ctx)
	}
	e.ledger(ctx)
	return e.findings
}

// complete puts the machine in the place of what no test has set.
func (d Doctor) complete() *Doctor {
	if d.uid == 0 {
		d.uid = os.Geteuid()
	}
	if d.limit == 0 {
		d.limit = patience
	}
	if d.glance == 0 {
		d.glance = glance
	}
	if d.statfs == nil {
		d.statfs = statfs
	}
	if d.resolve == nil {
		d.resolve = net.DefaultResolver.LookupHost
	}
	if d.proxy == nil {
		d.proxy = http.ProxyFromEnvironment
	}
	return &d
}

// check makes a check and tells whether nothing stands in the way of those that depend on it.
func (e *exam) check(ctx context.Context, name string, class Class, look func(context.Context) []Finding) bool {
	e.progress(name)
	found, err := bounded(ctx, e.limit, look)
	if err != nil {
		found = []Finding{gaveUp(name, class, err)}
	}
	return e.add(found...)
}

func (e *exam) add(found ...Finding) (well bool) {
	well = true
	for _, f := range found {
		well = well && f.Status != Error
	}
	e.findings = append(e.findings, found...)
	return well
}

// skip notes checks that cannot be made before another one ends well.
func (e *exam) skip(needed string, names ...string) {
	reason := "not looked at before this is in order: " + needed
	for _, f := range e.findings {
		if f.Check == needed && f.Status == Skipped {
			reason = f.Message // what is to be mended first
		}
	}
	for _, name := range names {
		e.add(Finding{Check: name, Status: Skipped, Message: reason})
	}
}

// skipped tells whether a check was not made.
func (e *exam) skipped(name string) bool {
	return slices.ContainsFunc(e.findings, func(f Finding) bool { return f.Check == name && f.Status == Skipped })
}

func (e *exam) progress(name string) {
	if e.Progress != nil {
		e.Progress(name)
	}
}

// bounded gives a look its time. A look that does not end then, because a disk or a server hangs, is left behind.
func bounded[T any](ctx context.Context, limit time.Duration, look func(context.Context) T) (found T, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type outcome struct {
		found T
		err   error
	}
	ended := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if p := recover(); p != nil { // in a goroutine of its own nobody else could catch it
				o.err = fmt.Errorf("internal error: %v", p)
			}
			ended <- o
		}()
		o.found = look(ctx)
	}()
	select {
	case o := <-ended:
		return o.found, o.err
	case <-ctx.Done():
	}
	select { // what minds its context has an answer now
	case o := <-ended:
		return o.found, o.err
	case <-time.After(min(grace, limit)):
		return found, fmt.Errorf("no answer within %s", limit)
	}
}

func gaveUp(name string, class Class, err error) Finding {
	return Finding{Check: name, Status: Error, Class: class, Message: err.Error(),
		Why: "what a check waits for, a run waits for too", Hint: "run it again; when it stays so, see whether a disk or the network hangs"}
}

func good(name, format string, args ...any) Finding {
	return Finding{Check: name, Status: OK, Message: fmt.Sprintf(format, args...)}
}

// hinted is the way out that an error itself knows, else the other one.
func hinted(err error, otherwise string) string {
	var knows interface{ Hint() string }
	if errors.As(err, &knows) && knows.Hint() != "" {
		return knows.Hint()
	}
	return otherwise
}

// some names the first of many.
func some(ids []order.ID) string {
	const most = 5
	names := make([]string, 0, most)
	for _, id := range ids[:min(len(ids), most)] {
		names = append(names, string(id))
	}
	text := strings.Join(names, ", ")
	if more := len(ids) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// span is a time as people say it: 12s, 3m, 5h, 4d.
func span(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}
