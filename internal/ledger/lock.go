package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"dscosync/internal/crash"
)

// Holder is who has the run lock, as it stands in the lock's file.
type Holder struct {
	PID     int       `json:"pid,omitempty"`     // filled in by Lock; 0: nobody
	Host    string    `json:"host,omitempty"`    // filled in by Lock
	Stage   string    `json:"stage,omitempty"`   // what it runs
	Run     string    `json:"run,omitempty"`     // id of the run
	Started time.Time `json:"started,omitzero"`  // of the run
	Ledger  bool      `json:"ledger,omitempty"`  // there is or was a ledger; filled in by Lock and Create
	Version int       `json:"version,omitempty"` // of the ledger when the last run ended; filled in by Lock and Unlock
}

// RunLock is the right to work on a ledger's orders.
type RunLock struct {
	// Version is the ledger's when the last run that was not cut off ended. A ledger with a lower one is an older copy
	// that was put back.
	Version int

	file *flock.Flock
	path string // of the ledger
}

// HeldError says that another run has the lock.
type HeldError struct {
	Holder Holder        // its zero value when the lock's file does not tell
	Path   string        // of the lock's file
	Age    time.Duration // of the holder's run
}

// Lock takes the run lock of the ledger at the path, trying every 20 ms for as long as wait. It fails with *HeldError
// when another run has it to the end. The holder h tells of this run. The lock goes with the process, however it dies;
// its file stays.
func Lock(ctx context.Context, path string, wait time.Duration, h Holder) (*RunLock, error) {
	if err := prepare(path); err != nil {
		return nil, err
	}
	l := &RunLock{file: flock.New(path+".lock", flock.SetPermissions(0o600)), path: path}
	if err := ordinary(l.file.Path()); err != nil {
		return nil, err
	}
	begun := time.Now()
	for {
		pause := 20 * time.Millisecond
		ok, err := l.try()
		waited := time.Since(begun)
		switch {
		case err != nil:
			return nil, trouble("the run lock cannot be taken", err)
		case ok:
			share(l.file.Path(), path)
			if err := l.sign(h); err != nil {
				return l, err
			}
			held.Store(path, l)
			crash.Point("after the run lock")
			return l, nil
		case waited >= wait:
			other := read(l.file.Path())
			if other.lives() || waited >= wait+signing {
				return nil, &HeldError{Holder: other, Path: l.file.Path(), Age: h.Started.Add(waited).Sub(other.Started)}
			}
			pause = time.Millisecond
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the run lock %s: %w", l.file.Path(), context.Cause(ctx))
		case <-time.After(min(pause, max(wait-waited, time.Millisecond))):
		}
	}
}

// signing is how long a run may take from having the lock to having written that in the file, which until then tells of
// nobody, or of a run that was killed.
const signing = 100 * time.Millisecond

// lives tells whether the holder is a process that may well be there.
func (h Holder) lives() bool {
	if here, err := os.Hostname(); err != nil || h.Host != here {
		return h.PID != 0
	}
	return h.PID != 0 && !errors.Is(syscall.Kill(h.PID, 0), syscall.ESRCH)
}

// Unlock lets the next run in.
func (l *RunLock) Unlock() error {
	crash.Point("before the run lock is given back")
	held.Delete(l.path)
	if err := l.lost(); err != nil { // what stands there is another run's
		return errors.Join(err, l.file.Unlock())
	}
	return errors.Join(write(l.file.Path(), Holder{Ledger: l.known(), Version: l.Version}), l.file.Unlock())
}

// held are the run locks of this process, by the path of the ledger.
var held sync.Map

// lost is an error when this process had the run lock of a ledger and its file was taken away: another run may be at work
// then, so nothing is to be committed or replaced any more. What this run has not recorded the next one looks up.
func lost(path string) error {
	if l, ok := held.Load(path); ok {
		return l.(*RunLock).lost()
	}
	return nil
}

func (l *RunLock) lost() error {
	ours, err := l.file.Stat()
	if err != nil {
		return trouble("the run lock cannot be looked at", err)
	}
	if named, err := os.Stat(l.file.Path()); err == nil && os.SameFile(ours, named) {
		return nil
	}
	return &problem{text: "the run lock " + l.file.Path() + " was removed or replaced while this run had it: it stops, so that no two work at once",
		hint: "leave that file where it is, a killed run leaves no lock; run again: what could not be recorded is looked up, nothing is sent twice"}
}

// try takes the lock if it is free, and if its file is still the one with that name: it may have been deleted while
// we had it open, and somebody else have the new one.
func (l *RunLock) try() (bool, error) {
	if ok, err := l.file.TryLock(); !ok || err != nil {
		return false, err
	}
	ours, err := l.file.Stat()
	if err != nil {
		return false, errors.Join(err, l.file.Unlock())
	}
	if named, err := os.Stat(l.file.Path()); err == nil && os.SameFile(ours, named) {
		return true, nil
	}
	return false, l.file.Unlock()
}

// sign writes who has the lock.
func (l *RunLock) sign(h Holder) error {
	h.PID = os.Getpid()
	h.Host, _ = os.Hostname()
	h.Ledger = l.known()
	l.Version = read(l.file.Path()).Version
	h.Version = l.Version
	if err := write(l.file.Path(), h); err != nil {
		return errors.Join(err, l.file.Unlock())
	}
	return nil
}

// known tells whether there is or was a ledger.
func (l *RunLock) known() bool {
	_, err := os.Stat(l.path)
	return err == nil || read(l.file.Path()).Ledger
}

func (e *HeldError) Error() string {
	var who []string
	h := e.Holder
	if h.PID != 0 {
		pid := fmt.Sprintf("pid %d", h.PID)
		if here, err := os.Hostname(); err != nil || h.Host != here {
			pid += " on " + h.Host
		}
		who = append(who, pid)
	}
	if h.Stage != "" {
		who = append(who, h.Stage)
	}
	if !h.Started.IsZero() {
		layout := "15:04:05"
		if e.Age > 24*time.Hour {
			layout = time.DateTime
		}
		who = append(who, "started "+h.Started.Local().Format(layout), short(e.Age)+" ago")
	}
	if len(who) == 0 {
		return "another dscosync run holds " + e.Path
	}
	return fmt.Sprintf("another dscosync run (%s) holds %s", strings.Join(who, ", "), e.Path)
}

// Hint says how to go on.
func (e *HeldError) Hint() string {
	return "the next run goes on by itself; to wait for the other one longer, use --lock-timeout"
}

// short is a duration as one says it: 12s, 3m, 2h05m.
func short(d time.Duration) string {
	d = max(d, 0)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
}

// width is what a lock's file is padded to. Its text is then replaced in one write, without a moment in which it is
// empty and does not tell of the ledger.
const width = 512

func write(path string, h Holder) error {
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("write the run lock %s: %w", path, err)
	}
	text = append(text, bytes.Repeat([]byte(" "), max(0, width-1-len(text)))...)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return trouble("the run lock cannot be written", err)
	}
	_, err = f.WriteAt(append(text, '\n'), 0)
	if err := errors.Join(err, f.Close()); err != nil {
		return trouble("the run lock cannot be written", err)
	}
	return nil
}

// absurd is more commits than there ever will be. A ledger that was raised above such a number could count no further.
const absurd = 1 << 40

// read is what a lock's file says; nothing when there is none or it makes no sense. It does not need the lock.
func read(path string) Holder {
	var h Holder
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would be waited for
	if err != nil {
		return h
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, width))
	if err != nil || json.Unmarshal(text, &h) != nil || h.Version < 0 || h.Version > absurd {
		return Holder{}
	}
	return h
}

// mark notes beside a new ledger that there is one.
func mark(path string) error {
	h := read(path + ".lock")
	h.Ledger = true
	return write(path+".lock", h)
}
