package cli

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPlace(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(root, name) }
	link := func(target, name string) {
		if err := os.Symlink(target, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(at("disk"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("disk/state.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link("disk", "folder")
	link("disk/state.db", "name")
	link(at("name"), "alias")
	link(at("unmounted/state.db"), "stray")
	link("stray", "strayed")
	link("unmounted", "lost")
	link("ring", "ring")
	for _, test := range []struct{ state, want, fault string }{
		{at("disk/state.db"), at("disk/state.db"), ""},
		{at("name"), at("disk/state.db"), ""},
		{at("alias"), at("disk/state.db"), ""},
		{at("folder/state.db"), at("disk/state.db"), ""},
		{at("folder/new/state.db"), at("disk/new/state.db"), ""},
		{at("none/state.db"), at("none/state.db"), ""},
		{at("ring"), at("ring"), ""},
		{at("disk/state.db/below"), at("disk/state.db/below"), ""},
		{at("stray"), "", "the state file " + at("stray") + " is a link to " + at("unmounted/state.db") + ", which is missing"},
		{at("strayed"), "", "the state file " + at("strayed") + " is a link to " + at("unmounted/state.db") + ", which is missing"},
		{at("lost/state.db"), "", "the state file " + at("lost/state.db") + " is below " + at("lost") + ", a link to " + at("unmounted") + ", which is missing"},
	} {
		got, err := place(test.state)
		fault := ""
		if err != nil {
			fault = err.Error()
		}
		if got != test.want || fault != test.fault {
			t.Errorf("%s: %q, %q", test.state, got, fault)
		}
	}
}
