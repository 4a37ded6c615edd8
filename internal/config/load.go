package config

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"dscosync/internal/secret"
)

// System is the settings file of the whole machine.
const System = "/etc/dscosync/config.yaml"

// Options say where the settings come from.
type Options struct {
	Path   string   // --config; empty: the usual places
	State  string   // --state; empty: the setting
	Env    []string // the environment, as os.Environ gives it
	System string   // the settings file of the whole machine; empty: the constant System

	// What was given just now, by key, goes before all else.
	Given   map[string]string
	Secrets map[string]secret.Secret
	Fresh   bool // the settings file is about to be written at Path: none is read

	// Sealed leaves X_file, X_command, credentials and the encrypted store
	// unread, and the secrets they hold empty: for commands that talk to no remote.
	Sealed bool
}

// Load reads, merges and checks the settings. Whatever is wrong with them is
// told at once, as Mistakes; the Config beside them holds what could be
// understood, so that it can be shown. ctx ends the commands that print
// secrets; its error is returned as it is.
func Load(ctx context.Context, o Options) (Config, error) {
	r := &reader{env: variables(o.Env), sources: map[string]string{}, files: map[string]string{}}
	path, file := o.Path, newLayer()
	if !o.Fresh {
		path = r.find(o)
		file = r.file(path)
	}
	vars := r.variables()
	r.given(o, vars)
	store := r.vault(o, path, file, vars)
	if o.State != "" {
		// Unlike a setting, a flag may be relative: it was typed just now.
		path, err := filepath.Abs(r.home(o.State))
		if err != nil {
			return Config{}, fmt.Errorf("--state: %w", err)
		}
		r.put(vars, "state", path, "from --state")
	}
	secrets, err := r.secrets(ctx, o, store, file, vars)
	if err != nil {
		return Config{}, err
	}

	c, err := merge(file, vars, secrets)
	if err != nil {
		return Config{}, fmt.Errorf("merging the settings: %w", err)
	}
	c.Path, c.Unread, c.sources = path, r.unread, r.sources
	c.DSCO.BaseURL = strings.TrimRight(c.DSCO.BaseURL, "/")
	c.ShipStation.BaseURL = strings.TrimRight(c.ShipStation.BaseURL, "/")
	if !strings.HasSuffix(c.State, "/") && c.State != "" {
		c.State = filepath.Clean(c.State)
	}
	r.judge(c)
	if len(r.mistakes) > 0 {
		return c, r.mistakes
	}
	return c, nil
}

// layer is what the file or the environment gives: values of their keys' own
// types, and where the secrets are.
type layer struct {
	values  map[string]any
	secrets map[string]secret.Source
}

func newLayer() layer {
	return layer{values: map[string]any{}, secrets: map[string]secret.Source{}}
}

// merge lays the environment over the file and both over the defaults. Every
// key has a default, since viper otherwise leaves out of a decoded struct
// what only an upper layer gives.
func merge(file, vars layer, secrets map[string]secret.Secret) (Config, error) {
	v := viper.New()
	for _, k := range keys {
		v.SetDefault(k.path, k.empty())
	}
	for path, value := range file.values {
		if section, name, ok := strings.Cut(path, "."); ok {
			path, value = section, map[string]any{name: value}
		}
		if err := v.MergeConfigMap(map[string]any{path: value}); err != nil {
			return Config{}, err
		}
	}
	for path, value := range vars.values {
		v.Set(path, value)
	}
	for path, value := range secrets {
		v.Set(path, value)
	}
	var c Config
	err := v.UnmarshalExact(&c, func(d *mapstructure.DecoderConfig) {
		// The values have their types already: anything to convert or left
		// over is a slip between the table of keys and Config.
		d.TagName, d.DecodeHook, d.WeaklyTypedInput = "yaml", nil, false
	})
	return c, err
}

// find returns the path of the settings file, "" when there is none. A place
// that was named must exist; of the usual ones the first that does is taken.
func (r *reader) find(o Options) string {
	named, usual := r.places(o)
	if named != "" {
		return named
	}
	for _, path := range usual {
		if exists(path) {
			return path
		}
	}
	r.looked = usual
	return ""
}

// Place returns where a first settings file belongs: at --config, else at
// $DSCOSYNC_CONFIG, else in the user's own configuration folder, else in
// /etc. It need not exist yet.
func Place(o Options) string {
	r := &reader{env: variables(o.Env)}
	named, usual := r.places(o)
	if named != "" {
		return named
	}
	return usual[0]
}

func (r *reader) places(o Options) (named string, usual []string) {
	if o.Path != "" {
		return o.Path, nil
	}
	if path := r.env["DSCOSYNC_CONFIG"]; path != "" {
		return r.home(path), nil
	}
	// A relative $XDG_CONFIG_HOME is to be ignored, says its specification:
	// https://specifications.freedesktop.org/basedir-spec/latest/
	if folder := r.env["XDG_CONFIG_HOME"]; filepath.IsAbs(folder) {
		usual = append(usual, filepath.Join(folder, "dscosync", "config.yaml"))
	} else if folder := r.env["HOME"]; filepath.IsAbs(folder) {
		usual = append(usual, filepath.Join(folder, ".config", "dscosync", "config.yaml"))
	}
	if o.System == "" {
		o.System = System
	}
	return "", append(usual, o.System)
}
