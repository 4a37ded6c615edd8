package dsco

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// many answers a scan of 10,000 orders, a thousand a page.
type many struct{ pages int }

func (m *many) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"access_token":"t","expires_in":3600}`
	if strings.HasSuffix(r.URL.Path, "/order/page") {
		first, _ := strconv.Atoi(r.URL.Query().Get("scrollId"))
		orders := make([]map[string]any, 1000)
		for i := range orders {
			orders[i] = map[string]any{"dscoOrderId": fmt.Sprint(1026000000 + first + i), "poNumber": "PO", "lineItems": []any{map[string]any{"quantity": 1}}, "shipping": map[string]any{"name": "Pat"}}
		}
		page := map[string]any{"orders": orders}
		if first < 9000 {
			page["scrollId"] = strconv.Itoa(first + 1000)
		}
		raw, err := json.Marshal(page)
		if err != nil {
			return nil, err
		}
		body = string(raw)
		m.pages++
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestTenThousandOrders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &many{}
		scan, err := New("https://api.example.test/api/v3", "id", "secret", m, nil).Orders(t.Context(), Query{CreatedSince: time.Now().Add(-time.Hour), Until: time.Now().Add(-time.Minute)})
		if err != nil || len(scan.Orders) != 10000 || m.pages != 10 {
			t.Fatalf("%d orders from %d pages: %v", len(scan.Orders), m.pages, err)
		}
		seen := map[string]bool{}
		for _, o := range scan.Orders {
			seen[o.ID] = true
		}
		if len(seen) != 10000 {
			t.Errorf("%d different orders", len(seen))
		}
	})
}
