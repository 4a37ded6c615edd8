package sim

import "testing"

// TestLaws breaks each law on purpose, and goes to its edge without breaking it. (Those of the limits, of `until` and of
// the size of a call are broken in the tests of what they are about.)
func TestLaws(t *testing.T) {
	tests := map[string]struct {
		do   func(c *client, id string)
		want []string
	}{
		"create then acknowledge": {func(c *client, id string) {
			c.ship("POST", "/orders/createorders", batch(shipDoc(id)))
			c.acknowledge(ackBody(id))
		}, nil},
		"acknowledge first": {func(c *client, id string) { c.acknowledge(ackBody(id)) },
			[]string{"acknowledged, though ShipStation does not have it"}},
		"acknowledge what was deleted since": {func(c *client, id string) {
			c.w.DeleteShipStation(c.w.PutShipStation(shipObject(id)))
			c.acknowledge(ackBody(id))
		}, nil},
		"acknowledge an order of another's key": {func(c *client, id string) {
			c.w.PutShipStation(shipObject(id, set("orderKey", "abc"), set("items", nil)))
			c.acknowledge(ackBody(id))
		}, nil},
		"acknowledge an order whose number only begins like it": {func(c *client, id string) {
			c.w.PutShipStation(shipObject(id+"1", set("orderKey", "abc"), set("items", nil)))
			c.acknowledge(ackBody(id))
		}, []string{"does not have it"}},
		"create over what somebody made": {func(c *client, id string) {
			c.w.PutShipStation(shipObject(id, set("orderKey", "abc"), set("items", nil)))
			c.ship("POST", "/orders/createorders", batch(shipDoc(id)))
		}, []string{"created over ShipStation order 730551201, which is awaiting_shipment", "created twice in ShipStation, as 730551201 and 730551202"}},
		"create beside a like number in another store": {func(c *client, id string) {
			c.w.PutShipStation(shipObject(id, set("orderKey", "abc"), set("items", nil), set("advancedOptions.storeId", 1002)))
			c.ship("POST", "/orders/createorders", batch(shipDoc(id)))
		}, nil},
		"create over what was lost": {func(c *client, id string) {
			c.w.Fail(func(Call) *Fault { return &Fault{Do: true, Status: 500} })
			c.ship("POST", "/orders/createorders", batch(shipDoc(id)))
			c.w.Fail(nil)
			c.ship("POST", "/orders/createorders", batch(shipDoc(id)))
		}, []string{"created over"}},
		"create again what was refused": {func(c *client, id string) {
			c.w.Fail(func(Call) *Fault { return &Fault{Status: 500} })
			c.ship("POST", "/orders/createorders", batch(shipDoc(id)))
			c.w.Fail(nil)
			c.ship("POST", "/orders/createorders", batch(shipDoc(id)))
		}, nil},
		"create twice under other keys": {func(c *client, id string) {
			c.ship("POST", "/orders/createorder", shipDoc(id))
			c.ship("POST", "/orders/createorder", shipDoc(id, set("orderKey", "abc")))
		}, []string{"created over", "created twice"}},
		"create twice in one call": {func(c *client, id string) {
			c.ship("POST", "/orders/createorders", batch(shipDoc(id), shipDoc(id)))
		}, []string{"sent twice in one createorders"}},
		"a split order is no twin": {func(c *client, id string) {
			parent := c.w.PutShipStation(shipObject("x"))
			c.w.PutShipStation(shipObject(id+"-1", set("orderKey", "abc"), set("advancedOptions.parentId", parent),
				set("items", []any{object{"lineItemKey": id + ":1", "name": "Mug", "quantity": 1}})))
			c.ship("POST", "/orders/createorder", shipDoc(id))
		}, []string{"created over"}},
		"another store": {func(c *client, id string) {
			c.ship("POST", "/orders/createorder", shipDoc(id, set("advancedOptions.storeId", 1002)))
		}, []string{"created in store 1002, not in 1001"}},
		"no store": {func(c *client, id string) {
			c.ship("POST", "/orders/createorder", shipDoc(id, set("advancedOptions", nil)))
		}, []string{"created in store 0, not in 1001"}},
		"an update in another store": {func(c *client, id string) {
			other := c.w.PutShipStation(shipObject("7", set("orderKey", "abc"), set("items", nil), set("advancedOptions.storeId", 1002)))
			c.ship("POST", "/orders/createorder", shipDoc("7", set("orderId", other), set("orderKey", "abc")))
		}, []string{"written to, though it stands in store 1002"}},
		"a hold in another store": {func(c *client, id string) {
			other := c.w.PutShipStation(shipObject("7", set("orderKey", "abc"), set("items", nil), set("advancedOptions.storeId", 1002)))
			c.ship("POST", "/orders/holduntil", `{"orderId":`+number(other).String()+`,"holdUntilDate":"2099-12-31"}`)
		}, []string{"written to, though it stands in store 1002"}},
		"an update of one of ours that was moved": {func(c *client, id string) {
			ours := c.w.PutShipStation(shipObject(id))
			c.w.MoveStore(ours, 1002)
			c.ship("POST", "/orders/createorder", shipDoc(id, set("orderId", ours), set("orderStatus", "cancelled")))
		}, nil},
		"a refused connection breaks nothing": {func(c *client, id string) {
			c.dsco("GET", "/hello", "")
			c.w.Fail(func(Call) *Fault { return &Fault{Refuse: true} })
			c.try(c.t.Context(), "POST", DSCOBase+"/order/acknowledge", ackBody(id), map[string]string{"Authorization": "Bearer " + c.token})
		}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, Options{})
			test.do(c, c.w.AddOrder())
			c.broke(test.want...)
		})
	}
}
