package sim

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shipStation is ShipStation's side of the world.
type shipStation struct {
	w            *World
	orders       []*shipOrder // in the order of their ids
	byID         map[int64]*shipOrder
	byName       map[string][]*shipOrder // by all names that an order has had
	shipments    []*parcel               // in the order of their ids
	fulfillments []*parcel               // in the order of their ids
	byTracking   map[string][]*parcel    // both, by their tidy tracking numbers
	items        int64                   // the latest orderItemId
	customers    map[string]int64
	window       time.Time // the minute that is running
	used         int       // requests in it
	own          int       // those of them that came in here; others spent the rest
}

// shipOrder is one ShipStation order.
type shipOrder struct {
	id      int64
	call    int       // the number of the call that made it; 0 when none did
	made    time.Time // when
	home    int64     // the store it was made in
	deleted bool      // it has left the lists and answers 404
	last    object    // as it is, or was before it was deleted
	parcels []*parcel // in the order they were made
	history
}

// firstShipOrder is the id of a world's first ShipStation order less one.
const firstShipOrder = 730551200

func newShipStation(w *World) *shipStation {
	return &shipStation{w: w, byID: map[int64]*shipOrder{}, byName: map[string][]*shipOrder{}, byTracking: map[string][]*parcel{}, items: 882109, customers: map[string]int64{}}
}

// windowHeaders is what an answer says of the limit.
type windowHeaders struct{ limit, remaining, reset int }

// over lays the headers over an answer's.
func (h windowHeaders) over(header http.Header) http.Header {
	if header == nil {
		header = http.Header{}
	}
	if h.limit > 0 {
		header.Set("X-Rate-Limit-Limit", strconv.Itoa(h.limit))
		header.Set("X-Rate-Limit-Remaining", strconv.Itoa(h.remaining))
		header.Set("X-Rate-Limit-Reset", strconv.Itoa(h.reset))
	}
	return header
}

// take counts a request in the minute that is running; true when it is one too many. Only what came in here breaks the
// law: the client cannot help what others spend.
func (s *shipStation) take(c *call, now time.Time) bool {
	limit := s.w.o.Limit
	if limit < 0 {
		return false
	}
	s.turn(now)
	s.used++
	s.own++
	if s.own == limit+1 {
		s.w.overLimit(c, limit, "a minute")
	}
	left := s.window.Add(time.Minute).Sub(now)
	c.window = windowHeaders{limit, max(0, limit-s.used), int((left + time.Second - 1) / time.Second)}
	return s.used > limit
}

// turn starts a new minute when the last one is over.
func (s *shipStation) turn(now time.Time) {
	if minute := now.Truncate(time.Minute); !minute.Equal(s.window) {
		s.window, s.used, s.own = minute, 0, 0
	}
}

// Spend has other programs with the same key make n ShipStation requests.
func (w *World) Spend(n int) {
	now := w.enter()
	defer w.mu.Unlock()
	w.shipStation.turn(now)
	w.shipStation.used += n
}

var orderPath = regexp.MustCompile(`^/orders/(\d{1,18})$`)

// methods are ShipStation's paths, the method each takes, and who answers.
var methods = map[string]struct {
	method string
	serve  func(*shipStation, *call, time.Time) reply
}{
	"/orders":                 {"GET", (*shipStation).list},
	"/orders/createorder":     {"POST", (*shipStation).createOrder},
	"/orders/createorders":    {"POST", (*shipStation).createOrders},
	"/orders/holduntil":       {"POST", (*shipStation).holdUntil},
	"/orders/restorefromhold": {"POST", (*shipStation).restoreFromHold},
	"/orders/markasshipped":   {"POST", (*shipStation).markAsShipped},
	"/shipments":              {"GET", (*shipStation).listShipments},
	"/fulfillments":           {"GET", (*shipStation).listFulfillments},
	"/stores":                 {"GET", (*shipStation).stores},
	"/carriers":               {"GET", (*shipStation).carriers},
	"/carriers/listservices":  {"GET", (*shipStation).services},
	"/warehouses":             {"GET", (*shipStation).warehouses},
	"/orders/{orderId}":       {"GET", (*shipStation).order},
}

func (s *shipStation) serve(c *call, now time.Time) reply {
	if c.over {
		return plain(ShipStation, http.StatusTooManyRequests)
	}
	basic := http.Request{Header: c.header}
	if key, secret, ok := basic.BasicAuth(); !ok || key != s.w.o.APIKey || secret != s.w.o.APISecret {
		return plain(ShipStation, http.StatusUnauthorized)
	}
	path := c.Path
	if orderPath.MatchString(path) {
		path = "/orders/{orderId}"
	}
	m, ok := methods[path]
	if !ok {
		return plain(ShipStation, http.StatusNotFound)
	}
	if c.Method != m.method {
		return answer(http.StatusMethodNotAllowed, object{"Message": fmt.Sprintf("The requested resource does not support http method '%s'.", c.Method)})
	}
	if m.method == "POST" && (!c.isJSON() || len(c.Body) == 0 || string(c.Body) == "null") {
		return nullReference()
	}
	return m.serve(s, c, now)
}

// order answers GET /orders/{orderId}: as it is now, however much the lists lag.
func (s *shipStation) order(c *call, now time.Time) reply {
	id, _ := strconv.ParseInt(orderPath.FindStringSubmatch(c.Path)[1], 10, 64)
	if o := s.byID[id]; o != nil && !o.deleted {
		o.show(now, 0)
		return answer(http.StatusOK, o.latest())
	}
	return plain(ShipStation, http.StatusNotFound)
}

// holdUntil answers POST /orders/holduntil.
func (s *shipStation) holdUntil(c *call, now time.Time) reply {
	in, bad := s.read(c, shape{kind: whole, name: "orderId"}, shape{kind: date, name: "holdUntilDate"})
	if bad != nil {
		return *bad
	}
	o := s.byID[Int(in, "orderId")]
	until, ok := readWall(Text(in, "holdUntilDate"))
	switch {
	case o == nil || o.deleted:
		return plain(ShipStation, http.StatusNotFound)
	case !ok:
		return answer(http.StatusBadRequest, object{"Message": "holdUntilDate is required."})
	case !isOpen(o.latest()):
		return answer(http.StatusBadRequest, object{"Message": "Only open orders can be placed on hold."})
	}
	s.change(o, now, func(doc object) {
		doc["orderStatus"], doc["holdUntilDate"] = "on_hold", until.Format(sevenDigits)
	})
	return answer(http.StatusOK, object{"success": true, "message": "The requested order has been placed on hold until " + until.Format(dateOnly) + "."})
}

// restoreFromHold answers POST /orders/restorefromhold.
func (s *shipStation) restoreFromHold(c *call, now time.Time) reply {
	in, bad := s.read(c, shape{kind: whole, name: "orderId"})
	if bad != nil {
		return *bad
	}
	o := s.byID[Int(in, "orderId")]
	if o == nil || o.deleted {
		return plain(ShipStation, http.StatusNotFound)
	}
	if Text(o.latest(), "orderStatus") != "on_hold" {
		return answer(http.StatusBadRequest, object{"Message": "The requested order is not on hold."})
	}
	s.change(o, now, func(doc object) {
		doc["orderStatus"], doc["holdUntilDate"] = "awaiting_shipment", nil
	})
	return answer(http.StatusOK, object{"success": true, "message": "The requested order has been restored from hold."})
}

// read reads a small request with these members.
func (s *shipStation) read(c *call, members ...shape) (object, *reply) {
	v, err := decode(c.Body)
	if err != nil {
		r := unreadable("request", err)
		return nil, &r
	}
	b := binder{prefix: "request", body: c.Body}
	in, _ := b.bind(v, shape{kind: record, members: members}, "").(object)
	if len(b.wrong) > 0 {
		r := b.refusal()
		return nil, &r
	}
	return in, nil
}

// change makes a new version of an order; modifyDate moves.
func (s *shipStation) change(o *shipOrder, now time.Time, edit func(doc object)) {
	doc := clone(o.latest())
	edit(doc)
	doc = normal(doc)
	doc["orderId"] = number(o.id)
	doc["modifyDate"] = wallClock(now)
	s.put(o, now, doc)
}

// put makes doc the order's newest version.
func (s *shipStation) put(o *shipOrder, at time.Time, doc object) {
	o.history.put(at, doc, s.w.o.ShipStationLag, 0)
	if doc == nil {
		return
	}
	o.last = doc
	for _, name := range namesOf(doc) {
		if !slices.Contains(s.byName[name], o) {
			s.byName[name] = append(s.byName[name], o)
		}
	}
}

// like finds the orders that have or had a name in common with a document, the oldest first.
func (s *shipStation) like(doc object) []*shipOrder {
	var found []*shipOrder
	for _, name := range namesOf(doc) {
		for _, o := range s.byName[name] {
			if !slices.Contains(found, o) {
				found = append(found, o)
			}
		}
	}
	slices.SortFunc(found, func(a, b *shipOrder) int { return int(a.id - b.id) })
	return found
}

// had tells whether there is, or was before it was deleted, an order for a DSCO order.
func (s *shipStation) had(dscoID string) bool {
	return slices.ContainsFunc(s.byName[dscoID], func(o *shipOrder) bool { return s.w.dscoID(o.last) == dscoID })
}

// namesOf are the names by which a document can be found: its key, its number, the DSCO ids in its keys, and the number of
// the order it was split off from.
func namesOf(doc object) []string {
	key, orderNumber := Text(doc, "orderKey"), Text(doc, "orderNumber")
	names := []string{key, orderNumber, strings.TrimPrefix(key, "dsco-")}
	if root, _, found := strings.Cut(orderNumber, "-"); found && At(doc, "advancedOptions", "parentId") != nil {
		names = append(names, root)
	}
	each(doc["items"], func(_ int, item object) {
		id, _, _ := strings.Cut(Text(item, "lineItemKey"), ":")
		names = append(names, id)
	})
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// isOpen tells whether an order can still be worked on.
func isOpen(doc object) bool {
	switch Text(doc, "orderStatus") {
	case "awaiting_payment", "awaiting_shipment", "pending_fulfillment", "on_hold":
		return true
	}
	return false
}

func nullReference() reply {
	return answer(http.StatusInternalServerError, object{
		"Message": "An error has occurred.", "ExceptionMessage": "Object reference not set to an instance of an object.",
		"ExceptionType": "System.NullReferenceException", "StackTrace": nil,
	})
}
