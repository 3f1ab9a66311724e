package store

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Result is what became of one change of many.
type Result struct {
	Outcome flows.Outcome
	Err     error
}

// CommitAll commits changes of different cases in one round trip, each on its
// own: the results have the order of the changes. Changes that confirm something
// to a human or carry a turn go through Commit, since they may have to wait.
func (s *Store) CommitAll(ctx context.Context, changes []flows.Change) []Result {
	results := make([]Result, len(changes))
	calls := make([]*call, len(changes))
	answers := make([]*redis.Cmd, len(changes))
	pipe := s.client.Pipeline()
	for i := range changes {
		if confirms(&changes[i]) {
			results[i].Outcome, results[i].Err = s.Commit(ctx, changes[i])
			continue
		}
		c, err := s.commitCall(&changes[i])
		if err != nil {
			results[i].Err = fmt.Errorf("commit case %s: %w", changes[i].Case.ID, err)
			continue
		}
		calls[i], answers[i] = c, pipe.Do(ctx, c.args...)
	}
	if pipe.Len() > 0 {
		_, _ = pipe.Exec(ctx) // each answer has its own error
	}
	for i, answer := range answers {
		if answer == nil {
			continue
		}
		op := "commit case " + string(changes[i].Case.ID)
		v, err := answer.Result()
		if isNoScript(err) {
			v, err = run(ctx, s.client, calls[i])
		}
		if err != nil {
			results[i].Err = wrap(op, err)
			continue
		}
		results[i].Outcome, results[i].Err = s.committed(op, &changes[i], v)
	}
	return results
}
