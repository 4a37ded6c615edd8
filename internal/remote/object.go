package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strconv"
	"strings"
)

// Object is a JSON object that is read member by member, leniently: a text where a number was
// documented and the reverse are both taken, and null is the same as absent. Each reader gives the
// zero value and true for an absent member, and false for one that cannot be understood.
// Numbers keep their digits (json.Number).
type Object map[string]any

// UnmarshalJSON refuses anything but one JSON object.
func (o *Object) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) == 0 || b[0] != '{' {
		return errors.New("not an object")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode((*map[string]any)(o))
}

// Has tells whether a member is there and not null.
func (o Object) Has(name string) bool { return o[name] != nil }

// Fold finds a member whatever the case of its name.
func (o Object) Fold(name string) any {
	if v, ok := o[name]; ok {
		return v
	}
	for k, v := range o {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// Text reads a text, or the digits of a number.
func (o Object) Text(name string) (string, bool) { return Text(o[name]) }

// Flag reads true or false, also as text or 1 and 0.
func (o Object) Flag(name string) (value, ok bool) {
	switch v := o[name].(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	}
	s, ok := Text(o[name])
	switch s = strings.ToLower(strings.TrimSpace(s)); {
	case !ok:
		return false, false
	case s == "true", s == "1", s == "yes", s == "y":
		return true, true
	}
	return false, s == "" || s == "false" || s == "0" || s == "no" || s == "n"
}

// Whole reads a whole number that fits in 64 bits; "2" and 2.0 are taken, 1.5 and 2e3 are not.
// An empty text is absent.
func (o Object) Whole(name string) (int64, bool) { return Whole(o[name]) }

// Decimal reads a decimal number and gives its digits as they were sent; an exponent is written out.
// An empty text is absent.
func (o Object) Decimal(name string) (string, bool) {
	s, ok := Text(o[name])
	if s = strings.TrimSpace(s); !ok || s == "" {
		return "", ok
	}
	if len(s) > 40 || !decimal(s) {
		return "", false
	}
	if !strings.ContainsAny(s, "eE") {
		return s, true
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if n, err := strconv.Atoi(exponent); err != nil || n < -30 || n > 30 || mantissa == "" {
		return "", false // before big.Rat makes a number of a billion digits of it
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return "", false
	}
	places, _ := r.FloatPrec()
	return r.FloatString(places), true
}

// Object reads a member that is an object; nil when absent.
func (o Object) Object(name string) (Object, bool) { return AsObject(o[name]) }

// List reads a member that is a list; nil when absent.
func (o Object) List(name string) ([]any, bool) {
	l, ok := o[name].([]any)
	return l, ok || o[name] == nil
}

// Value decodes a piece of JSON, numbers with their digits; nil for none, and for what is no JSON.
func Value(raw json.RawMessage) any {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// AsObject takes a value of a list or of a member as an Object; nil and true for null.
func AsObject(v any) (Object, bool) {
	m, ok := v.(map[string]any)
	return m, ok || v == nil
}

// Text takes a value as a text, like Object.Text.
func Text(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}

// Whole takes a value as a whole number, like Object.Whole.
func Whole(v any) (int64, bool) {
	s, ok := Text(v)
	if s = strings.TrimSpace(s); !ok || s == "" {
		return 0, ok
	}
	if digits, zeros, found := strings.Cut(s, "."); found && zeros != "" && strings.Trim(zeros, "0") == "" {
		s = digits
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// decimal tells a JSON number from the other things Go would parse ("0x1p4", "1_000", "NaN").
func decimal(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return strings.Trim(digits, "0123456789.eE+-") == "" && digits != "" && digits[0] >= '0' && digits[0] <= '9' &&
		json.Valid([]byte(s))
}
