package handlertest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
)

// Sender hands a message to a provider. Every provider folder has one.
type Sender interface {
	Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error)
}

// Letter is one message out: the exact request that it must leave as, the canned
// response, and what must be made of it.
type Letter struct {
	Name    string // a phrase
	Message flows.Message
	To      string

	Path   string            // with its query
	Header map[string]string // those that matter
	Form   url.Values        // the body, if it is a form
	JSON   string            // the body, if it is JSON

	Respond int // 200 unless set
	With    string

	Want      flows.Sending
	Reason    string // of the SendError; empty: none
	Temporary bool
	Unknown   bool
}

// RunLetters plays a table of messages. The provider is made for the address of
// a server on this machine.
func RunLetters(t *testing.T, provider func(address string) Sender, table []Letter) {
	t.Helper()
	for _, l := range table {
		t.Run(l.Name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				l.compare(t, r)
				w.WriteHeader(max(l.Respond, http.StatusOK))
				_, _ = io.WriteString(w, l.With)
			}))
			defer server.Close()
			got, err := provider(server.URL).Send(t.Context(), l.Message, Phone(l.To))
			if asked != 1 {
				t.Errorf("%d requests left, want 1", asked)
			}
			if diff := cmp.Diff(l.Want, got); diff != "" {
				t.Errorf("sending (-want +got)\n%s", diff)
			}
			l.judge(t, err)
		})
	}
}

// compare checks the request that left.
func (l Letter) compare(t *testing.T, r *http.Request) {
	if got := r.URL.RequestURI(); got != l.Path {
		t.Errorf("path %q, want %q", got, l.Path)
	}
	for k, v := range l.Header {
		if got := r.Header.Get(k); got != v {
			t.Errorf("header %s %q, want %q", k, got, v)
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	if l.Form != nil {
		got, err := url.ParseQuery(string(body))
		if diff := cmp.Diff(l.Form, got); err != nil || diff != "" {
			t.Errorf("form %v (-want +got)\n%s", err, diff)
		}
	}
	if l.JSON != "" {
		var want, got any
		_ = json.Unmarshal([]byte(l.JSON), &want)
		_ = json.Unmarshal(body, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("JSON (-want +got)\n%s", diff)
		}
	}
}

// judge checks the error, and that it tells nothing of the message.
func (l Letter) judge(t *testing.T, err error) {
	if l.Reason == "" {
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
		return
	}
	var sent *flows.SendError
	if !errors.As(err, &sent) {
		t.Fatalf("error %v, want a SendError", err)
	}
	if sent.Reason != l.Reason || sent.Temporary != l.Temporary || sent.Unknown != l.Unknown {
		t.Errorf("reason %s temporary %t unknown %t, want %s %t %t",
			sent.Reason, sent.Temporary, sent.Unknown, l.Reason, l.Temporary, l.Unknown)
	}
	if want := !l.Temporary && l.Reason != "bad_number"; sent.Elsewhere != want {
		t.Errorf("elsewhere %t, want %t", sent.Elsewhere, want)
	}
	for _, secret := range []string{l.To, strings.TrimPrefix(l.To, "+"), l.Message.Text} {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells the message: %v", err)
		}
	}
}
