package twilio

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"

	"hotline/flows"
	"hotline/handlers/wire"
)

// Send hands over one text or call. The status callback carries our message id,
// so that a word on a message can arrive before the answer to its request.
func (p *Provider) Send(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if m.Channel == flows.Voice {
		return p.call(ctx, m, to)
	}
	return p.text(ctx, m, to)
}

func (p *Provider) text(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	params := &api.CreateMessageParams{}
	params.SetTo(to.E164()).SetBody(m.Text)
	params.SetStatusCallback(p.config.PublicURL + "/twilio/status?m=" + url.QueryEscape(string(m.ID)))
	switch {
	case m.Sender != "":
		params.SetFrom(m.Sender)
	case p.config.Service != "":
		params.SetMessagingServiceSid(p.config.Service)
	default:
		params.SetFrom(p.config.From)
	}
	if p.config.RedactTexts {
		params.SetContentRetention("discard")
	}
	if p.config.RedactNumbers {
		params.SetAddressRetention("obfuscate")
	}
	sent, err := p.api(ctx).CreateMessage(params)
	if err != nil {
		return flows.Sending{}, sendError(err)
	}
	return accepted(sent.Sid)
}

// call makes a call, if there is a number to make it from: Twilio takes no
// sender's name for one.
func (p *Provider) call(ctx context.Context, m flows.Message, to flows.Phone) (flows.Sending, error) {
	if p.config.VoiceFrom == "" {
		return flows.Sending{}, wire.Refuse(wire.ReasonNoRoute, errors.New("twilio: no number to call from"))
	}
	q := url.Values{"m": {string(m.ID)}, "r": {string(m.Ref)}, "l": {m.Language}}
	if m.Urgent {
		q.Set("u", "1")
	}
	if m.Purpose == flows.PurposeNotice {
		q.Set("k", "1") // a code is read out, and no key is asked for
	}
	params := &api.CreateCallParams{}
	params.SetTo(to.E164()).SetFrom(p.config.VoiceFrom)
	params.SetUrl(p.config.PublicURL + "/twilio/voice/ask?" + q.Encode())
	params.SetStatusCallback(p.config.PublicURL + "/twilio/voice/status?m=" + url.QueryEscape(string(m.ID)))
	params.SetMachineDetection("Enable").SetTimeout(ring).SetTimeLimit(longest)
	sent, err := p.api(ctx).CreateCall(params)
	if err != nil {
		return flows.Sending{}, sendError(err)
	}
	return accepted(sent.Sid)
}

// How long a call rings, and how long it may last, in seconds. A mailbox often
// takes over after half a minute.
const (
	ring    = 30
	longest = 120
)

// accepted takes the sid of a message or call. An answer without one was a yes
// all the same.
func accepted(sid *string) (flows.Sending, error) {
	if sid == nil || *sid == "" {
		return flows.Sending{}, &flows.SendError{Temporary: true, Unknown: true, Reason: wire.ReasonAnswer}
	}
	return flows.Sending{Provider: Name, ID: *sid}, nil
}

// sendError keeps the errors that were judged here; any other is an answer that
// made no sense after a status that meant yes.
func sendError(err error) error {
	if known, ok := errors.AsType[*flows.SendError](err); ok {
		return known
	}
	return &flows.SendError{Temporary: true, Unknown: true, Reason: wire.ReasonAnswer}
}

// api is the library's service for one request.
func (p *Provider) api(ctx context.Context) *api.ApiService {
	return api.NewApiServiceWithClient(&seam{ctx: ctx, config: &p.config})
}

// seam is the client.BaseClient that the library sends through. The library has
// no context, a fixed host and errors that repeat the number it was given; here
// is the one place that mends all three.
type seam struct {
	ctx    context.Context
	config *Config
}

var _ client.BaseClient = (*seam)(nil)

// AccountSid is the account in every path.
func (s *seam) AccountSid() string { return s.config.AccountSID }

// SetTimeout is the library's; ours is in the Caller.
func (s *seam) SetTimeout(time.Duration) {}

// SetOauth is not used.
func (s *seam) SetOauth(client.OAuth) {}

// OAuth is not used.
func (s *seam) OAuth() client.OAuth { return nil }

// SendRequest sends one request of the library.
func (s *seam) SendRequest(method, rawURL string, data url.Values, headers map[string]any, _ ...byte) (*http.Response, error) {
	req, err := s.request(method, rawURL, data)
	if err != nil {
		return nil, &flows.SendError{Reason: wire.ReasonCredentials, Err: errors.New("twilio: the API address is not a URL")}
	}
	for k, v := range headers {
		req.Header.Set(k, fmt.Sprint(v))
	}
	req.SetBasicAuth(s.config.AccountSID, s.config.Tokens[0])
	answer, err := s.config.Caller.Do(s.ctx, req)
	if err != nil {
		return nil, err
	}
	if answer.Status < 200 || answer.Status >= 300 {
		return nil, judge(answer)
	}
	return &http.Response{
		StatusCode: answer.Status,
		Header:     answer.Header,
		Body:       io.NopCloser(bytes.NewReader(answer.Body)),
	}, nil
}

// request points a request of the library at the configured address.
func (s *seam) request(method, rawURL string, data url.Values) (*http.Request, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	at := s.config.APIURL + u.EscapedPath()
	if method == http.MethodGet {
		// The address of a next page has its query already.
		query := cmp.Or(u.RawQuery, data.Encode())
		return http.NewRequestWithContext(s.ctx, method, at+"?"+query, http.NoBody)
	}
	return http.NewRequestWithContext(s.ctx, method, at, strings.NewReader(data.Encode()))
}

// judge reads Twilio's own code from a refusal. Its message is left alone: it
// repeats the number.
func judge(a wire.Answer) error {
	var body struct {
		Code int `json:"code"`
	}
	if json.Unmarshal(a.Body, &body) == nil {
		if e, ok := codes()[strconv.Itoa(body.Code)]; ok {
			e.Err = fmt.Errorf("twilio code %d, http status %d", body.Code, a.Status)
			return &e
		}
	}
	return wire.Judge(a.Status)
}

// codes says what Twilio's error codes mean: try again, give up on this number,
// or let another provider try.
func codes() map[string]flows.SendError {
	m := map[string]flows.SendError{}
	for reason, list := range map[string]string{
		wire.ReasonBadNumber:   "21211 21214 21217 21614 30003 30005 30006 60005",
		wire.ReasonOptedOut:    "21610",
		wire.ReasonNoRoute:     "21408 21612 21635 30004 30007 30008 30034 30410",
		wire.ReasonBadText:     "21602 21605 21617 21619 30019 30038",
		wire.ReasonRefused:     "21603 21604 21606 21607 21608 21622 21659 21660 21703 21705",
		wire.ReasonCredentials: "20003 20005 20404 30002 30029",
		wire.ReasonBusy:        "20429 14107 21611 30001 30022",
		wire.ReasonDown:        "20500 20503 30009 30010",
	} {
		temporary := reason == wire.ReasonCredentials || reason == wire.ReasonBusy || reason == wire.ReasonDown
		for code := range strings.FieldsSeq(list) {
			m[code] = flows.SendError{Temporary: temporary, Reason: reason, Elsewhere: !temporary && reason != wire.ReasonBadNumber}
		}
	}
	return m
}
