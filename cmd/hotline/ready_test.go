package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/flows"
)

// TestANewInstallIsLedToBeingLive looks at a store in which nobody has done
// anything: the operator's first page says what is missing, step by step, and no
// page breaks for want of data.
func TestANewInstallIsLedToBeingLive(t *testing.T) {
	o := newOffice(t)
	status, _, header := o.ask("operator", http.MethodGet, "/", nil)
	if status != http.StatusSeeOther || header.Get("Location") != "/ready" {
		t.Errorf("the operator's first page: status %d to %q, want /ready", status, header.Get("Location"))
	}
	_, page, _ := o.ask("operator", http.MethodGet, "/ready?lang=en", nil)
	for _, want := range []string{"Not live yet", "sample directory is in use", "There was no test alert", `aria-current="step"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a new install does not say %q", want)
		}
	}
	if n := strings.Count(page, `<li class="card`); n != 4 {
		t.Errorf("%d steps, want 4", n)
	}
	for _, path := range []string{"/board", "/deliveries", "/times", "/report", "/duty", "/drills", "/providers", "/settings", "/accounts", "/account"} {
		if status, page, _ := o.ask("desk", http.MethodGet, path+"?lang=en", nil); status != http.StatusOK || !strings.Contains(page, "</html>") {
			t.Errorf("%s of a new install: status %d", path, status)
		}
	}

	// A commune loses its Saturday nights: the page names them.
	d := o.dir.view.Load().directory
	version := d.Version
	d.Shifts = nil
	for _, s := range o.dir.view.Load().directory.Shifts {
		if s.Place == maiChau && s.Level == flows.LevelDuty {
			continue
		}
		d.Shifts = append(d.Shifts, s)
	}
	d.Rotations, d.Version = nil, version+"+test"
	d.Shifts = append(d.Shifts,
		flows.Shift{Place: maiChau, Level: flows.LevelDuty, Member: "mai-chau-duty-1", Days: days(0, 1, 2, 3, 4, 5)},
		flows.Shift{Place: maiChau, Level: flows.LevelDuty, Member: "mai-chau-duty-1", Days: days(6), To: 20 * 60})
	if err := o.papers.ReplaceDirectory(t.Context(), version, d); err != nil {
		t.Fatal(err)
	}
	if err := o.dir.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, page, _ = o.ask("desk", http.MethodGet, "/ready?lang=vi", nil)
	if want := "Xã Mai Châu không có ai trực Thứ Bảy hằng tuần, 20:00–24:00"; !strings.Contains(page, want) {
		t.Errorf("the page does not say %q", want)
	}
}

func days(list ...time.Weekday) []time.Weekday { return list }
