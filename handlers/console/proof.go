package console

import (
	"crypto/sha256"
	"sync"
	"time"

	"hotline/flows/account"
)

// proofs remember in this process, for a short time, who was signed in when the
// store was last asked. Sessions lie in Redis, and so do the cases: without this
// a supervisor would be sent away in the very hour in which they must see what was
// open. It is memory and not a signed cookie, since a cookie cannot be taken back
// and would be honoured by a process that never knew the session; memory ends with
// the process, and with the session as soon as anybody here ends it.
//
// A proof lets read, never do: whatever changes something needs the store anyway.
type proofs struct {
	mu   sync.Mutex
	held map[[sha256.Size]byte]proof
}

type proof struct {
	in account.SignedIn
	at time.Time // when the store last said so
}

const (
	// proofKeeps is how old the store's last word may be. A session that another
	// process ended meanwhile is honoured no longer than this, and only while the
	// store is away.
	proofKeeps = 30 * time.Minute
	// maxProofs bounds the memory: more people than that are never signed in.
	maxProofs = 10_000
)

// keep remembers what the store has just said.
func (p *proofs) keep(token string, in account.SignedIn, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = map[[sha256.Size]byte]proof{}
	}
	if len(p.held) >= maxProofs {
		p.drop(func(o proof) bool { return now.Sub(o.at) >= proofKeeps })
	}
	if len(p.held) < maxProofs {
		p.held[sha256.Sum256([]byte(token))] = proof{in, now}
	}
}

// find is who held a token, while the proof lasts and the session would.
func (p *proofs) find(token string, now time.Time, l account.Limits) (account.SignedIn, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o, ok := p.held[sha256.Sum256([]byte(token))]
	if !ok || now.Sub(o.at) >= proofKeeps || !o.in.Session.Alive(now, l) {
		return account.SignedIn{}, false
	}
	return o.in, true
}

// forget takes back a token that the store does not know.
func (p *proofs) forget(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, sha256.Sum256([]byte(token)))
}

// forgetAccount takes back every proof of an account, since a session of it or all
// of it was ended; who still has one shows it again at the next page.
func (p *proofs) forgetAccount(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(func(o proof) bool { return o.in.Account.Name == name })
}

func (p *proofs) drop(old func(proof) bool) {
	for k, o := range p.held {
		if old(o) {
			delete(p.held, k)
		}
	}
}
