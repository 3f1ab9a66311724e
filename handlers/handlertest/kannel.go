package handlertest

import (
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Kannel is Debian's Kannel with the example configuration of handlers/kannel:
// its capitals filled in, its ports moved, its waits shortened.
type Kannel struct {
	SendURL string // of sendsms

	t       *testing.T
	dir     string
	example string
	ports   map[string]string // by what they are in the example
	boxes   map[string]*exec.Cmd
}

// What the capitals of the example stand for here.
const (
	KannelToken    = "secret-path"
	KannelUser     = "hotline"
	KannelPassword = "secret-word"
	KannelSMSC     = "op"
	ShortCode      = "1111"
)

// NewKannel prepares a Kannel; folder is handlers/kannel as the test sees it.
func NewKannel(t *testing.T, folder string) *Kannel {
	t.Helper()
	example, err := os.ReadFile(folder + "/kannel.conf")
	if err != nil {
		t.Fatal(err)
	}
	k := &Kannel{t: t, dir: t.TempDir(), example: string(example), ports: map[string]string{}, boxes: map[string]*exec.Cmd{}}
	for _, port := range []string{"13000", "13001", "13013"} {
		k.ports[port] = FreePort(t)
	}
	k.SendURL = "http://127.0.0.1:" + k.ports["13013"] + "/cgi-bin/sendsms"
	return k
}

// Start binds to an operator and hands what comes to the hotline at an address.
// When the test ends, neither of Kannel's logs may hold one of the planted words.
func (k *Kannel) Start(operator *Operator, hotline string, planted ...string) {
	k.t.Helper()
	filled := strings.NewReplacer(
		"13000", k.ports["13000"], "13001", k.ports["13001"], "13013", k.ports["13013"], "port = 2775", "port = "+operator.Port,
		"SMPP-HOST", "127.0.0.1", "127.0.0.1:8080", hotline, "/var/log/kannel", k.dir, "/var/spool/kannel", k.dir,
		"reconnect-delay = 5", "reconnect-delay = 1", "sms-resend-freq = 5", "sms-resend-freq = 1", "http-queue-delay = 5", "http-queue-delay = 1",
		"OPERATOR", KannelSMSC, "SHORT-CODE", ShortCode, "PATH-TOKEN", KannelToken, "SENDSMS-PASSWORD", KannelPassword,
		"SYSTEM-ID", "hotline", "SMPP-PASSWORD", "operator", "ADMIN-PASSWORD", "admin",
	).Replace(k.example)
	if err := os.WriteFile(k.conf(), []byte(filled), 0o600); err != nil {
		k.t.Fatal(err)
	}
	k.Box("bearerbox")
	k.Box("smsbox")
	k.t.Cleanup(func() {
		k.Kill("smsbox")
		k.Kill("bearerbox")
		k.search(planted)
	})
}

func (k *Kannel) conf() string { return filepath.Join(k.dir, "kannel.conf") }

// Box starts bearerbox or smsbox and waits until it listens.
func (k *Kannel) Box(name string) {
	k.t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		k.t.Fatalf("%s is not installed: apt-get install kannel", name)
	}
	cmd := exec.CommandContext(context.WithoutCancel(k.t.Context()), path, "-v", "4", k.conf())
	cmd.Dir, cmd.Stdout, cmd.Stderr = k.dir, os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.boxes[name] = cmd
	waitPort(k.t, k.ports[map[string]string{"bearerbox": "13001", "smsbox": "13013"}[name]])
}

// Kill kills one of them.
func (k *Kannel) Kill(name string) {
	if cmd := k.boxes[name]; cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		delete(k.boxes, name)
	}
}

// search checks that the example keeps reporters out of Kannel's own logs.
func (k *Kannel) search(planted []string) {
	logs, _ := filepath.Glob(filepath.Join(k.dir, "*.log"))
	for _, name := range logs {
		b, err := os.ReadFile(name)
		if err != nil {
			k.t.Error(err)
		}
		NoCanary(k.t, string(b), planted...)
	}
	if len(logs) != 2 {
		k.t.Errorf("Kannel wrote %d logs, want 2", len(logs))
	}
}

// FreePort is a port of loopback that nobody has. It is below those that the
// system gives to outgoing connections, or one of them could take it before the
// program that it is for.
func FreePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(10_000 + rand.IntN(20_000))
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port of 100 is free")
	return ""
}

// waitPort waits until somebody listens.
func waitPort(t *testing.T, port string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens on %s", port)
		}
	}
}
