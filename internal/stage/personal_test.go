package stage

import (
	"testing"

	"dscosync/internal/dsco"
)

func TestStrike(t *testing.T) {
	own := personal(dsco.Order{
		ShipTo: dsco.Address{Name: "Nàme Kanarie", Street: []string{"102 Kanarienstraat"}, Phone: "555-0142", Email: "kanarie@example.com", Attention: "Dock Seven"},
		GiftTo: "Wilhelmina",
		BillTo: dsco.Address{Name: "Other Payer"},
	})
	for in, want := range map[string]string{
		"Please use a 2 character country code":                  "Please use a 2 character country code",
		"Error converting value \"Nàme Kanarie\" to type 'X'.":   "Error converting value \"[personal]\" to type 'X'.",
		"value KANARIE, 102 KANARIENSTRAAT":                      "value [personal], [personal]",
		`value N\u00e0me \"Q\"`:                                  `value [personal] \"Q\"`,
		"only Kanarie":                                           "only [personal]",
		"cut in the street: 102 Kanarien…":                       "cut in the street: [personal]…",
		"gift for wilhelmina; attention Dock Seven, payer Other": "gift for [personal]; attention [personal], [personal]",
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
