package sim

import (
	"net/http"
	"strconv"
	"time"
)

// store is one of the account's stores.
type store struct {
	id          int64
	name        string
	marketplace int
	kind        string
	active      bool
}

// storeList has the stores in the order of their making. The one that DSCO's orders go to is a manual store, but not the
// first: a create that names no store goes astray.
func (s *shipStation) storeList() []store {
	id := s.w.o.StoreID
	return []store{
		{id - 1, "Phone orders", 0, "ShipStation", true},
		{id, "DSCO manual orders", 0, "ShipStation", true},
		{id + 1, "Web shop", 36, "WooCommerce", true},
		{id + 2, "Old shop", 36, "WooCommerce", false},
		{id + 3, "Old counter", 0, "ShipStation", false},
	}
}

// firstManual is the store of an order that names none.
func (s *shipStation) firstManual() int64 { return s.storeList()[0].id }

// active tells whether orders can be made in a store.
func (s *shipStation) active(id int64) bool {
	for _, st := range s.storeList() {
		if st.id == id {
			return st.active
		}
	}
	return false
}

// stores answers GET /stores.
func (s *shipStation) stores(c *call, _ time.Time) reply {
	q := c.Query
	rows := []any{}
	for _, st := range s.storeList() {
		if !st.active && q.Get("showInactive") != "true" || q.Has("marketplaceId") && q.Get("marketplaceId") != strconv.Itoa(st.marketplace) {
			continue
		}
		rows = append(rows, object{
			"storeId": st.id, "storeName": st.name, "marketplaceId": st.marketplace, "marketplaceName": st.kind, "accountName": nil,
			"email": nil, "integrationUrl": nil, "active": st.active, "companyName": "", "phone": "", "publicEmail": "", "website": "",
			"refreshDate": "2026-02-11T05:46:11.283", "lastRefreshAttempt": "2026-02-11T05:46:53.43",
			"createDate": "2024-07-25T11:05:55.307", "modifyDate": "2025-11-12T08:45:20.55", "autoRefresh": st.marketplace != 0,
			"statusMappings": nil,
		})
	}
	return answer(http.StatusOK, rows)
}

// carrierList has the account's carriers with their services: code, then name.
var carrierList = []struct {
	code, name string
	account    any
	services   [][2]string
}{
	{"stamps_com", "Stamps.com", "acct-1", [][2]string{{"usps_ground_advantage", "USPS Ground Advantage"}, {"usps_priority_mail", "USPS Priority Mail"}, {"usps_priority_mail_express", "USPS Priority Mail Express"}}},
	{"ups_walleted", "UPS by ShipStation", "W00001", [][2]string{{"ups_ground", "UPS® Ground"}, {"ups_2nd_day_air", "UPS 2nd Day Air®"}}},
	{"fedex", "FedEx", 1, [][2]string{{"fedex_ground", "FedEx Ground®"}, {"fedex_home_delivery", "FedEx Home Delivery®"}, {"fedex_2day", "FedEx 2Day®"}}},
}

// carriers answers GET /carriers. The account number is text or a number.
func (s *shipStation) carriers(*call, time.Time) reply {
	rows := []any{}
	for i, c := range carrierList {
		rows = append(rows, object{
			"name": c.name, "code": c.code, "accountNumber": c.account, "requiresFundedAccount": c.code != "fedex", "balance": 24.27,
			"nickname": nil, "shippingProviderId": 12345 + i, "primary": true,
		})
	}
	return answer(http.StatusOK, rows)
}

// services answers GET /carriers/listservices.
func (s *shipStation) services(c *call, _ time.Time) reply {
	code := c.Query.Get("carrierCode")
	if code == "" {
		return answer(http.StatusBadRequest, object{"Message": "The carrierCode field is required."})
	}
	for _, known := range carrierList {
		if known.code != code {
			continue
		}
		rows := []any{}
		for _, service := range known.services {
			rows = append(rows, object{"carrierCode": code, "code": service[0], "name": service[1], "domestic": true, "international": false})
		}
		return answer(http.StatusOK, rows)
	}
	return plain(ShipStation, http.StatusNotFound)
}

// warehouses answers GET /warehouses.
func (s *shipStation) warehouses(*call, time.Time) reply {
	dock := parse(blankShipAddress)
	lay(dock, object{
		"name": "Main dock", "company": "Example Goods LLC", "street1": "77 Foundry Rd", "street2": "", "city": "Reno", "state": "NV",
		"postalCode": "89502", "country": "US", "phone": "7755550100", "residential": false,
	})
	return answer(http.StatusOK, []any{object{
		"warehouseId": 30117, "warehouseName": "Reno", "originAddress": dock, "returnAddress": dock,
		"createDate": "2024-10-21T08:11:43.8800000", "isDefault": true, "sellerIntegrationId": nil, "extInventoryIdentity": nil,
		"registerFedexMeter": nil,
	}})
}
