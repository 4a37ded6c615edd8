package config

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"dscosync/internal/secret"
)

// vault settles where the encrypted store and its identity are.
//
// The identity is beside the state file that the settings name, and not
// beside one that --state names for once.
func (r *reader) vault(o Options, path string, file, vars layer) secret.Store {
	given := func(name, otherwise string) string {
		for _, l := range []layer{vars, file} {
			if text, ok := l.values[name].(string); ok && text != "" {
				return text
			}
		}
		return otherwise
	}
	if path == "" {
		path = Place(o)
	}
	if whole, err := filepath.Abs(path); err == nil {
		path = whole
	}
	k, _, _ := keyNamed("state")
	beside := filepath.Dir(given("state", k.fallback.(string)))
	s := secret.Store{Env: o.Env,
		Path:     given("secrets.store", filepath.Join(filepath.Dir(path), "secrets.age")),
		Identity: given("secrets.identity", filepath.Join(beside, "identity.txt")),
	}
	if credential := r.credential("secrets.identity"); credential != "" && vars.values["secrets.identity"] == nil {
		s.Identity = credential
		r.sources["secrets.identity"] = aCredential
	}
	// Show tells where they are even when no setting says so.
	vars.values["secrets.store"], vars.values["secrets.identity"] = s.Path, s.Identity
	return s
}

const aCredential = "a systemd credential"

// credential is the file systemd gives the service under the name of a key,
// "" when it does not.
func (r *reader) credential(name string) string {
	folder := r.env["CREDENTIALS_DIRECTORY"]
	if folder == "" {
		return ""
	}
	if path := filepath.Join(folder, name); exists(path) {
		return path
	}
	return ""
}

// secrets reads all of them, each from the first place that gives it: the
// environment, systemd's credentials, the settings file, the encrypted store.
// That is opened once, so that a key and its secret that were set together
// are read together.
func (r *reader) secrets(ctx context.Context, o Options, store secret.Store, file, vars layer) (map[string]secret.Secret, error) {
	found := map[string]secret.Secret{}
	var elsewhere []string
	for _, name := range SecretNames() {
		source := file.secrets[name]
		if s := vars.secrets[name]; s.Given() {
			source = s
		} else if credential := r.credential(name); credential != "" {
			source = secret.Source{File: credential}
			r.sources[name] = aCredential
		}
		if !source.Given() {
			elsewhere = append(elsewhere, name)
			continue
		}
		value, err := r.secret(ctx, o, name, source)
		if err != nil {
			return nil, err
		}
		found[name] = value
	}
	openable := true
	for _, path := range []struct{ key, text string }{{"secrets.store", store.Path}, {"secrets.identity", store.Identity}} {
		if !filepath.IsAbs(path.text) {
			openable = false
			if r.sources[path.key] != "" { // else it follows from `state`, which is judged by itself
				r.shut = !r.absolute(path.key, path.text)
			}
		}
	}
	if len(elsewhere) == 0 || o.Sealed || r.unread { // what was not read may say where the store is
		return found, nil
	}
	if !openable {
		r.shut = r.shut || store.Exists()
		return found, nil
	}
	entries, err := store.Read()
	if err != nil && !slices.ContainsFunc(elsewhere, required) {
		return found, nil // a store that no run needs does not keep one from running
	}
	if err != nil {
		r.sayAt("secrets", "", err.Error(), "")
		r.shut = true
	}
	for _, name := range elsewhere {
		if e, ok := entries[name]; ok {
			found[name] = e.Value
			r.sources[name] = "from the encrypted store"
		}
	}
	return found, nil
}

// required tells whether no run is possible without a secret.
func required(name string) bool { return !strings.HasPrefix(name, "notify.") }

// secret reads one secret from where the environment, the settings file or
// systemd says that it is.
func (r *reader) secret(ctx context.Context, o Options, path string, source secret.Source) (secret.Secret, error) {
	source.Key, source.Env = path, o.Env
	if err := source.Check(); err != nil {
		r.say(path, err.Error(), "")
		return secret.Secret{}, nil
	}
	if source.File != "" {
		if !r.absolute(path+"_file", source.File) {
			return secret.Secret{}, nil
		}
		r.files[path+"_file"] = source.File
	}
	if o.Sealed {
		return source.Value, nil
	}
	value, err := source.Resolve(ctx)
	if err == nil {
		return value, nil
	}
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return secret.Secret{}, err
	}
	if source.File != "" {
		path += "_file"
	} else {
		path += "_command"
	}
	r.say(path, err.Error(), "")
	return secret.Secret{}, nil
}
