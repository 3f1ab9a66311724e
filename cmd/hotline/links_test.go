package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/sms"
)

// postbox keeps what was sent.
type postbox struct{ last flows.Message }

func (p *postbox) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	p.last = m
	return flows.Sending{}, nil
}

// TestAlertsCarryALinkThatWorksOnce is a responder's link in service: from the
// text to the page, and not on a second phone.
func TestAlertsCarryALinkThatWorksOnce(t *testing.T) {
	o := newOffice(t)
	o.file(0, "PAN3", func(c *flows.Case) {
		c.Alerts = []flows.Alert{{ID: "x/1", Member: "mai-chau-duty-1", Level: flows.LevelDuty, At: o.now(), Channel: flows.SMS}}
	})
	box := &postbox{}
	o.mail.Sender, o.cfg.PublicURL = box, "https://hotline.example"
	o.addLinks()
	m := flows.Message{ID: "x/1", Ref: "PAN3", Channel: flows.SMS, Purpose: flows.PurposeAlert, Text: "KHAN CAP PAN3. Tra loi 1 PAN3 de nhan."}
	if _, err := o.mail.Sender.Send(t.Context(), m, flows.Phone{}); err != nil {
		t.Fatal(err)
	}
	text, path, ok := strings.Cut(box.last.Text, " https://hotline.example")
	if n, _ := sms.Segments(box.last.Text); !ok || text != m.Text || n != 1 {
		t.Fatalf("sent %q in %d segments", box.last.Text, n)
	}
	long := m
	long.Text = strings.Repeat("a", 140)
	if _, err := o.mail.Sender.Send(t.Context(), long, flows.Phone{}); err != nil || box.last.Text != long.Text {
		t.Errorf("a text without room was sent as %q, %v", box.last.Text, err)
	}
	open := func() int {
		r := httptest.NewRecorder()
		o.echo.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path+"/open", nil))
		return r.Code
	}
	if got := open(); got != http.StatusSeeOther {
		t.Errorf("the first phone: got %d", got)
	}
	if got := open(); got != http.StatusNotFound {
		t.Errorf("a second phone: got %d", got)
	}
}
