package remote

import (
	"context"
	"time"
)

// Ready waits until a request to path may be sent at once, so that a caller can write down what it is about to do and
// nothing waits between that and the request. Its error is Unavailable, with After set when the turn comes too late for
// ctx's deadline.
func (a *API) Ready(ctx context.Context, op, path string) error {
	c := call{api: a, op: op, path: path}
	for {
		wait, blocked, landed := a.turn(path)
		if err := ctx.Err(); err != nil {
			return c.fail(Unavailable, ended(err), err)
		}
		if wait == 0 && !blocked {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			e := c.fail(Unavailable, "the rate limit leaves no call before this run's time is over", nil)
			e.After = wait
			return e
		}
		if err := pause(ctx, wait, landed); err != nil {
			return c.fail(Unavailable, ended(err), err)
		}
	}
}

// Delay is how long Ready would wait at least.
func (a *API) Delay(path string) time.Duration {
	wait, _, _ := a.turn(path)
	return wait
}

func (a *API) turn(path string) (wait time.Duration, blocked bool, landed chan struct{}) {
	p := a.Pace
	if p == nil {
		return 0, false, nil
	}
	if _, named := p.Rates[path]; !named {
		path = ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turn(path, time.Now())
}
