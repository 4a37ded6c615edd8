package report

import (
	"fmt"
	"io"

	"dscosync/internal/escape"
	"dscosync/internal/order"
)

// What the commands of `db` did. The JSON of each is that of its command.
type (
	// Checked is the state file, or another, found sound or not.
	Checked struct {
		File     string   `json:"file"`
		Sound    bool     `json:"sound"`
		Schema   int      `json:"schema"`
		Bytes    int64    `json:"bytes"`
		Open     int      `json:"open_orders"`
		Finished int      `json:"finished_orders"`
		Journal  int      `json:"journal_lines"`
		Problems []string `json:"problems"`
		Unnamed  int      `json:"problems_not_named"` // beyond those
	}
	// BackedUp is a copy that was made.
	BackedUp struct {
		File  string `json:"file"`
		Bytes int64  `json:"bytes"`
	}
	// Restored is a copy that was put back.
	Restored struct {
		File  string `json:"file"`
		From  string `json:"from"`
		Aside Text   `json:"kept_aside"` // what stood there before
	}
	// Compacted is the state file without its free pages.
	Compacted struct {
		File   string `json:"file"`
		Before int64  `json:"bytes_before"`
		After  int64  `json:"bytes_after"`
	}
	// Pruned is what was dropped, or would be, and the file compacted then.
	Pruned struct {
		File   string `json:"file"`
		DryRun bool   `json:"dry_run"`
		Since  Stamp  `json:"older_than"`
		Orders int    `json:"orders"`
		Lines  int    `json:"journal_lines"`
		Before int64  `json:"bytes_before"`
		After  int64  `json:"bytes_after"`
	}
	// Rebuilt is a state file made anew.
	Rebuilt struct {
		File   string `json:"file"`
		DryRun bool   `json:"dry_run"`
		Counts Counts `json:"counts"`
		Aside  Text   `json:"kept_aside"`
		Calls  Calls  `json:"calls"`
	}
)

// WriteDone writes what a command of `db` did, in words or as one JSON document.
func WriteDone(w io.Writer, done fmt.Stringer, asJSON bool) error {
	if asJSON {
		return WriteDocument(w, done)
	}
	_, err := fmt.Fprintln(w, escape.Text(done.String()))
	return err
}

func (c Checked) String() string {
	if !c.Sound {
		return c.File + " is damaged: " + several(len(c.Problems)+c.Unnamed, "problem")
	}
	return fmt.Sprintf("%s is sound: %s, %s, %s, %s", c.File, several(c.Open, "open order"), several(c.Finished, "finished order"), several(c.Journal, "journal line"), size(c.Bytes))
}

// String is the name alone: a script may go on with it.
func (b BackedUp) String() string { return b.File }

func (r Restored) String() string {
	line := r.File + " is that of " + r.From + " again; the next run first reads what is on both sides"
	if r.Aside != "" {
		line += "; what stood there is " + string(r.Aside) + " now"
	}
	return line
}

func (c Compacted) String() string {
	if c.After == c.Before {
		return fmt.Sprintf("%s has nothing to spare: %s", c.File, size(c.After))
	}
	return fmt.Sprintf("%s had %s, now %s", c.File, size(c.Before), size(c.After))
}

func (p Pruned) String() string {
	what := fmt.Sprintf("%s and %s from before %s", several(p.Orders, "finished order"), several(p.Lines, "journal line"), p.Since)
	if p.DryRun {
		return "would drop " + what
	}
	return "dropped " + what + "; " + Compacted{p.File, p.Before, p.After}.String()
}

func (r Rebuilt) String() string {
	c := r.Counts
	what := fmt.Sprintf("%s from DSCO and ShipStation: %s (%d received, %d sent, %d shipped, %d cancelled, %d held)", r.File,
		several(c.Received+c.Sent+c.Shipped+c.Cancelled+c.Error, "order"), c.Received, c.Sent, c.Shipped, c.Cancelled, c.Error)
	if r.DryRun {
		return "would make " + what
	}
	line := "made " + what
	if r.Aside != "" {
		line += "; what stood there is " + string(r.Aside) + " now"
	}
	return line
}

// Tally counts orders by their status.
func Tally(orders []order.Order) Counts {
	rows := make([]Row, len(orders))
	for i, o := range orders {
		rows[i].Status = StatusOf(o)
	}
	return count(rows)
}

// several is a number of things.
func several(n int, word string) string { return fmt.Sprintf("%d %s", n, plural(n, word)) }

// size is a number of bytes as people say it.
func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1000_000)
}
