package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"hotline/flows"
	"hotline/handlers/gateway"
	"hotline/handlers/handlertest"
	"hotline/handlers/wire"
)

// TestFind asks a gateway for a message under our id, whose slash must not part
// the address.
func TestFind(t *testing.T) {
	var asked, key string
	status, body := http.StatusOK, `{"id":"g1"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, key = r.RequestURI, r.Header.Get("Authorization")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	find := func(address string) (flows.Sending, bool, error) {
		g, err := gateway.New(gateway.Config{Name: "demo", FindURL: address, SendKey: "key", Caller: wire.Caller{Client: handlertest.Client()}})
		if err != nil {
			t.Fatal(err)
		}
		return g.Find(t.Context(), flows.Message{ID: "07abc/1"}, handlertest.Phone("+84900000101"), handlertest.Now)
	}
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   flows.Sending
		found  bool
		fails  bool
	}{
		{"it has it under an id of its own", http.StatusOK, `{"id":"g1"}`, flows.Sending{Provider: "demo", ID: "g1"}, true, false},
		{"it has it and says no more", http.StatusNoContent, "", flows.Sending{Provider: "demo", ID: "07abc/1"}, true, false},
		{"it does not have it", http.StatusNotFound, "", flows.Sending{}, false, false},
		{"it cannot say", http.StatusServiceUnavailable, "", flows.Sending{}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, body = c.status, c.body
			got, found, err := find(server.URL + "/messages/{id}?full=1")
			if got != c.want || found != c.found || (err != nil) != c.fails {
				t.Errorf("got %+v, %v, %v", got, found, err)
			}
			if asked != "/messages/07abc%2F1?full=1" || key != "Bearer key" {
				t.Errorf("asked for %s with %q", asked, key)
			}
		})
	}
	if _, _, err := find(""); err == nil {
		t.Error("a gateway without an address for it answers")
	}
}
