package phones_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/handlers/phones"
)

var start = time.Date(2026, 11, 23, 2, 30, 0, 0, time.UTC)

const number = "+84900000101"

// network makes a network and the list of what it reported.
func network(t *testing.T, o phones.Options) (*phones.Network, func() []flows.Status) {
	t.Helper()
	reports := make(chan flows.Status, 9)
	o.Name, o.From, o.Now = "demo", "1111", func() time.Time { return start }
	o.Report = func(_ context.Context, s flows.Status) error { reports <- s; return nil }
	n := phones.New(o)
	return n, func() []flows.Status {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { n.Run(ctx); close(done) }()
		synctest.Wait()
		stop()
		<-done
		var all []flows.Status
		for len(reports) > 0 {
			all = append(all, <-reports)
		}
		return all
	}
}

func send(t *testing.T, n *phones.Network, ch flows.Channel, text string) flows.Sending {
	t.Helper()
	to, err := flows.ParsePhone(number)
	if err != nil {
		t.Fatal(err)
	}
	s, err := n.Send(t.Context(), flows.Message{ID: "07abc/1", Channel: ch, Text: text}, to)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTextIsShownAndReportedDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, reports := network(t, phones.Options{})
		s := send(t, n, flows.SMS, "GAP K7F4")
		want := []phones.Text{{At: start, From: "1111", Text: "GAP K7F4", Direction: "in"}}
		if diff := cmp.Diff(n.Phone(number).Texts, want); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(reports(), []flows.Status{{Provider: "demo", ID: s.ID, Message: "07abc/1", Delivery: flows.Delivered, At: start}}); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTextToPhoneThatIsOffIsReportedUndelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, reports := network(t, phones.Options{})
		n.Power(number, false)
		send(t, n, flows.SMS, "GAP K7F4")
		send(t, n, flows.Voice, "GAP K7F4")
		if p := n.Phone(number); len(p.Texts)+len(p.Calls) != 0 || p.On {
			t.Errorf("got %+v", p)
		}
		for _, s := range reports() {
			if s.Delivery != flows.Undelivered || s.Reason != "switched_off" {
				t.Errorf("got %+v", s)
			}
		}
	})
}

func TestCallIsAnsweredByKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pressed []string
		n, reports := network(t, phones.Options{Key: func(_ context.Context, p flows.Phone, m flows.MessageID, key string) (flows.Reply, error) {
			pressed = append(pressed, p.E164()+" "+string(m)+" "+key)
			return flows.Reply{Text: "K7F4 la cua ban.", End: key != "1"}, nil
		}})
		s := send(t, n, flows.Voice, "Bam 1 de nhan.")
		c, err := n.Press(t.Context(), number, s.ID, "")
		if err != nil || c.State != phones.Answered {
			t.Fatalf("pick up: got %v, %v", c.State, err)
		}
		c, err = n.Press(t.Context(), number, s.ID, "1")
		if err != nil || c.Text != "K7F4 la cua ban." || c.State != phones.Answered {
			t.Fatalf("press: got %+v, %v", c, err)
		}
		if c, err = n.Press(t.Context(), number, s.ID, "3"); err != nil || c.State != phones.Ended {
			t.Fatalf("a second key: got %+v, %v", c, err)
		}
		if diff := cmp.Diff(pressed, []string{number + " 07abc/1 1", number + " 07abc/1 3"}); diff != "" {
			t.Error(diff)
		}
		if got := reports(); len(got) != 1 || got[0].Delivery != flows.Delivered {
			t.Errorf("got reports %+v", got)
		}
		want := []phones.Call{{ID: s.ID, At: start, Text: "Bam 1 de nhan.", State: phones.Ended}}
		if diff := cmp.Diff(n.Phone(number).Calls, want, cmpopts.IgnoreUnexported(phones.Call{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestCallThatNobodyAnswersIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, reports := network(t, phones.Options{Ring: time.Minute})
		send(t, n, flows.Voice, "Bam 1 de nhan.")
		<-time.NewTimer(time.Minute + time.Second).C // in the bubble no time passes
		if got := n.Phone(number).Calls[0].State; got != phones.Missed {
			t.Errorf("got %q", got)
		}
		if got := reports(); len(got) != 0 {
			t.Errorf("got reports %+v", got)
		}
	})
}

func TestDeclinedCallIsReportedUndelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, reports := network(t, phones.Options{})
		s := send(t, n, flows.Voice, "Bam 1 de nhan.")
		if _, err := n.HangUp(number, s.ID); err != nil {
			t.Fatal(err)
		}
		if got := reports(); len(got) != 1 || got[0].Delivery != flows.Undelivered || got[0].Reason != "declined" {
			t.Errorf("got reports %+v", got)
		}
	})
}

func TestPhoneThatIsSwitchedOffStopsRinging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := network(t, phones.Options{})
		send(t, n, flows.Voice, "Bam 1 de nhan.")
		n.Power(number, false)
		if got := n.Phone(number).Calls[0].State; got != phones.Missed {
			t.Errorf("got %q", got)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := network(t, phones.Options{})
		for range 2000 {
			send(t, n, flows.SMS, "x")
		}
		if got := len(n.Phone(number).Texts); got != 50 {
			t.Errorf("got %d texts", got)
		}
	})
}

func TestAddressesOfPhones(t *testing.T) {
	n := phones.New(phones.Options{Name: "demo", From: "1111", Now: func() time.Time { return start }})
	e := echo.New()
	n.Register(e)
	send(t, n, flows.SMS, "GAP K7F4")
	ask := func(method, path, body string) (int, string) {
		r := httptest.NewRecorder()
		e.ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body)))
		return r.Code, r.Body.String()
	}
	for _, path := range []string{"/phones/+84900000101", "/phones/84900000101", "/phones/%2B84900000101"} {
		code, body := ask(http.MethodGet, path, "")
		var got phones.State
		if err := json.Unmarshal([]byte(body), &got); code != http.StatusOK || err != nil || len(got.Texts) != 1 || got.Number != number {
			t.Errorf("%s: got %d %s", path, code, body)
		}
	}
	bad := []struct {
		name, method, path, body string
		want                     int
	}{
		{"a number that is none", "GET", "/phones/abc", "", 400},
		{"a call that is none", "POST", "/phones/84900000101/calls/x", `{"key":"1"}`, 404},
		{"a body that is no JSON", "POST", "/phones/84900000101/power", `x`, 400},
		{"a switch", "POST", "/phones/84900000101/power", `{"on":false}`, 204},
	}
	for _, b := range bad {
		if code, body := ask(b.method, b.path, b.body); code != b.want {
			t.Errorf("%s: got %d %s", b.name, code, body)
		}
	}
}
