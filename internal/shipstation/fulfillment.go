package shipstation

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"dscosync/internal/remote"
)

// Fulfillment is an order, or the rest of one, that was marked as shipped without a label of
// ShipStation. It tells neither its store nor its items.
type Fulfillment struct {
	ID          int64
	OrderID     int64
	OrderNumber string
	Tracking    string    // may be empty
	Carrier     string    // a display name, "FedEx"; may be empty
	Provider    string    // fulfillmentProviderCode
	Service     string    // fulfillmentServiceCode
	Created     time.Time // UTC
	Shipped     time.Time // UTC; mostly midnight of a day in Pacific time
	Voided      bool
}

// FulfillmentQuery says which fulfillments to list; zero fields do not filter.
type FulfillmentQuery struct {
	OrderID      int64
	CreatedSince time.Time
	SkipBad      bool // as in Query
}

// FulfillmentList is a list that was read to its end.
type FulfillmentList struct {
	Fulfillments []Fulfillment
	Bad          int       // rows left out: without an id, void not to be told, or (SkipBad) that ShipStation cannot send
	Began        time.Time // UTC; as in List
}

// Fulfillments lists what was marked as shipped, by hand, by a provider or by another program, voided
// rows as well, by creation, ascending. All stores are in it.
// See https://www.shipstation.com/docs/api/fulfillments/list-fulfillments/ .
func (c *Client) Fulfillments(ctx context.Context, q FulfillmentQuery) (FulfillmentList, error) {
	l := FulfillmentList{Began: c.API.Time()}
	query := url.Values{"sortBy": {"CreateDate"}, "sortDir": {"ASC"}}
	if q.OrderID != 0 {
		query.Set("orderId", strconv.FormatInt(q.OrderID, 10))
	}
	if !q.CreatedSince.IsZero() {
		query.Set("createDateStart", since(q.CreatedSince))
	}
	p := pages[Fulfillment]{client: c, decode: decodeFulfillment, op: "list fulfillments", path: "/fulfillments", rows: "fulfillments", id: "fulfillmentId", query: query, skipBad: q.SkipBad}
	found, bad, err := p.all(ctx)
	if err != nil {
		return FulfillmentList{}, err
	}
	l.Fulfillments, l.Bad = found, bad
	return l, nil
}

// decodeFulfillment reads a row like decodeShipment.
func decodeFulfillment(doc remote.Object) (f Fulfillment, ok bool) {
	f.ID, f.OrderID = id(doc, "fulfillmentId"), id(doc, "orderId")
	f.OrderNumber, _ = doc.Text("orderNumber")
	f.Tracking, _ = doc.Text("trackingNumber")
	f.Carrier, _ = doc.Text("carrierCode")
	f.Provider, _ = doc.Text("fulfillmentProviderCode")
	f.Service, _ = doc.Text("fulfillmentServiceCode")
	f.Created, f.Shipped = date(doc, "createDate"), date(doc, "shipDate")
	f.Voided, ok = void(doc)
	return f, ok && f.ID > 0
}
