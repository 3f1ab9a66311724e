package twilio_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
)

// webhook is one request that Twilio's own library signed.
type webhook struct {
	Base, Path, Body, Signature string
}

const webhooks = 200

// TestPeerSignsWebhooks asks Twilio's library for Node to sign generated
// webhooks. All of them are accepted; each is then changed in one place, and
// none of those is.
func TestPeerSignsWebhooks(t *testing.T) {
	out := handlertest.Run(t, handlertest.Node(t, "testdata/peer", "sign.js", "200", nextToken))
	dec := json.NewDecoder(bytes.NewReader(out))
	accepted, refused := 0, 0
	for i := 0; dec.More(); i++ {
		var w webhook
		if err := dec.Decode(&w); err != nil {
			t.Fatal(err)
		}
		if err := verify(t, w); err != nil {
			t.Errorf("webhook %d at %s%s: %v", i, w.Base, w.Path, err)
		} else {
			accepted++
		}
		bad := tamper(w, i)
		if verify(t, bad) == nil {
			t.Errorf("tampered webhook %d was accepted:\n%+v\n%+v", i, w, bad)
		} else {
			refused++
		}
	}
	if accepted != webhooks || refused != webhooks {
		t.Errorf("accepted %d and refused %d of %d", accepted, refused, webhooks)
	}
}

// FuzzVerify looks for a body that is accepted with a signature of another.
func FuzzVerify(f *testing.F) {
	f.Add("/twilio/sms", "a=1&b=2&a=0", "a=1&b=2")
	f.Add("/twilio/sms?x=%20", "Body=%E1%BA%A1", "")
	f.Fuzz(func(t *testing.T, path, signed, sent string) {
		if u, err := url.ParseRequestURI(path); err != nil || u.Host != "" || !strings.HasPrefix(path, "/") || u.RequestURI() != path {
			t.Skip()
		}
		want, err1 := url.ParseQuery(signed)
		got, err2 := url.ParseQuery(sent)
		if err1 != nil || err2 != nil || base(want) == base(got) {
			t.Skip()
		}
		w := webhook{Base: publicURL, Path: path, Body: sent, Signature: handlertest.SignTwilio(token, publicURL+path, signed)}
		if verify(t, w) == nil {
			t.Fatalf("%q was accepted with the signature of %q", sent, signed)
		}
		w.Body = signed
		if err := verify(t, w); err != nil {
			t.Fatalf("%q was refused: %v", signed, err)
		}
	})
}

// base is what Twilio signs of a form.
func base(form url.Values) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(form)) {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(form[k]))) {
			b.WriteString(k + v)
		}
	}
	return b.String()
}

func verify(t *testing.T, w webhook) error {
	t.Helper()
	p := provider(t, func(c *twilio.Config) { c.PublicURL = w.Base })
	r := httptest.NewRequestWithContext(t.Context(), "POST", w.Path, strings.NewReader(w.Body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", w.Signature)
	return p.Verify(r)
}

// tamper changes one thing. It keeps clear of what the scheme itself cannot see:
// where a name ends and its value begins, and how often a value is repeated.
func tamper(w webhook, i int) webhook {
	form, _ := url.ParseQuery(w.Body)
	switch i % 8 {
	case 0:
		form.Set("Body", form.Get("Body")+"x")
	case 1:
		form.Set("From", "+84900000666")
	case 2:
		form.Del("MessageSid")
	case 3:
		form.Set("Extra", "")
	case 4:
		form.Add("To", "2222")
	case 5:
		w.Path += map[bool]string{true: "&", false: "?"}[strings.Contains(w.Path, "?")] + "x=1"
	case 6:
		w.Base = strings.Replace(w.Base, "example.org", "example.com", 1)
	case 7:
		last := len(w.Signature) - 5
		w.Signature = w.Signature[:last] + map[bool]string{true: "B", false: "A"}[w.Signature[last] == 'A'] + w.Signature[last+1:]
	}
	w.Body = form.Encode()
	return w
}
