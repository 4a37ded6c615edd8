package config

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dscosync/internal/secret"
)

// reader reads the settings and gathers what is wrong with them.
type reader struct {
	env      map[string]string
	sources  map[string]string // where each setting was found, for messages and `config show`
	files    map[string]string // the file that each secret is read from, by key
	looked   []string          // the usual places, when none of them has a settings file
	unread   bool              // the settings file could not be read: what it lacks is not known
	shut     bool              // the encrypted store could not be opened: what is in it is not known
	mistakes Mistakes
}

// say adds a mistake, with the place where the setting was found. A key whose
// value could not be read is not judged a second time.
func (r *reader) say(key, text, hint string) {
	for place := key; place != ""; place = parent(place) {
		if where := r.sources[place]; where != "" {
			text += " (" + where + ")"
			break
		}
	}
	r.sayAt(key, "", text, hint)
}

func (r *reader) sayAt(key, where, text, hint string) {
	if slices.ContainsFunc(r.mistakes, func(m Mistake) bool { return m.Key == key }) {
		return
	}
	if where != "" {
		text += " (" + where + ")"
	}
	r.mistakes = append(r.mistakes, Mistake{key, text, hint})
}

// parent returns what the key is a part of: retailers[2] of retailers[2].id,
// and retailers of that. A section is not found in any place, so it has none.
func parent(key string) string {
	if i := strings.LastIndex(key, "]."); i >= 0 {
		return key[:i+1]
	}
	if strings.HasSuffix(key, "]") {
		return key[:strings.LastIndex(key, "[")]
	}
	return ""
}

// home puts the user's home folder for a leading ~/, as a shell would.
func (r *reader) home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && r.env["HOME"] != "" {
		return strings.TrimRight(r.env["HOME"], "/") + "/" + rest
	}
	return path
}

// put sets a value in a layer.
func (r *reader) put(l layer, name string, value any, where string) {
	l.values[name] = value
	r.sources[name] = where
}

// hide notes where a secret is. An empty one counts as not given.
func (r *reader) hide(l layer, k key, form string, value any, where string) {
	source := l.secrets[k.path]
	switch value := value.(type) {
	case secret.Secret:
		source.Value = value
	case string:
		source.File = r.home(value)
	case []string:
		source.Command = value
		if len(value) > 0 {
			source.Command[0] = r.home(value[0])
		}
	}
	l.secrets[k.path] = source
	if form != "" {
		r.sources[k.path+form] = where
		where = last(k.path) + form + ", " + where
	}
	if source.Given() {
		r.sources[k.path] = where
	}
}

// absolute refuses a path that means another file in another folder.
func (r *reader) absolute(key, path string) bool {
	switch {
	case filepath.IsAbs(path):
		return true
	case strings.HasPrefix(path, "~/"):
		r.say(key, "HOME is not set, so ~ means nothing", "write the whole path")
	default:
		what := quote(path)
		if strings.HasSuffix(key, "_file") {
			what = "what is given" // it may be the secret itself, in the wrong place
		}
		r.say(key, what+" is not an absolute path, and cron starts elsewhere", "write it from / on")
	}
	return false
}

// clean refuses text with something in it that cannot be seen.
func (r *reader) clean(name, where, text string) bool {
	switch {
	case !utf8.ValidString(text):
		r.sayAt(name, where, "it is not UTF-8", "write it in UTF-8")
	case strings.ContainsFunc(text, unicode.IsControl):
		r.sayAt(name, where, "it holds a line break or another control character", "write it in one line")
	case strings.TrimSpace(text) != text:
		r.sayAt(name, where, "it begins or ends with a blank", "remove the blank")
	default:
		return true
	}
	return false
}
