package config

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Keys are the settings' names, in the order of the settings file: dsco.base_url.
func Keys() []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.path
	}
	return names
}

// Line returns one setting as it applies, on a line, with a comment that says where it was found. ok is false for a name
// that is no setting's. Secrets are redacted as Show does.
func (c Config) Line(name string) (line string, ok bool) {
	value, ok := c.value(name)
	if !ok {
		return "", false
	}
	line = name + ": " + inline(value)
	if where := c.sources[name]; where != "" {
		line = fmt.Sprintf("%-50s # %s", line, where)
	}
	return line, true
}

// JSON returns one setting as MarshalJSON does.
func (c Config) JSON(name string) (text json.RawMessage, ok bool) {
	value, ok := c.value(name)
	if !ok {
		return nil, false
	}
	text, err := json.Marshal(value)
	return text, err == nil
}

func (c Config) value(name string) (any, bool) {
	k, form, ok := keyNamed(name)
	if !ok || form != "" {
		return nil, false
	}
	value := c.values()[k.path]
	if section, rest, nested := strings.Cut(k.path, "."); nested {
		value = c.values()[section].(map[string]any)[rest]
	}
	return value, true
}
