//go:build crash

package main

import (
	"os"
	"time"

	"dscosync/internal/cli"
)

// With the build tag crash the clock is ahead by CLOCK_AHEAD, so that days pass between the runs of a test.
func init() {
	ahead, err := time.ParseDuration(os.Getenv("CLOCK_AHEAD"))
	if err != nil {
		return
	}
	system = func() cli.Env {
		env := cli.System()
		now := env.Now
		env.Now = func() time.Time { return now().Add(ahead) }
		return env
	}
}
