package main

import (
	"encoding/json"
	"strings"
	"testing"

	"hotline/flows/escalation/duty"
)

func TestADrillIsStartedOnceAndShown(t *testing.T) {
	st, environ := installed(t)
	if code, _, errs := command(t, "", environ, "drill", "start", "--place", "99999"); code == 0 || !strings.Contains(errs, `no place of today has the code "99999"`) {
		t.Errorf("an unknown place: exit code %d\n%s", code, errs)
	}
	if code, out, errs := command(t, "", environ, "drill", "start", "--place", "05200"); code != 0 || !strings.Contains(out, "hotline drill show") {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	if code, _, errs := command(t, "", environ, "drill", "start"); code == 0 || !strings.Contains(errs, "is under way until") {
		t.Errorf("a second one: exit code %d\n%s", code, errs)
	}
	b, _, err := duty.ReadBook(t.Context(), st)
	if err != nil || len(b.Drills) != 1 || len(b.Drills[0].Places) != 1 || b.Drills[0].Begun {
		t.Errorf("the book holds %+v, %v", b.Drills, err)
	}
	code, out, errs := command(t, "", environ, "drill", "show")
	var report readinessReport
	if err := json.Unmarshal([]byte(out), &report); code != 0 || err != nil || report.Drills != 0 {
		t.Errorf("exit code %d, %v\n%s%s", code, err, out, errs)
	}
}
