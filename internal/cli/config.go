package cli

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "write, check and show the settings",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.initCommand(), &cobra.Command{
		Use:   "validate",
		Short: "check the settings and tell every mistake at once; no remote is asked",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load(false)
			if err == nil && !a.quiet {
				fmt.Fprintf(a.Stderr, "dscosync: the settings are right: %s\n", origin(c))
			}
			return err
		},
	}, &cobra.Command{
		Use:   "show",
		Short: "the settings as they apply now, each with where it comes from; secrets are redacted",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load(false)
			if a.json {
				text, fault := json.MarshalIndent(c, "", "  ")
				if fault != nil {
					return fault
				}
				_, fault = fmt.Fprintln(a.Stdout, string(text))
				return cmp.Or(err, fault)
			}
			_, fault := fmt.Fprint(a.Stdout, c.Show())
			return cmp.Or(err, fault)
		},
	})
	return cmd
}

func origin(c config.Config) string {
	if c.Path == "" {
		return "all from the environment"
	}
	return c.Path
}
