package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store"
	"hotline/store/storetest"
)

var now = flows.Moment(1_763_900_000_000)

const canary = "be gai nha ben 84912345678"

// newChange files a case with a turn; it carries a text that no error may show.
func newChange(t testing.TB, s *store.Store) flows.Change {
	t.Helper()
	partitions := s.Partitions()
	session := flows.SessionID(rand.Text())
	home := flows.Partition(string(session), partitions)
	id, err := flows.NewCaseID(rand.Reader, home)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := flows.NewRef(rand.Reader, 8, home, partitions)
	if err != nil {
		t.Fatal(err)
	}
	ch := flows.BeginChange(now, flows.Case{
		ID: id, Ref: ref, Status: flows.StatusIntake, Severity: flows.Urgent, Danger: true, Channel: flows.USSD,
		Provider: "test", Language: "vi", Opened: now, Texts: []flows.Sealed{{Field: "text/1", Data: []byte(canary)}},
	})
	ch.Log(flows.Event{Kind: flows.EventFiled, Reason: "danger"})
	ch.Arm(flows.TimerIntake, now.Add(3*time.Minute))
	ch.Turn = &flows.Turn{
		ID: rand.Text(), Keep: time.Hour, Remember: time.Hour, Reply: flows.Reply{Text: canary},
		Session: flows.Session{
			ID: session, Provider: "test", Channel: flows.USSD, Flow: "report", Edition: "1", State: "kind", Language: "vi",
			Started: now, Touched: now, CaseID: id, Vars: map[string]string{"note": canary},
		},
	}
	ch.Turn.Session.Case = &ch.Case
	return ch
}

func open(t testing.TB, o *redis.Options, more store.Options) *store.Store {
	t.Helper()
	client := redis.NewClient(o)
	t.Cleanup(func() { _ = client.Close() })
	more.Client = client
	s, err := store.Open(t.Context(), more)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestResendIsAppliedOnce(t *testing.T) {
	server := storetest.StartRedis(t)
	proxy := storetest.StartProxy(t, server.Addr)
	told := 0
	s := open(t, &redis.Options{Addr: proxy.Addr, MinRetryBackoff: -1, MaxRetryBackoff: -1}, store.Options{
		OnCommit: func(flows.Change) { told++ },
	})
	for cuts := 1; cuts <= 3; cuts++ {
		ch := newChange(t, s)
		proxy.CutAnswers(cuts)
		out, err := s.Commit(t.Context(), ch)
		if err != nil {
			t.Fatalf("%d answers lost: %v", cuts, err)
		}
		if out.Repeated || out.Version != 1 || out.Reply != ch.Turn.Reply {
			t.Errorf("%d answers lost: outcome %+v", cuts, out)
		}
		events, err := s.Timeline(t.Context(), ch.Case.ID)
		if err != nil || len(events) != 1 {
			t.Errorf("%d answers lost: timeline %+v, %v", cuts, events, err)
		}
		// Without a turn, and without a command id.
		c, err := s.Case(t.Context(), ch.Case.ID)
		if err != nil {
			t.Fatal(err)
		}
		again := flows.BeginChange(now, c)
		proxy.CutAnswers(cuts)
		if out, err = s.Commit(t.Context(), again); err != nil || out.Version != 2 || out.Repeated {
			t.Errorf("%d answers lost: outcome %+v, %v", cuts, out, err)
		}
		turn := *ch.Turn
		turn.ID, turn.From = "next", 1
		proxy.CutAnswers(cuts)
		if out, err = s.SaveTurn(t.Context(), now, turn); err != nil || out.Repeated {
			t.Errorf("%d answers lost: outcome %+v, %v", cuts, out, err)
		}
	}
	if told != 6 {
		t.Errorf("told of %d changes, want 6", told)
	}
}

func TestServerForgetsScripts(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, &redis.Options{Addr: server.Addr}, store.Options{})
	flush := func() {
		if err := server.Client(t).ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	flush()
	if _, err := s.Commit(t.Context(), newChange(t, s)); err != nil {
		t.Error(err)
	}
	flush()
	var changes []flows.Change
	for range 20 {
		ch := newChange(t, s)
		ch.Turn = nil
		changes = append(changes, ch)
	}
	for _, err := range s.CommitAll(t.Context(), changes) {
		if err != nil {
			t.Error(err)
		}
	}
	cases, err := s.Open(t.Context())
	if err != nil || len(cases) != 21 {
		t.Errorf("%d cases, %v; want 21", len(cases), err)
	}
}

func TestUnavailable(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault func(t *testing.T, r *storetest.Redis, p *storetest.Proxy)
	}{
		{"connections are cut", func(_ *testing.T, _ *storetest.Redis, p *storetest.Proxy) { p.Sever() }},
		{"the server is gone", func(_ *testing.T, r *storetest.Redis, _ *storetest.Proxy) { r.Kill() }},
		{"it became a replica", func(t *testing.T, r *storetest.Redis, _ *storetest.Proxy) {
			if err := r.Client(t).Do(t.Context(), "replicaof", "127.0.0.1", "1").Err(); err != nil {
				t.Fatal(err)
			}
		}},
		{"it is full", func(t *testing.T, r *storetest.Redis, _ *storetest.Proxy) {
			if err := r.Client(t).ConfigSet(t.Context(), "maxmemory", "1").Err(); err != nil {
				t.Fatal(err)
			}
		}},
		{"it wants a password", func(t *testing.T, r *storetest.Redis, p *storetest.Proxy) {
			if err := r.Client(t).ConfigSet(t.Context(), "requirepass", "x").Err(); err != nil {
				t.Fatal(err)
			}
			p.CutAnswers(1) // a connection that is known stays known
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := storetest.StartRedis(t)
			proxy := storetest.StartProxy(t, server.Addr)
			s := open(t, &redis.Options{Addr: proxy.Addr, MaxRetries: 1, ContextTimeoutEnabled: true, PipelinePoolSize: -1}, store.Options{})
			ch := newChange(t, s)
			test.fault(t, server, proxy)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, commit := s.Commit(ctx, ch)
			_, save := s.SaveTurn(ctx, now, *ch.Turn)
			directory := s.ReplaceDirectory(ctx, "", flows.Directory{Version: "1", Zone: canary})
			ch.Turn = nil
			for i, err := range append(s.CommitAll(ctx, []flows.Change{ch}), commit, save, directory) {
				if !errors.Is(err, flows.ErrUnavailable) || errors.Is(err, flows.ErrConflict) {
					t.Errorf("write %d: error %v", i, err)
				}
				if shows(err) {
					t.Errorf("write %d: the error shows content", i)
				}
			}
		})
	}
}

// shows reports whether an error lets anything of a report through.
func shows(err error) bool {
	all := fmt.Sprintf("%v %+v %#v %q", err, err, err, err)
	return strings.Contains(all, "be gai") || strings.Contains(all, "4912")
}

func TestStalledServerIsUnavailableInTime(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, &redis.Options{Addr: server.Addr, MaxRetries: -1, ContextTimeoutEnabled: true}, store.Options{})
	server.Stall(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := s.Commit(ctx, newChange(t, s))
	if !errors.Is(err, flows.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) && !os.IsTimeout(errors.Unwrap(err)) && !strings.Contains(err.Error(), "timeout") {
		t.Errorf("error %v", err)
	}
	server.Resume(t)
	if _, err := s.Commit(t.Context(), newChange(t, s)); err != nil {
		t.Errorf("after it woke: %v", err)
	}
}

func TestWrongTypeIsNotUnavailable(t *testing.T) {
	server := storetest.StartRedis(t)
	s := open(t, &redis.Options{Addr: server.Addr}, store.Options{})
	ch := newChange(t, s)
	if err := server.Client(t).SAdd(t.Context(), fmt.Sprintf("hl:{p%02d}:case:%s", ch.Case.ID.Partition(), ch.Case.ID), "x").Err(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Commit(t.Context(), ch)
	if err == nil || errors.Is(err, flows.ErrUnavailable) || errors.Is(err, flows.ErrConflict) || shows(err) {
		t.Errorf("error %v", err)
	}
}

func TestPartitionsAreFixedAtInstall(t *testing.T) {
	server := storetest.StartRedis(t)
	open(t, &redis.Options{Addr: server.Addr}, store.Options{Partitions: 8})
	_, err := store.Open(t.Context(), store.Options{Client: server.Client(t), Partitions: 16})
	if err == nil || !strings.Contains(err.Error(), "8 partitions") {
		t.Errorf("error %v", err)
	}
	for _, n := range []int{-1, 101} {
		if _, err := store.Open(t.Context(), store.Options{Client: server.Client(t), Partitions: n}); err == nil {
			t.Errorf("%d partitions are accepted", n)
		}
	}
}

// A script that is called wrongly must refuse before it writes: Redis does not
// roll back.
func TestScriptsCheckBeforeTheyWrite(t *testing.T) {
	server := storetest.StartRedis(t)
	client := server.Client(t)
	read := func(name string) string {
		b, err := os.ReadFile("lua/" + name + ".lua")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	commit, turn := "local FEED = \"10\"\n"+read("turn")+read("commit"), read("turn")+read("save_turn")
	turnArgs := []any{"0", "1 2\n{}", "1000", "Cx", "1000"}
	caseArgs := []any{"a", "cmd", "0", "1", "8", "\x1em1\x1e\n{}"}
	timer, message := []any{"3", "ZADD", "5", "00x"}, []any{"5", "ZADD", "5", "00x/1", "6", "00x/2"}
	claim := []any{"-3", "K7F4"}
	for _, test := range []struct {
		name, script string
		keys         int
		args         []any
		spoil        map[int]any // argument → what it must not be
	}{
		{"commit", commit, 6, slices.Concat(caseArgs, []any{"", "1"}, turnArgs, claim, timer, message), map[int]any{
			7: "x", 10: "0", 12: "x", 15: "x", 17: "soon", 19: "7", 21: "soon", 23: "soon",
		}},
		{"commit", commit, 4, slices.Concat(caseArgs, []any{"[1]", "0", ""}, timer), map[int]any{6: "", 7: "1", 9: "1", 11: "soon"}},
		{"commit", commit, 3, slices.Concat(caseArgs, []any{"[1]", "0", ""}), map[int]any{7: "-1"}},
		{"save_turn", turn, 3, slices.Concat([]any{"a"}, turnArgs, timer), map[int]any{3: "0", 5: "x", 6: "2", 8: "soon"}},
		{"claim", read("claim"), 2, []any{"1", "2", "3", "10", "3"}, map[int]any{0: "x", 1: "x", 2: "x", 3: "x", 4: "x"}},
		{"leave", read("leave"), 2, []any{"00x/1", "1"}, map[int]any{1: "x"}},
		{"retry", read("retry"), 2, []any{"00x/1", "1", "{}", "1"}, map[int]any{1: "x", 3: "x"}},
		{"unbury", read("unbury"), 3, []any{"00x/1", "1", "{}"}, map[int]any{1: "x"}},
		{"sweep_silent", read("sweep_silent"), 3, []any{"1", "2", "d", "[1]", "10"}, map[int]any{0: "x", 1: "x", 4: "x"}},
	} {
		keys := make([]string, test.keys)
		for i := range keys {
			keys[i] = fmt.Sprintf("hl:{p00}:case:%s:%d", test.name, i)
		}
		try := func(what string, args []any) {
			got, err := client.Eval(t.Context(), test.script, keys, args...).Result()
			if got != int64(-9) && (err == nil || !strings.Contains(err.Error(), "arithmetic")) {
				t.Errorf("%s with %s: %v, %v; want -9 or no sum", test.name, what, got, err)
			}
		}
		for i, bad := range test.spoil {
			args := append([]any{}, test.args...)
			args[i] = bad
			try(fmt.Sprintf("argument %d %q", i+1, bad), args)
		}
		if test.name == "commit" || test.name == "save_turn" {
			try("one argument less", test.args[:len(test.args)-1])
			try("one argument more", append(append([]any{}, test.args...), "x"))
		}
		if n, err := client.DBSize(t.Context()).Result(); err != nil || n != 0 {
			t.Errorf("%s wrote %d keys before it checked", test.name, n)
		}
		if got, err := client.Eval(t.Context(), test.script, keys, test.args...).Result(); err != nil || got == int64(-9) {
			t.Errorf("%s called well: %v, %v", test.name, got, err)
		}
		client.FlushAll(t.Context())
	}
}
