package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/doctor"
	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/report"
	"dscosync/internal/shipstation"
	"dscosync/internal/stage"
)

// runner makes what the stages need, under the run lock. done gives the lock back.
func (a *app) runner(ctx context.Context, c config.Config, name string, o options) (r *stage.Runner, done func(), err error) {
	id := runID()
	bar := a.watch()
	log := a.logger()
	l, done, err := a.open(ctx, c, name, id, o.dry)
	if err != nil {
		return nil, nil, err
	}
	moved := false
	err = l.View(func(tx *ledger.Tx) error {
		was := tx.Store()
		moved = was != 0 && was != c.ShipStation.StoreID
		return nil
	})
	r = a.stageRunner(c, l, id, log)
	if err == nil {
		err = a.claimStore(ctx, r, o)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	r.DryRun, r.Force = o.dry, o.force && !moved // forced into another store: just then too many cancellations are a mistake
	if bar != nil {
		r.Progress = bar.show
		free := done
		done = func() { bar.clear(); free() }
	}
	return r, done, nil
}

// watch shows how far a run is, to a person who sees it; nil when nobody does.
func (a *app) watch() *progress {
	if _, watched := terminal(a.Stderr); !watched || a.quiet || a.verbose > 0 || a.format != "text" {
		return nil
	}
	bar := newProgress(a.Stderr) // all that is said from here on goes where the progress made way for it
	if heard, ok := a.Stderr.(*echo); ok {
		bar.out, heard.out = heard.out, bar // the bar itself is nothing that was said
	} else {
		a.Stderr = bar
	}
	return bar
}

// stageRunner has the settings as the stages want them.
func (a *app) stageRunner(c config.Config, l *ledger.Ledger, id string, log *slog.Logger) *stage.Runner {
	r := &stage.Runner{
		Ledger:      l,
		DSCO:        dsco.New(c.DSCO.BaseURL, c.DSCO.ClientID, c.DSCO.ClientSecret.Reveal(), nil, log),
		ShipStation: shipstation.New(c.ShipStation.BaseURL, c.ShipStation.APIKey.Reveal(), c.ShipStation.APISecret.Reveal(), nil, log),
		Now:         a.Now, Log: log, ID: id,
		Lookback: c.Sync.Lookback, Lifecycles: c.DSCO.Lifecycles, TestOrders: c.DSCO.IncludeTestOrders,
		DSCOSettle: c.DSCO.Settle, ShipStationSettle: c.ShipStation.Settle, Retention: c.StateRetention,
		Translation:      stage.Translation{StoreID: c.ShipStation.StoreID, Retailers: retailerNames(c), ThirdParty: payers(c)},
		AcknowledgeAlarm: c.Alarm.Acknowledge, ShipByAlarm: c.Alarm.ShipBy,
		ShipDelay: c.Sync.ShipDelay, Carriers: carriers(c), Warehouses: warehouses(c),
		CancelCode: c.Cancel.Code, CancelCodes: cancelCodes(c), MaxCancels: c.Sync.MaxCancels, HoldOnRequest: c.Cancel.OnRequest == config.HoldOnRequest,
	}
	r.DSCO.API.Now, r.ShipStation.API.Now = a.Now, a.Now // one clock for all that is dated
	return r
}

// open takes the run lock and opens the ledger, or makes a new one. A dry run takes no lock, and where there is no
// ledger yet it works on one that it throws away.
func (a *app) open(ctx context.Context, c config.Config, name, id string, dry bool) (*ledger.Ledger, func(), error) {
	if dry {
		return a.openDry(c)
	}
	lock, err := ledger.Lock(ctx, c.State, a.lock, ledger.Holder{Stage: name, Run: id, Started: a.Now()})
	if err != nil {
		return nil, nil, err
	}
	l, err := a.openLocked(c, name)
	if err == nil {
		err = a.restored(l, lock)
	}
	if err != nil {
		lock.Unlock()
		return nil, nil, err
	}
	return l, func() { release(l, lock) }, nil
}

// openLocked opens the ledger under the run lock: an older one is brought up to date, a missing one made, and today's
// backup is seen to.
func (a *app) openLocked(c config.Config, name string) (*ledger.Ledger, error) {
	l, err := a.openUpToDate(c.State)
	switch {
	case errors.Is(err, ledger.ErrMissing) && name == "retry":
		return nil, &usage{text: "nothing is held: there is no state file yet"}
	case errors.Is(err, ledger.ErrMissing):
		if l, err = ledger.Create(c.State); err == nil {
			err = l.Update(func(tx *ledger.Tx) error { return blank(tx, a.Now(), 0) })
			a.logger().Warn(fmt.Sprintf("a new state file was made: %s; this run first reads what is on both sides already", c.State))
		}
		return l, err
	case err != nil:
		return nil, err
	}
	return l, a.backUpDaily(l)
}

// release gives the run lock back, and notes how far the ledger has come.
func release(l *ledger.Ledger, lock *ledger.RunLock) {
	if v, err := l.Version(); err == nil {
		lock.Version = max(lock.Version, v)
	}
	lock.Unlock()
}

// giveBack is release for a ledger that was replaced, or should have been.
func giveBack(state string, lock *ledger.RunLock) {
	if l, err := ledger.Open(state); err == nil {
		release(l, lock)
		return
	}
	lock.Unlock()
}

// restored notices a state file that is an older copy than the last run left: what was written since is not in it, so
// both sides are read as for a new one.
func (a *app) restored(l *ledger.Ledger, lock *ledger.RunLock) error {
	v, err := l.Version()
	if err != nil || v >= lock.Version {
		return err
	}
	a.logger().Warn("the state file is older than the last run left it: an earlier copy was put back; this run first reads what is on both sides")
	return l.Update(func(tx *ledger.Tx) error { return blank(tx, a.Now(), lock.Version) })
}

// blank has the next run find out what is on both sides. The ledger's version is above the one given from then on, so that
// a copy from before is known for one.
func blank(tx *ledger.Tx, now time.Time, version int) error {
	for _, s := range stages {
		st, err := tx.Stage(s.Name)
		if err != nil {
			return err
		}
		st.Cursor, st.Blank = time.Time{}, now
		if err := tx.PutStage(s.Name, st); err != nil {
			return err
		}
	}
	return tx.Raise(version)
}

func (a *app) openDry(c config.Config) (*ledger.Ledger, func(), error) {
	l, err := ledger.Open(c.State)
	if !errors.Is(err, ledger.ErrMissing) {
		return l, func() {}, err
	}
	dir, err := scratch("dscosync-dry-run-")
	if err != nil {
		return nil, nil, err
	}
	if l, err = ledger.Create(filepath.Join(dir, "state.db")); err != nil {
		os.RemoveAll(dir)
	}
	return l, func() { os.RemoveAll(dir) }, err
}

// scratch is a folder for what is thrown away.
func scratch(name string) (string, error) {
	dir, err := os.MkdirTemp("", name)
	if err != nil {
		err = &hinted{fmt.Errorf("a dry run has no place for a file that it throws away: %w", err), "name a folder for such files that is there and has room: TMPDIR=/tmp"}
	}
	return dir, err
}

// claimStore notes which store the orders go to. It refuses to go on with another while orders are open in the one before:
// they would be created again. A store that the ledger does not have yet is asked for, so that one that was mistyped is told
// before orders are held for it; a kill before it is noted has the next run ask again.
func (a *app) claimStore(ctx context.Context, r *stage.Runner, o options) error {
	var was int64
	var open order.ID
	id := r.Translation.StoreID
	err := r.Ledger.View(func(tx *ledger.Tx) (err error) {
		if was = tx.Store(); was == id {
			return nil
		}
		for row, err := range tx.Open() {
			if err != nil {
				return err
			}
			if row.Finished.IsZero() && (row.Created() || row.Intent != nil) {
				open = row.ID
				break
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case was == id:
		return nil
	case was != 0 && open != "" && !o.force:
		return &usage{text: fmt.Sprintf("shipstation.store_id is %d, but open orders (such as %s) are in store %d", id, open, was),
			hint: fmt.Sprintf("set it back to %d, or run once with --force if the new store is right", was)}
	}
	known, err := a.askFor(ctx, r, id)
	switch {
	case err != nil:
		return err
	case o.dry, !known && was == 0 && open == "": // the next run asks again
		return nil
	}
	return r.Ledger.Update(func(tx *ledger.Tx) error { return tx.SetStore(id) })
}

// askFor fails when the account has no such store to make orders in. What hinders it from being known hinders no run: the
// stages will meet with it, too, and say so.
func (a *app) askFor(ctx context.Context, r *stage.Runner, id int64) (known bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, min(a.share(ctx, len(stages)+1), patience))
	defer cancel()
	stores, err := r.ShipStation.Stores(ctx)
	if err != nil || len(stores) == 0 {
		r.Log.Debug(fmt.Sprintf("it is not known whether the account has store %d", id))
		return false, nil
	}
	if text, hint := doctor.NoStore(id, stores); text != "" {
		return false, &usage{text: text, hint: hint}
	}
	return true, nil
}

func carriers(c config.Config) stage.Carriers {
	var known stage.Carriers
	for _, r := range c.Carriers {
		known.Rules = append(known.Rules, stage.CarrierRule{Carrier: r.ShipStationCarrier, Service: r.ShipStationService,
			DSCOCarrier: r.DSCOCarrier, DSCOMethod: r.DSCOMethod, DSCOServiceLevel: r.DSCOServiceLevel, Retailer: r.Retailer})
	}
	return known
}

// told says what DSCO is told of a parcel that it does not have yet.
func told(c config.Config) report.Words {
	known := carriers(c)
	return func(o order.Order, p order.Parcel) (carrier, level string, ok bool) {
		as, err := known.For(o, p)
		return as.Carrier, as.ServiceLevel, err == nil
	}
}

func warehouses(c config.Config) map[string]string {
	codes := map[string]string{}
	for _, r := range c.Retailers {
		codes[r.ID] = r.WarehouseCode
	}
	return codes
}

func payers(c config.Config) map[string]stage.Payer {
	all := map[string]stage.Payer{}
	for _, a := range c.Accounts {
		all[a.Number] = stage.Payer{Postal: a.PostalCode, Country: a.Country}
	}
	return all
}

func cancelCodes(c config.Config) map[string]string {
	codes := map[string]string{}
	for _, r := range c.Retailers {
		codes[r.ID] = r.CancelCode
	}
	return codes
}
