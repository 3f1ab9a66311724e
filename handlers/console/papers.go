package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
)

// Printer makes the poster for communes and the guides of one page.
type Printer interface {
	PDF(sheet, lang, place string, now time.Time) ([]byte, error)
}

// papersPage is where they are downloaded.
type papersPage struct {
	Page
	Communes []string
}

// Sheets are what can be printed.
func (papersPage) Sheets() []string { return []string{"poster", "responder", "supervisor", "operator"} }

func (c *Console) papersPage(x echo.Context) error {
	return c.render(x, http.StatusOK, "papers", papersPage{c.page(x, "console.paper.title"), c.Posters()})
}

// printSheet sends one sheet, in the language that the address names.
func (c *Console) printSheet(x echo.Context) error {
	name, isPDF := strings.CutSuffix(x.Param("sheet"), ".pdf")
	lang, place := one(x.QueryParam("in"), "vi", "en"), x.QueryParam("place")
	if !isPDF || !slices.Contains(papersPage{}.Sheets(), name) || lang == "" || place != "" && !slices.Contains(c.Posters(), place) {
		return c.fault(x, flows.ErrNotFound)
	}
	pdf, err := c.Printer.PDF(name, lang, place, c.Now().In(c.Zone))
	if err != nil {
		return c.fault(x, err)
	}
	attach(x, "application/pdf", name+"-"+lang+".pdf")
	_, err = x.Response().Write(pdf)
	return err
}
