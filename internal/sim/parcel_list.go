package sim

import (
	"maps"
	"net/http"
	"strings"
	"time"
)

// shipmentList is what /shipments can be asked for. Whether its orderNumber is a whole or a prefix is told either way; a
// prefix shows a client more than it wants.
var shipmentList = listing{
	member: "shipments",
	sorts:  map[string]string{"": "createDate", "CreateDate": "createDate", "ShipDate": "shipDate"},
	bounds: []string{"createDate", "shipDate", "voidDate"},
	whole:  []string{"orderId", "storeId"},
	where: map[string]func(row, string) bool{
		"recipientName": has("shipTo", "name"), "recipientCountryCode": equals("shipTo", "country"), "orderNumber": begins("orderNumber"),
		"orderId": equals("orderId"), "carrierCode": equals("carrierCode"), "serviceCode": equals("serviceCode"),
		"trackingNumber": equals("trackingNumber"), "storeId": inStore,
	},
}

// fulfillmentList is what /fulfillments can be asked for: not for a store, nor for voids.
var fulfillmentList = listing{
	member: "fulfillments",
	sorts:  map[string]string{"": "createDate", "CreateDate": "createDate", "ShipDate": "shipDate"},
	bounds: []string{"createDate", "shipDate"},
	whole:  []string{"fulfillmentId", "orderId"},
	where: map[string]func(row, string) bool{
		"fulfillmentId": equals("fulfillmentId"), "orderId": equals("orderId"), "orderNumber": begins("orderNumber"),
		"trackingNumber": equals("trackingNumber"), "recipientName": has("shipTo", "name"),
	},
}

// listShipments answers GET /shipments: labels, the voided and the returns included.
func (s *shipStation) listShipments(c *call, now time.Time) reply {
	rows := s.rows(s.shipments, now)
	if !strings.EqualFold(c.Query.Get("includeShipmentItems"), "true") {
		for i := range rows {
			rows[i].doc = maps.Clone(rows[i].doc)
			rows[i].doc["shipmentItems"] = nil
		}
	}
	return s.page(c, shipmentList, rows)
}

// listFulfillments answers GET /fulfillments.
func (s *shipStation) listFulfillments(c *call, now time.Time) reply {
	return s.page(c, fulfillmentList, s.rows(s.fulfillments, now))
}

// rows are the parcels that a list shows now. A parcel stands in the store that its order stands in, wherever that was
// when the label was bought.
func (s *shipStation) rows(parcels []*parcel, now time.Time) []row {
	lag := s.w.o.ShipStationLag
	rows := []row{}
	for _, p := range parcels {
		doc := p.asOf(now, lag)
		if doc == nil {
			continue
		}
		r := row{doc: doc, poisoned: p.poisoned, shown: func() { p.show(now, lag) }}
		if p.order != nil {
			r.store = storeOf(p.order.last)
		}
		rows = append(rows, r)
	}
	return rows
}

// carrierNames are the carriers as a fulfillment names them. It has no name for others.
var carrierNames = map[string]string{
	"usps": "USPS", "stamps_com": "USPS", "endicia": "USPS", "express_1": "USPS", "ups": "UPS", "ups_walleted": "UPS", "fedex": "FedEx",
	"dhl_express": "DHL Express", "ontrac": "OnTrac", "other": "Other",
}

// markAsShipped answers POST /orders/markasshipped.
func (s *shipStation) markAsShipped(c *call, now time.Time) reply {
	in, bad := s.read(c, shape{kind: whole, name: "orderId"}, shape{name: "carrierCode"}, shape{kind: date, name: "shipDate"},
		shape{name: "trackingNumber"}, shape{kind: flag, name: "notifyCustomer"}, shape{kind: flag, name: "notifySalesChannel"})
	if bad != nil {
		return *bad
	}
	o := s.byID[Int(in, "orderId")]
	code := Text(in, "carrierCode")
	switch {
	case code == "":
		return answer(http.StatusBadRequest, object{"Message": "The carrierCode field is required."})
	case o == nil || o.deleted:
		return plain(ShipStation, http.StatusNotFound)
	case !isOpen(o.latest()):
		return answer(http.StatusBadRequest, object{"Message": "Only open orders can be marked as shipped."})
	}
	s.mark(o, now, []func(map[string]any){func(doc map[string]any) {
		doc["trackingNumber"], doc["carrierCode"] = in["trackingNumber"], nil
		if name := carrierNames[strings.ToLower(code)]; name != "" {
			doc["carrierCode"] = name
		}
		if day := Text(in, "shipDate"); day != "" {
			doc["shipDate"] = day
		}
	}})
	return answer(http.StatusOK, object{"orderId": number(o.id), "orderNumber": o.latest()["orderNumber"]})
}
