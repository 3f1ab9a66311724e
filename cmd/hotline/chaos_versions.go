package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// together is how long two versions share the work at each stage.
const together = 2 * time.Second

// rolled replaces two programs of an earlier version one after the other, as an
// upgrade does, takes one of them back, and goes on again. In between both
// versions are at work, and callers go on with the one that is there. Nothing may
// be cut off.
func rolled(ctx context.Context, x *trial) error {
	newer, older := x.binary, x.cmd.Old
	if older == "" {
		var err error
		if older, err = otherBuild(newer, x.dir); err != nil {
			return err
		}
	}
	for _, s := range x.procs {
		if _, err := x.replace(ctx, s, older); err != nil {
			return err
		}
	}
	x.servers[0].says(ctx, "script", "flush")
	return x.under(ctx, func(ctx context.Context) error {
		if err := wait(ctx, together); err != nil {
			return err
		}
		before := x.scripts(ctx)
		var longest time.Duration
		for _, stage := range []struct {
			proc   int
			binary string
		}{{0, newer}, {0, older}, {0, newer}, {1, newer}} {
			took, err := x.replace(ctx, x.procs[stage.proc], stage.binary)
			if err = errors.Join(err, wait(ctx, together)); err != nil {
				return err
			}
			longest = max(longest, took)
		}
		after := x.scripts(ctx)
		if x.cmd.Old == "" && after <= before { // an earlier one may have had the same
			x.damage.broken("both versions have the same scripts")
		}
		x.damage.note("%d scripts of one version in Redis, %d of both; a program ended %v after it was asked to at most", before, after, longest.Round(time.Millisecond))
		return nil
	})
}

// replace stops a program and starts another in its place, and tells how long the
// first took to end.
func (x *trial) replace(ctx context.Context, s *serving, binary string) (time.Duration, error) {
	took, err := s.stop()
	if err != nil {
		return took, err
	}
	s.binary = binary
	if err := s.start(x.options.log); err != nil {
		return took, err
	}
	return took, x.awaitReady(ctx, s)
}

// scripts is how many Redis knows.
func (x *trial) scripts(ctx context.Context) int {
	_, rest, _ := strings.Cut(x.servers[0].says(ctx, "info", "memory"), "number_of_cached_scripts:")
	line, _, _ := strings.Cut(rest, "\r\n")
	n, _ := strconv.Atoi(line)
	return n
}

// otherBuild is a copy of a program whose scripts differ in a comment at their
// heads: Redis knows them by other names, as those of another version.
func otherBuild(binary, dir string) (string, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return "", fmt.Errorf("copy this program: %w", err)
	}
	const head = "\n-- KEYS[1] "
	other := bytes.ReplaceAll(program, []byte(head), []byte(strings.ToLower(head)))
	if bytes.Equal(other, program) {
		return "", errors.New("copy this program: its scripts are not found; name another with --old")
	}
	file := filepath.Join(dir, "hotline-other")
	if err := os.WriteFile(file, other, 0o700); err != nil { //nolint:gosec // a program
		return "", fmt.Errorf("copy this program: %w", err)
	}
	return file, nil
}
