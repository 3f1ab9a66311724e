package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"hotline/flows"
)

// The reasons why a message did not leave. The set is closed, so that it can be
// a metric label; providers map their own codes to it.
const (
	ReasonRefused     = "refused"     // the provider will not, now or later
	ReasonBadNumber   = "bad_number"  // no such subscriber, or not one that can be texted
	ReasonOptedOut    = "opted_out"   // the subscriber wrote STOP to the provider
	ReasonNoRoute     = "no_route"    // the provider does not reach that network
	ReasonBadText     = "bad_text"    // too long, or a template that was not registered
	ReasonCredentials = "credentials" // our account, token or balance
	ReasonBusy        = "busy"        // too many at once
	ReasonDown        = "provider_down"
	ReasonTimeout     = "timeout"
	ReasonUnreachable = "unreachable"
	ReasonAnswer      = "unreadable_answer" // accepted, perhaps: the answer made no sense
)

// maxAnswer is how much of a provider's answer is read.
const maxAnswer = 64 << 10

// Caller hands requests to a provider. Its errors hold no URL, header or body,
// because those hold numbers, texts and secrets.
type Caller struct {
	Client  *http.Client  // nil: a client that follows no redirect
	Timeout time.Duration // of one request; 0: 10 s
}

// Answer is what a provider said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do sends one request and reads the whole answer. An error is a
// *flows.SendError that tells "it never left" from "it may have arrived".
func (c Caller) Do(ctx context.Context, req *http.Request) (Answer, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteRequest: func(i httptrace.WroteRequestInfo) { wrote.Store(i.Err == nil) },
	})
	resp, err := c.client().Do(req.WithContext(ctx))
	if err != nil {
		return Answer{}, lost(err, wrote.Load())
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return Answer{}, lost(err, true)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

func (c Caller) client() *http.Client {
	if c.Client != nil {
		return c.Client
	}
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// lost says what became of a request that got no answer. Once it was written the
// provider may have acted on it, and sending it again could double the message.
func lost(err error, wrote bool) error {
	e := &flows.SendError{Temporary: true, Unknown: wrote, Reason: ReasonUnreachable}
	if wrote {
		e.Reason = ReasonTimeout
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Reason, e.Err = ReasonTimeout, context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		e.Err = context.Canceled
	}
	return e
}

// Refuse makes the error of a message that this provider will never take. A
// number that does not exist is the same everywhere; any other reason is this
// provider's own.
func Refuse(reason string, cause error) *flows.SendError {
	return &flows.SendError{Reason: reason, Elsewhere: reason != ReasonBadNumber, Err: cause}
}

// Judge turns an HTTP status into an error, or nil for a 2xx. It knows nothing
// of a provider's own codes: those go first.
func Judge(status int) error {
	cause := fmt.Errorf("http status %d", status)
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusTooManyRequests:
		return &flows.SendError{Temporary: true, Reason: ReasonBusy, Err: cause}
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusPaymentRequired:
		return &flows.SendError{Temporary: true, Reason: ReasonCredentials, Err: cause}
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return &flows.SendError{Temporary: true, Unknown: true, Reason: ReasonTimeout, Err: cause}
	case status >= 500:
		return &flows.SendError{Temporary: true, Reason: ReasonDown, Err: cause}
	default:
		return Refuse(ReasonRefused, cause)
	}
}

// TextsOnly refuses a call, for a provider that only texts: its words are made to
// be heard, and ask for keys that a text does not have.
func TextsOnly(m flows.Message) error {
	if m.Channel == flows.Voice {
		return Refuse(ReasonNoRoute, errors.New("this provider makes no calls"))
	}
	return nil
}
