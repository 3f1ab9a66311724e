package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/figures"
	"hotline/handlers/console"
)

func TestPublicFiguresTellNothingOfAnybody(t *testing.T) {
	var p past
	add := func(n int, kind string, month time.Month) {
		for i := range n {
			opened := time.Date(2026, month, 1+i, 8, 0, 0, 0, time.UTC)
			c := flows.Case{Opened: opened, Place: "mai-chau", Kind: kind, Status: flows.StatusTaken}
			p = append(p, figures.Learn(c, []flows.Event{{At: opened.Add(7 * time.Minute), Kind: flows.EventTaken}}))
		}
	}
	add(12, "VIOLENCE", time.July)
	add(3, "SEXUAL", time.July)
	add(9, "NEGLECT", time.July)
	add(4, "VIOLENCE", time.April)
	w := newTown(t, false, func(o *console.Options) {
		o.Public = p
		o.Who = func(echo.Context) (access.Who, error) { return access.Who{}, flows.ErrNotFound } // a stranger
	})
	status, page, _ := w.get(t, "/figures?lang=en")
	if status != http.StatusOK {
		t.Fatalf("got %d", status)
	}
	has(t, page, "Q3/2026", "<strong>24</strong>", "<td>7:00</td>", "<strong>&lt;5</strong>", "Beaten or hurt")
	for _, secret := range []string{"Mai Châu", "<td>3</td>", "<td>4</td>", "/cases"} {
		if strings.Contains(page, secret) {
			t.Errorf("a stranger reads %q", secret)
		}
	}
	if strings.Contains(page, "<td>9</td>") && strings.Contains(page, "<td>12</td>") {
		t.Error("beside 9 and 12 of 24 the three follow from the total")
	}
}
