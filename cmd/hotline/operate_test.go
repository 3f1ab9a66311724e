package main

import (
	"context"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store/vault"
)

var (
	testedBlock = regexp.MustCompile("(?ms)^```sh tested\n(.*?)^```$")
	anyBlock    = regexp.MustCompile("(?ms)^```sh(?: tested)?\n(.*?)^```$")
	heading     = regexp.MustCompile(`(?m)^#{2,3} (.+)$`)
)

// anchors are the names by which a page's chapters are linked.
func anchors(page string) []string {
	var out []string
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		plain := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out = append(out, strings.ReplaceAll(strings.TrimSpace(plain), " ", "-"))
	}
	return out
}

// TestTheManualWorks runs the tested commands of the manual in the order of the
// page, on a Redis of their own in which one report is open.
func TestTheManualWorks(t *testing.T) {
	for _, program := range []string{"redis-server", "redis-cli", "redis-check-aof", "redis-check-rdb", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not installed: apt-get install -y redis-server redis-tools curl", program)
		}
	}
	dir, tools := t.TempDir(), t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(tools, "hotline"), ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if err := os.CopyFS(filepath.Join(dir, "directory"), os.DirFS("../../configs/sample")); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	redis, err := newRedisServer(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	if err := redis.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.kill)
	fileReport(t, redis.addr)
	environ := []string{
		"PATH=" + tools + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + t.TempDir(), "LC_ALL=C",
		"HOTLINE_REDIS_ADDRESSES=" + redis.addr, "REDIS_DATA=" + data,
		"DRILL_REDIS=" + port(t), "DRILL_PAGE=" + port(t),
	}
	output := map[string]string{}
	blocks := testedBlock.FindAllStringSubmatch(readFile(t, "docs/operate.md"), -1)
	for i, m := range blocks {
		first, _, _ := strings.Cut(m[1], "\n")
		name := fmt.Sprintf("%02d %s", i+1, first)
		began := time.Now()
		cmd := exec.CommandContext(t.Context(), "timeout", "60", "bash", "-euo", "pipefail", "-c", m[1])
		cmd.Dir, cmd.Env = dir, environ
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("block %s: %v\n%s\nit was:\n%s", name, err, out, m[1])
		}
		t.Logf("%s: %v", name, time.Since(began).Round(time.Millisecond))
		output[first] = string(out)
	}
	for _, c := range []struct{ block, want string }{
		{"redis-cli -u \"redis://$HOTLINE_REDIS_ADDRESSES\" config get", "noeviction"},
		{"hotline directory check", "no faults"},
		{"backup=$(ls -d", `hotline_open_cases{severity="normal",status="open"} 1`},
		{"cp -r directory broken", "members.csv:2"},
		{"redis-cli -u \"redis://$HOTLINE_REDIS_ADDRESSES\" info memory", "manifest are valid"},
	} {
		said, found := "", false
		for first, out := range output {
			if strings.HasPrefix(first, c.block) {
				said, found = said+out, found || strings.Contains(out, c.want)
			}
		}
		if !found {
			t.Errorf("the block %q does not print %q:\n%s", c.block, c.want, said)
		}
	}
	m, err := vault.File(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatalf("after the change of keys: %v", err)
	}
	if _, err := vault.Open(m); err != nil {
		t.Error(err)
	}
}

func port(t *testing.T) string {
	t.Helper()
	_, port, err := net.SplitHostPort(freeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// fileReport puts one report into the store, as a handset would.
func fileReport(t *testing.T, addr string) {
	t.Helper()
	cfg, err := configs.Load("", []string{"HOTLINE_REDIS_ADDRESSES=" + addr})
	if err != nil {
		t.Fatal(err)
	}
	d, err := loadData(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(vault.Random())
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(cfg.Redis)
	a, err := newApp(t.Context(), parts{
		cfg: cfg, log: zap.NewNop(), now: realTime, vault: keys, data: d, send: refuser{},
		open:       openStore(client, cfg.Redis, zap.NewNop()),
		serverTime: func(ctx context.Context) (time.Time, error) { return client.Time(ctx).Result() },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	if err := a.install(t.Context(), func() (flows.Directory, error) { return readDirectory(configs.Files, "sample") }); err != nil {
		t.Fatal(err)
	}
	report(t, a)
	// What the readiness page of a real Redis with the right settings shows.
	if err := a.watch.tick(t.Context(), a.now()); err != nil {
		t.Fatal(err)
	}
	got := values(t, a.figures)
	for _, fault := range durabilityFaults() {
		if v, ok := got["hotline_durability_fault "+fault]; v != 0 || !ok {
			t.Errorf("durability fault %s = %v, %v", fault, v, ok)
		}
	}
	if skew := got["hotline_clock_skew_seconds"]; math.Abs(skew) > 1 || a.watch.seen.Load().ClockSkew == "" {
		t.Errorf("the clock of this very machine is %v s away", skew)
	}
}

// TestTheManualIsWellMade: a block that is neither run nor text for a shell is a
// mistake, and so is a link that leads nowhere.
func TestTheManualIsWellMade(t *testing.T) {
	page := readFile(t, "docs/operate.md")
	blocks, tested := len(anyBlock.FindAllString(page, -1)), len(testedBlock.FindAllString(page, -1))
	if fences := strings.Count(page, "\n```"); fences != 2*blocks {
		t.Errorf("%d fences for %d blocks of sh", fences, blocks)
	}
	if tested < 10 {
		t.Errorf("%d of %d blocks are tested", tested, blocks)
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join("..", "..", "docs", m[1])); err != nil {
			t.Errorf("a link leads nowhere: %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\bHOTLINE_[A-Z_]+`).FindAllString(page, -1) {
		if _, err := configs.Load("", []string{m + "="}); err != nil && strings.Contains(err.Error(), "no such setting") {
			t.Errorf("there is no setting %s", m)
		}
	}
}
