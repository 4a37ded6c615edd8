//go:build race

package stage

// every is which of the enumerated faults are tried: all of them take minutes under the race detector, and make test
// runs them all without it.
const every = 20
