package notify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile makes or replaces a file that everybody may read. It is never there in part: a collector that reads it at any
// moment finds the one before or the new one. Its folder has to be there: a slip in its name is not to make another.
func WriteFile(path string, content []byte) error {
	// A link stays one: what it leads to is replaced.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	err := replace(path, content)
	var number syscall.Errno
	if errors.As(err, &number) {
		err = number
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	return nil
}

func replace(path string, content []byte) error {
	// Hidden and without the ending .prom, so that no collector takes it for a file of its own.
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}
