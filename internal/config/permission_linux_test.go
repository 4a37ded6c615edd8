package config_test

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"dscosync/internal/config"
)

// Settings of somebody else are most often those of the crontab's user, looked at by a person with another name.
func TestSettingsOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	owner, err := user.LookupId("1")
	if err != nil {
		t.Skip(err)
	}
	path := write(t, good)
	folder := filepath.Dir(path)
	for _, dir := range []string{filepath.Dir(folder), folder} { // else nobody comes as far as to what is tested
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	load := func(path string) string {
		t.Helper()
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := syscall.Setfsuid(65534); err != nil {
			t.Fatal(err)
		}
		defer syscall.Setfsuid(0)
		_, err := config.Load(t.Context(), config.Options{Path: path})
		if err == nil {
			t.Fatal("it was read")
		}
		return err.Error()
	}
	says := func(whose string) string {
		return "settings file: " + path + " cannot be opened: permission denied: run it as " + owner.Username + ", to whom " + whose + " belongs: sudo -u " + owner.Username + " dscosync ..."
	}
	if err := os.Chown(path, 1, 1); err != nil {
		t.Fatal(err)
	}
	if said := load(path); said != says(path) {
		t.Errorf("a file: %s\nnot %s", said, says(path))
	}
	// What is in a folder of somebody else cannot even be looked at.
	if err := os.Chown(folder, 1, 1); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if said := load(path); said != says(folder) {
		t.Errorf("a file in a folder: %s\nnot %s", said, says(folder))
	}
	// One's own file that is shut altogether.
	if err := os.Chown(path, 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if said, want := load(path), "settings file: "+path+" cannot be opened: permission denied: chmod 600 "+path; said != want {
		t.Errorf("one's own: %s\nnot %s", said, want)
	}
	// One's own folder that lets nobody in, as after a chmod that was meant for a file.
	if err := os.Chown(folder, 0, 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, want := load(path), "settings file: "+path+" cannot be opened: permission denied: chmod u+x "+folder; said != want {
		t.Errorf("one's own folder: %s\nnot %s", said, want)
	}
}
