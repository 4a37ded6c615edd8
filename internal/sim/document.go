package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

type object = map[string]any

// history is one document and what it was before, for lists that lag.
type history struct {
	versions []version // the oldest first
	shown    version   // the newest that the client was shown; without doc as long as there is none
}

// version is what a document was from a time on; a nil doc is a document that is gone.
type version struct {
	at   time.Time
	doc  object        // never changed once it stands here
	late time.Duration // how old it has to be where lists show it even later than their lag
}

// shows tells whether a list that lags so much has the version.
func (v version) shows(now time.Time, lag time.Duration) bool {
	lag = max(lag, v.late)
	return lag <= 0 || !v.at.After(now.Add(-lag))
}

// put makes doc the newest version and forgets those that no list can show any more.
func (h *history) put(at time.Time, doc object, lag, late time.Duration) {
	if n := len(h.versions); n > 0 && at.Before(h.versions[n-1].at) {
		at = h.versions[n-1].at
	}
	h.versions = append(h.versions, version{at, doc, late})
	for len(h.versions) > 1 && h.versions[1].shows(at, lag) {
		h.versions = h.versions[1:]
	}
}

// latest is the document as it is; nil when it is gone.
func (h *history) latest() object { return h.versions[len(h.versions)-1].doc }

// asOf is the document as a list shows it that lags so much; nil when it does not show it.
func (h *history) asOf(now time.Time, lag time.Duration) object { return h.version(now, lag).doc }

func (h *history) version(now time.Time, lag time.Duration) version {
	for _, v := range slices.Backward(h.versions) {
		if v.shows(now, lag) {
			return v
		}
	}
	return version{}
}

// show notes that the client sees the document as a list has it that lags so much. An older version takes nothing back.
func (h *history) show(now time.Time, lag time.Duration) {
	if v := h.version(now, lag); v.doc != nil && !v.at.Before(h.shown.at) {
		h.shown = v
	}
}

// At reads a member of a document; a path element is a member's name or a place in a list. Nil when there is none.
func At(doc any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			o, _ := doc.(object)
			doc = o[p]
		case int:
			l, _ := doc.([]any)
			if p < 0 || p >= len(l) {
				return nil
			}
			doc = l[p]
		}
	}
	return doc
}

// Text reads a member that is text or a number as text; "" when there is none.
func Text(doc any, path ...any) string {
	switch v := At(doc, path...).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Int reads a member that is a whole number; 0 when there is none.
func Int(doc any, path ...any) int64 {
	n, _ := strconv.ParseInt(Text(doc, path...), 10, 64)
	return n
}

// each calls f for the objects in a list.
func each(list any, f func(i int, o object)) {
	l, _ := list.([]any)
	for i, v := range l {
		if o, ok := v.(object); ok {
			f(i, o)
		}
	}
}

// clone copies a document to the ground.
func clone[T any](v T) T {
	var c any = v
	switch v := any(v).(type) {
	case object:
		if v != nil {
			m := make(object, len(v))
			for k, e := range v {
				m[k] = clone(e)
			}
			c = m
		}
	case []any:
		if v != nil {
			l := make([]any, len(v))
			for i, e := range v {
				l[i] = clone(e)
			}
			c = l
		}
	}
	t, _ := c.(T)
	return t
}

// normal is a document as it would come out of JSON, whatever Go values a test has put into it.
func normal(doc object) object {
	b, err := json.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("sim: a document must be JSON: %v", err))
	}
	v, err := decode(b)
	if err != nil {
		panic(fmt.Sprintf("sim: a document must be JSON: %v", err))
	}
	o, _ := v.(object)
	return o
}

// parse reads a document that stands in this package's source.
func parse(text string) object {
	v, err := decode(bytes.TrimSpace([]byte(text)))
	if err != nil {
		panic("sim: " + err.Error())
	}
	return v.(object)
}

// number is n as documents hold it.
func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// without is a copy of a document, all levels, less the members that are null; the names in keep stay.
func without(v any, keep map[string]bool) any {
	switch v := v.(type) {
	case object:
		m := object{}
		for k, e := range v {
			if e != nil || keep[k] {
				m[k] = without(e, keep)
			}
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i, e := range v {
			l[i] = without(e, keep)
		}
		return l
	}
	return v
}
