package config

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/secret"
)

// Show returns the merged settings as YAML in the order of the settings file.
// A comment says where each value that is not the default was found. Secrets
// are `[redacted]`, as is all but scheme and host of a base_url that is refused.
func (c Config) Show() string {
	top := "# No settings file was read.\n"
	if c.Path != "" {
		top = "# " + bare(c.Path) + "\n"
	}
	values := c.values()
	return top + sections(func(k key, indent string) string {
		value := values[k.path]
		if section, name, ok := strings.Cut(k.path, "."); ok {
			value = values[section].(map[string]any)[name]
		}
		line := indent + last(k.path) + ": " + inline(value)
		rows := ""
		if fields, ok := k.fallback.(entries); ok && inline(value) != "[]" {
			line = k.path + ":"
			for _, row := range value.([]any) {
				rows += "  - " + fields.inline(row.(map[string]any)) + "\n"
			}
		}
		if where := c.sources[k.path]; where != "" {
			line = fmt.Sprintf("%-50s # %s", line, where)
		}
		return line + "\n" + rows
	})
}

// Source says where a setting was found, and nothing when it is the default
// or in the encrypted store.
func (c Config) Source(key string) string { return c.sources[key] }

// Example returns a settings file with every key at its default, and above it
// what it means. It is valid once the required keys are filled.
func Example() string {
	return exampleWith(func(key) (any, bool) { return nil, false })
}

// exampleWith is Example with the values that are given.
func exampleWith(given func(key) (any, bool)) string {
	top := "# The settings of dscosync. Keep this file to yourself: chmod 600.\n" +
		"# Each key that is not a list may also be given in the environment, which goes before\n" +
		"# this file: DSCOSYNC_DSCO_CLIENT_ID for dsco.client_id. `dscosync config validate`\n" +
		"# tells all mistakes at once.\n"
	return top + sections(func(k key, indent string) string {
		comment := indent + "# " + strings.ReplaceAll(k.doc, "\n", "\n"+indent+"# ")
		value, ok := given(k)
		if !ok {
			value = Config{}.plain(reflect.ValueOf(k.empty()), k.path)
		}
		return comment + "\n" + indent + last(k.path) + ": " + inline(value) + "\n"
	})
}

// sections puts the lines of all keys under the heads of their sections.
func sections(lines func(k key, indent string) string) string {
	var b strings.Builder
	open := ""
	for _, k := range keys {
		section, _, nested := strings.Cut(k.path, ".")
		if !nested {
			b.WriteString("\n" + lines(k, ""))
			continue
		}
		if section != open {
			b.WriteString("\n" + section + ":\n")
			open = section
		}
		b.WriteString(lines(k, "  "))
	}
	return b.String()
}

// MarshalJSON gives the merged settings under the keys of the settings file;
// durations are texts like "336h" and secrets are "[redacted]".
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.values()) }

// values returns the settings by their keys.
func (c Config) values() map[string]any {
	return c.plain(reflect.ValueOf(c), "").(map[string]any)
}

// plain turns a part of the settings into maps, lists and what both YAML and
// JSON know. A secret that was not given is "", any other stays one.
func (c Config) plain(v reflect.Value, path string) any {
	switch value := v.Interface().(type) {
	case time.Duration:
		return short(value)
	case secret.Secret:
		if value.IsZero() && c.sources[path] == "" {
			return ""
		}
		return value
	}
	switch v.Kind() {
	case reflect.String:
		return discreet(path, v.String())
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, c.plain(v.Index(i), path))
		}
		return list
	case reflect.Struct:
		fields := map[string]any{}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			name := field.Tag.Get("yaml")
			if name == "" || name == "-" {
				continue
			}
			fields[name] = c.plain(v.Field(i), strings.TrimPrefix(path+"."+name, "."))
		}
		return fields
	}
	return v.Interface()
}

const redacted = "[redacted]"

// discreet is a text that may be shown.
func discreet(path, text string) string {
	switch {
	case text == "":
		return ""
	case last(path) != "base_url":
		return text
	}
	if problem, _ := refusal(text); problem == "" {
		return text
	}
	u, err := url.Parse(text)
	// A password with a # or a ? in it ends what is taken for the host.
	if err != nil || u.Host == "" || u.User == nil && strings.Contains(text, "@") {
		return redacted
	}
	return u.Scheme + "://" + u.Host
}

// inline writes an entry as one line of YAML, in the order of its fields.
func (e entries) inline(row map[string]any) string {
	parts := make([]string, len(e))
	for i, field := range e {
		parts[i] = field + ": " + inline(row[field])
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// plainText is what YAML surely takes for text without quotes, words like yes
// and no apart.
var plainText = regexp.MustCompile(`^(https?:/|[A-Za-z])?[A-Za-z/][A-Za-z0-9/._-]*$|^[0-9]+(\.[0-9]+)?(h|m|s|ms)([0-9]+(m|s))*$`)

// inline writes a value as it stands after its key in YAML.
func inline(value any) string {
	switch value := value.(type) {
	case []any:
		parts := make([]string, len(value))
		for i, v := range value {
			parts[i] = inline(v)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case secret.Secret:
		return strconv.Quote(value.String())
	case string:
		word := strings.ToLower(value)
		if plainText.MatchString(value) && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, word) {
			return value
		}
		return strconv.Quote(value)
	}
	return fmt.Sprint(value)
}

// short writes a duration as a person would: 336h and not 336h0m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
