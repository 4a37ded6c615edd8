package shipstation

import (
	"encoding/json"
	"time"
)

// Order is what dscosync reads of a ShipStation order. Times are UTC, zero when absent.
type Order struct {
	ID            int64
	Number        string // orderNumber; not unique
	Key           string // orderKey; set at creation, stays
	Status        string // awaiting_shipment, on_hold, shipped, cancelled, ...; unknown words are kept
	Created       time.Time
	Modified      time.Time
	HoldUntil     time.Time // of an order on hold
	StoreID       int64
	ParentID      int64 // the order this one was split from; 0 = none
	MergedOrSplit bool
	MergedIDs     []int64
	Items         []OrderItem
}

// OrderItem is a line of an order, or of a shipment.
type OrderItem struct {
	Key        string // lineItemKey, as it was sent at creation
	SKU        string
	Quantity   int
	Adjustment bool // a discount or the like, nothing to ship
}

// NewOrder is the document of a create: exactly the members dscosync sends.
type NewOrder struct {
	Number           string   `json:"orderNumber"` // at most 50 characters
	Key              string   `json:"orderKey"`    // makes the create an upsert
	Date             Time     `json:"orderDate"`
	ShipBy           Time     `json:"shipByDate,omitzero"`
	Status           string   `json:"orderStatus"`
	Email            string   `json:"customerEmail,omitempty"`
	BillTo           Address  `json:"billTo"`
	ShipTo           Address  `json:"shipTo"`
	Items            []Item   `json:"items"`
	Gift             bool     `json:"gift"`
	GiftMessage      string   `json:"giftMessage,omitempty"`
	InternalNotes    string   `json:"internalNotes,omitempty"`
	RequestedService string   `json:"requestedShippingService,omitempty"`
	Confirmation     string   `json:"confirmation,omitempty"` // none, delivery, signature, adult_signature, direct_signature
	Advanced         Advanced `json:"advancedOptions"`
}

// Address is sent as billTo and shipTo. What a shipTo has to have is always sent, empty or not; a
// billTo needs a name alone, and an empty country would be refused.
type Address struct {
	Name        string `json:"name"`
	Company     string `json:"company,omitempty"`
	Street1     string `json:"street1"`
	Street2     string `json:"street2,omitempty"`
	Street3     string `json:"street3,omitempty"`
	City        string `json:"city"`
	State       string `json:"state"`
	PostalCode  string `json:"postalCode"`
	Country     string `json:"country,omitempty"` // two capital letters
	Phone       string `json:"phone,omitempty"`
	Residential *bool  `json:"residential,omitempty"`
}

// Item is a line of a NewOrder.
type Item struct {
	Key       string      `json:"lineItemKey"` // comes back in shipments
	SKU       string      `json:"sku,omitempty"`
	Name      string      `json:"name"` // must not be null
	UPC       string      `json:"upc,omitempty"`
	Quantity  int         `json:"quantity"`
	UnitPrice json.Number `json:"unitPrice,omitempty"`
	Weight    *Weight     `json:"weight,omitempty"`
	Options   []Option    `json:"options,omitempty"`
}

// Weight is of one unit; units are ounces, pounds or grams.
type Weight struct {
	Value json.Number `json:"value"`
	Units string      `json:"units"`
}

// Option is a line's property shown on the packing slip.
type Option struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Advanced holds the advancedOptions of a NewOrder.
type Advanced struct {
	StoreID           int64  `json:"storeId"` // honoured at creation only
	Source            string `json:"source,omitempty"`
	CustomField1      string `json:"customField1,omitempty"`
	CustomField2      string `json:"customField2,omitempty"`
	CustomField3      string `json:"customField3,omitempty"`
	BillToParty       string `json:"billToParty,omitempty"` // my_account, recipient, third_party
	BillToAccount     string `json:"billToAccount,omitempty"`
	BillToPostalCode  string `json:"billToPostalCode,omitempty"`
	BillToCountryCode string `json:"billToCountryCode,omitempty"`
}
