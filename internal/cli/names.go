package cli

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dscosync/internal/config"
	"dscosync/internal/escape"
	"dscosync/internal/ledger"
	"dscosync/internal/stage"
)

// names are what people know the retailers by: as the settings have it, else as DSCO does.
func names(c config.Config, tx *ledger.Tx) (map[string]string, error) {
	known, err := tx.Names()
	all := map[string]string{}
	maps.Copy(all, known.ByID)
	for id, name := range retailerNames(c) {
		if name != "" {
			all[id] = name
		}
	}
	return all, err
}

// called are the ids of the retailers that a word means: an id, or a name.
func called(word string, names map[string]string) []string {
	ids := []string{word}
	for id, name := range names {
		if strings.EqualFold(name, word) {
			ids = append(ids, id)
		}
	}
	return ids
}

// learnNames asks DSCO for the retailers' names after a run in which nothing stopped: there it is known to answer, and
// no order waits for it. Whatever comes of it, the run ends as it would have.
func (a *app) learnNames(ctx context.Context, r *stage.Runner, codes []int) {
	code := worst(codes...)
	if r.DryRun || len(codes) == 0 || a.ctx.Err() != nil || code != exitDone && code != exitHeld {
		return
	}
	if err := r.Names(ctx); err != nil {
		r.Log.Warn("the retailers' names cannot be kept: " + err.Error())
	}
}

// completeRetailers offers the names and ids of the retailers.
func (a *app) completeRetailers(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	c, err := a.settings(true)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all := retailerNames(c)
	if l, err := ledger.Open(c.State); err == nil {
		l.View(func(tx *ledger.Tx) error {
			if known, err := names(c, tx); err == nil {
				all = known
			}
			return nil
		})
	}
	var offers []cobra.Completion
	for _, id := range slices.Sorted(maps.Keys(all)) {
		offers = append(offers, cobra.CompletionWithDesc(id, escape.Text(all[id])))
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}
