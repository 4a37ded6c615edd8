package ledger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"go.etcd.io/bbolt"
	bolt "go.etcd.io/bbolt/errors"
)

// patience is the pause between two tries to take the file. bbolt's own is 50 ms.
const patience = time.Millisecond

// handle is the file taken for one transaction.
type handle struct {
	db   *bbolt.DB
	file *os.File // of db
}

// take opens the file. The turnstile makes it a queue: whoever has it is the next to get the file, be it a reader or
// the writer, and those who come back must go behind.
func (l *Ledger) take(write bool) (*handle, error) {
	wait := l.readerWait
	if write {
		wait = l.writerWait
	}
	deadline := time.Now().Add(wait)
	if !l.private {
		gate, err := l.gate(deadline)
		if err != nil {
			return nil, err
		}
		defer gate.Unlock()
	}
	for {
		h, err := l.open(write)
		switch {
		case !errors.Is(err, bolt.ErrTimeout):
			return h, err
		case time.Now().After(deadline):
			return nil, l.busy(wait)
		}
		time.Sleep(patience)
	}
}

// gate takes the turnstile. It belongs to nobody for longer than it takes to get the file.
func (l *Ledger) gate(deadline time.Time) (*flock.Flock, error) {
	gate := flock.New(l.path+".gate", flock.SetPermissions(0o600))
	if err := ordinary(gate.Path()); err != nil {
		return nil, err
	}
	wait := time.Until(deadline)
	for {
		ok, err := gate.TryLock()
		switch {
		case err != nil:
			return nil, l.trouble(err)
		case ok:
			share(gate.Path(), l.path)
			return gate, nil
		case time.Now().After(deadline):
			return nil, l.busy(wait)
		}
		time.Sleep(patience)
	}
}

func (l *Ledger) busy(waited time.Duration) error {
	return &problem{
		text: fmt.Sprintf("%s is busy: another dscosync has it for more than %s", l.called(), waited.Round(time.Second)),
		hint: "run again; when it stays so, see which process has it: fuser " + l.path + " " + l.path + ".gate",
		err:  ErrBusy,
	}
}

// open tries once, and gives bbolt's ErrTimeout when somebody else has the file.
func (l *Ledger) open(write bool) (*handle, error) {
	h := &handle{}
	err := safely(func() (err error) {
		h.db, err = bbolt.Open(l.path, 0o600, &bbolt.Options{
			ReadOnly:     !write,
			Timeout:      1, // any but 0, which waits for ever
			FreelistType: bbolt.FreelistMapType,
			MaxSize:      l.maxSize,
			NoStatistics: true,
			// Opening is never making: a file that has just been moved away must not come back empty.
			OpenFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
				f, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
				h.file = f
				return f, err
			},
		})
		if err == nil {
			h.db.AllocSize = 1 << 20 // of 16 MiB: most ledgers are smaller than that
		}
		return err
	})
	if err == nil {
		return h, nil
	}
	if f, ok := errors.AsType[*fault](err); ok {
		h.abandon()
		return nil, l.damaged("%v", f)
	}
	var number syscall.Errno
	switch {
	case errors.Is(err, bolt.ErrTimeout):
		return nil, err
	case errors.Is(err, fs.ErrNotExist):
		return nil, l.absent()
	case errors.As(err, &number):
		return nil, l.trouble(err)
	}
	return nil, l.unusable("is damaged or of another program: %v", err)
}

func (h *handle) close() error { return safely(h.db.Close) }

// abandon lets go of the file after a fault: bbolt may hold locks of its own then, and would wait for itself. Its
// mapping of the file stays until the process ends, and would keep the file's lock, which closing alone leaves.
func (h *handle) abandon() {
	if h.file != nil {
		syscall.Flock(int(h.file.Fd()), syscall.LOCK_UN)
		h.file.Close()
	}
}

// fault is what bbolt met in a damaged file.
type fault struct{ cause any }

func (f *fault) Error() string {
	if _, ok := f.cause.(runtime.Error); ok { // its words say nothing to people
		return "a page makes no sense"
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(fmt.Sprint(f.cause), "panic: "), "\n")
	return text[:min(len(text), 200)]
}

// safely runs a piece of bbolt, which panics on a page that makes no sense, and touches mapped addresses behind the end
// of a truncated file. Both come back as a *fault; the transaction is not to be touched again then.
func safely(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = &fault{cause}
		}
	}()
	return f()
}
