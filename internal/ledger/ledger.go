// Package ledger keeps what dscosync knows in one bbolt file, and the lock that lets one run at a time work on it.
//
// # The file
//
//	meta/schema          number of the schema, 2
//	meta/store           id of the ShipStation store the open orders are in
//	meta/retailers       Names; missing until DSCO was first asked for them
//	meta/told            Told; missing until there was something to tell
//	meta/salt            16 random bytes made with the file, for hashing members of orders
//	meta/ahead           what Version counts beyond the commits of this very file
//	open/<order id>      order.Order: its row while there is something to do, and two days longer
//	done/<order id>      order.Order: its row afterwards, packed (see pack); a row stands in one of the two
//	finished/<when><id>  order.Facts in their short form: the rows of done in the order they were finished (when: Unix
//	                     seconds, 8 bytes big endian), with what the scorecard needs of each; before them the numbers
//	                     of the lines' SKUs (see numbered)
//	skus/<number>        a SKU as it is (number: 4 bytes big endian, see slots)
//	stages/<name>        Stage
//	journal/<seq>        Entry (seq: 8 bytes big endian, counted from 1 without a gap)
//
// A value is JSON with a CRC-32C of key and JSON in front, as 8 hexadecimal digits: bbolt itself does not notice a bit
// that turned over in a value. The sequence numbers of open, done, finished and skus count their rows, and that of
// journal is its last line, so that a scan notices when a page of rows is gone.
//
// # Beside the file
//
//	<file>.lock  the run lock (see Lock); it also tells that there is a ledger, so that a lost one is not begun anew
//	<file>.gate  the turnstile: held for the moment of taking the file
//	<file>.new   a ledger being made; what a kill leaves of it is thrown away when the next one is made
//	<file>.backup-<kind>-<time>   copies made by runs: daily ones, and those from before a new schema
//	<file>.backup-<time>          copies that somebody asked for
//	<file>.*.part                 a copy that is being written; what a kill leaves of it is thrown away by the next one
//	<file>.before-<what>-<time>   what stood in its place before a copy was put back, or a ledger made anew: the last three,
//	                              and all of the last day. A kill just then leaves the ledger itself under this name, too
//
// bbolt lets no reader open a file that a writer has open, and the other way round. So the file is opened for each
// transaction and closed after it, and who waits for it waits at the turnstile: a writer that never pauses does not
// starve a reader.
package ledger

import (
	"errors"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"dscosync/internal/crash"
)

// Ledger is a state file. It holds nothing open, so it needs no closing, and may be used by several goroutines.
type Ledger struct {
	path       string
	readerWait time.Duration // how long a transaction waits for the file
	writerWait time.Duration
	maxSize    int // of the file in bytes; 0: no limit
	commits    atomic.Int64

	noun       string                       // what the file is called in errors
	copyOf     *Ledger                      // whose fault it is when the file is damaged; nil: its own
	private    bool                         // nobody else knows the file: there is no turnstile
	older      bool                         // a file of an older schema is welcome
	migrations []func(*Tx) error            // see migrate
	network    func(string) (string, error) // the network file system a path is on; "" for none
	step       func(string)                 // told before each step of making or replacing a file; tests kill there
}

func at(path string) *Ledger {
	return &Ledger{path: path, readerWait: 5 * time.Second, writerWait: 30 * time.Second,
		noun: "state file", migrations: migrations, network: Network, step: func(what string) { crash.Point(what) }}
}

// file is a file that is no ledger in use: a backup, or a draft.
func file(path, noun string) *Ledger {
	l := at(path)
	l.noun, l.private = noun, true
	return l
}

// Open looks whether there is a ledger at the path that this program can use. Its error is ErrMissing (also
// fs.ErrNotExist) when there is none and nothing tells that there ever was, *LostError when something does, ErrDamaged
// when the file is empty, foreign or damaged, ErrOlder when Migrate has to come first, and ErrNewer when a newer dscosync
// made it.
func Open(path string) (*Ledger, error) {
	l := at(path)
	if err := l.local(); err != nil {
		return nil, err
	}
	if err := l.View(func(*Tx) error { return nil }); err != nil {
		return nil, err
	}
	return l, nil
}

// View calls f in a transaction that sees the ledger as it was at its beginning. No other process writes until f
// returns, so f should read and go; what it prints, it prints afterwards. Transactions are not nested: an inner one
// would wait for the outer one, and fail with ErrBusy after 5 seconds (30 for Update).
func (l *Ledger) View(f func(*Tx) error) error { return l.transact(false, f) }

// Update calls f in a transaction that may write, and commits what it wrote unless it fails. Once Update has returned
// nil, a crash of the program or of the machine loses nothing of it. When f wrote nothing there is no commit.
func (l *Ledger) Update(f func(*Tx) error) error { return l.transact(true, f) }

// Version counts the ledger's commits, of all processes, and goes on counting in a file that takes its place. A copy that
// was put back by hand has a lower one.
func (l *Ledger) Version() (v int, err error) {
	err = l.View(func(tx *Tx) error {
		v = tx.bolt.ID() + tx.ahead
		return nil
	})
	return v, err
}

// Commits is how many transactions this process has committed through l. Each costs bbolt two fdatasyncs, and an fsync
// more when the file has to grow.
func (l *Ledger) Commits() int64 { return l.commits.Load() }

func (l *Ledger) transact(write bool, f func(*Tx) error) (err error) {
	if err := l.look(); err != nil {
		return err
	}
	h, err := l.take(write)
	if err != nil {
		return err
	}
	tx := &Tx{ledger: l, handle: h}
	// Also on a panic in f, which is not ours to catch.
	defer func() {
		if end := tx.end(); err == nil {
			err = end
		}
	}()
	if err := tx.begin(write); err != nil {
		return err
	}
	err = f(tx)
	switch {
	case tx.fault != nil: // even when f did not mind
		return tx.fault
	case err != nil:
		return err
	case tx.writes == 0:
		return nil
	}
	if err := lost(l.path); err != nil {
		return err
	}
	return tx.commit()
}

// look tells apart what may be found in the ledger's place before anything is opened.
func (l *Ledger) look() error {
	info, err := os.Stat(l.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l.absent()
	case err != nil:
		return l.trouble(err)
	case info.IsDir():
		return &problem{text: l.called() + " is a folder", hint: l.another("name a file in it with --state")}
	case !info.Mode().IsRegular():
		return &problem{text: l.called() + " is not a regular file", hint: l.another("name another with --state")}
	case info.Size() == 0:
		return l.unusable("is empty")
	}
	return nil
}

// called names the file in an error.
func (l *Ledger) called() string { return "the " + l.noun + " " + l.path }

// another is the hint for a file that is none: of the ledger in use the one given.
func (l *Ledger) another(hint string) string {
	if l.private {
		return "name another file"
	}
	return hint
}
