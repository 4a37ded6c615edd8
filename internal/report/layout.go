package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"dscosync/internal/escape"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

const (
	gap    = "  "   // between columns
	indent = "    " // of a line beneath a row
)

// layout is a table made to fit its place.
type layout struct {
	columns []column
	cells   [][]string // the header's come first
	widths  []int      // of the columns, on the screen
	screen  int        // 0: any
}

// arrange cuts what may be cut, and lets columns leave until there is room for the rest. Before anything is cut, what
// keeps an order moves beneath its row: it is what a reader came for, and has room there.
func arrange(rows []Row, v View) layout {
	l := layout{columns: slices.Clone(columns), screen: v.Width}
	l.fill(rows, v)
	leave := func(name string) {
		l.columns = slices.DeleteFunc(l.columns, func(c column) bool { return c.name == name })
		l.fill(rows, v)
	}
	if l.over() > 0 {
		leave("Error")
	}
	for _, name := range leaving {
		if l.fit() {
			break
		}
		leave(name)
	}
	return l
}

// over is by how much the columns are wider than the screen.
func (l *layout) over() int {
	if l.screen == 0 {
		return 0
	}
	over := len(gap)*(len(l.widths)-1) - l.screen
	for _, w := range l.widths {
		over += w
	}
	return over
}

// fill makes the cells and measures them. All are escaped here, so that none can be forgotten.
func (l *layout) fill(rows []Row, v View) {
	l.cells, l.widths = make([][]string, 1+len(rows)), make([]int, len(l.columns))
	for i, col := range l.columns {
		l.cells[0] = append(l.cells[0], col.name)
		for j, r := range rows {
			l.cells[j+1] = append(l.cells[j+1], escape.Text(col.cell(r, v)))
		}
		l.measure(i)
	}
}

func (l *layout) measure(i int) {
	l.widths[i] = 0
	for _, line := range l.cells {
		l.widths[i] = max(l.widths[i], twwidth.Width(line[i]))
	}
}

// fit cuts the columns that may be cut, the last one first, and tells whether all of them have room then.
func (l *layout) fit() bool {
	over := l.over()
	for i, col := range slices.Backward(l.columns) {
		if over <= 0 {
			break
		}
		if col.least == 0 || l.widths[i] <= col.least {
			continue
		}
		was, width := l.widths[i], max(col.least, l.widths[i]-over)
		for _, line := range l.cells {
			line[i] = cut(line[i], width)
		}
		l.measure(i) // less than width where a character of two columns was cut off
		over -= was - l.widths[i]
	}
	return over <= 0
}

// draw gives the lines, the header's first, without the spaces that tablewriter puts at their ends.
func (l *layout) draw() ([]string, error) {
	var out bytes.Buffer
	table := tablewriter.NewTable(&out,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleNone),
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		})),
		tablewriter.WithPadding(tw.Padding{Right: gap, Overwrite: true}),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft), tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off), // else it would move a cell that begins with a space
	)
	cells := l.bounded()
	table.Header(cells[0])
	if err := table.Bulk(cells[1:]); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	if err := table.Render(); err != nil {
		return nil, fmt.Errorf("table: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(l.cells) {
		return nil, fmt.Errorf("table: %d lines drawn for %d orders", len(lines), len(l.cells)-1)
	}
	for i := range lines {
		lines[i] = strings.TrimRight(whole(lines[i], cells[i], l.cells[i]), " ")
	}
	return lines, nil
}

// broad is how wide a cell may make its column where nothing is cut: a longer one moves the rest of its own line alone.
const broad = 200

// bounded gives the cells without what is beyond that. On a terminal they are as they have to be already.
func (l *layout) bounded() [][]string {
	if l.screen > 0 {
		return l.cells
	}
	cells := make([][]string, len(l.cells))
	for i, line := range l.cells {
		cells[i] = slices.Clone(line)
		for j, cell := range line {
			if len(cell) > broad && twwidth.Width(cell) > broad {
				cells[i][j] = twwidth.Truncate(cell, broad)
			}
		}
	}
	return cells
}

// whole puts into a drawn line what its cells lack.
func whole(line string, drawn, cells []string) string {
	at := 0
	for i, cell := range drawn {
		at += strings.Index(line[at:], cell) + len(cell)
		if rest := cells[i][len(cell):]; rest != "" {
			line = line[:at] + rest + line[at:]
			at += len(rest)
		}
	}
	return line
}

// paint colours the status in a drawn line. tablewriter would count the escapes right but add resets of its own.
func (l *layout) paint(line, word string) string {
	code := colour(word)
	if code == "" {
		return line
	}
	start := 0 // on the screen
	for i, col := range l.columns {
		if col.name == "Status" {
			break
		}
		start += l.widths[i] + len(gap)
	}
	passed := 0
	for at, r := range line {
		if passed == start {
			return line[:at] + code + line[at:at+len(word)] + plain + line[at+len(word):]
		}
		passed += twwidth.Width(string(r))
	}
	return line
}

// beneath gives the lines under an order's row, the nth.
func (l *layout) beneath(n int, r Row) []string {
	var lines []string
	for _, col := range columns {
		if l.screen == 0 {
			break
		}
		at := slices.IndexFunc(l.columns, func(c column) bool { return c.name == col.name })
		gone := at < 0
		if col.whole != nil {
			whole := escape.Text(col.whole(r))
			if gone && whole != "" || !gone && !strings.Contains(l.cells[n+1][at], whole) {
				lines = append(lines, strings.TrimRight(indent+"PO: "+whole, " "))
			}
		}
		if col.beneath == nil {
			continue
		}
		for _, text := range col.beneath(r, gone) {
			text = strings.TrimRight(indent+escape.Text(text), " ")
			if !col.prose {
				lines = append(lines, text)
				continue
			}
			for _, line := range hang(indent, strings.TrimPrefix(text, indent), l.screen) {
				lines = append(lines, cut(line, l.screen)) // a word of nobody's may be longer
			}
		}
	}
	return lines
}

// cut shortens a text to a width on the screen. (Truncate alone would put the mark behind a text that is short enough.)
func cut(s string, width int) string {
	if twwidth.Width(s) <= width {
		return s
	}
	return twwidth.Truncate(s, width, "…")
}
