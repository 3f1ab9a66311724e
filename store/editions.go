package store

import (
	"context"
	"time"
)

// SaveEdition keeps a version of the flows and texts for a time, so that a later
// process lets the sessions under way finish on it. Saving it again keeps it
// longer.
func (s *Store) SaveEdition(ctx context.Context, id string, data []byte, keep time.Duration) error {
	const op = "save an edition of the flows"
	if id == "" || !plain(id) || keep < time.Millisecond {
		return malformed(op, "it has no id or no lifetime")
	}
	// The edition goes first: an id without one is passed over, one without an
	// id would never be found.
	if err := s.client.Set(ctx, editionKey(id), data, keep).Err(); err != nil {
		return wrap(op, err)
	}
	if err := s.client.SAdd(ctx, keyEditions, id).Err(); err != nil {
		return wrap(op, err)
	}
	return wrap(op, s.client.PExpire(ctx, keyEditions, keep).Err())
}

// Editions are the versions that are still kept, by id.
func (s *Store) Editions(ctx context.Context) (map[string][]byte, error) {
	const op = "read the editions of the flows"
	ids, err := s.client.SMembers(ctx, keyEditions).Result()
	if err != nil || len(ids) == 0 {
		return nil, wrap(op, err)
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = editionKey(id)
	}
	found, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, wrap(op, err)
	}
	all := map[string][]byte{}
	for i, data := range found {
		if text, ok := data.(string); ok {
			all[ids[i]] = []byte(text)
		}
	}
	return all, nil
}
