package gateway

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"

	"hotline/handlers/wire"
)

// Auth is how a gateway proves itself. Kinds that are set must all fit; with
// none set anybody who knows the name may speak for it, which is right for the
// demo alone.
type Auth struct {
	Bearer string // token of "Authorization: Bearer …"
	// User and Password are those of basic authentication.
	User     string
	Password string
	// HMACKey checks the signature of a request, which is where the dialect says.
	HMACKey string
	// Tokens are secret path tokens: the routes are then below /gateway/NAME/TOKEN.
	Tokens []string
	// Networks are the addresses that requests may come from.
	Networks []netip.Prefix
}

// Allows reports whether a token in the path is one of ours, if one is asked for.
func (g *Gateway) Allows(token string) bool {
	return len(g.config.Auth.Tokens) == 0 || wire.OneOf(token, g.config.Auth.Tokens)
}

// Prefix is the path below which the gateway's routes are.
func (g *Gateway) Prefix() string {
	if len(g.config.Auth.Tokens) > 0 {
		return "/gateway/" + g.config.Name + "/:token"
	}
	return "/gateway/" + g.config.Name
}

// Near reports whether the gateway may call from an address.
func (g *Gateway) Near(address string) bool { return wire.Near(address, g.config.Auth.Networks) }

// Verify refuses a request that does not prove itself. The body can be read
// again afterwards.
func (g *Gateway) Verify(r *http.Request) error {
	a := g.config.Auth
	if a.Bearer != "" {
		have, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !same(have, a.Bearer) {
			return wire.Forged("bearer token")
		}
	}
	if a.User != "" || a.Password != "" {
		user, password, ok := r.BasicAuth()
		if !ok || !same(user, a.User) || !same(password, a.Password) {
			return wire.Forged("user or password")
		}
	}
	if a.HMACKey == "" {
		return nil
	}
	body, err := drain(r)
	if err != nil {
		return err
	}
	return g.signature.verify(r, []byte(a.HMACKey), body, g.config.Now)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
