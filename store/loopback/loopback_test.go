package loopback_test

import (
	"context"
	"net"
	"strconv"
	"testing"

	"hotline/store/loopback"
)

// TestAPortIsFreeAndNoCallersOwn: somebody can listen there, and no caller is ever
// given it as its own port.
func TestAPortIsFreeAndNoCallersOwn(t *testing.T) {
	for range 50 {
		addr, err := loopback.FreeAddress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, text, err := net.SplitHostPort(addr)
		if port, bad := strconv.Atoi(text); err != nil || bad != nil || port >= 32768 || port < 1024 {
			t.Fatalf("got %s, %v, %v", addr, err, bad)
		}
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
}

// TestNoPortIsAnError: it does not look for ever.
func TestNoPortIsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if port, err := loopback.FreePort(ctx); err == nil {
		t.Errorf("got port %d for nobody", port)
	}
}
