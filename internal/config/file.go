package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"dscosync/internal/secret"
)

// file reads the settings file. The text of each value is taken as it was
// written and read by the key's own type: YAML would make 83 of 0123, and
// viper 15 nanoseconds of 15.
func (r *reader) file(path string) layer {
	l := newLayer()
	if path == "" {
		return l
	}
	content, err := secret.ReadFile(path, r.env["CREDENTIALS_DIRECTORY"])
	if err != nil {
		hint := ""
		switch {
		case errors.Is(err, fs.ErrNotExist):
			hint = "correct the name, or write one with: dscosync config init --config " + path
		case errors.Is(err, fs.ErrPermission):
			hint = shut(path)
		}
		r.sayAt(WholeFile, "", err.Error(), hint)
		if !errors.Is(err, secret.ErrExposed) {
			r.unread = true
			return l
		}
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	err = decoder.Decode(&document)
	if errors.Is(err, io.EOF) { // an empty file, or comments alone
		return l
	}
	if err == nil {
		r.mapping(&document, l)
		if err = decoder.Decode(new(yaml.Node)); errors.Is(err, io.EOF) {
			return l
		}
		if err == nil {
			err = errors.New("a second document begins after ---: keep one")
		}
	}
	r.unread = true
	r.sayAt(bare(path), "", syntax(err), "")
	return l
}

// shut says how to come by a file that may not be opened: as the user it belongs to. Where it cannot even be looked at,
// that is most likely the one of the folder above.
func shut(path string) string {
	at := path
	info, err := os.Stat(at)
	for ; err != nil && at != filepath.Dir(at); info, err = os.Stat(at) {
		at = filepath.Dir(at)
	}
	if err != nil {
		return "run it as the user it belongs to"
	}
	stat, known := info.Sys().(*syscall.Stat_t)
	switch {
	case !known:
		return "run it as the user it belongs to"
	case int(stat.Uid) == os.Geteuid() && at != path:
		return "chmod u+x " + at
	case int(stat.Uid) == os.Geteuid():
		return "chmod 600 " + path
	}
	name := strconv.Itoa(int(stat.Uid))
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return fmt.Sprintf("run it as %s, to whom %s belongs: sudo -u %[1]s dscosync ...", name, at)
}

// syntax tells what is wrong with the YAML. The name of an anchor is left
// out: it may be a password that begins with an asterisk.
func syntax(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.Contains(text, "unknown anchor") {
		line, _, _ := strings.Cut(text, "unknown anchor")
		return line + "a value begins with an asterisk: put it in quotes"
	}
	return text
}

// mapping reads the document.
func (r *reader) mapping(document *yaml.Node, l layer) {
	root := document.Content[0]
	if isNull(root) {
		return
	}
	if root.Kind != yaml.MappingNode {
		r.unread = true
		r.sayAt("settings", at(root), "it is not a list of keys", "write lines like `state: /var/lib/dscosync/state.db`")
		return
	}
	r.each(root, "", func(name string, value *yaml.Node) {
		if section, rest, ok := strings.Cut(name, "."); ok && isSection(section) {
			r.sayAt(bare(name), at(value), "a key is not written with a dot", "write "+bare(rest)+" below "+section+":, indented by two blanks")
			return
		}
		if !isSection(name) {
			r.setting(name, value, l)
			return
		}
		if isNull(value) {
			return
		}
		if value.Kind != yaml.MappingNode {
			r.sayAt(name, at(value), "it is a section, not a single value", "write its keys below it, indented by two blanks")
			return
		}
		r.each(value, name+".", func(name string, value *yaml.Node) { r.setting(name, value, l) })
	})
}

// each calls do for every key of a mapping, once.
func (r *reader) each(mapping *yaml.Node, prefix string, do func(name string, value *yaml.Node)) {
	first := map[string]int{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		k, value := mapping.Content[i], mapping.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.Anchor != "" {
			r.sayAt(prefix+"?", at(k), "a key is not a plain word", "write lines like `state: /var/lib/dscosync/state.db`")
			continue
		}
		name := prefix + k.Value
		if line := first[name]; line != 0 {
			r.sayAt(bare(name), "", fmt.Sprintf("it stands twice, in line %d and in line %d", line, k.Line), "keep one of them")
			continue
		}
		first[name] = k.Line
		value.Line = k.Line // where a person looks for it, also when it begins in the next line
		do(name, value)
	}
}

// setting reads one key of the file.
func (r *reader) setting(name string, value *yaml.Node, l layer) {
	k, form, ok := keyNamed(name)
	if !ok {
		r.unknown(name, value)
		return
	}
	if isNull(value) {
		return
	}
	switch fallback := k.fallback.(type) {
	case entries:
		r.entries(name, fallback, value, l)
		return
	case []string:
		if words, ok := r.words(name, value); ok {
			r.put(l, name, words, at(value))
		}
		return
	case secret.Secret:
		if form == "_command" && value.Kind == yaml.SequenceNode {
			if words, ok := r.words(name, value); ok {
				r.hide(l, k, form, words, at(value))
			}
			return
		}
	}
	text, ok := r.scalar(name, value, isText(k.fallback))
	if ok {
		r.text(l, k, form, text, at(value))
	}
}

// entries reads a list of mappings.
func (r *reader) entries(name string, fields []string, list *yaml.Node, l layer) {
	if list.Kind != yaml.SequenceNode {
		r.sayAt(name, at(list), "it is not a list", "write one line for each entry: `- { "+fields[0]+`: "...", ... }`+"`")
		return
	}
	rows := []map[string]any{}
	for i, entry := range list.Content {
		place := fmt.Sprintf("%s[%d]", name, i)
		r.sources[place] = at(entry)
		if entry.Kind != yaml.MappingNode {
			r.sayAt(place, at(entry), "it is not an entry", "write `- { "+fields[0]+`: "...", ... }`+"`")
			continue
		}
		row := map[string]any{}
		for _, field := range fields {
			row[field] = ""
		}
		r.each(entry, place+".", func(path string, value *yaml.Node) {
			field := last(path)
			if _, ok := row[field]; !ok || path != place+"."+field {
				r.sayAt(bare(path), at(value), "no such key", suggest(nearest(field, fields)))
			} else if isNull(value) {
				return
			} else if text, ok := r.scalar(path, value, true); ok && r.clean(path, at(value), text) {
				row[field], r.sources[path] = text, at(value)
			}
		})
		rows = append(rows, row)
	}
	r.put(l, name, rows, at(list))
}

// words reads a list of texts.
func (r *reader) words(name string, list *yaml.Node) ([]string, bool) {
	if list.Kind != yaml.SequenceNode {
		r.sayAt(name, at(list), "it is not a list", "write it like [one, two]")
		return nil, false
	}
	words := []string{}
	for i, item := range list.Content {
		text, ok := r.scalar(fmt.Sprintf("%s[%d]", name, i), item, true)
		if !ok || !r.clean(fmt.Sprintf("%s[%d]", name, i), at(item), text) {
			return nil, false
		}
		words = append(words, text)
	}
	return words, true
}

// scalar returns the text of a value as it was written. isText refuses what
// YAML itself would take for something else: the next program that reads or
// writes the file would change it.
func (r *reader) scalar(name string, value *yaml.Node, isText bool) (string, bool) {
	text, hint := "", "put it in quotes"
	switch {
	case value.Kind == yaml.AliasNode || value.Anchor != "":
		text = "it begins with * or &, which YAML takes for a reference"
	case value.Style&yaml.TaggedStyle != 0:
		text = "it begins with !, which YAML takes for a type"
	case value.Kind == yaml.MappingNode:
		text = "it is a group of keys, not a single value"
	case value.Kind == yaml.SequenceNode:
		text, hint = "it is a list, not a single value", "write the value without - or [ ]"
	case isText && value.ShortTag() != "!!str":
		text = "YAML takes it for a number, a date or a truth value"
	default:
		return value.Value, true
	}
	r.sayAt(name, at(value), text, hint)
	return "", false
}

// unknown tells which key was probably meant.
func (r *reader) unknown(name string, value *yaml.Node) {
	r.sayAt(bare(name), at(value), "no such key", meant(name))
}

// meant is the hint for a key that there is not.
func meant(name string) string {
	var names []string
	for _, k := range keys {
		names = append(names, k.names()...)
		if section, _, ok := strings.Cut(k.path, "."); ok {
			names = append(names, section)
		}
	}
	return suggest(nearest(name, names))
}

func suggest(name string) string {
	if name == "" {
		return "remove it"
	}
	return "did you mean " + name + "?"
}

func at(n *yaml.Node) string { return fmt.Sprintf("line %d", n.Line) }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}
