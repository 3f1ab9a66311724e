package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"

	"hotline/flows"
)

// ErrSealed says that a text cannot be opened: another key, another case or
// field, or bytes that were changed. It never says which, and holds no text.
var ErrSealed = errors.New("it cannot be opened with this key, case and field")

// The forms of a sealed text: its first byte.
const formInline = 1 // the data key, sealed, is in the text itself

// keyIDSize is the length of the id of a key-encryption key.
const keyIDSize = 4

// wrapper is one key-encryption key.
type wrapper struct {
	id       [keyIDSize]byte
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
		envelope: aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), kek),
	}, nil
}

// Seal closes a text so that only this vault opens it, and only as the same
// field of the same case.
func (v *Vault) Seal(ctx context.Context, id flows.CaseID, field string, text []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("seal %s: %w", field, err)
	}
	w := v.in.seals[0]
	head := append([]byte{formInline}, w.id[:]...)
	body, err := w.envelope.Encrypt(text, associated(id, field, head))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", field, err)
	}
	return append(head, body...), nil
}

// Open is the reverse of Seal.
func (v *Vault) Open(ctx context.Context, id flows.CaseID, field string, sealed []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open %s: %w", field, err)
	}
	if len(sealed) <= 1+keyIDSize || sealed[0] != formInline {
		return nil, fmt.Errorf("open %s: %w", field, ErrSealed)
	}
	head, body := sealed[:1+keyIDSize], sealed[1+keyIDSize:]
	for _, w := range v.in.seals {
		if w.id != [keyIDSize]byte(head[1:]) {
			continue
		}
		if text, err := w.envelope.Decrypt(body, associated(id, field, head)); err == nil {
			return text, nil
		}
	}
	return nil, fmt.Errorf("open %s: %w", field, ErrSealed)
}

// associated is what a sealed text is bound to: case, field, form and key.
func associated(id flows.CaseID, field string, head []byte) []byte {
	b := []byte("hotline/text/1")
	for _, part := range []string{string(id), field, string(head)} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}
