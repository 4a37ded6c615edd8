package sim

import (
	"encoding/json"
	"fmt"
	"iter"
	"math/big"
	"math/rand/v2"
	"strings"
	"time"
)

// retailer is a trading partner of the supplier.
type retailer struct{ id, channel, name, ours, status, prefix string }

var retailers = []retailer{
	{"1000009001", "HARBOR", "Harbor & Hearth", "HARBOR", "active", "HH"},
	{"1000009003", "BRIGHTWAY", "Brightway Stores", "BWAY", "active", "BOX"},
	{"1000009004", "NORTHFIELD", "", "", "active", ""},
	{"1000009005", "MILLANDCO", "Mill & Co", "MILL", "paused", "MC-"},
	{"1000009006", "OLDTOWN", "Old Town Outlet", "OTO", "terminated", "OT"},
}

// Retailers are the ids and names of the trading partners whose orders are invented; one has no name.
func Retailers() iter.Seq2[string, string] {
	return func(yield func(id, name string) bool) {
		for _, r := range retailers {
			if r.name != "" && !yield(r.id, r.name) {
				return
			}
		}
	}
}

func (r retailer) partner() object {
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return object{
		"accountId": r.id, "tradingPartnerId": orNull(r.ours), "tradingPartnerName": orNull(r.name), "status": r.status,
		"activeDate": "2024-05-02T14:00:00+00:00", "terminateDate": nil, "defaultRetailModel": "dropship",
	}
}

// po makes a PO number in the retailer's fashion.
func (r retailer) po(n int64) string {
	switch {
	case r.prefix == "":
		return fmt.Sprintf("%d", 88000000+n%1000000*7)
	case r.prefix == "BOX":
		return fmt.Sprintf("BOX.%03d.%06d", n%997, n%1000000)
	}
	return fmt.Sprintf("%s%07d", r.prefix, n%10000000)
}

var (
	firstNames = strings.Fields("Dana Marcus Elena Priya Walter Keisha Tom Yuki Rosa Liam Fatima Gus Nora Andre Mei Hannah Omar Ruth Diego Claire")
	lastNames  = strings.Fields("Reyes Whitfield Kowalski Patel Brandt Johnson O'Neill Tanaka Delgado Sørensen Haddad Lindqvist Abernathy Baptiste Chen Novak Farouk Goldberg Romero McAllister")
	streets    = []string{"Juniper Ct", "Maple Avenue", "W 4th St", "County Road 12", "Old Mill Lane", "Lakeshore Drive", "E Washington Blvd", "Sycamore Terrace", "N Pine Street", "Harrison Ave"}
	places     = [][3]string{{"Tulsa", "OK", "74105"}, {"Springfield", "IL", "62701"}, {"Portland", "OR", "97214"}, {"Savannah", "GA", "31401"},
		{"Worcester", "MA", "01609"}, {"Honolulu", "HI", "96815"}, {"Las Cruces", "NM", "88001"}, {"Duluth", "MN", "55802"},
		{"San Juan", "PR", "00901"}, {"Brooklyn", "NY", "11215-3304"}}
	services = [][3]string{{"Generic", "Ground", "GCG"}, {"UPS", "Ground", "UPCG"}, {"FedEx", "Home Delivery", "FEHD"}, {"USPS", "Ground Advantage", "USGA"}, {"Generic", "Ground", "GCG"}}
	products = []product{
		{"MUG-RED-12", "Stoneware mug, red, 12 oz", "15.0", "7.5", 1.1, "Red", "12 oz"},
		{"TRAY-OAK", "Oak serving tray", "38.5", "19.25", 3.4, "", ""},
		{"COASTER-4", "Slate coasters, set of 4", "14", "6.4", 1.8, "Slate", ""},
		{"THROW-WOOL-GRY", `Wool throw, 50" x 60", grey`, "89.99", "41.12", 2.6, "Grey", `50" x 60"`},
		{"LAMP-BRASS", "Table lamp “Étoile”, brass", "129.0", "58.33", 6.2, "Brass", ""},
		{"CANDLE-CEDAR", "Candle, cedar & sage", "22.4", "9.06", 0.9, "", "8 oz"},
		{"BOARD-ACACIA-L", "Acacia cutting board, large", "44.95", "20.01", 4.0, "", "L"},
	}
)

type product struct {
	sku, title          string
	price, cost         string // dollars as DSCO writes them
	weight              float64
	color, measurements string
}

// invent makes a DSCO order as recorded ones look: both forms of the address, dates with +00:00, most members null.
func (d *dsco) invent(n int64, now time.Time) object {
	r := d.rand
	shop := retailers[r.IntN(3)]
	service := services[r.IntN(len(services))]
	made := now.Add(-75 * time.Second) // the same for all, so that ids and creation dates ascend together
	shipBy := made.UTC().Truncate(24*time.Hour).AddDate(0, 0, 3).Add(7*time.Hour + 59*time.Minute)
	doc := parse(blankDSCOOrder)
	for k, v := range (object{
		"poNumber": shop.po(n), "dscoRetailerId": shop.id, "channel": shop.channel, "dscoStatus": "created", "dscoLifecycle": "created",
		"dscoCreateDate": stamp(made), "dscoLastUpdate": stamp(now),
		"retailerCreateDate": stamp(made.Add(-time.Duration(5+r.IntN(20)) * time.Minute)),
		"consumerOrderDate":  stamp(made.Add(-time.Duration(1+r.IntN(10)) * time.Hour)),
		"shipByDate":         stamp(shipBy), "dscoShipLateDate": stamp(shipBy.AddDate(0, 0, -8-r.IntN(4))),
		"expectedDeliveryDate": stamp(shipBy.AddDate(0, 0, 6)),
		"shipCarrier":          service[0], "shipMethod": service[1], "shippingServiceLevelCode": service[2],
		"requestedShipCarrier": service[0], "requestedShipMethod": service[1], "requestedShippingServiceLevelCode": service[2],
		"shipping": inventAddress(r),
	}) {
		doc[k] = v
	}
	if r.IntN(3) == 0 {
		doc["consumerOrderNumber"] = fmt.Sprintf("W%09d", r.IntN(1_000_000_000))
	}
	if r.IntN(6) == 0 {
		doc["giftFlag"], doc["giftMessage"], doc["giftToName"] = true, "Happy birthday!", pick(r, firstNames)
	}
	lines := []any{}
	cost := new(big.Rat)
	for i := range 1 + r.IntN(6)/3 + r.IntN(6)/5 {
		line, extended := inventLine(r, i+1, n, made)
		lines = append(lines, line)
		cost.Add(cost, extended)
	}
	doc["lineItems"], doc["numberOfLineItems"] = lines, len(lines)
	doc["extendedExpectedCostTotal"] = json.Number(cost.FloatString(2))
	return doc
}

// inventLine also tells what the retailer pays for the line.
func inventLine(r *rand.Rand, lineNumber int, n int64, made time.Time) (line object, cost *big.Rat) {
	i := r.IntN(len(products))
	p := products[i]
	quantity := 1 + r.IntN(5)/3
	line = parse(blankDSCOLine)
	for k, v := range (object{
		"lineNumber": lineNumber, "retailerLineId": fmt.Sprintf("%d", 700000+n%100000*10+int64(lineNumber)),
		"dscoItemId": fmt.Sprintf("%d", 1290000001+i), "sku": p.sku, "partnerSku": "R-" + p.sku, "title": p.title,
		"upc": fmt.Sprintf("01234567%04d", 8905-i), "quantity": quantity, "expectedCost": json.Number(p.cost), "consumerPrice": json.Number(p.price),
		"weight": p.weight, "weightUnits": "LB", "retailerItemIds": []any{fmt.Sprintf("RET-%d", i+1)},
		"activity": []any{object{"action": "add", "quantity": quantity, "uuid": fmt.Sprintf("%024d%08d", n, lineNumber), "activityDate": stamp(made)}},
	}) {
		line[k] = v
	}
	if p.color != "" {
		line["color"] = p.color
	}
	if p.measurements != "" {
		line["size"] = p.measurements
	}
	if r.IntN(12) == 0 {
		line["personalization"] = "For " + pick(r, firstNames)
	}
	cost, _ = new(big.Rat).SetString(p.cost)
	return line, cost.Mul(cost, big.NewRat(int64(quantity), 1))
}

func inventAddress(r *rand.Rand) object {
	first, last, place := pick(r, firstNames), pick(r, lastNames), places[r.IntN(len(places))]
	street := fmt.Sprintf("%d %s", 10+r.IntN(4900), pick(r, streets))
	address, address2 := []any{street}, any(nil)
	if r.IntN(3) == 0 {
		address2 = fmt.Sprintf("Apt %d", 1+r.IntN(40))
		address = append(address, address2)
	}
	return object{
		"name": first + " " + last, "firstName": first, "lastName": last, "attention": nil, "company": nil,
		"address": address, "address1": street, "address2": address2, "city": place[0], "region": place[1], "state": place[1],
		"postal": place[2], "country": "US", "phone": fmt.Sprintf("555-01%02d", r.IntN(100)), "email": nil, "storeNumber": nil,
		"addressType": pick(r, []string{"Residential", "Residential", "Residential", "Commercial"}),
	}
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }
