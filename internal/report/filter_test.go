package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
)

func TestFilter(t *testing.T) {
	day := 24 * time.Hour
	near := func(d time.Duration) *time.Duration { return &d }
	open := order.Order{ID: "1", Retailer: "12", Lines: units(1, 0, 0), Received: ago(10 * day), Updated: ago(3 * day)}
	change := func(f func(*order.Order)) order.Order { o := open; f(&o); return o }
	sent := change(func(o *order.Order) { o.ShipStation, o.Acknowledged = []order.Ref{{ID: 5}}, ago(9*day) })
	unacknowledged := change(func(o *order.Order) { o.ShipStation = []order.Ref{{ID: 5}} })
	held := change(func(o *order.Order) {
		o.Notes = []order.Note{{Write: order.Write{Step: order.Create}, Text: "refused", Held: true}}
	})
	noted := change(func(o *order.Order) {
		o.Notes = []order.Note{{Write: order.Write{Step: order.Create}, Text: "not available"}}
	})
	dismissed := change(func(o *order.Order) { o.Notes, o.Dismissed = held.Notes, &order.Dismissal{} })
	shipped := func(since time.Duration) order.Order {
		return change(func(o *order.Order) { o.Lines, o.Finished, o.DSCO.ShipBy = units(1, 0, 1), ago(since), ago(day) })
	}
	due := func(in time.Duration) order.Order {
		return change(func(o *order.Order) { o.DSCO.ShipBy = now.Add(in) })
	}
	for name, c := range map[string]struct {
		filter Filter
		order  order.Order
		want   bool
	}{
		"open":                        {Filter{}, open, true},
		"finished lately":             {Filter{}, shipped(48 * time.Hour), true},
		"finished long ago":           {Filter{}, shipped(49 * time.Hour), false},
		"finished long ago, all":      {Filter{All: true}, shipped(49 * time.Hour), true},
		"errors: held":                {Filter{Errors: true}, held, true},
		"errors: tried again":         {Filter{Errors: true}, noted, true},
		"errors: dismissed":           {Filter{Errors: true}, dismissed, false},
		"errors: none":                {Filter{Errors: true}, open, false},
		"at risk: near":               {Filter{AtRisk: near(day)}, due(23 * time.Hour), true},
		"at risk: past":               {Filter{AtRisk: near(day)}, due(-time.Hour), true},
		"at risk: past, nothing near": {Filter{AtRisk: near(0)}, due(-time.Hour), true},
		"at risk: far":                {Filter{AtRisk: near(day)}, due(25 * time.Hour), false},
		"at risk: nearer than asked":  {Filter{AtRisk: near(time.Hour)}, due(2 * time.Hour), false},
		"at risk: no date":            {Filter{AtRisk: near(day)}, sent, false},
		"at risk: shipped":            {Filter{AtRisk: near(day)}, shipped(time.Hour), false},
		"at risk: not acknowledged":   {Filter{AtRisk: near(day)}, unacknowledged, true},
		"stale":                       {Filter{Stale: 3 * day}, open, true},
		"stale: changed since":        {Filter{Stale: 4 * day}, open, false},
		"stale: finished":             {Filter{Stale: time.Minute}, shipped(time.Hour), false},
		"status":                      {Filter{Status: "sent"}, sent, true},
		"status: other":               {Filter{Status: "received"}, sent, false},
		"status: error":               {Filter{Status: "error"}, held, true},
		"status: tried again":         {Filter{Status: "error"}, noted, false},
		"status: held is error only":  {Filter{Status: "received"}, held, false},
		"status: shipped":             {Filter{Status: "shipped"}, shipped(time.Hour), true},
		"retailer":                    {Filter{Retailer: []string{"12"}}, open, true},
		"retailer: other":             {Filter{Retailer: []string{"1"}}, open, false},
		"since":                       {Filter{Since: 10 * day}, open, true},
		"since: before":               {Filter{Since: 9 * day}, open, false},
		"all of several must hold":    {Filter{Retailer: []string{"12"}, Status: "sent"}, open, false},
		"all of several hold":         {Filter{Retailer: []string{"12"}, Status: "error", Errors: true}, held, true},
		"limit alone leaves none out": {Filter{Limit: 1}, open, true},
	} {
		if got := c.filter.Keep(c.order, rules); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestSelect(t *testing.T) {
	orders := []order.Order{
		{ID: "4", Received: ago(time.Hour)}, {ID: "2", Received: ago(time.Hour)}, {ID: "9", Received: ago(3 * time.Hour)},
		{ID: "1", Received: ago(time.Minute), Retailer: "other"}, {ID: "5", Received: ago(2 * time.Hour)},
	}
	for _, c := range []struct {
		filter Filter
		want   []order.ID
	}{
		{Filter{}, []order.ID{"9", "5", "2", "4", "1"}},
		{Filter{Limit: 2}, []order.ID{"4", "1"}},
		{Filter{Limit: 9}, []order.ID{"9", "5", "2", "4", "1"}},
		{Filter{Limit: 2, Retailer: []string{"other"}}, []order.ID{"1"}},
		{Filter{Retailer: []string{"none"}}, nil},
	} {
		var got []order.ID
		for _, o := range c.filter.Select(orders, rules) {
			got = append(got, o.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v: %s", c.filter, diff)
		}
	}
}

func TestStatus(t *testing.T) {
	for word, want := range map[string]string{"received": "received", "Sent to SS": "sent", "sent": "sent", "SENT TO SS, NOT ACK'D": unacknowledged,
		"Shipped": "shipped", "CANCELLED": "cancelled", "Error": "error", "error": "error", "": "", "done": ""} {
		if got, ok := Status(word); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %t", word, got, ok)
		}
	}
	waiting := order.Order{ID: "1", Lines: units(1, 0, 0), ShipStation: []order.Ref{{ID: 52, Status: "awaiting_shipment"}}}
	told := waiting
	told.Acknowledged = now
	f := Filter{Status: unacknowledged}
	if !f.Keep(waiting, rules) || f.Keep(told, rules) || f.Keep(order.Order{ID: "2", Lines: units(1, 0, 0)}, rules) {
		t.Error("not acknowledged is more than that, or less")
	}
}
