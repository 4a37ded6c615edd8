package main_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// mailbox is where notifications arrive.
type mailbox struct {
	mu     sync.Mutex
	status int
	came   []string
}

type mailboxKey struct{}

// receiver is a verb. The first time it opens the mailbox. Each time it prints what came in since: the method, the path and
// the body of each request, and sets with what status the next are answered.
func receiver(ts *testscript.TestScript, _ bool, args []string) {
	box, open := ts.Value(mailboxKey{}).(*mailbox)
	if !open || box == nil {
		ts.Fatalf("there is no mailbox")
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	if box.status == 0 {
		site := httptest.NewServer(box)
		ts.Defer(site.Close)
		ts.Setenv("HOOK_URL", site.URL)
	}
	box.status = http.StatusOK
	if len(args) > 0 {
		status, err := strconv.Atoi(args[0])
		ts.Check(err)
		box.status = status
	}
	site := func(letter string) string { return strings.SplitN(letter, "/", 3)[1] }
	// A run writes to several at once: what came to each is in order, and they by their names.
	slices.SortStableFunc(box.came, func(a, b string) int { return strings.Compare(site(a), site(b)) })
	fmt.Fprint(ts.Stdout(), strings.Join(box.came, ""))
	box.came = nil
}

func (m *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	text := strings.TrimSuffix(string(body), "\n")
	if text != "" {
		text = "  " + strings.ReplaceAll(text, "\n", "\n  ") + "\n"
	}
	m.came = append(m.came, r.Method+" "+r.URL.Path+"\n"+text)
	w.WriteHeader(m.status)
}
