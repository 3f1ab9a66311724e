package journal

import (
	"os"
	"path/filepath"
	"syscall"
)

// lockDir keeps every other process from writing a journal until the file is
// closed, by whatever death.
func lockDir(dir string) (*os.File, error) {
	// For reading: a file that is open for writing keeps its disk from going read-only.
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, ErrLocked
	}
	return f, nil
}
