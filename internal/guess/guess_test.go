package guess

import (
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		word, name string
		want       int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"status", "status", 0}, {"STATUS", "status", 0},
		{"statsu", "status", 1}, // two neighbours
		{"statu", "status", 1}, {"statuss", "status", 1}, {"stutus", "status", 1},
		{"pull", "push-tracking", 11}, {"ab", "ba", 1}, {"kürzen", "kurzen", 1}, {"1026000010", "1026000001", 1},
	} {
		if got := Distance(test.word, test.name); got != test.want {
			t.Errorf("%q to %q is %d, not %d", test.word, test.name, got, test.want)
		}
		if there, back := Distance(test.word, test.name), Distance(test.name, test.word); there != back {
			t.Errorf("%q to %q is %d there and %d back", test.word, test.name, there, back)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, test := range []struct {
		word  string
		names []string
		want  []string
	}{
		{"statsu", []string{"pull", "status", "retry"}, []string{"status"}},
		{"nonsense", []string{"pull", "status", "retry"}, nil},
		{"xyz", []string{"abc", "xya"}, []string{"xya"}},
		{"ab", []string{"cd"}, nil},
		{"1026000099", []string{"1026000090", "1026000091", "1026000092", "1026000093"}, []string{"1026000091", "1026000092", "1026000093"}},
		{"1026000099", []string{"1026000012", "1026000098"}, []string{"1026000098"}},
		{"PO7", []string{"PO7", "PO7", "PO8"}, []string{"PO7"}},
		{"x", []string{""}, nil},
	} {
		if got := Nearest(test.word, test.names); !slices.Equal(got, test.want) {
			t.Errorf("near %q: %q, not %q", test.word, got, test.want)
		}
	}
}
