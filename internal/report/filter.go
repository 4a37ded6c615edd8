package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"dscosync/internal/order"
)

// recent is how long a finished order is still listed without being asked for.
const recent = 48 * time.Hour

// Filter says which orders `status` lists. Its zero value lists the open and held ones and those finished lately.
type Filter struct {
	All      bool           // those finished longer ago, too
	Errors   bool           // a write is held, or noted to be tried again
	AtRisk   *time.Duration // the ship-by date is this near or past and it is not shipped, or its acknowledgement is late
	Stale    time.Duration  // not finished, and nothing of it changed for this long; 0: any
	Status   string         // as Status gives it; empty: any
	Retailer []string       // DSCO's ids of it; none: any
	Since    time.Duration  // received within this time; 0: any
	Limit    int            // of those the newest so many; 0: all
}

// Select gives the orders to list, the newest last.
func (f Filter) Select(orders []order.Order, rules order.Rules) []order.Order {
	var kept []order.Order
	for _, o := range orders {
		if f.Keep(o, rules) {
			kept = append(kept, o)
		}
	}
	slices.SortStableFunc(kept, func(a, b order.Order) int {
		return cmp.Or(a.Received.Compare(b.Received), cmp.Compare(a.ID, b.ID))
	})
	if f.Limit > 0 && len(kept) > f.Limit {
		kept = kept[len(kept)-f.Limit:]
	}
	return kept
}

// Keep tells whether an order is to be listed, the limit aside.
func (f Filter) Keep(o order.Order, rules order.Rules) bool {
	open := o.Finished.IsZero()
	ago := func(t time.Time) time.Duration { return rules.Now.Sub(t) }
	switch {
	case !f.All && !open && ago(o.Finished) > recent,
		f.Errors && !o.Held() && trouble(o, rules) == nil,
		f.AtRisk != nil && !atRisk(o, *f.AtRisk, rules),
		f.Stale > 0 && (!open || ago(o.Updated) < f.Stale),
		f.Status != "" && f.Status != StatusOf(o) && (f.Status != unacknowledged || StatusOf(o) != string(order.Sent) || !o.Acknowledged.IsZero()),
		len(f.Retailer) > 0 && !slices.Contains(f.Retailer, o.Retailer),
		f.Since > 0 && ago(o.Received) > f.Since:
		return false
	}
	return true
}

// Statuses are the words for --status, as the rows have them.
var Statuses = []string{string(order.Received), string(order.Sent), string(order.Shipped), string(order.Cancelled), failed}

// Status is what Filter has for a status as a person writes it: that of a Row or the word of the table, in any case.
func Status(word string) (status string, ok bool) {
	for _, r := range []Row{{Status: string(order.Received)}, {Status: string(order.Sent), Acknowledged: true}, {Status: string(order.Shipped)},
		{Status: string(order.Cancelled)}, {Status: failed}} {
		if strings.EqualFold(word, r.Status) || strings.EqualFold(word, r.word()) {
			return r.Status, true
		}
	}
	return unacknowledged, strings.EqualFold(word, unacknowledged)
}

// atRisk goes by the alarms, with a nearness of its own for the ship-by date.
func atRisk(o order.Order, near time.Duration, rules order.Rules) bool {
	rules.ShipByAlarm = near
	return len(o.Alarms(rules)) > 0
}
