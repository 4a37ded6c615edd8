package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// place is a file or folder that dscosync keeps something in.
type place struct {
	noun, path string
	secret     bool // it holds credentials: nobody else may read it
}

// files looks at whose the files are and who else may open them. Of a settings file that others may read the settings
// have told already, as of every file with a secret that is in use.
func (e exam) files(context.Context) []Finding {
	c := e.config
	places := []place{
		{"the settings file", c.Path, true}, {"the encrypted store", c.Secrets.Store, true}, {"the identity", c.Secrets.Identity, true},
		{"the state file", e.state, false}, {"the run lock", e.state + ".lock", false},
	}
	var found []Finding
	others := map[int][]string{} // by their owner
	looked := 0
	for _, p := range places {
		info, err := os.Stat(p.path)
		switch {
		case p.path == "" || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || e.told(p.path):
			continue
		case err == nil && !info.Mode().IsRegular(): // who needs the file says so; a device is not to be shut to others
			continue
		case err != nil:
			found = append(found, Finding{Check: "files", Status: Error, Class: Machine, Message: fmt.Sprintf("%s %s cannot be looked at: %v", p.noun, p.path, reason(err)),
				Why: "a run cannot read it either", Hint: "run it as the user of the crontab, or have the folders above it opened for this user"})
			continue
		}
		looked++
		if f, bad := e.exposed(p, info); bad {
			found = append(found, f)
		}
		if who, ok := owner(info); ok && who != e.uid && !e.credential(p.path) {
			others[who] = append(others[who], p.noun)
		}
	}
	for _, who := range slices.Sorted(maps.Keys(others)) {
		found = append(found, e.strangers(who, others[who]))
	}
	folders := []place{{"the folder of the state file", filepath.Dir(e.state), false}}
	if beside := filepath.Dir(c.Path); c.Path != "" && beside != folders[0].path {
		folders = append(folders, place{"the folder of the settings", beside, false})
	}
	for _, folder := range folders {
		if f, bad := e.open(folder); bad {
			found = append(found, f)
		}
	}
	if f, bad := e.unwritable(filepath.Dir(e.state)); bad {
		found = append(found, f)
	}
	if len(found) > 0 {
		return found
	}
	return []Finding{good("files", "%s, for %s alone", count(looked, "file"), called(e.uid))}
}

// told tells whether the settings have complained about a file.
func (e exam) told(path string) bool {
	for _, m := range e.mistakes {
		if strings.Contains(m.Text, path) {
			return true
		}
	}
	return false
}

func (e exam) exposed(p place, info fs.FileInfo) (Finding, bool) {
	mode := info.Mode().Perm()
	shut := fs.FileMode(0o077)
	if e.credential(p.path) {
		shut = 0o037
	}
	if mode&shut == 0 {
		return Finding{}, false
	}
	f := Finding{Check: "files", Status: Warn, Message: fmt.Sprintf("%s %s has mode %04o: others may open it", p.noun, p.path, mode),
		Why: "it tells them which orders there are", Hint: "chmod 600 " + p.path}
	if p.secret {
		f.Status, f.Class, f.Why = Error, Settings, "whoever reads the credentials can act as you, in both systems"
	}
	return f, true
}

// strangers tells of files that are another user's than the one who looks.
func (e exam) strangers(who int, nouns []string) Finding {
	are := "is"
	if len(nouns) > 1 {
		are = "are"
	}
	return Finding{Check: "files", Status: Warn, Message: fmt.Sprintf("%s %s %s's, and you are %s", strings.Join(nouns, ", "), are, called(who), called(e.uid)),
		Why:  "the user of the crontab may not be able to do what you can, nor you what that user can",
		Hint: "run it as the user of the crontab: sudo -u " + called(who) + " dscosync doctor; or give that user all the files: chown"}
}

// credential tells whether systemd has put a file there: it is root's then, and shows its access control list as the
// rights of a group.
func (e exam) credential(path string) bool {
	folder := variable(e.Settings.Env, "CREDENTIALS_DIRECTORY")
	return folder != "" && filepath.Dir(path) == filepath.Clean(folder)
}

// open tells of a folder that others may write to: they can put another file in the place of the one that is there.
func (e exam) open(p place) (Finding, bool) {
	info, err := os.Stat(p.path)
	if err != nil || info.Mode().Perm()&0o022 == 0 || info.Mode()&fs.ModeSticky != 0 {
		return Finding{}, false
	}
	return Finding{Check: "files", Status: Warn, Message: fmt.Sprintf("%s %s has mode %04o: others may write to it", p.noun, p.path, info.Mode().Perm()),
		Why: "they can put a file of their own in the place of yours", Hint: "chmod go-w " + p.path}, true
}

func (e exam) unwritable(folder string) (Finding, bool) {
	const toWrite = 2
	err := syscall.Access(folder, toWrite)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) { // the first run makes it, or says what is wrong
		return Finding{}, false
	}
	return Finding{Check: "files", Status: Error, Class: Machine, Message: fmt.Sprintf("the folder of the state file %s cannot be written to: %v", folder, err),
		Why: "what a run cannot record, it does not do", Hint: "run it as the user that owns the folder, or name another file: state in the settings"}, true
}

func owner(info fs.FileInfo) (int, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}

// called is a user's name, else the number.
func called(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return u.Username
	}
	return strconv.Itoa(uid)
}

// reason leaves the path out of an error, which names it already.
func reason(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return err
}

func variable(env []string, name string) string {
	value := ""
	for _, kv := range env {
		if rest, ok := strings.CutPrefix(kv, name+"="); ok {
			value = rest
		}
	}
	return value
}
