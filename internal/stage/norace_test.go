//go:build !race

package stage

// every is which of the enumerated faults are tried: all.
const every = 1
