// Package authority signs people in with the account that their province or
// ministry gave them: OpenID Connect, the code flow with PKCE (OpenID Connect Core
// 1.0 §3.1, RFC 7636).
//
// The provider is asked for its addresses and keys when somebody first comes, so
// that one that is down never keeps the hotline from starting.
package authority

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"hotline/flows/account"
)

// Options are what a provider knows us by.
type Options struct {
	Issuer string // its address, as https://id.phutho.gov.vn
	Client string
	Secret string
	Back   string // the address of ours that it sends people back to
	Name   string // what people call it
	HTTP   *http.Client
	Now    func() time.Time
}

// Provider is one OpenID provider.
type Provider struct {
	o        Options
	mu       sync.Mutex
	provider *oidc.Provider
}

// New makes a provider. It asks nothing yet.
func New(o Options) (*Provider, error) {
	if o.Issuer == "" || o.Client == "" || o.Back == "" {
		return nil, errors.New("the authority needs an issuer, a client and the public address of the hotline")
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	return &Provider{o: o}, nil
}

// Title is what people call it.
func (p *Provider) Title() string { return p.o.Name }

// discover asks for the addresses and keys, once.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.provider != nil {
		return p.provider, nil
	}
	// The provider keeps the context for its keys: it must outlive this request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.o.HTTP), p.o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the authority for its addresses: %w", err)
	}
	p.provider = found
	return found, nil
}

func (p *Provider) flow(at *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.o.Client, ClientSecret: p.o.Secret, Endpoint: at.Endpoint(),
		RedirectURL: p.o.Back, Scopes: []string{oidc.ScopeOpenID},
	}
}

// Begin draws what must come back with the person, and where they go.
func (p *Provider) Begin(ctx context.Context) (address, memo string, err error) {
	at, err := p.discover(ctx)
	if err != nil {
		return "", "", err
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	address = p.flow(at).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	return address, strings.Join([]string{state, nonce, verifier}, "."), nil
}

// End checks what the person came back with and says who they are.
func (p *Provider) End(ctx context.Context, memo string, query url.Values) (account.Subject, error) {
	parts := strings.Split(memo, ".")
	if len(parts) != 3 || parts[0] == "" || subtle.ConstantTimeCompare([]byte(parts[0]), []byte(query.Get("state"))) != 1 {
		return account.Subject{}, errors.New("somebody came back whom we had not sent")
	}
	if query.Get("error") != "" || query.Get("code") == "" {
		return account.Subject{}, errors.New("the authority did not sign them in")
	}
	at, err := p.discover(ctx)
	if err != nil {
		return account.Subject{}, err
	}
	ctx = oidc.ClientContext(ctx, p.o.HTTP)
	tokens, err := p.flow(at).Exchange(ctx, query.Get("code"), oauth2.VerifierOption(parts[2]))
	if err != nil {
		return account.Subject{}, fmt.Errorf("exchange the code: %w", withoutBody(err))
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return account.Subject{}, errors.New("the authority gave no identity")
	}
	id, err := at.VerifierContext(ctx, &oidc.Config{ClientID: p.o.Client, Now: p.o.Now}).Verify(ctx, raw)
	if err != nil {
		return account.Subject{}, fmt.Errorf("check the identity: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(parts[1])) != 1 {
		return account.Subject{}, errors.New("the identity is of another sign-in")
	}
	return account.Subject{Issuer: id.Issuer, Name: id.Subject}, nil
}

// withoutBody leaves out what the provider wrote: it may name people.
func withoutBody(err error) error {
	if e, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return fmt.Errorf("the authority answered %s", e.Response.Status)
	}
	return err
}
