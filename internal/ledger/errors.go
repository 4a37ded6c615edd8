package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	bolt "go.etcd.io/bbolt/errors"
)

// Errors of this package that name a way out tell it by a method Hint() string.
var (
	ErrMissing = fmt.Errorf("no state file: %w", fs.ErrNotExist) // there is no ledger yet
	ErrDamaged = errors.New("unusable state file")               // empty, foreign or damaged
	ErrNewer   = errors.New("state file of a newer dscosync")
	ErrOlder   = errors.New("state file of an older dscosync") // Migrate has to come first
	ErrBusy    = errors.New("state file is busy")              // another transaction had it for too long
)

// problem is an error with the way out of it.
type problem struct {
	text, hint string
	err        error
}

func (p *problem) Error() string { return p.text }
func (p *problem) Unwrap() error { return p.err }

// Hint says how to go on.
func (p *problem) Hint() string { return p.hint }

// LostError says that the ledger is gone: it is missing, but a file shows that there was one. Going on as with a new
// one could be a mistake (an unmounted disk, a wrong path), so a person has to say so.
type LostError struct {
	Path  string
	Signs []string // files that show it: the run lock's, backups
}

func (e *LostError) Error() string {
	show := "shows"
	if len(e.Signs) > 1 {
		show = "show"
	}
	return fmt.Sprintf("the state file %s is missing, but %s %s that there was one", e.Path, strings.Join(e.Signs, ", "), show)
}

// Hint says how to go on.
func (e *LostError) Hint() string {
	spare := e.Signs[len(e.Signs)-1]
	if spare == e.Path+".lock" {
		spare = ""
	}
	return "look whether its disk is mounted; else " + ways(e.Path, spare)
}

// ways are the ways out when a ledger is lost or cannot be trusted. Spare is a copy of it for when no backup has a time
// in its name.
func ways(path, spare string) string {
	anew := "make it anew from DSCO and ShipStation: dscosync db rebuild (nothing is sent twice)"
	if b := Backups(path); len(b) > 0 {
		spare = b[0].Path
	}
	if spare == "" {
		return anew
	}
	return "put the newest backup back: dscosync db restore " + spare + "; or " + anew
}

// absent is the error for a missing ledger: whether it is a new one or a lost one shows in what lies beside.
func (l *Ledger) absent() error {
	if l.private {
		return &problem{text: "there is no file " + l.path, hint: "name another file", err: fs.ErrNotExist}
	}
	var signs []string
	if read(l.path + ".lock").Ledger {
		signs = append(signs, l.path+".lock")
	}
	folder, name := filepath.Split(l.path)
	files, err := os.ReadDir(filepath.Clean(folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &problem{text: fmt.Sprintf("the folder of the state file %s cannot be read: %v", l.path, err), hint: hintOwner, err: err}
	}
	for _, f := range files {
		rest, ok := strings.CutPrefix(f.Name(), name)
		if ok && (isBackup(rest) || strings.HasPrefix(rest, ".before-") || strings.HasSuffix(rest, ".bak")) {
			signs = append(signs, filepath.Join(folder, f.Name()))
		}
	}
	if len(signs) > 0 {
		return &LostError{Path: l.path, Signs: signs}
	}
	return &problem{text: "there is no state file " + l.path + " yet", hint: "the first run makes it", err: ErrMissing}
}

const (
	hintOwner = "run dscosync as the user of the crontab, who has to own the state file, what lies beside it and their folder (chown); or name another file with --state"
	hintSpace = "make room on its disk and run again: what could not be recorded is looked up again, nothing is sent twice"

	hintLimit   = "raise the limit of this user or service (ulimit -a shows them) and run again: nothing is sent twice"
	hintNetwork = "keep it on a disk of this machine: name a file there with --state, or in the settings"
)

// unusable is the error for a file that cannot be trusted to be what was written.
func (l *Ledger) unusable(how string, args ...any) error {
	if l.copyOf != nil {
		return l.copyOf.unusable(how, args...)
	}
	hint := "choose another backup; or make the state file anew from DSCO and ShipStation: dscosync db rebuild"
	if !l.private {
		hint = ways(l.path, "")
	}
	return &problem{text: l.called() + " " + fmt.Sprintf(how, args...), hint: hint, err: ErrDamaged}
}

func (l *Ledger) damaged(how string, args ...any) error {
	return l.unusable("is damaged: "+how, args...)
}

// trouble is the error for what the operating system or bbolt refused.
func (l *Ledger) trouble(err error) error {
	return trouble(l.called()+" cannot be used", err)
}

func trouble(what string, err error) error {
	p := &problem{text: what + ": " + err.Error(), err: err}
	switch {
	case errors.Is(err, fs.ErrPermission):
		p.hint = hintOwner
	case errors.Is(err, syscall.EROFS):
		p.hint = "its disk is mounted read-only: have it mounted for writing, or name another file with --state"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, bolt.ErrMaxSizeReached):
		p.hint = hintSpace
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.EFBIG):
		p.hint = hintLimit
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		p.hint = "make its folder, or name a file elsewhere"
	case errors.Is(err, syscall.ELOOP):
		p.hint = "delete the links that lead to each other, or name another file with --state"
	case errors.Is(err, syscall.ENAMETOOLONG):
		p.hint = "give it a shorter name"
	case errors.Is(err, syscall.ENOTEMPTY):
		p.hint = "move that folder away: dscosync makes a file of this name"
	case errors.Is(err, syscall.ENOLCK), errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS):
		p.hint = hintNetwork
	}
	return p
}

// prepare makes the folder of a file, with its last element only: a mistyped path is not to grow a tree.
func prepare(path string) error {
	folder := filepath.Dir(path)
	err := os.Mkdir(folder, 0o700)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &problem{text: "the folder " + filepath.Dir(folder) + " for the state file does not exist", hint: "make it, or name another file with --state", err: err}
	}
	return trouble("the folder of the state file cannot be made", err)
}
