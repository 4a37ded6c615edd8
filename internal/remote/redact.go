package remote

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
)

const (
	redacted  = "[redacted]"
	minSecret = 4        // characters; a shorter one would be found in words that mean nothing
	headSize  = 8        // so much of a secret's beginning is as good as the whole: a remote may cut what it repeats
	maxText   = 16 << 10 // bytes of one text that are looked at; what is shown is far shorter
)

// Show is a text of an answer as it may be shown or kept: without our secrets, escaped, and cut to size characters.
// In this order, since a secret that was escaped or cut first would no longer be recognised.
func (a *API) Show(s string, size int) string {
	return Escape(a.Redact(s[:min(len(s), maxText)]), size)
}

// Redact strikes our own secrets from a text of an answer, for a remote may repeat what it was sent. They are found in
// every form in which they may stand there (see forms), in any case of letters, and by their beginning.
func (a *API) Redact(s string) string {
	if a.Secrets == nil || s == "" {
		return s
	}
	var known []string
	for _, secret := range a.Secrets() {
		if len(secret) >= minSecret {
			known = append(known, forms(secret)...)
		}
	}
	folded := fold(s)
	var b strings.Builder
	for i := 0; i < len(s); {
		if n := longest(folded[i:], known); n > 0 {
			b.WriteString(redacted)
			i += n
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// longest is the length of the longest secret that text begins with, 0 for none.
func longest(text string, known []string) int {
	most := 0
	for _, form := range known {
		n := 0
		for n < len(form) && n < len(text) && form[n] == text[n] {
			n++
		}
		if n == len(form) || n >= headSize {
			most = max(most, n)
		}
	}
	return most
}

// forms are the ways in which a server may write a secret: as it is or in base64, and each of them as the value of a
// form or a path, in quotes of JSON or of a program, in HTML; and in hex.
func forms(secret string) []string {
	all := []string{fold(hex.EncodeToString([]byte(secret)))}
	raw := []byte(secret)
	for _, s := range []string{secret, base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw)} {
		quoted := strconv.Quote(s)
		all = append(all, fold(s), fold(url.QueryEscape(s)), fold(url.PathEscape(s)), fold(quoted[1:len(quoted)-1]), fold(html.EscapeString(s)))
		if inJSON, err := json.Marshal(s); err == nil {
			all = append(all, fold(string(inJSON[1:len(inJSON)-1])))
		}
	}
	return all
}

// fold makes ASCII letters small; every byte stays in its place.
func fold(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
