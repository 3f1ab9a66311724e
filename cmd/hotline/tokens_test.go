package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hotline/flows/access"
)

// TestTokenIsMadeOnThePageAndRevokedThere makes one as a person does, uses it, and
// takes it back.
func TestTokenIsMadeOnThePageAndRevokedThere(t *testing.T) {
	b := newBureau(t)
	code := b.codes["desk"][0]
	form := url.Values{"name": {"<script>bang</script>"}, "verb": {"see"}, "days": {"30"}, "place": {maiChau}, "code": {"000000"}}
	status, page, _ := b.ask("desk", http.MethodPost, "/tokens?lang=en", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, `id="why-code"`) || !strings.Contains(page, "&lt;script&gt;bang") || strings.Contains(page, "<script>bang") {
		t.Errorf("a wrong code: got %d, or what was typed is lost", status)
	}
	form.Set("code", code)
	status, page, _ = b.ask("desk", http.MethodPost, "/tokens?lang=en", form)
	secret := regexp.MustCompile(`hotline_[a-z0-9]{8}_[a-z0-9]{32}`).FindString(page)
	if status != http.StatusOK || secret == "" {
		t.Fatalf("no token is shown: %d", status)
	}
	if me := b.ok("", secret, get("/me")); me["account"] != "desk" {
		t.Errorf("it works for %v", me)
	}
	if _, page, _ = b.ask("desk", http.MethodGet, "/tokens", nil); strings.Contains(page, secret) || !strings.Contains(page, secret[8:16]) {
		t.Error("the token is shown again, or not listed")
	}
	if status, _, _ = b.ask("auditor", http.MethodPost, "/tokens/"+secret[8:16]+"/revoke", nil); status != http.StatusNotFound {
		t.Errorf("somebody else revokes it: %d", status)
	}
	if status, _, _ = b.ask("desk", http.MethodPost, "/tokens/"+secret[8:16]+"/revoke", nil); status != http.StatusSeeOther {
		t.Errorf("revoking: got %d", status)
	}
	b.no(http.StatusUnauthorized, "token", secret, get("/me"))
	if _, page, _ = b.ask("auditor", http.MethodGet, "/tokens?lang=en", nil); strings.Contains(page, `value="`+string(access.See)+`"`) {
		t.Error("the auditor is offered cases")
	}
}
