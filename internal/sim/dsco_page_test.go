package sim

import (
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// since asks for the orders that were made long ago or later; until is 30 s ago.
func since(now time.Time, more string) string {
	return "/order/page?ordersCreatedSince=" + rfc(now.AddDate(0, 0, -30)) + "&until=" + rfc(now.Add(-30*time.Second)) + more
}

// ids are the ids of the orders on a page.
func ids(g got) []string {
	list := []string{}
	each(At(g.doc, "orders"), func(_ int, o object) { list = append(list, Text(o, "dscoOrderId")) })
	return list
}

// next is the path of the page that follows.
func next(g got) string { return "/order/page?scrollId=" + url.QueryEscape(Text(g.doc, "scrollId")) }

func TestPageParameters(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	dates := "ordersCreatedSince=1999-12-01T00:00:00Z&until=" + rfc(now.Add(-5*time.Second))
	tests := map[string]struct {
		query  string
		status int
		part   string
	}{
		"good":             {dates, 200, `"orders":[`},
		"offset":           {"ordersCreatedSince=1999-12-01T00:00:00%2B00:00&until=1999-12-31T00:00:00%2B00:00", 200, `"orders":[]`},
		"offset as blank":  {"ordersCreatedSince=1999-12-01T00:00:00+00:00&until=1999-12-31T00:00:00Z", 400, "ordersCreatedSince"},
		"until too recent": {"ordersCreatedSince=1999-12-01T00:00:00Z&until=" + rfc(now.Add(-4*time.Second)), 400, "until has to be at least 5 seconds in the past"},
		"no until":         {"ordersCreatedSince=1999-12-01T00:00:00Z", 400, "until"},
		"no since":         {"until=1999-12-01T00:00:00Z", 400, "exactly one"},
		"two sinces":       {dates + "&ordersUpdatedSince=1999-12-01T00:00:00Z", 400, "exactly one"},
		"nothing":          {"", 400, "exactly one"},
		"nine":             {dates + "&ordersPerPage=9", 400, "between 10 and 1000"},
		"too many":         {dates + "&ordersPerPage=1001", 400, "between 10 and 1000"},
		"words":            {dates + "&ordersPerPage=all", 400, "between 10 and 1000"},
		"ten":              {dates + "&ordersPerPage=10", 200, `"orders":[`},
		"status":           {dates + "&status=created&status=shipped", 200, "1026000001"},
		"other status":     {dates + "&status=shipped&status=cancelled", 200, `"orders":[]`},
		"bad status":       {dates + "&status=received", 400, "status must be one of"},
		"lifecycle":        {dates + "&dscoLifecycle=completed&lifecycle=completed", 200, "1026000001"},
		"consumer":         {"consumerOrderNumber=C-9", 200, "1026000001"},
		"other consumer":   {"consumerOrderNumber=C-8", 200, `"orders":[]`},
		"unknown scroll":   {"scrollId=abc&" + dates, 404, "does not exist or has expired"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{Now: func() time.Time { return now }})
			c.w.AddOrder(set("consumerOrderNumber", "C-9"))
			c.dsco("GET", "/order/page?"+test.query, "").want(t, test.status, test.part)
			if strings.Contains(name, "recent") {
				c.broke("until is 4s in the past")
			} else {
				c.obeyed()
			}
		})
	}
}

// TestPageBounds: creation from since on and before until; update after since and up to until.
func TestPageBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		day := func(n int) string { return time.Now().AddDate(0, 0, n-10).UTC().Format(orderTime) }
		for n := 1; n <= 3; n++ {
			c.w.AddOrder(set("dscoCreateDate", day(n)), set("dscoLastUpdate", day(n)))
		}
		q := func(name string) string {
			return "/order/page?" + url.Values{name: {day(1)}, "until": {day(3)}}.Encode()
		}
		if d := cmp.Diff([]string{"1026000002", "1026000001"}, ids(c.dsco("GET", q("ordersCreatedSince"), ""))); d != "" {
			t.Errorf("by creation: %s", d)
		}
		if d := cmp.Diff([]string{"1026000003", "1026000002"}, ids(c.dsco("GET", q("ordersUpdatedSince"), ""))); d != "" {
			t.Errorf("by update: %s", d)
		}
	})
}

func TestPageShowsLessThanTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		c.w.AddOrder(set("x-new", "kept"))
		c.w.AddOrder(set("testFlag", true))
		page := c.dsco("GET", since(time.Now(), ""), "").want(t, 200)
		if d := cmp.Diff([]string{"1026000001"}, ids(page)); d != "" {
			t.Errorf("without test orders: %s", d)
		}
		o := At(page.doc, "orders", 0).(object)
		for name, there := range map[string]bool{"acknowledgeByDate": false, "supplierOrderNumber": false, "buyer": true, "billTo": true, "x-new": true} {
			if _, is := o[name]; is != there {
				t.Errorf("%s on the page: %v, want %v", name, is, there)
			}
		}
		if _, is := At(o, "lineItems", 0).(object)["status"]; is {
			t.Error("a line's null status on the page")
		}
		if l := ids(c.dsco("GET", since(time.Now(), "&includeTestOrders=true"), "")); len(l) != 2 {
			t.Errorf("with test orders: %v", l)
		}
	})
}

// TestPaging: the scrollId changes with each page; a used one may be used again; the end is a page without one, or empty.
func TestPaging(t *testing.T) {
	for _, test := range []struct {
		orders int
		empty  bool
		pages  []int
	}{{25, false, []int{10, 10, 5}}, {25, true, []int{10, 10, 5, 0}}, {20, false, []int{10, 10, 0}}, {0, false, []int{0}}} {
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, Options{EmptyLastPage: test.empty})
			for range test.orders {
				c.w.AddOrder()
				time.Sleep(time.Second)
			}
			time.Sleep(time.Minute)
			var pages []int
			seen := map[string]bool{}
			last := "9"
			scrolls := map[string]bool{}
			for path := since(time.Now(), "&ordersPerPage=10"); path != ""; {
				g := c.dsco("GET", path, "").want(t, 200)
				pages = append(pages, len(ids(g)))
				for _, id := range ids(g) {
					if id >= last {
						t.Errorf("order %s comes after %s", id, last)
					}
					last, seen[id] = id, true
				}
				path = ""
				if scroll := Text(g.doc, "scrollId"); scroll != "" {
					if scrolls[scroll] {
						t.Error("a scrollId came twice")
					}
					scrolls[scroll] = true
					path = next(g)
					if d := cmp.Diff(ids(c.dsco("GET", path, "")), ids(c.dsco("GET", path, ""))); d != "" {
						t.Errorf("the same place read twice: %s", d)
					}
				}
			}
			if d := cmp.Diff(test.pages, pages); d != "" || len(seen) != test.orders {
				t.Errorf("%d orders seen of %d, pages: %s", len(seen), test.orders, d)
			}
			c.obeyed()
		})
	}
}

func TestScrollExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		for range 30 {
			c.w.AddOrder()
		}
		first := c.dsco("GET", since(time.Now(), "&ordersPerPage=10"), "").want(t, 200)
		time.Sleep(5 * time.Minute)
		second := c.dsco("GET", next(first), "").want(t, 200)
		time.Sleep(5*time.Minute + 1)
		c.dsco("GET", next(second), "").want(t, 404, "The page of results does not exist or has expired")
	})
}

// TestPagesShift: what leaves the list between two pages moves the rest forward, and as many orders are never seen.
func TestPagesShift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		for range 20 {
			c.w.AddOrder()
		}
		first := c.dsco("GET", since(time.Now(), "&status=created&ordersPerPage=10"), "")
		for _, id := range ids(first)[:4] {
			c.w.AcknowledgeInDSCO(id)
		}
		second := ids(c.dsco("GET", next(first), ""))
		if len(second) != 6 || second[0] != "1026000006" {
			t.Errorf("the second page holds %v, want the last six", second)
		}
	})
}

// TestListLags: a list shows an order only when it is old enough, and as it was then.
func TestListLags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{DSCOLag: 10 * time.Minute})
		id := c.w.AddOrder()
		status := func(filter string) string {
			return Text(c.dsco("GET", since(time.Now(), filter), "").doc, "orders", 0, "dscoStatus")
		}
		if s := status(""); s != "" {
			t.Errorf("seen at once: %s", s)
		}
		time.Sleep(10 * time.Minute)
		c.w.AcknowledgeInDSCO(id)
		time.Sleep(time.Minute)
		c.w.ForceCancelInDSCO(id)
		if s := status("&status=created"); s != "created" {
			t.Errorf("status %q, want created", s)
		}
		time.Sleep(9 * time.Minute)
		if s := status(""); s != "shipment_pending" {
			t.Errorf("status %q, want shipment_pending", s)
		}
		time.Sleep(time.Minute)
		if s := status("&status=cancelled"); s != "cancelled" {
			t.Errorf("status %q, want cancelled", s)
		}
	})
}

// Now and then a write shows minutes late, a later one of the same order before it.
func TestLateWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{DSCOLag: 10 * time.Second, DSCOLate: 6 * time.Minute})
		for range 200 {
			w.AddOrder()
		}
		shown := func() (n int) {
			w.enter()
			defer w.mu.Unlock()
			return len(w.dsco.list(time.Now(), func(object) bool { return true }))
		}
		time.Sleep(10 * time.Second)
		soon := shown()
		time.Sleep(6*time.Minute - 11*time.Second)
		before := shown()
		time.Sleep(time.Second)
		if soon >= 200 || soon < 170 || before != soon || shown() != 200 {
			t.Errorf("%d of 200 show after the lag, %d just before and %d when all have to", soon, before, shown())
		}
	})
}
