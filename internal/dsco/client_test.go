package dsco

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/remote"
)

func TestHello(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "hello-response-200.json")))
	if err := c.Hello(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []request{{method: "GET", path: "/hello", auth: "Bearer token-1", query: d.got[0].query}}
	if diff := cmp.Diff(want, d.got, cmp.AllowUnexported(request{})); diff != "" {
		t.Error(diff)
	}
	if d.tokens != 1 || c.API.Calls() != 2 {
		t.Errorf("%d tokens, %d calls", d.tokens, c.API.Calls())
	}
}

func TestOrderById(t *testing.T) {
	c, d := newDesk(t, say(200, sample(t, "order-multi-line.json")))
	c.API.Now = func() time.Time { return time.UnixMilli(1772463845123) }
	o, err := c.Order(t.Context(), "1026000002")
	if err != nil || o.PO != "PO-1002" || len(o.Lines) != 3 {
		t.Fatalf("%+v, %v", o, err)
	}
	if got := d.got[0].query.Encode(); d.got[0].path != "/order/" || got != "_ts=1772463845123&orderKey=dscoOrderId&value=1026000002" {
		t.Errorf("asked %s?%s", d.got[0].path, got)
	}
}

func TestOrderByIdOddAnswers(t *testing.T) {
	one := sample(t, "order-one-line.json")
	for _, tc := range []struct {
		name   string
		status int
		body   string
		kind   remote.Kind
		good   bool
	}{
		{"a list of one", 200, "[" + one + "]", 0, true},
		{"a list of two", 200, "[" + one + "," + one + "]", remote.Unavailable, false},
		{"another order", 200, sample(t, "order-multi-line.json"), remote.Unavailable, false},
		{"not found", 404, sample(t, "error-404-scroll-expired.json"), remote.Missing, false},
		{"no right", 403, sample(t, "error-403-unknown-route.json"), remote.Unauthorized, false},
		{"not an order", 200, `{"message":"x"}`, remote.Unavailable, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := newDesk(t, say(tc.status, tc.body))
				o, err := c.Order(t.Context(), "1026000001")
				if (err == nil) != tc.good || remote.KindOf(err) != tc.kind || tc.good && o.ID != "1026000001" {
					t.Errorf("%q, %v: %v", o.ID, remote.KindOf(err), err)
				}
			})
		})
	}
}

func TestOrderByAwkwardId(t *testing.T) {
	for _, id := range []string{"a/b", "1?x=2&y", "#", "100%", "a b+c", "\u202e1"} {
		c, d := newDesk(t, say(404, ""))
		if _, err := c.Order(t.Context(), id); remote.KindOf(err) != remote.Missing || strings.Contains(err.Error(), "\u202e") {
			t.Errorf("%q: %v", id, err)
		}
		if got := d.got[0].query.Get("value"); got != id {
			t.Errorf("asked for %q instead of %q", got, id)
		}
	}
}

func TestAcknowledge(t *testing.T) {
	c, d := newDesk(t, say(202, sample(t, "ack-response-202.json")))
	id, err := c.Acknowledge(t.Context(), []Reference{{"1026000001"}, {"1026000002"}})
	if err != nil || id != "1e0f2a34-0000-4000-8000-000000000001" {
		t.Fatal(id, err)
	}
	if want := `[{"id":"1026000001","type":"DSCO_ORDER_ID"},{"id":"1026000002","type":"DSCO_ORDER_ID"}]`; d.got[0].body != want {
		t.Errorf("sent %s", d.got[0].body)
	}
}

func TestAcknowledgeOddAnswers(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status int
		body   string
		kind   remote.Kind
		text   string
	}{
		{"refused", 400, sample(t, "ack-response-400.json"), remote.Rejected, "refused (400): VALIDATION_FAILED: type must be one of DSCO_ORDER_ID"},
		{"refused with a list", 400, sample(t, "single-shipment-response-400-description-array.json"), remote.Rejected, "GCG is not allowed, warehouseCode is required"},
		{"refused with an object", 400, `{"messages":[{"description":{"a":1}},"text",{"code":"C"}]}`, remote.Rejected, `an object of a; text; C`},
		{"refused without a code", 400, sample(t, "single-shipment-response-400-validation.json"), remote.Rejected, "Ship carrier is required; These members"},
		{"refused in a 200", 200, sample(t, "cancel-response-200-failure.json"), remote.Rejected, "The quantity to cancel"},
		{"success false", 200, `{"success":false,"messages":[]}`, remote.Rejected, "refused"},
		{"no request id", 202, `{"status":"pending"}`, remote.Uncertain, "has no requestId"},
		{"empty", 202, ``, remote.Uncertain, "an empty answer"},
		{"a list", 202, `[]`, remote.Uncertain, "not an object"},
		{"500", 500, sample(t, "error-500.json"), remote.Uncertain, "outcome unknown (500): Internal server error"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, say(tc.status, tc.body))
			_, err := c.Acknowledge(t.Context(), []Reference{{"1"}})
			if remote.KindOf(err) != tc.kind || err == nil || !strings.Contains(err.Error(), tc.text) || len(d.got) != 1 {
				t.Errorf("%v: %v", remote.KindOf(err), err)
			}
		})
	}
	c, _ := newDesk(t, say(400, sample(t, "ack-response-400.json")))
	_, err := c.Acknowledge(t.Context(), []Reference{{"1"}})
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.RequestID != "1e0f2a34-0000-4000-8000-000000000002" {
		t.Errorf("%#v", err)
	}
}

func TestLog(t *testing.T) {
	const id = "1e0f2a34-0000-4000-8000-000000000001"
	entry := func(order, status string) string {
		return `{"payload":{"id":` + order + `},"status":"` + status + `","requestId":"` + id + `","results":[{"code":"X","description":"why\n"}]}`
	}
	for _, tc := range []struct {
		name  string
		pages []string // by number of the call
		done  bool
		want  map[string]LogResult
	}{
		{"done", []string{sample(t, "order-log-ack-completed.json")}, true, map[string]LogResult{"1026000001": {OK: true}}},
		{"one failed", []string{sample(t, "order-log-ack-partial-failure.json")}, true, map[string]LogResult{
			"1026000001": {OK: true}, "1999999999": {Detail: "NOT_FOUND: The order could not be found"}}},
		{"not yet", []string{sample(t, "order-log-processing.json")}, false, nil},
		{"empty is not yet", []string{`{"status":"COMPLETED","logs":[]}`}, false, nil},
		{"null is not yet", []string{`{"status":"COMPLETED","logs":null}`}, false, nil},
		{"of another request", []string{sample(t, "order-log-shipment-failure.json")}, false, nil},
		{"numbers and odd entries", []string{`{"status":"COMPLETED","logs":[7,null,{},{"payload":[]},` + entry("12", "failure") + `,` + entry(`"13"`, "pending") + `]}`}, true,
			map[string]LogResult{"12": {Detail: `X: why\n`}}},
		{"success stays", []string{`{"status":"COMPLETED","logs":[` + entry("1", "failure") + `,` + entry("1", "success") + `,` + entry("1", "failure") + `]}`}, true,
			map[string]LogResult{"1": {OK: true}}},
		{"pages", []string{
			`{"status":"COMPLETED","scrollId":"s1","logs":[` + entry("1", "success") + `]}`,
			`{"scrollId":"s2","logs":[` + entry("2", "success") + `]}`,
			`{"scrollId":"s2","logs":[]}`}, true, map[string]LogResult{"1": {OK: true}, "2": {OK: true}}},
		{"a page that repeats", []string{
			`{"status":"COMPLETED","scrollId":"s1","logs":[` + entry("1", "success") + `]}`,
			`{"status":"COMPLETED","scrollId":"s1","logs":[` + entry("1", "success") + `]}`}, true, map[string]LogResult{"1": {OK: true}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, d := newDesk(t, nil)
			d.answer = func(n int, r *http.Request) (int, string) { return 200, tc.pages[n-1] }
			done, got, err := c.Log(t.Context(), id)
			if err != nil || done != tc.done {
				t.Errorf("done %v, %v", done, err)
			}
			if want := tc.want; len(want)+len(got) > 0 {
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
			if d.got[0].query.Get("requestId") != id || len(d.got) > 1 && d.got[1].query.Encode() != "scrollId=s1" {
				t.Errorf("asked %v", d.got)
			}
		})
	}
	t.Run("unknown", func(t *testing.T) {
		c, _ := newDesk(t, say(404, ""))
		if done, got, err := c.Log(t.Context(), id); done || len(got) != 0 || err != nil {
			t.Error(done, got, err)
		}
	})
	t.Run("no logs in it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newDesk(t, say(200, `{"status":"COMPLETED"}`))
			if _, _, err := c.Log(t.Context(), id); remote.KindOf(err) != remote.Unavailable {
				t.Error(err)
			}
		})
	})
}

func TestRealTransportIsTheDefault(t *testing.T) {
	c := New("http://127.0.0.1:1/api/v3/", "id", secret, nil, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	if err := c.Hello(ctx); remote.KindOf(err) != remote.Unavailable || c.API.Base != "http://127.0.0.1:1/api/v3" {
		t.Error(err)
	}
}
