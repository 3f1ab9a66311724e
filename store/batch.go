package store

import (
	"context"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// CommitAll commits changes in one round trip, each on its own: the errors have
// the order of the changes, nil for what was written now or before. Changes that
// confirm something to a human or carry a turn go through Commit, since they may
// have to wait.
func (s *Store) CommitAll(ctx context.Context, changes []flows.Change) []error {
	errs := make([]error, len(changes))
	calls := make([]*call, 0, len(changes))
	at := make([]int, 0, len(changes)) // which change a call is of
	for i := range changes {
		if confirms(&changes[i]) {
			_, errs[i] = s.Commit(ctx, changes[i])
			continue
		}
		c, err := s.commitCall(&changes[i])
		if err != nil {
			errs[i] = wrapCommit(&changes[i], err)
			continue
		}
		calls, at = append(calls, c), append(at, i)
	}
	waits := make([]func(), len(calls))
	s.runAndKeep(ctx, changes, calls, at, errs, waits)
	for k, wait := range waits {
		s.tell(&changes[at[k]], wait)
	}
	return errs
}

func (s *Store) runAndKeep(ctx context.Context, changes []flows.Change, calls []*call, at []int, errs []error, waits []func()) {
	homes := make([]int, len(at))
	for k, i := range at {
		homes[k] = changes[i].Case.ID.Partition()
	}
	ctx, unlock := s.inOrder(ctx, homes...)
	defer unlock()
	for k, a := range runAll(ctx, s.client, calls) {
		ch := &changes[at[k]]
		if a.err != nil {
			errs[at[k]] = wrap(commitOp(ch), a.err)
			continue
		}
		_, waits[k], errs[at[k]] = s.committed(ch, a.value)
	}
}

// answer is what Redis said to one call.
type answer struct {
	value any
	err   error
}

// runAll sends calls in one round trip. A call that found its script forgotten
// is sent again by itself: a pipeline has no fallback of its own.
func runAll(ctx context.Context, client redis.UniversalClient, calls []*call) []answer {
	if len(calls) == 0 {
		return nil
	}
	cmds := make([]*redis.Cmd, len(calls))
	pipe := client.Pipeline()
	for i, c := range calls {
		cmds[i] = pipe.Do(ctx, c.args...)
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	answers := make([]answer, len(calls))
	for i, cmd := range cmds {
		answers[i].value, answers[i].err = cmd.Result()
		if isNoScript(answers[i].err) {
			answers[i].value, answers[i].err = run(ctx, client, calls[i])
		}
	}
	return answers
}
