package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestInvitingNobodyIsRefusedBesideTheList: what is wrong stands at the field, in
// the reader's language.
func TestInvitingNobodyIsRefusedBesideTheList(t *testing.T) {
	o := newOffice(t)
	for _, who := range []string{"", "nobody-of-that-name", "role:none"} {
		status, page, _ := o.ask("desk", http.MethodPost, "/accounts?lang=vi", url.Values{"for": {who}})
		if status != http.StatusUnprocessableEntity {
			t.Errorf("inviting %q: %d, want 422", who, status)
		}
		if !strings.Contains(page, `aria-describedby="why-for"`) || !strings.Contains(page, `id="why-for" role="alert">`+o.data.texts.Text("vi", "console.sign.why.choose")) || strings.Contains(page, `class="note bad"`) {
			t.Errorf("inviting %q is not refused beside the list", who)
		}
	}
}
