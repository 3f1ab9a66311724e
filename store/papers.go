package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
	"hotline/store/record"
)

// Paper reads a document that belongs to no case: the rota's questions to
// members, a policy that a case is pinned to. One that does not exist has version
// 0 and no body.
func (s *Store) Paper(ctx context.Context, name string) (body []byte, version int64, err error) {
	const op = "read a paper"
	have, err := s.client.HMGet(ctx, paperKey(name), "v", "b").Result()
	if err != nil {
		return nil, 0, wrap(op, err)
	}
	v, ok := have[0].(string)
	if !ok {
		return nil, 0, nil
	}
	b, _ := have[1].(string)
	version, err = strconv.ParseInt(v, 10, 64)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", op, record.ErrRecord)
	}
	return []byte(b), version, nil
}

// SavePaper writes a document in place of the version that was read (0: none).
// It returns flows.ErrConflict if another one is in place.
func (s *Store) SavePaper(ctx context.Context, name string, from int64, body []byte) error {
	const op = "save a paper"
	if name == "" || !plain(name) || from < 0 {
		return malformed(op, "its name or version")
	}
	c := newCall(&s.scripts.savePaper, 2, 3)
	c.add(paperKey(name), keyPapers, from, name, body)
	v, err := run(ctx, s.client, c)
	if err != nil {
		return wrap(op, err)
	}
	if v == from+1 {
		return nil
	}
	if v != int64(-1) {
		return fmt.Errorf("%s: %w", op, errMalformed)
	}
	// Our own first attempt, sent twice, is no conflict.
	have, version, err := s.Paper(ctx, name)
	if err != nil {
		return err
	}
	if version == from+1 && string(have) == string(body) {
		return nil
	}
	return fmt.Errorf("%s: %w", op, flows.ErrConflict)
}

// RestorePaper puts a document back from a journal, unless one of its version or
// later is there.
func (s *Store) RestorePaper(ctx context.Context, name string, version int64, body []byte) error {
	for {
		_, have, err := s.Paper(ctx, name)
		if err != nil || have >= version {
			return err
		}
		// The versions in between are passed over: the script counts by one.
		if have < version-1 {
			if err := s.client.HSet(ctx, paperKey(name), "v", version-1, "b", "").Err(); err != nil {
				return wrap("restore a paper", err)
			}
			have = version - 1
		}
		if err := s.SavePaper(ctx, name, have, body); !errors.Is(err, flows.ErrConflict) {
			return err
		}
	}
}

// Papers lists the names of the documents that begin so, in order.
func (s *Store) Papers(ctx context.Context, prefix string) ([]string, error) {
	names, err := s.client.SMembers(ctx, keyPapers).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, wrap("list the papers", err)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, prefix) })
	slices.Sort(names)
	return names, nil
}
