package notify

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile makes or replaces a file that everybody may read, for a collector or a web server is somebody else. It is never
// there in part: who reads it at any moment, or after a crash, finds the one before or the new one. A crash leaves a
// hidden file beside it that nobody reads. Its folder has to be there: a slip in its name is not to make another.
func WriteFile(path string, content []byte) error {
	// A link stays one: what it leads to is replaced.
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	err := errors.New("it is not a file")
	if info, there := os.Stat(path); there != nil || info.Mode().IsRegular() { // a device would be one no longer
		err = replace(path, content)
	}
	// Without the name of the temporary file, which says nothing to anybody.
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
