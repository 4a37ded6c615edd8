package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"dscosync/internal/config"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man [FOLDER]",
		Short: "the manual page, or the pages of all commands as files in a folder",
		Long: "Prints the manual page dscosync(1), for `dscosync man | man -l -`. With a folder, it writes the pages of all commands\n" +
			"there.\n" + exitHelp,
		Example: "  dscosync man /usr/local/share/man/man1",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.InitDefaultHelpFlag()
			if len(args) == 0 {
				return a.manual(a.Stdout, root)
			}
			return a.manuals(args[0], root)
		},
	}
}

// manuals writes the page of a command and those below it.
func (a *app) manuals(folder string, cmd *cobra.Command) error {
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			if err := a.manuals(folder, sub); err != nil {
				return err
			}
		}
	}
	var page bytes.Buffer
	if err := a.manual(&page, cmd); err != nil {
		return err
	}
	path := filepath.Join(folder, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1")
	if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
		return &hinted{err, "name a folder that is there and may be written to"}
	}
	return nil
}

// manual writes a command's page. What help tells of the exit status becomes a section of its own.
func (a *app) manual(w io.Writer, cmd *cobra.Command) error {
	long := cmd.Long
	defer func() { cmd.Long = long }()
	said, _, exits := strings.Cut(long, exitHelp)
	cmd.Long = strings.TrimSpace(said)
	cmd.DisableAutoGenTag = true
	var page bytes.Buffer
	head := &doc.GenManHeader{Title: strings.ToUpper(strings.ReplaceAll(cmd.CommandPath(), " ", "-")), Section: "1",
		Source: "dscosync " + version(), Manual: "dscosync", Date: a.written()}
	if err := doc.GenMan(cmd, head, &page); err != nil {
		return err
	}
	text, see, more := strings.Cut(page.String(), "\n.SH SEE ALSO")
	if !cmd.HasParent() {
		text += commandManual(cmd) + files
	}
	if exits {
		text += exitManual()
	}
	if more {
		text += "\n.SH SEE ALSO" + see
	}
	_, err := io.WriteString(w, strings.TrimRight(text, "\n")+"\n")
	return err
}

// written is the date of the pages. SOURCE_DATE_EPOCH gives it to builds that are to be the same every time: see
// https://reproducible-builds.org/specs/source-date-epoch/ .
func (a *app) written() *time.Time {
	date := a.Now()
	var seconds int64
	if _, err := fmt.Sscan(a.lookup("SOURCE_DATE_EPOCH"), &seconds); err == nil {
		date = time.Unix(seconds, 0).UTC()
	}
	return &date
}

// commandManual lists the commands, those below others included.
func commandManual(root *cobra.Command) string {
	text := "\n.SH COMMANDS\n"
	var list func(*cobra.Command)
	list = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			switch {
			case !sub.IsAvailableCommand():
			case sub.HasAvailableSubCommands() && sub.Name() != "completion":
				list(sub)
			default:
				text += ".TP\n\\fB" + dashes(sub.CommandPath()) + "\\fP\n" + dashes(sub.Short) + "\n"
			}
		}
	}
	list(root)
	return text
}

// dashes has roff print a - as what it is, and not as a hyphen that nobody can copy.
func dashes(text string) string { return strings.ReplaceAll(text, "-", `\-`) }

// exitManual is what help tells of the exit status.
func exitManual() string {
	text := "\n.SH EXIT STATUS\n"
	for line := range strings.Lines(exitHelp) {
		code, means, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && strings.Trim(code, "0123456789") == "" {
			text += ".TP\n\\fB" + code + "\\fP\n" + dashes(strings.TrimSpace(means)) + "\n"
		}
	}
	return text
}

const files = `
.SH FILES
.TP
` + config.System + `
The settings of the machine. Before it come the file of \fB\-\-config\fP, that of \fB$DSCOSYNC_CONFIG\fP, and the
user's own \fI$XDG_CONFIG_HOME/dscosync/config.yaml\fP.
.TP
secrets.age
Beside the settings: what \fBdscosync secret set\fP stored, encrypted.
.TP
/var/lib/dscosync/state.db, identity.txt
What dscosync has to remember, and what decrypts the secrets.
.SH ENVIRONMENT
Each setting has a variable that goes before the settings file: \fBDSCOSYNC_SYNC_LOOKBACK\fP for sync.lookback.
\fBNO_COLOR\fP takes colours away. \fBCREDENTIALS_DIRECTORY\fP, set by systemd, may hold the secrets and the
identity under the names of their keys.
`
