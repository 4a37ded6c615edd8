package cli

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"dscosync/configs"
	"dscosync/internal/config"
)

// machine is what the crontab line and the units depend on.
type machine struct {
	program, settings string // absolute paths
	folder            string // of the state file
	user, group       string // whose settings they are
}

func thisMachine(c config.Config) (machine, error) {
	program, err := os.Executable()
	if err != nil {
		return machine{}, err
	}
	m := machine{program: program, settings: c.Path, folder: filepath.Dir(c.State), user: configs.User, group: configs.User}
	info, err := os.Stat(c.Path)
	if err != nil {
		return m, err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		m.user, m.group = strconv.Itoa(int(stat.Uid)), strconv.Itoa(int(stat.Gid))
		if u, err := user.LookupId(m.user); err == nil {
			m.user = u.Username
		}
		if g, err := user.LookupGroupId(m.group); err == nil {
			m.group = g.Name
		}
	}
	return m, nil
}

// typed is how the program is called in a shell: by its name alone where PATH has it.
func (m machine) typed() string {
	if _, err := exec.LookPath("dscosync"); err == nil {
		return "dscosync"
	}
	return m.program
}

// crontab is the line for the user's crontab.
func (m machine) crontab() string {
	for line := range strings.Lines(configs.Crontab) {
		if line[0] == '#' || !strings.Contains(line, configs.Program) {
			continue
		}
		return strings.NewReplacer(configs.Program, cronWord(m.program), configs.Settings, cronWord(m.settings)).Replace(line)
	}
	return ""
}

// service is dscosync.service for this machine, without the words on how to set it up.
func (m machine) service() string {
	changes := []string{
		configs.Program, unitWord(m.program), configs.Settings, unitWord(m.settings),
		"User=" + configs.User, "User=" + m.user, "Group=" + configs.User, "Group=" + m.group,
	}
	if m.folder != configs.Folder {
		changes = append(changes, "StateDirectory="+filepath.Base(configs.Folder)+"\nStateDirectoryMode=0700", "ReadWritePaths="+unitWord(m.folder),
			"# "+configs.Folder+",", "# "+m.folder+",")
	}
	if m.below("/home", "/root", "/run/user") {
		changes = append(changes, "ProtectHome=yes", "ProtectHome=read-only")
	}
	if m.below("/tmp", "/var/tmp") {
		changes = append(changes, "PrivateTmp=yes", "PrivateTmp=no")
	}
	return strings.NewReplacer(changes...).Replace(configs.Service[strings.Index(configs.Service, "[Unit]"):])
}

// timer is dscosync.timer, which is the same everywhere.
func (m machine) timer() string {
	return configs.Timer[strings.Index(configs.Timer, "[Unit]"):]
}

// below tells whether anything the service needs is in one of these folders.
func (m machine) below(folders ...string) bool {
	for _, path := range []string{m.program, m.settings, m.folder} {
		for _, folder := range folders {
			if path == folder || strings.HasPrefix(path, folder+"/") {
				return true
			}
		}
	}
	return false
}

// plainWord needs no quotes anywhere.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9/._+@:-]+$`)

// cronWord is a word of a crontab's command, where % is a line end unless it is escaped.
func cronWord(path string) string {
	if plainWord.MatchString(path) {
		return path
	}
	return strings.ReplaceAll("'"+strings.ReplaceAll(path, "'", `'\''`)+"'", "%", `\%`)
}

// unitWord is a word of a unit, where % and $ have a meaning.
func unitWord(path string) string {
	if plainWord.MatchString(path) {
		return path
	}
	return `"` + strings.NewReplacer("%", "%%", "$", "$$", `\`, `\\`, `"`, `\"`).Replace(path) + `"`
}
