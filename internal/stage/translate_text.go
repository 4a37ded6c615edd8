package stage

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// draft notes on the way what is wrong with an order and which of its texts were cut.
type draft struct {
	problems []string // what DSCO's document says that could not be understood, "member: why"
	faults   []string
	cuts     []string
}

// fault notes what is wrong, in words, with the DSCO member that is to blame. Where that member could not be
// understood, the reason comes with it.
func (d *draft) fault(member, words string) {
	why := member
	i := slices.IndexFunc(d.problems, func(p string) bool { return strings.HasPrefix(p, member+":") })
	if i >= 0 {
		why = d.problems[i]
		d.problems = slices.Delete(slices.Clone(d.problems), i, i+1)
	}
	d.faults = append(d.faults, words+" ("+why+")")
}

// unfit is the error of an order that has faults, among them the problems that no fault has named.
func (d *draft) unfit(id string) error {
	for _, p := range d.problems {
		d.faults = append(d.faults, subject(p)+" cannot be understood ("+p+")")
	}
	if len(d.faults) == 0 {
		return nil
	}
	if !usable(id) {
		id = "ORDER-ID"
	}
	return &Unfit{Faults: d.faults,
		Hint: `have the retailer correct the order in DSCO: then it goes on by itself; or enter it in ShipStation by hand with the order number ` + id + `, then run: dscosync retry ` + id}
}

// subject is the part of an order that a problem is about.
func subject(problem string) string {
	var i int
	switch n, _ := fmt.Sscanf(problem, "lineItems[%d]", &i); {
	case n == 1:
		return fmt.Sprintf("line %d", i+1)
	case strings.HasPrefix(problem, "shipping"):
		return "the ship-to address"
	}
	return "the order"
}

// cut shortens a text to what ShipStation takes and notes the member. Its lengths are counted in UTF-16 units, the
// stricter of the two ways to read them.
func (d *draft) cut(member, text string, limit int) string {
	short := cut(text, limit)
	if short != text {
		d.cuts = append(d.cuts, member)
	}
	return short
}

// cut ends before the rune that would be too much, and before the letter that its accents belong to, unless there is
// nothing else.
func cut(text string, limit int) string {
	units, letter, joined := 0, 0, false
	for i, r := range text {
		if !joined && !joins(r) {
			letter = i
		}
		if units += utf16.RuneLen(r); units > limit {
			if letter == 0 {
				letter = i
			}
			return strings.TrimRightFunc(text[:letter], unicode.IsSpace)
		}
		joined = r == zeroWidthJoiner
	}
	return text
}

const zeroWidthJoiner = '\u200d'

// joins tells whether a rune is part of the letter before it.
func joins(r rune) bool {
	const firstSkinTone, lastSkinTone = '\U0001F3FB', '\U0001F3FF'
	return unicode.Is(unicode.M, r) || r == zeroWidthJoiner || (r >= firstSkinTone && r <= lastSkinTone)
}

// line is a text as one line, without control characters and without space around it.
func line(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(block(text), "\n", " "))
}

// block is a text that may have several lines, without other control characters and without space around it.
func block(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ").Replace(text)
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text))
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// stack puts the texts that are not empty below each other.
func stack(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(t string) bool { return t == "" }), "\n")
}
