package console_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

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
	go w.net.Run(ctx)
	go w.pass(ctx)
	s := httptest.NewServer(w.echo)
	defer s.CloseClientConnections()
	browsertest.Play(t, "demo.mjs", s.URL, shots(t))
}

func TestBoardInTheBrowser(t *testing.T) {
	w := newTown(t, true)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.village()
	go w.pass(ctx)
	w.echo.POST("/test/:what", w.happen)
	s := httptest.NewServer(w.echo)
	w.server = s
	defer s.CloseClientConnections()
	browsertest.Play(t, "board.mjs", s.URL, shots(t))
}
