//go:build !linux

package main_test

import (
	"fmt"
	"os"
)

// terminal is for Linux: scripts that call it stop before that elsewhere.
func terminal() {
	fmt.Fprintln(os.Stderr, "terminal: not on this system")
	os.Exit(1)
}
