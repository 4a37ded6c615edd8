package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
	"dscosync/internal/remote"
	"dscosync/internal/sim"
)

// What is remembered of a run: when it was, whether it came to its end, and what stopped it until the next one does.
func TestTheRecordOfARun(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		began := time.Now()
		h.with = func(r *Runner) { // a second passes between any two looks at the clock
			r.Now = func() time.Time {
				time.Sleep(time.Second)
				return time.Now().UTC().Truncate(time.Millisecond)
			}
		}
		res := h.pull()
		good := h.record(Pull)
		if res.Stage != "pull" || !res.Started.Before(res.Finished) || good.Started != res.Started || good.Started.Before(began) || good.Finished.Before(good.Started) ||
			good.Succeeded != good.Finished || good.Error != "" || good.Cursor.IsZero() || good.Missing == nil {
			t.Fatalf("%+v of %+v", good, res)
		}
		time.Sleep(time.Hour)
		id := h.add(1)[0]
		for _, path := range []string{"/api/v3/order/page", creates} { // stopped while it looks, and while it writes
			h.world.Fail(func(c sim.Call) *sim.Fault {
				if c.Path == path {
					return &sim.Fault{Status: 401}
				}
				return nil
			})
			res = h.pull()
			bad := h.record(Pull)
			if remote.KindOf(res.Err) != remote.Unauthorized || bad.Error != res.Err.Error() || bad.Started != res.Started || !bad.Finished.After(bad.Started) ||
				bad.Succeeded != good.Succeeded || bad.Missing == nil || bad.Daily != good.Daily || path != creates && bad.Cursor != good.Cursor {
				t.Errorf("%s: %+v of %+v", path, bad, res)
			}
			time.Sleep(time.Hour)
		}
		h.world.Fail(nil)
		h.pull()
		if again := h.record(Pull); again.Error != "" || !again.Succeeded.After(good.Succeeded) || again.Missing == nil || again.Daily != good.Daily || h.live(id) != 1 {
			t.Errorf("%+v", again)
		}
		time.Sleep(25 * time.Hour)
		h.pull()
		if next := h.record(Pull); next.Daily != next.Started || next.Missing.At.Before(good.Missing.At.Add(24*time.Hour)) {
			t.Errorf("a day later: %+v", next)
		}
	})
}

// A run that dies leaves in the ledger that it began, where its orders stand, and what it was about to create; nothing is
// told of what was not committed.
func TestARunThatDies(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		k := &kills{at: 1, after: true}
		h.kill = k.commit
		id := h.add(1, func(o map[string]any) { oneLine(1)(o) })[0]
		h.pull() // adopts, and dies after its first commit
		if st := h.record(Pull); st.Started.IsZero() || !st.Finished.IsZero() || st.Cursor.IsZero() {
			t.Errorf("%+v", st)
		}
		if said := h.log.String(); !strings.Contains(said, "order "+id+": taken up from DSCO") {
			t.Errorf("what was committed is not told: %s", said)
		}
		*k = kills{at: 2, after: true}
		time.Sleep(time.Minute)
		h.pull()
		var store int64
		err := h.runner().Ledger.View(func(tx *ledger.Tx) error { store = tx.Store(); return nil })
		if o := h.row(id); err != nil || o.Intent == nil || o.Created() || store != 1001 {
			t.Errorf("in doubt %t, store %d: %v", o.Intent != nil, store, err)
		}
		h.kill = nil
		time.Sleep(time.Hour)
		h.pull()
		h.log.Reset()
		h.kill = (&kills{at: 1}).commit
		bad := h.add(1, func(o map[string]any) { delete(address(o), "city") })[0]
		h.pull()
		if _, known := h.rows()[order.ID(bad)]; known || strings.Contains(h.log.String(), bad) {
			t.Errorf("told of what was not committed: %s", h.log.String())
		}
	})
}

// A hold is said with its reason and the way out, once; where there is no way to name, none is.
func TestWhatIsSaidOfAHold(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		good := h.add(1)[0]
		bad := h.add(1, func(o map[string]any) { delete(address(o), "city") })[0]
		h.pull()
		for range 2 {
			time.Sleep(time.Hour)
			h.pull()
		}
		held := 0
		for l := range strings.Lines(h.log.String()) {
			switch {
			case strings.Contains(l, bad) && strings.Contains(l, "no city"):
				held++
				if !strings.Contains(l, "level=ERROR") || !strings.Contains(l, `hint="have the retailer correct`) {
					t.Error(l)
				}
			case strings.Contains(l, good) && strings.Contains(l, "hint="):
				t.Error(l)
			}
		}
		if held != 1 {
			t.Errorf("said %d times\n%s", held, h.log.String())
		}
	})
}

// A parcel whose carrier is still not known is held as before: its row does not change by being looked at.
func TestStillUnmapped(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		id := h.sent(1)[0]
		h.world.BuyLabel(h.inStation(id), with("carrierCode", "pigeon", "serviceCode", "p", "trackingNumber", "P1"))
		time.Sleep(time.Hour)
		h.track()
		before := h.row(id)
		time.Sleep(time.Hour)
		if res := h.track(); res.Held != 1 || res.Holding != 1 {
			t.Errorf("%+v", res)
		}
		if after := h.row(id); after.Differs(before) {
			t.Errorf("%+v\n%+v", before, after)
		}
	})
}

// The hashes by which a change is noticed are salted: two ledgers have nothing in common that an address could be found by.
func TestTheHashesAreSalted(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		id := h.add(1)[0]
		h.pull()
		first := h.row(id).DSCO
		h.lose()
		time.Sleep(time.Hour)
		h.pull()
		if second := h.row(id).DSCO; first.Address == "" || first.Address == second.Address || first.Content == second.Content {
			t.Errorf("%+v, %+v", first, second)
		}
	})
}

// The figures of a run are its own, also where one program runs several.
func TestTheFiguresOfARun(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(2)
		h.add(1, func(o map[string]any) { delete(address(o), "city") })
		r := h.runner()
		for _, want := range []Result{{Seen: 3, Planned: 3, Done: 2, Held: 1, Holding: 1}, {Seen: 1, Holding: 1}} {
			var res Result
			calls := h.since(func() { res = r.Run(t.Context(), Pull) })
			a, b := count(calls, func(c sim.Call) bool { return c.API == sim.DSCO }), count(calls, station)
			if res.CallsDSCO != int64(a) || res.CallsShipStation != int64(b) {
				t.Errorf("%d and %d calls, counted %d and %d", a, b, res.CallsDSCO, res.CallsShipStation)
			}
			if res.Seen != want.Seen || res.Planned != want.Planned || res.Done != want.Done || res.Held != want.Held || res.Deferred != 0 || res.Holding != want.Holding || res.Remark != "" {
				t.Errorf("%+v, want %+v", res, want)
			}
			time.Sleep(time.Hour)
		}
		for _, id := range ids {
			h.world.BuyLabel(h.inStation(id), ups)
		}
		time.Sleep(time.Hour)
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/singleShipment" {
				return &sim.Fault{Drop: true}
			}
			return nil
		})
		if res := r.Run(t.Context(), Track); res.Seen != 2 || res.Planned != 2 || res.Deferred != 2 {
			t.Errorf("%+v", res)
		}
		h.world.Fail(nil)
		if res := h.pull(); res.Planned > 0 || res.Deferred > 0 { // the doubts are push-tracking's
			t.Errorf("%+v", res)
		}
		h.lawful()
	})
}

// A dry run tells what would be done about all that is open, with what keeps it, and writes nothing even where it fails.
func TestADryRunOfWhatIsOwed(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.with = func(r *Runner) { r.MaxCancels = 1 }
		h.start()
		ids := h.sent(3, twoLines(3, 1))
		h.world.Fail(func(c sim.Call) *sim.Fault {
			if c.Path == "/api/v3/order/acknowledge" {
				return &sim.Fault{Status: 400}
			}
			return nil
		})
		owed := h.add(1)[0]
		h.add(1, func(o map[string]any) { delete(address(o), "city") })
		h.pull()
		h.world.Fail(nil)
		for _, id := range ids[:2] {
			h.world.CancelInShipStation(h.inStation(id))
		}
		h.world.ForceCancelInDSCO(ids[2])
		time.Sleep(time.Hour)
		before, err := os.ReadFile(h.path)
		if err != nil {
			t.Fatal(err)
		}
		h.with = func(r *Runner) { r.MaxCancels, r.DryRun = 1, true }
		plan := func(s Stage) (lines []string, res Result) {
			res = h.goes(s)
			for _, p := range res.Plan {
				lines = append(lines, fmt.Sprint(p.Step, " ", p.Order, " ", p.Problem != ""))
			}
			return lines, res
		}
		if got, res := plan(Pull); !slices.Equal(got, []string{"acknowledge " + owed + " false"}) || res.Holding != 1 || res.Planned != 1 || res.Deferred != 0 {
			t.Errorf("pull: %q, %+v", got, res)
		}
		want := []string{"cancel-dsco " + ids[0] + " true", "cancel-dsco " + ids[1] + " true", "cancel-shipstation " + ids[2] + " false"}
		if got, res := plan(Cancel); !slices.Equal(got, want) || res.Planned != 3 || res.Deferred != 0 {
			t.Errorf("cancel-sync: %q, %+v", got, res)
		}
		h.world.Fail(func(sim.Call) *sim.Fault { return &sim.Fault{Status: 500} })
		if res := h.pull(); res.Err == nil {
			t.Error("it did not fail")
		}
		if res := h.run(Retry("77")); res.Err == nil {
			t.Error("an order that is not known was retried")
		}
		if after, err := os.ReadFile(h.path); err != nil || string(after) != string(before) {
			t.Error("the ledger changed", err)
		}
		h.with = nil
		if res := h.run(Retry("77")); res.Err == nil || !h.record(Stage{Name: "retry"}).Started.IsZero() {
			t.Errorf("a retry that was refused is remembered: %+v", h.record(Stage{Name: "retry"}))
		}
	})
}

// Who retries an order that is still held as before hears so; of one that others hold for their own reasons nobody speaks.
func TestRetriedAndHeldAsBefore(t *testing.T) {
	in(t, sim.Options{}, func(t *testing.T, h *house) {
		h.start()
		ids := h.add(2)
		for _, id := range ids {
			h.world.PutShipStation(map[string]any{"orderNumber": id})
			h.world.PutShipStation(map[string]any{"orderNumber": id})
		}
		time.Sleep(time.Minute)
		if res := h.pull(); res.Held != 2 || res.Planned != 2 {
			t.Errorf("%+v", res)
		}
		time.Sleep(time.Hour)
		if res := h.pull(); res.Held != 0 || strings.Contains(h.log.String(), "still held") {
			t.Errorf("%+v", res)
		}
		res := h.run(Retry(order.ID(ids[0])))
		if res.Err != nil || res.Held != 1 || res.Holding != 2 || res.Seen != 1 {
			t.Errorf("%+v", res)
		}
		said := h.log.String()
		if strings.Count(said, "still held") != 1 || !strings.Contains(said, "order "+ids[0]+": still held: create: ShipStation has 2 live orders with this number") {
			t.Error(said)
		}
		if held, err := h.runner().Held(); err != nil || !slices.Equal(held, []order.ID{order.ID(ids[0]), order.ID(ids[1])}) {
			t.Errorf("%v, %v", held, err)
		}
	})
}

// A person at a terminal sees how far a run is.
func TestProgress(t *testing.T) {
	in(t, sim.Options{Limit: -1}, func(t *testing.T, h *house) {
		h.start()
		var seen []string
		h.with = func(r *Runner) {
			r.most = 2
			r.Progress = func(stage, doing string, done, of int) {
				seen = append(seen, fmt.Sprintf("%s: %s %d/%d", stage, doing, done, of))
			}
		}
		h.add(4)
		h.pull()
		for _, want := range []string{"pull: reading 0/0", "pull: reading orders from DSCO 4/0", "pull: creating orders in ShipStation 2/4", "pull: creating orders in ShipStation 4/4", "pull: asking DSCO what became of it 0/0"} {
			if !slices.Contains(seen, want) {
				t.Errorf("%q is not in %q", want, seen)
			}
		}
	})
}

// What ends a run before its time is said in words, and is as grave as it is.
func TestWordsForWhatStoppedAStage(t *testing.T) {
	for _, c := range []struct {
		err         error
		says, level string
	}{
		{context.Canceled, "interrupted", ledger.Info},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), "--max-runtime was over with work left", ledger.Warn},
		{&remote.Error{Kind: remote.Unavailable, Detail: "down"}, "down", ledger.Warn},
		{&remote.Error{Kind: remote.Uncertain, Detail: "odd"}, "odd", ledger.Warn},
		{&remote.Error{Kind: remote.Unauthorized, Detail: "no"}, "no", ledger.Error},
		{errors.New("broken"), "broken", ledger.Error},
	} {
		if got := words(c.err); !strings.Contains(got, c.says) || gravity(c.err) != c.level {
			t.Errorf("%v: %q, %s", c.err, got, gravity(c.err))
		}
	}
}
