package main

import (
	"net/http"
	"strings"
	"testing"

	"hotline/flows"
)

// TestTheBoardShowsMyCases: what I hold, also when a colleague who sees the same
// cases has just looked at theirs.
func TestTheBoardShowsMyCases(t *testing.T) {
	o := newOffice(t)
	for i, c := range matrixCases {
		o.file(i, c.ref, c.change)
	}
	o.file(len(matrixCases), "HAN4", func(c *flows.Case) { c.Status, c.Holder = flows.StatusTaken, "desk-1" })
	for _, test := range []struct{ who, ref string }{
		{"neighbour", "HTH4"}, {"desk", "HAN4"}, {"desk-2", ""}, {"head", ""}, {"desk", "HAN4"},
	} {
		for _, path := range []string{"/board?state=mine", "/board/live?state=mine"} {
			status, page, _ := o.ask(test.who, http.MethodGet, path, nil)
			n := strings.Count(page, `id="case-`)
			if status != http.StatusOK || test.ref == "" && n != 0 || test.ref != "" && (n != 1 || !strings.Contains(page, "/cases/"+test.ref)) {
				t.Errorf("%s as %s: %d, %d cases, want %q", path, test.who, status, n, test.ref)
			}
		}
	}
}
