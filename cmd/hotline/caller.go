package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// caller dials a hotline over HTTP as Africa's Talking does for a handset. The
// benchmarks and the fault tests use it: they see what a network would see.
type caller struct {
	client *http.Client
	base   string // as http://127.0.0.1:8080
	token  string
}

// hop sends one hop of a session: the whole transcript so far. It returns the
// status and the body, as "CON …" or "END …".
func (c *caller) hop(ctx context.Context, session, phone, transcript string) (int, string, error) {
	form := url.Values{
		"sessionId": {session}, "phoneNumber": {phone}, "serviceCode": {"*1111#"},
		"networkCode": {"99999"}, "text": {transcript},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/africastalking/"+c.token+"/ussd", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", fmt.Errorf("dial: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("dial: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return 0, "", fmt.Errorf("read the screen: %w", err)
	}
	return resp.StatusCode, string(body), nil
}

// reportDialogue is the report of issue of record: not in danger now, beaten,
// Mai Chau, six to ten, no texts. Each entry is the transcript of one hop.
func reportDialogue() []string {
	return transcripts("2", "1", "Mai Chau", "2", "2")
}

// transcripts are the hops of a session with these answers.
func transcripts(answers ...string) []string {
	hops := []string{""}
	for i := range answers {
		hops = append(hops, strings.Join(answers[:i+1], "*"))
	}
	return hops
}
