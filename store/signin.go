package store

import (
	"context"
	"fmt"
	"time"

	"hotline/flows"
)

// SaveSignin keeps a session of an account under its id for a time. One that is
// not fresh must still be there; otherwise it returns flows.ErrNotFound.
func (s *Store) SaveSignin(ctx context.Context, account, id string, body []byte, fresh bool, keep time.Duration) error {
	const op = "save a session"
	if !plain(account) || account == "" || !plain(id) || id == "" {
		return malformed(op, "its account or id")
	}
	c := newCall(&s.scripts.saveSignin, 2, 4)
	c.add(signinKey(id), signinSetKey(account), flag(fresh), id, body, keep.Milliseconds())
	v, err := run(ctx, s.client, c)
	switch {
	case err != nil:
		return wrap(op, err)
	case v == int64(-1):
		return fmt.Errorf("%s: %w", op, flows.ErrNotFound)
	case v != int64(1):
		return fmt.Errorf("%s: %w", op, errMalformed)
	}
	return nil
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// Signin reads a session. It returns flows.ErrNotFound when it has ended.
func (s *Store) Signin(ctx context.Context, id string) ([]byte, error) {
	body, err := s.client.Get(ctx, signinKey(id)).Bytes()
	return body, wrap("read a session", err)
}

// SigninList is the sessions of an account.
func (s *Store) SigninList(ctx context.Context, account string) ([][]byte, error) {
	const op = "list sessions"
	ids, err := s.client.SMembers(ctx, signinSetKey(account)).Result()
	if err != nil || len(ids) == 0 {
		return nil, wrap(op, err)
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = signinKey(id)
	}
	found, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, wrap(op, err)
	}
	var list [][]byte
	for i, body := range found {
		if text, ok := body.(string); ok {
			list = append(list, []byte(text))
		} else if err := s.client.SRem(ctx, signinSetKey(account), ids[i]).Err(); err != nil {
			return nil, wrap(op, err)
		}
	}
	return list, nil
}

// EndSignin ends a session of an account. One of another account stays.
func (s *Store) EndSignin(ctx context.Context, account, id string) error {
	const op = "end a session"
	n, err := s.client.SRem(ctx, signinSetKey(account), id).Result()
	if err != nil || n == 0 {
		return wrap(op, err)
	}
	return wrap(op, s.client.Del(ctx, signinKey(id)).Err())
}

// Attempt counts an answer that may be wrong before it is looked at, and returns
// how long it must wait; 0: it may be looked at. One that must wait is not
// counted. Waits are by the number of answers, the last for all further ones.
func (s *Store) Attempt(ctx context.Context, key string, now time.Time, waits []time.Duration, keep time.Duration) (time.Duration, error) {
	const op = "count an answer"
	if !plain(key) || key == "" || len(waits) == 0 {
		return 0, malformed(op, "its key or waits")
	}
	c := newCall(&s.scripts.attempt, 1, 2+len(waits))
	c.add(attemptsKey(key), flows.Millis(now), keep.Milliseconds())
	for _, w := range waits {
		c.add(w.Milliseconds())
	}
	v, err := run(ctx, s.client, c)
	if err != nil {
		return 0, wrap(op, err)
	}
	ms, ok := v.(int64)
	if !ok || ms < 0 {
		return 0, fmt.Errorf("%s: %w", op, errMalformed)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// Forgive forgets a count.
func (s *Store) Forgive(ctx context.Context, key string) error {
	return wrap("forget a count", s.client.Del(ctx, attemptsKey(key)).Err())
}

// ClaimOnce gives something to the first who asks for it, for a time, and returns who
// has it.
func (s *Store) ClaimOnce(ctx context.Context, what, who string, keep time.Duration) (string, error) {
	const op = "claim"
	if !plain(what) || what == "" || who == "" {
		return "", malformed(op, "what or who")
	}
	c := newCall(&s.scripts.claimOnce, 1, 2)
	c.add(claimedKey(what), who, keep.Milliseconds())
	v, err := run(ctx, s.client, c)
	if err != nil {
		return "", wrap(op, err)
	}
	have, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("%s: %w", op, errMalformed)
	}
	return have, nil
}

// Claimed is what was claimed under a name, while its time lasts. It returns
// flows.ErrNotFound when there is nothing.
func (s *Store) Claimed(ctx context.Context, what string) (string, error) {
	who, err := s.client.Get(ctx, claimedKey(what)).Result()
	return who, wrap("read a claim", err)
}
