package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"dscosync/internal/order"
)

// grown is the file of a ledger with some hundred rows of every kind and with pages free.
func grown(t *testing.T) []byte {
	t.Helper()
	l := newLedger(t)
	for batch := range 6 {
		update(t, l, func(tx *Tx) error {
			for n := range 50 {
				n += 50 * batch
				finished := time.Time{}
				if n%2 == 0 {
					finished = noon
				}
				if err := tx.Put(sample(n, finished)); err != nil {
					return err
				}
				if _, err := tx.Note(Entry{At: noon.Add(time.Duration(n) * time.Second), Order: sample(n, noon).ID, Level: Info, Text: "sent to ShipStation"}); err != nil {
					return err
				}
			}
			_, err := tx.Settle(noon.Add(9 * day))
			return errors.Join(err, tx.PutStage("pull", Stage{Cursor: noon, Exit: batch}))
		})
	}
	file, err := os.ReadFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// damages are ways a file is spoilt by a disk, a copy that was cut short or a stray program.
var damages = map[string]func(r *rand.Rand, file []byte) []byte{
	"random page":   func(r *rand.Rand, file []byte) []byte { random(r, page(r, file)); return file },
	"zeroed page":   func(r *rand.Rand, file []byte) []byte { clear(page(r, file)); return file },
	"zeroed header": func(r *rand.Rand, file []byte) []byte { clear(page(r, file)[:16]); return file },
	"both metas":    func(r *rand.Rand, file []byte) []byte { random(r, file[:2*os.Getpagesize()]); return file },
	"truncated":     func(r *rand.Rand, file []byte) []byte { return file[:r.IntN(len(file))] },
	"HTML": func(r *rand.Rand, file []byte) []byte {
		return []byte("<!doctype html>" + strings.Repeat("<p>no", r.IntN(9999)))
	},
	"bits turned":    func(r *rand.Rand, file []byte) []byte { turn(r, file, 1+r.IntN(8)); return file },
	"bits in a head": func(r *rand.Rand, file []byte) []byte { turn(r, page(r, file)[:64], 1); return file },
}

func page(r *rand.Rand, file []byte) []byte {
	size := os.Getpagesize()
	n := r.IntN(len(file) / size)
	return file[n*size:][:size]
}

func random(r *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

func turn(r *rand.Rand, b []byte, bits int) {
	for range bits {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
	}
}

// TestDamage spoils a file in many ways. What is then read is what was written, or the error says that the file is
// damaged: in a bounded time, without a panic, and without the death of the process. SPOILT=200 spoils so many in each way.
func TestDamage(t *testing.T) {
	file := grown(t)
	folder := t.TempDir()
	path := filepath.Join(folder, "state.db")
	write := func(file []byte) {
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file)
	var want contents
	view(t, at(path), want.read)
	o := sample(299, noon)

	files := uint64(25)
	if given := os.Getenv("SPOILT"); given != "" {
		var err error
		if files, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal("SPOILT:", err)
		}
	}
	seed := seeded(t)
	for name, spoil := range damages {
		t.Run(name, func(t *testing.T) {
			noticed, unnoticed, last := 0, 0, uint64(0)
			defer func() {
				if t.Failed() {
					t.Logf("file %d", last)
				}
			}()
			for n := range files {
				last = n
				write(spoil(rand.New(rand.NewPCG(seed, n)), bytes.Clone(file)))
				l := at(path)
				l.readerWait, l.writerWait = time.Second, time.Second
				wrong := bounded(t, func() error {
					var got contents
					if err := l.View(got.read); err != nil {
						return err
					}
					return differ(want, got)
				})
				if wrong == nil {
					unnoticed++
				} else {
					noticed++
				}
				// A page that only a writer looks at may be the one.
				bounded(t, func() error {
					return l.Update(func(tx *Tx) error {
						_, err := tx.Note(Entry{At: noon.Add(day)})
						return errors.Join(err, tx.Put(o))
					})
				})
				bounded(t, func() error {
					var got contents
					if err := l.View(got.read); err != nil {
						return err
					}
					if len(got.Journal) == len(want.Journal)+1 {
						got.Journal = got.Journal[:len(want.Journal)]
						for i := range got.Open {
							if got.Open[i].ID == o.ID {
								got.Open[i] = sample(299, time.Time{})
							}
						}
					}
					return differ(want, got)
				})
			}
			t.Logf("%d noticed, %d met no reader or did no harm", noticed, unnoticed)
			if noticed == 0 {
				t.Error("no damage was noticed")
			}
		})
	}
}

type wrongError struct{ diff string }

func (e *wrongError) Error() string { return "wrong data" }

func differ(want, got contents) error {
	if cmp.Equal(want, got) {
		return nil
	}
	return &wrongError{cmp.Diff(want, got)}
}

// bounded runs f and gives its error, which must be of damage.
func bounded(t *testing.T, f func() error) error {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- f() }()
	select {
	case err := <-result:
		if wrong, ok := errors.AsType[*wrongError](err); ok {
			t.Fatalf("wrong data: -want +got:\n%s", wrong.diff)
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("%v, want ErrDamaged", err)
		}
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("no answer within 20 seconds")
		return nil
	}
}

// TestTampered changes a file in ways that leave bbolt content.
func TestTampered(t *testing.T) {
	file := grown(t)
	first := sample(0, noon) // done, the first of all
	for _, c := range []struct {
		name string
		do   func(tx *bbolt.Tx) error
		want string
	}{
		{"a value", func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("open"))
			k, v := b.Cursor().First()
			return b.Put(k, bytes.Replace(v, []byte("PO-"), []byte("PX-"), 1))
		}, `damaged: order "1026000001" does not match its checksum`},
		{"a value under the key of another", func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("done"))
			_, v := b.Cursor().Last()
			return b.Put([]byte(first.ID), v)
		}, `damaged: order "1026000000" does not match its checksum`},
		{"an empty value", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("stages")).Put([]byte("pull"), nil) },
			`damaged: stage "pull" does not match its checksum`},
		{"a value that is no JSON", func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("stages")).Put([]byte("pull"), seal([]byte("pull"), []byte("{")))
		}, `damaged: stage "pull" cannot be read`},
		{"a lost open row", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("open")).Delete([]byte("1026000001")) },
			"damaged: open has 149 rows of 150"},
		{"a lost done row", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("done")).Delete([]byte(first.ID)) },
			`damaged: finished order "1026000000" is not among the done ones`},
		{"a lost end", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("finished")).Delete(finishedKey(first)) },
			"damaged: finished has 149 rows of 150"},
		{"a lost line", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("journal")).Delete(journalKey(7)) },
			"damaged: journal line 7 is gone"},
		{"the last line", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("journal")).Delete(journalKey(300)) },
			"damaged: journal line 300 is gone"},
		{"all lines", func(tx *bbolt.Tx) error {
			c := tx.Bucket([]byte("journal")).Cursor()
			for k, _ := c.First(); k != nil; k, _ = c.Next() {
				if err := c.Delete(); err != nil {
					return err
				}
			}
			return nil
		}, "is gone"},
		{"a line without a number", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("journal")).Put([]byte("\x00"), []byte("x")) },
			"damaged: journal line \"\\x00\""},
		{"a lost SKU", func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("skus")).Delete(skuKey(slots(first.Lines[0].SKU)[0]))
		},
			fmt.Sprintf("damaged: SKU %d is gone", slots(first.Lines[0].SKU)[0])},
		{"another SKU", func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("skus"))
			_, v := b.Cursor().Last()
			return b.Put(skuKey(slots(first.Lines[0].SKU)[0]), v)
		}, fmt.Sprintf("damaged: SKU %d does not match its checksum", slots(first.Lines[0].SKU)[0])},
		{"no SKUs", func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("skus")) }, "damaged: it has no skus"},
		{"no salt", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Delete([]byte("salt")) }, "damaged: it has no salt"},
		{"no table", func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("finished")) }, "damaged: it has no finished"},
		{"no schema", func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Delete([]byte("schema")) }, "damaged: there is no schema 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			tamper(t, path, c.do)
			var got contents
			err := at(path).View(got.read)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant ErrDamaged: %s", err, c.want)
			}
		})
	}
}

// TestDamagedRow has a damaged row not hide the others.
func TestDamagedRow(t *testing.T) {
	l := newLedger(t)
	put(t, l, sample(1, time.Time{}), sample(2, time.Time{}), sample(3, time.Time{}))
	tamper(t, l.path, func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("open")).Put([]byte(sample(2, time.Time{}).ID), []byte("00000000{}"))
	})
	var good []order.ID
	bad := 0
	view(t, l, func(tx *Tx) error {
		for o, err := range tx.Open() {
			if err != nil {
				bad++
			} else {
				good = append(good, o.ID)
			}
		}
		if _, _, err := tx.Order("1026000002"); !errors.Is(err, ErrDamaged) {
			t.Errorf("Order: %v", err)
		}
		return nil
	})
	if bad != 1 || !cmp.Equal(good, []order.ID{"1026000001", "1026000003"}) {
		t.Errorf("%d errors and the rows %v", bad, good)
	}
}

// TestFaultStaysAFault has a breakdown of bbolt in the middle of a transaction keep it from being committed, even when
// the caller does not mind.
func TestFaultStaysAFault(t *testing.T) {
	file := grown(t)
	size := os.Getpagesize()
	spoilt := 0
	for n := 4; n < len(file)/size; n++ {
		p := file[n*size:][:size]
		if flags := binary.LittleEndian.Uint16(p[8:]); flags != 2 { // leaves: the rows
			continue
		}
		clear(p)
		spoilt++
	}
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	l := at(path)
	err := l.Update(func(tx *Tx) error {
		tx.Order("1026000007")
		tx.Put(sample(7, time.Time{}))
		return nil
	})
	if !errors.Is(err, ErrDamaged) || spoilt == 0 {
		t.Errorf("%d pages spoilt: %v", spoilt, err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, file) {
		t.Errorf("the file was changed, %v", err)
	}
	// The file is free again.
	l.writerWait = 100 * time.Millisecond
	if err := l.Update(func(*Tx) error { return nil }); errors.Is(err, ErrBusy) {
		t.Error(err)
	}
}

func tamper(t *testing.T, path string, f func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(f), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// tamperRow turns a bit in the row of order 1026000001.
func tamperRow(t *testing.T, path string) {
	t.Helper()
	tamper(t, path, func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte("open"))
		v := bytes.Clone(b.Get([]byte("1026000001")))
		v[len(v)/2] ^= 1
		return b.Put([]byte("1026000001"), v)
	})
}
