package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// kind is what ShipStation's classes hold in a member.
type kind uint8

const (
	text    kind = iota
	whole        // a whole number or null
	count        // a whole number
	decimal      // a number or null
	flag         // true, false or null
	date
	record // an object of members
	list   // of items
)

// typeNames are the types as the refusals call them.
var typeNames = map[kind]string{
	text: "System.String", whole: "System.Nullable`1[System.Int64]", count: "System.Int32", decimal: "System.Nullable`1[System.Decimal]",
	flag: "System.Nullable`1[System.Boolean]", date: "System.Nullable`1[System.DateTime]",
}

// shape is what a JSON value must be like to be taken into a class.
type shape struct {
	name    string
	kind    kind
	members []shape // of a record; further members are taken as they are
	item    *shape  // of a list
}

// binder takes JSON into a class as the service's framework does: a value of a wrong type anywhere refuses the request as
// a whole; text that reads as a number or as true or false is taken for one, and numbers are taken for text.
type binder struct {
	prefix string // of the keys in ModelState, such as apiOrders
	body   []byte
	wrong  map[string]any
}

// bind returns v as the class holds it, and writes down what is wrong. path is like [0].items[1].quantity.
func (b *binder) bind(v any, s shape, path string) any {
	if v == nil {
		if s.kind == count {
			b.refuse(path, "Error converting value {null} to type '%s'.", typeNames[s.kind])
		}
		return nil
	}
	if v == "" && (s.kind == whole || s.kind == decimal || s.kind == flag || s.kind == date) {
		return nil
	}
	switch s.kind {
	case record:
		return b.record(v, s, path)
	case list:
		l, ok := v.([]any)
		if !ok {
			b.refuse(path, "Cannot deserialize the current JSON value because the type requires a JSON array (e.g. [1,2,3]) to deserialize correctly.")
			return nil
		}
		out := make([]any, len(l))
		for i, e := range l {
			out[i] = b.bind(e, *s.item, fmt.Sprintf("%s[%d]", path, i))
		}
		return out
	case date:
		if t, ok := v.(string); ok {
			if wall, ok := readWall(t); ok {
				return wall.Format(sevenDigits)
			}
			b.refuse(path, "Could not convert string to DateTime: %s.", t)
			return nil
		}
	default:
		if w, ok := scalar(v, s.kind); ok {
			return w
		}
	}
	raw, _ := json.Marshal(v)
	b.refuse(path, "Error converting value %s to type '%s'.", raw, typeNames[s.kind])
	return nil
}

func (b *binder) record(v any, s shape, path string) any {
	o, ok := v.(object)
	if !ok {
		b.refuse(path, "Cannot deserialize the current JSON value because the type requires a JSON object (e.g. {\"name\":\"value\"}) to deserialize correctly.")
		return nil
	}
	out := clone(o)
	for _, m := range s.members {
		if _, given := o[m.name]; given {
			out[m.name] = b.bind(o[m.name], m, strings.TrimPrefix(path+"."+m.name, "."))
		}
	}
	return out
}

// scalar takes a value for text, a number or a truth value, if it can be taken for one.
func scalar(v any, k kind) (any, bool) {
	switch v := v.(type) {
	case string:
		switch k {
		case text:
			return v, true
		case whole, count, decimal:
			n := json.Number(v)
			if json.Valid([]byte(v)) && isNumber(n, k) {
				return n, true
			}
		case flag:
			if v == "true" || v == "false" {
				return v == "true", true
			}
		}
	case json.Number:
		if k == text {
			return v.String(), true
		}
		return v, k != flag && isNumber(v, k)
	case bool:
		return v, k == flag
	}
	return nil, false
}

func isNumber(n json.Number, k kind) bool {
	if k == decimal {
		_, err := n.Float64()
		return err == nil
	}
	i, err := n.Int64()
	return err == nil && (k == whole || int64(int32(i)) == i)
}

func (b *binder) refuse(path, why string, args ...any) {
	if b.wrong == nil {
		b.wrong = map[string]any{}
	}
	key := b.prefix
	if path != "" && !strings.HasPrefix(path, "[") {
		key += "."
	}
	place := bytes.IndexByte(b.body, ':') + 1
	b.wrong[key+path] = []any{fmt.Sprintf(why, args...) + fmt.Sprintf(" Path '%s', line 1, position %d.", path, place)}
}

// refusal answers a request that could not be taken.
func (b *binder) refusal() reply {
	return answer(http.StatusBadRequest, object{"Message": "The request is invalid.", "ModelState": b.wrong})
}

// unreadable answers a request that is not JSON.
func unreadable(prefix string, err error) reply {
	return answer(http.StatusBadRequest, object{"Message": "The request is invalid.", "ModelState": object{prefix: []any{"Unexpected character encountered while parsing value: " + err.Error()}}})
}

// orderShape is the class of an order in createorder and createorders.
var orderShape = shape{kind: record, members: []shape{
	{name: "orderId", kind: whole}, {name: "orderNumber"}, {name: "orderKey"}, {name: "orderDate", kind: date},
	{name: "paymentDate", kind: date}, {name: "shipByDate", kind: date}, {name: "shipDate", kind: date}, {name: "orderStatus"},
	{name: "customerUsername"}, {name: "customerEmail"}, addressShape("billTo"), addressShape("shipTo"),
	{name: "items", kind: list, item: &shape{kind: record, members: []shape{
		{name: "orderItemId", kind: whole}, {name: "lineItemKey"}, {name: "sku"}, {name: "name"}, {name: "imageUrl"}, weightShape,
		{name: "quantity", kind: count}, {name: "unitPrice", kind: decimal}, {name: "taxAmount", kind: decimal},
		{name: "shippingAmount", kind: decimal}, {name: "warehouseLocation"}, {name: "productId", kind: whole}, {name: "fulfillmentSku"},
		{name: "adjustment", kind: flag}, {name: "upc"},
		{name: "options", kind: list, item: &shape{kind: record, members: []shape{{name: "name"}, {name: "value"}}}},
	}}},
	{name: "amountPaid", kind: decimal}, {name: "taxAmount", kind: decimal}, {name: "shippingAmount", kind: decimal},
	{name: "customerNotes"}, {name: "internalNotes"}, {name: "gift", kind: flag}, {name: "giftMessage"}, {name: "paymentMethod"},
	{name: "requestedShippingService"}, {name: "carrierCode"}, {name: "serviceCode"}, {name: "packageCode"}, {name: "confirmation"},
	weightShape,
	{name: "dimensions", kind: record, members: []shape{{name: "length", kind: decimal}, {name: "width", kind: decimal}, {name: "height", kind: decimal}, {name: "units"}}},
	{name: "insuranceOptions", kind: record, members: []shape{{name: "provider"}, {name: "insureShipment", kind: flag}, {name: "insuredValue", kind: decimal}}},
	{name: "internationalOptions", kind: record, members: []shape{{name: "contents"}, {name: "nonDelivery"}, {name: "customsItems", kind: list, item: &shape{kind: record}}}},
	{name: "advancedOptions", kind: record, members: []shape{
		{name: "warehouseId", kind: whole}, {name: "nonMachinable", kind: flag}, {name: "saturdayDelivery", kind: flag},
		{name: "containsAlcohol", kind: flag}, {name: "storeId", kind: whole}, {name: "customField1"}, {name: "customField2"},
		{name: "customField3"}, {name: "source"}, {name: "billToParty"}, {name: "billToAccount"}, {name: "billToPostalCode"}, {name: "billToCountryCode"},
	}},
	{name: "tagIds", kind: list, item: &shape{kind: count}},
}}

var weightShape = shape{name: "weight", kind: record, members: []shape{{name: "value", kind: decimal}, {name: "units"}, {name: "WeightUnits", kind: whole}}}

func addressShape(name string) shape {
	return shape{name: name, kind: record, members: []shape{
		{name: "name"}, {name: "company"}, {name: "street1"}, {name: "street2"}, {name: "street3"}, {name: "city"}, {name: "state"},
		{name: "postalCode"}, {name: "country"}, {name: "phone"}, {name: "residential", kind: flag},
	}}
}
