package handlertest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Twilio is a Twilio of our own: it takes messages and calls as the API does,
// keeps them, and signs the callbacks that a test asks it to make. Nothing
// happens by itself and no time passes, so that a story decides in which order
// things come, how often, and what never comes.
type Twilio struct {
	AccountSID string
	Token      string
	PublicURL  string       // what callbacks are signed for
	Hotline    http.Handler // where they go
	Now        string       // date_created of what is accepted, as Twilio writes it

	t      *testing.T
	server *httptest.Server
	done   chan struct{}

	mu     sync.Mutex
	next   []Behaviour
	kept   []*Order
	served int
	text   url.Values // that was delivered last
}

// Behaviour is what the API does with one request.
type Behaviour struct {
	Status int  // an error status, with Code in its body; 0: accepted
	Code   int  // Twilio's own code
	Silent bool // accepted, and the answer never comes
	Lost   bool // not accepted, and the answer never comes
	// Hold keeps the answer back until it is closed.
	Hold chan struct{}
}

// Order is a message or call that was accepted.
type Order struct {
	SID      string
	To, From string
	Body     string
	URL      string // that a call asks for its words
	Callback string
	Fields   url.Values
	action   string // where the next key press goes
}

// NewTwilio starts a Twilio on this machine. It ends with the test.
func NewTwilio(t *testing.T) *Twilio {
	tw := &Twilio{
		AccountSID: "AC00000000000000000000000000000000", Token: "12345678901234567890123456789012",
		PublicURL: "https://hotline.example.org", Now: "Mon, 23 Nov 2026 08:00:00 +0000", t: t, done: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Messages.json", tw.accept("SM"))
	mux.HandleFunc("POST /2010-04-01/Accounts/{account}/Calls.json", tw.accept("CA"))
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Messages.json", tw.list("messages", "SM"))
	mux.HandleFunc("GET /2010-04-01/Accounts/{account}/Calls.json", tw.list("calls", "CA"))
	tw.server = httptest.NewServer(mux)
	t.Cleanup(func() { close(tw.done); tw.server.Close() })
	return tw
}

// URL is the address of the API.
func (tw *Twilio) URL() string { return tw.server.URL }

// Next says what becomes of the next requests; after them all is well again.
func (tw *Twilio) Next(b ...Behaviour) {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	tw.next = append(tw.next, b...)
}

// Orders are the messages and calls that were accepted, the oldest first.
func (tw *Twilio) Orders() []*Order {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	return slices.Clone(tw.kept)
}

// accept takes a message or a call.
func (tw *Twilio) accept(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		b := tw.behaviour()
		if b.Hold != nil {
			select {
			case <-b.Hold:
			case <-tw.done:
			}
		}
		user, password, _ := r.BasicAuth()
		switch err := r.ParseForm(); {
		case err != nil || twilioFault(r.PostForm, twilioCreate[kind], twilioNeeds[kind]) != "":
			refuse(w, r, http.StatusBadRequest, 20001)
		case user != tw.AccountSID || password != tw.Token || r.PathValue("account") != tw.AccountSID:
			refuse(w, r, http.StatusUnauthorized, 20003)
		case b.Status != 0:
			refuse(w, r, b.Status, b.Code)
		default:
			var o *Order
			if !b.Lost {
				o = tw.keep(kind, r.PostForm)
			}
			if b.Silent || b.Lost {
				select {
				case <-r.Context().Done():
				case <-tw.done:
				}
				return
			}
			w.WriteHeader(http.StatusCreated)
			_ = json.NewEncoder(w).Encode(map[string]any{"sid": o.SID, "to": o.To, "status": "queued", "error_code": nil})
		}
	}
}

// refuse answers as Twilio does: its message repeats the number.
func refuse(w http.ResponseWriter, r *http.Request, status, code int) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"status": status, "code": code, "message": "refused for " + r.PostForm.Get("To") + ": " + r.PostForm.Get("Body"), "more_info": "https://www.twilio.com/docs/errors",
	})
}

func (tw *Twilio) behaviour() Behaviour {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	if len(tw.next) == 0 {
		return Behaviour{}
	}
	b := tw.next[0]
	tw.next = tw.next[1:]
	return b
}

func (tw *Twilio) keep(kind string, form url.Values) *Order {
	tw.mu.Lock()
	defer tw.mu.Unlock()
	o := &Order{
		SID: fmt.Sprintf("%s%032d", kind, len(tw.kept)+1), To: form.Get("To"), From: form.Get("From"), Body: form.Get("Body"),
		URL: form.Get("Url"), Callback: form.Get("StatusCallback"), Fields: form,
	}
	tw.kept = append(tw.kept, o)
	return o
}

// list answers a look-up, the newest first.
func (tw *Twilio) list(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != tw.AccountSID || password != tw.Token || twilioFault(r.URL.Query(), twilioList, nil) != "" {
			refuse(w, r, http.StatusBadRequest, 20001)
			return
		}
		found := []map[string]string{}
		for _, o := range slices.Backward(tw.Orders()) {
			if strings.HasPrefix(o.SID, kind) {
				found = append(found, map[string]string{"sid": o.SID, "to": o.To, "body": o.Body, "date_created": tw.Now})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{name: found})
	}
}

// Report makes the status callbacks of a message or call, one for each word and
// in that order. "delivered", "sent" is a reversed pair, "sent", "sent" a
// doubled one; code goes with the last. It returns the statuses of the answers.
func (tw *Twilio) Report(o *Order, code string, words ...string) []int {
	var got []int
	for i, word := range words {
		form := url.Values{"AccountSid": {tw.AccountSID}, "To": {o.To}, "From": {o.From}}
		sid, status := "MessageSid", "MessageStatus"
		if strings.HasPrefix(o.SID, "CA") {
			sid, status = "CallSid", "CallStatus"
		}
		form.Set(sid, o.SID)
		form.Set(status, word)
		if code != "" && i == len(words)-1 {
			form.Set("ErrorCode", code)
		}
		got = append(got, tw.post(o.Callback, form).Code)
	}
	return got
}

// Text delivers a text to the hotline and returns the reply in its TwiML.
func (tw *Twilio) Text(from, to, body string) string {
	tw.mu.Lock()
	tw.served++
	sid := fmt.Sprintf("SM%032d", 1000+tw.served)
	tw.mu.Unlock()
	tw.text = url.Values{"MessageSid": {sid}, "AccountSid": {tw.AccountSID}, "From": {from}, "To": {to}, "Body": {body}, "NumMedia": {"0"}, "FromCity": {"HA NOI"}}
	return tw.TextAgain()
}

// TextAgain delivers the last text once more, as Twilio does when it got no
// answer in time.
func (tw *Twilio) TextAgain() string {
	return between(tw.post(tw.PublicURL+"/twilio/sms", tw.text).Body.String(), "Message")
}

// Ring lets somebody pick up a call; by is human, or machine_start and the like.
// It returns what is said to them.
func (tw *Twilio) Ring(o *Order, by string) string {
	return tw.hear(o, tw.post(o.URL, tw.inCall(o, url.Values{"AnsweredBy": {by}, "CallStatus": {"in-progress"}})))
}

// Press presses a key and returns what is said then.
func (tw *Twilio) Press(o *Order, digit string) string {
	return tw.hear(o, tw.post(o.action, tw.inCall(o, url.Values{"Digits": {digit}, "CallStatus": {"in-progress"}})))
}

// HangUp ends a call, as completed, busy or no-answer, and tells the hotline.
func (tw *Twilio) HangUp(o *Order, status, by string) int {
	return tw.post(o.Callback, tw.inCall(o, url.Values{"CallStatus": {status}, "AnsweredBy": {by}})).Code
}

func (tw *Twilio) inCall(o *Order, form url.Values) url.Values {
	maps.Copy(form, url.Values{"CallSid": {o.SID}, "AccountSid": {tw.AccountSID}, "To": {o.To}, "From": {o.From}, "Direction": {"outbound-api"}})
	return form
}

// hear takes the words of TwiML, and where the next key press goes.
func (tw *Twilio) hear(o *Order, w *httptest.ResponseRecorder) string {
	doc := w.Body.String()
	if _, rest, ok := strings.Cut(doc, `action="`); ok {
		action, _, _ := strings.Cut(rest, `"`)
		o.action = strings.ReplaceAll(action, "&amp;", "&")
	}
	return between(doc, "Say")
}

// post signs a form for the public address and hands it to the hotline.
func (tw *Twilio) post(address string, form url.Values) *httptest.ResponseRecorder {
	body := form.Encode()
	r := httptest.NewRequestWithContext(tw.t.Context(), http.MethodPost, strings.TrimPrefix(address, tw.PublicURL), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", SignTwilio(tw.Token, address, body))
	w := httptest.NewRecorder()
	tw.Hotline.ServeHTTP(w, r)
	return w
}

// between is the text of the first element of a name.
func between(doc, name string) string {
	_, rest, _ := strings.Cut(doc, "<"+name)
	_, rest, _ = strings.Cut(rest, ">")
	text, _, _ := strings.Cut(rest, "</"+name+">")
	return html.UnescapeString(text)
}

// SignTwilio is Twilio's scheme as its documentation has it, written apart from
// the code under test: the address, then every name and value in order of names,
// each distinct value once.
func SignTwilio(token, address, body string) string {
	form, _ := url.ParseQuery(body)
	h := hmac.New(sha1.New, []byte(token))
	_, _ = io.WriteString(h, address)
	for _, k := range slices.Sorted(maps.Keys(form)) {
		for _, v := range slices.Compact(slices.Sorted(slices.Values(form[k]))) {
			_, _ = io.WriteString(h, k+v)
		}
	}
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
