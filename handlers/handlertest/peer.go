package handlertest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Node makes ready the npm packages that a peer's folder locks, and returns a
// command that runs one of its scripts there. A machine without npm fails the
// test: a peer that was not asked has not agreed.
func Node(t *testing.T, dir, script string, args ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Fatal("npm is not installed: apt-get install nodejs npm")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		install.Dir = dir
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("npm ci in %s: %v\n%s", dir, err, out)
		}
	}
	// Not bound to the test's context: whoever starts it ends it.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "node", append([]string{script}, args...)...)
	cmd.Dir = dir
	return cmd
}

// Run runs a command to its end and returns what it wrote.
func Run(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, complaint.Bytes())
	}
	return out.Bytes()
}
