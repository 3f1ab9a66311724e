package console

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/xuri/excelize/v2"

	"hotline/flows"
	"hotline/flows/figures"
)

// sheet is a table on its way into a file: words, and numbers that a spreadsheet
// can go on with.
type sheet struct {
	name string
	rows [][]any
}

// sheets are the tables of the page: every step of every group in minutes, and
// the clocks that were missed.
func (p timesPage) sheets() []sheet {
	times := sheet{name: p.T("times.title"), rows: [][]any{p.head()}}
	times.rows = append(times.rows, p.line(p.T("times.all"), p.Now.Total))
	for _, r := range p.Now.Rows {
		times.rows = append(times.rows, p.line(p.Name(r), r))
	}
	missed := sheet{name: p.T("times.missed"), rows: [][]any{{
		p.T("times.missed.at"), p.T("times.missed.clock"), p.T("times.missed.case"), p.T("times.by.place"), p.T("times.missed.why"),
	}}}
	for _, m := range p.Now.Misses {
		missed.rows = append(missed.rows, []any{
			m.At.In(p.zone).Format("2006-01-02 15:04"), p.Word("reason", m.Clock), string(m.Ref), p.Where(m.Place), p.Word("times.why", string(m.Why)),
		})
	}
	return []sheet{times, missed}
}

func (p timesPage) head() []any {
	head := []any{p.T("times.by." + string(p.By)), p.T("times.cases"), p.T("times.left")}
	for _, s := range figures.Steps() {
		name := p.Word("times.step", string(s))
		head = append(head, name+": n", name+": "+p.T("times.median.minutes"), name+": "+p.T("times.ninety.minutes"))
	}
	return append(head, p.T("times.missed"))
}

func (p timesPage) line(name string, r figures.Row) []any {
	line := []any{name, r.Cases, r.Left}
	for _, s := range figures.Steps() {
		m := r.Measures[s]
		line = append(line, m.Count)
		if m.Count == 0 {
			line = append(line, "", "")
			continue
		}
		line = append(line, minutes(m.Median), minutes(m.Ninety))
	}
	return append(line, p.Missed(r))
}

// minutes has one digit behind the point.
func minutes(d time.Duration) float64 { return float64(d.Round(6*time.Second)) / float64(time.Minute) }

// timesCSV is the first table, for any program.
func (c *Console) timesCSV(x echo.Context) error {
	p, err := c.times(x)
	if err != nil {
		return c.fault(x, err)
	}
	if err := c.taken(x, "response-times.csv"); err != nil {
		return c.fault(x, err)
	}
	attach(x, "text/csv; charset=utf-8", "response-times.csv")
	_, _ = x.Response().Write([]byte("\ufeff")) // tells spreadsheets that it is UTF-8
	out := csv.NewWriter(x.Response())
	for _, row := range p.sheets()[0].rows {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = inert(fmt.Sprint(v))
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}

// timesXLSX is all tables as a spreadsheet.
func (c *Console) timesXLSX(x echo.Context) error {
	p, err := c.times(x)
	if err != nil {
		return c.fault(x, err)
	}
	return c.sendSheets(x, "response-times.xlsx", p.sheets())
}

// sendSheets sends tables as a spreadsheet.
func (c *Console) sendSheets(x echo.Context, name string, sheets []sheet) error {
	f, err := workbook(sheets)
	if err != nil {
		return c.fault(x, fmt.Errorf("write a spreadsheet: %w", err))
	}
	defer func() { _ = f.Close() }()
	if err := c.taken(x, name); err != nil {
		return c.fault(x, err)
	}
	attach(x, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", name)
	return f.Write(x.Response())
}

// taken writes down that the reader of a page takes a file of figures away.
func (c *Console) taken(x echo.Context, name string) error {
	return c.noted(x.Request().Context(), flows.DeedExport, name, "figures")
}

func attach(x echo.Context, kind, name string) {
	h := x.Response().Header()
	h.Set(echo.HeaderContentType, kind)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	x.Response().WriteHeader(http.StatusOK)
}

// workbook puts tables into a spreadsheet, the head of each in bold and in sight
// while the rest scrolls. Words are stored as words, so that none runs as a formula.
func workbook(sheets []sheet) (*excelize.File, error) {
	f := excelize.NewFile()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return nil, err
	}
	for i, s := range sheets {
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.name)
		} else {
			_, err = f.NewSheet(s.name)
		}
		if err != nil {
			return nil, err
		}
		if err := fill(f, s, bold); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func fill(f *excelize.File, s sheet, bold int) error {
	for i, row := range s.rows {
		if err := f.SetSheetRow(s.name, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	if err := f.SetRowStyle(s.name, 1, 1, bold); err != nil {
		return err
	}
	if err := f.SetColWidth(s.name, "A", "A", 28); err != nil {
		return err
	}
	return f.SetPanes(s.name, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"})
}

// timesJSON is everything that the page counts, in seconds.
func (c *Console) timesJSON(x echo.Context) error {
	p, err := c.times(x)
	if err != nil {
		return c.fault(x, err)
	}
	type missed struct {
		Case  string    `json:"case"`
		Clock string    `json:"clock"`
		At    time.Time `json:"at"`
		Place string    `json:"place"`
		Why   string    `json:"why"`
	}
	out := struct {
		Days   int           `json:"days"`
		By     figures.By    `json:"by"`
		Total  measuredRow   `json:"total"`
		Rows   []measuredRow `json:"rows"`
		Missed []missed      `json:"missed"`
	}{Days: p.Days, By: p.By, Total: measured(p.Now.Total), Rows: []measuredRow{}, Missed: []missed{}}
	for _, r := range p.Now.Rows {
		out.Rows = append(out.Rows, measured(r))
	}
	for _, m := range p.Now.Misses {
		out.Missed = append(out.Missed, missed{string(m.Ref), m.Clock, m.At, string(m.Place), string(m.Why)})
	}
	if err := c.taken(x, "response-times.json"); err != nil {
		return c.fault(x, err)
	}
	return x.JSON(http.StatusOK, out)
}

type measuredRow struct {
	Key    string                  `json:"key"`
	Cases  int                     `json:"cases"`
	Left   int                     `json:"left_unanswered"`
	Steps  map[figures.Step]timing `json:"steps"`
	Missed map[string]int          `json:"missed"`
}

type timing struct {
	Count   int     `json:"count"`
	Waiting int     `json:"waiting"`
	Median  float64 `json:"median_seconds"`
	Ninety  float64 `json:"ninety_seconds"`
	Kept    int     `json:"in_time"`
}

func measured(r figures.Row) measuredRow {
	out := measuredRow{r.Key, r.Cases, r.Left, map[figures.Step]timing{}, r.Misses}
	for s, m := range r.Measures {
		out.Steps[s] = timing{m.Count, m.Waiting, m.Median.Seconds(), m.Ninety.Seconds(), m.Kept}
	}
	return out
}

// inert keeps a spreadsheet from running a name as a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
