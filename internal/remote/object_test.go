package remote

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func object(t *testing.T, value string) Object {
	var o Object
	if err := json.Unmarshal([]byte(`{"v":`+value+`}`), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestObjectReadsLeniently(t *testing.T) {
	type text struct {
		value string
		ok    bool
	}
	for _, tc := range []struct {
		json    string
		text    text
		whole   int64
		wholeOK bool
		decimal text
		flag    bool
		flagOK  bool
	}{
		{`null`, text{"", true}, 0, true, text{"", true}, false, true},
		{`""`, text{"", true}, 0, true, text{"", true}, false, true},
		{`"a\u0000b"`, text{"a\x00b", true}, 0, false, text{"", false}, false, false},
		{`12`, text{"12", true}, 12, true, text{"12", true}, false, false},
		{`"12"`, text{"12", true}, 12, true, text{"12", true}, false, false},
		{`" 12 "`, text{" 12 ", true}, 12, true, text{"12", true}, false, false},
		{`2.0`, text{"2.0", true}, 2, true, text{"2.0", true}, false, false},
		{`1.5`, text{"1.5", true}, 0, false, text{"1.5", true}, false, false},
		{`1e3`, text{"1e3", true}, 0, false, text{"1000", true}, false, false},
		{`1.25e-3`, text{"1.25e-3", true}, 0, false, text{"0.00125", true}, false, false},
		{`1e999999999`, text{"1e999999999", true}, 0, false, text{"", false}, false, false},
		{`-3`, text{"-3", true}, -3, true, text{"-3", true}, false, false},
		{`9007199254740993`, text{"9007199254740993", true}, 9007199254740993, true, text{"9007199254740993", true}, false, false},
		{`99999999999999999999`, text{"99999999999999999999", true}, 0, false, text{"99999999999999999999", true}, false, false},
		{`"0x10"`, text{"0x10", true}, 0, false, text{"", false}, false, false},
		{`"NaN"`, text{"NaN", true}, 0, false, text{"", false}, false, false},
		{`"12.340"`, text{"12.340", true}, 0, false, text{"12.340", true}, false, false},
		{`true`, text{"", false}, 0, false, text{"", false}, true, true},
		{`"True"`, text{"True", true}, 0, false, text{"", false}, true, true},
		{`1`, text{"1", true}, 1, true, text{"1", true}, true, true},
		{`0`, text{"0", true}, 0, true, text{"0", true}, false, true},
		{`[1]`, text{"", false}, 0, false, text{"", false}, false, false},
		{`{"a":1}`, text{"", false}, 0, false, text{"", false}, false, false},
	} {
		o := object(t, tc.json)
		if v, ok := o.Text("v"); v != tc.text.value || ok != tc.text.ok {
			t.Errorf("Text(%s) = %q, %v", tc.json, v, ok)
		}
		if v, ok := o.Whole("v"); ok != tc.wholeOK || ok && v != tc.whole {
			t.Errorf("Whole(%s) = %d, %v", tc.json, v, ok)
		}
		if v, ok := o.Decimal("v"); v != tc.decimal.value || ok != tc.decimal.ok {
			t.Errorf("Decimal(%s) = %q, %v", tc.json, v, ok)
		}
		if v, ok := o.Flag("v"); v != tc.flag || ok != tc.flagOK {
			t.Errorf("Flag(%s) = %v, %v", tc.json, v, ok)
		}
	}
}

func TestObjectNests(t *testing.T) {
	o := object(t, `{"list":[1,{"a":"b"}],"text":"x","Case":"y"}`)
	in, ok := o.Object("v")
	if !ok || !o.Has("v") || o.Has("w") {
		t.Fatalf("%v", o)
	}
	if l, ok := in.List("list"); !ok || len(l) != 2 {
		t.Errorf("List = %v, %v", l, ok)
	}
	if _, ok := in.List("text"); ok {
		t.Error("a text is taken as a list")
	}
	if _, ok := in.Object("text"); ok {
		t.Error("a text is taken as an object")
	}
	if v, ok := in.Object("absent"); v != nil || !ok {
		t.Error("an absent object is not nil and true")
	}
	if in.Fold("cASE") != "y" || in.Fold("none") != nil {
		t.Error("Fold")
	}
	for _, bad := range []string{`[1]`, `null`, `"x"`, `1`} {
		if err := json.Unmarshal([]byte(bad), &o); err == nil {
			t.Errorf("%s is taken as an object", bad)
		}
	}
}

func TestValue(t *testing.T) {
	if v, ok := Value(json.RawMessage(`9007199254740993`)).(json.Number); !ok || v != "9007199254740993" {
		t.Errorf("%v", v)
	}
	for _, none := range []string{``, `null`, `{`} {
		if v := Value(json.RawMessage(none)); v != nil {
			t.Errorf("Value(%s) = %v", none, v)
		}
	}
}

func TestEscape(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"plain é 漢 👍", "plain é 漢 👍"},
		{"a\nb\rc\td", `a\nb\rc\td`},
		{"\x1b]0;x\x07", `\x1b]0;x\x07`},
		{"\u0085\u009b", `\u0085\u009b`},
		{"\u202e\u2066\u200b\ufeff\u2028", `\u202e\u2066\u200b\ufeff\u2028`},
		{"\U000e0041", `\U000e0041`},
		{"\xff\xfe", `\xff\xfe`},
		{"\x7f\x00", `\x7f\x00`},
		{strings.Repeat("é", 31), strings.Repeat("é", 29) + "…"},
		{strings.Repeat("é", 30), strings.Repeat("é", 30)},
	} {
		if got := Escape(tc.in, 30); got != tc.want {
			t.Errorf("Escape(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b[2J\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Escape(s, 50)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 50 {
			t.Errorf("%q becomes %q", s, got)
		}
		for _, r := range got {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%q keeps %U", s, r)
			}
		}
	})
}

func FuzzObject(f *testing.F) {
	for _, s := range []string{`1e3`, `"1e-30"`, `null`, `[[]]`, `{"a":1}`, `-0.0`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var o Object
		if json.Unmarshal([]byte(`{"v":`+s+`}`), &o) != nil {
			return
		}
		if d, ok := o.Decimal("v"); ok && d != "" && !json.Valid([]byte(d)) {
			t.Errorf("Decimal(%s) = %q", s, d)
		}
		o.Whole("v")
		o.Flag("v")
	})
}
