package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/zap"

	"hotline/handlers/console/browsertest"
)

// TestDemoInTheBrowser is the main job in Chromium: dial, report, watch the
// responder's phone ring, let time run, see the next level asked, answer `1`,
// see the board turn calm. PICTURES names a folder that keeps the screenshots.
func TestDemoInTheBrowser(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	d, err := newDemo(ctx, demoCmd{Listen: "127.0.0.1:0", InternalListen: "127.0.0.1:0", Speed: 1}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer d.app.close()
	if err := d.l.open(ctx, "127.0.0.1:0", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- d.run(ctx) }()
	shots := os.Getenv("PICTURES")
	if shots == "" {
		shots = filepath.Join(t.TempDir(), "pictures")
	}
	browsertest.Play(t, "demo.mjs", "http://"+d.l.opened[0].Addr().String(), shots)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the demo stopped with: %v", err)
	}
}
