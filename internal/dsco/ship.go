package dsco

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"dscosync/internal/remote"
)

// Shipment is one parcel of an order. What is empty is left out: accounts differ in what they demand
// beyond order, tracking number and lines, so everything known should be given.
type Shipment struct {
	OrderID       string // dscoOrderId
	PO            string // poNumber
	Tracking      string
	Carrier       string // shipCarrier, "USPS"
	Method        string // shipMethod, "Ground Advantage"
	ServiceLevel  string // shippingServiceLevelCode, "USGA"
	WarehouseCode string
	ShipDate      time.Time // sent in whole seconds, UTC
	Cost          Amount    // shipCost; "0" is sent, empty is not
	Weight        Amount    // sent with its units or not at all
	WeightUnits   string    // LB, OZ, KG, G
	Lines         []ShippedLine
}

// ShippedLine says how many units of which line are in a parcel. One SKU may stand on two lines: the
// number tells them apart.
type ShippedLine struct {
	Number     int    `json:"lineNumber,omitempty"` // 0 = unknown
	Quantity   int    `json:"quantity"`
	ItemID     string `json:"dscoItemId,omitempty"`
	SKU        string `json:"sku,omitempty"`
	PartnerSKU string `json:"partnerSku,omitempty"`
	UPC        string `json:"upc,omitempty"`
	EAN        string `json:"ean,omitempty"`
	Span       bool   `json:"packageSpanFlag,omitempty"` // the line is spread over several parcels
}

// Ship tells DSCO of a parcel; when it returns nil DSCO has taken it. Nothing is documented of a
// parcel told twice: after an Uncertain error look for its number in the order's Packages first.
// A parcel that does not say what is in it is Rejected without a call.
// See singleShipment in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) Ship(ctx context.Context, s Shipment) error {
	op := "ship order " + remote.Escape(s.OrderID, 60)
	if why := s.fault(); why != "" {
		return c.odd(remote.Rejected, op, why)
	}
	var answer remote.Object
	if err := c.API.Call(ctx, op, http.MethodPost, "/order/singleShipment", nil, s, &answer); err != nil {
		return err
	}
	_, queued, err := c.outcome(op, answer)
	if queued {
		return c.odd(remote.Uncertain, op, "it was queued instead of done")
	}
	return err
}

func (s Shipment) fault() string {
	switch {
	case s.OrderID == "":
		return "no order is named"
	case s.Tracking == "":
		return "there is no tracking number"
	case len(s.Lines) == 0:
		return "no lines are named"
	}
	for _, l := range s.Lines {
		if why := vague(l.Quantity, l.ItemID, l.SKU, l.PartnerSKU, l.UPC, l.EAN); why != "" {
			return why
		}
	}
	return ""
}

// MarshalJSON writes the order with this one parcel.
func (s Shipment) MarshalJSON() ([]byte, error) {
	p := parcel{
		Tracking: s.Tracking, Carrier: s.Carrier, Method: s.Method, ServiceLevel: s.ServiceLevel,
		WarehouseCode: s.WarehouseCode, Cost: json.Number(s.Cost), Lines: s.Lines,
	}
	if !s.ShipDate.IsZero() {
		p.ShipDate = s.ShipDate.UTC().Format(time.RFC3339)
	}
	if s.Weight != "" && s.WeightUnits != "" {
		p.Weight, p.WeightUnits = json.Number(s.Weight), s.WeightUnits
	}
	return json.Marshal(struct {
		OrderID   string   `json:"dscoOrderId"`
		PO        string   `json:"poNumber,omitempty"`
		Shipments []parcel `json:"shipments"`
	}{s.OrderID, s.PO, []parcel{p}})
}

// parcel is a Shipment as it is sent.
type parcel struct {
	Tracking      string        `json:"trackingNumber"`
	ShipDate      string        `json:"shipDate,omitempty"`
	Carrier       string        `json:"shipCarrier,omitempty"`
	Method        string        `json:"shipMethod,omitempty"`
	ServiceLevel  string        `json:"shippingServiceLevelCode,omitempty"`
	Cost          json.Number   `json:"shipCost,omitempty"`
	Weight        json.Number   `json:"shipWeight,omitempty"`
	WeightUnits   string        `json:"shipWeightUnits,omitempty"`
	WarehouseCode string        `json:"warehouseCode,omitempty"`
	Lines         []ShippedLine `json:"lineItems"`
}
