package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// SealNote appends a note to b, sealed under a key of the present epoch and bound
// to its name. It is for what lives for hours at most, as where a conversation
// stands and what it was answered: nothing of it can be opened when the epoch is
// over. It needs no key store and takes about a microsecond.
func (v *Vault) SealNote(b []byte, name string, note []byte) []byte {
	return v.get().epoch.Load().notes().Seal(b, nil, note, []byte(name))
}

// OpenNote is the reverse of SealNote.
func (v *Vault) OpenNote(name string, sealed []byte) ([]byte, error) {
	note, err := v.get().epoch.Load().notes().Open(nil, nil, sealed, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("open a note: %w", ErrSealed)
	}
	return note, nil
}

// newNotes makes the cipher of the notes of an epoch. Nonces are random, 96 bits:
// two in 2³² notes of one epoch are equal with a chance below 2⁻³².
func newNotes(root []byte) cipher.AEAD {
	key, err := derive(root, "notes", "")
	if err != nil {
		// HKDF refuses only a length that we do not ask for; what is sealed
		// under a random key is lost but gives nothing away.
		key = newKey()
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil // only for a key of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil
	}
	return aead
}
