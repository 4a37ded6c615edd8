package ledger

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dscosync/internal/order"
)

// TestLayout spoils what bbolt itself believes, and which would cost rows, a commit or the process.
func TestLayout(t *testing.T) {
	clean := grown(t)
	size := os.Getpagesize()
	word := binary.NativeEndian
	find := func(file []byte, flags uint16) []byte { // the last page of a kind, which is not a free one
		l := layoutOf(t, file)
		for id := l.end - 1; id > 1; id-- {
			p := file[int(id)*size:][:size]
			if word.Uint16(p[8:]) == flags && (flags != free || id == l.freelist) && (flags != branch || l.leads(t, id)) {
				return p
			}
		}
		t.Fatalf("no page with flags %x", flags)
		return nil
	}
	for _, c := range []struct {
		name  string
		spoil func(file []byte)
		read  bool // a reader notices too
		want  string
	}{
		{"the newest meta page", func(file []byte) {
			newest := 0
			if word.Uint64(file[size+16+48:]) > word.Uint64(file[16+48:]) {
				newest = size
			}
			file[newest+40] ^= 1
		}, true, "meta page"},
		{"the older meta page", func(file []byte) {
			older := size
			if word.Uint64(file[size+16+48:]) > word.Uint64(file[16+48:]) {
				older = 0
			}
			clear(file[older:][:size])
		}, true, "meta page"},
		{"a free list that claims a page more than it has", func(file []byte) { find(file, free)[12]++ }, false, "wrong head"},
		{"a free list that claims very many pages", func(file []byte) { find(file, free)[15] = 0x20 }, false, "wrong head"},
		{"a branch that claims a page more than it has", func(file []byte) { find(file, branch)[12]++ }, false, "wrong head"},
		{"a branch that leads to itself", func(file []byte) {
			p := find(file, branch)
			for n := range int(word.Uint16(p[10:])) {
				word.PutUint64(p[16*(n+1)+8:], word.Uint64(p))
			}
		}, false, "leads to itself"},
		{"a branch that leads behind the end", func(file []byte) {
			p := find(file, branch)
			for n := range int(word.Uint16(p[10:])) {
				p[16*(n+1)+12] = 0x20
			}
		}, false, "there is no page"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := append([]byte(nil), clean...)
			c.spoil(file)
			path := filepath.Join(t.TempDir(), "state.db")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			err := bounded(t, func() error {
				return at(path).Update(func(tx *Tx) error {
					for _, id := range []order.ID{"0", "1026000151", "2"} { // in every table's tree there is no other way
						if err := tx.change(id); err != nil {
							return err
						}
					}
					return nil
				})
			})
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Update: %v, want ErrDamaged: %s", err, c.want)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(file) {
				t.Errorf("the file was changed, %v", err)
			}
			if err := at(path).View(func(*Tx) error { return nil }); c.read != (err != nil) {
				t.Errorf("View: %v", err)
			}
		})
	}
}

// change looks at the pages that a change of an order in any table would touch, without making it.
func (tx *Tx) change(id order.ID) error {
	for _, t := range []*table{&tx.open, &tx.done, &tx.finished, &tx.journal} {
		key := []byte(id)
		if t == &tx.journal || t == &tx.finished {
			key = append(make([]byte, 8), key...)
		}
		if err := tx.safely(func() error { return t.sound(key) }); err != nil {
			return err
		}
	}
	return nil
}

func layoutOf(t *testing.T, file []byte) *layout {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	l, err := readLayout(f)
	if err != nil {
		t.Fatal(err)
	}
	return &l
}

// leads tells whether a page is the first one of a table, and not a left-over.
func (l *layout) leads(t *testing.T, id uint64) bool {
	t.Helper()
	found := false
	view(t, at(l.file.Name()), func(tx *Tx) error {
		for _, table := range []*table{&tx.open, &tx.done, &tx.finished, &tx.journal} {
			found = found || table.root == id
		}
		return nil
	})
	return found
}

// TestLongFreelist has a long list of free pages, and one that shrinks, be taken for sound.
func TestLongFreelist(t *testing.T) {
	l := newLedger(t)
	for range 3 {
		update(t, l, func(tx *Tx) error {
			for n := range 4000 {
				if err := tx.Put(sample(n, noon)); err != nil {
					return err
				}
			}
			return nil
		})
		update(t, l, func(tx *Tx) error { _, err := tx.Settle(noon.Add(9 * day)); return err })
		update(t, l, func(tx *Tx) error {
			_, err := tx.Prune(noon.Add(day), 3990)
			return err
		})
		for n := range 20 {
			update(t, l, func(tx *Tx) error { return tx.PutStage("pull", Stage{Exit: n, Cursor: time.Unix(int64(n), 0)}) })
		}
	}
	if open, done := places(t, l); len(open) != 0 || len(done) != 10 {
		t.Errorf("%d open, %d done", len(open), len(done))
	}
}

// TestFreelistOfManyPages: of more than 65,534 free pages the number does not fit into the head of their list.
func TestFreelistOfManyPages(t *testing.T) {
	const size, many = 4096, 70_000
	const pages = (headSize+8*(many+1))/size + 1 // as bbolt reckons, which may then take them from those that are free
	for _, c := range []struct {
		free, pages int
		sound       bool
	}{{many, pages, true}, {many - pages, pages, true}, {many, pages + 1, false}} {
		file, err := os.Create(filepath.Join(t.TempDir(), "pages"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		raw, err := binary.Append(nil, binary.NativeEndian, pageHead{ID: 2, Flags: free, Count: 0xFFFF, Overflow: uint32(c.pages - 1)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(binary.NativeEndian.AppendUint64(raw, uint64(c.free)), 2*size); err != nil {
			t.Fatal(err)
		}
		l := layout{file: file, size: size, freelist: 2, end: 100_000}
		if err := l.free(); (err == nil) != c.sound {
			t.Errorf("%d of %d pages: %v", c.free, c.pages, err)
		}
	}
}
