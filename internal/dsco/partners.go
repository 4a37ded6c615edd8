package dsco

import (
	"context"
	"encoding/json"
	"net/http"

	"dscosync/internal/remote"
)

// Partner is a retailer the account works with.
type Partner struct {
	ID   string // accountId: the RetailerID of its orders
	Name string // what the account calls it; empty when it has no name for it
}

// Partners lists the retailers the account works with; those it has parted with are not among them.
// See getTradingPartners in https://api.dsco.io/doc/v3/reference/ .
func (c *Client) Partners(ctx context.Context) ([]Partner, error) {
	var answer []json.RawMessage
	if err := c.API.Call(ctx, "list trading partners", http.MethodGet, "/tradingpartner", nil, nil, &answer); err != nil {
		return nil, err
	}
	var all []Partner
	for _, one := range answer {
		var o remote.Object
		if json.Unmarshal(one, &o) != nil {
			continue
		}
		if id := idOf(o["accountId"]); id != "" {
			name, _ := o.Text("tradingPartnerName")
			all = append(all, Partner{id, name})
		}
	}
	return all, nil
}
