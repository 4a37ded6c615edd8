package stage

import (
	"maps"
	"slices"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// preview is a dry run: the same fold and the same plan, written nowhere.
func (p *pass) preview() error {
	return p.Ledger.View(func(tx *ledger.Tx) error {
		rows := map[order.ID]order.Order{}
		for o, err := range tx.Open() {
			if err != nil {
				return err
			}
			rows[o.ID] = o
			if o.Held() {
				p.result.Holding++
			}
		}
		for v, err := range p.fold(tx) {
			if err != nil {
				return err
			}
			rows[v.after.ID] = v.after
		}
		for _, id := range p.catch.Guarded { // they show, with what keeps them
			p.catch.Checked[id] = true
		}
		for _, id := range slices.Sorted(maps.Keys(rows)) {
			p.enqueue(rows[id])
		}
		p.next()
		for _, d := range p.queue {
			plan := Planned{Order: d.id, Step: d.step, Tracking: rows[d.id].Parcel(d.parcel).Number}
			if fault := p.fit(&chunk{step: d.step}, rows[d.id], d.write()); fault != nil {
				plan.Problem = fault.Text
			}
			if d.step == order.CancelDSCO && slices.Contains(p.catch.Guarded, d.id) {
				plan.Problem = p.tooMany()
			}
			p.result.Plan = append(p.result.Plan, plan)
			if d.step == order.Create && plan.Problem == "" && rows[d.id].Acknowledged.IsZero() {
				p.result.Plan = append(p.result.Plan, Planned{Order: d.id, Step: order.Acknowledge})
			}
		}
		p.result.Planned, p.result.Deferred = len(p.fate), 0
		return nil
	})
}
