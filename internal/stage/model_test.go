package stage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/sim"
)

// model is a few days in which three stages run, while people work on both sides: a retailer who cancels, asks and thinks
// again, and a warehouse that edits, holds, splits, ships, voids and cancels. All of it hangs on the seed alone.
type model struct {
	*house
	r   *rand.Rand
	ids []string

	notes map[int64]string // what people wrote into ShipStation orders
	byUs  map[string]bool  // somebody cancelled (a part of) the order in ShipStation
	byDSC map[string]bool  // somebody cancelled (a part of) it in DSCO

	events int          // calls and commits of the runs so far
	cuts   map[int]bool // events that a run is killed at: before it, or (true) after it
	dead   bool
}

const (
	rounds  = 4
	actions = 5 // of people, in a round
)

// world is how the services behave in a model.
func worldOf(seed uint64) sim.Options {
	r := rand.New(rand.NewPCG(seed, 7))
	flip := func() bool { return r.IntN(2) == 0 }
	return sim.Options{Seed: seed, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second, LogDelay: 2 * time.Second, KeyLag: time.Minute,
		CancelQueued: flip(), RequestMovesUpdate: flip(), VoidMovesModify: flip(), ZeroPages: flip(), EmptyLastPage: flip(), Strict: true}
}

// live goes through a model with these cuts and tells how many events there were.
func live(t *testing.T, seed uint64, cuts map[int]bool) (events, held int) {
	in(t, worldOf(seed), func(t *testing.T, h *house) {
		l := &model{house: h, r: rand.New(rand.NewPCG(seed, 11)), notes: map[int64]string{}, byUs: map[string]bool{}, byDSC: map[string]bool{}, cuts: cuts}
		hold := l.r.IntN(2) == 0
		h.with = func(r *Runner) { r.HoldOnRequest = hold }
		h.start()
		h.kill = l.commit
		h.world.Fail(l.call)
		for range rounds {
			for range 1 + l.r.IntN(2) {
				l.ids = append(l.ids, h.world.AddOrder(twoLines(1+l.r.IntN(3), 1+l.r.IntN(2)), withUPS))
			}
			l.sync()
			l.sync()
			for range actions {
				l.act()
				time.Sleep([]time.Duration{time.Second, 10 * time.Second, 10 * time.Minute}[l.r.IntN(3)])
			}
			l.sync()
		}
		events = l.events
		h.kill = nil
		h.world.Fail(nil)
		for _, wait := range []time.Duration{time.Second, 20 * time.Minute, 70 * time.Minute, 25 * time.Hour, 25 * time.Hour, time.Hour} {
			time.Sleep(wait)
			for _, s := range syncAll {
				if res := h.run(s); res.Err != nil {
					t.Errorf("clean run: %s: %v", s.Name, res.Err)
				}
			}
		}
		held = l.check()
		h.lawful()
		if t.Failed() {
			t.Logf("seed %d, cuts %v\n%s", seed, cuts, h.log.String())
		}
	})
	return events, held
}

func withUPS(o map[string]any) {
	o["shipCarrier"], o["shipMethod"], o["shippingServiceLevelCode"] = "UPS", "Ground", "UPCG"
}

// sync is one `sync all`, which may be killed.
func (l *model) sync() {
	l.dead = false
	for _, s := range syncAll {
		if !l.dead {
			l.run(s)
		}
	}
	l.dead = false
	// Often the next run comes at once, while the lists still lag; but a new process does not know of the last one's calls.
	time.Sleep([]time.Duration{2 * time.Second, 8 * time.Second, 25 * time.Second, 15 * time.Minute}[l.r.IntN(4)])
}

func (l *model) commit() error {
	if l.dead {
		return errKilled
	}
	l.events++
	after, cut := l.cuts[l.events]
	if !cut {
		return nil
	}
	l.dead = true
	if after {
		return nil
	}
	return errKilled
}

func (l *model) call(sim.Call) *sim.Fault {
	if l.dead {
		return &sim.Fault{Refuse: true}
	}
	l.events++
	after, cut := l.cuts[l.events]
	switch {
	case !cut:
		return nil
	case after:
		l.dead = true
		return &sim.Fault{Do: true, Drop: true}
	}
	l.dead = true
	return &sim.Fault{Refuse: true}
}

// docs are the ShipStation orders of a DSCO order that are not deleted.
func (l *model) docs(id string) (docs []map[string]any) {
	for _, doc := range l.world.ShipStationOrders() {
		if n := sim.Text(doc, "orderNumber"); n == id || strings.HasPrefix(n, id+"-") {
			docs = append(docs, doc)
		}
	}
	return docs
}

// act is something that somebody does. Chance is drawn the same way whether or not it can be done, so that a run that was
// killed does not change what people do later.
func (l *model) act() {
	id := l.ids[l.r.IntN(len(l.ids))]
	what, line, which := l.r.IntN(14), 1+l.r.IntN(2), l.r.IntN(3)
	docs := l.docs(id)
	if len(docs) == 0 {
		if what == 0 {
			l.byDSC[id] = true
			l.world.ForceCancelInDSCO(id)
		}
		return
	}
	doc := docs[which%len(docs)]
	ship, status := sim.Int(doc, "orderId"), sim.Text(doc, "orderStatus")
	open := status == "awaiting_shipment" || status == "on_hold"
	dsco := l.world.Order(id)
	over := sim.Text(dsco, "dscoStatus") == "cancelled" || sim.Text(dsco, "dscoLifecycle") == "completed"
	switch what {
	case 0, 1:
		if !over {
			l.byDSC[id] = true
			l.world.ForceCancelInDSCO(id)
		}
	case 2:
		if !over {
			l.byDSC[id] = true
			l.world.ForceCancelInDSCO(id, line)
		}
	case 3:
		if !over && sim.Text(dsco, "dscoLifecycle") == "acknowledged" {
			l.world.RequestCancel(id)
		}
	case 4:
		l.unask(id)
	case 5, 6:
		if open && l.world.ShipStationOrders() != nil && !l.packed(ship) {
			l.byUs[id] = true
			l.world.CancelInShipStation(ship)
		}
	case 7:
		if open {
			l.notes[ship] = fmt.Sprintf("seen by the warehouse, %d", l.r.IntN(1000))
			l.world.EditShipStation(ship, func(o map[string]any) { o["internalNotes"] = l.notes[ship] })
		}
	case 8:
		if status == "awaiting_shipment" {
			l.world.HoldShipStation(ship)
		}
	case 9:
		key := fmt.Sprintf("%s:%d", id, line)
		if open && !l.packed(ship) && l.units(doc, key) > 1 {
			if which == 0 {
				l.world.SplitCopy(ship, map[string]int{key: 1})
			} else {
				l.world.SplitLegacy(ship, map[string]int{key: 1})
			}
		}
	case 10, 11, 12:
		if status == "awaiting_shipment" && !l.packed(ship) && len(doc["items"].([]any)) > 0 {
			l.world.BuyLabel(ship, ups, with("trackingNumber", fmt.Sprintf("1Z%d%d", ship, l.r.IntN(1e6))))
		}
	case 13:
		for _, p := range l.world.Shipments() {
			if sim.Int(p, "orderId") == ship && p["voided"] != true {
				l.world.Void(sim.Int(p, "shipmentId"))
				return
			}
		}
	}
}

// packed tells whether a ShipStation order has a label that was not voided.
func (l *model) packed(ship int64) bool {
	for _, p := range l.world.Shipments() {
		if sim.Int(p, "orderId") == ship && p["voided"] != true {
			return true
		}
	}
	return false
}

func (l *model) units(doc map[string]any, key string) int64 {
	n := int64(0)
	for _, it := range doc["items"].([]any) {
		if sim.Text(it, "lineItemKey") == key {
			n += sim.Int(it, "quantity")
		}
	}
	return n
}

// check holds both sides against each other once all is at rest: nothing lost, nothing twice, no echo, no edit trampled.
// An order that waits for a person is only held against what must never happen.
func (l *model) check() (held int) {
	rows := l.rows()
	for _, id := range l.ids {
		row, known := rows[order.ID(id)]
		dsco, docs := l.world.Order(id), l.docs(id)
		cancelled := sim.Text(dsco, "dscoStatus") == "cancelled"
		if !known && !cancelled {
			l.t.Errorf("order %s is lost: the ledger does not know it", id)
			continue
		}
		if row.Intent != nil {
			l.t.Errorf("order %s is still in doubt: %+v", id, row.Intent)
		}
		codes := ""
		left, stays := int64(0), map[int64]int64{}
		for i := range dsco["lineItems"].([]any) {
			line := sim.At(dsco, "lineItems", i)
			codes += sim.Text(line, "cancelCode") + " "
			n := sim.Int(line, "quantity") - sim.Int(line, "cancelledQuantity")
			stays[sim.Int(line, "lineNumber")] = n
			left += n
		}
		if strings.Contains(codes, "CXSO") && !l.byUs[id] || strings.Contains(codes, "CXSC") && !l.byUs[id] {
			l.t.Errorf("order %s: an echo: cancelled in DSCO (%s) though nobody cancelled it in ShipStation", id, codes)
		}
		alive, packed := 0, false
		in := map[int64]int64{}
		for _, doc := range docs {
			ship, status := sim.Int(doc, "orderId"), sim.Text(doc, "orderStatus")
			packed = packed || l.packed(ship)
			if status == "cancelled" {
				if !l.byUs[id] && !l.byDSC[id] {
					l.t.Errorf("order %s: ShipStation order %d is cancelled, though nobody did that", id, ship)
				}
				continue
			}
			alive++
			for _, it := range doc["items"].([]any) {
				var n int64
				_, number, _ := strings.Cut(sim.Text(it, "lineItemKey"), ":")
				fmt.Sscan(number, &n)
				in[n] += sim.Int(it, "quantity")
			}
		}
		for ship, note := range l.notes {
			for _, doc := range docs {
				if sim.Int(doc, "orderId") == ship && sim.Text(doc, "internalNotes") != note {
					l.t.Errorf("order %s: an edit was trampled: the notes of ShipStation order %d are %q, not %q", id, ship, sim.Text(doc, "internalNotes"), note)
				}
			}
		}
		if row.Held() {
			held++
			continue
		}
		switch {
		case !cancelled && len(docs) == 0:
			l.t.Errorf("order %s is lost: ShipStation does not have it", id)
		case cancelled && alive > 0 && !packed:
			l.t.Errorf("order %s: cancelled in DSCO, still open in ShipStation, and nobody was told", id)
		case alive == 0 && len(docs) > 0 && !packed && left > 0:
			l.t.Errorf("order %s: cancelled in ShipStation, still live in DSCO (%v), and nobody was told", id, stays)
		}
		for n, units := range in {
			if units > stays[n] && !packed {
				l.t.Errorf("order %s: ShipStation has %d units of line %d, of which %d are left", id, units, n, stays[n])
			}
		}
		told := strings.Join(l.packages(id), " ")
		for _, doc := range docs {
			for _, p := range l.world.Shipments() {
				if sim.Int(p, "orderId") == sim.Int(doc, "orderId") && p["voided"] != true && !strings.Contains(told, sim.Text(p, "trackingNumber")) && row.Left() > 0 && !cancelled {
					l.t.Errorf("order %s: DSCO was not told of parcel %s (%d left)", id, sim.Text(p, "trackingNumber"), row.Left())
				}
			}
		}
	}
	return held
}

// TestModel takes every call and every commit of a model as a cut point, alone and in pairs.
func TestModel(t *testing.T) {
	seed, lives := seeded(t), uint64(times(t, "LIVES", 300))
	t.Run("without a kill", func(t *testing.T) {
		held, orders, calm := 0, 0, max(10, lives/20)
		for s := seed; s < seed+calm; s++ {
			_, n := live(t, s, nil)
			held += n
			orders += rounds * 3 / 2
		}
		t.Logf("%d lives: %d of about %d orders wait for a person in the end", calm, held, orders)
	})
	t.Run("each alone", func(t *testing.T) {
		events, _ := live(t, seed, nil)
		t.Logf("seed %d: %d calls and commits", seed, events)
		for n := 1; n <= events; n++ {
			for _, after := range []bool{false, true} {
				if (2*n)%every == 0 {
					t.Run(fmt.Sprintf("%d after %t", n, after), func(t *testing.T) {
						t.Parallel()
						live(t, seed, map[int]bool{n: after})
					})
				}
			}
		}
	})
	t.Run("cut twice", func(t *testing.T) {
		for i := range lives {
			if i%every != 0 {
				continue
			}
			s := seed + i
			t.Run(fmt.Sprintf("seed %d", s), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(s, 13))
				live(t, s, map[int]bool{1 + r.IntN(160): r.IntN(2) == 0, 1 + r.IntN(160): r.IntN(2) == 0})
			})
		}
	})
}
