package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// sizeLimit is far above any secret and any settings file.
const sizeLimit = 64 << 10

// ErrExposed is the kind of error ReadFile gives for a file that others than
// its owner may open.
var ErrExposed = errors.New("others may open it")

// ReadFile returns the content of a regular file of at most 64 KiB that its
// owner alone may open. A file exactly in the directory credentials, which is
// systemd's $CREDENTIALS_DIRECTORY or "", may be readable by its group:
// systemd lets the service in by an access control list, which shows as mode
// 0440 (https://github.com/systemd/systemd/issues/29435).
//
// Beside ErrExposed the content is returned too, so that what else is wrong
// with it can be told at the same time.
func ReadFile(path, credentials string) ([]byte, error) {
	// Without O_NONBLOCK opening a named pipe would wait for its writer.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", path, reason(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w", path, reason(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	content, err := io.ReadAll(io.LimitReader(file, sizeLimit+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, reason(err))
	}
	if len(content) > sizeLimit {
		return nil, fmt.Errorf("%s is larger than %d KiB", path, sizeLimit>>10)
	}
	shut := fs.FileMode(0o077)
	if credentials != "" && filepath.Dir(path) == filepath.Clean(credentials) {
		shut = 0o037
	}
	if mode := info.Mode().Perm(); mode&shut != 0 {
		return content, fmt.Errorf("%s has mode %04o, %w: chmod 600 %[1]s", path, mode, ErrExposed)
	}
	return content, nil
}

// reason leaves paths and arguments out of an error of os or exec.
func reason(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return err
}
