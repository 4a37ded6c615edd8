package shipstation

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/remote"
)

func TestDocument(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "createorder.response.json")))
	raw, o, err := c.Document(t.Context(), 730551201)
	if err != nil || o.Key != "dsco-1026064154" || o.Status != "awaiting_shipment" || len(o.Items) != 2 {
		t.Fatalf("%+v, %v", o, err)
	}
	if diff := cmp.Diff(strings.TrimSpace(sample(t, "createorder.response.json")), string(raw)); diff != "" {
		t.Error(diff)
	}
	if d.got[0].method != "GET" || d.got[0].path != "/orders/730551201" {
		t.Errorf("%+v", d.got[0])
	}
}

func TestDocumentOddAnswers(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		kind   remote.Kind
		text   string
	}{
		{404, sample(t, "error.404.json"), remote.Missing, "read order 730551201: not found (404)"},
		{200, `{"orderId":7}`, remote.Unavailable, "another order"},
		{200, `null`, remote.Unavailable, "not an object"},
		{200, `[]`, remote.Unavailable, "not an object"},
		{500, sample(t, "error.500.json"), remote.Unavailable, "(500)"},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newDesk(t, say(tc.status, tc.body))
			raw, o, err := c.Document(t.Context(), 730551201)
			if remote.KindOf(err) != tc.kind || err == nil || !strings.Contains(err.Error(), tc.text) || raw != nil || o.ID != 0 {
				t.Errorf("%s %+v %v: %v", raw, o, remote.KindOf(err), err)
			}
		})
	}
}

// What is changed is changed, and all the rest goes back as it came: members nobody knows, and digits.
func TestDocumentGoesBackWhole(t *testing.T) {
	stored := strings.Replace(sample(t, "createorder.response.json"), `"orderTotal": 57.0,`, `"orderTotal": 57.10, "brandNew": {"big": 12345678901234567890.50, "text": "a < b & \u0000 👍"},`, 1)
	c, d := newDesk(t, say(200, stored))
	raw, _, err := c.Document(t.Context(), 730551201)
	if err != nil {
		t.Fatal(err)
	}
	var doc remote.Object
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	doc["orderStatus"] = "cancelled"
	changed, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	d.answer = say(200, sample(t, "createorder.cancel.response.json"))
	o, err := c.PutDocument(t.Context(), changed)
	if err != nil || o.ID != 730551201 || o.Status != "cancelled" || len(o.Items) != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	want := remote.Value([]byte(strings.Replace(stored, `"awaiting_shipment"`, `"cancelled"`, 1)))
	if diff := cmp.Diff(want, remote.Value([]byte(d.got[1].body))); diff != "" || d.got[1].method != "POST" || d.got[1].path != "/orders/createorder" {
		t.Error(diff)
	}
	if !strings.Contains(d.got[1].body, "12345678901234567890.50") || !strings.Contains(d.got[1].body, "57.10") {
		t.Error("digits were lost")
	}
}

func TestPutDocumentAsSent(t *testing.T) {
	c, d := newDesk(t, say(201, sample(t, "createorder.cancel.response.json")))
	if _, err := c.PutDocument(t.Context(), json.RawMessage(sample(t, "createorder.cancel.request.json"))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(remote.Value([]byte(sample(t, "createorder.cancel.request.json"))), remote.Value([]byte(d.got[0].body))); diff != "" {
		t.Error(diff)
	}
}

func TestPutDocumentOddAnswers(t *testing.T) {
	doc := json.RawMessage(sample(t, "createorder.cancel.request.json"))
	for _, tc := range []struct {
		name   string
		status int
		body   string
		kind   remote.Kind
		text   string
	}{
		{"another order", 200, `{"orderId":7,"orderKey":"dsco-1026064154"}`, remote.Uncertain, "not that order"},
		{"no order", 200, `{}`, remote.Uncertain, "not that order"},
		{"null", 200, `null`, remote.Uncertain, "not an object"},
		{"a list", 200, `[]`, remote.Uncertain, "not an object"},
		{"empty", 200, ``, remote.Uncertain, "an empty answer"},
		{"html", 200, sample(t, "error.502.html"), remote.Uncertain, "not JSON"},
		{"500", 500, sample(t, "error.500.json"), remote.Uncertain, "Object reference not set"},
		{"gone", 404, sample(t, "error.404.json"), remote.Missing, "not found (404)"},
		{"refused", 400, sample(t, "error.400.modelstate.json"), remote.Rejected, "refused (400)"},
		{"too many", 429, sample(t, "error.429.json"), remote.Unavailable, "too many requests"},
		{"credentials", 401, "", remote.Unauthorized, "credentials refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, say(tc.status, tc.body))
			o, err := c.PutDocument(t.Context(), doc)
			if remote.KindOf(err) != tc.kind || err == nil || !strings.Contains(err.Error(), tc.text) || !strings.Contains(err.Error(), "update order 730551201") {
				t.Errorf("%v: %v", remote.KindOf(err), err)
			}
			if o.ID != 0 || len(d.got) != 1 {
				t.Errorf("%+v after %d calls", o, len(d.got))
			}
			if err != nil && strings.Contains(err.Error(), "Dana") {
				t.Errorf("personal: %v", err)
			}
		})
	}
}

// Without an order id the call would create an order.
func TestPutDocumentNeverCreates(t *testing.T) {
	for _, doc := range []string{``, `null`, `[]`, `7`, `{`, `{}`, `{"orderId":0,"orderKey":"dsco-1"}`, `{"orderId":null}`, `{"orderId":-1}`, `{"orderId":"x"}`} {
		c, d := newDesk(t, say(200, `{"orderId":1}`))
		if o, err := c.PutDocument(t.Context(), json.RawMessage(doc)); err == nil || remote.KindOf(err) != remote.Other || o.ID != 0 || len(d.got) != 0 {
			t.Errorf("%s: %+v, %v after %d calls", doc, o, err, len(d.got))
		}
	}
	c, d := newDesk(t, say(200, `{"orderId":1}`))
	if _, err := c.PutDocument(t.Context(), nil); err == nil || len(d.got) != 0 {
		t.Error(err)
	}
}
