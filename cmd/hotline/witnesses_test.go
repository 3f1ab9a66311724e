package main

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store/journal"
)

// TestWitnessesOfTheSettings: a file and a server with a certificate of its own
// authority get what the settings say; one that fails is counted and logged
// without its token, and nothing waits for it.
func TestWitnessesOfTheSettings(t *testing.T) {
	var got []journal.Checkpoint
	status := http.StatusNoContent
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c journal.Checkpoint
		if r.Header.Get("Authorization") != "Bearer a-token" || json.NewDecoder(r.Body).Decode(&c) != nil {
			t.Errorf("a request that is no checkpoint")
		}
		got = append(got, c)
		w.WriteHeader(status)
	}))
	defer server.Close()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load("", []string{
		"HOTLINE_JOURNAL_DIR=" + filepath.Join(dir, "journal"), "HOTLINE_JOURNAL_CHECKPOINTS=" + filepath.Join(dir, "checkpoints"),
		"HOTLINE_JOURNAL_CHECKPOINT_URL=" + server.URL, "HOTLINE_JOURNAL_CHECKPOINT_TOKEN=a-token", "HOTLINE_JOURNAL_CHECKPOINT_CA=" + ca,
		"HOTLINE_JOURNAL_MAIL_SERVER=127.0.0.1:1", "HOTLINE_JOURNAL_MAIL_FROM=hotline@example.org", "HOTLINE_JOURNAL_MAIL_TO=audit@example.org",
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := openLedger(cfg.Journal, []byte("key"), realTime, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	f := newFigures()
	l.failing = f.witness
	if err := l.Audit(t.Context(), flows.Deed{Kind: flows.DeedDrill}); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	l.testify(stopped) // a stop gives each the last one
	kept, err := journal.ReadCheckpoints(cfg.Journal.Checkpoints)
	if err != nil || len(kept) != 1 || len(got) != 1 || got[0].Count != 2 || kept[0].Hash != got[0].Hash {
		t.Fatalf("the file holds %+v, the server %+v, %v", kept, got, err)
	}
	failing := func(want ...float64) {
		t.Helper()
		have := values(t, f)
		for i, name := range []string{"file", "https", "mail"} {
			if got, ok := have["hotline_checkpoint_failing "+name]; !ok || got != want[i] {
				t.Errorf("%s: failing = %v, want %v", name, got, want[i])
			}
		}
	}
	failing(0, 0, 1)
	status = http.StatusForbidden
	l.testify(stopped)
	failing(0, 1, 1)
	if m := l.witnesses[2]; m.name != "mail" || m.every != 24*time.Hour {
		t.Errorf("mail every %v", m.every)
	}
	cfg.Journal.CheckpointCA = filepath.Join(dir, "checkpoints")
	if _, err := witnesses(cfg.Journal); err == nil {
		t.Error("a file of checkpoints is taken for a certificate")
	}
}
