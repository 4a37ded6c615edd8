package dsco

import "time"

// Order is an order as DSCO tells it. Every time is UTC, and zero when absent or not understood.
// Free text is as the retailer sent it: escape it before it reaches a terminal or a log.
type Order struct {
	ID                  string // dscoOrderId: a string of digits, also when DSCO sends a number
	PO                  string // poNumber; not unique, a retailer's PO may be split over several orders
	ConsumerOrderNumber string
	SupplierOrderNumber string
	Status              string // dscoStatus: created, shipment_pending, shipped, cancelled
	Lifecycle           string // dscoLifecycle: received, created, acknowledged, completed
	CancelRequested     bool   // the retailer asks to cancel; lines may ask on their own
	CancelRequestedCode string
	Test                bool
	RetailerID          string // dscoRetailerId
	Currency            string

	Created         time.Time // dscoCreateDate
	Updated         time.Time // dscoLastUpdate
	RetailerCreated time.Time
	ConsumerOrdered time.Time
	AcknowledgeBy   time.Time
	ShipBy          time.Time
	ShipLate        time.Time // dscoShipLateDate, which is not a copy of shipByDate
	CancelAfter     time.Time

	// The final values for the supplier, not what the retailer asked for (requestedShip*).
	ShipCarrier, ShipMethod, ServiceLevel string

	AccountNumber       string // shippingAccountNumber, of a third party
	Signature           bool
	ShipInstructions    string
	PackingInstructions string
	PackingSlipMessage  string
	Gift                bool
	GiftMessage         string
	GiftTo, GiftFrom    string
	WarehouseCode       string // shipWarehouseCode, else dscoWarehouseCode, else requestedWarehouseCode

	ShipTo, BillTo Address
	Lines          []Line
	Packages       []Package

	// Problems names each member that an order cannot do without and that could not be understood,
	// e.g. `lineItems[2].quantity: 1.5 is not a whole number`. Values of personal members are never quoted.
	Problems []string
	// Oddities names the members that were ignored because they could not be understood,
	// and that the order can do without, such as a bad optional date.
	Oddities []string
}

// Address is where an order goes to or who pays for it.
type Address struct {
	Name, Company, Attention, StoreNumber string

	Street                []string // address[], else address1 and address2; blank lines left out
	City, Region, Postal  string
	Country, Phone, Email string
	Type                  string // addressType: Residential, Commercial
}

// Line is one line of an order. Quantities are whole units.
type Line struct {
	Number       int // lineNumber; 0 = absent
	RetailerLine string
	ItemID       string // dscoItemId
	SKU          string // the supplier's
	PartnerSKU   string // the retailer's
	UPC, EAN     string
	Title        string

	Quantity, Accepted, Cancelled, Rejected int

	Status              string // accepted, rejected, cancelled; empty until something happens
	CancelCode          string // why units of it were cancelled or rejected, last
	CancelRequested     bool
	CancelRequestedCode string

	ConsumerPrice, RetailPrice, ExpectedCost Amount
	Weight                                   Amount
	WeightUnits                              string

	Color, Size, Personalization string
	Gift                         bool
	GiftMessage                  string
	WarehouseCode                string
	ShipBy, CancelAfter          time.Time
}

// Amount is a decimal number as its digits were sent, "12.74"; empty when absent.
// It is never a float: a price has to leave as it came.
type Amount string

// Package is a parcel that DSCO has been told of.
type Package struct {
	TrackingNumber                string
	Carrier, Method, ServiceLevel string
	ShipDate                      time.Time
	Items                         []PackageItem
}

// PackageItem says how many units of which line are in a package.
type PackageItem struct {
	Quantity   int
	LineNumber int // 0 = absent
	ItemID     string
	SKU        string
}
