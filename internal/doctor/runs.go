package doctor

import (
	"fmt"
	"time"

	"dscosync/internal/ledger"
)

const (
	unheard = "new orders, labels and cancellations wait until a run has seen them"
	starts  = "see that something starts it: crontab -l, or systemctl list-timers dscosync.timer; and what a run says: dscosync sync all -v"
)

// runs looks at the age of the last good run of each stage.
func (e exam) runs(b book) []Finding {
	var found []Finding
	begun := 0
	for _, name := range stages {
		if !b.runs[name].Started.IsZero() {
			begun++
		}
	}
	for _, name := range stages {
		f := e.run(name, b.runs[name], begun > 0)
		f.Check = "runs." + name
		found = append(found, f)
	}
	return append(found, e.interval())
}

func (e exam) run(name string, s ledger.Stage, others bool) Finding {
	silence := e.config.Alarm.Silence
	age := e.Now().Sub(s.Succeeded)
	failed := ""
	if s.Error != "" {
		failed = fmt.Sprintf("; the last run stopped %s ago: %s", span(e.Now().Sub(s.Finished)), s.Error)
	}
	switch {
	case s.Started.IsZero() && others:
		return Finding{Status: Warn, Message: "it never ran", Why: "its part of the work is not done", Hint: "have the crontab run all stages: dscosync sync all"}
	case s.Started.IsZero():
		return Finding{Status: Warn, Message: "it never ran", Why: unheard, Hint: "run: dscosync sync all; then put it into the crontab"}
	case s.Succeeded.IsZero() && silence > 0 && e.Now().Sub(s.Started) <= silence:
		return Finding{Status: Warn, Message: "no run of it has succeeded yet" + failed, Why: unheard, Hint: "run: dscosync sync all -v"}
	case s.Succeeded.IsZero():
		return Finding{Status: Error, Class: Person, Message: "no run of it has ever succeeded" + failed, Why: unheard, Hint: starts}
	case silence > 0 && age > silence:
		return Finding{Status: Error, Class: Person, Message: fmt.Sprintf("the last good run was %s ago, longer than alarm.silence (%s)%s", span(age), span(silence), failed),
			Why: unheard, Hint: starts}
	case age < -time.Minute:
		return Finding{Status: Warn, Message: fmt.Sprintf("the last good run was at %s, which is yet to come", s.Succeeded.Format(time.RFC3339)),
			Why: "the clock was put back: alarms and waits go by it", Hint: "see that it is right: timedatectl"}
	case failed != "":
		return Finding{Status: Warn, Message: fmt.Sprintf("the last good run was %s ago%s", span(age), failed), Why: unheard, Hint: "the next run tries again; when it stays so, run: dscosync sync all -v"}
	}
	return good("", "the last good run was %s ago", span(age))
}

// interval looks whether the settings let a pause pass for a silence.
func (e exam) interval() Finding {
	every, silence := e.config.Sync.Interval, e.config.Alarm.Silence
	switch {
	case every == 0:
		return good("runs.interval", "the crontab alone decides (sync.interval is 0s)")
	case silence > 0 && every >= silence:
		return Finding{Check: "runs.interval", Status: Warn, Message: fmt.Sprintf("sync.interval (%s) is not shorter than alarm.silence (%s)", span(every), span(silence)),
			Why: "every pause between two runs will raise the alarm", Hint: "set alarm.silence to more than two intervals"}
	}
	return good("runs.interval", "sync all works at most every %s (sync.interval)", span(every))
}
