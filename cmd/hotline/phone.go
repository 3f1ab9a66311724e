package main

import (
	"errors"
	"fmt"
	"io/fs"
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
	Keys struct {
		More string `yaml:"more"`
		Back string `yaml:"back"`
		Home string `yaml:"home"`
	} `yaml:"keys"`
	Screen struct {
		Plain    int `yaml:"plain"`
		Accented int `yaml:"accented"`
	} `yaml:"screen"`
	Session time.Duration `yaml:"session"`
	Answer  time.Duration `yaml:"answer"`
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
	used := map[string]bool{}
	for _, key := range []string{p.Keys.More, p.Keys.Back, p.Keys.Home} {
		fault(len(key) <= 3 && strings.Trim(key, "0123456789*#") == "", "keys: expected up to three digits, * or #")
		fault(key == "" || !used[key], "keys: expected a key of its own for more, back and home")
		used[key] = true
	}
	fault(p.Screen.Plain >= 100 && p.Screen.Plain <= 182, "screen.plain: expected 100 to 182")
	fault(p.Screen.Accented >= 50 && p.Screen.Accented <= 91, "screen.accented: expected 50 to 91")
	fault(p.Session >= 30*time.Second && p.Session <= 10*time.Minute, "session: expected 30s to 10m")
	fault(p.Answer >= 5*time.Second && p.Answer <= time.Minute, "answer: expected 5s to 1m")
	return errors.Join(faults...)
}

// settings are how the engine draws for it.
func (p phone) settings() []engine.Setting {
	return []engine.Setting{
		engine.WithMeasure(p.measure), engine.WithPlain(sms.Unaccent),
		engine.WithKeys(engine.Keys{More: p.Keys.More, Back: p.Keys.Back, Home: p.Keys.Home}),
	}
}

// measure tells the engine how much of a screen or segment a text takes.
func (p phone) measure(text string, channel flows.Channel) (int, bool) {
	if channel == flows.USSD {
		return sms.Units(text), sms.USSDFits(text, sms.Limit{GSM7: p.Screen.Plain, UCS2: p.Screen.Accented})
	}
	count, units := sms.Segments(text)
	return units, count <= 1
}

// rules are what flows are held against for it.
func (p phone) rules(packs []engine.Pack) engine.Rules {
	return engine.Rules{Packs: packs, Session: p.Session, PerScreen: p.Answer}
}
