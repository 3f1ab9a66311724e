package relay_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/vault"
	"hotline/store/vault/relay"
)

const (
	number = "+84912345678"
	caseA  = flows.CaseID("07aaaa")
	caseB  = flows.CaseID("11bbbb")
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// tables runs a test on each kind of table; dump is all that the table holds.
func tables(t *testing.T, run func(t *testing.T, r *relay.Relay, keys *vault.MemoryKeys, dump func() string)) {
	start := func(t *testing.T, table relay.Table, dump func() string) {
		keys := &vault.MemoryKeys{}
		v, err := vault.OpenWith(t.Context(), vault.Random(), keys, vault.Options{})
		if err != nil {
			t.Fatal(err)
		}
		run(t, &relay.Relay{Table: table, Vault: v}, keys, dump)
	}
	t.Run("memory", func(t *testing.T) {
		m := &relay.Memory{}
		start(t, m, func() string { return fmt.Sprintf("%+v", m) })
	})
	t.Run("redis", func(t *testing.T) {
		server := miniredis.RunT(t)
		client := redis.NewClient(&redis.Options{Addr: server.Addr()})
		t.Cleanup(func() { _ = client.Close() })
		start(t, &relay.Redis{Client: client, Prefix: "hl:"}, server.Dump)
	})
}

func phone(t *testing.T) flows.Phone {
	t.Helper()
	p, err := flows.ParsePhone(number)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func remember(t *testing.T, r *relay.Relay, at time.Time, ids ...flows.CaseID) {
	t.Helper()
	for _, id := range ids {
		if err := r.Remember(t.Context(), at, id, phone(t)); err != nil {
			t.Fatal(err)
		}
	}
}

func known(t *testing.T, r *relay.Relay, at time.Time, id flows.CaseID) bool {
	t.Helper()
	p, err := r.Phone(t.Context(), at, id)
	if err != nil && !errors.Is(err, flows.ErrNotFound) {
		t.Fatal(err)
	}
	if err == nil && p != phone(t) {
		t.Fatal("it is another number")
	}
	return err == nil
}

func TestNumberComesBackAndShowsNowhere(t *testing.T) {
	tables(t, func(t *testing.T, r *relay.Relay, _ *vault.MemoryKeys, dump func() string) {
		remember(t, r, start, caseA)
		if !known(t, r, start.Add(time.Hour), caseA) || known(t, r, start, caseB) {
			t.Error("the number is not where it was put, or also elsewhere")
		}
		for _, part := range []string{number, number[1:], "0912345678", "345678"} {
			if strings.Contains(dump(), part) {
				t.Errorf("the table shows %d digits of the number", len(part))
			}
		}
	})
}

func TestStopForgetsEveryCaseOfTheNumber(t *testing.T) {
	tables(t, func(t *testing.T, r *relay.Relay, keys *vault.MemoryKeys, dump func() string) {
		remember(t, r, start, caseA, caseB)
		row, err := r.Table.Row(t.Context(), caseA)
		if err != nil {
			t.Fatal(err)
		}
		ids, err := r.Stop(t.Context(), phone(t))
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, []flows.CaseID{caseA, caseB}) {
			t.Errorf("Stop = %v, %v, want both cases", ids, err)
		}
		if known(t, r, start, caseA) || known(t, r, start, caseB) {
			t.Error("a number is still known")
		}
		if strings.Contains(dump(), string(caseA)) {
			t.Error("the table still names the case")
		}
		// A backup of the row brings nothing back: its key is gone.
		if err := r.Table.Put(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Phone(t.Context(), start, caseA); !errors.Is(err, vault.ErrShredded) {
			t.Errorf("a row put back: %v, want ErrShredded", err)
		}
		if _, err := keys.Key(t.Context(), "relay/"+string(caseA)); !errors.Is(err, flows.ErrNotFound) {
			t.Errorf("the key of the number: %v, want ErrNotFound", err)
		}
		if ids, err := r.Stop(t.Context(), phone(t)); err != nil || len(ids) > 1 {
			t.Errorf("Stop again = %v, %v", ids, err)
		}
	})
}

func TestNumberExpires(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name   string
		closed time.Duration // after start; 0: never
		last   time.Duration // the last moment the number is known
	}{
		{"never closed", 0, 180 * day},
		{"closed early", 10 * day, 40 * day},
		{"closed so late that the cap is sooner", 170 * day, 180 * day},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tables(t, func(t *testing.T, r *relay.Relay, _ *vault.MemoryKeys, dump func() string) {
				remember(t, r, start, caseA)
				if tt.closed > 0 {
					if err := r.Closed(t.Context(), start.Add(tt.closed), caseA); err != nil {
						t.Fatal(err)
					}
				}
				end := start.Add(tt.last)
				if ids, err := r.Sweep(t.Context(), end.Add(-time.Second), 10); err != nil || len(ids) != 0 {
					t.Errorf("Sweep before the end = %v, %v", ids, err)
				}
				if !known(t, r, end.Add(-time.Second), caseA) || known(t, r, end, caseA) {
					t.Error("the number is forgotten too early or too late")
				}
				if ids, err := r.Sweep(t.Context(), end, 10); err != nil || len(ids) != 1 {
					t.Errorf("Sweep at the end = %v, %v, want the case", ids, err)
				}
				if known(t, r, start, caseA) || strings.Contains(dump(), string(caseA)) {
					t.Error("something is left")
				}
			})
		})
	}
}

func TestStopWorksWithoutAKeyStore(t *testing.T) {
	v, err := vault.Open(vault.Random())
	if err != nil {
		t.Fatal(err)
	}
	r := &relay.Relay{Table: &relay.Memory{}, Vault: v}
	remember(t, r, start, caseA)
	if ids, err := r.Stop(t.Context(), phone(t)); err != nil || len(ids) != 1 || known(t, r, start, caseA) {
		t.Errorf("Stop = %v, %v, want the number gone", ids, err)
	}
}

func TestRememberNeedsANumber(t *testing.T) {
	tables(t, func(t *testing.T, r *relay.Relay, _ *vault.MemoryKeys, _ func() string) {
		if err := r.Remember(t.Context(), start, caseA, flows.Phone{}); err == nil {
			t.Error("Remember keeps no number")
		}
		if err := r.Closed(t.Context(), start, caseA); err != nil {
			t.Errorf("Closed of a case without a number = %v", err)
		}
	})
}

func TestRelayWithoutItsServer(t *testing.T) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	defer client.Close()
	v, err := vault.OpenWith(t.Context(), vault.Random(), &vault.MemoryKeys{}, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &relay.Relay{Table: &relay.Redis{Client: client}, Vault: v}
	server.Close()
	_, errPhone := r.Phone(t.Context(), start, caseA)
	_, errStop := r.Stop(t.Context(), phone(t))
	_, errSweep := r.Sweep(t.Context(), start, 1)
	for name, err := range map[string]error{
		"Remember": r.Remember(t.Context(), start, caseA, phone(t)),
		"Phone":    errPhone, "Stop": errStop, "Sweep": errSweep,
		"Forget": r.Forget(t.Context(), caseA), "Closed": r.Closed(t.Context(), start, caseA),
	} {
		if !errors.Is(err, flows.ErrUnavailable) || strings.Contains(err.Error(), "8491") {
			t.Errorf("%s = %v, want ErrUnavailable without a number", name, err)
		}
	}
}
