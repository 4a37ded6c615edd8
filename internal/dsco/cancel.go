package dsco

import (
	"context"
	"encoding/json"
	"net/http"

	"dscosync/internal/remote"
)

// Cancellation takes units off lines of one order. DSCO knows no cancellation of a whole order by its
// supplier: name every line with what is left of it.
type Cancellation struct {
	OrderID string // dscoOrderId
	Lines   []CancelledLine
}

// CancelledLine says how many units of which line are cancelled, and why.
type CancelledLine struct {
	Number     int    `json:"lineNumber,omitempty"` // 0 = unknown
	Quantity   int    `json:"cancelledQuantity"`
	ItemID     string `json:"dscoItemId,omitempty"`
	SKU        string `json:"sku,omitempty"`
	PartnerSKU string `json:"partnerSku,omitempty"`
	UPC        string `json:"upc,omitempty"`
	EAN        string `json:"ean,omitempty"`
	Code       string `json:"cancelCode"` // CXSO and the like; a retailer may have its own
	Reason     string `json:"cancelledReason,omitempty"`
}

// CancelItems cancels units of an order, which cannot be taken back. DSCO does it at once, or queues
// it: what became of it is in the log under the request id then (see Log).
// A cancellation that does not say what is meant is Rejected without a call.
// See cancelOrderItem in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) CancelItems(ctx context.Context, k Cancellation) (requestID string, queued bool, err error) {
	op := "cancel items of order " + remote.Escape(k.OrderID, 60)
	if why := k.fault(); why != "" {
		return "", false, c.odd(remote.Rejected, op, why)
	}
	var answer remote.Object
	if err := c.API.Call(ctx, op, http.MethodPost, "/order/item/cancel", nil, k, &answer); err != nil {
		return "", false, err
	}
	return c.outcome(op, answer)
}

func (k Cancellation) fault() string {
	switch {
	case k.OrderID == "":
		return "no order is named"
	case len(k.Lines) == 0:
		return "no lines are named"
	}
	for _, l := range k.Lines {
		if why := vague(l.Quantity, l.ItemID, l.SKU, l.PartnerSKU, l.UPC, l.EAN); why != "" {
			return why
		}
		if l.Code == "" {
			return "a line has no cancel code"
		}
	}
	return ""
}

// MarshalJSON names the order by dscoOrderId; poNumber would not be unique.
func (k Cancellation) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID    string          `json:"id"`
		Type  string          `json:"type"`
		Lines []CancelledLine `json:"lineItems"`
	}{k.OrderID, "DSCO_ORDER_ID", k.Lines})
}
