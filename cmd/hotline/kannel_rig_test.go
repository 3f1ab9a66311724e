package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/handlers/handlertest"
	"hotline/store"
)

// byKannel is the built program behind Debian's Kannel and an operator's SMSC.
type byKannel struct {
	*served
	t        *testing.T
	operator *handlertest.Operator
	kannel   *handlertest.Kannel
	store    *store.Store
	cursor   store.Cursor
	log      *handlertest.Log
}

// kannelFolder is where the example configuration is.
const kannelFolder = "../../handlers/kannel"

// startByKannel starts all of it. Kannel calls the hotline at an address; empty:
// where it listens.
func startByKannel(t *testing.T, at string) *byKannel {
	t.Helper()
	k := &byKannel{t: t, served: newServed(t), log: &handlertest.Log{}}
	k.stderr = k.log
	k.operator = handlertest.NewOperator(t, kannelFolder)
	k.kannel = handlertest.NewKannel(t, kannelFolder)
	at = cmp.Or(at, k.address())
	k.onRedis(k.settings(at)...)
	k.store, _ = k.look(t)
	k.kannel.Start(k.operator, at, planted...)
	k.operator.Wait("bound")
	t.Cleanup(func() {
		handlertest.NoCanary(t, k.log.String(), append(planted, handlertest.KannelToken, handlertest.KannelPassword)...)
	})
	return k
}

// planted are what no log may hold.
var planted = []string{"960000901", "960000902", "960000903", "960000904", "nhốt", "nhot", "Mai Chau"}

// settings are what an operator of the hotline writes for Kannel. One text to
// reporters keeps its accents.
func (k *byKannel) settings(at string) []string {
	k.t.Helper()
	files := filepath.Join(k.dir, "files")
	if err := os.CopyFS(files, configs.Files); err != nil {
		k.t.Fatal(err)
	}
	name := filepath.Join(files, "locales/vi/plain.yaml")
	plain := strings.Replace(readFile(k.t, "configs/locales/vi/plain.yaml"), "accented: [", "accented: [sms.stop, ", 1)
	if err := os.WriteFile(name, []byte(plain), 0o600); err != nil {
		k.t.Fatal(err)
	}
	reports := "" // beside it
	if at != k.address() {
		reports = "http://" + at
	}
	return []string{
		"HOTLINE_KANNEL_REPORT_URL=" + reports,
		"HOTLINE_DIRECTORY=sample", "HOTLINE_FILES=" + files, "HOTLINE_PUBLIC_URL=https://hotline.example.org", "HOTLINE_ROUTES_SMS=kannel", "HOTLINE_LOG_LEVEL=debug",
		"HOTLINE_KANNEL_TOKEN=" + handlertest.KannelToken, "HOTLINE_KANNEL_SEND_URL=" + k.kannel.SendURL,
		"HOTLINE_KANNEL_USER=" + handlertest.KannelUser, "HOTLINE_KANNEL_PASSWORD=" + handlertest.KannelPassword,
		"HOTLINE_KANNEL_FROM=" + handlertest.ShortCode, "HOTLINE_KANNEL_SMSC=" + handlertest.KannelSMSC,
	}
}

// until follows the feed of the store until an event fits.
func (k *byKannel) until(what string, fits func(store.Entry) bool) store.Entry {
	k.t.Helper()
	ctx, cancel := context.WithTimeout(k.t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		entries, cursor, err := k.store.Tail(ctx, k.cursor, 1)
		if err != nil {
			k.t.Fatalf("%s: %v", what, err)
		}
		k.cursor = cursor
		for _, e := range entries {
			if fits(e) {
				return e
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			k.t.Fatalf("the store did not see %s", what)
		}
	}
}

// all are the open cases.
func (k *byKannel) all(want int) []flows.Case {
	k.t.Helper()
	all, err := k.store.Open(k.t.Context())
	if err != nil || len(all) != want {
		k.t.Fatalf("%d cases are open, want %d, %v", len(all), want, err)
	}
	return all
}

// open is the youngest of the open cases.
func (k *byKannel) open(want int) flows.Case {
	k.t.Helper()
	return slices.MaxFunc(k.all(want), func(a, b flows.Case) int { return a.Opened.Compare(b.Opened) })
}

// says texts the short code and expects one reply with words in it.
func (k *byKannel) says(from, text, want string) handlertest.Heard {
	k.t.Helper()
	k.operator.Deliver(handlertest.Handset{From: from, To: handlertest.ShortCode, Text: text})
	got := k.operator.Text(from)
	if !strings.Contains(got.Text, want) {
		k.t.Fatalf("the reply is %q in coding %d, want %q in it", got.Text, got.Coding, want)
	}
	return got
}

// screen is one step of a USSD session.
type screen struct {
	op      int
	session string
	text    string
	want    string
	last    bool
}

// dials plays steps of a session and returns the last screen.
func (k *byKannel) dials(from string, steps ...screen) string {
	k.t.Helper()
	var got handlertest.Heard
	for _, s := range steps {
		k.sends(from, s)
		got = k.shows(from, s)
	}
	return got.Text
}

func (k *byKannel) sends(from string, s screen) {
	k.t.Helper()
	k.operator.Deliver(handlertest.Handset{From: from, To: "*1111#", Text: s.text, Op: &s.op, Session: s.session})
}

// shows expects the screen of a step: a question by USSR request, the last word
// by PSSR response with the end of the session marked.
func (k *byKannel) shows(from string, s screen) handlertest.Heard {
	k.t.Helper()
	got := k.operator.Text(from)
	op, session := 2, s.session
	if s.last {
		op, session = 17, s.session[:3]+string(s.session[3]+1)
	}
	if !strings.Contains(got.Text, s.want) || got.Op != op || got.Session != session || got.Service != "USSD" || got.From != "*1111#" {
		k.t.Fatalf("after %q the screen is %+v, want %q with op %d in session %s", s.text, got, s.want, op, session)
	}
	return got
}

// alerted waits until every member who was asked has the alert on the handset.
func (k *byKannel) alerted(c flows.Case, want flows.Delivery) {
	k.t.Helper()
	left := map[flows.MessageID]bool{}
	for _, a := range c.Alerts {
		left[a.ID] = true
	}
	k.cursor = nil
	for len(left) > 0 {
		e := k.until("that alerts are "+string(want), func(e store.Entry) bool {
			return e.Event.Kind == flows.EventDelivery && e.Event.Detail["delivery"] == string(want) && left[e.Event.Message]
		})
		delete(left, e.Event.Message)
	}
}

// address is where the hotline listens.
func (k *byKannel) address() string { return strings.TrimPrefix(k.caller.base, "http://") }

// phone is a member's number as the operator writes it.
func (k *byKannel) phone(m flows.MemberID) string {
	k.t.Helper()
	d, err := k.store.Directory(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	for _, has := range d.Members {
		if has.ID == m {
			return strings.TrimPrefix(has.Phones[0].E164(), "+")
		}
	}
	k.t.Fatalf("the directory has no %s", m)
	return ""
}
