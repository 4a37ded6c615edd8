package main

import (
	"fmt"
	"io"
	"net/http"
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
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DSCO ORDER\tPO\tRETAILER\tLIFECYCLE\tSTATUS\tLINES\tCREATED\tSHIPSTATION\tNOTE")
	for _, o := range orders {
		id := sim.Text(o, "dscoOrderId")
		lines, _ := o["lineItems"].([]any)
		row := []string{id, sim.Text(o, "poNumber"), sim.Text(o, "dscoRetailerId"), sim.Text(o, "dscoLifecycle"), sim.Text(o, "dscoStatus"),
			strconv.Itoa(len(lines)), sim.Text(o, "dscoCreateDate"), strings.Join(beside[id], ", "), why[id]}
		delete(beside, id)
		fmt.Fprintln(t, plain(strings.Join(row, "\t")))
	}
	for _, s := range ship {
		if number := sim.Text(s, "orderNumber"); beside[number] != nil {
			fmt.Fprintln(t, plain(strings.Join([]string{"-", "", "", "", "", "", sim.Text(s, "createDate"), number + ": " + strings.Join(beside[number], ", ")}, "\t")))
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

// plain takes out what a terminal would obey, but for the tabs between the columns.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !strconv.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
