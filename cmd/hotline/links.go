package main

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/sms"
	"hotline/handlers/console"
	"hotline/store"
)

// addLinks puts the one-time link of its alert into every text that asks somebody
// to take a case, when the world can reach us and the text stays one segment.
func (a *app) addLinks() *console.Links {
	l := &console.Links{Key: []byte(a.vault.Lasting("one-time links")), Claims: claims{a.store}, Rand: rand.Reader}
	if a.cfg.PublicURL != "" {
		a.mail.Sender = linking{a.mail.Sender, l, strings.TrimSuffix(a.cfg.PublicURL, "/")}
	}
	return l
}

// claims are kept by the store, so that a link that was used in one process is
// used in all.
type claims struct{ store *store.Store }

// Claim gives a link to the device that opens it first.
func (c claims) Claim(ctx context.Context, link, device string, keep time.Duration) (string, error) {
	return c.store.ClaimOnce(ctx, "link "+link, device, keep)
}

// linking is a sender of texts with links.
type linking struct {
	dispatch.Sender
	links *console.Links
	base  string
}

// Send sends a message on. Alerts come first, the link after them: a text that has
// no room for it goes without.
func (l linking) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if m.Purpose == flows.PurposeAlert && m.Channel == flows.SMS {
		text := m.Text + " " + l.base + l.links.Path(m.Ref, m.ID)
		if n, _ := sms.Segments(text); n == 1 {
			m.Text = text
		}
	}
	return l.Sender.Send(ctx, m, to)
}
