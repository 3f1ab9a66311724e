package dialog

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"hotline/flows"
)

// mostParts is the longest text that is joined: 255 parts are allowed, but nobody
// writes 1,500 letters on a phone like that.
const mostParts = 10

// isPart reports whether the inbound is one part of a longer text.
func (st *step) isPart() bool {
	p := st.in.Part
	return p.Of > 1 && p.Of <= mostParts && p.Number >= 1 && p.Number <= p.Of
}

// join files a part at once, and when the last one is there makes the parts one
// text, in their order and not in that of their arrival. Until then nothing is
// said. A part that never comes costs nothing: the others are in the case.
func (st *step) join(ctx context.Context) (complete bool, err error) {
	key := st.Keys.Digest("parts", st.in.Part.Ref)
	prefix := "part/" + key + "/"
	have := map[string]flows.Sealed{}
	if st.filed() {
		for _, s := range st.current().Texts {
			if strings.HasPrefix(s.Field, prefix) {
				have[s.Field] = s
			}
		}
	}
	own := prefix + fmt.Sprint(st.in.Part.Number)
	delete(have, own)
	if len(have)+1 < st.in.Part.Of {
		sealed, err := st.sealAs(ctx, own, st.in.Text)
		if err != nil {
			return false, err
		}
		return false, st.refine(func(c *flows.Case) {
			c.Texts = append(without(c.Texts, own), sealed)
			st.Words.Find(st.in.Text).into(c)
		})
	}
	var whole strings.Builder
	for n := 1; n <= st.in.Part.Of; n++ {
		if n == st.in.Part.Number {
			whole.WriteString(st.in.Text)
			continue
		}
		s := have[prefix+fmt.Sprint(n)]
		text, err := st.Vault.Open(ctx, st.sess.CaseID, s.Field, s.Data)
		if err != nil {
			return false, fmt.Errorf("join the parts of a text: %w", err)
		}
		whole.Write(text)
	}
	st.in.Text = mend(whole.String())
	ch, err := st.change()
	if err != nil {
		return false, err
	}
	ch.Case.Texts = without(ch.Case.Texts, prefix)
	return true, nil
}

// mend joins the halves of an emoji that two parts were cut between. An adapter
// hands each half on as three octets, which are no UTF-8.
func mend(s string) string {
	const half = "\xed"
	var b strings.Builder
	for {
		i := strings.Index(s, half)
		if i < 0 || i+6 > len(s) {
			return b.String() + s
		}
		r := utf16.DecodeRune(surrogate(s[i:]), surrogate(s[i+3:]))
		if r == utf8.RuneError {
			b.WriteString(s[:i+1])
			s = s[i+1:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteRune(r)
		s = s[i+6:]
	}
}

// surrogate reads the three octets of half a character, or 0.
func surrogate(s string) rune {
	if s[0] != 0xed || s[1]&0xe0 != 0xa0 || s[2]&0xc0 != 0x80 {
		return 0
	}
	return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
}

// without is texts but for those whose field begins so. It shares nothing.
func without(texts []flows.Sealed, prefix string) []flows.Sealed {
	out := make([]flows.Sealed, 0, len(texts))
	for _, s := range texts {
		if !strings.HasPrefix(s.Field, prefix) {
			out = append(out, s)
		}
	}
	return out
}
