package wire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hotline/handlers/wire"
)

// Whoever checks a signature reads the body first, then the form is read, and
// somebody may still ask for it as it came.
func TestABodyIsReadAsOftenAsAsked(t *testing.T) {
	const sent = "From=%2B84960000123&Body=xin+ch%C3%A0o"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(sent))
	r.Header.Set("Content-Type", wire.TypeForm)
	for range 2 {
		b, err := wire.Whole(r)
		if err != nil || string(b.Bytes()) != sent {
			t.Fatalf("got %q, %v", b.Bytes(), err)
		}
		form, err := wire.Form(r)
		if err != nil || form.Get("Body") != "xin chào" {
			t.Fatalf("got %v, %v", form, err)
		}
	}
	if rest, err := io.ReadAll(r.Body); err != nil || string(rest) != sent {
		t.Errorf("got %q, %v", rest, err)
	}
}

func TestABodyThatIsNoFormIsRefusedEachTime(t *testing.T) {
	b := wire.NewBody([]byte("Body=%zz"))
	for range 2 {
		if form, err := b.Form(); err == nil {
			t.Errorf("got %v", form)
		}
	}
}
