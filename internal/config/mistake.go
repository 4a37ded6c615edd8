package config

import (
	"strconv"
	"strings"

	"dscosync/internal/guess"
)

// Mistake is one thing that is wrong with the settings. It never holds the
// value of a secret.
type Mistake struct {
	Key  string // the setting, or the file or variable when it is none: sync.lookback
	Text string // what is wrong
	Hint string // what to write instead; may be empty
}

func (m Mistake) String() string {
	if m.Hint == "" {
		return m.Key + ": " + m.Text
	}
	return m.Key + ": " + m.Text + ": " + m.Hint
}

// WholeFile is the Key of a mistake about the settings file itself: it is missing, or cannot be opened.
const WholeFile = "settings file"

// Mistakes is everything that is wrong with the settings, and an error of
// wrong usage.
type Mistakes []Mistake

// Error gives each mistake a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, mistake := range m {
		lines[i] = mistake.String()
	}
	return strings.Join(lines, "\n")
}

// quote makes a text from the settings fit to stand in a line of a message.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.QuoteToASCII(text)
}

// bare is quote without the quotes where none are needed.
func bare(name string) string {
	quoted := quote(name)
	if inner := quoted[1 : len(quoted)-1]; inner == name && name != "" && !strings.ContainsAny(name, " :") {
		return name
	}
	return quoted
}

// nearest returns the name that text was probably meant to be, or "". A name
// that ends alike is as near as one with a single letter changed.
func nearest(text string, names []string) string {
	best, least := "", max(2, len(text)/4)+1
	for _, name := range names {
		far := guess.Distance(text, name)
		if last(text) == last(name) {
			far = min(far, 1)
		}
		if far < least {
			best, least = name, far
		}
	}
	return best
}

func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
