package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Options say where the store lives and how careful it is.
type Options struct {
	// Client is a client of one server, of Sentinel or of a Cluster.
	Client redis.UniversalClient
	// Partitions is fixed when a hotline is installed; 0 means 64.
	Partitions int
	// Keep takes every change in after it was written, with the case as it is
	// stored, and does not wait. What it returns, if anything, is called before
	// Commit returns and may wait, as the journal does for its disk. Beside the
	// in-process server the changes of a case come in the order of their versions:
	// nothing else remembers them there.
	Keep func(flows.Change) (wait func())
	// OnCommit is told of every change after it was kept. It must not wait.
	OnCommit func(flows.Change)
	// Ended says which timers a closed case keeps, and if none, why: that of its
	// purge. nil: none. It is asked at every change of a closed case, and must
	// answer by the case alone.
	Ended func(*flows.Case) (flows.Timers, string)
	// Notes seals what conversations remember: sessions and given replies, in which
	// a receipt stands as it was shown. nil: they lie in the open.
	Notes Sealer
	// OnDoubt is told of a case whose change may have been written though Commit
	// returned an error, if set. It must not wait.
	OnDoubt func(flows.CaseID)
	// WaitReplicas is how many replicas should hold what is confirmed to a
	// human; 0 asks none. One is enough to go on, none is an error.
	WaitReplicas int
	// WaitTimeout is how long replicas may take; 0 means 500 ms.
	WaitTimeout time.Duration
	// Zone is whose days the tally counts; nil means UTC.
	Zone *time.Location
	// FeedLength is about how many events of a partition live pages can look
	// back on; 0 means 2000. The timeline of a case is never cut.
	FeedLength int
	// Rand names this process among others; nil means crypto/rand.
	Rand io.Reader
}

// Sealer closes short notes. It is asked twice for each step of a conversation, so
// it must take no longer than a microsecond or two, and ask nobody.
type Sealer interface {
	// SealNote appends the sealed note to b. What was sealed under one name
	// cannot be opened under another.
	SealNote(b []byte, name string, note []byte) []byte
	OpenNote(name string, sealed []byte) ([]byte, error)
}

// Store is all that the hotline keeps in Redis. It is safe for concurrent use.
type Store struct {
	client     redis.UniversalClient
	opts       Options
	scripts    scripts
	records    records
	partitions []partition
	feedLength string

	process  string               // random, so that attempts of two processes differ
	attempts atomic.Uint64        // each call of a script that writes is one
	weak     atomic.Int64         // see Weak
	server   *miniredis.Miniredis // in this process; nil: elsewhere
	order    []sync.Mutex         // one for each partition of the in-process server; see inOrder
	steps    doer                 // sends what steps of conversations and commits need
}

// Open reaches the server and makes sure that it was installed with the same
// number of partitions: with another one references would lead astray.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := build(o)
	if err != nil {
		return nil, err
	}
	want := strconv.Itoa(len(s.partitions))
	if err := s.client.HSetNX(ctx, keyInstall, "partitions", want).Err(); err != nil {
		return nil, wrap("open the store", err)
	}
	have, err := s.client.HGet(ctx, keyInstall, "partitions").Result()
	if err != nil {
		return nil, wrap("open the store", err)
	}
	if have != want {
		return nil, fmt.Errorf("open the store: it was installed with %s partitions, not %s", have, want)
	}
	return s, nil
}

// build makes a store from its options without asking the server anything.
func build(o Options) (*Store, error) {
	o = withDefaults(o)
	if o.Client == nil {
		return nil, malformed("open the store", "no client")
	}
	if o.Partitions < 1 || o.Partitions > MaxPartitions {
		return nil, fmt.Errorf("open the store: %d partitions; want 1 to %d", o.Partitions, MaxPartitions)
	}
	encodings, err := newRecords()
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	var seed [5]byte
	if _, err := io.ReadFull(o.Rand, seed[:]); err != nil {
		return nil, fmt.Errorf("open the store: draw a name: %w", err)
	}
	s := &Store{
		client:     o.Client,
		opts:       o,
		scripts:    newScripts(o.FeedLength),
		records:    encodings,
		partitions: make([]partition, o.Partitions),
		feedLength: strconv.Itoa(o.FeedLength),
		process:    base32.StdEncoding.EncodeToString(seed[:]) + "-",
	}
	for i := range s.partitions {
		s.partitions[i] = newPartition(i)
	}
	s.steps = o.Client
	if c, ok := o.Client.(*redis.Client); ok {
		s.steps = newGatherer(c)
	}
	return s, nil
}

func withDefaults(o Options) Options {
	if o.Partitions == 0 {
		o.Partitions = 64
	}
	if o.WaitTimeout == 0 {
		o.WaitTimeout = 500 * time.Millisecond
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.FeedLength == 0 {
		o.FeedLength = 2000
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	return o
}

// Partitions is how many partitions there are; they count from 0.
func (s *Store) Partitions() int { return len(s.partitions) }

// Ping asks the server for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	return wrap("ping", s.client.Ping(ctx).Err())
}

// Close closes the client. The store must not be used afterwards.
func (s *Store) Close() error {
	if g, ok := s.steps.(*gatherer); ok {
		g.close()
	}
	return s.client.Close()
}

// Weak is how many confirmed changes fewer replicas than asked for had when they
// were confirmed. It should stay 0.
func (s *Store) Weak() int64 { return s.weak.Load() }

// attempt names one call, so that a script can tell a resend of go-redis from a
// second caller.
func (s *Store) attempt() string {
	b := make([]byte, 0, 24)
	b = append(b, s.process...)
	return string(strconv.AppendUint(b, s.attempts.Add(1), 36))
}

// day is the day of a moment in the tally.
func (s *Store) day(t time.Time) string { return t.In(s.opts.Zone).Format("20060102") }

// home is the partition of a session and of all its conversation files.
func (s *Store) home(id flows.SessionID) int {
	return flows.Partition(string(id), len(s.partitions))
}

// of is the partition of a case, or nil for an id that is none.
func (s *Store) of(id flows.CaseID) *partition {
	n := id.Partition()
	if n < 0 || n >= len(s.partitions) {
		return nil
	}
	return &s.partitions[n]
}

// shortCommand is a command id of any length as 16 characters, since a case
// remembers several.
func shortCommand(id string) string {
	sum := sha256.Sum256([]byte(id))
	return base32.StdEncoding.EncodeToString(sum[:10])
}
