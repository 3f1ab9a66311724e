package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/configs"
	"hotline/flows"
	"hotline/flows/dispatch"
	"hotline/flows/sms"
	"hotline/handlers"
)

// traffic is what every provider that can send did in the last hour and how it
// stands, the idle ones too.
func (f *figures) traffic(r *dispatch.Router) func(now time.Time) []flows.Traffic {
	return func(now time.Time) []flows.Traffic {
		byName := map[string]flows.Traffic{}
		for name := range r.Senders {
			byName[name] = flows.Traffic{Provider: name}
		}
		for _, t := range f.web.LastHour(now) {
			byName[t.Provider] = t
		}
		resting := r.Resting()
		var all []flows.Traffic
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			t := byName[name]
			t.Rests, t.Limits, t.Register = resting[name], r.Limits.Quotas(now, name), r.Register.Of(name)
			all = append(all, t)
		}
		return all
	}
}

// delivered counts a provider's word when it is news: once for a text, however
// many messages left in it.
func (f *figures) delivered(now func() time.Time) func(flows.Status) {
	return func(st flows.Status) {
		if st.ID != "" || st.Message != "" {
			f.web.Delivered(st, now())
		}
	}
}

// bill counts texts by flows/sms and asks the prices of the settings.
func bill(prices configs.Prices) handlers.Bill {
	return func(provider string, m flows.Message, to flows.Phone) (string, int, int64) {
		price := priceOf(prices.Each, provider, to)
		if m.Channel != flows.SMS {
			return "", 0, thousandths(price.Call)
		}
		b := sms.Estimate(m.Text, func(a sms.Alphabet, segments int) int64 {
			if a == sms.UCS2 {
				return int64(segments) * thousandths(price.UCS2)
			}
			return int64(segments) * thousandths(price.GSM7)
		})
		return b.Alphabet.String(), b.Segments, b.Cost
	}
}

func thousandths(price float64) int64 { return int64(price*1000 + 0.5) }

// priceOf is the first that fits, or none.
func priceOf(all []configs.Price, provider string, to flows.Phone) configs.Price {
	for _, p := range all {
		if p.Provider == provider && strings.HasPrefix(to.E164(), p.Prefix) {
			return p
		}
	}
	return configs.Price{}
}

// register reads what providers were told, and finds the texts behind the keys.
func register(c []configs.Registration, texts flows.Texts) (dispatch.Register, error) {
	var all dispatch.Register
	for i, r := range c {
		reg := dispatch.Registration{
			Provider: r.Provider, Prefix: r.Prefix, Sender: r.Sender.Name, SenderIs: dispatch.Standing(r.Sender.Is),
			Otherwise: dispatch.Otherwise(r.Otherwise),
		}
		for k, t := range r.Templates {
			fits := shapes(t.Key, texts)
			if len(fits) == 0 {
				return nil, fmt.Errorf("set up the register: register.%d.templates.%d: no text has the key %q", i, k, t.Key)
			}
			reg.Templates = append(reg.Templates, dispatch.Template{Key: t.Key, Is: dispatch.Standing(t.Is), Fits: func(text string) bool {
				return slices.ContainsFunc(fits, func(fit func(string) bool) bool { return fit(text) })
			}})
		}
		all = append(all, reg)
	}
	return all, nil
}

// shapes are those of a key's text in every language, or of all keys that begin
// like it when it ends in a star.
func shapes(key string, texts flows.Texts) []func(string) bool {
	var all []func(string) bool
	prefix, many := strings.CutSuffix(key, "*")
	for _, language := range texts {
		for k, text := range language {
			if k == key || many && strings.HasPrefix(k, prefix) {
				all = append(all, dispatch.Shape(text))
			}
		}
	}
	return all
}

// bundleText is one text instead of several that are not urgent.
func (a *app) bundleText(language string, p flows.Purpose, refs []flows.Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = string(r)
	}
	return a.data.texts.Text(language, "alert.bundle."+string(p), "n", fmt.Sprint(len(refs)), "refs", strings.Join(names, ", "))
}
