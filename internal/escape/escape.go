// Package escape makes text that came from somebody else harmless before it reaches a terminal or a log.
package escape

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes what came from a remote fit for a terminal or a log line: what would move the cursor, turn the
// writing direction or not be seen at all becomes a visible escape such as \n, \x1b or \u202e. Other text stays as it
// is, and escaped text is not escaped again.
func Text(s string) string {
	if strings.IndexFunc(s, Hidden) < 0 && utf8.ValidString(s) {
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
		case r <= 0x7f && Hidden(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff && Hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		case Hidden(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// Hidden holds for control characters (C0, DEL, C1), for format characters (those for the writing direction, of no
// width, tags) and for the line and paragraph separators.
func Hidden(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
