package secret

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"filippo.io/age"
)

// Store is a file of secrets, encrypted with age under an identity that is
// kept in another file. What is in it is JSON:
//
//	{"schema": 1, "secrets": {"dsco.client_secret": {"value": "...", "set": "2026-01-02T03:04:05Z"}}}
type Store struct {
	Path     string
	Identity string   // the file of the identity; as `age-keygen` writes it
	Env      []string // the environment, as os.Environ gives it
}

// Entry is a secret of the store.
type Entry struct {
	Value Secret
	Set   time.Time
}

// Entries are secrets by their names.
type Entries map[string]Entry

const schema = 1

// content is the store as it is stored. Only here is a secret plain text.
type content struct {
	Schema  int               `json:"schema"`
	Secrets map[string]stored `json:"secrets"`
}

type stored struct {
	Value string    `json:"value"`
	Set   time.Time `json:"set"`
}

// Exists reports whether there is a store.
func (s Store) Exists() bool {
	_, err := os.Stat(s.Path)
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR)
}

// Read returns what is in the store: nothing when there is none.
func (s Store) Read() (Entries, error) {
	if !s.Exists() {
		return Entries{}, nil
	}
	identities, err := s.identities()
	if err != nil {
		return nil, err
	}
	return s.open(identities)
}

// Change lets do change what is in the store, and keeps it when do returns
// nil. Of two at the same time one waits for the other. A store and its
// identity that are not there yet are made.
func (s Store) Change(do func(Entries) error) error {
	identities, err := s.identities()
	if errors.Is(err, fs.ErrNotExist) {
		identities, err = s.create()
	}
	if err != nil {
		return err
	}
	unlock, err := lock(s.Identity)
	if err != nil {
		return err
	}
	defer unlock()
	sweep(s.Path)
	sweep(s.Identity)
	entries := Entries{}
	if s.Exists() {
		if entries, err = s.open(identities); err != nil {
			return err
		}
	}
	if err := do(entries); err != nil {
		return err
	}
	return s.write(entries, identities)
}

func (s Store) open(identities []*age.X25519Identity) (Entries, error) {
	sealed, err := ReadFile(s.Path, variable(s.Env, "CREDENTIALS_DIRECTORY"))
	if err != nil {
		return nil, err
	}
	keys := make([]age.Identity, len(identities))
	for i, identity := range identities {
		keys[i] = identity
	}
	var c content
	plain, err := age.Decrypt(bytes.NewReader(sealed), keys...)
	if err == nil {
		var text []byte
		if text, err = io.ReadAll(plain); err == nil && json.Unmarshal(text, &c) != nil {
			err = errors.New("it holds no secrets")
		}
	}
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other):
		return nil, fmt.Errorf("%s was not encrypted for the identity in %s: put the right one there, or remove the store and set every secret anew", s.Path, s.Identity)
	case err != nil:
		return nil, fmt.Errorf("%s is damaged: put a copy of it back, or remove it and set every secret anew", s.Path)
	case c.Schema != schema:
		return nil, fmt.Errorf("%s is of another version of dscosync (schema %d, not %d): use that one", s.Path, c.Schema, schema)
	}
	entries := Entries{}
	for name, s := range c.Secrets {
		entries[name] = Entry{New(s.Value), s.Set}
	}
	return entries, nil
}

func (s Store) write(entries Entries, identities []*age.X25519Identity) error {
	c := content{schema, map[string]stored{}}
	for name, e := range entries {
		c.Secrets[name] = stored{e.Value.Reveal(), e.Set}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	recipients := make([]age.Recipient, len(identities))
	for i, identity := range identities {
		recipients[i] = identity.Recipient()
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, recipients...)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if sealed.Len() > sizeLimit { // it could not be read again, and the other secrets with it
		return fmt.Errorf("%s would be larger than %d KiB", s.Path, sizeLimit>>10)
	}
	return WriteFile(s.Path, sealed.Bytes())
}

// identities reads the file of the identity. It may hold several, one a line:
// each opens the store.
func (s Store) identities() ([]*age.X25519Identity, error) {
	there := s.Exists() // asked first: who makes both makes the identity before the store
	text, err := ReadFile(s.Identity, variable(s.Env, "CREDENTIALS_DIRECTORY"))
	if errors.Is(err, fs.ErrNotExist) && there {
		return nil, fmt.Errorf("the identity %s is missing, so that %s cannot be opened: put it back or name it with DSCOSYNC_SECRETS_IDENTITY, or remove the store and set every secret anew",
			s.Identity, s.Path)
	}
	if err != nil {
		return nil, err
	}
	var found []*age.X25519Identity
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		identity, err := age.ParseX25519Identity(line)
		if err != nil { // it may quote the line, which may be half an identity
			return nil, fmt.Errorf("%s is not an identity of age: it has lines like AGE-SECRET-KEY-1..., as age-keygen writes them", s.Identity)
		}
		found = append(found, identity)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no identity of age: put it back, or remove it and the store and set every secret anew", s.Identity)
	}
	return found, nil
}

// create makes an identity.
func (s Store) create() ([]*age.X25519Identity, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf("# Opens the secrets of dscosync. Keep it apart from them and from their backups.\n# public key: %s\n%s\n",
		identity.Recipient(), identity)
	err = createFile(s.Identity, []byte(text))
	if errors.Is(err, fs.ErrExist) { // somebody else made one just now
		return s.identities()
	}
	return []*age.X25519Identity{identity}, err
}

// lock keeps others from changing the store at the same time. The identity is
// never replaced, so that a lock on it holds; the system takes it back from a
// process that dies.
func lock(path string) (unlock func(), err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", path, reason(err))
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s cannot be locked: %w", path, err)
	}
	return func() { file.Close() }, nil
}

// Fingerprint tells a secret from another without telling it: the same text
// under the same name has the same one on every machine. It is for secrets
// that nobody can guess: who guesses one can test the guess.
func Fingerprint(name string, s Secret) string {
	sum := sha256.Sum256([]byte("dscosync\x00" + name + "\x00" + s.Reveal()))
	return hex.EncodeToString(sum[:6])
}
