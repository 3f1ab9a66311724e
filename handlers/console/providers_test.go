package console_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hotline/flows"
	"hotline/handlers/console"
)

func withTraffic(all ...flows.Traffic) func(*console.Options) {
	return func(o *console.Options) {
		o.Providers = &console.Providers{Traffic: func(time.Time) []flows.Traffic { return all }, Currency: "VND"}
	}
}

// busyHour is one provider in trouble, one that works and one that does nothing.
func busyHour() []flows.Traffic {
	return []flows.Traffic{
		{
			Provider: "kannel", Sent: 1234, Failed: map[string]int{"provider_down": 40, "no_template": 3, "odd_new_reason": 1}, Unknown: 2,
			Delivered: 1190, Undelivered: 21, Median: 85 * time.Millisecond, Slow: 1250 * time.Millisecond,
			Segments: map[string]int{"GSM-7": 1200, "UCS-2": 77}, Calls: 4, Cost: 322_850_000,
			Strangers: map[string]int{"pondering": 3}, Rests: start.Add(25 * time.Second),
			Limits: []flows.Quota{{Most: 20, Per: time.Second}, {Prefix: "+8497", Most: 600, Per: time.Minute, Until: start.Add(8 * time.Second)}},
			Register: []flows.Registered{
				{Prefix: "+84", What: "CUUTRE", Is: "approved"}, {Prefix: "+84", What: "alert.sms.*", Text: true, Is: "pending"}, {What: "alert.page", Text: true, Is: "refused"},
			},
		},
		{Provider: "twilio", Sent: 3, Delivered: 3, Median: 120 * time.Millisecond, Slow: 200 * time.Millisecond, Segments: map[string]int{"GSM-7": 3}, Cost: 4_500},
		{Provider: "viettel"},
	}
}

func TestProvidersOfABusyHour(t *testing.T) {
	w := newTown(t, false, withTraffic(busyHour()...))
	_, page, _ := w.get(t, "/providers?lang=en")
	has(t, page,
		"resting, tried again at", "2 not approved", "<dd>1,234</dd>", "<dd>1,237</dd>", "85 ms", "1.2 s", "UCS-2 segments", "<dd>77</dd>", "322,850 VND", "4.500 VND",
		"The provider is down", "odd_new_reason", "<code>pondering</code>", "20 segments a second", "600 segments a minute → &#43;8497", "room left", "routine texts wait until",
		"CUUTRE", "approved", "pending", "refused", "nothing sent this hour", `aria-current="page">Providers`)
	_, page, _ = w.get(t, "/providers?lang=vi")
	has(t, page, "1.234", "1,2 s", "322.850 VND", "chờ duyệt", "Không có mẫu tin đã đăng ký", "tin thường chờ tới")
	if strings.Contains(page, "console.providers") || strings.Contains(page, "{n}") {
		t.Errorf("a text is missing: %s", page)
	}
}

func TestProvidersOfNothing(t *testing.T) {
	w := newTown(t, false, withTraffic())
	_, page, _ := w.get(t, "/providers")
	has(t, page, "Chưa nối nhà cung cấp nào")
}

// TestProvidersAreForThoseWhoRunTheService: a responder of a commune has no
// business there, and the page is not offered to them.
func TestProvidersAreForThoseWhoRunTheService(t *testing.T) {
	w := newTown(t, false, withTraffic(busyHour()...), as(nil, "m1"))
	if status, page, _ := w.get(t, "/providers"); status != http.StatusForbidden || strings.Contains(page, "CUUTRE") {
		t.Errorf("status %d", status)
	}
	if _, page, _ := w.get(t, "/board"); strings.Contains(page, `href="/providers"`) {
		t.Error("the page is offered")
	}
}

// TestProvidersAreLive: an open page learns of what is sent without being asked.
func TestProvidersAreLive(t *testing.T) {
	var sent atomic.Int64
	sent.Store(1234)
	w := newTown(t, false, func(o *console.Options) {
		o.Providers = &console.Providers{Traffic: func(time.Time) []flows.Traffic {
			return []flows.Traffic{{Provider: "twilio", Sent: int(sent.Load())}}
		}}
	})
	s := httptest.NewServer(w.echo)
	t.Cleanup(s.Close)
	t.Cleanup(w.live.Close)
	q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/providers/live?lang=en", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Client().Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	lines := bufio.NewScanner(r.Body)
	until := func(want string) {
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("the stream ended without %q", want)
	}
	until("<dd>1,234</dd>")
	sent.Store(1235)
	w.live.Changed()
	until("<dd>1,235</dd>")
}

// TestHowTheDataIsKeptIsShown: what every server says of itself, and what is wrong
// with it in words.
func TestHowTheDataIsKeptIsShown(t *testing.T) {
	keeping := &console.Keeping{WaitReplicas: 1, ClockSkew: "3s", Servers: []console.Server{
		{Version: "7.0.15", Role: "master", AppendOnly: "yes", Fsync: "always", Eviction: "noeviction", Replicas: 2},
		{Version: "7.2.1", Role: "master", AppendOnly: "yes", Fsync: "everysec", Eviction: "noeviction", Faults: []string{"not_always", "no_replicas"}},
	}}
	w := newTown(t, false, withTraffic(), func(o *console.Options) {
		o.Providers.Keeping = func() *console.Keeping { return keeping }
	})
	_, page, _ := w.get(t, "/providers?lang=en")
	has(t, page, "Redis 7.0.15", "kept safe", "<dd>always</dd>", "2 (want 1)", "Redis 7.2.1", "<dd>everysec</dd>", "writes to disk late", "replicas are missing",
		"0 (want 1)", "is 3s ahead")
	_, page, _ = w.get(t, "/providers?lang=vi")
	has(t, page, "giữ an toàn", "thiếu bản sao")
	if strings.Contains(page, "console.keeping") {
		t.Error("a text is missing")
	}
	keeping = nil
	if _, page, _ = w.get(t, "/providers?lang=en"); strings.Contains(page, "How the data is kept") {
		t.Error("it is shown before it is known")
	}
}
