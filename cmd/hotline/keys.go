package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/store/vault"
	"hotline/store/vault/relay"
)

// Where the vault keeps its things in Redis.
const (
	keysPrefix  = "hl:"
	relayPrefix = "hl:"
)

// safe is the vault with what it keeps.
type safe struct {
	vault   *vault.Vault
	file    *vault.FileKeys   // nil: no key store
	shared  *vault.SharedKeys // nil: one process, or no key store
	numbers *relay.Relay      // nil: no number is ever kept
}

// openSafe opens the key store and the vault on it, and the table of numbers.
// Client is nil when there is no Redis.
func openSafe(ctx context.Context, cfg configs.Config, client redis.UniversalClient, now time.Time, log *zap.Logger) (*safe, error) {
	m, err := material(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s := &safe{}
	path := keyStorePath(cfg)
	if path == "" {
		log.Warn("no case can be destroyed by its key: set key_store or journal.dir")
		s.vault, err = vault.Open(m)
		return s, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the keys: %w", err)
	}
	if s.file, err = vault.OpenKeys(path); err != nil {
		return nil, err
	}
	var keys vault.KeyStore = s.file
	if client != nil {
		s.shared = &vault.SharedKeys{Shared: &vault.RedisKeys{Client: client, Prefix: keysPrefix}, Own: s.file}
		if _, err := s.shared.Tidy(ctx); err != nil {
			return nil, errors.Join(err, s.file.Close())
		}
		keys = s.shared
	}
	if s.vault, err = vault.OpenWith(ctx, m, keys, vault.Options{Epoch: cfg.Retention.Pseudonyms}); err == nil {
		_, err = s.vault.Advance(ctx, now)
	}
	if err == nil {
		err = s.openNumbers(cfg, client, path)
	}
	if err != nil {
		return nil, errors.Join(err, s.file.Close())
	}
	return s, nil
}

// openNumbers opens the one table with numbers of reporters.
func (s *safe) openNumbers(cfg configs.Config, client redis.UniversalClient, path string) error {
	s.numbers = &relay.Relay{Vault: s.vault, Longest: cfg.Retention.Number, Grace: cfg.Retention.NumberClosed}
	if client != nil {
		s.numbers.Table = &relay.Redis{Client: client, Prefix: relayPrefix}
		return nil
	}
	table, err := relay.OpenFile(path + ".relay")
	s.numbers.Table = table
	return err
}

// keyStorePath is the file of the keys; empty: there is none.
func keyStorePath(cfg configs.Config) string {
	if cfg.KeyStore == "" && cfg.Journal.Dir != "" {
		return filepath.Clean(cfg.Journal.Dir) + ".keys"
	}
	return cfg.KeyStore
}

func (s *safe) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}

func (s *safe) ready(context.Context) error { return s.file.Health() }

// run moves the pseudonyms on, follows keys that other processes destroyed, and
// forgets numbers whose time is over.
func (s *safe) run(ctx context.Context, now func() time.Time, turns *turnKeeper, l *ledger, warn func(error)) {
	ticks := 0
	every(ctx, time.Minute, func() {
		if err := s.forget(ctx, now(), l); err != nil {
			warn(err)
		}
		if ticks++; ticks%60 != 1 {
			return
		}
		if err := s.advance(ctx, now(), turns, l); err != nil {
			warn(err)
		}
	})
}

// forget destroys the numbers whose time is over, and writes that down.
func (s *safe) forget(ctx context.Context, now time.Time, l *ledger) error {
	gone, err := s.numbers.Sweep(ctx, now, 1000)
	for _, id := range gone {
		l.audit(ctx, flows.Deed{Kind: flows.DeedPurge, Case: id, What: "number", Why: "its time was over", From: "retention"})
	}
	return err
}

// advance does what is due every hour.
func (s *safe) advance(ctx context.Context, now time.Time, turns *turnKeeper, l *ledger) error {
	gone, err := s.vault.Advance(ctx, now)
	for _, epoch := range gone {
		l.audit(ctx, flows.Deed{Kind: flows.DeedKey, What: "epoch " + epoch, Why: "its pseudonyms are over", From: "retention"})
	}
	if s.shared != nil {
		_, e := s.shared.Tidy(ctx)
		err = errors.Join(err, e)
	}
	err = errors.Join(err, s.rewrap(ctx, l))
	if turns != nil {
		err = errors.Join(err, turns.forget(ctx, now))
	}
	return err
}

// rewrap seals under the present key file what an older line of it still seals, so
// that the old line can be deleted. No text is touched.
func (s *safe) rewrap(ctx context.Context, l *ledger) error {
	n, err := s.vault.Rewrap(ctx)
	if n > 0 {
		l.audit(ctx, flows.Deed{
			Kind: flows.DeedKey, What: fmt.Sprintf("%d keys sealed under %s", n, s.vault.Fingerprint()),
			Why: "the key file was changed", From: "rotation",
		})
	}
	return err
}

// keyPatience is how long a command may take to give the key.
const keyPatience = 30 * time.Second

// material takes the key from the settings. There is no default: a key that
// nobody keeps would make every stored text unreadable after a restart.
func material(ctx context.Context, cfg configs.Config) (vault.Material, error) {
	switch {
	case len(cfg.KeyCommand) > 0:
		ctx, cancel := context.WithTimeout(ctx, keyPatience)
		defer cancel()
		return vault.Command(ctx, cfg.KeyCommand[0], cfg.KeyCommand[1:]...)
	case cfg.KeyFile != "":
		return vault.File(cfg.KeyFile)
	case !cfg.Key.IsZero():
		return vault.Value(cfg.Key.Reveal())
	}
	return vault.Material{}, errors.New("serve needs a key: make one with `hotline admin key FILE` and set key_file, or HOTLINE_KEY_FILE=FILE; key and key_command take it from elsewhere")
}
