// Package sim is both remotes in memory: DSCO, where orders come from, and ShipStation, where the warehouse buys labels.
//
// It stands in for the real services in tests (through World.Transport, without sockets) and in cmd/dscosim (through the
// handlers). It answers as the services are documented and as integrators met them, the unpleasant parts included: lists
// that lag behind writes, pages that shift while they are read, an upsert that is not atomic and overwrites whole orders,
// a change log that makes one wait. Where the documents leave a question open, an option chooses, and its zero value is
// the reading that is harder for a client.
//
// A World also watches its client. A law that a careful client never breaks (an order created twice, a write over an
// order that exists, an acknowledge for what the warehouse does not have, more requests than allowed) is recorded when
// it is broken; the call is still answered as the service would answer it. Broken lists what was recorded. Nobody can
// know what he was not shown: a cancellation, a void or a label counts once the client has read it or done it itself.
//
// Documents are JSON objects (map[string]any), so members nobody here knows survive a round trip. Their numbers are
// json.Number; At, Text and Int read them.
package sim

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// The base addresses that World.Transport answers for.
const (
	DSCOBase        = "https://dsco.sim/api/v3"
	ShipStationBase = "https://shipstation.sim"
)

// The values of Call.API.
const (
	DSCO        = "dsco"
	ShipStation = "shipstation"
)

// Options describe the two accounts and how the services behave. The zero value is a working pair.
type Options struct {
	Now  func() time.Time // default time.Now; inside testing/synctest that is virtual time
	Seed uint64           // of the invented orders; the same seed makes the same orders

	ClientID     string // DSCO; default "client"
	ClientSecret string // DSCO; default "client-secret"
	APIKey       string // ShipStation; default "key"
	APISecret    string // ShipStation; default "key-secret"
	StoreID      int64  // the manual store that orders must go to; default 1001. It is not the account's first manual store

	Limit   int           // ShipStation requests in a fixed minute; default 40; below 0 none, and no headers about it
	Latency time.Duration // waited before each answer; ends with the request's context

	DSCOLag        time.Duration // DSCO's lists and its answer by id show a write only when it is this old
	ShipStationLag time.Duration // ShipStation's lists do so; by id a write shows at once
	DSCOLate       time.Duration // a rare write shows in DSCO only when it is this old
	RareOf         int           // one write of so many is rare; default 20
	KeyLag         time.Duration // an orderKey younger than this is not found by an upsert, so a second order is made

	TokenLife time.Duration // of a DSCO token; default 3600 s
	LogDelay  time.Duration // how long the change log says PROCESSING and what was queued takes to show on the order
	LogPage   int           // entries on one page of the change log; default 1000
	Cache404  time.Duration // how long DSCO repeats a 404 to the very same address; clients avoid that with _ts

	AckAgainFails      bool // acknowledging what is acknowledged is a failure in the log, else a success
	AckReceived        bool // an order that is still `received` can be acknowledged, else that is a failure in the log
	RequestMovesUpdate bool // a retailer's cancel request moves dscoLastUpdate
	Strict             bool // the account demands of a shipment what integrators had to add, not only what DSCO describes
	TwiceFails         bool // the same tracking number again for one order is refused, else it makes a second package
	TakesMore          bool // more units than are left are taken, as when a void was relabelled, else that is refused
	CancelQueued       bool // an item cancel is answered 202 and carried out after LogDelay, else it is done at once
	EmptyLastPage      bool // a scan of DSCO ends with an empty page, not with a page without scrollId
	ZeroPages          bool // ShipStation's `pages` is 0 whatever the list holds
	AnswerCreated      bool // createorder and createorders answer 201, else 200
	VoidMovesModify    bool // a void moves the order's modifyDate, else the order's status changes in silence

	AllowedCodes []string // the shippingServiceLevelCodes that retailers take; none stands for all
	CancelCodes  []string // the cancel codes that retailers take; none stands for all

	KeepCalls int // how many of the latest calls Calls remembers; default all
}

// Call is one request that came in, the ones for a token included.
type Call struct {
	N      int    // from 1, over both APIs
	API    string // DSCO or ShipStation
	Method string
	Path   string
	Query  url.Values
	Body   []byte
	At     time.Time
	Status int // of the answer; 0 as long as, or when, there is none
}

// World is the two services and the laws between them. It may be used by many goroutines.
type World struct {
	o  Options
	mu sync.Mutex // guards all below but asking; never held while waiting or while a fault function runs

	asking sync.Mutex // one fault function at a time
	fail   func(Call) *Fault

	dsco        *dsco
	shipStation *shipStation

	calls   []Call
	n       int
	counts  map[string]int
	broken  []string
	pending []event // in the order of their times
}

// event is something that happens by itself at its time, such as an acknowledge that is carried out later.
type event struct {
	at time.Time
	do func(at time.Time)
}

// New makes a world without orders.
func New(o Options) *World {
	if o.Now == nil {
		o.Now = time.Now
	}
	def(&o.ClientID, "client")
	def(&o.ClientSecret, "client-secret")
	def(&o.APIKey, "key")
	def(&o.APISecret, "key-secret")
	def(&o.StoreID, 1001)
	def(&o.Limit, 40)
	def(&o.TokenLife, 3600*time.Second)
	def(&o.LogPage, 1000)
	def(&o.RareOf, 20)
	w := &World{o: o, counts: map[string]int{}}
	w.dsco = newDSCO(w)
	w.shipStation = newShipStation(w)
	return w
}

// DSCO serves DSCO's API at /api/v3/.
func (w *World) DSCO() http.Handler { return door{w, DSCO} }

// ShipStation serves ShipStation's API at /.
func (w *World) ShipStation() http.Handler { return door{w, ShipStation} }

// Transport answers requests to the hosts of DSCOBase and ShipStationBase without a socket.
func (w *World) Transport() http.RoundTripper { return transport{w} }

// Calls lists the requests so far, the oldest first.
func (w *World) Calls() []Call {
	w.enter()
	defer w.mu.Unlock()
	return append([]Call(nil), w.calls...)
}

// Count tells how many requests an API has had; with "" both.
func (w *World) Count(api string) int {
	w.enter()
	defer w.mu.Unlock()
	if api == "" {
		return w.n
	}
	return w.counts[api]
}

// Broken lists the laws that were broken, in order, each as a sentence that names the order.
func (w *World) Broken() []string {
	w.enter()
	defer w.mu.Unlock()
	return append([]string(nil), w.broken...)
}

// enter takes the lock, lets happen what is due, and tells the time. The caller unlocks.
func (w *World) enter() time.Time {
	w.mu.Lock()
	now := w.o.Now()
	for len(w.pending) > 0 && !w.pending[0].at.After(now) {
		e := w.pending[0]
		w.pending = w.pending[1:]
		e.do(e.at)
	}
	return now
}

// later arranges for do to happen at its time. Events of one time happen in the order they were arranged.
func (w *World) later(at time.Time, do func(at time.Time)) {
	i := len(w.pending)
	for i > 0 && w.pending[i-1].at.After(at) {
		i--
	}
	w.pending = append(w.pending, event{})
	copy(w.pending[i+1:], w.pending[i:])
	w.pending[i] = event{at, do}
}

func (w *World) breaks(law string, args ...any) {
	w.broken = append(w.broken, fmt.Sprintf(law, args...))
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
