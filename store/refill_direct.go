package store

import (
	"errors"

	"github.com/alicebob/miniredis/v2"
)

// errCopy says that the server no longer does what putSet is built on.
var errCopy = errors.New("the in-process server hands out a copy of a sorted set")

// put writes into the server in this process.
func (b *bulk) put(db *miniredis.RedisDB, p *partition) error {
	for _, l := range b.lines {
		if _, err := db.Push(l.key, l.events); err != nil {
			return err
		}
	}
	for _, f := range b.forms {
		db.HSet(f.key, f.fields...)
	}
	for _, h := range b.hashes(p) {
		if len(h.fields) > 0 {
			db.HSet(name(h.key), h.fields...)
		}
	}
	for _, z := range b.sets(p) {
		if err := putSet(db, name(z.key), z.members); err != nil {
			return err
		}
	}
	for i := 0; i < len(b.cases); i += 2 {
		if err := db.Set(b.cases[i], b.cases[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// putSet adds to a sorted set. The server hands out the map that it keeps, and
// writing into it saves a lock and a dozen look-ups for each member; nobody else
// has that partition meanwhile.
func putSet(db *miniredis.RedisDB, key string, members []scored) error {
	if len(members) == 0 {
		return nil
	}
	if _, err := db.ZAdd(key, members[0].score, members[0].member); err != nil {
		return err
	}
	kept, err := db.SortedSet(key)
	if err != nil {
		return err
	}
	for _, z := range members[1:] {
		kept[z.member] = z.score
	}
	if again, err := db.SortedSet(key); err != nil || len(again) != len(kept) {
		return errCopy
	}
	return nil
}
