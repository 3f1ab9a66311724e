package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"hotline/flows/account"
)

// arenaSupervisor is a member of the sample directory who may see every case.
const arenaSupervisor = "desk-1"

var (
	shownSecret   = regexp.MustCompile(`<p class="secret"><code>([A-Z2-7 ]+)</code>`)
	sessionCookie = regexp.MustCompile(`__Host-hotline=[^;]+`)
)

// signIn makes an account as an operator and a supervisor would, by the command
// that prints an invitation and the pages behind it. What has lost its accounts
// with its data gets a new one.
func (r *arena) signIn(ctx context.Context, s *serving) error {
	out, err := r.command(ctx, "admin", "invite", "--role", "supervisor", "--member", arenaSupervisor, "--config", s.config)
	if err != nil {
		return err
	}
	code, _, _ := strings.Cut(out, "\n")
	password := rand.Text()
	r.cookie = ""
	_, err = r.post(ctx, s, "/welcome", url.Values{
		"invitation": {code}, "name": {"s" + strings.ToLower(rand.Text()[:10])}, "password": {password}, "again": {password},
	})
	if err != nil {
		return err
	}
	_, page, err := r.get(ctx, "http://"+s.public+"/welcome/code", true)
	if err != nil {
		return err
	}
	m := shownSecret.FindStringSubmatch(page)
	if m == nil {
		return errors.New("the page of a new account shows no secret")
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(m[1], " ", ""))
	if err != nil {
		return fmt.Errorf("read the secret of a new account: %w", err)
	}
	_, err = r.post(ctx, s, "/welcome/code", url.Values{"code": {account.Code(secret, account.Step(realTime().Add(r.ahead)))}})
	return err
}

// post sends a form as the page itself would, and keeps the cookie that comes back.
func (r *arena) post(ctx context.Context, s *serving, path string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.public+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("send a form: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Cookie", r.cookie)
	resp, err := r.client.Transport.RoundTrip(req) // a redirect is an answer
	if err != nil {
		return "", fmt.Errorf("send a form: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("read the answer to a form: %w", err)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("%s answers %d", path, resp.StatusCode)
	}
	for _, c := range resp.Header.Values("Set-Cookie") {
		if v := sessionCookie.FindString(c); v != "" {
			r.cookie = v
		}
	}
	return string(body), nil
}
