package stage

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"dscosync/internal/dsco"
	"dscosync/internal/order"
	"dscosync/internal/remote"
)

// private is a set of words, in lower case.
type private map[string]bool

// personal are the words of orders that are their consumers' own: names, streets, phones, e-mails, and what was written
// for people. A remote's answer may quote the orders it is about, and goes into the ledger and the log.
func personal(docs ...dsco.Order) private {
	own := private{}
	for _, o := range docs {
		texts := []string{o.GiftTo, o.GiftFrom, o.GiftMessage, o.ShipInstructions, o.PackingInstructions}
		for _, a := range []dsco.Address{o.ShipTo, o.BillTo} {
			texts = append(texts, a.Name, a.Company, a.Attention, a.Phone, a.Email)
			texts = append(texts, a.Street...)
		}
		for _, l := range o.Lines {
			texts = append(texts, l.Personalization, l.GiftMessage)
		}
		for _, text := range texts {
			for _, word := range strings.FieldsFunc(strings.ToLower(text), between) {
				if len(word) > 2 {
					own[word] = true
				}
			}
		}
	}
	return own
}

func between(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
}

var escaped = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)

// strike takes the words out of a text, however they are written: in capitals, escaped, or cut off at its end.
func (own private) strike(text string) string {
	if len(own) == 0 {
		return text
	}
	text = escaped.ReplaceAllStringFunc(text, func(s string) string {
		n, err := strconv.ParseUint(s[2:], 16, 32)
		if err != nil || !unicode.IsLetter(rune(n)) {
			return s
		}
		return string(rune(n))
	})
	var b strings.Builder
	for rest := text; rest != ""; {
		n := strings.IndexFunc(rest, func(r rune) bool { return !between(r) })
		if n < 0 {
			n = len(rest)
		}
		b.WriteString(rest[:n])
		if rest = rest[n:]; rest == "" {
			break
		}
		if n = strings.IndexFunc(rest, between); n < 0 {
			n = len(rest)
		}
		if word := strings.ToLower(rest[:n]); own[word] || strings.HasPrefix(rest[n:], "…") && own.begins(word) {
			b.WriteString("[personal]")
		} else {
			b.WriteString(rest[:n])
		}
		rest = rest[n:]
	}
	return strings.ReplaceAll(b.String(), "[personal] [personal]", "[personal]")
}

func (own private) begins(part string) bool {
	for word := range own {
		if strings.HasPrefix(word, part) {
			return true
		}
	}
	return false
}

// unsaid stands for words of a remote when nobody knows what of them is personal.
const unsaid = "what it said is not shown, since it may quote the order"

// impersonal strikes what is personal out of the errors of a call.
func (p *pass) impersonal(ctx context.Context, c chunk) {
	var own private
	clean := map[*remote.Error]error{} // of a call that failed as a whole all orders have the same
	for id, out := range c.outcomes {
		e, ok := errors.AsType[*remote.Error](out.err)
		if !ok || !e.Quoted || e.Detail == "" {
			continue
		}
		if own == nil {
			own = p.words(ctx, c, e)
		}
		if clean[e] == nil {
			same := *e
			switch {
			case own != nil:
				same.Detail = own.strike(e.Detail)
			case e.Status >= 500:
				same.Detail = "" // the status says as much
			default:
				same.Detail = unsaid
			}
			clean[e] = &same
		}
		out.err = clean[e]
		c.outcomes[id] = out
	}
}

// words are what is personal of the orders of a call; nil when that is not known. An order that went alone and is not in
// hand, such as one whose parcel was refused, is read for it, unless just the same was said of another before.
func (p *pass) words(ctx context.Context, c chunk, e *remote.Error) private {
	var docs []dsco.Order
	for _, d := range c.rows {
		doc, known := p.catch.Documents[d.id]
		switch {
		case known:
		case p.harmless[e.Detail]:
			return private{}
		case len(c.rows) > 1, e.Status >= 500:
			return nil
		default:
			var err error
			if doc, err = p.DSCO.Order(ctx, string(d.id)); err != nil {
				return nil
			}
			if p.harmless == nil {
				p.harmless = map[string]bool{}
			}
			p.harmless[e.Detail] = personal(doc).strike(e.Detail) == e.Detail
		}
		docs = append(docs, doc)
	}
	return personal(docs...)
}

// discreet strikes what is personal out of the change log's answers. Where the order is not in hand nobody knows what that
// is, and the words are left out.
func (p *pass) discreet(s order.Sighting, id order.ID) order.Sighting {
	refused, ok := s.(order.RefusedReceipt)
	if !ok {
		return s
	}
	doc, known := p.catch.Documents[id]
	if !known {
		refused.Text = "refused by DSCO: " + unsaid
	}
	refused.Text = personal(doc).strike(refused.Text)
	return refused
}
