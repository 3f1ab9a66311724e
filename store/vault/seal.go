package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"hotline/flows"
)

// The errors of a sealed text. They hold nothing of it.
var (
	// ErrSealed says that a text cannot be opened: another key, another case or
	// field, or bytes that were changed. It never says which.
	ErrSealed = errors.New("it cannot be opened with this key, case and field")
	// ErrShredded says that the key of a text was destroyed.
	ErrShredded = errors.New("its key was destroyed")
)

// The forms of a sealed text: its first byte, before the id of the key.
const (
	formInline = 1 // the data key, sealed, is in the text itself
	formKeyed  = 2 // the data key is in the key store
	headSize   = 1 + keyIDSize
)

// Seal closes a text so that only this vault opens it, and only as the same
// field of the same case.
func (v *Vault) Seal(ctx context.Context, id flows.CaseID, field string, text []byte) ([]byte, error) {
	return v.SealUnder(ctx, caseKey(id), field, text)
}

// Open is the reverse of Seal.
func (v *Vault) Open(ctx context.Context, id flows.CaseID, field string, sealed []byte) ([]byte, error) {
	return v.OpenUnder(ctx, caseKey(id), field, sealed)
}

// Shred destroys the key of a case: nothing that was sealed for it can be opened
// again, wherever copies of it lie.
func (v *Vault) Shred(ctx context.Context, id flows.CaseID) error {
	return v.ShredKey(ctx, caseKey(id))
}

func caseKey(id flows.CaseID) string { return "case/" + string(id) }

// SealUnder closes a text under a data key of any name, such as "relay/07abc".
// The key is made when the name is first used.
func (v *Vault) SealUnder(ctx context.Context, key, field string, text []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("seal %s: %w", field, err)
	}
	if v.get().keys == nil {
		w := v.get().wrappers[0]
		head := append([]byte{formInline}, w.id[:]...)
		sealed, err := w.enclose(head, text, associated(key, field, head))
		if err != nil {
			return nil, fmt.Errorf("seal %s: %w", field, err)
		}
		return sealed, nil
	}
	k, err := v.dataKey(ctx, key, true)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", field, err)
	}
	head := append([]byte{formKeyed}, k.id[:]...)
	body, err := k.aead.Encrypt(text, associated(key, field, head))
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", field, err)
	}
	return append(head, body...), nil
}

// OpenUnder is the reverse of SealUnder.
func (v *Vault) OpenUnder(ctx context.Context, key, field string, sealed []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open %s: %w", field, err)
	}
	if len(sealed) <= headSize {
		return nil, fmt.Errorf("open %s: %w", field, ErrSealed)
	}
	head, body := sealed[:headSize], sealed[headSize:]
	ad := associated(key, field, head)
	switch head[0] {
	case formInline:
		for _, w := range v.get().wrappers {
			if w.id != [keyIDSize]byte(head[1:]) {
				continue
			}
			if text, err := w.envelope.Decrypt(body, ad); err == nil {
				return text, nil
			}
		}
	case formKeyed:
		k, err := v.dataKey(ctx, key, false)
		if errors.Is(err, flows.ErrNotFound) {
			return nil, fmt.Errorf("open %s: %w", field, ErrShredded)
		}
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", field, err)
		}
		if text, err := k.aead.Decrypt(body, ad); err == nil {
			return text, nil
		}
	}
	return nil, fmt.Errorf("open %s: %w", field, ErrSealed)
}

// associated is what a sealed text is bound to: name of its key, field, form and
// id of the key.
func associated(key, field string, head []byte) []byte {
	const form = "hotline/text/1"
	b := append(make([]byte, 0, len(form)+12+len(key)+len(field)+len(head)), form...)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(key))), key...)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(field))), field...)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(head))), head...)
}
