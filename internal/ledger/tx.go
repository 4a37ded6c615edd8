package ledger

import (
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"dscosync/internal/crash"
)

// Tx is a transaction. It is of use until the function it was given to returns, and by one goroutine. What it gives out
// is copied: it stays valid afterwards.
type Tx struct {
	ledger *Ledger
	handle *handle
	bolt   *bbolt.Tx
	writes int // changes made
	layout layout
	fault  error // bbolt broke down, or the transaction is over: nothing is to be touched any more

	meta, open, done, finished, stages, journal table

	store int64
	salt  []byte
	ahead int // see Version
}

// tables sets up the tables, without their buckets.
func (tx *Tx) tables() []*table {
	tx.meta = table{tx: tx, name: "meta", noun: "setting"}
	tx.open = table{tx: tx, name: "open", noun: "order", counted: true}
	tx.done = table{tx: tx, name: "done", noun: "order", counted: true}
	tx.finished = table{tx: tx, name: "finished", noun: "finished order", counted: true}
	tx.stages = table{tx: tx, name: "stages", noun: "stage"}
	tx.journal = table{tx: tx, name: "journal", noun: "journal line"}
	return []*table{&tx.meta, &tx.open, &tx.done, &tx.finished, &tx.stages, &tx.journal}
}

// heads looks at the heads of all pages in use.
func (tx *Tx) heads() error {
	seen := map[uint64]bool{}
	err := tx.layout.free()
	for _, root := range []uint64{tx.layout.root, tx.meta.root, tx.open.root, tx.done.root, tx.finished.root, tx.stages.root, tx.journal.root} {
		if err == nil && root != 0 { // what is little stands in the root itself
			err = tx.layout.under(root, seen)
		}
	}
	return err
}

func (tx *Tx) begin(write bool) error {
	tables := tx.tables()
	err := tx.safely(func() (err error) {
		if tx.layout, err = readLayout(tx.handle.file); err != nil {
			return err
		}
		if tx.bolt, err = tx.handle.db.Begin(write); err != nil {
			return err
		}
		info, err := tx.handle.file.Stat()
		if err != nil {
			return err
		}
		// Seen before a writer lets the file grow again, which would make the loss look like empty pages.
		if info.Size() < tx.bolt.Size() {
			return &fault{"its end is missing"}
		}
		for _, t := range tables {
			if t.bucket = tx.bolt.Bucket([]byte(t.name)); t.bucket != nil {
				t.bucket.FillPercent = 0.9 // ids, times and lines ascend
				t.root = uint64(t.bucket.Root())
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case tx.meta.bucket == nil:
		return tx.ledger.unusable("is not of dscosync")
	}
	if err := tx.version(); err != nil {
		return err
	}
	for _, t := range tables {
		if t.bucket == nil && !tx.ledger.older {
			return tx.ledger.damaged("it has no %s", t.name)
		}
	}
	if _, err := tx.loadMeta("ahead", &tx.ahead); err != nil {
		return err
	}
	if _, err := tx.loadMeta("store", &tx.store); err != nil {
		return err
	}
	if found, err := tx.loadMeta("salt", &tx.salt); err != nil {
		return err
	} else if !found || len(tx.salt) != 16 {
		return tx.ledger.damaged("it has no salt")
	}
	if write {
		return tx.safely(tx.layout.free)
	}
	return nil
}

// version looks whether this program understands the file.
func (tx *Tx) version() error {
	found, err := tx.schema()
	known := tx.ledger.schema()
	switch {
	case err != nil:
		return err
	case found == known, found >= 1 && found < known && tx.ledger.older:
		return nil
	case found > known:
		return &problem{
			text: fmt.Sprintf("%s was made by a newer dscosync (its schema is %d, this program knows %d)", tx.ledger.called(), found, known),
			hint: "install that version again, or put back the backup made before it",
			err:  ErrNewer,
		}
	case found >= 1:
		return &problem{
			text: fmt.Sprintf("%s was made by an older dscosync (its schema is %d, that of this program is %d)", tx.ledger.called(), found, known),
			hint: "the next run makes a backup of it and brings it up to date, for example: dscosync sync all",
			err:  ErrOlder,
		}
	}
	return tx.ledger.damaged("there is no schema %d", found)
}

func (tx *Tx) schema() (n int, err error) {
	_, err = tx.loadMeta("schema", &n)
	return n, err
}

// Raise has the ledger's Version be above a number once the transaction is committed.
func (tx *Tx) Raise(above int) error {
	if ahead := above + 1 - tx.bolt.ID(); ahead > tx.ahead {
		tx.ahead = ahead
		return tx.setMeta("ahead", ahead)
	}
	return nil
}

func (tx *Tx) commit() error {
	bt := tx.bolt
	crash.Point("before commit")
	if err := tx.safely(bt.Commit); err != nil {
		return err
	}
	crash.Point("after commit")
	tx.ledger.commits.Add(1)
	tx.bolt = nil
	return nil
}

// end gives the file back. What was not committed is gone.
func (tx *Tx) end() error {
	if tx.fault != nil {
		tx.handle.abandon()
		return nil
	}
	var err error
	if tx.bolt != nil {
		err = tx.safely(tx.bolt.Rollback)
	}
	if tx.fault == nil {
		err = errors.Join(err, tx.safely(tx.handle.close))
	} else {
		tx.handle.abandon()
	}
	tx.fault = errors.New("the transaction is over")
	return err
}

// safely runs a piece of bbolt (see safely), and none after one that broke down.
func (tx *Tx) safely(f func() error) error {
	if tx.fault != nil {
		return tx.fault
	}
	err := safely(f)
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*fault](err); ok {
		tx.fault = tx.ledger.damaged("%v", f)
		return tx.fault
	}
	return tx.ledger.trouble(err)
}

// Store is the id of the ShipStation store the open orders are in; 0 before it was set.
func (tx *Tx) Store() int64 { return tx.store }

// SetStore notes the ShipStation store the open orders are in.
func (tx *Tx) SetStore(id int64) error {
	tx.store = id
	return tx.setMeta("store", id)
}

// Salt is 16 random bytes that were made with the ledger.
func (tx *Tx) Salt() []byte { return tx.salt }

func (tx *Tx) loadMeta(name string, into any) (bool, error) { return tx.meta.load([]byte(name), into) }

func (tx *Tx) setMeta(name string, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return tx.meta.put([]byte(name), encoded)
}
