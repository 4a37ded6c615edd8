package cli

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// page is how wide the help is: that of a terminal nobody made wider, so that it also reads well in a mail.
const page = 80

// shelves are the commands as the help puts them together; what is on none stands last.
var shelves = []struct {
	title string
	names []string
}{
	{"The work", []string{"sync", "pull", "push-tracking", "cancel-sync"}},
	{"To see what is", []string{"status", "show", "logs", "doctor", "scorecard", "carriers"}},
	{"For orders that wait for a person", []string{"retry", "dismiss"}},
	{"Setting up and care", []string{"config", "secret", "db"}},
}

// help writes the help of a command: what it does, how it is called, an example, its flags, its exit status.
func (a *app) help(cmd *cobra.Command, _ []string) {
	text, exits, _ := strings.Cut(cmd.Long, "\nExit status:")
	if text == "" {
		text = cmd.Short
	}
	if exits == "" {
		_, exits, _ = strings.Cut(exitHelp, "\nExit status:")
	}
	var b strings.Builder
	b.WriteString(paragraphs(text))
	if cmd.HasAvailableSubCommands() { // without one it shows this help
		b.WriteString("\nUsage:\n  " + cmd.CommandPath() + " COMMAND [flags]\n")
		commands(&b, cmd)
	} else {
		b.WriteString("\nUsage:\n  " + cmd.UseLine() + "\n")
	}
	if cmd.Example != "" {
		b.WriteString("\nExamples:\n" + strings.Trim(cmd.Example, "\n") + "\n")
	}
	if flags := cmd.LocalNonPersistentFlags(); flags.HasAvailableFlags() {
		usages := strings.ReplaceAll(flags.FlagUsagesWrapped(page), `[="`+unsaid+`"]`, "      ") // the columns stay
		b.WriteString("\nFlags:\n" + usages)
	}
	every := cmd.InheritedFlags()
	if !cmd.HasParent() {
		every = cmd.PersistentFlags()
	}
	if every.HasAvailableFlags() {
		b.WriteString("\nFlags of every command:\n" + every.FlagUsagesWrapped(page))
	}
	b.WriteString("\nExit status:\n" + paragraphs(strings.Trim(exits, "\n")))
	io.WriteString(cmd.OutOrStdout(), b.String()) // which remembers its error: see sink
}

// commands lists what stands below a command.
func commands(b *strings.Builder, cmd *cobra.Command) {
	var rest []*cobra.Command
	wide := 0
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			rest, wide = append(rest, sub), max(wide, len(sub.Name()))
		}
	}
	list := func(title string, subs []*cobra.Command) {
		if len(subs) == 0 {
			return
		}
		fmt.Fprintf(b, "\n%s:\n", title)
		for _, sub := range subs {
			b.WriteString(fold(fmt.Sprintf("  %-*s  %s", wide, sub.Name(), sub.Short)))
		}
	}
	if cmd.HasParent() {
		list("Commands", rest)
		return
	}
	for _, shelf := range shelves {
		var here []*cobra.Command
		for _, name := range shelf.names {
			if i := slices.IndexFunc(rest, func(c *cobra.Command) bool { return c.Name() == name }); i >= 0 {
				here = append(here, rest[i])
				rest = slices.Delete(rest, i, i+1)
			}
		}
		list(shelf.title, here)
	}
	list("More", rest)
}

// paragraphs sets a text anew to the width of the page. Lines that are indented stay lines of their own.
func paragraphs(text string) string {
	var b strings.Builder
	open := ""
	end := func() {
		if open != "" {
			b.WriteString(fold(open))
		}
		open = ""
	}
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "":
			end()
			b.WriteString("\n")
		case line[0] == ' ' || line[0] == '\t':
			end()
			b.WriteString(fold(line))
		case open == "":
			open = line
		default:
			open += " " + line
		}
	}
	end()
	return b.String()
}

// entry is a line of a list: a name, and what is said of it.
var entry = regexp.MustCompile(`^ +\S+ {2,}`)

// fold breaks a line that is wider than the page. The rest stands below its beginning, in a list below what is said.
func fold(line string) string {
	margin := strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " ")))
	if name := entry.FindString(line); name != "" {
		margin = strings.Repeat(" ", len(name))
	}
	var b strings.Builder
	for utf8.RuneCountInString(line) > page {
		at := strings.LastIndexByte(string([]rune(line)[:page+1]), ' ')
		if at <= len(margin) { // a word without an end, such as an address
			break
		}
		b.WriteString(strings.TrimRight(line[:at], " ") + "\n")
		line = margin + strings.TrimLeft(line[at:], " ")
	}
	return b.String() + line + "\n"
}

// sink is stdout for what cobra prints, which lets no error through.
type sink struct {
	out io.Writer
	err error // the first
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.out.Write(p)
	if s.err == nil {
		s.err = err
	}
	return n, err
}

// helpCommand is `dscosync help COMMAND`. Cobra's own takes any word for a command.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "the help of a command",
		Example: "  dscosync help status",
		Args: func(cmd *cobra.Command, args []string) error {
			at, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 && at.HasAvailableSubCommands() {
				return &usage{text: fmt.Sprintf("there is no command %q", strings.Join(args, " ")), hint: nearest(at, rest)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			at, _, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			at.InitDefaultHelpFlag()
			return at.Help()
		},
	}
}
