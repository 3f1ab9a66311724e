package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"hotline/configs"
)

// TestWebhookHearsOfTheCasesThatItsMemberMaySee files every case of the matrix in
// the real program, with a receiver of the settings.
func TestWebhookHearsOfTheCasesThatItsMemberMaySee(t *testing.T) {
	o := newOffice(t)
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		got = append(got, string(body))
	}))
	t.Cleanup(s.Close)
	w := o.hook(configs.Webhook{Name: "commune", URL: s.URL, Member: "mai-chau-head"}, []byte(strings.Repeat("k", 32)))
	if err := w.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, c := range matrixCases {
		o.file(i, c.ref, c.change)
	}
	if err := w.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range matrixCases {
		told := slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, `"`+string(c.ref)+`"`) })
		if may := slices.Contains(strings.Fields(c.seen), "head"); told != may {
			t.Errorf("told of %s: %v, want %v", c.ref, told, may)
		}
	}
	for _, body := range got {
		if strings.Contains(body, "matrix") || strings.Contains(body, "VIOLENCE") || strings.Contains(body, maiChau) {
			t.Errorf("it says more than what and to which: %s", body)
		}
	}
}
