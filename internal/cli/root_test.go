package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

// What a terminal would obey is harmless in the JSON of the log too, wherever it stands.
func TestLogOfHarmlessJSON(t *testing.T) {
	const foreign = "a\u009b31m\u202eb\u200bc\U000e0041\x1b[2J"
	const shown = `a\u009b31m\u202eb\u200bc\U000e0041\x1b[2J`
	var out bytes.Buffer
	a := &app{Env: Env{Stderr: &out, Now: time.Now}, format: "json", verbose: 2}
	a.logger().With("hint", foreign).Info(foreign, "text", foreign, "err", errors.New(foreign), "n", 7, "took", time.Second)
	if strings.ContainsAny(out.String(), foreign[1:3]+"\u202e\u200b\U000e0041\x1b") {
		t.Errorf("said raw: %q", out.String())
	}
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"msg", "hint", "text", "err"} {
		if line[name] != shown {
			t.Errorf("%s is %q", name, line[name])
		}
	}
	if line["n"] != 7.0 || line["took"] != 1e9 || line["level"] != "INFO" {
		t.Errorf("%v", line)
	}
}
