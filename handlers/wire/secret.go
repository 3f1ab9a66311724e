package wire

import (
	"crypto/subtle"
	"net/netip"
)

// OneOf reports whether a secret is one of those that are valid now: the one in
// use and, while it is being replaced, the next. How long it takes says nothing
// about where the first difference is.
func OneOf(have string, valid []string) bool {
	ok := 0
	for _, v := range valid {
		ok |= subtle.ConstantTimeCompare([]byte(have), []byte(v))
	}
	return ok == 1 && have != ""
}

// Near reports whether an address is in one of the networks that a provider
// calls from. With none listed every address is.
func Near(address string, networks []netip.Prefix) bool {
	if len(networks) == 0 {
		return true
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	for _, n := range networks {
		if n.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}
