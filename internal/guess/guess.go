// Package guess finds what somebody may have meant by a word that nothing is called.
package guess

import "strings"

// Guess looks for the names nearest to a word among those it is shown, however many they are.
type Guess struct {
	word  string
	least int // a name as far as this is still near
	names []string
}

// most is how many names a guess gives: more would be no help.
const most = 3

// At begins a guess at a word. In a short word one slip is as much as it bears, in a longer one two.
func At(word string) *Guess {
	g := &Guess{word: word, least: 2}
	if len(word) < 4 {
		g.least = 1
	}
	return g
}

// Try shows it a name. Of names that are as near as each other the last ones shown stay.
func (g *Guess) Try(name string) {
	if d := len(name) - len(g.word); name == "" || d > 2*g.least || -d > 2*g.least {
		return // too far whatever it says: a letter may have more than one byte, hence twice
	}
	far := Distance(g.word, name)
	switch {
	case far > g.least:
		return
	case far < g.least:
		g.least, g.names = far, nil
	}
	for _, have := range g.names {
		if have == name {
			return
		}
	}
	g.names = append(g.names, name)
	g.names = g.names[max(0, len(g.names)-most):]
}

// Names are the nearest names, none when all were far.
func (g *Guess) Names() []string { return g.names }

// Nearest is a guess among a few names.
func Nearest(word string, names []string) []string {
	g := At(word)
	for _, name := range names {
		g.Try(name)
	}
	return g.Names()
}

// Distance is how many letters were left out, put in, changed, or taken for their neighbour's place, capitals aside.
func Distance(word, name string) int {
	a, b := []rune(strings.ToLower(word)), []rune(strings.ToLower(name))
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := range a {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i + 1
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		rows = [3][]int{last, row, before}
	}
	return rows[1][len(b)]
}
