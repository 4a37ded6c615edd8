package cli

import (
	"bytes"
	"io"
	"sync"
)

// echo passes on what a run says and keeps the end of it, for those who were not there.
type echo struct {
	out  io.Writer
	mu   sync.Mutex
	said []byte
}

// echoed is as much as healthchecks.io stores of a ping even where it is set up to store little.
const echoed = 10_000

func (e *echo) Write(b []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.said = append(e.said, b...)
	if extra := len(e.said) - 2*echoed; extra > 0 {
		e.said = append(e.said[:0], e.said[len(e.said)-echoed:]...)
	}
	return e.out.Write(b)
}

// end is the last of what was said, in whole lines.
func (e *echo) end() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	text := e.said
	if len(text) > echoed {
		text = text[len(text)-echoed:]
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return string(text)
}
