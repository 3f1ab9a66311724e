package twilio_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
)

const sentBefore = `{"messages":[
 {"sid":"SM1","to":"+84900000101","body":"GAP K7F4","date_created":"Mon, 23 Nov 2026 07:00:00 +0000"},
 {"sid":"SM2","to":"+84900000102","body":"GAP K7F4","date_created":"Mon, 23 Nov 2026 08:00:00 +0000"},
 {"sid":"SM3","to":"+84900000101","body":"GAP A3C4","date_created":"Mon, 23 Nov 2026 08:00:00 +0000"}%s]}`

func TestFindBeforeSendingAgain(t *testing.T) {
	for _, tt := range []struct{ name, more, want string }{
		{"it had been accepted", `,{"sid":"SM4","to":"+84900000101","body":"GAP K7F4","date_created":"Mon, 23 Nov 2026 08:00:00 +0000"}`, "SM4"},
		{"it had not", ``, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handlertest.NoCanary(t, r.URL.String(), "900000101")
				_, _ = io.WriteString(w, strings.Replace(sentBefore, "%s", tt.more, 1))
			}))
			defer server.Close()
			p := provider(t, func(c *twilio.Config) { c.APIURL = server.URL })
			got, found, err := p.Find(t.Context(), flows.Message{Text: "GAP K7F4"}, handlertest.Phone("+84900000101"), handlertest.Now.Add(time.Millisecond))
			if err != nil || found != (tt.want != "") || got.ID != tt.want {
				t.Errorf("found %v %t %v, want %q", got, found, err, tt.want)
			}
		})
	}
}

func TestFindIsNoUseWithRedaction(t *testing.T) {
	p := provider(t, func(c *twilio.Config) { c.RedactTexts = true })
	if _, _, err := p.Find(t.Context(), flows.Message{}, handlertest.Phone("+84900000101"), handlertest.Now); err == nil {
		t.Error("no error")
	}
}
