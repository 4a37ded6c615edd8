package main

import (
	"strings"
	"time"

	"dscosync/internal/sim"
)

// edit changes an order before the retailer places it.
type edit = func(order map[string]any)

// awkward are orders that a careful program has to think about, in the order they are placed.
var awkward = []struct {
	why   string // what /sim notes beside it
	edit  edit
	after func(w *sim.World, id string) // what happens to it next; nil when nothing does
}{
	{"country by its name", at("shipping", "country", "United States"), nil},
	{"UK as a country code", both(at("shipping", "country", "UK"), at("shipping", "city", "Leeds"), at("shipping", "region", "West Yorkshire"), at("shipping", "state", "West Yorkshire"), at("shipping", "postal", "LS1 4AP")), nil},
	{"emoji in a name", both(at("shipping", "name", "Zoë 🦊 Fox"), at("shipping", "firstName", "Zoë 🦊"), at("shipping", "lastName", "Fox")), nil},
	{"very long gift message", both(to("giftFlag", true), to("giftMessage", strings.TrimSpace(strings.Repeat("Many happy returns of the day! 🎂 ", 90))), to("giftToName", "Kim")), nil},
	{"a gift, wrapped", both(to("giftFlag", true), to("giftWrapFlag", true), to("giftMessage", "Happy birthday!"), to("giftToName", "Kim"), to("giftFromName", "Pat")), nil},
	{"signature required", to("signatureRequiredFlag", true), nil},
	{"no city", at("shipping", "city", nil), nil},
	{"a test order", to("testFlag", true), nil},
	{"cancelled already", func(map[string]any) {}, func(w *sim.World, id string) { w.CancelInDSCO(id) }},
	{"PO number of another retailer, too", both(to("poNumber", "PO-7700"), to("dscoRetailerId", "1000009001")), nil},
	{"PO number of another retailer, too", both(to("poNumber", "PO-7700"), to("dscoRetailerId", "1000009003")), nil},
	{"third-party shipping account", both(to("shippingAccountNumber", "A1B2C3"), at("shipping", "attention", "Receiving, dock 4"), at("shipping", "company", "Brightway Stores")), nil},
	{"old form of the address alone", func(o map[string]any) {
		ship := o["shipping"].(map[string]any)
		ship["name"], ship["address"], ship["region"] = nil, nil, nil
	}, nil},
}

// addOrders places n orders, spread over the last day or so; every second one is awkward until those are used up. The
// last one, when there are enough, was placed this moment and is not ready yet. It tells by id what is awkward.
func addOrders(w *sim.World, n int) map[string]string {
	why := map[string]string{}
	apart := min(37*time.Minute, 72*time.Hour/time.Duration(max(n, 1)))
	for i := range n {
		age := time.Duration(n-1-i) * apart
		if i == n-1 && n > 2*len(awkward) {
			why[w.AddOrder(sim.Received)] = "not ready for the supplier yet"
			break
		}
		if i%2 == 1 && i/2 < len(awkward) {
			a := awkward[i/2]
			id := w.AddOrder(a.edit, aged(age))
			why[id] = a.why
			if a.after != nil {
				a.after(w, id)
			}
			continue
		}
		w.AddOrder(aged(age))
	}
	return why
}

// aged moves all the dates of an order back.
func aged(age time.Duration) edit {
	return func(o map[string]any) { back(o, age) }
}

// back moves each date in a JSON value back and returns the value.
func back(v any, age time.Duration) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = back(e, age)
		}
	case []any:
		for i, e := range v {
			v[i] = back(e, age)
		}
	case string:
		const form = "2006-01-02T15:04:05-07:00"
		if t, err := time.Parse(form, v); err == nil {
			return t.Add(-age).Format(form)
		}
	}
	return v
}

// to sets a member of the order, at one of an object in it.
func to(name string, value any) edit {
	return func(o map[string]any) { o[name] = value }
}

func at(object, name string, value any) edit {
	return func(o map[string]any) { o[object].(map[string]any)[name] = value }
}

func both(edits ...edit) edit {
	return func(o map[string]any) {
		for _, e := range edits {
			e(o)
		}
	}
}
