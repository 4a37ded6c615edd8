package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/report"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "write, check and show the settings",
		Example: "  dscosync config init\n  dscosync config validate\n  dscosync config show",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.initCommand(), &cobra.Command{
		Use:     "validate",
		Short:   "check the settings and tell every mistake at once; no remote is asked",
		Example: "  dscosync config validate\n  dscosync config validate --config ./config.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load(false)
			if a.json {
				return cmp.Or(a.writeMistakes(c, err), err)
			}
			if err == nil && !a.quiet {
				fmt.Fprintf(a.Stderr, "dscosync: the settings are right: %s\n", origin(c))
			}
			return err
		},
	}, &cobra.Command{
		Use:     "show [KEY...]",
		Short:   "the settings as they apply now, each with where it comes from; secrets are redacted",
		Example: "  dscosync config show\n  dscosync config show sync.lookback state",
		Args: func(_ *cobra.Command, args []string) error {
			for _, name := range args {
				if !slices.Contains(config.Keys(), name) {
					return &usage{text: fmt.Sprintf("there is no setting %q", name), hint: cmp.Or(didYouMean(name, config.Keys()), "dscosync config show lists them all")}
				}
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			rest := slices.DeleteFunc(config.Keys(), func(name string) bool { return slices.Contains(args, name) || !strings.HasPrefix(name, begun) })
			return rest, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := a.load(false)
			if a.json {
				fault := report.WriteDocument(a.Stdout, some(c, args))
				return cmp.Or(err, fault)
			}
			text := c.Show()
			if len(args) > 0 {
				text = ""
			}
			for _, name := range args {
				line, _ := c.Line(name)
				text += line + "\n"
			}
			_, fault := fmt.Fprint(a.Stdout, text)
			return cmp.Or(err, fault)
		},
	})
	return cmd
}

// writeMistakes tells all that is wrong with the settings as JSON; beside it stderr has it as ever.
func (a *app) writeMistakes(c config.Config, err error) error {
	type mistake struct {
		Key     string      `json:"key"`
		Message string      `json:"message"`
		Hint    report.Text `json:"hint"`
	}
	var told config.Mistakes
	if err != nil && !errors.As(err, &told) {
		return nil // it was not read to its end
	}
	list := []mistake{}
	for _, m := range told {
		list = append(list, mistake{m.Key, m.Text, report.Text(m.Hint)})
	}
	return report.WriteDocument(a.Stdout, map[string]any{"settings": report.Text(c.Path), "mistakes": list})
}

// some is the settings of the names, all of them when none is named.
func some(c config.Config, names []string) any {
	if len(names) == 0 {
		return c
	}
	part := map[string]json.RawMessage{}
	for _, name := range names {
		part[name], _ = c.JSON(name)
	}
	return part
}

func origin(c config.Config) string {
	if c.Path == "" {
		return "all from the environment"
	}
	return c.Path
}
