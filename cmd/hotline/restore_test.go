package main

import (
	"strings"
	"testing"
)

// TestRestoreSaysThatAServerRuns: beside a server the keys are out of reach, and what
// they sealed must not be called destroyed.
func TestRestoreSaysThatAServerRuns(t *testing.T) {
	k := newKeptApp(t)
	environ := []string{
		"HOTLINE_REDIS_ADDRESSES=" + k.redis.Addr, "HOTLINE_REDIS_PARTITIONS=4",
		"HOTLINE_JOURNAL_DIR=" + k.cfg.Journal.Dir, "HOTLINE_KEY_FILE=" + k.cfg.KeyFile,
	}
	if err := k.keepPolicies(t.Context()); err != nil {
		t.Fatal(err)
	}
	code, out, errs := command(t, "", environ, "journal", "restore", "--why", why)
	if code == 0 || !strings.Contains(errs, "stop the server") || strings.Contains(errs, "destroyed") {
		t.Errorf("beside a server: exits with %d: %s%s", code, out, errs)
	}
	k.close()
	if code, out, errs := command(t, "", environ, "journal", "restore", "--why", why); code != 0 {
		t.Errorf("after it: exits with %d: %s%s", code, out, errs)
	}
}
