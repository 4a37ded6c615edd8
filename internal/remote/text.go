package remote

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes a remote's text safe for a terminal and a log line: control characters, line breaks,
// bidi and zero-width characters and bytes that are not UTF-8 are written as \x1b, \n or \u202e.
// It is cut to size characters, the last of them then being an ellipsis.
func Escape(s string, size int) string {
	var b strings.Builder
	n := 0
	for i, w := 0, 0; i < len(s); i += w {
		var r rune
		r, w = utf8.DecodeRuneInString(s[i:])
		piece := escape(r, w, s[i])
		if n += utf8.RuneCountInString(piece); n > size {
			return cut(b.String(), size-1) + "…"
		}
		b.WriteString(piece)
	}
	return b.String()
}

func escape(r rune, width int, first byte) string {
	switch {
	case r == utf8.RuneError && width == 1:
		return fmt.Sprintf(`\x%02x`, first)
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case unicode.Is(unicode.Cc, r) && r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff && unicode.Is(unicode.Cf, r):
		return fmt.Sprintf(`\U%08x`, r)
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return fmt.Sprintf(`\u%04x`, r)
	}
	return string(r)
}

// cut keeps the first n characters.
func cut(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}
