package console_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hotline/handlers/console/browsertest"
)

// shots is where pictures go: PICTURES keeps them.
func shots(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("PICTURES"); dir != "" {
		return dir
	}
	return filepath.Join(t.TempDir(), "pictures")
}

func TestDemoInTheBrowser(t *testing.T) {
	w := newTown(t, true)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.SetSpeed(1)
	go w.net.Run(ctx)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				w.climb()
			}
		}
	}()
	s := httptest.NewServer(w.echo)
	defer s.CloseClientConnections()
	browsertest.Play(t, "demo.mjs", s.URL, shots(t))
}
