package doctor

import (
	"path/filepath"
	"testing"
)

// A real disk tells of itself.
func TestStatfs(t *testing.T) {
	if d, err := statfs(t.TempDir()); err != nil || d.free == 0 || d.readOnly || d.network != "" {
		t.Errorf("%+v %v", d, err)
	}
	if d, err := statfs("/proc"); err != nil || d.free != 0 {
		t.Errorf("/proc: %+v %v", d, err)
	}
	if _, err := statfs(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there has a disk")
	}
}
