package notify

import (
	"testing"
	"time"
)

// A program that hangs is stopped, and with it what it started and what holds its output.
func TestRunIsBounded(t *testing.T) {
	began := time.Now()
	err := run(t.Context(), []string{"/bin/sh", "-c", "sleep 60 & sleep 60"}, []string{"PATH=/usr/bin:/bin"}, "", 50*time.Millisecond)
	if err == nil || err.Error() != "sh did not end within 50ms and was stopped" || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
