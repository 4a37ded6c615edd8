package ledger

import (
	"bytes"
	"strings"
	"testing"
)

func TestPack(t *testing.T) {
	for _, value := range []string{`{}`, `{"id":"1026000001","dsco":{"status":"shipped"}}`, strings.Repeat(`{"x":"é\u0000"}`, 5000)} {
		got, err := unpack(pack([]byte(value)))
		if err != nil || string(got) != value {
			t.Errorf("%.40q became %.40q, %v", value, got, err)
		}
		if got, err := unpack([]byte(value)); err != nil || string(got) != value {
			t.Errorf("not packed: %.40q, %v", got, err)
		}
	}
	whole := pack([]byte(`{"id":"1026000001","dsco":{"status":"shipped"}}`))
	if got, err := unpack(whole[:len(whole)-3]); err == nil && bytes.Equal(got, []byte(`{"id":"1026000001","dsco":{"status":"shipped"}}`)) {
		t.Error("half a value passed for the whole")
	}
}
