package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dscosync/internal/escape"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
)

// offered is how many order ids a shell is given at most: nobody reads more, and the shell would ask before it shows them.
const offered = 100

// completeOrders offers the ids of open orders, of the state file alone: while somebody types no remote is asked. most is
// how many a command line takes, below 0 any number.
func (a *app) completeOrders(keep func(order.Order) bool, most int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if most >= 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		c, err := a.settings(true)
		if err != nil { // whatever is wrong, the command itself will say it
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		l, err := ledger.Open(c.State)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var ids []cobra.Completion
		l.View(func(tx *ledger.Tx) error {
			for o, err := range tx.Open() {
				if err != nil || len(ids) == offered {
					return err
				}
				id := string(o.ID)
				if strings.HasPrefix(id, begun) && !slices.Contains(args, id) && escape.Text(id) == id && keep(o) {
					ids = append(ids, cobra.CompletionWithDesc(id, escape.Text(strings.TrimSpace(o.PO+" "+report.StatusOf(o)))))
				}
			}
			return nil
		})
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
}

// complete gives a flag its completion.
func (a *app) complete(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // cannot be: the flag was just made
	}
}

// words are completions that are always the same.
func words(all ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
}

// completions gives every command its completions: never a file but where a file is meant.
func (a *app) completions(root *cobra.Command) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	for _, flag := range []string{"config", "state"} {
		a.complete(root, flag, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault))
	}
	a.complete(root, "log-format", words("text", "json"))
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Short, cmd.Example = "completions for a shell", "  dscosync completion bash"
		for _, shell := range cmd.Commands() {
			shell.Example = "  " + shell.CommandPath()
		}
	}
}
