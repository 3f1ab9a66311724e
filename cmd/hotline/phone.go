package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/sms"
)

// phone is what the operators' phones allow, from phone.yaml beside the flows.
type phone struct {
	handset   `yaml:",inline"`
	Session   time.Duration      `yaml:"session"`
	Answer    time.Duration      `yaml:"answer"`
	Operators map[string]handset `yaml:"operators"` // by provider
}

// handset is how screens are drawn. What an operator does not say is as for all.
type handset struct {
	Keys   phoneKeys   `yaml:"keys"`
	Screen phoneScreen `yaml:"screen"`
}

type phoneKeys struct {
	More string `yaml:"more"`
	Back string `yaml:"back"`
	Home string `yaml:"home"`
}

type phoneScreen struct {
	Plain    int `yaml:"plain"`
	Accented int `yaml:"accented"`
}

const phoneFile = "phone.yaml"

// loadPhone reads it; a folder without one has the built-in one.
func loadPhone(fsys fs.FS) (phone, error) {
	data, err := fs.ReadFile(fsys, phoneFile)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = fs.ReadFile(configs.Files, phoneFile)
	}
	var p phone
	if err != nil {
		return p, err
	}
	if err := yaml.Load(data, &p, yaml.WithKnownFields()); err != nil {
		return p, fmt.Errorf("%s: %w", phoneFile, err)
	}
	for name, h := range p.Operators {
		if h.Keys == (phoneKeys{}) {
			h.Keys = p.Keys
		}
		if h.Screen == (phoneScreen{}) {
			h.Screen = p.Screen
		}
		p.Operators[name] = h
	}
	return p, p.check()
}

// check finds what no phone can be.
func (p phone) check() error {
	var faults []error
	fault := func(ok bool, want string) {
		if !ok {
			faults = append(faults, fmt.Errorf("%s: %s", phoneFile, want))
		}
	}
	p.handset.check("", fault)
	for _, name := range slices.Sorted(maps.Keys(p.Operators)) {
		p.Operators[name].check("operators."+name+".", fault)
	}
	fault(p.Session >= 30*time.Second && p.Session <= 10*time.Minute, "session: expected 30s to 10m")
	fault(p.Answer >= 5*time.Second && p.Answer <= time.Minute, "answer: expected 5s to 1m")
	return errors.Join(faults...)
}

func (h handset) check(at string, fault func(bool, string)) {
	used := map[string]bool{}
	for _, key := range []string{h.Keys.More, h.Keys.Back, h.Keys.Home} {
		fault(len(key) <= 3 && strings.Trim(key, "0123456789*#") == "", at+"keys: expected up to three digits, * or #")
		fault(key == "" || !used[key], at+"keys: expected a key of its own for more, back and home")
		used[key] = true
	}
	fault(h.Screen.Plain >= 100 && h.Screen.Plain <= 182, at+"screen.plain: expected 100 to 182")
	fault(h.Screen.Accented >= 50 && h.Screen.Accented <= 91, at+"screen.accented: expected 50 to 91")
}

// settings are how the engine draws for it.
func (p phone) settings() []engine.Setting {
	list := append(p.handset.settings(), engine.WithPlain(sms.Unaccent))
	for name, h := range p.Operators {
		list = append(list, engine.WithOperator(name, h.settings()...))
	}
	return list
}

func (h handset) settings() []engine.Setting {
	return []engine.Setting{
		engine.WithMeasure(h.measure), engine.WithKeys(engine.Keys{More: h.Keys.More, Back: h.Keys.Back, Home: h.Keys.Home}),
	}
}

// measure tells the engine how much of a screen or segment a text takes.
func (h handset) measure(text string, channel flows.Channel) (int, bool) {
	if channel == flows.USSD {
		return sms.Units(text), sms.USSDFits(text, sms.Limit{GSM7: h.Screen.Plain, UCS2: h.Screen.Accented})
	}
	count, units := sms.Segments(text)
	return units, count <= 1
}

// rules are what flows are held against for it.
func (p phone) rules(packs []engine.Pack) engine.Rules {
	return engine.Rules{Packs: packs, Session: p.Session, PerScreen: p.Answer}
}
