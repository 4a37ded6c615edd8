package stage

import (
	"context"
	"errors"

	"dscosync/internal/ledger"
	"dscosync/internal/remote"
)

// close ends the run in the ledger: finished orders move away, old ones go, the stage's record is written.
func (p *pass) close(tx *ledger.Tx, stop error) error {
	now := p.Now()
	if err := p.blame(tx); err != nil {
		return err
	}
	if _, err := tx.Settle(now); err != nil {
		return err
	}
	if _, err := tx.Prune(now.Add(-p.Retention), 1000); err != nil {
		return err
	}
	var err error
	if p.result.Holding, err = holding(tx); err != nil {
		return err
	}
	for _, f := range p.fate {
		switch f {
		case done:
			p.result.Done++
		case held:
			p.result.Held++
		case refused:
			p.result.Deferred++
			p.result.Refused++
		default:
			p.result.Deferred++
		}
	}
	st, err := tx.Stage(p.stage.Name)
	if err != nil {
		return err
	}
	st.Started, st.Finished, st.Error = p.started, now, ""
	if stop != nil {
		st.Error = words(stop)
		if _, err := tx.Note(ledger.Entry{At: now, Run: p.ID, Level: gravity(stop), Text: p.stage.Name + " stopped: " + st.Error}); err != nil {
			return err
		}
	} else {
		st.Succeeded = now
	}
	return p.advance(tx, st)
}

// words says what stopped a stage, for those who read it later.
func words(stop error) string {
	switch {
	case errors.Is(stop, context.DeadlineExceeded):
		return "--max-runtime was over with work left"
	case errors.Is(stop, context.Canceled):
		return "interrupted"
	}
	return stop.Error()
}

// gravity is the level of what stopped a stage: what another run may find mended by itself, and what it will not.
func gravity(stop error) string {
	switch {
	case errors.Is(stop, context.Canceled):
		return ledger.Info
	case errors.Is(stop, context.DeadlineExceeded):
		return ledger.Warn
	}
	switch remote.KindOf(stop) {
	case remote.Unavailable, remote.Uncertain:
		return ledger.Warn
	}
	return ledger.Error
}

// advance stores the stage's record and moves the cursor. It is called in the transaction that holds all that was
// gathered below it.
func (p *pass) advance(tx *ledger.Tx, st ledger.Stage) error {
	if !p.catch.Cursor.IsZero() {
		st.Cursor = p.catch.Cursor
	}
	if p.catch.Missing != nil {
		st.Daily, st.Missing = p.started, p.catch.Missing
	}
	if p.catch.Daily {
		st.Daily = p.started
	}
	if p.catch.Hourly {
		st.Hourly = p.started
	}
	if !p.catch.Adopted.IsZero() {
		pulled, err := tx.Stage(Pull.Name)
		if err != nil {
			return err
		}
		pulled.Cursor = p.catch.Adopted
		if err := tx.PutStage(Pull.Name, pulled); err != nil {
			return err
		}
	}
	return tx.PutStage(p.stage.Name, st)
}
