package sim

import (
	"fmt"
	"strings"
	"time"
)

// The ids of a world's first label and first fulfillment less one. No id is of both kinds.
const (
	firstShipment    = 51200900
	firstFulfillment = 33200100
)

// packer is the user who buys labels.
const packer = "4f0c8e55-0a41-4c0b-9f57-1d2e7a6b9c11"

// label makes a row of /shipments.
func (s *shipStation) label(o *shipOrder, pack []any, now time.Time, opts []func(map[string]any)) *parcel {
	p := &parcel{id: firstShipment + int64(len(s.shipments)) + 1, order: o, made: now}
	doc := parse(blankShipment)
	doc["shipmentId"], doc["createDate"], doc["shipDate"] = number(p.id), wallClock(now), now.In(pacific).Format(dateOnly)
	draft := trackingNumber(Text(doc, "serviceCode"), p.id)
	doc["trackingNumber"] = draft
	if o != nil {
		order := o.latest()
		for _, name := range []string{"orderId", "orderKey", "orderNumber", "customerEmail", "confirmation"} {
			doc[name] = order[name]
		}
		doc["shipTo"], doc["userId"], doc["batchNumber"] = labelAddress(order["shipTo"]), packer, "100412"
		doc["warehouseId"] = At(order, "advancedOptions", "warehouseId")
		if w, ok := order["weight"].(object); ok && Text(w, "value") != "0.0" && Text(w, "value") != "0" {
			doc["weight"] = clone(w)
		}
		doc["shipmentItems"] = labelItems(pack)
	} else {
		doc["createDate"] = now.In(pacific).Format(fewDigits) // the digits of a fraction vary
		doc["shipTo"] = labelAddress(object{"name": "Sam Field", "street1": "9 Quarry Rd", "city": "Barre", "state": "VT", "postalCode": "05641", "country": "US"})
	}
	doc = normal(doc)
	for _, opt := range opts {
		opt(doc)
	}
	doc = normal(doc)
	doc["shipmentId"] = number(p.id)
	if Text(doc, "trackingNumber") == draft {
		doc["trackingNumber"] = trackingNumber(Text(doc, "serviceCode"), p.id)
	}
	if items, _ := doc["shipmentItems"].([]any); len(items) > 0 {
		p.items = items
	}
	p.returns = doc["isReturnLabel"] == true
	s.shipments = append(s.shipments, p)
	return s.keep(p, now, doc)
}

// mark makes a row of /fulfillments and ships the order.
func (s *shipStation) mark(o *shipOrder, now time.Time, opts []func(map[string]any)) *parcel {
	p := &parcel{id: firstFulfillment + int64(len(s.fulfillments)) + 1, order: o, made: now}
	order := o.latest()
	doc := parse(blankFulfillment)
	for _, name := range []string{"orderId", "orderNumber", "customerEmail"} {
		doc[name] = order[name]
	}
	doc["shipTo"], doc["userId"] = labelAddress(order["shipTo"]), packer
	today := now.In(pacific).Format(dateOnly)
	doc["createDate"], doc["shipDate"] = wallClock(now), today+"T00:00:00.0000000"
	doc["trackingNumber"] = trackingNumber("", p.id)
	for _, opt := range opts {
		opt(doc)
	}
	doc = normal(doc)
	doc["fulfillmentId"] = number(p.id)
	s.fulfillments = append(s.fulfillments, p)
	s.keep(p, now, doc)
	s.settle(o, now, true)
	return p
}

// trackingNumber makes a number in the fashion of a service's carrier.
func trackingNumber(service string, id int64) string {
	switch carrier, _, _ := strings.Cut(service, "_"); carrier {
	case "ups":
		return fmt.Sprintf("1Z999AA1%010d", id)
	case "fedex":
		return fmt.Sprintf("7748%08d", id)
	}
	return fmt.Sprintf("9400111899%012d", id)
}

// labelAddress is an order's address as it stands on a label: in capitals, and not checked.
func labelAddress(to any) any {
	a, ok := clone(to).(object)
	if !ok {
		return nil
	}
	for _, name := range []string{"street1", "street2", "city", "state"} {
		if Text(a, name) != "" {
			a[name] = strings.ToUpper(Text(a, name))
		}
	}
	a["residential"], a["addressVerified"] = nil, nil
	return a
}

// labelItems are items of an order as they stand on a shipment: who they are, how many, what they cost.
func labelItems(items []any) []any {
	shown := []any{}
	each(items, func(_ int, item object) {
		line := parse(blankShipItem)
		line["options"] = nil
		for _, name := range []string{"orderItemId", "lineItemKey", "sku", "name", "quantity", "unitPrice", "adjustment"} {
			line[name] = item[name]
		}
		shown = append(shown, line)
	})
	return shown
}
