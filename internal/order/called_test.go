package order

import "testing"

func TestCalled(t *testing.T) {
	o := Order{ID: "1026000001", PO: "PO 7",
		ShipStation: []Ref{{ID: 52, Number: "1026000001-2", Key: "dsco-1026000001"}, {}},
		Parcels:     []Parcel{{ID: 9, Number: "1Z999AA1"}, {}},
		DSCO:        DSCO{Packages: []Package{{Number: "9400 1118"}}}}
	for word, want := range map[string]bool{
		"PO 7": true, "po7": true, "PO": false, "PO 77": false,
		"1026000001-2": true, "52": true, "5": false, "DSCO-1026000001": true,
		"1z999 aa1": true, "1Z999AA": false, "94001118": true, "9400 1118": true,
		"9": false, // a parcel's id is nobody's word for it
		"0": false, "": false, " ": false,
	} {
		if got := o.Called(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}
