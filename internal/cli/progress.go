package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress shows a person at a terminal how far a run is, on one line that is rewritten at most ten times a second.
type progress struct {
	out   io.Writer
	mu    sync.Mutex
	last  time.Time
	shown bool
}

func newProgress(out io.Writer) *progress { return &progress{out: out} }

func (p *progress) show(stage, doing string, done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.shown = time.Now(), true
	line := stage + ": " + doing
	switch {
	case of > 0:
		line += fmt.Sprintf(" %d/%d", done, of)
	case done > 0:
		line += fmt.Sprintf(" %d", done)
	}
	if width, ok := terminal(p.out); ok && len(line) >= width {
		line = line[:max(0, width-1)]
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", line)
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// Write lets a line of the log through: the progress makes way for it.
func (p *progress) Write(b []byte) (int, error) {
	p.clear()
	return p.out.Write(b)
}
