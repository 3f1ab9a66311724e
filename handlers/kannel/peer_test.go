package kannel_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/handlertest"
	"hotline/handlers/kannel"
)

// patience is how long anything may take before the test gives up.
const patience = 30 * time.Second

// event is what the SMSC saw.
type event struct {
	Event, To, From, Text, Service, Session string
	Coding, Op                              int
}

// smsc is an operator: the npm library smpp in a process of its own.
type smsc struct {
	t      *testing.T
	port   string
	cmd    *exec.Cmd
	in     io.Writer
	events chan event
}

func (s *smsc) start() {
	s.t.Helper()
	s.cmd = handlertest.Node(s.t, "testdata/peer", "smsc.js", s.port)
	in, err1 := s.cmd.StdinPipe()
	out, err2 := s.cmd.StdoutPipe()
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err1 != nil || err2 != nil || err != nil {
		s.t.Fatal(err1, err2, err)
	}
	s.in, s.events = in, make(chan event, 100)
	go func(events chan<- event) {
		defer close(events)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var e event
			if json.Unmarshal(lines.Bytes(), &e) == nil {
				events <- e
			}
		}
	}(s.events)
	s.wait("listening")
}

func (s *smsc) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// wait returns the next event of a kind and skips others.
func (s *smsc) wait(kind string) event {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	for {
		select {
		case e, ok := <-s.events:
			if !ok {
				s.t.Fatalf("the SMSC ended while waiting for %q", kind)
			}
			if e.Event == kind {
				return e
			}
		case <-ctx.Done():
			s.t.Fatalf("no %q within %s", kind, patience)
		}
	}
}

// deliver hands a text, or a USSD message if op is not negative, to the hotline.
func (s *smsc) deliver(to, text string, op int, session string) {
	s.t.Helper()
	m := map[string]any{"from": "84901234567", "to": to, "text": text}
	if op >= 0 {
		m["op"], m["session"] = op, session
	}
	b, _ := json.Marshal(m)
	if _, err := s.in.Write(append(b, '\n')); err != nil {
		s.t.Fatal(err)
	}
}

// freePort is a port of loopback that nobody has.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// startKannel runs the example configuration, with its capitals filled in and
// its ports moved, and returns the address of sendsms.
func startKannel(t *testing.T, smscPort, hotline string) string {
	t.Helper()
	example, err := os.ReadFile("kannel.conf")
	if err != nil {
		t.Fatal(err)
	}
	dir, boxes, sendsms := t.TempDir(), freePort(t), freePort(t)
	conf := filepath.Join(dir, "kannel.conf")
	filled := strings.NewReplacer(
		"13000", freePort(t), "13001", boxes, "13013", sendsms, "2775", smscPort, "SMPP-HOST", "127.0.0.1", "127.0.0.1:8080", hotline,
		"/var/log/kannel", dir, "/var/spool/kannel", dir, "reconnect-delay = 5", "reconnect-delay = 1", "OPERATOR", "op", "SHORT-CODE", "1111",
		"PATH-TOKEN", "secret-path", "SENDSMS-PASSWORD", "secret-word", "SYSTEM-ID", "hotline", "SMPP-PASSWORD", "operator", "ADMIN-PASSWORD", "admin",
	).Replace(string(example))
	if err := os.WriteFile(conf, []byte(filled), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, start := range [][2]string{{"bearerbox", boxes}, {"smsbox", sendsms}} {
		box, port := start[0], start[1]
		path, err := exec.LookPath(box)
		if err != nil {
			t.Fatalf("%s is not installed: apt-get install kannel", box)
		}
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, "-v", "4", conf)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		waitPort(t, port)
	}
	t.Cleanup(func() { noNumbers(t, dir) })
	return "http://127.0.0.1:" + sendsms + "/cgi-bin/sendsms"
}

// noNumbers checks that the example keeps reporters out of Kannel's own logs.
func noNumbers(t *testing.T, dir string) {
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	for _, name := range logs {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		}
		handlertest.NoCanary(t, string(b), "901234567", "bé gái")
	}
	if len(logs) != 2 {
		t.Errorf("%d logs, want 2", len(logs))
	}
}

// waitPort waits until somebody listens.
func waitPort(t *testing.T, port string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("nobody listens on %s", port)
		}
	}
}

// statuses hands deliveries to a channel.
type statuses chan flows.Status

func (s statuses) Status(_ context.Context, st flows.Status) error {
	s <- st
	return nil
}

// script answers texts with an accented reply, and USSD with five screens.
func script(_ context.Context, in flows.Inbound) (flows.Reply, error) {
	if p := in.Part; p.Of > 0 {
		return flows.Reply{Text: fmt.Sprintf("%x", fmt.Sprintf("phần %d/%d %s: %s", p.Number, p.Of, p.Ref, in.Text)), End: true}, nil
	}
	if in.Channel == flows.SMS {
		return flows.Reply{Text: "Đã nhận: " + in.Text, End: true}, nil
	}
	screens := map[string]string{"": "1 Co 2 Khong", "2": "Chuyen gi?", "1": "Xa nao?", "Mai Chau": "May tuoi?", "3": "Ma 4821 9037"}
	return flows.Reply{Text: screens[in.Text], End: in.Text == "3"}, nil
}

// TestPeerKannel runs Debian's Kannel between an operator's SMSC and the hotline:
// a text and its Unicode reply, a message out and its report, five screens of
// USSD by TLV, and an operator who is away for a while.
func TestPeerKannel(t *testing.T) {
	operator := &smsc{t: t, port: freePort(t)}
	operator.start()
	t.Cleanup(func() { operator.stop() })

	reports := make(statuses, 20)
	listener := httptest.NewUnstartedServer(nil)
	sendsms := startKannel(t, operator.port, listener.Listener.Addr().String())
	p := provider(t, sendsms, func(c *kannel.Config) { c.ReportURL = "http://" + listener.Listener.Addr().String() })
	listener.Config.Handler = handlers.NewPublic(handlers.Options{
		Kannel: p, Conversation: &handlertest.Desk{Handler: script}, Deliveries: reports, Now: func() time.Time { return handlertest.Now },
	})
	listener.Start()
	t.Cleanup(listener.Close)
	operator.wait("bound")

	operator.deliver("1111", "bé gái nhà bên {€}", -1, "")
	if got := operator.wait("submit"); got.Text != "Đã nhận: bé gái nhà bên {€}" || got.Coding != 8 || got.To != "84901234567" || got.From != "1111" {
		t.Errorf("the reply to a text is %+v", got)
	}

	longText(t, operator)

	m := flows.Message{ID: "07abc/1", Text: "GAP K7F4. Tra loi 1 K7F4"}
	send(t, p, m)
	if got := operator.wait("submit"); got.Text != m.Text || got.Coding != 0 || got.To != "84900000101" {
		t.Errorf("the message out is %+v", got)
	}
	waitDelivered(t, reports, m.ID)

	dialogue(t, operator)

	operator.stop()
	late := flows.Message{ID: "07abc/2", Text: "sent while the operator is away"}
	send(t, p, late)
	operator.start()
	operator.wait("bound")
	if got := operator.wait("submit"); got.Text != late.Text {
		t.Errorf("after the restart came %+v", got)
	}
	waitDelivered(t, reports, late.ID)
	dialogue(t, operator)
}

// longText delivers a text in two parts, the second first, cut between the halves
// of an emoji. Each reaches the hotline by itself and at once.
func longText(t *testing.T, operator *smsc) {
	t.Helper()
	for _, part := range []struct{ udh, ucs2, want string }{
		{"0500032a0202", "de220021", "phần 2/2 op/2a/2: \xed\xb8\xa2!"},
		{"0500032a0201", "0062d83d", "phần 1/2 op/2a/2: b\xed\xa0\xbd"},
	} {
		b, _ := json.Marshal(map[string]any{"from": "84901234567", "to": "1111", "text": "", "udh": part.udh, "ucs2": part.ucs2})
		if _, err := operator.in.Write(append(b, '\n')); err != nil {
			t.Fatal(err)
		}
		if got, want := operator.wait("submit").Text, fmt.Sprintf("%x", part.want); got != want {
			t.Errorf("a part came as %q, want %q", got, want)
		}
	}
}

// dialogue plays five screens.
func dialogue(t *testing.T, operator *smsc) {
	t.Helper()
	hops := []struct {
		op              int
		text, want      string
		wantOp          int
		session, answer string
	}{
		{1, "*1111#", "1 Co 2 Khong", 2, "2a02", "2a02"},
		{18, "2", "Chuyen gi?", 2, "2a04", "2a04"},
		{18, "1", "Xa nao?", 2, "2a06", "2a06"},
		{18, "Mai Chau", "May tuoi?", 2, "2a08", "2a08"},
		{18, "3", "Ma 4821 9037", 17, "2a0a", "2a0b"},
	}
	for i, h := range hops {
		operator.deliver("*1111#", h.text, h.op, h.session)
		got := operator.wait("submit")
		if got.Text != h.want || got.Op != h.wantOp || got.Session != h.answer || got.Service != "USSD" {
			t.Errorf("screen %d is %+v, want %q with op %d and session %s", i+1, got, h.want, h.wantOp, h.answer)
		}
	}
}

func send(t *testing.T, p handlertest.Sender, m flows.Message) {
	t.Helper()
	if _, err := p.Send(t.Context(), m, handlertest.Phone("+84900000101")); err != nil {
		t.Fatal(err)
	}
}

func waitDelivered(t *testing.T, reports statuses, id flows.MessageID) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		select {
		case st := <-reports:
			if st.Message == id && st.Delivery == flows.Delivered {
				return
			}
		case <-ctx.Done():
			t.Fatalf("no report that %s was delivered", id)
		}
	}
}
