package notify_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dscosync/internal/notify"
)

// asked is a request that came in.
type asked struct{ method, uri, kind, body string }

// receiver answers with the statuses given, one after the other and then with the last, and tells what came in.
func receiver(t *testing.T, statuses ...int) (url string, came func() []asked) {
	t.Helper()
	ch := make(chan asked, 100)
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		ch <- asked{r.Method, r.RequestURI, r.Header.Get("Content-Type"), string(body)}
		status := statuses[min(n, len(statuses)-1)]
		n++
		if status >= 300 && status < 400 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() (all []asked) {
		for len(ch) > 0 {
			all = append(all, <-ch)
		}
		return all
	}
}

func TestPingPaths(t *testing.T) {
	for _, c := range []struct{ path, signal, want string }{
		{"/uuid", "", "/uuid"},
		{"/uuid", "start", "/uuid/start"},
		{"/uuid", "4", "/uuid/4"},
		{"/uuid/", "75", "/uuid/75"},
		{"/key/slug?create=1", "log", "/key/slug/log?create=1"},
	} {
		url, came := receiver(t, 200)
		if err := (notify.Sender{}).Ping(t.Context(), url+c.path, c.signal, "said\n"); err != nil {
			t.Error(err)
		}
		want := asked{"POST", c.want, "text/plain; charset=utf-8", "said\n"}
		if got := came(); len(got) != 1 || got[0] != want {
			t.Errorf("%s with %q: %v", c.path, c.signal, got)
		}
	}
}

func TestPingRepeats(t *testing.T) {
	s := notify.Sender{Rest: time.Millisecond}
	for _, c := range []struct {
		statuses []int
		calls    int
		err      string
	}{
		{[]int{503, 200}, 2, ""},
		{[]int{429, 500, 200}, 3, ""},
		{[]int{500}, 3, "the answer was 500 Internal Server Error"},
		{[]int{404}, 1, "the answer was 404 Not Found"},
		{[]int{302}, 1, "a redirect was refused (302)"},
	} {
		url, came := receiver(t, c.statuses...)
		err := s.Ping(t.Context(), url+"/canary", "", "")
		if got := len(came()); got != c.calls || c.err == "" && err != nil || c.err != "" && (err == nil || err.Error() != c.err) {
			t.Errorf("%v: %d calls, %v", c.statuses, got, err)
		}
	}
}

func TestPost(t *testing.T) {
	url, came := receiver(t, 200)
	if err := (notify.Sender{}).Post(t.Context(), url+"/hook?sig=1", "a <!channel> & b\n\"c\" é"); err != nil {
		t.Fatal(err)
	}
	got := came()
	var message map[string]any
	if len(got) != 1 || got[0].uri != "/hook?sig=1" || got[0].kind != "application/json" || json.Unmarshal([]byte(got[0].body), &message) != nil {
		t.Fatalf("%v", got)
	}
	if len(message) != 1 || message["text"] != "a &lt;!channel&gt; &amp; b\n\"c\" é" {
		t.Errorf("%v", message)
	}
	url, came = receiver(t, 500)
	if err := (notify.Sender{}).Post(t.Context(), url, "a"); err == nil || len(came()) != 1 {
		t.Errorf("a message is not sent twice: %v", err)
	}
}

// No error repeats the address, which is as good as a password.
func TestErrorsHideTheAddress(t *testing.T) {
	ended := httptest.NewServer(nil)
	ended.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then is it seen that the caller has gone
		<-r.Context().Done()
	}))
	defer slow.Close()
	tls := httptest.NewTLSServer(nil)
	defer tls.Close()
	hasty := notify.Sender{HTTP: &http.Client{Timeout: 30 * time.Millisecond}, Rest: time.Millisecond}
	for name, c := range map[string]struct {
		sender  notify.Sender
		address string
		want    string
	}{
		"closed":    {notify.Sender{Rest: time.Millisecond}, ended.URL + "/canary", "no answer: dial 127.0.0.1"},
		"slow":      {hasty, slow.URL + "/canary", "no answer in time"},
		"untrusted": {notify.Sender{Rest: time.Millisecond}, tls.URL + "/canary", "its certificate is not trusted"},
		"no URL":    {notify.Sender{}, "http://a b/canary", "it is not a URL"},
		"no scheme": {notify.Sender{Rest: time.Millisecond}, "/canary", "unsupported protocol scheme"},
	} {
		for _, err := range []error{c.sender.Ping(t.Context(), c.address, "start", ""), c.sender.Post(t.Context(), c.address, "canary")} {
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	var followed atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	defer other.Close()
	first := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer first.Close()
	err := (notify.Sender{}).Post(t.Context(), first.URL, "canary")
	if err == nil || err.Error() != "a redirect was refused (307)" || followed.Load() {
		t.Errorf("%v, followed: %v", err, followed.Load())
	}
}

func TestRun(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	env := []string{"DSCOSYNC_EVENT=alarm", "OUT=" + out}
	if err := notify.Run(t.Context(), []string{"/bin/sh", "-c", `cat >"$OUT"; echo "$DSCOSYNC_EVENT $1" >>"$OUT"`, "sh", "a b; $c"}, env, "first\nsecond\n"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(out); string(got) != "first\nsecond\nalarm a b; $c\n" {
		t.Errorf("%q", got)
	}
	// One that reads nothing has ended well all the same.
	if err := notify.Run(t.Context(), []string{"/bin/sh", "-c", "exit 0"}, nil, strings.Repeat("long ", 1<<20)); err != nil {
		t.Error(err)
	}
	for want, argv := range map[string][]string{
		"sh ended with exit status 3: run it by hand to see why":    {"/bin/sh", "-c", "exit 3"},
		"nowhere could not be run: no such file or directory":       {"/no/nowhere"},
		"no-such-program-1 is not in the PATH: write its full path": {"no-such-program-1"},
		"it names no program": {},
	} {
		if err := notify.Run(t.Context(), argv, nil, ""); err == nil || err.Error() != want {
			t.Errorf("%v: %v", argv, err)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.prom"), filepath.Join(dir, "link.prom")
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(real, []byte("a long one before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := notify.WriteFile(link, []byte("new\n")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(real)
	if got, _ := os.ReadFile(link); err != nil || string(got) != "new\n" || info.Mode() != 0o644 {
		t.Errorf("%q, %v, %v", got, info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link has become a file")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	gone := filepath.Join(dir, "no", "x.prom")
	if err := notify.WriteFile(gone, nil); err == nil || err.Error() != gone+" cannot be written: no such file or directory" {
		t.Error(err)
	}
	for _, none := range []string{dir, os.DevNull} {
		if err := notify.WriteFile(none, nil); err == nil || err.Error() != none+" cannot be written: it is not a file" {
			t.Error(err)
		}
	}
}
