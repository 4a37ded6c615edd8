package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dscosync/internal/guess"
)

// nearest is the way out of a wrong argument: the command that was probably meant, or the help.
func nearest(cmd *cobra.Command, args []string) string {
	if len(args) > 0 && cmd.HasAvailableSubCommands() {
		var names []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
		near := guess.Nearest(args[0], names)
		for _, name := range names { // stat for status
			if len(near) == 0 && len(args[0]) > 2 && strings.HasPrefix(name, strings.ToLower(args[0])) {
				near = append(near, name)
			}
		}
		for i := range near {
			near[i] = cmd.CommandPath() + " " + near[i]
		}
		if len(near) > 0 {
			return "did you mean: " + strings.Join(near, ", or ")
		}
	}
	return seeHelp(cmd)
}

func seeHelp(cmd *cobra.Command) string { return "see: " + cmd.CommandPath() + " --help" }

// didYouMean is the hint for a word that is none of the names; empty when it is near none of them.
func didYouMean(word string, names []string) string {
	near := guess.Nearest(word, names)
	if len(near) == 0 {
		return ""
	}
	return "did you mean: " + strings.Join(near, ", or ")
}

// flagError is the error of flags that cannot be understood.
func flagError(cmd *cobra.Command, err error) error {
	u := &usage{text: wrongFlag(err), hint: seeHelp(cmd)}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok || unknown.GetSpecifiedShortnames() != "" {
		return u
	}
	name := unknown.GetSpecifiedName()
	var names []string
	collect := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	}
	cmd.Flags().VisitAll(collect)
	cmd.InheritedFlags().VisitAll(collect)
	if hint := didYouMean("--"+name, names); hint != "" {
		u.hint = hint
	} else if takers := taking(cmd.Root(), name); len(takers) > 0 {
		u.hint = "--" + name + " is a flag of: " + strings.Join(takers, ", ")
	}
	return u
}

// taking lists the commands that have a flag.
func taking(cmd *cobra.Command, flag string) (paths []string) {
	if cmd.LocalNonPersistentFlags().Lookup(flag) != nil {
		paths = append(paths, cmd.CommandPath())
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			paths = append(paths, taking(sub, flag)...)
		}
	}
	return paths
}
