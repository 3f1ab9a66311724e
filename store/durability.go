package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// The names of what can be wrong with a server.
const (
	FaultEvicts     = "evicts"      // it may throw keys away when it is full
	FaultNoAppend   = "no_append"   // it writes no append-only file
	FaultNotAlways  = "not_always"  // it does not sync the file after every write
	FaultTooOld     = "too_old"     // its version was never tried
	FaultUnknown    = "unknown"     // it does not tell its settings
	FaultNoReplicas = "no_replicas" // fewer replicas than must confirm are connected
	FaultEmbedded   = "embedded"    // it is this process, and keeps nothing
)

// Fault is one thing that could lose a report, in a sentence for the operator.
type Fault struct{ Name, Sentence string }

// Durability is what a server says about how it keeps what it is told.
type Durability struct {
	Server     string // address; empty for the in-process server
	Version    string
	Role       string
	AppendOnly string
	Fsync      string
	Eviction   string
	Replicas   int
	Faults     []Fault
}

// Durability asks every master how it keeps data. An error means that a server
// did not answer at all.
func (s *Store) Durability(ctx context.Context) ([]Durability, error) {
	if s.server != nil {
		return []Durability{{Version: "in-process", Role: "master", Faults: []Fault{{
			FaultEmbedded, "the in-process server keeps everything in memory: when the program ends, all is gone unless a journal restores it",
		}}}}, nil
	}
	var all []Durability
	err := s.forEachMaster(ctx, func(ctx context.Context, c *redis.Client) error {
		d, err := s.ask(ctx, c)
		if err == nil {
			all = append(all, d)
		}
		return err
	})
	return all, wrap("ask the servers how they keep data", err)
}

func (s *Store) forEachMaster(ctx context.Context, do func(context.Context, *redis.Client) error) error {
	switch c := s.client.(type) {
	case *redis.Client:
		return do(ctx, c)
	case *redis.ClusterClient:
		// One after the other: the report has a fixed order and needs no lock.
		var masters []*redis.Client
		found := make(chan *redis.Client, 128)
		err := c.ForEachMaster(ctx, func(_ context.Context, m *redis.Client) error {
			found <- m
			return nil
		})
		close(found)
		for m := range found {
			masters = append(masters, m)
		}
		if err != nil {
			return err
		}
		for _, m := range masters {
			if err := do(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("this kind of client (%T) has no servers to ask", s.client)
}

func (s *Store) ask(ctx context.Context, c *redis.Client) (Durability, error) {
	info, err := c.Info(ctx, "server", "replication").Result()
	if err != nil {
		if isNetwork(err) {
			return Durability{}, err
		}
		info = ""
	}
	d := Durability{Server: c.Options().Addr, Version: field(info, "redis_version"), Role: field(info, "role")}
	d.Replicas, _ = strconv.Atoi(field(info, "connected_slaves"))
	for _, setting := range []struct {
		name string
		into *string
	}{{"appendonly", &d.AppendOnly}, {"appendfsync", &d.Fsync}, {"maxmemory-policy", &d.Eviction}} {
		values, err := c.ConfigGet(ctx, setting.name).Result()
		if err != nil && isNetwork(err) {
			return Durability{}, err
		}
		*setting.into = values[setting.name]
	}
	d.Faults = d.faults(s.opts.WaitReplicas)
	return d, nil
}

// faults names everything that is weaker than it should be.
func (d *Durability) faults(replicas int) []Fault {
	var f []Fault
	add := func(name, format string, args ...any) { f = append(f, Fault{name, fmt.Sprintf(format, args...)}) }
	if d.AppendOnly == "" || d.Eviction == "" {
		add(FaultUnknown, "the server does not tell its settings (CONFIG GET is refused): nobody can say whether reports survive a restart")
	}
	if d.Eviction != "" && d.Eviction != "noeviction" {
		add(FaultEvicts, "maxmemory-policy is %s: a full server would throw reports away; set it to noeviction", d.Eviction)
	}
	switch {
	case d.AppendOnly == "no":
		add(FaultNoAppend, "appendonly is off: a restart of the server loses every report since its last snapshot; set appendonly yes")
	case d.AppendOnly == "yes" && d.Fsync != "always":
		add(FaultNotAlways, "appendfsync is %s: a crash of the machine may lose reports whose callers were told they are safe; set it to always", d.Fsync)
	}
	if d.Version != "" && older(d.Version, 7) {
		add(FaultTooOld, "the server is version %s: the hotline needs 7.0 or newer", d.Version)
	}
	if d.Replicas < replicas {
		add(FaultNoReplicas, "%d replicas are connected, %d must confirm a report", d.Replicas, replicas)
	}
	return f
}

func older(version string, major int) bool {
	first, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(first)
	return err != nil || n < major
}

// field is one line of INFO.
func field(info, key string) string {
	for line := range strings.Lines(info) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && k == key {
			return v
		}
	}
	return ""
}
