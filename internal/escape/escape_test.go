package escape

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"": "",
		"PO7 日本 שלום 🎁 é e\u0301 \\n ~": "PO7 日本 שלום 🎁 é e\u0301 \\n ~",
		"a\nb\rc\td":               `a\nb\rc\td`,
		"\x00\x1b[2J\x7f":          `\x00\x1b[2J\x7f`,
		"\x1b]0;title\x07":         `\x1b]0;title\x07`,
		"\u0085\u009b31m":          `\u0085\u009b31m`,
		"\x9b31m\xc3":              `\x9b31m\xc3`,
		"\u202eevil\u2069":         `\u202eevil\u2069`,
		"\u200b\u200d\u2060\ufeff": `\u200b\u200d\u2060\ufeff`,
		"\u2028\u2029":             `\u2028\u2029`,
		"\U000e0041":               `\U000e0041`,
		"\ufffd":                   "\ufffd",
		"\xed\xa0\x80":             `\xed\xa0\x80`, // half of a surrogate pair
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

// listedRunes are those which must never reach a terminal.
func listedRunes() []rune {
	all := []rune{0x7f, 0x200e, 0x200f, 0x200b, 0x200c, 0x200d, 0xfeff, 0x2060, 0x2028, 0x2029}
	for _, r := range [][2]rune{{0, 0x1f}, {0x80, 0x9f}, {0x202a, 0x202e}, {0x2066, 0x2069}} {
		for c := r[0]; c <= r[1]; c++ {
			all = append(all, c)
		}
	}
	return all
}

func FuzzText(f *testing.F) {
	never := listedRunes()
	f.Add("plain")
	f.Add(string(never))
	f.Add("\xff\xc3\x28\x1b]0;x\x07\U000e0041")
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Text(%q) = %q is not UTF-8", s, got)
		}
		for _, r := range got {
			if slices.Contains(never, r) {
				t.Fatalf("Text(%q) = %q still has %U", s, got, r)
			}
		}
		if again := Text(got); again != got {
			t.Fatalf("Escape twice: %q, then %q", got, again)
		}
	})
}
