package store_test

import (
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"hotline/store"
	"hotline/store/storetest"
)

func TestDurability(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings []string
		replicas int
		want     []string
	}{
		{"as it should be", nil, 0, nil},
		{"it may evict", []string{"--maxmemory-policy", "allkeys-lru"}, 0, []string{store.FaultEvicts}},
		{"no append-only file", []string{"--appendonly", "no"}, 0, []string{store.FaultNoAppend}},
		{"synced once a second", []string{"--appendfsync", "everysec"}, 0, []string{store.FaultNotAlways}},
		{"a replica is missing", nil, 1, []string{store.FaultNoReplicas}},
		{"it hides its settings", []string{"--rename-command", "CONFIG", ""}, 0, []string{store.FaultUnknown}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := storetest.StartRedis(t, test.settings...)
			s := open(t, &redis.Options{Addr: server.Addr}, store.Options{WaitReplicas: test.replicas})
			all, err := s.Durability(t.Context())
			if err != nil || len(all) != 1 {
				t.Fatalf("%d servers, %v", len(all), err)
			}
			var got []string
			for _, f := range all[0].Faults {
				got = append(got, f.Name)
				if len(f.Sentence) < 40 {
					t.Errorf("%s is explained by %q", f.Name, f.Sentence)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("faults %v, want %v", got, test.want)
			}
			if all[0].Role != "master" || all[0].Version == "" || all[0].Server != server.Addr {
				t.Errorf("report %+v", all[0])
			}
		})
	}
}

func TestDurabilityOfTheEmbeddedServer(t *testing.T) {
	e, err := store.OpenEmbedded(t.Context(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	all, err := e.Durability(t.Context())
	if err != nil || len(all) != 1 || len(all[0].Faults) != 1 || all[0].Faults[0].Name != store.FaultEmbedded {
		t.Errorf("report %+v, %v", all, err)
	}
}
