package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"

	"dscosync/internal/escape"
)

// Counts says how many of the orders listed have each status.
type Counts struct {
	Received  int `json:"received"`
	Sent      int `json:"sent"`
	Shipped   int `json:"shipped"`
	Cancelled int `json:"cancelled"`
	Error     int `json:"error"`
}

func count(rows []Row) Counts {
	var c Counts
	for _, r := range rows {
		switch r.Status {
		case "received":
			c.Received++
		case "sent":
			c.Sent++
		case "shipped":
			c.Shipped++
		case "cancelled":
			c.Cancelled++
		case failed:
			c.Error++
		}
	}
	return c
}

// WriteJSON writes the document of `status --json`. now is the moment the rows were made.
func WriteJSON(w io.Writer, rows []Row, now time.Time) error {
	if rows == nil {
		rows = []Row{}
	}
	return WriteDocument(w, struct {
		Generated Stamp  `json:"generated_at"`
		Counts    Counts `json:"counts"`
		Orders    []Row  `json:"orders"`
	}{Stamp{now}, count(rows), rows})
}

// WriteDocument writes one JSON document, indented.
func WriteDocument(w io.Writer, document any) error {
	text, err := encode(document, "")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// encode is a part of a document, indented, its further lines after a prefix. Beyond what JSON itself escapes it escapes the
// characters that Escape makes visible: to a parser they are the same text, and on a terminal they do no harm.
func encode(part any, prefix string) ([]byte, error) {
	var plain, safe bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "  ")
	if err := enc.Encode(part); err != nil {
		return nil, fmt.Errorf("json: %w", err)
	}
	for _, r := range strings.TrimSuffix(plain.String(), "\n") {
		if r < 0x7f || !escape.Hidden(r) {
			safe.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&safe, `\u%04x`, unit)
		}
	}
	return safe.Bytes(), nil
}

// Text is a text whose JSON is null when it is empty.
type Text string

// MarshalJSON gives null for no text.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // the outer encoder keeps what is escaped here
	err := enc.Encode(string(t))
	return bytes.TrimRight(b.Bytes(), "\n"), err
}
