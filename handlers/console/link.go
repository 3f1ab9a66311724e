package console

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation"
)

// Links lead one member to one case from one alert, on a phone and without a
// sign-in. A link is short enough for a text, is worth nothing but for this case
// and member, works on the first device that opens it, and ends a day after the
// alert or with the case.
type Links struct {
	Key    []byte // secret; the links of an older key end
	Claims Claims
	Rand   io.Reader // draws device marks
}

// Claims remember which device opened a link first.
type Claims interface {
	// Claim gives a link to a device if nobody has it, and returns who has it.
	Claim(ctx context.Context, link, device string, keep time.Duration) (holder string, err error)
}

// linkLife is how long a link works after the alert that carried it.
const linkLife = 24 * time.Hour

// Path is the address of the link of an alert, below the public address.
func (l *Links) Path(ref flows.Ref, alert flows.MessageID) string {
	return "/r/" + string(ref) + "-" + l.mark(alert)
}

// mark is 50 bits that only the holder of the key can make of an alert.
func (l *Links) mark(alert flows.MessageID) string {
	h := hmac.New(sha256.New, l.Key)
	_, _ = io.WriteString(h, "link\x00"+string(alert))
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil))[:10])
}

// alert finds which alert of a case a mark was made of, if the link still works.
func (l *Links) alert(k *flows.Case, mark string, now time.Time) (flows.Alert, bool) {
	for _, a := range k.Alerts {
		if subtle.ConstantTimeCompare([]byte(l.mark(a.ID)), []byte(mark)) == 1 {
			return a, now.Sub(a.At) < linkLife && k.IsOpen()
		}
	}
	return flows.Alert{}, false
}

// MemoryClaims are claims of one process. A link may be opened by a second
// device after a restart.
type MemoryClaims struct {
	mu   sync.Mutex
	held map[string]string
}

// maxClaims bounds the memory; beyond it links that were never opened wait.
const maxClaims = 100_000

// Claim gives a link to a device if nobody has it.
func (m *MemoryClaims) Claim(_ context.Context, link, device string, _ time.Duration) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if have, ok := m.held[link]; ok {
		return have, nil
	}
	if len(m.held) >= maxClaims {
		return "", errors.New("too many links are open")
	}
	if m.held == nil {
		m.held = map[string]string{}
	}
	m.held[link] = device
	return device, nil
}

type linkPage struct {
	Page
	Link   string
	Opened bool // this device has the link
	Row    row
	Case   flows.Case
	Mine   bool
	Deeds  []string
	Whys   []string
	Note   string
	Good   bool
	Out    bool // this was the last that the link shows: its member is party to the case
}

// linkOf reads a link: its case, and the member it was sent to. A link that is
// wrong and one that has ended look alike.
func (c *Console) linkOf(x echo.Context) (flows.Case, flows.Member, error) {
	ref, mark, _ := strings.Cut(x.Param("link"), "-")
	r, ok := flows.ParseRef(ref)
	if !ok {
		return flows.Case{}, flows.Member{}, flows.ErrNotFound
	}
	ctx, k, err := c.Guard.Linked(x.Request().Context(), r, func(k *flows.Case) (flows.Member, bool) {
		a, ok := c.Links.alert(k, mark, c.Now())
		m, known := c.Member(a.Member)
		return m, ok && known
	})
	x.SetRequest(x.Request().WithContext(ctx))
	return k, access.From(ctx).Member, err
}

// device is the mark of this device for a link, if it has opened it.
func (c *Console) device(x echo.Context) (string, bool) {
	k, err := x.Cookie("link")
	if err != nil || k.Value == "" {
		return "", false
	}
	have, err := c.Links.Claims.Claim(x.Request().Context(), x.Param("link"), k.Value, linkLife)
	return k.Value, err == nil && subtle.ConstantTimeCompare([]byte(have), []byte(k.Value)) == 1
}

func (c *Console) linkPage(x echo.Context) error {
	k, m, err := c.linkOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	p := linkPage{Page: c.page(x, "console.board.title"), Link: x.Param("link"), Case: k}
	p.Title = p.T("case.title", "ref", k.Ref)
	if m.Language != "" && x.QueryParam("lang") == "" {
		p.Lang = m.Language
	}
	// A device that was never here asks before it takes the link: what previews
	// texts must not use it up.
	if _, err := x.Cookie("link"); err == nil {
		_, p.Opened = c.device(x)
		if !p.Opened {
			return c.fault(x, flows.ErrNotFound)
		}
	}
	if p.Opened {
		p.Row = c.row(look(&k, p.Now()), p.words)
		p.Deeds, p.Whys = linkDeeds(&k, m), whys()
		p.Mine = k.Holder == m.ID
		_, p.Note, p.Good = c.note(x, &k, p.words)
	}
	return c.render(x, http.StatusOK, "link", p)
}

// onLink reports whether a link lets its member do a deed: what the case needs
// on the way there. Closing it and giving it away is for a desk.
func onLink(deed string) bool {
	switch deed {
	case "take", "decline", "raise", "onsite", "lower":
		return true
	}
	return false
}

// linkDeeds are what a link lets its member do at the moment.
func linkDeeds(k *flows.Case, m flows.Member) []string {
	return slices.DeleteFunc(deeds(k, m), func(d string) bool { return !onLink(d) })
}

// lastOf tells who is party to a case that this is written down. The link leads
// nowhere from now on.
func (c *Console) lastOf(x echo.Context, ref flows.Ref, m flows.Member) error {
	p := linkPage{Page: c.page(x, "console.board.title"), Case: flows.Case{Ref: ref}, Out: true, Good: true}
	if m.Language != "" {
		p.Lang = m.Language
	}
	p.Title, p.Note = p.T("case.title", "ref", ref), p.T("note.recuse")
	return c.render(x, http.StatusOK, "link", p)
}

// openLink gives the link to this device, if it is the first.
func (c *Console) openLink(x echo.Context) error {
	if _, _, err := c.linkOf(x); err != nil {
		return c.fault(x, err)
	}
	mark, ok := c.device(x)
	if !ok {
		var b [15]byte
		if _, err := io.ReadFull(c.Links.Rand, b[:]); err != nil {
			return fmt.Errorf("draw a device mark: %w", err)
		}
		mark = base32.StdEncoding.EncodeToString(b[:])
		have, err := c.Links.Claims.Claim(x.Request().Context(), x.Param("link"), mark, linkLife)
		if err != nil {
			return c.fault(x, err)
		}
		if have != mark {
			return c.fault(x, flows.ErrNotFound)
		}
	}
	x.SetCookie(&http.Cookie{
		Name: "link", Value: mark, Path: "/r/" + x.Param("link"), MaxAge: int(linkLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: x.IsTLS(),
	})
	return x.Redirect(http.StatusSeeOther, "/r/"+x.Param("link"))
}

// linkAct carries out what a member decided with a link. The same decision sent
// twice, as a phone does that lost its connection, is good both times.
func (c *Console) linkAct(x echo.Context) error {
	k, m, err := c.linkOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	deed := x.Param("deed")
	if _, ok := c.device(x); !ok || c.Casework == nil || !onLink(deed) {
		return c.fault(x, flows.ErrNotFound)
	}
	note := done(x, deed)
	err = c.carryOut(x, &k, m.ID, deed)
	var refused *escalation.Refused
	switch {
	case errors.As(err, &refused):
		note = string(refused.Reason)
	case err != nil:
		return c.fault(x, err)
	case note == "recuse":
		return c.lastOf(x, k.Ref, m)
	}
	return x.Redirect(http.StatusSeeOther, "/r/"+x.Param("link")+"?note="+note)
}
