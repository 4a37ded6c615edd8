package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// pass is one run of one stage.
type pass struct {
	*Runner
	stage    Stage
	started  time.Time
	blank    time.Time // see Since
	unread   bool      // the ledger could not be read
	catch    Catch
	queue    []due
	writes   int                      // planned, for the progress
	fate     map[order.ID]fate        // of the planned orders
	logs     []logged                 // acknowledgements whose outcome stands in the change log
	strikes  map[string]int           // calls in a row that a remote was not available for
	rest     map[string]time.Duration // before the next call to a remote that was not available
	refused  map[order.Step]error     // writes that the account has no right to
	failed   map[order.ID]int         // acknowledgements: how often they had failed before this run
	lone     []order.ID               // creates that were alone in a call and got no clear answer
	clear    bool                     // some create of this run got one
	paper    *paper                   // what the look before the next write brought
	news     []news
	harmless map[string]bool // words of a remote that had nothing personal in them
	result   Result
}

type fate uint8

const (
	waiting fate = iota
	done
	held
	refused // an acknowledgement: the next run asks again
)

// Run carries out a stage once. Whatever happens on the way, what is known by then is in the ledger.
func (r *Runner) Run(ctx context.Context, s Stage) Result { return r.pass(ctx, s, (*pass).run) }

// pass carries out a stage as far as do goes.
func (r *Runner) pass(ctx context.Context, s Stage, do func(*pass, context.Context) error) Result {
	p := &pass{Runner: r, stage: s, started: r.Now(), fate: map[order.ID]fate{}, strikes: map[string]int{}, rest: map[string]time.Duration{},
		refused: map[order.Step]error{}, failed: map[order.ID]int{}}
	callsDSCO, callsShipStation := r.DSCO.API.Calls(), r.ShipStation.API.Calls()
	p.result.Err = do(p, ctx)
	p.result.Stage, p.result.Started, p.result.Finished = s.Name, p.started, r.Now()
	p.result.CallsDSCO, p.result.CallsShipStation = r.DSCO.API.Calls()-callsDSCO, r.ShipStation.API.Calls()-callsShipStation
	return p.result
}

func (p *pass) run(ctx context.Context) error {
	if err := p.gather(ctx); err != nil {
		if _, refused := errors.AsType[*NotHeld](err); refused || p.DryRun || p.unread {
			return err
		}
		p.catch.Cursor, p.catch.Adopted, p.catch.Missing = time.Time{}, time.Time{}, nil // what was read is not in the ledger
		p.catch.Daily, p.catch.Hourly = false, false
		return errors.Join(err, p.update(func(tx *ledger.Tx) error { return p.close(tx, err) }))
	}
	if p.DryRun {
		return p.preview()
	}
	if err := p.plan(); err != nil || len(p.queue) == 0 {
		return err
	}
	return p.apply(ctx)
}

// gather reads the ledger and then the remotes.
func (p *pass) gather(ctx context.Context) error {
	since, err := p.since()
	if err != nil {
		p.unread = true
		return err
	}
	p.progress(p.stage.Name, "reading", 0, 0)
	p.catch, err = p.stage.Gather(ctx, p.Runner, since)
	p.result.Seen, p.result.Skipped, p.result.Remark = p.catch.Seen, p.catch.Skipped, p.catch.Remark
	return err
}

func (p *pass) since() (Since, error) {
	var since Since
	err := p.Ledger.View(func(tx *ledger.Tx) error {
		st, err := tx.Stage(p.stage.Name)
		if err != nil {
			return err
		}
		since.Cursor, since.Daily, since.Hourly = st.Cursor, st.Daily, st.Hourly
		since.Salt = bytes.Clone(tx.Salt())
		pulled, err := tx.Stage(Pull.Name)
		if err != nil {
			return err
		}
		since.Adopted, since.Blank = pulled.Cursor, pulled.Blank
		tracked, err := tx.Stage(Track.Name)
		if err != nil {
			return err
		}
		since.Tracked = tracked.Cursor
		p.blank = since.Blank
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			if o.Wants(p.stage.Steps...) && p.concerns(o.ID) {
				since.Open = append(since.Open, o.Clamp(p.started))
			}
		}
		return nil
	})
	return since, err
}

func (p *pass) concerns(id order.ID) bool { return p.stage.Only == nil || p.stage.Only[id] }

// plan folds what was gathered into the ledger, moves the cursor with it, and queues what follows. From the commit on
// nothing that was seen can be forgotten. A run with nothing to do ends with this one commit.
func (p *pass) plan() error {
	return p.update(func(tx *ledger.Tx) error {
		for c, err := range p.fold(tx) {
			if err != nil {
				return err
			}
			if err := p.put(tx, c.before, c.after); err != nil {
				return err
			}
			if c.after.Held() && !c.before.Held() {
				p.fate[c.after.ID] = held
			}
			p.still(c)
		}
		if err := p.guard(tx); err != nil {
			return err
		}
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			p.enqueue(o.Clamp(p.started))
			if o.Doubtful() && p.concerns(o.ID) && slices.Contains(p.stage.Steps, o.Intent.Write.Step) {
				p.fate[o.ID] = waiting // for a look that proves whether it was done
			}
		}
		p.result.Planned, p.writes = len(p.fate), len(p.queue)
		p.release()
		if len(p.queue) == 0 {
			return p.close(tx, nil)
		}
		st, err := tx.Stage(p.stage.Name)
		if err != nil {
			return err
		}
		st.Started = p.started
		return p.advance(tx, st)
	})
}

// release lets go of what only the fold needed: a long backlog is to stay small in memory.
func (p *pass) release() {
	p.catch.Sightings = nil
	needed := map[order.ID]bool{}
	for _, d := range p.queue {
		needed[d.id] = true
	}
	maps.DeleteFunc(p.catch.Documents, func(id order.ID, _ dsco.Order) bool { return !needed[id] })
}

type version struct{ before, after order.Order }

// fold computes the rows as they are after what was gathered, one at a time: thousands of them would fill the memory. It
// writes nothing, so a dry run folds under View.
func (p *pass) fold(tx *ledger.Tx) iter.Seq2[version, error] {
	return func(yield func(version, error) bool) {
		for _, id := range slices.Sorted(maps.Keys(p.catch.Sightings)) {
			before, known, err := tx.Order(id)
			if err != nil {
				yield(version{}, err)
				return
			}
			if !known && !p.catch.Take[id] {
				continue
			}
			after := before.Clamp(p.started)
			after.ID = id
			for _, s := range p.catch.Sightings[id] {
				after = after.See(p.discreet(s, id))
			}
			if (!known || after.Differs(before)) && !yield(version{before, after}, nil) {
				return
			}
		}
	}
}

// update is every commit of a run. What happened is told once it is committed.
func (p *pass) update(f func(*ledger.Tx) error) error {
	p.news = nil
	err := p.Ledger.Update(func(tx *ledger.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		if p.commit != nil {
			return p.commit()
		}
		return nil
	})
	if err == nil {
		for _, n := range p.news {
			p.tell(n)
		}
	}
	return err
}

// put stores a row with its journal.
func (p *pass) put(tx *ledger.Tx, before, after order.Order) error {
	return p.putAnswer(tx, ledger.Answer{}, before, after)
}

// putAnswer is put for what a write brought.
func (p *pass) putAnswer(tx *ledger.Tx, a ledger.Answer, before, after order.Order) error {
	// A run that could not ask for the store has not noted it. With the first order in it, or that may be, it has to be known.
	if tx.Store() == 0 && after.Finished.IsZero() && (after.Created() || after.Intent != nil) {
		if err := tx.SetStore(p.Translation.StoreID); err != nil {
			return err
		}
	}
	changes, err := tx.RecordAnswer(p.ID, p.Now(), a, before, after)
	for _, c := range changes {
		p.news = append(p.news, news{after.ID, c})
	}
	return err
}

func (p *pass) tell(n news) {
	var attrs []slog.Attr
	if n.change.Hint != "" {
		attrs = append(attrs, slog.String("hint", n.change.Hint))
	}
	p.Log.LogAttrs(context.Background(), levels[n.change.Level], fmt.Sprintf("order %s: %s", n.order, n.change.Text), attrs...)
}

// news is a change that is yet to be told.
type news struct {
	order  order.ID
	change order.Change
}

var levels = map[string]slog.Level{"info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
