package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"hotline/store/vault"
)

// manual runs blocks of docs/operate.md as a reader would, in one folder.
type manual struct {
	*testing.T
	dir, data string
	redis     *redisServer
	internal  string // of the hotline that runs beside
	environ   []string
	serve     *exec.Cmd
}

// block brings about what a block is written for, and runs it.
func (m *manual) block(text string) (string, error) {
	m.Helper()
	shell, stdin := []string{"bash", "-euo", "pipefail", "-c", text}, ""
	switch first, _, _ := strings.Cut(text, "\n"); {
	case strings.HasPrefix(first, "hotline health"):
		m.startServe()
	case strings.HasPrefix(first, "redis-check-aof"):
		m.stopServe()
		m.redis.kill()
		m.tearFile()
		shell[1], stdin = "-uo", "y\n" // the first line finds the fault, and says so by its code
		defer m.startRedis()
	case strings.HasPrefix(first, "hotline journal restore"):
		m.stopServe()
		m.moveJournal()
		m.redis.kill()
		if err := os.RemoveAll(filepath.Join(m.data, "appendonlydir")); err != nil {
			m.Fatal(err)
		}
		m.startRedis()
		m.environ = append(m.environ, "HOTLINE_KEY_FILE="+filepath.Join(m.dir, "key"))
	}
	cmd := exec.CommandContext(m.Context(), "timeout", append([]string{"60"}, shell...)...)
	cmd.Dir, cmd.Env, cmd.Stdin = m.dir, m.environ, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// startServe starts a hotline on the manual's Redis and key, once, and waits for it.
func (m *manual) startServe() {
	m.Helper()
	if m.serve == nil {
		m.serve = exec.CommandContext(context.Background(), "bash", "-c", "exec hotline serve")
		m.serve.Dir = m.dir
		m.serve.Env = append(m.environ, "HOTLINE_KEY_FILE=key", "HOTLINE_LISTEN=127.0.0.1:0", "HOTLINE_LOG_LEVEL=error")
		m.serve.Stderr = os.Stderr
		if err := m.serve.Start(); err != nil {
			m.Fatal(err)
		}
		m.Cleanup(m.stopServe)
	}
	wait := exec.CommandContext(m.Context(), "timeout", "60", "bash", "-c", "until hotline health >/dev/null 2>&1; do sleep 0.1; done")
	wait.Env = m.environ
	if err := wait.Run(); err != nil {
		m.Fatalf("hotline serve is not ready: %v", err)
	}
}

func (m *manual) stopServe() {
	if m.serve != nil {
		_ = m.serve.Process.Signal(os.Interrupt)
		_ = m.serve.Wait()
		m.serve = nil
	}
}

func (m *manual) startRedis() {
	m.Helper()
	if err := m.redis.start(m.Context()); err != nil {
		m.Error(err)
	}
}

// tearFile ends the file of Redis in the middle of a command, as a power cut does.
func (m *manual) tearFile() {
	m.Helper()
	files, err := filepath.Glob(filepath.Join(m.data, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		m.Fatalf("files of Redis: %q, %v", files, err)
	}
	f, err := os.OpenFile(files[0], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		m.Fatal(err)
	}
	if _, err := f.WriteString("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$9\r\nhal"); err != nil {
		m.Fatal(err)
	}
	if err := f.Close(); err != nil {
		m.Fatal(err)
	}
}

// moveJournal puts the journal and its keys where the manual looks for those of all
// processes.
func (m *manual) moveJournal() {
	m.Helper()
	into := filepath.Join(m.dir, "journals", "one")
	if err := os.MkdirAll(into, 0o700); err != nil {
		m.Fatal(err)
	}
	for _, name := range []string{"journal", "journal.keys"} {
		if err := os.Rename(filepath.Join(m.dir, name), filepath.Join(into, name)); err != nil {
			m.Fatal(err)
		}
	}
}

// systemctl does on the stage what the manual asks of the real one: it lets systemd
// read the unit, and starts the program again.
const systemctl = `#!/bin/bash
set -euo pipefail
case "$*" in
daemon-reload) sed '/^Documentation=/d' /etc/systemd/system/hotline.service >"$STAGE/hotline.service"; systemd-analyze verify "$STAGE/hotline.service" ;;
"enable --now hotline" | "restart hotline")
  [ ! -f "$STAGE/pid" ] || kill "$(cat "$STAGE/pid")"
  /usr/local/bin/hotline serve & echo $! >"$STAGE/pid" ;;
*) echo "systemctl $*: not on this stage" >&2; exit 1 ;;
esac
`

// stage runs blocks as root of a mount namespace in which the folders they write to
// are empty. At the end the program that they started runs.
const stage = `
for d in /usr/local/bin /etc/systemd/system; do mount -t tmpfs tmpfs "$d"; done
trap 'kill "$(cat "$STAGE/pid")"' EXIT
`

// TestTheManualOnAStage runs the blocks that install and upgrade, in their order.
func TestTheManualOnAStage(t *testing.T) {
	for _, program := range []string{"unshare", "systemd-analyze", "redis-server"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not installed: apt-get install -y util-linux systemd redis-server", program)
		}
	}
	dir := t.TempDir()
	for _, part := range []string{"dist", "tools"} {
		if err := os.Mkdir(filepath.Join(dir, part), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "dist", "hotline"), ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if err := os.CopyFS(filepath.Join(dir, "deploy"), os.DirFS("../../deploy")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tools", "systemctl"), []byte(systemctl), 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key")
	if err := vault.NewKeyFile(key); err != nil {
		t.Fatal(err)
	}
	script := stage
	for _, b := range stagedBlock.FindAllStringSubmatch(readFile(t, "docs/operate.md"), -1) {
		script += b[1]
	}
	cmd := exec.CommandContext(t.Context(), "timeout", "300", "unshare", "--map-root-user", "--mount", "bash", "-euxo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + filepath.Join(dir, "tools") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + dir, "TMPDIR=" + t.TempDir(), "STAGE=" + dir,
		"HOTLINE_LISTEN=127.0.0.1:0", "HOTLINE_INTERNAL_LISTEN=" + freeAddr(t), "HOTLINE_KEY_FILE=" + key,
		"HOTLINE_JOURNAL_DIR=" + filepath.Join(dir, "journal"), "HOTLINE_LOG_LEVEL=error",
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`"ready":true`, "two-versions"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it does not print %q:\n%s", want, out)
		}
	}
}

var composeUp = regexp.MustCompile(`^docker compose -f (deploy/\S+) (?:build|up -d --no-deps --wait)((?: \w+)+)$`)

// ownCommand is a command of ours that needs people's keys.
var ownCommand = regexp.MustCompile(`^hotline (keys [a-z]+) `)

// TestTheRestOfTheManual looks up what the blocks name that need Docker or systemd.
func TestTheRestOfTheManual(t *testing.T) {
	asked := []string{"journalctl -u hotline -n 50", "timedatectl", "chronyc tracking"}
	readFile(t, "deploy/systemd/hotline.service") // -u hotline
	for _, b := range otherBlock.FindAllStringSubmatch(readFile(t, "docs/operate.md"), -1) {
		for line := range strings.Lines(b[1]) {
			line = strings.TrimSpace(line)
			if words := ownCommand.FindStringSubmatch(line); words != nil {
				args := append(strings.Fields(words[1]), "--help")
				if code := run(t.Context(), args, streams{out: io.Discard, err: io.Discard}); code != 0 {
					t.Errorf("%q: hotline %s exits with %d", line, args, code)
				}
				continue
			}
			m := composeUp.FindStringSubmatch(line)
			if m == nil {
				if !slices.Contains(asked, line) {
					t.Errorf("nothing is known of %q", line)
				}
				continue
			}
			var c compose
			if err := yaml.Load([]byte(readFile(t, m[1])), &c); err != nil {
				t.Fatal(err)
			}
			for name := range strings.FieldsSeq(m[2]) {
				if c.Services[name].Environment == nil {
					t.Errorf("%s has no service %s", m[1], name)
				}
			}
		}
	}
}
