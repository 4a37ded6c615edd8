package stage

import (
	"context"
	"maps"
	"time"

	"dscosync/internal/order"
)

// logged is a request whose outcome stands in the change log.
type logged struct {
	request string
	step    order.Step
	orders  int
}

// follow remembers to ask the change log about a request.
func (p *pass) follow(request string, step order.Step) {
	if n := len(p.logs); n > 0 && p.logs[n-1].request == request {
		p.logs[n-1].orders++
		return
	}
	p.logs = append(p.logs, logged{request, step, 1})
}

// polls are the waits before the change log is asked again, about ten seconds in all. What is still open then is asked
// for by the next run.
var polls = []time.Duration{0, 250 * time.Millisecond, 750 * time.Millisecond, 2 * time.Second, 7 * time.Second}

// confirm asks the change log how this run's writes that DSCO queued ended, the oldest first: while that one is still being
// processed, the others are too. Whatever hinders it is no fault of the orders: the next run asks again.
func (p *pass) confirm(ctx context.Context) map[order.ID]order.Sighting {
	found := map[order.ID]order.Sighting{}
	for i := 0; i < len(polls) && len(p.logs) > 0; i++ {
		p.progress(p.stage.Name, "asking DSCO what became of it", 0, 0)
		if pause(ctx, polls[i]) != nil {
			return found
		}
		for len(p.logs) > 0 {
			answers, ended, err := p.log(ctx, p.logs[0].request, p.logs[0].step)
			if err != nil {
				p.Log.Info("what DSCO queued is not confirmed yet, the next run asks again: " + err.Error())
				return found
			}
			maps.Copy(found, answers)
			if !ended {
				break
			}
			p.logs = p.logs[1:]
		}
	}
	return found
}

// pause waits for d unless the run ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
