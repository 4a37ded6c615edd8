package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// densest is the most times in any span of per, its end left out.
func densest(at []time.Time, per time.Duration) int {
	most := 0
	for i := range at {
		n := 0
		for _, t := range at[i:] {
			if t.Sub(at[i]) < per {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// seeded is where a test's chances come from: SEED, or another one each time.
func seeded(t testing.TB) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("SEED"), fmt.Sprint(rand.Uint64())), 10, 64)
	if err != nil {
		t.Fatal("SEED:", err)
	}
	t.Logf("seed %d (again with SEED=%[1]d)", seed)
	return seed
}

func TestPaceKeepsSlidingWindows(t *testing.T) {
	random := rand.New(rand.NewPCG(seeded(t), 0))
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Rates: map[string][]Rate{
			"":   {{N: 10, Per: time.Second}, {N: 50, Per: time.Minute}},
			"/b": {{N: 3, Per: time.Second}},
		}}
		arrived := map[string][]time.Time{} // at the server: some time between sending and answer
		start := time.Now()
		for i := range 201 {
			path := []string{"/a", "/b", "/c"}[i%3]
			done, wait, err := p.wait(t.Context(), path)
			if err != nil || wait != 0 {
				t.Fatal(wait, err)
			}
			time.Sleep(time.Duration(random.Int64N(int64(20 * time.Millisecond))))
			if path != "/b" {
				path = ""
			}
			arrived[path] = append(arrived[path], time.Now())
			time.Sleep(time.Duration(random.Int64N(int64(20 * time.Millisecond))))
			done(nil)
		}
		unnamed := arrived[""]
		for _, tc := range []struct {
			at  []time.Time
			per time.Duration
			n   int
		}{{unnamed, time.Second, 10}, {unnamed, time.Minute, 50}, {arrived["/b"], time.Second, 3}} {
			if got := densest(tc.at, tc.per); got > tc.n {
				t.Errorf("%d in %v, allowed %d", got, tc.per, tc.n)
			}
		}
		if took := time.Since(start); took > 3*time.Minute { // 134 unnamed calls at 50 a minute
			t.Errorf("took %v", took)
		}
	})
}

func TestPaceWithManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Rates: map[string][]Rate{"": {{N: 5, Per: time.Second}}}}
		var mu sync.Mutex
		var sent []time.Time
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				done, _, err := p.wait(t.Context(), "/a")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				sent = append(sent, time.Now())
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				done(nil)
			})
		}
		wg.Wait()
		if got := densest(sent, time.Second); got > 5 || len(sent) != 40 {
			t.Errorf("%d in a second, %d sent", got, len(sent))
		}
	})
}

// fixed is a server with a fixed window of a minute that other programs use as well.
type fixed struct {
	limit  int
	window int64
	used   int
	worst  int
	start  time.Time
}

func (f *fixed) serve(others int) http.Header {
	since := time.Since(f.start)
	if w := int64(since / time.Minute); w != f.window {
		f.window, f.used = w, 0
	}
	f.used += 1 + others
	f.worst = max(f.worst, f.used)
	left := time.Minute - since%time.Minute
	return http.Header{
		"X-Rate-Limit-Limit":     {strconv.Itoa(f.limit)},
		"X-Rate-Limit-Remaining": {strconv.Itoa(max(0, f.limit-f.used))},
		"X-Rate-Limit-Reset":     {strconv.Itoa(int(left / time.Second))},
	}
}

func TestPaceGoesByTheHeaders(t *testing.T) {
	for _, tc := range []struct {
		name    string
		limit   int
		others  int // requests of others between two of ours
		minutes time.Duration
	}{
		{"alone", 40, 0, 6},           // 200 calls at 38 a minute
		{"a raised limit", 200, 0, 2}, // all in one window, or two
		{"shared", 40, 1, 12},
		{"a tiny limit", 3, 0, 202},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &Pace{Reserve: 2, Rates: map[string][]Rate{"": {{N: 40, Per: time.Minute}}}}
				f := &fixed{limit: tc.limit, start: time.Now().Add(-17300 * time.Millisecond)}
				start := time.Now()
				for range 200 {
					done, _, err := p.wait(t.Context(), "/orders/1")
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(50 * time.Millisecond)
					done(f.serve(tc.others))
				}
				if f.worst > tc.limit {
					t.Errorf("%d in a window, allowed %d", f.worst, tc.limit)
				}
				if took := time.Since(start); took > tc.minutes*time.Minute {
					t.Errorf("took %v, longer than needed", took)
				}
			})
		})
	}
}

func TestPaceByHeadersSendsOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Reserve: 2, Rates: map[string][]Rate{"": {{N: 40, Per: time.Minute}}}}
		var wg sync.WaitGroup
		sent := make(chan time.Duration, 5)
		start := time.Now()
		for range 5 {
			wg.Go(func() {
				done, _, err := p.wait(t.Context(), "/a")
				if err != nil {
					t.Error(err)
					return
				}
				sent <- time.Since(start)
				time.Sleep(time.Second)
				done(http.Header{"X-Rate-Limit-Remaining": {"30"}, "X-Rate-Limit-Reset": {"20"}})
			})
		}
		wg.Wait()
		close(sent)
		next := time.Duration(0)
		for at := range sent {
			if at != next {
				t.Errorf("sent at %v instead of %v", at, next)
			}
			next += time.Second
		}
	})
}

func TestPaceSharesWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Reserve: 2}
		f := &fixed{limit: 10, start: time.Now()}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				done, _, err := p.wait(t.Context(), "/a")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				h := f.serve(0)
				mu.Unlock()
				time.Sleep(300 * time.Millisecond)
				done(h)
			})
		}
		wg.Wait()
		if f.worst > 8 { // the reserve is for others
			t.Errorf("%d in a window", f.worst)
		}
	})
}

func TestPaceFallsBackWithoutHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Reserve: 2, Rates: map[string][]Rate{"": {{N: 40, Per: time.Minute}}}}
		var at []time.Time
		for i := range 200 {
			done, _, err := p.wait(t.Context(), "/a")
			if err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Now())
			if i == 90 { // one answer tells, those after it do not
				done(http.Header{"X-Rate-Limit-Remaining": {"10"}, "X-Rate-Limit-Reset": {"20"}})
				continue
			}
			done(nil)
		}
		if got := densest(at, time.Minute); got > 40 {
			t.Errorf("%d in a minute", got)
		}
	})
}

func TestPaceRespectsTheContext(t *testing.T) {
	full := func(t *testing.T) *API {
		a := api(&wire{script: []step{{status: 200, body: "{}", header: map[string]string{"X-Rate-Limit-Remaining": "1", "X-Rate-Limit-Reset": "34"}}}})
		a.Pace = &Pace{Reserve: 2}
		if err := a.Call(t.Context(), "ask", "GET", "/a", nil, nil, &Object{}); err != nil {
			t.Fatal(err)
		}
		return a
	}
	synctest.Test(t, func(t *testing.T) {
		a := full(t)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := a.Call(ctx, "send it", "POST", "/a", nil, 1, &Object{})
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Kind != Unavailable || e.After != 35*time.Second || a.Calls() != 1 || time.Since(start) != 0 {
			t.Errorf("%v: %v", time.Since(start), err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a := full(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		if err := a.Call(ctx, "send it", "POST", "/a", nil, 1, &Object{}); KindOf(err) != Unavailable || !errors.Is(err, context.Canceled) || a.Calls() != 1 {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a := full(t)
		start := time.Now()
		if err := a.Call(t.Context(), "send it", "POST", "/a", nil, 1, &Object{}); err != nil || time.Since(start) != 35*time.Second {
			t.Errorf("%v: %v", time.Since(start), err)
		}
	})
}
