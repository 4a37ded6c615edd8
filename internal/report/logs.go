package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"dscosync/internal/escape"
)

// WriteMovement writes a line of `logs`: when, in which run, of which order, what. It is never cut or broken: it is
// searched.
func WriteMovement(w io.Writer, m Movement, v View) error {
	run, of := "-", ""
	if m.Run != "" {
		run = escape.Text(string(m.Run))
	}
	if m.OrderID != "" {
		of = "order " + escape.Text(string(m.OrderID)) + ": "
	}
	_, err := fmt.Fprintf(w, "%s  %-8s  %s\n", m.At.seconds(v.Zone), run, v.tint(m.Level, of+escape.Text(m.String())))
	return err
}

// WriteMovementJSON writes a line of `logs --json`: one JSON document each.
func WriteMovementJSON(w io.Writer, m Movement) error {
	var indented, line bytes.Buffer
	if err := WriteDocument(&indented, m); err != nil {
		return err
	}
	if err := json.Compact(&line, indented.Bytes()); err != nil {
		return fmt.Errorf("json: %w", err)
	}
	line.WriteByte('\n')
	_, err := w.Write(line.Bytes())
	return err
}

// seconds is the moment as a history has it.
func (s Stamp) seconds(zone *time.Location) string {
	if zone == nil {
		zone = time.Local
	}
	return s.Time.In(zone).Format("2006-01-02 15:04:05 MST")
}

// tint colours what needs an eye.
func (v View) tint(level, text string) string {
	code := map[string]string{"warn": magenta, "error": red}[level]
	if !v.Colour || code == "" {
		return text
	}
	return code + text + plain
}
