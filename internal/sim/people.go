package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// People are all who act on the two services beside the client under test: retailers who place orders and cancel them,
// and the warehouse that buys labels, voids them and cancels. Each order is taken along one course, so that what both
// sides have to come to in the end is known from the start: see Wrong.
type People struct {
	w       *World
	r       *rand.Rand
	errands []*errand
	first   int // the errands before it are over
}

// errand is an order and what people do with it.
type errand struct {
	id      string
	course  course
	step    int // acts done
	over    bool
	numbers map[string]bool // tracking numbers that DSCO has to be told
}

type course uint8

const (
	lies            course = iota // nothing but placed
	ships                         // one label
	shipsInParts                  // a label for one unit, later one for the rest
	marked                        // marked as shipped, without a label
	relabelled                    // a label that is voided at once, then another
	cancelledAtOnce               // by the retailer, as soon as it is placed
	cancelled                     // by the retailer, some time later
	lineCancelled                 // a line of it by the retailer, and the rest ships
	cancelledInShip               // by the warehouse
	courses
)

var courseNames = [courses]string{"lies", "ships", "ships in parts", "marked as shipped", "relabelled", "cancelled at once", "cancelled", "line cancelled", "cancelled in ShipStation"}

// NewPeople are people who act as the seed has them.
func NewPeople(w *World, seed uint64) *People {
	return &People{w: w, r: rand.New(rand.NewPCG(seed, 1))}
}

// Place has n orders placed, and those cancelled that are regretted at once. Each opt may change the documents, as in
// AddOrder.
func (p *People) Place(n int, opts ...func(order map[string]any)) {
	for range n {
		p.place(course(p.r.IntN(int(courses))), opts...)
	}
}

// PlaceEach places an order for each course there is.
func (p *People) PlaceEach() {
	for c := range courses {
		p.place(c)
	}
}

func (p *People) place(c course, opts ...func(order map[string]any)) {
	lines := 1
	if c == lineCancelled {
		lines = 2
	}
	opts = append([]func(map[string]any){func(doc map[string]any) { drawUp(doc, lines) }}, opts...)
	id := p.w.AddOrder(opts...)
	e := &errand{id: id, course: c, numbers: map[string]bool{}, over: c == lies}
	p.errands = append(p.errands, e)
	if c == cancelledAtOnce {
		p.w.ForceCancelInDSCO(id)
		e.over = true
	}
}

// drawUp makes an invented order one of two units, and where there are to be two lines, of a second line.
func drawUp(doc map[string]any, lines int) {
	first := At(doc, "lineItems", 0).(map[string]any)
	first["lineNumber"], first["quantity"] = 1, 2
	all := []any{first}
	if lines > 1 {
		second := maps.Clone(first)
		second["lineNumber"], second["quantity"], second["dscoItemId"], second["sku"], second["partnerSku"] = 2, 1, "1299999999", "EXTRA", "R-EXTRA"
		all = append(all, second)
	}
	doc["lineItems"], doc["numberOfLineItems"] = all, len(all)
}

// Act has each order that can go on along its course do so, with the chance given.
func (p *People) Act(chance float64) {
	for p.first < len(p.errands) && p.errands[p.first].over {
		p.first++
	}
	for _, e := range p.errands[p.first:] {
		if !e.over && p.r.Float64() < chance {
			p.act(e)
		}
	}
}

// Done tells whether people have nothing left to do.
func (p *People) Done() bool {
	return !slices.ContainsFunc(p.errands[p.first:], func(e *errand) bool { return !e.over })
}

// Orders is how many were placed.
func (p *People) Orders() int { return len(p.errands) }

func (p *People) act(e *errand) {
	docs := p.w.inShipStation(e.id)
	switch e.course {
	case cancelled:
		p.w.ForceCancelInDSCO(e.id)
		e.over = true
		return
	case lineCancelled:
		if e.step == 0 {
			p.w.ForceCancelInDSCO(e.id, 2)
			e.step++
			return
		}
	}
	if len(docs) != 1 || Text(docs[0], "orderStatus") != "awaiting_shipment" {
		return
	}
	id, items := Int(docs[0], "orderId"), docs[0]["items"].([]any)
	switch {
	case e.course == cancelledInShip:
		// A cancellation before the order was ever acknowledged would be one that a person has to look at.
		if Text(p.w.Order(e.id), "dscoLifecycle") == "acknowledged" {
			p.w.CancelInShipStation(id)
			e.over = true
		}
	case e.course == marked:
		number := fmt.Sprintf("1ZMARK%012s", e.id)
		p.w.MarkShipped(id, func(doc map[string]any) { doc["carrierCode"], doc["trackingNumber"] = "UPS", number })
		e.numbers[number], e.over = true, true
	case e.course == relabelled && e.step == 0:
		_, label := p.label(id)
		p.w.Void(label)
		e.step++
	case e.course == shipsInParts && e.step == 0:
		number, _ := p.label(id, Items(map[string]int{e.id + ":1": 1}))
		e.numbers[number] = true
		e.step++
	case e.course == lineCancelled && len(items) > 1:
		// The warehouse still has the line; it learns of the cancellation first.
	default:
		number, _ := p.label(id)
		e.numbers[number], e.over = true, true
	}
}

// label buys a label of one of the usual carriers.
func (p *People) label(id int64, opts ...func(map[string]any)) (number string, label int64) {
	carrier := [][2]string{{"ups", "ups_ground"}, {"stamps_com", "usps_priority_mail"}, {"fedex", "fedex_home_delivery"}}[p.r.IntN(3)]
	opts = append(opts, func(doc map[string]any) {
		doc["carrierCode"], doc["serviceCode"] = carrier[0], carrier[1]
	})
	label = p.w.BuyLabel(id, opts...)
	return trackingNumber(carrier[1], label), label
}

// Wrong says in which orders the two sides are not what they have to be in the end: each order there is stands once in
// ShipStation and is acknowledged, DSCO knows each parcel once and all that is in it, and what was cancelled on one side
// is cancelled on both.
func (p *People) Wrong() []string {
	var wrong []string
	for _, e := range p.errands {
		if why := p.look(e); why != "" {
			wrong = append(wrong, fmt.Sprintf("order %s (%s): %s", e.id, courseNames[e.course], why))
		}
	}
	return wrong
}

func (p *People) look(e *errand) string {
	doc, docs := p.w.Order(e.id), p.w.inShipStation(e.id)
	if !e.over {
		return "people had not done with it"
	}
	if len(docs) > 1 || len(docs) == 0 && e.course != cancelledAtOnce && e.course != cancelled {
		return fmt.Sprintf("stands %d times in ShipStation", len(docs))
	}
	station, want := "", "shipped"
	if len(docs) == 1 {
		station = Text(docs[0], "orderStatus")
	}
	switch e.course {
	case lies:
		want = "awaiting_shipment"
	case cancelledAtOnce, cancelled, cancelledInShip:
		if want = "cancelled"; len(docs) == 0 {
			want = ""
		}
	}
	if station != want {
		return fmt.Sprintf("is %q in ShipStation, not %q", station, want)
	}
	told := map[string]int{}
	units := map[int64]int64{}
	each(doc["packages"], func(_ int, pack object) {
		told[Text(pack, "trackingNumber")]++
		each(pack["items"], func(_ int, item object) { units[Int(item, "lineNumber")] += Int(item, "quantity") })
	})
	for number := range e.numbers {
		if told[number] != 1 {
			return fmt.Sprintf("DSCO was told %d times of %s", told[number], number)
		}
	}
	if len(told) != len(e.numbers) {
		return fmt.Sprintf("DSCO was told of %v, and of %v it should have been", slices.Sorted(maps.Keys(told)), slices.Sorted(maps.Keys(e.numbers)))
	}
	why := ""
	each(doc["lineItems"], func(_ int, line object) {
		n := Int(line, "lineNumber")
		gone := int64(0)
		if want == "cancelled" || len(docs) == 0 || e.course == lineCancelled && n == 2 {
			gone = Int(line, "quantity")
		}
		sent := Int(line, "quantity") - gone
		if want == "awaiting_shipment" {
			sent = 0
		}
		if Int(line, "cancelledQuantity") != gone || units[n] != sent {
			why = fmt.Sprintf("of line %d DSCO has %d units cancelled and %d sent, not %d and %d", n, Int(line, "cancelledQuantity"), units[n], gone, sent)
		}
	})
	lifecycle := "completed"
	if e.course == lies {
		lifecycle = "acknowledged"
	}
	if got := Text(doc, "dscoLifecycle"); why == "" && got != lifecycle {
		why = fmt.Sprintf("is %q in DSCO, not %q", got, lifecycle)
	}
	return why
}

// inShipStation copies the ShipStation orders that are there for a DSCO order.
func (w *World) inShipStation(id string) []map[string]any {
	w.enter()
	defer w.mu.Unlock()
	var found []map[string]any
	for _, o := range w.shipStation.byName[id] {
		if !o.deleted && w.dscoID(o.latest()) == id {
			found = append(found, clone(o.latest()))
		}
	}
	return found
}
