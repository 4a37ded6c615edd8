package dsco

import (
	"errors"
	"strings"
	"testing"

	"dscosync/internal/remote"
)

// regret is the cancellation of cancel-request.json.
func regret() Cancellation {
	return Cancellation{OrderID: "1026000001", Lines: []CancelledLine{
		{Number: 1, Quantity: 1, ItemID: "1290000001", SKU: "SKU-1", Code: "CXSO", Reason: "Cancelled in ShipStation"}}}
}

func TestCancelItems(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "cancel-response-200.json")))
	id, queued, err := c.CancelItems(t.Context(), regret())
	if id != "1e0f2a34-0000-4000-8000-000000000005" || queued || err != nil {
		t.Error(id, queued, err)
	}
	same(t, sample(t, "cancel-request.json"), d.got[0].body)
	if d.got[0].method != "POST" || d.got[0].path != "/order/item/cancel" {
		t.Errorf("%+v", d.got[0])
	}
	k := Cancellation{OrderID: "7", Lines: []CancelledLine{{Quantity: 3, PartnerSKU: "R-1", Code: "CXSC"}, {Number: 2, Quantity: 1, SKU: "B", Code: "CXSO"}}}
	if _, _, err := c.CancelItems(t.Context(), k); err != nil {
		t.Error(err)
	}
	same(t, `{"id":"7","type":"DSCO_ORDER_ID","lineItems":[{"partnerSku":"R-1","cancelledQuantity":3,"cancelCode":"CXSC"},`+
		`{"lineNumber":2,"sku":"B","cancelledQuantity":1,"cancelCode":"CXSO"}]}`, d.got[1].body)
}

func TestCancelItemsOddAnswers(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		id     string
		queued bool
		kind   remote.Kind // Other = no error
		text   string
	}{
		{"queued", 202, sample(t, "cancel-response-202.json"), "1e0f2a34-0000-4000-8000-000000000006", true, 0, ""},
		{"queued with 200", 200, sample(t, "cancel-response-202.json"), "1e0f2a34-0000-4000-8000-000000000006", true, 0, ""},
		{"done with 202", 202, `{"status":"Success","requestId":7}`, "7", false, 0, ""},
		{"done without an id", 200, `{"status":"success"}`, "", false, 0, ""},
		{"done in the other form", 200, `{"success":true}`, "", false, 0, ""},
		{"failure with 200", 200, sample(t, "cancel-response-200-failure.json"), "", false, remote.Rejected, "refused: VALIDATION_FAILED: The quantity to cancel is more"},
		{"failure without words", 202, `{"status":"failure","requestId":"r"}`, "", false, remote.Rejected, "refused"},
		{"success false", 200, `{"status":"success","success":false}`, "", false, remote.Rejected, "refused"},
		{"done with an error", 200, `{"status":"success","requestId":"r","messages":[{"severity":"error","description":"line 2"}]}`, "", false, remote.Uncertain, "and yet: line 2"},
		{"queued with an error", 202, `{"status":"pending","requestId":"r","messages":[{"severity":"error","description":"line 2"}]}`, "", false, remote.Uncertain, "and yet: line 2"},
		{"queued without an id", 202, `{"status":"pending","requestId":null}`, "", false, remote.Uncertain, "has no requestId"},
		{"odd messages", 200, `{"status":"success","messages":[7,null,[],{"severity":{}}]}`, "", false, 0, ""},
		{"no status", 200, `{"requestId":"r"}`, "", false, remote.Uncertain, "does not say whether it was done"},
		{"an unknown status", 200, `{"status":"done?"}`, "", false, remote.Uncertain, "does not say whether it was done"},
		{"empty", 200, ``, "", false, remote.Uncertain, "an empty answer"},
		{"a list", 202, `[]`, "", false, remote.Uncertain, "not an object"},
		{"refused", 400, sample(t, "ack-response-400.json"), "", false, remote.Rejected, "refused (400)"},
		{"500", 500, sample(t, "error-500.json"), "", false, remote.Uncertain, "outcome unknown (500)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, say(tc.status, tc.body))
			id, queued, err := c.CancelItems(t.Context(), regret())
			if id != tc.id || queued != tc.queued || len(d.got) != 1 {
				t.Errorf("%q, %v after %d calls", id, queued, len(d.got))
			}
			if remote.KindOf(err) != tc.kind || (err == nil) != (tc.text == "") || err != nil && !strings.Contains(err.Error(), "cancel items of order 1026000001: ") ||
				err != nil && !strings.Contains(err.Error(), tc.text) {
				t.Errorf("%v: %v", remote.KindOf(err), err)
			}
		})
	}
	c, _ := newDesk(t, say(200, sample(t, "cancel-response-200-failure.json")))
	_, _, err := c.CancelItems(t.Context(), regret())
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.RequestID != "1e0f2a34-0000-4000-8000-000000000007" {
		t.Errorf("%#v", err)
	}
}

func TestCancelItemsNeedsToBeClear(t *testing.T) {
	for text, edit := range map[string]func(*Cancellation){
		"no order is named":                  func(k *Cancellation) { k.OrderID = "" },
		"no lines are named":                 func(k *Cancellation) { k.Lines = nil },
		"a line has 0 units":                 func(k *Cancellation) { k.Lines[0].Quantity = 0 },
		"a line has neither item id nor SKU": func(k *Cancellation) { k.Lines[0].ItemID, k.Lines[0].SKU = "", "" },
		"a line has no cancel code":          func(k *Cancellation) { k.Lines = append(k.Lines, CancelledLine{Quantity: 1, SKU: "B"}) },
	} {
		c, d := newDesk(t, say(200, `{"status":"success"}`))
		k := regret()
		edit(&k)
		if _, _, err := c.CancelItems(t.Context(), k); remote.KindOf(err) != remote.Rejected || !strings.Contains(err.Error(), text) || len(d.got) != 0 {
			t.Errorf("%s: %v after %d calls", text, err, len(d.got))
		}
	}
}
