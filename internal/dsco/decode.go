package dsco

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dscosync/internal/remote"
)

const maxUnits = 1_000_000 // more of one line is a mistake

// decode reads an order member by member. It never fails as a whole: what cannot be understood is
// named in Problems or Oddities. ok is false only for a document that is no order or has no id.
func decode(raw json.RawMessage) (o Order, ok bool) {
	var doc remote.Object
	if json.Unmarshal(raw, &doc) != nil {
		return Order{}, false
	}
	if o.ID = idOf(doc["dscoOrderId"]); o.ID == "" {
		return Order{}, false
	}
	r := reader{order: &o, object: doc}
	r.identity()
	r.dates()
	r.wishes()
	o.ShipTo = r.address("shipping", r.problem)
	o.BillTo = r.address("billTo", r.oddity)
	r.lines()
	r.packages()
	return o, true
}

// idOf reads an id: a text, or a number if it is plain digits ("1e3" may have lost some).
func idOf(v any) string {
	s, ok := remote.Text(v)
	if _, number := v.(json.Number); number && strings.Trim(s, "0123456789") != "" {
		return ""
	}
	if !ok || strings.TrimSpace(s) == "" {
		return ""
	}
	return s
}

func (r reader) identity() {
	o := r.order
	o.PO = r.text("poNumber")
	o.ConsumerOrderNumber = r.text("consumerOrderNumber")
	o.SupplierOrderNumber = r.text("supplierOrderNumber")
	o.Status = r.text("dscoStatus")
	o.Lifecycle = r.text("dscoLifecycle")
	o.CancelRequested = r.flag("cancelRequested")
	o.CancelRequestedCode = r.text("cancelRequestedCode")
	o.Test = r.flag("testFlag")
	o.RetailerID = r.text("dscoRetailerId")
	o.Currency = r.text("currencyCode")
}

func (r reader) dates() {
	o := r.order
	o.Created = r.time("dscoCreateDate")
	o.Updated = r.time("dscoLastUpdate")
	o.RetailerCreated = r.time("retailerCreateDate")
	o.ConsumerOrdered = r.time("consumerOrderDate")
	o.AcknowledgeBy = r.time("acknowledgeByDate")
	o.ShipBy = r.time("shipByDate")
	o.ShipLate = r.time("dscoShipLateDate")
	o.CancelAfter = r.time("cancelAfterDate")
}

func (r reader) wishes() {
	o := r.order
	o.ShipCarrier = r.text("shipCarrier")
	o.ShipMethod = r.text("shipMethod")
	o.ServiceLevel = r.text("shippingServiceLevelCode")
	o.AccountNumber = r.text("shippingAccountNumber")
	o.Signature = r.flag("signatureRequiredFlag")
	o.ShipInstructions = r.text("shipInstructions")
	o.PackingInstructions = r.text("packingInstructions")
	o.PackingSlipMessage = r.text("packingSlipMessage")
	o.Gift = r.flag("giftFlag")
	o.GiftMessage = r.text("giftMessage")
	o.GiftTo = r.text("giftToName")
	o.GiftFrom = r.text("giftFromName")
	o.WarehouseCode = r.first("shipWarehouseCode", "dscoWarehouseCode", "requestedWarehouseCode")
}

// address reads a member that is an address. Real answers carry the current members (name, address[],
// region) and the deprecated ones (firstName, address1, state) side by side.
func (r reader) address(name string, complain func(string, string)) Address {
	doc, ok := r.object.Object(name)
	if !ok {
		complain(name, "not an object")
		return Address{}
	}
	if doc == nil && name == "shipping" {
		complain(name, "missing")
	}
	a := r.in(name, doc)
	return Address{
		Name:    a.name(),
		Company: a.text("company"), Attention: a.text("attention"), StoreNumber: a.text("storeNumber"),
		Street: a.street(),
		City:   a.text("city"), Region: a.first("region", "state"), Postal: a.text("postal"),
		Country: a.text("country"), Phone: a.text("phone"), Email: a.text("email"),
		Type: a.text("addressType"),
	}
}

func (r reader) name() string {
	if whole := r.text("name"); strings.TrimSpace(whole) != "" {
		return whole
	}
	return strings.TrimSpace(r.text("firstName") + " " + r.text("lastName"))
}

func (r reader) street() []string {
	list, ok := r.object.List("address")
	if !ok { // one line, not in a list
		list = []any{r.text("address")}
	}
	var lines []string
	for i, v := range list {
		s, ok := remote.Text(v)
		if !ok {
			r.oddity(fmt.Sprintf("address[%d]", i), "not a text")
		}
		lines = keep(lines, s)
	}
	if len(lines) > 0 {
		return lines
	}
	return keep(keep(nil, r.text("address1")), r.text("address2"))
}

func (r reader) lines() {
	list, ok := r.object.List("lineItems")
	switch {
	case !ok:
		r.problem("lineItems", "not a list")
	case list == nil:
		r.problem("lineItems", "missing")
	case len(list) == 0:
		r.problem("lineItems", "empty")
	}
	for i, v := range list {
		name := fmt.Sprintf("lineItems[%d]", i)
		doc, ok := remote.AsObject(v)
		if !ok || doc == nil {
			r.problem(name, "not an object")
			continue
		}
		r.order.Lines = append(r.order.Lines, r.in(name, doc).line())
	}
}

// line reads one line. Counts that say what is left of it are needed: read as 0 by mistake, units
// that the retailer cancelled would be shipped.
func (r reader) line() Line {
	return Line{
		Number:       r.number("lineNumber"),
		RetailerLine: r.text("retailerLineId"), ItemID: r.text("dscoItemId"),
		SKU: r.text("sku"), PartnerSKU: r.text("partnerSku"), UPC: r.text("upc"), EAN: r.text("ean"),
		Title:    r.text("title"),
		Quantity: r.quantity(), Accepted: r.units("acceptedQuantity", r.oddity),
		Cancelled: r.units("cancelledQuantity", r.problem), Rejected: r.units("rejectedQuantity", r.problem),
		Status: r.text("status"), CancelCode: r.text("cancelCode"),
		CancelRequested: r.flag("cancelRequested"), CancelRequestedCode: r.text("cancelRequestedCode"),
		ConsumerPrice: r.amount("consumerPrice"), RetailPrice: r.amount("retailPrice"), ExpectedCost: r.amount("expectedCost"),
		Weight: r.amount("weight"), WeightUnits: r.text("weightUnits"),
		Color: r.text("color"), Size: r.text("size"), Personalization: r.text("personalization"),
		Gift: r.flag("giftFlag"), GiftMessage: r.text("giftMessage"),
		WarehouseCode: r.text("warehouseCode"),
		ShipBy:        r.time("shipByDate"), CancelAfter: r.time("cancelAfterDate"),
	}
}

func (r reader) packages() {
	for i, v := range r.list("packages") {
		name := fmt.Sprintf("packages[%d]", i)
		doc, ok := remote.AsObject(v)
		if !ok || doc == nil {
			r.oddity(name, "not an object")
			continue
		}
		p := r.in(name, doc)
		r.order.Packages = append(r.order.Packages, Package{
			TrackingNumber: p.text("trackingNumber"),
			Carrier:        p.text("shipCarrier"), Method: p.text("shipMethod"), ServiceLevel: p.text("shippingServiceLevelCode"),
			ShipDate: p.time("shipDate"),
			Items:    p.items(),
		})
	}
}

func (r reader) items() (items []PackageItem) {
	for i, v := range r.list("items") {
		name := fmt.Sprintf("items[%d]", i)
		doc, ok := remote.AsObject(v)
		if !ok || doc == nil {
			r.oddity(name, "not an object")
			continue
		}
		item := r.in(name, doc)
		items = append(items, PackageItem{
			Quantity:   item.units("quantity", item.oddity),
			LineNumber: item.number("lineNumber"),
			ItemID:     item.text("dscoItemId"), SKU: item.text("sku"),
		})
	}
	return items
}

// keep appends a text that is not blank.
func keep(list []string, s string) []string {
	if strings.TrimSpace(s) == "" {
		return list
	}
	return append(list, s)
}

// instant parses a date as DSCO or a retailer writes it. Without an offset it is taken as UTC.
func instant(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return t, t.Year() >= 1970 && t.Year() <= 2100
		}
	}
	return time.Time{}, false
}
