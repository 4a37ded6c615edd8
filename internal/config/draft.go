package config

import (
	"maps"
	"slices"
	"strings"

	"dscosync/internal/secret"
)

const asGiven = "as given"

// given reads what was given just now, over what the environment gives.
func (r *reader) given(o Options, vars layer) {
	for _, name := range slices.Sorted(maps.Keys(o.Given)) {
		k, _, ok := keyNamed(name)
		_, hidden := k.fallback.(secret.Secret)
		switch {
		case !ok:
			r.sayAt(bare(name), "", "no such key", meant(name))
		case hidden && !required(name):
			r.sayAt(name, "", "a secret is not given like this: others could see it", "store it afterwards: dscosync secret set "+name)
		case hidden:
			r.sayAt(name, "", "a secret is not given like this: others could see it", "give it when it is asked for")
		case k.isList():
			r.sayAt(name, "", "a list cannot be given like this", "write it in the settings file afterwards")
		default:
			r.text(vars, k, "", o.Given[name], asGiven)
		}
	}
	for name, value := range o.Secrets {
		vars.secrets[name] = secret.Source{Value: value}
		r.sources[name] = asGiven
	}
}

// Draft is a settings file with what was given, every other key at its
// default, and above each what it means. Secrets are left out: they belong
// into the encrypted store.
func (c Config) Draft() string {
	return exampleWith(func(k key) (any, bool) {
		if _, hidden := k.fallback.(secret.Secret); hidden || c.sources[k.path] != asGiven {
			return nil, false
		}
		value := any(c.values())
		for name := range strings.SplitSeq(k.path, ".") {
			value = value.(map[string]any)[name]
		}
		return value, true
	})
}
