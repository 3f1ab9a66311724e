package journal

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/smtp"
	"strings"
	"time"
)

// MailWitness mails each checkpoint to people who keep it: a mailbox at another
// house proves later what the journal held. A letter holds a count, a hash and a
// time, in words for people and as the line that `journal verify` reads.
type MailWitness struct {
	Server   string // host and port, as mail.example.org:587
	From     string
	To       []string
	User     string // empty: the server wants no name
	Password string
	// Subject is for the mailbox's filters, in any script.
	Subject string
	// Timeout is for the whole letter; 0: 30 s.
	Timeout time.Duration
	TLS     *tls.Config // nil: by the name of the server, with the roots of the system
}

// Witness implements Witness. It goes over to TLS if the server offers it, and
// gives a password to nobody without.
func (m MailWitness) Witness(ctx context.Context, c Checkpoint) error {
	if err := m.mail(ctx, c); err != nil {
		return fmt.Errorf("mail checkpoint: %w", err)
	}
	return nil
}

func (m MailWitness) mail(ctx context.Context, c Checkpoint) error {
	letter, err := m.letter(c)
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil {
		return errors.New("the server has no port")
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(m.Timeout, 30*time.Second))
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.Server)
	if err != nil {
		return err
	}
	// The library knows no context: whatever ends ours ends the connection.
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	client, err := smtp.NewClient(conn, host)
	if err != nil {
		_ = conn.Close()
		return err
	}
	defer client.Close()
	if err := m.greet(client, host); err != nil {
		return err
	}
	return m.post(client, letter)
}

// greet goes over to TLS and signs in.
func (m MailWitness) greet(client *smtp.Client, host string) error {
	if ok, _ := client.Extension("STARTTLS"); ok {
		conf := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
		if m.TLS != nil {
			conf = m.TLS.Clone()
			conf.ServerName = host
		}
		if err := client.StartTLS(conf); err != nil {
			return err
		}
	}
	if m.User == "" {
		return nil
	}
	return client.Auth(smtp.PlainAuth("", m.User, m.Password, host))
}

func (m MailWitness) post(client *smtp.Client, letter string) error {
	if err := client.Mail(m.From); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := client.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, letter); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return client.Quit()
}

// letter is the whole message (RFC 5322).
func (m MailWitness) letter(c Checkpoint) (string, error) {
	line, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\n", m.From, strings.Join(m.To, ", "), mime.QEncoding.Encode("utf-8", m.Subject))
	fmt.Fprintf(&b, "Date: %s\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", c.At.Format(time.RFC1123Z))
	fmt.Fprintf(&b, "journal %s: %d records, the last %s\r\n\r\n%s\r\n", c.Chain, c.Count, c.Hash, line)
	return b.String(), nil
}

// String hides the password.
func (m MailWitness) String() string { return "[witness]" }

// Format hides the password for every verb.
func (m MailWitness) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }
