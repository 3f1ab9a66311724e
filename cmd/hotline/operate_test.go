package main

import (
	"context"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/store/vault"
)

var (
	testedBlock = regexp.MustCompile("(?ms)^```sh tested\n(.*?)^```$")
	stagedBlock = regexp.MustCompile("(?ms)^```sh staged\n(.*?)^```$")
	otherBlock  = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	anyBlock    = regexp.MustCompile("(?ms)^```sh(?: tested| staged)?\n(.*?)^```$")
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
	officer, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "officer.key"), []byte(officer.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &manual{T: t, dir: dir, data: data, redis: redis, internal: freeAddr(t)}
	m.environ = []string{
		"PATH=" + tools + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + t.TempDir(), "LC_ALL=C",
		"HOTLINE_REDIS_ADDRESSES=" + redis.addr, "REDIS_DATA=" + data,
		"DRILL_REDIS=" + port(t), "DRILL_PAGE=" + port(t), "OFFICER=" + officer.Recipient().String(),
		"HOTLINE_INTERNAL_LISTEN=" + m.internal, "HOTLINE_JOURNAL_DIR=" + filepath.Join(dir, "journal"), "JOURNALS=" + filepath.Join(dir, "journals"),
	}
	output := map[string]string{}
	blocks := testedBlock.FindAllStringSubmatch(readFile(t, "docs/operate.md"), -1)
	for i, b := range blocks {
		first, _, _ := strings.Cut(b[1], "\n")
		began := time.Now()
		out, err := m.block(b[1])
		if err != nil {
			t.Fatalf("block %02d %s: %v\n%s\nit was:\n%s", i+1, first, err, out, b[1])
		}
		t.Logf("%02d %s: %v", i+1, first, time.Since(began).Round(time.Millisecond))
		output[first] = out
	}
	for _, c := range []struct{ block, want string }{
		{"redis-cli -u \"redis://$HOTLINE_REDIS_ADDRESSES\" config get", "noeviction"},
		{"hotline directory check", "no faults"},
		{"backup=$(ls -d", `hotline_open_cases{severity="normal",status="open"} 1`},
		{"cp -r directory broken", "members.csv:2"},
		{"redis-cli -u \"redis://$HOTLINE_REDIS_ADDRESSES\" info memory", "manifest are valid"},
		{"hotline drill start", "begins when a running hotline looks"},
		{"hotline health", `"appendfsync":"always"`},
		{"hotline backup make", "whole:"},
		{"redis-check-aof", "Successfully truncated"},
		{"hotline journal restore", "1 case"},
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
	keys, err := vault.File(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatalf("after the change of keys: %v", err)
	}
	if _, err := vault.Open(keys); err != nil {
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
	if err := a.install(t.Context(), func() (flows.Directory, error) { return directory.Read(configs.Files, "sample") }); err != nil {
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
	tested += len(stagedBlock.FindAllString(page, -1))
	if rest := len(otherBlock.FindAllString(page, -1)); tested+rest != blocks || rest > 5 {
		t.Errorf("%d of %d blocks are run", tested, blocks)
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
