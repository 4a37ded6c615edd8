package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/stage"
)

// glance is how long the finished orders are read. A run that has something to record waits meanwhile.
const glance = 2 * time.Second

// book is what the state file holds, as far as it matters here.
type book struct {
	open, done int
	partly     bool // there are more finished orders than were read
	runs       map[string]ledger.Stage
	store      int64    // the ShipStation store the open orders are in
	in         order.ID // one of them
	held       []order.ID
	doubts     []doubt
	lacking    []lack
}

// doubt is a write of which nobody knows whether it was done.
type doubt struct {
	order  order.ID
	intent order.Intent
}

// lack is a carrier that DSCO cannot be told.
type lack struct {
	what   string
	orders []order.ID
}

// stages are those that `sync all` runs.
var stages = []string{stage.Cancel.Name, stage.Pull.Name, stage.Track.Name}

// ledger looks at the state file, and at what it tells of orders and runs.
func (e *exam) ledger(ctx context.Context) {
	rest := []string{"held", "doubt", "carriers", "missing", "runs"}
	if e.state == "" {
		e.skip("settings", append([]string{"state"}, rest...)...)
		return
	}
	e.progress("state")
	type reading struct {
		book book
		err  error
	}
	r, err := bounded(ctx, e.limit, func(ctx context.Context) reading {
		b, err := e.read(ctx)
		return reading{b, err}
	})
	if err != nil {
		e.add(gaveUp("state", Machine, err))
		e.skip("state", rest...)
		return
	}
	if !e.add(e.opened(r.book, r.err)...) || r.err != nil {
		e.skip("state", rest...)
		return
	}
	e.add(e.held(r.book), e.doubt(r.book))
	e.add(e.carriers(r.book)...)
	e.add(e.missing(r.book))
	e.add(e.runs(r.book)...)
}

// errOthers says that opening the state file would leave a file of the wrong user beside it.
var errOthers = errors.New("it is another user's, and was not opened")

// read takes what matters out of the ledger. The open rows are read whole, each against its checksum; of the finished
// ones as many as there is time for.
func (e exam) read(ctx context.Context) (book, error) {
	b := book{runs: map[string]ledger.Stage{}}
	if info, err := os.Stat(e.state); err == nil {
		_, err := os.Stat(e.state + ".gate")
		if who, ok := owner(info); ok && who != e.uid && errors.Is(err, fs.ErrNotExist) {
			return b, errOthers
		}
	}
	l, err := ledger.Open(e.state)
	if err != nil {
		return b, err
	}
	table := e.Carriers(e.config)
	began := time.Now()
	return b, l.View(func(tx *ledger.Tx) error {
		for _, name := range stages {
			s, err := tx.Stage(name)
			if err != nil {
				return err
			}
			if s.Missing, err = tx.Missing(s); err != nil {
				return err
			}
			b.runs[name] = s
		}
		b.store = tx.Store()
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			b.note(o, table)
		}
		for _, err := range tx.Done(time.Time{}) {
			if err != nil {
				return err
			}
			b.done++
			if time.Since(began) > e.glance || ctx.Err() != nil {
				b.partly = true
				return nil
			}
		}
		return nil
	})
}

func (b *book) note(o order.Order, table stage.Carriers) {
	b.open++
	if o.Held() {
		b.held = append(b.held, o.ID)
	}
	if o.Intent != nil {
		b.doubts = append(b.doubts, doubt{o.ID, *o.Intent})
	}
	if o.Finished.IsZero() && (o.Created() || o.Intent != nil) {
		b.in = o.ID
	}
	if !o.Finished.IsZero() || o.Dismissed != nil || o.Left() == 0 {
		return
	}
	for _, p := range o.Parcels {
		if !p.Told.IsZero() || !p.Voided.IsZero() {
			continue
		}
		if _, err := table.For(o, p); err != nil {
			b.lack(err.Error(), o.ID)
		}
	}
}

// lack notes a carrier once for all orders that went with it.
func (b *book) lack(what string, id order.ID) {
	i := slices.IndexFunc(b.lacking, func(l lack) bool { return l.what == what })
	if i < 0 {
		b.lacking = append(b.lacking, lack{what, []order.ID{id}})
		return
	}
	if !slices.Contains(b.lacking[i].orders, id) {
		b.lacking[i].orders = append(b.lacking[i].orders, id)
	}
}

// opened says whether the state file can be used.
func (e exam) opened(b book, err error) []Finding {
	const why = "all that is known of the orders is in it, and no run begins without it"
	switch {
	case errors.Is(err, ledger.ErrMissing):
		return []Finding{{Check: "state", Status: Warn, Message: fmt.Sprintf("there is no state file %s yet", e.state),
			Why: "before the first run nothing is known of any order", Hint: "try it: dscosync sync all --dry-run; then: dscosync sync all"}}
	case errors.Is(err, errOthers):
		return []Finding{{Check: "state", Status: Skipped, Message: e.state + ": " + err.Error(), Hint: "run it as the user of the crontab"}}
	case err != nil:
		return []Finding{{Check: "state", Status: Error, Class: Machine, Message: err.Error(), Why: why, Hint: hinted(err, "look at it: dscosync db check")}}
	}
	if b.store != 0 && b.store != e.config.ShipStation.StoreID && b.in != "" && e.known() {
		return []Finding{{Check: "state", Status: Error, Class: Settings,
			Message: fmt.Sprintf("shipstation.store_id is %d, but open orders (such as %s) are in store %d", e.config.ShipStation.StoreID, b.in, b.store),
			Why:     "runs are refused: in another store the orders would be created a second time",
			Hint:    fmt.Sprintf("set it back to %d; or run once, if the new store is right: dscosync sync all --force", b.store)}}
	}
	read := fmt.Sprintf("%s open, %d finished: all as they were written", count(b.open, "order"), b.done)
	if b.partly {
		read = fmt.Sprintf("%s open and the %d longest finished are as they were written; dscosync db check reads the rest", count(b.open, "order"), b.done)
	}
	return []Finding{good("state", "%s", read)}
}
