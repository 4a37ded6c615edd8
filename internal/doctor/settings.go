package doctor

import (
	"context"
	"errors"
	"strings"
	"time"

	"dscosync/internal/config"
	"dscosync/internal/shipstation"
)

// commands is how long the settings may take: each of three secrets may be printed by a command, which has ten seconds.
const commands = 30 * time.Second

// settings reads them as a run does. Whatever of them can be understood, the other checks go by.
func (e *exam) settings(ctx context.Context) {
	e.progress("settings")
	type loaded struct {
		config config.Config
		err    error
	}
	l, err := bounded(ctx, max(commands, e.limit), func(ctx context.Context) loaded {
		c, err := config.Load(ctx, e.Settings)
		return loaded{c, err}
	})
	if err == nil {
		err = l.err
	}
	e.config = l.config
	if err != nil && !errors.As(err, &e.mistakes) {
		e.add(gaveUp("settings", Settings, err))
		return
	}
	for _, m := range e.mistakes {
		hint := m.Hint
		if hint == "" {
			hint = "correct it, then run: dscosync config validate"
		}
		e.add(Finding{Check: "settings", Status: Error, Class: Settings, Message: m.Key + ": " + m.Text, Hint: hint,
			Why: "no run begins before all settings are right"})
	}
	if len(e.mistakes) == 0 {
		from := e.config.Path
		if from == "" {
			from = "all from the environment"
		}
		e.add(good("settings", "%s", from))
	}
	if e.config.State == "" || !strings.HasPrefix(e.config.State, "/") || e.wrong("state") || !e.known() && e.Settings.State == "" {
		return
	}
	if e.state, err = e.Place(e.config.State); err != nil {
		e.state = ""
		e.add(Finding{Check: "state", Status: Error, Class: Machine, Message: err.Error(), Hint: hinted(err, "name another file with --state"),
			Why: "all that is known of the orders is in the state file"})
	}
}

// known tells whether the settings were found: else each of them has its default, which says nothing of this set-up.
func (e *exam) known() bool {
	nowhere := e.config.Path == "" && e.wrong(config.WholeFile) && len(e.mistakes) == 1
	return !e.config.Unread && !nowhere
}

// wrong tells whether a setting has a mistake.
func (e *exam) wrong(key string) bool {
	for _, m := range e.mistakes {
		if m.Key == key {
			return true
		}
	}
	return false
}

// timezone looks at the zone in which times are shown. The one that ShipStation counts in is part of the program.
func (e exam) timezone(context.Context) []Finding {
	zone := ""
	for _, kv := range e.Settings.Env {
		if value, ok := strings.CutPrefix(kv, "TZ="); ok {
			zone = strings.TrimPrefix(value, ":")
		}
	}
	if _, err := time.LoadLocation(zone); err != nil && !strings.HasPrefix(zone, "/") {
		return []Finding{{Check: "timezone", Status: Warn, Message: "TZ is " + zone + ", which is no time zone: times are shown in UTC",
			Why: "whoever compares them with a portal is hours off; what is sent and stored is right all the same", Hint: "set TZ to a name like America/New_York"}}
	}
	name, _ := e.Now().Local().Zone()
	return []Finding{good("timezone", "times are shown in %s; %s, which ShipStation counts in, is known", name, shipstation.Pacific)}
}
