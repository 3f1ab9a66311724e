package kannel

import "hotline/handlers/wire"

// Allows reports whether a token in the path is one of ours. Kannel signs
// nothing; it runs beside the hotline and knows a path that nobody else does.
func (p *Provider) Allows(token string) bool { return wire.OneOf(token, p.config.Tokens) }
