package order

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// written is an order with all there can be in its facts.
func written() Facts {
	way := LineFacts{Ordered: 2, Shipped: 2, Warehouse: "7", Due: hour(48), Shipment: hour(26), Closed: hour(27), Parcel: 1}
	cut := LineFacts{Ordered: 3, Shipped: 1, Cancelled: 2, Ours: 1, Reason: "CXSO", Warehouse: "07", Due: hour(40), Closed: hour(30)}
	return Facts{ID: "1", Retailer: "1000009001", Region: "ON", Country: "CA", Available: hour(-3), Received: hour(-2), AcknowledgeBy: hour(20),
		Acknowledged: hour(-1), Adopted: true, HeldSince: hour(28), HeldFor: 90 * time.Minute,
		Parcels: []ParcelFacts{
			{Carrier: "UPS", Service: "UPCG", Created: hour(25), Ships: hour(26), Told: hour(27), Known: true, Voided: hour(28)},
			{Carrier: "USPS", Created: hour(2), Spare: true},
		},
		Lines: []LineFacts{way, way, cut, {Ordered: 1, Due: hour(41)}, {Ordered: 1, Due: hour(42)}, {Ordered: 1, Due: hour(42), Warehouse: "A"}}}
}

// What the short form holds is read again as it was, the usual and the odd.
func TestBriefIsReadAgain(t *testing.T) {
	for name, f := range map[string]Facts{
		"nothing":            {ID: "1", Country: home},
		"all there can be":   written(),
		"no country":         {ID: "1"},
		"leading zeros":      {ID: "1", Country: home, Retailer: "007", Region: "0", Parcels: []ParcelFacts{{Carrier: "00", Service: "010"}}},
		"many digits":        {ID: "1", Country: home, Retailer: "1152921504606846976", Region: "99999999999999999999999"},
		"nearly a number":    {ID: "1", Country: home, Retailer: "+7", Region: "-7", Parcels: []ParcelFacts{{Carrier: " 7", Service: "7.0"}}},
		"the first second":   {ID: "1", Country: home, Available: time.Unix(0, 0).UTC()},
		"the last second":    {ID: "1", Country: home, Available: time.Unix(math.MaxUint32*4, 0).UTC()},
		"as many as can be":  {ID: "1", Country: home, Lines: []LineFacts{{Ordered: math.MaxInt32, Shipped: math.MaxInt32}}},
		"a date before that": {ID: "1", Country: home, Available: hour(9), Received: hour(-9), Acknowledged: hour(0)},
	} {
		short, _ := f.MarshalBinary()
		got := Facts{ID: "1", Region: "of another"}
		if err := got.UnmarshalBinary(short); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(f, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// A damaged row is told from a good one where it can be: figures of a scorecard must not come from it.
func TestSpoiltBrief(t *testing.T) {
	whole, _ := written().MarshalBinary()
	bytes := func(f Facts) []byte {
		b, _ := f.MarshalBinary()
		return b
	}
	for name, data := range map[string][]byte{
		"nothing":                        {},
		"another form":                   append([]byte{brief + 1}, whole[1:]...),
		"more than there is":             append(whole[:len(whole):len(whole)], 0),
		"a parcel that it does not have": bytes(Facts{Lines: []LineFacts{{Ordered: 1, Parcel: 1}}}),
		"more units than anybody has":    bytes(Facts{Lines: []LineFacts{{Ordered: math.MaxInt32 + 1, Shipped: math.MaxInt32 + 1}}}),
		"and some of them cancelled":     bytes(Facts{Lines: []LineFacts{{Ordered: math.MaxInt32 + 1, Cancelled: 1}}}),
		"before there were computers":    bytes(Facts{Available: time.Unix(-1, 0)}),
		"after the last second":          bytes(Facts{Available: time.Unix(math.MaxUint32*4+1, 0)}),
	} {
		if err := new(Facts).UnmarshalBinary(data); err == nil {
			t.Errorf("%s: read", name)
		}
	}
	for n := range whole {
		if err := new(Facts).UnmarshalBinary(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes passed for the whole", n, len(whole))
		}
	}
}

// A line that went the way of the one before takes two bytes.
func TestBriefIsBrief(t *testing.T) {
	f := written()
	f.Lines = f.Lines[:1]
	one, _ := f.MarshalBinary()
	f.Lines = append(f.Lines, f.Lines[0])
	if two, _ := f.MarshalBinary(); len(two) != len(one)+2 {
		t.Errorf("%d bytes, then %d", len(one), len(two))
	}
}
