package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"dscosync/internal/ledger"
)

// disk is what is known of the file system that a folder is on.
type disk struct {
	free     uint64 // bytes, for users that are not root
	files    uint64 // that may still be made
	counts   bool   // the file system counts its files
	readOnly bool
	network  string // kind of a network file system whose locks do not hold; empty for none
	shared   string // kind of one that may be another machine's, with locks that may hold; empty for none
}

const (
	scant = 100 << 20 // bytes: a ledger of a few hundred thousand orders, or its backup
	none  = 10 << 20
)

var errUnknown = errors.New("this system does not tell")

// disk looks at the room for the state file.
func (e exam) disk(context.Context) []Finding {
	folder := standing(filepath.Dir(e.state))
	d, err := e.statfs(folder)
	bad := func(status Status, why, hint, format string, args ...any) []Finding {
		f := Finding{Check: "disk", Status: status, Message: fmt.Sprintf(format, args...), Why: why, Hint: hint}
		if status == Error {
			f.Class = Machine
		}
		return []Finding{f}
	}
	const stop = "what a run cannot record, it does not do: it ends with 1, and orders stay where they are"
	room := fmt.Sprintf("make room on the disk of %s, or name a file on another one: state in the settings", folder)
	switch mib := d.free >> 20; {
	case errors.Is(err, errUnknown):
		return []Finding{{Check: "disk", Status: Skipped, Message: err.Error()}}
	case err != nil:
		return bad(Error, stop, "see that its disk is mounted, or name another file: state in the settings", "the disk of %s cannot be looked at: %v", folder, reason(err))
	case d.network != "":
		return bad(Error, "a lock does not keep other machines out there: two runs at a time would do everything twice",
			"name a file on a local disk: state in the settings", "%s is on a network file system (%s)", folder, d.network)
	case d.readOnly:
		return bad(Error, stop, "have it mounted for writing, or name a file on another disk: state in the settings", "the disk of %s is mounted read-only", folder)
	case d.free < none:
		return bad(Error, stop, room, "the disk of %s is full: %d MB are left", folder, mib)
	case d.counts && d.files < 100:
		return bad(Error, stop, room, "the disk of %s takes no more files: %d are left", folder, d.files)
	case d.free < scant:
		return bad(Warn, "a full disk stops all runs", room, "the disk of %s is nearly full: %d MB are left", folder, mib)
	case d.shared != "":
		return bad(Warn, "should it be another machine's, a lock may not keep that one out", "name a file on a local disk: state in the settings",
			"%s may be on another machine's disk (%s)", folder, d.shared)
	case mib < 10<<10:
		return []Finding{good("disk", "%d MB are left for %s", mib, folder)}
	default:
		return []Finding{good("disk", "%d GB are left for %s", mib>>10, folder)}
	}
}

// standing is the folder, or the nearest above it that there is.
func standing(folder string) string {
	for {
		_, err := os.Stat(folder)
		if up := filepath.Dir(folder); up != folder && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
			folder = up
			continue
		}
		return folder
	}
}

// lock looks at who works on the state file.
func (e exam) lock(context.Context) []Finding {
	h, running := ledger.Running(e.state)
	age := e.Now().Sub(h.Started)
	switch {
	case h.PID == 0:
		return []Finding{good("lock", "no run is at work")}
	case !running:
		return []Finding{{Check: "lock", Status: Warn, Message: fmt.Sprintf("a run was cut off: %s (pid %d), begun %s ago", h.Stage, h.PID, span(age)),
			Why: "what it had begun is in doubt until the next run has looked", Hint: "nothing to do if it was killed on purpose: the next run goes on from what is recorded; else see the system's log for that time"}}
	case e.Longest > 0 && age > 2*e.Longest:
		return []Finding{{Check: "lock", Status: Error, Class: Later, Message: fmt.Sprintf("a run holds the lock for %s: %s (pid %d on %s)", span(age), h.Stage, h.PID, h.Host),
			Why: "no other run can begin, and one ends by itself after --max-runtime", Hint: fmt.Sprintf("see what it does: ps -fp %d; end it: kill %[1]d, which loses nothing", h.PID)}}
	}
	return []Finding{good("lock", "a run is at work: %s (pid %d), for %s", h.Stage, h.PID, span(age))}
}
