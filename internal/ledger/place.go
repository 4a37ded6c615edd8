package ledger

import (
	"errors"
	"fmt"
	"io/fs"
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

// ordinary refuses what is no file in the place of a lock: to open a pipe is to wait for ever.
func ordinary(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() { // one that is not there is made
		return nil
	}
	return &problem{text: path + " is not a regular file", hint: "move it away: dscosync makes it anew"}
}

// absent tells that nothing has this name, not even a link that leads nowhere.
func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// inherit gives a new file the owner of the file whose place it takes, or of its folder: root may put back what belongs
// to the user of the crontab, or be the first to run. Of a link it changes the link alone.
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
