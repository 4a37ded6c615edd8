package shipstation

import (
	"strings"
	"time"
	_ "time/tzdata" // hosts without a zone database still know Pacific time
)

// Pacific is the zone of every time that ShipStation sends or takes without an offset.
// See https://www.shipstation.com/docs/api/requirements/ .
var Pacific = pacific()

func pacific() *time.Location {
	l, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		panic("shipstation: " + err.Error()) // cannot be: time/tzdata is linked in
	}
	return l
}

const wallClock = "2006-01-02T15:04:05"

// Time is a moment that is sent as Pacific wall clock, "2026-02-11T06:15:22".
type Time struct{ time.Time }

// MarshalJSON takes the place of time.Time's, which would send an offset.
func (t Time) MarshalJSON() ([]byte, error) {
	return []byte(`"` + t.In(Pacific).Format(wallClock) + `"`), nil
}

// since writes the start of a window as Pacific wall clock. In the hour of November that comes twice
// the text may be read as either; it is then written so that both readings are not after t.
func since(t time.Time) string {
	text := t.In(Pacific).Format(time.DateTime)
	if read, ok := instant(text); ok && read.After(t) {
		text = t.Add(-time.Hour).In(Pacific).Format(time.DateTime)
	}
	return text
}

// instant parses a date of an answer: with 0 to 7 digits of a fraction, with an offset or without (it
// is Pacific then), or a date alone. Of a wall clock that comes twice it is the later moment. False
// for what is no date, and for years that no order is of ("0001-01-01").
func instant(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{wallClock, time.DateTime, time.DateOnly} {
		t, err := time.ParseInLocation(layout, s, Pacific)
		if err != nil {
			continue
		}
		if later := t.Add(time.Hour); later.Format(wallClock) == t.Format(wallClock) {
			t = later
		}
		return t.UTC(), sensible(t)
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), sensible(t)
		}
	}
	return time.Time{}, false
}

func sensible(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 2100 }
