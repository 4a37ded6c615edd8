package ledger

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// writeStep is the nth commit of a writer that will be killed: one order more, much else rewritten.
func writeStep(tx *Tx, n int) error {
	o := sample(n, time.Time{})
	seq, err := tx.Note(Entry{At: noon, Order: o.ID, Level: Info, Text: "created"})
	if err != nil {
		return err
	}
	o.Journal = append(o.Journal, seq)
	if n%7 == 0 {
		old := sample(n-5, noon)
		old.Journal = []uint64{uint64(n - 5)}
		if err := tx.Put(old); err != nil {
			return err
		}
		if _, err := tx.Settle(noon.Add(9 * day)); err != nil {
			return err
		}
	}
	return errors.Join(tx.Put(o), tx.PutStage("pull", Stage{Cursor: noon, Exit: n}))
}

// TestKilledWriter kills a writer 20 times at random moments: what it said to have committed is there.
func TestKilledWriter(t *testing.T) {
	r := rand.New(rand.NewPCG(seeded(t), 0))
	commits := 0
	for range 20 {
		l := newLedger(t)
		cmd, lines := process(t, "write", l.path)
		kill := time.AfterFunc(100*time.Millisecond+time.Duration(r.IntN(150))*time.Millisecond, func() { cmd.Process.Kill() })
		acknowledged := 0
		for lines.Scan() {
			n, err := strconv.Atoi(lines.Text())
			if err != nil || n != acknowledged+1 {
				break // a line cut off by the kill
			}
			acknowledged = n
		}
		cmd.Wait()
		kill.Stop()
		commits += acknowledged

		begun := time.Now()
		view(t, l, func(tx *Tx) error {
			var c contents
			if err := c.read(tx); err != nil {
				return err
			}
			rows := len(c.Open) + len(c.Done)
			if rows < acknowledged || rows > acknowledged+1 {
				t.Errorf("%d commits acknowledged, %d orders there", acknowledged, rows)
			}
			if c.Pull.Exit != rows || len(c.Journal) != rows {
				t.Errorf("%d orders, but %d lines, and the stage is at %d", rows, len(c.Journal), c.Pull.Exit)
			}
			for n := range acknowledged {
				o, found, err := tx.Order(sample(n+1, time.Time{}).ID)
				if !found || err != nil || !slices.Equal(o.Journal, []uint64{uint64(n + 1)}) {
					t.Errorf("order %d of %d: %v, %v, lines %v", n+1, acknowledged, found, err, o.Journal)
				}
			}
			return nil
		})
		if took := time.Since(begun); took > 3*time.Second {
			t.Errorf("the file was not free for %v after the kill", took)
		}
		update(t, l, func(tx *Tx) error { return tx.SetStore(1) })
	}
	t.Logf("%d commits acknowledged", commits)
	if commits == 0 {
		t.Error("no writer was killed while it wrote")
	}
}

// TestKilledCreator has a creation leave no ledger or a good one, whenever it is killed.
func TestKilledCreator(t *testing.T) {
	r := rand.New(rand.NewPCG(seeded(t), 0))
	made := 0
	for range 20 {
		path := filepath.Join(t.TempDir(), "state.db")
		cmd, lines := process(t, "create", path)
		lines.Scan()
		time.Sleep(time.Duration(r.IntN(6000)) * time.Microsecond)
		cmd.Process.Kill()
		cmd.Wait()
		_, err := Open(path)
		if err == nil {
			made++
			continue
		}
		if !errors.Is(err, ErrMissing) {
			t.Errorf("after a kill: %v", err)
		}
		if _, err := Create(path); err != nil {
			t.Errorf("the next Create: %v", err)
		}
	}
	t.Logf("%d of 20 were made", made)
}

// TestKilledHolder has the file be free at once when the process that had it is killed.
func TestKilledHolder(t *testing.T) {
	l := newLedger(t)
	cmd, lines := process(t, "hold the file", l.path)
	if !lines.Scan() {
		t.Fatal("no holder")
	}
	l.readerWait, l.writerWait = 100*time.Millisecond, 100*time.Millisecond
	for name, err := range map[string]error{"View": l.View(func(*Tx) error { return nil }), "Update": l.Update(func(*Tx) error { return nil })} {
		if !errors.Is(err, ErrBusy) {
			t.Errorf("%s while another process has the file: %v, want ErrBusy", name, err)
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if err := l.Update(func(tx *Tx) error { return tx.SetStore(1) }); err != nil {
		t.Errorf("after the kill: %v", err)
	}
}

// TestReaderAndWriter reads 500 times while another process writes without a pause.
func TestReaderAndWriter(t *testing.T) {
	l := newLedger(t)
	cmd, lines := process(t, "write", l.path)
	if !lines.Scan() {
		t.Fatal("no writer")
	}
	written := make(chan int)
	go func() {
		n := 1
		for lines.Scan() {
			n++
		}
		written <- n
	}()
	var waits []time.Duration
	for range 500 {
		begun := time.Now()
		view(t, l, func(tx *Tx) error {
			_, err := tx.Stage("pull")
			return err
		})
		waits = append(waits, time.Since(begun))
		time.Sleep(time.Duration(len(waits)%4) * time.Millisecond)
	}
	cmd.Process.Kill()
	cmd.Wait()
	slices.Sort(waits)
	t.Logf("%d reads beside %d commits: took p50 %v, p99 %v, at most %v", len(waits), <-written, waits[250], waits[495], waits[499])
	if waits[495] > 200*time.Millisecond {
		t.Errorf("p99 of a read is %v, want less than 200ms", waits[495])
	}
	if _, err := os.Stat(l.path + ".gate"); err != nil {
		t.Error(err)
	}
}
