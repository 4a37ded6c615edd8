package sim

import (
	"fmt"
	"net/http"
	"time"
)

// Fault is one call going wrong: whether the remote did what was asked, and what the client gets to see of it.
// Of Refuse, Hang and Drop the first that is set decides; else the answer is Status, or the remote's own when Do is set
// (a 500 when it is not). Half breaks any answer off. Header alone leaves the call as it is but for the headers.
type Fault struct {
	Do bool // the remote does the work before anything goes wrong

	Refuse bool // the connection is refused, the call never arrives. Over a socket it is a connection that breaks
	Hang   bool // no answer until the request's context ends
	Drop   bool // the connection breaks without an answer
	Half   bool // headers and half of the body, then the connection breaks

	Status      int         // the answer instead of the remote's own
	Body        string      // of that answer; the API's own for the status when Body and ContentType are both empty
	ContentType string      // of that answer; default JSON
	Header      http.Header // laid over the answer's headers; a name without values takes the header away
}

// Fail has f asked before each call is answered; f returns nil for a call that shall go well. One call at a time is asked
// about; f may use the World, Fail included. Fail(nil) ends it.
func (w *World) Fail(f func(Call) *Fault) {
	w.enter()
	defer w.mu.Unlock()
	w.fail = f
}

// ask finds out how a call goes wrong; nil when it does not.
func (w *World) ask(c Call) *Fault {
	w.asking.Lock()
	defer w.asking.Unlock()
	w.mu.Lock()
	f := w.fail
	w.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(c)
}

// does tells whether the remote does the work in spite of the fault.
func (f *Fault) does() bool {
	return f == nil || f.Do || !(f.Refuse || f.Hang || f.Drop || f.Half || f.Status != 0)
}

// spoil turns the remote's own reply (empty when it did nothing) into what the client sees.
func (f *Fault) spoil(api string, own reply) reply {
	r := own
	switch {
	case f.Status != 0 && f.Body == "" && f.ContentType == "":
		r = plain(api, f.Status)
	case f.Status != 0:
		r = reply{status: f.Status, body: []byte(f.Body), header: http.Header{"Content-Type": {jsonType}}}
		if f.ContentType != "" {
			r.header.Set("Content-Type", f.ContentType)
		}
	case own.status == 0:
		r = plain(api, http.StatusInternalServerError)
	}
	for name, values := range own.header { // the limit's headers stand on every answer
		if r.header[name] == nil {
			r.header[name] = values
		}
	}
	for name, values := range f.Header {
		name = http.CanonicalHeaderKey(name)
		r.header[name] = values
		if len(values) == 0 {
			delete(r.header, name)
		}
	}
	switch {
	case f.Hang:
		r.end = hung
	case f.Drop:
		r.end = dropped
	case f.Half:
		r.end = halved
	}
	return r
}

// plain is what an API answers with a status that has nothing to do with what was asked.
func plain(api string, status int) reply {
	if status < 300 {
		return answer(status, object{})
	}
	if api == DSCO {
		return gateway(status)
	}
	switch status {
	case http.StatusTooManyRequests:
		return answer(status, object{"message": "Too Many Requests"})
	case http.StatusUnauthorized:
		return answer(status, object{"Message": "Authorization has been denied for this request."})
	case http.StatusNotFound:
		return answer(status, object{"Message": "The requested resource was not found."})
	case http.StatusInternalServerError:
		return nullReference()
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		title := fmt.Sprintf("%d %s", status, http.StatusText(status))
		return reply{status: status, header: http.Header{"Content-Type": {"text/html"}},
			body: []byte("<html><head><title>" + title + "</title></head><body><center><h1>" + title + "</h1></center></body></html>")}
	}
	return answer(status, object{"Message": http.StatusText(status)})
}

// wait lets d pass; false when done came first.
func wait(done <-chan struct{}, d time.Duration) bool {
	select {
	case <-done:
		return false
	default:
	}
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-done:
		return false
	}
}
