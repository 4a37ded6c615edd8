package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostRows is the largest page; whoever asks for more gets so many.
const mostRows = 500

// bounds are the filters by time: the parameters' common start and the member they look at. Both ends count as inside.
var bounds = map[string]string{"createDate": "createDate", "modifyDate": "modifyDate", "orderDate": "orderDate", "paymentDate": "paymentDate"}

// sorts are the values of sortBy.
var sorts = map[string]string{"": "", "OrderDate": "orderDate", "ModifyDate": "modifyDate", "CreateDate": "createDate"}

// list answers GET /orders. A list is no snapshot and may lag: it shows each order as it was a while ago, or not yet.
func (s *shipStation) list(c *call, now time.Time) reply {
	q := c.Query
	wrong := object{}
	integer := func(name string, otherwise int) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil && q.Get(name) != "" {
			wrong["request."+name] = []any{"The value '" + q.Get(name) + "' is not valid for " + name + "."}
		}
		if n == 0 {
			return otherwise
		}
		return n
	}
	page, size, store := max(1, integer("page", 1)), min(max(1, integer("pageSize", 100)), mostRows), integer("storeId", 0)
	wanted := s.filters(q, wrong)
	by, known := sorts[q.Get("sortBy")]
	if !known {
		wrong["request.sortBy"] = []any{"The value '" + q.Get("sortBy") + "' is not valid for sortBy."}
	}
	if len(wrong) > 0 {
		return answer(http.StatusBadRequest, object{"Message": "The request is invalid.", "ModelState": wrong})
	}
	rows := []any{}
	for _, o := range s.orders {
		doc := o.asOf(now, s.w.o.ShipStationLag)
		if doc != nil && (store == 0 || storeOf(doc) == int64(store)) && wanted(doc) {
			rows = append(rows, doc)
		}
	}
	slices.SortStableFunc(rows, func(a, b any) int { return strings.Compare(Text(a, by), Text(b, by)) })
	if strings.EqualFold(q.Get("sortDir"), "DESC") {
		slices.Reverse(rows)
	}
	total, pages := len(rows), (len(rows)+size-1)/size
	if s.w.o.ZeroPages {
		pages = 0
	}
	rows = rows[min((page-1)*size, total):]
	rows = rows[:min(size, len(rows))]
	return answer(http.StatusOK, object{"orders": rows, "total": total, "page": page, "pages": pages})
}

// filters reads the query's conditions; what cannot be read is put into wrong.
func (s *shipStation) filters(q url.Values, wrong object) func(object) bool {
	var all []func(object) bool
	for name, member := range bounds {
		for _, end := range []string{"Start", "End"} {
			given := q.Get(name + end)
			limit, ok := readWall(given)
			if given == "" {
				continue
			}
			if !ok {
				wrong["request."+name+end] = []any{"The value '" + given + "' is not valid for " + name + end + "."}
				continue
			}
			all = append(all, func(doc object) bool {
				t, ok := readWall(Text(doc, member))
				return ok && (end == "Start" && !t.Before(limit) || end == "End" && !t.After(limit))
			})
		}
	}
	if n := q.Get("orderNumber"); n != "" {
		all = append(all, func(doc object) bool { return strings.HasPrefix(Text(doc, "orderNumber"), n) })
	}
	if status := q.Get("orderStatus"); status != "" {
		all = append(all, func(doc object) bool { return Text(doc, "orderStatus") == status })
	}
	if name := q.Get("customerName"); name != "" {
		all = append(all, func(doc object) bool { return contains(Text(doc, "shipTo", "name"), name) })
	}
	if word := q.Get("itemKeyword"); word != "" {
		all = append(all, func(doc object) bool {
			found := false
			each(doc["items"], func(_ int, item object) {
				found = found || contains(Text(item, "sku"), word) || contains(Text(item, "name"), word)
			})
			return found
		})
	}
	return func(doc object) bool {
		for _, holds := range all {
			if !holds(doc) {
				return false
			}
		}
		return true
	}
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
