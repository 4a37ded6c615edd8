package shipstation

import (
	"fmt"
	"net/http"
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
	for _, id := range s.ids[min((page-1)*size, len(s.ids)):min(page*size, len(s.ids))] {
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
		{name: "full pages end with an empty one", store: store{ids: upTo(1000)}, calls: 3},
		{name: "pages tells too few", store: store{ids: upTo(1200), pages: 1}, calls: 3},
		{name: "pages tells too many", store: store{ids: upTo(10), pages: 9}, calls: 1},
		{name: "no total", store: store{ids: upTo(501), total: -1}, calls: 2},
		{name: "a total too high", store: store{ids: upTo(3), total: 900}, calls: 2},
		{name: "the server allows less than asked", store: store{ids: upTo(250), most: 100}, calls: 3},
		{name: "one bad row, not skipped", store: store{ids: upTo(20), bad: all(7)}, calls: 4, kind: remote.Unavailable},
		{name: "one bad row", store: store{ids: upTo(20), bad: all(7)}, skip: true, bad: 1},
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
		{"no end", func(n int, _ *http.Request) (int, string) { return 200, rows(n*2, 2) }, 0, 0, remote.Unavailable, "does not end"},
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
