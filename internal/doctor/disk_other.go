//go:build !linux

package doctor

// statfs differs from system to system, and the crontab this is for is one of Linux.
func statfs(string) (disk, error) { return disk{}, errUnknown }
