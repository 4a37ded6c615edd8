// Package report turns orders and the results of runs into what people and scripts read: table, CSV and JSON.
//
// Rows makes the facts once; WriteTable, WriteCSV and WriteJSON show the same ones. Whatever came from a remote is made
// harmless on its way out: the table and the CSV pass it through Escape, JSON through its own escapes.
package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes text that came from a remote fit for a terminal or a log line: what would move the cursor, turn the
// writing direction or not be seen at all becomes a visible escape such as \n, \x1b or \u202e. Other text stays as it
// is, and escaped text is not escaped again.
func Escape(s string) string {
	if strings.IndexFunc(s, hidden) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r <= 0x7f && hidden(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff && hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		case hidden(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// hidden holds for control characters (C0, DEL, C1), for format characters (those for the writing direction, of no
// width, tags) and for the line and paragraph separators.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
