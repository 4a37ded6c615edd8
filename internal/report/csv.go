package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"dscosync/internal/escape"
)

// header names the cells by the path each has in the JSON of a row.
var header = []string{
	"flow", "order_id", "po_number", "retailer_id", "retailer", "shipstation_order_number", "shipstation_order_id",
	"status", "acknowledged",
	"tracking.number", "tracking.carrier", "tracking.service_level", "tracking.shipped_at", "tracking.pushed",
	"cancel_requested", "ship_by", "received_at", "updated_at",
	"notices.code", "notices.message", "notices.at",
	"error.stage", "error.message", "error.hint", "error.at", "error.attempts", "error.held",
}

// WriteCSV writes the facts of WriteJSON as RFC 4180 has it, one order a line, times in UTC, "; " between several
// parcels or notices, null an empty cell. A cell that a spreadsheet would take for a formula begins with an apostrophe.
func WriteCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	out.Write(header) // the writer keeps its first error for Error
	for _, r := range rows {
		line := record(r)
		for i := range line {
			line[i] = escape.Text(guard(line[i]))
		}
		out.Write(line)
	}
	out.Flush()
	return out.Error()
}

func record(r Row) []string {
	number := ""
	if r.ShipStationID != nil {
		number = strconv.FormatInt(*r.ShipStationID, 10)
	}
	line := []string{
		r.Flow, r.OrderID, r.PO, r.RetailerID, r.Retailer, string(r.ShipStationNumber), number,
		r.Status, strconv.FormatBool(r.Acknowledged),
		join(r.Tracking, func(p Parcel) string { return p.Number }),
		join(r.Tracking, func(p Parcel) string { return p.Carrier }),
		join(r.Tracking, func(p Parcel) string { return p.ServiceLevel }),
		join(r.Tracking, func(p Parcel) string { return p.Shipped.String() }),
		join(r.Tracking, func(p Parcel) string { return strconv.FormatBool(p.Pushed) }),
		strconv.FormatBool(r.CancelRequested), r.ShipBy.String(), r.Received.String(), r.Updated.String(),
		join(r.Notices, func(n Notice) string { return n.Code }),
		join(r.Notices, func(n Notice) string { return n.Message }),
		join(r.Notices, func(n Notice) string { return n.At.String() }),
	}
	if r.Error == nil {
		return append(line, "", "", "", "", "", "")
	}
	e := r.Error
	return append(line, e.Stage, e.Message, e.Hint, e.At.String(), strconv.Itoa(e.Attempts), strconv.FormatBool(e.Held))
}

func join[T any](all []T, cell func(T) string) string {
	cells := make([]string, len(all))
	for i, one := range all {
		cells[i] = cell(one)
	}
	return strings.Join(cells, "; ")
}

// guard keeps spreadsheets from running a cell (https://owasp.org/www-community/attacks/CSV_Injection).
func guard(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
