package handlers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers"
	"hotline/handlers/africastalking"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/twilio"
	"hotline/handlers/wire"
)

// everyone is a listener with every provider.
func everyone(t testing.TB) handlers.Options {
	t.Helper()
	numbers := wire.Numbers{Region: "VN"}
	at, err1 := africastalking.New(africastalking.Config{Tokens: []string{"secret-path"}, Numbers: numbers})
	tw, err2 := twilio.New(twilio.Config{Tokens: []string{"secret-token"}, PublicURL: "https://hotline.example.org", Numbers: numbers})
	gw, err3 := gateway.New(gateway.Config{Name: "demo", Numbers: numbers})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return handlers.Options{AfricasTalking: at, Twilio: tw, Gateways: []*gateway.Gateway{gw}}
}

const (
	hopPath = "/africastalking/secret-path/ussd"
	hopBody = "sessionId=s1&serviceCode=*1111%23&phoneNumber=%2B84901234567&text=canary-text"
	kind    = "END Goi 111 / 113. Call 111 / 113."
)

// post sends one request to a listener.
func post(h http.Handler, path, kind, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestKindWordsWhenTheHotlineCannotAnswer(t *testing.T) {
	for name, handle := range map[string]func(context.Context, flows.Inbound) (flows.Reply, error){
		"the store is away": func(context.Context, flows.Inbound) (flows.Reply, error) {
			return flows.Reply{}, fmt.Errorf("load a session: %w", flows.ErrUnavailable)
		},
		"it takes too long": func(ctx context.Context, _ flows.Inbound) (flows.Reply, error) {
			<-ctx.Done()
			return flows.Reply{}, ctx.Err()
		},
		"it panics with what was typed": func(_ context.Context, in flows.Inbound) (flows.Reply, error) {
			panic(in.Text) //nolint:forbidigo // it is what is tested
		},
		"it panics with an error": func(_ context.Context, in flows.Inbound) (flows.Reply, error) {
			panic(errors.New(in.Text)) //nolint:forbidigo // it is what is tested
		},
	} {
		t.Run(name, func(t *testing.T) {
			desk := &handlertest.Desk{Handler: handle}
			o := everyone(t)
			o.Timeout = 30 * time.Millisecond
			public, log := handlertest.Public(desk, o)
			w := post(public, hopPath, wire.TypeForm, hopBody)
			if w.Code != http.StatusOK || w.Body.String() != kind {
				t.Errorf("%d %q, want 200 %q", w.Code, w.Body, kind)
			}
			w = post(public, "/gateway/demo/sms", wire.TypeJSON, `{"from":"+84901234567","text":"canary-text"}`)
			if want := `{"text":"Goi 111 / 113. Call 111 / 113.","end":true}`; w.Code != http.StatusOK || w.Body.String() != want {
				t.Errorf("%d %q, want 200 %q", w.Code, w.Body, want)
			}
			handlertest.NoCanary(t, log.String(), "canary", "901234567", "secret")
		})
	}
}

func TestCallerWhoHangsUpIsStillHeard(t *testing.T) {
	heard := make(chan error, 1)
	desk := &handlertest.Desk{Handler: func(ctx context.Context, _ flows.Inbound) (flows.Reply, error) {
		heard <- ctx.Err()
		return flows.Reply{}, nil
	}}
	public, _ := handlertest.Public(desk, everyone(t))
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, hopPath, strings.NewReader(hopBody))
	r.Header.Set("Content-Type", wire.TypeForm)
	public.ServeHTTP(httptest.NewRecorder(), r)
	if err := <-heard; err != nil {
		t.Errorf("the conversation was cancelled: %v", err)
	}
}

func TestBodyLimit(t *testing.T) {
	desk := &handlertest.Desk{}
	public, log := handlertest.Public(desk, everyone(t))
	long := hopBody + strings.Repeat("0901234567", 7000)
	for _, path := range []string{hopPath, "/africastalking/secret-path/ussd/end", "/twilio/sms", "/twilio/status", "/gateway/demo/ussd", "/gateway/demo/sms", "/gateway/demo/status"} {
		w := post(public, path, wire.TypeForm, long)
		if w.Code != http.StatusRequestEntityTooLarge || strings.TrimSpace(w.Body.String()) != `{"reason":"body over 64 KB"}` {
			t.Errorf("%s: %d %s, want 413", path, w.Code, w.Body)
		}
	}
	fits := hopBody + strings.Repeat("x", 64<<10-len(hopBody))
	if w := post(public, hopPath, wire.TypeForm, fits); w.Code != http.StatusOK {
		t.Errorf("a body of 64 KB: %d, want 200", w.Code)
	}
	handlertest.NoCanary(t, log.String(), "0901234567", "canary", "secret")
}

// TestSlowBody holds a body back on a real connection.
func TestSlowBody(t *testing.T) {
	o := everyone(t)
	o.Timeout = 50 * time.Millisecond
	public, _ := handlertest.Public(&handlertest.Desk{}, o)
	server := httptest.NewServer(public)
	defer server.Close()
	body, hold := io.Pipe()
	defer func() { _ = hold.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+hopPath, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", wire.TypeForm)
	resp, err := handlertest.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d, want 408", resp.StatusCode)
	}
}

func TestCanaryNeverComesOut(t *testing.T) {
	desk := &handlertest.Desk{Reply: flows.Reply{Text: "canary-reply"}}
	o := everyone(t)
	o.Metrics = handlers.NewMetrics()
	public, log := handlertest.Public(desk, o)
	for _, path := range []string{
		hopPath, "/africastalking/canary-token/ussd", "/africastalking/secret-path/ussd/end", "/twilio/sms", "/twilio/status?m=canary",
		"/gateway/demo/ussd", "/gateway/demo/sms", "/gateway/demo/status", "/gateway/canary/ussd", "/canary/0901234567?q=0901234567",
	} {
		for _, kind := range []string{wire.TypeForm, wire.TypeJSON, "text/canary"} {
			for _, body := range []string{hopBody, `{"from":"+84901234567","text":"canary-text","session":"canary","status":"canary 1","id":"canary"}`, `{"from":{"canary":1}}`, "%zz=canary", ""} {
				r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, path, strings.NewReader(body))
				r.Header.Set("Content-Type", kind)
				r.Header.Set("X-Request-ID", "canary-0901234567")
				r.Header.Set("X-Forwarded-For", "203.0.113.77")
				r.Header.Set("User-Agent", "canary")
				r.Header.Set("Referer", "canary")
				w := httptest.NewRecorder()
				public.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					handlertest.NoCanary(t, w.Body.String(), "canary", "901234567")
				}
				handlertest.NoCanary(t, fmt.Sprint(w.Header()), "canary", "901234567")
			}
		}
	}
	r := httptest.NewRequestWithContext(context.Background(), "CANARY", "/", nil)
	public.ServeHTTP(httptest.NewRecorder(), r)
	internal := handlers.NewInternal(handlers.Options{Metrics: o.Metrics, Now: func() time.Time { return handlertest.Now }})
	w := httptest.NewRecorder()
	internal.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", nil))
	if !strings.Contains(w.Body.String(), `hotline_inbound_total{channel="ussd",outcome="answered",provider="africastalking"} `) {
		t.Errorf("inbounds are not counted: %s", w.Body)
	}
	for _, text := range []string{log.String(), w.Body.String()} {
		handlertest.NoCanary(t, text, "canary", "CANARY", "901234567", "secret", "203.0.113.77", "192.0.2.1")
	}
}

func TestAddressCannotBeChosen(t *testing.T) {
	_, proxies, err := net.ParseCIDR("192.0.2.0/24")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		trusted []*net.IPNet
		header  string
		want    string
	}{
		{"no proxy", nil, "203.0.113.1", "192.0.2.1"},
		{"a trusted proxy", []*net.IPNet{proxies}, "203.0.113.1", "203.0.113.1"},
		{"a caller who adds to the header", []*net.IPNet{proxies}, "10.0.0.1, 203.0.113.1", "203.0.113.1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := handlers.NewPublic(handlers.Options{Trusted: tt.trusted, Now: func() time.Time { return handlertest.Now }})
			r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
			r.Header.Set("X-Forwarded-For", tt.header)
			r.Header.Set("X-Real-IP", "10.9.9.9")
			if got := e.NewContext(r, httptest.NewRecorder()).RealIP(); got != tt.want {
				t.Errorf("address %s, want %s", got, tt.want)
			}
		})
	}
}

func TestInternal(t *testing.T) {
	down := map[string]error{}
	check := func(name string) handlers.Check {
		return handlers.Check{Name: name, Ready: func(context.Context) error { return down[name] }}
	}
	stuck := handlers.Check{Name: "stuck", Ready: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
	get := func(path string, checks ...handlers.Check) (int, string) {
		e := handlers.NewInternal(handlers.Options{Checks: checks, Timeout: time.Second, Now: func() time.Time { return handlertest.Now }})
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	want := func(name string, code int, body, wantBody string, wantCode int) {
		t.Helper()
		if code != wantCode || body != wantBody {
			t.Errorf("%s: %d %s, want %d %s", name, code, body, wantCode, wantBody)
		}
	}
	code, body := get("/healthz", stuck)
	want("alive", code, body, "ok", 200)
	code, body = get("/readyz", check("redis"), check("journal"))
	want("ready", code, body, `{"checks":{"journal":"ok","redis":"ok"},"ready":true}`, 200)
	down["redis"] = errors.New("dial 10.0.0.1")
	code, body = get("/readyz", check("redis"), check("journal"))
	want("redis is down", code, body, `{"checks":{"journal":"ok","redis":"down"},"ready":false}`, 503)
	code, body = get("/readyz", check("journal"), stuck)
	want("a check hangs", code, body, `{"checks":{"journal":"ok","stuck":"down"},"ready":false}`, 503)
	if code, _ = get("/twilio/sms"); code != 404 {
		t.Errorf("a webhook on the internal listener: %d, want 404", code)
	}
}

// late knows a message only when it is asked for the second time.
type late struct {
	mu    sync.Mutex
	asked int
}

func (l *late) Status(context.Context, flows.Status) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked++; l.asked == 1 {
		return flows.ErrNotFound
	}
	return nil
}

func TestReportBeforeItsMessageIsWritten(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		asked      int
	}{
		{"known by the provider's id", `{"id":"1","status":"failed"}`, 2},
		{"known by ours, which is never early", `{"id":"1","message":"07abc/1","status":"failed"}`, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, l := everyone(t), &late{}
			o.Deliveries, o.Conversation, o.Now = l, &handlertest.Desk{}, func() time.Time { return handlertest.Now }
			w := post(handlers.NewPublic(o), "/gateway/demo/status", wire.TypeJSON, tt.body)
			if w.Code != 200 || l.asked != tt.asked {
				t.Errorf("%d after %d tries, want 200 after %d", w.Code, l.asked, tt.asked)
			}
		})
	}
}

func TestDeliveriesThatCannotBeWritten(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"written", nil, 200},
		{"of a message that nobody knows", fmt.Errorf("status: %w", flows.ErrNotFound), 200},
		{"while the store is away", flows.ErrUnavailable, 503},
		{"after something else", errors.New("canary"), 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			public, _ := handlertest.Public(&handlertest.Desk{Err: tt.err}, everyone(t))
			w := post(public, "/gateway/demo/status", wire.TypeJSON, `{"id":"1","status":"delivered"}`)
			if w.Code != tt.want {
				t.Errorf("%d %s, want %d", w.Code, w.Body, tt.want)
			}
			handlertest.NoCanary(t, w.Body.String(), "canary")
		})
	}
}
