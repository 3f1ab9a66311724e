package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/escalation"
	"hotline/flows/record"
)

// Forms is where the forms of cases are read and written: record.Service.
type Forms interface {
	Started(ctx context.Context, id flows.CaseID) (map[string]int, error)
	Read(ctx context.Context, m flows.Member, k *flows.Case, form string) (record.Sheet, error)
	Save(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, form string, e record.Edit) (record.Kept, error)
	Finish(ctx context.Context, member flows.MemberID, id flows.CaseID, via flows.Channel, form, why string) (flows.Case, error)
}

// maxForm is the longest post of a form, in bytes: every field at its limit.
const maxForm = 256 << 10

// formPage is one form of a case.
type formPage struct {
	Page
	Case     flows.Case
	Form     record.Form
	Fields   []fieldView
	Done     time.Time // when it was finished; zero: not yet
	Due      int64     // its limit; 0: none
	Late     bool      // the limit is over and it was never finished
	Writable bool
	Delays   []string
	Missing  int    // fields that keep it from being finished
	Note     string // on what was just done
	Good     bool
}

// fieldView is one field as its template shows it.
type fieldView struct {
	words
	record.Field
	Key      string // the field's name
	Form     string
	Value    record.Value
	Typed    string // what stands in the control
	Fault    record.Fault
	Who      string // who wrote it
	Writable bool
	name     func(flows.MemberID) string
}

// Label is the field's name in words.
func (f fieldView) Label() string { return f.T("form." + f.Form + "." + f.Key) }

// Option is one of its choices in words.
func (f fieldView) Option(o string) string { return f.T("form." + f.Form + "." + f.Key + "." + o) }

// Wrong says what is wrong with it, in words.
func (f fieldView) Wrong() string {
	most := f.Limit()
	if f.Type == record.Number {
		most = f.Max
	}
	return f.T("form.fault."+string(f.Fault), "max", most)
}

// Pills reports whether its choices stand side by side.
func (f fieldView) Pills() bool { return f.Type == record.Choice && len(f.Options) <= 5 }

// Mark is a fingerprint of the text as the page was made: a post whose text has
// it was not touched.
func (f fieldView) Mark() string { return mark(f.Typed) }

// Writer is a member's name.
func (f fieldView) Writer(id flows.MemberID) string { return f.name(id) }

func mark(text string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	return strconv.FormatUint(h.Sum64(), 36)
}

// formHead is the page of a form without what stands in it.
func (c *Console) formHead(x echo.Context) (formPage, flows.Member, error) {
	var p formPage
	k, m, err := c.find(x)
	if err != nil {
		return p, m, err
	}
	form, ok := c.Catalogue.Form(x.Param("form"))
	if m.ID == "" || !ok {
		return p, m, flows.ErrNotFound
	}
	if err := c.Guard.MayCase(x.Request().Context(), access.Enter, &k); err != nil {
		return p, m, err
	}
	p = formPage{Page: c.page(x, "console.board.title"), Case: k, Form: form, Delays: c.Catalogue.Delays}
	p.Title = string(k.Ref) + " · " + p.T("form."+form.Code+".short")
	p.Done, p.Due = k.Stages[form.Stage], c.due(&k, form.Stage)
	_, err = escalation.Write(p.now, k, m)
	p.Writable = err == nil
	p.Late = p.Done.IsZero() && p.Due > 0 && p.Due < p.Now()
	return p, m, nil
}

// formOf opens a form for who may: that is written down.
func (c *Console) formOf(x echo.Context) (formPage, record.Sheet, error) {
	p, m, err := c.formHead(x)
	if err != nil {
		return p, nil, err
	}
	sheet, err := c.Forms.Read(x.Request().Context(), m, &p.Case, p.Form.Code)
	if err != nil {
		return p, nil, err
	}
	for _, d := range p.Form.Fields {
		p.Fields = append(p.Fields, c.field(p.words, p.Form.Code, d, sheet[d.Name], p.Writable))
	}
	return p, sheet, nil
}

func (c *Console) field(w words, form string, d record.Field, v record.Value, writable bool) fieldView {
	f := fieldView{words: w, Field: d, Key: d.Name, Form: form, Value: v, Typed: v.Text, Writable: writable, name: c.name}
	if v.By != "" {
		f.Who = c.name(v.By)
	}
	return f
}

// due is when the clock that a stage ends runs out; 0: none.
func (c *Console) due(k *flows.Case, stage flows.Stage) int64 {
	name := escalation.ClockOf(stage)
	if name == "" || c.Limit == nil {
		return 0
	}
	return flows.Millis(c.Limit(k, name))
}

func (c *Console) formPage(x echo.Context) error {
	p, _, err := c.formOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	switch one(x.QueryParam("note"), "saved", "finished") {
	case "saved":
		p.Note, p.Good = p.T("form.saved", "at", p.When(p.now)), true
	case "finished":
		p.Note, p.Good = p.T("form.finished", "at", p.When(p.Done)), true
	}
	return c.render(x, http.StatusOK, "form", p)
}

// saved is what the page's script is told of one field.
type saved struct {
	Result  record.Result `json:"result"` // or "fault"
	Version int           `json:"version"`
	Text    string        `json:"text"`
	Mark    string        `json:"mark"`
	Note    string        `json:"note"`
	HTML    string        `json:"html"` // the rivals that wait
}

// saveForm keeps what was typed: one field from the page's script as somebody
// types, or all that differ where there are no scripts.
func (c *Console) saveForm(x echo.Context) error {
	r := x.Request()
	r.Body = http.MaxBytesReader(x.Response(), r.Body, maxForm)
	values, err := x.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusRequestEntityTooLarge, "the form is too long")
	}
	p, m, err := c.formHead(x)
	if err != nil {
		return c.fault(x, err)
	}
	faults, last, err := c.saveFields(x, p, m, values)
	if err != nil {
		return c.fault(x, err)
	}
	if strings.Contains(r.Header.Get(echo.HeaderAccept), echo.MIMEApplicationJSON) {
		return c.tellSaved(x, p, faults, last)
	}
	if len(faults) > 0 {
		return c.showFaults(x, faults, values)
	}
	return x.Redirect(http.StatusSeeOther, "/cases/"+string(p.Case.Ref)+"/forms/"+url.PathEscape(p.Form.Code)+"?note=saved")
}

// kept is one field after a post.
type kept struct {
	field record.Field
	record.Kept
}

// saveFields writes the fields of a post that were touched. Who chooses between
// writings has to have them opened.
func (c *Console) saveFields(x echo.Context, p formPage, m flows.Member, values url.Values) (map[string]record.Fault, kept, error) {
	faults, last := map[string]record.Fault{}, kept{}
	var sheet record.Sheet
	chosen, which, choosing := strings.Cut(values.Get("choose"), "|")
	if choosing {
		var err error
		if sheet, err = c.Forms.Read(x.Request().Context(), m, &p.Case, p.Form.Code); err != nil {
			return nil, last, err
		}
	}
	for _, d := range p.Form.Fields {
		text := values.Get("f." + d.Name)
		choose := chosen == d.Name
		if _, posted := values["f."+d.Name]; !choose && (!posted || mark(crlf(text)) == values.Get("h."+d.Name)) {
			continue
		}
		if choose {
			text = pick(sheet[d.Name], which, text)
		}
		base, _ := strconv.Atoi(values.Get("v." + d.Name))
		k, err := c.Forms.Save(x.Request().Context(), m.ID, p.Case.ID, Screen, p.Form.Code, record.Edit{Field: d.Name, Base: base, Text: text, Choose: choose})
		var bad *record.Unfinished
		switch {
		case errors.As(err, &bad):
			faults[d.Name] = bad.Faults[d.Name]
		case err != nil:
			return nil, last, err
		}
		last = kept{d, k}
	}
	return faults, last, nil
}

func crlf(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// pick is the text that a person chose among those that met: what stands, that
// of a member, or what is typed now.
func pick(v record.Value, which, typed string) string {
	if which == "stands" {
		return v.Text
	}
	for _, w := range v.Rivals {
		if which == "by:"+string(w.By) {
			return w.Text
		}
	}
	return typed
}

func (c *Console) tellSaved(x echo.Context, p formPage, faults map[string]record.Fault, last kept) error {
	f := c.field(p.words, p.Form.Code, last.field, last.Value, true)
	s := saved{Result: last.Result, Version: last.Version, Text: last.Text, Mark: mark(last.Text), Note: p.T("form.saved", "at", p.Seconds(p.now))}
	if f.Fault = faults[last.field.Name]; f.Fault != "" {
		s.Result, s.Note = "fault", f.Wrong()
	}
	if len(last.Rivals) > 0 {
		var b bytes.Buffer
		if err := c.pages["form"].ExecuteTemplate(&b, "rivals", f); err != nil {
			return fmt.Errorf("render two writings: %w", err)
		}
		s.HTML = b.String()
	}
	return x.JSON(http.StatusOK, s)
}

// showFaults shows the form again with what is wrong beside each field, and all
// that was typed.
func (c *Console) showFaults(x echo.Context, faults map[string]record.Fault, values url.Values) error {
	p, _, err := c.formOf(x)
	if err != nil {
		return c.fault(x, err)
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		if f.Fault = faults[f.Key]; f.Fault != "" {
			p.Missing++
			if typed, posted := values["f."+f.Key]; posted {
				f.Typed = typed[0]
			}
		}
	}
	if p.Note = p.T("form.missing", "n", p.Missing); len(faults) == 0 {
		p.Note = p.T("form.late.note")
	}
	return c.render(x, http.StatusUnprocessableEntity, "form", p)
}

// finishForm enters the stage of a form.
func (c *Console) finishForm(x echo.Context) error {
	p, m, err := c.formHead(x)
	if err != nil {
		return c.fault(x, err)
	}
	_, err = c.Forms.Finish(x.Request().Context(), m.ID, p.Case.ID, Screen, p.Form.Code, one(x.FormValue("why"), p.Delays...))
	var bad *record.Unfinished
	var no *escalation.Refused
	switch {
	case errors.As(err, &bad) && bad.Late && len(bad.Faults) == 0:
		return c.showFaults(x, nil, nil)
	case errors.As(err, &bad):
		return c.showFaults(x, bad.Faults, nil)
	case errors.As(err, &no):
		return x.Redirect(http.StatusSeeOther, "/cases/"+string(p.Case.Ref)+"?note="+string(no.Reason))
	case err != nil:
		return c.fault(x, err)
	}
	return x.Redirect(http.StatusSeeOther, "/cases/"+string(p.Case.Ref)+"/forms/"+url.PathEscape(p.Form.Code)+"?note=finished")
}
