package stage

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
)

// recorded is an order as DSCO sends it, read by the client that reads them.
func recorded(t *testing.T, name string) dsco.Order {
	t.Helper()
	read := func(file string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "dsco", file))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	document := read(name + ".json")
	var known struct{ DscoOrderID string }
	if err := json.Unmarshal(document, &known); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/oauth2/token" {
			w.Write(read("token-response-200.json"))
			return
		}
		w.Write(document)
	}))
	t.Cleanup(server.Close)
	o, err := dsco.New(server.URL, "id", "secret", nil, nil).Order(t.Context(), known.DscoOrderID)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestRecordedOrders(t *testing.T) {
	for _, name := range []string{"order-one-line", "order-multi-line", "order-one-line-cancelled", "order-partially-shipped"} {
		t.Run(name, func(t *testing.T) {
			o := recorded(t, name)
			golden(t, name, o)
			if err := lawful(t, o); err != nil {
				t.Error(err)
			}
		})
	}
	if _, _, err := translation.Order(recorded(t, "order-retailer-cancelled")); err == nil || err.Error() != "nothing is left to ship (lineItems)" {
		t.Errorf("an order that is cancelled: %v", err)
	}
}

func TestRecordedSightings(t *testing.T) {
	type seen struct {
		status          string
		told, left      int
		requested       bool
		packages, lines int
	}
	for name, want := range map[string]seen{
		"order-one-line":           {"created", 0, 1, false, 0, 1},
		"order-multi-line":         {"created", 0, 7, false, 0, 3},
		"order-one-line-cancelled": {"shipment_pending", 0, 6, false, 0, 3},
		"order-partially-shipped":  {"shipped", 2, 5, false, 1, 3},
		"order-shipped-completed":  {"shipped", 1, 0, false, 1, 1},
		"order-cancel-requested":   {"shipment_pending", 0, 1, true, 0, 1},
		"order-retailer-cancelled": {"cancelled", 0, 0, false, 0, 1},
	} {
		s := see(recorded(t, name))
		told := 0
		for _, l := range s.Lines {
			told += l.Told
		}
		got := seen{s.DSCO.Status, told, order.Order{Lines: s.Lines}.Left(), s.DSCO.Requested, len(s.DSCO.Packages), len(s.Lines)}
		if got != want {
			t.Errorf("%s:\n%s", name, cmp.Diff(want, got, cmp.AllowUnexported(seen{})))
		}
	}
}
