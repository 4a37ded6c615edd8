package stage

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"dscosync/internal/order"
)

// Carriers says how DSCO is told what a parcel went with. It goes by what was really used: the service that an order
// asks for never stands in for it, and what the table lacks is an *UnknownCarrier, never the nearest fit.
type Carriers struct {
	Rules []CarrierRule // from the settings; they go before the built-in ones
}

// CarrierRule is one line of the table, from what ShipStation calls it to what DSCO calls it.
type CarrierRule struct {
	Carrier          string // ShipStation's carrier code or display name; in the settings `none` is a parcel without one
	Service          string // ShipStation's service code; `*` is any, empty is a carrier named without a service
	DSCOCarrier      string // shipCarrier
	DSCOMethod       string // shipMethod; may be empty
	DSCOServiceLevel string // shippingServiceLevelCode; empty where none is known
	Retailer         string // DSCO's id of it; empty is every retailer
}

// Used is what a parcel really went with, as ShipStation shows it. A shipment has codes; a fulfillment has a display
// name ("FedEx"), or none, and mostly no service. Only what is missing may be empty.
type Used struct {
	Carrier, Service string
	Name             string // counts where there is no carrier code
	Tracking         string
}

// Carriage is a carrier and service in DSCO's words: shipCarrier, shipMethod and shippingServiceLevelCode.
type Carriage struct{ Carrier, Method, ServiceLevel string }

// UnknownCarrier is a pair of carrier and service that the table lacks, or a tracking number without any carrier.
type UnknownCarrier struct{ Used Used }

func (u *UnknownCarrier) Error() string {
	service := u.Used.Service
	switch {
	case u.Used.carrier() == unnamed && fold(service) == "":
		return fmt.Sprintf("tracking number %q has no carrier", u.Used.Tracking)
	case fold(service) == "":
		return fmt.Sprintf("what DSCO calls ShipStation's carrier %q is not known", u.Used.carrier())
	}
	return fmt.Sprintf("what DSCO calls ShipStation's carrier %q with service %q is not known", u.Used.carrier(), service)
}

// Lines is the entry to paste into the settings. What DSCO is to be told is left open, and the settings are refused
// until it is filled in.
func (u *UnknownCarrier) Lines() string {
	service := u.Used.Service
	if fold(service) == "" {
		service = anyService
	}
	return fmt.Sprintf("carriers:\n  - { shipstation_carrier: %q, shipstation_service: %q, "+
		`dsco_carrier: "", dsco_method: "", dsco_service_level: "", retailer: "" }`+"\n", u.Used.carrier(), service)
}

const (
	anyService = "*"
	unnamed    = "none" // stands in the settings for the carrier of a parcel that has none
)

// Of is what DSCO is told of a parcel: the settings' line if one fits, else the built-in one. Where the order asks for
// just what was used, it is told in the order's own words, since each retailer may have its own. The only error is
// *UnknownCarrier.
func (c Carriers) Of(used Used, asked Carriage, retailer string) (Carriage, error) {
	asked = Carriage{line(asked.Carrier), line(asked.Method), line(asked.ServiceLevel)}
	byHand := fold(used.Service) == ""
	if rule, ok := c.rule(used, retailer); ok && rule.DSCOServiceLevel != "" {
		return rule.told(), nil // an operator's code is not talked over
	} else if ok {
		return rule.told().worded(asked, byHand), nil
	}
	if rule, ok := builtInRule(used); ok {
		return rule.told().worded(asked, byHand), nil
	}
	return Carriage{}, &UnknownCarrier{used}
}

// For is what DSCO is told of an order's parcel: see Of.
func (c Carriers) For(o order.Order, p order.Parcel) (Carriage, error) {
	asked := Carriage{Carrier: o.DSCO.Carrier, Method: o.DSCO.Method, ServiceLevel: o.DSCO.Code}
	return c.Of(Used{Carrier: p.Carrier, Service: p.Service, Name: p.Name, Tracking: p.Number}, asked, o.Retailer)
}

// Table is the table as it applies now, top line first: the settings' lines, then the built-in ones that they leave to
// be reached for some retailer. A built-in service counts under every carrier code that is, or resells, its carrier:
// ups_walleted as ups, endicia as stamps_com.
func (c Carriers) Table() []CarrierRule {
	table := c.ordered()
	for _, b := range builtIn {
		if _, covered := c.rule(Used{Carrier: b.Carrier, Service: b.Service}, ""); !covered {
			table = append(table, b)
		}
	}
	return table
}

// ordered puts the settings' lines so that the first that fits applies.
func (c Carriers) ordered() []CarrierRule {
	rules := slices.Clone(c.Rules)
	slices.SortStableFunc(rules, func(a, b CarrierRule) int { return cmp.Compare(b.precision(), a.precision()) })
	return rules
}

func (c Carriers) rule(used Used, retailer string) (CarrierRule, bool) {
	rules := c.ordered()
	i := slices.IndexFunc(rules, func(r CarrierRule) bool { return r.fits(used, retailer) })
	if i < 0 {
		return CarrierRule{}, false
	}
	return rules[i], true
}

// precision ranks a line: one retailer's before every retailer's, one service's before any service's, a wallet's own
// before its carrier's.
func (r CarrierRule) precision() (rank int) {
	if r.Retailer != "" {
		rank += 4
	}
	if r.Service != anyService {
		rank += 2
	}
	if carrier := fold(r.Carrier); carrier != withoutWallet(carrier) {
		rank++
	}
	return rank
}

func (r CarrierRule) fits(used Used, retailer string) bool {
	carrier, line := fold(used.carrier()), fold(r.Carrier)
	return (r.Retailer == "" || r.Retailer == retailer) &&
		(r.Service == anyService || same(r.Service, used.Service)) &&
		(line == carrier || line == withoutWallet(carrier))
}

func (r CarrierRule) told() Carriage {
	return Carriage{r.DSCOCarrier, r.DSCOMethod, r.DSCOServiceLevel}
}

// carrier is what the parcel's carrier goes by in the settings.
func (u Used) carrier() string {
	switch {
	case fold(u.Carrier) != "":
		return u.Carrier
	case fold(u.Name) != "":
		return u.Name
	}
	return unnamed
}

//go:embed carriers.tsv
var carriersTSV string

// builtIn has the pairs of which both sides are known. Left out is whatever was only guessed, and every carrier whose
// name in DSCO is not known; where only the code is not known, DSCO is told carrier and method.
var builtIn = builtInRules()

func builtInRules() (rules []CarrierRule) {
	_, lines, _ := strings.Cut(carriersTSV, "\n")
	for line := range strings.Lines(lines) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		rules = append(rules, CarrierRule{Carrier: f[0], Service: f[1], DSCOCarrier: f[2], DSCOMethod: f[3], DSCOServiceLevel: f[4]})
	}
	return rules
}

// builtInRule goes by the service first, whoever sold the label: a reseller's carrier code says less than it. A service
// and a carrier that contradict each other are not known.
func builtInRule(used Used) (CarrierRule, bool) {
	name := withoutWallet(fold(used.carrier()))
	c := slices.IndexFunc(builtIn, func(r CarrierRule) bool { return r.Service == "" && fold(r.Carrier) == name })
	i := c
	if fold(used.Service) != "" {
		i = slices.IndexFunc(builtIn, func(r CarrierRule) bool { return same(r.Service, used.Service) })
	}
	if i < 0 || c >= 0 && builtIn[c].DSCOCarrier != builtIn[i].DSCOCarrier {
		return CarrierRule{}, false
	}
	return builtIn[i], true
}

// worded is the same in the order's own words, where the order asks for it.
func (c Carriage) worded(asked Carriage, byHand bool) Carriage {
	if !c.askedBy(asked, byHand) {
		return c
	}
	return Carriage{first(asked.Carrier, c.Carrier), first(asked.Method, c.Method), first(asked.ServiceLevel, c.ServiceLevel)}
}

// askedBy tells whether an order asks for what was used. Of a carrier marked by hand the service is not known, and an
// order's code of that carrier is all there is to go by.
func (c Carriage) askedBy(order Carriage, byHand bool) bool {
	code, standard := standardCode(order.ServiceLevel)
	if standard && !same(code.Carrier, c.Carrier) || !same(first(order.Carrier, code.Carrier), c.Carrier) {
		return false
	}
	method := same(c.method(order.Method), c.Method)
	switch {
	case c.Method == "":
		return byHand && fold(order.ServiceLevel) != ""
	case code.Method != "":
		return same(code.Method, c.Method) && (method || !c.offers(order.Method))
	case standard && c.ServiceLevel != "":
		return false // another code than the service's own
	}
	return method
}

// method is a method's text without the carrier, which many write before it.
func (c Carriage) method(text string) string {
	return strings.TrimPrefix(fold(text), fold(c.Carrier))
}

// offers tells whether the text names a known service of the carrier.
func (c Carriage) offers(method string) bool {
	return slices.ContainsFunc(builtIn, func(r CarrierRule) bool {
		return r.DSCOMethod != "" && same(r.DSCOCarrier, c.Carrier) && same(r.DSCOMethod, c.method(method))
	})
}

// standardCodes are DSCO's codes whose carrier is known, so that none is ever told of another carrier; the method is
// left out where it is not known. A retailer may have codes of its own: what is not in here belongs to the carrier that
// an order names with it.
//
// From https://support.dsco.io (articles 230625367, 115003303491), recorded orders and public integrations.
var standardCodes = []Carriage{
	{"FedEx", "Ground", "FECG"},
	{"FedEx", "Home Delivery", "FEHD"},
	{"FedEx", "SmartPost", "FESP"},
	{"FedEx", "2Day", "FE2D"},
	{"FedEx", "2Day A.M.", "F2DA"},
	{"FedEx", "Express Saver", "FEES"},
	{"FedEx", "Standard Overnight", "FESO"},
	{"FedEx", "Priority Overnight", "FEPO"},
	{"FedEx", "First Overnight", "FEFO"},
	{"FedEx", "SameDay", "FESD"},
	{"FedEx", "SameDay City", "FSDC"},
	{"UPS", "Ground", "UPCG"},
	{"UPS", "SurePost", "UPSP"},
	{"UPS", "3 Day Select", "U3DS"},
	{"UPS", "2nd Day Air", "U2DA"},
	{"UPS", "2nd Day Air A.M.", "U2AA"},
	{"UPS", "Next Day Air Saver", "UNAS"},
	{"UPS", "", "UNDA"}, // most likely Next Day Air
	{"UPS", "Standard", "UPSS"},
	{"USPS", "Ground Advantage", "USGA"},
	{"USPS", "First-Class Mail", "USFC"},
	{"USPS", "Priority Mail", "USPM"},
	{"OnTrac", "", "ONCG"},
	{"Generic", "Ground", "GCG"},
	{"Generic", "Next Day", "GND"},
	{"Generic", "Second Day", "GSE"},
}

func standardCode(code string) (Carriage, bool) {
	i := slices.IndexFunc(standardCodes, func(c Carriage) bool { return same(c.ServiceLevel, code) })
	if i < 0 {
		return Carriage{}, false
	}
	return standardCodes[i], true
}

// withoutWallet is the carrier of a folded name: labels bought through ShipStation's wallet go under a carrier of their
// own, ups_walleted, shown as "UPS by ShipStation".
func withoutWallet(folded string) string {
	for _, wallet := range []string{"walleted", "byshipstation", "fromshipstation"} {
		if carrier, ok := strings.CutSuffix(folded, wallet); ok && carrier != "" {
			return carrier
		}
	}
	return folded
}

func same(a, b string) bool { return fold(a) == fold(b) }

// fold is a code or name as it is compared: without case, blanks and signs, so that "DHL Express" is dhl_express.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}
