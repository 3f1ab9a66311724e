package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// startedArena is the built program on real servers.
func startedArena(t *testing.T, o arenaOptions) *trial {
	t.Helper()
	r, err := newArena(t.Context(), builtHotline(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	if err := r.startAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &trial{
		arena: r, say: func(what string) { t.Log(what) }, cmd: chaosCmd{Callers: 4}, damage: &damage{Name: t.Name()},
		rng: rand.New(rand.NewPCG(1, 1)), reports: 10, //nolint:gosec // a test
	}
}

// TestAClusterServesAReportFromEndToEnd: two programs on a Cluster of three masters.
// A report by one of them, its alert, the answer through the other, and what the
// board and the reporter read of it.
func TestAClusterServesAReportFromEndToEnd(t *testing.T) {
	x := startedArena(t, arenaOptions{topology: "cluster", replicas: 2})
	ctx := t.Context()
	if err := x.fileOne(ctx, 0, &x.shown); err != nil {
		t.Fatal(err)
	}
	one, other := x.procs[0], x.procs[1]
	refs, err := x.board(ctx, one)
	if err != nil || len(refs) != 1 {
		t.Fatalf("the board shows %v, %v; want the one case", refs, err)
	}
	if err := x.until(ctx, 30*time.Second, "somebody is alerted", func() bool { return x.unheard(refs) == 0 }); err != nil {
		t.Fatal(err)
	}
	for ref := range refs {
		to := x.providers[0].toldOf(ref)
		if to == "" {
			t.Fatal("the alert went to nobody")
		}
		if said := answerByText(t, x, other, to, "1 "+ref); !strings.Contains(said, ref) {
			t.Errorf("the answer by text was answered without its reference")
		}
		if err := x.until(ctx, 30*time.Second, "the case is taken", func() bool {
			_, page, err := x.get(ctx, "http://"+one.public+"/cases/"+ref, true)
			return err == nil && strings.Contains(page, "Nhận vụ việc")
		}); err != nil {
			t.Error(err)
		}
	}
	for number, shown := range x.shown.of {
		if screen := x.dialStatus(ctx, 1, number, shown.pin); !strings.HasPrefix(screen, knownReceipt) {
			t.Error("the reporter's receipt is not known")
		}
	}
	if n := durableServers(t, x, other); n != 3 {
		t.Errorf("%d servers tell how they keep data, want 3", n)
	}
}

// answerByText sends a text to the gateway's webhook as a member's phone, and
// returns the answer.
func answerByText(t *testing.T, x *trial, s *serving, from, text string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"id": "in-1", "from": from, "to": "1111", "text": text})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.public+"/gateway/fake1/sms", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer a-token-of-fake1")
	resp, err := x.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("the gateway's webhook answers %d, %v", resp.StatusCode, err)
	}
	return string(said)
}

// durableServers is of how many servers the readiness page tells how they keep data,
// each without a fault.
func durableServers(t *testing.T, x *trial, s *serving) int {
	t.Helper()
	var ready struct {
		Details struct {
			Durability []serverKeeps `json:"durability"`
		} `json:"details"`
	}
	if err := x.until(t.Context(), 30*time.Second, "the readiness page shows the servers", func() bool {
		_, page, err := x.get(t.Context(), "http://"+s.ready+"/readyz", false)
		return err == nil && json.Unmarshal([]byte(page), &ready) == nil && len(ready.Details.Durability) > 0
	}); err != nil {
		t.Fatal(err)
	}
	for _, d := range ready.Details.Durability {
		if len(d.Faults) > 0 || d.AppendOnly != "yes" || d.Fsync != "always" || d.Eviction != "noeviction" || d.Replicas < 1 {
			t.Errorf("a server keeps data so: %+v", d)
		}
	}
	return len(ready.Details.Durability)
}

var (
	redisFlag    = regexp.MustCompile(`(?m)^\s*(--(?:appendonly|appendfsync|aof-load-truncated|maxmemory-policy|min-replicas-to-write|min-replicas-max-lag) \S+)`)
	sentinelLine = regexp.MustCompile(`(?m)^\s*(sentinel (?:down-after-milliseconds|failover-timeout|parallel-syncs) .+)$`)
)

// fromCompose takes the settings of deploy/compose-ha.yaml: how many of each there
// are, what Redis and Sentinel are started with, and what the hotlines read.
func fromCompose(t *testing.T) arenaOptions {
	t.Helper()
	file := readFile(t, "deploy/compose-ha.yaml")
	var c struct {
		Services map[string]struct {
			Environment map[string]string `yaml:"environment"`
		} `yaml:"services"`
	}
	if err := yaml.Load([]byte(file), &c); err != nil {
		t.Fatal(err)
	}
	o := arenaOptions{topology: "sentinel"}
	kinds := map[string]int{}
	for name, s := range c.Services {
		kinds[strings.TrimRight(name, "0123456789")]++
		if name == "hotline1" {
			for k, v := range s.Environment {
				if strings.HasPrefix(k, "HOTLINE_REDIS_W") || k == "HOTLINE_SHUTDOWN_TIMEOUT" || k == "HOTLINE_DRAIN" {
					o.environ = append(o.environ, k+"="+v)
				}
			}
		}
	}
	if kinds["redis"] != 3 || kinds["sentinel"] != 3 || kinds["hotline"] != 2 {
		t.Fatalf("the file has %v; the arena starts 3 servers, 3 Sentinels and 2 hotlines", kinds)
	}
	o.replicas = kinds["hotline"]
	for _, m := range redisFlag.FindAllStringSubmatch(file, -1) {
		o.redis = append(o.redis, strings.Fields(m[1])...)
	}
	for _, m := range sentinelLine.FindAllStringSubmatch(file, -1) {
		o.sentinel = append(o.sentinel, m[1])
	}
	if len(o.redis) != 12 || len(o.sentinel) != 3 || len(o.environ) != 4 {
		t.Fatalf("read %q, %q, %q", o.redis, o.sentinel, o.environ)
	}
	return o
}

// TestTheTopologyOfTheComposeFile runs what deploy/compose-ha.yaml describes as
// processes of this machine: both hotlines are replaced one after the other under
// load, and then the master is killed. Nothing is lost, doubled or repeated.
func TestTheTopologyOfTheComposeFile(t *testing.T) {
	x := startedArena(t, fromCompose(t))
	if n := durableServers(t, x, x.procs[0]); n != 1 {
		t.Errorf("%d masters, want 1", n)
	}
	err := x.under(t.Context(), func(ctx context.Context) error {
		for _, s := range x.procs {
			took, err := s.stop()
			if err != nil {
				return err
			}
			if took > 11*time.Second {
				t.Errorf("a stop took %v, more than its budget", took)
			}
			if err := s.start(false); err != nil {
				return err
			}
			if err := x.awaitReady(ctx, s); err != nil {
				return err
			}
		}
		x.servers[0].kill()
		return x.awaitReady(ctx, x.procs[1]) // on another master
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.check(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", *x.damage)
	if !x.damage.ok() || x.damage.Repeats > 0 {
		t.Errorf("it cost %+v", *x.damage)
	}
}

// TestAStopAnswersTheDialoguesUnderWay: callers whose hop is under way when the
// program is told to end get their screen, those who still wait to be let in too; a
// load balancer is told at once, and the stop keeps to its budget.
func TestAStopAnswersTheDialoguesUnderWay(t *testing.T) {
	x := startedArena(t, arenaOptions{proxy: true})
	x.proxy.slow.Store(int64(200 * time.Millisecond))
	const callers = 40
	sent, screens := make(chan struct{}, callers), make(chan string, callers)
	for n := range callers {
		go func() {
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent <- struct{}{} }})
			_, screen, err := x.at(0).hop(ctx, fmt.Sprintf("session-%d", n), fmt.Sprintf("+8491%07d", n), "")
			if err != nil {
				screen = err.Error()
			}
			screens <- screen
		}()
	}
	for range callers {
		<-sent
	}
	turnedAway := make(chan error, 1)
	go func() {
		turnedAway <- x.until(t.Context(), time.Minute, "/readyz says no", func() bool {
			status, _, _ := x.get(t.Context(), "http://"+x.procs[0].ready+"/readyz", false)
			return status == http.StatusServiceUnavailable
		})
	}()
	took, err := x.procs[0].stop()
	if err != nil || took > 11*time.Second {
		t.Errorf("the stop took %v, %v", took, err)
	}
	if err := <-turnedAway; err != nil {
		t.Error(err)
	}
	for range callers {
		if screen := <-screens; !strings.HasPrefix(screen, "CON ") {
			t.Errorf("a caller was cut off: %.80q", screen)
		}
	}
}
