package africastalking

import "hotline/handlers/wire"

// Allows reports whether a token in the path is one of ours. Africa's Talking
// signs nothing: a path that nobody can guess is the protection, so a wrong one
// must look like no path at all.
func (p *Provider) Allows(token string) bool { return wire.OneOf(token, p.config.Tokens) }

// Near reports whether Africa's Talking may call from an address.
func (p *Provider) Near(address string) bool { return wire.Near(address, p.config.Networks) }
