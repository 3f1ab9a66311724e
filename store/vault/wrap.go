package vault

import (
	"crypto/rand"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// keyIDSize is the length of the id of a key.
const keyIDSize = 4

// wrapper is one key-encryption key: it seals other keys and nothing else.
type wrapper struct {
	id       [keyIDSize]byte
	kek      tink.AEAD
	envelope tink.AEAD // a fresh data key for every text, sealed beside it
}

func newWrapper(root [keySize]byte) (*wrapper, error) {
	key, err := derive(root[:], "seal", "")
	if err != nil {
		return nil, err
	}
	id, err := derive(root[:], "seal id", "")
	if err != nil {
		return nil, err
	}
	kek, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, fmt.Errorf("key-encryption key: %w", err)
	}
	return &wrapper{
		id:       [keyIDSize]byte(id),
		kek:      kek,
		envelope: aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), kek),
	}, nil
}

// wrap seals a key under its name: id of the wrapper, then the sealed key.
func (w *wrapper) wrap(name string, key []byte) ([]byte, error) {
	body, err := w.kek.Encrypt(key, associated(name, "key", w.id[:]))
	if err != nil {
		return nil, err
	}
	return append(w.id[:], body...), nil
}

// unwrap opens a key with whichever key-encryption key sealed it.
func (v *Vault) unwrap(name string, sealed []byte) ([]byte, error) {
	if len(sealed) > keyIDSize {
		for _, w := range v.get().wrappers {
			if w.id != [keyIDSize]byte(sealed) {
				continue
			}
			if key, err := w.kek.Decrypt(sealed[keyIDSize:], associated(name, "key", w.id[:])); err == nil && len(key) == keySize {
				return key, nil
			}
		}
	}
	return nil, fmt.Errorf("key %s: %w", name, ErrSealed)
}

// dataKey is a key that seals texts.
type dataKey struct {
	id   [keyIDSize]byte
	aead tink.AEAD
}

func newDataKey(key []byte) (*dataKey, error) {
	id, err := derive(key, "data key id", "")
	if err != nil {
		return nil, err
	}
	a, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, err
	}
	return &dataKey{[keyIDSize]byte(id), a}, nil
}

// newKey draws a key.
func newKey() []byte {
	k := make([]byte, keySize)
	_, _ = rand.Read(k) // never fails (crypto/rand)
	return k
}
