package stage

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

// An unknown carrier goes on by itself once its lines are pasted into the settings and filled in.
func TestUnknownCarrier(t *testing.T) {
	for _, test := range []struct {
		used                   Used
		text, carrier, service string
	}{
		{Used{Carrier: "foo", Service: "bar"}, `what DSCO calls ShipStation's carrier "foo" with service "bar" is not known`, "foo", "bar"},
		{Used{Carrier: "ups", Service: "usps_media_mail"}, `what DSCO calls ShipStation's carrier "ups" with service "usps_media_mail" is not known`, "ups", "usps_media_mail"},
		{Used{Name: "Other", Tracking: "9"}, `what DSCO calls ShipStation's carrier "Other" is not known`, "Other", "*"},
		{Used{Tracking: "9400"}, `tracking number "9400" has no carrier`, "none", "*"},
		{Used{Service: "bar"}, `what DSCO calls ShipStation's carrier "none" with service "bar" is not known`, "none", "bar"},
		{Used{Name: "J. \"Q\": {x}, #\n\u202eb"}, `what DSCO calls ShipStation's carrier "J. \"Q\": {x}, #\n\u202eb" is not known`, "J. \"Q\": {x}, #\n\u202eb", "*"},
	} {
		unknown := unknownCarrier(t, test.used)
		if unknown.Error() != test.text {
			t.Errorf("%+v: %s, want %s", test.used, unknown, test.text)
		}
		rule := pasted(t, unknown)
		if rule.Carrier != test.carrier || rule.Service != test.service || rule.DSCOCarrier != "" {
			t.Errorf("%+v: the lines say %+v", test.used, rule)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		used := Used{Carrier: rapid.String().Draw(rt, "carrier"), Service: rapid.String().Draw(rt, "service"), Name: rapid.String().Draw(rt, "name")}
		unknown := unknownCarrier(rt, used)
		rule := pasted(rt, unknown)
		rule.DSCOCarrier = "Acme"
		if got := told(rt, Carriers{Rules: []CarrierRule{rule}}, used, Carriage{}, "1"); got != "Acme||" {
			rt.Errorf("with its lines %q it is told as %s", unknown.Lines(), got)
		}
	})
}

// Whatever was used and asked: what is told is of the carrier that was used, and no Generic code.
func TestNeverAnotherCarrier(t *testing.T) {
	carriers := []string{"", "other", "amazon_buy_shipping", "ontrac"}
	services := []string{"", "ups_new", "globalpost_economy"}
	for _, r := range builtIn {
		carriers, services = append(carriers, r.Carrier, r.Carrier+"_walleted"), append(services, r.Service)
	}
	owners := map[string]string{"ups": "UPS", "fedex": "FedEx", "fedex_uk": "FedEx", "stamps_com": "USPS", "usps": "USPS", "endicia": "USPS", "express_1": "USPS"}
	codes := []string{"", "ACME7", "UPSV"}
	for code := range dscoCodes {
		codes = append(codes, code, strings.ToLower(code))
	}
	slices.Sort(codes)
	names := []string{"", "UPS", "ups", "FedEx", "USPS", "Generic", "OnTrac", "Other"}
	methods := []string{"", "Ground", "UPS Ground", "2Day", "Ground Advantage", "Next Day Air", "Priority Mail"}
	rapid.Check(t, func(rt *rapid.T) {
		used := Used{rapid.SampledFrom(carriers).Draw(rt, "carrier"), rapid.SampledFrom(services).Draw(rt, "service"), rapid.SampledFrom(names).Draw(rt, "name"), "1"}
		asked := Carriage{rapid.SampledFrom(names).Draw(rt, "asked"), rapid.SampledFrom(methods).Draw(rt, "method"), rapid.SampledFrom(codes).Draw(rt, "code")}
		got, err := Carriers{}.Of(used, asked, "1")
		if err != nil {
			return
		}
		owner := owners[strings.TrimSuffix(used.Carrier, "_walleted")]
		if used.Service != "" {
			p := prefixes[used.Service[:strings.Index(used.Service, "_")+1]]
			if owner != "" && owner != p {
				rt.Errorf("%+v: carrier and service contradict each other, and it is told as %+v", used, got)
			}
			owner = p
		} else if used.Carrier == "" {
			owner = used.Name
		}
		if !strings.EqualFold(got.Carrier, owner) {
			rt.Errorf("%+v, asked %+v: told as %+v, but it went with %q", used, asked, got, owner)
		}
		if c, standard := dscoCodes[strings.ToUpper(got.ServiceLevel)]; standard && !strings.EqualFold(c.carrier, owner) {
			rt.Errorf("%+v, asked %+v: told as %+v, a code of %s", used, asked, got, c.carrier)
		}
		if plain, _ := (Carriers{}).Of(used, Carriage{}, "1"); plain.ServiceLevel != "" && got.ServiceLevel != plain.ServiceLevel {
			if _, standard := dscoCodes[strings.ToUpper(got.ServiceLevel)]; standard && !strings.EqualFold(got.ServiceLevel, plain.ServiceLevel) {
				rt.Errorf("%+v, asked %+v: told as %+v instead of %+v", used, asked, got, plain)
			}
		}
	})
}

func unknownCarrier(t rapid.TB, used Used) *UnknownCarrier {
	t.Helper()
	_, err := Carriers{}.Of(used, Carriage{"UPS", "Ground", "UPCG"}, "1")
	unknown, ok := err.(*UnknownCarrier)
	if !ok {
		t.Fatalf("%+v: %v", used, err)
	}
	return unknown
}

// pasted is the rule that the lines become in a settings file.
func pasted(t rapid.TB, u *UnknownCarrier) CarrierRule {
	t.Helper()
	var file struct {
		Carriers []struct {
			Carrier      string `yaml:"shipstation_carrier"`
			Service      string `yaml:"shipstation_service"`
			DSCOCarrier  string `yaml:"dsco_carrier"`
			Method       string `yaml:"dsco_method"`
			ServiceLevel string `yaml:"dsco_service_level"`
			Retailer     string `yaml:"retailer"`
		} `yaml:"carriers"`
	}
	d := yaml.NewDecoder(strings.NewReader(u.Lines()))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil || len(file.Carriers) != 1 {
		t.Fatalf("%v: %s", err, u.Lines())
	}
	c := file.Carriers[0]
	return CarrierRule{c.Carrier, c.Service, c.DSCOCarrier, c.Method, c.ServiceLevel, c.Retailer}
}
