package ledger

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
)

func init() {
	roles["check"] = func(path string) error {
		s, err := Check(path, How{Copied: os.Getenv("LEDGER_KILL") == "copied"})
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(s)
	}
}

func TestCheck(t *testing.T) {
	l, want := aged(t)
	info, err := os.Stat(l.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []How{{}, {Copied: true}, {Copied: true, Quick: true}} {
		got, err := Check(l.path, how)
		if err != nil || got.Err() != nil {
			t.Fatalf("%+v: %v, %v", how, err, got.Err())
		}
		if got.Schema != 2 || got.Bytes != info.Size() || got.Open != len(want.Open) || got.Finished != len(want.Done) || got.Journal != len(want.Journal) {
			t.Errorf("%+v: %+v", how, got)
		}
	}
	if names := beside(t, l.path); !slices.Equal(names, []string{"", ".gate"}) {
		t.Errorf("it left %q", names)
	}
	if _, err := Check(l.path+".no", How{}); !errors.Is(err, ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	if _, err := Check(l.path+".no", How{Copied: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

// TestCheckNames what disagrees, where each part by itself is as it was written.
func TestCheckNames(t *testing.T) {
	done, open := sample(0, noon), sample(1, time.Time{})
	raw := func(bucket string, f func(b *bbolt.Bucket) error) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return f(tx.Bucket([]byte(bucket))) }
	}
	number := slots(done.Lines[0].SKU)[0]
	file := grown(t)
	for _, c := range []struct {
		name  string
		do    func(tx *bbolt.Tx) error
		want  []string
		quick bool // noticed quickly, too
	}{
		{"a bit in a row", raw("open", func(b *bbolt.Bucket) error { return b.Put([]byte(open.ID), []byte("00000000{}")) }),
			[]string{`order "1026000001" does not match its checksum`}, true},
		{"a bit in a line", raw("journal", func(b *bbolt.Bucket) error { return b.Put(journalKey(7), []byte("00000000{}")) }),
			[]string{"journal line 7 does not match its checksum"}, true},
		{"a row of another", raw("open", func(b *bbolt.Bucket) error {
			return b.Put([]byte(open.ID), seal([]byte(open.ID), []byte(`{"id":"1026000003"}`)))
		}), []string{`order "1026000001" has the row of order "1026000003"`}, false},
		{"no JSON", raw("open", func(b *bbolt.Bucket) error { return b.Put([]byte(open.ID), seal([]byte(open.ID), []byte(`{"id":`))) }),
			[]string{`order "1026000001" cannot be read: unexpected end of JSON input`}, false},
		{"a stage that is no JSON", raw("stages", func(b *bbolt.Bucket) error { return b.Put([]byte("pull"), seal([]byte("pull"), []byte(`{`))) }),
			[]string{`stage "pull" cannot be read: unexpected end of JSON input`}, true},
		{"a line never written", raw("open", func(b *bbolt.Bucket) error {
			return b.Put([]byte(open.ID), seal([]byte(open.ID), []byte(`{"id":"1026000001","journal":[301]}`)))
		}), []string{`order "1026000001" has a journal line 301 that was never written`}, false},
		{"in both places", raw("open", func(b *bbolt.Bucket) error {
			if err := b.SetSequence(b.Sequence() + 1); err != nil {
				return err
			}
			return b.Put([]byte(done.ID), seal([]byte(done.ID), []byte(`{"id":"1026000000"}`)))
		}), []string{`order "1026000000" is among the open ones and the done ones`}, false},
		{"another end", raw("finished", func(b *bbolt.Bucket) error {
			later := finishedKey(sample(0, noon.Add(time.Second)))
			return errors.Join(b.Delete(finishedKey(done)), b.Put(later, seal(later, nil)))
		}), []string{`order "1026000000" is not among the finished ones`}, false},
		{"an end more", raw("finished", func(b *bbolt.Bucket) error {
			more := finishedKey(open)
			return errors.Join(b.SetSequence(b.Sequence()+1), b.Put(more, seal(more, nil)))
		}), []string{"150 orders are done, but 151 finished"}, true},
		{"a line gone", raw("journal", func(b *bbolt.Bucket) error { return b.Delete(journalKey(7)) }), []string{"journal line 7 is gone"}, true},
		{"a row gone", raw("done", func(b *bbolt.Bucket) error { return b.Delete([]byte(done.ID)) }),
			[]string{"done has 149 rows of 150", "149 orders are done, but 150 finished"}, true},
		{"a SKU gone", raw("skus", func(b *bbolt.Bucket) error { return b.Delete(skuKey(number)) }),
			[]string{fmt.Sprintf("SKU %d is gone", number), "skus has 149 rows of 150"}, false},
		{"a SKU in the place of another", raw("skus", func(b *bbolt.Bucket) error { return b.Put(skuKey(number), seal(skuKey(number), []byte("other"))) }),
			[]string{`order "1026000000" has other SKUs than those noted when it was finished`, fmt.Sprintf("SKU %d has the place of another", number)}, false},
		{"facts that are none", raw("finished", func(b *bbolt.Bucket) error {
			return b.Put(finishedKey(done), seal(finishedKey(done), []byte{7}))
		}), []string{`finished order "1026000000": the facts of the order cannot be read`}, false},
		{"no SKUs", func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("skus")) },
			[]string{fmt.Sprintf("SKU %d is gone", number), fmt.Sprintf("SKU %d is gone", slots(sample(2, noon).Lines[0].SKU)[0])}, false},
		{"many", raw("journal", func(b *bbolt.Bucket) error {
			for n := range uint64(50) {
				if err := b.Put(journalKey(n+1), []byte("00000000{}")); err != nil {
					return err
				}
			}
			return nil
		}), nil, false},
		{"not ours", func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("meta")) }, []string{"it is not of dscosync"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			fill(t, path, string(file))
			tamper(t, path, c.do)
			s, err := Check(path, How{})
			if err != nil || c.want != nil && !cmp.Equal(c.want, trimmed(s.Problems)) {
				t.Errorf("%v, %q, want %q", err, s.Problems, c.want)
			}
			if c.name == "many" && (len(s.Problems) != named || s.Unnamed != 30 || !strings.HasSuffix(s.Err().Error(), " (and 49 more)")) {
				t.Errorf("%d problems and %d more: %v", len(s.Problems), s.Unnamed, s.Err())
			}
			if damage := s.Damage(path, false); !errors.Is(damage, ErrDamaged) || !strings.HasPrefix(damage.Error(), "the state file "+path+" is ") ||
				!strings.Contains(damage.Error(), strings.TrimPrefix(s.Problems[0], "it ")) {
				t.Errorf("%v", damage)
			}
			q, err := Check(path, How{Copied: true, Quick: true})
			if c.quick && (err != nil || !cmp.Equal(c.want, trimmed(q.Problems))) {
				t.Errorf("quickly: %v, %q, want %q", err, q.Problems, c.want)
			}
		})
	}
}

// trimmed are the problems without the second ones that follow from a count.
func trimmed(problems []string) (all []string) {
	return append(all, problems[:min(len(problems), 2)]...)
}

// TestCheckDamage: whatever a disk does to the file, a Check in a process of its own ends, and what it calls sound reads as
// what was written.
func TestCheckDamage(t *testing.T) {
	file := grown(t)
	path := filepath.Join(t.TempDir(), "state.db")
	fill(t, path, string(file))
	want := all(t, at(path))
	seed := seeded(t)
	for name, spoil := range damages {
		t.Run(name, func(t *testing.T) {
			sound, broke := 0, 0
			for n := range uint64(12) {
				t.Logf("seed %d, %d", seed, n)
				fill(t, path, string(spoil(rand.New(rand.NewPCG(seed, n)), bytes.Clone(file))))
				s, err := checkApart(t, path, n%2 == 0)
				if err != nil {
					broke++
					continue
				}
				if s.Err() != nil {
					continue
				}
				sound++
				var got contents
				if err := at(path).View(got.read); err != nil || !cmp.Equal(want, got) {
					t.Errorf("called sound: %v %s", err, cmp.Diff(want, got))
				}
			}
			t.Logf("%d called sound, %d broke the process", sound, broke)
			if sound == 12 {
				t.Error("no damage was noticed")
			}
		})
	}
}

// TestCheckDamagedHeads: a page that claims half the pages there can be keeps no Check busy, whichever it is.
func TestCheckDamagedHeads(t *testing.T) {
	file, size, noticed := grown(t), os.Getpagesize(), 0
	path := filepath.Join(t.TempDir(), "state.db")
	for n := 2; n < len(file)/size; n++ {
		spoilt := bytes.Clone(file)
		binary.NativeEndian.PutUint32(spoilt[n*size+12:], 1<<31)
		fill(t, path, string(spoilt))
		s, err := checkApart(t, path, true)
		if err != nil {
			t.Fatalf("page %d: %v", n, err)
		}
		if s.Err() != nil {
			noticed++
		}
	}
	t.Logf("%d pages, %d in use", len(file)/size-2, noticed)
	if noticed < 10 {
		t.Error("there are more in use")
	}
}

// checkApart runs a Check in a process of its own, which has twenty seconds.
func checkApart(t *testing.T, path string, copied bool) (s Soundness, err error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LEDGER_ROLE=check", "LEDGER_PATH="+path, "GORACE=atexit_sleep_ms=0")
	if copied {
		cmd.Env = append(cmd.Env, "LEDGER_KILL=copied")
	}
	timer := time.AfterFunc(20*time.Second, func() { t.Error("no end"); cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("the process: %w", err)
	}
	return s, json.Unmarshal(out, &s)
}
