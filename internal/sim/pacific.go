package sim

import (
	"strings"
	"time"
	_ "time/tzdata" // hosts without zone files know Pacific time too
)

// pacific is where ShipStation's clock stands. Its times carry no zone: an hour each November is written twice.
var pacific = mustLoad("America/Los_Angeles")

// How ShipStation writes times: on orders, on their items, and dates.
const (
	sevenDigits = "2006-01-02T15:04:05.0000000"
	fewDigits   = "2006-01-02T15:04:05.999"
	dateOnly    = "2006-01-02"
)

// readings are the forms in which ShipStation takes a time.
var readings = []string{
	"2006-01-02", "2006-01-02T15:04:05.9999999", "2006-01-02 15:04:05.9999999",
	"2006-01-02T15:04:05.9999999Z07:00", "2006-01-02 15:04:05.9999999Z07:00",
}

// wallClock writes an instant as ShipStation does: Pacific, to the millisecond, seven digits.
func wallClock(t time.Time) string {
	return t.In(pacific).Truncate(time.Millisecond).Format(sevenDigits)
}

// readWall reads what a client or a document says of a time as what a clock on a Pacific wall shows, put into UTC so that
// two such times compare as text would. A time with a zone is brought to Pacific first.
func readWall(text string) (time.Time, bool) {
	for _, form := range readings {
		t, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		if strings.HasSuffix(form, "Z07:00") {
			t = t.In(pacific)
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
		}
		return t, true
	}
	return time.Time{}, false
}

func mustLoad(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return l
}
