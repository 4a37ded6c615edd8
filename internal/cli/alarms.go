package cli

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"dscosync/internal/escape"
	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// alarm is something that a person should hear of, once.
type alarm struct {
	key   string   // what it is remembered by
	kind  string   // those of a kind are told together
	order order.ID // empty: it is about no single order
	text  string
	hint  string
	said  bool // by the run, when it came about
}

// The kinds that are no alarms of an order.
const (
	kindHeld        = "held"
	kindGuarded     = "guarded"     // held because there were too many
	kindNameless    = "nameless"    // an order without an id
	kindStopped     = "stopped"     // a run that did not come to its end
	kindLater       = "later"       // several in a row that could not
	kindSilence     = "silence"     // none succeeded for long
	kindCredentials = "credentials" // refused, and then taken
)

// together is how alarms of a kind are told when several orders have them at once.
var together = map[string]struct{ many, hint string }{
	kindGuarded:        {"were cancelled in ShipStation, too many at once: DSCO was not told", "if they are meant, run: dscosync cancel-sync --force; if not, restore them in ShipStation"},
	"unacknowledged":   {"were taken up long ago and are still not acknowledged in DSCO", "each run asks again; if it stays so, acknowledge them in DSCO's portal"},
	"acknowledge-late": {"are not acknowledged in DSCO, and the retailer's date for it has passed", "each run asks again; if it stays so, acknowledge them in DSCO's portal"},
	"untold":           {"have a parcel that DSCO should have been told of by now", "dscosync show ORDER-ID tells what keeps it back"},
	"ship-soon":        {"have to be shipped soon", "dscosync status --at-risk lists them"},
	"ship-late":        {"have passed their ship-by date", "dscosync status --at-risk lists them"},
	"cancelled-open":   {"are cancelled in DSCO, but still open in ShipStation", "cancel them there before they ship"},
	"cancel-requested": {"are asked back by their retailers", "to accept, cancel them in ShipStation; else ship them, or refuse in DSCO's portal"},
}

// mending is how long dscosync itself is given to cancel in ShipStation what was cancelled in DSCO.
const mending = time.Hour

// alarms are those of an order. Holds and notices were said by the run they came about in.
func alarms(o order.Order, rules order.Rules) (all []alarm) {
	if o.Dismissed != nil {
		return nil
	}
	add := func(kind, about, text, hint string, said bool) {
		all = append(all, alarm{key: kind + "/" + string(o.ID) + about, kind: kind, order: o.ID, text: text, hint: hint, said: said})
	}
	for _, n := range o.Notes {
		if !n.Held {
			continue
		}
		kind := kindHeld
		if n.Code == order.Guarded {
			kind = kindGuarded
		}
		add(kind, "/"+digest(string(n.Write.Step), n.Text), fmt.Sprintf("held: %s: %s", n.Write.Step, n.Text), n.Hint, true)
	}
	for _, n := range o.Notices {
		add(n.Code, "/"+digest(n.Text), n.Text, "", true)
	}
	seen := map[string]bool{}
	for _, a := range o.Alarms(rules) {
		if ended := rules.Now.Sub(o.Ended()); a.Code == "cancelled-open" && ended >= 0 && ended < mending || seen[a.Code] {
			continue
		}
		seen[a.Code] = true
		add(a.Code, "", a.Text, together[a.Code].hint, false)
	}
	return all
}

// digest tells texts apart in a key that is kept.
func digest(texts ...string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(strings.Join(texts, "\x00"))))
}

// mark notes in what was told what there is now, and gives back what is new of it, and whether what had stopped runs is
// over: the run came to its end.
func mark(told ledger.Told, now []alarm, run seen) (after ledger.Told, fresh []alarm, over bool) {
	after = ledger.Told{Marks: map[string]ledger.Mark{}, Later: told.Later, Drift: told.Drift}
	for _, a := range now {
		if _, again := after.Marks[a.key]; again {
			continue
		}
		m, known := told.Marks[a.key]
		if !known {
			m = ledger.Mark{At: run.at, Unsent: run.channels}
			fresh = append(fresh, a)
		} else if comesAndGoes(a.key) {
			m.At = run.at
		}
		m.Unsent = slices.DeleteFunc(slices.Clone(m.Unsent), func(c string) bool { return !slices.Contains(run.channels, c) })
		after.Marks[a.key] = m
	}
	for key, m := range told.Marks {
		_, there := after.Marks[key]
		switch {
		case there:
		case drifts(key) && !run.measured: // it is looked for once a day
			after.Marks[key] = m
		case comesAndGoes(key) && run.at.Sub(m.At) < 24*time.Hour: // that is one alarm
			after.Marks[key] = m
		case stops(key) && (!run.ended || key != kindLater && !strings.HasSuffix(key, "/"+run.command)): // another command may still be stopped by it
			after.Marks[key] = m
		case stops(key):
			over = true
		}
	}
	return after, fresh, over
}

// seen is the run that looked.
type seen struct {
	at       time.Time
	command  string
	ended    bool     // it came to its end
	channels []string // where alarms are to be sent
	measured bool     // it looked for what has drifted
}

// comesAndGoes tells of alarms that only some runs meet with.
func comesAndGoes(key string) bool {
	return strings.HasPrefix(key, kindCredentials+"/") || key == kindNameless
}

// stops tells of alarms about runs that do not come to their end.
func stops(key string) bool { return strings.HasPrefix(key, kindStopped+"/") || key == kindLater }

// line is one thing to tell.
type line struct{ text, hint string }

// named is how many orders are named in one message.
const named = 20

// few names the first of n orders, and tells how many more there are.
func few[T ~string](ids []T, n, most int) string {
	var b strings.Builder
	most = min(len(ids), most)
	for i, id := range ids[:most] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(id))
	}
	if more := n - most; more > 0 {
		fmt.Fprintf(&b, " and %d more", more)
	}
	return b.String()
}

// group makes lines of alarms: one for each that is about no order or that no other order has, else one for all of a kind.
func group(all []alarm) (lines []line) {
	byKind := map[string][]alarm{}
	for _, a := range all {
		byKind[a.kind] = append(byKind[a.kind], a)
	}
	for _, a := range all {
		same := byKind[a.kind]
		words, known := together[a.kind]
		switch {
		case a.order == "":
			lines = append(lines, line{a.text, a.hint})
		case !known || len(same) == 1:
			lines = append(lines, line{"order " + string(a.order) + ": " + a.text, a.hint})
		case same[0].key == a.key:
			var ids []order.ID
			for _, s := range same {
				ids = append(ids, s.order)
			}
			lines = append(lines, line{fmt.Sprintf("%d orders %s: %s", len(same), words.many, few(ids, len(ids), named)), words.hint})
		}
	}
	return lines
}

// message is all of it as a text that makes sense to somebody elsewhere.
func message(host string, all []alarm, over bool) string {
	var b strings.Builder
	lines := group(all)
	fmt.Fprintf(&b, "dscosync on %s:\n", escape.Text(host))
	for i, l := range lines {
		if i == named {
			fmt.Fprintf(&b, "- and %d more: dscosync status --errors\n", len(lines)-named)
			break
		}
		fmt.Fprintf(&b, "- %s\n", escape.Text(l.text))
		if l.hint != "" {
			fmt.Fprintf(&b, "  %s\n", escape.Text(l.hint))
		}
	}
	if over {
		b.WriteString("- runs come to their end again\n")
	}
	return b.String()
}
