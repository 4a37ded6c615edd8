package stage

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"dscosync/internal/dsco"
	"dscosync/internal/shipstation"
)

// lawful checks what has to hold of any order's translation.
func lawful(t rapid.TB, o dsco.Order) error {
	doc, cuts, err := translation.Order(o)
	again, _, _ := translation.Order(o)
	if d := cmp.Diff(doc, again); d != "" {
		t.Fatalf("the same order was translated in two ways:\n%s", d)
	}
	if err != nil {
		unfit, ok := errors.AsType[*Unfit](err)
		if !ok || len(unfit.Faults) == 0 || unfit.Hint == "" {
			t.Fatalf("a fault without a name or a hint: %#v", err)
		}
		return err
	}
	if want, got := wantedUnits(o), sentUnits(doc); want != got {
		t.Fatalf("%d units are wanted, %d are sent", want, got)
	}
	limits(t, doc)
	texts(t, "", reflect.ValueOf(doc))
	if _, err := json.Marshal(doc); err != nil {
		t.Fatalf("no JSON: %v", err)
	}
	seen := map[string]bool{}
	for _, it := range doc.Items {
		if it.Quantity < 1 || it.Name == "" || seen[it.Key] || !strings.HasPrefix(it.Key, o.ID+":") {
			t.Fatalf("odd item: %+v", it)
		}
		seen[it.Key] = true
	}
	for _, c := range cuts {
		if strings.ContainsAny(c, " \n") {
			t.Fatalf("%q is no member name", c)
		}
	}
	return nil
}

func wantedUnits(o dsco.Order) int {
	n := 0
	told := sightLines(o)
	for i, l := range o.Lines {
		if left := l.Quantity - l.Cancelled - l.Rejected - told[i].Told; left > 0 && l.Cancelled < l.Quantity && l.Rejected < l.Quantity {
			n += left
		}
	}
	return n
}

func sentUnits(doc shipstation.NewOrder) int {
	n := 0
	for _, it := range doc.Items {
		n += it.Quantity
	}
	return n
}

// limits holds the document to ShipStation's lengths.
func limits(t rapid.TB, doc shipstation.NewOrder) {
	type limited struct {
		member, text string
		limit        int
	}
	all := []limited{
		{"orderNumber", doc.Number, 50}, {"orderKey", doc.Key, 50}, {"giftMessage", doc.GiftMessage, 1000}, {"internalNotes", doc.InternalNotes, 1000},
		{"requestedShippingService", doc.RequestedService, 100}, {"source", doc.Advanced.Source, 50}, {"customField1", doc.Advanced.CustomField1, 100},
		{"customField2", doc.Advanced.CustomField2, 100}, {"customField3", doc.Advanced.CustomField3, 100},
	}
	for _, a := range []shipstation.Address{doc.ShipTo, doc.BillTo} {
		all = append(all, limited{"name", a.Name, 100}, limited{"company", a.Company, 100}, limited{"street1", a.Street1, 200}, limited{"street2", a.Street2, 200},
			limited{"street3", a.Street3, 200}, limited{"city", a.City, 100}, limited{"state", a.State, 100}, limited{"postalCode", a.PostalCode, 50},
			limited{"country", a.Country, 2}, limited{"phone", a.Phone, 50})
	}
	for _, it := range doc.Items {
		all = append(all, limited{"lineItemKey", it.Key, 50}, limited{"sku", it.SKU, 100}, limited{"name", it.Name, 200})
	}
	for _, l := range all {
		if n := len(utf16.Encode([]rune(l.text))); n > l.limit {
			t.Fatalf("%s has %d units, %d are taken", l.member, n, l.limit)
		}
	}
	for _, need := range []string{doc.Number, doc.Key, doc.BillTo.Name, doc.ShipTo.Name, doc.ShipTo.Street1, doc.ShipTo.City, doc.ShipTo.Country} {
		if need == "" {
			t.Fatalf("a member ShipStation needs is empty: %+v", doc)
		}
	}
	if doc.Date.IsZero() {
		t.Fatalf("no date")
	}
}

// texts checks every text of the document, wherever it stands.
func texts(t rapid.TB, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		odd := func(r rune) bool { return r != '\n' && unicode.IsControl(r) }
		if s := v.String(); !utf8.ValidString(s) || strings.ContainsFunc(s, odd) || strings.TrimSpace(s) != s {
			t.Fatalf("%s: %q", path, s)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[shipstation.Time]() {
			return
		}
		for i := range v.NumField() {
			texts(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(t, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			texts(t, path, v.Elem())
		}
	}
}

// FuzzTranslate takes the JSON of a dsco.Order, whatever it holds.
func FuzzTranslate(f *testing.F) {
	for _, o := range []dsco.Order{{}, mug(), full(), cutting(), abroad()} {
		text, err := json.Marshal(o)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"ID":"1","Lines":[{"Quantity":9223372036854775807,"Cancelled":-9223372036854775808,"Title":"\u0000\ud800"}],"Problems":["","lineItems[","shipping"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var o dsco.Order
		if json.Unmarshal(text, &o) != nil {
			return
		}
		_ = lawful(t, o)
		sighted(t, o)
	})
}

// TestAnyOrder: an order of any content keeps the laws.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := anyOrder().Draw(t, "order")
		_ = lawful(t, o)
		sighted(t, o)
	})
}

// TestFitOrder: an order that has what a label and a packing slip need is never held.
func TestFitOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := anyOrder().Draw(t, "order")
		o.ID, o.Problems = rapid.StringMatching(`[0-9]{1,20}`).Draw(t, "id"), nil
		o.Packages = nil // what somebody else has shipped is not left
		o.Created = time.Date(2026, 3, 2, 15, 4, 5, 0, time.UTC)
		o.ShipTo.Name, o.ShipTo.City, o.ShipTo.Region, o.ShipTo.Postal = "Pat", "Springfield", "IL", "62701"
		o.ShipTo.Street = append([]string{"12 Sample Street"}, o.ShipTo.Street...)
		o.ShipTo.Country = rapid.SampledFrom([]string{"US", "uk", "Ireland", "HKG"}).Draw(t, "country")
		o.Lines = append(o.Lines, dsco.Line{Quantity: 1})
		for i := range o.Lines {
			l := &o.Lines[i]
			l.Number, l.SKU = i+1, "SKU"
			l.Quantity = rapid.IntRange(1, 99).Draw(t, "quantity")
			l.Cancelled = rapid.IntRange(0, l.Quantity-1).Draw(t, "cancelled")
			l.Rejected = rapid.IntRange(0, l.Quantity-1-l.Cancelled).Draw(t, "rejected")
		}
		if err := lawful(t, o); err != nil {
			t.Fatalf("held: %v", err)
		}
	})
}

func anyOrder() *rapid.Generator[dsco.Order] {
	text := rapid.OneOf(rapid.StringN(0, 300, -1), rapid.StringOfN(rapid.RuneFrom([]rune("aä 日🧑🏽\u200d🚀\u0301\n\x00\r\t:,%")), 0, 2500, -1),
		rapid.SampledFrom([]string{"", "US", "USA", "United Kingdom", "1026000001", "12.50", "lb", "KG", "Residential", "UPS", "UPS Ground", "\xff\xfe"}))
	number := rapid.OneOf(rapid.IntRange(-1, 9), rapid.Int())
	when := rapid.Map(rapid.Int64Range(-1, 4_000_000_000), func(s int64) time.Time {
		if s <= 0 {
			return time.Time{}
		}
		return time.Unix(s, 0).UTC()
	})
	var fill func(t *rapid.T, v reflect.Value)
	fill = func(t *rapid.T, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(text.Draw(t, "text"))
		case reflect.Int:
			v.SetInt(int64(number.Draw(t, "number")))
		case reflect.Bool:
			v.SetBool(rapid.Bool().Draw(t, "flag"))
		case reflect.Slice:
			n := rapid.IntRange(0, 4).Draw(t, "length")
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i))
			}
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				v.Set(reflect.ValueOf(when.Draw(t, "time")))
				return
			}
			for i := range v.NumField() {
				fill(t, v.Field(i))
			}
		default:
			t.Fatalf("dsco.Order has a kind of member this test does not know: %v", v.Kind())
		}
	}
	return rapid.Custom(func(t *rapid.T) dsco.Order {
		var o dsco.Order
		fill(t, reflect.ValueOf(&o).Elem())
		return o
	})
}
