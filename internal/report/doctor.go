package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"dscosync/internal/escape"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// skipped is the status of a check that was not made.
const skipped = "skipped"

// Checkup is what `doctor` found. Its JSON is that of `doctor --json`.
type Checkup struct {
	Generated Stamp         `json:"generated_at"`
	Version   string        `json:"version"` // of the program
	ExitCode  int           `json:"exit_code"`
	Counts    CheckupCounts `json:"counts"`
	Findings  []Finding     `json:"findings"`
}

// CheckupCounts says how many findings have each status.
type CheckupCounts struct {
	OK      int `json:"ok"`
	Warn    int `json:"warn"`
	Error   int `json:"error"`
	Skipped int `json:"skipped"`
}

// Finding is what one check found.
type Finding struct {
	Check   string `json:"check"`
	Status  string `json:"status"` // ok, warn, error; skipped: what it needs is not in order
	Message string `json:"message"`
	Why     Text   `json:"why"`
	Hint    Text   `json:"hint"`
}

// Count counts the findings.
func (c *Checkup) Count() {
	c.Counts = CheckupCounts{}
	for _, f := range c.Findings {
		switch f.Status {
		case "ok":
			c.Counts.OK++
		case "warn":
			c.Counts.Warn++
		case "error":
			c.Counts.Error++
		default:
			c.Counts.Skipped++
		}
	}
}

// WriteCheckupJSON writes the findings as one JSON document.
func WriteCheckupJSON(w io.Writer, c Checkup) error {
	if c.Findings == nil {
		c.Findings = []Finding{}
	}
	return WriteDocument(w, c)
}

// WriteCheckup writes a line for each check; beneath those that are not well, why that matters and how it is mended.
// Lines are broken to the terminal's width, and where there is none to that of a mail. Words are never cut.
func WriteCheckup(w io.Writer, c Checkup, v View) error {
	width, name := cmp.Or(v.Width, 80), 0
	for _, f := range c.Findings {
		if f.Status != skipped {
			name = max(name, twwidth.Width(f.Check))
		}
	}
	p := &page{v: View{Width: width, Colour: v.Colour}}
	var last Finding
	for _, f := range c.Findings {
		word := fmt.Sprintf("%-7s", f.Status)
		before := word + gap + f.Check + strings.Repeat(" ", max(0, name-twwidth.Width(f.Check))) + gap
		switch f.Status {
		case skipped:
			continue
		case "ok":
			p.say(before, f.Message, "")
		default:
			lines := hang(before, escape.Text(f.Message), width)
			lines[0] = p.v.tint(f.Status, word) + lines[0][len(word):]
			fmt.Fprintln(&p.out, strings.Join(lines, "\n"))
		}
		under := strings.Repeat(" ", len(word)+len(gap))
		if f.Why != "" && f.Why != last.Why { // mistakes in the settings all have the same
			p.say(under+"why:  ", string(f.Why), "")
		}
		if f.Hint != "" {
			p.say(under+"hint: ", string(f.Hint), "")
		}
		last = f
	}
	for _, s := range c.skips() {
		p.say(skipped+gap, s, "")
	}
	fmt.Fprintln(&p.out, c.summary())
	_, err := w.Write(p.out.Bytes())
	return err
}

// skips names the checks that were not made, those for the same reason together.
func (c Checkup) skips() []string {
	var reasons []string
	names := map[string][]string{}
	for _, f := range c.Findings {
		if f.Status != skipped {
			continue
		}
		if names[f.Message] == nil {
			reasons = append(reasons, f.Message)
		}
		names[f.Message] = append(names[f.Message], f.Check)
	}
	for i, reason := range reasons {
		reasons[i] = strings.Join(names[reason], ", ") + ": " + reason
	}
	return reasons
}

func (c Checkup) summary() string {
	parts := []string{fmt.Sprintf("%d ok", c.Counts.OK)}
	for _, n := range []struct {
		n    int
		noun string
	}{{c.Counts.Warn, "warning"}, {c.Counts.Error, "error"}} {
		if n.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.n, plural(n.n, n.noun)))
		}
	}
	if c.Counts.Skipped > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", c.Counts.Skipped))
	}
	return strings.Join(parts, ", ")
}
