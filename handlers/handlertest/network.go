package handlertest

import (
	"fmt"
	"net"
	"net/http"
)

// Client is an HTTP client that reaches this machine and nothing else, whatever
// a provider's default address is.
func Client() *http.Client {
	return &http.Client{
		Transport:     loopbackOnly{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type loopbackOnly struct{ inner http.RoundTripper }

// RoundTrip refuses a host that is not a loopback address. A name is refused
// too: it may lead anywhere.
func (l loopbackOnly) RoundTrip(r *http.Request) (*http.Response, error) {
	if ip := net.ParseIP(r.URL.Hostname()); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("handlertest: %q is outside this machine", r.URL.Hostname())
	}
	return l.inner.RoundTrip(r)
}
