// Package browsertest plays stories against a running console in Debian's
// Chromium. The stories are the scripts of handlers/console/testdata/browser; a
// test starts a server and calls [Play].
package browsertest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Play runs a story against the server at base and leaves its pictures in the
// folder shots. Whatever the machine lacks fails the test with the line that
// installs it.
func Play(t testing.TB, story, base, shots string, settings ...string) {
	t.Helper()
	folder := scripts(t)
	need(t, "node", "apt-get install nodejs")
	need(t, "npm", "apt-get install npm")
	chromium := need(t, "chromium", "apt-get install chromium")
	if err := os.MkdirAll(shots, 0o755); err != nil {
		t.Fatal(err)
	}
	install(t, folder)
	cmd := exec.CommandContext(t.Context(), "node", story)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "BASE_URL="+base, "SHOTS="+shots, "CHROMIUM="+chromium)
	cmd.Env = append(cmd.Env, settings...)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", bytes.TrimSpace(out))
	if err != nil {
		t.Fatalf("story %s: %v", story, err)
	}
}

// scripts is the folder of the stories, in the module that the test runs in: where
// this file was compiled is not known under -trimpath.
func scripts(t testing.TB) string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "handlers", "console", "testdata", "browser")
		}
		if dir == filepath.Dir(dir) {
			t.Fatalf("no go.mod above %s", here)
		}
	}
}

func need(t testing.TB, program, line string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("the browser test needs %s: %s", program, line)
	}
	return path
}

// install brings the packages of the lock file, once; tests of several packages
// may want them at the same moment.
func install(t testing.TB, folder string) {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "hotline-browser-packages.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if installed(folder) {
		return
	}
	cmd := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the browser test needs its packages: (cd %s && npm ci): %v\n%s", folder, err, out)
	}
}

// installed reports whether the packages are there and as new as the lock file.
func installed(folder string) bool {
	have, err := os.Stat(filepath.Join(folder, "node_modules", ".package-lock.json"))
	if err != nil {
		return false
	}
	want, err := os.Stat(filepath.Join(folder, "package-lock.json"))
	return err == nil && !want.ModTime().After(have.ModTime())
}
