package shipstation

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFulfillments(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "fulfillments.list.json")))
	began := time.Date(2026, 2, 13, 14, 30, 0, 0, time.UTC)
	c.API.Now = func() time.Time { return began }
	got, err := c.Fulfillments(t.Context(), FulfillmentQuery{CreatedSince: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	created, shipped := time.Date(2026, 2, 12, 23, 10, 2, 333e6, time.UTC), time.Date(2026, 2, 12, 8, 0, 0, 0, time.UTC)
	want := FulfillmentList{Began: began, Fulfillments: []Fulfillment{
		{ID: 33200101, OrderID: 730551203, OrderNumber: "1026064165", Tracking: "783408231234", Carrier: "FedEx", Created: created, Shipped: shipped},
		{ID: 33200102, OrderID: 730551204, OrderNumber: "1026064170", Carrier: "Other", Created: created, Shipped: shipped},
		{ID: 33200103, OrderID: 730551205, OrderNumber: "1026064171", Tracking: "1Z999AA10111111111", Carrier: "UPS", Created: created, Shipped: shipped, Voided: true},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if asked := d.got[0].query.Encode(); asked != "createDateStart=2026-07-01+05%3A00%3A00&page=1&pageSize=500&sortBy=CreateDate&sortDir=ASC" || d.got[0].path != "/fulfillments" {
		t.Error(d.got[0].path, asked)
	}
}

func TestFulfillmentsOfAnOrder(t *testing.T) {
	c, d := newDesk(t, say(200, `{"fulfillments":[],"total":0}`))
	if _, err := c.Fulfillments(t.Context(), FulfillmentQuery{OrderID: 730551203}); err != nil {
		t.Fatal(err)
	}
	if asked := d.got[0].query.Encode(); asked != "orderId=730551203&page=1&pageSize=500&sortBy=CreateDate&sortDir=ASC" {
		t.Error(asked)
	}
}

func TestOddFulfillments(t *testing.T) {
	c, d := newDesk(t, say(200, `{"fulfillments":[
		{"fulfillmentId":1},
		{"fulfillmentId":"2","orderId":"3","trackingNumber":783408231234,"carrierCode":null,"fulfillmentProviderCode":"amazon","fulfillmentServiceCode":"std","shipDate":"2026-02-12T15:04:05.1","voided":"false"},
		{"fulfillmentId":4,"voidDate":"2026-02-13"},
		{"fulfillmentId":5,"voided":"perhaps"},
		{"fulfillmentId":-6},
		{"orderId":7},
		{"fulfillmentId":8,"voided":false,"voidDate":"2026-02-13"}],"total":7}`))
	got, err := c.Fulfillments(t.Context(), FulfillmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	want := FulfillmentList{Bad: 3, Began: got.Began, Fulfillments: []Fulfillment{
		{ID: 1},
		{ID: 2, OrderID: 3, Tracking: "783408231234", Provider: "amazon", Service: "std", Shipped: time.Date(2026, 2, 12, 23, 4, 5, 1e8, time.UTC)},
		{ID: 4, Voided: true},
		{ID: 8},
	}}
	if diff := cmp.Diff(want, got); diff != "" || d.got[0].query.Encode() != "page=1&pageSize=500&sortBy=CreateDate&sortDir=ASC" {
		t.Error(diff, d.got[0].query)
	}
}
