package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"dscosync/internal/secret"
)

// variables returns the environment variables that are set; an empty one
// counts as not set.
func variables(env []string) map[string]string {
	set := map[string]string{}
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		delete(set, name) // of two the last holds, as in os/exec
		if value != "" {
			set[name] = value
		}
	}
	return set
}

// variables reads the environment twins.
func (r *reader) variables() layer {
	l := newLayer()
	known := map[string]string{"DSCOSYNC_CONFIG": ""}
	// What notify.command is started with is no setting: it may call dscosync.
	told := []string{"DSCOSYNC_EVENT", "DSCOSYNC_EXIT_STATUS", "DSCOSYNC_RUN_ID"}
	for _, k := range keys {
		for _, name := range k.names() {
			known[twin(name)] = name
		}
	}
	for _, variable := range slices.Sorted(maps.Keys(r.env)) {
		if !strings.HasPrefix(variable, "DSCOSYNC_") || variable == "DSCOSYNC_CONFIG" || slices.Contains(told, variable) {
			continue
		}
		name, ok := known[variable]
		if !ok {
			r.sayAt(bare(variable), "", "no such environment variable", suggest(nearest(variable, slices.Sorted(maps.Keys(known)))))
			continue
		}
		k, form, _ := keyNamed(name)
		if k.isList() {
			r.sayAt(variable, "", "a list cannot be given in the environment", "set "+name+" in the settings file")
			continue
		}
		r.text(l, k, form, r.env[variable], "from "+variable)
	}
	return l
}

// text reads the text of one setting by the key's type.
func (r *reader) text(l layer, k key, form, text, where string) {
	name := k.path + form
	value, problem, hint := any(text), "", ""
	switch k.fallback.(type) {
	case secret.Secret:
		switch {
		case form == "":
			r.hide(l, k, form, secret.New(text), where)
		case !r.clean(name, where, text):
		case form == "_file":
			r.hide(l, k, form, text, where)
		default:
			r.hide(l, k, form, strings.Fields(text), where)
		}
		return
	case string:
		if !r.clean(name, where, text) {
			return
		}
	case bool:
		value = text == "true"
		if text != "true" && text != "false" {
			problem, hint = quote(text)+" is neither true nor false", "write true or false"
		}
	case time.Duration:
		value, problem, hint = duration(text)
	case int:
		value, problem, hint = number(text, strconv.IntSize)
		if n, ok := value.(int64); ok {
			value = int(n)
		}
	case int64:
		value, problem, hint = number(text, 64)
	case float64:
		value, problem, hint = decimal(text)
	}
	if problem != "" {
		r.sayAt(name, where, problem, hint)
		return
	}
	switch name {
	case "state", "secrets.store", "secrets.identity", "notify.textfile":
		value = r.home(text)
	}
	r.put(l, name, value, where)
}

var (
	wholeNumber = regexp.MustCompile(`^-?[0-9]+$`)
	wholeDays   = regexp.MustCompile(`^[0-9]{1,4}d$`)
)

// duration reads 15m or 336h, and says what to write in place of the rest.
func duration(text string) (value any, problem, hint string) {
	if wholeNumber.MatchString(text) && text != "0" {
		return nil, bare(text) + " has no unit", "write " + bare(text) + "m for minutes or " + bare(text) + "h for hours"
	}
	d, err := time.ParseDuration(text)
	if err == nil {
		return d, "", ""
	}
	hint = "write it like 30s, 15m or 336h"
	if wholeDays.MatchString(text) {
		days, _ := strconv.Atoi(text[:len(text)-1])
		hint = fmt.Sprintf("write %dh", 24*days)
	}
	return nil, quote(text) + " is not a duration", hint
}

// number reads digits. A leading zero is refused: YAML would read the number
// in base eight.
func number(text string, bits int) (value any, problem, hint string) {
	if !wholeNumber.MatchString(text) {
		return nil, quote(text) + " is not a number", "write digits alone"
	}
	if digits := strings.TrimPrefix(text, "-"); digits[0] == '0' && digits != "0" {
		return nil, quote(text) + " begins with a zero", "write the number without it"
	}
	n, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		return nil, quote(text) + " is too large", "write a smaller number"
	}
	return n, "", ""
}

var plainDecimal = regexp.MustCompile(`^-?[0-9]{1,9}(\.[0-9]{1,9})?$`)

// decimal reads digits that may have a point in them.
func decimal(text string) (value any, problem, hint string) {
	if !plainDecimal.MatchString(text) {
		return nil, quote(text) + " is not a number", "write it like 98 or 98.5"
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, quote(text) + " is not a number", "write it like 98 or 98.5"
	}
	return f, "", ""
}

// isText reports whether a key's values are texts to YAML too.
func isText(fallback any) bool {
	switch fallback.(type) {
	case string, secret.Secret:
		return true
	}
	return false
}
