package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows/access"
	"hotline/flows/account"
)

// TestPapersComeBackFromTheJournal: Redis loses all. What belongs to no case comes
// back too, by the command: accounts, with which people sign in as before, and the
// directory as it was changed last, also what a command changed, which keeps no
// journal.
func TestPapersComeBackFromTheJournal(t *testing.T) {
	k := newKeptApp(t)
	ctx := t.Context()
	if err := k.keepPolicies(ctx); err != nil {
		t.Fatal(err)
	}
	d := k.accounts()
	here := account.Caller{Address: "test"}
	code, err := account.NewInvitation(k.now(), account.Invitation{Role: access.Operator}, k.vault, d.Random)
	var token string
	if err == nil {
		token, err = d.Welcome(ctx, code, "operator", "ban lac co 12 mai nha", here)
	}
	var secret []byte
	if err == nil {
		_, secret, err = d.Enrolling(ctx, token)
	}
	if err == nil {
		_, _, _, err = d.Confirm(ctx, token, account.Code(secret, account.Step(k.now())), here)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := k.store.SavePaper(ctx, "by-a-command", 0, []byte("no journal")); err != nil {
		t.Fatal(err)
	}
	changed := k.dir.view.Load().directory
	was := changed.Version
	changed.Version, changed.Overrides = was+"+1", nil
	if err := k.papers.ReplaceDirectory(ctx, was, changed); err != nil {
		t.Fatal(err)
	}
	if err := k.papers.keepAll(ctx, changed); err != nil {
		t.Fatal(err)
	}
	if err := k.ledger.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	before := k.everyPaper(t)
	client := k.redis.Client(t)
	environ := []string{
		"HOTLINE_REDIS_ADDRESSES=" + client.Options().Addr, "HOTLINE_JOURNAL_DIR=" + k.cfg.Journal.Dir, "HOTLINE_KEY_FILE=" + k.cfg.KeyFile,
		"HOTLINE_REDIS_WEAK=warn", "HOTLINE_LOG_LEVEL=error",
	}
	if k.cfg.Redis.Partitions > 0 {
		environ = append(environ, "HOTLINE_REDIS_PARTITIONS="+strconv.Itoa(k.cfg.Redis.Partitions))
	}
	if err := k.ledger.Close(); err != nil {
		t.Fatal(err)
	}
	k.safe.close()
	if err := client.FlushAll(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	if len(k.everyPaper(t)) > 0 {
		t.Fatal("Redis has papers left: this tests nothing")
	}
	code2, out, errs := command(t, "", environ, "journal", "restore")
	if code2 != 0 || !strings.Contains(out, "papers from 1 journals") {
		t.Fatalf("exit code %d\n%s%s", code2, out, errs)
	}
	if diff := cmp.Diff(k.everyPaper(t), before); diff != "" {
		t.Errorf("papers, got - want +\n%s", diff)
	}
	if len(before) < 4 {
		t.Errorf("only %d papers: %v", len(before), slices.Sorted(maps.Keys(before)))
	}
	got, err := k.store.Directory(ctx)
	if err != nil || got.Version != changed.Version || len(got.Overrides) != 0 {
		t.Errorf("the directory came back as %s, %v, want %s", got.Version, err, changed.Version)
	}
}

func (k *keptApp) everyPaper(t *testing.T) map[string]string {
	t.Helper()
	names, err := k.store.Papers(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range names {
		body, _, err := k.store.Paper(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(body)
	}
	return all
}
