package remote

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// Whoever asks for it learns how the last request of a call was answered, whether or not the answer was good.
func TestWithAnswer(t *testing.T) {
	inHeader := map[string]string{"X-Request-Id": "from-header"}
	explain := func(body []byte) (string, string) {
		var o Object
		_ = json.Unmarshal(body, &o)
		id, _ := o.Text("requestId")
		return "", id
	}
	for _, test := range []struct {
		name   string
		script []step
		want   Answer
	}{
		{"good", []step{{status: 201, body: `{"requestId":"r-1"}`}}, Answer{"test", 201, "r-1"}},
		{"good, named by a header", []step{{status: 200, body: `{}`, header: inHeader}}, Answer{"test", 200, "from-header"}},
		{"refused", []step{{status: 400, body: `{"requestId":"r-2"}`}}, Answer{"test", 400, "r-2"}},
		{"repeated", []step{{status: 503, body: `{"requestId":"r-3"}`}, {status: 200, body: `{"requestId":"r-4"}`}}, Answer{"test", 200, "r-4"}},
		{"none", []step{{err: errors.New("lost")}}, Answer{"test", 0, ""}},
		{"long", []step{{status: 200, body: `{"requestId":"of-a-list","x":"` + strings.Repeat("x", maxText) + `"}`, header: inHeader}}, Answer{"test", 200, "from-header"}},
		{"a secret", []step{{status: 200, body: `{"requestId":"my-own-secret"}`}}, Answer{"test", 200, ""}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := api(&wire{script: test.script})
				a.Name, a.Explain, a.Secrets = "test", explain, func() []string { return []string{"my-own-secret"} }
				var got Answer
				err := a.Call(WithAnswer(t.Context(), &got), "do it", "GET", "/x", nil, nil, &Object{})
				if got != test.want {
					t.Errorf("%+v, not %+v (%v)", got, test.want, err)
				}
				if err := a.Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{}); test.want.Status == 200 && err != nil {
					t.Errorf("unasked: %v", err)
				}
			})
		})
	}
}
