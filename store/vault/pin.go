package vault

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// A stored PIN is either the fast keyed hash of [Vault.PIN], or the slow hash of
// that under a salt of its own:
//
//	a1.<salt>.<hash>
//
// So a fast one can be made slow later by somebody who does not know the PIN. A
// PIN has 10,000 values: if the key and the store are both stolen, the slow hash
// makes one receipt cost five minutes instead of a hundredth of a second.
const slowPrefix = "a1."

// The cost of the slow hash: OWASP's first choice for Argon2id, about 30 ms.
const (
	slowTime   = 2
	slowMemory = 19 << 10 // KiB
	slowSalt   = 10
)

// Harden makes a fast hash slow. A slow one comes back as it is. It waits for a
// free place among the hashes that may run at once.
func (v *Vault) Harden(ctx context.Context, stored string) (string, error) {
	if stored == "" || strings.HasPrefix(stored, slowPrefix) {
		return stored, nil
	}
	salt := make([]byte, slowSalt)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	hash, err := v.slow(ctx, stored, salt)
	if err != nil {
		return "", fmt.Errorf("harden a secret: %w", err)
	}
	return slowPrefix + digestLetters.EncodeToString(salt) + "." + hash, nil
}

// SamePIN reports whether a number and PIN are those of a stored hash, fast or
// slow. It takes the same time whatever is stored, nothing at all included, so
// that nobody learns from it whether a receipt exists.
func (v *Vault) SamePIN(ctx context.Context, stored, number, pin string) (bool, error) {
	return v.same(ctx, stored, v.PIN(number, pin))
}

// NewPassword is the slow hash of a password of somebody at work, bound to their
// name.
func (v *Vault) NewPassword(ctx context.Context, name, password string) (string, error) {
	return v.Harden(ctx, v.get().lasting.sum(use{kind: "password"}, name, password))
}

// SamePassword reports whether a name and password are those of a stored hash. Like
// SamePIN it takes the same time whatever is stored.
func (v *Vault) SamePassword(ctx context.Context, stored, name, password string) (bool, error) {
	return v.same(ctx, stored, v.get().lasting.sum(use{kind: "password"}, name, password))
}

func (v *Vault) same(ctx context.Context, stored, fast string) (bool, error) {
	wantFast, wantSlow, salt := stored, "", make([]byte, slowSalt)
	if rest, ok := strings.CutPrefix(stored, slowPrefix); ok {
		text, hash, _ := strings.Cut(rest, ".")
		wantFast, wantSlow = "", hash
		if b, err := digestLetters.DecodeString(text); err == nil && len(b) == slowSalt {
			salt = b
		}
	}
	hash, err := v.slow(ctx, fast, salt)
	if err != nil {
		return false, fmt.Errorf("check a secret: %w", err)
	}
	sameFast := subtle.ConstantTimeCompare([]byte(fast), []byte(wantFast))
	sameSlow := subtle.ConstantTimeCompare([]byte(hash), []byte(wantSlow))
	return sameFast|sameSlow == 1, nil
}

// slow is the slow hash. So few run at once that they cannot fill the memory.
func (v *Vault) slow(ctx context.Context, fast string, salt []byte) (string, error) {
	select {
	case v.get().hashing <- struct{}{}:
		defer func() { <-v.get().hashing }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	b := argon2.IDKey([]byte(fast), salt, slowTime, slowMemory, 1, digestSize)
	return digestLetters.EncodeToString(b), nil
}
