package shipstation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"dscosync/internal/remote"
)

// document is an order of which nothing is lost.
type document struct {
	raw    json.RawMessage
	object remote.Object
}

func (d *document) UnmarshalJSON(b []byte) error {
	d.raw = bytes.Clone(b)
	return d.object.UnmarshalJSON(b)
}

// Document reads an order with every member as sent, to be changed and handed to PutDocument: an
// update replaces the whole order. It holds personal data: it must not be kept or logged. The error is
// Missing when the order is unknown, deleted or merged away.
// See https://www.shipstation.com/docs/api/orders/get-order/ .
func (c *Client) Document(ctx context.Context, id int64) (json.RawMessage, Order, error) {
	op := fmt.Sprintf("read order %d", id)
	var doc document
	if err := c.API.Call(ctx, op, http.MethodGet, "/orders/"+strconv.FormatInt(id, 10), nil, nil, &doc); err != nil {
		return nil, Order{}, err
	}
	o := decode(doc.object)
	if o.ID != id {
		return nil, Order{}, c.odd(remote.Unavailable, op, "another order was sent")
	}
	return doc.raw, o, nil
}

// PutDocument overwrites an order with a changed Document and gives the order as it is stored then:
// compare its Status, for ShipStation may do something else than it was asked. A document without an
// order id is refused unsent, since it could create a second order. The error is Missing when the
// order was deleted, merged, split or moved to another store since.
// See https://www.shipstation.com/docs/api/orders/create-update-order/ .
func (c *Client) PutDocument(ctx context.Context, doc json.RawMessage) (Order, error) {
	var sent remote.Object
	if err := json.Unmarshal(doc, &sent); err != nil || id(sent, "orderId") == 0 {
		return Order{}, c.odd(remote.Other, "update an order", "the document names no order")
	}
	want := id(sent, "orderId")
	op := fmt.Sprintf("update order %d", want)
	var answer remote.Object
	if err := c.API.Call(ctx, op, http.MethodPost, "/orders/createorder", nil, doc, &answer); err != nil {
		return Order{}, err
	}
	o := decode(answer)
	if o.ID != want {
		return Order{}, c.odd(remote.Uncertain, op, "the answer is not that order")
	}
	return o, nil
}
