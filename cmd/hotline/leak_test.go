package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"

	"hotline/configs"
	"hotline/flows"
	"hotline/handlers/console"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

// wiretap is the way out: it keeps what leaves for members, and looks at what this
// process holds while a message leaves.
type wiretap struct {
	mu   sync.Mutex
	sent bytes.Buffer
	dump bytes.Buffer
}

func (w *wiretap) Send(_ context.Context, m flows.Message, _ flows.Phone) (flows.Sending, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(&w.sent, "%s %s %+v\n", m.To, m.Text, m)
	if w.dump.Len() < 1<<20 {
		_ = pprof.Lookup("goroutine").WriteTo(&w.dump, 2)
	}
	if strings.HasSuffix(string(m.ID), "/2") {
		return flows.Sending{}, &flows.SendError{Temporary: true, Reason: "unreachable"}
	}
	return flows.Sending{Provider: "test", ID: string(m.ID)}, nil
}

// house is a hotline with its listeners, and all that went over them.
type house struct {
	*keptApp
	l    *listeners
	log  *handlertest.Log
	wire *wiretap
	live *console.Live
	seen bytes.Buffer // every answer, head and body
	// papers are the PDFs and spreadsheets among them, to be opened.
	papers [][]byte
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{log: &handlertest.Log{}, wire: &wiretap{}, live: console.NewLive()}
	log, err := newLog(h.log, "debug")
	if err != nil {
		t.Fatal(err)
	}
	h.keptApp = newKeptApp(t, func(p *parts) {
		p.log, p.send, p.changed = log, h.wire, h.live.Committed
		p.cfg.PublicURL = houseURL
		p.cfg.Twilio.Account, p.cfg.Twilio.Token, p.cfg.Twilio.From = "AC00000000000000000000000000000000", configs.NewSecret(houseToken), "HOTLINE"
		p.cfg.AfricasTalking.Token, p.cfg.Kannel.Token = configs.NewSecret("at-token"), configs.NewSecret("kannel-token")
	})
	accounts, err := newProviders(h.cfg, h.data.texts)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gateway.New(gateway.Config{Name: "plain", Numbers: wire.Numbers{Region: "VN"}})
	if err != nil {
		t.Fatal(err)
	}
	accounts.gateways = append(accounts.gateways, plain)
	if h.l, err = newListeners(h.app, accounts); err != nil {
		t.Fatal(err)
	}
	if err := h.addConsole(t.Context(), h.l.public, h.live, &console.Demo{Clock: newClock(realTime(), realTime), Code: "*1111#", Short: "1111"}); err != nil {
		t.Fatal(err)
	}
	return h
}

// What Twilio signs with, and the address that it calls.
const houseURL, houseToken = "https://hotline.example.org", "twilio-auth-token"

// ask sends a request to one of the listeners and keeps the answer.
func (h *house) ask(to http.Handler, method, target, kind, body string) *httptest.ResponseRecorder {
	return h.send(to, method, target, kind, body, nil)
}

// send is ask with headers of a provider.
func (h *house) send(to http.Handler, method, target, kind, body string, headers map[string]string) *httptest.ResponseRecorder {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:4444"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	fmt.Fprintf(&h.seen, "%d %v\n%s\n", w.Code, w.Header(), w.Body)
	if packed := w.Body.Bytes(); bytes.HasPrefix(packed, []byte("%PDF")) || bytes.HasPrefix(packed, []byte("PK")) {
		h.papers = append(h.papers, bytes.Clone(packed))
	}
	return w
}

const formKind, jsonKind = "application/x-www-form-urlencoded", "application/json"

// call is one hop over Africa's Talking.
func (h *house) call(session, number, transcript string) string {
	form := url.Values{"sessionId": {session}, "phoneNumber": {number}, "serviceCode": {"*1111#"}, "text": {transcript}}
	return h.ask(h.l.public, http.MethodPost, "/africastalking/at-token/ussd", formKind, form.Encode()).Body.String()
}

// text is one text over each of the channels that take texts.
func (h *house) text(id, number, words string) {
	at := url.Values{"id": {"at" + id}, "from": {number}, "to": {"1111"}, "text": {words}, "date": {"2026-11-23 08:00:00"}}
	h.ask(h.l.public, http.MethodPost, "/africastalking/at-token/sms", formKind, at.Encode())
	for _, path := range h.paths("plain", "/sms") {
		h.ask(h.l.public, http.MethodPost, path, jsonKind, fmt.Sprintf(`{"id":"g%s","from":%q,"to":"1111","text":%q}`, id, number, words))
	}
	kannel := map[string]string{"X-Kannel-From": number, "X-Kannel-To": "1111", "X-Kannel-SMSC": "viettel", "X-Kannel-Coding": "2"}
	for _, path := range h.paths("kannel", "/sms") {
		h.send(h.l.public, http.MethodPost, path+"?id=k"+url.QueryEscape(id), "text/plain; charset=utf-8", words, kannel)
	}
	h.twilio("/twilio/sms", url.Values{"MessageSid": {"SM" + id}, "From": {number}, "To": {"1111"}, "Body": {words}})
	call := url.Values{"CallSid": {"CA" + id}, "From": {number}, "Called": {number}, "To": {number}, "Digits": {"1"}, "SpeechResult": {words}, "CallStatus": {"completed"}}
	for _, path := range []string{"/twilio/voice/ask?r=K7F4", "/twilio/voice/press?r=K7F4", "/twilio/voice/status?m=x"} {
		h.twilio(path, call)
	}
}

// twilio is a signed request of Twilio.
func (h *house) twilio(path string, form url.Values) {
	body := form.Encode()
	h.send(h.l.public, http.MethodPost, path, formKind, body, map[string]string{"X-Twilio-Signature": handlertest.SignTwilio(houseToken, houseURL+path, body)})
}

// paths are the routes of a provider that end in a word.
func (h *house) paths(provider, end string) (list []string) {
	for _, r := range h.l.public.Routes() {
		if r.Method == http.MethodPost && strings.Contains(r.Path, provider) && strings.HasSuffix(r.Path, end) {
			list = append(list, strings.ReplaceAll(r.Path, ":token", provider+"-token"))
		}
	}
	return list
}

// plant sends the canaries through everything that takes words of a reporter.
func (h *house) plant(number string, spellings []string, story string) {
	for n, s := range spellings {
		for _, transcript := range []string{"", "1", "1*" + s, "1*" + story, "2*1*" + story, "2*1*Mai Chau*2*1"} {
			h.call(fmt.Sprint("s", n), number, transcript)
		}
		h.text(fmt.Sprint(n), s, story+" "+s)
		h.text(fmt.Sprint(n, "again"), number, "MA "+s)
	}
	for _, transcript := range []string{"", "2", "2*1", "2*1*Mai Chau", "2*1*Mai Chau*2", "2*1*Mai Chau*2*1", "2*1*Mai Chau*2*1*1", "2*1*Mai Chau*2*1*1*1"} {
		h.call("whole", calmNumber, transcript)
		h.call("whole", calmNumber, transcript) // the gateway tries again
	}
	h.call("menu", number, "9*"+story)
	h.text("stop", number, "DUNG")
	for _, bad := range []struct{ target, kind, body string }{
		{"/africastalking/wrong-token/ussd", formKind, "phoneNumber=" + url.QueryEscape(number) + "&text=" + url.QueryEscape(story)},
		{"/africastalking/at-token/ussd?from=" + url.QueryEscape(number), formKind, "%zz" + number},
		{"/plain/sms", jsonKind, `{"from":"` + number + `","text":"` + story},
		{"/plain/sms", jsonKind, `{"from":"` + number + story + `","text":["x"]}`},
		{"/plain/sms", jsonKind, strings.Repeat(number+story, 20_000)},
		{"/twilio/sms", formKind, "From=" + url.QueryEscape(number) + "&Body=" + url.QueryEscape(story)},
		{"/no/such/" + url.PathEscape(number) + "?q=" + url.QueryEscape(story), "", ""},
		{"/cases/" + url.PathEscape(number), "", ""},
		{"/r/" + url.PathEscape(number) + "/open", formKind, "x=" + url.QueryEscape(story)},
	} {
		h.ask(h.l.public, http.MethodPost, bad.target, bad.kind, bad.body)
		h.ask(h.l.public, http.MethodGet, bad.target, "", "")
		h.ask(h.l.internal, http.MethodGet, bad.target, "", "")
	}
}

// work lets hours pass in which nobody answers: the ladder climbs, messages leave,
// fail and are tried again, numbers are swept.
func (h *house) work(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	for range 30 {
		h.pass(10 * time.Minute)
		_, ladder := h.ladder.Tick(ctx, h.now())
		_, mail := h.mail.Tick(ctx, h.now())
		_, silent := h.sweepOnce(ctx, h.now())
		for _, err := range []error{ladder, mail, silent, h.watch.tick(ctx, h.now()), h.safe.forget(ctx, h.now(), h.ledger)} {
			if err != nil {
				h.app.log.Warn("test", zap.Error(err))
			}
		}
	}
}

var links = regexp.MustCompile(`(?:href|src|action|data-src)="(/[^"#]*)`)

// walk reads every page and file of the console that can be reached.
func (h *house) walk() (pages int) {
	seen, queue := map[string]bool{}, []string{"/", "/board", "/times", "/times.csv", "/duty", "/demo", "/demo/story"}
	for len(queue) > 0 && pages < 400 {
		path := strings.ReplaceAll(queue[0], "&amp;", "&")
		queue = queue[1:]
		week := regexp.MustCompile(`week=-?[2-9]`).MatchString(path) // the calendar has no end
		if seen[path] || week || strings.HasSuffix(path, "/live") {
			continue
		}
		seen[path] = true
		w := h.ask(h.l.public, http.MethodGet, path, "", "")
		pages++
		if at := w.Header().Get("Location"); strings.HasPrefix(at, "/") {
			queue = append(queue, at)
		}
		for _, m := range links.FindAllStringSubmatch(w.Body.String(), -1) {
			queue = append(queue, m[1])
		}
	}
	return pages
}

const (
	story    = "chau Lo Thi Canary o ban Pieng Phuong bi danh, cuu voi"
	storyOne = "Canary"
	storyTwo = "Pieng Phuong"
	// calmNumber is of somebody who walks through the whole menu.
	calmNumber = "+84913572469"
)

// TestNothingPlantedIsFoundAnywhere sends numbers in eight spellings, a name and a
// sentence through every channel, with retries and faults, while Redis goes away,
// nobody answers and the ladder climbs. Then it searches every byte of what is
// kept and of what went out: the only thing that may hold a number is the request
// to the provider that carries a message there.
func TestNothingPlantedIsFoundAnywhere(t *testing.T) {
	h := newHouse(t)
	w := openWays(t, h)
	number := "+84913572468"
	spellings := spelled("0913572468")
	h.plant(number, spellings, story)
	h.redis.Kill()
	h.call("gone", number, "1*"+story)
	h.text("gone", number, story)
	h.redis.Restart(t)
	h.work(t)
	h.plant("+84913572468", spellings[:2], story+" nua")
	h.work(t)
	w.tell()
	pages := h.walk()
	more, calls := w.look(number)
	w.printed()
	for _, path := range []string{"/metrics", "/readyz", "/healthz"} {
		h.ask(h.l.internal, http.MethodGet, path, "", "")
	}
	if err := h.ledger.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	open, err := h.store.Open(t.Context())
	if err != nil || len(open) == 0 || h.wire.sent.Len() == 0 || pages < 10 {
		t.Logf("%s", h.log.String()[max(0, len(h.log.String())-3000):])
		t.Fatalf("%d open cases, %v; %d bytes sent, %d pages: this tests nothing", len(open), err, h.wire.sent.Len(), pages)
	}
	for _, route := range []string{"/twilio/sms", "/twilio/voice/ask", "/twilio/voice/press", "/kannel/:token/sms", "/africastalking/:token/sms", "/africastalking/:token/ussd"} {
		taken := regexp.MustCompile(`"route":"` + route + `","status":(200|202|204|502|503)`)
		if !taken.MatchString(h.log.String()) {
			t.Errorf("nothing was taken by %s: for it this tests nothing", route)
		}
	}
	if refused := regexp.MustCompile(`"route":"/kannel/:token/sms","status":503`); !refused.MatchString(h.log.String()) || w.told == 0 {
		t.Errorf("Kannel was never told to come again, or nobody elsewhere was told (%d): for them this tests nothing", w.told)
	}
	words := newCanary(append(append(spellings, spelled("0913572469")...), story, storyOne, storyTwo)...)
	h.searchAll(t, words)
	words.in(t, "the log", []byte(h.log.String()))
	words.in(t, "what HTTP answered", h.seen.Bytes())
	for _, p := range h.papers {
		words.in(t, "a paper", p)
	}
	words.in(t, "what members were sent", h.wire.sent.Bytes())
	words.in(t, "the goroutine dump", h.wire.dump.Bytes())
	t.Logf("%d bytes were searched: %d open cases, %d pages, %d of the signed-in, %d calls of programs, %d of webhooks, %d papers, %d bytes of answers, %d of log, %d sent",
		words.looked, len(open), pages, more, calls, w.told, len(h.papers), h.seen.Len(), len(h.log.String()), h.wire.sent.Len())
	if len(h.papers) < 2 {
		t.Error("no PDF and no spreadsheet was among the pages")
	}
	h.searchReceipts(t)
	h.seed(t, words, number)
}

// searchReceipts looks for the receipts that callers were shown: whoever has one
// with its PIN could ask in their name.
func (h *house) searchReceipts(t *testing.T) {
	t.Helper()
	var shown []string
	for _, form := range []*regexp.Regexp{receiptForm, textReceipt} {
		for _, m := range form.FindAllStringSubmatch(h.seen.String(), -1) {
			shown = append(shown, m[1], strings.ReplaceAll(m[1], " ", ""))
		}
	}
	if len(shown) == 0 {
		t.Fatal("no receipt was shown: this tests nothing")
	}
	h.searchAll(t, newCanary(shown...))
}

// seed leaks on purpose, in each place once: a search that did not see it would
// have seen nothing.
func (h *house) seed(t *testing.T, words *canary, number string) {
	t.Helper()
	client := h.redis.Client(t)
	if err := client.HSet(t.Context(), "hl:{p01}:leak", "number", number).Err(); err != nil {
		t.Fatal(err)
	}
	quiet := &deaf{TB: t}
	for name, leak := range map[string]func() int{
		"a key of Redis": func() int { words.inRedis(quiet, client); return quiet.errors },
		"its file":       func() int { words.inFiles(quiet, h.redis.Dir); return quiet.errors },
		"the journal": func() int {
			_ = h.ledger.Audit(t.Context(), flows.Deed{Kind: flows.DeedDrill, Why: story})
			words.inFiles(quiet, h.home)
			return quiet.errors
		},
		"the log": func() int {
			h.app.log.Info(story)
			return words.in(quiet, "", []byte(h.log.String()))
		},
	} {
		quiet.errors = 0
		if leak() == 0 {
			t.Errorf("a leak in %s is not found", name)
		}
	}
}

// TestCrashAndStopShowNothing: a server under load is told to dump its goroutines
// and dies of it, and another is stopped. What they printed and kept is searched.
func TestCrashAndStopShowNothing(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"a crash": syscall.SIGQUIT, "an abort": syscall.SIGABRT, "a stop": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			s := newServed(t)
			var printed handlertest.Log
			s.stderr = &printed
			s.env = append(s.env, "HOTLINE_JOURNAL_DIR="+s.journal(), "HOTLINE_LOG_LEVEL=debug")
			s.restart()
			t.Cleanup(s.kill)
			for _, transcript := range reportDialogue() {
				s.insist(t, 13572468, transcript, func() {})
			}
			var wg sync.WaitGroup
			for n := range 8 {
				wg.Go(func() {
					_, _, _ = s.caller.hop(t.Context(), fmt.Sprint("late", n), "+84913572468", "1*"+story)
				})
			}
			if err := s.proc.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			wg.Wait()
			_ = s.proc.Wait()
			s.proc = nil
			if signal != syscall.SIGTERM && !strings.Contains(printed.String(), "goroutine ") {
				t.Fatal("it printed no goroutines: this tests nothing")
			}
			words := newCanary(append(spelled("0913572468"), story, storyOne, storyTwo)...)
			words.in(t, "what it printed", []byte(printed.String()))
			if err := os.Remove(s.binary); err != nil {
				t.Fatal(err)
			}
			if files := words.inFiles(t, s.dir); files < 3 {
				t.Errorf("only %d files below %s", files, filepath.Base(s.dir))
			}
		})
	}
}

// TestDumpInTheMiddleOfATurnShowsNothing: Redis hangs, so a turn with a number and
// words stands where it is while the server dumps all its goroutines and dies.
func TestDumpInTheMiddleOfATurnShowsNothing(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"quit": syscall.SIGQUIT, "abort": syscall.SIGABRT} {
		t.Run(name, func(t *testing.T) {
			s := newServed(t)
			var printed handlertest.Log
			s.stderr = &printed
			s.onRedis("GOTRACEBACK=system", "HOTLINE_LOG_LEVEL=debug")
			s.awaitStatus(t, http.StatusOK)
			s.insist(t, 1, "", func() {})
			if err := s.redis.stall(); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for n := range 8 {
				wg.Go(func() {
					_, _, _ = s.caller.hop(t.Context(), fmt.Sprint("held", n), "+84913572468", "2*1*"+story)
				})
			}
			// The turns give up after seconds; until then they stand in the dialogue.
			if !eventually(t, func() bool { return s.holds(t) >= 8 }) {
				t.Fatal("no turn is under way: this tests nothing")
			}
			if err := s.proc.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			_ = s.proc.Wait()
			s.proc = nil
			wg.Wait()
			if err := s.redis.resume(); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(printed.String(), "dialog.(*") {
				t.Fatal("no goroutine of a dialogue is in the dump: this tests nothing")
			}
			words := newCanary(append(spelled("0913572468"), story, storyOne, storyTwo)...)
			words.in(t, "the dump", []byte(printed.String()))
			t.Logf("%d bytes of dump", len(printed.String()))
		})
	}
}

// holds is how many connections the public listener has.
func (s *served) holds(t *testing.T) int {
	t.Helper()
	table, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", s.proc.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(s.caller.base, "http://"), ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(table), fmt.Sprintf("0100007F:%04X 0100007F:", n))
}
