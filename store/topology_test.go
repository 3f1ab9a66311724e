package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
	"hotline/store/storetest"
)

func TestCluster(t *testing.T) {
	addrs := storetest.StartCluster(t, 3)
	storetest.Run(t, func(t *testing.T) storetest.Server {
		client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addrs})
		t.Cleanup(func() { _ = client.Close() })
		for _, addr := range addrs {
			node := redis.NewClient(&redis.Options{Addr: addr})
			if err := errors.Join(node.FlushAll(t.Context()).Err(), node.Close()); err != nil {
				t.Fatal(err)
			}
		}
		s, err := store.Open(t.Context(), store.Options{Client: client, Partitions: 16, Ended: storetest.Ended})
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Server{Store: s, Pass: storetest.Wait}
	})
}

func TestClusterTellsItsDurability(t *testing.T) {
	addrs := storetest.StartCluster(t, 3)
	client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addrs})
	t.Cleanup(func() { _ = client.Close() })
	s, err := store.Open(t.Context(), store.Options{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Durability(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("%d servers tell, %v", len(all), err)
	}
	for _, d := range all {
		if len(d.Faults) != 0 || d.Version == "" {
			t.Errorf("report %+v", d)
		}
	}
}

// What is confirmed to a human must be on a replica; what is not may go on
// without one.
func TestStalledReplicaConfirmsNothing(t *testing.T) {
	master := storetest.StartRedis(t)
	replica := storetest.StartReplica(t, master)
	s := open(t, &redis.Options{Addr: master.Addr}, store.Options{WaitReplicas: 1, WaitTimeout: 2 * time.Second})
	confirmed := newChange(t, s)
	if _, err := s.Commit(t.Context(), confirmed); err != nil {
		t.Fatalf("with a replica: %v", err)
	}

	replica.Stall(t)
	ch := newChange(t, s)
	_, err := s.Commit(t.Context(), ch)
	if !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("a stalled replica confirms: %v", err)
	}
	// The same again is recognised, and still not confirmed.
	if _, err := s.Commit(t.Context(), ch); !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("a repeated turn is confirmed without a replica: %v", err)
	}
	// Nor is its reply repeated to somebody who only asks what was said.
	if _, _, _, err := s.Turn(t.Context(), ch.Turn.Session.ID, ch.Turn.ID); !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("a reply is repeated without a replica: %v", err)
	}
	quiet := newChange(t, s)
	quiet.Turn = nil
	if _, err := s.Commit(t.Context(), quiet); err != nil {
		t.Errorf("what nobody waits for: %v", err)
	}
	taken := flows.BeginChange(now, quiet.Case)
	taken.From = 1
	taken.Case.Status, taken.Case.Holder = flows.StatusTaken, "m1"
	taken.Log(flows.Event{Kind: flows.EventTaken, By: "m1"})
	if _, err := s.Commit(t.Context(), taken); !errors.Is(err, flows.ErrUnavailable) {
		t.Errorf("a case is taken without a replica: %v", err)
	}

	replica.Resume(t)
	storetest.Eventually(t, "the replica confirms", func() bool {
		out, err := s.Commit(t.Context(), ch)
		return err == nil && out.Repeated && out.Reply == ch.Turn.Reply
	})
	if _, reply, repeated, err := s.Turn(t.Context(), ch.Turn.Session.ID, ch.Turn.ID); err != nil || !repeated || reply != ch.Turn.Reply {
		t.Errorf("with a replica the reply is not repeated: %v, %v", repeated, err)
	}
	if s.Weak() != 0 {
		t.Errorf("%d changes were confirmed weakly", s.Weak())
	}

	// The machine of the master burns; the replica has all that was confirmed.
	master.Kill()
	if err := replica.Client(t).Do(t.Context(), "replicaof", "no", "one").Err(); err != nil {
		t.Fatal(err)
	}
	after := open(t, &redis.Options{Addr: replica.Addr}, store.Options{})
	for _, want := range []flows.Change{confirmed, ch} {
		c, err := after.Case(t.Context(), want.Case.ID)
		if err != nil || c.Ref != want.Case.Ref {
			t.Errorf("after the failover: %v", err)
		}
		out, err := after.Commit(t.Context(), want)
		if err != nil || !out.Repeated {
			t.Errorf("the turn is forgotten after the failover: %+v, %v", out, err)
		}
	}
}

func TestFewerReplicasThanAskedAreCounted(t *testing.T) {
	master := storetest.StartRedis(t)
	storetest.StartReplica(t, master)
	s := open(t, &redis.Options{Addr: master.Addr}, store.Options{WaitReplicas: 2, WaitTimeout: 2 * time.Second})
	if _, err := s.Commit(t.Context(), newChange(t, s)); err != nil {
		t.Fatal(err)
	}
	if s.Weak() != 1 {
		t.Errorf("%d changes were confirmed weakly, want 1", s.Weak())
	}
}

// With Sentinel only the client differs. When the master is gone the store goes
// on with the next one by itself, and nothing confirmed is lost.
func TestSentinelFailover(t *testing.T) {
	master := storetest.StartRedis(t)
	storetest.StartReplica(t, master)
	sentinel := storetest.StartSentinel(t, master)
	client := redis.NewUniversalClient(&redis.UniversalOptions{MasterName: "hotline", Addrs: []string{sentinel}})
	t.Cleanup(func() { _ = client.Close() })
	s, err := store.Open(t.Context(), store.Options{Client: client, WaitReplicas: 1, WaitTimeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	ch := newChange(t, s)
	if _, err := s.Commit(t.Context(), ch); err != nil {
		t.Fatal(err)
	}
	master.Kill()
	quiet := newChange(t, s)
	quiet.Turn = nil
	storetest.Eventually(t, "the next master takes commits", func() bool {
		_, err := s.Commit(t.Context(), quiet)
		if err != nil && !errors.Is(err, flows.ErrUnavailable) {
			t.Fatalf("during the failover: %v", err)
		}
		return err == nil
	})
	if _, err := s.Case(t.Context(), ch.Case.ID); err != nil {
		t.Errorf("confirmed before the failover: %v", err)
	}
}
