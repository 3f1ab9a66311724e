package main

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hotline/flows"
)

// TestWorkloadIsForThoseWhoLead: what the desk sees of a responder follows from
// what that responder did, and nobody else is shown it.
func TestWorkloadIsForThoseWhoLead(t *testing.T) {
	o := newOffice(t)
	o.file(0, "PAN3", func(*flows.Case) {})
	if status, _, _ := o.ask("duty", http.MethodPost, "/cases/PAN3/take", url.Values{}); status != http.StatusSeeOther {
		t.Fatalf("take: %d", status)
	}
	if err := o.counted.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	status, page, _ := o.ask("desk", http.MethodGet, "/workload?lang=en", nil)
	if status != http.StatusOK || !strings.Contains(page, "Hà Thị Mơ") {
		t.Fatalf("status %d", status)
	}
	status, text, _ := o.ask("desk", http.MethodGet, "/workload.csv?lang=en", nil)
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if status != http.StatusOK || err != nil {
		t.Fatalf("status %d, %v", status, err)
	}
	members := o.dir.members()
	if len(lines) != len(members)+1 {
		t.Errorf("%d lines for %d members", len(lines), len(members))
	}
	// The one who holds a case stands first.
	if l := lines[1]; l[0] != "mai-chau-duty-1" || l[4] != "1" || l[5] != "1" || l[6] != "1" || l[10] == "0" {
		t.Errorf("of the holder: %q", l)
	}
	for _, who := range []string{"head", "chair", "duty", "committee", "operator", "auditor"} {
		for _, path := range []string{"/workload", "/workload.csv"} {
			if status, body, _ := o.ask(who, http.MethodGet, path, nil); status != http.StatusForbidden || strings.Contains(body, "Hà Thị Mơ") {
				t.Errorf("%s reads %s: %d", who, path, status)
			}
		}
	}
	if _, page, _ := o.ask("head", http.MethodGet, "/times", nil); strings.Contains(page, "/workload") {
		t.Error("the head is led to a page that is not theirs")
	}
}
