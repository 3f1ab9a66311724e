package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"hotline/flows"
	"hotline/handlers/handlertest"
)

// balancer hands every request to the other of two processes.
type balancer struct {
	turn    atomic.Int64
	proxies [2]*httputil.ReverseProxy
	hops    chan int // who served one, when it is over
}

func (b *balancer) to(t *testing.T, bases ...string) {
	t.Helper()
	for i, base := range bases {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		b.proxies[i] = &httputil.ReverseProxy{
			Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(u) },
			ErrorLog: log.New(io.Discard, "", 0), // one of them is killed
		}
	}
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i := b.turn.Add(1) % 2
	b.proxies[i].ServeHTTP(w, r)
	if strings.HasSuffix(r.URL.Path, "/ussd") {
		b.hops <- int(i)
	}
}

// TestTwoHotlinesBehindOneKannel: every hop of a session reaches the other of two
// processes, three callers at once; then one of them is killed in the middle of a
// fourth call, which goes on.
func TestTwoHotlinesBehindOneKannel(t *testing.T) {
	b := &balancer{hops: make(chan int, 100)}
	front := httptest.NewServer(b)
	t.Cleanup(front.Close)
	k := startByKannel(t, strings.TrimPrefix(front.URL, "http://"))
	other := k.another()
	b.to(t, k.caller.base, other.caller.base)

	callers := []string{"84960000901", "84960000902", "84960000903"}
	dialogue := func(n int) []screen {
		s := fmt.Sprintf("%02x", 0x30+n)
		return []screen{
			{1, s + "02", "*1111#", "nguy hiem ngay bay gio khong?", false},
			{18, s + "04", "1", "Chuyen gi dang xay ra?", false},
			{18, s + "06", "1", "O xa, phuong nao?", false},
			{18, s + "08", "Mai Chau", "Tre bao nhieu tuoi?", false},
			{18, s + "0a", fmt.Sprint(2 + n), "nhan tin lai cho ban duoc khong?", false},
			{18, s + "0c", "2", "PIN", true},
		}
	}
	receipts := map[string]bool{}
	for hop := range dialogue(0) {
		for n, from := range callers {
			k.sends(from, dialogue(n)[hop])
		}
		for n, from := range callers {
			if got := k.shows(from, dialogue(n)[hop]); hop == 5 {
				receipts[receiptIn("END "+got.Text)] = true
			}
		}
	}
	ages := map[string]bool{}
	for _, c := range k.all(len(callers)) {
		ages[c.Age] = true
		k.alerted(c, flows.Delivered)
		k.once(c)
	}
	if len(receipts) != 3 || receipts[""] || len(ages) != 3 {
		t.Errorf("receipts %v, ages %v", receipts, ages)
	}
	const from = "84960000904"
	k.dials(from, dialogue(3)[:3]...)
	// A process that is killed before it has answered Kannel is asked again, and
	// then a screen comes twice: all 21 hops are to be over.
	var served [2]int
	for range 21 {
		served[<-b.hops]++
	}
	if min(served[0], served[1]) < 5 {
		t.Errorf("the processes served %v hops", served)
	}
	other.kill()
	end := k.dials(from, dialogue(3)[3:]...)
	c := k.open(len(callers) + 1)
	if receiptIn("END "+end) == "" || c.Status != flows.StatusOpen || c.Age == "" {
		t.Errorf("after a kill: %q, the case is %s", end, c.Status)
	}
	k.alerted(c, flows.Delivered)
	k.once(c)
	for _, h := range k.operator.Rest() {
		if strings.HasPrefix(h.To, "8496") {
			t.Errorf("a text that nobody waited for: %+v", h)
		}
	}
}

// another is a second process on the same Redis, with the same settings.
func (k *byKannel) another() *served {
	k.t.Helper()
	public, internal := freeAddr(k.t), freeAddr(k.t)
	s := &served{
		t: k.t, binary: k.binary, dir: k.dir, key: k.key, redis: k.redis, stderr: &handlertest.Log{},
		env:    append(slices.Clip(k.env), "HOTLINE_LISTEN="+public, "HOTLINE_INTERNAL_LISTEN="+internal),
		caller: &caller{client: k.caller.client, base: "http://" + public, token: k.caller.token},
		ready:  "http://" + internal + "/readyz",
	}
	s.restart()
	k.t.Cleanup(s.kill)
	return s
}
