package vault

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"hash"
	"maps"
	"sync"
	"sync/atomic"

	"hotline/flows"
)

// Session is the pseudonym under which the conversations of a phone on a service
// are kept. The same phone has another one on another channel or service, and in
// another epoch.
func (v *Vault) Session(channel flows.Channel, service string, phone flows.Phone) flows.SessionID {
	return flows.SessionID(v.get().epoch.Load().sum(use{kind: "session"}, string(channel), service, phone.E164()))
}

// Reporter is the pseudonym of a phone for one purpose, as counting calls or
// finding a second report. Pseudonyms of different purposes cannot be joined.
func (v *Vault) Reporter(purpose string, phone flows.Phone) string {
	return v.get().epoch.Load().sum(use{"reporter/", purpose}, phone.E164())
}

// Digest is a keyed hash of the parts for a purpose, such as "turn". It changes
// with the epoch, so it is for what is remembered for minutes. Parts keep their
// borders: ("a", "bc") is not ("ab", "c"). Purposes are constants of the program.
func (v *Vault) Digest(purpose string, parts ...string) string {
	return v.get().epoch.Load().sum(use{"digest/", purpose}, parts...)
}

// Lasting is a Digest that never changes, for what is looked up after years. It
// is not for numbers of reporters.
func (v *Vault) Lasting(purpose string, parts ...string) string {
	return v.get().lasting.sum(use{"lasting/", purpose}, parts...)
}

// Receipt is the keyed hash under which a receipt number is found.
func (v *Vault) Receipt(number string) string {
	return v.get().lasting.sum(use{kind: "receipt"}, number)
}

// PIN is the keyed hash of a receipt's PIN, bound to its number.
func (v *Vault) PIN(number, pin string) string {
	return v.get().lasting.sum(use{kind: "pin"}, number, pin)
}

// macs are the keyed hashes below one root, one key per use.
type macs struct {
	root  []byte
	pools atomic.Pointer[map[use]*sync.Pool] // of hash.Hash; replaced when a use is new
	adds  sync.Mutex                         // held while it is
	notes func() cipher.AEAD                 // see SealNote
}

// use is what a keyed hash is for: a kind, and the purpose within it if there are
// several.
type use struct{ kind, purpose string }

func newMacs(root []byte) *macs {
	m := &macs{root: root, notes: sync.OnceValue(func() cipher.AEAD { return newNotes(root) })}
	m.pools.Store(&map[use]*sync.Pool{})
	return m
}

// digestSize is how much of a hash is kept: 120 bits, 24 letters.
const digestSize = 15

var digestLetters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// sum hashes the parts, each after its length, under the key of the use.
func (m *macs) sum(u use, parts ...string) string {
	pool := m.hashes(u)
	h := pool.Get().(hash.Hash)
	defer pool.Put(h)
	h.Reset()
	size := sha256.Size
	for _, part := range parts {
		size += 8 + len(part)
	}
	buf := make([]byte, 0, size)
	for _, part := range parts {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(part)))
		buf = append(buf, part...)
	}
	h.Write(buf)
	sum := h.Sum(buf[:0])
	return digestLetters.EncodeToString(sum[:digestSize])
}

// hashes are the HMACs of a use. Building one costs more than using it, so they
// are kept.
func (m *macs) hashes(u use) *sync.Pool {
	if pool := (*m.pools.Load())[u]; pool != nil {
		return pool
	}
	m.adds.Lock()
	defer m.adds.Unlock()
	pools := maps.Clone(*m.pools.Load())
	if pools[u] == nil {
		pools[u] = m.newHashes(u)
		m.pools.Store(&pools)
	}
	return pools[u]
}

func (m *macs) newHashes(u use) *sync.Pool {
	key, err := derive(m.root, "mac", u.kind+u.purpose)
	if err != nil {
		// HKDF refuses only a length that we do not ask for; a hash under a
		// random key is wrong but gives nothing away.
		key = newKey()
	}
	return &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
}
