package stage

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/sim"
)

func TestStrike(t *testing.T) {
	own := personal(dsco.Order{
		ShipTo: dsco.Address{Name: "Nàme Kanarie", Street: []string{"102 Kanarienstraat"}, Phone: "555-0142", Email: "kanarie@example.com", Attention: "Dock Seven"},
		GiftTo: "Wilhelmina Jose\u0301",
		BillTo: dsco.Address{Name: "Other Payer Jo"},
		Lines:  []dsco.Line{{Personalization: "Zelda 1999", GiftMessage: "Happiness"}},
	})
	for in, want := range map[string]string{
		"Please use a 2 character country code":                  "Please use a 2 character country code",
		"Error converting value \"Nàme Kanarie\" to type 'X'.":   "Error converting value \"[personal]\" to type 'X'.",
		"value KANARIE, 102 KANARIENSTRAAT":                      "value [personal], [personal]",
		`value N\u00e0me \"Q\"`:                                  `value [personal] \"Q\"`,
		"only Kanarie":                                           "only [personal]",
		"cut in the street: 102 Kanarien…":                       "cut in the street: [personal]…",
		"gift for wilhelmina; attention Dock Seven, payer Other": "gift for [personal]; attention [personal], [personal]",
		"of Jose\u0301, cut in oth…":                             "of [personal], cut in [personal]…",
		"engrave ZELDA 1999, happiness":                          "engrave [personal], [personal]",
		"a word as short as Jo":                                  "a word as short as Jo",
		"the wrong countr…":                                      "the wrong countr…",
		`a sign \u0022 and no letter`:                            `a sign \u0022 and no letter`,
		"mail kanarie@example.com":                               "mail [personal]@[personal].[personal]",
	} {
		if got := own.strike(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := personal().strike("nothing is personal"); got != "nothing is personal" {
		t.Error(got)
	}
}

// DSCO refuses a parcel and quotes the consumer. The run has not got the order in hand, so it reads it to know whose words
// to strike; it does so once for words that are nobody's. When it cannot read it, nothing is repeated.
func TestARefusalThatQuotesTheConsumer(t *testing.T) {
	for _, test := range []struct {
		name   string
		body   string
		status int
		unread bool
		says   string
		reads  int
	}{
		{"quoted", `{"messages":[{"severity":"error","description":"no parcel for Esmerelda Weatherwax, 555-0142"}]}`, 400, false, "refused by DSCO: no parcel for [personal], [personal]-[personal]", 3},
		{"in a 200", `{"status":"failure","messages":[{"severity":"error","description":"no parcel for Esmerelda Weatherwax"}]}`, 200, false, "refused by DSCO: no parcel for [personal]", 3},
		{"nobody quoted", `{"messages":[{"severity":"error","description":"warehouseCode is required"}]}`, 400, false, "refused by DSCO: warehouseCode is required", 1},
		{"not to be read", `{"messages":[{"severity":"error","description":"no parcel for Esmerelda Weatherwax"}]}`, 400, true, "refused by DSCO: what it said is not shown, since it may quote the order", 3},
		{"quoted in a 500", `{"message":"Esmerelda Weatherwax"}`, 500, false, "no clear answer: dsco: ship order", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, sim.Options{Strict: true}, func(t *testing.T, h *house) {
				h.start()
				ids := h.sent(3, func(o map[string]any) {
					asksForUPS(o)
					address(o)["name"], address(o)["phone"] = "Esmerelda Weatherwax", "555-0142"
				})
				time.Sleep(4 * 24 * time.Hour) // so that no list of what was updated lately has them
				h.track()
				for i, id := range ids {
					h.world.BuyLabel(h.inStation(id), ups, with("trackingNumber", fmt.Sprint("1Z", i)))
				}
				time.Sleep(time.Hour)
				h.world.Fail(func(c sim.Call) *sim.Fault {
					switch {
					case c.Path == "/api/v3/order/singleShipment":
						return &sim.Fault{Status: test.status, Body: test.body}
					case c.Path == "/api/v3/order/" && test.unread:
						return &sim.Fault{Status: 403, Body: `{"message":"not for Esmerelda Weatherwax"}`}
					}
					return nil
				})
				reads := h.calls("dsco", "/api/v3/order/")
				h.track()
				for _, id := range ids {
					o := h.row(id)
					if n, _ := o.Trouble(); !strings.Contains(n.Text, test.says) {
						t.Errorf("%q", n.Text)
					}
					if kept := fmt.Sprintf("%+v", o); strings.Contains(kept, "Weatherwax") || strings.Contains(kept, "0142") {
						t.Errorf("kept: %s", kept)
					}
				}
				if said := h.log.String(); strings.Contains(said, "Weatherwax") || strings.Contains(said, "0142") {
					t.Errorf("said: %s", said)
				}
				if got := h.calls("dsco", "/api/v3/order/") - reads; got != test.reads {
					t.Errorf("%d orders read", got)
				}
				h.lawful()
			})
		})
	}
}
