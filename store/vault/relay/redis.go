package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/flows"
)

// Redis is a table in Redis, apart from everything else that lies there: three
// keys under a prefix of its own, which share one slot, so that it can also be
// given a server and an account of its own.
//
//	{relay}:rows        hash    case → row as JSON, its number sealed
//	{relay}:expiry      zset    case by the moment its row expires, in ms
//	{relay}:of:<who>    set     the cases of a pseudonym
type Redis struct {
	Client redis.UniversalClient
	Prefix string // before the keys, as "hl:"
}

func (t *Redis) rows() string              { return t.Prefix + "{relay}:rows" }
func (t *Redis) expiry() string            { return t.Prefix + "{relay}:expiry" }
func (t *Redis) of(reporter string) string { return t.Prefix + "{relay}:of:" + reporter }

// Put implements Table.
func (t *Redis) Put(ctx context.Context, r Row) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("put a row: %w", err)
	}
	_, err = t.Client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HSet(ctx, t.rows(), string(r.Case), body)
		p.ZAdd(ctx, t.expiry(), redis.Z{Score: float64(flows.Millis(r.Expires)), Member: string(r.Case)})
		p.SAdd(ctx, t.of(r.Reporter), string(r.Case))
		return nil
	})
	return t.wrap("put a row", err)
}

// Row implements Table.
func (t *Redis) Row(ctx context.Context, id flows.CaseID) (Row, error) {
	body, err := t.Client.HGet(ctx, t.rows(), string(id)).Bytes()
	if err != nil {
		return Row{}, t.wrap("read a row", err)
	}
	var r Row
	if err := json.Unmarshal(body, &r); err != nil {
		return Row{}, fmt.Errorf("read a row: %w", err)
	}
	return r, nil
}

// Delete implements Table.
func (t *Redis) Delete(ctx context.Context, id flows.CaseID) error {
	r, err := t.Row(ctx, id)
	if errors.Is(err, flows.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = t.Client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.HDel(ctx, t.rows(), string(id))
		p.ZRem(ctx, t.expiry(), string(id))
		p.SRem(ctx, t.of(r.Reporter), string(id))
		return nil
	})
	return t.wrap("delete a row", err)
}

// Of implements Table.
func (t *Redis) Of(ctx context.Context, reporter string) ([]flows.CaseID, error) {
	return caseIDs(t.Client.SMembers(ctx, t.of(reporter)).Result())
}

// Expired implements Table.
func (t *Redis) Expired(ctx context.Context, now time.Time, n int) ([]flows.CaseID, error) {
	return caseIDs(t.Client.ZRangeByScore(ctx, t.expiry(), &redis.ZRangeBy{
		Min: "-inf", Max: strconv.FormatInt(flows.Millis(now), 10), Count: int64(n),
	}).Result())
}

func caseIDs(list []string, err error) ([]flows.CaseID, error) {
	if err != nil {
		return nil, fmt.Errorf("read rows: %w: %w", flows.ErrUnavailable, err)
	}
	ids := make([]flows.CaseID, len(list))
	for i, s := range list {
		ids[i] = flows.CaseID(s)
	}
	return ids, nil
}

func (t *Redis) wrap(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, redis.Nil):
		return fmt.Errorf("%s: %w", op, flows.ErrNotFound)
	}
	return fmt.Errorf("%s: %w: %w", op, flows.ErrUnavailable, err)
}
