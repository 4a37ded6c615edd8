package report

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteCarriers(t *testing.T) {
	table := Carriers{Lines: []CarrierLine{{"ups", "ups_ground", "UPS", "Ground", "UPCG", ""}, {"my\x1b[2J", "*", "Generic", "", "", "1000012"}}}
	lacking := table
	lacking.Unknown = []UnknownCarrier{{`what DSCO calls "Pigeon` + "\u202e" + `" is not known`, `- { shipstation_carrier: "Pigeon" }`, []string{"1", "2"}}}
	drawn := "ShipStation carrier  Service     DSCO carrier  Method  Code  Retailer\n" +
		"ups                  ups_ground  UPS           Ground  UPCG\n" +
		"my\\x1b[2J            *           Generic                     1000012\n"
	for _, test := range []struct {
		table Carriers
		want  string
	}{
		{table, drawn},
		{lacking, drawn + "\nnot in the table; fill in and add to the settings, under carriers:\n" +
			`what DSCO calls "Pigeon\u202e" is not known (orders 1, 2)` + "\n" + `  - { shipstation_carrier: "Pigeon" }` + "\n"},
	} {
		var out bytes.Buffer
		if err := WriteCarriers(&out, test.table); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, out.String()); diff != "" {
			t.Error(diff)
		}
	}
	var out bytes.Buffer
	if err := WriteCarriersJSON(&out, Carriers{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("{\n  \"carriers\": [],\n  \"unknown\": []\n}\n", out.String()); diff != "" {
		t.Error(diff)
	}
	if !errors.Is(WriteCarriers(broken{}, table), errBroken) || !errors.Is(WriteCarriersJSON(broken{}, table), errBroken) {
		t.Error("a broken pipe is not told")
	}
}
