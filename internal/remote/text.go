package remote

import (
	"unicode/utf8"

	"dscosync/internal/escape"
)

// Escape is a remote's text made harmless (see escape.Text) and cut to size characters, the last of them then being an
// ellipsis.
func Escape(s string, size int) string {
	text := escape.Text(s)
	if utf8.RuneCountInString(text) <= size {
		return text
	}
	return cut(text, size-1) + "…"
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
