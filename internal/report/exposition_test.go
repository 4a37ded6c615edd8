package report

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"dscosync/internal/escape"
)

var (
	metricName = `[a-zA-Z_:][a-zA-Z0-9_:]*`
	aboutLine  = regexp.MustCompile(`^# (HELP|TYPE) (` + metricName + `) (.+)$`)
	sampleLine = regexp.MustCompile(`^(` + metricName + `)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)+)\})? (\S+)$`)
	labelPair  = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"`)
)

// exposition reads the text format as strictly as it is described, and gives each sample's labels by their names. Each
// metric is one group: HELP, TYPE, then its samples, each with labels of its own.
// See https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format .
func exposition(text string) (samples []map[string]string, err error) {
	if !utf8.ValidString(text) || !strings.HasSuffix(text, "\n") {
		return nil, fmt.Errorf("not UTF-8, or the last line has no end")
	}
	groups, seen, told, now := map[string]bool{}, map[string]bool{}, "", ""
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		wrong := func(what string) error { return fmt.Errorf("line %d: %s: %s", n+1, what, line) }
		if m := aboutLine.FindStringSubmatch(line); m != nil {
			switch {
			case m[1] == "HELP" && (told != "" || groups[m[2]]):
				return nil, wrong("the metric is there already, or the one before has no sample")
			case m[1] == "HELP":
				groups[m[2]], told, now = true, "HELP", m[2]
			case told != "HELP" || m[2] != now:
				return nil, wrong("TYPE does not follow HELP")
			case m[3] != "gauge" && m[3] != "counter":
				return nil, wrong("no such type")
			default:
				told = "TYPE"
			}
			continue
		}
		m := sampleLine.FindStringSubmatch(line)
		switch {
		case m == nil:
			return nil, wrong("neither a comment nor a sample")
		case m[1] != now || told == "HELP":
			return nil, wrong("not of the group it stands in")
		case seen[m[1]+"{"+m[2]]:
			return nil, wrong("it stands there twice")
		}
		if _, err := strconv.ParseFloat(m[3], 64); err != nil {
			return nil, wrong("no number")
		}
		labels := map[string]string{}
		for _, pair := range labelPair.FindAllStringSubmatch(m[2], -1) {
			if _, twice := labels[pair[1]]; twice {
				return nil, wrong("a label stands there twice")
			}
			labels[pair[1]] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(pair[2])
		}
		seen[m[1]+"{"+m[2]], told = true, ""
		samples = append(samples, labels)
	}
	if told != "" {
		return nil, fmt.Errorf("%s has no sample", now)
	}
	return samples, nil
}

// TestExposition: the check of the metrics finds what is wrong with them.
func TestExposition(t *testing.T) {
	const head = "# HELP a A.\n# TYPE a gauge\n"
	for _, good := range []string{head + "a 1\n", head + "a{b=\"c\"} 1\na{b=\"d\"} -2.5\n", head + "a{b=\"}\\\"{\\\\\\n,\",c=\"\"} 0\n"} {
		if _, err := exposition(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", head, head + "a 1", head + "b 1\n", "a 1\n", "# TYPE a gauge\na 1\n", "# HELP a A.\na 1\n", head + "a 1\n" + head + "a 2\n", head + "a 1\na 1\n", head + "a one\n",
		head + "a {b=\"c\"} 1\n", head + "a{b=c} 1\n", head + "a{b=\"c} 1\n", head + "a{b=\"c\\d\"} 1\n", head + "a{b=\"c\",b=\"d\"} 1\n", head + "a{0=\"c\"} 1\n", head + "a-b 1\n", head + "\na 1\n",
		head + "a{b=\"\xff\"} 1\n", head + "a{b=\"x\ny\"} 1\n", "# HELP a A.\n# TYPE a number\na 1\n", head + "# HELP b B.\n# TYPE b gauge\nb 1\n"} {
		if _, err := exposition(bad); err == nil {
			t.Errorf("taken: %q", bad)
		}
	}
}

// TestMetricsOfAnything: whatever the retailers are called, the metrics are well-formed and tell the names. Where there is
// a promtool, it judges too.
func TestMetricsOfAnything(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("there is no promtool here: the test's own reading of the format decides")
	}
	judged := 0
	rapid.Check(t, func(t *rapid.T) {
		c := NewCensus()
		c.open = rapid.MapOfN(rapid.String(), rapid.IntRange(0, 1e9), 1, 5).Draw(t, "open")
		names := map[string]string{}
		for id := range c.open {
			names[id] = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{`a"b\`, "\\n", "\xff\xfe", "x\ny\r\t", "{},=", "\u2028"})).Draw(t, "name")
		}
		text := Metrics{Version: rapid.String().Draw(t, "version"), Census: c, Names: names}.String()
		samples, err := exposition(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		told := map[string]string{}
		for _, labels := range samples {
			if id, ok := labels["retailer"]; ok {
				told[id] = labels["name"]
			}
		}
		for id := range c.open {
			if name, ok := told[escape.Text(id)]; !ok || name != escape.Text(names[id]) {
				t.Fatalf("retailer %q is %q, not %q", id, name, names[id])
			}
		}
		if judged++; promtool != "" && judged <= 10 {
			cmd := exec.Command(promtool, "check", "metrics")
			cmd.Stdin = strings.NewReader(text)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("promtool: %v: %s\n%s", err, out, text)
			}
		}
	})
}
