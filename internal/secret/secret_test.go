package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"dscosync/internal/secret"
)

const canary = "kan4rie-vogel"

func TestNothingShowsASecret(t *testing.T) {
	s := secret.New(canary)
	type inside struct {
		Shown  secret.Secret
		hidden secret.Secret
	}
	holder := inside{Shown: s, hidden: s}
	for name, v := range map[string]any{
		"value": s, "pointer": &s, "field": holder, "pointer to field": &holder,
		"slice": []secret.Secret{s}, "map": map[string]secret.Secret{"k": s}, "any": []any{s, holder},
	} {
		var outs []string
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%10.3s", "%!"} {
			outs = append(outs, fmt.Sprintf(verb, v))
		}
		outs = append(outs, fmt.Sprint(v), fmt.Errorf("it is %v", v).Error(), errors.Join(fmt.Errorf("%+v", v)).Error())

		var text, asJSON bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "k", v, slog.Group("g", "k", v))
		slog.New(slog.NewJSONHandler(&asJSON, nil)).Info("m", "k", v, slog.Group("g", "k", v))
		outs = append(outs, text.String(), asJSON.String())

		if b, err := json.Marshal(v); err != nil {
			t.Errorf("%s: json: %v", name, err)
		} else {
			outs = append(outs, string(b))
		}
		if b, err := yaml.Marshal(v); err != nil {
			t.Errorf("%s: yaml: %v", name, err)
		} else {
			outs = append(outs, string(b))
		}
		for _, out := range outs {
			for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprint([]byte(canary))} {
				if strings.Contains(out, form) {
					t.Errorf("%s: the secret stands in %q", name, out)
				}
			}
		}
	}
}

func TestRedactedText(t *testing.T) {
	s := secret.New(canary)
	asXML, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"x"`
		S       secret.Secret
	}{S: s})
	if err != nil {
		t.Fatal(err)
	}
	asKey, err := s.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		s.String(): "[redacted]", s.GoString(): "[redacted]", fmt.Sprintf("%v|%#v", s, s): "[redacted]|[redacted]",
		string(asXML): "<x><S>[redacted]</S></x>", string(asKey): "[redacted]", s.LogValue().String(): "[redacted]",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestRevealAndEqual(t *testing.T) {
	if got := secret.New(canary).Reveal(); got != canary {
		t.Errorf("Reveal is %q", got)
	}
	var zero secret.Secret
	if !zero.IsZero() || !secret.New("").IsZero() || secret.New("a").IsZero() || zero.Reveal() != "" {
		t.Error("IsZero or the zero Secret is wrong")
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{{"a", "a", true}, {"a", "b", false}, {"", "", true}, {"a", "", false}, {"a", "ab", false}} {
		if got := secret.New(c.a).Equal(secret.New(c.b)); got != c.want {
			t.Errorf("New(%q).Equal(New(%q)) is %v", c.a, c.b, got)
		}
	}
}
