package report

import (
	"fmt"
	"io"
	"strings"

	"dscosync/internal/escape"
)

// Carriers is the carrier table, and what it lacks. Its JSON is that of `carriers --json`.
type Carriers struct {
	Lines   []CarrierLine    `json:"carriers"` // the first that fits applies
	Unknown []UnknownCarrier `json:"unknown"`
}

// CarrierLine is a line of the table.
type CarrierLine struct {
	ShipStationCarrier string `json:"shipstation_carrier"`
	ShipStationService string `json:"shipstation_service"` // "*": any; empty: a carrier named without a service
	DSCOCarrier        string `json:"dsco_carrier"`
	DSCOMethod         string `json:"dsco_method"`
	DSCOServiceLevel   string `json:"dsco_service_level"`
	Retailer           string `json:"retailer"` // DSCO's id of it; empty: every retailer
}

// UnknownCarrier is what open orders went with and the table does not have.
type UnknownCarrier struct {
	Message string   `json:"message"`
	Entry   string   `json:"entry"` // the line for the settings; what DSCO is to be told is left open
	Orders  []string `json:"orders"`
}

// WriteCarriers writes the table, and beneath it each line that is wanting.
func WriteCarriers(w io.Writer, c Carriers) error {
	l := layout{cells: [][]string{{"ShipStation carrier", "Service", "DSCO carrier", "Method", "Code", "Retailer"}}}
	for _, line := range c.Lines {
		row := []string{line.ShipStationCarrier, line.ShipStationService, line.DSCOCarrier, line.DSCOMethod, line.DSCOServiceLevel, line.Retailer}
		for i := range row {
			row[i] = escape.Text(row[i])
		}
		l.cells = append(l.cells, row)
	}
	lines, err := l.draw()
	if err != nil {
		return err
	}
	if len(c.Unknown) > 0 {
		lines = append(lines, "", "not in the table; fill in and add to the settings, under carriers:")
	}
	for _, u := range c.Unknown {
		orders := plural(len(u.Orders), "order") + " " + strings.Join(u.Orders, ", ")
		lines = append(lines, escape.Text(fmt.Sprintf("%s (%s)", u.Message, orders)), "  "+escape.Text(u.Entry))
	}
	_, err = fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// WriteCarriersJSON writes the same as one JSON document.
func WriteCarriersJSON(w io.Writer, c Carriers) error {
	if c.Lines == nil {
		c.Lines = []CarrierLine{}
	}
	if c.Unknown == nil {
		c.Unknown = []UnknownCarrier{}
	}
	return WriteDocument(w, c)
}
