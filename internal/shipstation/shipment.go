package shipstation

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"dscosync/internal/remote"
)

// Shipment is a label bought in ShipStation. Of an order in several packages it has the main tracking
// number alone. Every member but the id may be empty: labels are bought without an order as well.
type Shipment struct {
	ID          int64
	OrderID     int64
	OrderKey    string
	OrderNumber string
	Tracking    string
	Carrier     string // carrierCode, "ups_walleted"
	Service     string // serviceCode, "ups_ground"
	Package     string // packageCode
	StoreID     int64  // mostly not told
	WarehouseID int64
	Created     time.Time // UTC
	ShipDate    string    // the label's date as sent, YYYY-MM-DD, Pacific
	Voided      bool
	VoidedAt    time.Time // UTC
	Return      bool      // a label for the way back
	Cost        json.Number
	Weight      json.Number // of the whole parcel
	WeightUnits string      // ounces, pounds or grams
	Items       []OrderItem // units in this parcel; after a combine of several orders
	HasItems    bool        // false = what was packed was not told, or cannot be understood; true without Items = nothing
}

// ShipmentQuery says which shipments to list; zero fields do not filter. A void changes an old row:
// only VoidedSince finds it.
type ShipmentQuery struct {
	StoreID      int64
	OrderID      int64
	CreatedSince time.Time
	VoidedSince  time.Time
	SkipBad      bool // as in Query
}

// ShipmentList is a list that was read to its end.
type ShipmentList struct {
	Shipments []Shipment
	Bad       int       // rows left out: without an id, void or return not to be told, or (SkipBad) that ShipStation cannot send
	Began     time.Time // UTC; as in List
}

// Shipments lists labels with their items, voided and return labels as well, by creation, ascending.
// What was marked as shipped without a label is among the Fulfillments alone.
// See https://www.shipstation.com/docs/api/shipments/list/ .
func (c *Client) Shipments(ctx context.Context, q ShipmentQuery) (ShipmentList, error) {
	l := ShipmentList{Began: c.API.Time()}
	p := pages[Shipment]{client: c, decode: decodeShipment, op: "list shipments", path: "/shipments", rows: "shipments", id: "shipmentId", query: q.values(), skipBad: q.SkipBad}
	found, bad, err := p.all(ctx)
	if err != nil {
		return ShipmentList{}, err
	}
	l.Shipments, l.Bad = found, bad
	return l, nil
}

// values has no end of a window: should ShipStation read Pacific time as UTC, a start only widens it.
func (q ShipmentQuery) values() url.Values {
	v := url.Values{"includeShipmentItems": {"true"}, "sortBy": {"CreateDate"}, "sortDir": {"ASC"}}
	if q.StoreID != 0 {
		v.Set("storeId", strconv.FormatInt(q.StoreID, 10))
	}
	if q.OrderID != 0 {
		v.Set("orderId", strconv.FormatInt(q.OrderID, 10))
	}
	if !q.CreatedSince.IsZero() {
		v.Set("createDateStart", since(q.CreatedSince))
	}
	if !q.VoidedSince.IsZero() {
		v.Set("voidDateStart", since(q.VoidedSince))
	}
	return v
}

// decodeShipment reads a row member by member; what cannot be understood is left zero. ok is false
// when it has no id, or when the marks that decide whether a parcel is on its way are not clear.
func decodeShipment(doc remote.Object) (s Shipment, ok bool) {
	s.ID, s.OrderID = id(doc, "shipmentId"), id(doc, "orderId")
	s.OrderKey, _ = doc.Text("orderKey")
	s.OrderNumber, _ = doc.Text("orderNumber")
	s.Tracking, _ = doc.Text("trackingNumber")
	s.Carrier, _ = doc.Text("carrierCode")
	s.Service, _ = doc.Text("serviceCode")
	s.Package, _ = doc.Text("packageCode")
	advanced, _ := doc.Object("advancedOptions")
	s.StoreID, s.WarehouseID = id(advanced, "storeId"), id(doc, "warehouseId")
	s.Created, s.VoidedAt = date(doc, "createDate"), date(doc, "voidDate")
	s.ShipDate = day(doc, "shipDate")
	s.Cost = number(doc, "shipmentCost")
	weight, _ := doc.Object("weight")
	s.Weight = number(weight, "value")
	s.WeightUnits, _ = weight.Text("units")
	s.Items, s.HasItems = packed(doc)
	s.Voided, ok = void(doc)
	back, known := doc.Flag("isReturnLabel")
	s.Return = back
	return s, ok && known && s.ID > 0
}

// packed reads the items of a parcel: all of them or none, for units that were read as 0 would never be
// told to anybody.
func packed(doc remote.Object) (items []OrderItem, known bool) {
	list, ok := doc.List("shipmentItems")
	if !ok || list == nil {
		return nil, false
	}
	for _, v := range list {
		row, _ := remote.AsObject(v)
		item := decodeItem(row)
		n, whole := row.Whole("quantity")
		if !whole || !row.Has("quantity") || n != int64(item.Quantity) {
			return nil, false
		}
		items = append(items, item)
	}
	return items, true
}

// void tells whether a row is voided; a date of it counts where the mark is missing.
func void(doc remote.Object) (voided, ok bool) {
	if !doc.Has("voided") {
		return !date(doc, "voidDate").IsZero(), true
	}
	return doc.Flag("voided")
}

// day is the date part of a date, as sent.
func day(doc remote.Object, name string) string {
	s, _ := doc.Text(name)
	s = s[:min(len(s), len(time.DateOnly))]
	if t, err := time.Parse(time.DateOnly, s); err != nil || !sensible(t) {
		return ""
	}
	return s
}

// number reads a decimal number, its digits as sent; empty = none.
func number(doc remote.Object, name string) json.Number {
	s, _ := doc.Decimal(name)
	return json.Number(s)
}
