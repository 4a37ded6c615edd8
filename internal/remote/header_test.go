package remote

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// A line break in a header's value reaches neither the error nor the log as one.
func TestLineBreakInAHeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{script: []step{{status: 400, body: `{"message":"no"}`, header: map[string]string{"X-Request-Id": "r1\r\nSet-Cookie: x\x1b[2J"}}}}
		err := api(w).Call(t.Context(), "do it", "GET", "/x", nil, nil, &Object{})
		e, ok := errors.AsType[*Error](err)
		if !ok || strings.ContainsAny(e.RequestID+e.Error(), "\r\n\x1b") || !strings.HasPrefix(e.RequestID, "r1") {
			t.Errorf("%#v", err)
		}
	})
}
