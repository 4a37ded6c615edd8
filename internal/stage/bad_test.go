package stage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/sim"
)

// page is an answer of GET /order/page with these orders on it.
func page(orders ...any) string {
	raw, err := json.Marshal(map[string]any{"orders": orders})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// TestBadPages: whatever DSCO answers where a page of orders was due, the run ends with a clear error or with what could
// be understood; nothing is lost, and the next good answer is dealt with as if nothing had been.
func TestBadPages(t *testing.T) {
	const html = "<html><body>Service temporarily <b>unavailable</b></body></html>"
	for _, test := range []struct {
		name  string
		fault sim.Fault
		says  string
	}{
		{"HTML with 200", sim.Fault{Status: 200, Body: html, ContentType: "text/html"}, "not JSON: text/html"},
		{"nothing with 200", sim.Fault{Status: 200, ContentType: "application/json"}, "an empty answer"},
		{"half a body", sim.Fault{Do: true, Half: true}, "broke off"},
		{"truncated JSON", sim.Fault{Status: 200, Body: `{"orders":[{"dscoOrderId":"1","li`}, "not the JSON expected"},
		{"orders is null", sim.Fault{Status: 200, Body: `{"orders":null}`}, ""},
		{"no list at all", sim.Fault{Status: 200, Body: `{"hello":"World!"}`}, "orders"},
		{"a list of lists", sim.Fault{Status: 200, Body: `[[]]`}, "JSON"},
		{"a text", sim.Fault{Status: 200, Body: `"orders"`}, "not JSON"},
		{"orders is a number", sim.Fault{Status: 200, Body: `{"orders":7}`}, "orders"},
		{"50 MB", sim.Fault{Status: 200, Body: `{"orders":[],"x":"` + strings.Repeat("y", 50<<20) + `"}`}, "more than 32 MiB"},
		{"deep nesting", sim.Fault{Status: 200, Body: `{"orders":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`}, ""},
		{"500", sim.Fault{Status: 500}, "not available (500)"},
		{"503 with HTML", sim.Fault{Status: 503, Body: html, ContentType: "text/html"}, "not available (503)"},
		{"a redirect to another host", sim.Fault{Status: 302, Header: map[string][]string{"Location": {"https://elsewhere.example/"}}}, "redirect"},
		{"400", sim.Fault{Status: 400, Body: `{"messages":[{"description":["until","is too recent"]}]}`}, "dsco: list orders: refused (400): what it said is not shown"},
		{"a remote that hangs", sim.Fault{Hang: true}, "no answer in time"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				ids := h.add(2)
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path == "/api/v3/order/page" {
						return &test.fault
					}
					return nil
				})
				res := h.pull()
				switch {
				case test.says == "" && res.Err != nil && remote.KindOf(res.Err) == remote.Other:
					t.Errorf("%v", res.Err)
				case test.says != "" && (res.Err == nil || !strings.Contains(res.Err.Error(), test.says)):
					t.Errorf("%v, want %q", res.Err, test.says)
				}
				if res.Finished.Sub(res.Started) > 10*time.Minute {
					t.Errorf("it took %v", res.Finished.Sub(res.Started))
				}
				h.world.Fail(nil)
				time.Sleep(time.Hour)
				if res := h.pull(); res.Err != nil || res.Done != 2 || h.live(ids[0]) != 1 {
					t.Errorf("afterwards: %+v", res)
				}
				h.lawful()
			})
		})
	}
}

// TestBadOrders: odd orders on a page, each beside a good one. The good one is done in the same run; the odd one is done
// too where that is honest, else held with a reason, or skipped where it cannot even be named.
func TestBadOrders(t *testing.T) {
	type doc = map[string]any
	set := func(kv ...any) func(doc) {
		return func(o doc) {
			for i := 0; i < len(kv); i += 2 {
				o[kv[i].(string)] = kv[i+1]
			}
		}
	}
	const (
		sent = "sent"
		held = "held"
		skip = "skipped"
	)
	for _, test := range []struct {
		name   string
		change func(doc)
		want   string
		says   string
	}{
		{"a number as its id", set("dscoOrderId", json.Number("9007199254740993")), sent, ""},
		{"an id past 64 bits", set("dscoOrderId", json.Number("123456789012345678901234567890")), sent, ""},
		{"no id", func(o doc) { delete(o, "dscoOrderId") }, skip, ""},
		{"null as its id", set("dscoOrderId", nil), skip, ""},
		{"an empty id", set("dscoOrderId", ""), skip, ""},
		{"an id with characters of an address", set("dscoOrderId", "12/3?4#5%6\"<7 8"), held, "dscoOrderId"},
		{"an id with NUL", set("dscoOrderId", "12\x003"), held, "dscoOrderId"},
		{"an id from right to left", set("dscoOrderId", "12\u202e3"), held, "dscoOrderId"},
		{"an id of 500 characters", set("dscoOrderId", strings.Repeat("7", 500)), held, "dscoOrderId"},
		{"no address", func(o doc) { delete(o, "shipping") }, held, "shipping"},
		{"an address that is a text", set("shipping", "12 Main Street"), held, "shipping"},
		{"no lines", func(o doc) { delete(o, "lineItems") }, held, "lineItems"},
		{"lines that are no list", set("lineItems", doc{"quantity": 1}), held, "lineItems"},
		{"0 lines", set("lineItems", []any{}), held, "lineItems"},
		{"a line that is null", set("lineItems", []any{nil}), held, "lineItems"},
		{"two lines of one number", func(o doc) { l := firstLine(o); o["lineItems"] = []any{l, l} }, held, "lineNumber"},
		{"quantity as a text", func(o doc) { firstLine(o)["quantity"] = "2" }, sent, ""},
		{"quantity 2.0", func(o doc) { firstLine(o)["quantity"] = json.Number("2.0") }, sent, ""},
		{"quantity 1.5", func(o doc) { firstLine(o)["quantity"] = json.Number("1.5") }, held, "quantity"},
		{"quantity 0", func(o doc) { firstLine(o)["quantity"] = 0 }, held, "quantity"},
		{"quantity -1", func(o doc) { firstLine(o)["quantity"] = -1 }, held, "quantity"},
		{"quantity 1e9", func(o doc) { firstLine(o)["quantity"] = json.Number("1e9") }, held, "quantity"},
		{"quantity null", func(o doc) { firstLine(o)["quantity"] = nil }, held, "quantity"},
		{"price as a text", func(o doc) { firstLine(o)["consumerPrice"] = "12.34" }, sent, ""},
		{"price null", func(o doc) { firstLine(o)["consumerPrice"] = nil }, sent, ""},
		{"price NaN", func(o doc) { firstLine(o)["consumerPrice"] = "NaN" }, sent, ""},
		{"CRLF in the PO", set("poNumber", "PO\r\nX-Evil: 1"), sent, ""},
		{"control characters and bidi in a title", func(o doc) { firstLine(o)["title"] = "\x1b]0;owned\a\u202eevil" }, sent, ""},
		{"emoji and combining marks", func(o doc) { address(o)["name"] = "Zoë 👩‍👩‍👧 e\u0301" }, sent, ""},
		{"a lone surrogate", set("giftMessage", json.RawMessage(`"\ud800 hi"`)), sent, ""},
		{"a date without a zone", set("shipByDate", "2026-03-02T10:00:00"), sent, ""},
		{"the year 0001", set("shipByDate", "0001-01-01T00:00:00Z"), sent, ""},
		{"the year 9999", set("cancelAfterDate", "9999-12-31T23:59:59Z"), sent, ""},
		{"a date that is none", set("shipByDate", "tomorrow"), sent, ""},
		{"a PO box", func(o doc) { address(o)["address"] = []any{"PO Box 7"} }, sent, ""},
		{"a state nobody knows", func(o doc) { address(o)["region"], address(o)["state"] = "ZZ", "ZZ" }, sent, ""},
		{"a retailer without a name", set("dscoRetailerId", "42"), sent, ""},
		{"no retailer", set("dscoRetailerId", nil), sent, ""},
		{"two equal SKUs on two lines", func(o doc) {
			a, b := firstLine(o), doc{}
			for k, v := range a {
				b[k] = v
			}
			b["lineNumber"] = 99
			o["lineItems"] = []any{a, b}
		}, sent, ""},
		{"a country as a name", func(o doc) { address(o)["country"] = "United States" }, sent, ""},
		{"UK", func(o doc) { address(o)["country"] = "UK" }, sent, ""},
		{"members nobody knows", set("warpFactor", doc{"x": []any{1, "2", nil}}), sent, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				good, odd := h.add(1)[0], h.add(1)[0]
				docs := []any{h.world.Order(odd), h.world.Order(good)}
				test.change(docs[0].(doc))
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path == "/api/v3/order/page" {
						return &sim.Fault{Status: 200, Body: page(docs...)}
					}
					return nil
				})
				res := h.pull()
				if res.Err != nil || h.live(good) != 1 || h.row(good).Acknowledged.IsZero() {
					t.Fatalf("the good order: %+v\n%s", res, h.log.String())
				}
				id, _ := remote.Text(docs[0].(doc)["dscoOrderId"])
				switch o, known := h.rows()[order.ID(id)]; test.want {
				case sent:
					if h.live(id) != 1 || o.Held() {
						t.Errorf("in ShipStation %d: %+v\n%s", h.live(id), o, h.log.String())
					}
				case held:
					if n, _ := o.Trouble(); !known || !n.Held || !strings.Contains(n.Text, test.says) || h.live(id) != 0 {
						t.Errorf("known %t, in ShipStation %d: %+v", known, h.live(id), n)
					}
				case skip:
					if res.Skipped != 1 || known {
						t.Errorf("skipped %d, known %t", res.Skipped, known)
					}
				}
			})
		})
	}
}

// One id twice on a page, and across pages, with other contents: one order, as it was last updated.
func TestTwiceOnAPage(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.add(1)[0]
		old, now := h.world.Order(id), h.world.Order(id)
		now["poNumber"], now["dscoLastUpdate"] = "NEW", time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		pages := 0
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path != "/api/v3/order/page" {
				return nil
			}
			if pages++; pages > 50 {
				t.Fatal("a page that repeats is read for ever")
			}
			raw, _ := json.Marshal(map[string]any{"orders": []any{now, old, old}, "scrollId": fmt.Sprint("s", min(pages, 2))})
			return &sim.Fault{Status: 200, Body: string(raw)}
		})
		res := h.pull()
		h.world.Fail(nil)
		if res.Err != nil {
			time.Sleep(time.Hour)
			res = h.pull()
		}
		if res.Err != nil || h.live(id) != 1 {
			t.Errorf("%+v", res)
		}
		h.lawful()
	})
}

// ShipStation answers oddly where its list of orders was due: no order is created on such a ground.
func TestBadLists(t *testing.T) {
	for _, test := range []struct{ name, body string }{
		{"HTML", "<html>"}, {"nothing", ""}, {"null", "null"}, {"no list", `{"total":0}`}, {"orders is a text", `{"orders":"none","total":0,"page":1,"pages":0}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				id := h.add(1)[0]
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path == "/orders" {
						return &sim.Fault{Status: 200, Body: test.body, ContentType: "application/json"}
					}
					return nil
				})
				if res := h.pull(); remote.KindOf(res.Err) != remote.Unavailable || h.live(id) != 0 {
					t.Errorf("%+v, in ShipStation %d", res, h.live(id))
				}
				h.world.Fail(nil)
				time.Sleep(time.Hour)
				if res := h.pull(); res.Err != nil || h.live(id) != 1 {
					t.Errorf("afterwards: %+v", res)
				}
				h.lawful()
			})
		})
	}
}
