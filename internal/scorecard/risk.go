package scorecard

import (
	"cmp"
	"slices"
	"time"

	"dscosync/internal/order"
)

// Risk is what can still be saved: the open orders by the hours left to their ship-by date. An order that was dismissed
// is dealt with, and no longer among them.
type Risk struct {
	Total     Hours
	Retailers []Hours // those with the most urgent ones first
	Listed    int     // orders that `status --at-risk` lists: these and those with another alarm
}

// Hours are the open orders of a retailer.
type Hours struct {
	Retailer string // DSCO's id
	Name     string // as people know it; may be empty

	Late     int // the ship-by date has passed
	Today    int // less than 24 hours are left
	Tomorrow int // 24 hours or more, but less than 48
	Later    int
	Undated  int // DSCO gives no date

	Unacknowledged int // DSCO does not count them as acknowledged
	Unlabelled     int // a label is wanting
	Untold         int // a label is there that DSCO was not told of
}

// Open is how many orders there are.
func (h Hours) Open() int { return h.Late + h.Today + h.Tomorrow + h.Later + h.Undated }

// Watch counts the open orders. listed tells which of them `status --at-risk` lists.
type Watch struct {
	now       time.Time
	listed    func(order.Order) bool
	retailers []string
	by        map[string]*Hours
	risk      Risk
}

// NewWatch begins to count for some retailers, none being all.
func NewWatch(now time.Time, retailers []string, listed func(order.Order) bool) *Watch {
	return &Watch{now: now, retailers: retailers, listed: listed, by: map[string]*Hours{}}
}

// Add counts an order.
func (w *Watch) Add(o order.Order) {
	if len(w.retailers) > 0 && !slices.Contains(w.retailers, o.Retailer) {
		return
	}
	if w.listed(o) {
		w.risk.Listed++
	}
	if o.Dismissed != nil || o.Over() {
		return
	}
	h := w.by[o.Retailer]
	if h == nil {
		h = &Hours{Retailer: o.Retailer}
		w.by[o.Retailer] = h
	}
	for _, to := range []*Hours{h, &w.risk.Total} {
		to.add(o, w.now)
	}
}

func (h *Hours) add(o order.Order, now time.Time) {
	switch left := o.DSCO.ShipBy.Sub(now); {
	case o.DSCO.ShipBy.IsZero():
		h.Undated++
	case left < 0:
		h.Late++
	case left < 24*time.Hour:
		h.Today++
	case left < 48*time.Hour:
		h.Tomorrow++
	default:
		h.Later++
	}
	if o.Acknowledged.IsZero() {
		h.Unacknowledged++
	}
	labelled := o.Labelled()
	if labelled > 0 {
		h.Untold++
	}
	if labelled < o.Left() {
		h.Unlabelled++
	}
}

// Risk closes the count.
func (w *Watch) Risk(names map[string]string) Risk {
	for id, h := range w.by {
		h.Name = names[id]
		w.risk.Retailers = append(w.risk.Retailers, *h)
	}
	slices.SortFunc(w.risk.Retailers, func(a, b Hours) int {
		return cmp.Or(cmp.Compare(b.Late, a.Late), cmp.Compare(b.Today, a.Today), cmp.Compare(b.Tomorrow, a.Tomorrow), cmp.Compare(b.Open(), a.Open()), cmp.Compare(a.Retailer, b.Retailer))
	})
	return w.risk
}
