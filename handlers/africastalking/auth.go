package africastalking

import "crypto/subtle"

// Allows reports whether a token in the path is one of ours. Africa's Talking
// signs nothing: a path that nobody can guess is the protection, so a wrong one
// must look like no path at all.
func (p *Provider) Allows(token string) bool {
	ok := 0
	for _, t := range p.config.Tokens {
		ok |= subtle.ConstantTimeCompare([]byte(t), []byte(token))
	}
	return ok == 1 && token != ""
}
