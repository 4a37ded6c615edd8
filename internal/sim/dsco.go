package sim

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// How DSCO writes times: on orders, and in receipts and the log.
const (
	orderTime   = "2006-01-02T15:04:05-07:00"
	receiptTime = "2006-01-02T15:04:05.000Z"
)

// dsco is DSCO's side of the world.
type dsco struct {
	w        *World
	rand     *rand.Rand
	rare     *rand.Rand // which writes show late
	orders   []*order   // in the order of their ids
	byID     map[string]*order
	tokens   map[string]time.Time // until when each is good
	issued   int
	requests []*request
	receipts int
	scans    map[string]*scan
	taken    map[string][]time.Time // the last minute's requests per endpoint
	absent   map[string]time.Time   // addresses that answered 404, until when that is repeated
}

// order is one DSCO order.
type order struct {
	id        string
	told      []telling       // what the client has told of it
	cancelled map[int64]int64 // the units of its lines that are cancelled, as far as the client knows without looking
	shownTo   int             // the process of the client that it was shown to last: the tokens issued until then
	history
}

// endpoint is what DSCO serves at one method and path.
type endpoint struct {
	perSecond, perMinute int
	serve                func(*dsco, *call, time.Time) reply
}

// endpoints has the limits of the published description; those it does not limit are limited like most.
var endpoints = map[string]endpoint{
	"GET /hello":                          {10, 500, (*dsco).hello},
	"GET /order":                          {10, 500, (*dsco).order},
	"GET /order/page":                     {10, 500, (*dsco).page},
	"GET /order/log":                      {10, 500, (*dsco).log},
	"POST /order/acknowledge":             {15, 1000, (*dsco).acknowledge},
	"GET /tradingpartner":                 {10, 500, (*dsco).partners},
	"POST /order/singleShipment":          {15, 300, (*dsco).singleShipment},
	"POST /order/shipment/batch/small":    {10, 500, (*dsco).shipmentBatch},
	"POST /order/item/cancel":             {10, 500, (*dsco).cancelItem},
	"POST /order/item/cancel/batch/small": {10, 500, (*dsco).cancelBatch},
}

func newDSCO(w *World) *dsco {
	return &dsco{
		w: w, rand: rand.New(rand.NewPCG(w.o.Seed, 1)), rare: rand.New(rand.NewPCG(w.o.Seed, 2)), byID: map[string]*order{}, tokens: map[string]time.Time{},
		scans: map[string]*scan{}, taken: map[string][]time.Time{}, absent: map[string]time.Time{},
	}
}

// route is the name of an endpoint.
func route(c *call) string {
	path := strings.TrimPrefix(c.Path, "/api/v3")
	if path == "/order/" {
		path = "/order"
	}
	return c.Method + " " + path
}

// take counts a request against its endpoint's limits, which slide; true when it is one too many.
func (d *dsco) take(c *call, now time.Time) bool {
	name := route(c)
	e, ok := endpoints[name]
	if !ok {
		return false
	}
	var minute []time.Time
	second := 0
	for _, t := range d.taken[name] {
		if now.Sub(t) < time.Minute {
			minute = append(minute, t)
		}
		if now.Sub(t) < time.Second {
			second++
		}
	}
	defer func() { d.taken[name] = minute }()
	if second >= e.perSecond {
		d.w.overLimit(c, e.perSecond, "a second")
		return true
	}
	if len(minute) >= e.perMinute {
		d.w.overLimit(c, e.perMinute, "a minute")
		return true
	}
	minute = append(minute, now)
	return false
}

func (d *dsco) serve(c *call, now time.Time) reply {
	if route(c) == "POST /oauth2/token" && strings.HasPrefix(c.Path, "/api/v3/") {
		return d.token(c, now)
	}
	e, ok := endpoints[route(c)]
	if !ok || !strings.HasPrefix(c.Path, "/api/v3/") {
		if c.header.Get("Authorization") == "" {
			return answer(http.StatusForbidden, object{"message": "Missing Authentication Token"})
		}
		return gateway(http.StatusForbidden)
	}
	kind, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	if end, ok := d.tokens[token]; !ok || !strings.EqualFold(kind, "Bearer") || !now.Before(end) {
		return gateway(http.StatusUnauthorized)
	}
	if c.over {
		return gateway(http.StatusTooManyRequests)
	}
	return e.serve(d, c, now)
}

// token trades the credentials in the form for a token. They are taken from nowhere else.
func (d *dsco) token(c *call, now time.Time) reply {
	if c.header.Get("Authorization") != "" {
		return answer(http.StatusUnauthorized, object{"error": "invalid_client", "error_description": "The client credentials are not valid"})
	}
	kind, _, _ := strings.Cut(c.header.Get("Content-Type"), ";")
	form, err := url.ParseQuery(string(c.Body))
	if err != nil || !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return answer(http.StatusBadRequest, object{"error": "invalid_request", "error_description": "the body has to be a form"})
	}
	for _, name := range []string{"grant_type", "client_id", "client_secret"} {
		if form.Get(name) == "" {
			return answer(http.StatusBadRequest, object{"error": "invalid_request", "error_description": name + " is missing"})
		}
	}
	if form.Get("grant_type") != "client_credentials" {
		return answer(http.StatusBadRequest, object{"error": "invalid_request", "error_description": "grant_type is not supported"})
	}
	if form.Get("client_id") != d.w.o.ClientID || form.Get("client_secret") != d.w.o.ClientSecret {
		return answer(http.StatusUnauthorized, object{"error": "invalid_client", "error_description": "The client credentials are not valid"})
	}
	for t, end := range d.tokens {
		if !now.Before(end) {
			delete(d.tokens, t)
		}
	}
	d.issued++
	token := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "token %d of the simulator", d.issued))
	d.tokens[token] = now.Add(d.w.o.TokenLife)
	return answer(http.StatusOK, object{"access_token": token, "token_type": "Bearer", "expires_in": int(d.w.o.TokenLife / time.Second)})
}

// ExpireTokens ends the DSCO tokens given out so far, whatever life they were promised.
func (w *World) ExpireTokens() {
	w.enter()
	defer w.mu.Unlock()
	clear(w.dsco.tokens)
}

func (d *dsco) hello(*call, time.Time) reply {
	return answer(http.StatusOK, object{"hello": "World!"})
}

// partners lists the retailers, less those it has parted with.
func (d *dsco) partners(c *call, _ time.Time) reply {
	q := c.Query
	given := 0
	for _, name := range []string{"status", "accountId", "tradingPartnerId"} {
		if q.Has(name) {
			given++
		}
	}
	if given > 1 {
		return d.invalid("at most one of status, accountId and tradingPartnerId can be given")
	}
	list := []any{}
	for _, r := range retailers {
		p := r.partner()
		switch {
		case q.Has("status") && !slices.Contains(q["status"], r.status),
			!q.Has("status") && r.status == "terminated",
			q.Has("accountId") && q.Get("accountId") != r.id,
			q.Has("tradingPartnerId") && q.Get("tradingPartnerId") != Text(p, "tradingPartnerId"):
			continue
		}
		list = append(list, p)
	}
	return answer(http.StatusOK, list)
}

// gateway is an answer of what stands before DSCO.
func gateway(status int) reply {
	switch status {
	case http.StatusUnauthorized:
		return answer(status, object{"message": "Unauthorized"})
	case http.StatusForbidden:
		return answer(status, object{"message": "Invalid key=value pair (missing equal-sign) in Authorization header"})
	case http.StatusTooManyRequests:
		return answer(status, object{"message": "Too Many Requests"})
	case http.StatusInternalServerError:
		return answer(status, object{"message": "Internal server error"})
	}
	return answer(status, object{"message": http.StatusText(status)})
}

// invalid refuses a request for good.
func (d *dsco) invalid(why string, args ...any) reply {
	return d.failure(http.StatusBadRequest, "VALIDATION_FAILED", fmt.Sprintf(why, args...))
}

func (d *dsco) failure(status int, code, why string) reply {
	return d.refuse(status, []problem{{code, why}})
}

func (d *dsco) refuse(status int, problems []problem) reply {
	return answer(status, object{
		"status": "failure", "requestId": d.receipt(), "eventDate": d.w.o.Now().UTC().Format(receiptTime), "messages": messages(problems),
	})
}

// receipt makes a request id.
func (d *dsco) receipt() string {
	d.receipts++
	return fmt.Sprintf("1e0f2a34-0000-4000-8000-%012d", d.receipts)
}

// put makes doc the order's newest version.
func (d *dsco) put(o *order, at time.Time, doc object) {
	late := time.Duration(0)
	if d.w.o.DSCOLate > 0 && d.rare.IntN(d.w.o.RareOf) == 0 {
		late = d.w.o.DSCOLate
	}
	o.history.put(at, doc, d.w.o.DSCOLag, late)
}

// resolve finds the orders that a reference names; there may be several of one PO number.
func (d *dsco) resolve(kind, id string) []*order {
	member := map[string]string{"PO_NUMBER": "poNumber", "SUPPLIER_ORDER_NUMBER": "supplierOrderNumber"}[kind]
	if member == "" {
		if o := d.byID[id]; o != nil {
			return []*order{o}
		}
		return nil
	}
	var found []*order
	for _, o := range d.orders {
		if Text(o.latest(), member) == id {
			found = append(found, o)
		}
	}
	return found
}
