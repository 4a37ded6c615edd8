package stage

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// stale is how long what was read of a ShipStation order may be written back: what a person changes in between is lost.
// Where the next call has to wait for the rate limit it is read again, when there is room for both.
const stale = 10 * time.Second

// paper is a ShipStation order as it was read just now, to be sent back with what must change. It holds personal data.
type paper struct {
	write    due
	doc      json.RawMessage // changed already
	modified time.Time       // when ShipStation says it was last changed
	read     time.Time
}

// looked tells whether the order of the next write was read just now, where the step demands it.
func (p *pass) looked(step order.Step) bool {
	return steps[step].look == nil || p.paper != nil && p.paper.write == p.queue[0] && p.Now().Sub(p.paper.read) < stale
}

// fetch reads the ShipStation order of the next write, before its intent: between the reading and the writing nothing is
// to wait. What it shows instead of what was planned for is the outcome.
func (p *pass) fetch(ctx context.Context, step order.Step) chunk {
	d := p.queue[0]
	var o order.Order
	err := p.Ledger.View(func(tx *ledger.Tx) (err error) {
		o, _, err = tx.Order(d.id)
		return err
	})
	if err != nil {
		return p.instead(d, outcome{err: err})
	}
	paper, out := steps[step].look(p.Runner, ctx, d, o)
	if paper != nil {
		paper.write, paper.read = d, p.Now()
		p.paper = paper
		return chunk{}
	}
	return p.instead(d, out)
}

// instead takes a write off the queue that is not made.
func (p *pass) instead(d due, out outcome) chunk {
	p.queue = p.queue[1:]
	return chunk{step: d.step, rows: []due{d}, outcomes: map[order.ID]outcome{d.id: out}}
}

// unchanged reads a ShipStation order. Another than the one planned for gives an outcome: the plan is made anew.
func (r *Runner) unchanged(ctx context.Context, d due, o order.Order) (json.RawMessage, shipstation.Order, *outcome) {
	began := stamp(r.Now())
	doc, so, err := r.ShipStation.Document(ctx, d.ref)
	if remote.KindOf(err) == remote.Missing {
		return nil, so, &outcome{sighting: order.LostReceipt{At: began, Ref: d.ref}}
	}
	if err != nil {
		return nil, so, &outcome{err: err}
	}
	seen := found(so, d.id, o.Lines, began, r.ShipStationSettle)
	i := slices.IndexFunc(o.ShipStation, func(ref order.Ref) bool { return ref.ID == d.ref })
	if i < 0 || !sameContents(seen.Ref, o.ShipStation[i]) {
		return nil, so, &outcome{sighting: seen}
	}
	return doc, so, nil
}

func sameContents(a, b order.Ref) bool {
	return a.Status == b.Status && a.Unclear == b.Unclear && reflect.DeepEqual(a.Lines, b.Lines) && reflect.DeepEqual(a.Others, b.Others)
}

// lookCorrect reads an order to be cancelled or reduced, and changes just that in it.
func (r *Runner) lookCorrect(ctx context.Context, d due, o order.Order) (*paper, outcome) {
	doc, so, other := r.unchanged(ctx, d, o)
	if other != nil {
		return nil, *other
	}
	lines, _ := o.Correction(d.ref)
	edited, err := correction(doc, so, d.id, o.Lines, lines)
	if err != nil {
		return nil, outcome{err: &remote.Error{API: "shipstation", Op: fmt.Sprintf("change order %d", d.ref), Kind: remote.Rejected, Detail: err.Error()}}
	}
	return &paper{doc: edited, modified: stamp(so.Modified)}, outcome{}
}

// correct sends an order back with what DSCO cancelled taken out of it. A crash here leaves an intent: the next run reads
// the order by its id, which shows whether it was done.
func (r *Runner) correct(ctx context.Context, c chunk) map[order.ID]outcome {
	d := c.rows[0]
	so, err := r.ShipStation.PutDocument(ctx, c.paper.doc)
	if err != nil {
		return all(c, err)
	}
	now := r.Now()
	return map[order.ID]outcome{d.id: {sighting: order.CorrectedReceipt{At: now, Ref: dated(asRef(so, d.id, c.order.Lines), now), Before: c.paper.modified, Changed: stamp(so.Modified)}}}
}

// correction is a ShipStation document that holds just these units of an order, all else as it was. None of them left
// cancels it.
func correction(doc json.RawMessage, so shipstation.Order, id order.ID, lines []order.Line, keep []order.Packed) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber() // digits stay as they are
	var whole map[string]any
	if err := d.Decode(&whole); err != nil {
		return nil, err
	}
	if len(keep) == 0 {
		whole["orderStatus"] = "cancelled"
		return encode(whole)
	}
	items, _ := whole["items"].([]any)
	if len(items) != len(so.Items) {
		return nil, errors.New("its items cannot be read")
	}
	left := map[int]int{}
	for _, k := range keep {
		left[k.Line] += k.Units
	}
	var kept []any
	for i, it := range so.Items {
		owner, line, ok := lineOf(it, id, lines)
		if !ok || owner != id || it.Adjustment || it.Quantity <= 0 {
			kept = append(kept, items[i])
			continue
		}
		n := min(it.Quantity, left[line])
		left[line] -= n
		if n == 0 {
			continue
		}
		if n < it.Quantity {
			items[i].(map[string]any)["quantity"] = n
		}
		kept = append(kept, items[i])
	}
	whole["items"] = kept
	return encode(whole)
}

func encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// cancel tells DSCO what was cancelled in ShipStation, which cannot be taken back. A crash here leaves an intent: the
// next run reads the order in DSCO, or the change log, and sees whether it was done.
func (r *Runner) cancel(ctx context.Context, c chunk) map[order.ID]outcome {
	d := c.rows[0]
	reasons := map[int]string{}
	for _, l := range c.cancel.Lines {
		reasons[l.Number] = l.Code
	}
	request, queued, err := r.DSCO.CancelItems(ctx, c.cancel)
	switch {
	case err != nil:
		return all(c, err)
	case queued:
		return map[order.ID]outcome{d.id: {sighting: order.QueuedReceipt{At: r.Now(), RequestID: request, Reasons: reasons}}}
	}
	return map[order.ID]outcome{d.id: {sighting: order.CancelledReceipt{At: r.Now(), RequestID: request, Reasons: reasons}}}
}

// atRequest is the reason for a cancellation that the retailer asked for.
const atRequest = "CXSC"

// fitCancel readies what DSCO is to be told of a cancellation.
func (p *pass) fitCancel(c *chunk, o order.Order) *order.Note {
	k := dsco.Cancellation{OrderID: string(o.ID)}
	for _, gone := range o.Cancellable() {
		for _, l := range o.Lines {
			if l.Number != gone.Line {
				continue
			}
			if !l.Named() {
				return &order.Note{Write: order.Write{Step: order.CancelDSCO}, Held: true, At: p.Now(),
					Text: fmt.Sprintf("line %d has neither item id nor SKU, UPC or EAN in DSCO, so DSCO cannot be told which line was cancelled", l.Number),
					Hint: "cancel in DSCO's portal what was cancelled in ShipStation"}
			}
			k.Lines = append(k.Lines, dsco.CancelledLine{Number: l.Number, Quantity: gone.Units, ItemID: l.Item, SKU: l.SKU, PartnerSKU: l.Partner, UPC: l.UPC, EAN: l.EAN,
				Code: p.reason(o, l), Reason: "Cancelled in ShipStation"})
		}
	}
	c.cancel = k
	return nil
}

// reason is the code that a line is cancelled with.
func (r *Runner) reason(o order.Order, l order.Line) string {
	if l.Requested {
		return atRequest
	}
	return cmp.Or(r.CancelCodes[o.Retailer], r.CancelCode)
}

func (r *Runner) lookSuspend(ctx context.Context, d due, o order.Order) (*paper, outcome) {
	if _, _, other := r.unchanged(ctx, d, o); other != nil {
		return nil, *other
	}
	return &paper{}, outcome{}
}

// suspend puts an order on hold that the retailer asks to cancel. A crash here leaves an intent: the next run reads the
// order by its id, and knows our hold by its date.
func (r *Runner) suspend(ctx context.Context, c chunk) map[order.ID]outcome {
	d := c.rows[0]
	if err := r.ShipStation.Hold(ctx, d.ref); err != nil {
		return all(c, err)
	}
	receipt := order.SuspendedReceipt{At: r.Now(), Ref: d.ref}
	if so, err := r.ShipStation.Order(ctx, d.ref); err == nil && so.HoldUntil.Equal(shipstation.Forever) {
		receipt.Mark = stamp(so.Modified)
	}
	return map[order.ID]outcome{d.id: {sighting: receipt}}
}

// lookResume makes sure that the hold is the one we set, and that nobody has touched the order since.
func (r *Runner) lookResume(ctx context.Context, d due, o order.Order) (*paper, outcome) {
	_, so, other := r.unchanged(ctx, d, o)
	if other != nil {
		return nil, *other
	}
	for _, ref := range o.ShipStation {
		if ref.ID == d.ref && (ref.Mark.IsZero() || !ref.Mark.Equal(stamp(so.Modified))) {
			return nil, outcome{sighting: order.ResumedReceipt{At: r.Now(), Ref: d.ref, Taken: true}}
		}
	}
	return &paper{}, outcome{}
}

// resume releases an order that we had put on hold. A crash here leaves an intent: the next run reads the order by its id.
func (r *Runner) resume(ctx context.Context, c chunk) map[order.ID]outcome {
	d := c.rows[0]
	if err := r.ShipStation.Release(ctx, d.ref); err != nil {
		return all(c, err)
	}
	return map[order.ID]outcome{d.id: {sighting: order.ResumedReceipt{At: r.Now(), Ref: d.ref}}}
}
