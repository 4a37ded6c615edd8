package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"dscosync/internal/dsco"
	"dscosync/internal/remote"
)

// What is asked of the lists: enough to see that they may be read.
const (
	window = 10 * time.Minute
	nobody = "00000000-0000-0000-0000-000000000000" // a request that was never made
)

const (
	clockWarn  = 30 * time.Second
	clockError = 5 * time.Minute
)

// dsco looks at DSCO: the way there, the login, what the account may read, the clock.
func (e *exam) dsco(ctx context.Context) {
	c := e.config.DSCO
	w := e.door()
	side := side{name: "dsco", key: "dsco.base_url", base: c.BaseURL, keys: "dsco.client_id and dsco.client_secret", renew: "dsco.client_secret",
		given: c.ClientID != "" && !c.ClientSecret.IsZero()}
	var client *dsco.Client
	if side.given {
		client = e.DSCO(e.config, w)
		client.API.Now = e.Now
	}
	if !e.enter(ctx, side, func(ctx context.Context) []Finding {
		if err := client.Hello(ctx); err != nil {
			return []Finding{side.refused("dsco.login", err)}
		}
		return []Finding{good("dsco.login", "DSCO takes the credentials")}
	}) {
		e.skip("dsco.login", "dsco.rights")
	} else {
		e.check(ctx, "dsco.rights", Later, func(ctx context.Context) []Finding { return e.dscoRights(ctx, side, client) })
	}
	e.clock("dsco", "DSCO", w)
}

// side is one remote.
type side struct {
	name, key, base string
	keys            string // of the credentials
	renew           string // those of them that are secrets
	given           bool   // there are credentials
}

// enter looks at the way to a remote and at the login.
func (e *exam) enter(ctx context.Context, s side, login func(context.Context) []Finding) bool {
	if !e.known() || e.wrong(s.key) {
		e.skip("settings", s.name+".network", s.name+".login")
		return false
	}
	there := e.check(ctx, s.name+".network", Later, func(ctx context.Context) []Finding {
		return e.network(ctx, s.name+".network", s.key, s.base)
	})
	switch {
	case !there:
		e.skip(s.name+".network", s.name+".login")
		return false
	case !s.given:
		e.skip("settings", s.name+".login")
		return false
	}
	return e.check(ctx, s.name+".login", Later, login)
}

// refused says what a remote's answer to the first call means.
func (s side) refused(check string, err error) Finding {
	f := Finding{Check: check, Status: Error, Class: Later, Message: err.Error(), Why: unreached,
		Hint: "nothing is lost: run it again later; when it stays so, check " + s.key}
	var call *remote.Error
	switch {
	case !errors.As(err, &call):
		f.Class, f.Hint = Machine, "run it again with -vv, and report it with what this prints: dscosync version"
	case call.Kind == remote.Unauthorized && call.Status == http.StatusForbidden:
		f.Class, f.Why = Credentials, "no order is read or told without this right"
		f.Hint = "the account may lack a right, or its plan has no access to this API; check " + s.keys
	case call.Kind == remote.Unauthorized:
		f.Class, f.Why = Credentials, "no order is read or told until they are taken"
		f.Hint = fmt.Sprintf("check %s in the account; set them anew: dscosync secret set %s --check", s.keys, s.renew)
	case call.Status == http.StatusNotFound:
		f.Hint = "check " + s.key + ": the service has nothing there; if it is right, run it again later"
	case call.Status == http.StatusTooManyRequests || call.After > 0 && call.Status == 0:
		f.Hint = "another run or another program has used the limit up: run it again in a minute"
	}
	return f
}

// dscoRights tries what runs read. Writes are not tried: nothing is to be changed.
func (e exam) dscoRights(ctx context.Context, s side, client *dsco.Client) []Finding {
	now := client.API.ServerTime()
	var found []Finding
	if _, err := client.Orders(ctx, dsco.Query{CreatedSince: now.Add(-window), Until: now.Add(-30 * time.Second)}); err != nil {
		found = append(found, s.refused("dsco.rights", err))
	}
	if _, err := client.Order(ctx, "0"); forbidden(err) {
		found = append(found, Finding{Check: "dsco.rights", Status: Error, Class: Credentials, Message: err.Error(),
			Why: "an order in doubt cannot be looked at, nor one that is to be cancelled", Hint: "ask for the right to read orders for " + s.keys})
	}
	if _, _, err := client.Log(ctx, nobody); forbidden(err) {
		found = append(found, Finding{Check: "dsco.rights", Status: Warn, Message: err.Error(),
			Why: "DSCO's refusals of single orders stand there alone; what it has done shows in its lists, a run later", Hint: "ask for the right to read the change log for " + s.keys})
	}
	if len(found) == 0 {
		found = append(found, good("dsco.rights", "orders and the change log may be read; writing was not tried"))
	}
	return found
}

// forbidden tells of a right that is missing. Any other answer to a question about what is not there means that it may
// be asked.
func forbidden(err error) bool {
	var call *remote.Error
	return errors.As(err, &call) && call.Kind == remote.Unauthorized
}

// clock compares this machine's clock with a remote's, by the dates of its answers.
func (e *exam) clock(name, title string, w *wire) {
	check := name + ".clock"
	skew, known := w.skew()
	switch {
	case known:
	case e.skipped(name + ".login"):
		e.skip(name+".login", check)
		return
	default:
		e.add(Finding{Check: check, Status: Skipped, Message: title + " has not answered"})
		return
	}
	if skew.Abs() <= clockWarn {
		e.add(good(check, "it goes as %s's does", title))
		return
	}
	way := "ahead of"
	if skew < 0 {
		way = "behind"
	}
	f := Finding{Check: check, Status: Warn, Message: fmt.Sprintf("this machine's clock is %s %s %s's", span(skew), way, title),
		Why: "what was written last and what a list shows are told apart by time; alarms and ship dates go by it", Hint: "set it, and have it kept right: timedatectl set-ntp true"}
	if skew.Abs() > clockError {
		f.Status, f.Class = Error, Machine
	}
	e.add(f)
}
