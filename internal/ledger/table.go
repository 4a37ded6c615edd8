package ledger

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"iter"
	"slices"

	"go.etcd.io/bbolt"
)

// table is a bucket of sealed values. Of what it gives out nothing points into the file.
type table struct {
	tx      *Tx
	bucket  *bbolt.Bucket
	root    uint64 // its first page before the transaction; 0: it is small, and stands in the page that leads to it
	name    string
	noun    string // what a row is called in an error
	counted bool   // the bucket's sequence number is the count of its rows
}

// row is a key with the JSON under it.
type row struct{ key, value []byte }

// get is the value under a key, nil when there is none.
func (t *table) get(key []byte) ([]byte, error) {
	sealed, err := t.sealed(key)
	if sealed == nil || err != nil {
		return nil, err
	}
	return t.unseal(key, sealed)
}

func (t *table) sealed(key []byte) (value []byte, err error) {
	err = t.tx.safely(func() error {
		value = bytes.Clone(t.bucket.Get(key))
		return nil
	})
	return value, err
}

// load decodes the value under a key and tells whether there is one.
func (t *table) load(key []byte, into any) (bool, error) {
	value, err := t.get(key)
	if value == nil || err != nil {
		return false, err
	}
	return true, t.decode(row{key, value}, into)
}

func (t *table) decode(r row, into any) error {
	value, err := unpack(r.value)
	if err == nil {
		err = json.Unmarshal(value, into)
	}
	if err != nil {
		return t.tx.ledger.damaged("%s cannot be read: %v", t.called(r.key), err)
	}
	return nil
}

// put stores a value. One that stands there already is no change.
func (t *table) put(key, value []byte) error {
	before, err := t.sealed(key)
	if err != nil {
		return err
	}
	sealed := seal(key, value)
	if bytes.Equal(before, sealed) {
		return nil
	}
	by := 0
	if before == nil {
		by = 1
	}
	return t.change(key, func() error { return t.bucket.Put(key, sealed) }, by)
}

func (t *table) delete(key []byte) error {
	before, err := t.sealed(key)
	if before == nil || err != nil {
		return err
	}
	return t.change(key, func() error { return t.bucket.Delete(key) }, -1)
}

// change makes a change and keeps the count of the rows.
func (t *table) change(key []byte, f func() error, by int) error {
	return t.tx.safely(func() error {
		if err := t.sound(key); err != nil {
			return err
		}
		if err := f(); err != nil {
			return err
		}
		t.tx.writes++
		if t.counted && by != 0 {
			return t.bucket.SetSequence(t.bucket.Sequence() + uint64(by))
		}
		return nil
	})
}

// sound looks at the pages that a change of a row touches, as they were before the transaction.
func (t *table) sound(key []byte) error {
	l := &t.tx.layout
	if l.file == nil { // a file being made
		return nil
	}
	if err := l.path(l.root, []byte(t.name)); err != nil || t.root == 0 {
		return err
	}
	return l.path(t.root, key)
}

// sequence is the number bbolt keeps for the bucket.
func (t *table) sequence() (n uint64, err error) {
	err = t.tx.safely(func() error {
		n = t.bucket.Sequence()
		return nil
	})
	return n, err
}

// rows are the rows from a key on, in the order of the keys; nil is the beginning. The table may be changed on the way.
// After a row with an error the next ones still come, unless bbolt broke down.
func (t *table) rows(from []byte) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		w := walk{table: t, key: from, writes: t.tx.writes}
		begun := t.tx.writes
		n := uint64(0)
		for {
			last := w.key
			sealed, err := w.next()
			switch {
			case err != nil:
				yield(row{}, err)
				return
			case w.key == nil:
				if from == nil && t.tx.writes == begun {
					if err := t.complete(n); err != nil {
						yield(row{}, err)
					}
				}
				return
			case n > 0 && bytes.Compare(w.key, last) <= 0:
				// It also ends the walk round pages that lead to each other.
				yield(row{}, t.tx.ledger.damaged("%s stands out of order", t.called(w.key)))
				return
			}
			n++
			value, err := t.unseal(w.key, sealed)
			if !yield(row{w.key, value}, err) {
				return
			}
		}
	}
}

// complete compares the rows that were found with the count of them.
func (t *table) complete(found uint64) error {
	count, err := t.sequence()
	if err == nil && t.counted && count != found {
		err = t.tx.ledger.damaged("%s has %d rows of %d", t.name, found, count)
	}
	return err
}

// called names a row in an error.
func (t *table) called(key []byte) string {
	if t == &t.tx.journal && len(key) == 8 {
		return fmt.Sprintf("%s %d", t.noun, binary.BigEndian.Uint64(key))
	}
	if t == &t.tx.skus && len(key) == 4 {
		return fmt.Sprintf("%s %d", t.noun, binary.BigEndian.Uint32(key))
	}
	if t == &t.tx.finished && len(key) > 8 {
		key = key[8:]
	}
	return fmt.Sprintf("%s %q", t.noun, key)
}

// walk is a place in a table.
type walk struct {
	table  *table
	cursor *bbolt.Cursor
	key    []byte // where it stands
	writes int    // of the transaction when the cursor was set: a cursor does not outlive a change
}

// next goes to the next row, whose value is returned sealed. Behind the last one the key is nil.
func (w *walk) next() (value []byte, err error) {
	err = w.table.tx.safely(func() error {
		var key []byte
		switch {
		case w.cursor == nil:
			w.cursor = w.table.bucket.Cursor()
			key, value = w.cursor.Seek(w.key)
		case w.writes != w.table.tx.writes:
			w.writes = w.table.tx.writes
			w.cursor = w.table.bucket.Cursor()
			if key, value = w.cursor.Seek(w.key); bytes.Equal(key, w.key) {
				key, value = w.cursor.Next()
			}
		default:
			key, value = w.cursor.Next()
		}
		w.key, value = bytes.Clone(key), bytes.Clone(value)
		return nil
	})
	return value, err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal puts the checksum of key and value in front of the value: with the key in it, a value read under a key that is
// not its own is noticed too.
func seal(key, value []byte) []byte {
	sum := checksum(key, value)
	return slices.Concat(sum[:], value)
}

func checksum(key, value []byte) (sum [8]byte) {
	var raw [4]byte
	binary.BigEndian.PutUint32(raw[:], crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value))
	hex.Encode(sum[:], raw[:])
	return sum
}

func (t *table) unseal(key, sealed []byte) ([]byte, error) {
	if len(sealed) < 8 || checksum(key, sealed[8:]) != [8]byte(sealed) {
		return nil, t.tx.ledger.damaged("%s does not match its checksum", t.called(key))
	}
	return sealed[8:], nil
}
