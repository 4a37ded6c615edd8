package dsco

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/remote"
)

var (
	march = time.Date(2026, 3, 2, 16, 4, 5, 999, time.FixedZone("CET", 3600))
	query = Query{CreatedSince: march.AddDate(0, 0, -14), Until: march, Status: []string{"created", "shipment_pending"}, Test: true}
)

// doc is a small order.
func doc(id, updated string) string {
	return fmt.Sprintf(`{"dscoOrderId":%q,"poNumber":"P","dscoLastUpdate":%q,"shipping":{},"lineItems":[{"quantity":1}]}`, id, updated)
}

// sheet is a page of orders.
func sheet(scroll string, orders ...string) string {
	return fmt.Sprintf(`{"scrollId":%q,"orders":[%s]}`, scroll, strings.Join(orders, ","))
}

func ids(orders []Order) []string {
	var list []string
	for _, o := range orders {
		list = append(list, o.ID)
	}
	return list
}

func TestOrdersDrainsThePages(t *testing.T) {
	c, d := newDesk(t, func(n int, r *http.Request) (int, string) {
		return 200, []string{sheet("s1", doc("3", ""), doc("2", "")), sheet("s2", doc("1", "")), `{"orders":[],"scrollId":"s3"}`}[n-1]
	})
	began := time.Date(2026, 3, 2, 15, 5, 0, 0, time.UTC)
	c.API.Now = func() time.Time { return began }
	var progress []int
	q := query
	q.Progress = func(n int) { progress = append(progress, n) }
	got, err := c.Orders(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"3", "2", "1"}, ids(got.Orders)); diff != "" || got.Skipped != 0 || !got.Began.Equal(began) {
		t.Errorf("%v %d %v", diff, got.Skipped, got.Began)
	}
	want := []string{
		"includeTestOrders=true&ordersCreatedSince=2026-02-16T15%3A04%3A05Z&ordersPerPage=1000&status=created&status=shipment_pending&until=2026-03-02T15%3A04%3A05Z",
		"scrollId=s1", "scrollId=s2",
	}
	for i, w := range want {
		if asked := d.got[i].query.Encode(); asked != w || d.got[i].path != "/order/page" {
			t.Errorf("call %d asked %s", i, asked)
		}
	}
	if diff := cmp.Diff([]int{2, 3, 3}, progress); diff != "" {
		t.Error(diff)
	}
}

func TestOrdersUpdatedSince(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "order-page-empty.json")))
	got, err := c.Orders(t.Context(), Query{UpdatedSince: march, Until: march.Add(time.Hour)})
	if err != nil || len(got.Orders) != 0 {
		t.Fatal(got, err)
	}
	if asked := d.got[0].query.Encode(); asked != "ordersPerPage=1000&ordersUpdatedSince=2026-03-02T15%3A04%3A05Z&until=2026-03-02T16%3A04%3A05Z" {
		t.Error(asked)
	}
	for _, bad := range []Query{{}, {Until: march}, {CreatedSince: march, UpdatedSince: march, Until: march}, {CreatedSince: march}} {
		if _, err := c.Orders(t.Context(), bad); remote.KindOf(err) != remote.Other {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestOrdersPages(t *testing.T) {
	expired := sample(t, "error-404-scroll-expired.json")
	for _, tc := range []struct {
		name    string
		pages   []string // "404" is an expired scroll; after the end the last one repeats
		ids     []string
		skipped int
		calls   int
		kind    remote.Kind
		text    string
	}{
		{"samples", []string{sample(t, "order-page-response.json"), sample(t, "order-page-last-without-scrollid.json")}, nil, 0, 2, 0, ""},
		{"no scroll id ends it", []string{`{"orders":[` + doc("1", "") + `]}`}, []string{"1"}, 0, 1, 0, ""},
		{"null scroll id", []string{`{"scrollId":null,"orders":[` + doc("1", "") + `]}`}, []string{"1"}, 0, 1, 0, ""},
		{"number as scroll id", []string{`{"scrollId":7,"orders":[` + doc("1", "") + `]}`, `{"orders":null}`}, []string{"1"}, 0, 2, 0, ""},
		{"same scroll id, new orders", []string{sheet("s", doc("1", "")), sheet("s", doc("2", "")), sheet("s")}, []string{"1", "2"}, 0, 3, 0, ""},
		{"a page that repeats", []string{sheet("s", doc("1", "")), sheet("s", doc("1", ""))}, nil, 0, 2, remote.Unavailable, "the same page came twice"},
		{"an order twice in a page", []string{sheet("", doc("1", "2026-03-02T15:00:00Z"), doc("1", "2026-03-02T14:00:00Z"))}, []string{"1"}, 0, 1, 0, ""},
		{"no ids", []string{sheet("", doc("", ""), `7`, `null`, `[]`, `{"dscoOrderId":1e3}`, `{"dscoOrderId":true}`, doc("1", ""))}, []string{"1"}, 6, 1, 0, ""},
		{"expired once", []string{sheet("s1", doc("1", "")), "404", sheet("s2", doc("1", "")), sheet("", doc("2", ""))}, []string{"1", "2"}, 0, 4, 0, ""},
		{"expired twice", []string{sheet("s1", doc("1", "")), "404", sheet("s1", doc("1", "")), "404"}, nil, 0, 4, remote.Unavailable, "expired twice"},
		{"404 on the first page", []string{"404"}, nil, 0, 1, remote.Missing, "not found"},
		{"no orders in it", []string{`{"message":"hello"}`}, nil, 0, 4, remote.Unavailable, "no orders in it"},
		{"orders is an object", []string{`{"orders":{}}`}, nil, 0, 4, remote.Unavailable, "not the JSON expected"},
		{"null", []string{`null`}, nil, 0, 4, remote.Unavailable, "no orders in it"},
		{"scroll id is a list", []string{`{"scrollId":[],"orders":[]}`}, nil, 0, 4, remote.Unavailable, "scrollId is not a text"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, d := newDesk(t, func(n int, r *http.Request) (int, string) {
					if body := tc.pages[min(n, len(tc.pages))-1]; body != "404" {
						return 200, body
					}
					return 404, expired
				})
				got, err := c.Orders(t.Context(), query)
				if remote.KindOf(err) != tc.kind || (err == nil) != (tc.kind == 0) || err != nil && !strings.Contains(err.Error(), tc.text) {
					t.Fatalf("%v: %v", remote.KindOf(err), err)
				}
				if tc.ids != nil {
					if diff := cmp.Diff(tc.ids, ids(got.Orders)); diff != "" {
						t.Error(diff)
					}
				}
				if got.Skipped != tc.skipped || len(d.got) != tc.calls {
					t.Errorf("%d skipped, %d calls", got.Skipped, len(d.got))
				}
			})
		})
	}
}

func TestOrdersKeepsTheLaterDocument(t *testing.T) {
	older := strings.Replace(doc("1", "2026-03-02T14:00:00Z"), `"P"`, `"older"`, 1)
	newer := strings.Replace(doc("1", "2026-03-02T15:00:00Z"), `"P"`, `"newer"`, 1)
	same := strings.Replace(doc("1", "2026-03-02T15:00:00Z"), `"P"`, `"same"`, 1)
	for _, tc := range []struct {
		want  string
		pages []string
	}{
		{"newer", []string{sheet("s", older), sheet("t", newer), sheet("u")}},
		{"newer", []string{sheet("s", newer), sheet("t", older), sheet("u")}},
		{"same", []string{sheet("s", newer, same), sheet("u")}},
	} {
		c, _ := newDesk(t, func(n int, r *http.Request) (int, string) { return 200, tc.pages[n-1] })
		got, err := c.Orders(t.Context(), query)
		if err != nil || len(got.Orders) != 1 || got.Orders[0].PO != tc.want {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func TestOrdersTooLargeAPage(t *testing.T) {
	huge := `{"orders":[` + strings.Repeat(" ", 33<<20) + `]}`
	c, d := newDesk(t, nil)
	d.answer = func(n int, r *http.Request) (int, string) {
		if r.URL.Query().Get("ordersPerPage") == "10" {
			return 200, sheet("", doc("1", ""))
		}
		return 200, huge
	}
	got, err := c.Orders(t.Context(), query)
	if err != nil || len(got.Orders) != 1 || len(d.got) != 3 || d.got[1].query.Get("ordersPerPage") != "100" {
		t.Errorf("%d orders after %d calls, %v", len(got.Orders), len(d.got), err)
	}
	d.answer = say(200, huge)
	if _, err := c.Orders(t.Context(), query); remote.KindOf(err) != remote.Unavailable {
		t.Error(err)
	}
}

func TestOrdersWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, d := newDesk(t, func(n int, r *http.Request) (int, string) {
			return 200, sheet(fmt.Sprint("s", n), doc("1", ""))
		})
		if _, err := c.Orders(t.Context(), query); remote.KindOf(err) != remote.Unavailable || len(d.got) != maxPages {
			t.Errorf("%v after %d calls", err, len(d.got))
		}
	})
}
