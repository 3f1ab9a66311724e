package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/handlertest"
)

// onSmallDisk gives the journal a disk of its own, which only the server sees and
// which the test can fill and make read-only, also for root; and a gateway that takes
// texts. It returns what the gateway was given.
func onSmallDisk(t *testing.T) (*served, *handlertest.Log) {
	t.Helper()
	s := newServed(t)
	var taken handlertest.Log
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(&taken, r.Body)
		_, _ = io.WriteString(w, `{"id":"P1"}`)
	}))
	t.Cleanup(gateway.Close)
	config := filepath.Join(s.dir, "hotline.yaml")
	settings := fmt.Sprintf("directory: sample\ngateways:\n  - {name: fake1, preset: plain, token: a-token-of-fake1, send_url: %q, send_token: x}\nroutes:\n  sms: [fake1]\n", gateway.URL+"/messages")
	mount := "mkdir -p " + s.journal() + " && mount -t tmpfs -o size=1m tmpfs " + s.journal() + " && exec " + s.binary + " serve --config " + config
	script := "#!/bin/sh\nexec unshare --map-root-user --mount sh -c '" + mount + "'\n"
	s.binary += ".sh"
	if err := errors.Join(os.WriteFile(config, []byte(settings), 0o600), os.WriteFile(s.binary, []byte(script), 0o700)); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	s.onRedis("HOTLINE_JOURNAL_DIR=" + s.journal())
	return s, &taken
}

// disk is the folder of the journal as the server sees it.
func (s *served) disk() string {
	return fmt.Sprintf("/proc/%d/root%s", s.proc.Process.Pid, s.journal())
}

// remount changes the disk of the journal under the running server.
func (s *served) remount(t *testing.T, options string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "nsenter", "--target", fmt.Sprint(s.proc.Process.Pid), "--user", "--mount", "--preserve-credentials",
		"mount", "-o", "remount,"+options, s.journal())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("remount: %v; apt-get install util-linux\n%s", err, out)
	}
}

// awaitStatus waits until readiness answers so.
func (s *served) awaitStatus(t *testing.T, want int) {
	t.Helper()
	got := 0
	if !eventually(t, func() bool {
		resp, err := s.caller.client.Get(s.ready) //nolint:noctx // it has its own limit
		if err != nil {
			return false // not up yet
		}
		got = resp.StatusCode
		return resp.Body.Close() == nil && got == want
	}) {
		t.Fatalf("readiness = %d, want %d", got, want)
	}
}

// eventually looks until it is so, for half a minute.
func eventually(t *testing.T, so func() bool) bool {
	t.Helper()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for range 300 {
		if so() {
			return true
		}
		select {
		case <-t.Context().Done():
			return false
		case <-look.C:
		}
	}
	return false
}

// TestReadOnlyJournalUnderServe: the disk of the journal fills up and then goes
// read-only under a running server. It says so, texts the supervisors, and goes on
// taking reports into Redis; a server that is started on it stops with one line.
// When the disk takes writes again the journal catches up: it alone brings every
// report back.
func TestReadOnlyJournalUnderServe(t *testing.T) {
	s, taken := onSmallDisk(t)
	shown := map[string]string{}
	file := func(n int) {
		t.Helper()
		var screen string
		for _, transcript := range reportDialogue() {
			screen = s.insist(t, n, transcript, func() {})
		}
		if shown[receiptIn(screen)] != "" || receiptIn(screen) == "" {
			t.Errorf("report %d reads %q", n, screen)
		}
		shown[receiptIn(screen)] = fmt.Sprint(n)
	}
	file(0)
	s.awaitStatus(t, http.StatusOK)
	err := os.WriteFile(filepath.Join(s.disk(), "fill"), make([]byte, 2<<20), 0o600)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	for n := 1; n < 40 && statusOf(t, s.ready) == http.StatusOK; n++ { // what is left of the last page
		file(n)
	}
	s.awaitStatus(t, http.StatusServiceUnavailable)
	s.remount(t, "ro,size=8m") // there is room, and nothing can be written
	if err := os.WriteFile(filepath.Join(s.disk(), "x"), nil, 0o600); !errors.Is(err, syscall.EROFS) {
		t.Fatalf("the disk is not read-only: %v", err)
	}
	for n := 100; n < 103; n++ {
		file(n)
	}
	if got := statusOf(t, s.ready); got != http.StatusServiceUnavailable {
		t.Errorf("readiness on a read-only journal = %d, want 503", got)
	}
	if !eventually(t, func() bool { return strings.Contains(taken.String(), "dia nhat ky loi") }) {
		t.Error("no supervisor was texted that the journal cannot be written")
	}

	s.remount(t, "rw,size=8m")
	s.awaitStatus(t, http.StatusOK)
	file(200)
	copied := s.journal() + "-copied"
	if err := os.CopyFS(copied, os.DirFS(s.disk())); err != nil {
		t.Fatal(err)
	}
	s.kill()
	s.checkBoard(t, shown, len(shown))
	s.wipeRedis(t)
	code, out, errs := s.command(t, "journal", "restore", copied)
	if code != 0 || !strings.Contains(out, "; 0 damages passed over") {
		t.Fatalf("journal restore exits with %d: %s%s", code, out, errs)
	}
	s.checkBoard(t, shown, len(shown))
	t.Logf("%d reports: %s", len(shown), out)
}

// TestServeOnAReadOnlyJournal: a start says at once which folder it cannot write.
func TestServeOnAReadOnlyJournal(t *testing.T) {
	s := newServed(t)
	if err := os.Mkdir(s.journal(), 0o700); err != nil {
		t.Fatal(err)
	}
	mount := "mount --bind " + s.journal() + " " + s.journal() + " && mount -o remount,bind,ro " + s.journal() + " && exec " + s.binary + " serve"
	cmd := exec.CommandContext(t.Context(), "unshare", "--map-root-user", "--mount", "sh", "-c", mount)
	cmd.Env = append(s.env, "HOTLINE_JOURNAL_DIR="+s.journal())
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "read-only file system") || !strings.Contains(string(out), s.journal()) {
		t.Errorf("serve ends with %v: %s", err, out)
	}
	if n := strings.Count(strings.TrimSpace(string(out)), "\n"); n > 3 {
		t.Errorf("it says so in %d lines:\n%s", n+1, out)
	}
}

// wipeRedis takes all that Redis had away and starts it empty.
func (s *served) wipeRedis(t *testing.T) {
	t.Helper()
	s.redis.kill()
	if err := errors.Join(os.RemoveAll(s.redis.dir), os.Mkdir(s.redis.dir, 0o700), s.redis.start(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedSegmentUnderTheCommands: somebody changes the records of one case in
// an old segment. Verify names them, restore brings all others back and says what
// it passed over, a start says so too and writes the case from Redis anew, and
// compact moves the segment aside: after it nothing is lost but the trace of it.
func TestDamagedSegmentUnderTheCommands(t *testing.T) {
	s := newServed(t)
	var printed handlertest.Log
	s.stderr = &printed
	s.onRedis("HOTLINE_JOURNAL_DIR=" + s.journal())
	shown := map[string]string{}
	var first string
	for n := range 5 {
		var screen string
		for _, transcript := range reportDialogue() {
			screen = s.insist(t, n, transcript, func() {})
		}
		shown[receiptIn(screen)] = fmt.Sprint(n)
		if n == 0 {
			first = receiptIn(screen)
		}
	}
	s.kill()
	st, keys := s.look(t)
	c, err := st.CaseByReceipt(t.Context(), first, keys.Receipt(first))
	if err != nil {
		t.Fatal(err)
	}
	damaged := s.damage(t, c.ID)

	code, out, _ := s.command(t, "journal", "verify")
	if code != 1 || !strings.Contains(out, damaged) || !strings.Contains(out, "changed") {
		t.Errorf("verify exits with %d: %s", code, out)
	}
	s.restart() // Redis still has the case
	s.awaitStatus(t, http.StatusOK)
	s.kill()
	if !strings.Contains(printed.String(), `"the journal is damaged; see: hotline journal verify","segment":1,`) {
		t.Errorf("the start does not say which segment is damaged: %s", printed.String())
	}
	code, out, errs := s.command(t, "journal", "compact")
	if code != 0 || !strings.Contains(out, filepath.Join(s.journal(), "damaged", damaged)) {
		t.Fatalf("compact exits with %d: %s%s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Join(s.journal(), "damaged", damaged)); err != nil {
		t.Error(err)
	}
	if code, out, _ := s.command(t, "journal", "verify"); code != 1 || !strings.Contains(out, "found by an earlier compaction") {
		t.Errorf("verify after compact exits with %d: %s", code, out)
	}
	s.wipeRedis(t)
	code, out, errs = s.command(t, "journal", "restore")
	if code != 0 || !strings.Contains(out, "5 cases") {
		t.Fatalf("restore exits with %d: %s%s", code, out, errs)
	}
	s.checkBoard(t, shown, len(shown))
}

// TestRestoreAroundADamagedSegment: Redis is gone as well, so what was damaged is
// lost; the rest is back and the command says what is not.
func TestRestoreAroundADamagedSegment(t *testing.T) {
	s := startServed(t)
	s.kill()
	s.env = append(s.env, "HOTLINE_JOURNAL_DIR="+s.journal())
	s.restart()
	shown := map[string]string{}
	var lost string
	for n := range 5 {
		var screen string
		for _, transcript := range reportDialogue() {
			screen = s.insist(t, n, transcript, func() {})
		}
		shown[receiptIn(screen)] = fmt.Sprint(n)
		lost = receiptIn(screen)
	}
	s.kill()
	st, keys := s.look(t)
	c, err := st.CaseByReceipt(t.Context(), lost, keys.Receipt(lost))
	if err != nil {
		t.Fatal(err)
	}
	damaged := s.damage(t, c.ID)
	s.wipeRedis(t)
	code, out, errs := s.command(t, "journal", "restore")
	if code != 0 || !strings.Contains(out, "4 cases") || !strings.Contains(out, damaged) || strings.Contains(out, " 0 damages") {
		t.Errorf("restore exits with %d: %s%s", code, out, errs)
	}
	delete(shown, lost)
	s.checkBoard(t, shown, len(shown))
}

// damage changes every record of a case in the first segment, and returns its name.
func (s *served) damage(t *testing.T, id flows.CaseID) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.journal(), "*.journal"))
	if err != nil || len(files) == 0 {
		t.Fatalf("segments = %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	n := bytes.Count(data, []byte(id))
	if n == 0 {
		t.Fatalf("the case is not in %s", files[0])
	}
	data = bytes.ReplaceAll(data, []byte(id), bytes.ToLower([]byte("x"+id[1:])))
	if err := os.WriteFile(files[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Base(files[0])
}
