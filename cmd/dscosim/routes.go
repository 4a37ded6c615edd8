package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"dscosync/internal/sim"
)

// routes are both remotes and the pages for people; why tells by id what is awkward about an order.
func routes(w *sim.World, why map[string]string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", w.ShipStation())
	mux.Handle("/api/v3/", w.DSCO())
	mux.HandleFunc("GET /sim", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		overview(rw, w, why)
	})
	mux.HandleFunc("POST /sim/add", func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(rw, w.AddOrder())
	})
	for path, act := range map[string]func(id string){
		"cancel":         func(id string) { w.CancelInDSCO(id) },
		"force-cancel":   func(id string) { w.ForceCancelInDSCO(id) },
		"request-cancel": func(id string) { w.RequestCancel(id) },
		"acknowledge":    func(id string) { w.AcknowledgeInDSCO(id) },
	} {
		mux.HandleFunc("POST /sim/"+path, func(rw http.ResponseWriter, r *http.Request) {
			id := r.FormValue("id")
			if w.Order(id) == nil {
				http.Error(rw, "there is no order with this id: give ?id= one that /sim lists", http.StatusNotFound)
				return
			}
			act(id)
			fmt.Fprintln(rw, id)
		})
	}
	for path, act := range map[string]func(orderID int64) int64{
		"label":        func(orderID int64) int64 { return w.BuyLabel(orderID) },
		"mark-shipped": func(orderID int64) int64 { return w.MarkShipped(orderID) },
		"cancel-in-shipstation": func(orderID int64) int64 {
			w.CancelInShipStation(orderID)
			return orderID
		},
		"hold": func(orderID int64) int64 {
			w.HoldShipStation(orderID)
			return orderID
		},
	} {
		mux.HandleFunc("POST /sim/"+path, func(rw http.ResponseWriter, r *http.Request) {
			orders := w.ByNumber(r.FormValue("id"))
			if len(orders) == 0 {
				http.Error(rw, "ShipStation has no order with this id: run dscosync first", http.StatusNotFound)
				return
			}
			fmt.Fprintln(rw, act(sim.Int(orders[len(orders)-1], "orderId")))
		})
	}
	mux.HandleFunc("POST /sim/void", func(rw http.ResponseWriter, r *http.Request) {
		number := r.FormValue("shipment")
		for _, p := range slices.Concat(w.Shipments(), w.Fulfillments()) {
			if id := cmp.Or(sim.Int(p, "shipmentId"), sim.Int(p, "fulfillmentId")); strconv.FormatInt(id, 10) == number {
				w.Void(id)
				fmt.Fprintln(rw, id)
				return
			}
		}
		http.Error(rw, "there is no shipment with this number: give ?shipment= one that /sim lists", http.StatusNotFound)
	})
	return mux
}

// overview prints the orders on both sides, each DSCO order beside those that ShipStation has for it.
func overview(out io.Writer, w *sim.World, why map[string]string) {
	orders, ship := w.Orders(), w.ShipStationOrders()
	beside := map[string][]string{}
	for _, s := range ship {
		number := sim.Text(s, "orderNumber")
		beside[number] = append(beside[number], sim.Text(s, "orderId")+" "+sim.Text(s, "orderStatus"))
	}
	parcels := labels(w)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DSCO ORDER\tPO\tRETAILER\tLIFECYCLE\tSTATUS\tLINES\tCREATED\tSHIPSTATION\tLABELS\tNOTE")
	for _, o := range orders {
		id := sim.Text(o, "dscoOrderId")
		lines, _ := o["lineItems"].([]any)
		row := []string{id, sim.Text(o, "poNumber"), sim.Text(o, "dscoRetailerId"), sim.Text(o, "dscoLifecycle"), sim.Text(o, "dscoStatus"),
			strconv.Itoa(len(lines)), sim.Text(o, "dscoCreateDate"), strings.Join(beside[id], ", "), strings.Join(parcels[id], ", "), why[id]}
		delete(beside, id)
		fmt.Fprintln(t, plain(strings.Join(row, "\t")))
	}
	for _, s := range ship {
		if number := sim.Text(s, "orderNumber"); beside[number] != nil {
			fmt.Fprintln(t, plain(strings.Join([]string{"-", "", "", "", "", "", sim.Text(s, "createDate"), number + ": " + strings.Join(beside[number], ", "), strings.Join(parcels[number], ", ")}, "\t")))
			delete(beside, number)
		}
	}
	t.Flush()
	fmt.Fprintf(out, "\n%d DSCO orders, %d ShipStation orders; %d calls to DSCO, %d to ShipStation\n",
		len(orders), len(ship), w.Count(sim.DSCO), w.Count(sim.ShipStation))
	broken := w.Broken()
	fmt.Fprintf(out, "%d broken laws\n", len(broken))
	for _, b := range broken {
		fmt.Fprintln(out, plain("  "+b))
	}
}

// labels lists, by the orders' numbers, what was bought for them or marked as shipped.
func labels(w *sim.World) map[string][]string {
	parcels := map[string][]string{}
	for _, p := range slices.Concat(w.Shipments(), w.Fulfillments()) {
		number, kind := sim.Text(p, "orderNumber"), ""
		switch {
		case p["voided"] == true:
			kind = " voided"
		case p["isReturnLabel"] == true:
			kind = " return"
		case p["fulfillmentId"] != nil:
			kind = " marked"
		}
		id := cmp.Or(sim.Text(p, "shipmentId"), sim.Text(p, "fulfillmentId"))
		parcels[number] = append(parcels[number], id+" "+sim.Text(p, "trackingNumber")+kind)
	}
	return parcels
}

// plain takes out what a terminal would obey, but for the tabs between the columns.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
