package remote

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"mime"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

const detailSize = 300 // characters of a remote's own words in an error

// explain gives the remote's own words and its id of the request. A body without words is not shown: it may be an
// order, with the consumer's name and address.
//
// Silent is for answers whose words may be about any order, and quote its consumer: nobody has that order in hand, to
// strike out what is personal. They are left out then, and the id of the request has to do.
func (a *API) explain(ans answer, silent bool) (detail, id string) {
	switch {
	case len(bytes.TrimSpace(ans.body)) == 0:
	case !isJSON(ans.body) && silent:
		detail = a.sort(ans)
	case !isJSON(ans.body):
		detail = a.describe(ans)
	default:
		if a.Explain != nil {
			detail, id = a.Explain(ans.body)
		}
		switch detail = a.Show(detail, detailSize); {
		case detail == "":
			detail = fmt.Sprintf("(JSON, %d bytes)", len(ans.body))
		case silent:
			detail = unsaid(ans.status)
		}
	}
	if id = a.Show(id, 100); id == "" {
		id = a.requestID(ans.header)
	}
	if silent && isID(id) {
		detail = strings.TrimPrefix(detail+"; request "+id, "; ")
	}
	return detail, id
}

// unsaid stands for words that are left out; nothing does where the status tells enough.
func unsaid(status int) string {
	if status >= 500 || status == http.StatusUnauthorized || status == http.StatusNotFound {
		return ""
	}
	return "what it said is not shown, since it may quote an order"
}

// isID tells an id from a text that stands in its place.
func isID(id string) bool {
	sign := func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-_=+/.:", r)
	}
	return id != "" && !strings.ContainsFunc(id, sign)
}

// describe says what came instead of JSON: its kind and size, and the title of a page.
func (a *API) describe(ans answer) string {
	text := a.sort(ans)
	if said := a.Show(title(ans.body), 80); said != "" {
		text += ": " + said
	}
	return text
}

// sort says what came instead of JSON, without a word of it.
func (a *API) sort(ans answer) string {
	if len(bytes.TrimSpace(ans.body)) == 0 {
		return "an empty answer"
	}
	kind, _, err := mime.ParseMediaType(ans.header.Get("Content-Type"))
	if err != nil || kind == "" {
		kind = "no content type"
	}
	return fmt.Sprintf("not JSON: %s, %d bytes", a.Show(kind, 40), len(ans.body))
}

// title is the title of an HTML page, its white space made single; empty when it has none.
func title(body []byte) string {
	const tag = "<title"
	text := string(body[:min(len(body), maxText)])
	at := strings.Index(fold(text), tag)
	if at < 0 {
		return ""
	}
	text = text[at+len(tag):]
	begin, end := strings.IndexByte(text, '>'), strings.Index(fold(text), "</title")
	if begin < 0 || end < begin || begin > 0 && strings.TrimSpace(text[:1]) != "" { // "<titles>"
		return ""
	}
	return strings.Join(strings.Fields(html.UnescapeString(text[begin+1:end])), " ")
}

// Reason says why no answer came, in the words of the HTTP client or the network. Without the address, and without
// what it quotes: that may be of the answer.
func (a *API) Reason(err error) string {
	if _, ok := errors.AsType[textproto.ProtocolError](err); ok {
		return "what came is not HTTP"
	}
	text := cause(err).Error()
	if !untrusted(err) { // which quotes the certificate, and that is public
		text, _, _ = strings.Cut(text, `"`)
	}
	return a.Show(strings.TrimRight(text, " :"), detailSize)
}

// requestID is the remote's id of the request, by the headers.
func (a *API) requestID(h http.Header) string {
	for _, name := range []string{"X-Request-Id", "X-Amzn-Requestid", "X-Amz-Apigw-Id"} {
		if id := h.Get(name); id != "" {
			return a.Show(id, 100)
		}
	}
	return ""
}

// target names the host of a redirect; the rest of the address may hold anything.
func (a *API) target(h http.Header) string {
	u, err := url.Parse(h.Get("Location"))
	if err != nil || u.Host == "" {
		return "another address"
	}
	return a.Show(u.Host, 100)
}
