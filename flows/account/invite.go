package account

import (
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"hotline/flows"
	"hotline/flows/access"
)

// Invitation lets one person make an account, once, or set up the password and
// code of one anew. It is signed with the key of the hotline, so that whoever has
// that key, in a shell beside the server or in its console, can make one without
// asking anybody.
type Invitation struct {
	Role   access.Role    `json:"role"`
	Member flows.MemberID `json:"member,omitempty"`
	Name   string         `json:"name,omitempty"` // of an account that is set up anew
	By     string         `json:"by,omitempty"`   // who made it; empty: the operator's shell
	Until  time.Time      `json:"until"`
	Nonce  string         `json:"nonce"`
}

// invited is how long an invitation may be used, and proofSize how much of its
// proof it carries: 60 bits.
const (
	invited   = 48 * time.Hour
	nonceSize = 5
	proofSize = 12
)

var letters = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// Signer makes the proof of an invitation: the vault's keyed hash that never
// changes.
type Signer interface {
	Lasting(purpose string, parts ...string) string
}

// NewInvitation draws an invitation of now and writes it as a code, in groups of
// five.
func NewInvitation(now time.Time, in Invitation, s Signer, random io.Reader) (string, error) {
	role := slices.Index(access.Roles(), in.Role)
	if role < 0 {
		return "", fmt.Errorf("invite: there is no role %q", in.Role)
	}
	b := make([]byte, 5+nonceSize, 64)
	b[0] = byte(role)
	binary.BigEndian.PutUint32(b[1:], uint32(now.Add(invited).Unix()/60))
	if _, err := io.ReadFull(random, b[5:]); err != nil {
		return "", fmt.Errorf("draw an invitation: %w", err)
	}
	for _, part := range []string{string(in.Member), in.Name, in.By} {
		if len(part) > 100 {
			return "", errors.New("invite: a name has at most 100 bytes")
		}
		b = append(append(b, byte(len(part))), part...)
	}
	text := letters.EncodeToString(b)
	return groups(text+s.Lasting("invitation", text)[:proofSize], 5, "-"), nil
}

// groups cuts a text so that people can keep their place in it.
func groups(s string, n int, between string) string {
	var list []string
	for len(s) > n {
		list, s = append(list, s[:n]), s[n:]
	}
	return strings.Join(append(list, s), between)
}

// ParseInvitation reads a code as people paste it. It reports false for one that
// is not ours, was changed, or is too old.
func ParseInvitation(now time.Time, code string, s Signer) (Invitation, bool) {
	code = strings.ToLower(strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, code))
	if len(code) < 20 || len(code) > 1024 {
		return Invitation{}, false
	}
	text, proof := code[:len(code)-proofSize], code[len(code)-proofSize:]
	if subtle.ConstantTimeCompare([]byte(s.Lasting("invitation", text)[:proofSize]), []byte(proof)) != 1 {
		return Invitation{}, false
	}
	b, err := letters.DecodeString(text)
	if err != nil || len(b) < 5+nonceSize || int(b[0]) >= len(access.Roles()) {
		return Invitation{}, false
	}
	in := Invitation{
		Role:  access.Roles()[b[0]],
		Until: time.Unix(int64(binary.BigEndian.Uint32(b[1:]))*60, 0).UTC(),
		Nonce: letters.EncodeToString(b[5 : 5+nonceSize]),
	}
	b = b[5+nonceSize:]
	for _, to := range []*string{(*string)(&in.Member), &in.Name, &in.By} {
		if len(b) == 0 || len(b) < 1+int(b[0]) {
			return Invitation{}, false
		}
		*to, b = string(b[1:1+int(b[0])]), b[1+int(b[0]):]
	}
	return in, now.Before(in.Until)
}

// MayInvite reports whether somebody may make an account of a role, for a member
// whose place is given. Who runs the service makes accounts of those who run it;
// whoever sees cases makes those of the people who see no more than they do, and
// of the auditor. So nobody can give themselves more than they have.
func MayInvite(w access.Who, role access.Role, of access.Thing) bool {
	if !access.Allowed(w, access.Invite, access.Thing{}).OK {
		return false
	}
	switch {
	case w.Role == access.Operator:
		return role == access.Operator
	case role.OfCases():
		return access.Allowed(w, access.Agree, of).OK
	}
	return role == access.Operator || role == access.Auditor
}
