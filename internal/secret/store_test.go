package secret_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dscosync/internal/secret"
)

// place is a store that is not there yet, its identity in another folder.
func place(t *testing.T) secret.Store {
	dir := t.TempDir()
	return secret.Store{Path: filepath.Join(dir, "etc", "secrets.age"), Identity: filepath.Join(dir, "lib", "identity.txt")}
}

func set(t *testing.T, s secret.Store, name, value string) {
	t.Helper()
	err := s.Change(func(e secret.Entries) error {
		e[name] = secret.Entry{Value: secret.New(value), Set: time.Unix(1, 0).UTC()}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStore(t *testing.T) {
	s := place(t)
	if e, err := s.Read(); err != nil || len(e) != 0 || s.Exists() {
		t.Errorf("no store: %v, %v", e, err)
	}
	set(t, s, "a", canary)
	first := read(t, s.Path)
	identity := read(t, s.Identity)
	set(t, s, "b", "other")
	if strings.Contains(first+read(t, s.Path), canary) || first == read(t, s.Path) {
		t.Error("the store is not encrypted anew")
	}
	if read(t, s.Identity) != identity || !regexp.MustCompile(`(?m)^AGE-SECRET-KEY-1[A-Z0-9]{58}$`).MatchString(identity) {
		t.Errorf("the identity is not one that stays: %s", identity)
	}
	for _, path := range []string{s.Path, s.Identity} {
		if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	e, err := s.Read()
	if err != nil || len(e) != 2 || e["a"].Value.Reveal() != canary || e["b"].Value.Reveal() != "other" || !e["a"].Set.Equal(time.Unix(1, 0)) {
		t.Errorf("%v, %v", e, err)
	}
	if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, canary) {
		t.Error("an entry shows its value")
	}
	no := errors.New("no")
	err = s.Change(func(e secret.Entries) error { delete(e, "a"); return no })
	if e, _ := s.Read(); err != no || len(e) != 2 {
		t.Errorf("a change that was given up: %v, %v", e, err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(s.Path)), "*", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What a killed change left beside the store and its identity goes with the next one, once nobody can be at work on it.
func TestStoreClearsLeftovers(t *testing.T) {
	s := place(t)
	set(t, s, "a", canary)
	there := func(of, end string, age time.Duration) string {
		path := filepath.Join(filepath.Dir(of), "."+filepath.Base(of)+end)
		at := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	left := []string{there(s.Path, "-123", 2*time.Hour), there(s.Identity, "-45", 2*time.Hour)}
	kept := []string{there(s.Path, "-678", time.Minute), there(s.Path, "-old", 2*time.Hour), there(s.Path, "-", 2*time.Hour), there(s.Path, ".12", 2*time.Hour)}
	set(t, s, "b", canary)
	for _, path := range left {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range kept {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

// TestStoreTooLarge tries to store more than is ever read again: it would take every other secret with it.
func TestStoreTooLarge(t *testing.T) {
	s := place(t)
	set(t, s, "a", canary)
	before := read(t, s.Path)
	err := s.Change(func(e secret.Entries) error {
		e["b"] = secret.Entry{Value: secret.New(strings.Repeat("x", 64<<10))}
		return nil
	})
	if err == nil || err.Error() != s.Path+" would be larger than 64 KiB" {
		t.Errorf("%v", err)
	}
	if read(t, s.Path) != before {
		t.Error("the store was written")
	}
	if e, err := s.Read(); err != nil || e["a"].Value.Reveal() != canary {
		t.Errorf("%v, %v", e, err)
	}
}

// Whoever changes the store at the same time: nothing is lost, and all agree on one identity.
func TestStoreChangedAtOnce(t *testing.T) {
	for range 20 { // each time it is made anew, by whoever comes first
		s := place(t)
		const many = 20
		var group sync.WaitGroup
		for i := range many {
			group.Go(func() { set(t, s, fmt.Sprint(i), canary) })
		}
		group.Wait()
		if e, err := s.Read(); err != nil || len(e) != many {
			t.Errorf("%d of %d, %v", len(e), many, err)
		}
	}
}

func TestStoreRefuses(t *testing.T) {
	good := place(t)
	set(t, good, "a", canary)
	store, identity := read(t, good.Path), read(t, good.Identity)
	foreign := place(t)
	set(t, foreign, "a", canary)
	for name, c := range map[string]struct {
		store, identity         string // "" means that there is none
		storeMode, identityMode os.FileMode
		read, change            string
	}{
		"all is well":              {store: store, identity: identity},
		"a second identity":        {store: store, identity: read(t, foreign.Identity) + identity},
		"no identity":              {store: store, read: "identity.txt is missing, so that ", change: "put it back or name it"},
		"another identity":         {store: store, identity: read(t, foreign.Identity), read: "was not encrypted for the identity in "},
		"an empty identity":        {store: store, identity: "# nothing\n", read: "holds no identity of age"},
		"half an identity":         {store: store, identity: identity[:len(identity)-9], read: "is not an identity of age"},
		"an identity to be read":   {store: store, identity: identity, identityMode: 0o644, read: "identity.txt has mode 0644, others may open it: chmod 600 "},
		"a store to be read":       {store: store, identity: identity, storeMode: 0o640, read: "secrets.age has mode 0640, others may open it"},
		"half a store":             {store: store[:len(store)-9], identity: identity, read: "secrets.age is damaged: put a copy of it back"},
		"a changed store":          {store: store[:len(store)-1] + "\x00", identity: identity, read: "is damaged"},
		"no store of age":          {store: "dsco: {}", identity: identity, read: "is damaged"},
		"an empty store":           {store: "\n", identity: identity, read: "is damaged"},
		"a folder for the store":   {store: "/", identity: identity, read: "is not a regular file"},
		"an identity and no store": {identity: identity},
	} {
		t.Run(name, func(t *testing.T) {
			s := place(t)
			lay(t, s.Path, c.store, c.storeMode)
			lay(t, s.Identity, c.identity, c.identityMode)
			_, err := s.Read()
			refused(t, "Read", err, c.read)
			err = s.Change(func(e secret.Entries) error { return nil })
			if c.change == "" {
				c.change = c.read
			}
			refused(t, "Change", err, c.change)
		})
	}
}

// No byte of the store can be changed without it being noticed.
func TestStoreChangedByOthers(t *testing.T) {
	s := place(t)
	set(t, s, "a", canary)
	whole := read(t, s.Path)
	for i := range len(whole) {
		changed := []byte(whole)
		changed[i] ^= 1
		lay(t, s.Path, string(changed), 0)
		if e, err := s.Read(); err == nil || len(e) > 0 {
			t.Errorf("byte %d of %d: %v", i, len(whole), e)
		}
	}
}

func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: %v, want %q", what, err, want)
	case err != nil && regexp.MustCompile(`AGE-SECRET-KEY-1[A-Z0-9]`).MatchString(err.Error()):
		t.Errorf("%s quotes the identity: %v", what, err)
	}
}

// lay puts content at a path: nothing for "", a folder for "/".
func lay(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if mode == 0 {
		mode = 0o600
	}
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	switch {
	case err != nil || content == "":
	case content == "/":
		err = os.Mkdir(path, 0o700)
	default:
		err = errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chmod(path, mode))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	target := filepath.Join(dir, "elsewhere", "file")
	lay(t, target, "old", 0o644)
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := secret.WriteFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(target); err != nil || info.Mode() != 0o600 || read(t, target) != "new" {
		t.Errorf("behind a link: %v, %v, %s", info, err, read(t, target))
	}
	if to, err := os.Readlink(link); err != nil || to != target {
		t.Errorf("the link is gone: %v", err)
	}
	// A file that cannot be put in its place is not left beside it.
	full := filepath.Join(dir, "folder", "inside")
	lay(t, full, "x", 0)
	if err := secret.WriteFile(filepath.Dir(full), []byte("new")); err == nil || !strings.Contains(err.Error(), "folder cannot be written: ") {
		t.Errorf("over a folder: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What root writes is for the user that the folder belongs to.
func TestWriteFileAsRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("for root alone")
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 1234, 1235); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "file")
	for _, owner := range []int{1234, 4321} {
		if err := secret.WriteFile(path, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if uid := ownerOf(t, path); uid != owner {
			t.Errorf("it belongs to %d, not to %d", uid, owner)
		}
		if err := os.Chown(path, 4321, 4321); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFingerprint(t *testing.T) {
	one := secret.Fingerprint("a", secret.New(canary))
	if again := secret.Fingerprint("a", secret.New(canary)); again != one || !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(one) {
		t.Errorf("%s, then %s", one, again)
	}
	if one == secret.Fingerprint("b", secret.New(canary)) || one == secret.Fingerprint("a", secret.New(canary+"x")) {
		t.Error("two secrets have one fingerprint")
	}
}

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}
