package shipstation

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"dscosync/internal/remote"
)

// Forever is the day until which Hold puts an order on hold. ShipStation demands a day; nobody picks this one by hand.
var Forever = time.Date(2099, 12, 31, 0, 0, 0, 0, Pacific)

// Hold puts an open order on hold until somebody releases it.
// See https://www.shipstation.com/docs/api/orders/hold-order-until/ .
func (c *Client) Hold(ctx context.Context, id int64) error {
	return c.change(ctx, fmt.Sprintf("put order %d on hold", id), "/orders/holduntil",
		map[string]any{"orderId": id, "holdUntilDate": Forever.Format(time.DateOnly)})
}

// Release takes an order off hold.
// See https://www.shipstation.com/docs/api/orders/restore-from-hold/ .
func (c *Client) Release(ctx context.Context, id int64) error {
	return c.change(ctx, fmt.Sprintf("release order %d from hold", id), "/orders/restorefromhold", map[string]any{"orderId": id})
}

// change makes a small change whose answer says whether it was done.
func (c *Client) change(ctx context.Context, op, path string, in map[string]any) error {
	var answer remote.Object
	if err := c.API.Call(ctx, op, http.MethodPost, path, nil, in, &answer); err != nil {
		return err
	}
	done, ok := remote.Object{"success": answer.Fold("success")}.Flag("success")
	said, _ := remote.Text(answer.Fold("message"))
	switch {
	case !ok || answer.Fold("success") == nil:
		return c.odd(remote.Uncertain, op, "the answer does not say whether it was done")
	case !done:
		return c.odd(remote.Rejected, op, "refused: "+c.API.Show(said, 300))
	}
	return nil
}
