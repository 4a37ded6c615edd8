package doctor

import (
	"fmt"
	"time"

	"dscosync/internal/order"
)

const (
	sending = time.Minute    // a call is given up after it, and only then counts the settle time
	stuck   = 24 * time.Hour // a doubt of this age will not settle by itself
)

// held looks for orders that wait for a person.
func (e exam) held(b book) Finding {
	if len(b.held) == 0 {
		return good("held", "no order waits for a person")
	}
	verb := "wait"
	if len(b.held) == 1 {
		verb = "waits"
	}
	return Finding{Check: "held", Status: Error, Class: Person, Message: fmt.Sprintf("%s %s for a person: %s", count(len(b.held), "order"), verb, some(b.held)),
		Why:  "the write that is held is not tried again by itself, and the retailer's dates go on",
		Hint: "see what each one needs: dscosync status --errors; then: dscosync retry ORDER-ID, or dscosync dismiss ORDER-ID"}
}

// doubt looks for writes of which nobody knows the outcome, although the next run should have found it out.
func (e exam) doubt(b book) Finding {
	var old, lasting []order.ID
	for _, d := range b.doubts {
		settle := e.config.DSCO.Settle
		switch d.intent.Write.Step {
		case order.Create, order.CancelShipStation, order.Suspend, order.Resume:
			settle = e.config.ShipStation.Settle
		}
		age := e.Now().Sub(d.intent.At)
		switch {
		case age > stuck:
			lasting = append(lasting, d.order)
		case age > settle+sending && d.intent.RequestID == "": // what DSCO has taken and not answered yet is no doubt
			old = append(old, d.order)
		}
	}
	switch {
	case len(lasting) > 0:
		return Finding{Check: "doubt", Status: Error, Class: Person, Message: fmt.Sprintf("in doubt for more than a day: %s", some(lasting)),
			Why:  "a write was begun and its answer never came; while nobody knows whether it was done the order stays as it is",
			Hint: "dscosync sync all -v says why it cannot look; dscosync show ORDER-ID tells what was begun"}
	case len(old) > 0:
		return Finding{Check: "doubt", Status: Warn, Message: fmt.Sprintf("in doubt, and old enough to be looked at: %s", some(old)),
			Why: "a write was begun and its answer never came; nothing is repeated blindly", Hint: "the next run looks and goes on by itself: dscosync sync all"}
	}
	return good("doubt", "no write is in doubt")
}

// carriers looks for parcels that went with what the table does not know.
func (e exam) carriers(b book) []Finding {
	if len(b.lacking) == 0 {
		return []Finding{good("carriers", "all parcels that DSCO is to be told went with known carriers")}
	}
	var found []Finding
	for _, l := range b.lacking {
		found = append(found, Finding{Check: "carriers", Status: Error, Class: Person, Message: fmt.Sprintf("%s (%s)", l.what, some(l.orders)),
			Why: "DSCO cannot be told of the parcel, and counts the order as not shipped", Hint: "dscosync carriers shows the line to add to the settings; then they go on by themselves"})
	}
	return found
}

// missing tells what the daily look of pull found.
func (e exam) missing(b book) Finding {
	var at time.Time
	for _, name := range stages {
		m := b.runs[name].Missing
		if m == nil {
			continue
		}
		if at = m.At; m.Count == 0 {
			continue
		}
		return Finding{Check: "missing", Status: Error, Class: Person,
			Message: fmt.Sprintf("%s open in DSCO, but ShipStation has none (looked %s ago): %s", count(m.Count, "order"), span(e.Now().Sub(at)), some(m.Orders)),
			Why:     "nobody will ship them: they are older than sync.lookback, or not in dsco.lifecycles",
			Hint:    "raise sync.lookback or add to dsco.lifecycles, and run: dscosync pull; or enter or cancel them by hand"}
	}
	if at.IsZero() {
		return Finding{Check: "missing", Status: Skipped, Message: "no run has looked yet for orders that ShipStation lacks"}
	}
	return good("missing", "every order open in DSCO has one in ShipStation (looked %s ago)", span(e.Now().Sub(at)))
}
