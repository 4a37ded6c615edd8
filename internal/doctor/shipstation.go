package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dscosync/internal/shipstation"
)

const (
	reserve   = 2        // requests a minute that runs leave to others
	perCreate = 100      // orders in a request that creates them
	perCancel = 2        // requests: the order is read and written
	perHour   = 300 * 60 // parcels that DSCO takes, by its own limit
)

// shipStation looks at ShipStation: the way there, the login, the store, what the key may read, the clock, the limit.
func (e *exam) shipStation(ctx context.Context) {
	c := e.config.ShipStation
	w := e.door()
	side := side{name: "shipstation", key: "shipstation.base_url", base: c.BaseURL, keys: "shipstation.api_key and shipstation.api_secret", renew: "shipstation.api_key shipstation.api_secret",
		given: !c.APIKey.IsZero() && !c.APISecret.IsZero()}
	var client *shipstation.Client
	if side.given {
		client = e.ShipStation(e.config, w)
		client.API.Now = e.Now
	}
	in := e.enter(ctx, side, func(ctx context.Context) []Finding {
		stores, err := client.Stores(ctx)
		if err != nil {
			return []Finding{side.refused("shipstation.login", err)}
		}
		return []Finding{good("shipstation.login", "ShipStation takes the credentials"), e.store(stores)}
	})
	if slices.ContainsFunc(e.findings, func(f Finding) bool { return f.Check == "shipstation.login" && f.Status == OK }) {
		in = true // a wrong store does not keep the rest from being asked
	} else {
		e.skip("shipstation.login", "shipstation.store")
	}
	if in {
		e.check(ctx, "shipstation.rights", Later, func(ctx context.Context) []Finding { return e.shipStationRights(ctx, side, client) })
	} else {
		e.skip("shipstation.login", "shipstation.rights")
	}
	e.clock("shipstation", "ShipStation", w)
	e.rate(w)
}

// NoStore says why no order can be made in a store, and what to do; the text is empty when nothing is known against it.
func NoStore(id int64, stores []shipstation.Store) (text, hint string) {
	others := "; the account's manual stores: " + manual(stores)
	i := slices.IndexFunc(stores, func(s shipstation.Store) bool { return s.ID == id })
	switch {
	case id <= 0:
		return "shipstation.store_id is not set", "set shipstation.store_id" + others
	case i < 0:
		return fmt.Sprintf("the account of this API key has no store %d (shipstation.store_id)", id), "set shipstation.store_id, or take the API key of the other account" + others
	case !stores[i].Active:
		return fmt.Sprintf("store %d (%s) is inactive", id, stores[i].Name), "activate it in ShipStation (Settings, Stores), or set shipstation.store_id" + others
	}
	return "", ""
}

// store looks at the store that takes the orders.
func (e exam) store(stores []shipstation.Store) Finding {
	id := e.config.ShipStation.StoreID
	f := Finding{Check: "shipstation.store", Status: Error, Class: Settings}
	if f.Message, f.Hint = NoStore(id, stores); f.Message != "" {
		f.Why = "ShipStation makes no order in it"
		if id <= 0 {
			f.Why = "nothing says where the orders go"
		}
		return f
	}
	s := stores[slices.IndexFunc(stores, func(s shipstation.Store) bool { return s.ID == id })]
	switch {
	case s.MarketplaceID > 0:
		f.Message = fmt.Sprintf("store %d (%s) is not a manual store but one of %s", id, s.Name, s.Marketplace)
		f.Why = "its orders are imported by the marketplace, which overwrites or refuses those that are made"
		f.Hint = "set shipstation.store_id to a manual store; the account's manual stores: " + manual(stores)
		return f
	case s.MarketplaceID < 0:
		return Finding{Check: "shipstation.store", Status: Warn, Message: fmt.Sprintf("ShipStation does not tell what kind of store %d (%s) is", id, s.Name),
			Why: "orders can be made in a manual store alone", Hint: "see in ShipStation (Settings, Stores) that it is a manual store"}
	}
	return good("shipstation.store", "%d (%s), an active manual store", id, s.Name)
}

// manual names the stores that could be meant.
func manual(stores []shipstation.Store) string {
	var names []string
	for _, s := range stores {
		if s.Active && s.MarketplaceID == 0 {
			names = append(names, fmt.Sprintf("%d (%s)", s.ID, s.Name))
		}
	}
	if len(names) == 0 {
		return "none, make one"
	}
	const most = 10
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}

// shipStationRights tries what runs read.
func (e exam) shipStationRights(ctx context.Context, s side, client *shipstation.Client) []Finding {
	since := client.API.ServerTime().Add(-window)
	var found []Finding
	for _, list := range []func() error{
		func() error { _, err := client.Orders(ctx, shipstation.Query{CreatedSince: since}); return err },
		func() error {
			_, err := client.Shipments(ctx, shipstation.ShipmentQuery{CreatedSince: since})
			return err
		},
		func() error {
			_, err := client.Fulfillments(ctx, shipstation.FulfillmentQuery{CreatedSince: since})
			return err
		},
	} {
		if err := list(); err != nil {
			found = append(found, s.refused("shipstation.rights", err))
		}
	}
	if len(found) == 0 {
		found = append(found, good("shipstation.rights", "orders, shipments and fulfillments may be read; writing was not tried"))
	}
	return found
}

// rate says what ShipStation's limit is good for.
func (e *exam) rate(w *wire) {
	const check = "shipstation.rate"
	r, sent := w.budget()
	switch {
	case r.told:
	case e.skipped("shipstation.login"):
		e.skip("shipstation.login", check)
		return
	default:
		e.add(Finding{Check: check, Status: Skipped, Message: "ShipStation has not told its limit"})
		return
	}
	hour := 60 * max(0, r.limit-reserve)
	room := fmt.Sprintf("at %d requests a minute you can take up to %d orders an hour, or cancel %d; DSCO takes %d parcels", r.limit, hour*perCreate, hour/perCancel, perHour)
	if others := r.limit - r.left - sent; others > r.limit/2 {
		e.add(Finding{Check: check, Status: Warn, Message: fmt.Sprintf("%s; but others with this account have used %d of this minute's", room, others),
			Why: "what they use, runs wait for", Hint: "see what else uses ShipStation's API; or ask ShipStation for a higher limit: it is used as soon as it is there"})
		return
	}
	e.add(good(check, "%s", room))
}
