package shipstation

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"dscosync/internal/remote"
)

// store is a live list of orders that is paged as ShipStation does.
type store struct {
	ids   []int
	most  int          // rows in a page, whatever is asked; 0 = as asked
	bad   map[int]bool // ids that make their page fail
	pages int          // what the answers say
	total int          // what the answers say; 0 = the truth, -1 = nothing
	shift func(s *store, n int)
	shown []int // by the last answer
}

func (s *store) answer(n int, r *http.Request) (int, string) {
	if s.shift != nil {
		s.shift(s, n)
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	if s.most > 0 {
		size = min(size, s.most)
	}
	var rows []string
	s.shown = s.ids[min((page-1)*size, len(s.ids)):min(page*size, len(s.ids))]
	for _, id := range s.shown {
		if s.bad[id] {
			return 500, `{"ExceptionMessage":"Object reference not set to an instance of an object."}`
		}
		rows = append(rows, fmt.Sprintf(`{"orderId":%d}`, id))
	}
	total := s.total
	if total == 0 {
		total = len(s.ids)
	}
	return 200, fmt.Sprintf(`{"orders":[%s],"total":%d,"page":%d,"pages":%d}`, strings.Join(rows, ","), total, page, s.pages)
}

func upTo(n int) (ids []int) {
	for i := range n {
		ids = append(ids, i+1)
	}
	return ids
}

func TestPages(t *testing.T) {
	all := func(bad ...int) map[int]bool {
		m := map[int]bool{}
		for _, id := range bad {
			m[id] = true
		}
		return m
	}
	for _, tc := range []struct {
		name  string
		store store
		skip  bool
		bad   int
		calls int // 0 = not counted
		kind  remote.Kind
	}{
		{name: "none", store: store{}, calls: 1},
		{name: "a short page", store: store{ids: upTo(3)}, calls: 1},
		{name: "a row less than a page", store: store{ids: upTo(499)}, calls: 1},
		{name: "a full page", store: store{ids: upTo(500)}, calls: 2},
		{name: "a row more than a page", store: store{ids: upTo(501)}, calls: 2},
		{name: "two full pages", store: store{ids: upTo(1000)}, calls: 3},
		{name: "ten full pages", store: store{ids: upTo(5000)}, calls: 11},
		{name: "pages tells too few", store: store{ids: upTo(1200), pages: 1}, calls: 3},
		{name: "pages tells too many", store: store{ids: upTo(10), pages: 9}, calls: 1},
		{name: "no total", store: store{ids: upTo(501), total: -1}, calls: 2},
		{name: "a total too high", store: store{ids: upTo(3), total: 900}, calls: 2},
		{name: "the server allows less than asked", store: store{ids: upTo(250), most: 100}, calls: 3},
		{name: "it allows less, and a row is bad", store: store{ids: upTo(900), most: 400, bad: all(168)}, skip: true, bad: 1},
		{name: "one bad row, not skipped", store: store{ids: upTo(20), bad: all(7)}, calls: 4, kind: remote.Unavailable},
		{name: "one bad row", store: store{ids: upTo(20), bad: all(7)}, skip: true, bad: 1, calls: 20},
		{name: "a bad row among many", store: store{ids: upTo(1300), bad: all(777)}, skip: true, bad: 1, calls: 37},
		{name: "bad rows on several pages", store: store{ids: upTo(1300), bad: all(1, 499, 500, 501, 1300)}, skip: true, bad: 5},
		{name: "the last row is bad", store: store{ids: upTo(500), bad: all(500)}, skip: true, bad: 1},
		{name: "every row is bad", store: store{ids: upTo(500), bad: all(upTo(500)...)}, skip: true, kind: remote.Unavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := tc.store
				c, d := newDesk(t, s.answer)
				got, err := c.Orders(t.Context(), Query{SkipBad: tc.skip})
				if remote.KindOf(err) != tc.kind || (err == nil) != (tc.kind == 0) {
					t.Fatalf("%v: %v", remote.KindOf(err), err)
				}
				if tc.calls > 0 && len(d.got) != tc.calls {
					t.Errorf("%d calls, want %d", len(d.got), tc.calls)
				}
				if len(d.got) > 150 {
					t.Errorf("%d calls", len(d.got))
				}
				if err != nil {
					return
				}
				var want, ids []int
				for _, id := range s.ids {
					if !s.bad[id] {
						want = append(want, id)
					}
				}
				for _, o := range got.Orders {
					ids = append(ids, int(o.ID))
				}
				if !slices.Equal(ids, want) || got.Bad != tc.bad {
					t.Errorf("%d of %d orders, %d bad", len(ids), len(want), got.Bad)
				}
			})
		})
	}
}

// A row that leaves the part already read makes the next page start too late.
func TestPagesThatShift(t *testing.T) {
	for name, shift := range map[string]func(*store, int){
		"a row moves to the end": func(s *store, n int) {
			if n == 2 {
				s.ids = append(slices.Delete(s.ids, 3, 4), 4)
			}
		},
		"a row is deleted": func(s *store, n int) {
			if n == 2 {
				s.ids = slices.Delete(s.ids, 3, 4)
			}
		},
		"a row is deleted and another comes": func(s *store, n int) {
			if n == 2 {
				s.ids = append(slices.Delete(s.ids, 3, 4), 1101)
			}
		},
		"the rows not read yet move to the front": func(s *store, n int) { // changed in the second of November's two hours
			if n == 3 {
				s.ids = append(slices.Clone(s.ids[998:]), s.ids[:998]...)
			}
		},
		"the first rows move to the end": func(s *store, n int) {
			if n == 3 {
				s.ids = append(slices.Clone(s.ids[104:]), s.ids[:104]...)
			}
		},
		"a row moves over and over": func(s *store, n int) {
			s.ids = append(s.ids[1:], s.ids[0])
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := store{ids: upTo(1100), shift: shift}
			c, d := newDesk(t, s.answer)
			got, err := c.Orders(t.Context(), Query{})
			missing := 1100
			for _, o := range got.Orders {
				if o.ID <= 1100 {
					missing--
				}
			}
			if err != nil || missing > 0 || len(d.got) > 12 {
				t.Errorf("%d orders after %d calls, %d missing, %v", len(got.Orders), len(d.got), missing, err)
			}
		})
	}
}

// Where the page after a row that cannot be had begins with the next one, a shorter total or a row in two places tells that
// the list moved.
func TestPagesThatShiftPastABadRow(t *testing.T) {
	for name, shift := range map[string]func(*store){
		"a row is deleted":       func(s *store) { s.ids = slices.Delete(s.ids, 3, 4) },
		"a row moves to the end": func(s *store) { s.ids = append(slices.Delete(s.ids, 3, 4), 4) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := store{ids: upTo(600), bad: map[int]bool{301: true}}
				shifted := false
				c, d := newDesk(t, func(n int, r *http.Request) (int, string) {
					if r.URL.Query().Get("page") == "302" && !shifted {
						shift(&s)
						shifted = true
					}
					return s.answer(n, r)
				})
				got, err := c.Orders(t.Context(), Query{SkipBad: true})
				if err != nil || !shifted || len(got.Orders) != 599 || got.Bad != 1 {
					t.Errorf("%d orders after %d calls, %d bad, %v", len(got.Orders), len(d.got), got.Bad, err)
				}
			})
		})
	}
}

// A row that cannot be understood counts once, also where the next page begins with it.
func TestPagesCountARowOnce(t *testing.T) {
	s := store{ids: upTo(501)}
	c, d := newDesk(t, func(n int, r *http.Request) (int, string) {
		status, body := s.answer(n, r)
		return status, strings.NewReplacer(`"orders"`, `"fulfillments"`, `"orderId":500}`, `"fulfillmentId":"f500"}`, `"orderId"`, `"fulfillmentId"`).Replace(body)
	})
	got, err := c.Fulfillments(t.Context(), FulfillmentQuery{})
	if err != nil || len(got.Fulfillments) != 500 || got.Bad != 1 || len(d.got) != 2 {
		t.Errorf("%d rows and %d bad after %d calls, %v", len(got.Fulfillments), got.Bad, len(d.got), err)
	}
}

// A total that counts a row too many says nothing of how many rows the server allows: the list is not read again in pages
// as short as its last one.
func TestPagesThatShiftUnderATotalTooHigh(t *testing.T) {
	s := store{ids: upTo(1010), total: 1011, shift: func(s *store, n int) {
		if n == 2 {
			s.ids = append(slices.Delete(s.ids, 3, 4), 4)
		}
	}}
	c, d := newDesk(t, s.answer)
	got, err := c.Orders(t.Context(), Query{})
	if err != nil || len(got.Orders) != 1010 || len(d.got) > 10 {
		t.Errorf("%d orders after %d calls, %v", len(got.Orders), len(d.got), err)
	}
}

func TestPagesOddAnswers(t *testing.T) {
	rows := func(first, n int) string {
		var rows []string
		for i := range n {
			rows = append(rows, fmt.Sprintf(`{"orderId":"%d"}`, first+i))
		}
		return `{"orders":[` + strings.Join(rows, ",") + `],"total":"500000"}`
	}
	for _, tc := range []struct {
		name   string
		answer func(int, *http.Request) (int, string)
		orders int
		bad    int
		kind   remote.Kind
		text   string
	}{
		{"a page that repeats", say(200, rows(1, 500)), 0, 0, remote.Unavailable, "the same page came twice"},
		{"more rows than were asked for", func(n int, _ *http.Request) (int, string) { return 200, rows(n*500, 500) }, 0, 0, remote.Unavailable, "a page has 500 rows where 499 were asked for"},
		{"no end", func(n int, r *http.Request) (int, string) {
			size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
			return 200, rows(n*2, min(size, 2))
		}, 0, 0, remote.Unavailable, "does not end"},
		{"no orders in it", say(200, `{"Message":"hello"}`), 0, 0, remote.Unavailable, "no orders in it"},
		{"null", say(200, `null`), 0, 0, remote.Unavailable, "no orders in it"},
		{"orders null", say(200, `{"orders":null,"total":0}`), 0, 0, 0, ""},
		{"rows without an id", say(200, `{"orders":[7,null,{},{"orderId":0},{"orderId":null},{"orderId":5}],"total":6}`), 1, 5, 0, ""},
		{"the same row twice", func(_ int, r *http.Request) (int, string) {
			if r.URL.Query().Get("page") == "1" {
				return 200, `{"orders":[{"orderId":5},{"orderId":5}],"total":2}`
			}
			return 200, `{"orders":[],"total":2}`
		}, 1, 0, 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := newDesk(t, tc.answer)
				got, err := c.Orders(t.Context(), Query{})
				if remote.KindOf(err) != tc.kind || (err == nil) != (tc.kind == 0) || err != nil && !strings.Contains(err.Error(), tc.text) {
					t.Fatalf("%v: %v", remote.KindOf(err), err)
				}
				if len(got.Orders) != tc.orders || got.Bad != tc.bad {
					t.Errorf("%d orders, %d bad", len(got.Orders), got.Bad)
				}
			})
		})
	}
}

// What was read last of a row is kept, also where the list never stands still.
func TestPagesKeepTheNewest(t *testing.T) {
	shown := map[int64]string{} // the call that showed it last
	s := store{ids: upTo(1100)}
	c, _ := newDesk(t, func(n int, r *http.Request) (int, string) {
		s.ids = append(s.ids[1:], s.ids[0])
		status, body := s.answer(n, r)
		for _, id := range s.shown {
			shown[int64(id)] = strconv.Itoa(n)
		}
		return status, strings.ReplaceAll(body, `{"orderId"`, fmt.Sprintf(`{"orderNumber":"%d","orderId"`, n))
	})
	got, err := c.Orders(t.Context(), Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range got.Orders {
		if o.Number != shown[o.ID] {
			t.Fatalf("order %d as call %s showed it, want call %s", o.ID, o.Number, shown[o.ID])
		}
	}
}

// Whatever comes, goes and moves while a list is read, however many rows a page may have: each row that is there all the
// time is found, with few calls. So it is where some rows cannot be had, in a list that stands still: while those are looked
// for, not every page can begin with a row of the one before.
func TestPagesOfAnyList(t *testing.T) {
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("SEED"), fmt.Sprint(rand.Uint64())), 10, 64)
	if err != nil {
		t.Fatal("SEED:", err)
	}
	t.Logf("seed %d (again with SEED=%[1]d)", seed)
	for n := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, n))
			most := []int{500, 500, 400, 100, 50, 20}[r.IntN(6)]
			rows := r.IntN(5 * most)
			s := store{ids: upTo(rows), most: most, bad: map[int]bool{}}
			moves := r.IntN(4)
			if moves == 0 && most >= 50 {
				for range r.IntN(4) {
					s.bad[1+r.IntN(rows+1)] = true
				}
			}
			gone, next := map[int]bool{}, rows
			s.shift = func(s *store, call int) {
				if call == 1 || moves == 0 || r.IntN(2) == 0 {
					return
				}
				moves--
				for at := r.IntN(rows + 1); at < len(s.ids); {
					id := s.ids[at]
					s.ids = slices.Delete(s.ids, at, at+1)
					switch r.IntN(3) {
					case 0:
						gone[id] = true
					case 1:
						s.ids = append(s.ids, id)
					default:
						next++
						gone[id] = true
						s.ids = append(s.ids, next)
					}
					if r.IntN(2) == 0 {
						break
					}
				}
			}
			c, d := newDesk(t, s.answer)
			got, err := c.Orders(t.Context(), Query{SkipBad: true})
			if err != nil {
				t.Fatal(err)
			}
			found := map[int]bool{}
			for _, o := range got.Orders {
				found[int(o.ID)] = true
			}
			var missing []int
			for _, id := range upTo(rows) {
				if !found[id] && !gone[id] && !s.bad[id] {
					missing = append(missing, id)
				}
			}
			if few := 3 * (2 + rows/(most-most/5) + 60*len(s.bad)); len(missing) > 0 || len(d.got) > few {
				t.Errorf("list %d, of %d rows, %d in a page, bad %v: %d calls (at most %d), missing %v", n, rows, most, s.bad, len(d.got), few, missing)
			}
		})
	}
}
