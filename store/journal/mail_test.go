package journal_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/store/journal"
)

// sink is a mail server that keeps what it gets.
type sink struct {
	addr   string
	tls    *tls.Config // nil: it offers none
	refuse string      // the command that it refuses
	mute   bool        // it takes connections and says nothing

	mu      sync.Mutex
	letters []string
	signed  []string // what was said at signing in
	secured bool
}

func startSink(t *testing.T, s *sink) *sink {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	var wg sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		wg.Wait()
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { s.talk(c) })
		}
	}()
	return s
}

// talk is one conversation, as far as a letter needs it (RFC 5321).
func (s *sink) talk(c net.Conn) {
	defer func() { _ = c.Close() }()
	say := func(line string) { _, _ = fmt.Fprintf(c, "%s\r\n", line) }
	if s.mute {
		_, _ = bufio.NewReader(c).ReadString('\n')
		return
	}
	say("220 sink")
	lines, safe := bufio.NewReader(c), false
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.EqualFold(verb, s.refuse):
			say("550 not here")
		case verb == "EHLO" && s.tls != nil && !safe:
			say("250-sink\r\n250 STARTTLS")
		case verb == "EHLO":
			say("250-sink\r\n250 AUTH PLAIN")
		case verb == "STARTTLS":
			say("220 go on")
			secured := tls.Server(c, s.tls)
			c, lines, safe = secured, bufio.NewReader(secured), true
		case verb == "AUTH":
			plain, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN "))
			s.mu.Lock()
			s.signed, s.secured = append(s.signed, string(plain)), safe
			s.mu.Unlock()
			say("235 welcome")
		case verb == "DATA":
			say("354 go on")
			var letter strings.Builder
			for line, err = lines.ReadString('\n'); err == nil && line != ".\r\n"; line, err = lines.ReadString('\n') {
				letter.WriteString(line)
			}
			s.mu.Lock()
			s.letters = append(s.letters, letter.String())
			s.mu.Unlock()
			say("250 kept")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 yes")
		}
	}
}

// authority is a certificate for 127.0.0.1 and who trusts it.
func authority(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	h := httptest.NewTLSServer(nil)
	defer h.Close()
	pool := x509.NewCertPool()
	pool.AddCert(h.Certificate())
	return &tls.Config{Certificates: h.TLS.Certificates, MinVersion: tls.VersionTLS12}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// TestCheckpointByMail: over TLS, with a password, and what arrives proves the
// journal.
func TestCheckpointByMail(t *testing.T) {
	server, client := authority(t)
	s := startSink(t, &sink{tls: server})
	o := options(t.TempDir())
	j := open(t, o)
	appendAll(t, j, record(1))
	m := journal.MailWitness{
		Server: s.addr, From: "hotline@example.org", To: []string{"audit@example.org", "court@example.org"},
		User: "hotline", Password: "secret", Subject: "Nhật ký đường dây nóng", TLS: client,
	}
	c, err := j.Testify(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.letters) != 1 || !s.secured || cmp.Diff([]string{"\x00hotline\x00secret"}, s.signed) != "" {
		t.Fatalf("%d letters, signed in as %q, over TLS: %v", len(s.letters), s.signed, s.secured)
	}
	head, body, _ := strings.Cut(s.letters[0], "\r\n\r\n")
	for _, want := range []string{"To: audit@example.org, court@example.org", "Subject: =?utf-8?q?", "Date: "} {
		if !strings.Contains(head, want) {
			t.Errorf("%q is missing from the head %q", want, head)
		}
	}
	var got journal.Checkpoint
	if err := json.Unmarshal([]byte(body[strings.Index(body, "{"):]), &got); err != nil || cmp.Diff(c, got) != "" {
		t.Errorf("%v %s", err, cmp.Diff(c, got))
	}
	if r := verify(t, o.Dir, got); !r.OK() || r.Checked != c.Count {
		t.Errorf("report = %+v", r)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(verb, m); strings.Contains(shown, "secret") {
			t.Errorf("%s shows the password", verb)
		}
	}
}

func TestMailWitnessThatFails(t *testing.T) {
	server, client := authority(t)
	_, stranger := authority(t)
	_ = client
	for name, c := range map[string]struct {
		sink *sink
		with func(*journal.MailWitness)
	}{
		"the letter is refused": {&sink{refuse: "DATA"}, nil},
		"the sender is refused": {&sink{refuse: "MAIL"}, nil},
		"a password but no TLS elsewhere": {&sink{}, func(m *journal.MailWitness) {
			m.User, m.Server = "u", strings.Replace(m.Server, "127.0.0.1", "127.0.0.2", 1)
		}},
		"another certificate": {&sink{tls: server}, func(m *journal.MailWitness) {
			m.TLS = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		}},
		"it says nothing": {&sink{mute: true}, func(m *journal.MailWitness) { m.Timeout = 50 * time.Millisecond }},
		"no port":         {&sink{}, func(m *journal.MailWitness) { m.Server = "mail.example.org" }},
		"nobody there":    {&sink{}, func(m *journal.MailWitness) { m.Server = "127.0.0.1:1" }},
	} {
		t.Run(name, func(t *testing.T) {
			s := startSink(t, c.sink)
			m := journal.MailWitness{Server: s.addr, From: "a@example.org", To: []string{"b@example.org"}, Password: "secret", TLS: stranger}
			if c.with != nil {
				c.with(&m)
			}
			err := m.Witness(context.Background(), journal.Checkpoint{Chain: "x", Count: 1, At: start})
			if err == nil || strings.Contains(err.Error(), "secret") || len(s.letters) > 0 {
				t.Errorf("Witness = %v with %d letters", err, len(s.letters))
			}
		})
	}
}
