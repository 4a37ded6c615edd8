package stage

import (
	"context"

	"dscosync/internal/ledger"
)

// Look gathers for a stage and folds what was gathered into the ledger, as Run does, and makes no write to a remote. After
// a Look of every stage a new ledger knows what is on both sides, and a Run goes on from there.
func (r *Runner) Look(ctx context.Context, s Stage) Result { return r.pass(ctx, s, (*pass).look) }

func (p *pass) look(ctx context.Context) error {
	if err := p.gather(ctx); err != nil {
		return err
	}
	return p.update(func(tx *ledger.Tx) error {
		for c, err := range p.fold(tx) {
			if err != nil {
				return err
			}
			if err := p.put(tx, c.before, c.after); err != nil {
				return err
			}
		}
		var err error
		if p.result.Holding, err = holding(tx); err != nil {
			return err
		}
		st, err := tx.Stage(p.stage.Name)
		if err != nil {
			return err
		}
		return p.advance(tx, st)
	})
}

// holding counts the orders that wait for a person.
func holding(tx *ledger.Tx) (n int, err error) {
	for o, err := range tx.Open() {
		if err != nil {
			return n, err
		}
		if o.Held() {
			n++
		}
	}
	return n, nil
}
