package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// span is a flag's duration. It may be given in days too, and its mistakes read like those of the settings.
type span struct{ to *time.Duration }

var errNegative = errors.New("it is negative: write it like 30s, 24h or 7d")

var (
	digits    = regexp.MustCompile(`^[0-9]+$`)
	wholeDays = regexp.MustCompile(`^([0-9]{1,4})d$`)
)

// String is empty for 0, which pflag then leaves out of the help.
func (s *span) String() string {
	if s.to == nil || *s.to == 0 {
		return ""
	}
	return s.to.String()
}

// Type is what the help shows.
func (s *span) Type() string { return "duration" }

// Set reads 30s, 24h or 7d.
func (s *span) Set(text string) error {
	if digits.MatchString(text) && text != "0" {
		return fmt.Errorf("%s has no unit: write %[1]ss or %[1]sm", text)
	}
	if days := wholeDays.FindStringSubmatch(text); days != nil {
		n, err := strconv.Atoi(days[1])
		*s.to = time.Duration(n) * 24 * time.Hour
		return err
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is not a duration: write it like 30s, 24h or 7d", text)
	}
	*s.to = d
	return nil
}

// wrongValue is what pflag says of a flag's value: the value in quotes, the flag, and what its type says.
var wrongValue = regexp.MustCompile(`(?s)^invalid argument (".*") for "(?:-., )?(--[a-z-]+)" flag: (.*)$`)

// wrongFlag says what is wrong with a flag, in words where its type speaks of Go's functions.
func wrongFlag(err error) string {
	part := wrongValue.FindStringSubmatch(err.Error())
	if part == nil {
		return err.Error()
	}
	value, name, text := part[1], part[2], part[3]
	if number, ok := errors.AsType[*strconv.NumError](err); ok {
		switch {
		case number.Func == "ParseBool":
			text = value + " is neither true nor false"
		case errors.Is(number, strconv.ErrRange):
			text = value + " is too large: write a smaller number"
		default:
			text = value + " is not a number: write digits alone"
		}
	}
	return name + ": " + text
}
