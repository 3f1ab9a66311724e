package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/directory"
	"hotline/flows/engine"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
	setup "hotline/flows/escalation/ready"
	"hotline/handlers/console"
)

type readyCmd struct {
	Config   string `help:"File of settings." type:"path" short:"c"`
	Language string `help:"vi or en." enum:"vi,en" default:"vi"`
}

// Run prints what is missing before the hotline is live, as the page /ready does,
// and exits with 1 while anything is.
func (c readyCmd) Run(ctx context.Context, s streams) error {
	st, err := openStoreOf(ctx, c.Config, s)
	if err != nil {
		return err
	}
	defer st.Close()
	cfg, err := configs.Load(c.Config, s.environ)
	if err != nil {
		return err
	}
	d, err := loadData(openFiles(cfg.Files))
	if err != nil {
		return err
	}
	dir, err := st.Directory(ctx)
	if err != nil {
		return fmt.Errorf("read the directory: %w", err)
	}
	drills, err := duty.ReadDrills(ctx, st)
	if err != nil {
		return err
	}
	p, err := newProviders(cfg, d.texts)
	if err != nil {
		return err
	}
	facts, err := factsOf(dir, drills, len(p.senders))
	if err != nil {
		return err
	}
	steps := setup.Check(realTime(), facts)
	say := console.Sayer(d.texts, c.Language, facts.Zone)
	for _, step := range steps {
		mark := "x"
		if !step.Done() {
			mark = " "
		}
		fmt.Fprintf(s.out, "[%s] %s\n", mark, say.T("ready.step."+step.Name))
		for _, l := range step.Lacks {
			fmt.Fprintf(s.out, "      %s\n", say.Says(l))
		}
	}
	if !setup.Live(steps) {
		return errDiffers
	}
	return nil
}

// factsOf is what readiness is judged by.
func factsOf(d flows.Directory, drills []duty.Drill, senders int) (setup.Facts, error) {
	r, err := escalation.NewRoster(d)
	if err != nil {
		return setup.Facts{}, err
	}
	sample, err := isSample(d)
	return setup.Facts{Directory: d, Sample: sample, OnDuty: r.OnDuty, Zone: r.Zone(), Drills: drills, Senders: senders}, err
}

// samplePhones are the numbers of the invented people. They are part of the
// program, so they are read once.
var samplePhones = sync.OnceValues(func() (map[flows.Phone]bool, error) {
	sample, err := directory.Read(configs.Files, "sample")
	phones := map[flows.Phone]bool{}
	for _, m := range sample.Members {
		for _, p := range m.Phones {
			phones[p] = true
		}
	}
	return phones, err
})

// isSample reports whether a directory still has the invented people that a new
// install begins with, whatever was changed beside them.
func isSample(d flows.Directory) (bool, error) {
	phones, err := samplePhones()
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(d.Members, func(m flows.Member) bool {
		return slices.ContainsFunc(m.Phones, func(p flows.Phone) bool { return phones[p] })
	}), nil
}

// ready is what this hotline lacks.
func (a *app) ready(ctx context.Context) ([]setup.Step, error) {
	drills, err := a.clerk.Drills(ctx)
	if err != nil {
		return nil, err
	}
	f, err := factsOf(a.dir.view.Load().directory, drills, len(a.traffic(a.now())))
	if err != nil {
		return nil, err
	}
	return setup.Check(a.now(), f), nil
}

// settings are the files that an official may change, as the console shows them.
func (a *app) settings() (*console.Settings, error) {
	s, err := a.data.shown()
	if err != nil {
		return nil, err
	}
	return &console.Settings{World: a.dir.world, Draw: s.set.SVG, Packs: s.packs, Flows: s.flows}, nil
}

// shown are the flows and texts with their accents: a picture has room for them.
type shown struct {
	set   *engine.Set
	packs []console.LanguagePack
	flows []string
}

// showOnce reads them when they are first asked for.
func showOnce(files fs.FS) func() (shown, error) {
	return sync.OnceValues(func() (s shown, err error) {
		accented, err := engine.LoadTexts(files)
		if err != nil {
			return s, fmt.Errorf("read the texts:\n%w", err)
		}
		phone, err := loadPhone(files)
		if err != nil {
			return s, err
		}
		if s.set, err = newSet(files, accented, phone); err != nil {
			return s, fmt.Errorf("read the flows:\n%w", err)
		}
		if s.packs, err = languagePacks(files, accented); err != nil {
			return s, err
		}
		for _, name := range []string{"report", "resume", "status", "advice", "responder"} {
			if _, err := fs.Stat(files, "flows/"+name+".yaml"); err == nil {
				s.flows = append(s.flows, name)
			}
		}
		return s, nil
	})
}

// languagePacks says how far each language is, measured by the first one: the
// console's own words are only for those who sign in, and are left out.
func languagePacks(files fs.FS, texts flows.Texts) ([]console.LanguagePack, error) {
	all, err := engine.LoadPacks(files)
	if err != nil {
		return nil, fmt.Errorf("read the language packs:\n%w", err)
	}
	var wanted []string
	for key := range texts["vi"] {
		if !strings.HasPrefix(key, "console.") {
			wanted = append(wanted, key)
		}
	}
	slices.Sort(wanted)
	var list []console.LanguagePack
	for _, p := range all {
		l := console.LanguagePack{Language: p.Language, Name: cmp.Or(p.Name, p.Language), Reviewer: p.Reviewer, Date: p.Date, Of: len(wanted)}
		for _, key := range wanted {
			if _, ok := texts[p.Language][key]; ok {
				l.Texts++
			} else {
				l.Missing = append(l.Missing, key)
			}
		}
		list = append(list, l)
	}
	slices.SortStableFunc(list, func(a, b console.LanguagePack) int { return cmp.Compare(b.Texts, a.Texts) })
	return list, nil
}
