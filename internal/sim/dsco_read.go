package sim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scrollLife is how long after a page the next one can be had.
const scrollLife = 5 * time.Minute

// nullOnPage are the members that /order/page shows even when they are null; the others it leaves out.
var nullOnPage = map[string]bool{"buyer": true, "customer": true, "invoiceTo": true, "currencyCode": true}

// keys are what an order can be looked up by.
var keys = map[string]string{"dscoOrderId": "DSCO_ORDER_ID", "poNumber": "PO_NUMBER", "supplierOrderNumber": "SUPPLIER_ORDER_NUMBER"}

// scan is a list that is being paged through. It is no snapshot: a page is a place in the list as it is when it is read,
// so what leaves the list in the meantime moves the rest forward and some of it is never seen.
type scan struct {
	member string // what the list is called in the answer
	rows   func(now time.Time) []any
	show   func(row any) any // how a row looks in the answer; nil as it is
	also   object            // further members of every page
	size   int
	last   time.Time // when its latest page was read
}

// order answers GET /order/.
func (d *dsco) order(c *call, now time.Time) reply {
	q := c.Query
	kind, ok := keys[q.Get("orderKey")]
	if !ok {
		return d.invalid("orderKey must be one of dscoOrderId, poNumber, supplierOrderNumber")
	}
	if q.Get("value") == "" {
		return d.invalid("value is required")
	}
	address := c.Path + "?" + q.Encode()
	found := []any{}
	named := d.resolve(kind, q.Get("value"))
	for _, o := range named {
		if doc := o.asOf(now, d.w.o.DSCOLag); doc != nil {
			found = append(found, doc)
		}
	}
	if len(found) == 0 || now.Before(d.absent[address]) {
		if d.w.o.Cache404 > 0 && !now.Before(d.absent[address]) {
			d.absent[address] = now.Add(d.w.o.Cache404)
		}
		return d.failure(http.StatusNotFound, "NOT_FOUND", "The order could not be found")
	}
	delete(d.absent, address)
	for _, o := range named {
		d.show(o, now)
	}
	if q.Get("returnMultiple") == "true" {
		return answer(http.StatusOK, found)
	}
	return answer(http.StatusOK, found[0])
}

// page answers GET /order/page: the first page of a new scan, or the page that a scrollId names.
func (d *dsco) page(c *call, now time.Time) reply {
	q := c.Query
	if q.Has("scrollId") {
		return d.scroll(q.Get("scrollId"), "orders", now)
	}
	size, err := strconv.Atoi(cmp.Or(q.Get("ordersPerPage"), "1000"))
	if err != nil || size < 10 || size > 1000 {
		return d.invalid("ordersPerPage has to be between 10 and 1000")
	}
	statuses := q["status"]
	for _, s := range statuses {
		if !slices.Contains([]string{"created", "shipment_pending", "shipped", "cancelled"}, s) {
			return d.invalid("status must be one of created, shipment_pending, shipped, cancelled")
		}
	}
	wanted := func(doc object) bool { return Text(doc, "consumerOrderNumber") == q.Get("consumerOrderNumber") }
	if !q.Has("consumerOrderNumber") {
		var why string
		if wanted, why = between(q, now); why != "" {
			return d.invalid("%s", why)
		}
	}
	show := func(row any) any { return without(row, nullOnPage) }
	return d.open(&scan{member: "orders", size: size, show: show, rows: func(now time.Time) []any {
		return d.list(now, func(doc object) bool {
			return wanted(doc) && (doc["testFlag"] != true || q.Get("includeTestOrders") == "true") &&
				(len(statuses) == 0 || slices.Contains(statuses, Text(doc, "dscoStatus")))
		})
	}}, now)
}

// between reads the dates of a scan. By creation: from since on, before until. By update: after since, up to until.
func between(q url.Values, now time.Time) (wanted func(object) bool, why string) {
	created, updated := q.Has("ordersCreatedSince"), q.Has("ordersUpdatedSince")
	if created == updated {
		return nil, "exactly one of ordersCreatedSince and ordersUpdatedSince is required"
	}
	name, member := "ordersCreatedSince", "dscoCreateDate"
	if updated {
		name, member = "ordersUpdatedSince", "dscoLastUpdate"
	}
	since, err := time.Parse(time.RFC3339, q.Get(name))
	if err != nil {
		return nil, name + " has to be a date and time as in ISO 8601"
	}
	until, err := time.Parse(time.RFC3339, q.Get("until"))
	if err != nil {
		return nil, "until has to be a date and time as in ISO 8601"
	}
	if until.After(now.Add(-tooRecent)) {
		return nil, "until has to be at least 5 seconds in the past"
	}
	return func(doc object) bool {
		t, err := time.Parse(time.RFC3339, Text(doc, member))
		if updated {
			return err == nil && t.After(since) && !t.After(until)
		}
		return err == nil && !t.Before(since) && t.Before(until)
	}, ""
}

// list has the wanted orders as they were a lag ago, the latest created first.
func (d *dsco) list(now time.Time, wanted func(object) bool) []any {
	rows := []any{}
	for _, o := range slices.Backward(d.orders) {
		if doc := o.asOf(now, d.w.o.DSCOLag); doc != nil && wanted(doc) {
			rows = append(rows, doc)
		}
	}
	slices.SortStableFunc(rows, func(a, b any) int {
		return strings.Compare(sortable(b), sortable(a))
	})
	return rows
}

// sortable is an order's creation as text that sorts by time.
func sortable(doc any) string {
	t, _ := time.Parse(time.RFC3339, Text(doc, "dscoCreateDate"))
	return t.UTC().Format(time.RFC3339)
}

// open answers with the first page of a scan.
func (d *dsco) open(s *scan, now time.Time) reply {
	for id, old := range d.scans {
		if now.Sub(old.last) > scrollLife {
			delete(d.scans, id)
		}
	}
	d.receipts++
	id := strconv.Itoa(d.receipts)
	d.scans[id] = s
	return d.read(id, 0, now)
}

// scroll answers with the page that a scrollId names. A scrollId is a place: one that was used may be used again.
func (d *dsco) scroll(scrollID, member string, now time.Time) reply {
	text, _ := base64.RawURLEncoding.DecodeString(scrollID)
	id, place, _ := strings.Cut(string(text), ",")
	from, err := strconv.Atoi(place)
	s := d.scans[id]
	if err != nil || s == nil || s.member != member || now.Sub(s.last) > scrollLife {
		return d.failure(http.StatusNotFound, "NOT_FOUND", "The page of results does not exist or has expired")
	}
	return d.read(id, from, now)
}

func (d *dsco) read(id string, from int, now time.Time) reply {
	s := d.scans[id]
	s.last = now
	rows := s.rows(now)
	rows = rows[min(from, len(rows)):]
	rows = rows[:min(s.size, len(rows))]
	for _, row := range rows {
		if o := d.byID[Text(row, "dscoOrderId")]; o != nil {
			d.show(o, now)
		}
	}
	if s.show != nil {
		for i := range rows {
			rows[i] = s.show(rows[i])
		}
	}
	page := object{s.member: rows}
	for k, v := range s.also {
		page[k] = v
	}
	if len(rows) == s.size || len(rows) > 0 && d.w.o.EmptyLastPage {
		page["scrollId"] = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s,%d", id, from+len(rows)))
	}
	return answer(http.StatusOK, page)
}
