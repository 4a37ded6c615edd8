package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

func checkup() Checkup {
	c := Checkup{Generated: Stamp{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, Version: "1.0", ExitCode: 4, Findings: []Finding{
		{Check: "settings", Status: "error", Message: "sync.lookbak: no such key (line 9)", Why: "no run begins before all settings are right", Hint: "did you mean sync.lookback?"},
		{Check: "settings", Status: "error", Message: "state: it is missing", Why: "no run begins before all settings are right", Hint: "write it"},
		{Check: "disk", Status: "ok", Message: "71 GB are left for /var/lib/dscosync, and some more words to break the line at"},
		{Check: "shipstation.login", Status: "warn", Message: "bad\x1b[2J\u202ename", Why: "it\tmatters", Hint: "mend\nit"},
		{Check: "shipstation.rights", Status: "skipped", Message: "not looked at before this is in order: shipstation.login"},
		{Check: "shipstation.clock", Status: "skipped", Message: "ShipStation has not answered"},
		{Check: "shipstation.rate", Status: "skipped", Message: "not looked at before this is in order: shipstation.login"},
	}}
	c.Count()
	return c
}

func TestCheckup(t *testing.T) {
	var out bytes.Buffer
	if err := WriteCheckup(&out, checkup(), View{}); err != nil {
		t.Fatal(err)
	}
	want := `error    settings           sync.lookbak: no such key (line 9)
         why:  no run begins before all settings are right
         hint: did you mean sync.lookback?
error    settings           state: it is missing
         hint: write it
ok       disk               71 GB are left for /var/lib/dscosync, and some more
                            words to break the line at
warn     shipstation.login  bad\x1b[2J\u202ename
         why:  it\tmatters
         hint: mend\nit
skipped  shipstation.rights, shipstation.rate: not looked at before this is in
         order: shipstation.login
skipped  shipstation.clock: ShipStation has not answered
1 ok, 1 warning, 2 errors, 3 skipped
`
	if out.String() != want {
		t.Errorf("%s\nnot\n%s", out.String(), want)
	}
}

// On a terminal the word that is not well has a colour, and no line is wider.
func TestCheckupOnTerminal(t *testing.T) {
	for width := 60; width < 140; width += 7 {
		var out bytes.Buffer
		if err := WriteCheckup(&out, checkup(), View{Width: width, Colour: true}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if w := twwidth.Width(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("%d columns on %d: %q", w, width, line)
			}
		}
		if n := strings.Count(out.String(), "\x1b"); n != 6 || !strings.Contains(out.String(), red+"error  "+plain) || !strings.Contains(out.String(), magenta+"warn   "+plain) {
			t.Errorf("%d escapes in %q", n, out.String())
		}
	}
}

func TestCheckupJSON(t *testing.T) {
	var out bytes.Buffer
	c := checkup()
	c.Findings = c.Findings[2:4]
	if err := WriteCheckupJSON(&out, c); err != nil {
		t.Fatal(err)
	}
	want := `{
  "generated_at": "2026-01-02T03:04:05Z",
  "version": "1.0",
  "exit_code": 4,
  "counts": {
    "ok": 1,
    "warn": 1,
    "error": 2,
    "skipped": 3
  },
  "findings": [
    {
      "check": "disk",
      "status": "ok",
      "message": "71 GB are left for /var/lib/dscosync, and some more words to break the line at",
      "why": null,
      "hint": null
    },
    {
      "check": "shipstation.login",
      "status": "warn",
      "message": "bad\u001b[2J\u202ename",
      "why": "it\tmatters",
      "hint": "mend\nit"
    }
  ]
}
`
	if out.String() != want {
		t.Errorf("%s\nnot\n%s", out.String(), want)
	}
}
