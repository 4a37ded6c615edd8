package remote

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what is known of a call that did not bring the answer asked for.
type Kind uint8

const (
	Other        Kind = iota // our own mistake, such as a value that cannot be marshalled
	Unavailable              // it certainly did not happen; a later run may try again
	Uncertain                // a POST was sent and no clear answer came: it may have happened
	Rejected                 // understood and refused
	Unauthorized             // the credentials were refused (401) or lack a right (403); Status tells
	Missing                  // 404
)

func (k Kind) String() string {
	switch k {
	case Unavailable:
		return "unavailable"
	case Uncertain:
		return "uncertain"
	case Rejected:
		return "rejected"
	case Unauthorized:
		return "unauthorized"
	case Missing:
		return "missing"
	}
	return "other"
}

// ErrTooLarge is wrapped by the error of an answer of more than 32 MiB.
var ErrTooLarge = errors.New("the answer is larger than allowed")

// Error is how a call ended. It holds no credential, no body and no piece of one but the remote's own words, and its
// texts are escaped and short (see API.Show).
type Error struct {
	API       string // name of the remote, "dsco"
	Op        string // what was being done, in words: "acknowledge orders"
	Kind      Kind
	Status    int           // HTTP status of the last answer; 0 when there was none
	Detail    string        // what the remote said to a write (see explain), or what was wrong with its answer
	Quoted    bool          // Detail has words of the remote, which may quote the order that was written about
	RequestID string        // the remote's own name for the request, if it gave one; as Detail made fit to show
	After     time.Duration // when not 0: how long to wait before the call can succeed
	Err       error         // cause, such as a context's error; may be nil
}

// Error reads like "dsco: acknowledge orders: refused (400): type must be one of ...".
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s", e.API, e.Op, e.verdict())
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%d)", e.Status)
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	return b.String()
}

// Unwrap gives the cause, so that errors.Is finds a context's error or ErrTooLarge.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) verdict() string {
	switch {
	case e.Status == 429:
		return "too many requests"
	case e.Kind == Unavailable:
		return "not available"
	case e.Kind == Uncertain:
		return "outcome unknown"
	case e.Kind == Rejected:
		return "refused"
	case e.Kind == Unauthorized && e.Status == 403:
		return "not allowed"
	case e.Kind == Unauthorized:
		return "credentials refused"
	case e.Kind == Missing:
		return "not found"
	}
	return "internal error"
}

// KindOf is the Kind of the *Error in err's chain, and Other when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Other
}
