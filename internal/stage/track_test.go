package stage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/sim"
)

// sent has orders created and acknowledged, ready for the warehouse.
func (h *house) sent(n int, change ...func(map[string]any)) []string {
	h.t.Helper()
	ids := h.add(n, change...)
	if res := h.pull(); res.Err != nil || res.Done != n {
		h.t.Fatalf("%+v", res)
	}
	time.Sleep(time.Hour)
	return ids
}

// inStation is the id of an order in ShipStation.
func (h *house) inStation(id string) int64 { return sim.Int(h.world.ByNumber(id)[0], "orderId") }

func with(kv ...any) func(map[string]any) {
	return func(doc map[string]any) {
		for i := 0; i < len(kv); i += 2 {
			doc[kv[i].(string)] = kv[i+1]
		}
	}
}

func oneLine(quantity int) func(map[string]any) {
	return func(o map[string]any) {
		o["lineItems"] = o["lineItems"].([]any)[:1]
		firstLine(o)["quantity"] = quantity
	}
}

func asksForUPS(o map[string]any) {
	oneLine(2)(o)
	o["shipCarrier"], o["shipMethod"], o["shippingServiceLevelCode"] = "UPS", "Ground", "UPCG"
}

var ups = with("carrierCode", "ups", "serviceCode", "ups_ground")

func (h *house) track() Result { return h.run(Track) }

// packages are the tracking numbers DSCO has of an order.
func (h *house) packages(id string) (numbers []string) {
	all, _ := h.world.Order(id)["packages"].([]any)
	for _, p := range all {
		numbers = append(numbers, sim.Text(p, "trackingNumber"))
	}
	return numbers
}

func TestTrack(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(3)
		for i, id := range ids {
			h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", fmt.Sprint("1Z", i)))
		}
		time.Sleep(24 * time.Hour)
		res := h.track()
		if res.Err != nil || res.Planned != 3 || res.Done != 3 {
			t.Fatalf("%+v\n%s", res, h.log.String())
		}
		for i, id := range ids {
			if got := h.packages(id); !slices.Equal(got, []string{fmt.Sprint("1Z", i)}) || h.row(id).State() != order.Shipped {
				t.Errorf("order %s: %v, %s", id, got, h.row(id).State())
			}
		}
		calls := h.calls("dsco", "/api/v3/order/singleShipment")
		if h.track(); h.calls("dsco", "/api/v3/order/singleShipment") != calls {
			t.Error("told twice")
		}
		h.lawful()
	})
}

// Each case of the policy: what the warehouse does, and what DSCO is told, in parcels.
func TestWhatIsTold(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(map[string]any)
		do     func(h *house, ship int64, id string)
		with   func(*Runner)
		told   []string
		state  order.State
		held   string
	}{
		{"a label in another service than asked for", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.BuyLabel(ship, with("carrierCode", "stamps_com", "serviceCode", "usps_priority_mail", "trackingNumber", "9400"))
		}, nil, []string{"9400"}, order.Shipped, ""},
		{"marked as shipped by hand", asksForUPS, func(h *house, ship int64, _ string) {
			h.world.MarkShipped(ship, with("carrierCode", "UPS", "trackingNumber", "1ZHAND"))
		}, nil, []string{"1ZHAND"}, order.Shipped, ""},
		{"two parcels", oneLine(3), func(h *house, ship int64, id string) {
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 2}), with("trackingNumber", "1ZA"))
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", "1ZB"))
		}, nil, []string{"1ZA", "1ZB"}, order.Shipped, ""},
		{"a part only", oneLine(3), func(h *house, ship int64, id string) {
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 2}), with("trackingNumber", "1ZA"))
		}, nil, []string{"1ZA"}, order.Sent, ""},
		{"split into child orders", oneLine(3), func(h *house, ship int64, id string) {
			child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA"))
			h.world.BuyLabel(child, ups, with("trackingNumber", "1ZB"))
		}, nil, []string{"1ZA", "1ZB"}, order.Shipped, ""},
		{"split, and one part marked by hand", func(o map[string]any) { asksForUPS(o); oneLine(3)(o) }, func(h *house, ship int64, id string) {
			child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA"))
			h.world.MarkShipped(child, with("carrierCode", "UPS", "trackingNumber", "1ZB"))
		}, nil, []string{"1ZA", "1ZB"}, order.Shipped, ""},
		{"voided before it was told", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.Void(h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA")))
		}, nil, nil, order.Sent, ""},
		{"voided and bought again", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.Void(h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA")))
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZB"))
		}, nil, []string{"1ZB"}, order.Shipped, ""},
		{"a return label", oneLine(1), func(h *house, ship int64, _ string) { h.world.ReturnLabel(ship) }, nil, nil, order.Sent, ""},
		{"a label without an order", oneLine(1), func(h *house, _ int64, _ string) { h.world.LooseLabel(ups) }, nil, nil, order.Sent, ""},
		{"a tracking number of blanks", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "   "))
		}, nil, nil, order.Sent, ""},
		{"moved to another store", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.MoveStore(ship, 1002)
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA"))
		}, nil, []string{"1ZA"}, order.Shipped, ""},
		{"a carrier nobody knows", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.BuyLabel(ship, with("carrierCode", "pigeon", "serviceCode", "pigeon_express", "trackingNumber", "P1"))
		}, nil, nil, order.Sent, "pigeon"},
		{"a carrier the settings name", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.BuyLabel(ship, with("carrierCode", "pigeon", "serviceCode", "pigeon_express", "trackingNumber", "P1"))
		}, func(r *Runner) {
			r.Carriers.Rules = []CarrierRule{{Carrier: "pigeon", Service: "*", DSCOCarrier: "Pigeon", DSCOMethod: "Express", DSCOServiceLevel: "PIGX"}}
		}, []string{"P1"}, order.Shipped, ""},
		{"a reship with nothing left", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA"))
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZB"))
		}, nil, []string{"1ZA"}, order.Shipped, ""},
		{"entered in DSCO's portal by somebody", oneLine(1), func(h *house, ship int64, id string) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA"))
			h.world.AddPackage(id, "1za")
			h.world.Edit(id, func(map[string]any) {})
		}, nil, []string{"1za"}, order.Shipped, ""},
		{"a label for a day to come", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA", "shipDate", time.Now().Add(96*time.Hour).Format("2006-01-02")))
		}, nil, nil, order.Sent, ""},
		{"one number on two labels of the order", oneLine(3), func(h *house, ship int64, id string) {
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 2}), with("trackingNumber", "1ZA"))
			h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", " 1za "))
		}, nil, []string{"1ZA"}, order.Shipped, ""},
		{"before sync.ship_delay is over", oneLine(1), func(h *house, ship int64, _ string) {
			h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA"))
		}, func(r *Runner) { r.ShipDelay = 72 * time.Hour }, nil, order.Sent, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, test.change)[0]
				h.with = test.with
				test.do(h, h.inStation(id), id)
				time.Sleep(26 * time.Hour)
				h.pull()
				res := h.track()
				o := h.row(id)
				got := h.packages(id)
				slices.Sort(got)
				n, _ := o.Trouble()
				if res.Err != nil || !slices.Equal(got, test.told) || o.State() != test.state || (test.held != "") != o.Held() || !strings.Contains(n.Text, test.held) {
					t.Errorf("told %q, state %s, note %q, want %q, %s, %q; %+v\n%s", got, o.State(), n.Text, test.told, test.state, test.held, res, h.log.String())
				}
				if test.held != "" && (n.Hint == "" || res.Holding != 1) {
					t.Errorf("held without a way out: %+v", n)
				}
				h.lawful()
			})
		})
	}
}

// Two DSCO orders combined in ShipStation travel in one parcel: each is told its own lines under the same number.
func TestCombined(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2)
		parent, absorbed := h.inStation(ids[0]), h.inStation(ids[1])
		h.world.Combine(parent, absorbed)
		h.world.BuyLabel(parent, ups, with("trackingNumber", "1ZBOTH"))
		time.Sleep(26 * time.Hour)
		if res := h.track(); res.Err != nil || res.Done != 2 {
			t.Fatalf("%+v\n%s", res, h.log.String())
		}
		for _, id := range ids {
			if got := h.packages(id); !slices.Equal(got, []string{"1ZBOTH"}) || h.row(id).State() != order.Shipped {
				t.Errorf("order %s: %v, %s", id, got, h.row(id).State())
			}
		}
		h.lawful()
	})
}

// Two DSCO orders combined in ShipStation and marked as shipped there: the mark is of both.
func TestCombinedAndMarked(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2, asksForUPS)
		parent, absorbed := h.inStation(ids[0]), h.inStation(ids[1])
		h.world.Combine(parent, absorbed)
		h.world.MarkShipped(parent, with("carrierCode", "UPS", "trackingNumber", "1ZBOTH"))
		time.Sleep(26 * time.Hour)
		if res := h.track(); res.Err != nil || res.Done != 2 {
			t.Fatalf("%+v\n%s", res, h.log.String())
		}
		for _, id := range ids {
			if o := h.row(id); !slices.Equal(h.packages(id), []string{"1ZBOTH"}) || o.State() != order.Shipped || len(o.Notices) > 0 {
				t.Errorf("order %s: %v, %s, %+v", id, h.packages(id), o.State(), o.Notices)
			}
		}
		calls := h.calls("shipstation", "")
		h.track()
		if more := h.calls("shipstation", "") - calls; more != 3 {
			t.Errorf("%d calls although nothing is new", more)
		}
		h.lawful()
	})
}

// A parcel is held, and whoever looks into it voids it and retries the order: DSCO is not told of what was voided.
func TestVoidedBeforeItIsRetried(t *testing.T) {
	for name, ship := range map[string]func(h *house, ship int64) int64{
		"a label": func(h *house, ship int64) int64 { return h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA")) },
		"a mark": func(h *house, ship int64) int64 {
			return h.world.MarkShipped(ship, with("carrierCode", "UPS", "trackingNumber", "1ZA"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				ids := h.sent(2, asksForUPS)
				parcels := []int64{ship(h, h.inStation(ids[0])), h.world.BuyLabel(h.inStation(ids[1]), ups, with("trackingNumber", "1ZB"))}
				h.world.Fail(func(c sim.Call) *sim.Fault {
					if c.Path != "/api/v3/order/singleShipment" {
						return nil
					}
					return &sim.Fault{Status: 400}
				})
				time.Sleep(time.Hour)
				h.track()
				h.world.Fail(nil)
				if !h.row(ids[0]).Held() || !h.row(ids[1]).Held() {
					t.Fatal("not held")
				}
				h.world.Void(parcels[0])
				time.Sleep(time.Hour)
				h.run(Retry(order.ID(ids[0]), order.ID(ids[1])))
				if got := h.packages(ids[0]); len(got) > 0 || h.row(ids[0]).Held() {
					t.Errorf("told %v", got)
				}
				if got := h.packages(ids[1]); !slices.Equal(got, []string{"1ZB"}) {
					t.Errorf("told %v", got)
				}
				h.lawful()
			})
		})
	}
}

// A label voided after DSCO was told: a notice, its units are left again, and the next label is told.
func TestVoidedAfterItWasTold(t *testing.T) {
	for _, test := range []struct {
		name string
		ship func(h *house, ship int64) int64
		late time.Duration // before it is voided
	}{
		{"a label", func(h *house, ship int64) int64 { return h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZA")) }, 72 * time.Hour},
		{"a mark", func(h *house, ship int64) int64 {
			return h.world.MarkShipped(ship, with("carrierCode", "UPS", "trackingNumber", "1ZA"))
		}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{TakesMore: true}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, asksForUPS)[0]
				parcel := test.ship(h, h.inStation(id))
				time.Sleep(time.Hour)
				h.track()
				if h.row(id).State() != order.Shipped {
					t.Fatal(h.row(id).State())
				}
				time.Sleep(test.late)
				h.track()
				h.world.Void(parcel)
				time.Sleep(time.Hour)
				h.track()
				if o := h.row(id); o.State() != order.Sent || len(o.Notices) != 1 || o.Left() != 2 {
					t.Fatalf("%s, left %d, notices %+v", o.State(), o.Left(), o.Notices)
				}
				h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZB"))
				time.Sleep(26 * time.Hour)
				h.track()
				if got := h.packages(id); !slices.Equal(got, []string{"1ZA", "1ZB"}) || h.row(id).State() != order.Shipped || len(h.row(id).Notices) != 1 {
					t.Errorf("%v, %s: %s", got, h.row(id).State(), h.log.String())
				}
				h.lawful()
			})
		})
	}
}

// The same where nobody knew that DSCO has it: its answer was lost, or the ledger was. The label is voided, another one is
// bought, and DSCO hears of that one, too.
func TestVoidedBeforeItWasKnownToBeTold(t *testing.T) {
	for name, forget := range map[string]func(h *house){
		"the answer is lost": func(h *house) {
			h.world.Fail(func(c sim.Call) *sim.Fault {
				if c.Path != "/api/v3/order/singleShipment" {
					return nil
				}
				return &sim.Fault{Do: true, Status: 500}
			})
			h.track()
			h.world.Fail(nil)
		},
		"the ledger is lost": func(h *house) {
			h.track()
			h.lose()
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, sim.Options{TakesMore: true}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, asksForUPS)[0]
				label := h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZA"))
				time.Sleep(time.Hour)
				forget(h)
				h.world.Void(label)
				h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZB"))
				for range 3 {
					time.Sleep(time.Hour)
					h.track()
					h.pull()
				}
				o := h.row(id)
				if got := h.packages(id); !slices.Equal(got, []string{"1ZA", "1ZB"}) || o.State() != order.Shipped || o.Held() || len(o.Notices) != 1 {
					t.Errorf("%v, %s, held %t, notices %+v\n%s", got, o.State(), o.Held(), o.Notices, h.log.String())
				}
				h.lawful()
			})
		})
	}
}

func TestTrackFigures(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(1000)
		if res := h.track(); res.Err != nil || res.CallsDSCO+res.CallsShipStation > 6 {
			t.Errorf("nothing to tell: %+v", res)
		}
		for i, id := range ids {
			h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", fmt.Sprint("1Z", i)))
		}
		time.Sleep(20 * time.Hour)
		res := h.track()
		t.Logf("1000 parcels: %d DSCO and %d ShipStation calls", res.CallsDSCO, res.CallsShipStation)
		if res.Err != nil || res.Done != 1000 || res.CallsDSCO+res.CallsShipStation > 1020 {
			t.Errorf("%+v", res)
		}
		h.lawful()
	})
}

// TestEveryTellingMayFail is TestEveryCallMayFail for this stage.
func TestEveryTellingMayFail(t *testing.T) {
	world := sim.Options{Strict: true, ShipStationLag: 20 * time.Second, DSCOLag: 10 * time.Second}
	scene := func(h *house) {
		h.start()
		ids := h.sent(5, oneLine(2))
		for i, id := range ids {
			ship := h.inStation(id)
			switch i {
			case 0:
				h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", "1ZA"))
				h.world.BuyLabel(ship, ups, sim.Items(map[string]int{id + ":1": 1}), with("trackingNumber", "1ZB"))
			case 1:
				h.world.MarkShipped(ship, with("carrierCode", "UPS", "trackingNumber", "1ZHAND"))
			case 2:
				h.world.BuyLabel(ship, with("carrierCode", "pigeon", "serviceCode", "p", "trackingNumber", "P1"))
			default:
				h.world.BuyLabel(ship, ups, with("trackingNumber", fmt.Sprint("1ZX", i)))
			}
		}
		time.Sleep(20 * time.Hour)
	}
	rest := func(h *house) {
		for _, wait := range []time.Duration{0, time.Second, 10 * time.Second, 20 * time.Minute, 20 * time.Minute} {
			time.Sleep(wait)
			h.track()
		}
	}
	trial{world: world, scene: scene, run: func(h *house) { h.track() }, rest: rest, standing: (*house).standing}.everyFault(t)
}

// DSCO refuses one parcel: it is held, the others go on.
func TestARefusedParcel(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2)
		for i, id := range ids {
			h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", fmt.Sprint("1Z", i)))
		}
		time.Sleep(26 * time.Hour)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/singleShipment" && strings.Contains(string(c.Body), "1Z0") {
				return &sim.Fault{Status: 400, Body: `{"messages":[{"severity":"error","description":["warehouseCode is required"]}]}`}
			}
			return nil
		})
		res := h.track()
		n, _ := h.row(ids[0]).Trouble()
		if res.Err != nil || res.Done != 1 || res.Held != 1 || !n.Held || !strings.Contains(n.Text, "warehouseCode is required") {
			t.Errorf("%+v: %+v", res, n)
		}
		h.world.Fail(nil)
		time.Sleep(time.Hour)
		if res := h.run(Retry(order.ID(ids[0]))); res.Err != nil || len(h.packages(ids[0])) != 1 {
			t.Errorf("%+v, kind %v", res, remote.KindOf(res.Err))
		}
		h.lawful()
	})
}

// Odd labels, each beside a good one: the good one is told, the odd one is told if that is honest, else held or left.
func TestOddLabels(t *testing.T) {
	for _, test := range []struct {
		name string
		odd  func(map[string]any)
		told bool
		held string
	}{
		{"without items", func(s map[string]any) { s["shipmentItems"] = []any{} }, false, "ShipStation does not tell what is in it"},
		{"with an unknown item", func(s map[string]any) {
			s["shipmentItems"] = []any{map[string]any{"lineItemKey": nil, "sku": "NEVER-SEEN", "quantity": 1}}
		}, false, "belongs to no line"},
		{"with a known SKU and no key", func(s map[string]any) {
			s["shipmentItems"].([]any)[0].(map[string]any)["lineItemKey"] = nil
		}, true, ""},
		{"with more units than ordered", func(s map[string]any) {
			s["shipmentItems"].([]any)[0].(map[string]any)["quantity"] = 9
		}, true, ""},
		{"with a null order key", func(s map[string]any) { s["orderKey"] = nil }, true, ""},
		{"without a ship date", func(s map[string]any) { s["shipDate"] = nil }, true, ""},
		{"with a display name instead of a code", func(s map[string]any) { s["carrierCode"], s["serviceCode"] = "UPS", nil }, true, ""},
		{"with a carrier never seen", func(s map[string]any) { s["carrierCode"], s["serviceCode"] = "zeppelin", "zeppelin_slow" }, false, "zeppelin"},
		{"without a tracking number", func(s map[string]any) { s["trackingNumber"] = nil }, false, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{TakesMore: true}, func(t *testing.T, h *house) {
				h.start()
				good, odd := h.sent(1, asksForUPS)[0], h.sent(1, asksForUPS)[0]
				h.world.BuyLabel(h.inStation(good), ups, with("trackingNumber", "1ZGOOD"))
				h.world.BuyLabel(h.inStation(odd), ups, with("trackingNumber", "1ZODD"), test.odd)
				time.Sleep(26 * time.Hour)
				res := h.track()
				if res.Err != nil || !slices.Equal(h.packages(good), []string{"1ZGOOD"}) {
					t.Errorf("the good one: %v, %+v", h.packages(good), res)
				}
				n, _ := h.row(odd).Trouble()
				if told := len(h.packages(odd)) == 1; told != test.told || n.Held != (test.held != "") || !strings.Contains(n.Text, test.held) {
					t.Errorf("told %t, note %q\n%s", told, n.Text, h.log.String())
				}
			})
		})
	}
}

// A label that ShipStation cannot show makes its page fail: the others go on, and it is told once it can be seen.
func TestALabelThatSpoilsItsPage(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(3)
		var labels []int64
		for i, id := range ids {
			labels = append(labels, h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", fmt.Sprint("1Z", i))))
		}
		h.world.Poison(labels[1])
		time.Sleep(26 * time.Hour)
		if res := h.track(); res.Err != nil || len(h.packages(ids[0])) != 1 || len(h.packages(ids[1])) != 0 || len(h.packages(ids[2])) != 1 {
			t.Errorf("%+v\n%s", res, h.log.String())
		}
		sizes := map[string]bool{}
		for _, c := range h.world.Calls() {
			sizes[c.Query.Get("pageSize")] = sizes[c.Query.Get("pageSize")] || c.Path == "/shipments"
		}
		if !sizes["500"] || !sizes["50"] || !sizes["5"] || !sizes["1"] {
			t.Errorf("pages asked for: %v", sizes)
		}
		if !strings.Contains(h.log.String(), "ShipStation cannot show 1 of its labels") {
			t.Error("it is not said: " + h.log.String())
		}
		h.world.Cure(labels[1])
		time.Sleep(72 * time.Hour)
		if res := h.track(); res.Err != nil || len(h.packages(ids[1])) != 1 {
			t.Errorf("afterwards: %+v", res)
		}
		h.lawful()
	})
}

// An order that vanished from ShipStation: nothing is said for a day, then a notice.
func TestMissingInShipStation(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1)[0]
		h.world.DeleteShipStation(h.inStation(id))
		time.Sleep(25 * time.Hour)
		h.track()
		if n := len(h.row(id).Notices); n != 0 {
			t.Errorf("%d notices after the first look", n)
		}
		time.Sleep(25 * time.Hour)
		h.track()
		if o := h.row(id); len(o.Notices) != 1 || o.Notices[0].Code != "missing" {
			t.Errorf("notices: %+v", o.Notices)
		}
		h.lawful()
	})
}

// One number on labels of two orders that share no parcel: both are told, and both say so.
func TestOneNumberOnTwoOrders(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2)
		for _, id := range ids {
			h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZSAME"))
		}
		time.Sleep(26 * time.Hour)
		h.track()
		h.track()
		for _, id := range ids {
			if o := h.row(id); len(h.packages(id)) != 1 || len(o.Notices) != 1 || o.Notices[0].Code != "number-1ZSAME" {
				t.Errorf("order %s: %v, %+v", id, h.packages(id), o.Notices)
			}
		}
		h.lawful()
	})
}

// Shipped in DSCO by parcels that are not ours while ShipStation's order is open: a person has to look.
func TestShippedElsewhere(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2, oneLine(1))
		h.world.AddPackage(ids[0], "FOREIGN")
		h.world.BuyLabel(h.inStation(ids[1]), ups, with("trackingNumber", "1ZA"))
		time.Sleep(26 * time.Hour)
		res := h.track()
		n, _ := h.row(ids[0]).Trouble()
		if res.Err != nil || !n.Held || !strings.Contains(n.Text, "ShipStation does not know") || h.row(ids[1]).Held() {
			t.Errorf("%+v: %+v", res, n)
		}
	})
}

// The warehouse code of the line goes before that of the retailer in the settings; without either none is sent.
func TestWarehouseCode(t *testing.T) {
	for _, test := range []struct {
		line, retailer, want string
	}{{"W-LINE", "W-RET", `"warehouseCode":"W-LINE"`}, {"", "W-RET", `"warehouseCode":"W-RET"`}, {"", "", ""}} {
		in(t, sim.Options{}, func(t *testing.T, h *house) {
			h.with = func(r *Runner) { r.Warehouses = map[string]string{"1000009001": test.retailer} }
			h.start()
			id := h.sent(1, func(o map[string]any) {
				oneLine(1)(o)
				o["dscoRetailerId"], firstLine(o)["warehouseCode"] = "1000009001", test.line
			})[0]
			h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZA"))
			time.Sleep(26 * time.Hour)
			h.track()
			for _, c := range h.world.Calls() {
				if c.Path == "/api/v3/order/singleShipment" && (strings.Contains(string(c.Body), "warehouseCode") != (test.want != "") || !strings.Contains(string(c.Body), test.want)) {
					t.Errorf("line %q, retailer %q: %s", test.line, test.retailer, c.Body)
				}
			}
			if len(h.packages(id)) != 1 {
				t.Error("not told")
			}
		})
	}
}

// A ledger that was lost after parcels were told: the orders are adopted, and nothing is told twice.
func TestAdoptedParcels(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(3)
		for i, id := range ids {
			h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", fmt.Sprint("1Z", i)))
			if i == 1 {
				time.Sleep(26 * time.Hour)
				h.track()
			}
		}
		time.Sleep(26 * time.Hour)
		h.lose()
		if res := h.track(); res.Err != nil {
			t.Fatalf("%+v\n%s", res, h.log.String())
		}
		h.pull()
		h.track()
		for i, id := range ids {
			if got := h.packages(id); !slices.Equal(got, []string{fmt.Sprint("1Z", i)}) || h.row(id).State() != order.Shipped {
				t.Errorf("order %s: %v, %s\n%s", id, got, h.row(id).State(), h.log.String())
			}
		}
		h.lawful()
	})
}
