package ledger

import "github.com/gofrs/flock"

// Running tells who works on the ledger at the path now, or who last did and was cut off: running is false then. The
// holder's zero value means neither.
func Running(path string) (h Holder, running bool) {
	h = read(path + ".lock")
	if h.PID == 0 {
		return Holder{}, false
	}
	if ordinary(path+".lock") != nil {
		return Holder{}, false
	}
	lock := flock.New(path + ".lock")
	if free, err := lock.TryLock(); err != nil || !free {
		return h, true
	}
	lock.Unlock()
	return h, false
}
