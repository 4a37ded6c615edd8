package cli

import (
	"errors"
	"strings"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/scorecard"
)

// kindDrift is a measure of a retailer that has drifted.
const kindDrift = "drift"

func drifts(key string) bool { return strings.HasPrefix(key, kindDrift+"/") }

// drift looks for what has drifted, and at the figures for the metrics if there is a metrics file. To read all of the
// last weeks takes a second where there are very many orders, and what is measured by the day changes once a day: without
// a metrics file only the first run of each day does it. today is that day, if it was looked.
func (w *watch) drift(l *ledger.Ledger) (today string, err error) {
	rules, err := measuring{by: string(scorecard.ByRetailer)}.rules(w.Now())
	if err != nil {
		return "", err
	}
	today = w.Now().In(rules.Zone).Format(time.DateOnly)
	var told ledger.Told
	err = l.View(func(tx *ledger.Tx) (err error) {
		told, err = tx.Told()
		return err
	})
	unsent := func() bool {
		for key, m := range told.Marks {
			if drifts(key) && len(m.Unsent) > 0 { // to be sent again it has to be known again
				return true
			}
		}
		return false
	}
	off, metrics := w.config.Scorecard.DriftWeeks == 0, w.config.Notify.Textfile != ""
	w.measured = off // what was told of it is past
	if err != nil || w.ctx.Err() != nil || !metrics && (off || told.Drift == today && !unsent()) {
		return "", err
	}
	r, err := w.measure(w.config, rules, "")
	if errors.Is(err, errLeft) { // somebody ended the run: the next one looks
		return "", nil
	}
	if err != nil {
		return "", err
	}
	w.gauges, w.measured = r.Gauges(), true
	for _, d := range r.Drift {
		w.drifted = append(w.drifted, alarm{key: d.Key(), kind: kindDrift, text: d.Whole(), hint: "dscosync scorecard --retailer " + d.Retailer + " shows its figures"})
	}
	return today, nil
}
