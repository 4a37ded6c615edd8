package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"dscosync/internal/escape"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// sheet is a small table of which nothing is ever cut: what has no room stands beneath its row, by its name.
type sheet struct {
	names   []string
	rows    [][]string // unescaped
	leaving []string   // the columns that may leave, the first one first
}

// lines draws the sheet to fit a width; 0 is any. A column in which all cells are empty is left out.
func (s sheet) lines(width int) ([]string, error) {
	shown := slices.Clone(s.names)
	for i, name := range s.names {
		if !slices.ContainsFunc(s.rows, func(row []string) bool { return row[i] != "" }) {
			shown = slices.DeleteFunc(shown, func(have string) bool { return have == name })
		}
	}
	gone := []string{}
	for _, name := range s.leaving {
		if width == 0 || s.width(shown) <= width {
			break
		}
		if slices.Contains(shown, name) {
			shown = slices.DeleteFunc(shown, func(have string) bool { return have == name })
			gone = append(gone, name)
		}
	}
	l := layout{cells: [][]string{shown}}
	for _, row := range s.rows {
		l.cells = append(l.cells, s.pick(row, shown))
	}
	drawn, err := l.draw()
	if err != nil {
		return nil, err
	}
	lines := []string{drawn[0]}
	for i, row := range s.rows {
		lines = append(lines, drawn[i+1])
		for _, name := range s.names {
			if slices.Contains(gone, name) && row[s.at(name)] != "" {
				lines = append(lines, hang(indent, name+": "+escape.Text(row[s.at(name)]), width)...)
			}
		}
	}
	return lines, nil
}

func (s sheet) at(name string) int { return slices.Index(s.names, name) }

// pick gives the cells of a row that are shown, escaped.
func (s sheet) pick(row, shown []string) []string {
	cells := make([]string, len(shown))
	for i, name := range shown {
		cells[i] = escape.Text(row[s.at(name)])
	}
	return cells
}

func (s sheet) width(shown []string) int {
	total := len(gap) * (len(shown) - 1)
	for _, name := range shown {
		widest := twwidth.Width(name)
		for _, row := range s.rows {
			widest = max(widest, twwidth.Width(escape.Text(row[s.at(name)])))
		}
		total += widest
	}
	return total
}

// WriteText writes a text as a line of its own, on a terminal broken at spaces and not within a word.
func WriteText(w io.Writer, text string, v View) error {
	_, err := fmt.Fprintln(w, strings.Join(hang("", escape.Text(text), v.Width), "\n"))
	return err
}

// hang breaks a text at its spaces to fit a width, 0 being any, behind what stands before it in its first line. A word
// that is longer stays whole: it may be an id.
func hang(before, text string, width int) []string {
	var lines []string
	line, used, empty := before, twwidth.Width(before), true
	margin := strings.Repeat(" ", used)
	for word := range strings.SplitSeq(text, " ") {
		w := twwidth.Width(word)
		switch {
		case empty:
			line, used, empty = line+word, used+w, false
		case width > 0 && used+1+w > width:
			lines = append(lines, strings.TrimRight(line, " "))
			line, used = margin+word, len(margin)+w
		default:
			line, used = line+" "+word, used+1+w
		}
	}
	return append(lines, strings.TrimRight(line, " "))
}
