package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dscosync/internal/sim"
)

// acts are what the verb world can do. A MEMBER=VALUE has a path such as lineItems.0.sku and a value that is JSON or
// else text; @2h is the date two hours from now, in a fault's body too.
var acts = map[string]func(*scene, *testscript.TestScript, []string){
	"add":            (*scene).add,            // N [MEMBER=VALUE...]: retailers place N orders, 1026000001 first
	"edit":           (*scene).edit,           // ID MEMBER=VALUE...: somebody changes an order in DSCO's portal
	"cancel":         (*scene).cancel,         // ID: the retailer cancels
	"force-cancel":   (*scene).forceCancel,    // ID [LINE...]: DSCO shows it, or these lines, as cancelled, whatever state it is in
	"request-cancel": (*scene).requestCancel,  // ID: the retailer asks for it
	"drop":           (*scene).drop,           // ID: somebody cancels it in ShipStation
	"restore":        (*scene).restore,        // ID: somebody restores it there
	"split":          (*scene).split,          // ID LINE UNITS: the warehouse splits them off
	"acknowledge":    (*scene).acknowledge,    // ID: somebody acknowledges in the portal
	"ship":           (*scene).ship,           // ID NUMBER: somebody ships in the portal
	"label":          (*scene).label,          // ID [MEMBER=VALUE...]: the warehouse buys a label for it
	"mark-shipped":   (*scene).markShipped,    // ID [MEMBER=VALUE...]: somebody marks it as shipped in ShipStation
	"void":           (*scene).void,           // NUMBER: the warehouse voids the label with this tracking number
	"have":           (*scene).have,           // MEMBER=VALUE...: the store gets an order that is not the program's
	"fault":          (*scene).blunder,        // PATH [MEMBER=VALUE...]: calls to PATH go wrong
	"well":           (*scene).well,           // all faults end
	"wait":           (*scene).wait,           // PATH or N: until a call to it has come in, or ShipStation has N orders
	"forget":         (*scene).forget,         // the calls so far are no longer printed, nor waited for
	"calls":          (*scene).printCalls,     // prints the calls
	"orders":         (*scene).printOrders,    // prints DSCO's orders, with their packages and what of their lines is cancelled
	"warehouse":      (*scene).printWarehouse, // prints ShipStation's orders
	"laws":           (*scene).printLaws,      // prints the laws that were broken since it was last asked
}

// actOnWorld is the verb world.
func actOnWorld(ts *testscript.TestScript, _ bool, args []string) {
	s := sceneOf(ts)
	if len(args) == 0 || acts[args[0]] == nil {
		ts.Fatalf("usage: world %s ...", strings.Join(slices.Sorted(maps.Keys(acts)), "|"))
	}
	if s.world == nil {
		ts.Fatalf("there is no world yet: sim makes it")
	}
	acts[args[0]](s, ts, args[1:])
	s.remember()
}

func (s *scene) add(ts *testscript.TestScript, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	for range n {
		s.world.AddOrder(func(o map[string]any) {
			to := o["shipping"].(map[string]any)
			to["email"] = fmt.Sprintf("%v@consumer.example", to["phone"])
			alter(ts, o, args[1:])
		})
	}
}

func (s *scene) edit(ts *testscript.TestScript, args []string) {
	s.world.Edit(args[0], func(o map[string]any) { alter(ts, o, args[1:]) })
}

func (s *scene) cancel(ts *testscript.TestScript, args []string) {
	if !s.world.CancelInDSCO(args[0]) {
		ts.Fatalf("it became a request only")
	}
}

func (s *scene) requestCancel(_ *testscript.TestScript, args []string) {
	s.world.RequestCancel(args[0])
	s.listed(args[0])
}

func (s *scene) forceCancel(ts *testscript.TestScript, args []string) {
	lines := make([]int, len(args)-1)
	for i, arg := range args[1:] {
		n, err := strconv.Atoi(arg)
		ts.Check(err)
		lines[i] = n
	}
	s.world.ForceCancelInDSCO(args[0], lines...)
	s.listed(args[0])
}

// listed dates the last change of an order a minute ago: the lists that the program asks for end half a minute ago.
func (s *scene) listed(id string) {
	s.world.Edit(id, func(o map[string]any) { o["dscoLastUpdate"] = time.Now().Add(-time.Minute).UTC().Format(dates) })
}

func (s *scene) drop(ts *testscript.TestScript, args []string) {
	s.world.CancelInShipStation(s.inShipStation(ts, args[0]))
}

func (s *scene) restore(ts *testscript.TestScript, args []string) {
	s.world.EditShipStation(s.inShipStation(ts, args[0]), func(o map[string]any) { o["orderStatus"] = "awaiting_shipment" })
}

func (s *scene) split(ts *testscript.TestScript, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	s.world.SplitLegacy(s.inShipStation(ts, args[0]), map[string]int{args[0] + ":" + args[1]: n})
}

func (s *scene) acknowledge(_ *testscript.TestScript, args []string) {
	s.world.AcknowledgeInDSCO(args[0])
}

func (s *scene) ship(_ *testscript.TestScript, args []string) { s.world.AddPackage(args[0], args[1]) }

func (s *scene) label(ts *testscript.TestScript, args []string) {
	s.world.BuyLabel(s.inShipStation(ts, args[0]), func(shipment map[string]any) { alter(ts, shipment, args[1:]) })
}

func (s *scene) markShipped(ts *testscript.TestScript, args []string) {
	s.world.MarkShipped(s.inShipStation(ts, args[0]), func(fulfillment map[string]any) { alter(ts, fulfillment, args[1:]) })
}

func (s *scene) void(ts *testscript.TestScript, args []string) {
	for _, shipment := range s.world.Shipments() {
		if sim.Text(shipment, "trackingNumber") == args[0] {
			s.world.Void(sim.Int(shipment, "shipmentId"))
			return
		}
	}
	ts.Fatalf("no label has the tracking number %s", args[0])
}

// inShipStation is the number ShipStation has for an order.
func (s *scene) inShipStation(ts *testscript.TestScript, id string) int64 {
	found := s.world.ByNumber(id)
	if len(found) == 0 {
		ts.Fatalf("ShipStation has no order %s", id)
	}
	return sim.Int(found[0], "orderId")
}

func (s *scene) have(ts *testscript.TestScript, args []string) {
	doc := map[string]any{}
	alter(ts, doc, args)
	s.world.PutShipStation(doc)
}

// blunder adds a fault. Its members: times (how often; always, if not given), slow (a duration), and those of sim.Fault
// in small letters: do, refuse, hang, drop, half (true), status, body, type, and header (Name: value).
func (s *scene) blunder(ts *testscript.TestScript, args []string) {
	f := &fault{path: args[0], left: -1}
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		var err error
		what := f.what
		if what == nil {
			what = new(sim.Fault)
		}
		switch name {
		case "times":
			f.left, err = strconv.Atoi(value)
		case "slow":
			f.slow, err = time.ParseDuration(value)
		default:
			f.what, err = what, set(what, name, value)
		}
		ts.Check(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

func set(f *sim.Fault, name, value string) (err error) {
	switch name {
	case "do":
		f.Do = true
	case "refuse":
		f.Refuse = true
	case "hang":
		f.Hang = true
	case "drop":
		f.Drop = true
	case "half":
		f.Half = true
	case "status":
		f.Status, err = strconv.Atoi(value)
	case "body":
		f.Body = moments.ReplaceAllStringFunc(value, func(text string) string { return document(text).(string) })
	case "type":
		f.ContentType = value
	case "header":
		key, text, _ := strings.Cut(value, ": ")
		f.Header = map[string][]string{key: {text}}
	default:
		err = fmt.Errorf("a fault has no member %s", name)
	}
	return err
}

func (s *scene) well(*testscript.TestScript, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *scene) wait(ts *testscript.TestScript, args []string) {
	for range 2000 {
		if strconv.Itoa(len(s.world.ShipStationOrders())) == args[0] {
			return
		}
		for _, c := range s.world.Calls()[s.past:] {
			if strings.HasSuffix(c.Path, args[0]) {
				return
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	ts.Fatalf("%s does not come about", args[0])
}

func (s *scene) forget(*testscript.TestScript, []string) { s.past = len(s.world.Calls()) }

func (s *scene) printCalls(ts *testscript.TestScript, _ []string) {
	out := ts.Stdout()
	for _, c := range s.world.Calls()[s.past:] {
		fmt.Fprintln(out, c.Method, strings.TrimPrefix(c.Path, "/api/v3"), c.Status)
	}
}

func (s *scene) printOrders(ts *testscript.TestScript, _ []string) {
	out := ts.Stdout()
	for _, o := range s.world.Orders() {
		fmt.Fprint(out, sim.Text(o, "dscoOrderId"), " ", sim.Text(o, "dscoLifecycle"), " ", sim.Text(o, "dscoStatus"))
		packages, _ := o["packages"].([]any)
		for _, p := range packages {
			fmt.Fprint(out, " ", sim.Text(p, "shipCarrier"), ":", sim.Text(p, "trackingNumber"))
		}
		lines, _ := o["lineItems"].([]any)
		for _, l := range lines {
			if n := sim.Int(l, "cancelledQuantity"); n > 0 {
				fmt.Fprint(out, " ", sim.Int(l, "lineNumber"), "-", n, ":", sim.Text(l, "cancelCode"))
			}
		}
		fmt.Fprintln(out)
	}
}

func (s *scene) printWarehouse(ts *testscript.TestScript, _ []string) {
	out := ts.Stdout()
	for _, o := range s.world.ShipStationOrders() {
		fmt.Fprintln(out, sim.Text(o, "orderId"), sim.Text(o, "orderNumber"), sim.Text(o, "orderStatus"), sim.Text(o, "advancedOptions", "storeId"))
	}
}

func (s *scene) printLaws(ts *testscript.TestScript, _ []string) {
	out := ts.Stdout()
	broken := s.world.Broken()
	for _, law := range broken[s.asked:] {
		fmt.Fprintln(out, law)
	}
	s.asked = len(broken)
}

// alter sets members of an order.
func alter(ts *testscript.TestScript, o map[string]any, changes []string) {
	for _, change := range changes {
		path, text, ok := strings.Cut(change, "=")
		if !ok {
			ts.Fatalf("%q is not MEMBER=VALUE", change)
		}
		if err := put(o, strings.Split(path, "."), document(text)); err != nil {
			ts.Fatalf("%s: %v", change, err)
		}
	}
}

// put sets the member at a path.
func put(doc any, path []string, value any) error {
	switch in := doc.(type) {
	case map[string]any:
		if len(path) == 1 {
			in[path[0]] = value
			return nil
		}
		return put(in[path[0]], path[1:], value)
	case []any:
		if i, err := strconv.Atoi(path[0]); err == nil && i < len(in) && len(path) > 1 {
			return put(in[i], path[1:], value)
		}
	}
	return fmt.Errorf("the document has no %s", strings.Join(path, "."))
}

// moments are dates in a text.
var moments = regexp.MustCompile(`@-?[0-9]+[hms]`)

// document is what a VALUE stands for.
func document(text string) any {
	if after, ok := strings.CutPrefix(text, "@"); ok {
		if d, err := time.ParseDuration(after); err == nil {
			return time.Now().Add(d).UTC().Format(dates)
		}
	}
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		return v
	}
	return text
}

// dates is how DSCO writes them.
const dates = "2006-01-02T15:04:05-07:00"
