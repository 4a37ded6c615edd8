package dsco

import (
	"slices"
	"testing"
	"testing/synctest"

	"dscosync/internal/remote"
)

func TestPartners(t *testing.T) {
	for _, test := range []struct {
		name, body string
		status     int
		want       []Partner
		kind       remote.Kind
	}{
		{"some", `[{"accountId":"1000012","tradingPartnerName":"Example Retailer","status":"active"},{"accountId":1000013,"tradingPartnerName":null}]`, 200,
			[]Partner{{"1000012", "Example Retailer"}, {"1000013", ""}}, 0},
		{"none", `[]`, 200, nil, 0},
		{"null", `null`, 200, nil, 0},
		{"odd ones", `[7,{},{"accountId":"1","tradingPartnerName":{"x":1}},{"accountId":null,"tradingPartnerName":"Nobody"}]`, 200, []Partner{{"1", ""}}, 0},
		{"no list", `{"message":"x"}`, 200, nil, remote.Unavailable},
		{"no right", `{"message":"Forbidden"}`, 403, nil, remote.Unauthorized},
		{"no such path", `{"message":"x"}`, 404, nil, remote.Missing},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, d := newDesk(t, say(test.status, test.body))
				got, err := c.Partners(t.Context())
				if !slices.Equal(got, test.want) || (err != nil) != (test.kind != 0) || err != nil && remote.KindOf(err) != test.kind {
					t.Errorf("%+v, %v", got, err)
				}
				if d.got[0].path != "/tradingpartner" || d.got[0].query.Encode() != "" {
					t.Errorf("asked %+v", d.got[0])
				}
			})
		})
	}
}
