//go:build !crash

package crash

// Point is a point at which a process may die. What says more about it, such as the path of a call.
func Point(name string, what ...string) {}
