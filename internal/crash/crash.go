// Package crash names the points at which tests end the process: between what is written to the state file and what is
// asked of the remotes. In the program that is built for use, a point does nothing; with the build tag crash it is the
// end of the process when the environment says so.
package crash
