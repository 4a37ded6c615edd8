package stage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/shipstation"
)

// Track tells DSCO of every parcel, once.
var Track = Stage{
	Name:   "push-tracking",
	Steps:  []order.Step{order.Ship},
	Gather: gatherTrack,
}

const (
	lapse  = 24 * time.Hour // lists are read again from this long before the cursor: zones, late rows
	silent = 24 * time.Hour // an order that no list mentions for this long is looked for by its id
)

// tracking is a gathering of what the warehouse shipped.
type tracking struct {
	*gathering
	rows   map[order.ID]order.Order // the open orders, as they are by now
	byRef  map[int64]order.ID       // whose a ShipStation order is
	marked map[int64][]order.ID     // whose a mark that is known already is
	seen   map[order.ID][]order.Parcel
	used   map[string][]use // by tracking number
}

// use is a tracking number on a label of an order.
type use struct {
	order  order.ID
	parcel int64
}

// gatherTrack reads the labels bought, the labels voided and the orders marked as shipped since the cursor, looks for a few
// orders that no list mentions, and looks at DSCO where a telling is in doubt.
func gatherTrack(ctx context.Context, r *Runner, since Since) (Catch, error) {
	g := &gathering{Runner: r, Catch: newCatch(), since: since}
	if since.Adopted.IsZero() {
		if err := g.adopt(ctx); err != nil {
			return g.Catch, err
		}
		g.Adopted, g.Cursor, g.Seen = g.Cursor, time.Time{}, 0
	}
	t := newTracking(g)
	if err := t.labels(ctx, true); err != nil {
		return t.Catch, err
	}
	for _, look := range []func(context.Context) error{t.marks, t.missed, t.told} {
		if err := look(ctx); err != nil {
			return t.Catch, err
		}
	}
	t.shared()
	t.Seen = len(t.seen)
	return t.Catch, nil
}

func newTracking(g *gathering) *tracking {
	t := &tracking{gathering: g, rows: map[order.ID]order.Order{}, byRef: map[int64]order.ID{}, marked: map[int64][]order.ID{}, seen: map[order.ID][]order.Parcel{}, used: map[string][]use{}}
	t.index()
	return t
}

// index learns which ShipStation order is whose.
func (t *tracking) index() {
	for _, o := range t.since.Open {
		t.rows[o.ID] = o
	}
	for id := range t.Take {
		if _, known := t.rows[id]; !known {
			t.rows[id] = order.Order{ID: id}
		}
	}
	for id, o := range t.rows {
		for _, s := range t.Sightings[id] {
			o = o.See(s)
		}
		t.rows[id] = o
		for _, ref := range o.ShipStation {
			t.byRef[ref.ID] = id
		}
		for _, p := range o.Parcels {
			if p.Marked {
				t.marked[p.ID] = append(t.marked[p.ID], id)
			}
		}
	}
}

// from is where the lists are read from: a day before the cursor, or from the oldest order on.
func (t *tracking) from() time.Time {
	if !t.since.Cursor.IsZero() {
		return t.since.Cursor.Add(-lapse)
	}
	oldest := t.Now()
	for _, o := range t.rows {
		oldest = t.earlier(oldest, o.DSCO.Created)
	}
	return oldest.Add(-lapse)
}

// labels lists the labels bought and, where one that is known may be among them, those voided.
func (t *tracking) labels(ctx context.Context, voided bool) error {
	from, ended := t.from(), true
	queries := []shipstation.ShipmentQuery{{CreatedSince: from, SkipBad: true}}
	if voided {
		queries = append(queries, shipstation.ShipmentQuery{VoidedSince: from, SkipBad: true})
	}
	for _, q := range queries {
		t.progress("push-tracking", "reading labels", 0, 0)
		list, err := t.ShipStation.Shipments(ctx, q)
		if err != nil {
			return err
		}
		if list.Bad > 0 {
			t.Log.Warn(fmt.Sprintf("ShipStation cannot show %d of its labels; the others go on, and later runs look again", list.Bad))
			ended = false
		}
		if q.VoidedSince.IsZero() {
			t.Cursor = stamp(list.Began)
		}
		for _, s := range list.Shipments {
			t.label(s, stamp(list.Began))
		}
	}
	if !ended {
		t.Cursor = time.Time{} // it stays below what could not be read
	}
	return nil
}

// label takes note of a label that is ours: of one order, or of several that were combined in ShipStation.
func (t *tracking) label(s shipstation.Shipment, began time.Time) {
	if s.Return || strings.TrimSpace(s.Tracking) == "" {
		return
	}
	for id, p := range t.contents(s) {
		p.ID, p.Ref, p.Number, p.Carrier, p.Service = s.ID, s.OrderID, strings.TrimSpace(s.Tracking), s.Carrier, s.Service
		p.Created, p.Ships = stamp(s.Created), shipDay(s.ShipDate)
		p.Cost, p.Weight, p.Unit = s.Cost.String(), s.Weight.String(), s.WeightUnits
		if s.Voided {
			p.Voided = stamp(cmp.Or(s.VoidedAt, s.Created, began))
		}
		t.take(id, p, began)
	}
}

func (t *tracking) take(id order.ID, p order.Parcel, began time.Time) {
	number := strings.ToUpper(p.Number)
	t.used[number] = append(t.used[number], use{id, p.ID})
	t.see(id, order.InParcels{Began: began, Parcels: []order.Parcel{p}})
	t.seen[id] = append(t.seen[id], p)
	if o, known := t.rows[id]; known {
		t.rows[id] = o.See(order.InParcels{Began: began, Parcels: []order.Parcel{p}})
	}
}

// shared notices a tracking number on labels of several orders that are not one parcel: both are told, and a person should
// look which of them is wrong.
func (t *tracking) shared() {
	for number, uses := range t.used {
		for _, u := range uses {
			other := slices.IndexFunc(uses, func(o use) bool { return o.order != u.order && o.parcel != u.parcel })
			if other >= 0 {
				t.see(u.order, order.Remarked{At: t.Now(), Code: "number-" + number, Text: fmt.Sprintf("its tracking number %s is that of order %s, too, on another label: one of them may be wrong", remote.Escape(number, 60), uses[other].order)})
			}
		}
	}
}

// told looks at DSCO before anything is told: at all that was updated since the last time, which shows what somebody
// entered in its portal, and one by one at the orders of which a telling is in doubt, or that somebody may have told of
// before this ledger was.
func (t *tracking) told(ctx context.Context) error {
	due, early, since := false, false, t.Now().Add(-2*lapse)
	if !t.since.Cursor.IsZero() && t.since.Cursor.Before(since) {
		since = t.since.Cursor
	}
	rules := t.rules(t.Now(), t.since.Blank, order.Ship)
	sure := rules
	sure.Blank = time.Time{}
	for _, o := range t.rows {
		w, ok := o.Next(rules)
		if !ok {
			_, waits := o.Next(sure)
			early = early || waits
			continue
		}
		due = true
		// Somebody may have entered it since it was bought, while its time had not come or no list showed it. One that
		// was tried before has been looked for by every run since, and an adopted order is read by its id.
		if p := o.Parcel(w.Parcel); o.Adopted.IsZero() && o.Note(w).Text == "" && p.Created.Before(since) {
			since = p.Created
		}
	}
	if early {
		t.Log.Info(fmt.Sprintf("a new state file: what was shipped before it is told to DSCO in %.0f minutes, when DSCO shows all that was told before", math.Ceil(rules.Clear.Sub(rules.Now).Minutes())))
	}
	if due {
		if _, err := t.orders(ctx, dsco.Query{UpdatedSince: since.Add(-overlap)}); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.rows)) {
		o := t.rows[id]
		doubt := o.Intent != nil && o.Intent.Write.Step == order.Ship
		_, due := o.Next(rules)
		if !doubt && !(due && !o.Adopted.IsZero()) {
			continue
		}
		if err := t.try(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// missed looks for a few orders by their ids that no list mentions, the sooner the nearer they are to their ship-by dates:
// moved to another store, merged, deleted, or shipped by a parcel that was not listed.
func (t *tracking) missed(ctx context.Context) error {
	now := t.Now()
	var quiet []order.Order
	for _, o := range t.rows {
		patience := silent
		if by := o.DSCO.ShipBy; !by.IsZero() && by.Sub(now) < t.ShipByAlarm {
			patience = restless
		}
		if o.Live() && len(t.seen[o.ID]) == 0 && now.Sub(later(o.LookedStore, o.Updated)) > patience {
			quiet = append(quiet, o)
		}
	}
	// Those not looked for the longest go first, so that many that are late do not keep the others from their turn.
	slices.SortFunc(quiet, func(a, b order.Order) int {
		return cmp.Or(a.LookedStore.Compare(b.LookedStore), compareDeadlines(a.DSCO.ShipBy, b.DSCO.ShipBy), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range quiet[:min(len(quiet), byID)] {
		for _, ref := range o.ShipStation {
			if !ref.Live() {
				continue
			}
			if err := t.look(ctx, o.ID, ref.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// look reads one ShipStation order of an order by its id.
func (t *tracking) look(ctx context.Context, id order.ID, ref int64) error {
	so, err := t.ShipStation.Order(ctx, ref)
	if remote.KindOf(err) == remote.Missing {
		t.see(id, order.LostReceipt{At: t.Now(), Ref: ref})
		return nil
	}
	if err != nil {
		return err
	}
	t.see(id, order.FoundReceipt{At: t.Now(), Ref: dated(asRef(so, id, t.rows[id].Lines), t.Now())})
	if so.Status != "shipped" {
		return nil
	}
	return t.unlisted(ctx, ref)
}

// unlisted asks for the parcels of one ShipStation order that is shipped although no list mentioned any.
func (t *tracking) unlisted(ctx context.Context, ref int64) error {
	labels, err := t.ShipStation.Shipments(ctx, shipstation.ShipmentQuery{OrderID: ref, SkipBad: true})
	if err != nil {
		return err
	}
	for _, s := range labels.Shipments {
		t.label(s, stamp(labels.Began))
	}
	marks, err := t.ShipStation.Fulfillments(ctx, shipstation.FulfillmentQuery{OrderID: ref, SkipBad: true})
	if err != nil {
		return err
	}
	for _, f := range marks.Fulfillments {
		if err := t.mark(ctx, f, stamp(marks.Began)); err != nil {
			return err
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// shipDay is the beginning of a label's ship date where ShipStation lives; zero when it tells none.
func shipDay(date string) time.Time {
	day, err := time.ParseInLocation(time.DateOnly, date, shipstation.Pacific)
	if err != nil {
		return time.Time{}
	}
	return day.UTC()
}
