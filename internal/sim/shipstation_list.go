package sim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostRows is the largest page; whoever asks for more gets so many.
const mostRows = 500

// row is one row of a list, as the list shows it.
type row struct {
	doc      object
	store    int64 // that it stands in; 0 when it is in none
	poisoned bool  // the service cannot make a page of it
	shown    func()
}

// listing is what a list can be asked for.
type listing struct {
	member string                            // what the list is called in the answer
	sorts  map[string]string                 // the values of sortBy and the member each looks at
	bounds []string                          // the filters by time are such a member's name and Start or End, both inclusive
	whole  []string                          // the filters that take a whole number; 0 is as good as none
	where  map[string]func(row, string) bool // the filters by their names
}

var orderList = listing{
	member: "orders",
	sorts:  map[string]string{"": "", "OrderDate": "orderDate", "ModifyDate": "modifyDate", "CreateDate": "createDate"},
	bounds: []string{"createDate", "modifyDate", "orderDate", "paymentDate"},
	whole:  []string{"storeId"},
	where: map[string]func(row, string) bool{
		"orderNumber": begins("orderNumber"), "orderStatus": equals("orderStatus"), "storeId": inStore, "customerName": has("shipTo", "name"),
		"itemKeyword": func(r row, word string) bool {
			found := false
			each(r.doc["items"], func(_ int, item object) {
				found = found || contains(Text(item, "sku"), word) || contains(Text(item, "name"), word)
			})
			return found
		},
	},
}

// list answers GET /orders.
func (s *shipStation) list(c *call, now time.Time) reply {
	lag := s.w.o.ShipStationLag
	rows := []row{}
	for _, o := range s.orders {
		if doc := o.asOf(now, lag); doc != nil {
			rows = append(rows, row{doc: doc, store: storeOf(doc), shown: func() { o.show(now, lag) }})
		}
	}
	return s.page(c, orderList, rows)
}

// page answers with the page of a list that the query asks for. A list is no snapshot and may lag: it shows each row as it
// was a while ago, or not yet.
func (s *shipStation) page(c *call, l listing, rows []row) reply {
	q := c.Query
	wrong := object{}
	refuse := func(name string) {
		wrong["request."+name] = []any{fmt.Sprintf("The value '%s' is not valid for %s.", q.Get(name), name)}
	}
	integer := func(name string, otherwise int) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil && q.Get(name) != "" {
			refuse(name)
		}
		if n == 0 {
			return otherwise
		}
		return n
	}
	page, size := max(1, integer("page", 1)), min(max(1, integer("pageSize", 100)), mostRows)
	for _, name := range l.whole {
		integer(name, 0)
	}
	wanted := l.filters(q, refuse)
	by, known := l.sorts[q.Get("sortBy")]
	if !known {
		refuse("sortBy")
	}
	if len(wrong) > 0 {
		return answer(http.StatusBadRequest, object{"Message": "The request is invalid.", "ModelState": wrong})
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return !wanted(r) })
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(Text(a.doc, by), Text(b.doc, by)) })
	if strings.EqualFold(q.Get("sortDir"), "DESC") {
		slices.Reverse(rows)
	}
	total, pages := len(rows), (len(rows)+size-1)/size
	if s.w.o.ZeroPages {
		pages = 0
	}
	rows = rows[min((page-1)*size, total):]
	rows = rows[:min(size, len(rows))]
	if slices.ContainsFunc(rows, func(r row) bool { return r.poisoned }) {
		return nullReference()
	}
	docs := []any{}
	for _, r := range rows {
		docs = append(docs, r.doc)
		r.shown()
	}
	return answer(http.StatusOK, object{l.member: docs, "total": total, "page": page, "pages": pages})
}

// filters reads the query's conditions; refuse is told of what cannot be read.
func (l listing) filters(q url.Values, refuse func(name string)) func(row) bool {
	var all []func(row) bool
	for _, member := range l.bounds {
		for _, end := range []string{"Start", "End"} {
			given := q.Get(member + end)
			if given == "" {
				continue
			}
			limit, ok := readWall(given)
			if !ok {
				refuse(member + end)
				continue
			}
			all = append(all, func(r row) bool {
				t, ok := readWall(Text(r.doc, member))
				return ok && (end == "Start" && !t.Before(limit) || end == "End" && !t.After(limit))
			})
		}
	}
	for name, holds := range l.where {
		given := q.Get(name)
		if given == "" || given == "0" && slices.Contains(l.whole, name) {
			continue
		}
		all = append(all, func(r row) bool { return holds(r, given) })
	}
	return func(r row) bool {
		return !slices.ContainsFunc(all, func(holds func(row) bool) bool { return !holds(r) })
	}
}

func inStore(r row, given string) bool { return strconv.FormatInt(r.store, 10) == given }

// equals, begins and has are the filters that compare a member with what is given: as a whole, by its start, by a part.
func equals(path ...any) func(row, string) bool {
	return func(r row, given string) bool { return Text(r.doc, path...) == given }
}

func begins(path ...any) func(row, string) bool {
	return func(r row, given string) bool { return strings.HasPrefix(Text(r.doc, path...), given) }
}

func has(path ...any) func(row, string) bool {
	return func(r row, given string) bool { return contains(Text(r.doc, path...), given) }
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
