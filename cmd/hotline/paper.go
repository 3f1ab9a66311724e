package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"hotline/configs"
	"hotline/docs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/handlers/print"
)

type paperCmd struct {
	Sheet    string `arg:"" help:"poster, responder, supervisor or operator." enum:"poster,responder,supervisor,operator"`
	Out      string `help:"The PDF to write." short:"o" required:"" type:"path"`
	Language string `help:"vi or en." default:"vi" enum:"vi,en"`
	Place    string `help:"Name of the commune on the poster, as \"xã Mai Châu\"."`
	Config   string `help:"File of settings: the numbers that people call." type:"path" short:"c"`
}

// Run writes one sheet. Nothing needs to run for it.
func (c paperCmd) Run(_ context.Context, s streams) error {
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	d, err := loadData(openFiles(cfg.Files))
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(directory.Zone)
	if err != nil {
		return fmt.Errorf("load the time zone: %w", err)
	}
	pdf, err := newPrinter(cfg, d).PDF(c.Sheet, c.Language, c.Place, realTime().In(zone))
	if err == nil {
		err = os.WriteFile(c.Out, pdf, 0o644)
	}
	return err
}

// newPrinter prints what the settings and the files say.
func newPrinter(cfg configs.Config, d *data) printer {
	return printer{data: d, code: cfg.Service.Code, sms: cfg.Service.SMS, kept: cfg.Retention.NumberClosed}
}

// printer makes the poster and the guides of the words that the product itself
// uses: the first screen comes out of the engine, the alert out of the texts of
// the ladder, the pictures from the browser test.
type printer struct {
	data      *data
	code, sms string
	kept      time.Duration // how long a number is kept after the end
}

// sheets are what can be printed.
func sheets() []string { return []string{"poster", "responder", "supervisor", "operator"} }

var errSheet = errors.New("expected poster, responder, supervisor or operator, in vi or en")

// PDF prints one sheet in a language. Place is the name of a commune, for the
// poster; it may be empty.
func (p printer) PDF(sheet, lang, place string, now time.Time) ([]byte, error) {
	if !slices.Contains(sheets(), sheet) || p.data.texts[lang] == nil {
		return nil, errSheet
	}
	w := paperWords{p, lang}
	screen, err := w.screen()
	if err != nil {
		return nil, err
	}
	s := print.Sheet{
		Title: w.t(sheet + ".title"), Under: w.t(sheet + ".under"), Made: now, From: 7, To: 13,
		Foot: w.t("foot", "date", now.Format("02/01/2006")),
	}
	switch sheet {
	case "poster":
		w.poster(&s, place, screen)
	case "responder":
		err = w.responder(&s)
	case "supervisor":
		err = w.supervisor(&s)
	case "operator":
		w.operator(&s, screen)
	}
	if err != nil {
		return nil, err
	}
	return s.PDF()
}

// paperWords are the words of a sheet in one language.
type paperWords struct {
	printer
	lang string
}

func (w paperWords) t(key string, pairs ...string) string {
	pairs = append(pairs, "code", w.code, "sms", w.sms, "days", fmt.Sprint(int(w.kept.Hours()/24)))
	for name, of := range map[string]string{ // what buttons and columns are called on the pages
		"recuse": "console.case.recuse", "onsite": "console.deed.onsite", "undelivered": "console.board.count.undelivered",
	} {
		pairs = append(pairs, name, w.data.texts.Text(w.lang, of))
	}
	return w.data.texts.Text(w.lang, "console.paper."+key, pairs...)
}

// posters are the communes that a poster can be for.
func (a *app) posters() []string {
	var names []string
	for _, p := range a.dir.Posts() {
		if p.Parent != "" {
			names = append(names, strings.ToLower(p.Type)+" "+p.Name)
		}
	}
	slices.Sort(names)
	return names
}

// points are the texts of a key with numbers behind it.
func (w paperWords) points(key string, pairs ...string) (list []string) {
	for n := 1; ; n++ {
		k := fmt.Sprintf("%s.%d", key, n)
		if _, ok := w.data.texts[w.lang]["console.paper."+k]; !ok {
			return list
		}
		list = append(list, w.t(k, pairs...))
	}
}

// screen is the first screen of a report, as the engine makes it.
func (w paperWords) screen() (string, error) {
	s := &flows.Session{Channel: flows.USSD, Language: w.lang, Vars: map[string]string{}}
	err := w.data.flows.Start(s, "report", nil)
	if err != nil {
		return "", fmt.Errorf("show the first screen: %w", err)
	}
	reply, err := w.data.flows.Screen(s)
	return reply.Text, err
}

// emergency are the numbers of the red band.
func (w paperWords) emergency(s *print.Sheet) {
	s.Alarm = w.t("alarm")
	s.Numbers = []print.Hero{{Label: w.t("child"), Text: "111"}, {Label: w.t("police"), Text: "113"}, {Label: w.t("ambulance"), Text: "115"}}
}

// poster has no picture to scan: a phone keeps what it has scanned.
func (w paperWords) poster(s *print.Sheet, place, screen string) {
	if place != "" {
		s.Under = w.t("poster.in", "place", place) + " · " + s.Under
	}
	s.Heroes = []print.Hero{{Label: w.t("poster.sms"), Text: w.sms}, {Label: w.t("poster.ussd"), Text: w.code}}
	s.Left = []print.Block{
		{Title: w.t("poster.how"), Points: w.points("poster.how"), Numbered: true},
		{Screen: screen, Caption: w.t("poster.screen")},
	}
	s.Right = []print.Block{
		{Title: w.t("poster.promise"), Points: w.points("poster.promise")},
		{Title: w.t("poster.not"), Text: w.t("poster.not.text")},
	}
	w.emergency(s)
}

func (w paperWords) responder(s *print.Sheet) error {
	page, err := w.picture("link")
	alert := w.data.texts.Text(w.lang, "alert.sms.urgent", "ref", "K7F4")
	wait := func(of flows.Severity) string { return w.short(w.data.policy.Rules[of].Levels[flows.LevelDuty].Wait) }
	s.Left = []print.Block{
		{Title: w.t("responder.alert"), Screen: alert, Caption: w.t("responder.alert.more")},
		{Title: w.t("responder.answer"), Points: w.points("responder.answer", "urgent", wait(flows.Urgent), "normal", wait(flows.Normal))},
		{Title: w.t("responder.visit"), Points: w.points("responder.visit")},
	}
	s.Right = []print.Block{
		{Picture: page, Caption: w.t("responder.page")},
		{Title: w.t("responder.clock"), Points: w.points("responder.clock")},
	}
	w.emergency(s)
	return err
}

// short is a wait in the words of the console.
func (w paperWords) short(d time.Duration) string {
	unit, n := "minute", int(d.Minutes())
	if d >= time.Hour {
		unit, n = "hour", int(d.Hours())
	}
	return fmt.Sprint(n, " ", w.data.texts.Text(w.lang, "console.clock."+unit))
}

func (w paperWords) supervisor(s *print.Sheet) error {
	board, err := w.picture("board")
	page, err2 := w.picture("case")
	s.Left = []print.Block{
		{Title: w.t("supervisor.board"), Picture: board},
		{Points: w.points("supervisor.board")},
		{Title: w.t("supervisor.week"), Points: w.points("supervisor.week")},
	}
	s.Right = []print.Block{
		{Title: w.t("supervisor.case"), Picture: page},
		{Points: w.points("supervisor.case")},
	}
	w.emergency(s)
	return errors.Join(err, err2)
}

func (w paperWords) operator(s *print.Sheet, screen string) {
	s.Left = []print.Block{
		{Title: w.t("operator.look"), Points: w.points("operator.look")},
		{Title: w.t("operator.bad"), Points: w.points("operator.bad")},
	}
	s.Right = []print.Block{
		{Title: w.t("operator.month"), Points: w.points("operator.month")},
		{Title: w.t("operator.try"), Screen: screen, Caption: w.t("operator.try.more")},
		{Title: w.t("operator.never"), Points: w.points("operator.never")},
	}
	w.emergency(s)
}

// picture is a page in the language of the sheet.
func (w paperWords) picture(page string) ([]byte, error) {
	if w.lang != "vi" {
		page += "-" + w.lang
	}
	b, err := fs.ReadFile(docs.Pictures, page+".png")
	if err != nil {
		return nil, fmt.Errorf("read a picture: %w", err)
	}
	return b, nil
}
