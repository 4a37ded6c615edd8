package shipstation

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/remote"
)

func TestDecodeOddMembers(t *testing.T) {
	for _, tc := range []struct {
		json string
		want Order
	}{
		{`{}`, Order{}},
		{`{"orderId":null,"orderNumber":null,"items":null,"advancedOptions":null,"createDate":null}`, Order{}},
		{`{"orderId":"9007199254740993","orderNumber":12,"orderKey":34,"orderStatus":"processing"}`, Order{ID: 9007199254740993, Number: "12", Key: "34", Status: "processing"}},
		{`{"orderId":-1,"createDate":"0001-01-01T00:00:00","modifyDate":"soon"}`, Order{}},
		{`{"orderId":1.5,"orderStatus":["x"],"advancedOptions":"x","items":{}}`, Order{}},
		{`{"orderId":1,"createDate":"2026-02-11T06:20:03.3970000","modifyDate":"2026-02-11T14:20:03Z"}`,
			Order{ID: 1, Created: time.Date(2026, 2, 11, 14, 20, 3, 397e6, time.UTC), Modified: time.Date(2026, 2, 11, 14, 20, 3, 0, time.UTC)}},
		{`{"orderId":1,"advancedOptions":{"storeId":"7","parentId":8,"mergedOrSplit":"True","mergedIds":[1,"2",null,"x",-3]}}`,
			Order{ID: 1, StoreID: 7, ParentID: 8, MergedOrSplit: true, MergedIDs: []int64{1, 2}}},
		{`{"orderId":1,"items":[null,"x",{"lineItemKey":5,"sku":null,"quantity":"2"},{"quantity":-4,"adjustment":true},{"quantity":1e9},{"quantity":1000000},{"quantity":2.0}]}`,
			Order{ID: 1, Items: []OrderItem{{Key: "5", Quantity: 2}, {Adjustment: true}, {}, {Quantity: 1000000}, {Quantity: 2}}}},
	} {
		var doc remote.Object
		if err := json.Unmarshal([]byte(tc.json), &doc); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, decode(doc)); diff != "" {
			t.Errorf("%s: %s", tc.json, diff)
		}
	}
}

func TestInstant(t *testing.T) {
	utc := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tc := range []struct{ text, want string }{
		{"2026-02-11T06:20:03.3970000", "2026-02-11T14:20:03.397Z"},
		{"2026-02-11T06:20:03.07", "2026-02-11T14:20:03.07Z"},
		{"2026-02-11T06:20:03", "2026-02-11T14:20:03Z"},
		{"2026-02-11 06:20:03", "2026-02-11T14:20:03Z"},
		{"2026-07-11T06:20:03", "2026-07-11T13:20:03Z"},
		{"2026-02-11", "2026-02-11T08:00:00Z"},
		{"2026-02-11T06:20:03Z", "2026-02-11T06:20:03Z"},
		{"2026-02-11T06:20:03.5-05:00", "2026-02-11T11:20:03.5Z"},
		{"2026-02-11 06:20:03+01:00", "2026-02-11T05:20:03Z"},
		// The hour that comes twice: the later moment, unless the text tells which.
		{"2026-11-01T00:59:59", "2026-11-01T07:59:59Z"},
		{"2026-11-01T01:00:00", "2026-11-01T09:00:00Z"},
		{"2026-11-01T01:30:00.1234567", "2026-11-01T09:30:00.1234567Z"},
		{"2026-11-01T02:00:00", "2026-11-01T10:00:00Z"},
		{"2026-11-01T01:30:00-07:00", "2026-11-01T08:30:00Z"},
		{"2026-11-01T01:30:00-08:00", "2026-11-01T09:30:00Z"},
	} {
		if got, ok := instant(tc.text); !ok || !got.Equal(utc(tc.want)) || got.Location() != time.UTC {
			t.Errorf("instant(%q) = %v, %v, want %s", tc.text, got, ok, tc.want)
		}
	}
	for _, bad := range []string{"", "soon", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-13-01", "02/11/2026"} {
		if got, ok := instant(bad); ok {
			t.Errorf("instant(%q) = %v", bad, got)
		}
	}
}

// A window start must not be read as later than it was meant, in whichever way ShipStation reads it.
func TestSinceIsNeverLate(t *testing.T) {
	start := time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC)
	for at := start; at.Before(start.Add(72 * time.Hour)); at = at.Add(7 * time.Minute) {
		text := since(at)
		read, err := time.ParseInLocation(time.DateTime, text, Pacific)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range []time.Time{read.Add(-time.Hour), read, read.Add(time.Hour)} {
			if other.Format(time.DateTime) == text && (other.After(at) || at.Sub(other) > 2*time.Hour) {
				t.Errorf("%v is sent as %s, which may be %v", at, text, other.UTC())
			}
		}
	}
	if got := since(time.Date(2026, 2, 11, 14, 15, 22, 9, time.UTC)); got != "2026-02-11 06:15:22" {
		t.Error(got)
	}
}

func TestTimeIsSentAsWallClock(t *testing.T) {
	b, err := json.Marshal(map[string]any{"t": Time{time.Date(2026, 7, 1, 0, 0, 0, 5e8, time.UTC)}})
	if err != nil || string(b) != `{"t":"2026-06-30T17:00:00"}` {
		t.Errorf("%s, %v", b, err)
	}
}

func FuzzOrder(f *testing.F) {
	f.Add([]byte(sample(f, "createorder.response.json")))
	f.Add([]byte(`{"orderId":"1","createDate":"2026-11-01T01:30:00","advancedOptions":{"mergedIds":[1]},"items":[{"quantity":1e9},{"quantity":"99999999999999999999"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var doc remote.Object
		if json.Unmarshal(b, &doc) != nil {
			return
		}
		o := decode(doc)
		if o.ID < 0 || o.StoreID < 0 || o.ParentID < 0 {
			t.Errorf("%+v", o)
		}
		for _, i := range o.Items {
			if i.Quantity < 0 || i.Quantity > maxUnits {
				t.Errorf("%d units", i.Quantity)
			}
		}
		for _, at := range []time.Time{o.Created, o.Modified} {
			if !at.IsZero() && (at.Year() < 1969 || at.Year() > 2101) {
				t.Error(at)
			}
		}
	})
}
