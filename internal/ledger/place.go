package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// local refuses a network file system: its locks do not hold on every machine that has it, and bbolt maps the file into
// memory, where what another machine writes does not show.
func (l *Ledger) local() error {
	name, err := l.network(filepath.Dir(l.path))
	if err != nil || name == "" { // a folder that is not there is another error
		return nil
	}
	return &problem{text: fmt.Sprintf("%s is on a network file system (%s), where a lock does not keep other machines out", l.called(), name), hint: hintNetwork}
}

// ordinary refuses what is no file in the place of a lock: to open a pipe is to wait for ever, and what a link leads to
// would be written over.
func ordinary(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().IsRegular() { // one that is not there is made
		return nil
	}
	return &problem{text: path + " is not a regular file", hint: "move it away: dscosync makes it anew"}
}

// inherit gives a file the owner of the file whose place it takes, or of its folder: root may make or put back what belongs
// to the user of the crontab. It follows no link, which that user might have put there.
func inherit(path, from string) {
	info, err := os.Stat(from)
	if err != nil {
		info, err = os.Stat(filepath.Dir(from))
	}
	if err != nil {
		return
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok {
		os.Lchown(path, int(owner.Uid), int(owner.Gid)) // as far as one may: for all but root it is theirs already
	}
}

// share gives a lock's file to the owner of the ledger: where root was the first to need it, that user could not open it.
func share(path, ledger string) {
	if os.Geteuid() == 0 && owner(path) == 0 && owner(ledger) != 0 {
		inherit(path, ledger)
	}
}

// owner is whose a file is; -1 when there is none.
func owner(path string) int {
	info, err := os.Lstat(path)
	if err != nil {
		return -1
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1
	}
	return int(stat.Uid)
}
