package stage

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/dsco"
	"dscosync/internal/shipstation"
)

func TestService(t *testing.T) {
	for _, c := range []struct{ carrier, method, code, want string }{
		{"UPS", "Ground", "UPCG", "UPS Ground (UPCG)"},
		{"UPS", "UPS Ground", "UPCG", "UPS Ground (UPCG)"},
		{"ups", "UPS® Ground", "", "UPS® Ground"},
		{"UPS Mail Innovations", "Mail Innovations", "", "UPS Mail Innovations"},
		{"FedEx", "2Day", "", "FedEx 2Day"},
		{"On", "One Day", "", "On One Day"}, // a word, not its beginning
		{"FedEx", "", "", "FedEx"},
		{"", "Ground", "", "Ground"},
		{"", "", "UPCG", "UPCG"},
		{"UPS", "", "UPCG", "UPS (UPCG)"},
		{"Generic", "GCG", "GCG", "Generic GCG"},
		{" ", "\t", "\x00", ""},
	} {
		if got := service(dsco.Order{ShipCarrier: c.carrier, ShipMethod: c.method, ServiceLevel: c.code}); got != c.want {
			t.Errorf("service(%q, %q, %q) = %q, want %q", c.carrier, c.method, c.code, got, c.want)
		}
	}
}

func TestRecipient(t *testing.T) {
	for _, c := range []struct{ name, company, attention, wantName, wantLabel string }{
		{"Pat", "", "", "Pat", ""},
		{"Pat", "ACME", "", "Pat", "ACME"},
		{"Pat", "", "Kim", "Pat", "Attn: Kim"},
		{"Pat", "ACME", "Kim", "Pat", "ACME, Attn: Kim"},
		{"Pat", "ACME", "ATTN Kim", "Pat", "ACME, ATTN Kim"},
		{"Pat", "ACME", "pat", "Pat", "ACME"},
		{"ACME", "Acme", "Kim", "ACME", "Attn: Kim"},
		{"", "ACME", "Kim", "Kim", "ACME"},
		{"", "ACME", "", "ACME", ""},
		{"", "", "", "", ""},
	} {
		name, label := recipient(dsco.Address{Name: c.name, Company: c.company, Attention: c.attention})
		if name != c.wantName || label != c.wantLabel {
			t.Errorf("recipient(%q, %q, %q) = %q, %q, want %q, %q", c.name, c.company, c.attention, name, label, c.wantName, c.wantLabel)
		}
	}
}

func TestBillTo(t *testing.T) {
	var d draft
	to := shipstation.Address{Name: "Pat", Street1: "12 Sample Street", Country: "US"}
	for _, c := range []struct {
		from dsco.Address
		want shipstation.Address
	}{
		{dsco.Address{}, shipstation.Address{Name: "Pat"}},
		{dsco.Address{City: "London", Country: "GB"}, shipstation.Address{Name: "Pat"}},
		{dsco.Address{Name: "Robin", Country: "UK"}, shipstation.Address{Name: "Robin", Country: "GB"}},
		{dsco.Address{Name: "Robin", Country: "Narnia"}, shipstation.Address{Name: "Robin"}},
	} {
		if diff := cmp.Diff(c.want, d.billTo(c.from, to)); diff != "" {
			t.Errorf("billTo(%+v) (-want +got):\n%s", c.from, diff)
		}
	}
	if d.faults != nil {
		t.Errorf("who pays is no reason to hold an order: %v", d.faults)
	}
}

func TestGift(t *testing.T) {
	for _, c := range []struct {
		name string
		o    dsco.Order
		gift bool
		text string
	}{
		{"none", dsco.Order{}, false, ""},
		{"order", dsco.Order{Gift: true}, true, ""},
		{"message alone", dsco.Order{GiftMessage: "Hi"}, true, "Hi"},
		{"blank message", dsco.Order{GiftMessage: " \x01 "}, false, ""},
		{"names", dsco.Order{Gift: true, GiftTo: "Kim", GiftFrom: "Pat", GiftMessage: "a\nb"}, true, "To: Kim\nFrom: Pat\na\nb"},
		{"line", dsco.Order{Lines: []dsco.Line{{Quantity: 1}, {Quantity: 1, Gift: true}}}, true, ""},
		{"line's message", dsco.Order{Lines: []dsco.Line{{Quantity: 1, GiftMessage: "Hi"}}}, true, ""},
		{"cancelled line", dsco.Order{Lines: []dsco.Line{{Quantity: 1}, {Quantity: 1, Cancelled: 1, Gift: true}}}, false, ""},
	} {
		if is, text := gift(c.o), giftMessage(c.o); is != c.gift || text != c.text {
			t.Errorf("%s: %v, %q, want %v, %q", c.name, is, text, c.gift, c.text)
		}
	}
}

func TestDates(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	line := func(by time.Time, cancelled int) dsco.Line {
		return dsco.Line{Quantity: 1, Cancelled: cancelled, ShipBy: by}
	}
	for _, c := range []struct {
		o    dsco.Order
		want time.Time
	}{
		{dsco.Order{}, time.Time{}},
		{dsco.Order{ShipBy: day(3)}, day(3)},
		{dsco.Order{ShipBy: day(3), Lines: []dsco.Line{line(day(5), 0), line(time.Time{}, 0)}}, day(3)},
		{dsco.Order{ShipBy: day(3), Lines: []dsco.Line{line(day(2), 0), line(day(1), 1)}}, day(2)},
		{dsco.Order{Lines: []dsco.Line{line(day(4), 0), line(day(2), 0)}}, day(2)},
	} {
		if got := shipBy(c.o); !got.Equal(c.want) {
			t.Errorf("shipBy(%+v) = %v, want %v", c.o, got, c.want)
		}
	}
	o := dsco.Order{ConsumerOrdered: day(1), RetailerCreated: day(2), Created: day(3)}
	for i, absent := range []func(){func() {}, func() { o.ConsumerOrdered = time.Time{} }, func() { o.RetailerCreated = time.Time{} }} {
		absent()
		if got := (&draft{}).date(o); !got.Equal(day(i + 1)) {
			t.Errorf("date of %+v = %v, want %v", o, got, day(i+1))
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		amount dsco.Amount
		shift  int
		want   string
	}{
		{"12.74", 0, "12.74"}, {"12.70", 0, "12.70"}, {"14", 0, "14"}, {"0", 0, "0"}, {"0.10", 0, "0.10"}, {"007.5", 0, "7.5"},
		{"0.45", 3, "450"}, {"1.2345", 3, "1234.5"}, {"2", 3, "2000"}, {"0.0001", 3, "0.1"}, {"0", 3, "0"},
		{"1E+1", 0, "10"}, {"1.5e-3", 0, "0.0015"}, {"125e-1", 0, "12.5"}, {"1.25e1", 3, "12500"},
		{"", 0, ""}, {"-1", 0, ""}, {"+1", 0, ""}, {"1,5", 0, ""}, {"NaN", 0, ""}, {".5", 0, ""}, {"5.", 0, ""}, {"1.2.3", 0, ""},
		{"e1", 0, ""}, {"1e", 0, ""}, {"1e999999999999", 0, ""}, {"1e21", 0, ""}, {"1e-21", 0, ""}, {"123456789012345678901", 0, ""},
		{"1e20", 0, "100000000000000000000"}, {"1e-20", 0, "0.00000000000000000001"}, {"12345678901234567890", 0, "12345678901234567890"}, // the longest
	} {
		if got := decimal(c.amount, c.shift); got != c.want {
			t.Errorf("decimal(%q, %d) = %q, want %q", c.amount, c.shift, got, c.want)
		}
	}
}

func TestPrice(t *testing.T) {
	for _, c := range []struct{ consumer, retail, cost, want string }{
		{"15.0", "16", "7", "15.0"}, {"", "16", "7", "16"}, {"", "", "7", ""}, {"abc", "16", "7", "16"}, {"0", "16", "7", "0"},
	} {
		l := dsco.Line{ConsumerPrice: dsco.Amount(c.consumer), RetailPrice: dsco.Amount(c.retail), ExpectedCost: dsco.Amount(c.cost)}
		if got := price(l).String(); got != c.want {
			t.Errorf("price(%+v) = %q, want %q", c, got, c.want)
		}
	}
}

func TestWeight(t *testing.T) {
	for _, c := range []struct{ value, units, want string }{
		{"1.5", "LB", "1.5 pounds"}, {"1.5", "lbs.", "1.5 pounds"}, {"8", "oz", "8 ounces"}, {"120", "G", "120 grams"}, {"0.1234", "kg", "123.4 grams"},
		{"", "LB", ""}, {"0", "LB", ""}, {"0.00", "kg", ""}, {"3", "", ""}, {"3", "stone", ""}, {"-3", "LB", ""},
	} {
		got := ""
		if w := weight(dsco.Line{Weight: dsco.Amount(c.value), WeightUnits: c.units}); w != nil {
			got = w.Value.String() + " " + w.Units
		}
		if got != c.want {
			t.Errorf("weight(%q %q) = %q, want %q", c.value, c.units, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	astronaut := "🧑🏽‍🚀" // four runes, seven units
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"", 0, ""}, {"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"ab cd", 3, "ab"},
		{"äöü", 2, "äö"}, {"日本語", 2, "日本"},
		{"🙂🙂", 4, "🙂🙂"}, {"🙂🙂", 3, "🙂"},
		{"ae\u0301", 2, "a"}, {"ae\u0301", 3, "ae\u0301"},
		{"a👍🏻", 4, "a"}, {"a👍🏿", 4, "a"}, {"a👩\u200d👩", 5, "a"}, {"a👩\u200d👩🙂", 6, "a👩\u200d👩"}, {"a👍🙂", 3, "a👍"},
		{"a" + astronaut, 5, "a"}, {"a" + astronaut + "b", 8, "a" + astronaut},
		{"e" + strings.Repeat("\u0301", 9), 4, "e\u0301\u0301\u0301"}, // nothing else to keep
	} {
		if got := cut(c.text, c.limit); got != c.want || !utf8.ValidString(got) {
			t.Errorf("cut(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct{ text, line, block string }{
		{" a ", "a", "a"},
		{"a\r\nb\rc\nd", "a b c d", "a\nb\nc\nd"},
		{"a\x00\x1b[31m\x7f\u0090b", "a[31mb", "a[31mb"},
		{"a\tb", "a b", "a b"},
		{"a\xffb", "a\uFFFDb", "a\uFFFDb"},
		{"\n \u0000\n", "", ""},
		{"a\u2028b", "a b", "a\nb"},
	} {
		if l, b := line(c.text), block(c.text); l != c.line || b != c.block {
			t.Errorf("%q: line %q, block %q, want %q, %q", c.text, l, b, c.line, c.block)
		}
	}
}

func TestThirdParty(t *testing.T) {
	for account, want := range map[string]string{
		"":          "   ",
		"UNKNOWN":   "   ",
		"NOPOST":    "   ",
		" A1B2C3\n": "third_party A1B2C3 98101 US",
	} {
		o := mug()
		o.AccountNumber = account
		doc, _, err := translation.Order(o)
		if err != nil {
			t.Fatal(err)
		}
		a := doc.Advanced
		if got := fmt.Sprint(a.BillToParty, " ", a.BillToAccount, " ", a.BillToPostalCode, " ", a.BillToCountryCode); got != want {
			t.Errorf("account %q: %q, want %q", account, got, want)
		}
		if noted := strings.HasPrefix(doc.InternalNotes, "Shipping account number: "); noted != (account != "") {
			t.Errorf("account %q: notes %q", account, doc.InternalNotes)
		}
	}
}

func TestCountry(t *testing.T) {
	for text, want := range map[string]string{
		"US": "US", "us": "US", " U.S. ": "US", "U.S.A.": "US", "usa": "US", "United States": "US", "The United States of America": "US",
		"UK": "GB", "gb": "GB", "England": "GB", "Great Britain": "GB", "GBR": "GB",
		"Canada": "CA", "CAN": "CA", "Deutschland": "", "Germany": "DE", "DEU": "DE",
		"Côte d'Ivoire": "CI", "Cote d’Ivoire": "CI", "IVORY COAST": "CI", "Türkiye": "TR", "Turkey": "TR", "Réunion": "RE", "Åland Islands": "AX", "São Tomé": "",
		"Sao Tome and Principe": "ST", "Sao Tome & Principe": "ST", "ST": "ST", "St. Lucia": "LC", "Korea, Republic of": "KR", "South Korea": "KR", "Korea": "", "Viet Nam": "VN", "Vietnam": "VN",
		"Bosnia & Herzegovina": "BA", "The Netherlands": "NL", "Curacao": "CW", "Niger": "NE", "Nigeria": "NG", "XK": "XK",
		"": "", " ": "", "-": "", "ZZ": "", "QQQ": "", "the": "", "12": "", "U": "",
	} {
		if got, known := country(text); got != want || known != (want != "") {
			t.Errorf("country(%q) = %q, %v, want %q", text, got, known, want)
		}
	}
}

// TestCountries: each code and each name leads to its own country and to no other.
func TestCountries(t *testing.T) {
	if len(countries) != 249+1 {
		t.Errorf("%d countries", len(countries))
	}
	owner := map[string]string{}
	for _, c := range countries {
		if len(c.two) != 2 || len(c.three) != 3 || strings.ToUpper(c.two+c.three) != c.two+c.three {
			t.Errorf("odd codes: %+v", c)
		}
		for _, text := range append(strings.Split(c.names, "|"), c.two, c.three) {
			if other, taken := owner[countryName(text)]; taken && other != c.two {
				t.Errorf("%q stands for %s and %s", text, other, c.two)
			}
			owner[countryName(text)] = c.two
			if got, _ := country(strings.ToUpper(text)); got != c.two {
				t.Errorf("country(%q) = %q, want %q", text, got, c.two)
			}
		}
	}
	for code := range strings.FieldsSeq(withoutPostal) {
		if got, _ := country(code); got != code {
			t.Errorf("withoutPostal names %s, which is no country", code)
		}
	}
}
