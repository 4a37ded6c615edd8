package secret

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// WriteFile makes or replaces a file that its owner alone may open. It is
// never there in part: a crash leaves the file that was there before, or
// none, and at worst a hidden one beside it: see sweep.
//
// What root writes belongs to the owner of the file it replaces, else to the
// owner of the folder: the service that runs as another user is to read it.
func WriteFile(path string, content []byte) error {
	err := replace(path, content, os.Rename)
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, reason(err))
	}
	return nil
}

// createFile is WriteFile for a file that must not be there yet: with two who
// make it at once one gets fs.ErrExist.
func createFile(path string, content []byte) error {
	err := replace(path, content, func(from, to string) error {
		defer os.Remove(from)
		return os.Link(from, to)
	})
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, reason(err))
	}
	return nil
}

func replace(path string, content []byte, move func(from, to string) error) error {
	path = target(path)
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+"-") // mode 0600
	if err != nil {
		return err
	}
	err = errors.Join(fill(file, content, heir(path, folder)), file.Close())
	if err == nil {
		err = move(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
		return err
	}
	return sync(folder)
}

// target is the file that is replaced: a link stays one.
func target(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// sweep removes what a crash left beside a file. What is younger than an hour may be somebody's who is at work.
func sweep(path string) {
	path = target(path)
	files, _ := os.ReadDir(filepath.Dir(path))
	for _, f := range files {
		number, ours := strings.CutPrefix(f.Name(), "."+filepath.Base(path)+"-")
		if !ours || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > time.Hour {
			os.Remove(filepath.Join(filepath.Dir(path), f.Name()))
		}
	}
}

func fill(file *os.File, content []byte, owner fs.FileInfo) error {
	if stat, ok := owner.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		if err := file.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
			return err
		}
	}
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

// heir is whose owner a new file at path gets.
func heir(path, folder string) fs.FileInfo {
	info, err := os.Stat(path)
	if err != nil {
		info, err = os.Stat(folder)
	}
	if err != nil {
		return nowhere{}
	}
	return info
}

// nowhere is what is known of a folder that has just gone: nothing.
type nowhere struct{ fs.FileInfo }

func (nowhere) Sys() any { return nil }

// sync has a folder remember the names in it.
func sync(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
