package doctor

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"dscosync/internal/remote"
)

// wire carries a client's requests, and notes what the answers' headers say. It lies below the login, so that it hears
// of refused ones too.
type wire struct {
	next http.RoundTripper
	now  func() time.Time

	mu    sync.Mutex
	ahead time.Duration // of this clock, by the last answer that told its date
	dated bool
	sent  int
	rate  rate
}

// rate is what ShipStation says of its limit.
type rate struct {
	limit, left int // requests in a minute
	told        bool
}

func (e exam) door() *wire {
	next := e.wire
	if next == nil {
		next = remote.NewTransport()
	}
	return &wire{next: next, now: e.Now}
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := w.next.RoundTrip(req)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent++
	if err != nil {
		return res, err
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		w.ahead, w.dated = w.now().Sub(date), true
	}
	number := func(name string) (int, bool) {
		n, err := strconv.Atoi(strings.TrimSpace(res.Header.Get(name)))
		return n, err == nil && n >= 0
	}
	limit, whole := number("X-Rate-Limit-Limit")
	left, part := number("X-Rate-Limit-Remaining")
	if whole && part && limit > 0 {
		w.rate = rate{limit, left, true}
	}
	return res, nil
}

// skew is how far this machine's clock is ahead; not known before an answer told its date.
func (w *wire) skew() (ahead time.Duration, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ahead, w.dated
}

// budget is the limit as last told, and how many requests went here.
func (w *wire) budget() (r rate, sent int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rate, w.sent
}
