package cli

import (
	"github.com/spf13/cobra"

	"dscosync/internal/order"
	"dscosync/internal/stage"
)

func (a *app) retryCommand() *cobra.Command {
	var o options
	var all bool
	cmd := &cobra.Command{
		Use:   "retry ORDER-ID... | --all",
		Short: "take held orders up again where they stopped",
		Long: "Lifts the holds of the orders named, reads them anew on both sides, and does what they need now.\n" +
			"What was done before is not done again.\n" + exitHelp,
		Example: "  dscosync retry 1026064165\n  dscosync retry --all --dry-run",
		Args: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return &usage{text: "name the orders, or give --all", hint: "dscosync status --errors lists the held ones"}
			}
			return nil
		},
		ValidArgsFunction: a.completeOrders(order.Order.Held, -1),
		RunE: func(_ *cobra.Command, args []string) error {
			ids := make([]order.ID, 0, len(args))
			seen := map[string]bool{}
			for _, arg := range args {
				if !seen[arg] {
					seen[arg] = true
					ids = append(ids, order.ID(arg))
				}
			}
			return a.retry(o, ids)
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "every held order")
	return cmd
}

// retry takes up the orders named, or every held one.
func (a *app) retry(o options, ids []order.ID) error {
	return a.run("retry", o, func(r *stage.Runner) ([]stage.Stage, error) {
		if len(ids) == 0 {
			var err error
			if ids, err = r.Held(); err != nil || len(ids) == 0 {
				return nil, err
			}
		}
		for _, id := range ids {
			if err := knownIn(r.Ledger, string(id)); err != nil {
				return nil, err
			}
		}
		return []stage.Stage{stage.Retry(ids...)}, nil
	})
}
