package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// strayLink is a link on the way to the state file that leads nowhere: most likely a disk is not mounted. Beginning a
// new state file there would be a mistake.
type strayLink struct {
	state, link, target string
}

func (e *strayLink) Error() string {
	if e.link == e.state {
		return fmt.Sprintf("the state file %s is a link to %s, which is missing", e.state, e.target)
	}
	return fmt.Sprintf("the state file %s is below %s, a link to %s, which is missing", e.state, e.link, e.target)
}

// Hint says how to go on.
func (e *strayLink) Hint() string {
	return "mount the disk it is on, or put it back there; to use another state file, delete the link or name the file with --state"
}

// place is where the state file really is. The run lock lies beside it, so that all names of one file share it.
func place(state string) (string, error) {
	for path := state; ; path = filepath.Dir(path) {
		whole, err := filepath.EvalSymlinks(path)
		switch {
		case err == nil:
			rest, err := filepath.Rel(path, state)
			return filepath.Join(whole, rest), err
		case !errors.Is(err, fs.ErrNotExist), path == filepath.Dir(path):
			return state, nil // the ledger says what is wrong with it
		}
		if _, err := os.Readlink(path); err == nil {
			return "", &strayLink{state, path, end(path)}
		}
	}
}

// end is what a chain of links leads to. It is known not to be a ring.
func end(path string) string {
	for {
		target, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
}
