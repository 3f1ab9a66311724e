package vault

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

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
	envelope tink.AEAD // opens a text whose data key is sealed beside it; see enclose
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

// keyRecord stands before a data key in an envelope: Tink's AesGcmKey with nothing
// but key_value, field 3, as google/tink writes it in proto/aes_gcm.proto.
var keyRecord = []byte{3<<3 | 2, keySize}

// enclose writes behind a head a text sealed under a fresh data key, sealed beside
// it, as Tink's own KmsEnvelopeAead would: the length of the sealed key, the key,
// the text. Tink finds the cipher by the name of its type for each text, which
// takes three times as long as all of the ciphers.
func (w *wrapper) enclose(head, text, associated []byte) ([]byte, error) {
	key := newKey()
	cipher, err := subtle.NewAESGCM(key)
	if err != nil {
		return nil, err
	}
	sealed, err := w.kek.Encrypt(slices.Concat(keyRecord, key), nil)
	if err != nil {
		return nil, err
	}
	body, err := cipher.Encrypt(text, associated)
	if err != nil {
		return nil, err
	}
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(sealed)))
	return slices.Concat(head, length[:], sealed, body), nil
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
