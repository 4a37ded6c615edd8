package sim

import (
	"fmt"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

func TestToken(t *testing.T) {
	good := url.Values{"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {"client-secret"}}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	tests := map[string]struct {
		query, body string
		header      map[string]string
		status      int
		part        string
	}{
		"good":         {"", good.Encode(), form, 200, `"token_type":"Bearer"`},
		"wrong secret": {"", "grant_type=client_credentials&client_id=client&client_secret=x", form, 401, "invalid_client"},
		"basic": {"", "grant_type=client_credentials", map[string]string{"Content-Type": form["Content-Type"],
			"Authorization": "Basic Y2xpZW50OmNsaWVudC1zZWNyZXQ="}, 401, "invalid_client"},
		"no grant":    {"", "client_id=client&client_secret=client-secret", form, 400, "grant_type is missing"},
		"no secret":   {"", "grant_type=client_credentials&client_id=client", form, 400, "client_secret is missing"},
		"other grant": {"", "grant_type=password&client_id=client&client_secret=client-secret", form, 400, "invalid_request"},
		"json":        {"", `{"grant_type":"client_credentials"}`, map[string]string{"Content-Type": "application/json"}, 400, "invalid_request"},
		"in the url":  {"?" + good.Encode(), "", form, 400, "invalid_request"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			c.do("POST", DSCOBase+"/oauth2/token"+test.query, test.body, test.header).want(t, test.status, test.part)
		})
	}
}

func TestTokenEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{TokenLife: time.Minute})
		c.dsco("GET", "/hello", "").want(t, 200, `{"hello":"World!"}`)
		first := c.token
		time.Sleep(59 * time.Second)
		c.dsco("GET", "/hello", "").want(t, 200)
		time.Sleep(time.Second)
		c.dsco("GET", "/hello", "").want(t, 401, `{"message":"Unauthorized"}`)
		c.token = ""
		c.dsco("GET", "/hello", "").want(t, 200)
		if c.token == first {
			t.Error("the same token was given twice")
		}
		c.w.ExpireTokens()
		c.dsco("GET", "/hello", "").want(t, 401)
	})
}

func TestGateway(t *testing.T) {
	c := newClient(t, Options{})
	c.dsco("GET", "/hello", "").want(t, 200)
	for _, path := range []string{"/orders", "/order/changelog", "/order/page/", "/"} {
		c.dsco("GET", path, "").want(t, 403, "Invalid key=value pair (missing equal-sign) in Authorization header")
	}
	c.dsco("PUT", "/order/page", "").want(t, 403)
	c.do("GET", DSCOBase+"/orders", "", nil).want(t, 403, "Missing Authentication Token")
	c.do("GET", "https://dsco.sim/order/page", "", nil).want(t, 403)
	c.do("GET", DSCOBase+"/hello", "", nil).want(t, 401, "Unauthorized")
	c.do("GET", DSCOBase+"/hello", "", map[string]string{"Authorization": "BEARER " + c.token}).want(t, 200)
	c.do("GET", DSCOBase+"/hello", "", map[string]string{"Authorization": "Basic " + c.token}).want(t, 401)
}

func TestOrderByKey(t *testing.T) {
	c := newClient(t, Options{})
	a := c.w.AddOrder(set("poNumber", "PO 1"))
	b := c.w.AddOrder(set("poNumber", "PO 1"), set("supplierOrderNumber", "S-2"), set("x-new", object{"deep": 1}))
	for _, test := range []struct {
		query  string
		status int
		part   string
	}{
		{"orderKey=dscoOrderId&value=" + a, 200, `"dscoOrderId":"` + a},
		{"orderKey=dscoOrderId&value=" + a + "&_ts=1", 200, `"acknowledgeByDate":null`},
		{"orderKey=dscoOrderId&value=" + b, 200, `"x-new":{"deep":1}`},
		{"orderKey=poNumber&value=PO+1", 200, `"dscoOrderId":"` + a},
		{"orderKey=supplierOrderNumber&value=S-2", 200, `"dscoOrderId":"` + b},
		{"orderKey=dscoOrderId&value=1", 404, "NOT_FOUND"},
		{"orderKey=sku&value=1", 400, "orderKey must be one of"},
		{"orderKey=dscoOrderId", 400, "value is required"},
	} {
		c.dsco("GET", "/order/?"+test.query, "").want(t, test.status, test.part)
	}
	if both := c.dsco("GET", "/order?orderKey=poNumber&value=PO+1&returnMultiple=true", "").want(t, 200).doc.([]any); len(both) != 2 {
		t.Errorf("%d orders with the PO number, want 2", len(both))
	}
}

func TestOrderAppearsAfterTheLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{DSCOLag: time.Minute})
		path := "/order/?orderKey=dscoOrderId&value=" + c.w.AddOrder()
		c.dsco("GET", path, "").want(t, 404)
		time.Sleep(time.Minute)
		c.dsco("GET", path, "").want(t, 200, `"dscoLifecycle":"created"`)
		c.w.AcknowledgeInDSCO("1026000001")
		time.Sleep(time.Minute - time.Nanosecond)
		c.dsco("GET", path, "").want(t, 200, `"dscoLifecycle":"created"`)
		time.Sleep(time.Nanosecond)
		c.dsco("GET", path, "").want(t, 200, `"dscoLifecycle":"acknowledged"`)
	})
}

func TestCached404(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{Cache404: time.Minute})
		path := "/order/?orderKey=dscoOrderId&value=1026000001"
		c.dsco("GET", path, "").want(t, 404)
		c.w.AddOrder()
		c.dsco("GET", path, "").want(t, 404)
		c.dsco("GET", path+"&_ts=7", "").want(t, 200)
		time.Sleep(time.Minute)
		c.dsco("GET", path, "").want(t, 200)
	})
}

func TestPartners(t *testing.T) {
	for query, want := range map[string]int{
		"": 4, "?status=active": 3, "?status=active&status=terminated": 4, "?accountId=1000009003": 1, "?tradingPartnerId=MILL": 1, "?accountId=7": 0,
	} {
		c := newClient(t, Options{})
		if l := c.dsco("GET", "/tradingpartner"+query, "").want(t, 200).doc.([]any); len(l) != want {
			t.Errorf("%q lists %d partners, want %d", query, len(l), want)
		}
	}
	c := newClient(t, Options{})
	c.dsco("GET", "/tradingpartner?accountId=1&status=active", "").want(t, 400, "at most one")
}

// TestDSCOLimits: both windows slide, and each endpoint has its own.
func TestDSCOLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, Options{})
		ask := func() int { return c.dsco("GET", "/hello", "").status }
		for i := range 10 {
			if s := ask(); s != 200 {
				t.Fatalf("request %d in a second answers %d", i+1, s)
			}
		}
		c.obeyed()
		g := c.dsco("GET", "/hello", "").want(t, 429, `{"message":"Too Many Requests"}`)
		if g.header.Get("Retry-After") != "" || g.header.Get("X-Rate-Limit-Reset") != "" {
			t.Error("DSCO says nothing of its limit")
		}
		c.broke("dsco: went over the limit of 10 requests in a second")
		c.dsco("GET", "/tradingpartner", "").want(t, 200)
		time.Sleep(time.Second)
		for n := 10; n < 500; n++ {
			if s := ask(); s != 200 {
				t.Fatalf("request %d in a minute answers %d", n+1, s)
			}
			time.Sleep(110 * time.Millisecond)
		}
		c.dsco("GET", "/hello", "").want(t, 429)
		c.broke("in a second", "dsco: went over the limit of 500 requests in a minute")
		time.Sleep(6 * time.Second)
		c.dsco("GET", "/hello", "").want(t, 200)
	})
}

func TestInventedOrders(t *testing.T) {
	c := newClient(t, Options{Seed: 7, Limit: -1})
	again := New(Options{Seed: 7})
	shops := map[string]bool{}
	for i := range 30 {
		id := c.w.AddOrder()
		if want := fmt.Sprint(1026000001 + i); id != want {
			t.Fatalf("order %d has id %s, want %s", i, id, want)
		}
		again.AddOrder()
		doc := c.w.Order(id)
		shops[Text(doc, "dscoRetailerId")] = true
		if Text(doc, "shipping", "address", 0) != Text(doc, "shipping", "address1") || Text(doc, "shipping", "state") != Text(doc, "shipping", "region") {
			t.Errorf("order %s has two different addresses", id)
		}
		if n := len(At(doc, "lineItems").([]any)); n < 1 || n > 3 {
			t.Errorf("order %s has %d lines", id, n)
		}
		if Text(doc, "shipping", "name") != Text(again.Order(id), "shipping", "name") {
			t.Errorf("seed 7 made two different orders %s", id)
		}
	}
	if len(shops) != 3 {
		t.Errorf("%d retailers, want 3", len(shops))
	}
	c.dsco("GET", "/order/page?ordersCreatedSince=2000-01-01T00:00:00Z&until="+rfc(time.Now().Add(-10*time.Second)), "").want(t, 200)
}
