package stage

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
	"dscosync/internal/shipstation"
	"dscosync/internal/sim"
)

// bodies are what DSCO was sent of parcels.
func (h *house) bodies() (all []map[string]any) {
	for _, c := range h.world.Calls() {
		if c.Path == "/api/v3/order/singleShipment" {
			var body map[string]any
			if err := json.Unmarshal(c.Body, &body); err != nil {
				h.t.Fatal(err)
			}
			all = append(all, body)
		}
	}
	return all
}

// All that accounts are known to demand of a parcel is sent.
func TestWhatIsSentOfAParcel(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, func(o map[string]any) {
			asksForUPS(o)
			firstLine(o)["warehouseCode"] = "W1"
		})[0]
		h.world.BuyLabel(h.inStation(id), ups, sim.Items(map[string]int{id + ":1": 1}),
			with("trackingNumber", " 1ZA ", "shipmentCost", json.Number("12.34"), "weight", map[string]any{"value": json.Number("16.5"), "units": "ounces"}))
		bought := time.Now().UTC().Format(time.RFC3339)
		time.Sleep(time.Hour)
		h.track()
		doc := h.world.Order(id)
		line := firstLine(doc)
		want := map[string]any{"dscoOrderId": id, "poNumber": doc["poNumber"], "shipments": []any{map[string]any{
			"trackingNumber": "1ZA", "shipCarrier": "UPS", "shipMethod": "Ground", "shippingServiceLevelCode": "UPCG", "shipDate": bought,
			"warehouseCode": "W1", "shipCost": 12.34, "shipWeight": 16.5, "shipWeightUnits": "OZ",
			"lineItems": []any{map[string]any{"lineNumber": 1.0, "dscoItemId": line["dscoItemId"], "sku": line["sku"], "partnerSku": line["partnerSku"], "quantity": 1.0, "packageSpanFlag": true}},
		}}}
		if got := h.bodies(); len(got) != 1 {
			t.Errorf("%d calls\n%s", len(got), h.log.String())
		} else if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Error(diff)
		}
		h.lawful()
	})
}

// A carrier named without a service is told with the order's code if that is the carrier's own, else without one. A
// tracking number without any carrier is held until the settings name one for it.
func TestMarksAndTheirCarriers(t *testing.T) {
	for _, test := range []struct {
		name          string
		mark          []any
		carrier, code any
		held          string
	}{
		{"the carrier that was asked for", []any{"carrierCode", "UPS"}, "UPS", "UPCG", ""},
		{"another carrier", []any{"carrierCode", "FedEx"}, "FedEx", nil, ""},
		{"no carrier", []any{"carrierCode", nil}, nil, nil, `tracking number "N1" has no carrier`},
		{"a carrier nobody knows", []any{"carrierCode", "Pigeon Post"}, nil, nil, "Pigeon Post"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, asksForUPS)[0]
				h.world.MarkShipped(h.inStation(id), with(append([]any{"trackingNumber", "N1"}, test.mark...)...))
				time.Sleep(time.Hour)
				h.track()
				n, _ := h.row(id).Trouble()
				sent := h.bodies()
				if test.held == "" {
					parcel, _ := sim.At(sent[0], "shipments", 0).(map[string]any)
					if len(sent) != 1 || n.Held || parcel["shipCarrier"] != test.carrier || parcel["shippingServiceLevelCode"] != test.code {
						t.Errorf("sent %v, %+v", sent, n)
					}
					return
				}
				if len(sent) > 0 || !n.Held || !strings.Contains(n.Text, test.held) || !strings.Contains(n.Hint, "carriers: - {") {
					t.Errorf("sent %v, %+v", sent, n)
				}
				h.with = func(r *Runner) {
					for _, carrier := range []string{"none", "Pigeon Post"} {
						r.Carriers.Rules = append(r.Carriers.Rules, CarrierRule{Carrier: carrier, Service: "*", DSCOCarrier: "Generic", DSCOServiceLevel: "GCG"})
					}
				}
				time.Sleep(time.Minute)
				if h.track(); !slices.Equal(h.packages(id), []string{"N1"}) || h.row(id).Held() {
					t.Errorf("with a line in the settings: %v, %+v", h.packages(id), h.row(id).Notes)
				}
				h.lawful()
			})
		})
	}
}

// What others ship from the account is none of ours, though its numbers look like it.
func TestNoneOfOurs(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, asksForUPS)[0]
		for _, number := range []string{id, id + "-1", h.world.Order(id)["poNumber"].(string)} {
			for _, mark := range []bool{false, true} {
				other := h.world.PutShipStation(map[string]any{"orderNumber": number, "orderKey": "other-" + number, "orderStatus": "awaiting_shipment",
					"advancedOptions": map[string]any{"storeId": 1002}, "items": []any{map[string]any{"lineItemKey": "77", "sku": firstLine(h.world.Order(id))["sku"], "name": "x", "quantity": 1}}})
				if mark {
					h.world.MarkShipped(other, with("carrierCode", "UPS"))
				} else {
					h.world.BuyLabel(other, ups)
				}
			}
		}
		time.Sleep(26 * time.Hour)
		res := h.track()
		if o := h.row(id); res.Err != nil || len(h.packages(id)) > 0 || len(o.Parcels) > 0 || o.State() != order.Sent || o.Held() {
			t.Errorf("%+v: %v, %+v", res, h.packages(id), o)
		}
		h.lawful()
	})
}

// A label is told by the first run after its time has come, and not by the one before.
func TestTheFirstRunAfterItsTime(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.ShipDelay = 2 * time.Hour }
		h.start()
		ids := h.sent(2, asksForUPS)
		time.Sleep(12 * time.Hour)
		tomorrow := time.Now().Add(30 * time.Hour).In(shipstation.Pacific).Format(time.DateOnly)
		begins, err := time.ParseInLocation(time.DateOnly, tomorrow, shipstation.Pacific)
		if err != nil {
			t.Fatal(err)
		}
		h.world.BuyLabel(h.inStation(ids[0]), ups, with("trackingNumber", "1ZNOW"))
		h.world.BuyLabel(h.inStation(ids[1]), ups, with("trackingNumber", "1ZLATER", "shipDate", tomorrow))
		for _, step := range []struct {
			until time.Time
			told  []int
		}{
			{time.Now().Add(2*time.Hour - time.Second), []int{0, 0}}, {time.Now().Add(2*time.Hour + time.Second), []int{1, 0}},
			{begins.Add(-time.Second), []int{1, 0}}, {begins.Add(time.Second), []int{1, 1}},
		} {
			time.Sleep(time.Until(step.until))
			h.track()
			if got := []int{len(h.packages(ids[0])), len(h.packages(ids[1]))}; !slices.Equal(got, step.told) {
				t.Errorf("at %v: told %v, want %v", step.until, got, step.told)
			}
		}
		h.lawful()
	})
}

// A row that the lists show late, dated hours before the last run, is found: they are read from a day before.
func TestALabelThatIsShownLate(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(2, asksForUPS)
		time.Sleep(48 * time.Hour)
		h.track()
		back := with("createDate", time.Now().Add(-23*time.Hour).In(shipstation.Pacific).Format("2006-01-02T15:04:05"))
		h.world.BuyLabel(h.inStation(ids[0]), ups, with("trackingNumber", "1ZA"), back)
		h.world.MarkShipped(h.inStation(ids[1]), with("carrierCode", "UPS", "trackingNumber", "1ZB"), back)
		time.Sleep(10 * time.Minute)
		before := len(h.world.Calls())
		h.track()
		for i, id := range ids {
			if len(h.packages(id)) != 1 {
				t.Errorf("%d: not told", i)
			}
		}
		for _, c := range h.world.Calls()[before:] {
			for name := range c.Query {
				if strings.HasSuffix(name, "End") {
					t.Errorf("%s asks with %s", c.Path, name)
				}
			}
		}
		h.lawful()
	})
}

// Orders that no list mentions are read by their ids, ten a run and each once a day; the nearer the ship-by date the sooner.
func TestSilentOrders(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		far, near := time.Now().Add(20*24*time.Hour), time.Now().Add(40*time.Hour)
		by := func(at time.Time) func(map[string]any) {
			return func(o map[string]any) {
				oneLine(1)(o)
				o["shipByDate"] = at.UTC().Format(time.RFC3339)
				delete(firstLine(o), "shipByDate")
			}
		}
		h.sent(25, by(far))
		soon := h.sent(1, by(near))[0]
		h.track()
		read := func() (ids []string) {
			before := len(h.world.Calls())
			if res := h.track(); res.Err != nil {
				t.Fatal(res.Err)
			}
			for _, c := range h.world.Calls()[before:] {
				if id, ok := strings.CutPrefix(c.Path, "/orders/"); ok {
					ids = append(ids, id)
				}
			}
			return ids
		}
		time.Sleep(17 * time.Hour) // within a day of the ship-by date of one
		if got := read(); !slices.Equal(got, []string{fmt.Sprint(h.inStation(soon))}) {
			t.Errorf("near its ship-by date: %v", got)
		}
		if got := read(); len(got) > 0 {
			t.Errorf("again at once: %v", got)
		}
		time.Sleep(10 * time.Hour)
		all := map[string]bool{}
		for i, want := range []int{10, 10, 6, 0} {
			got := read()
			if len(got) != want {
				t.Errorf("run %d read %d", i, len(got))
			}
			for _, id := range got {
				if all[id] {
					t.Errorf("%s was read twice", id)
				}
				all[id] = true
			}
		}
		h.lawful()
	})
}

// What comes when nothing is left, a label or a mark, is shown as a parcel that DSCO was not told of, and stops nothing.
func TestNothingLeftForIt(t *testing.T) {
	for name, again := range map[string]func(h *house, ship int64){
		"a label": func(h *house, ship int64) { h.world.BuyLabel(ship, ups, with("trackingNumber", "1ZMORE")) },
		"a mark": func(h *house, ship int64) {
			h.world.MarkShipped(ship, with("carrierCode", "UPS", "trackingNumber", "1ZMORE"))
		},
	} {
		for _, later := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in a later run %t", name, later), func(t *testing.T) {
				in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
					h.start()
					id := h.sent(1, asksForUPS)[0]
					h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZA"))
					time.Sleep(time.Hour)
					if later {
						h.track()
					}
					if name == "a mark" && later {
						return // ShipStation marks no order that is shipped
					}
					again(h, h.inStation(id))
					time.Sleep(time.Hour)
					for range 2 {
						if res := h.track(); res.Err != nil || res.Holding > 0 || res.Deferred > 0 {
							t.Errorf("%+v", res)
						}
					}
					o := h.row(id)
					shown := slices.IndexFunc(o.Parcels, func(p order.Parcel) bool { return p.Number == "1ZMORE" && p.Told.IsZero() })
					if got := h.packages(id); !slices.Equal(got, []string{"1ZA"}) || o.State() != order.Shipped || shown < 0 || len(o.Notices) > 0 {
						t.Errorf("%v, %s, %+v", got, o.State(), o.Parcels)
					}
					h.lawful()
				})
			})
		}
	}
}

// A mark covers its ShipStation order only once that is shipped.
func TestAMarkOnAnOrderThatIsOpen(t *testing.T) {
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1, asksForUPS)[0]
		h.world.MarkShipped(h.inStation(id), with("carrierCode", "UPS", "trackingNumber", "1ZA"))
		h.world.EditShipStation(h.inStation(id), with("orderStatus", "awaiting_shipment"))
		time.Sleep(time.Hour)
		h.track()
		if got := h.packages(id); len(got) > 0 {
			t.Errorf("told although it is open: %v", got)
		}
		h.world.EditShipStation(h.inStation(id), with("orderStatus", "shipped"))
		time.Sleep(time.Hour)
		h.track()
		if got := h.packages(id); !slices.Equal(got, []string{"1ZA"}) {
			t.Errorf("told %v\n%s", got, h.log.String())
		}
		h.lawful()
	})
}

// A mark on a part that was split off is taken back after all of the order was shipped.
func TestAVoidedMarkOfAPart(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id, ship := one(h)
		child := h.world.SplitLegacy(ship, map[string]int{id + ":1": 1})
		h.world.MarkShipped(ship, with("carrierCode", "ups", "trackingNumber", "1ZWHOLE"))
		part := h.world.MarkShipped(child, with("carrierCode", "ups", "trackingNumber", "1ZPART"))
		time.Sleep(time.Hour)
		h.track()
		if o := h.row(id); o.State() != order.Shipped || len(h.packages(id)) != 2 {
			t.Fatalf("%s, %v\n%s", o.State(), h.packages(id), h.log.String())
		}
		time.Sleep(time.Hour)
		h.world.Void(part)
		time.Sleep(time.Hour)
		h.track()
		if o := h.row(id); o.State() != order.Sent || len(o.Notices) != 1 || !strings.Contains(o.Notices[0].Text, "the label 1ZPART was voided") {
			t.Errorf("%s, notices %+v", o.State(), o.Notices)
		}
		h.lawful()
	})
}

// A mark that ShipStation cannot show makes its page fail: the others go on, and it is told once it can be seen.
func TestAMarkThatSpoilsItsPage(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		ids := h.sent(3)
		var marks []int64
		for i, id := range ids {
			marks = append(marks, h.world.MarkShipped(h.inStation(id), with("carrierCode", "ups", "trackingNumber", fmt.Sprint("1Z", i))))
		}
		h.world.Poison(marks[1])
		time.Sleep(26 * time.Hour)
		if res := h.track(); res.Err != nil || len(h.packages(ids[0])) != 1 || len(h.packages(ids[1])) != 0 || len(h.packages(ids[2])) != 1 {
			t.Errorf("%+v\n%s", res, h.log.String())
		}
		if !strings.Contains(h.log.String(), "ShipStation cannot show 1 orders marked as shipped") {
			t.Error("it is not said: " + h.log.String())
		}
		h.world.Cure(marks[1])
		time.Sleep(time.Hour)
		if res := h.track(); res.Err != nil || len(h.packages(ids[1])) != 1 {
			t.Errorf("afterwards: %+v", res)
		}
		h.lawful()
	})
}

// The ship date is that of the label, or when it was bought on that day; a clock that is behind makes it no date to come.
func TestShipDate(t *testing.T) {
	bought := time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)
	for _, c := range []struct{ ships, now, want time.Time }{
		{time.Time{}, bought.Add(time.Hour), bought},
		{bought.Add(-8 * time.Hour), bought.Add(time.Hour), bought},
		{bought.Add(16 * time.Hour), bought.Add(24 * time.Hour), bought.Add(16 * time.Hour)},
		{time.Time{}, bought.Add(-time.Minute), bought.Add(-time.Minute)},
	} {
		if got := shipDate(order.Parcel{Created: bought, Ships: c.ships}, c.now); got != c.want {
			t.Errorf("ships %v, now %v: %v, want %v", c.ships, c.now, got, c.want)
		}
	}
}

// Two lines of an order: under one number they are one parcel; a label without keys is held where both have its SKU.
func TestTwoLines(t *testing.T) {
	twoLines := func(skus ...string) func(map[string]any) {
		return func(o map[string]any) {
			asksForUPS(o)
			var lines []any
			for i, sku := range skus {
				l := map[string]any{}
				for k, v := range firstLine(o) {
					l[k] = v
				}
				l["lineNumber"], l["quantity"], l["dscoItemId"], l["sku"] = i+1, 1, fmt.Sprint(500+i), sku
				lines = append(lines, l)
			}
			o["lineItems"] = lines
		}
	}
	in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
		h.start()
		one, same := h.sent(1, twoLines("A", "B"))[0], h.sent(1, twoLines("A", "A"))[0]
		h.world.BuyLabel(h.inStation(one), ups, sim.Items(map[string]int{one + ":1": 1}), with("trackingNumber", "1ZA"))
		h.world.BuyLabel(h.inStation(one), ups, sim.Items(map[string]int{one + ":2": 1}), with("trackingNumber", "1ZA"))
		h.world.BuyLabel(h.inStation(same), ups, with("trackingNumber", "1ZB"), func(s map[string]any) {
			for _, it := range s["shipmentItems"].([]any) {
				it.(map[string]any)["lineItemKey"] = nil
			}
		})
		time.Sleep(time.Hour)
		h.track()
		if sent := h.bodies(); len(sent) != 1 || len(sim.At(sent[0], "shipments", 0, "lineItems").([]any)) != 2 || h.row(one).State() != order.Shipped {
			t.Errorf("under one number: %v, %s", sent, h.row(one).State())
		}
		if n, _ := h.row(same).Trouble(); !n.Held || !strings.Contains(n.Text, "belongs to no line of the order, or to several") || n.Hint == "" {
			t.Errorf("one SKU on two lines: %+v", n)
		}
		h.lawful()
	})
}

// A line that has neither item id nor SKU is told by its UPC or EAN; one that has nothing is held.
func TestLinesWithoutASKU(t *testing.T) {
	for _, test := range []struct {
		name, value string
		held        string
	}{
		{"upc", "012345678905", ""},
		{"ean", "4006381333931", ""},
		{"mpn", "X1", "line 1 has neither item id nor SKU, UPC or EAN in DSCO"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{}, func(t *testing.T, h *house) {
				h.start()
				id := h.sent(1, func(o map[string]any) {
					asksForUPS(o)
					l := firstLine(o)
					for _, name := range []string{"dscoItemId", "sku", "partnerSku", "upc", "ean"} {
						l[name] = nil
					}
					l[test.name] = test.value
				})[0]
				h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZA"))
				time.Sleep(time.Hour)
				h.track()
				n, _ := h.row(id).Trouble()
				if test.held != "" {
					if len(h.bodies()) > 0 || !n.Held || !strings.Contains(n.Text, test.held) || !strings.Contains(n.Text, "1ZA") || n.Hint == "" {
						t.Errorf("%+v", n)
					}
					return
				}
				sent := h.bodies()
				if len(sent) != 1 {
					t.Fatalf("%d calls: %+v", len(sent), n)
				}
				want := map[string]any{"lineNumber": 1.0, "quantity": 2.0, test.name: test.value}
				if diff := cmp.Diff(want, sim.At(sent[0], "shipments", 0, "lineItems", 0)); diff != "" || h.row(id).State() != order.Shipped {
					t.Errorf("%s, %s", diff, h.row(id).State())
				}
				h.lawful()
			})
		})
	}
}

// DSCO has the voided parcel, and refuses the one that was bought instead: a person is told of both, and what to do. Once
// DSCO has the new one, by whomever, the hold is gone.
func TestARelabelThatDSCORefuses(t *testing.T) {
	for name, mended := range map[string]func(h *house, id string){
		"replaced in the portal": func(h *house, id string) {
			h.world.Edit(id, func(o map[string]any) {
				o["packages"].([]any)[0].(map[string]any)["trackingNumber"] = "1ZNEW"
			})
		},
		"taken off, and tried again": func(h *house, id string) {
			h.world.Edit(id, func(o map[string]any) {
				o["packages"], o["dscoStatus"], o["dscoLifecycle"] = []any{}, "shipment_pending", "acknowledged"
			})
			if res := h.run(Retry(order.ID(id))); res.Err != nil {
				t.Error(res.Err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
				h.start()
				id, other := h.sent(1, asksForUPS)[0], h.sent(1, asksForUPS)[0]
				old := h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZOLD"))
				time.Sleep(time.Hour)
				h.track()
				h.world.Void(old)
				h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", "1ZNEW"))
				h.world.BuyLabel(h.inStation(other), ups, with("trackingNumber", "1ZOTHER"))
				time.Sleep(time.Hour)
				res := h.track()
				n, _ := h.row(id).Trouble()
				for _, part := range []string{"parcel 1ZNEW: refused by DSCO: ", "more than the quantity that is left", "told of 1ZOLD for these units before that label was voided"} {
					if !strings.Contains(n.Text, part) {
						t.Errorf("%q is not in %q", part, n.Text)
					}
				}
				if res.Held != 1 || !n.Held || !strings.Contains(n.Hint, "have 1ZOLD replaced by 1ZNEW") || !strings.Contains(n.Hint, "dscosync dismiss "+id) || len(h.packages(other)) != 1 {
					t.Errorf("%+v: %+v", res, n)
				}
				calls := h.calls("dsco", "/api/v3/order/singleShipment")
				time.Sleep(time.Hour)
				if h.track(); h.calls("dsco", "/api/v3/order/singleShipment") != calls {
					t.Error("sent again although it is held")
				}
				mended(h, id)
				h.world.BuyLabel(h.inStation(h.sent(1, asksForUPS)[0]), ups) // something to tell, so that DSCO is looked at
				time.Sleep(time.Hour)
				h.track()
				if o := h.row(id); o.State() != order.Shipped || o.Held() || !slices.Equal(h.packages(id), []string{"1ZNEW"}) {
					t.Errorf("%s, %+v, %v\n%s", o.State(), o.Notes, h.packages(id), h.log.String())
				}
				h.lawful()
			})
		})
	}
}
