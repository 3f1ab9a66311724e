package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// Vault seals, opens and pseudonymises. It is safe for concurrent use and shows
// nothing of its keys, however it is printed.
type Vault struct{ in *inner }

// inner is behind a pointer so that even a struct that holds a Vault in a
// private field prints an address and nothing more.
type inner struct {
	seals   []*wrapper // key-encryption keys; the first one seals
	lasting *macs      // keyed hashes that must hold for years
	epoch   atomic.Pointer[macs]
}

// Open makes a vault of the material.
func Open(m Material) (*Vault, error) {
	if m.keys == nil || len(*m.keys) == 0 {
		return nil, errors.New("open the vault: there is no key")
	}
	in := &inner{}
	for _, root := range *m.keys {
		w, err := newWrapper(root)
		if err != nil {
			return nil, fmt.Errorf("open the vault: %w", err)
		}
		in.seals = append(in.seals, w)
	}
	root := (*m.keys)[0]
	lasting, err := derive(root[:], "lasting", "")
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	epoch, err := derive(root[:], "epoch", "0")
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	in.lasting = newMacs(lasting)
	in.epoch.Store(newMacs(epoch))
	return &Vault{in}, nil
}

// derive draws the key of a purpose and an epoch (HKDF, RFC 5869).
func derive(secret []byte, purpose, epoch string) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, "hotline/1/"+purpose+"/"+epoch, keySize)
}

// Format shows nothing, whatever the verb.
func (Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[vault]") }

// MarshalText shows nothing in JSON, XML or YAML.
func (Vault) MarshalText() ([]byte, error) { return []byte("[vault]"), nil }
