package remote

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// awkward is a secret that every way of writing it changes.
const awkward = "SEKRIT/+ =\"\\&<é>~tail"

// written is awkward in the ways that a server may write it.
func written() map[string]string {
	quoted, _ := json.Marshal(awkward)
	b64 := base64.StdEncoding.EncodeToString([]byte(awkward))
	return map[string]string{
		"as it is":     awkward,
		"upper case":   strings.ReplaceAll(strings.ToUpper(awkward), "É", "é"),
		"for a query":  url.QueryEscape(awkward),
		"for a path":   url.PathEscape(awkward),
		"small hex":    strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(awkward), "%2F", "%2f"), "%2B", "%2b"),
		"base64":       b64,
		"base64 bare":  strings.TrimRight(b64, "="),
		"base64 url":   base64.URLEncoding.EncodeToString([]byte(awkward)),
		"base64 query": url.QueryEscape(b64),
		"hex":          hex.EncodeToString([]byte(awkward)),
		"JSON":         string(quoted[1 : len(quoted)-1]),
		"Go":           strings.Trim(strconv.Quote(awkward), `"`),
		"HTML":         html.EscapeString(awkward),
		"cut short":    awkward[:12],
	}
}

func secretive(w *wire) *API {
	a := api(w)
	a.Secrets = func() []string { return []string{"", "abc", awkward, "other-secret"} }
	return a
}

func TestRedact(t *testing.T) {
	a := secretive(&wire{})
	for name, form := range written() {
		if got := a.Redact("before " + form + " after"); got != "before [redacted] after" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for text, want := range map[string]string{
		"": "", "abc is too short to be a secret": "abc is too short to be a secret",
		"SEKRIT is less than what is recognised": "SEKRIT is less than what is recognised",
		"other-secret,OTHER-SECRETother-secret":  "[redacted],[redacted][redacted]",
		"Grüße \xff 👍":                           "Grüße \xff 👍",
	} {
		if got := a.Redact(text); got != want {
			t.Errorf("Redact(%q) = %q", text, got)
		}
	}
	if got := api(&wire{}).Redact(awkward); got != awkward {
		t.Errorf("without secrets: %q", got)
	}
	// Redacted before it is escaped and cut: neither may break a secret into pieces that pass.
	if got := a.Show(strings.Repeat("x", 15)+awkward, 20); got != strings.Repeat("x", 15)+"[red…" {
		t.Error(got)
	}
}

// TestAnswersTellNoSecretAndNoBody sends back what a request held, and what an order may hold, in every place of an answer.
func TestAnswersTellNoSecretAndNoBody(t *testing.T) {
	const person = "KANARIE"
	type place struct {
		name string
		step step
	}
	var places []place
	add := func(name string, s step) { places = append(places, place{name, s}) }
	for form, s := range written() {
		quoted, err := json.Marshal("Authorization: Basic " + s)
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range []int{200, 400, 401, 403, 404, 408, 429, 500, 503} {
			add(fmt.Sprint("message ", status, " ", form), step{status: status, body: `[{"message":` + string(quoted) + `}]`})
			add(fmt.Sprint("message ", status, " ", form), step{status: status, body: `{"message":` + string(quoted) + `,"requestId":` + string(quoted) + `}`})
			add(fmt.Sprint("header ", status, " ", form), step{status: status, header: map[string]string{"X-Request-Id": s, "X-Amzn-Requestid": s}})
			add(fmt.Sprint("title ", status, " ", form), step{status: status, kind: "text/html", body: "<html><title>" + html.EscapeString(s) + "</title>"})
			add(fmt.Sprint("content type ", status, " ", form), step{status: status, kind: "text/" + s, body: "x"})
		}
		add("redirect to "+form, step{status: 302, header: map[string]string{"Location": "https://" + url.PathEscape(s) + ".test/"}})
		add("redirect to bad "+form, step{status: 302, header: map[string]string{"Location": "https://%zz" + s + "/"}})
		add("network "+form, step{err: errors.New("odd: " + s)})
		add("network "+form, step{err: fmt.Errorf("malformed HTTP response %q", s)})
	}
	for _, status := range []int{200, 400, 401, 403, 404, 408, 429, 500, 503} {
		for _, body := range []string{
			`{"name":"` + person + `"}`, `["` + person + `"]`, `"` + person + `"`, person + " 12 Main street", "<p>" + person,
			`{"orders":` + person, `<title></title><p>` + person, `<titles>` + person + `</titles>`, `<title` + person,
		} {
			for _, kind := range []string{"", "text/html", "application/json", person + " 12 Main street"} {
				add(fmt.Sprint("body ", status, " ", body), step{status: status, kind: kind, body: body})
			}
		}
	}
	add("bad redirect", step{status: 302, header: map[string]string{"Location": "https://%zz/" + person}})
	add("broken answer", step{err: fmt.Errorf("net/http: transport connection broken: malformed HTTP response %q", person)})
	add("broken header", step{err: textproto.ProtocolError("malformed MIME header line: " + person)})

	for _, p := range places {
		for _, method := range []string{"GET", "POST"} {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				a := secretive(&wire{script: []step{p.step}})
				a.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				var out []Object // what is an object, is no good answer
				err := a.Call(t.Context(), "do it", method, "/x", nil, nil, &out)
				text := log.String()
				for e := err; e != nil; e = errors.Unwrap(e) {
					text += "\n" + e.Error()
				}
				if e, ok := errors.AsType[*Error](err); ok {
					text += "\n" + e.RequestID
				}
				folded := strings.ToLower(text)
				for _, word := range []string{"sekrit", "~tail", "%7etail", "34b525249542", "u0vluklul", strings.ToLower(person)} {
					if strings.Contains(folded, word) {
						t.Errorf("%s %s tells %s: %s", method, p.name, word, text)
					}
				}
			})
		}
	}
}

// TestReadsRepeatNoWords: a read's answer may quote any order, so none of its words are shown, wherever they stand; nor are
// those of a refusal of credentials. A write's words are: its caller knows whose words to strike.
func TestReadsRepeatNoWords(t *testing.T) {
	const person = "Esmerelda Weatherwax"
	said := func(method string, s step) string {
		var text string
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			a := api(&wire{script: []step{s}})
			a.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			var out Object
			err := a.Call(t.Context(), "do it", method, "/x", nil, nil, &out)
			for ; err != nil; err = errors.Unwrap(err) {
				text += err.Error() + "\n"
			}
			text += log.String()
		})
		return text
	}
	for _, status := range []int{200, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503} {
		for _, s := range []step{
			{status: status, body: `{"message":"bad: ` + person + `"}`},
			{status: status, body: `{"message":"bad","requestId":"` + person + `"}`},
			{status: status, kind: "text/html", body: "<html><title>" + person + "</title>"},
			{status: status, body: `{"Esmerelda` + ` Weatherwax`},
			{status: status, body: `[5550142]`},
			{status: status, kind: "text/plain", body: person},
		} {
			for _, word := range []string{"Esmerelda", "Weatherwax", "5550142"} {
				if text := said("GET", s); strings.Contains(text, word) {
					t.Errorf("%d %s: %s", status, s.body, text)
				}
			}
		}
	}
	for _, status := range []int{401, 403} {
		if text := said("POST", step{status: status, body: `{"message":"` + person + `"}`}); strings.Contains(text, person) {
			t.Error(text)
		}
	}
	if text := said("POST", step{status: 400, body: `{"message":"` + person + `"}`}); !strings.Contains(text, person) {
		t.Error("a refusal of a write has no reason: " + text)
	}
}

func TestTitle(t *testing.T) {
	for body, want := range map[string]string{
		"<html><head><title>502 Bad Gateway</title>":           "502 Bad Gateway",
		"<TITLE lang=en>\n  Down &amp; out\n for now </TITLE>": "Down & out for now",
		"<title></title>":    "",
		"<title>never ends":  "",
		"<titles>a</titles>": "",
		"<p>none":            "",
		"":                   "",
		"<title>" + strings.Repeat("x", 1<<20) + "</title>": "",
	} {
		if got := title([]byte(body)); got != want {
			t.Errorf("title(%.60q) = %.60q", body, got)
		}
	}
}
