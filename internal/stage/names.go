package stage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/remote"
)

const (
	namesFor   = 24 * time.Hour  // the retailers' names are asked for this seldom, whatever the answer was
	namesTake  = 3 * time.Second // and given up after this
	longName   = 200             // characters; more is no name
	manyNames  = 5000
	namesPause = "the retailers' names are not known from DSCO; their ids are shown instead, and it is asked again in a day"
)

// Names asks DSCO once a day what the retailers are called. It serves people alone: whatever hinders it, and be it a
// right that the account has not, is no fault of a run. The hour is stored with the answer, so that a refusal too is
// remembered for the day.
func (r *Runner) Names(ctx context.Context) error {
	var known ledger.Names
	err := r.Ledger.View(func(tx *ledger.Tx) (err error) {
		known, err = tx.Names()
		return err
	})
	now := r.Now()
	if err != nil || !known.Asked.After(now) && now.Sub(known.Asked) < namesFor {
		return err
	}
	short, cancel := context.WithTimeout(ctx, namesTake)
	defer cancel()
	partners, err := r.DSCO.Partners(short)
	if ctx.Err() != nil {
		return nil // the run is over: the next one asks
	}
	if e, ok := errors.AsType[*remote.Error](err); ok {
		r.Log.Info(fmt.Sprintf("%s (%d)", namesPause, e.Status))
	}
	known.Asked = now
	names := map[string]string{}
	maps.Copy(names, known.ByID) // one the account has parted with keeps its name: its orders are still shown
	for _, p := range partners {
		name := strings.Join(strings.Fields(p.Name), " ")
		if name != "" && len(name) <= longName && len(names) < manyNames {
			names[p.ID] = name
		}
	}
	known.ByID = names
	return r.Ledger.Update(func(tx *ledger.Tx) error { return tx.PutNames(known) })
}
