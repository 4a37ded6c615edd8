package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"dscosync/internal/escape"
)

// lines is a slog.Handler that writes what people read: "dscosync: warning: order 1026064165: ...".
type lines struct {
	out   io.Writer
	level slog.Level
	mu    *sync.Mutex
	attrs []slog.Attr
}

func newLines(out io.Writer, level slog.Level) *lines {
	return &lines{out: out, level: level, mu: new(sync.Mutex)}
}

func (l *lines) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

func (l *lines) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString("dscosync: ")
	switch {
	case r.Level >= slog.LevelError:
		b.WriteString("error: ")
	case r.Level >= slog.LevelWarn:
		b.WriteString("warning: ")
	}
	b.WriteString(escape.Text(r.Message))
	hint := ""
	write := func(a slog.Attr) bool {
		if a.Key == "hint" { // on a line of its own, like that of an error
			hint = "dscosync: hint: " + escape.Text(a.Value.Resolve().String()) + "\n"
			return true
		}
		fmt.Fprintf(&b, " %s=%s", a.Key, escape.Text(a.Value.Resolve().String()))
		return true
	}
	for _, a := range l.attrs {
		write(a)
	}
	r.Attrs(write)
	b.WriteString("\n" + hint)
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := io.WriteString(l.out, b.String())
	return err
}

func (l *lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *l
	with.attrs = append(l.attrs[:len(l.attrs):len(l.attrs)], attrs...)
	return &with
}

func (l *lines) WithGroup(string) slog.Handler { return l }
