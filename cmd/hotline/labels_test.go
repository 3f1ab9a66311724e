package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"hotline/flows"
)

// labelled are all series of the registry with their label values.
func (h *house) labelled(t *testing.T) map[string][]string {
	t.Helper()
	families, err := h.figures.web.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name, values := f.GetName(), []string(nil)
			for _, l := range m.GetLabel() {
				name += " " + l.GetName() + "=" + l.GetValue()
				values = append(values, l.GetName()+"="+l.GetValue())
			}
			all[name] = values
		}
	}
	return all
}

// odd sends what nobody expects, made of a word, to every way in: paths, methods,
// queries, headers, fields, words of status, names of sessions.
func (h *house) odd(word, number string) {
	h.plant(number, []string{number}, word)
	form := url.Values{"id": {word}, "status": {word}, "failureReason": {word}, "networkCode": {word}, "phoneNumber": {number}, "MessageSid": {word}, "MessageStatus": {word}, "ErrorCode": {word}}
	for _, to := range []http.Handler{h.l.public, h.l.internal} {
		for _, path := range []string{"/africastalking/at-token/status", "/africastalking/at-token/ussd/end", "/kannel/kannel-token/status?status=" + word + "&id=" + word, "/plain/status", "/" + word, "/metrics/" + word, "/cases/" + word + "/forms/" + word, "/r/" + word, "/board?" + word + "=" + word} {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, "M" + strings.ToUpper(word)} {
				h.send(to, method, path, formKind, form.Encode(), map[string]string{"X-Request-Id": word, "User-Agent": word, "Accept-Language": word, "X-Forwarded-For": word, "Content-Language": word})
			}
		}
	}
	h.twilio("/twilio/status", form)
	h.twilio("/twilio/sms", url.Values{"MessageSid": {"SM" + word}, "From": {word}, "To": {word}, "Body": {word}, "FromCountry": {word}})
	h.call(word, number, word+"*"+word)
	h.figures.committed(flows.Change{Events: []flows.Event{{Kind: flows.EventRouted, Reason: word}, {Kind: flows.EventKind(word), Reason: word}}})
}

// TestLabelsAreFromClosedSets walks the whole registry after strange traffic: other
// strange words make no new series, and no value of a label is anything that came in.
func TestLabelsAreFromClosedSets(t *testing.T) {
	h := newHouse(t)
	routes := map[string]bool{"unmatched": true}
	for _, r := range append(h.l.public.Routes(), h.l.internal.Routes()...) {
		routes[r.Path] = true
	}
	h.odd("qzaxwone", "+84913572468")
	h.odd("qzaxwtwo", "+84913572467")
	h.work(t)
	before := h.labelled(t)
	for n := range 3 {
		h.odd(fmt.Sprint("qzaxwmore", n), fmt.Sprint("+8491357246", n))
	}
	after := h.labelled(t)
	word := regexp.MustCompile(`^[a-z]+=[A-Za-z0-9_./:*-]{0,60}$`)
	looked := 0
	for series, values := range after {
		if _, ok := before[series]; !ok {
			t.Errorf("more strange words make a new series: %s", series)
		}
		for _, v := range values {
			looked++
			if strings.Contains(strings.ToLower(v), "qzaxw") || !word.MatchString(v) || flows.MaskNumbers(v) != v {
				t.Errorf("%s: the label %q is of a stranger", series, v)
			}
			if route, ok := strings.CutPrefix(v, "route="); ok && !routes[route] {
				t.Errorf("%s: %q is no template of a route", series, route)
			}
		}
	}
	if len(after) < 100 || looked < 100 {
		t.Errorf("%d series with %d labels: this tests nothing", len(after), looked)
	}
	t.Logf("%d series, %d labels", len(after), looked)
}
