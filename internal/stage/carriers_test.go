package stage

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// dscoCodes are DSCO's codes by carrier and how well each is known, kept apart from the table that is tested.
var dscoCodes = map[string]struct{ carrier, confidence string }{
	"FECG": {"FedEx", "sure"}, "FEHD": {"FedEx", "sure"}, "FESP": {"FedEx", "sure"}, "FE2D": {"FedEx", "sure"}, "F2DA": {"FedEx", "sure"},
	"FEES": {"FedEx", "sure"}, "FESO": {"FedEx", "sure"}, "FEPO": {"FedEx", "sure"}, "FEFO": {"FedEx", "sure"}, "FESD": {"FedEx", "sure"},
	"FSDC": {"FedEx", "sure"},
	"UPCG": {"UPS", "sure"}, "UPSP": {"UPS", "likely"}, "U3DS": {"UPS", "likely"}, "U2DA": {"UPS", "likely"}, "U2AA": {"UPS", "likely"},
	"UNAS": {"UPS", "likely"}, "UPSS": {"UPS", "likely"}, "UNDA": {"UPS", "guess"},
	"USGA": {"USPS", "sure"}, "USFC": {"USPS", "sure"}, "USPM": {"USPS", "likely"},
	"ONCG": {"OnTrac", "guess"},
	"GCG":  {"Generic", "sure"}, "GND": {"Generic", "likely"}, "GSE": {"Generic", "likely"},
}

// prefixes are how ShipStation's service codes name their carrier.
var prefixes = map[string]string{"ups_": "UPS", "fedex_": "FedEx", "usps_": "USPS"}

func TestCarriersFile(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(carriersTSV, "\n"), "\n")
	if want := "shipstation_carrier\tshipstation_service\tdsco_carrier\tdsco_method\tdsco_service_level\tconfidence"; lines[0] != want {
		t.Errorf("the head is %q", lines[0])
	}
	if len(lines)-1 != len(builtIn) || len(builtIn) < 50 {
		t.Fatalf("%d lines became %d rules", len(lines)-1, len(builtIn))
	}
	services, carriers := map[string]bool{}, map[string]bool{}
	for i, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("line %d has %d fields: %q", i+2, len(f), line)
		}
		carrier, service, method, code, confidence := f[2], f[1], f[3], f[4], f[5]
		if confidence != "sure" && confidence != "likely" {
			t.Errorf("%s is %q: only what is sure or likely belongs here", line, confidence)
		}
		if service == "" {
			if method != "" || code != "" || carriers[f[0]] {
				t.Errorf("%q: a carrier without a service stands once, without method and code", line)
			}
			carriers[f[0]] = true
			continue
		}
		if services[service] || method == "" {
			t.Errorf("%q: a service stands once and has a method", line)
		}
		services[service] = true
		if p := service[:strings.Index(service, "_")+1]; prefixes[p] != carrier {
			t.Errorf("%q: %s is no service of %s", line, service, carrier)
		}
		if code == "" {
			continue
		}
		c, listed := dscoCodes[code]
		switch {
		case !listed || c.carrier != carrier:
			t.Errorf("%q: %s is no code of %s", line, code, carrier)
		case c.confidence == "guess" || c.confidence == "likely" && confidence != "likely":
			t.Errorf("%q: the code is only %s", line, c.confidence)
		}
		if s, ok := standardCode(code); !ok || s != (Carriage{carrier, method, code}) {
			t.Errorf("%q: the list of codes has %v", line, s)
		}
	}
	for _, r := range builtIn {
		if !carriers[r.Carrier] {
			t.Errorf("%s has services but no line of its own", r.Carrier)
		}
	}
}

func TestStandardCodes(t *testing.T) {
	seen := map[string]string{}
	for _, c := range standardCodes {
		seen[c.ServiceLevel] = c.Carrier
	}
	want := map[string]string{}
	for code, c := range dscoCodes {
		want[code] = c.carrier
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

// What is told of a label bought in ShipStation, when the order asks for nothing in particular.
func TestBuiltInCarriers(t *testing.T) {
	for _, test := range []struct{ used, want string }{
		{"ups ups_ground", "UPS|Ground|UPCG"},
		{"ups_walleted ups_ground", "UPS|Ground|UPCG"},
		{"ups_walleted ups_2nd_day_air", "UPS|2nd Day Air|U2DA"},
		{"ups ups_2nd_day_air_am", "UPS|2nd Day Air A.M.|U2AA"},
		{"ups ups_3_day_select", "UPS|3 Day Select|U3DS"},
		{"ups ups_next_day_air_saver", "UPS|Next Day Air Saver|UNAS"},
		{"ups ups_next_day_air", "UPS|Next Day Air|"},
		{"ups ups_next_day_air_early_am", "UPS|Next Day Air Early|"},
		{"ups ups_ground_saver", "UPS|SurePost|UPSP"},
		{"ups ups_surepost_1_lb_or_greater", "UPS|SurePost|UPSP"},
		{"ups ups_standard_international", "UPS|Standard|UPSS"},
		{"ups ups_worldwide_saver", "UPS|Worldwide Saver|"},
		{"fedex fedex_ground", "FedEx|Ground|FECG"},
		{"fedex_walleted fedex_home_delivery", "FedEx|Home Delivery|FEHD"},
		{"fedex fedex_2day", "FedEx|2Day|FE2D"},
		{"fedex fedex_2day_am", "FedEx|2Day A.M.|F2DA"},
		{"fedex fedex_express_saver", "FedEx|Express Saver|FEES"},
		{"fedex fedex_standard_overnight", "FedEx|Standard Overnight|FESO"},
		{"fedex fedex_priority_overnight", "FedEx|Priority Overnight|FEPO"},
		{"fedex fedex_first_overnight", "FedEx|First Overnight|FEFO"},
		{"fedex fedex_1_day_freight", "FedEx|1Day Freight|"},
		{"fedex fedex_ground_international", "FedEx|International Ground|"},
		{"stamps_com usps_ground_advantage", "USPS|Ground Advantage|USGA"},
		{"endicia usps_ground_advantage", "USPS|Ground Advantage|USGA"},
		{"express_1 usps_priority_mail", "USPS|Priority Mail|USPM"},
		{"usps usps_first_class_mail", "USPS|First-Class Mail|USFC"},
		{"stamps_com usps_priority_mail_express", "USPS|Priority Mail Express|"},
		{"stamps_com usps_media_mail", "USPS|Media Mail|"},
		{"amazon_buy_shipping ups_ground", "UPS|Ground|UPCG"}, // a reseller: the service names the carrier
		{" usps_priority_mail", "USPS|Priority Mail|USPM"},
		{"UPS UPS_GROUND", "UPS|Ground|UPCG"},
		{"ups", "UPS||"},
		{"fedex_uk", "FedEx||"},
		{"stamps_com", "USPS||"},

		{"ups usps_ground_advantage", "unknown"}, // they contradict each other
		{"stamps_com fedex_2day", "unknown"},
		{"ups ups_heavier_than_air", "unknown"},
		{"stamps_com globalpost_economy", "unknown"},
		{"fedex fedex_smartpost_parcel_select", "unknown"},
		{"amazon_buy_shipping", "unknown"},
		{"globalpost", "unknown"},
		{"dhl_express_worldwide dhl_express_worldwide", "unknown"},
		{"ontrac ontrac_ground", "unknown"},
		{"other", "unknown"},
		{"walleted", "unknown"},
		{"*", "unknown"},
		{"", "unknown"},
	} {
		carrier, service, _ := strings.Cut(test.used, " ")
		if got := told(t, Carriers{}, Used{Carrier: carrier, Service: service}, Carriage{}, "1"); got != test.want {
			t.Errorf("%q is told as %s, want %s", test.used, got, test.want)
		}
	}
}

// A fulfillment has the display name of a carrier and mostly no service.
func TestMarkedByHand(t *testing.T) {
	for _, test := range []struct {
		name, asked string
		want        string
	}{
		{"UPS", "UPS|Ground|UPCG", "UPS|Ground|UPCG"},
		{"ups", "UPS|2nd Day Air|U2DA", "UPS|2nd Day Air|U2DA"},
		{"UPS by ShipStation", "||UPCG", "UPS||UPCG"},
		{"FedEx from ShipStation", "FedEx|Home Delivery|FEHD", "FedEx|Home Delivery|FEHD"},
		{"Stamps.com", "USPS|Ground Advantage|USGA", "USPS|Ground Advantage|USGA"},
		{"UPS", "UPS|Economy|ACME7", "UPS|Economy|ACME7"}, // the retailer's own code
		{"UPS", "|Economy|ACME7", "UPS||"},                // whose is it?
		{"UPS", "UPS|Ground|", "UPS||"},
		{"UPS", "FedEx|Ground|FECG", "UPS||"},
		{"UPS", "UPS|Ground|FECG", "UPS||"},
		{"UPS", "||FECG", "UPS||"},
		{"UPS", "FedEx|Ground|UPCG", "UPS||"},
		{"UPS", "Generic|Ground|GCG", "UPS||"},
		{"UPS", "UPS|Ground|gcg", "UPS||"},
		{"UPS", "||GND", "UPS||"},
		{"FedEx", "Generic|Ground|GCG", "FedEx||"},
		{"USPS", "", "USPS||"},
		{"Other", "UPS|Ground|UPCG", "unknown"},
		{"OnTrac", "OnTrac|Ground|ONCG", "unknown"},
		{"DHL Express", "", "unknown"},
		{" - ", "UPS|Ground|UPCG", "unknown"},
		{"", "UPS|Ground|UPCG", "unknown"},
	} {
		if got := told(t, Carriers{}, Used{Name: test.name, Tracking: "1Z999"}, carriage(test.asked), "1"); got != test.want {
			t.Errorf("%q for an order that asks %q is told as %s, want %s", test.name, test.asked, got, test.want)
		}
	}
}

// Told in the order's words if it asks for just what was used, and never as asked if something else was used.
func TestAskedFor(t *testing.T) {
	for _, test := range []struct{ service, asked, want string }{
		{"ups_ground", "UPS|Ground|UPCG", "UPS|Ground|UPCG"},
		{"ups_ground", "ups|Standard Ground|upcg", "ups|Standard Ground|upcg"},
		{"ups_ground", "||UPCG", "UPS|Ground|UPCG"},
		{"ups_ground", " UPS |UPS Ground|ACME7", "UPS|UPS Ground|ACME7"},
		{"ups_ground", "UPS|ground|", "UPS|ground|UPCG"},
		{"fedex_2day_am", "FedEx|FedEx 2Day AM|F2DA", "FedEx|FedEx 2Day AM|F2DA"},
		{"ups_next_day_air", "UPS|Next Day Air|UNDA", "UPS|Next Day Air|UNDA"},
		{"ups_next_day_air", "UPS||UNDA", "UPS|Next Day Air|"}, // that this is its code is only a guess
		{"ups_next_day_air", "UPS|Next Day Air|UPCG", "UPS|Next Day Air|"},

		{"ups_ground", "UPS|2nd Day Air|U2DA", "UPS|Ground|UPCG"},
		{"ups_2nd_day_air", "UPS|Ground|UPCG", "UPS|2nd Day Air|U2DA"},
		{"ups_ground", "UPS|Ground|U2DA", "UPS|Ground|UPCG"},
		{"ups_ground", "UPS|2nd Day Air|UPCG", "UPS|Ground|UPCG"},
		{"ups_ground", "UPS||ACME7", "UPS|Ground|UPCG"},
		{"ups_ground", "UPS|Ground|UNDA", "UPS|Ground|UPCG"},
		{"ups_ground", "Generic|Ground|GCG", "UPS|Ground|UPCG"},
		{"ups_ground", "UPS|Ground|GCG", "UPS|Ground|UPCG"},
		{"ups_ground", "Generic|Ground|UPCG", "UPS|Ground|UPCG"},
		{"ups_ground", "FedEx|Ground|FECG", "UPS|Ground|UPCG"},
		{"fedex_ground", "UPS|Ground|UPCG", "FedEx|Ground|FECG"},
		{"usps_media_mail", "USPS|Ground Advantage|USGA", "USPS|Media Mail|"},
		{"usps_nonsense", "USPS|Ground Advantage|USGA", "unknown"},
	} {
		if got := told(t, Carriers{}, Used{Service: test.service}, carriage(test.asked), "1"); got != test.want {
			t.Errorf("%s for an order that asks %q is told as %s, want %s", test.service, test.asked, got, test.want)
		}
	}
}

func TestCarriersInSettings(t *testing.T) {
	c := Carriers{Rules: []CarrierRule{
		{"ups", "*", "UPS", "Any", "A1", ""},
		{"ups", "ups_ground", "UPS", "Ground", "A2", ""},
		{"ups", "*", "UPS", "Any", "B1", "2"},
		{"ups", "ups_ground", "UPS", "Ground", "B2", "2"},
		{"ups", "ups_ground", "UPS", "Ground", "late", "2"},
		{"ups_walleted", "ups_ground", "UPS", "Ground", "A3", ""},
		{"fedex", "fedex_2day", "FedEx", "2Day", "A4", ""},
		{"fedex", "*", "FedEx", "Any", "B4", "2"},
		{"dhl_express", "dhl_express_worldwide", "DHL", "", "", ""},
		{"Joe's Vans", "*", "Local", "Van", "", ""},
		{"none", "*", "Courier", "", "", "3"},
		{"stamps_com", "usps_media_mail", "USPS", "Media", "", ""},
	}}
	before := slices.Clone(c.Rules)
	for _, test := range []struct {
		used            Used
		asked, retailer string
		want            string
	}{
		{Used{Carrier: "ups", Service: "ups_ground"}, "", "1", "UPS|Ground|A2"},
		{Used{Carrier: "ups", Service: "ups_ground"}, "UPS|Ground|UPCG", "1", "UPS|Ground|A2"},
		{Used{Carrier: "ups", Service: "ups_never_heard"}, "", "1", "UPS|Any|A1"},
		{Used{Carrier: "ups"}, "", "1", "UPS|Any|A1"},
		{Used{Name: "UPS"}, "UPS|Ground|UPCG", "1", "UPS|Any|A1"},
		{Used{Carrier: "ups", Service: "ups_ground"}, "", "2", "UPS|Ground|B2"},
		{Used{Carrier: "ups", Service: "ups_2nd_day_air"}, "", "2", "UPS|Any|B1"},
		{Used{Carrier: "fedex", Service: "fedex_2day"}, "", "1", "FedEx|2Day|A4"},
		{Used{Carrier: "fedex", Service: "fedex_2day"}, "", "2", "FedEx|Any|B4"}, // a retailer's own `*` goes first
		{Used{Carrier: "ups_walleted", Service: "ups_ground"}, "", "1", "UPS|Ground|A3"},
		{Used{Carrier: "ups_walleted", Service: "ups_ground"}, "", "2", "UPS|Ground|B2"},
		{Used{Carrier: "ups_walleted", Service: "ups_3_day_select"}, "", "1", "UPS|Any|A1"},
		{Used{Carrier: "dhl_express", Service: "dhl_express_worldwide"}, "DHL|Express|DHLX", "1", "DHL||"},
		{Used{Carrier: "dhl_express", Service: "dhl_express_envelope"}, "", "1", "unknown"},
		{Used{Carrier: "dhl_express"}, "", "1", "unknown"},
		{Used{Name: "JOE'S VANS"}, "", "1", "Local|Van|"},
		{Used{Name: "Joe's Vans"}, "Local|Van|LV", "1", "Local|Van|LV"},
		{Used{Name: "Joe's Vans"}, "Local|Bike|LB", "1", "Local|Van|"},
		{Used{Tracking: "77"}, "", "3", "Courier||"},
		{Used{Tracking: "77"}, "", "1", "unknown"},
		{Used{Carrier: "stamps_com", Service: "usps_media_mail"}, "", "1", "USPS|Media|"},
		{Used{Carrier: "fedex", Service: "fedex_ground"}, "", "1", "FedEx|Ground|FECG"},
	} {
		if got := told(t, c, test.used, carriage(test.asked), test.retailer); got != test.want {
			t.Errorf("%+v of retailer %s is told as %s, want %s", test.used, test.retailer, got, test.want)
		}
	}
	if diff := cmp.Diff(before, c.Rules); diff != "" {
		t.Errorf("the settings were changed: %s", diff)
	}
}

func TestCarrierTable(t *testing.T) {
	if diff := cmp.Diff(builtIn, (Carriers{}).Table()); diff != "" {
		t.Errorf("without settings: %s", diff)
	}
	anyUPS := CarrierRule{"ups", "*", "UPS", "Any", "A1", ""}
	onlyTwo := CarrierRule{"fedex", "fedex_2day", "FedEx", "2Day", "B1", "2"}
	media := CarrierRule{"stamps_com", "usps_media_mail", "USPS", "Media", "C1", ""}
	got := Carriers{Rules: []CarrierRule{anyUPS, media, onlyTwo}}.Table()
	want := []CarrierRule{onlyTwo, media, anyUPS}
	for _, r := range builtIn {
		if r.Carrier != "ups" && r.Service != "usps_media_mail" {
			want = append(want, r)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// told is what DSCO is told, in one line, or "unknown".
func told(t rapid.TB, c Carriers, used Used, asked Carriage, retailer string) string {
	t.Helper()
	got, err := c.Of(used, asked, retailer)
	if unknown := (*UnknownCarrier)(nil); errors.As(err, &unknown) {
		if unknown.Used != used || got != (Carriage{}) {
			t.Errorf("%+v: %+v came with %+v", used, got, unknown)
		}
		return "unknown"
	}
	if err != nil {
		t.Fatalf("%+v: %v", used, err)
	}
	return got.Carrier + "|" + got.Method + "|" + got.ServiceLevel
}

func carriage(text string) Carriage {
	f := append(strings.Split(text, "|"), "", "")
	return Carriage{f[0], f[1], f[2]}
}
