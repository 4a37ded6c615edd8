package remote

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Rate allows at most N requests in any span of Per.
type Rate struct {
	N   int
	Per time.Duration
}

// Pace holds calls back so that a remote's limits are not broken, and no longer than that takes.
//
// Rates are sliding windows, one set for each endpoint. A request is in its window until Per after
// its answer came, and the server saw it before that: however long requests travel, the server never
// counts more than N in Per.
//
// With a Reserve, what the answers say counts instead, from the first answer that says it:
// X-Rate-Limit-Remaining requests are left until X-Rate-Limit-Reset seconds are over (a fixed window,
// shared with other programs that use the key). The last Reserve of them are left to those. Requests
// then go one at a time, so that an answer always tells of the window as it is now; when a new window
// has begun, the first request asks.
type Pace struct {
	Rates   map[string][]Rate // by path; "" is for all the paths not named, together
	Reserve int               // 0 = headers are not heeded

	mu     sync.Mutex
	past   map[string][]time.Time // by path: when each answer came, oldest first
	flying map[string]int         // by path: requests without an answer yet
	told   bool                   // a limit header has been seen
	left   int                    // requests left in the window that ends at until
	until  time.Time
	landed chan struct{} // closed and replaced when an answer came
}

// wait returns when a request to path may be sent; done must be called with its answer's header (nil
// = none came). wait is above 0, and nothing may be sent, when ctx's deadline comes before the turn.
func (p *Pace) wait(ctx context.Context, path string) (done func(http.Header), wait time.Duration, err error) {
	if p == nil {
		return func(http.Header) {}, 0, nil
	}
	if _, named := p.Rates[path]; !named {
		path = ""
	}
	for {
		p.mu.Lock()
		wait, blocked, landed := p.turn(path, time.Now())
		if wait == 0 && !blocked {
			p.flying[path]++
			p.mu.Unlock()
			return func(h http.Header) { p.land(path, h) }, 0, nil
		}
		p.mu.Unlock()
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return nil, wait, nil
		}
		if err := pause(ctx, wait, landed); err != nil {
			return nil, 0, err
		}
	}
}

// turn says how long a request to path has to wait; blocked: until another one has landed.
func (p *Pace) turn(path string, now time.Time) (wait time.Duration, blocked bool, landed chan struct{}) {
	if p.landed == nil {
		p.landed, p.past, p.flying = make(chan struct{}), map[string][]time.Time{}, map[string]int{}
	}
	if p.Reserve > 0 && p.aloft() > 0 {
		return 0, true, p.landed
	}
	if p.told {
		if p.left <= p.Reserve {
			wait = max(0, p.until.Sub(now))
		}
		return wait, false, p.landed
	}
	for _, r := range p.Rates[path] {
		past := p.past[path]
		allowed := r.N - p.flying[path]
		if allowed <= 0 {
			return 0, true, p.landed
		}
		if len(past) >= allowed {
			wait = max(wait, r.Per-now.Sub(past[len(past)-allowed]))
		}
	}
	return wait, false, p.landed
}

// land takes note of an answer.
func (p *Pace) land(path string, h http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.flying[path]--
	p.past[path] = trim(append(p.past[path], now), now, p.Rates[path])
	p.heed(h, now)
	close(p.landed)
	p.landed = make(chan struct{})
}

// heed takes over what an answer says of the window. An answer that says nothing (a proxy's error
// page) has used one request all the same; in a window that no answer told of, Rates count again.
func (p *Pace) heed(h http.Header, now time.Time) {
	if p.Reserve == 0 {
		return
	}
	left, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Rate-Limit-Remaining")))
	rest, ok := reset(h, now)
	if err != nil || !ok {
		p.left--
		p.told = p.told && now.Before(p.until)
		return
	}
	// The reset is in whole seconds, so the window may last up to one more.
	p.told, p.left, p.until = true, left, now.Add(rest+time.Second)
}

// aloft is the number of requests without an answer, to any path.
func (p *Pace) aloft() int {
	n := 0
	for _, f := range p.flying {
		n += f
	}
	return n
}

// trim drops the times that no window reaches back to.
func trim(past []time.Time, now time.Time, rates []Rate) []time.Time {
	var longest time.Duration
	for _, r := range rates {
		longest = max(longest, r.Per)
	}
	for len(past) > 0 && now.Sub(past[0]) >= longest {
		past = past[1:]
	}
	return past
}

// pause waits for d, or for the next answer when d is 0.
func pause(ctx context.Context, d time.Duration, landed chan struct{}) error {
	if d > 0 {
		return sleep(ctx, d)
	}
	select {
	case <-landed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
