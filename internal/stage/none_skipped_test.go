package stage

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"dscosync/internal/sim"
)

// TestNoneIsSkipped has runs every quarter of an hour over the nights in which ShipStation's clock is set back or forth,
// while the lists they read move: as each page is asked for people place, edit and acknowledge orders in DSCO, and edit, hold
// and delete orders, buy labels and void them in ShipStation. What they do shows late, now and then minutes late; some orders
// come with the date of days ago; the machine's clock is right, or an hour ahead or behind; answers to creates get lost. In
// the end no order and no parcel was skipped, and none was taken twice. With ORDERS=10000 it is four nights; without, one.
func TestNoneIsSkipped(t *testing.T) {
	if every > 1 {
		t.Skip("takes minutes under the race detector: make test runs it without")
	}
	seed := seeded(t)
	orders := times(t, "ORDERS", 400)
	skews := []time.Duration{0, time.Hour, -time.Hour}
	for i, change := range []time.Time{
		time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC), time.Date(2027, 3, 14, 10, 0, 0, 0, time.UTC),
		time.Date(2027, 11, 7, 9, 0, 0, 0, time.UTC), time.Date(2028, 3, 12, 10, 0, 0, 0, time.UTC),
	} {
		n := min(orders, 2500)
		if orders -= n; n == 0 {
			break
		}
		skew := skews[(uint64(i)+seed)%uint64(len(skews))]
		t.Run(fmt.Sprintf("%s, clock %+.0f h", change.Format(time.DateOnly), skew.Hours()), func(t *testing.T) {
			lags := sim.Options{Seed: seed + uint64(i), ShipStationLag: 10 * time.Second, DSCOLag: 10 * time.Second, DSCOLate: 12 * time.Minute, RareOf: 5, LogDelay: 2 * time.Second,
				KeyLag: time.Minute, KeepCalls: 100, ZeroPages: i%2 == 0, VoidMovesModify: i%2 == 0, EmptyLastPage: i%2 == 1}
			in(t, lags, func(t *testing.T, h *house) {
				s := &shifting{life: &life{house: h, ahead: skew, r: rand.New(rand.NewPCG(seed, uint64(i))), people: sim.NewPeople(h.world, seed+uint64(i))},
					moves: map[string]int{}, pages: map[string]int{}}
				h.with = func(r *Runner) {
					s.clock(r)
					r.MaxCancels = n // people cancel many
				}
				time.Sleep(time.Until(change.Add(-2 * time.Hour)))
				h.start()
				s.night(n)
				var forgiven []string
				if skew > 0 {
					forgiven = append(forgiven, "until is") // by how much it is ahead DSCO's first answer tells
				}
				s.rests()
				h.came(s.people, forgiven...)
				s.none()
				t.Logf("%d orders, %d parcels, %d runs of a stage (%d stopped), %d answers lost; %d pages read, of these not the first of a list %v; %d moves under the reader: %v",
					s.placed, s.parcels(), s.runs, s.stopped, s.lost, s.read, s.pages, s.moved(), s.moves)
				for _, list := range []string{"/orders", "/shipments", "/api/v3/order/page"} {
					if s.pages[list] == 0 && (list != "/api/v3/order/page" || n > 1000) { // DSCO's pages hold so many
						t.Errorf("%s never had a second page", list)
					}
				}
				if t.Failed() {
					t.Log(h.log.String()[:min(h.log.Len(), 20000)])
				}
			})
		})
	}
}

// shifting is a life in which lists move while they are read.
type shifting struct {
	*life
	placed  int     // orders in DSCO, in all
	trickle int     // of them, those that are yet to be placed while lists are read
	others  []int64 // ShipStation orders of other channels
	labels  []int64 // of such orders
	held    []string
	strays  []string // orders that are nobody's errand
	taken   []string // those of them that somebody may yet acknowledge in DSCO's portal
	lost    int      // answers to creates
	read    int      // pages
	moves   map[string]int
	pages   map[string]int // of each list, those that were not its first
}

// night is two and a half hours of runs. Most orders come at once, so that lists have several pages, and the others by and by.
func (s *shifting) night(n int) {
	for i := range 450 { // other channels fill the same lists
		s.labels = append(s.labels, s.world.LooseLabel())
		if i%2 == 0 {
			s.another()
		}
	}
	first := min(n*4/5, 1100)
	s.place(first)
	s.trickle = (n - first) / 2
	s.world.Fail(s.under)
	for round := range 10 {
		if round == 4 { // at about the hour
			s.place(n - first - s.trickle)
		}
		s.sync()
		for range 5 {
			time.Sleep(3*time.Minute - 6*time.Second)
			s.people.Act(0.01)
		}
		time.Sleep(30 * time.Second)
	}
	s.place(s.trickle)
	s.trickle = 0
	for _, id := range s.held {
		s.release(id)
	}
}

// rests is a quiet end: people finish, and runs go well until long after that. By a clock that is behind all of it is seen
// an hour late.
func (s *shifting) rests() {
	s.t.Helper()
	s.world.Fail(nil)
	stopped := s.stopped
	for round, quiet := 0, 0; quiet < 6 && round < 60; round++ {
		time.Sleep(20 * time.Minute)
		if s.people.Act(1); s.people.Done() {
			quiet++
		}
		s.sync()
	}
	// When no parcel is due any more, nobody but cancel-sync reads what changed in DSCO.
	for i, id := range s.strays {
		s.world.ForceCancelInDSCO(id)
		if time.Sleep(time.Minute); i%15 == 14 {
			s.sync()
		}
	}
	for range 8 {
		s.sync()
		time.Sleep(15 * time.Minute)
	}
	if s.stopped > stopped {
		s.t.Errorf("%d runs stopped though all went well", s.stopped-stopped)
	}
}

func (s *shifting) sync() {
	s.t.Helper()
	for _, st := range []Stage{Cancel, Pull, Track} {
		s.runs++
		if res := s.run(st); res.Err != nil {
			s.stopped++
			s.t.Log(res.Err)
		}
	}
}

// place has orders placed: some are not ready yet, some were created days ago.
func (s *shifting) place(n int) {
	for range n {
		var opts []func(map[string]any)
		switch s.r.IntN(8) {
		case 0:
			opts = append(opts, sim.Received)
		case 1:
			ago := time.Duration(s.r.IntN(5*24*60)) * time.Minute
			opts = append(opts, func(doc map[string]any) {
				doc["dscoCreateDate"] = time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05-07:00")
			})
		}
		s.people.Place(1, opts...)
	}
	s.placed += n
}

// under is what happens while a list is read: between two pages several things, and time passes.
func (s *shifting) under(c sim.Call) *sim.Fault {
	switch c.Path {
	case "/orders/createorders":
		if s.r.IntN(2) == 0 {
			s.lost++
			return &sim.Fault{Do: true, Drop: true}
		}
		return nil
	case "/api/v3/order/page", "/orders", "/shipments", "/fulfillments":
	default:
		return nil
	}
	s.read++
	if page, _ := strconv.Atoi(c.Query.Get("page")); page > 1 || c.Query.Has("scrollId") {
		s.pages[c.Path]++
	}
	for range s.r.IntN(10) {
		s.move(moves[s.r.IntN(len(moves))])
	}
	if c.Path == "/orders" { // where a row that is skipped is one that is made twice
		s.move(exchanged)
	}
	s.people.Act(0.005)
	time.Sleep(time.Duration(s.r.IntN(16)) * time.Second)
	return nil
}

const exchanged = "another deleted and one made"

var moves = []string{"placed", "edited in DSCO", "acknowledged in DSCO", "edited", "held", "released", exchanged, "label bought", "label voided"}

// move is one thing that people do, if there is anything to do it with.
func (s *shifting) move(what string) {
	id := strconv.Itoa(1026000001 + s.r.IntN(s.placed))
	switch what {
	case "placed":
		if s.trickle == 0 {
			return
		}
		s.trickle--
		s.place(1)
	case "edited in DSCO":
		s.world.Edit(id, func(doc map[string]any) { doc["packingInstructions"] = fmt.Sprint("seen at ", time.Now()) })
	case "acknowledged in DSCO":
		if len(s.taken) > 0 && s.r.IntN(2) == 0 {
			s.world.AcknowledgeInDSCO(s.taken[0])
			s.taken = s.taken[1:]
			break
		}
		what = "placed"
		s.strays = append(s.strays, s.world.AddOrder())
		s.taken = append(s.taken, s.strays[len(s.strays)-1])
		s.placed++
	case "edited":
		docs := s.world.ByNumber(id)
		if len(docs) != 1 {
			return
		}
		s.world.EditShipStation(sim.Int(docs[0], "orderId"), func(doc map[string]any) { doc["customerNotes"] = fmt.Sprint("seen at ", time.Now()) })
	case "held":
		docs := s.world.ByNumber(id)
		if len(docs) != 1 || sim.Text(docs[0], "orderStatus") != "awaiting_shipment" {
			return
		}
		s.world.HoldShipStation(sim.Int(docs[0], "orderId"))
		s.held = append(s.held, id)
	case "released":
		if len(s.held) == 0 {
			return
		}
		s.release(s.held[0])
		s.held = s.held[1:]
	case exchanged: // the list is as long as before
		s.world.DeleteShipStation(s.others[0])
		s.others = s.others[1:]
		s.another()
	case "label bought":
		s.labels = append(s.labels, s.world.LooseLabel())
	case "label voided":
		if len(s.labels) == 0 {
			return
		}
		s.world.Void(s.labels[0])
		s.labels = s.labels[1:]
	}
	s.moves[what]++
}

// another is an order of another channel in the same store.
func (s *shifting) another() {
	s.others = append(s.others, s.world.PutShipStation(map[string]any{"orderNumber": fmt.Sprint("WEB-", s.r.Uint32())}))
}

func (s *shifting) release(id string) {
	if docs := s.world.ByNumber(id); len(docs) == 1 && sim.Text(docs[0], "orderStatus") == "on_hold" {
		s.world.EditShipStation(sim.Int(docs[0], "orderId"), func(doc map[string]any) {
			doc["orderStatus"], doc["holdUntilDate"] = "awaiting_shipment", nil
		})
	}
}

// none fails the test where an order stands in ShipStation more than once, or is live there after it was cancelled.
func (s *shifting) none() {
	s.t.Helper()
	there := map[string]int{}
	for _, doc := range s.world.ShipStationOrders() {
		there[sim.Text(doc, "orderNumber")]++
	}
	for _, id := range s.strays {
		if docs := s.world.ByNumber(id); len(docs) == 1 && sim.Text(docs[0], "orderStatus") != "cancelled" {
			s.t.Errorf("order %s is %s in ShipStation, though it was cancelled in DSCO", id, sim.Text(docs[0], "orderStatus"))
		}
	}
	for number, n := range there {
		if n > 1 {
			s.t.Errorf("order %s stands %d times in ShipStation", number, n)
		}
	}
}

// moved is how many things people did while lists were read.
func (s *shifting) moved() (all int) {
	for _, n := range s.moves {
		all += n
	}
	return all
}

// parcels are those that DSCO knows.
func (s *shifting) parcels() (n int) {
	for _, doc := range s.world.Orders() {
		packages, _ := doc["packages"].([]any)
		n += len(packages)
	}
	return n
}
